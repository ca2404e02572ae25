//! The door: what is done with every request before anybody answers it, and with every answer before it goes out.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody as _};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode, Version};
use actix_web::rt::time::sleep;
use actix_web::{HttpRequest, HttpResponse};

use crate::http::reading;
use crate::http::state::refusals::{self, PATH_CHARS_MAX, Within};
use crate::http::state::shared::{REVISION, Shared, UNHEARD};
use crate::http::wire::body::{Answering, HeldBody};
use crate::http::wire::cors::Tells;
use crate::http::wire::pace::Use;
use crate::http::wire::refusal::later;
use crate::http::wire::share::Part;
use crate::http::wire::strict;
use crate::http::wire::visitor::Visitor;
use crate::model::text::shortened;
use crate::pages;

/// How long the refusal of what is beyond a share waits: who sends one request after the other without a look at the answers is
/// slowed down, and costs little.
const REFUSED_WAITS: Duration = Duration::from_millis(300);

/// What no page of ours asks of a browser.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// A request that is inside.
pub struct Visit {
    kept: HeldBody,
    tells: Tells,
    used: Option<Rc<Use>>,
    running: Option<Part>,
    /// Whether it asks for something without changing anything.
    is_read: bool,
    is_followed: bool,
    began: Instant,
}

/// What takes longer is told in the log.
const SLOW: Duration = Duration::from_secs(1);

/// Lets a request in, or refuses it.
pub fn enter(request: &mut ServiceRequest, shared: &Shared) -> (Visit, Option<HttpResponse>) {
    let began = Instant::now();
    let kept = HeldBody::of(request);
    let used = request.conn_data::<Rc<Use>>().cloned();
    used.as_ref().inspect(|used| used.begin());
    let http = request.request();
    let tells = shared.policy().cors.tells(http);
    let (running, refusal) = match Visitor::admit(http, &shared.proxies.load(), &shared.shares, shared.live.public()) {
        Ok(running) => (running, refused(http, shared)),
        Err(error) => (None, Some(later(error))),
    };
    let is_read = matches!(*http.method(), Method::GET | Method::HEAD);
    (Visit { kept, tells, used, running, is_read, is_followed: false, began }, refusal)
}

fn refused(http: &HttpRequest, shared: &Shared) -> Option<HttpResponse> {
    let policy = shared.policy();
    let refusal = strict::refusal(http, pages::takes_several).or_else(|| policy.hosts.refusal(http));
    let refusal = refusal.or_else(|| policy.cors.preflight(http));
    refusal.or_else(|| reading::refusal(http, shared))
}

impl Visit {
    /// Numbers the answer, and notes what was refused and what took long.
    fn tell(&self, answer: &mut ServiceResponse, shared: &Shared) {
        let (status, took) = (answer.status(), self.began.elapsed());
        let http = answer.request();
        let Some(visitor) = Visitor::of(http) else { return };
        // What a client wrote is shown as Rust writes texts: it makes no lines of its own.
        let within = answer.response().extensions().get::<Within>().map(|within| within.0.as_u16());
        shared.metrics.answered(http.path(), status.as_u16(), within, took, visitor.cost());
        tracing::debug!(
            target: "access",
            id = %visitor.id,
            from = %visitor.client.address,
            method = ?http.method().as_str(),
            path = ?shortened(http.path(), PATH_CHARS_MAX),
            status = status.as_u16(),
            ms = took.as_millis(),
            "answered"
        );
        if took >= SLOW && !self.is_followed {
            tracing::info!(id = %visitor.id, path = ?shortened(http.path(), PATH_CHARS_MAX), ms = took.as_millis(), cost = visitor.cost(), "a request took long");
        }
        refusals::note(http, shared, status, "request");
        if let Ok(id) = HeaderValue::from_str(&visitor.id) {
            answer.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
        }
    }

    /// Lets an answer out.
    pub async fn leave(mut self, mut answer: ServiceResponse, shared: &Shared) -> ServiceResponse<Answering> {
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            sleep(REFUSED_WAITS).await;
        }
        // Those who follow hold another share.
        self.is_followed = self.used.as_ref().is_some_and(|used| used.is_followed());
        if self.is_followed {
            self.running = None;
        }
        let caching = if answer.status().is_success() && self.is_read { "no-cache" } else { "no-store" };
        let is_known = answer.request().headers().contains_key(header::AUTHORIZATION);
        add_headers(answer.headers_mut(), shared, caching, is_known);
        self.tell(&mut answer, shared);
        self.tells.write(answer.headers_mut());
        let is_old = answer.request().version() < Version::HTTP_11;
        if is_old && answer.response().body().size() == BodySize::Stream {
            // HTTP/1.0 knows no chunks: where the length is not known, the end of the connection is the end of the answer.
            let head = answer.response_mut().head_mut();
            head.no_chunking(true);
            head.set_connection_type(ConnectionType::Close);
        }
        // Who polls this is the connection.
        let connection = poll_fn(|context| Poll::Ready(context.waker().clone())).await;
        answer.map_body(|_, body| self.kept.until_sent(body, connection, self.running))
    }
}

/// The headers that every answer has.
fn add_headers(headers: &mut HeaderMap, shared: &Shared, caching: &'static str, is_known: bool) {
    let mut add = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    add(header::CACHE_CONTROL, caching);
    add(header::PERMISSIONS_POLICY, PERMISSIONS);
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    if shared.is_encrypted {
        add(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
    }
    // What only some may read, or was answered to somebody, nobody keeps for others.
    if (shared.policy().needs_token || is_known)
        && let Some(caching) = headers.get(header::CACHE_CONTROL).and_then(|it| it.to_str().ok())
        && caching.contains("public")
        && let Ok(caching) = HeaderValue::from_str(&caching.replace("public", "private"))
    {
        headers.insert(header::CACHE_CONTROL, caching);
    }
    // Whoever reads while the log is away is to know how old it may be.
    if let Some(aged_s) = shared.ledger.link_state().and_then(|link| link.aged_s()) {
        headers.insert(HeaderName::from_static(UNHEARD), HeaderValue::from(aged_s));
    }
    if !headers.contains_key(REVISION) {
        headers.insert(HeaderName::from_static(REVISION), HeaderValue::from(shared.ledger.register().revision()));
    }
}
