//! Who asks: what the token of a request says.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::commit::access::Identity;
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::http::Shared;
use crate::http::refuse_with;

/// Who asks: nobody in particular without a token; with one that is not good, nobody at all.
///
/// # Errors
/// With the answer that refuses it.
pub(crate) fn identity(http: &HttpRequest, shared: &Shared) -> Result<Identity, HttpResponse> {
    let Some(header) = http.headers().get(header::AUTHORIZATION) else { return Ok(Identity::anonymous()) };
    let secret = header.to_str().ok().and_then(secret).unwrap_or_default();
    identify(shared, secret).map_err(|error| {
        if error.code != ErrorCode::Unauthenticated {
            return refuse_with(StatusCode::SERVICE_UNAVAILABLE, error);
        }
        let mut refusal = refuse_with(StatusCode::UNAUTHORIZED, error);
        refusal.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        refusal
    })
}

/// The token in `Bearer …`.
pub fn secret(authorization: &str) -> Option<&str> {
    let (scheme, secret) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// Whose token that is.
///
/// # Errors
/// When it is nobody's, or the tokens cannot be read.
pub(crate) fn identify(shared: &Shared, secret: &str) -> Result<Identity, FieldError> {
    match shared.ledger.tokens().identify(secret) {
        Ok(Some(identity)) => Ok(identity),
        Ok(None) => {
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
