//! Answers of `/graphql` as tables, for those whose `Accept` asks for CSV or a workbook.

use std::panic::AssertUnwindSafe;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::export::cell::Cell;
use crate::export::csv::{Csv, Dialect, tells};
use crate::export::{self, ExportError, in_file, xlsx};
use crate::graphql::GraphqlRequest;
use crate::graphql::core::context::RequestContext;
use crate::graphql::core::error::{ErrorCode, FieldError, GraphqlError};
use crate::graphql::tabular::table::Table;
use crate::http::graphql::incoming::Asked;
use crate::http::state::refusals;
use crate::http::state::shared::Shared;
use crate::http::wire::download::{not_made, send, stopping};
use crate::http::wire::flight::Pieces;
use crate::http::wire::refusal::{later, refuse};
use crate::http::wire::share::Payer;
use crate::model::text::shortened;

/// Its name says nothing that an import would take for the records of a kind: a table has some of their fields.
const NAME: &str = "answer";

/// A table on its way from the thread that made it.
struct Made {
    revision: u64,
    rows: usize,
    content: Content,
}

/// What it consists of.
enum Content {
    Text(Vec<u8>),
    File(export::Pieces),
}

/// Why there is none.
enum TableError {
    Request(Vec<GraphqlError>),
    Export(ExportError),
}

/// How CSV is to be written: as the address says in `dialect`, like those of exports.
///
/// # Errors
/// When there is no such dialect.
pub fn dialect(http: &HttpRequest) -> Result<Dialect, HttpResponse> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string());
    let given = parameters.ok().and_then(|all| all.into_inner().into_iter().find(|(name, _)| name == "dialect"));
    let Some((_, word)) = given else { return Ok(Dialect::Standard) };
    Dialect::from_word(&word).ok_or_else(|| {
        let message = format!("`dialect` cannot be `{}`", shortened(&word, 40));
        refuse(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, &message, "give `standard` or `excel-be`")
    })
}

/// Answers a request with a table in that form.
pub async fn answer(
    shared: &web::Data<Shared>,
    Asked { request, identity, payer, .. }: Asked,
    form: export::Form,
    dialect: Dialect,
) -> Result<HttpResponse, HttpResponse> {
    let flight = &shared.flight;
    let turn = payer.turn(shared.api.limits()).await.map_err(later)?;
    let held = flight.reserve().await.map_err(later)?;
    let shared = shared.clone();
    let context = shared.api.context(&identity);
    let hidden = context.sight.hidden;
    let _waiting = context.work.waiting();
    let working = payer.clone();
    let made = web::block(move || {
        let _turn = turn;
        working.work_beside();
        let make = AssertUnwindSafe(|| make(&shared, request, (&context, &working), (form, dialect)));
        std::panic::catch_unwind(make).unwrap_or_else(|_| {
            tracing::error!("a table failed; the panic is above");
            let hint = "report this; the server's log has the cause";
            Err(TableError::Request(vec![
                FieldError::new(ErrorCode::Internal, "the server failed to answer", hint).into(),
            ]))
        })
    });
    match made.await {
        Ok(Ok(Made { revision, rows, content })) => {
            let mut response = HttpResponse::Ok();
            response
                .insert_header((header::CONTENT_TYPE, form.media_type()))
                .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{NAME}.{form}\"")))
                .insert_header(("Boordtabel-Revision", revision.to_string()))
                .insert_header(("Boordtabel-Records", rows.to_string()))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .insert_header((header::VARY, "Accept"));
            match content {
                Content::File(pieces) => Ok(send(response, pieces, payer)),
                Content::Text(text) => {
                    let held = flight.settle(held, text.len()).map_err(later)?;
                    Ok(response.body(Pieces::new(text.into(), held)))
                }
            }
        }
        Ok(Err(TableError::Request(mut errors))) => {
            errors.iter_mut().for_each(|error| hidden.redact(&mut error.error));
            Err(refused(&errors))
        }
        Ok(Err(TableError::Export(error))) => Err(not_made(&error)),
        Err(_) => Err(stopping()),
    }
}

fn make(
    shared: &Shared,
    request: GraphqlRequest,
    (context, payer): (&RequestContext, &Payer),
    (form, dialect): (export::Form, Dialect),
) -> Result<Made, TableError> {
    let register =
        shared.api.register_for(&context.identity).map_err(|error| TableError::Request(vec![error.into()]))?;
    let committed_at_ms = register.committed_at_ms();
    let table = shared.api.table(register, request, context, |cost| payer.pay(cost, shared.api.limits()));
    let table = table.map_err(TableError::Request)?;
    let names = table.names();
    let rows = table.rows(&mut |_| ());
    let revision = table.revision;
    let content = match form {
        export::Form::Xlsx => {
            let rows = |each: &mut dyn FnMut(&[Cell<'_>])| {
                table.rows(each);
            };
            let written = in_file(|file| xlsx::write_table(NAME, &names, rows, committed_at_ms, file));
            Content::File(written.map_err(TableError::Export)?)
        }
        _ => Content::Text(csv(&table, &names, dialect)),
    };
    Ok(Made { revision, rows, content })
}

fn csv(table: &Table, names: &[String], dialect: Dialect) -> Vec<u8> {
    let mut sure = false;
    table.rows(&mut |row| sure |= tells(row));
    let mut csv = Csv::new(dialect, sure);
    let mut out = Vec::new();
    csv.header(names.iter().map(String::as_str), &mut out);
    table.rows(&mut |row| csv.row(row, &mut out));
    out
}

/// Errors have no place in a table: they come as JSON, and the status says so.
fn refused(errors: &[GraphqlError]) -> HttpResponse {
    if let [only] = errors
        && only.error.retry_after_s.is_some()
    {
        return later(FieldError::clone(&only.error));
    }
    let status = match errors.first().map(|error| error.error.code) {
        Some(ErrorCode::Internal) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let within = refusals::within(errors);
    let errors: serde_json::Value = errors.iter().map(GraphqlError::to_json).collect();
    let body = serde_json::json!({ "errors": errors });
    let mut response = HttpResponse::build(status);
    if let Some(within) = within {
        response.extensions_mut().insert(within);
    }
    response.content_type("application/json; charset=utf-8").body(body.to_string())
}
