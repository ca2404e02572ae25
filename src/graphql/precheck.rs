//! Two linear looks at a document. The first is at its text, before the parser has it: bytes, tokens, brackets. The second is at
//! what was parsed, before anything walks it with its fragments unfolded: what a few hundred bytes of nested fragments unfold to
//! is computed, fragment by fragment, not unfolded.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use crate::graphql::error::{ErrorCode, FieldError};
use crate::graphql::limits::Limits;
use crate::model::problem::at_most;

/// Longest name that an error repeats, in characters.
const SHOWN_CHARS_MAX: usize = 80;
const NESTING: &str = "brackets of a document that are open at once";
const HINT: &str = "split the request into smaller ones, or send values as variables";

/// Checks the text of a document against the limits.
///
/// # Errors
/// Names the limit that is exceeded.
pub fn scan(text: &str, limits: &Limits) -> Result<(), FieldError> {
    if text.len() > limits.document_bytes {
        return Err(FieldError::limit("bytes of a document", limits.document_bytes, text.len(), HINT));
    }
    let (tokens, nesting) = count(text.as_bytes());
    for (what, limit, found) in [(NESTING, limits.nesting, nesting), ("tokens of a document", limits.tokens, tokens)] {
        if found > limit {
            return Err(FieldError::limit(what, limit, found, HINT));
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

/// Checks a document against the limits.
///
/// # Errors
/// Names the limit that is exceeded, or the fragment that contains itself.
pub fn check(document: &ExecutableDocument, limits: &Limits) -> Result<(), FieldError> {
    let mut measured = Measured { document, nesting: limits.nesting, fragments: HashMap::new() };
    let mut whole = Size::default();
    for (_, operation) in document.operations.iter() {
        let own = Size { directives: operation.node.directives.len(), ..Size::default() };
        whole = whole.beside(measured.set(&operation.node.selection_set.node, 1)?).beside(own);
    }
    // Fragments that nothing uses are validated too.
    for name in document.fragments.keys() {
        whole = whole.or(measured.fragment(name.as_str(), 1)?);
    }
    for (what, limit, found) in [
        (NESTING, limits.nesting, whole.nesting),
        ("levels of a document", limits.depth, whole.depth),
        ("fields of a document with its fragments unfolded", limits.fields, whole.fields),
        ("aliases of a document with its fragments unfolded", limits.aliases, whole.aliases),
        ("directives of a document with its fragments unfolded", limits.directives, whole.directives),
    ] {
        if found > limit {
            return Err(FieldError::limit(what, limit, found, HINT));
        }
    }
    Ok(())
}

/// What the fragments of a document come to, each measured once.
struct Measured<'d> {
    document: &'d ExecutableDocument,
    nesting: usize,
    /// By name; `None` stands for one that is being measured.
    fragments: HashMap<&'d str, Option<Size>>,
}

impl<'d> Measured<'d> {
    /// Measures a selection set that stands so many levels deep.
    fn set(&mut self, set: &'d SelectionSet, level: usize) -> Result<Size, FieldError> {
        if set.items.is_empty() {
            return Ok(Size::default());
        }
        // Fragments that hold each other go as deep as they are many: deeper than a stack should have to bear.
        if level > self.nesting {
            return Err(FieldError::limit(NESTING, self.nesting, level, HINT));
        }
        let mut size = Size::default();
        for selection in &set.items {
            let mut inner = match &selection.node {
                Selection::Field(field) => self.set(&field.node.selection_set.node, level + 1)?,
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node, level + 1)?,
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str(), level + 1)?
                }
            };
            if let Selection::Field(field) = &selection.node {
                inner.depth = inner.depth.saturating_add(1);
                let aliases = usize::from(field.node.alias.is_some());
                inner = inner.beside(Size { fields: 1, aliases, ..Size::default() });
            }
            let directives = selection.node.directives().len();
            size = size.beside(inner).beside(Size { directives, ..Size::default() });
        }
        size.nesting = size.nesting.saturating_add(1);
        Ok(size)
    }

    fn fragment(&mut self, name: &str, level: usize) -> Result<Size, FieldError> {
        // Refused here, although validation would: it would walk every place that leads to the unknown name, unfolded.
        let Some((name, definition)) = self.document.fragments.get_key_value(name) else {
            return Err(FieldError::new(
                ErrorCode::ValidationFailed,
                format!("there is no fragment `{}`", at_most(SHOWN_CHARS_MAX, name.to_owned())),
                "define it in the same document, or leave it out",
            ));
        };
        match self.fragments.get(name.as_str()) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                return Err(FieldError::new(
                    ErrorCode::ValidationFailed,
                    format!("the fragment `{name}` contains itself"),
                    "unfold it by hand as far as you need it",
                ));
            }
            None => {}
        }
        self.fragments.insert(name, None);
        let size = self.set(&definition.node.selection_set.node, level)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
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
