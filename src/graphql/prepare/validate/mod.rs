//! Whether a document asks for what the schema has: the rules of the specification's chapter on validation, each with an error
//! that says what there is. Each part of the document is looked at once; only what operations make of fragments (which
//! variables they use, which fields meet) is followed through them, and the limits bound what fragments unfold to.

mod merge;
mod selections;
mod validator;
mod values;
mod variables;

use std::collections::{HashMap, HashSet};

use super::ast::{Document, Name, Operation, OperationKind, Selection, ValueKind};
use super::lexer::shown;
use crate::graphql::core::definition::{Graph, Sort, Ty};
use crate::graphql::core::error::GraphqlError;
use validator::{Errors, Uses, Validator, once};
pub use validator::{from_document, root_of};

/// Validates a document whose fragments were measured. It has at most `errors_max` errors.
///
/// # Errors
/// Everything that is wrong with it.
pub fn validate(
    graph: &Graph,
    document: &Document<'_>,
    text: &str,
    errors_max: usize,
) -> Result<(), Vec<GraphqlError>> {
    let mut fragments = HashMap::new();
    for (place, fragment) in document.fragments.iter().enumerate() {
        fragments.entry(fragment.name.text).or_insert(place);
    }
    let types = document.operations.iter();
    let types: Vec<Vec<Ty>> =
        types.map(|operation| operation.variables.iter().map(|it| from_document(&it.ty)).collect()).collect();
    let found = Errors { text, errors: Vec::new(), errors_max: errors_max.max(1) };
    let mut validator = Validator { graph, document, fragments, found, uses: Uses::default() };
    validator.names();
    let mut of_fragments = Vec::with_capacity(document.fragments.len());
    for fragment in &document.fragments {
        let on = validator.condition(fragment.on);
        validator.directives(&fragment.directives, "FRAGMENT_DEFINITION");
        validator.selections(on, &fragment.selections);
        of_fragments.push(std::mem::take(&mut validator.uses));
    }
    let mut is_used = vec![false; document.fragments.len()];
    for (operation, types) in document.operations.iter().zip(&types) {
        validator.operation(operation, types, &of_fragments, &mut is_used);
    }
    for (fragment, _) in document.fragments.iter().zip(&is_used).filter(|(_, is_used)| !**is_used) {
        let message = format!("the fragment `{}` is used by no operation", shown(fragment.name.text));
        validator.found.error(fragment.name.at, message, "use it, or leave it out");
    }
    // Where names do not lead anywhere, fields cannot be compared.
    if validator.found.errors.is_empty() {
        for operation in &document.operations {
            merge::check(&mut validator, operation);
        }
    }
    if validator.found.errors.is_empty() { Ok(()) } else { Err(validator.found.errors) }
}

impl<'v, 'd> Validator<'v, 'd> {
    /// Names that may stand once only.
    fn names(&mut self) {
        let operations = &self.document.operations;
        if operations.is_empty() {
            self.found.error(0, "the document has no operation", "add a query: { register { revision } }");
        }
        if let [_, _, ..] = operations.as_slice() {
            for operation in operations.iter().filter(|operation| operation.name.is_none()) {
                let hint = "name each operation, and say in `operationName` which one is meant";
                self.found.error(operation.at, "an operation without a name stands beside others", hint);
            }
        }
        let named = operations.iter().filter_map(|operation| operation.name);
        once(&mut self.found, named, |name| format!("two operations are named `{name}`"));
        let fragments = self.document.fragments.iter().map(|fragment| fragment.name);
        once(&mut self.found, fragments, |name| format!("two fragments are named `{name}`"));
    }

    fn operation(
        &mut self,
        operation: &'v Operation<'d>,
        types: &'v [Ty],
        of_fragments: &[Uses<'v, 'd>],
        is_used: &mut [bool],
    ) {
        let place = match operation.kind {
            OperationKind::Query => "QUERY",
            OperationKind::Mutation => "MUTATION",
            OperationKind::Subscription => "SUBSCRIPTION",
        };
        let declared = self.declared(operation, types);
        self.directives(&operation.directives, place);
        let root = self.graph.composite(root_of(operation.kind));
        self.selections(root, &operation.selections);
        let own = std::mem::take(&mut self.uses);
        self.variables(operation, &declared, &own, of_fragments, is_used);
        if operation.kind == OperationKind::Subscription {
            self.one_root_field(operation);
        }
    }

    /// A subscription follows one thing.
    fn one_root_field(&mut self, operation: &'v Operation<'d>) {
        let mut root = RootFields::default();
        self.root_fields(&operation.selections, &mut root);
        if let Some(at) = root.conditional {
            let hint = "leave the condition out: what is followed is decided once";
            self.found.error(at, "a field of a subscription's root depends on a variable", hint);
        } else if root.keys.len() > 1 {
            let hint = "follow one thing in each operation";
            self.found.error(operation.at, "the subscription selects several fields at its root", hint);
        } else if let Some(at) = root.introspection {
            let hint = "ask for that in a query";
            self.found.error(at, "a subscription cannot select what begins with `__` at its root", hint);
        }
    }

    fn root_fields(&self, selections: &'v [Selection<'d>], root: &mut RootFields<'d>) {
        for selection in selections {
            let mut is_left_out = false;
            for directive in selection.directives() {
                let condition = directive.arguments.iter().find(|argument| argument.name.text == "if");
                match (directive.name.text, condition.map(|condition| &condition.value.kind)) {
                    ("skip" | "include", Some(ValueKind::Variable(_))) => root.conditional = Some(directive.name.at),
                    ("skip", Some(ValueKind::Boolean(true))) | ("include", Some(ValueKind::Boolean(false))) => {
                        is_left_out = true;
                    }
                    _ => {}
                }
            }
            match selection {
                _ if is_left_out => {}
                Selection::Field(field) => {
                    root.keys.insert(field.key());
                    if field.name.text.starts_with("__") {
                        root.introspection = Some(field.at());
                    }
                }
                Selection::Inline(inline) => self.root_fields(&inline.selections, root),
                Selection::Spread(spread) => {
                    let place = self.fragments.get(spread.name.text).copied();
                    if let Some(place) = place.filter(|place| root.seen.insert(*place)) {
                        self.root_fields(&self.document.fragments[place].selections, root);
                    }
                }
            }
        }
    }

    /// The sort of a type that the document names; an error when there is none.
    fn sort(&mut self, name: Name<'d>) -> Option<Sort> {
        let sort = self.graph.sort(name.text);
        if sort.is_none() {
            let near = self.found.near(name.text, self.graph.type_names());
            let hint = format!("{near}Use a type of the schema, which is at /schema.graphql");
            self.found.error(name.at, format!("there is no type `{}`", shown(name.text)), hint);
        }
        sort
    }
}

/// What stands at the root of a subscription.
#[derive(Default)]
struct RootFields<'d> {
    keys: HashSet<&'d str>,
    introspection: Option<u32>,
    conditional: Option<u32>,
    seen: HashSet<usize>,
}
