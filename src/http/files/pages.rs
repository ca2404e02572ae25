//! The explorer, and the schema as a file.

use std::sync::{Arc, OnceLock};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::embedded;
use crate::graphql::core::error::ErrorCode;
use crate::http::state::file::About;
use crate::http::state::shared::Shared;
use crate::http::wire::background::run_blocking;
use crate::http::wire::flight::{Held, Pieces};
use crate::http::wire::refusal::{refuse, refuse_with};
use crate::pages::escape;

const STYLE: &str = include_str!("../../../web/start/start.css");
const ICON: &str = include_str!("../../../web/start/icon.svg");

/// A page with a style sheet and pictures of its own, nothing else.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The explorer: its editor writes style elements and runs workers, all of its own origin.
const EXPLORER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An HTML page.
fn html(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .body(body)
}

/// `/start.css`
pub async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}

/// `/icon.svg`
pub async fn icon() -> HttpResponse {
    HttpResponse::Ok().content_type("image/svg+xml").body(ICON)
}

/// `/schema.graphql`
pub async fn schema(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let about = About { media_type: "application/graphql; charset=utf-8", policy: None };
    let api = Arc::clone(&shared.api);
    shared.files.sdl.send(&http, &about, move || api.sdl().into_bytes()).await
}

/// `/schema.json`
pub async fn introspection(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let about = About { media_type: "application/json; charset=utf-8", policy: None };
    let api = Arc::clone(&shared.api);
    shared.files.introspection.send(&http, &about, move || api.introspection()).await
}

/// `/graphiql`: the explorer refers to its files from its own folder, so that it may stand anywhere.
pub async fn explorer() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "graphiql/")).finish()
}

/// `/graphiql/…`
pub async fn explorer_file(http: HttpRequest, path: web::Path<String>) -> HttpResponse {
    if !path.is_empty() {
        return file(&http, &path).await;
    }
    if embedded::EXPLORER.is_empty() {
        let reason = escape(embedded::EXPLORER_MISSING);
        return html(format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Boordtabel</title><link rel=\"stylesheet\" href=\"../start.css\"></head>\
             <body><main><h1>The explorer is not in this build</h1><p>{reason}.</p><p>Install Node.js 20.19 or later and build again. \
             The API itself is at <code>graphql</code>, its schema at <a href=\"../schema.graphql\">schema.graphql</a>.</p></main></body></html>"
        ));
    }
    file(&http, "index.html").await
}

async fn file(http: &HttpRequest, name: &str) -> HttpResponse {
    let Some(index) = embedded::EXPLORER.iter().position(|(found, _)| *found == name) else {
        let message = "the explorer has no such file";
        return refuse(StatusCode::NOT_FOUND, ErrorCode::NotFound, message, "begin at /graphiql");
    };
    let mut answer = HttpResponse::Ok();
    answer.content_type(media_type(name)).insert_header((header::CONTENT_SECURITY_POLICY, EXPLORER_POLICY));
    // The names of built files hold a hash of what is in them.
    let caching = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer.insert_header((header::CACHE_CONTROL, caching)).insert_header((header::VARY, "Accept-Encoding"));
    let accepted = http.headers().get(header::ACCEPT_ENCODING).map(HeaderValue::to_str);
    let bytes = if accepted.is_some_and(|accepted| accepted.is_ok_and(|accepted| accepted.contains("gzip"))) {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
        web::Bytes::from_static(embedded::EXPLORER[index].1)
    } else {
        match run_blocking(move || unpacked(index)).await {
            Ok(bytes) => bytes,
            Err(error) => return refuse_with(StatusCode::SERVICE_UNAVAILABLE, error),
        }
    };
    answer.body(Pieces::new(bytes, Held::default()))
}

/// A file of the explorer for those who take no compression; unpacked once.
fn unpacked(index: usize) -> web::Bytes {
    static UNPACKED: OnceLock<Vec<OnceLock<web::Bytes>>> = OnceLock::new();
    let all = UNPACKED.get_or_init(|| embedded::EXPLORER.iter().map(|_| OnceLock::new()).collect());
    all[index].get_or_init(|| embedded::unpack(embedded::EXPLORER[index].1).into()).clone()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" | "map" => "application/json; charset=utf-8",
        "ttf" => "font/ttf",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
