//! Tokens of an issuer of OpenID Connect: which are taken, and which are not.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use serde_json::{Value as Json, json};

use crate::server::{Server, journal, with_common};
use crate::support::arg;

enum Signer {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl Signer {
    fn es256() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self::Es256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap())
    }

    fn eddsa() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::EdDsa(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
    }

    /// A key of RSA, where there is somebody who makes one.
    fn rs256() -> Option<Self> {
        let made = std::process::Command::new("openssl").args(["genpkey", "-algorithm", "RSA"]).output();
        let made = made.ok().filter(|made| made.status.success())?;
        let text = String::from_utf8(made.stdout).unwrap();
        let inside: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let pkcs8 = base64::prelude::BASE64_STANDARD.decode(inside).unwrap();
        Some(Self::Rs256(RsaKeyPair::from_pkcs8(&pkcs8).unwrap()))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Es256(_) => "ES256",
            Self::EdDsa(_) => "EdDSA",
            Self::Rs256(_) => "RS256",
        }
    }

    fn jwk(&self, id: &str) -> Json {
        match self {
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "x": x, "y": y })
            }
            Self::EdDsa(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": BASE64.encode(pair.public_key().as_ref()) })
            }
            Self::Rs256(pair) => {
                let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "kid": id, "alg": "RS256", "n": BASE64.encode(public.n), "e": BASE64.encode(public.e) })
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Es256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rs256(pair) => {
                let mut signed = vec![0; pair.public().modulus_len()];
                pair.sign(&ring::signature::RSA_PKCS1_SHA256, &random, message, &mut signed).unwrap();
                signed
            }
        }
    }

    fn token(&self, head: &Json, claims: &Json) -> String {
        let message = format!("{}.{}", BASE64.encode(head.to_string()), BASE64.encode(claims.to_string()));
        format!("{message}.{}", BASE64.encode(self.sign(message.as_bytes())))
    }

    fn good(&self, id: &str, claims: &Json) -> String {
        self.token(&json!({ "alg": self.name(), "kid": id, "typ": "JWT" }), claims)
    }
}

const ISSUER: &str = "https://login.example.org/realms/plan";

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn claims() -> Json {
    json!({ "iss": ISSUER, "aud": ["x", "boordtabel"], "sub": "anna", "exp": now() + 300, "roles": ["planners", "staff"] })
}

fn with(name: &str, value: Json) -> Json {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn serve(data: &Path, jwks: &str, algorithms: &str) -> Server {
    let roles = "planners=edit,controllers=import";
    Server::start_with(
        data,
        &[
            "--oidc-issuer",
            ISSUER,
            "--oidc-audience",
            "boordtabel",
            "--oidc-jwks",
            jwks,
            "--oidc-algorithm",
            algorithms,
            "--oidc-role",
            roles,
        ],
    )
}

fn status(server: &Server, token: &str) -> u16 {
    server.send(Some(token), "{ __typename }", json!({})).status
}

#[test]
fn only_what_the_issuer_signed_for_us_and_for_now_is_good() {
    let home = tempfile::tempdir().unwrap();
    let (es256, eddsa, stranger) = (Signer::es256(), Signer::eddsa(), Signer::es256());
    let rs256 = Signer::rs256();
    let mut keys = vec![es256.jwk("e"), eddsa.jwk("d")];
    keys.extend(rs256.as_ref().map(|it| it.jwk("r")));
    let jwks = home.path().join("jwks.json");
    fs::write(&jwks, json!({ "keys": keys }).to_string()).unwrap();
    let server = serve(&home.path().join("data"), arg(&jwks), "ES256,RS256");

    assert_eq!(status(&server, &es256.good("e", &claims())), 200);
    assert_eq!(status(&server, &es256.token(&json!({ "alg": "ES256" }), &claims())), 200, "the only key of its sort");
    assert_eq!(status(&server, &es256.good("e", &with("aud", json!("boordtabel")))), 200);
    assert_eq!(status(&server, &es256.good("e", &with("exp", json!(now() - 30)))), 200, "clocks differ");
    assert_eq!(status(&server, &es256.good("e", &with("nbf", json!(now() + 30)))), 200);
    // No number is too large to be compared.
    assert_eq!(status(&server, &es256.good("e", &with("exp", json!(1e300)))), 200);
    assert_eq!(status(&server, &es256.good("e", &with("nbf", json!(-1e300)))), 200);
    assert_eq!(status(&server, &es256.good("e", &with("nbf", json!(1e300)))), 401);
    if let Some(rs256) = &rs256 {
        assert_eq!(status(&server, &rs256.good("r", &claims())), 200);
        assert_eq!(
            status(&server, &rs256.token(&json!({ "alg": "RS256", "kid": "e" }), &claims())),
            401,
            "another's key"
        );
    }

    let good = es256.good("e", &claims());
    let (message, signed) = good.rsplit_once('.').unwrap();
    let unsigned = |alg: &str| {
        format!(
            "{}.{}.",
            BASE64.encode(json!({ "alg": alg, "kid": "e" }).to_string()),
            BASE64.encode(claims().to_string())
        )
    };
    // The public key as if it were a secret: what a server takes that believes the token's own algorithm.
    let confused = {
        let message = format!(
            "{}.{}",
            BASE64.encode(json!({ "alg": "HS256", "kid": "e" }).to_string()),
            BASE64.encode(claims().to_string())
        );
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, keys[0].to_string().as_bytes());
        format!("{message}.{}", BASE64.encode(ring::hmac::sign(&key, message.as_bytes())))
    };
    let mut flipped = signed.as_bytes().to_vec();
    flipped[10] = if flipped[10] == b'A' { b'B' } else { b'A' };
    for (what, token) in [
        ("not allowed here", eddsa.good("d", &claims())),
        ("a stranger's", stranger.good("e", &claims())),
        ("an unknown key", stranger.good("s", &claims())),
        ("no signature", unsigned("none")),
        ("no signature, said loudly", unsigned("NONE")),
        ("an empty signature", unsigned("ES256")),
        ("a shared secret", confused),
        ("a changed signature", format!("{message}.{}", String::from_utf8(flipped).unwrap())),
        ("a signature too many", format!("{good}.{signed}")),
        ("another issuer", es256.good("e", &with("iss", json!("https://login.example.org")))),
        ("another audience", es256.good("e", &with("aud", json!(["x"])))),
        ("no audience", es256.good("e", &with("aud", Json::Null))),
        ("expired", es256.good("e", &with("exp", json!(now() - 90)))),
        ("never expiring", es256.good("e", &with("exp", Json::Null))),
        ("not yet", es256.good("e", &with("nbf", json!(now() + 90)))),
        ("some day", es256.good("e", &with("nbf", json!("tomorrow")))),
        ("nobody", es256.good("e", &with("sub", json!("")))),
        ("a name with a line", es256.good("e", &with("sub", json!("a\nb")))),
        ("what must be understood", es256.token(&json!({ "alg": "ES256", "kid": "e", "crit": ["x"] }), &claims())),
        ("too long", es256.good("e", &with("more", json!("x".repeat(9_000))))),
        ("no token", "a.b.c".into()),
    ] {
        assert_eq!(status(&server, &token), 401, "{what}: {token:.200}");
    }
}

#[test]
fn its_words_mean_our_roles() {
    let home = tempfile::tempdir().unwrap();
    let signer = Signer::eddsa();
    let jwks = home.path().join("jwks.json");
    fs::write(&jwks, json!({ "keys": [signer.jwk("k")] }).to_string()).unwrap();
    let data = home.path().join("data");
    let server = serve(&data, arg(&jwks), "EdDSA");
    let rows = json!([{ "organisation": { "key": "body", "name": "Body" } }]);
    let import = |roles: Json| {
        let token = signer.good("k", &with("roles", roles));
        server.send(Some(&token), crate::server::IMPORT, json!({ "input": with_common(json!({ "rows": rows })) }))
    };
    let before = journal(&data);
    for roles in [
        json!(["planners"]),
        json!("planners staff"),
        json!([]),
        Json::Null,
        json!(["admin"]),
        json!({ "a": "controllers" }),
    ] {
        assert_eq!(import(roles.clone()).error(), "FORBIDDEN", "{roles}");
    }
    assert_eq!(journal(&data), before);
    let done = import(json!(["planners", "controllers"]));
    assert_eq!(done.json["data"]["importRows"]["status"], "COMMITTED", "{}", done.json);
    let author = server.ask("{ commits(first: 1) { nodes { author } } }");
    assert_eq!(author["commits"]["nodes"][0]["author"], "anna@login.example.org");
    // Our own tokens are taken as before.
    let own = crate::server::token(&data, "import");
    assert_eq!(status(&server, &own), 200);
}

#[test]
fn a_role_may_be_for_one_body() {
    let home = tempfile::tempdir().unwrap();
    let signer = Signer::eddsa();
    let jwks = home.path().join("jwks.json");
    fs::write(&jwks, json!({ "keys": [signer.jwk("k")] }).to_string()).unwrap();
    let words = "of-one=import@one,of-two=import@two,all=edit,chief=import";
    let data = home.path().join("data");
    let mut arguments = vec!["--oidc-issuer", ISSUER, "--oidc-audience", "boordtabel", "--oidc-jwks", arg(&jwks)];
    arguments.extend(["--oidc-algorithm", "EdDSA", "--oidc-role", words]);
    let server = Server::start_with(&data, &arguments);
    let send = |roles: Json, body: &str| {
        let token = signer.good("k", &with("roles", roles));
        let rows = json!([{ "organisation": { "key": body, "name": "Body" } }]);
        let input = with_common(json!({ "rows": rows, "dryRun": true }));
        server.send(Some(&token), crate::server::IMPORT, json!({ "input": input })).json.to_string()
    };
    for (roles, body, may) in [
        (json!(["of-one"]), "one", true),
        (json!(["of-one"]), "two", false),
        (json!(["of-one", "of-two"]), "two", true),
        (json!(["of-one", "of-two"]), "three", false),
        // A weaker role for all does not make a stronger one so.
        (json!(["of-one", "all"]), "two", false),
        (json!(["of-one", "chief"]), "two", true),
    ] {
        let told = send(roles.clone(), body);
        assert_eq!(told.contains("WOULD_COMMIT"), may, "{roles} for {body}: {told}");
        assert_eq!(told.contains("FORBIDDEN"), !may, "{roles} for {body}: {told}");
    }
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str]| crate::support::run([&["config", "check"], arguments].concat());
    let none = home.path().join("none.json");
    let full = |keys: &str, algorithm: &str| {
        check(&[
            "--oidc-issuer",
            "https://i",
            "--oidc-audience",
            "a",
            "--oidc-jwks",
            keys,
            "--oidc-algorithm",
            algorithm,
        ])
    };
    for (ran, told) in [
        (check(&["--oidc-issuer", "https://i"]), "an issuer, an audience and keys"),
        (full(arg(&none), "ES256"), "none.json"),
        (full("https://127.0.0.1:1/jwks", "HS256"), "`HS256`"),
        (
            check(&["--oidc-issuer", "i", "--oidc-audience", "a", "--oidc-jwks", "http://k", "--oidc-role", "x=edit@"]),
            "`x=edit@`",
        ),
        (
            check(&[
                "--oidc-issuer",
                "https://i",
                "--oidc-audience",
                "a",
                "--oidc-jwks",
                "http://127.0.0.1:1/",
                "--oidc-role",
                "x=king",
            ]),
            "`x=king`",
        ),
    ] {
        assert!(ran.code == Some(2) && ran.stderr.contains(told), "{told}: {ran:?}");
    }
    assert_eq!(full("https://127.0.0.1:1/jwks", "ES256").code, Some(0));
}
