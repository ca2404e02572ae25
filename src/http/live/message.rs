//! Messages of `graphql-transport-ws`: what goes out, and what is in one that comes in.

use actix_web::web;
use serde_json::Value as Json;

use crate::graphql::core::error::GraphqlError;
use crate::http::live::frames::{self, Closing};
use crate::http::state::auth;

/// Errors as JSON.
pub fn errors(errors: &[GraphqlError]) -> Vec<u8> {
    Json::from_iter(errors.iter().map(GraphqlError::to_json)).to_string().into_bytes()
}

/// A message of the protocol.
pub fn message(id: &str, kind: &str, payload: &[u8]) -> web::Bytes {
    let head = format!("{{\"id\":{},\"type\":\"{kind}\",\"payload\":", Json::from(id));
    frames::text(&[head.as_bytes(), payload, b"}"].concat())
}

/// Closes the socket for a message that the protocol does not have.
pub fn invalid(reason: &str) -> Closing {
    Closing::new(4400, format!("Invalid message received: {reason}"))
}

/// The token in the payload of `connection_init`: `{"Authorization": "Bearer …"}`, the name in any case, or `{"token": "…"}`.
pub fn token(payload: &Json) -> Option<String> {
    payload.as_object()?.iter().find_map(|(name, value)| match name.to_ascii_lowercase().as_str() {
        "authorization" => Some(auth::secret(value.as_str()?).unwrap_or_default().to_owned()),
        "token" => value.as_str().map(str::to_owned),
        _ => None,
    })
}
