//! Values on their way out: what resolvers give.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::analysis::computed::Computed;
use crate::commit::Report;
use crate::graphql::core::args::Args;
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::model::value::AnyComposite;
use crate::model::{Date, Period, View};
use crate::register::query::group::Total;
use crate::register::{Node, OrderKey, Register, Revision};

/// What a resolver gives.
#[derive(Clone, Debug)]
pub enum Value<'r> {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond 32 bits, as the scalar `Revision` has it.
    Revision(u64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text, an id, an enum word.
    Text(Cow<'r, str>),
    /// A day.
    Date(Date),
    /// The cursor of a place in a list, which that revision and fingerprint name: made when it is written.
    Cursor(Arc<(Revision, String)>, OrderKey),
    /// An object.
    Object(ObjectRef<'r>),
    /// A list.
    List(Vec<Value<'r>>),
    /// A list of records of that register.
    Nodes(&'r Register, &'r [Arc<Node>]),
}

/// An object and the register that it is read from.
#[derive(Clone, Debug)]
pub struct ObjectRef<'r> {
    /// The register: everything below this object is read from it.
    pub register: &'r Register,
    /// What it is.
    pub of: ObjectKind<'r>,
}

/// What an object is.
#[derive(Clone, Debug)]
pub enum ObjectKind<'r> {
    /// The root of a register.
    Root,
    /// A record.
    Node(&'r Node),
    /// A value of several fields.
    Composite(&'r dyn AnyComposite),
    /// A period.
    Period(Period),
    /// A figure that the register computed.
    Computed(Arc<Computed<'r>>),
    /// What a write came to.
    Report(&'r Report),
    /// What the values of a group come to.
    Total(Box<Total>),
    /// An object of a feature's own.
    Value(Arc<dyn ObjectValue<'r> + 'r>),
    /// An object whose fields are values already, in the order of its definition's fields.
    Fields(Vec<Value<'r>>),
}

/// An object that a feature of the graph makes and reads itself. Its fields are resolved by their place among those of its type.
pub trait ObjectValue<'r>: Debug + Send + Sync {
    /// The field at that place.
    ///
    /// # Errors
    /// Whatever makes the field fail.
    fn field(
        &self,
        index: usize,
        context: &ExecutionContext<'r>,
        register: &'r Register,
        args: &Args,
    ) -> Result<Value<'r>, FieldError>;

    /// What fields that others add to its type need of it.
    fn shared(&self) -> Option<&dyn Any> {
        None
    }
}

impl<'r> ObjectRef<'r> {
    /// What the object shares with fields that others add to its type.
    pub fn shared<T: 'static>(&self) -> Option<&T> {
        match &self.of {
            ObjectKind::Value(value) => value.shared()?.downcast_ref(),
            _ => None,
        }
    }
}

/// An object of a feature's own.
pub fn value<'r>(register: &'r Register, value: impl ObjectValue<'r> + 'r) -> Value<'r> {
    Value::Object(ObjectRef { register, of: ObjectKind::Value(Arc::new(value)) })
}

/// A record as an object.
pub fn record<'r>(register: &'r Register, node: &'r Node) -> Value<'r> {
    Value::Object(ObjectRef { register, of: ObjectKind::Node(node) })
}

/// A value of the model as one of the graph.
pub fn from_view<'r>(register: &'r Register, view: View<'r>) -> Value<'r> {
    match view {
        View::Null => Value::Null,
        View::Bool(value) => Value::Bool(value),
        View::Int(value) => Value::Int(value),
        View::Decimal(value) => Value::Decimal(value),
        View::Text(text) => Value::Text(text),
        View::Enum(word) => Value::Text(word.into()),
        View::Date(date) => Value::Date(date),
        View::Period(period) => Value::Object(ObjectRef { register, of: ObjectKind::Period(*period) }),
        View::List(items) => Value::List(items.into_iter().map(|item| from_view(register, item)).collect()),
        View::Composite(value) => Value::Object(ObjectRef { register, of: ObjectKind::Composite(value) }),
    }
}

/// Milliseconds since 1970 as an instant.
pub fn instant<'r>(ms: i64) -> Value<'r> {
    jiff::Timestamp::from_millisecond(ms).map_or(Value::Null, |instant| Value::Text(instant.to_string().into()))
}

/// An object whose fields are these values.
pub fn object<'r>(register: &'r Register, values: Vec<Value<'r>>) -> Value<'r> {
    Value::Object(ObjectRef { register, of: ObjectKind::Fields(values) })
}

/// A text.
pub fn text<'r>(text: impl Into<String>) -> Value<'r> {
    Value::Text(text.into().into())
}

/// A count.
pub fn int<'r>(value: u64) -> Value<'r> {
    Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
}
