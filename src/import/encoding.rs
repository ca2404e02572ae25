//! How the letters of a file are written in bytes.

/// The byte order mark in UTF-8.
pub(super) const BOM: &[u8] = "\u{feff}".as_bytes();

/// Whether text of two bytes a letter stands there: the encoding that some programs call Unicode.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(4)];
    start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") || start.contains(&0)
}

/// Says which byte of a text is not UTF-8, and what it probably was meant to be.
pub(super) fn encoding_message(bytes: &[u8], at: usize) -> String {
    let byte = bytes[at];
    // The letters of Windows-1252 and Latin-1 agree from 0xA0; between 0x80 and 0x9F the former has signs such as €.
    let guess = if byte >= 0xa0 {
        format!(" (`{}` in Windows-1252)", char::from(byte))
    } else if byte == 0x80 {
        " (`€` in Windows-1252)".to_owned()
    } else {
        String::new()
    };
    format!("byte {} is 0x{byte:02X}{guess}, which is not UTF-8", at + 1)
}

/// What to do about it.
pub(super) const ENCODING_HINT: &str = "save the file as UTF-8 (in Excel: CSV UTF-8)";
