//! `GET /export/…`: the register, or a kind of its records, as a file.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HttpDate};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::analysis::listing::Listing;
use crate::embedded;
use crate::export::csv::Dialect;
use crate::export::{Choice, Export, Form};
use crate::graphql::Api;
use crate::graphql::core::as_of::register_named;
use crate::graphql::core::context::RequestContext;
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::public::Hidden;
use crate::graphql::tabular::select::Selection;
use crate::http::state::auth;
use crate::http::state::shared::Shared;
use crate::http::wire::download::{not_made, send, stopping};
use crate::http::wire::refusal::later;
use crate::http::wire::refusal::refuse;
use crate::http::wire::refusal::refuse_with;
use crate::model::Kind;
use crate::model::problem::nearest;
use crate::register::Register;

/// What a record of an export costs: about as many values as it has, with its sources.
const RECORD_COST: usize = 50;

/// Answers the request.
pub async fn get(http: HttpRequest, name: web::Path<String>, shared: web::Data<Shared>) -> HttpResponse {
    let identity = auth::identity(&http);
    let hidden = shared.api.sight(&identity).hidden;
    let (of, form) = match target(&name, hidden) {
        Ok(target) => target,
        Err(refusal) => return refusal,
    };
    let asked = match Asked::read(&http, of, form) {
        Ok(asked) => asked,
        Err(error) => return refused(error, hidden),
    };
    let name = name.into_inner();
    // To find an earlier register, or to write a workbook, takes its time.
    let head = http.method() == actix_web::http::Method::HEAD;
    let payer = auth::payer(&http, &shared, &identity);
    let turn = match payer.turn(shared.api.limits()).await {
        Ok(turn) => turn,
        Err(error) => return later(error),
    };
    let context = shared.api.context(&identity);
    let _waiting = context.work.waiting();
    let selecting = context.clone();
    let limits = *shared.api.limits();
    let working = payer.clone();
    let found = web::block(move || {
        working.work_beside();
        selecting.run(|| prepare(&shared.api, &selecting, asked)).flatten()
    });
    let (export, chain) = match found.await {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(error)) => return refused(error, hidden),
        Err(_) => return stopping(),
    };
    let mut answer = HttpResponse::Ok();
    let revision = export.register.revision();
    let tag = chain.map(|chain| tag(&name, http.query_string(), revision, &chain));
    let modified = modified(&export.register);
    answer
        .insert_header(("Boordtabel-Revision", revision.to_string()))
        .insert_header(("Boordtabel-Records", export.records().to_string()))
        .insert_header((header::LAST_MODIFIED, modified))
        .insert_header((header::CACHE_CONTROL, "no-cache"));
    if let Some(tag) = &tag {
        answer.insert_header((header::ETAG, tag.clone()));
    }
    if tag.is_some_and(|tag| not_modified(&http, &tag, modified)) {
        return answer.status(StatusCode::NOT_MODIFIED).finish();
    }
    let disposition = format!("attachment; filename=\"{}\"", export.choice.file_name());
    answer.content_type(export.choice.form.media_type()).insert_header((header::CONTENT_DISPOSITION, disposition));
    if head {
        // The length is not known before it is made.
        return send(answer, Box::new(std::iter::empty()), payer);
    }
    if let Err(error) = payer.pay(RECORD_COST * export.records(), &limits) {
        return later(error);
    }
    // To make a file of all that there is may take longer than an answer; it ends when nobody waits for it.
    let (making, working) = (context.exporting(), payer.clone());
    let made = web::block(move || {
        let _turn = turn;
        working.work_beside();
        making.run(|| export.pieces())
    });
    match made.await {
        Ok(Ok(Ok(pieces))) => send(answer, pieces, payer),
        Ok(Ok(Err(error))) => not_made(&error),
        Ok(Err(ended)) => refused(ended, hidden),
        Err(_) => stopping(),
    }
}

fn refused(mut error: FieldError, hidden: Hidden) -> HttpResponse {
    hidden.redact(&mut error);
    let status = match error.code {
        ErrorCode::RevisionUnavailable => StatusCode::NOT_FOUND,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    refuse_with(status, error)
}

/// What is exported.
#[derive(Clone, Copy)]
enum Of {
    Everything,
    Kind(Kind),
    Listing(Listing),
}

/// What the last part of the address names: a kind, a list of computed values, or everything; and the form.
fn target(name: &str, hidden: Hidden) -> Result<(Of, Form), HttpResponse> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let kind = Kind::ALL.iter().copied().find(|kind| kind.file() == stem);
    let of = kind.map(Of::Kind).or(Listing::from_word(stem).map(Of::Listing));
    match (stem, of, Form::from_word(ending)) {
        (_, Some(of), Some(form)) if form != Form::Package => Ok((of, form)),
        ("plan", _, Some(form @ (Form::Xlsx | Form::JsonLines))) => Ok((Of::Everything, form)),
        ("datapackage", _, Some(form @ Form::Package)) => Ok((Of::Everything, form)),
        _ => {
            let files = Kind::ALL.iter().map(|kind| kind.file());
            let near = nearest(stem, files.chain(Listing::all().map(Listing::word)).chain(["plan"]));
            let near = near.first().filter(|_| !hidden.suggestions);
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let hint = format!(
                "there are a kind's file as .csv, .xlsx or .jsonl, such as measures.csv, lists of computed values, such as trends.csv, and plan.xlsx, plan.jsonl, datapackage.zip{near}"
            );
            let message = format!("there is no export `{name}`");
            Err(refuse(StatusCode::NOT_FOUND, ErrorCode::NotFound, &message, &hint))
        }
    }
}

/// What the address asks for.
struct Asked {
    choice: Choice,
    revision: Option<String>,
    selection: Selection,
}

impl Asked {
    fn read(http: &HttpRequest, of: Of, form: Form) -> Result<Self, FieldError> {
        let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string()).map_err(|_| {
            FieldError::new(ErrorCode::BadRequest, "the address does not read", "encode its parameters")
        })?;
        // Tables of one kind are for reading unless said otherwise; all else is complete.
        let whole = matches!(of, Of::Everything);
        let sources = whole || form == Form::JsonLines;
        let (kinds, listing) = match of {
            Of::Everything => (Kind::ALL.to_vec(), None),
            Of::Kind(kind) => (vec![kind], None),
            Of::Listing(listing) => (Vec::new(), Some(listing)),
        };
        let mut choice = Choice { kinds, listing, whole, form, dialect: Dialect::Standard, sources, names: false };
        let (mut revision, mut selection) = (None, Selection::default());
        let mut seen: Vec<String> = Vec::new();
        for (name, text) in parameters.into_inner() {
            let bad = |hint: &str| FieldError::input(format!("`{name}` cannot be `{text}`"), hint);
            // The two ways to name a state are one parameter.
            let slot = if name == "asOf" { "revision" } else { &name };
            if seen.iter().any(|other| other == slot) {
                return Err(FieldError::input(
                    format!("`{name}` is given twice"),
                    "give it once; `revision` and `asOf` say the same",
                ));
            }
            seen.push(slot.to_owned());
            match name.as_str() {
                "revision" if text.parse::<u64>().is_err() => return Err(bad("give the number of a revision")),
                "revision" | "asOf" => revision = Some(text),
                "sources" if matches!(form, Form::Csv | Form::Xlsx) => {
                    choice.sources = match text.as_str() {
                        "1" | "true" => true,
                        "0" | "false" => false,
                        _ => return Err(bad("give 1 or 0")),
                    };
                }
                "names" if form == Form::Xlsx && choice.listing.is_none() => {
                    choice.names = match text.as_str() {
                        "1" | "true" => true,
                        "0" | "false" => false,
                        _ => return Err(bad("give 1 or 0")),
                    };
                }
                "dialect" if form == Form::Csv => {
                    choice.dialect = Dialect::from_word(&text).ok_or_else(|| bad("give `standard` or `excel-be`"))?;
                }
                "where" if !choice.whole => selection.filter = Some(text),
                "orderBy" if !choice.whole => selection.order = Some(text),
                "kinds" if choice.whole => choice.kinds = some_kinds(&text)?,
                _ => {
                    let message = format!("this export takes no parameter `{name}`");
                    let hint = "it takes revision or asOf; a kind or a list also where and orderBy; CSV and XLSX sources; XLSX of records names; CSV dialect; plan and datapackage kinds";
                    return Err(FieldError::input(message, hint));
                }
            }
        }
        Ok(Self { choice, revision, selection })
    }
}

/// The kinds of a list such as `measures,indicators`, in the order of the model.
fn some_kinds(text: &str) -> Result<Vec<Kind>, FieldError> {
    let names: Vec<&str> = text.split(',').map(str::trim).collect();
    for name in &names {
        if !Kind::ALL.iter().any(|kind| kind.file() == *name) {
            let near = nearest(name, Kind::ALL.iter().map(|kind| kind.file()));
            let hint = near.first().map_or_else(
                || "name them as their files".to_owned(),
                |near| format!("did you mean `{near}`? name them as their files"),
            );
            return Err(FieldError::input(format!("there is no kind `{name}`"), hint));
        }
    }
    Ok(Kind::ALL.iter().copied().filter(|kind| names.contains(&kind.file())).collect())
}

/// The export, and what names its state.
fn prepare(api: &Api, context: &RequestContext, asked: Asked) -> Result<(Export, Option<[u8; 32]>), FieldError> {
    let sight = &context.sight;
    let register = match asked.revision.as_deref() {
        None => api.register_for(&context.identity)?,
        Some(_) if sight.hidden.history => {
            let message = "earlier states are not for readers without a token here";
            return Err(FieldError::new(ErrorCode::Forbidden, message, "leave `revision` out, or show a token"));
        }
        named => register_named(api.ledger(), named)?,
    };
    let listed = match asked.choice.kinds.as_slice() {
        [kind] if !asked.selection.is_empty() => Some(api.select(&register, *kind, &asked.selection)?.into()),
        _ => None,
    };
    let computed = match asked.choice.listing {
        Some(listing) => Some(api.select_computed(&register, listing, &asked.selection)?),
        None => None,
    };
    let chain = api.ledger().chain(register.revision()).ok();
    Ok((Export { register, choice: asked.choice, listed, computed }, chain))
}

/// The same address at the same state, from the same program, gives the same bytes. Another data folder has other states; one whose
/// journal does not read has none to name.
fn tag(name: &str, query: &str, revision: u64, chain: &[u8; 32]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{}\n{name}\n{query}", embedded::BUILD).as_bytes()).update(chain);
    format!("\"{revision}-{}\"", &hasher.finalize().to_hex()[..16])
}

fn modified(register: &Register) -> HttpDate {
    // The header has whole seconds.
    let seconds = u64::try_from(register.committed_at_ms()).unwrap_or_default() / 1000;
    HttpDate::from(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds))
}

/// Whether the client has it already: by the tag, or where it knows none, by the time.
fn not_modified(http: &HttpRequest, tag: &str, modified: HttpDate) -> bool {
    let text = |name| http.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    if let Some(known) = text(header::IF_NONE_MATCH) {
        let mut known = known.split(',').map(|known| known.trim().trim_start_matches("W/"));
        return known.any(|known| known == tag || known == "*");
    }
    let since = text(header::IF_MODIFIED_SINCE).and_then(|text| text.parse::<HttpDate>().ok());
    since.is_some_and(|since| modified <= since)
}
