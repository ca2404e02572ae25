//! Tokens made and revoked: entries of the journal, written between the turns of those who commit.

use super::Ledger;
use crate::commit::access::Role;
use crate::commit::tokens::{Token, TokenError, Wish};
use crate::commit::writer::Writer;
use crate::store::codec;

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
        let mut writer = self.writer();
        let (token, secret) = self.tokens.make(wish, now_ms)?;
        self.write_tokens(&mut writer, vec![token])?;
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
        let mut writer = self.writer();
        let (tokens, secret) = self.tokens.rotated(name, keep_ms, expires_at_ms, now_ms)?;
        self.write_tokens(&mut writer, tokens)?;
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
        let mut writer = self.writer();
        let tokens = self.tokens.revoked(name, now_ms)?;
        self.write_tokens(&mut writer, tokens)?;
        self.note_act("token revoke", format!("`{name}`"), now_ms);
        Ok(())
    }

    fn write_tokens(&self, writer: &mut Writer, tokens: Vec<Token>) -> Result<(), TokenError> {
        writer.append(codec::encode_tokens(&tokens))?;
        self.tokens.learn(tokens);
        writer.skip();
        Ok(())
    }
}

fn bodies_of(bodies: &[String]) -> String {
    if bodies.is_empty() { "for all bodies".into() } else { format!("for {}", bodies.join(", ")) }
}
