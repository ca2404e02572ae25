//! From a valid document to a compiled operation.

use crate::graphql::core::list_query;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::ast::{self, Document, Field, Selection, ValueKind};
use super::operation::{
    Condition, Experience, FieldKind, Operation, Question, Selected, SelectedField, SelectionSet, Slot, Variable, Way,
};
use super::validate::{from_document, root_of};
use super::values::{Literal, constant};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{FieldDef, FieldRef, Graph, NODE, ObjectDef};
use crate::graphql::core::error::locate;
use crate::graphql::core::error::{FieldError, GraphqlError, Step};
use crate::graphql::core::id::names_records;
use crate::graphql::core::limits::Limits;
use crate::graphql::prepare::tables;
use crate::register::query::Budget;

/// Arguments that may name an earlier state, besides those that name records.
const NAMING: [&str; 5] = ["after", "before", "asOf", "from", "to"];

/// Compiles an operation of a document that was validated.
pub fn compile(
    graph: &Graph,
    limits: &Limits,
    document: &Document<'_>,
    operation: &ast::Operation<'_>,
    text: &str,
) -> Operation {
    let variables: Vec<Variable> = operation
        .variables
        .iter()
        .map(|variable| {
            let ty = from_document(&variable.ty);
            let default =
                variable.default.as_ref().map(|default| Arc::new(constant(graph, &ty, &Literal::of(default))));
            Variable { name: variable.name.text.into(), ty, default }
        })
        .collect();
    let fragments = document.fragments.iter().map(|fragment| (fragment.name.text, fragment)).collect();
    let places = variables.iter().enumerate().map(|(at, variable)| (Arc::clone(&variable.name), at)).collect();
    let mut compiler = Compiler {
        graph,
        fragments,
        variables: places,
        text,
        slots: Vec::new(),
        orders: 0,
        budget: Budget::new(limits.query_bounds()),
        path: Vec::new(),
        bytes: text.len() + size_of::<Operation>(),
        is_fixed: true,
        names_states: false,
        refusal: None,
    };
    let root = graph.composite(root_of(operation.kind)).expect("the graph has its roots");
    let sets = [Part { selections: &operation.selections, conditions: Vec::new() }];
    let root = compiler.set(root, &sets);
    let operation = Operation {
        text: text.into(),
        kind: operation.kind,
        variables,
        root,
        slots: compiler.slots,
        orders: compiler.orders,
        budget: compiler.budget,
        is_fixed: compiler.is_fixed,
        names_states: compiler.names_states,
        refusal: compiler.refusal.map(Box::new),
        known: None,
        bytes: compiler.bytes,
        experience: Experience::default(),
    };
    // What is the same for every request is found once.
    let bound = operation.bound_to_nothing();
    let known = operation.is_fixed.then(|| tables::of(bound));
    Operation { known, ..operation }
}

/// Selections with the conditions under which they count.
struct Part<'a, 'd> {
    selections: &'a [Selection<'d>],
    conditions: Vec<Condition>,
}

/// A place that asks for a field.
struct Asked<'a, 'd> {
    field: &'a Field<'d>,
    position: usize,
    conditions: Vec<Condition>,
}

/// The fields of a selection set by their names in the answer.
#[derive(Default)]
struct Collected<'a, 'd> {
    places: HashMap<&'d str, usize>,
    fields: Vec<Vec<Asked<'a, 'd>>>,
    /// Fragments that were gone into without a condition.
    seen: HashSet<&'d str>,
    position: usize,
    questions: Vec<Question>,
}

struct Compiler<'a, 'd> {
    graph: &'a Graph,
    fragments: HashMap<&'d str, &'a ast::Fragment<'d>>,
    variables: HashMap<Arc<str>, usize>,
    text: &'a str,
    slots: Vec<Slot>,
    orders: usize,
    budget: Budget,
    path: Vec<Arc<str>>,
    bytes: usize,
    is_fixed: bool,
    names_states: bool,
    refusal: Option<GraphqlError>,
}

impl<'a, 'd> Compiler<'a, 'd> {
    fn set(&mut self, object: &Arc<ObjectDef>, parts: &[Part<'a, 'd>]) -> SelectionSet {
        let mut collected = Collected::default();
        for part in parts {
            self.collect(object, part.selections, &part.conditions, &mut collected);
        }
        let mut fields = Vec::with_capacity(collected.fields.len());
        for asked in collected.fields {
            fields.push(self.field(object, &asked));
        }
        let questions = collected.questions;
        let size = |question: &Question| size_of::<Question>() + question.above.len() * size_of::<Condition>();
        self.bytes += questions.iter().map(size).sum::<usize>();
        let depends = !questions.is_empty() || fields.iter().any(|field| !field.ways.is_empty());
        let order = depends.then_some(self.orders);
        self.orders += usize::from(depends);
        self.is_fixed &= !depends;
        SelectionSet { object: Arc::clone(object), fields, order, questions }
    }

    fn collect(
        &self,
        object: &ObjectDef,
        selections: &'a [Selection<'d>],
        above: &[Condition],
        collected: &mut Collected<'a, 'd>,
    ) {
        for selection in selections {
            collected.position += 1;
            if matches!(selection, Selection::Spread(spread) if collected.seen.contains(spread.name.text)) {
                continue;
            }
            let Some(conditions) = self.conditions(selection, above, &mut collected.questions) else { continue };
            match selection {
                Selection::Field(field) => {
                    let next = collected.fields.len();
                    let place = *collected.places.entry(field.key()).or_insert(next);
                    if place == next {
                        collected.fields.push(Vec::new());
                    }
                    let position = collected.position;
                    collected.fields[place].push(Asked { field, position, conditions });
                }
                Selection::Inline(inline) => {
                    if inline.on.is_none_or(|on| applies(object, on.text)) {
                        self.collect(object, &inline.selections, &conditions, collected);
                    }
                }
                Selection::Spread(spread) => {
                    let name = spread.name.text;
                    if conditions.is_empty() {
                        collected.seen.insert(name);
                    }
                    let fragment = self.fragments[name];
                    if applies(object, fragment.on.text) {
                        self.collect(object, &fragment.selections, &conditions, collected);
                    }
                }
            }
        }
    }

    /// The conditions under which a selection counts; none when it never does. `@skip` is looked at first, as graphql-js does.
    fn conditions(
        &self,
        selection: &Selection<'d>,
        above: &[Condition],
        questions: &mut Vec<Question>,
    ) -> Option<Vec<Condition>> {
        let mut conditions = above.to_vec();
        for (name, is) in [("skip", false), ("include", true)] {
            let Some(directive) = selection.directives().iter().find(|directive| directive.name.text == name) else {
                continue;
            };
            match directive.arguments.first().map(|argument| &argument.value.kind) {
                Some(ValueKind::Boolean(value)) if *value != is => return None,
                Some(ValueKind::Variable(name)) => {
                    let condition = Condition { variable: self.variables[*name], is };
                    if conditions.contains(&condition) {
                        continue;
                    }
                    let question = Question { above: conditions.clone(), variable: condition.variable };
                    if !questions.contains(&question) {
                        questions.push(question);
                    }
                    if conditions.contains(&Condition { is: !is, ..condition }) {
                        return None;
                    }
                    conditions.push(condition);
                }
                _ => {}
            }
        }
        Some(conditions)
    }

    fn field(&mut self, object: &Arc<ObjectDef>, asked: &[Asked<'a, 'd>]) -> SelectedField {
        let first = asked[0].field;
        let key: Arc<str> = first.key().into();
        self.bytes += size_of::<SelectedField>() + size_of::<SelectionSet>() + 3 * key.len();
        let mut ways = Vec::new();
        if !asked[0].conditions.is_empty() {
            for Asked { position, conditions, .. } in asked {
                self.bytes += size_of::<Way>() + conditions.len() * size_of::<Condition>();
                ways.push(Way { position: *position, conditions: conditions.clone() });
                if conditions.is_empty() {
                    break;
                }
            }
        }
        let (at, position) = (first.at(), asked[0].position);
        if first.name.text == "__typename" {
            return SelectedField::new(key, at, position, ways, FieldKind::Typename);
        }
        let field = self.graph.field(object, first.name.text).expect("the document is valid");
        self.path.push(Arc::clone(&key));
        let slot = self.slot(&field, first);
        let sets = self.sets(&field, asked);
        self.path.pop();
        SelectedField::new(key, at, position, ways, FieldKind::Field(Selected { field, slot, sets }))
    }

    /// What is selected of the objects of a field.
    fn sets(&mut self, field: &FieldRef, asked: &[Asked<'a, 'd>]) -> Vec<SelectionSet> {
        let Some(composite) = self.graph.composite(field.ty.name()) else { return Vec::new() };
        let composite = Arc::clone(composite);
        // Where the field is there, a condition that all its places have holds.
        let common = |condition: &Condition| asked.iter().all(|asked| asked.conditions.contains(condition));
        let parts: Vec<Part<'a, 'd>> = asked
            .iter()
            .map(|asked| Part {
                selections: &asked.field.selections,
                conditions: asked.conditions.iter().filter(|it| !common(it)).copied().collect(),
            })
            .collect();
        let mut sets = Vec::new();
        if composite.name == NODE {
            let mut named = BTreeMap::new();
            let mut seen = HashSet::new();
            parts.iter().for_each(|part| self.named(part.selections, &mut named, &mut seen));
            for object in named.into_values() {
                sets.push(self.set(&object, &parts));
            }
        }
        sets.push(self.set(&composite, &parts));
        sets
    }

    /// The types of records that fragments are on.
    fn named(
        &self,
        selections: &'a [Selection<'d>],
        found: &mut BTreeMap<&'d str, Arc<ObjectDef>>,
        seen: &mut HashSet<&'d str>,
    ) {
        for selection in selections {
            let (on, selections) = match selection {
                Selection::Field(_) => continue,
                Selection::Inline(inline) => (inline.on.map(|on| on.text), &inline.selections),
                Selection::Spread(spread) if !seen.insert(spread.name.text) => continue,
                Selection::Spread(spread) => {
                    let fragment = self.fragments[spread.name.text];
                    (Some(fragment.on.text), &fragment.selections)
                }
            };
            if let Some((on, object)) = on.and_then(|on| Some((on, self.graph.objects.get(on)?))) {
                found.insert(on, Arc::clone(object));
            }
            self.named(selections, found, seen);
        }
    }

    /// The arguments of a field, coerced as far as they use no variable.
    fn slot(&mut self, field: &FieldRef, asked: &Field<'d>) -> usize {
        let mut given = Vec::new();
        let mut is_open = false;
        for (place, known) in field.args.iter().enumerate() {
            let Some(argument) = asked.arguments.iter().find(|argument| argument.name.text == known.name) else {
                continue;
            };
            let literal = Literal::of(&argument.value);
            is_open |= !literal.is_constant();
            self.names_states |= NAMING.contains(&known.name) || names_records(known.name);
            given.push((place, literal));
        }
        self.bytes += size_of::<Slot>() + field.args.len() * 64;
        let slot = if is_open {
            self.is_fixed = false;
            Slot::Open { given, at: asked.at(), path: self.path.clone() }
        } else {
            let mut args = Args::default();
            for (place, known) in field.args.iter().enumerate() {
                let literal = given.iter().find(|(given, _)| *given == place);
                let value = literal.map(|(_, literal)| constant(self.graph, &known.ty, literal));
                args.0.extend(value.or_else(|| known.default.clone()).map(|value| (known.name, Arc::new(value))));
            }
            if let Err(error) = read_asked(&mut args, field, &mut self.budget)
                && self.refusal.is_none()
            {
                self.refusal = Some(self.refused(error, asked.at()));
            }
            Slot::Fixed(Arc::new(args))
        };
        self.slots.push(slot);
        self.slots.len() - 1
    }

    fn refused(&self, error: FieldError, at: u32) -> GraphqlError {
        let path = self.path.iter().map(|key| Step::Field(key.to_string())).collect();
        GraphqlError { error: Box::new(error), locations: vec![locate(self.text, at)], path }
    }
}

/// Reads what `where` and `orderBy` ask.
///
/// # Errors
/// When they ask for what there is not, or too much.
pub fn read_asked(args: &mut Args, field: &FieldDef, budget: &mut Budget) -> Result<(), FieldError> {
    if let Some(schema) = field.asks {
        args.1 = list_query::read(args.get("where"), args.get("orderBy"), schema, budget)?;
    }
    Ok(())
}

/// Whether an object is of the type of a fragment.
fn applies(object: &ObjectDef, on: &str) -> bool {
    object.name == on || (on == NODE && object.is_node)
}
