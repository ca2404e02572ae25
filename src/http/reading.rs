//! Who may read at all, and what is there only for those with a token.

use actix_web::{HttpRequest, HttpResponse};

use crate::graphql::core::public::Hidden;
use crate::http::state::auth;
use crate::http::state::shared::Shared;
use crate::http::wire::refusal::unauthenticated;
use crate::http::wire::upgrade;

/// What everybody may see, whoever reads: whether the server is well, and what pages of errors look like.
const OPEN: [&str; 5] = ["/livez", "/readyz", "/health", "/start.css", "/icon.svg"];

/// The refusal of a request that needs a token and shows none that is good.
pub(crate) fn refusal(http: &HttpRequest, shared: &Shared) -> Option<HttpResponse> {
    if !needs_token(http.path(), shared.policy().needs_token, shared.api.public().hidden) {
        return None;
    }
    let Some(secret) = auth::shown(http) else {
        // A browser's socket has no such header: it shows its token when it begins.
        return (!upgrade::is_upgrade(http.headers())).then(|| unauthenticated("reading this takes a token"));
    };
    match auth::whose(shared, &secret) {
        Ok(Some(_)) => None,
        _ => auth::identity(http, shared).err(),
    }
}

fn needs_token(path: &str, all: bool, hidden: Hidden) -> bool {
    match path {
        open if OPEN.contains(&open) => false,
        _ if all => true,
        "/schema.graphql" | "/schema.json" | "/docs" => hidden.introspection,
        path if path.starts_with("/docs/") => hidden.introspection,
        path if path == "/graphiql" || path.starts_with("/graphiql/") => hidden.explorer,
        _ => false,
    }
}
