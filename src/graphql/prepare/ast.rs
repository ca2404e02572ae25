//! A document as it was written. Names and numbers are borrowed from its text; each part knows at which byte it begins.

use std::borrow::Cow;

/// A whole document.
#[derive(Debug, Default)]
pub struct Document<'d> {
    /// Its operations, in their order.
    pub operations: Vec<Operation<'d>>,
    /// Its fragments, in their order.
    pub fragments: Vec<Fragment<'d>>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// It reads.
    Query,
    /// It writes, and reads what that came to.
    Mutation,
    /// It follows.
    Subscription,
}

/// A name and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Name<'d> {
    /// The name.
    pub text: &'d str,
    /// Its first byte.
    pub at: u32,
}

/// An operation.
#[derive(Debug)]
pub struct Operation<'d> {
    /// Its first byte.
    pub at: u32,
    /// What it does.
    pub kind: OperationKind,
    /// Its name, unless it has none.
    pub name: Option<Name<'d>>,
    /// The variables that it declares.
    pub variables: Vec<VariableDefinition<'d>>,
    /// Its directives.
    pub directives: Vec<Directive<'d>>,
    /// What it selects.
    pub selections: Vec<Selection<'d>>,
}

/// The declaration of a variable.
#[derive(Debug)]
pub struct VariableDefinition<'d> {
    /// Its name, without `$`.
    pub name: Name<'d>,
    /// Its type.
    pub ty: TypeRef<'d>,
    /// Its value when none is sent.
    pub default: Option<Value<'d>>,
    /// Its directives.
    pub directives: Vec<Directive<'d>>,
}

/// A type as a document names it.
#[derive(Debug)]
pub enum TypeRef<'d> {
    /// `Name`
    Named(Name<'d>),
    /// `[…]`
    List(Box<TypeRef<'d>>),
    /// `…!`
    NonNull(Box<TypeRef<'d>>),
}

impl<'d> TypeRef<'d> {
    /// The innermost name.
    pub fn name(&self) -> Name<'d> {
        match self {
            Self::Named(name) => *name,
            Self::List(inner) | Self::NonNull(inner) => inner.name(),
        }
    }
}

/// `@name(…)`
#[derive(Debug)]
pub struct Directive<'d> {
    /// Its name, without `@`.
    pub name: Name<'d>,
    /// Its arguments.
    pub arguments: Vec<Argument<'d>>,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub struct Argument<'d> {
    /// Its name.
    pub name: Name<'d>,
    /// Its value.
    pub value: Value<'d>,
}

/// A value.
#[derive(Debug)]
pub struct Value<'d> {
    /// Its first byte.
    pub at: u32,
    /// What it is.
    pub kind: ValueKind<'d>,
}

/// What a value is.
#[derive(Debug)]
pub enum ValueKind<'d> {
    /// `$name`
    Variable(&'d str),
    /// A number without fraction and exponent.
    Int(&'d str),
    /// A number with one of them.
    Float(&'d str),
    /// A text, and whether it is a block.
    Text(Cow<'d, str>, bool),
    /// `true` or `false`
    Boolean(bool),
    /// `null`
    Null,
    /// Any other word.
    Enum(&'d str),
    /// `[…]`
    List(Vec<Value<'d>>),
    /// `{…}`
    Object(Vec<Argument<'d>>),
}

/// A part of what is selected.
#[derive(Debug)]
pub enum Selection<'d> {
    /// A field.
    Field(Field<'d>),
    /// `...name`
    Spread(Spread<'d>),
    /// `... on Type { … }`
    Inline(Inline<'d>),
}

impl<'d> Selection<'d> {
    /// Its directives.
    pub fn directives(&self) -> &[Directive<'d>] {
        match self {
            Self::Field(field) => &field.directives,
            Self::Spread(spread) => &spread.directives,
            Self::Inline(inline) => &inline.directives,
        }
    }
}

/// A field.
#[derive(Debug)]
pub struct Field<'d> {
    /// Its name in the answer, when that is another one.
    pub alias: Option<Name<'d>>,
    /// Its name in the schema.
    pub name: Name<'d>,
    /// Its arguments.
    pub arguments: Vec<Argument<'d>>,
    /// Its directives.
    pub directives: Vec<Directive<'d>>,
    /// What is selected of it; empty when nothing is.
    pub selections: Vec<Selection<'d>>,
}

impl<'d> Field<'d> {
    /// Its name in the answer.
    pub fn key(&self) -> &'d str {
        self.alias.unwrap_or(self.name).text
    }

    /// Its first byte.
    pub fn at(&self) -> u32 {
        self.alias.unwrap_or(self.name).at
    }
}

/// A fragment used by its name.
#[derive(Debug)]
pub struct Spread<'d> {
    /// The fragment's name.
    pub name: Name<'d>,
    /// Its directives.
    pub directives: Vec<Directive<'d>>,
}

/// A fragment without a name.
#[derive(Debug)]
pub struct Inline<'d> {
    /// Its first byte.
    pub at: u32,
    /// The type that it is on, unless it is the one around it.
    pub on: Option<Name<'d>>,
    /// Its directives.
    pub directives: Vec<Directive<'d>>,
    /// What it selects.
    pub selections: Vec<Selection<'d>>,
}

/// The definition of a fragment.
#[derive(Debug)]
pub struct Fragment<'d> {
    /// Its name.
    pub name: Name<'d>,
    /// The type that it is on.
    pub on: Name<'d>,
    /// Its directives.
    pub directives: Vec<Directive<'d>>,
    /// What it selects.
    pub selections: Vec<Selection<'d>>,
}
