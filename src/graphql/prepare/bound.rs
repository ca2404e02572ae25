//! An operation with the values of its variables: which fields are answered, in which order, with which arguments.

use std::sync::Arc;

use super::operation::{Operation, SelectedField, SelectionSet, Slot};
use crate::graphql::core::args::Args;
use crate::graphql::core::error::FieldError;
use crate::register::TableSet;

/// An operation with the values of its variables.
#[derive(Debug)]
pub struct Bound {
    /// The operation.
    pub operation: Arc<Operation>,
    /// For each of its slots that depends on variables and is reached, its arguments.
    pub(super) open: Vec<Option<Result<Args, FieldError>>>,
    /// For each of its selection sets that depends on conditions and is reached, the places of its fields, or why nobody knows.
    pub(super) orders: Vec<Result<Vec<usize>, FieldError>>,
    /// What it costs.
    pub cost: usize,
    /// The tables that it can read.
    pub tables: TableSet,
}

/// The same, borrowed.
#[derive(Clone, Copy)]
pub struct BoundRef<'b> {
    /// The operation.
    pub operation: &'b Operation,
    pub(super) open: &'b [Option<Result<Args, FieldError>>],
    pub(super) orders: &'b [Result<Vec<usize>, FieldError>],
}

impl Bound {
    /// Answers another field in a selection set of that order, after all others.
    pub fn show(&mut self, order: Option<usize>, place: usize) {
        if let Some(Ok(order)) = order.and_then(|at| self.orders.get_mut(at)) {
            order.push(place);
        }
    }

    /// Borrows it.
    pub fn view(&self) -> BoundRef<'_> {
        BoundRef { operation: &self.operation, open: &self.open, orders: &self.orders }
    }
}

impl Operation {
    /// The operation without variables.
    pub fn bound_to_nothing(&self) -> BoundRef<'_> {
        BoundRef { operation: self, open: &[], orders: &[] }
    }
}

impl<'b> BoundRef<'b> {
    /// The fields to answer, in their order.
    pub fn fields(self, set: &'b SelectionSet) -> impl Iterator<Item = &'b SelectedField> {
        self.places(set).map(|(_, field)| field)
    }

    /// The same, each with its place among all of the set.
    pub fn places(self, set: &'b SelectionSet) -> impl Iterator<Item = (usize, &'b SelectedField)> {
        let order = set.order.and_then(|at| self.orders.get(at)).map(|order| order.as_deref().unwrap_or_default());
        let count = order.map_or(set.fields.len(), <[usize]>::len);
        (0..count).map(move |at| {
            let place = order.map_or(at, |order| order[at]);
            (place, &set.fields[place])
        })
    }

    /// Why the fields of a selection set are not known: a condition is null.
    pub fn unknown(self, set: &SelectionSet) -> Option<&'b FieldError> {
        set.order.and_then(|at| self.orders.get(at)).and_then(|order| order.as_ref().err())
    }

    /// The arguments in a slot.
    ///
    /// # Errors
    /// When the variables leave none where one is required: the field fails.
    pub fn args(self, slot: usize) -> Result<&'b Args, &'b FieldError> {
        match (&self.operation.slots[slot], self.open.get(slot).and_then(Option::as_ref)) {
            (Slot::Fixed(args), _) => Ok(args),
            (Slot::Open { .. }, Some(args)) => args.as_ref(),
            (Slot::Open { .. }, None) => unreachable!("fields that are answered were bound"),
        }
    }
}
