//! What readers without a token get to see: all of it, unless whoever runs the server chose otherwise.

use std::borrow::Cow;

use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::register::Revision;

/// What begins a hint with names near a wrong one.
const NEAR: &str = "did you mean ";
/// The same where the hint is nothing else.
const NEAR_ONLY: &str = "near are ";

/// What readers without a token do not get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// What the schema has, asked in a document or as a file.
    pub introspection: bool,
    /// Names near a wrong one, in the hint of an error.
    pub suggestions: bool,
    /// The explorer.
    pub explorer: bool,
    /// Commits, changes and earlier states.
    pub history: bool,
    /// The names of those who commit; in their place stand pseudonyms.
    pub authors: bool,
}

impl Hidden {
    /// Takes from an error what is not got: names near a wrong one.
    pub fn redact(self, error: &mut FieldError) {
        if !self.suggestions {
        } else if error.code == ErrorCode::ValidationFailed {
            error.hint = "correct the document; what there is, is told to those with a token".into();
        } else if let Some(rest) = error.hint.strip_prefix(NEAR) {
            error.hint = rest.split_once("? ").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        } else if error.hint.starts_with(NEAR_ONLY) {
            error.hint = "correct the key".into();
        }
    }
}

/// What there is for readers without a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Public {
    /// What they do not get.
    pub hidden: Hidden,
    /// The edition that they see in place of the current state: its name, or an empty one for the latest.
    pub edition: Option<String>,
}

impl Public {
    /// Whether they get anything else than those with a token.
    pub fn is_restricted(&self) -> bool {
        self.hidden != Hidden::default() || self.edition.is_some()
    }
}

/// What one reader may see.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sight {
    /// What it does not get.
    pub hidden: Hidden,
    /// The last revision that it may read; none for all.
    pub until: Option<Revision>,
    /// What pseudonyms are made with.
    pub key: [u8; 32],
}

impl Sight {
    /// Who has committed, as this reader gets to know it: the same name always has the same pseudonym.
    pub fn author<'n>(&self, name: &'n str) -> Cow<'n, str> {
        if !self.hidden.authors {
            return name.into();
        }
        let hash = blake3::keyed_hash(&self.key, name.as_bytes());
        format!("author-{}", &hash.to_hex()[..8]).into()
    }
}
