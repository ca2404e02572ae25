//! The door: what is done with every request before anybody answers it, and with every answer before it goes out.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::rt::time::sleep;

use crate::http::wire::body::{Answering, Kept};
use crate::http::wire::cors::Tells;
use crate::http::wire::pace::Use;
use crate::http::wire::share::Part;
use crate::http::wire::visitor::Visitor;
use crate::http::{REVISION, Shared, later};

/// How long the refusal of what is beyond a share waits: who sends one request after the other without a look at the answers is
/// slowed down, and costs little.
const REFUSED_WAITS: Duration = Duration::from_millis(300);

/// A request that is inside.
pub struct Visit {
    kept: Kept,
    tells: Tells,
    used: Option<Rc<Use>>,
    running: Option<Part>,
}

/// Lets a request in, or refuses it.
pub fn enter(request: &mut ServiceRequest, shared: &Shared) -> (Visit, Option<HttpResponse>) {
    let kept = Kept::of(request);
    let used = request.conn_data::<Rc<Use>>().cloned();
    used.as_ref().inspect(|used| used.begin());
    let http = request.request();
    let tells = shared.cors.tells(http);
    let (running, refusal) = match Visitor::admit(http, &shared.proxies, &shared.shares) {
        Ok(running) => (running, shared.hosts.refusal(http).or_else(|| shared.cors.preflight(http))),
        Err(error) => (None, Some(later(error))),
    };
    (Visit { kept, tells, used, running }, refusal)
}

impl Visit {
    /// Lets an answer out.
    pub async fn leave(mut self, mut answer: ServiceResponse, shared: &Shared) -> ServiceResponse<Answering> {
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            sleep(REFUSED_WAITS).await;
        }
        // Those who follow hold another share.
        if self.used.is_some_and(|used| used.is_followed()) {
            self.running = None;
        }
        add_headers(answer.headers_mut(), shared);
        self.tells.write(answer.headers_mut());
        // Who polls this is the connection.
        let connection = poll_fn(|context| Poll::Ready(context.waker().clone())).await;
        answer.map_body(|_, body| self.kept.until_sent(body, connection, self.running))
    }
}

/// The headers that every answer has.
fn add_headers(headers: &mut HeaderMap, shared: &Shared) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
    }
    if !headers.contains_key(REVISION) {
        headers.insert(HeaderName::from_static(REVISION), HeaderValue::from(shared.ledger.register().revision()));
    }
}
