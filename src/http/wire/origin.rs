//! Whether a request comes from a page of our own. Browsers ask nobody before they open a socket, but say where the page is from.

use actix_web::HttpRequest;
use actix_web::http::Uri;
use actix_web::http::header::{self, HeaderMap};

/// Whether a page of that origin is one of ours: scheme, host and port count. A program that is no browser names none.
pub fn is_ours(http: &HttpRequest, is_encrypted: bool) -> bool {
    let Some(origin) = http.headers().get(header::ORIGIN) else { return true };
    let text = |name| http.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    origin.to_str().ok().zip(text(header::HOST)).is_some_and(|(origin, host)| {
        let is_encrypted = is_encrypted || forwarded_encrypted(http.headers());
        are_one(origin, host, is_encrypted)
    })
}

/// What stands before us may take the encryption off. No page can set these headers for a socket.
fn forwarded_encrypted(headers: &HeaderMap) -> bool {
    let last = headers.get_all("x-forwarded-proto").last().and_then(|value| value.to_str().ok());
    last.and_then(|value| value.rsplit(',').next()).is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

/// Whether an origin is that of our own pages, as they are reached by `host`. A page that came encrypted from this host and port is
/// ours also when we do not see the encryption; one that did not, is not when we do.
fn are_one(origin: &str, host: &str, is_encrypted: bool) -> bool {
    let Ok(origin) = origin.parse::<Uri>() else { return false };
    let (scheme, standard_port) = match origin.scheme_str() {
        Some("https") => ("https", 443),
        Some("http") if !is_encrypted => ("http", 80),
        _ => return false,
    };
    let is_bare = matches!(origin.path_and_query().map(|rest| rest.as_str()), None | Some("/" | ""));
    let Ok(host) = format!("{scheme}://{host}").parse::<Uri>() else { return false };
    let place = |uri: &Uri| {
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let name = uri.host().filter(|_| !has_user)?.to_ascii_lowercase();
        Some((name, uri.port_u16().unwrap_or(standard_port)))
    };
    is_bare && place(&origin).is_some_and(|origin| Some(origin) == place(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_origin_counts() {
        for (origin, host, is_encrypted) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", false),
            ("http://Board.example", "board.example", false),
            ("http://board.example", "board.example:80", false),
            ("https://board.example", "board.example", true),
            ("https://board.example", "board.example:443", true),
            ("https://board.example:8443", "board.example:8443", true),
            // Something before us takes the encryption off, and does not say so.
            ("https://board.example", "board.example", false),
            ("http://[::1]:8080", "[::1]:8080", false),
        ] {
            assert!(are_one(origin, host, is_encrypted), "{origin} {host}");
        }
        for (origin, host, is_encrypted) in [
            ("http://board.example", "board.example", true),
            ("http://board.example:8443", "board.example:8443", true),
            ("http://127.0.0.1:8081", "127.0.0.1:8080", false),
            ("http://127.0.0.1", "127.0.0.1:8080", false),
            ("https://board.example", "board.example:80", false),
            ("https://board.example", "board.example:8080", true),
            ("http://evil.example", "127.0.0.1:8080", false),
            ("ftp://127.0.0.1:8080", "127.0.0.1:8080", false),
            ("file://127.0.0.1:8080", "127.0.0.1:8080", false),
            ("null", "127.0.0.1:8080", false),
            ("", "127.0.0.1:8080", false),
            ("127.0.0.1:8080", "127.0.0.1:8080", false),
            ("http://a@127.0.0.1:8080", "127.0.0.1:8080", false),
            ("http://127.0.0.1:8080/x", "127.0.0.1:8080", false),
            ("http://127.0.0.1:8080", "", false),
        ] {
            assert!(!are_one(origin, host, is_encrypted), "{origin} {host}");
        }
    }
}
