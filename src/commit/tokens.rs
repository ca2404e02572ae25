//! Tokens: who may write. Each is 32 random bytes, shown once; the folder keeps its hash.
//!
//! They stand in a file of their own, so that a token can be made or revoked while the register is being served: the file is
//! read again whenever it changed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::commit::access::{Identity, Role};

/// How every token begins, so that one that leaked can be recognised.
const PREFIX: &str = "bt_";
/// Bytes of randomness.
const SECRET_BYTES: usize = 32;

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its name: the author of what it commits.
    pub name: String,
    /// What it allows: a word of [`Role`].
    pub role: String,
    /// BLAKE3 of the secret, in hexadecimal. The secret has 256 bits of randomness: no slow hash is needed.
    pub hash: String,
    /// When it was made: milliseconds since 1970, UTC.
    pub created_at_ms: i64,
    /// When it was revoked; none while it is good.
    pub revoked_at_ms: Option<i64>,
}

/// Why tokens cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file system refused.
    #[error("cannot {doing} `{path}`: {cause}")]
    Files {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// There is a good token of that name.
    #[error("there is a token `{0}` already")]
    Exists(String),
    /// There is no good token of that name.
    #[error("there is no token `{0}` that could be revoked")]
    Unknown(String),
}

/// The tokens of a data folder.
pub struct Tokens {
    path: PathBuf,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    stamp: Option<(SystemTime, u64)>,
    tokens: Vec<Token>,
}

impl Tokens {
    /// The tokens of that data folder.
    pub fn of(folder: &Path) -> Self {
        Self { path: folder.join("tokens.json"), read: Mutex::default() }
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(io::Error) -> TokenError {
        let path = self.path.clone();
        move |cause| TokenError::Files { doing, path, cause }
    }

    /// All tokens, also those that were revoked.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn all(&self) -> Result<Vec<Token>, TokenError> {
        let metadata = match fs::metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed("read")(error)),
        };
        let stamp = metadata.modified().ok().map(|modified| (modified, metadata.len()));
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if stamp.is_none() || read.stamp != stamp {
            *read = Read { stamp, tokens: self.read()? };
        }
        Ok(read.tokens.clone())
    }

    fn read(&self) -> Result<Vec<Token>, TokenError> {
        let text = fs::read(&self.path).map_err(self.failed("read"))?;
        serde_json::from_slice(&text).map_err(|error| self.failed("read")(error.into()))
    }

    /// Makes a token and gives its secret, which is shown once and not kept.
    ///
    /// # Errors
    /// When there is one of that name, or the file cannot be written.
    pub fn create(&self, name: &str, role: Role, now_ms: i64) -> Result<String, TokenError> {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| self.failed("draw randomness for")(io::Error::other(error)))?;
        let secret = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
        self.change(|tokens| {
            if tokens.iter().any(|token| token.name == name && token.revoked_at_ms.is_none()) {
                return Err(TokenError::Exists(name.to_owned()));
            }
            tokens.push(Token {
                name: name.to_owned(),
                role: role.word().to_owned(),
                hash: hash(&secret).to_hex().to_string(),
                created_at_ms: now_ms,
                revoked_at_ms: None,
            });
            Ok(())
        })?;
        Ok(secret)
    }

    /// Revokes a token: from now on it is refused.
    ///
    /// # Errors
    /// When there is none of that name, or the file cannot be written.
    pub fn revoke(&self, name: &str, now_ms: i64) -> Result<(), TokenError> {
        self.change(|tokens| {
            let good = tokens.iter_mut().find(|token| token.name == name && token.revoked_at_ms.is_none());
            good.ok_or_else(|| TokenError::Unknown(name.to_owned()))?.revoked_at_ms = Some(now_ms);
            Ok(())
        })
    }

    /// Whose secret that is; none when it is nobody's, or was revoked.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn identify(&self, secret: &str) -> Result<Option<Identity>, TokenError> {
        let given = hash(secret);
        // The comparison takes the same time wherever the first difference is.
        let is_it = |token: &Token| blake3::Hash::from_hex(&token.hash).is_ok_and(|hash| hash == given);
        let tokens = self.all()?;
        let token = tokens.iter().find(|token| token.revoked_at_ms.is_none() && is_it(token));
        Ok(token.and_then(|token| Some(Identity { name: token.name.clone(), role: Role::from_word(&token.role)? })))
    }

    /// Changes the file, one at a time: two who do so at once, in two processes, would lose what one of them wrote. The lock is
    /// a file of its own, because the other one is replaced.
    fn change(&self, change: impl FnOnce(&mut Vec<Token>) -> Result<(), TokenError>) -> Result<(), TokenError> {
        let path = self.path.with_extension("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(path).map_err(self.failed("lock"))?;
        lock.lock().map_err(self.failed("lock"))?;
        let mut tokens = if self.path.exists() { self.read()? } else { Vec::new() };
        change(&mut tokens)?;
        self.write(&tokens)
    }

    /// Writes the file anew, whole, under another name first.
    fn write(&self, tokens: &[Token]) -> Result<(), TokenError> {
        let new = self.path.with_extension("json.new");
        let write = || {
            let mut file = private(&new)?;
            file.write_all(&serde_json::to_vec_pretty(tokens)?)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)
        };
        write().map_err(self.failed("write"))
    }
}

/// A file that only its owner can read.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn hash(secret: &str) -> blake3::Hash {
    blake3::hash(secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_it_is_revoked_and_its_secret_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (maker, server) = (Tokens::of(folder.path()), Tokens::of(folder.path()));
        assert_eq!(server.identify("bt_nobody").unwrap(), None);
        let secret = maker.create("importer", Role::Import, 1).unwrap();
        assert!(secret.starts_with("bt_") && secret.len() == 46, "{secret}");
        assert_eq!(server.identify(&secret).unwrap(), Some(Identity { name: "importer".into(), role: Role::Import }));
        assert_eq!(server.identify(&format!("{secret}x")).unwrap(), None);
        assert!(!fs::read_to_string(folder.path().join("tokens.json")).unwrap().contains(&secret[3..]));
        assert!(matches!(maker.create("importer", Role::Admin, 2), Err(TokenError::Exists(_))));
        maker.revoke("importer", 3).unwrap();
        assert_eq!(server.identify(&secret).unwrap(), None);
        assert!(matches!(maker.revoke("importer", 4), Err(TokenError::Unknown(_))));
        assert_ne!(maker.create("importer", Role::Read, 5).unwrap(), secret);
        assert_eq!(server.all().unwrap().len(), 2);
    }

    #[test]
    fn nothing_is_lost_when_many_make_tokens_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..32).map(|number| format!("token-{number}")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                let tokens = Tokens::of(folder.path());
                scope.spawn(move || tokens.create(name, Role::Edit, 1).unwrap());
            }
        });
        let made: std::collections::HashSet<String> =
            Tokens::of(folder.path()).all().unwrap().into_iter().map(|token| token.name).collect();
        assert_eq!(made, names.into_iter().collect());
    }
}
