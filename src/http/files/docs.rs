//! The documentation: guides at `/guides`, the schema at `/docs` with a page for each type, and a search over both. It is the same for
//! everybody while the server runs: each page is made once.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::graphql::core::public::Hidden;
use crate::http::files::site::{self, POLICY};
use crate::http::state::auth;
use crate::http::state::file::{About, File};
use crate::http::state::shared::{Documentation, Shared};
use crate::http::wire::background::run_blocking;
use crate::http::wire::refusal::{later, page};
use crate::pages::{Library, guide_file};

const HTML: About = About { media_type: "text/html; charset=utf-8", policy: Some(POLICY) };

/// The addresses of the documentation.
pub fn routes(config: &mut web::ServiceConfig) {
    for (path, folder) in [("/docs", "/docs/{name:.*}"), ("/guides", "/guides/{name:.*}")] {
        config.service(page(path, get)).service(page(folder, get));
    }
}

async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let path = http.uri().path().trim_start_matches('/').to_owned();
    let hidden = shared.api.sight(&auth::identity(&http)).hidden;
    let documentation =
        &shared.files.documentation[usize::from(hidden.introspection) + 2 * usize::from(hidden.explorer)];
    // One address for each page.
    if let Some(folder) = path.strip_suffix('/') {
        let up = "../".repeat(folder.matches('/').count() + 1);
        return HttpResponse::PermanentRedirect().insert_header((header::LOCATION, format!("{up}{folder}"))).finish();
    }
    if let Some((media_type, bytes)) = path.strip_prefix("guides/").and_then(guide_file) {
        let about = About { media_type, policy: None };
        return documentation.pages.file(&path).send(&http, &about, move || bytes).await;
    }
    let library = match library(&shared, documentation, hidden).await {
        Ok(library) => library,
        Err(refusal) => return refusal,
    };
    if path == "docs"
        && let Some(asked) = asked(&http)
    {
        // What is searched for is not kept: it can be anything.
        return File::default().send(&http, &HTML, move || library.search(&asked)).await;
    }
    if library.has(&path) {
        let file = documentation.pages.file(&path);
        return file.send(&http, &HTML, move || library.page(&path).unwrap_or_default()).await;
    }
    let accept = http.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    match path.strip_prefix("docs/").filter(|name| !name.contains('/')) {
        Some(name) if accept.is_some_and(|accept| accept.contains("text/html")) => {
            HttpResponse::build(StatusCode::NOT_FOUND)
                .content_type(HTML.media_type)
                .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .body(library.unknown(name))
        }
        _ => site::nothing(&http),
    }
}

/// What is searched for.
fn asked(http: &HttpRequest) -> Option<String> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string()).ok()?;
    parameters.into_inner().into_iter().find_map(|(name, value)| (name == "q").then_some(value))
}

async fn library(shared: &Shared, documentation: &Documentation, hidden: Hidden) -> Result<Arc<Library>, HttpResponse> {
    let api = Arc::clone(&shared.api);
    let script = site::script_for(hidden);
    let read = || run_blocking(move || Arc::new(Library::new(api.graph(), api.limits(), hidden, script)));
    documentation.library.get_or_try_init(read).await.cloned().map_err(later)
}
