//! What goes in and what comes out: a request and its answer.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Value as Input};

use crate::graphql::core::error::{GraphqlError, Step};
use crate::graphql::core::execution::Hint;
use crate::register::{Revision, TableSet};

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

impl GraphqlRequest {
    /// A request with variables from JSON; none when they are no object.
    pub fn new(query: impl Into<String>, variables: serde_json::Value) -> Option<Self> {
        match Input::from_json(variables) {
            Ok(Input::Object(variables)) => Some(Self { query: query.into(), operation_name: None, variables }),
            _ => None,
        }
    }

    /// Gives a variable that value.
    pub fn set_variable(&mut self, name: &str, value: serde_json::Value) {
        if let Ok(value) = Input::from_json(value) {
            self.variables.insert(Name::new(name), value);
        }
    }

    /// What tells it from every other request.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        let variables = serde_json::to_vec(&self.variables).expect("values are JSON");
        let operation = self.operation_name.as_deref().unwrap_or_default();
        for part in [self.query.as_bytes(), operation.as_bytes(), &variables] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        *hasher.finalize().as_bytes()
    }
}

/// What may be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowedOperations {
    /// Reading only: the request came in a way in which nothing may be written.
    Queries,
    /// Reading and writing.
    All,
}

/// How long an answer to the same request stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cacheability {
    /// It is good once: the request wrote something, or something went wrong.
    Once,
    /// Until a commit changes a table that the request can read.
    UntilChanged,
    /// For good: it tells of revisions that the request names, and of nothing else.
    Forever,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// The data as JSON; none when the request was refused before it ran.
    pub data: Option<Vec<u8>>,
    /// What went wrong.
    pub errors: Vec<GraphqlError>,
    /// The revision that was read: the last one that changed any of what the request can read.
    pub revision: Revision,
    /// Values that the answer could have had at most; none when the request was refused before that was known.
    pub cost: Option<usize>,
    /// How long it stays the same.
    pub cacheability: Cacheability,
    /// The tables that the request can read.
    pub tables: TableSet,
    /// What it says besides its data.
    pub hints: Vec<Hint>,
}

impl Answer {
    /// The refusal of a request.
    pub fn refused(errors: Vec<GraphqlError>, revision: Revision) -> Self {
        Self {
            data: None,
            errors,
            revision,
            cost: None,
            cacheability: Cacheability::Once,
            tables: TableSet::EVERYTHING,
            hints: Vec::new(),
        }
    }

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
        let cost = self.cost.map_or(String::new(), |cost| format!(",\"cost\":{cost}"));
        json.extend(format!("\"extensions\":{{\"revision\":{}{cost}", self.revision).as_bytes());
        if !self.hints.is_empty() {
            let hints = self.hints.iter().map(|hint| {
                let path = hint.path.iter().map(Step::to_json).collect::<serde_json::Value>();
                serde_json::json!({ "path": path, "message": hint.message, "near": hint.near })
            });
            json.extend(b",\"hints\":");
            serde_json::to_writer(&mut json, &hints.collect::<serde_json::Value>()).expect("a Vec takes everything");
        }
        json.extend(b"}}");
        json
    }
}
