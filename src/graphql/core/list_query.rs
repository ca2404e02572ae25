//! The query of a list: its `where` and `orderBy`. Read once for each place of a request, before anything is answered.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use async_graphql::Value as Input;

use crate::graphql::core::error::FieldError;
use crate::graphql::core::input::tree;
use crate::register::query::{Budget, Filter, FilterSchema, Matcher, Order, QueryError, Row};
use crate::register::{Node, Register};

/// Which entries of a list, and in which order.
#[derive(Debug)]
pub struct ListQuery {
    /// Which rows; all when there is none.
    pub filter: Option<Arc<Filter>>,
    /// In which order; the list's own when it is empty.
    pub order: Order,
    /// Names filter and order: the same for the same question. Empty when nothing is asked.
    pub fingerprint: String,
    /// The whole hash of the same, which nobody can make another question for.
    pub digest: blake3::Hash,
}

/// What the arguments `where` and `orderBy` ask; none when they are absent.
///
/// # Errors
/// When they ask for what there is not, or too much.
pub fn read(
    given: Option<&Input>,
    order: Option<&Input>,
    schema: &'static FilterSchema,
    budget: &mut Budget,
) -> Result<Option<Arc<ListQuery>>, FieldError> {
    if given.is_none() && order.is_none() {
        return Ok(None);
    }
    let mut hasher = blake3::Hasher::new();
    serde_json::to_writer(&mut hasher, &(given, order)).expect("a hasher takes everything");
    let filter = given.map(|given| Filter::read(&tree(given), schema, "where", budget)).transpose();
    let digest = hasher.finalize();
    let order = order.map(|order| Order::read(&tree(order), schema, "orderBy", budget)).transpose();
    Ok(Some(Arc::new(ListQuery {
        filter: filter.map_err(refused)?.map(Arc::new),
        order: order.map_err(refused)?.unwrap_or_else(|| Order(Vec::new())),
        fingerprint: digest.to_hex()[..12].to_owned(),
        digest,
    })))
}

/// As an error of the API.
pub fn refused(refused: QueryError) -> FieldError {
    match refused {
        QueryError::Bad { path, message, hint } => FieldError::input(format!("`{path}`: {message}"), hint),
        QueryError::Limit { what, limit, found } => {
            let setting = match what {
                "levels of a filter" => "filter_depth",
                "conditions of the filters of a request" => "filter_terms",
                "values in the filters of a request" => "filter_values",
                _ => "order_fields",
            };
            FieldError::limit(what, limit, found, "ask for less at once").raised_by(setting)
        }
    }
}

impl ListQuery {
    /// Those of some records of the matcher's register that are asked for, in the order asked for.
    pub fn of<'r>(
        &self,
        matcher: Option<&Matcher<'_>>,
        nodes: impl Iterator<Item = &'r Arc<Node>>,
    ) -> Vec<&'r Arc<Node>> {
        let holds = |node: &&'r Arc<Node>| matcher.is_none_or(|matcher| matcher.matches(Row::Node(node)));
        self.in_order(nodes.filter(holds).collect())
    }

    /// Records in the order asked for.
    pub fn in_order<'r>(&self, mut nodes: Vec<&'r Arc<Node>>) -> Vec<&'r Arc<Node>> {
        self.order.sort(&mut nodes, |node| Row::Node(node));
        nodes
    }
}

/// The filters of a request, each with what it has met in a register so far: a list that stands below many records asks each of
/// them the same.
#[derive(Default)]
pub struct Matchers<'r>(RefCell<HashMap<(*const Filter, *const Register), Rc<Matcher<'r>>>>);

impl<'r> Matchers<'r> {
    /// The matcher for what is asked of lists of that register; none when it has no condition.
    pub fn get(&self, query: &ListQuery, register: &'r Register) -> Option<Rc<Matcher<'r>>> {
        let filter = query.filter.as_ref()?;
        let mut known = self.0.borrow_mut();
        // The matcher holds the filter: no other can have its address meanwhile.
        let matcher = known.entry((Arc::as_ptr(filter), std::ptr::from_ref(register)));
        Some(Rc::clone(matcher.or_insert_with(|| Rc::new(Matcher::new(filter, register)))))
    }
}
