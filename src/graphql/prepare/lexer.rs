//! From text to tokens, as the specification of GraphQL has them.

use std::borrow::Cow;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<'d> {
    /// The end of the document.
    End,
    /// A sign; `.` stands for the three dots.
    Sign(u8),
    /// A name.
    Name(&'d str),
    /// A number without fraction and exponent.
    Int(&'d str),
    /// A number with one of them.
    Float(&'d str),
    /// A text, and whether it is a block.
    Text(Cow<'d, str>, bool),
}

impl Kind<'_> {
    /// In words.
    pub fn in_words(&self) -> String {
        match self {
            Self::End => "the document ends".into(),
            Self::Sign(b'.') => "`...` stands".into(),
            Self::Sign(sign) => format!("`{}` stands", char::from(*sign)),
            Self::Name(name) => format!("`{}` stands", shown(name)),
            Self::Int(number) | Self::Float(number) => format!("the number {} stands", shown(number)),
            Self::Text(..) => "a text stands".into(),
        }
    }
}

/// Longest piece of a document that a message repeats, in characters.
const SHOWN_CHARS_MAX: usize = 40;

/// A piece of a document as messages repeat it.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A token.
#[derive(Clone, Debug)]
pub struct Token<'d> {
    /// Its first byte.
    pub at: u32,
    /// What it is.
    pub kind: Kind<'d>,
}

/// Why a document does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// At which byte.
    pub at: u32,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

/// Reads tokens, one after the other.
#[derive(Debug)]
pub struct Lexer<'d> {
    text: &'d str,
    at: usize,
}

impl<'d> Lexer<'d> {
    /// Begins at the beginning.
    pub fn new(text: &'d str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token; again and again the end, when there is none.
    ///
    /// # Errors
    /// When no token begins here, or one does not end.
    pub fn token(&mut self) -> Result<Token<'d>, SyntaxError> {
        self.skip_ignored();
        let at = self.at;
        let kind = match self.byte(0) {
            None => Kind::End,
            Some(sign @ (b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}')) => {
                self.at += 1;
                Kind::Sign(sign)
            }
            Some(b'.') if self.text[at..].starts_with("...") => {
                self.at += 3;
                Kind::Sign(b'.')
            }
            Some(b'"') if self.text[at..].starts_with("\"\"\"") => Kind::Text(self.block()?, true),
            Some(b'"') => Kind::Text(self.text_line()?, false),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(byte) if is_name_start(byte) => {
                let end = self.rest().iter().position(|byte| !is_name_part(*byte)).unwrap_or(self.rest().len());
                self.at += end;
                Kind::Name(&self.text[at..self.at])
            }
            Some(_) => {
                let letter = self.text[at..].chars().next().unwrap_or_default();
                let hint = match letter {
                    '\'' => "write texts with double quotes",
                    '.' => "a fragment is used with three dots",
                    _ => "names are made of a-z, A-Z, 0-9 and _; other letters stand in texts: \"…\"",
                };
                return Err(self.error(at, format!("no part of GraphQL begins with {}", in_words(letter)), hint));
            }
        };
        Ok(Token { at: u32::try_from(at).unwrap_or(u32::MAX), kind })
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'d [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn error(&self, at: usize, message: impl Into<String>, hint: &'static str) -> SyntaxError {
        SyntaxError { at: u32::try_from(at).unwrap_or(u32::MAX), message: message.into(), hint }
    }

    fn skip_ignored(&mut self) {
        loop {
            match self.byte(0) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => self.at += 1,
                Some(b'#') => {
                    let end = self.rest().iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.at += end.unwrap_or(self.rest().len());
                }
                Some(0xef) if self.text[self.at..].starts_with('\u{feff}') => self.at += '\u{feff}'.len_utf8(),
                _ => return,
            }
        }
    }

    fn number(&mut self) -> Result<Kind<'d>, SyntaxError> {
        const HINT: &str =
            "write numbers as 12, -3, 0.5 or 1e6, without leading zeros; codes and keys are texts: \"…\"";
        let begin = self.at;
        let mut is_float = false;
        self.at += usize::from(self.byte(0) == Some(b'-'));
        if self.byte(0) == Some(b'0') {
            self.at += 1;
            if self.byte(0).is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.error(begin, "the number begins with 0, although digits follow", HINT));
            }
        } else {
            self.digits(begin, HINT)?;
        }
        if self.byte(0) == Some(b'.') {
            is_float = true;
            self.at += 1;
            self.digits(begin, HINT)?;
        }
        if matches!(self.byte(0), Some(b'e' | b'E')) {
            is_float = true;
            self.at += 1;
            self.at += usize::from(matches!(self.byte(0), Some(b'+' | b'-')));
            self.digits(begin, HINT)?;
        }
        if self.byte(0).is_some_and(|byte| byte == b'.' || is_name_start(byte)) {
            let next = self.text[self.at..].chars().next().unwrap_or_default();
            let number = shown(&self.text[begin..self.at]);
            return Err(self.error(begin, format!("the number {number} goes on with {}", in_words(next)), HINT));
        }
        let text = &self.text[begin..self.at];
        Ok(if is_float { Kind::Float(text) } else { Kind::Int(text) })
    }

    fn digits(&mut self, begin: usize, hint: &'static str) -> Result<(), SyntaxError> {
        let count = self.rest().iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.rest().len());
        if count == 0 {
            let number = shown(&self.text[begin..self.at]);
            return Err(self.error(begin, format!("a digit is missing after `{number}`"), hint));
        }
        self.at += count;
        Ok(())
    }

    fn text_line(&mut self) -> Result<Cow<'d, str>, SyntaxError> {
        let begin = self.at;
        self.at += 1;
        let mut read = String::new();
        let mut from = self.at;
        loop {
            match self.byte(0) {
                None | Some(b'\n' | b'\r') => {
                    let hint =
                        "end it with \" on the same line; texts of several lines stand between \"\"\" and \"\"\"";
                    return Err(self.error(begin, "the text that begins here does not end", hint));
                }
                Some(b'"') => {
                    let last = &self.text[from..self.at];
                    self.at += 1;
                    return Ok(if read.is_empty() { last.into() } else { (read + last).into() });
                }
                Some(b'\\') => {
                    read.push_str(&self.text[from..self.at]);
                    read.push(self.escape()?);
                    from = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        const HINT: &str = "there are \\\" \\\\ \\/ \\b \\f \\n \\r \\t, \\u with four hexadecimal digits, and \\u{…}";
        let begin = self.at;
        let plain = match self.byte(1) {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point().ok_or_else(|| self.error(begin, "`\\u` names no letter", HINT)),
            _ => {
                let letter = self.text[begin + 1..].chars().next();
                let letter = letter.map_or("the end of the document".into(), in_words);
                return Err(self.error(begin, format!("`\\` stands before {letter}"), HINT));
            }
        };
        self.at += 2;
        Ok(plain)
    }

    /// `\u00e9`, `\uD83D\uDE00` or `\u{1F600}`
    fn code_point(&mut self) -> Option<char> {
        if self.byte(2) == Some(b'{') {
            let digits = self.rest()[3..].iter().position(|byte| *byte == b'}')?;
            let text = &self.text[self.at + 3..self.at + 3 + digits];
            // Leading zeros may be many, but not so many that reading them takes long.
            if text.is_empty() || text.len() > 8 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            self.at += digits + 4;
            return char::from_u32(u32::from_str_radix(text, 16).ok()?);
        }
        let unit = |at: usize| -> Option<u32> {
            let text = self.text.as_bytes().get(at..at + 4)?;
            if !text.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            u32::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok()
        };
        let first = unit(self.at + 2)?;
        if let Some(letter) = char::from_u32(first) {
            self.at += 6;
            return Some(letter);
        }
        let second = unit(self.at + 8).filter(|_| self.rest()[6..].starts_with(b"\\u"))?;
        if !(0xd800..0xdc00).contains(&first) || !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        self.at += 12;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn block(&mut self) -> Result<Cow<'d, str>, SyntaxError> {
        let begin = self.at;
        self.at += 3;
        let mut raw = String::new();
        let mut from = self.at;
        loop {
            match self.byte(0) {
                None => {
                    return Err(self.error(begin, "the text that begins here does not end", "end it with \"\"\""));
                }
                Some(b'\\') if self.text[self.at..].starts_with("\\\"\"\"") => {
                    raw.push_str(&self.text[from..self.at]);
                    raw.push_str("\"\"\"");
                    self.at += 4;
                    from = self.at;
                }
                Some(b'"') if self.text[self.at..].starts_with("\"\"\"") => {
                    raw.push_str(&self.text[from..self.at]);
                    self.at += 3;
                    return Ok(dedent(&raw).into());
                }
                Some(_) => self.at += 1,
            }
        }
    }
}

fn is_name_start(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

fn is_name_part(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn in_words(letter: char) -> String {
    if letter.is_control() { format!("the character U+{:04X}", u32::from(letter)) } else { format!("`{letter}`") }
}

/// A block without the indentation that its lines have in common, and without blank lines at both ends.
fn dedent(raw: &str) -> String {
    let mut lines = Vec::new();
    let mut rest = raw;
    while let Some(end) = rest.find(['\n', '\r']) {
        lines.push(&rest[..end]);
        rest = &rest[end + if rest[end..].starts_with("\r\n") { 2 } else { 1 }..];
    }
    lines.push(rest);
    let indent = |line: &str| line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let is_blank = |line: &str| indent(line) == line.len();
    let common = lines.iter().skip(1).filter(|line| !is_blank(line)).map(|line| indent(line)).min().unwrap_or_default();
    let Some(first) = lines.iter().position(|line| !is_blank(line)) else { return String::new() };
    let last = lines.iter().rposition(|line| !is_blank(line)).unwrap_or(first);
    let kept = lines.iter().enumerate().take(last + 1).skip(first);
    // The first line stands after the quotes, so it has no indentation of its own.
    let kept = kept.map(|(number, line)| if number == 0 { line } else { line.get(common..).unwrap_or_default() });
    kept.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Kind<'_>>, SyntaxError> {
        let mut lexer = Lexer::new(text);
        let mut found = Vec::new();
        loop {
            match lexer.token()?.kind {
                Kind::End => return Ok(found),
                kind => found.push(kind),
            }
        }
    }

    #[test]
    fn texts_read_as_the_specification_has_them() {
        for (text, expected) in [
            (r#""""#, ""),
            (r#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"),
            (r#""\u00e9\uD83D\uDE00\u{1F600}\u{0001F600}""#, "é😀😀😀"),
            ("\"\u{7}é\"", "\u{7}é"),
            ("\"\"\"\n    a\n      b\\\"\"\"\r\n\n    c\\n\n  \"\"\"", "a\n  b\"\"\"\n\nc\\n"),
            ("\"\"\"  a\n  b\"\"\"", "  a\nb"),
            ("\"\"\" \n\t\n\"\"\"", ""),
        ] {
            let found = tokens(text).unwrap();
            assert!(matches!(found.as_slice(), [Kind::Text(found, _)] if found == expected), "{text}: {found:?}");
        }
        for text in [
            "\"",
            "\"a\n\"",
            r#""\x""#,
            r#""\u12""#,
            r#""\uD83D""#,
            r#""\uDE00\uD83D""#,
            r#""\u{}""#,
            r#""\u{110000}""#,
            r#""\u{D800}""#,
            "\"\"\"a\"\"",
            "\"\\",
            "\"\\u{1",
            "'a'",
            "..",
            "%",
            "é",
        ] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_end_where_the_specification_ends_them() {
        for text in ["0", "-0", "12", "-12"] {
            assert_eq!(tokens(text).unwrap(), [Kind::Int(text)]);
        }
        for text in ["0.0", "-1.5e+3", "1E9", "0e-1"] {
            assert_eq!(tokens(text).unwrap(), [Kind::Float(text)]);
        }
        for text in ["01", "-", "1.", "1.e1", ".5", "1e", "0x1", "1a", "1.5.1", "1_000", "-a"] {
            assert!(tokens(text).is_err(), "{text}");
        }
        assert_eq!(tokens("\u{feff}{,#x\n...}").unwrap(), [Kind::Sign(b'{'), Kind::Sign(b'.'), Kind::Sign(b'}')]);
    }
}
