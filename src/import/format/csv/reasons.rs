//! A CSV file given back with one more column: what is wrong with each row.

use std::collections::BTreeMap;

use csv::ByteRecord;

use super::{raw, said_delimiter};
use crate::import::format::jsonl::PROBLEMS;
use crate::import::options::Delimiter;

/// The file, in UTF-8, with a column of reasons, by the lines in which the rows begin. Everything else stays as it is; the import passes
/// the column over.
pub fn with_reasons(text: &[u8], delimiter: Delimiter, reasons: &BTreeMap<usize, String>) -> Vec<u8> {
    let (_, from) = said_delimiter(text);
    // Excel takes a file without it for Windows-1252.
    let mut out = Vec::with_capacity(text.len() + 64 * reasons.len());
    out.extend_from_slice("\u{feff}".as_bytes());
    out.extend_from_slice(&text[..from]);
    let mut reader = raw(&text[from..], delimiter);
    let mut record = ByteRecord::new();
    let mut line = usize::from(from > 0) + 1;
    let (mut at, mut width) = (from, None);
    loop {
        let is_row = reader.read_byte_record(&mut record).unwrap_or(false);
        let end =
            if is_row { from + usize::try_from(reader.position().byte()).unwrap_or_default() } else { text.len() };
        let mut piece = &text[at..end.max(at)];
        // Blank lines before a row come with it.
        let blank = piece.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        out.extend_from_slice(&piece[..blank]);
        line += lines(&piece[..blank]);
        piece = &piece[blank..];
        if !is_row {
            out.extend_from_slice(piece);
            return out;
        }
        let bare = piece.len() - piece.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        out.extend_from_slice(&piece[..bare]);
        let cells = record.len();
        let header = *width.get_or_insert(cells);
        let is_header = at == from;
        out.extend(std::iter::repeat_n(delimiter.byte(), header.saturating_sub(cells) + 1));
        if is_header {
            out.extend_from_slice(PROBLEMS.as_bytes());
        }
        if let Some(reason) = reasons.get(&line) {
            out.extend_from_slice(format!("\"{}\"", reason.replace('"', "\"\"")).as_bytes());
        }
        out.extend_from_slice(&piece[bare..]);
        line += lines(piece);
        at = end;
    }
}

fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_beside_their_rows() {
        let text = b"sep=;\nkey;name\na;\"two\nlines\"\n\nb\r\nc;d\n";
        let reasons = BTreeMap::from([(3, "first \"one\"".to_owned()), (6, "short".to_owned())]);
        let out = with_reasons(text, Delimiter::Semicolon, &reasons);
        let expected =
            "\u{feff}sep=;\nkey;name;problems\na;\"two\nlines\";\"first \"\"one\"\"\"\n\nb;;\"short\"\r\nc;d;\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
