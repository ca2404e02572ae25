//! etcd's own JSON gateway over HTTP: calls with a deadline of their own, to one member after the other.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::log::LogError;
use crate::secret;

/// So long one member may take for one call: longer than it takes to elect a leader would be waiting for one that is stopped.
const CALL: Duration = Duration::from_millis(1_000);
/// So long reading may take, whoever answers.
pub(super) const READ: Duration = Duration::from_millis(1_100);
/// So long a stream is followed before it is begun again: one whose member has gone silently tells nothing else.
const STREAM: Duration = Duration::from_secs(10);
/// A pause before the same is asked again.
const PAUSE: Duration = Duration::from_millis(50);
/// gRPC codes of what no repetition changes: bad arguments, no permission, no room, not known to it.
const FINAL: [i64; 4] = [3, 7, 8, 12];
/// The gRPC code of a member that wants to know who asks.
const UNAUTHENTICATED: i64 = 16;
/// An answer of many entries is long.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A key or a value, as the gateway takes it.
pub(super) fn text(of: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(of)
}

/// A key or a value, as the gateway tells it.
pub(super) fn bytes(of: &Json) -> Result<Vec<u8>, LogError> {
    let decoded = BASE64_STANDARD.decode(of.as_str().unwrap_or_default());
    decoded.map_err(|cause| LogError::Damaged(format!("etcd's answer does not read: {cause}")))
}

/// How the members are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Their addresses, such as `https://10.0.0.1:2379`.
    pub endpoints: Vec<String>,
    /// File with the certificates that theirs rest on, as PEM; those of the system when there is none.
    pub authority: Option<PathBuf>,
    /// Files with our own certificate and its key, as PEM.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// User, and file with the password.
    pub user: Option<(String, PathBuf)>,
}

/// The members.
pub struct Gateway {
    endpoints: Vec<String>,
    /// The one that answered last.
    preferred: AtomicUsize,
    agent: ureq::Agent,
    /// User and password.
    user: Option<(String, String)>,
    /// What the members gave for them.
    token: RwLock<Option<String>>,
    /// One asks for that at a time: members take long to look at a password, and for all who ask at once very long.
    asking: Mutex<()>,
}

fn read(path: &PathBuf) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|cause| format!("cannot read `{}`: {cause}", path.display()))
}

fn certificates(path: &PathBuf) -> Result<Vec<Certificate<'static>>, String> {
    let items = parse_pem(&read(path)?).collect::<Result<Vec<_>, _>>();
    let items = items.map_err(|cause| format!("`{}` does not read: {cause}", path.display()))?;
    let found: Vec<_> = items
        .into_iter()
        .filter_map(|item| if let PemItem::Certificate(certificate) = item { Some(certificate) } else { None })
        .collect();
    if found.is_empty() { Err(format!("`{}` has no certificate", path.display())) } else { Ok(found) }
}

fn tls(access: &Access) -> Result<TlsConfig, String> {
    let mut config = TlsConfig::builder();
    if let Some(authority) = &access.authority {
        config = config.root_certs(RootCerts::new_with_certs(&certificates(authority)?));
    }
    if let Some((certificate, key)) = &access.certificate {
        let chain = certificates(certificate)?;
        secret::check(key)?;
        let key = PrivateKey::from_pem(&read(key)?).map_err(|cause| format!("`{}`: {cause}", key.display()))?;
        config = config.client_cert(Some(ClientCert::new_with_certs(&chain, key)));
    }
    Ok(config.build())
}

impl Gateway {
    /// The members.
    ///
    /// # Errors
    /// With what is wrong with how they are to be reached.
    pub fn new(access: &Access) -> Result<Self, String> {
        let is_address = |it: &&String| it.starts_with("http://") || it.starts_with("https://");
        if let Some(wrong) = access.endpoints.iter().find(|it| !is_address(it)) {
            return Err(format!("`{wrong}` is no address of etcd, such as `https://10.0.0.1:2379`"));
        }
        if access.endpoints.is_empty() {
            return Err("no member of etcd is named".into());
        }
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).tls_config(tls(access)?);
        let user = match &access.user {
            Some((name, file)) => {
                secret::check(file)?;
                let password =
                    String::from_utf8(read(file)?).map_err(|_| format!("`{}` is no text", file.display()))?;
                Some((name.clone(), password.trim_end_matches(['\n', '\r']).to_owned()))
            }
            None => None,
        };
        let endpoints = access.endpoints.iter().map(|it| it.trim_end_matches('/').to_owned()).collect();
        Ok(Self {
            endpoints,
            preferred: AtomicUsize::new(0),
            agent: config.build().into(),
            user,
            token: RwLock::default(),
            asking: Mutex::default(),
        })
    }

    /// The members' addresses.
    pub fn endpoints(&self) -> &[String] {
        &self.endpoints
    }

    fn token(&self) -> Option<String> {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn post(
        &self,
        endpoint: &str,
        path: &str,
        body: &[u8],
        limit: Duration,
        token: Option<&str>,
    ) -> Result<ureq::Body, Failed> {
        let config = self.agent.post(format!("{endpoint}{path}")).config();
        let config = config.timeout_connect(Some(limit)).timeout_recv_response(Some(limit)).timeout_global(Some(limit));
        let mut request = config.build();
        if let Some(token) = token {
            request = request.header("Authorization", token);
        }
        let mut answer = request.send(body).map_err(|error| Failed {
            kind: Kind::Passing,
            // Only a member that was never reached cannot have done it.
            may_be_done: !matches!(&error, ureq::Error::ConnectionFailed | ureq::Error::HostNotFound)
                && !matches!(&error, ureq::Error::Io(cause) if cause.kind() == std::io::ErrorKind::ConnectionRefused),
            cause: format!("{endpoint}: {error}"),
        })?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        let text = answer.body_mut().read_to_string().unwrap_or_default();
        let told: Json = serde_json::from_str(&text).unwrap_or_default();
        let cause = told["error"].as_str().unwrap_or(&text);
        let kind = match told["code"].as_i64() {
            Some(UNAUTHENTICATED) => Kind::Unauthenticated,
            // So that version says that it asks anew for who asks.
            _ if cause.contains("invalid auth token") || cause.contains("user name is empty") => Kind::Unauthenticated,
            Some(code) if FINAL.contains(&code) => Kind::Final,
            _ => Kind::Passing,
        };
        Err(Failed { kind, may_be_done: kind == Kind::Passing, cause: format!("{endpoint}: {cause}") })
    }

    /// Says who asks, for what the members give to that, unless somebody else has that by now in place of what was refused.
    fn authenticate(&self, endpoint: &str, limit: Duration, refused: Option<String>) -> Result<Option<String>, Failed> {
        let Some((name, password)) = &self.user else {
            let cause = format!("{endpoint}: it asks for a user");
            return Err(Failed { kind: Kind::Final, may_be_done: false, cause });
        };
        let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let token = self.token();
        if token != refused {
            return Ok(token);
        }
        let body = json!({ "name": name, "password": password }).to_string();
        let answer =
            self.post(endpoint, "/v3/auth/authenticate", body.as_bytes(), limit.min(CALL), None).and_then(taken);
        let answer = answer.map_err(|failed| Failed { may_be_done: false, ..failed })?;
        let token = answer["token"].as_str().map(str::to_owned);
        self.token.write().unwrap_or_else(PoisonError::into_inner).clone_from(&token);
        Ok(token)
    }

    /// A member waits for what would prove a token: for one of an etcd that was lost, for longer than we wait for an answer, so that
    /// it never says that the token is not good. Whoever gets no answer asks for another one.
    fn forget(&self, token: Option<String>) {
        let mut known = self.token.write().unwrap_or_else(PoisonError::into_inner);
        if *known == token {
            *known = None;
        }
    }

    fn open(&self, endpoint: &str, path: &str, body: &[u8], limit: Duration) -> Result<ureq::Body, Failed> {
        let token = self.token();
        match self.post(endpoint, path, body, limit, token.as_deref()) {
            Err(Failed { kind: Kind::Unauthenticated, .. }) => {
                let token = self.authenticate(endpoint, limit, token)?;
                self.post(endpoint, path, body, limit, token.as_deref())
            }
            answer => answer,
        }
    }

    fn ask(&self, endpoint: &str, path: &str, body: &[u8], limit: Duration) -> Result<Json, Failed> {
        self.open(endpoint, path, body, limit).and_then(taken)
    }

    /// Asks one member after the other until one answers, for that long. What is asked must come to the same however often it is
    /// done.
    pub fn call(&self, path: &str, body: &Json, within: Duration) -> Result<Json, LogError> {
        let (until, body) = (Instant::now() + within, body.to_string());
        let (mut may_be_done, token) = (false, self.token());
        loop {
            let at = self.preferred.load(Ordering::Relaxed) % self.endpoints.len();
            let left = until.saturating_duration_since(Instant::now());
            let failed = match self.ask(&self.endpoints[at], path, body.as_bytes(), left.min(CALL).max(PAUSE)) {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            self.preferred.store(at + 1, Ordering::Relaxed);
            may_be_done |= failed.may_be_done;
            if failed.kind != Kind::Passing && !may_be_done {
                return Err(LogError::Refused(failed.cause));
            }
            if Instant::now() + PAUSE >= until {
                self.forget(token);
                return Err(if may_be_done { LogError::Unknown(failed.cause) } else { LogError::Away(failed.cause) });
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Asks that very member, once.
    pub fn call_member(&self, endpoint: &str, path: &str, body: &Json) -> Result<Json, LogError> {
        let answer = self.ask(endpoint, path, body.to_string().as_bytes(), CALL);
        answer.map_err(|failed| LogError::Away(failed.cause))
    }

    /// A page that a member shows, such as its metrics, and the date that goes with it.
    pub fn page(&self, endpoint: &str, path: &str) -> Result<(String, Option<String>), LogError> {
        let request = self.agent.get(format!("{endpoint}{path}")).config().timeout_global(Some(CALL)).build();
        let answer = request.call().and_then(|mut answer| {
            let date = answer.headers().get("date").and_then(|date| date.to_str().ok()).map(str::to_owned);
            Ok((answer.body_mut().read_to_string()?, date))
        });
        answer.map_err(|error| LogError::Away(format!("{endpoint}: {error}")))
    }

    /// A stream of answers from one member, for some seconds.
    pub fn stream(&self, path: &str, body: &Json) -> Result<impl std::io::Read + use<>, LogError> {
        let at = self.preferred.load(Ordering::Relaxed) % self.endpoints.len();
        match self.open(&self.endpoints[at], path, body.to_string().as_bytes(), STREAM) {
            Ok(body) => Ok(body.into_reader()),
            Err(failed) => {
                self.preferred.store(at + 1, Ordering::Relaxed);
                Err(LogError::Away(failed.cause))
            }
        }
    }
}

fn taken(mut body: ureq::Body) -> Result<Json, Failed> {
    let failed = |cause: String| Failed { kind: Kind::Passing, may_be_done: true, cause };
    let text = body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec().map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Another member, or the same one later, may do it.
    Passing,
    /// None will.
    Final,
    /// It wants to know who asks.
    Unauthenticated,
}

/// Why a member did not answer.
struct Failed {
    kind: Kind,
    may_be_done: bool,
    cause: String,
}
