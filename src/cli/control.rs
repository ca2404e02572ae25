//! What an operator's command asks of a data folder: itself when nobody has the folder open, else the server that has, through a
//! socket in the folder that only its owner may use.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cli::failure::Failure;
use crate::cli::owner;
use crate::cli::words::now_ms;
use crate::commit::access::Role;
use crate::commit::tokens::{Token, TokenError, Wish, is_good};
use crate::commit::{CommitError, Ledger};
use crate::model::Kind;

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Request {
    /// Make a token.
    CreateToken {
        /// Its name.
        name: String,
        /// The word of its role.
        role: String,
        /// Until when, in milliseconds since 1970; none until it is revoked.
        #[serde(default)]
        expires_at_ms: Option<i64>,
        /// Keys of the bodies whose records it may write; none for all.
        #[serde(default)]
        bodies: Vec<String>,
    },
    /// Make a token in place of one.
    RotateToken {
        /// Its name.
        name: String,
        /// For how many milliseconds the one before stays good.
        keep_ms: i64,
        /// Until when the new one is good.
        expires_at_ms: Option<i64>,
    },
    /// List the tokens.
    ListTokens,
    /// Revoke a token.
    RevokeToken {
        /// Its name.
        name: String,
    },
}

/// A token as it is listed. Times are milliseconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// The word of its role.
    pub role: String,
    /// "good", "revoked" or "expired".
    pub state: String,
    /// When it was made.
    pub created_at_ms: i64,
    /// Until when it is good.
    pub expires_at_ms: Option<i64>,
    /// When it was last used, as far as that is known.
    pub used_at_ms: Option<i64>,
    /// Keys of the bodies whose records it may write; none for all.
    pub bodies: Vec<String>,
}

/// What comes of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The secret of a new token.
    Secret(String),
    /// The tokens.
    Tokens(Vec<Listed>),
    /// It is done.
    Done,
    /// It is not done.
    Refused {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
        /// The exit code.
        code: u8,
    },
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        let message = error.to_string();
        match error {
            TokenError::Commit(error) => error.into(),
            TokenError::File { .. } => {
                let hint = "restore the file from a backup, or delete it, start again and make new tokens";
                Self::machine(message, hint)
            }
            TokenError::Randomness(_) => Self::machine(message, "try again"),
            TokenError::Exists(_) => Self::usage(message, "revoke it first, or choose another --name"),
            TokenError::Unknown(_) => Self::usage(message, "see `boordtabel token list`"),
            TokenError::Name(_) => Self::usage(message, "give a name of at most 250 bytes without control characters"),
        }
    }
}

fn perform(ledger: &Ledger, request: Request) -> Result<Answer, Failure> {
    match request {
        Request::CreateToken { name, role, expires_at_ms, bodies } => {
            let role = Role::from_word(&role)
                .ok_or_else(|| Failure::usage(format!("`{role}` is no role"), "use the program of the server"))?;
            for body in &bodies {
                if !ledger.register().all(Kind::Organisation).any(|node| node.key.as_str() == body) {
                    let message = format!("there is no organisation `{body}`");
                    return Err(Failure::usage(message, "give the key of an organisation of the register"));
                }
            }
            let wish = Wish { name, role, expires_at_ms, bodies };
            Ok(Answer::Secret(ledger.make_token(&wish, now_ms())?))
        }
        Request::RotateToken { name, keep_ms, expires_at_ms } => {
            Ok(Answer::Secret(ledger.rotate_token(&name, keep_ms, expires_at_ms, now_ms())?))
        }
        Request::ListTokens => {
            let tokens = ledger.tokens().all()?;
            let row = |token: &Token| Listed {
                name: token.name.clone(),
                role: token.role.clone(),
                state: match token {
                    Token { revoked_at_ms: Some(_), .. } => "revoked",
                    token if !is_good(token, now_ms()) => "expired",
                    _ => "good",
                }
                .into(),
                created_at_ms: token.created_at_ms,
                expires_at_ms: token.expires_at_ms,
                used_at_ms: ledger.tokens().used().last(&token.hash),
                bodies: token.bodies.clone(),
            };
            Ok(Answer::Tokens(tokens.iter().map(row).collect()))
        }
        Request::RevokeToken { name } => {
            ledger.revoke_token(&name, now_ms())?;
            Ok(Answer::Done)
        }
    }
}

/// Has it done, by whoever has the folder open.
///
/// # Errors
/// With what is wrong and what to do.
pub fn ask(data: &Path, request: Request) -> Result<Answer, Failure> {
    if let Err(refused) = owner::check(data) {
        // A server writes as itself, whoever asks.
        return match remote::ask(data, &request) {
            Ok(Answer::Refused { message, hint, code }) => Err(Failure { message, hint, code }),
            answer => answer.map_err(|_| refused),
        };
    }
    match Ledger::open(data) {
        Ok(ledger) => {
            let answer = perform(&ledger, request);
            ledger.close()?;
            answer
        }
        Err(locked @ CommitError::Locked(_)) => match remote::ask(data, &request) {
            Ok(Answer::Refused { message, hint, code }) => Err(Failure { message, hint, code }),
            Ok(answer) => Ok(answer),
            Err(cause) => Err(Failure::machine(
                format!("{locked}, and no server answers in it: {cause}"),
                "wait until the other command has ended; a server of an earlier version must be stopped first",
            )),
        },
        Err(error) => Err(error.into()),
    }
}

/// Answers commands until the program ends. Where that is not possible, commands say so, and the server runs without.
pub fn listen(data: &Path, ledger: &Arc<Ledger>) {
    if let Err(cause) = remote::listen(data, Arc::clone(ledger)) {
        tracing::warn!(%cause, "commands such as `token create` cannot reach this server: stop it for them");
    }
}

#[cfg(not(unix))]
mod remote {
    use super::*;
    use std::io::{Error, ErrorKind, Result};

    pub fn ask(_: &Path, _: &Request) -> Result<Answer> {
        Err(Error::new(ErrorKind::Unsupported, "this system has no such sockets"))
    }

    pub fn listen(_: &Path, _: Arc<Ledger>) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "this system has no such sockets"))
    }
}

#[cfg(unix)]
mod remote {
    use std::fs::{self, File, Permissions};
    use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::PathBuf;
    use std::time::{Duration, Instant};

    use super::*;

    /// The folder in the data folder that holds the socket: nobody else may even look into it.
    const FOLDER: &str = "control";
    const SOCKET: &str = "socket";
    /// How long either side waits for the other.
    const PATIENCE: Duration = Duration::from_secs(30);
    /// How long a server may take to open its folder.
    const STARTING: Duration = Duration::from_secs(10);
    const REQUEST_BYTES_MAX: u64 = 1 << 16;

    /// The address of the socket. An address has at most 107 bytes; through the open folder it is short wherever that lies.
    fn address(folder: &File, path: &Path) -> PathBuf {
        let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
        if short.exists() { short.join(SOCKET) } else { path.join(SOCKET) }
    }

    pub fn ask(data: &Path, request: &Request) -> io::Result<Answer> {
        let path = data.join(FOLDER);
        let begun = Instant::now();
        let mut stream = loop {
            let connected = File::open(&path).and_then(|folder| UnixStream::connect(address(&folder, &path)));
            match connected {
                // It may be about to open.
                Err(_) if begun.elapsed() < STARTING => std::thread::sleep(Duration::from_millis(20)),
                connected => break connected?,
            }
        };
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(format!("{}\n", serde_json::to_string(request)?).as_bytes())?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    pub fn listen(data: &Path, ledger: Arc<Ledger>) -> io::Result<()> {
        let path = data.join(FOLDER);
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                fs::set_permissions(&path, Permissions::from_mode(0o700))?;
            }
            made => made?,
        }
        // A server that was killed leaves it behind; nobody else has the folder open.
        match fs::remove_file(path.join(SOCKET)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        let folder = File::open(&path)?;
        let listener = UnixListener::bind(address(&folder, &path))?;
        let serve = move || {
            for stream in listener.incoming().flatten() {
                if let Err(cause) = answer(stream, &ledger) {
                    tracing::warn!(%cause, "a command went away before it was answered");
                }
            }
        };
        std::thread::Builder::new().name("control".into()).spawn(serve).map(|_| ())
    }

    fn answer(stream: UnixStream, ledger: &Ledger) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut line = String::new();
        BufReader::new(stream.try_clone()?.take(REQUEST_BYTES_MAX)).read_line(&mut line)?;
        let performed = match serde_json::from_str(&line) {
            Ok(request) => perform(ledger, request),
            Err(_) => Err(Failure::usage("the server does not know this command", "use the program of its version")),
        };
        let answer =
            performed.unwrap_or_else(|Failure { message, hint, code }| Answer::Refused { message, hint, code });
        let mut stream = stream;
        stream.write_all(format!("{}\n", serde_json::to_string(&answer)?).as_bytes())
    }
}
