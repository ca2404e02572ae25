//! From the parameters of a request to what is asked: the same members in a body and in an address.

use actix_web::http::StatusCode;
use serde_json::Value as Json;

use crate::graphql::GraphqlRequest;
use crate::graphql::core::error::FieldError;
use crate::http::graphql::documents::{self, Documents, Named};
use crate::http::graphql::json::{self, Refused};
use crate::http::graphql::refusal::{Refusal, bad_request};

/// Reads JSON of at most so many values.
///
/// # Errors
/// When it is none, or has more.
pub fn parse(text: &[u8], what: &str, hint: &str, values_max: usize) -> Result<Json, Refusal> {
    json::parse(text, values_max).map_err(|refused| match refused {
        Refused::Malformed(reason) => bad_request(format!("{what} is no JSON: {reason}"), hint),
        Refused::TooMany => {
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
pub fn from_body(body: &[u8], documents: &Documents, values_max: usize) -> Result<GraphqlRequest, Refusal> {
    from_json(parse(body, "the body", "send {\"query\": \"…\", \"variables\": {…}}", values_max)?, documents)
}

/// Reads the parameters of an address.
///
/// # Errors
/// When they are no request.
pub fn from_parameters(
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
