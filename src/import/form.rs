//! The forms that files have, and how each is known.

use std::fmt;

use crate::import::encoding::BOM;

/// What form a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A header, then a record a line; separated by commas, semicolons or tabs.
    Csv,
    /// An object a line.
    JsonLines,
    /// A workbook with a sheet per kind, as Excel writes it.
    Xlsx,
    /// A workbook with a sheet per kind, as LibreOffice writes it.
    Ods,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON Lines",
            Self::Xlsx => "XLSX",
            Self::Ods => "ODS",
        })
    }
}

impl Format {
    /// Whether a file of that name is read when its folder is.
    pub fn is_known(name: &str) -> bool {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        matches!(ending.as_str(), "csv" | "tsv" | "jsonl" | "ndjson" | "xlsx" | "xlsm" | "ods")
    }

    /// The format of a file, by the ending of its name, else by how it begins. A workbook is known by its first bytes
    /// whatever its name.
    pub fn detect(name: &str, bytes: &[u8]) -> Self {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            _ if is_ods(bytes) => Self::Ods,
            "ods" => Self::Ods,
            _ if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(OLD_WORKBOOK) => Self::Xlsx,
            "xlsx" | "xlsm" | "xls" => Self::Xlsx,
            "jsonl" | "ndjson" | "json" => Self::JsonLines,
            "csv" | "tsv" | "txt" => Self::Csv,
            _ => {
                let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
                match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
                    Some(b'{' | b'[') => Self::JsonLines,
                    _ => Self::Csv,
                }
            }
        }
    }
}

/// How workbooks of before 2007, and encrypted ones, begin.
pub(crate) const OLD_WORKBOOK: &[u8] = b"\xd0\xcf\x11\xe0";

/// Whether an archive is a workbook of this format.
fn is_ods(bytes: &[u8]) -> bool {
    // The type of a document stands first in its archive, unpacked.
    const TYPE: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
    bytes.get(30..30 + TYPE.len()) == Some(TYPE)
}
