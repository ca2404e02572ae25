//! Who may read at all, and what is there only for those with a token.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};

use crate::graphql::core::public::Hidden;
use crate::http::state::auth;
use crate::http::state::shared::Shared;
use crate::http::wire::refusal::unauthenticated;
use crate::http::wire::upgrade;

/// What everybody may see, whatever they show: whether the server is well, and what pages of errors look like.
const OPEN: [&str; 5] = ["/livez", "/readyz", "/health", "/start.css", "/icon.svg"];

/// The refusal of a request that shows a token that is not good, or none where one is needed.
pub(crate) fn refusal(http: &HttpRequest, shared: &Shared) -> Option<HttpResponse> {
    let path = routed(http);
    if OPEN.contains(&path) {
        return None;
    }
    // A proxy that asks for passwords may pass its own header on: pages are read as by somebody who shows no token.
    if auth::shown(http).is_some() || takes_tokens(path) && http.headers().contains_key(header::AUTHORIZATION) {
        return auth::admit(http, shared).err();
    }
    let is_needed = needs_token(path, shared.policy().needs_token, shared.api.public().hidden);
    (is_needed && !is_socket(http)).then(|| unauthenticated("reading this takes a token"))
}

/// Whether programs use what is there, which show tokens and nothing else.
fn takes_tokens(path: &str) -> bool {
    ["/graphql", "/import", "/export/"].iter().any(|begin| path.starts_with(begin))
}

/// The path by which a handler is found: with its percents read, so that another spelling leads past nothing.
fn routed(http: &HttpRequest) -> &str {
    http.match_info().as_str()
}

/// A browser's socket has no such header: it shows its token when it begins. Nothing else is read by saying that one is wanted.
fn is_socket(http: &HttpRequest) -> bool {
    routed(http) == "/graphql" && http.method() == Method::GET && upgrade::is_upgrade(http.headers())
}

fn needs_token(path: &str, all: bool, hidden: Hidden) -> bool {
    match path {
        _ if all => true,
        "/schema.graphql" | "/schema.json" | "/docs" => hidden.introspection,
        path if path.starts_with("/docs/") => hidden.introspection,
        path if path == "/graphiql" || path.starts_with("/graphiql/") => hidden.explorer,
        _ => false,
    }
}
