//! Who asks: what the token of a request says.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::time::sleep;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};

use crate::commit::access::Identity;
use crate::commit::tokens::TokenError;
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::http::state::shared::Shared;
use crate::http::wire::jwt;
use crate::http::wire::refusal::later;
use crate::http::wire::refusal::refuse_with;
use crate::http::wire::share::Payer;
use crate::http::wire::visitor::Visitor;

/// Finds out who shows a token, and notes it for those who answer. A request is let in once, before anything else is done with it.
///
/// # Errors
/// With the answer that refuses it, when the token is not good.
pub(crate) fn admit(http: &HttpRequest, shared: &Shared) -> Result<(), HttpResponse> {
    let Some(header) = http.headers().get(header::AUTHORIZATION) else { return Ok(()) };
    let secret = header.to_str().ok().and_then(secret).unwrap_or_default();
    let identified = identify(http, shared, secret).map(|identity| drop(http.extensions_mut().insert(identity)));
    identified.map_err(|error| {
        if error.code != ErrorCode::Unauthenticated {
            return later(error);
        }
        let mut refusal = refuse_with(StatusCode::UNAUTHORIZED, error);
        refusal.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        refusal
    })
}

/// Who was let in by a token.
pub(crate) fn known(http: &HttpRequest) -> Option<Identity> {
    http.extensions().get::<Identity>().cloned()
}

/// Who asks: whoever was let in by a token, else nobody in particular.
pub(crate) fn identity(http: &HttpRequest) -> Identity {
    known(http).unwrap_or_else(|| nobody(http))
}

/// Somebody without a token.
pub(crate) fn nobody(http: &HttpRequest) -> Identity {
    let origin = Visitor::origin(http);
    let nobody = Identity::anonymous();
    origin.into_iter().fold(nobody, Identity::asking_from)
}

/// The token in `Bearer …`.
pub fn secret(authorization: &str) -> Option<&str> {
    let (scheme, secret) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// Who pays for a request of that somebody.
pub(crate) fn payer(http: &HttpRequest, shared: &Shared, identity: &Identity) -> Payer {
    let spent = Visitor::of(http).map(|visitor| visitor.spent);
    shared.shares.payer(Visitor::account(http), identity).counting(spent)
}

/// Whose token that is. Each use of it counts among what it has a share of, and each wrong one among those of the client.
///
/// # Errors
/// When it is nobody's, the tokens cannot be read, or a share is used up.
pub(crate) fn identify(http: &HttpRequest, shared: &Shared, secret: &str) -> Result<Identity, FieldError> {
    let account = Visitor::account(http);
    match whose(shared, secret) {
        Ok(Some(identity)) => {
            shared.shares.shown(account.as_ref(), &identity)?;
            Ok(identity.asking_from(Visitor::origin(http).unwrap_or_default()))
        }
        Ok(None) => {
            shared.shares.failed(account.as_ref())?;
            let hint = "send `Authorization: Bearer` with a token that is good; `boordtabel token create` makes one";
            Err(FieldError::new(ErrorCode::Unauthenticated, "the token is not good", hint))
        }
        Err(error) => {
            tracing::error!(reason = %error, "the tokens cannot be read");
            let hint = "ask whoever runs the server: its log has the cause. Reading without a token goes on";
            Err(FieldError::new(ErrorCode::Unavailable, "the tokens cannot be read, so that none is good", hint))
        }
    }
}

/// Whose token that is: one of ours, or of the issuer that is trusted; none when it is nobody's.
///
/// # Errors
/// When ours cannot be read.
pub(crate) fn whose(shared: &Shared, secret: &str) -> Result<Option<Identity>, TokenError> {
    let now_ms = (shared.clock)();
    match &shared.policy().issuer {
        Some(issuer) if jwt::is_one(secret) => Ok(issuer.identify(secret, now_ms)),
        _ => shared.ledger.tokens().identify(secret, now_ms),
    }
}

/// How often it is looked whether those who follow may still do so.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Why somebody who follows may not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The token was revoked, or has expired.
    Token,
    /// Readers without a token get something else from now on.
    Policy,
}

/// Waits until somebody who follows may not go on: whoever shows a token when it is not good any more, whoever shows none when that is
/// answered in another way.
pub(crate) async fn until_over(http: &HttpRequest, shared: &Shared, secret: Option<String>) -> Ended {
    let Some(secret) = secret else {
        shared.live.public_changed(Visitor::of(http).map_or(0, |visitor| visitor.public)).await;
        return Ended::Policy;
    };
    loop {
        sleep(BETWEEN_LOOKS).await;
        // When tokens cannot be read, that is no reason to end what was begun with one.
        if let Ok(None) = whose(shared, &secret) {
            return Ended::Token;
        }
    }
}

/// The token that a request shows.
pub(crate) fn shown(http: &HttpRequest) -> Option<String> {
    let header = http.headers().get(header::AUTHORIZATION)?;
    secret(header.to_str().ok()?).map(str::to_owned)
}
