//! From the text of a document to an operation that can be answered.
//!
//! [`size`] bounds what follows, [`lexer`] and [`parse`] read, [`validate`] says what is wrong, [`mod@compile`] makes an operation of
//! it, [`cache`] keeps that. For each request [`variables`] are coerced and [`bind`] puts them in.

pub mod ast;
pub mod bind;
pub mod bound;
pub mod cache;
pub mod compile;
pub mod lexer;
pub mod operation;
pub mod parse;
pub mod size;
pub mod tables;
pub mod validate;
pub mod values;
pub mod variables;

use crate::graphql::core::definition::Graph;
use crate::graphql::core::error::{ErrorCode, FieldError, GraphqlError, locate};
use crate::graphql::core::limits::Limits;
use ast::{Document, OperationKind};
use operation::Operation;

/// Reads a document, with all of its limits but those of what it costs.
///
/// # Errors
/// When it is too large, or no GraphQL.
pub fn read<'d>(text: &'d str, limits: &Limits) -> Result<Document<'d>, GraphqlError> {
    size::scan(text, limits)?;
    let document = parse::parse(text).map_err(|error| {
        let is_of_schema = error.message.starts_with(parse::OF_A_SCHEMA);
        let code = if is_of_schema { ErrorCode::ValidationFailed } else { ErrorCode::ParseFailed };
        let at = locate(text, error.at);
        let message = format!("line {}, column {}: {}", at.line, at.column, error.message);
        GraphqlError {
            error: Box::new(FieldError::new(code, message, error.hint)),
            locations: vec![at],
            path: Vec::new(),
        }
    })?;
    size::check(&document, limits).map_err(|(at, error)| GraphqlError {
        error: Box::new(error),
        locations: at.map(|at| locate(text, at)).into_iter().collect(),
        path: Vec::new(),
    })?;
    Ok(document)
}

/// Compiles the operation of a document that a request means.
///
/// # Errors
/// With everything that is wrong with the document, or because it has no such operation.
pub fn compile(graph: &Graph, limits: &Limits, text: &str, name: Option<&str>) -> Result<Operation, Vec<GraphqlError>> {
    let document = read(text, limits).map_err(|error| vec![error])?;
    validate::validate(graph, &document, text, limits.errors)?;
    let operation = chosen(&document, name).map_err(|error| vec![error.into()])?;
    Ok(compile::compile(graph, limits, &document, operation, text))
}

/// Compiles every operation of a document, each with the name by which requests mean it.
///
/// # Errors
/// With everything that is wrong with the document.
pub fn compile_all(
    graph: &Graph,
    limits: &Limits,
    text: &str,
) -> Result<Vec<(Option<String>, Operation)>, Vec<GraphqlError>> {
    let document = read(text, limits).map_err(|error| vec![error])?;
    validate::validate(graph, &document, text, limits.errors)?;
    let mut compiled = Vec::new();
    for operation in &document.operations {
        let made = compile::compile(graph, limits, &document, operation, text);
        if let Some(refusal) = &made.refusal {
            return Err(vec![(**refusal).clone()]);
        }
        if document.operations.len() == 1 {
            compiled.push((None, made.clone()));
        }
        compiled.extend(operation.name.map(|name| (Some(name.text.to_owned()), made)));
    }
    Ok(compiled)
}

/// What the operation does that a request means, as far as its document can be read.
pub fn kind_of(limits: &Limits, text: &str, name: Option<&str>) -> Option<OperationKind> {
    let document = read(text, limits).ok()?;
    chosen(&document, name).ok().map(|operation| operation.kind)
}

/// The operation that a request means.
fn chosen<'a, 'd>(document: &'a Document<'d>, name: Option<&str>) -> Result<&'a ast::Operation<'d>, FieldError> {
    let bad = |message: String, hint: &str| Err(FieldError::new(ErrorCode::BadRequest, message, hint));
    let named = |wanted: &str| {
        document.operations.iter().find(|operation| operation.name.is_some_and(|name| name.text == wanted))
    };
    match (document.operations.as_slice(), name) {
        ([operation], None) => Ok(operation),
        (_, None) => bad("the document has several operations".into(), "say which one in `operationName`"),
        (operations, Some(name)) => match named(name) {
            Some(operation) => Ok(operation),
            None => {
                let known: Vec<&str> = operations.iter().filter_map(|it| Some(it.name?.text)).collect();
                let hint = if known.is_empty() {
                    "leave `operationName` out: the operation has no name".to_owned()
                } else {
                    format!("correct `operationName`; there are {}", lexer::shown(&known.join(", ")))
                };
                bad(format!("the document has no operation `{}`", lexer::shown(name)), &hint)
            }
        },
    }
}

#[cfg(test)]
mod tests;
