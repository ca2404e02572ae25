//! The schema as its pages have it: types, each with its members, whatever sort of type it is.

use std::collections::BTreeMap;

use crate::graphql::core::definition::{ArgDef, FieldDef, Graph, MUTATION, NODE, OWN_SCALARS, QUERY, SUBSCRIPTION, Ty};
use crate::graphql::core::error::ErrorCode;
use crate::graphql::core::limits::Limits;
use crate::model::{Kind, Vocabulary};

/// A type, or what is told like one.
pub struct Type {
    /// Its name.
    pub name: String,
    /// Under which heading it is listed.
    pub group: &'static str,
    /// What sort of type it is.
    pub sort: &'static str,
    /// What it is.
    pub doc: String,
    /// Where its form is specified, outside.
    pub specified_by: &'static str,
    /// Its fields, input fields or words.
    pub members: Vec<Member>,
}

/// A field, an argument, an input field or a word.
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its type; a word has none.
    pub ty: Option<Ty>,
    /// What it is when it is not given.
    pub default: Option<String>,
    /// What it is.
    pub doc: String,
    /// Why it will go.
    pub deprecated: Option<&'static str>,
    /// Its arguments.
    pub args: Vec<Member>,
}

/// The headings under which types are listed, and whether each of them is told of in a line.
pub const GROUPS: [(&str, bool); 10] = [
    ("Where to begin", true),
    ("Records", true),
    ("Values", true),
    ("Words", true),
    ("Scalars", true),
    ("Inputs", true),
    ("Filters and orders", false),
    ("Pages of lists", false),
    ("Limits and codes", true),
    ("Other", true),
];

/// All types, in the order in which they are listed.
pub fn types(graph: &Graph, limits: &Limits) -> Vec<Type> {
    let mut all = Vec::new();
    let mut add = |name: &str, group, sort, doc: &str, members| {
        let doc = doc.trim().to_owned();
        all.push(Type { name: name.to_owned(), group, sort, doc, specified_by: "", members });
    };
    let is_root = |name: &str| [QUERY, MUTATION, SUBSCRIPTION].contains(&name);
    let object = |name: &str| graph.composite(name).map(|it| (it.doc.clone(), it.fields.iter().map(field).collect()));
    for root in [QUERY, MUTATION, SUBSCRIPTION] {
        if let Some((doc, members)) = object(root) {
            add(root, "Where to begin", "object", &doc, members);
        }
    }
    if let Some((doc, members)) = object(NODE) {
        add(NODE, "Records", "interface", &doc, members);
    }
    let is_record = |name: &str| Kind::ALL.iter().any(|kind| kind.name() == name);
    for kind in Kind::ALL {
        if let Some((doc, members)) = object(kind.name()) {
            add(kind.name(), "Records", "record", &doc, members);
        }
    }
    for definition in graph.objects.values().filter(|it| !is_root(&it.name) && !is_record(&it.name)) {
        let group = if is_page(&definition.name) { "Pages of lists" } else { "Values" };
        add(&definition.name, group, "object", &definition.doc, definition.fields.iter().map(field).collect());
    }
    for vocabulary in graph.enums.values() {
        let group = if is_choice(vocabulary.name) { "Filters and orders" } else { "Words" };
        add(vocabulary.name, group, "enum", vocabulary.doc, words(vocabulary));
    }
    for (name, input) in &graph.inputs {
        let group = if is_choice(name) { "Filters and orders" } else { "Inputs" };
        let one_of = if input.one_of { " Exactly one of its fields is given." } else { "" };
        let doc = format!("{}{one_of}", input.doc.trim());
        add(name, group, "input", &doc, input.fields.iter().map(argument).collect());
    }
    for (name, doc) in OWN_SCALARS.iter().filter(|(name, _)| graph.own_scalars.contains(name)) {
        add(name, "Scalars", "scalar", doc, Vec::new());
    }
    if !graph.enums.contains_key(ErrorCode::VOCABULARY.name) {
        let doc = format!(
            "{} It stands in `extensions.code` of an error. What data is refused for has codes of its own: `ProblemCode`.",
            ErrorCode::VOCABULARY.doc.trim()
        );
        add(ErrorCode::VOCABULARY.name, "Limits and codes", "codes of errors", &doc, words(&ErrorCode::VOCABULARY));
    }
    let doc = "What one request, one client and one connection may take on this server, as it is set now.";
    add("limits", "Limits and codes", "limits of this server", doc, limits_of(limits));
    for scalar in graph.scalars.values() {
        all.push(Type {
            name: scalar.name.to_owned(),
            group: "Scalars",
            sort: "scalar",
            doc: scalar.doc.trim().to_owned(),
            specified_by: scalar.specified_by,
            members: Vec::new(),
        });
    }
    all
}

fn limits_of(limits: &Limits) -> Vec<Member> {
    let told = |limit: &crate::graphql::core::limits::Limit| Member {
        name: limit.name.to_owned(),
        ty: None,
        default: Some((limit.get)(limits).to_string()),
        doc: limit.doc.trim().to_owned(),
        deprecated: None,
        args: Vec::new(),
    };
    Limits::ALL.iter().map(told).collect()
}

fn is_page(name: &str) -> bool {
    name.ends_with("Connection") || name.ends_with("Edge") || name == "PageInfo"
}

/// What chooses and orders entries of lists: there is some for each kind and type of value.
fn is_choice(name: &str) -> bool {
    ["Where", "Filter", "Order", "OrderField"].iter().any(|ending| name.ends_with(ending))
}

fn field(definition: &FieldDef) -> Member {
    Member {
        name: definition.name.to_string(),
        ty: Some(definition.ty.clone()),
        default: None,
        doc: definition.doc.trim().to_owned(),
        deprecated: definition.deprecated,
        args: definition.args.iter().map(argument).collect(),
    }
}

fn argument(definition: &ArgDef) -> Member {
    Member {
        name: definition.name.to_owned(),
        ty: Some(definition.ty.clone()),
        default: definition.default.as_ref().map(ToString::to_string),
        doc: definition.doc.trim().to_owned(),
        deprecated: None,
        args: Vec::new(),
    }
}

fn words(vocabulary: &Vocabulary) -> Vec<Member> {
    let word = |(word, doc): &(&str, &str)| Member {
        name: (*word).to_owned(),
        ty: None,
        default: None,
        doc: doc.trim().to_owned(),
        deprecated: None,
        args: Vec::new(),
    };
    vocabulary.words.iter().map(word).collect()
}

/// The name at the heart of a type.
pub fn named(ty: &Ty) -> &str {
    match ty {
        Ty::Named(name) => name,
        Ty::NonNull(inner) | Ty::List(inner) => named(inner),
    }
}

/// A place where a type stands: behind a field, or behind an argument of it.
pub struct Use {
    /// The type that has the field.
    pub of: String,
    /// The field.
    pub field: String,
    /// The argument.
    pub arg: Option<String>,
}

/// Where each type is used, what can be asked first.
pub fn uses(types: &[Type]) -> BTreeMap<String, Vec<Use>> {
    let mut found: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for ty in types {
        for member in &ty.members {
            let mut add = |ty_of: &Option<Ty>, arg: Option<&str>| {
                if let Some(target) = ty_of {
                    let (of, field, arg) = (ty.name.clone(), member.name.clone(), arg.map(str::to_owned));
                    found.entry(named(target).to_owned()).or_default().push(Use { of, field, arg });
                }
            };
            add(&member.ty, None);
            for arg in &member.args {
                add(&arg.ty, Some(&arg.name));
            }
        }
    }
    found
}
