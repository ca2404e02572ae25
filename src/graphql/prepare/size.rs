//! Two linear looks at a document. The first is at its text, before the parser has it: bytes, tokens, brackets. The second is at
//! what was parsed, before anything walks it with its fragments unfolded: what a few hundred bytes of nested fragments unfold to
//! is computed, fragment by fragment, not unfolded.

use std::collections::HashMap;

use super::ast::{Document, Fragment, Name, Selection};
use super::lexer::shown;
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::limits::Limits;

const NESTING: &str = "brackets of a document that are open at once";
const HINT: &str = "split the request into smaller ones, or send values as variables";

/// Checks the text of a document against the limits.
///
/// # Errors
/// Names the limit that is exceeded.
pub fn scan(text: &str, limits: &Limits) -> Result<(), FieldError> {
    if text.len() > limits.document_bytes {
        let (limit, found) = (limits.document_bytes, text.len());
        return Err(FieldError::limit("bytes of a document", limit, found, HINT).raised_by("document_bytes"));
    }
    let (tokens, nesting) = count(text.as_bytes());
    for (what, name, limit, found) in
        [(NESTING, "nesting", limits.nesting, nesting), ("tokens of a document", "tokens", limits.tokens, tokens)]
    {
        if found > limit {
            return Err(FieldError::limit(what, limit, found, HINT).raised_by(name));
        }
    }
    Ok(())
}

/// Tokens, and brackets that are open at once at most. Of a text that is no GraphQL it counts something, and always ends.
fn count(text: &[u8]) -> (usize, usize) {
    let (mut tokens, mut open, mut nesting) = (0, 0_usize, 0);
    let mut rest = text;
    let skip = |rest: &[u8], within: fn(&u8) -> bool| rest.iter().position(|byte| !within(byte)).unwrap_or(rest.len());
    while let Some(&first) = rest.first() {
        let length = match first {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                rest = &rest[1..];
                continue;
            }
            b'#' => {
                rest = &rest[skip(rest, |byte| !matches!(byte, b'\r' | b'\n'))..];
                continue;
            }
            b'"' => text_length(rest),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => skip(rest, |byte| byte.is_ascii_alphanumeric() || *byte == b'_'),
            b'-' | b'0'..=b'9' => skip(rest, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-')),
            b'.' => skip(rest, |byte| *byte == b'.').min(3),
            _ => 1,
        };
        match first {
            b'{' | b'(' | b'[' => open += 1,
            b'}' | b')' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        nesting = nesting.max(open);
        tokens += 1;
        rest = &rest[length..];
    }
    (tokens, nesting)
}

/// The length of the string, or block string, that a text begins with.
fn text_length(text: &[u8]) -> usize {
    let block = text.starts_with(b"\"\"\"");
    let quote: &[u8] = if block { b"\"\"\"" } else { b"\"" };
    let mut at = quote.len();
    while at < text.len() {
        match text[at] {
            b'\\' if !block => at += 2,
            b'\\' if text[at + 1..].starts_with(quote) => at += 1 + quote.len(),
            b'\n' if !block => return at,
            b'"' if text[at..].starts_with(quote) => return at + quote.len(),
            _ => at += 1,
        }
    }
    text.len()
}

/// What a selection set comes to, its fragments unfolded.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: usize,
    depth: usize,
    nesting: usize,
    aliases: usize,
    directives: usize,
}

impl Size {
    /// This and another one beside it.
    fn beside(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
        }
    }

    /// The greater of each.
    fn or(self, other: Self) -> Self {
        Self {
            fields: self.fields.max(other.fields),
            aliases: self.aliases.max(other.aliases),
            directives: self.directives.max(other.directives),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
        }
    }
}

/// Why a document is refused, and at which byte where that is known.
pub type SizeError = (Option<u32>, FieldError);

/// Checks a document against the limits.
///
/// # Errors
/// Names the limit that is exceeded, the fragment that contains itself, or the one that is not there.
pub fn check(document: &Document<'_>, limits: &Limits) -> Result<(), SizeError> {
    let mut fragments = HashMap::new();
    for fragment in &document.fragments {
        // Of two with one name, which validation refuses, the first.
        fragments.entry(fragment.name.text).or_insert((fragment, Measure::Open));
    }
    let mut measured = Measured { nesting: limits.nesting, fragments };
    let mut whole = Size::default();
    for operation in &document.operations {
        let own = Size { directives: operation.directives.len(), ..Size::default() };
        whole = whole.beside(measured.set(&operation.selections, 1)?).beside(own);
    }
    // Fragments that nothing uses are validated too.
    for fragment in &document.fragments {
        whole = whole.or(measured.fragment(fragment.name, 1)?);
    }
    for (what, name, limit, found) in [
        (NESTING, "nesting", limits.nesting, whole.nesting),
        ("levels of a document", "depth", limits.depth, whole.depth),
        ("fields of a document with its fragments unfolded", "fields", limits.fields, whole.fields),
        ("aliases of a document with its fragments unfolded", "aliases", limits.aliases, whole.aliases),
        ("directives of a document with its fragments unfolded", "directives", limits.directives, whole.directives),
    ] {
        if found > limit {
            return Err((None, FieldError::limit(what, limit, found, HINT).raised_by(name)));
        }
    }
    Ok(())
}

/// How far a fragment is measured.
#[derive(Clone, Copy)]
enum Measure {
    Open,
    Begun,
    Done(Size),
}

/// What the fragments of a document come to, each measured once.
struct Measured<'a, 'd> {
    nesting: usize,
    fragments: HashMap<&'d str, (&'a Fragment<'d>, Measure)>,
}

impl<'d> Measured<'_, 'd> {
    /// Measures a selection set that stands so many levels deep.
    fn set(&mut self, set: &[Selection<'d>], level: usize) -> Result<Size, SizeError> {
        if set.is_empty() {
            return Ok(Size::default());
        }
        // Fragments that hold each other go as deep as they are many: deeper than a stack should have to bear.
        if level > self.nesting {
            return Err((None, FieldError::limit(NESTING, self.nesting, level, HINT).raised_by("nesting")));
        }
        let mut size = Size::default();
        for selection in set {
            let mut inner = match selection {
                Selection::Field(field) => self.set(&field.selections, level + 1)?,
                Selection::Inline(inline) => self.set(&inline.selections, level + 1)?,
                Selection::Spread(spread) => self.fragment(spread.name, level + 1)?,
            };
            if let Selection::Field(field) = selection {
                inner.depth = inner.depth.saturating_add(1);
                let aliases = usize::from(field.alias.is_some());
                inner = inner.beside(Size { fields: 1, aliases, ..Size::default() });
            }
            let directives = selection.directives().len();
            size = size.beside(inner).beside(Size { directives, ..Size::default() });
        }
        size.nesting = size.nesting.saturating_add(1);
        Ok(size)
    }

    fn fragment(&mut self, name: Name<'d>, level: usize) -> Result<Size, SizeError> {
        let invalid =
            |message: String, hint: &str| (Some(name.at), FieldError::new(ErrorCode::ValidationFailed, message, hint));
        match self.fragments.get(name.text) {
            Some((_, Measure::Done(size))) => Ok(*size),
            Some((_, Measure::Begun)) => Err(invalid(
                format!("the fragment `{}` contains itself", shown(name.text)),
                "unfold it by hand as far as you need it",
            )),
            Some((fragment, Measure::Open)) => {
                let fragment = *fragment;
                self.fragments.insert(name.text, (fragment, Measure::Begun));
                let size = self.set(&fragment.selections, level)?;
                self.fragments.insert(name.text, (fragment, Measure::Done(size)));
                Ok(size)
            }
            // Refused here: every walk from here on may rely on the fragments that it meets.
            None => {
                let near = crate::graphql::core::error::near(name.text, self.fragments.keys().copied());
                let hint = format!("{near}Define it in the same document, or leave it out");
                Err(invalid(format!("there is no fragment `{}`", shown(name.text)), &hint))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn tokens_and_brackets_are_counted() {
        for (text, tokens, nesting) in [
            ("", 0, 0),
            ("{ a }", 3, 1),
            ("\u{feff}{a,b # c { \n}", 7, 1),
            ("query Q($a:[Int!]=[1,-2.5e+3]){x:a...F@d(if:true)}", 30, 2),
            (r#"{a(b:"{ \" (")}"#, 8, 2),
            (r#"{a(b:"""{ \""" " (""")}"#, 8, 2),
            ("{a(b:\"x\n{{{", 9, 5),
            ("\"\"\"", 1, 0),
            ("\"", 1, 0),
            ("\"\\", 1, 0),
            ("}}}}{", 5, 1),
            ("......", 2, 0),
            ("é", 2, 0),
        ] {
            assert_eq!(count(text.as_bytes()), (tokens, nesting), "{text}");
        }
        assert_eq!(count(&b"{".repeat(100_000)), (100_000, 100_000));
    }
}
