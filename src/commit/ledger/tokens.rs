//! Tokens made and revoked: entries of the journal, written between the turns of those who commit.

use super::Ledger;
use crate::commit::access::Role;
use crate::commit::tokens::{Token, TokenError};
use crate::commit::writer::Writer;
use crate::store::codec;

impl Ledger {
    /// Makes a token and gives its secret, which is shown once and not kept.
    ///
    /// # Errors
    /// When there is one of that name, or it cannot be written down.
    pub fn create_token(&self, name: &str, role: Role, now_ms: i64) -> Result<String, TokenError> {
        let mut writer = self.writer();
        let (token, secret) = self.tokens.make(name, role, now_ms)?;
        self.write_token(&mut writer, token)?;
        Ok(secret)
    }

    /// Revokes a token: from now on it is refused.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be written down.
    pub fn revoke_token(&self, name: &str, now_ms: i64) -> Result<(), TokenError> {
        let mut writer = self.writer();
        let token = self.tokens.revoked(name, now_ms)?;
        self.write_token(&mut writer, token)
    }

    fn write_token(&self, writer: &mut Writer, token: Token) -> Result<(), TokenError> {
        writer.append(codec::encode_tokens(std::slice::from_ref(&token)))?;
        self.tokens.learn(vec![token]);
        writer.skip();
        Ok(())
    }
}
