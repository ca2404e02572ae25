//! How the letters of a file are written in bytes: found out, told, and made UTF-8, which all readers take.

use std::borrow::Cow;
use std::fmt;

/// The byte order mark in UTF-8.
pub(super) const BOM: &[u8] = "\u{feff}".as_bytes();

/// How letters become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// What everything else is made of.
    Utf8,
    /// Two bytes a letter, the lower first: what some programs call Unicode.
    Utf16Le,
    /// Two bytes a letter, the higher first.
    Utf16Be,
    /// One byte a letter, as western Windows programs write it.
    Windows1252,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16 LE",
            Self::Utf16Be => "UTF-16 BE",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

impl Encoding {
    /// What the bytes are written in. A byte order mark decides; else zero bytes at the start; else whether they are UTF-8.
    /// What is neither, and has letters of both kinds, stays UTF-8: then each row that does not read is told.
    pub fn detect(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..] => return Self::Utf16Le,
            [0xfe, 0xff, ..] => return Self::Utf16Be,
            [first, 0, ..] if *first != 0 => return Self::Utf16Le,
            [0, second, ..] if *second != 0 => return Self::Utf16Be,
            _ => {}
        }
        if std::str::from_utf8(bytes).is_ok() || mixes_in_utf8(bytes) { Self::Utf8 } else { Self::Windows1252 }
    }

    /// The text in UTF-8, without its byte order mark, and whether there was one. What is said to be UTF-8 may still hold bytes that
    /// are not: the row that has them is refused.
    pub fn decode(self, bytes: &[u8]) -> (Cow<'_, [u8]>, bool) {
        let (encoding, mark) = match self {
            Self::Utf8 => {
                let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
                return (Cow::Borrowed(text), text.len() < bytes.len());
            }
            Self::Utf16Le => (encoding_rs::UTF_16LE, &b"\xff\xfe"[..]),
            Self::Utf16Be => (encoding_rs::UTF_16BE, &b"\xfe\xff"[..]),
            Self::Windows1252 => (encoding_rs::WINDOWS_1252, &b""[..]),
        };
        let text = bytes.strip_prefix(mark).unwrap_or(bytes);
        let (decoded, _) = encoding.decode_without_bom_handling(text);
        (Cow::Owned(decoded.into_owned().into_bytes()), text.len() < bytes.len())
    }
}

/// Whether a text that is not UTF-8 has letters of more than one byte that are: then it is a mix of two files, or damaged. Bytes that
/// Windows-1252 leaves free show the same.
fn mixes_in_utf8(bytes: &[u8]) -> bool {
    let free = |byte: &u8| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
    bytes.iter().any(free) || bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii())
}

/// Whether text of two bytes a letter stands there.
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
pub(super) const ENCODING_HINT: &str =
    "save the file as UTF-8 (in Excel: CSV UTF-8), or say what all of it is written in (--encoding)";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_save_is_found_out() {
        let text = "sleutel;naam\na;Één café van € 5\n";
        let utf16 = |little: bool| -> Vec<u8> {
            let units = text.encode_utf16();
            units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(text);
        for (bytes, encoding, mark) in [
            (text.as_bytes().to_vec(), Encoding::Utf8, false),
            ([BOM, text.as_bytes()].concat(), Encoding::Utf8, true),
            ([b"\xff\xfe", utf16(true).as_slice()].concat(), Encoding::Utf16Le, true),
            ([b"\xfe\xff", utf16(false).as_slice()].concat(), Encoding::Utf16Be, true),
            (utf16(true), Encoding::Utf16Le, false),
            (utf16(false), Encoding::Utf16Be, false),
            (windows.into_owned(), Encoding::Windows1252, false),
        ] {
            assert_eq!(Encoding::detect(&bytes), encoding);
            let (decoded, marked) = encoding.decode(&bytes);
            assert_eq!((std::str::from_utf8(&decoded).unwrap(), marked), (text, mark), "{encoding}");
        }
    }

    #[test]
    fn a_mix_of_two_is_not_guessed_at() {
        assert_eq!(Encoding::detect("één\n".as_bytes()), Encoding::Utf8);
        assert_eq!(Encoding::detect(b"\xc3\xa9\xc3\xa9n en caf\xe9\n"), Encoding::Utf8);
        assert_eq!(Encoding::detect(b"caf\x81\n"), Encoding::Utf8);
    }

    proptest! {
        #[test]
        fn always_gives_a_text(bytes: Vec<u8>) {
            let encoding = Encoding::detect(&bytes);
            let (decoded, _) = encoding.decode(&bytes);
            prop_assert!(encoding == Encoding::Utf8 || std::str::from_utf8(&decoded).is_ok());
        }
    }
}
