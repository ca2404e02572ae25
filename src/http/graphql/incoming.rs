//! A request on its way in: from a body or an address to what is asked, by whom, and in which form the answer is to come.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value as Json;

use crate::commit::access::{Identity, Role};
use crate::graphql::GraphqlRequest;
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::http::graphql::json::{self, JsonError};
use crate::http::state::auth;
use crate::http::state::documents::{self, Documents, Named};
use crate::http::state::shared::Shared;
use crate::http::wire::background::run_blocking;
use crate::http::wire::body;
use crate::http::wire::negotiate::Form;
use crate::http::wire::refusal::{Refusal, bad_request, later, refuse, refuse_with};
use crate::http::wire::share::Payer;

/// A longer body is read, and answered, on a thread of its own.
const LONG_BODY_BYTES: usize = 128 * 1024;

/// A request, and who sends it.
pub struct Asked {
    /// The request.
    pub request: GraphqlRequest,
    /// Who sends it.
    pub identity: Identity,
    /// Who pays for it.
    pub payer: Payer,
    /// Whether it is too long to be answered on a thread that others share.
    pub is_long: bool,
}

/// The body of a POST, and who sends it.
///
/// # Errors
/// With the answer that refuses it.
pub async fn body_of(
    http: &HttpRequest,
    payload: web::Payload,
    shared: &Shared,
) -> Result<(Vec<u8>, Identity), HttpResponse> {
    if !is_json(http) {
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
            "a request is `application/json` in UTF-8",
            "send the header `Content-Type: application/json`",
        ));
    }
    let identity = auth::identity(http);
    Ok((body::read(http, payload, &identity, shared.api.limits()).await?, identity))
}

/// The request in the body of a POST.
///
/// # Errors
/// With the answer that refuses it.
pub async fn in_body(
    http: &HttpRequest,
    payload: web::Payload,
    shared: &web::Data<Shared>,
) -> Result<Asked, HttpResponse> {
    let (body, identity) = body_of(http, payload, shared).await?;
    let values_max = if identity.role >= Role::Import { usize::MAX } else { shared.api.limits().json_values };
    let is_long = body.len() > LONG_BODY_BYTES;
    let read = if is_long {
        let shared = shared.clone();
        run_blocking(move || from_body(&body, &shared.policy().documents, values_max)).await.map_err(later)?
    } else {
        from_body(&body, &shared.policy().documents, values_max)
    };
    let payer = auth::payer(http, shared, &identity);
    let request = read.map_err(refused)?;
    alone(http, &request).map_err(refused)?;
    Ok(Asked { request, identity, payer, is_long })
}

/// What a request consists of, in a body or in an address.
const FIELDS: [&str; 5] = ["query", "documentId", "operationName", "variables", "extensions"];

/// Looks that the address of a POST says nothing of the request in its body. The name of the same operation may stand there, for logs.
///
/// # Errors
/// When it does: which of the two is meant nobody knows.
pub fn alone(http: &HttpRequest, request: &GraphqlRequest) -> Result<(), Refusal> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string());
    let name = request.operation_name.as_deref();
    let is_same = |field: &str, text: &str| field == "operationName" && name == Some(text);
    let found = parameters.into_iter().flat_map(web::Query::into_inner);
    match found.into_iter().find(|(field, text)| FIELDS.contains(&field.as_str()) && !is_same(field, text)) {
        None => Ok(()),
        Some((field, _)) => {
            let message = format!("`{field}` stands in the address of a POST, whose request is its body");
            Err(bad_request(message, "send all of it in the body, or all of it in the address of a GET"))
        }
    }
}

/// The request in the parameters of a GET's address.
///
/// # Errors
/// With the answer that refuses it.
pub fn in_address(http: &HttpRequest, shared: &Shared) -> Result<Asked, HttpResponse> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(http.query_string()).map_err(|_| {
        refuse(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, "the address does not read", "encode its parameters")
    })?;
    let request = from_parameters(parameters.into_inner(), &shared.policy().documents, shared.api.limits().json_values);
    let identity = auth::identity(http);
    let payer = auth::payer(http, shared, &identity);
    Ok(Asked { request: request.map_err(refused)?, identity, payer, is_long: false })
}

/// The answer that refuses a request.
pub fn refused(Refusal { status, error }: Refusal) -> HttpResponse {
    refuse_with(status, error)
}

/// The form of answer that a client prefers.
///
/// # Errors
/// With the answer that refuses it, when it takes none of ours.
pub fn form(http: &HttpRequest) -> Result<Form, HttpResponse> {
    let accept = http.headers().get(header::ACCEPT).map(|value| value.to_str().unwrap_or_default());
    Form::preferred(accept).ok_or_else(not_acceptable)
}

/// Anything else a browser would send to another site without asking first.
fn is_json(http: &HttpRequest) -> bool {
    let Some(Ok(text)) = http.headers().get(header::CONTENT_TYPE).map(HeaderValue::to_str) else { return false };
    let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
    let charset = |part: &str| part.strip_prefix("charset=").is_none_or(|name| matches!(name, "utf-8" | "\"utf-8\""));
    parts.next().as_deref() == Some("application/json") && parts.all(|part| charset(&part))
}

fn not_acceptable() -> HttpResponse {
    refuse(
        StatusCode::NOT_ACCEPTABLE,
        ErrorCode::NotAcceptable,
        "answers are `application/graphql-response+json`, `application/json`, or tables: `text/csv` and XLSX",
        "name one of them in `Accept`",
    )
}

/// Reads JSON of at most so many values.
///
/// # Errors
/// When it is none, or has more.
pub fn parse(text: &[u8], what: &str, hint: &str, values_max: usize) -> Result<Json, Refusal> {
    json::parse(text, values_max).map_err(|error| match error {
        JsonError::Malformed(reason) => bad_request(format!("{what} is no JSON: {reason}"), hint),
        JsonError::TooMany => {
            let hint = "send less in one request; rows go to /import as JSON Lines";
            let found = values_max.saturating_add(1);
            let error = FieldError::limit("values in a request's JSON", values_max, found, hint);
            Refusal { status: StatusCode::BAD_REQUEST, error }
        }
    })
}

/// Reads a body.
///
/// # Errors
/// When it is no request.
fn from_body(body: &[u8], documents: &Documents, values_max: usize) -> Result<GraphqlRequest, Refusal> {
    from_json(parse(body, "the body", "send {\"query\": \"…\", \"variables\": {…}}", values_max)?, documents)
}

/// Reads the parameters of an address.
///
/// # Errors
/// When they are no request.
fn from_parameters(
    parameters: Vec<(String, String)>,
    documents: &Documents,
    values_max: usize,
) -> Result<GraphqlRequest, Refusal> {
    let mut fields = serde_json::Map::new();
    for (name, text) in parameters {
        let value = match name.as_str() {
            "variables" | "extensions" => {
                parse(text.as_bytes(), &format!("`{name}`"), "send an object as JSON", values_max)?
            }
            _ => Json::String(text),
        };
        if fields.contains_key(&name) {
            return Err(bad_request(format!("the parameter `{name}` is there twice"), "send it once"));
        }
        fields.insert(name, value);
    }
    from_json(Json::Object(fields), documents)
}

/// Reads what came as JSON.
///
/// # Errors
/// When it is no request.
pub fn from_json(json: Json, documents: &Documents) -> Result<GraphqlRequest, Refusal> {
    let mut fields = match json {
        Json::Object(fields) => fields,
        Json::Array(requests) => {
            let message = format!("the body is a batch of {}; one request is taken at a time", requests.len());
            return Err(bad_request(
                message,
                "send each request alone, as an object; fields of one query share a request",
            ));
        }
        _ => return Err(bad_request("the body is no JSON object", "send one request as an object")),
    };
    let mut take = |name: &str| fields.remove(name).filter(|value| !value.is_null());
    let mut text = |name: &str| match take(name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad_request(format!("`{name}` is no text"), "send it as a JSON string, or leave it out")),
    };
    let (query, id, operation_name) = (text("query")?, text("documentId")?, text("operationName")?);
    let hash = match take("extensions") {
        None => None,
        Some(extensions @ Json::Object(_)) => documents::hash(&extensions)?,
        Some(_) => return Err(bad_request("`extensions` is no object", "leave it out")),
    };
    let variables = take("variables").unwrap_or_else(|| Json::Object(serde_json::Map::new()));
    let query = documents.text(Named { query, id, hash })?;
    let request = GraphqlRequest::new(query, variables)
        .ok_or_else(|| bad_request("`variables` is no object", "send {\"variables\": {…}}"))?;
    Ok(GraphqlRequest { operation_name: operation_name.filter(|name| !name.is_empty()), ..request })
}
