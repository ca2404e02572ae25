//! Whether a request wants to become a socket.

use actix_web::guard::GuardContext;
use actix_web::http::header::{self, HeaderMap};

/// Whether a request wants to become a socket.
pub fn is_asked(http: &GuardContext<'_>) -> bool {
    is_upgrade(http.head().headers())
}

/// The same by its headers.
pub fn is_upgrade(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).and_then(|upgrade| upgrade.to_str().ok());
    upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
}
