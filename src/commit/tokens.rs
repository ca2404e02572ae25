//! Tokens: who may write. Each is 32 random bytes, shown once; the journal keeps its hash.
//!
//! They are entries of the journal: as durable, chained and checked as commits, but part of no revision, no export and nobody's
//! history. An earlier program kept them in `tokens.json`; that file is read until something is written, which then makes
//! entries of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::commit::access::{ANONYMOUS, Identity, Role};
use crate::commit::error::CommitError;
use crate::commit::used::Used;
use crate::journal::disk::sync_folder;
pub use crate::store::codec::Token;

/// How every token begins, so that one that leaked can be recognised.
const PREFIX: &str = "bt_";
/// Bytes of randomness.
const SECRET_BYTES: usize = 32;
/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 250;

/// Why tokens cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file of an earlier program does not read. Nobody's token is good then.
    #[error("cannot read `{path}`: {cause}")]
    File {
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// There is no randomness.
    #[error("cannot draw randomness: {0}")]
    Randomness(getrandom::Error),
    /// There is a good token of that name.
    #[error("there is a token `{0}` already")]
    Exists(String),
    /// There is no good token of that name.
    #[error("there is no token `{0}` that could be revoked")]
    Unknown(String),
    /// The name is no name.
    #[error("`{0}` is no name for a token")]
    Name(String),
    /// It could not be written down.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// The tokens of a data folder.
pub struct Tokens {
    file: PathBuf,
    known: ArcSwap<Vec<Token>>,
    state: RwLock<State>,
    used: Used,
}

enum State {
    /// The journal has them.
    InJournal,
    /// The file has them.
    InFile,
    /// The file has them and does not read.
    Unreadable(String),
}

/// A token as an earlier program wrote it down. Nothing may be missing or unknown: a flipped bit must not make it good again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    name: String,
    role: String,
    hash: String,
    created_at_ms: i64,
    #[serde(deserialize_with = "Option::deserialize")]
    revoked_at_ms: Option<i64>,
}

impl Tokens {
    /// The tokens of a data folder, before its journal was read.
    pub fn of(folder: &Path) -> Self {
        let file = folder.join("tokens.json");
        Self { file, known: ArcSwap::default(), state: RwLock::new(State::InJournal), used: Used::of(folder) }
    }

    /// Takes what an entry of the journal, or the store, says.
    pub fn learn(&self, tokens: Vec<Token>) {
        let mut known = Vec::clone(&self.known.load());
        for token in tokens {
            match known.iter_mut().find(|known| known.hash == token.hash) {
                Some(known) => *known = token,
                None => known.push(token),
            }
        }
        self.known.store(Arc::new(known));
    }

    /// Forgets everything: the journal is read again from its beginning.
    pub fn forget(&self) {
        self.known.store(Arc::default());
    }

    /// All of the journal was read: where it has no token, those in the file count.
    pub fn read_file(&self) {
        if !self.known.load().is_empty() {
            self.remove_file();
        }
        self.look_at_file();
    }

    /// The same in a folder in which nothing may be changed.
    pub fn look_at_file(&self) {
        let state = if !self.known.load().is_empty() {
            State::InJournal
        } else {
            match read(&self.file) {
                Ok(tokens) if tokens.is_empty() => State::InJournal,
                Ok(tokens) => {
                    self.known.store(Arc::new(tokens));
                    State::InFile
                }
                Err(cause) => {
                    tracing::error!(path = %self.file.display(), %cause, "the tokens do not read: none of them is good");
                    State::Unreadable(cause.to_string())
                }
            }
        };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the journal is still to have.
    pub(super) fn to_adopt(&self) -> Option<Arc<Vec<Token>>> {
        matches!(*self.state(), State::InFile).then(|| self.known.load_full()).filter(|tokens| !tokens.is_empty())
    }

    /// The journal has what the file had.
    pub(super) fn adopted(&self) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State::InJournal;
        self.remove_file();
    }

    /// What the journal has of tokens; for the store.
    pub(super) fn in_journal(&self) -> Arc<Vec<Token>> {
        if matches!(*self.state(), State::InJournal) { self.known.load_full() } else { Arc::default() }
    }

    /// The file says nothing any more, and whoever finds it should not think so.
    fn remove_file(&self) {
        let aside = self.file.with_extension("json.adopted");
        let moved = match fs::rename(&self.file, &aside) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return,
            moved => moved.and_then(|()| sync_folder(self.file.parent().unwrap_or(Path::new(".")))),
        };
        if let Err(cause) = moved {
            tracing::warn!(path = %self.file.display(), %cause, "the journal has these tokens; the file is not put aside");
        }
    }

    /// All tokens, also those that were revoked.
    ///
    /// # Errors
    /// When the file of an earlier program does not read.
    pub fn all(&self) -> Result<Arc<Vec<Token>>, TokenError> {
        match &*self.state() {
            State::Unreadable(cause) => {
                Err(TokenError::File { path: self.file.clone(), cause: io::Error::other(cause.clone()) })
            }
            _ => Ok(self.known.load_full()),
        }
    }

    /// When each was last used, as far as that is known.
    pub fn used(&self) -> &Used {
        &self.used
    }

    /// Whose secret that is; none when it is nobody's, was revoked, or has expired.
    ///
    /// # Errors
    /// When the file of an earlier program does not read.
    pub fn identify(&self, secret: &str, now_ms: i64) -> Result<Option<Identity>, TokenError> {
        let given = blake3::hash(secret.as_bytes());
        let tokens = self.all()?;
        // The comparison takes the same time wherever the first difference is.
        let is_it = |token: &&Token| is_good(token, now_ms) && blake3::Hash::from(token.hash) == given;
        let Some(token) = tokens.iter().find(is_it) else { return Ok(None) };
        self.used.note(&token.hash, now_ms);
        let role = Role::from_word(&token.role);
        Ok(role.map(|role| Identity::new(&token.name, role).of_bodies(token.bodies.iter().cloned())))
    }

    /// A new token with its secret.
    ///
    /// # Errors
    /// When there is one of that name, or the name is none.
    pub(super) fn make(&self, wish: &Wish, now_ms: i64) -> Result<(Token, String), TokenError> {
        let name = &wish.name;
        let is_unfit = name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control);
        if name == ANONYMOUS || name.trim().is_empty() || is_unfit {
            return Err(TokenError::Name(name.escape_default().to_string()));
        }
        if self.all()?.iter().any(|token| token.name == *name && is_good(token, now_ms)) {
            return Err(TokenError::Exists(name.clone()));
        }
        draw(Token {
            name: name.clone(),
            role: wish.role.word().to_owned(),
            created_at_ms: now_ms,
            expires_at_ms: wish.expires_at_ms,
            bodies: wish.bodies.clone(),
            ..Token::default()
        })
    }

    /// A token in place of those of that name, which are good for so long still, and these as they are then.
    ///
    /// # Errors
    /// When there is none that is good.
    pub(super) fn rotated(
        &self,
        name: &str,
        keep_ms: i64,
        expires_at_ms: Option<i64>,
        now_ms: i64,
    ) -> Result<(Vec<Token>, String), TokenError> {
        let mut tokens = self.good(name, now_ms)?;
        let latest = tokens.last().cloned().unwrap_or_default();
        let until = now_ms.saturating_add(keep_ms.max(0));
        for token in &mut tokens {
            if keep_ms <= 0 {
                token.revoked_at_ms = Some(now_ms);
            } else {
                token.expires_at_ms = Some(token.expires_at_ms.map_or(until, |expires| expires.min(until)));
            }
        }
        // One that was to end has a successor that ends too: after as long a time.
        let as_long = latest.expires_at_ms.map(|at_ms| now_ms.saturating_add(at_ms - latest.created_at_ms));
        let expires_at_ms = expires_at_ms.or(as_long);
        let (token, secret) = draw(Token { created_at_ms: now_ms, expires_at_ms, ..latest })?;
        tokens.push(token);
        Ok((tokens, secret))
    }

    /// The good tokens of that name, oldest first.
    fn good(&self, name: &str, now_ms: i64) -> Result<Vec<Token>, TokenError> {
        let all = self.all()?;
        let good: Vec<Token> = all.iter().filter(|it| it.name == name && is_good(it, now_ms)).cloned().collect();
        if good.is_empty() { Err(TokenError::Unknown(name.to_owned())) } else { Ok(good) }
    }

    /// The good tokens of that name, revoked.
    ///
    /// # Errors
    /// When there is none that is good.
    pub(super) fn revoked(&self, name: &str, now_ms: i64) -> Result<Vec<Token>, TokenError> {
        let mut tokens = self.good(name, now_ms)?;
        tokens.iter_mut().for_each(|token| token.revoked_at_ms = Some(now_ms));
        Ok(tokens)
    }
}

/// What a token is to be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// What it allows.
    pub role: Role,
    /// Until when; none until it is revoked.
    pub expires_at_ms: Option<i64>,
    /// Keys of the bodies whose records it may write; none for all.
    pub bodies: Vec<String>,
}

/// Whether a token is good at that time.
pub fn is_good(token: &Token, now_ms: i64) -> bool {
    token.revoked_at_ms.is_none() && token.expires_at_ms.is_none_or(|expires| now_ms < expires)
}

/// That token with a new secret.
fn draw(token: Token) -> Result<(Token, String), TokenError> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(TokenError::Randomness)?;
    let secret = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
    let hash = *blake3::hash(secret.as_bytes()).as_bytes();
    Ok((Token { hash, ..token }, secret))
}

fn read(file: &Path) -> io::Result<Vec<Token>> {
    let text = match fs::read(file) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    let stored: Vec<Stored> = serde_json::from_slice(&text)?;
    let token = |stored: Stored| {
        let hash = blake3::Hash::from_hex(&stored.hash).map_err(io::Error::other)?;
        let Stored { name, role, created_at_ms, revoked_at_ms, .. } = stored;
        Ok(Token { name, role, hash: *hash.as_bytes(), created_at_ms, revoked_at_ms, ..Token::default() })
    };
    stored.into_iter().map(token).collect()
}
