//! Tokens made and revoked: entries of the journal, written between the turns of those who commit.

use super::Ledger;
use crate::commit::access::Role;
use crate::commit::error::CommitError;
use crate::commit::tokens::{Token, TokenError, Wish};
use crate::commit::writer::Writer;
use crate::store::codec;

/// So often it is tried to write where other nodes come first.
const TRIES_MAX: usize = 50;

impl Ledger {
    /// Makes a token that is good until it is revoked, and gives its secret, which is shown once and not kept.
    ///
    /// # Errors
    /// When there is one of that name, or it cannot be written down.
    pub fn create_token(&self, name: &str, role: Role, now_ms: i64) -> Result<String, TokenError> {
        self.make_token(&Wish { name: name.to_owned(), role, expires_at_ms: None, bodies: Vec::new() }, now_ms)
    }

    /// Makes a token as it is wished, and gives its secret.
    ///
    /// # Errors
    /// When there is one of that name, or it cannot be written down.
    pub fn make_token(&self, wish: &Wish, now_ms: i64) -> Result<String, TokenError> {
        let secret = self.write_tokens(|| {
            let (token, secret) = self.tokens.make(wish, now_ms)?;
            Ok((vec![token], secret))
        })?;
        let about = format!("`{}`, {}, {}", wish.name, wish.role, bodies_of(&wish.bodies));
        self.note_act("token create", about, now_ms);
        Ok(secret)
    }

    /// Makes a token in place of one that is good for so long still, and gives its secret.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be written down.
    pub fn rotate_token(
        &self,
        name: &str,
        keep_ms: i64,
        expires_at_ms: Option<i64>,
        now_ms: i64,
    ) -> Result<String, TokenError> {
        let secret = self.write_tokens(|| self.tokens.rotated(name, keep_ms, expires_at_ms, now_ms))?;
        self.note_act("token rotate", format!("`{name}`"), now_ms);
        Ok(secret)
    }

    /// Notes what an administrator of this machine did.
    pub fn note_act(&self, what: &str, about: String, now_ms: i64) {
        self.audit.note_act(what, "DONE", about, now_ms);
    }

    /// Notes what an administrator of this machine wanted, and did not get.
    pub fn note_refusal(&self, what: &str, about: String, now_ms: i64) {
        self.audit.note_act(what, "REFUSED", about, now_ms);
    }

    /// Revokes the tokens of a name: from now on they are refused.
    ///
    /// # Errors
    /// When there is none that is good, or it cannot be written down.
    pub fn revoke_token(&self, name: &str, now_ms: i64) -> Result<(), TokenError> {
        self.write_tokens(|| Ok((self.tokens.revoked(name, now_ms)?, ())))?;
        self.note_act("token revoke", format!("`{name}`"), now_ms);
        Ok(())
    }

    /// Writes the tokens that come of those that there are: again, when another node wrote at the same moment.
    fn write_tokens<T>(&self, change: impl Fn() -> Result<(Vec<Token>, T), TokenError>) -> Result<T, TokenError> {
        let mut writer = self.writer();
        for _ in 1..TRIES_MAX {
            match self.try_to_write(&mut writer, &change) {
                Err(TokenError::Commit(CommitError::Overtaken)) if writer.take_what_came() => {}
                written => return written,
            }
        }
        self.try_to_write(&mut writer, &change)
    }

    fn try_to_write<T>(
        &self,
        writer: &mut Writer,
        change: impl Fn() -> Result<(Vec<Token>, T), TokenError>,
    ) -> Result<T, TokenError> {
        let (tokens, told) = change()?;
        writer.append(codec::encode_tokens(&tokens))?;
        self.tokens.learn(tokens);
        writer.skip();
        Ok(told)
    }
}

fn bodies_of(bodies: &[String]) -> String {
    if bodies.is_empty() { "for all bodies".into() } else { format!("for {}", bodies.join(", ")) }
}
