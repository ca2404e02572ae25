//! What the schema's description of itself costs: by how many parts it has, and how much is said of them.

use crate::graphql::core::definition::Graph;
use crate::graphql::core::sizes::Sizes;
use crate::graphql::prepare::bound::BoundRef;
use crate::graphql::prepare::operation::{Selected, SelectionSet};

/// So many bytes of text cost as much as a value.
const TEXT_BYTES: f64 = 64.0;

/// A selection of the schema's description of itself.
pub struct Introspection<'b> {
    bound: BoundRef<'b>,
    sizes: &'b Sizes,
    selected: &'b Selected,
    within: Within,
}

/// Where in the schema a selection stands. Averages hold only where all types are gone through; whoever goes on from a type to
/// another may choose the large ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Schema,
    AllTypes,
    AllFields,
    AllOthers,
    Chosen,
}

impl<'b> Introspection<'b> {
    /// The selection, if it is one.
    pub fn of(bound: BoundRef<'b>, graph: &'b Graph, selected: &'b Selected) -> Option<Self> {
        let within = match &*selected.field.name {
            "__schema" => Within::Schema,
            "__type" => Within::Chosen,
            _ => return None,
        };
        Some(Self { bound, sizes: graph.sizes.get_or_init(|| sizes(graph)), selected, within })
    }

    /// What it costs.
    pub fn cost(&self) -> f64 {
        1.0 + self.selected.sets.iter().map(|set| self.set(set, self.within)).sum::<f64>()
    }

    fn set(&self, set: &'b SelectionSet, within: Within) -> f64 {
        let sizes = self.sizes;
        let costs = self.bound.fields(set).map(|field| {
            let Some(selected) = field.selected() else { return 1.0 };
            let (times, below) = match (within, &*selected.field.name) {
                (Within::Schema, "types") => (sizes.types, Within::AllTypes),
                (Within::AllTypes, "fields") => (sizes.fields, Within::AllFields),
                (Within::AllTypes, "inputFields") => (sizes.inputs, Within::AllOthers),
                (Within::AllTypes, "enumValues") => (sizes.words, Within::AllOthers),
                (Within::AllTypes, "possibleTypes" | "interfaces") => (1.0, Within::Chosen),
                (Within::AllFields, "args") => (sizes.args, Within::AllOthers),
                (_, "description") => return 1.0 + described(sizes, within) / TEXT_BYTES,
                // The type of a field, as long as only its name is asked for, and what it is made of.
                (_, "type" | "ofType") => (1.0, Within::Chosen),
                (_, "fields" | "inputFields" | "enumValues" | "possibleTypes") => (sizes.largest, Within::Chosen),
                (_, "args" | "interfaces" | "directives" | "locations") => (5.0, Within::Chosen),
                _ => (1.0, Within::Chosen),
            };
            times * selected.sets.iter().map(|set| self.set(set, below)).sum::<f64>() + 1.0
        });
        costs.sum()
    }
}

/// The sizes of that graph's schema.
fn sizes(graph: &Graph) -> Sizes {
    let types = (graph.objects.len() + graph.enums.len() + graph.inputs.len() + graph.scalars.len()) as f64;
    let fields = || graph.objects.values().flat_map(|object| &object.fields);
    let inputs = || graph.inputs.values().flat_map(|input| &input.fields);
    let words = || graph.enums.values().flat_map(|words| words.words);
    let args = || fields().flat_map(|field| &field.args);
    let (count, parts) = (fields().count() as f64, (args().count() + inputs().count() + words().count()) as f64);
    let bytes = |all: &mut dyn Iterator<Item = usize>| all.sum::<usize>() as f64;
    let of_types = bytes(&mut graph.objects.values().map(|it| it.doc.len()))
        + bytes(&mut graph.inputs.values().map(|it| it.doc.len()))
        + bytes(&mut graph.enums.values().map(|it| it.doc.len()));
    let of_others = bytes(&mut args().map(|it| it.doc.len()))
        + bytes(&mut inputs().map(|it| it.doc.len()))
        + bytes(&mut words().map(|(_, doc)| doc.len()));
    Sizes {
        types,
        fields: count / types,
        args: args().count() as f64 / count.max(1.0),
        inputs: inputs().count() as f64 / types,
        words: words().count() as f64 / types,
        largest: 20.0,
        of_types: of_types / types,
        of_fields: bytes(&mut fields().map(|it| it.doc.len())) / count.max(1.0),
        of_others: of_others / parts.max(1.0),
    }
}

/// About how many bytes a description has there.
fn described(sizes: &Sizes, within: Within) -> f64 {
    match within {
        Within::AllTypes => sizes.of_types,
        Within::AllFields => sizes.of_fields,
        Within::AllOthers => sizes.of_others,
        Within::Schema | Within::Chosen => sizes.of_fields.max(sizes.of_types),
    }
}
