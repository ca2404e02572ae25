//! What an answer may cost, told from its plan: a value for each field, times the sizes of the pages and lists that it stands
//! in. It depends on the request alone, not on the data, so that what is taken today is taken tomorrow.

use async_graphql::Value as Input;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};

use crate::graphql::definition::{Args, FieldDef, Graph, Ty};
use crate::graphql::limits::Limits;
use crate::graphql::plan::{Plan, What};

/// What a list counts as that has no pages: most are shorter.
const SHORT_LIST: usize = 5;

/// The cost of a plan.
pub fn of(plan: &Plan<'_>, limits: &Limits) -> usize {
    of_object(plan, None, limits)
}

/// The cost of an object; `page` is the size of the page that it is.
fn of_object(plan: &Plan<'_>, page: Option<usize>, limits: &Limits) -> usize {
    let costs = plan.fields.iter().map(|planned| match &planned.what {
        What::Typename | What::Introspection => 1,
        What::Field(field, args, plans) => {
            let size = page_size(field, args, limits);
            let (times, below) = if is_list(&field.ty) {
                (size.or(page).or_else(|| given(args)).unwrap_or(SHORT_LIST), None)
            } else {
                (1, size)
            };
            // Of the types that an object may have, the dearest.
            let inner = plans.iter().map(|plan| of_object(plan, below, limits)).max().unwrap_or_default();
            inner.saturating_mul(times).saturating_add(field.cost)
        }
    });
    costs.fold(0, usize::saturating_add)
}

/// How many entries a field with pages gives at most; none when it has no pages.
fn page_size(field: &FieldDef, args: &Args, limits: &Limits) -> Option<usize> {
    field.args.iter().find(|arg| arg.name == "first")?;
    let asked = args.int("first").or_else(|| args.int("last"));
    Some(asked.map_or(limits.page_default, |size| usize::try_from(size).unwrap_or_default()))
}

/// The length of the list that is asked with, for a field that gives an entry for each.
fn given(args: &Args) -> Option<usize> {
    match args.get("ids") {
        Some(Input::List(ids)) => Some(ids.len()),
        _ => None,
    }
}

fn is_list(ty: &Ty) -> bool {
    match ty {
        Ty::Named(_) => false,
        Ty::NonNull(inner) => is_list(inner),
        Ty::List(_) => true,
    }
}

/// How large the schema is: how many types, and how many parts they have on average, rounded up.
pub struct SchemaSize {
    types: usize,
    fields: usize,
    args: usize,
    inputs: usize,
    words: usize,
}

impl SchemaSize {
    /// The size of that graph's schema.
    pub fn of(graph: &Graph) -> Self {
        let types = graph.objects.len() + graph.enums.len() + graph.inputs.len() + graph.scalars.len();
        let fields = || graph.objects.values().flat_map(|object| &object.fields);
        let count = fields().count();
        Self {
            types,
            fields: count.div_ceil(types.max(1)),
            args: fields().map(|field| field.args.len()).sum::<usize>().div_ceil(count.max(1)),
            inputs: graph.inputs.values().map(|input| input.fields.len()).sum::<usize>().div_ceil(types.max(1)),
            words: graph.enums.values().map(|words| words.words.len()).sum::<usize>().div_ceil(types.max(1)),
        }
    }
}

/// Where in the schema's description of itself a selection stands. Averages hold only where all types are gone through;
/// whoever goes on from a type to another may choose the large ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Operation,
    Schema,
    AllTypes,
    AllFields,
    Chosen,
}

/// The cost of what an operation asks about the schema itself. The document's fields are few enough to be walked with their
/// fragments unfolded.
pub fn of_introspection(document: &ExecutableDocument, operation: &OperationDefinition, size: &SchemaSize) -> usize {
    of_schema(document, &operation.selection_set.node, size, Within::Operation)
}

fn of_schema(document: &ExecutableDocument, set: &SelectionSet, size: &SchemaSize, within: Within) -> usize {
    let costs = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => {
            let (times, below) = match (within, field.node.name.node.as_str()) {
                (Within::Operation, "__schema") => (1, Within::Schema),
                (Within::Operation, "__type") => (1, Within::Chosen),
                (Within::Operation, _) => return 0,
                (Within::Schema, "types") => (size.types, Within::AllTypes),
                (Within::AllTypes, "fields") => (size.fields, Within::AllFields),
                (Within::AllTypes, "inputFields") => (size.inputs, Within::Chosen),
                (Within::AllTypes, "enumValues") => (size.words, Within::Chosen),
                (Within::AllTypes, "possibleTypes" | "interfaces") => (1, Within::Chosen),
                (Within::AllFields, "args") => (size.args, Within::Chosen),
                // About as many as a type of a register has.
                (_, "fields" | "inputFields" | "enumValues" | "possibleTypes") => (20, Within::Chosen),
                (_, "args" | "interfaces" | "directives" | "locations") => (SHORT_LIST, Within::Chosen),
                _ => (1, Within::Chosen),
            };
            of_schema(document, &field.node.selection_set.node, size, below).saturating_mul(times).saturating_add(1)
        }
        Selection::InlineFragment(inline) => of_schema(document, &inline.node.selection_set.node, size, within),
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(spread.node.fragment_name.node.as_str());
            fragment.map_or(0, |it| of_schema(document, &it.node.selection_set.node, size, within))
        }
    });
    costs.fold(0, usize::saturating_add)
}
