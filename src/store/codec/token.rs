//! The bytes of tokens.

use bincode::{Decode, Encode};

use super::{CodecError, Entry, TOKENS, VERSION, decode_entry, to_bytes};

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Token {
    /// Its name: the author of what it commits.
    pub name: String,
    /// What it allows: a word of the commit path's roles.
    pub role: String,
    /// BLAKE3 of the secret: which token this is. The secret has 256 bits of randomness: no slow hash is needed.
    pub hash: [u8; 32],
    /// When it was made: milliseconds since 1970, UTC.
    pub created_at_ms: i64,
    /// When it was revoked; none while it is good.
    pub revoked_at_ms: Option<i64>,
}

/// The bytes of tokens.
pub fn encode_tokens(tokens: &[Token]) -> Vec<u8> {
    to_bytes(&(VERSION, TOKENS, tokens))
}

/// Reads tokens back from their own bytes.
///
/// # Errors
/// When the bytes are damaged, of a later version, or no tokens.
pub fn decode_tokens(bytes: &[u8]) -> Result<Vec<Token>, CodecError> {
    match decode_entry(bytes)? {
        Entry::Tokens(tokens) => Ok(tokens),
        _ => Err(CodecError::Damaged("the entry holds no tokens".into())),
    }
}
