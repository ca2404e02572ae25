//! Source text as tokens: enough to tell paths from comments and texts.

/// A piece of source text.
#[derive(Debug, PartialEq)]
pub enum Token {
    Word(String),
    Sign(&'static str),
    Other,
}

impl Token {
    /// As it is written; empty for what no reader here looks at.
    pub fn text(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Sign(sign) => sign,
            Self::Other => "",
        }
    }

    /// A word.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// The tokens of a text, without comments; texts and characters are one token each, which says nothing of them.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = quoted(rest) {
            tokens.push(Token::Other);
            length
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            end
        } else {
            const SIGNS: [&str; 13] = ["::", "{", "}", "*", ",", ";", "#", "[", "]", "(", ")", ".", "<"];
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
            tokens.push(sign.map_or(Token::Other, Token::Sign));
            sign.map_or(first.len_utf8(), str::len)
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of the text, character or lifetime that a text begins with.
fn quoted(text: &str) -> Option<usize> {
    let start = text.find(|c: char| !matches!(c, 'b' | 'r' | 'c'))?;
    let (prefix, body) = text.split_at(start);
    let hashes = body.len() - body.trim_start_matches('#').len();
    if prefix.ends_with('r') && body[hashes..].starts_with('"') {
        let end = format!("\"{}", "#".repeat(hashes));
        let inner = start + hashes + 1;
        return Some(text[inner..].find(&end).map_or(text.len(), |at| inner + at + end.len()));
    }
    if prefix.len() > 1 || prefix == "r" {
        return None;
    }
    let quote = body.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let mut escaped = false;
    for (letters, (at, letter)) in body.char_indices().skip(1).enumerate() {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if letter == quote {
            return Some(start + at + 1);
        } else if quote == '\'' && letters > 0 && !body[..at].contains('\\') {
            // A lifetime: its first letter has no quote after it.
            return Some(start + 1);
        }
    }
    None
}
