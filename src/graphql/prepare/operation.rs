//! An operation, compiled: fragments unfolded, fields of one name merged, arguments that use no variable coerced. What is left to
//! a request is to give variables their values. It holds on to nothing of its document.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::Value as Input;

use super::ast::OperationKind;
use super::values::Literal;
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{FieldRef, ObjectDef, Ty};
use crate::graphql::core::error::GraphqlError;
use crate::register::TableSet;
use crate::register::query::Budget;

/// A compiled operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The document, for the places of errors.
    pub text: Arc<str>,
    /// What it does.
    pub kind: OperationKind,
    /// The variables that it declares.
    pub variables: Vec<Variable>,
    /// What it selects.
    pub root: SelectionSet,
    /// The arguments of its fields.
    pub slots: Vec<Slot>,
    /// How many selection sets depend on conditions.
    pub orders: usize,
    /// What filters that use no variable leave to those that do.
    pub budget: Budget,
    /// Whether variables decide nothing but values of fields that have no arguments: every request comes to the same.
    pub is_fixed: bool,
    /// Whether it may name earlier states, by cursors, ids or `asOf`.
    pub names_states: bool,
    /// Why every request for it is refused, once its variables are good: a filter that uses none asks for what there is not.
    pub refusal: Option<Box<GraphqlError>>,
    /// Which tables it can read, where that depends on no variable.
    pub known: Option<TableSet>,
    /// About how many bytes it takes in memory.
    pub bytes: usize,
    /// What it is known to take.
    pub experience: Experience,
}

/// What an operation was found to take, by requests that were answered before.
#[derive(Debug)]
pub struct Experience {
    /// The least cost at which it was no quick work, though its cost let it seem so.
    long_from: AtomicUsize,
    /// How many bytes the data of its last answer had.
    bytes: AtomicUsize,
}

/// Room for so many bytes of data is made before they are written, at most and at least.
const ROOM: std::ops::RangeInclusive<usize> = 1 << 12..=1 << 20;

impl Default for Experience {
    fn default() -> Self {
        Self { long_from: AtomicUsize::new(usize::MAX), bytes: AtomicUsize::new(0) }
    }
}

/// Another operation has its own.
impl Clone for Experience {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Experience {
    /// Whether it was seen that it takes long at that cost, or at less.
    pub fn is_long(&self, cost: usize) -> bool {
        cost >= self.long_from.load(Ordering::Relaxed)
    }

    /// It took long at that cost.
    pub fn was_long(&self, cost: usize) {
        self.long_from.fetch_min(cost, Ordering::Relaxed);
    }

    /// For how many bytes of data there should be room.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed).clamp(*ROOM.start(), *ROOM.end())
    }

    /// Its data had so many bytes.
    pub fn had_bytes(&self, bytes: usize) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// It was quick at last, with other variables or over another register.
    pub fn was_quick(&self) {
        self.long_from.store(usize::MAX, Ordering::Relaxed);
    }
}

/// A variable that an operation declares.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Ty,
    /// Its value when none is sent.
    pub default: Option<Arc<Input>>,
}

/// The arguments of a field.
#[derive(Clone, Debug)]
pub enum Slot {
    /// They use no variable.
    Fixed(Arc<Args>),
    /// They do.
    Open {
        /// Those given, by their place among the field's.
        given: Vec<(usize, Literal)>,
        /// The first byte of the field.
        at: u32,
        /// The names that lead to it in the answer.
        path: Vec<Arc<str>>,
    },
}

/// What is answered for an object.
#[derive(Clone, Debug)]
pub struct SelectionSet {
    /// Its type; for an object of any type that is named nowhere in the selection, the interface.
    pub object: Arc<ObjectDef>,
    /// The fields, in the order of the document.
    pub fields: Vec<SelectedField>,
    /// Where it depends on conditions: its place among those that do.
    pub order: Option<usize>,
    /// What is asked of variables to know its fields, in the order of the document.
    pub questions: Vec<Question>,
}

/// A condition of `@skip` or `@include` that is looked at where those above it hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Those above it.
    pub above: Vec<Condition>,
    /// The variable that decides it, which may not be null then.
    pub variable: usize,
}

/// A field of an answer.
#[derive(Clone, Debug)]
pub struct SelectedField {
    /// Its name in the answer.
    pub key: Arc<str>,
    /// The same as an answer has it before the value: `"name":`.
    pub label: Box<[u8]>,
    /// The first byte of the first place that asks for it.
    pub at: u32,
    /// The place of the first that asks for it, among all of its selection set.
    pub position: usize,
    /// The places that ask for it under conditions, up to the first that has none; empty when the first has none.
    pub ways: Vec<Way>,
    /// What it is.
    pub kind: FieldKind,
}

/// A place that asks for a field.
#[derive(Clone, Debug)]
pub struct Way {
    /// Its place among all of the selection set: where the field stands in the answer, when this is the first that holds.
    pub position: usize,
    /// All must hold.
    pub conditions: Vec<Condition>,
}

/// A condition of `@skip` or `@include`: the variable at that place is true, or false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// The variable's place among those declared.
    pub variable: usize,
    /// What it must be.
    pub is: bool,
}

/// What a field of an answer is.
#[derive(Clone, Debug)]
pub enum FieldKind {
    /// `__typename`
    Typename,
    /// A field of the graph.
    Field(Selected),
}

/// A field of the graph, selected.
#[derive(Clone, Debug)]
pub struct Selected {
    /// Its definition.
    pub field: FieldRef,
    /// The place of its arguments.
    pub slot: usize,
    /// For objects, what is selected of them: one set, or for an interface one for each type that the document names, and last
    /// the one for all others.
    pub sets: Vec<SelectionSet>,
}

impl SelectedField {
    /// A field that stands at `position` among all of its selection set.
    pub fn new(key: Arc<str>, at: u32, position: usize, ways: Vec<Way>, kind: FieldKind) -> Self {
        // A name of GraphQL has nothing that JSON would have written in another way.
        let label = format!("\"{key}\":").into_bytes().into();
        Self { key, label, at, position, ways, kind }
    }

    /// The field of the graph; none for `__typename`.
    pub fn selected(&self) -> Option<&Selected> {
        match &self.kind {
            FieldKind::Typename => None,
            FieldKind::Field(selected) => Some(selected),
        }
    }
}
