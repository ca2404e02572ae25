//! Which pages of other sites may read answers. Browsers ask; other clients do not care.
//!
//! There are no cookies, and what a browser sends of itself opens nothing: so `Access-Control-Allow-Credentials` is never sent,
//! and whoever lets in every origin lets in nobody's rights.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

/// What a page may send.
const HEADERS: &str = "Accept, Accept-Language, Authorization, Boordtabel-Min-Revision, Content-Language, Content-Type, If-None-Match, Last-Event-ID, X-GraphQL-Event-Stream-Token";
/// What a page may see of an answer's headers.
const EXPOSED: &str = "Boordtabel-Revision, Content-Disposition, ETag, Retry-After";
/// Seconds for which a browser need not ask again.
const MAX_AGE: &str = "7200";

/// The origins that are let in.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    origins: Vec<String>,
}

impl Cors {
    /// Lets in these origins, each of them exactly: `https://board.example.org`; `*` stands for all.
    ///
    /// # Errors
    /// When one is none.
    pub fn new(origins: Vec<String>) -> Result<Self, String> {
        for origin in &origins {
            let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let is_host = |rest: &str| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', '*', ' ', '\\']);
            let is_lower = origin.chars().all(|letter| !letter.is_ascii_uppercase());
            if origin != "*" && !(rest.is_some_and(is_host) && is_lower && HeaderValue::from_str(origin).is_ok()) {
                return Err(format!(
                    "`{origin}` is no origin: it is of the form `https://board.example.org`, in lower case and without a path"
                ));
            }
        }
        Ok(Self { origins })
    }

    /// Whether the page that a request comes from is let in.
    pub fn lets_in(&self, http: &HttpRequest) -> bool {
        self.allowed(http).is_some()
    }

    /// The origin that a request comes from, when it is let in.
    fn allowed(&self, http: &HttpRequest) -> Option<HeaderValue> {
        let origin = http.headers().get(header::ORIGIN)?;
        if self.origins.iter().any(|it| it == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        self.origins.iter().any(|it| it.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }

    /// The answer to a browser that asks whether it may send a request.
    pub fn preflight(&self, http: &HttpRequest) -> Option<HttpResponse> {
        let asks =
            http.method() == Method::OPTIONS && http.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || self.allowed(http).is_none() {
            return None;
        }
        let mut answer = HttpResponse::NoContent();
        answer
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, DELETE"))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE));
        Some(answer.finish())
    }

    /// Tells a browser whether the page may read the answer to a request. What was asked is gone by then: `Tells` remembers.
    pub fn tells(&self, http: &HttpRequest) -> Tells {
        Tells { varies: !self.origins.is_empty(), allowed: self.allowed(http) }
    }
}

/// What is told of an answer.
pub struct Tells {
    varies: bool,
    allowed: Option<HeaderValue>,
}

impl Tells {
    /// Tells it.
    pub fn write(self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(origin) = self.allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cors;

    #[test]
    fn origins_are_exact() {
        for good in ["*", "https://board.example.org", "http://localhost:5173"] {
            assert!(Cors::new(vec![good.into()]).is_ok(), "{good}");
        }
        for bad in [
            "",
            "board.example.org",
            "https://",
            "https://*.example.org",
            "https://a.example/",
            "https://A.example",
            "null",
        ] {
            let told = Cors::new(vec![bad.into()]).unwrap_err();
            assert!(told.contains(&format!("`{bad}`")), "{told}");
        }
    }
}
