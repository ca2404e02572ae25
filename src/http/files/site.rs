//! The pages for people over HTTP: an address comes to a request, which is executed here like any other; what becomes of its answer is
//! kept and revalidated like any answer.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::embedded;
use crate::graphql::core::error::ErrorCode;
use crate::graphql::core::public::Hidden;
use crate::graphql::{AllowedOperations, Answer, Cacheability, GraphqlRequest};
use crate::http::graphql::execution;
use crate::http::graphql::incoming::Asked;
use crate::http::state::auth;
use crate::http::state::cache::{CachedBody, Key, Tag};
use crate::http::state::file::About;
use crate::http::state::shared::{REVISION, Shared};
use crate::http::wire::background::run_blocking;
use crate::http::wire::encoding::{self, Body, Coding};
use crate::http::wire::flight::Held;
use crate::http::wire::refusal::{later, page, refuse};
use crate::model::Date;
use crate::model::text::shortened;
use crate::pages::{self, Address, Answered, Ending, Language, Rendered, Trouble, Wrong};
use crate::register::{Register, Revision, TableSet};

/// A page: its style, its pictures, its own small script, forms that lead to other pages; nothing of anybody else's.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";
/// A picture that stands alone brings its style along.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
/// A longer answer becomes a page on a thread of its own.
const LONG_ANSWER_BYTES: usize = 128 * 1024;

/// The addresses of all pages.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(page("/", get)).service(page("/home.{ending}", get));
    config.service(page(&format!("/{}", pages::style_name()), style));
    for route in pages::routes().iter().filter(|route| !route.path.is_empty()) {
        if route.keyed {
            config.service(page(&format!("/{}/{{key:.*}}", route.path), get));
        } else {
            config.service(page(&format!("/{}", route.path), get));
            config.service(page(&format!("/{}.{{ending}}", route.path), get));
        }
    }
}

/// The style sheet, under a name that changes with it.
pub async fn style(http: HttpRequest) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "Accept-Encoding"));
    let sent = encoding::send(answer, Body::new(pages::STYLE), Coding::asked(&http), Held::default());
    sent.await.unwrap_or_else(|refusal| refusal)
}

/// Answers with a page.
pub async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    answered(&http, &shared).await.unwrap_or_else(|refusal| refusal)
}

/// The answer where there is nothing: a page for people, an error for programs.
pub fn nothing(http: &HttpRequest) -> HttpResponse {
    let wants_page = http.headers().get(header::ACCEPT).and_then(|it| it.to_str().ok());
    if !wants_page.is_some_and(|accept| accept.contains("text/html")) {
        let message = "there is nothing at this address";
        return refuse(StatusCode::NOT_FOUND, ErrorCode::NotFound, message, "begin at /");
    }
    let language = language(http);
    let message = language.say("Hier is niets.", "There is nothing here.").to_owned();
    let hint = language.say("Zoek, of begin bij de startpagina.", "Search, or begin at the home page.").to_owned();
    told(http, &Trouble { status: 404, message, hint, near: Vec::new() }, None)
}

fn accept_language(http: &HttpRequest) -> Option<&str> {
    http.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())
}

fn language(http: &HttpRequest) -> Language {
    Language::preferred(accept_language(http))
}

async fn answered(http: &HttpRequest, shared: &web::Data<Shared>) -> Result<HttpResponse, HttpResponse> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string())
        .map_err(|_| told(http, &wrong(http, "?", http.query_string()), None))?;
    let address = match Address::read(http.uri().path(), &parameters, accept_language(http)) {
        Ok(address) => address,
        Err(Wrong::Parameter(name, value)) => return Err(told(http, &wrong(http, name, &value), None)),
        Err(_) => return Err(nothing(http)),
    };
    let today = Date::of_instant((shared.clock)()).to_string();
    let identity = auth::identity(http);
    let hidden = shared.api.sight(&identity).hidden;
    let register = shared.api.register_for(&identity).map_err(|error| {
        let trouble = Trouble { status: 503, ..Trouble::of(&[error.into()]) };
        told(http, &trouble, Some(&address))
    })?;
    let request = match address.request(&today, hidden) {
        Ok(request) => request,
        Err(Wrong::NoPlan) => return Err(which_plan(&register, &address)),
        Err(Wrong::Parameter(name, value)) => return Err(told(http, &wrong(http, name, &value), Some(&address))),
        Err(Wrong::NoPage) => return Err(nothing(http)),
    };
    let key = Key::of(&request, &identity, &shared.api.public()).made(&address.digest());
    // A journal that does not read is nothing to name pages by.
    let tag_at = |revision| Some(key.in_state(&shared.ledger.chain(revision).ok()?));
    if let Some(CachedBody { body, revision, tag, tables }) = shared.answers.get(key)
        && tables.is_none_or(|tables| tag_at(register.changed_at(tables)) == Some(tag))
    {
        return send(http, shared, &address, body, revision, Some(tag), Held::default()).await;
    }
    let payer = auth::payer(http, shared, &identity);
    let mut request = request;
    let mut tables = TableSet::NONE;
    let mut year = None;
    if let Some(request) = address.year_request(&request) {
        let asked = Asked { request, identity: identity.clone(), payer: payer.clone(), is_long: false };
        let (answer, _) =
            execution::execute(shared, register.clone(), asked, AllowedOperations::Queries).await.map_err(later)?;
        tables = tables.with(answer.tables);
        let data = answer.data.and_then(|data| serde_json::from_slice(&data).ok()).unwrap_or_default();
        // Where there is no plan, there is no record either: any year says so.
        year = Some(address.year_of(&data).unwrap_or_default());
    }
    address.fill_years(&mut request, year);
    let (document, variables) = (request.query.clone(), variables(&request));
    let asked = Asked { request, identity, payer, is_long: false };
    let (answer, held) =
        execution::execute(shared, register.clone(), asked, AllowedOperations::Queries).await.map_err(later)?;
    let (cacheability, revision) = (answer.cacheability, answer.revision);
    tables = tables.with(answer.tables);
    let is_long = answer.data.as_ref().is_some_and(|data| data.len() > LONG_ANSWER_BYTES);
    let make = move || {
        let made = made(&address, answer, (&document, &variables), &today, hidden);
        (address, made)
    };
    let (address, made) = if is_long { run_blocking(make).await.map_err(later)? } else { make() };
    let rendered = made.map_err(|trouble| told(http, &trouble, Some(&address)))?;
    let body = Body::new(rendered.body);
    let (tag, tables) = match cacheability {
        Cacheability::Once => (None, None),
        Cacheability::UntilChanged => (tag_at(register.changed_at(tables)), Some(tables)),
        Cacheability::Forever => (tag_at(revision), None),
    };
    if let Some(tag) = tag {
        let bytes = body.plain().len() + body.plain().len() / 2;
        shared.answers.put(key, CachedBody { body: body.clone(), revision, tag, tables }, bytes);
    }
    send(http, shared, &address, body, revision, tag, held).await
}

fn variables(request: &GraphqlRequest) -> String {
    serde_json::to_string(&request.variables).expect("values are JSON")
}

/// Makes a page of an answer.
fn made(
    address: &Address,
    answer: Answer,
    (document, variables): (&str, &str),
    today: &str,
    hidden: Hidden,
) -> Result<Rendered, Trouble> {
    if !answer.errors.is_empty() {
        if answer.errors[0].error.code == ErrorCode::Forbidden {
            return Err(not_for_all(address.language));
        }
        let mut trouble = Trouble::of(&answer.errors);
        // The API names keys that are near in its hint, where what is asked for cannot be answered without the record.
        if let Some(near) = trouble.hint.strip_prefix("near are ") {
            trouble.near = near.split(", ").map(str::to_owned).collect();
        }
        let is_absent = answer.errors[0].error.code == ErrorCode::BadUserInput && address.route.keyed;
        if is_absent {
            let near = std::mem::take(&mut trouble.near);
            return Err(Trouble { near, ..pages::absent(address) });
        }
        return Err(trouble);
    }
    let near: Vec<String> = answer.hints.iter().flat_map(|hint| hint.near.iter().cloned()).collect();
    let data = answer.data.unwrap_or_default();
    let data = serde_json::from_slice(&data).expect("an answer is JSON");
    let script = script_for(hidden);
    let answered = Answered { data, revision: answer.revision, document, variables, script, today, hidden };
    pages::render(address, &answered).map_err(|mut trouble| {
        trouble.near.extend(near);
        trouble
    })
}

/// What is only there for who shows a token.
fn not_for_all(language: Language) -> Trouble {
    let message =
        language.say("Dit is hier niet voor lezers zonder token.", "This is not for readers without a token here.");
    let hint = language.say(
        "Wie deze server beheert, geeft er een. Of begin bij de startpagina.",
        "Whoever runs this server gives one. Or begin at the home page.",
    );
    Trouble { status: 403, message: message.to_owned(), hint: hint.to_owned(), near: Vec::new() }
}

/// The module of the pages for a reader: it is built with the explorer, stands below it, and is hidden with it.
pub fn script_for(hidden: Hidden) -> &'static str {
    if hidden.explorer {
        return "";
    }
    let is_it = |name: &&str| name.starts_with("assets/pages-") && name.ends_with(".js");
    embedded::EXPLORER.iter().map(|(name, _)| *name).find(is_it).unwrap_or_default()
}

/// A page of no plan in particular: the one there is, or the choice.
fn which_plan(register: &Register, address: &Address) -> HttpResponse {
    let mut plans = register.all(crate::model::Kind::Plan);
    let mut parameters: Vec<(&str, &str)> = address.given.iter().map(|(name, value)| (&**name, &**value)).collect();
    let (only, other) = (plans.next().map(|plan| plan.key.to_string()), plans.next());
    let path = match (&only, other) {
        (Some(key), None) if address.given("plan").is_none() => {
            parameters.push(("plan", key));
            address.route.path
        }
        _ => {
            parameters.retain(|(name, _)| *name != "for");
            parameters.push(("for", address.route.path));
            "plans"
        }
    };
    let location = format!("{}{path}{}", address.up, pages::query_string(&parameters));
    HttpResponse::Found().insert_header((header::LOCATION, location)).finish()
}

/// So many characters of what cannot be are shown.
const VALUE_MAX: usize = 80;

fn wrong(http: &HttpRequest, name: &str, value: &str) -> Trouble {
    let language = language(http);
    let value = shortened(value, VALUE_MAX);
    let message = format!("`{name}`: {} “{value}”", language.say("dit lukt niet met", "this cannot be"));
    let hint = language
        .say("Laat het weg, of begin bij de startpagina.", "Leave it out, or begin at the home page.")
        .to_owned();
    Trouble { status: 400, message, hint, near: Vec::new() }
}

/// What went wrong, as a page.
fn told(http: &HttpRequest, trouble: &Trouble, address: Option<&Address>) -> HttpResponse {
    let status = StatusCode::from_u16(trouble.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if address.is_some_and(|address| address.ending != Ending::Html) {
        let code = match trouble.status {
            403 => ErrorCode::Forbidden,
            404 => ErrorCode::NotFound,
            500 => ErrorCode::Internal,
            503 => ErrorCode::Unavailable,
            _ => ErrorCode::BadRequest,
        };
        return refuse(status, code, &trouble.message, &trouble.hint);
    }
    let language = address.map_or_else(|| language(http), |address| address.language);
    let shared = http.app_data::<web::Data<Shared>>();
    let hidden = shared.map(|shared| shared.api.sight(&auth::identity(http)).hidden).unwrap_or_default();
    let up = "../".repeat(http.uri().path().matches('/').count().saturating_sub(1));
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(pages::trouble(trouble, address, language, &up, hidden))
}

/// Sends a page. When this is one node of several that has not heard of the others, it says so, and nobody keeps it.
async fn send(
    http: &HttpRequest,
    shared: &Shared,
    address: &Address,
    body: Body,
    revision: Revision,
    tag: Option<Tag>,
    held: Held,
) -> Result<HttpResponse, HttpResponse> {
    let About { media_type, policy } = about(address.ending);
    let aged_s = shared.ledger.link_state().and_then(|link| link.aged_s()).filter(|_| address.ending == Ending::Html);
    let (body, tag) = match aged_s {
        Some(aged_s) => (Body::new(pages::aged(body.plain(), address.language, revision, aged_s)), None),
        None => (body, tag),
    };
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(media_type)
        .insert_header((header::VARY, "Accept-Language, Accept-Encoding, Authorization"))
        .insert_header((header::CONTENT_LANGUAGE, HeaderValue::from_static(address.language.code())))
        .insert_header((REVISION, revision.to_string()))
        .insert_header((header::CACHE_CONTROL, if tag.is_some() { "public, no-cache" } else { "no-store" }));
    if let Some(policy) = policy {
        answer.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    if let Some(tag) = tag {
        answer.insert_header(tag.etag());
        if tag.is_known(http) {
            return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
        }
    }
    let is_page = address.ending == Ending::Html;
    let coding = if is_page { Coding::asked_by_browser(http) } else { Coding::asked(http) };
    encoding::send(answer, body, coding, held).await
}

fn about(ending: Ending) -> About {
    let (media_type, policy) = match ending {
        Ending::Html => ("text/html; charset=utf-8", Some(POLICY)),
        Ending::Csv => ("text/csv; charset=utf-8", None),
        Ending::Json => ("application/json; charset=utf-8", None),
        Ending::Svg => ("image/svg+xml; charset=utf-8", Some(PICTURE_POLICY)),
        Ending::Graphql => ("text/plain; charset=utf-8", None),
    };
    About { media_type, policy }
}
