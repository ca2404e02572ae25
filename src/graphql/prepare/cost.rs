//! What an answer may cost, told from its operation: a value for each field, times the sizes of the pages and lists that it stands
//! in. It depends on the request alone, not on the data, so that what is taken today is taken tomorrow.

use async_graphql::Value as Input;

use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{FieldDef, Graph};
use crate::graphql::core::limits::Limits;
use crate::graphql::prepare::bound::BoundRef;
use crate::graphql::prepare::operation::{SelectedField, SelectionSet};

/// What a list counts as that has no pages: most are shorter.
const SHORT_LIST: usize = 5;

/// The cost of an operation.
pub fn of(bound: BoundRef<'_>, graph: &Graph, limits: &Limits) -> usize {
    let pricing = Pricing { bound, graph, limits };
    pricing.object(&bound.operation.root, None)
}

struct Pricing<'b> {
    bound: BoundRef<'b>,
    graph: &'b Graph,
    limits: &'b Limits,
}

impl<'b> Pricing<'b> {
    /// The cost of an object; `page` is the size of the page that it is.
    fn object(&self, set: &'b SelectionSet, page: Option<usize>) -> usize {
        let costs = self.bound.fields(set).map(|field| self.field(field, page));
        costs.fold(0, usize::saturating_add)
    }

    fn field(&self, field: &'b SelectedField, page: Option<usize>) -> usize {
        let Some(selected) = field.selected() else { return 1 };
        let within = match &*selected.field.name {
            "__schema" => Some(Within::Schema),
            "__type" => Some(Within::Chosen),
            _ => None,
        };
        if let Some(within) = within {
            let size = SchemaSize::of(self.graph);
            return selected.sets.iter().map(|set| self.schema(set, &size, within)).sum::<usize>().saturating_add(1);
        }
        static NONE: Args = Args(std::collections::BTreeMap::new(), None);
        // A field whose arguments are wrong gives an error in place of a page.
        let args = self.bound.args(selected.slot).unwrap_or(&NONE);
        let size = page_size(&selected.field, args, self.limits);
        let (times, below) = if selected.field.ty.is_list() {
            (size.or(page).or_else(|| given(args)).unwrap_or(SHORT_LIST), None)
        } else {
            (1, size)
        };
        // Of the types that an object may have, the dearest.
        let inner = selected.sets.iter().map(|set| self.object(set, below)).max().unwrap_or_default();
        inner.saturating_mul(times).saturating_add(selected.field.cost)
    }

    /// The cost of a part of the schema's description of itself.
    fn schema(&self, set: &'b SelectionSet, size: &SchemaSize, within: Within) -> usize {
        let costs = self.bound.fields(set).map(|field| {
            let Some(selected) = field.selected() else { return 1 };
            let (times, below) = match (within, &*selected.field.name) {
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
            let inner = selected.sets.iter().map(|set| self.schema(set, size, below)).max().unwrap_or_default();
            inner.saturating_mul(times).saturating_add(1)
        });
        costs.fold(0, usize::saturating_add)
    }
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

/// How large the schema is: how many types, and how many parts they have on average, rounded up.
struct SchemaSize {
    types: usize,
    fields: usize,
    args: usize,
    inputs: usize,
    words: usize,
}

impl SchemaSize {
    /// The size of that graph's schema.
    fn of(graph: &Graph) -> Self {
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
    Schema,
    AllTypes,
    AllFields,
    Chosen,
}
