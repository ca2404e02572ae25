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
use crate::graphql::core::scope::Scope;
use crate::model::value::AnyComposite;
use crate::model::{Date, Period, View};
use crate::register::query::group::Total;
use crate::register::{Node, Place, Register, Revision};

/// What a resolver gives.
#[derive(Clone, Debug)]
pub enum Out<'r> {
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
    Cursor(Arc<(Revision, String)>, Place),
    /// An object.
    Object(Obj<'r>),
    /// A list.
    List(Vec<Out<'r>>),
    /// A list of records of that register.
    Nodes(&'r Register, &'r [Arc<Node>]),
}

/// An object and the register that it is read from.
#[derive(Clone, Debug)]
pub struct Obj<'r> {
    /// The register: everything below this object is read from it.
    pub register: &'r Register,
    /// What it is.
    pub of: Of<'r>,
}

/// What an object is.
#[derive(Clone, Debug)]
pub enum Of<'r> {
    /// The root of a register.
    Root,
    /// A record.
    Node(&'r Node),
    /// A value of several fields.
    Composite(&'r dyn AnyComposite),
    /// A period.
    Period(&'r Period),
    /// A figure that the register computed.
    Computed(Arc<Computed<'r>>),
    /// What a write came to.
    Report(&'r Report),
    /// What the values of a group come to.
    Total(Box<Total>),
    /// An object of a feature's own.
    Value(Arc<dyn ObjectValue<'r> + 'r>),
    /// An object whose fields are values already, in the order of its definition's fields.
    Fields(Vec<Out<'r>>),
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
        scope: &Scope<'r>,
        register: &'r Register,
        args: &Args,
    ) -> Result<Out<'r>, FieldError>;

    /// What fields that others add to its type need of it.
    fn shared(&self) -> Option<&dyn Any> {
        None
    }
}

impl<'r> Obj<'r> {
    /// What the object shares with fields that others add to its type.
    pub fn shared<T: 'static>(&self) -> Option<&T> {
        match &self.of {
            Of::Value(value) => value.shared()?.downcast_ref(),
            _ => None,
        }
    }
}

/// An object of a feature's own.
pub fn value<'r>(register: &'r Register, value: impl ObjectValue<'r> + 'r) -> Out<'r> {
    Out::Object(Obj { register, of: Of::Value(Arc::new(value)) })
}

/// A record as an object.
pub fn record<'r>(register: &'r Register, node: &'r Node) -> Out<'r> {
    Out::Object(Obj { register, of: Of::Node(node) })
}

/// A value of the model as one of the graph.
pub fn from_view<'r>(register: &'r Register, view: View<'r>) -> Out<'r> {
    match view {
        View::Null => Out::Null,
        View::Bool(value) => Out::Bool(value),
        View::Int(value) => Out::Int(value),
        View::Decimal(value) => Out::Decimal(value),
        View::Text(text) => Out::Text(text),
        View::Enum(word) => Out::Text(word.into()),
        View::Date(date) => Out::Date(date),
        View::Period(period) => Out::Object(Obj { register, of: Of::Period(period) }),
        View::List(items) => Out::List(items.into_iter().map(|item| from_view(register, item)).collect()),
        View::Composite(value) => Out::Object(Obj { register, of: Of::Composite(value) }),
    }
}

/// Milliseconds since 1970 as an instant.
pub fn instant<'r>(ms: i64) -> Out<'r> {
    jiff::Timestamp::from_millisecond(ms).map_or(Out::Null, |instant| Out::Text(instant.to_string().into()))
}

/// An object whose fields are these values.
pub fn object<'r>(register: &'r Register, values: Vec<Out<'r>>) -> Out<'r> {
    Out::Object(Obj { register, of: Of::Fields(values) })
}

/// A text.
pub fn text<'r>(text: impl Into<String>) -> Out<'r> {
    Out::Text(text.into().into())
}

/// A count.
pub fn int<'r>(value: u64) -> Out<'r> {
    Out::Int(i64::try_from(value).unwrap_or(i64::MAX))
}
