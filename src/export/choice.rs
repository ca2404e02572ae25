//! What is exported and in which form.

use super::cell::has_sources;
use super::csv::Dialect;
use crate::analysis::listing::Listing;
use crate::model::Kind;
use crate::model::vocabulary::vocabulary;

vocabulary! {
    /// What form an export has.
    Form {
        /// One kind of record as a table of text.
        Csv = "csv",
        /// A workbook with a sheet for each kind.
        Xlsx = "xlsx",
        /// A record a line, as JSON.
        JsonLines = "jsonl",
        /// A data package: CSV files and their description, in one archive.
        Package = "zip",
    }
}

impl Form {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::JsonLines => "application/jsonl; charset=utf-8",
            Self::Package => "application/zip",
        }
    }
}

/// What is to be exported, and how.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Which kinds, in the order of the model.
    pub kinds: Vec<Kind>,
    /// The list of computed values that is exported, in place of records.
    pub listing: Option<Listing>,
    /// Whether the file is named after all that the register holds rather than after a kind.
    pub whole: bool,
    /// In which form.
    pub form: Form,
    /// How CSV is written.
    pub dialect: Dialect,
    /// Whether CSV and workbooks have the columns that say where things were printed. A file without them is for reading: to
    /// import it would be to say that nothing was printed anywhere.
    pub sources: bool,
    /// Whether workbooks have the names of what records refer to beside the keys: for reading, not for import.
    pub names: bool,
}

impl Choice {
    /// The name of the file. Where something is left out, or names are added, it is one that no import takes for the records of a kind.
    pub fn file_name(&self) -> String {
        if let Some(listing) = self.listing {
            return format!("{listing}.{}", self.form);
        }
        let left_out = !self.sources && self.kinds.iter().any(|kind| has_sources(*kind));
        let stem = match (self.form, self.kinds.as_slice()) {
            (Form::Package, _) => "datapackage",
            (_, [kind]) if !self.whole => kind.file(),
            _ => "plan",
        };
        let mark = if left_out { "-without-sources" } else { "" };
        let named = if self.names { "-with-names" } else { "" };
        format!("{stem}{named}{mark}.{}", self.form)
    }

    /// The same of one kind alone.
    pub(super) fn of(&self, kind: Kind) -> Self {
        Self { kinds: vec![kind], whole: false, ..self.clone() }
    }
}
