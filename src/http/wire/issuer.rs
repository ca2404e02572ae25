//! An issuer whose tokens are taken: its keys, from a file or an address, fetched beside. The last good ones stay in use.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::commit::access::Identity;
use crate::http::wire::jwt::{self, Algorithm, Bad, Grant, Key, Rules};

/// How often keys are fetched.
#[derive(Clone, Copy)]
struct Pace {
    /// Anyway.
    every: Duration,
    /// At most, whatever tokens name.
    at_most_every: Duration,
}

const PACE: Pace = Pace { every: Duration::from_secs(600), at_most_every: Duration::from_secs(60) };
/// How long that may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest set of keys, in bytes.
const KEYS_BYTES_MAX: u64 = 256 * 1024;

/// Whose tokens are taken, as it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub roles: Vec<Grant>,
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
    trust: Trust,
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
        let fetched = trust.clone();
        Self::fetching(trust, PACE, move || fetched.fetch())
    }

    /// The one for what is trusted from now on. Where that is as before and at an address, it keeps its keys until there are others.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn after(before: Option<&Arc<Self>>, trust: Trust) -> Result<Arc<Self>, String> {
        match before {
            Some(issuer) if issuer.trust == trust && trust.address().is_some() => {
                issuer.fetch_again();
                Ok(Arc::clone(issuer))
            }
            _ => Self::new(trust).map(Arc::new),
        }
    }

    fn fetching(
        trust: Trust,
        pace: Pace,
        mut fetch: impl FnMut() -> Result<Vec<Key>, String> + Send + 'static,
    ) -> Result<Self, String> {
        let rules = trust.rules()?;
        let keys: Arc<ArcSwap<Vec<Key>>> = Arc::default();
        let (again, asked) = mpsc::sync_channel(1);
        let fetched = Arc::clone(&keys);
        match fetch() {
            Ok(found) => fetched.store(Arc::new(found)),
            Err(reason) => tracing::warn!(reason, "no token of this issuer is good until its keys are there"),
        }
        let mut last = Instant::now();
        let run = move || {
            loop {
                match asked.recv_timeout(pace.every) {
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                    Ok(()) | Err(mpsc::RecvTimeoutError::Timeout) => {}
                }
                std::thread::sleep(pace.at_most_every.saturating_sub(last.elapsed()));
                last = Instant::now();
                match fetch() {
                    Ok(found) => fetched.store(Arc::new(found)),
                    Err(reason) => tracing::warn!(reason, "the keys from before stay in use"),
                }
            }
        };
        std::thread::Builder::new().name("issuer".into()).spawn(run).map_err(|cause| cause.to_string())?;
        Ok(Self { trust, rules, keys, again })
    }

    /// Asks for its keys to be fetched again. When that is asked for already, that does.
    fn fetch_again(&self) {
        let _ = self.again.try_send(());
    }

    /// Whose token that is; none when it is not good.
    pub fn identify(&self, token: &str, now_ms: i64) -> Option<Identity> {
        match self.rules.identify(token, &self.keys.load(), now_ms) {
            Ok(identity) => Some(identity),
            Err(Bad::Refused(reason)) => {
                tracing::debug!(reason, "a token of the issuer is refused");
                None
            }
            Err(Bad::UnknownKey) => {
                tracing::debug!(reason = "its key is not known", "a token of the issuer is refused");
                self.fetch_again();
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
    use ring::rand::SystemRandom;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    fn trust() -> Trust {
        Trust {
            issuer: "https://i".into(),
            audience: "a".into(),
            keys: "https://i/jwks".into(),
            algorithms: vec!["EdDSA".into()],
            claim: "roles".into(),
            roles: Vec::new(),
        }
    }

    /// A pair of keys: the public one as the issuer tells it, and a token that the other has signed.
    fn pair(id: &str) -> (Vec<u8>, String) {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": BASE64.encode(pair.public_key().as_ref()) });
        let head = BASE64.encode(json!({ "alg": "EdDSA", "kid": id }).to_string());
        let claims = json!({ "iss": "https://i", "aud": "a", "sub": "anna", "exp": 2_000 });
        let message = format!("{head}.{}", BASE64.encode(claims.to_string()));
        let signed = BASE64.encode(pair.sign(message.as_bytes()).as_ref());
        (json!({ "keys": [key] }).to_string().into_bytes(), format!("{message}.{signed}"))
    }

    /// An issuer that has the first keys, and from then on the other ones; and how often it was asked.
    fn issuer(pace: Pace, first: Vec<u8>, then: Vec<u8>) -> (Issuer, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let fetch = move || {
            let is_first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            jwt::keys(if is_first { &first } else { &then }).map_err(|cause| cause.to_string())
        };
        (Issuer::fetching(trust(), pace, fetch).unwrap(), count)
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn tokens_that_name_unknown_keys_have_them_fetched_once_within_the_time() {
        let ((first, good), (then, new)) = (pair("first"), pair("then"));
        let (issuer, count) = issuer(Pace { every: HOUR, at_most_every: HOUR }, first, then);
        for _ in 0..1_000 {
            assert!(issuer.identify(&new, 1_000_000).is_none());
        }
        assert!(issuer.identify(&good, 1_000_000).is_some());
        assert_eq!(count.load(Ordering::SeqCst), 1, "when it began, and not again before the hour is over");
    }

    #[test]
    fn a_new_key_is_known_once_it_was_fetched_and_the_one_before_is_not() {
        let ((first, good), (then, new)) = (pair("first"), pair("then"));
        let (issuer, count) = issuer(Pace { every: HOUR, at_most_every: Duration::ZERO }, first, then);
        assert_eq!(count.load(Ordering::SeqCst), 1, "nothing names what is not known");
        let began = Instant::now();
        while issuer.identify(&new, 1_000_000).is_none() {
            assert!(began.elapsed() < Duration::from_secs(30), "its key does not come");
            std::thread::yield_now();
        }
        assert!(issuer.identify(&good, 1_000_000).is_none());
    }

    #[test]
    fn keys_stay_when_there_are_no_others() {
        let (first, good) = pair("first");
        let (issuer, count) = issuer(Pace { every: Duration::ZERO, at_most_every: Duration::ZERO }, first, b"?".into());
        let began = Instant::now();
        while count.load(Ordering::SeqCst) < 5 {
            assert!(began.elapsed() < Duration::from_secs(30), "it is not asked");
            std::thread::yield_now();
        }
        assert!(issuer.identify(&good, 1_000_000).is_some());
    }

    #[test]
    fn the_same_issuer_goes_on_and_another_does_not() {
        let (first, good) = pair("first");
        let (issuer, _) = issuer(Pace { every: HOUR, at_most_every: HOUR }, first, b"?".into());
        let issuer = Arc::new(issuer);
        let same = Issuer::after(Some(&issuer), trust()).unwrap();
        assert!(Arc::ptr_eq(&issuer, &same) && same.identify(&good, 1_000_000).is_some());
        let other = Trust { keys: "/nowhere/jwks".into(), ..trust() };
        assert!(Issuer::after(Some(&issuer), other).is_err());
    }
}
