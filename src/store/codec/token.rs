//! The bytes of tokens.

use bincode::{Decode, Encode};

use super::bytes::{CodecError, VERSION, take, to_bytes};

/// The tag of an entry of tokens.
pub(super) const TOKENS: u8 = 3;
/// The tag of an entry of tokens of which some are bound to a time or to bodies.
pub(super) const TOKENS_BOUND: u8 = 4;

/// A token as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// From when on it is not good any more; none when it is good until it is revoked.
    pub expires_at_ms: Option<i64>,
    /// Keys of the bodies whose records it may write; none for all.
    pub bodies: Vec<String>,
}

/// What every token has: the bytes of an entry [`TOKENS`].
#[derive(Encode, Decode)]
struct Unbound {
    name: String,
    role: String,
    hash: [u8; 32],
    created_at_ms: i64,
    revoked_at_ms: Option<i64>,
}

/// What one has that is bound to a time or to bodies: the bytes of an entry [`TOKENS_BOUND`].
#[derive(Encode, Decode)]
struct Bound {
    token: Unbound,
    expires_at_ms: Option<i64>,
    bodies: Vec<String>,
}

impl From<Unbound> for Token {
    fn from(Unbound { name, role, hash, created_at_ms, revoked_at_ms }: Unbound) -> Self {
        Self { name, role, hash, created_at_ms, revoked_at_ms, ..Self::default() }
    }
}

impl From<Bound> for Token {
    fn from(Bound { token, expires_at_ms, bodies }: Bound) -> Self {
        Self { expires_at_ms, bodies, ..token.into() }
    }
}

impl From<Token> for Bound {
    fn from(token: Token) -> Self {
        let Token { name, role, hash, created_at_ms, revoked_at_ms, expires_at_ms, bodies } = token;
        Self { token: Unbound { name, role, hash, created_at_ms, revoked_at_ms }, expires_at_ms, bodies }
    }
}

/// The bytes of tokens. As long as none is bound to anything, an earlier program reads them.
pub fn encode_tokens(tokens: &[Token]) -> Vec<u8> {
    let bound: Vec<Bound> = tokens.iter().cloned().map(Bound::from).collect();
    if bound.iter().any(|it| it.expires_at_ms.is_some() || !it.bodies.is_empty()) {
        return to_bytes(&(VERSION, TOKENS_BOUND, bound));
    }
    let unbound: Vec<Unbound> = bound.into_iter().map(|it| it.token).collect();
    to_bytes(&(VERSION, TOKENS, unbound))
}

/// Reads what follows the tag of an entry of tokens.
pub(super) fn take_tokens(tag: u8, rest: &mut &[u8]) -> Result<Vec<Token>, CodecError> {
    Ok(match tag {
        TOKENS => take::<Vec<Unbound>>(rest)?.into_iter().map(Token::from).collect(),
        _ => take::<Vec<Bound>>(rest)?.into_iter().map(Token::from).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Vec<Token> {
        let mut rest = &bytes[2..];
        let tokens = take_tokens(bytes[1], &mut rest).unwrap();
        assert!(rest.is_empty());
        tokens
    }

    #[test]
    fn bound_tokens_come_back_and_others_are_written_as_ever() {
        let plain =
            Token { name: "a".into(), role: "EDIT".into(), hash: [7; 32], created_at_ms: 5, ..Token::default() };
        let bound = Token { expires_at_ms: Some(-1), bodies: vec!["body".into(), "other".into()], ..plain.clone() };
        for tokens in [vec![], vec![plain.clone()], vec![plain.clone(), bound]] {
            assert_eq!(decoded(&encode_tokens(&tokens)), tokens);
        }
        // As the first version wrote it: version, tag, one token: name, role, hash, instant (zigzag), not revoked.
        let golden = [&[1, 3, 1, 1, b'a', 4][..], b"EDIT", &[7; 32], &[10, 0]].concat();
        assert_eq!(encode_tokens(&[plain]), golden);
    }
}
