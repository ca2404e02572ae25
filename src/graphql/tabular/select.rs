//! The records of a kind that fulfil a condition, for those who ask without a document: `where` and `orderBy` as texts.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::analysis::listing::Listing;
use crate::export::Computed;
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::list_query::ListQuery;
use crate::graphql::types::page::Source;
use crate::graphql::{Api, GraphqlRequest};
use crate::model::Kind;
use crate::register::{Node, Register};

/// Which records of a kind, in which order: as in the arguments of its list, in JSON or as GraphQL writes values.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only those that fulfil this.
    pub filter: Option<String>,
    /// In this order.
    pub order: Option<String>,
}

impl Selection {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.filter.is_none() && self.order.is_none()
    }
}

impl Api {
    /// The records of that kind that are selected, in their order.
    ///
    /// # Errors
    /// When the selection does not read, or asks for what there is not.
    pub fn select(&self, register: &Register, kind: Kind, selection: &Selection) -> Result<Vec<Arc<Node>>, FieldError> {
        match self.asked(register, kind.many(), kind.name(), selection)? {
            Some(query) => {
                let selection = Source::All(kind).select(register, Some(&query));
                let part = selection.part(None, None, usize::MAX, false);
                Ok(part.rows.iter().map(|at| Arc::clone(&selection.rows.0[*at as usize])).collect())
            }
            None => Ok(register.all(kind).cloned().collect()),
        }
    }

    /// The list of computed values, and which of its rows are selected, in their order.
    ///
    /// # Errors
    /// When the selection does not read, or asks for what there is not.
    pub fn select_computed(
        &self,
        register: &Register,
        listing: Listing,
        selection: &Selection,
    ) -> Result<Computed, FieldError> {
        let query = match selection.is_empty() {
            true => None,
            false => self.asked(register, listing.field(), listing.info().name, selection)?,
        };
        let rows = listing.of(register);
        let chosen =
            query.map(|query| Arc::clone(&rows).chosen(register, query.filter.as_deref(), &query.order).into());
        Ok(Computed { rows, chosen })
    }

    /// What a list is asked for by these texts.
    fn asked(
        &self,
        register: &Register,
        field: &str,
        ty: &str,
        selection: &Selection,
    ) -> Result<Option<Arc<ListQuery>>, FieldError> {
        let list = format!("[{ty}Order!]");
        let given = [("where", &selection.filter, format!("{ty}Where")), ("orderBy", &selection.order, list)];
        let (mut declared, mut args, mut variables) = (Vec::new(), Vec::new(), Map::new());
        for (name, text, ty) in given {
            let Some(text) = text else { continue };
            match serde_json::from_str::<Value>(text) {
                Ok(value) => {
                    declared.push(format!("${name}: {ty}"));
                    args.push(format!("{name}: ${name}"));
                    variables.insert(name.to_owned(), value);
                }
                Err(_) => args.push(format!("{name}: {text}")),
            }
        }
        let declared = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
        // Asked as a document asks it: so the same is allowed, and refused in the same words.
        let document = format!("query{declared} {{ {field}({}) {{ totalCount }} }}", args.join(", "));
        let malformed = || {
            let hint = "write it as in a query, {year: {gte: 2020}}, or as JSON, {\"year\": {\"gte\": 2020}}";
            FieldError::new(ErrorCode::BadUserInput, "`where` or `orderBy` does not read", hint)
        };
        let request = GraphqlRequest::new(document, Value::Object(variables)).ok_or_else(malformed)?;
        let bound = self.bind(register, request).map_err(|mut errors| {
            let error = *errors.swap_remove(0).error;
            if error.code == ErrorCode::ParseFailed { malformed() } else { error }
        })?;
        let view = bound.view();
        let fields: Vec<_> = view.fields(&bound.operation.root).collect();
        let [field] = fields.as_slice() else { return Err(malformed()) };
        let selected = field.selected().ok_or_else(malformed)?;
        Ok(view.args(selected.slot).map_err(FieldError::clone)?.1.clone())
    }
}
