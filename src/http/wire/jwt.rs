//! Tokens of others: JSON Web Tokens that an issuer of OpenID Connect has signed (RFC 7519, 7515, 7517).
//!
//! What algorithm a token may have is decided here, never by the token; a key is used for its own sort of algorithm only.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::commit::access::{Identity, Role};

/// Longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// By how much the clocks of two machines may differ, in seconds.
const LEEWAY_S: i64 = 60;
/// Longest name of somebody, in characters.
const NAME_CHARS_MAX: usize = 200;

/// With what tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with SHA-256, keys of 2 048 bits or more.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// A key of an issuer.
#[derive(Debug)]
pub struct Key {
    id: Option<String>,
    public: Public,
}

#[derive(Debug)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

impl Jwk {
    fn key(self) -> Option<Key> {
        if self.used_for.as_deref().is_some_and(|used_for| used_for != "sig") {
            return None;
        }
        let part = |part: &Option<String>| part.as_deref().and_then(decoded);
        let public = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => Public::Rsa { n: part(&self.n)?, e: part(&self.e)? },
            ("EC", Some("P-256")) => Public::P256([vec![4], part(&self.x)?, part(&self.y)?].concat()),
            ("OKP", Some("Ed25519")) => Public::Ed25519(part(&self.x)?),
            _ => return None,
        };
        let key = Key { id: self.kid, public };
        // A key that says for what it is, is for nothing else.
        let fits = |name: &str| Algorithm::from_name(name).is_some_and(|algorithm| key.is_for(algorithm));
        self.alg.as_deref().is_none_or(fits).then_some(key)
    }
}

impl Key {
    fn is_for(&self, algorithm: Algorithm) -> bool {
        matches!(
            (&self.public, algorithm),
            (Public::Rsa { .. }, Algorithm::Rs256)
                | (Public::P256(_), Algorithm::Es256)
                | (Public::Ed25519(_), Algorithm::EdDsa)
        )
    }

    fn has_signed(&self, message: &[u8], signed: &[u8]) -> bool {
        match &self.public {
            Public::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signed).is_ok()
            }
            Public::P256(point) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signed).is_ok()
            }
            Public::Ed25519(point) => {
                UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signed).is_ok()
            }
        }
    }
}

/// The keys of a set that can be used; others are passed over.
///
/// # Errors
/// When it is no set of keys, or none of them can be used.
pub fn keys(text: &[u8]) -> Result<Vec<Key>, String> {
    let jwks: Jwks = serde_json::from_slice(text).map_err(|cause| format!("it is no JWKS: {cause}"))?;
    let keys: Vec<Key> = jwks.keys.into_iter().filter_map(Jwk::key).collect();
    if keys.is_empty() { Err("none of its keys is RSA, P-256 or Ed25519 and for signatures".into()) } else { Ok(keys) }
}

/// What a word of an issuer means here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The word.
    pub word: String,
    /// Our role.
    pub role: Role,
    /// The body for which it is; none for all.
    pub body: Option<String>,
}

impl Grant {
    /// Reads `editors=edit`, or `editors-of-one=edit@one` for one body. None when it is neither.
    pub fn read(text: &str) -> Option<Self> {
        let (word, meant) = text.split_once('=')?;
        let (role, body) = meant.split_once('@').map_or((meant, None), |(role, body)| (role, Some(body.to_owned())));
        let role = Role::from_word(&role.to_ascii_uppercase())?;
        (!word.is_empty() && body.as_deref() != Some("")).then(|| Self { word: word.to_owned(), role, body })
    }
}

/// What tokens must say.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Who has issued them.
    pub issuer: String,
    /// For whom they are.
    pub audience: String,
    /// With what they may be signed.
    pub algorithms: Vec<Algorithm>,
    /// The claim that names roles.
    pub claim: String,
    /// What its words mean.
    pub roles: Vec<Grant>,
}

/// Why a token is not good.
#[derive(Debug, PartialEq, Eq)]
pub enum Bad {
    /// It is signed by a key that is not known: perhaps a new one.
    UnknownKey,
    /// Anything else: in words that have nothing of the token.
    Refused(&'static str),
}

const MALFORMED: Bad = Bad::Refused("it does not read");

/// Whether a text has the form of such a token.
pub fn is_one(text: &str) -> bool {
    text.len() <= TOKEN_BYTES_MAX && text.split('.').count() == 3
}

impl Rules {
    /// Whose token that is.
    ///
    /// # Errors
    /// When it is not good.
    pub fn identify(&self, token: &str, keys: &[Key], now_ms: i64) -> Result<Identity, Bad> {
        let claims = self.claims(token, keys)?;
        self.who(&claims, now_ms.div_euclid(1_000)).map_err(Bad::Refused)
    }

    fn claims(&self, token: &str, keys: &[Key]) -> Result<Json, Bad> {
        if !is_one(token) {
            return Err(MALFORMED);
        }
        let (message, signed) = token.rsplit_once('.').ok_or(MALFORMED)?;
        let (head, claims) = message.split_once('.').ok_or(MALFORMED)?;
        let json =
            |text: &str| decoded(text).and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok()).ok_or(MALFORMED);
        let head = json(head)?;
        let algorithm = head["alg"].as_str().and_then(Algorithm::from_name).filter(|it| self.algorithms.contains(it));
        let algorithm = algorithm.ok_or(Bad::Refused("its `alg` is none of those that are set"))?;
        // What must be understood and is not, is not good.
        if head.get("crit").is_some() {
            return Err(Bad::Refused("it has a `crit` header"));
        }
        let id = head["kid"].as_str();
        let mut fitting = keys.iter().filter(|key| key.is_for(algorithm) && (id.is_none() || key.id.as_deref() == id));
        let signed = decoded(signed).ok_or(MALFORMED)?;
        let Some(first) = fitting.next() else { return Err(Bad::UnknownKey) };
        let is_signed = first.has_signed(message.as_bytes(), &signed)
            || fitting.any(|key| key.has_signed(message.as_bytes(), &signed));
        if is_signed { json(claims) } else { Err(Bad::Refused("its signature is not good")) }
    }

    fn who(&self, claims: &Json, now_s: i64) -> Result<Identity, &'static str> {
        let second = |name: &str| claims[name].as_f64().map(|second| second as i64);
        let is_for_us = match &claims["aud"] {
            Json::String(audience) => *audience == self.audience,
            Json::Array(all) => all.iter().any(|audience| *audience == self.audience.as_str()),
            _ => false,
        };
        let is_begun = second("nbf").map_or(claims["nbf"].is_null(), |from| from.saturating_sub(LEEWAY_S) <= now_s);
        let good = [
            (claims["iss"] == self.issuer.as_str(), "its `iss` is not the one that is set"),
            (is_for_us, "its `aud` is not the one that is set"),
            (second("exp").is_some_and(|to| to.saturating_add(LEEWAY_S) > now_s), "its `exp` is over, or not there"),
            (is_begun, "its `nbf` is not yet, or no number"),
        ];
        good.into_iter().try_for_each(|(is_so, reason)| if is_so { Ok(()) } else { Err(reason) })?;
        let may_be = |name: &&str| {
            !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control)
        };
        let name = claims["sub"].as_str().filter(may_be).ok_or("its `sub` is no name")?;
        let words: Vec<&str> = match &claims[&self.claim] {
            Json::String(words) => words.split(' ').collect(),
            Json::Array(all) => all.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        // The strongest role counts, for the bodies for which it was given.
        let given = || self.roles.iter().filter(|grant| words.contains(&grant.word.as_str()));
        let role = given().map(|grant| grant.role).max().unwrap_or(Role::Read);
        let bodies: Option<Vec<String>> =
            given().filter(|grant| grant.role == role).map(|grant| grant.body.clone()).collect();
        let identity = Identity::new(format!("{name}@{}", host(&self.issuer)), role);
        Ok(identity.of_bodies(bodies.unwrap_or_default()))
    }
}

/// The host of an issuer: nobody else's names end with it.
fn host(issuer: &str) -> &str {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}
