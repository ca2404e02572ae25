//! The GraphQL API: a request in, an answer out, without any transport.
//!
//! [`definition`] says what the graph is made of, [`types`], [`page`] and [`query`] fill it from the model, [`plan`] and
//! [`run`] answer a document from it, [`engine`] validates and introspects.

pub mod definition;
pub mod engine;
pub mod error;
mod input;
pub mod limits;
pub mod page;
mod plan;
mod precheck;
pub mod query;
mod run;
mod scalar;
pub mod scope;
pub mod types;

use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Name, Value as Input, Variables};

use definition::{Graph, QUERY};
use engine::Engine;
use error::{ErrorCode, FieldError, GraphqlError};
use limits::Limits;
use plan::{Plan, What};
use scope::{History, Registers, Scope};

use crate::register::Revision;

/// A GraphQL request.
#[derive(Clone, Debug, Default)]
pub struct GraphqlRequest {
    /// The document.
    pub query: String,
    /// Which of its operations, when it has several.
    pub operation_name: Option<String>,
    /// The variables.
    pub variables: IndexMap<Name, Input>,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// The data as JSON; none when the request was refused before it ran.
    pub data: Option<Vec<u8>>,
    /// What went wrong.
    pub errors: Vec<GraphqlError>,
    /// The revision that was read.
    pub revision: Revision,
}

impl Answer {
    /// The whole answer as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(self.data.as_ref().map_or(0, Vec::len) + 256);
        json.push(b'{');
        // Errors come first, as the specification advises: whoever reads the answer by eye sees them.
        if !self.errors.is_empty() {
            json.extend(b"\"errors\":");
            let errors: serde_json::Value = self.errors.iter().map(GraphqlError::to_json).collect();
            serde_json::to_writer(&mut json, &errors).expect("a Vec takes everything");
            json.push(b',');
        }
        if let Some(data) = &self.data {
            json.extend(b"\"data\":");
            json.extend(data);
            json.push(b',');
        }
        json.extend(format!("\"extensions\":{{\"revision\":{}}}}}", self.revision).as_bytes());
        json
    }
}

/// The API.
pub struct Api {
    graph: Graph,
    engine: Engine,
    limits: Limits,
    history: Arc<dyn History>,
}

impl Api {
    /// The API over the registers of a history.
    pub fn new(history: Arc<dyn History>, limits: Limits) -> Self {
        let graph = types::graph(&limits);
        let engine = Engine::new(&graph);
        Self { graph, engine, limits, history }
    }

    /// The schema in its own language.
    pub fn sdl(&self) -> String {
        self.engine.sdl()
    }

    /// The graph, for those who document it.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The registers that it reads.
    pub fn history(&self) -> &dyn History {
        &*self.history
    }

    /// Answers a request.
    pub fn execute(&self, request: GraphqlRequest) -> Answer {
        match self.prepared(request) {
            Ok(answer) => answer,
            Err(errors) => Answer { data: None, errors, revision: self.history.current().revision() },
        }
    }

    fn prepared(&self, request: GraphqlRequest) -> Result<Answer, Vec<GraphqlError>> {
        let one = |error: FieldError| vec![GraphqlError::from(error)];
        if request.query.len() > self.limits.document_bytes {
            let hint = "split the request, or send values as variables";
            let (limit, found) = (self.limits.document_bytes, request.query.len());
            return Err(one(FieldError::limit("bytes of a document", limit, found, hint)));
        }
        let document = Engine::parse(&request.query).map_err(|error| vec![error])?;
        precheck::check(&document, &self.limits).map_err(one)?;
        let name = request.operation_name.as_deref();
        let operation = operation(&document, name).map_err(one)?;
        self.engine.validate(&document, name)?;
        let root = match operation.ty {
            OperationType::Query => self.graph.object(QUERY).expect("the graph has its root"),
            OperationType::Mutation | OperationType::Subscription => {
                unreachable!("the schema has neither, so the document is not valid")
            }
        };
        let given = request.variables;
        let variables = input::variables(&self.graph, operation, given).map_err(one)?;
        let plan = plan::plan(&self.graph, &document, operation, root, &variables).map_err(|error| vec![error])?;
        let introspection = if asks_for_introspection(&plan) {
            let variables =
                variables.iter().map(|(name, value)| (Name::new(name), value.clone())).collect::<IndexMap<_, _>>();
            let variables = Variables::from_value(Input::Object(variables));
            self.engine.introspect(&document, name, variables)
        } else {
            serde_json::Value::Null
        };
        let mut pins = Vec::new();
        collect_pins(&plan, &mut pins).map_err(one)?;
        let registers = Registers::fetch(&*self.history, &pins).map_err(one)?;
        let ran = run::run(&plan, &Scope { registers: &registers, limits: &self.limits }, &introspection);
        Ok(Answer { data: Some(ran.data), errors: ran.errors, revision: registers.current.revision() })
    }
}

/// The operation that the request means.
fn operation<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Result<&'d OperationDefinition, FieldError> {
    let bad = |message: String, hint| FieldError::new(ErrorCode::BadRequest, message, hint);
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            Ok(&operations.values().next().expect("there is one").node)
        }
        (DocumentOperations::Multiple(operations), Some(name)) if operations.contains_key(name) => {
            Ok(&operations[name].node)
        }
        (_, Some(name)) => Err(bad(format!("the document has no operation `{name}`"), "correct `operationName`")),
        (_, None) => Err(bad("the document has several operations".into(), "say which one in `operationName`")),
    }
}

fn asks_for_introspection(plan: &Plan<'_>) -> bool {
    plan.fields.iter().any(|field| matches!(field.what, What::Introspection))
}

fn collect_pins(plan: &Plan<'_>, pins: &mut Vec<Revision>) -> Result<(), FieldError> {
    for field in &plan.fields {
        if let What::Field(_, args, plans) = &field.what {
            pins.extend(page::pins(args)?);
            plans.iter().try_for_each(|plan| collect_pins(plan, pins))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
