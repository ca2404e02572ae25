//! Which pages of other sites may read answers. Browsers ask; other clients do not care.
//!
//! There are no cookies, and what a browser sends of itself opens nothing: so `Access-Control-Allow-Credentials` is never sent,
//! and whoever lets in every origin lets in nobody's rights.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

/// What a page may send: what we read, what clients of GraphQL send of themselves, and what tracing adds.
const HEADERS: &[&str] = &[
    "Accept",
    "Accept-Language",
    "Authorization",
    "Boordtabel-Min-Revision",
    "Content-Language",
    "Content-Type",
    "If-None-Match",
    "Last-Event-ID",
    "X-GraphQL-Event-Stream-Token",
    "Apollo-Require-Preflight",
    "ApolloGraphQL-Client-Name",
    "ApolloGraphQL-Client-Version",
    "GraphQL-Client-Name",
    "GraphQL-Client-Version",
    "GraphQL-Preflight",
    "X-Apollo-Operation-Id",
    "X-Apollo-Operation-Name",
    "X-Apollo-Operation-Type",
    "X-Requested-With",
    "B3",
    "Baggage",
    "Sentry-Trace",
    "Traceparent",
    "Tracestate",
    "X-B3-ParentSpanId",
    "X-B3-Sampled",
    "X-B3-SpanId",
    "X-B3-TraceId",
    "X-Correlation-Id",
    "X-Request-Id",
];
/// What a page may see of an answer's headers.
const EXPOSED: &str = "Boordtabel-Revision, Boordtabel-Unheard, Content-Disposition, ETag, Retry-After";
/// Seconds for which a browser need not ask again.
const MAX_AGE: &str = "7200";

/// The origins that are let in, and what their pages may send.
#[derive(Clone, Debug)]
pub struct Cors {
    origins: Vec<String>,
    headers: HeaderValue,
}

impl Default for Cors {
    /// Lets in nobody.
    fn default() -> Self {
        Self::new(Vec::new(), &[]).expect("there is nothing wrong in nothing")
    }
}

impl Cors {
    /// Lets in these origins, each of them exactly: `https://board.example.org`; `*` stands for all. Their pages may send these
    /// headers, besides those that clients are known to send.
    ///
    /// # Errors
    /// When one is none.
    pub fn new(origins: Vec<String>, headers: &[String]) -> Result<Self, String> {
        if let Some(bad) = headers.iter().find(|name| HeaderName::from_bytes(name.as_bytes()).is_err()) {
            return Err(format!("`{bad}` is no name of a header: it is of the form `X-Team`, without a value"));
        }
        let headers: Vec<&str> = HEADERS.iter().copied().chain(headers.iter().map(String::as_str)).collect();
        let headers = HeaderValue::from_str(&headers.join(", ")).expect("names of headers are visible letters");
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
        Ok(Self { origins, headers })
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
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, self.headers.clone()))
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
            assert!(Cors::new(vec![good.into()], &[]).is_ok(), "{good}");
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
            let told = Cors::new(vec![bad.into()], &[]).unwrap_err();
            assert!(told.contains(&format!("`{bad}`")), "{told}");
        }
        for bad in ["", "X Team", "X-Team: a", "X-Team\r\nX", "*/"] {
            let told = Cors::new(Vec::new(), &[bad.into()]).unwrap_err();
            assert!(told.contains(&format!("`{bad}`")), "{told}");
        }
    }
}
