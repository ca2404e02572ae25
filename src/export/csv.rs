//! CSV: a header, then a record a line.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};
use rust_decimal::Decimal;

use crate::export::cell::Cell;
use crate::import::number::{DecimalMark, Evidence, unmistakable};
use crate::import::options::Delimiter;
use crate::import::quote;
use crate::model::vocabulary::vocabulary;

vocabulary! {
    /// How a CSV file is written.
    Dialect {
        /// Commas between cells, a decimal point, lines that end in LF, UTF-8: what programs expect.
        Standard = "standard",
        /// Semicolons, a decimal comma, lines that end in CRLF, UTF-8 with a byte order mark: what Excel with Belgian settings
        /// opens by a double click.
        ExcelBe = "excel-be",
    }
}

impl Dialect {
    /// What stands between the cells.
    pub const fn delimiter(self) -> Delimiter {
        match self {
            Self::Standard => Delimiter::Comma,
            Self::ExcelBe => Delimiter::Semicolon,
        }
    }

    /// The decimal mark.
    pub const fn mark(self) -> DecimalMark {
        match self {
            Self::Standard => DecimalMark::Point,
            Self::ExcelBe => DecimalMark::Comma,
        }
    }
}

/// Writes lines.
#[derive(Clone, Copy, Debug)]
pub struct Csv {
    dialect: Dialect,
    /// Whether some number of the file tells its decimal mark. Where none does, the first that could be read in two ways gets a
    /// zero in front, `012.345`, which no number with thousands separators has.
    sure: bool,
}

impl Csv {
    /// A writer. `sure` says that some number of the file tells the decimal mark.
    pub fn new(dialect: Dialect, sure: bool) -> Self {
        Self { dialect, sure }
    }

    /// Writes the line of names.
    pub fn header<'n>(&self, names: impl Iterator<Item = &'n str>, out: &mut Vec<u8>) {
        if self.dialect == Dialect::ExcelBe {
            out.extend("\u{feff}".as_bytes());
        }
        self.line(names.map(Cow::Borrowed), out);
    }

    /// Writes a line.
    pub fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        let texts: Vec<Cow<'_, str>> = cells.iter().map(|cell| self.text(cell)).collect();
        self.line(texts.into_iter(), out);
    }

    fn line<'t>(&self, texts: impl Iterator<Item = Cow<'t, str>>, out: &mut Vec<u8>) {
        let terminator = match self.dialect {
            Dialect::Standard => Terminator::Any(b'\n'),
            Dialect::ExcelBe => Terminator::CRLF,
        };
        let mut builder = WriterBuilder::new();
        builder.delimiter(self.dialect.delimiter().byte()).terminator(terminator).buffer_capacity(1024);
        let mut writer = builder.from_writer(out);
        for text in texts {
            writer.write_field(text.as_bytes()).expect("a Vec takes everything");
        }
        writer.write_record(None::<&[u8]>).and_then(|()| Ok(writer.flush()?)).expect("a Vec takes everything");
    }

    fn text<'t>(&mut self, cell: &'t Cell<'_>) -> Cow<'t, str> {
        match cell {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) => quote::for_csv(text),
            Cell::Decimal(value, _) => Cow::Owned(self.decimal(value)),
            Cell::Int(value) => Cow::Owned(value.to_string()),
            Cell::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Cell::Date(date) => Cow::Owned(date.to_string()),
        }
    }

    fn decimal(&mut self, value: &Decimal) -> String {
        let text = value.to_string().replace('.', self.dialect.mark().letter().encode_utf8(&mut [0; 4]));
        if self.sure {
            return text;
        }
        let plain = unmistakable(&text);
        let mut evidence = Evidence::default();
        evidence.add(&plain);
        self.sure = evidence.verdict().mark().is_some();
        plain
    }
}

/// Whether some number among these cells tells the decimal mark.
pub fn tells(cells: &[Cell<'_>]) -> bool {
    cells.iter().any(|cell| match cell {
        Cell::Decimal(value, _) => {
            let mut evidence = Evidence::default();
            evidence.add(&value.to_string());
            evidence.verdict().mark().is_some()
        }
        _ => false,
    })
}
