//! What is said of files, and what is read off their names.

use crate::import::encoding::Encoding;
use crate::import::kind_names::kind_named;
use crate::import::mapping::Mapping;
use crate::import::number::{DecimalMark, Reading};
use crate::model::Kind;

/// What separates the cells of a CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
}

impl Delimiter {
    /// All of them, the most common first.
    pub const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// The byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// Its name: `comma`, `semicolon`, `tab`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        }
    }
}

/// What the caller says of a file rather than leave it to be found out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The kind of all rows.
    pub kind: Option<Kind>,
    /// What separates cells.
    pub delimiter: Option<Delimiter>,
    /// The decimal mark.
    pub decimal: Option<DecimalMark>,
    /// How letters are written.
    pub encoding: Option<Encoding>,
    /// Foreign names.
    pub mapping: Mapping,
}

impl Options {
    pub(in crate::import) fn reading(&self) -> Option<Reading> {
        self.decimal.map(Reading::told)
    }

    /// The kind of a file's rows: said, mapped, or read off its name.
    pub fn kind_of(&self, name: &str) -> Option<Kind> {
        let stem = stem(name);
        // `measures_2021-11` and `Measures (2)`: what follows a name are marks of when and which.
        let bare = stem.split(|letter: char| letter.is_ascii_digit() || letter == '(').next().unwrap_or(stem);
        let bare = bare.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        self.kind
            .or_else(|| self.mapping.file(stem).flatten())
            .or_else(|| kind_named(stem))
            .or_else(|| kind_named(bare))
    }
}

/// The file's name without folders and ending.
pub(super) fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}
