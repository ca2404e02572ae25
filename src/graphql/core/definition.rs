//! The graph as tables: types, fields with their resolvers, arguments. One description from which the executor, the schema
//! for validation and introspection, and the written `schema.graphql` all come.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use async_graphql::Value as Input;

use crate::commit::access::Identity;
use crate::commit::{Ledger, Submission};
use crate::graphql::core::args::Args;
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::prices::Price;
use crate::graphql::core::sizes::Sizes;
pub use crate::graphql::core::ty::Ty;
use crate::graphql::core::value::{ObjectRef, Value};
use crate::model::Vocabulary;
use crate::register::Register;
use crate::register::TableSet;
use crate::register::query::FilterSchema;
use crate::register::relation::Relation;

/// What computes a field from its object and arguments.
pub type Function =
    Box<dyn for<'r> Fn(&ExecutionContext<'r>, &ObjectRef<'r>, &Args) -> Result<Value<'r>, FieldError> + Send + Sync>;

/// What resolves a field that tells of the graph itself.
pub type OfGraph = for<'r> fn(&'r Graph, &'r Register, &Args) -> Value<'r>;

/// What does a write: from the arguments a submission, or why there is none.
pub type Write = fn(&Ledger, &Args, &Identity) -> Result<Submission, FieldError>;

/// How a field is resolved. The commonest ways have a case of their own, without a call through a pointer.
pub enum Resolve {
    /// The field of the record or composite at that position.
    Field(usize),
    /// The record, or records, that a link names.
    Forward(&'static Relation),
    /// The records whose link names this one.
    Reverse(&'static Relation),
    /// The value at that position of an object made of values, or of a feature's own.
    Value(usize),
    /// What a write came to: it was done before the answer is put together.
    Effect(Write),
    /// Something of the graph itself.
    OfGraph(OfGraph),
    /// Anything else.
    Function(Function),
}

/// Gives a closure the type of [`Function`].
pub fn function<F>(function: F) -> Resolve
where
    F: for<'r> Fn(&ExecutionContext<'r>, &ObjectRef<'r>, &Args) -> Result<Value<'r>, FieldError>
        + Send
        + Sync
        + 'static,
{
    Resolve::Function(Box::new(function))
}

/// An argument or an input field.
#[derive(Clone, Debug)]
pub struct ArgDef {
    /// Name.
    pub name: &'static str,
    /// Documentation.
    pub doc: String,
    /// Type.
    pub ty: Ty,
    /// Value when it is not given.
    pub default: Option<Input>,
}

impl ArgDef {
    /// An argument without default.
    pub fn new(name: &'static str, ty: Ty, doc: impl Into<String>) -> Self {
        Self { name, doc: doc.into(), ty, default: None }
    }
}

/// A field of an object type.
pub struct FieldDef {
    /// Name.
    pub name: Cow<'static, str>,
    /// Documentation.
    pub doc: String,
    /// Arguments.
    pub args: Vec<ArgDef>,
    /// Type.
    pub ty: Ty,
    /// How it is resolved.
    pub resolve: Resolve,
    /// For a list: what can be asked of its entries with `where` and `orderBy`.
    pub asks: Option<&'static FilterSchema>,
    /// What it costs by itself.
    pub price: Price,
    /// What of the register it reads besides the object that it is a field of.
    pub reads: Reads,
    /// Why it will go, and what to use instead; none for one that stays.
    pub deprecated: Option<&'static str>,
}

/// What of the register a field reads besides its object. What is not said reads everything.
pub enum Reads {
    /// These tables.
    Tables(TableSet),
    /// Those that follow from its arguments.
    ByArgs(Box<dyn Fn(&Args) -> TableSet + Send + Sync>),
}

impl Reads {
    /// What a way of resolving a field reads, as far as it tells.
    fn of(resolve: &Resolve) -> Self {
        Self::Tables(match resolve {
            Resolve::Field(_) | Resolve::Value(_) | Resolve::OfGraph(_) => TableSet::NONE,
            Resolve::Forward(relation) => TableSet::of(&[relation.target]),
            Resolve::Reverse(relation) => TableSet::of(&[relation.source]),
            Resolve::Effect(_) | Resolve::Function(_) => TableSet::EVERYTHING,
        })
    }

    /// With these arguments.
    pub fn with(&self, args: &Args) -> TableSet {
        match self {
            Self::Tables(tables) => *tables,
            Self::ByArgs(of) => of(args),
        }
    }
}

impl std::fmt::Debug for FieldDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.ty)
    }
}

impl FieldDef {
    /// A field without arguments.
    pub fn new(name: impl Into<Cow<'static, str>>, ty: Ty, doc: impl Into<String>, resolve: Resolve) -> Self {
        let reads = Reads::of(&resolve);
        Self {
            name: name.into(),
            doc: doc.into(),
            args: Vec::new(),
            ty,
            resolve,
            asks: None,
            price: Price::ONE,
            reads,
            deprecated: None,
        }
    }
    /// The field, whose resolver reads nothing of the register but its object and these tables.
    pub fn reading(mut self, tables: TableSet) -> Self {
        self.reads = Reads::Tables(tables);
        self
    }
    /// The field, whose arguments say what its resolver reads.
    pub fn reading_by(mut self, of: impl Fn(&Args) -> TableSet + Send + Sync + 'static) -> Self {
        self.reads = Reads::ByArgs(Box::new(of));
        self
    }
    /// Whether something is worked out for it, in place of what is there already.
    pub fn is_computed(&self) -> bool {
        matches!(self.resolve, Resolve::Function(_))
    }
    /// The field, which will go for that reason.
    pub fn deprecated(mut self, reason: Option<&'static str>) -> Self {
        self.deprecated = reason;
        self
    }
    /// The field with arguments.
    pub fn with_args(mut self, args: Vec<ArgDef>) -> Self {
        self.args = args;
        self
    }
    /// The field with the arguments `where` and `orderBy` besides.
    pub fn filtered_by(mut self, schema: &'static FilterSchema) -> Self {
        self.args.extend(list_arguments(schema));
        self.asks = Some(schema);
        self
    }
}

/// An object type.
pub struct ObjectDef {
    /// Name.
    pub name: Cow<'static, str>,
    /// Documentation.
    pub doc: String,
    /// Whether it is a `Node`.
    pub is_node: bool,
    /// Fields.
    pub fields: Vec<FieldDef>,
}

impl ObjectDef {
    /// The type with more fields.
    pub fn with_fields(mut self, more: Vec<FieldDef>) -> Self {
        self.fields.extend(more);
        self
    }

    /// The type, whose field of that name reads these tables besides its object.
    pub fn with_reads(mut self, name: &str, tables: TableSet) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            field.reads = Reads::Tables(tables);
        }
        self
    }
}

impl std::fmt::Debug for ObjectDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl ObjectDef {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A scalar type.
pub struct ScalarDef {
    /// Name.
    pub name: &'static str,
    /// Documentation.
    pub doc: &'static str,
    /// Where its form is specified.
    pub specified_by: &'static str,
    /// Whether an input value has its form; the reason why not.
    pub check: fn(&Input) -> Result<(), String>,
}

/// A field of a type, by its place: what was compiled holds on to it without looking it up again.
#[derive(Clone, Debug)]
pub struct FieldRef {
    /// The type that has it.
    pub object: Arc<ObjectDef>,
    /// Its place among the type's fields.
    pub index: usize,
}

impl std::ops::Deref for FieldRef {
    type Target = FieldDef;
    fn deref(&self) -> &FieldDef {
        &self.object.fields[self.index]
    }
}

/// What sort of type a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An object, or the interface of all records.
    Composite,
    /// An input object.
    Input,
    /// A word of a closed list.
    Enum,
    /// A scalar.
    Scalar,
}

/// The scalars that GraphQL itself has.
pub const OWN_SCALARS: [(&str, &str); 5] = [
    ("Int", "A whole number of 32 bits, with its sign."),
    ("Float", "A number with a fraction, of double precision."),
    ("String", "A text."),
    ("Boolean", "`true` or `false`."),
    ("ID", "Names an object among all: a text, also where it looks like a number."),
];

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Graph")
    }
}

/// The whole graph.
pub struct Graph {
    /// The interface of all records.
    pub node: Arc<ObjectDef>,
    /// The objects that tell of the schema itself.
    pub meta: BTreeMap<Cow<'static, str>, Arc<ObjectDef>>,
    /// The words that they use.
    pub meta_enums: BTreeMap<&'static str, &'static Vocabulary>,
    /// What the query root has besides its fields: `__schema` and `__type`.
    pub meta_root: Arc<ObjectDef>,
    /// Those of GraphQL's own scalars that the graph has.
    pub own_scalars: Vec<&'static str>,
    /// Object types by name.
    pub objects: BTreeMap<Cow<'static, str>, Arc<ObjectDef>>,
    /// Enum types by name.
    pub enums: BTreeMap<&'static str, &'static Vocabulary>,
    /// Input object types by name.
    pub inputs: BTreeMap<Cow<'static, str>, InputDef>,
    /// Scalar types by name, besides GraphQL's own.
    pub scalars: BTreeMap<&'static str, ScalarDef>,
    /// How large it is, for those who price what is asked of it.
    pub sizes: OnceLock<Sizes>,
}

/// An input object type.
pub struct InputDef {
    /// Documentation.
    pub doc: String,
    /// Whether its values are taken as they come, because the import reads them and tells every problem of every row.
    pub raw: bool,
    /// Whether exactly one field must be given (`@oneOf`).
    pub one_of: bool,
    /// Fields.
    pub fields: Vec<ArgDef>,
}

/// Name of the query root type.
pub const QUERY: &str = "Query";
/// Name of the mutation root type.
pub const MUTATION: &str = "Mutation";
/// Name of the subscription root type.
pub const SUBSCRIPTION: &str = "Subscription";
/// Name of the type that says where a page stands in its list.
pub const PAGE_INFO: &str = "PageInfo";
/// Name of the interface of all records.
pub const NODE: &str = "Node";

impl Graph {
    /// The object type of that name.
    pub fn object(&self, name: &str) -> Option<&ObjectDef> {
        self.objects.get(name).map(|object| &**object)
    }
    /// The object type, or interface, of that name: of ours, or of those that tell of the schema.
    pub fn composite(&self, name: &str) -> Option<&Arc<ObjectDef>> {
        let node = Some(&self.node).filter(|_| name == NODE);
        self.objects.get(name).or(node).or_else(|| self.meta.get(name))
    }
    /// The field of that name of a composite type; the query root has those that tell of the schema too.
    pub fn field(&self, object: &Arc<ObjectDef>, name: &str) -> Option<FieldRef> {
        let of = |object: &Arc<ObjectDef>| {
            let index = object.fields.iter().position(|field| field.name == name)?;
            Some(FieldRef { object: Arc::clone(object), index })
        };
        if name.starts_with("__") && object.name == QUERY { of(&self.meta_root) } else { of(object) }
    }
    /// The words of the enum of that name.
    pub fn vocabulary(&self, name: &str) -> Option<&'static Vocabulary> {
        self.enums.get(name).or_else(|| self.meta_enums.get(name)).copied()
    }
    /// What sort of type that name stands for; none when the graph has no such type.
    pub fn sort(&self, name: &str) -> Option<Sort> {
        if self.composite(name).is_some() {
            Some(Sort::Composite)
        } else if self.inputs.contains_key(name) {
            Some(Sort::Input)
        } else if self.vocabulary(name).is_some() {
            Some(Sort::Enum)
        } else {
            (self.own_scalars.contains(&name) || self.scalars.contains_key(name)).then_some(Sort::Scalar)
        }
    }
    /// The names of all types.
    pub fn type_names(&self) -> impl Iterator<Item = &str> {
        let objects = self.objects.keys().chain(self.meta.keys()).map(|name| &**name);
        let enums = self.enums.keys().chain(self.meta_enums.keys()).copied();
        let scalars = self.scalars.keys().copied().chain(self.own_scalars.iter().copied());
        objects.chain([NODE]).chain(self.inputs.keys().map(|name| &**name)).chain(enums).chain(scalars)
    }
}

/// The arguments `where` and `orderBy` of a list.
pub fn list_arguments(schema: &'static FilterSchema) -> [ArgDef; 2] {
    let order = Ty::List(Box::new(Ty::required(format!("{}Order", schema.name))));
    [
        ArgDef::new(
            "where",
            Ty::named(format!("{}Where", schema.name)),
            "Only entries that fulfil this. It counts for entries, totals and groups alike.",
        ),
        ArgDef::new(
            "orderBy",
            order,
            "The order: by the first of these, where that is equal by the second, and so on; at last in the list's own order.",
        ),
    ]
}
