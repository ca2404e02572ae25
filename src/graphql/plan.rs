//! From a valid document to a plan: fragments unfolded, fields of one name merged, conditions decided, arguments coerced. What
//! is left can be run in one pass without looking anything up.

use std::cell::RefCell;
use std::sync::Arc;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Pos, Positioned, Value as Input};
use async_graphql_value::Value as Literal;

use crate::graphql::ask;
use crate::graphql::definition::{Args, FieldDef, Graph, NODE, ObjectDef};
use crate::graphql::error::{FieldError, GraphqlError, Step};
use crate::graphql::input::{self, Variables};
use crate::register::ask::{Bounds, Budget};

/// The fields to answer for objects of one type, in the order of the document.
pub struct Plan<'g> {
    /// The type.
    pub object: &'g ObjectDef,
    /// Its fields.
    pub fields: Vec<Planned<'g>>,
}

/// A field to answer.
pub struct Planned<'g> {
    /// Its name in the answer.
    pub key: String,
    /// Where it stands in the document.
    pub pos: Pos,
    /// What it is.
    pub what: What<'g>,
}

/// What a field to answer is.
pub enum What<'g> {
    /// `__typename`
    Typename,
    /// `__schema` or `__type`: answered by the engine.
    Introspection,
    /// A field of the graph with its arguments and, for objects, the plans for each type that they may have.
    Field(&'g FieldDef, Args, Vec<Plan<'g>>),
}

/// Plans an operation.
///
/// # Errors
/// When an argument has a value that it cannot have.
pub fn plan<'g>(
    graph: &'g Graph,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    root: &'g ObjectDef,
    variables: &Variables,
    bounds: Bounds,
) -> Result<Plan<'g>, GraphqlError> {
    let planner = Planner { graph, document, variables, budget: RefCell::new(Budget::new(bounds)) };
    planner.object(root, &[&operation.selection_set.node], &mut Vec::new())
}

struct Planner<'g, 'd> {
    graph: &'g Graph,
    document: &'d ExecutableDocument,
    variables: &'d Variables,
    /// What all filters of the request may ask together.
    budget: RefCell<Budget>,
}

/// A field of the answer with all places of the document that ask for it.
struct Collected<'d> {
    key: &'d str,
    fields: Vec<&'d Positioned<Field>>,
}

impl<'g, 'd> Planner<'g, 'd> {
    fn object(
        &self,
        object: &'g ObjectDef,
        sets: &[&'d SelectionSet],
        path: &mut Vec<Step>,
    ) -> Result<Plan<'g>, GraphqlError> {
        let mut collected = Vec::new();
        let mut seen = Vec::new();
        for set in sets {
            self.collect(object, set, &mut collected, &mut seen);
        }
        let mut fields = Vec::with_capacity(collected.len());
        for Collected { key, fields: asked } in collected {
            let first = asked[0];
            path.push(Step::Field(key.to_owned()));
            let what = match first.node.name.node.as_str() {
                "__typename" => What::Typename,
                "__schema" | "__type" => What::Introspection,
                name => {
                    let field = object.field(name).expect("the document is valid");
                    let args = self.args(field, first).map_err(|error| GraphqlError {
                        error: Box::new(error),
                        locations: vec![first.pos],
                        path: path.clone(),
                    })?;
                    let sets: Vec<&SelectionSet> = asked.iter().map(|field| &field.node.selection_set.node).collect();
                    let plans = self.possible(field.ty.name()).map(|object| self.object(object, &sets, path));
                    What::Field(field, args, plans.collect::<Result<_, _>>()?)
                }
            };
            path.pop();
            fields.push(Planned { key: key.to_owned(), pos: first.pos, what });
        }
        Ok(Plan { object, fields })
    }

    /// The object types that a type may be: itself, or every record for `Node`.
    fn possible(&self, name: &str) -> impl Iterator<Item = &'g ObjectDef> {
        let is_node = name == NODE;
        let itself = self.graph.object(name);
        let nodes = self.graph.objects.values().filter(move |object| is_node && object.is_node);
        itself.into_iter().chain(nodes)
    }

    fn collect(
        &self,
        object: &ObjectDef,
        set: &'d SelectionSet,
        collected: &mut Vec<Collected<'d>>,
        seen: &mut Vec<&'d str>,
    ) {
        for selection in &set.items {
            if self.is_skipped(selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    match collected.iter_mut().find(|other| other.key == key) {
                        Some(other) => other.fields.push(field),
                        None => collected.push(Collected { key, fields: vec![field] }),
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if seen.contains(&name) {
                        continue;
                    }
                    seen.push(name);
                    let fragment = &self.document.fragments[name].node;
                    if applies(object, fragment.type_condition.node.on.node.as_str()) {
                        self.collect(object, &fragment.selection_set.node, collected, seen);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    if condition.is_none_or(|condition| applies(object, condition.node.on.node.as_str())) {
                        self.collect(object, &fragment.node.selection_set.node, collected, seen);
                    }
                }
            }
        }
    }

    fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let condition =
                directive.node.get_argument("if").and_then(|value| input::fill(&value.node, self.variables));
            match directive.node.name.node.as_str() {
                "skip" => condition == Some(Input::Boolean(true)),
                "include" => condition == Some(Input::Boolean(false)),
                _ => false,
            }
        })
    }

    fn args(&self, field: &'g FieldDef, asked: &Positioned<Field>) -> Result<Args, FieldError> {
        let mut args = Args::default();
        for arg in &field.args {
            let literal = asked.node.get_argument(arg.name);
            // A variable as a whole was coerced to its own type, which the argument's allows: nothing is left but null.
            if let Some(Literal::Variable(name)) = literal.map(|literal| &literal.node)
                && let Some(value) = self.variables.get(name.as_str()).filter(|value| ***value != Input::Null)
            {
                args.0.insert(arg.name, Arc::clone(value));
                continue;
            }
            let value = match literal.and_then(|literal| input::fill(&literal.node, self.variables)) {
                Some(value) => input::coerce(self.graph, &arg.ty, value, &mut vec![arg.name.to_owned()])?,
                None => match (&arg.default, &arg.ty) {
                    (Some(default), _) => default.clone(),
                    (None, crate::graphql::definition::Ty::NonNull(_)) => {
                        return Err(FieldError::input(format!("`{}` has no value", arg.name), "give it a value"));
                    }
                    (None, _) => continue,
                },
            };
            args.0.insert(arg.name, Arc::new(value));
        }
        if let Some(shape) = field.asks {
            args.1 = ask::read(&args, shape, &mut self.budget.borrow_mut())?;
        }
        Ok(args)
    }
}

fn applies(object: &ObjectDef, condition: &str) -> bool {
    condition == object.name || (condition == NODE && object.is_node)
}
