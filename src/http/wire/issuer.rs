//! An issuer whose tokens are taken: its keys, from a file or an address, fetched beside. The last good ones stay in use.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::commit::access::{Identity, Role};
use crate::http::wire::jwt::{self, Algorithm, Bad, Key, Rules};

/// How often keys are fetched anyway.
const FETCH_EVERY: Duration = Duration::from_secs(600);
/// How often at most, whatever tokens name.
const FETCH_AT_MOST_EVERY: Duration = Duration::from_secs(60);
/// How long that may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest set of keys, in bytes.
const KEYS_BYTES_MAX: u64 = 256 * 1024;

/// Whose tokens are taken, as it is set.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Who issues them: their `iss`.
    pub issuer: String,
    /// For whom they must be: their `aud`.
    pub audience: String,
    /// File or address of its keys.
    pub keys: String,
    /// Names of algorithms.
    pub algorithms: Vec<String>,
    /// The claim that names roles.
    pub claim: String,
    /// What its words mean.
    pub roles: Vec<(String, Role)>,
}

impl Trust {
    fn rules(&self) -> Result<Rules, String> {
        let read = |name: &String| {
            Algorithm::from_name(name).ok_or_else(|| format!("`{name}` is no algorithm: RS256, ES256 and EdDSA are"))
        };
        Ok(Rules {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            algorithms: self.algorithms.iter().map(read).collect::<Result<_, _>>()?,
            claim: self.claim.clone(),
            roles: self.roles.clone(),
        })
    }

    fn address(&self) -> Option<&str> {
        ["https://", "http://"].iter().any(|scheme| self.keys.starts_with(scheme)).then_some(&*self.keys)
    }

    /// Whether it can be used. Keys at an address need not be there yet.
    ///
    /// # Errors
    /// With what is wrong.
    pub fn check(&self) -> Result<(), String> {
        self.rules()?;
        if self.address().is_none() { self.fetch().map(drop) } else { Ok(()) }
    }

    fn fetch(&self) -> Result<Vec<Key>, String> {
        let told = |cause: &dyn std::fmt::Display| format!("cannot use the keys of `{}`: {cause}", self.keys);
        let text = match self.address() {
            None => std::fs::read(Path::new(&self.keys)).map_err(|cause| told(&cause))?,
            Some(url) => {
                let agent: ureq::Agent =
                    ureq::Agent::config_builder().timeout_global(Some(FETCH_TIMEOUT)).build().into();
                let mut answer = agent.get(url).call().map_err(|cause| told(&cause))?;
                answer.body_mut().with_config().limit(KEYS_BYTES_MAX).read_to_vec().map_err(|cause| told(&cause))?
            }
        };
        jwt::keys(&text).map_err(|cause| told(&cause))
    }
}

/// An issuer.
pub struct Issuer {
    rules: Rules,
    keys: Arc<ArcSwap<Vec<Key>>>,
    /// Asks for keys to be fetched again.
    again: SyncSender<()>,
}

impl Issuer {
    /// Fetches its keys, now and then again.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn new(trust: Trust) -> Result<Self, String> {
        trust.check()?;
        let rules = trust.rules()?;
        let keys: Arc<ArcSwap<Vec<Key>>> = Arc::default();
        let (again, asked) = mpsc::sync_channel(1);
        let fetched = Arc::clone(&keys);
        match trust.fetch() {
            Ok(found) => fetched.store(Arc::new(found)),
            Err(reason) => tracing::warn!(reason, "no token of this issuer is good until its keys are there"),
        }
        let mut last = Instant::now();
        let run = move || {
            loop {
                match asked.recv_timeout(FETCH_EVERY) {
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                    Ok(()) | Err(mpsc::RecvTimeoutError::Timeout) => {}
                }
                std::thread::sleep(FETCH_AT_MOST_EVERY.saturating_sub(last.elapsed()));
                last = Instant::now();
                match trust.fetch() {
                    Ok(found) => fetched.store(Arc::new(found)),
                    Err(reason) => tracing::warn!(reason, "the keys from before stay in use"),
                }
            }
        };
        std::thread::Builder::new().name("issuer".into()).spawn(run).map_err(|cause| cause.to_string())?;
        Ok(Self { rules, keys, again })
    }

    /// Whose token that is; none when it is not good.
    pub fn identify(&self, token: &str, now_ms: i64) -> Option<Identity> {
        match self.rules.identify(token, &self.keys.load(), now_ms) {
            Ok(identity) => Some(identity),
            Err(Bad::Refused) => None,
            Err(Bad::UnknownKey) => {
                // When it is asked for already, that does.
                let _ = self.again.try_send(());
                None
            }
        }
    }
}
