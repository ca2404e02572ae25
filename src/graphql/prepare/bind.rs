//! From a compiled operation and the variables of a request to what is answered: which fields, with which arguments.

use std::sync::Arc;

use async_graphql::Value as Input;

use super::bound::Bound;
use super::compile::read_asked;
use super::operation::{Condition, Operation, SelectedField, SelectionSet, Slot};
use super::values::{Literal, Variables, fill};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{FieldDef, Graph};
use crate::graphql::core::error::locate;
use crate::graphql::core::error::{FieldError, GraphqlError, Step};
use crate::graphql::prepare::tables;
use crate::register::TableSet;
use crate::register::query::Budget;

/// Binds an operation to variables. What it costs is for others to say.
///
/// # Errors
/// When a filter asks for what there is not, or too much.
pub fn bind(graph: &Graph, operation: Arc<Operation>, variables: &Variables) -> Result<Bound, GraphqlError> {
    if let Some(refusal) = &operation.refusal {
        return Err((**refusal).clone());
    }
    if let Some(tables) = operation.known {
        return Ok(Bound { operation, open: Vec::new(), orders: Vec::new(), cost: 0, tables });
    }
    let mut binder = Binder {
        graph,
        operation: &operation,
        variables,
        budget: operation.budget.clone(),
        open: vec![None; operation.slots.len()],
        orders: vec![Ok(Vec::new()); operation.orders],
    };
    binder.set(&operation.root)?;
    let (open, orders) = (binder.open, binder.orders);
    let mut bound = Bound { operation: Arc::clone(&operation), open, orders, cost: 0, tables: TableSet::NONE };
    bound.tables = tables::of(bound.view());
    Ok(bound)
}

struct Binder<'b> {
    graph: &'b Graph,
    operation: &'b Operation,
    variables: &'b Variables,
    budget: Budget,
    open: Vec<Option<Result<Args, FieldError>>>,
    orders: Vec<Result<Vec<usize>, FieldError>>,
}

impl<'b> Binder<'b> {
    fn set(&mut self, set: &'b SelectionSet) -> Result<(), GraphqlError> {
        let Some(order) = set.order else { return set.fields.iter().try_for_each(|field| self.field(field)) };
        if let Some(question) =
            set.questions.iter().find(|question| self.value(question.variable).is_none() && self.hold(&question.above))
        {
            let name = &self.operation.variables[question.variable].name;
            let message = format!("`${name}` is null, and `@skip` or `@include` depends on it");
            self.orders[order] = Err(FieldError::input(message, "give it `true` or `false`"));
            return Ok(());
        }
        let places = set.fields.iter().enumerate();
        let mut found: Vec<_> = places.filter_map(|(place, field)| Some((self.position(field)?, place))).collect();
        found.sort_unstable();
        self.orders[order] = Ok(found.iter().map(|(_, place)| *place).collect());
        found.into_iter().try_for_each(|(_, place)| self.field(&set.fields[place]))
    }

    /// Where a field stands: at the first place that asks for it.
    fn position(&self, field: &SelectedField) -> Option<usize> {
        if field.ways.is_empty() {
            return Some(field.position);
        }
        field.ways.iter().find(|way| self.hold(&way.conditions)).map(|way| way.position)
    }

    /// Whether all conditions hold.
    fn hold(&self, conditions: &[Condition]) -> bool {
        conditions.iter().all(|condition| self.value(condition.variable) == Some(condition.is))
    }

    /// The value of a variable that decides a condition; none when it is null.
    fn value(&self, variable: usize) -> Option<bool> {
        match self.variables.get(&self.operation.variables[variable].name).map(|value| &**value) {
            Some(Input::Boolean(value)) => Some(*value),
            _ => None,
        }
    }

    fn field(&mut self, field: &'b SelectedField) -> Result<(), GraphqlError> {
        let Some(selected) = field.selected() else { return Ok(()) };
        if let Slot::Open { given, at, path } = &self.operation.slots[selected.slot] {
            let mut args = self.args(&selected.field, given);
            if let Ok(args) = &mut args {
                let read = read_asked(args, &selected.field, &mut self.budget);
                read.map_err(|error| self.refused(error, *at, path.iter()))?;
            }
            self.open[selected.slot] = Some(args);
        }
        selected.sets.iter().try_for_each(|set| self.set(set))
    }

    fn args(&self, field: &FieldDef, given: &[(usize, Literal)]) -> Result<Args, FieldError> {
        let mut args = Args::default();
        for (place, known) in field.args.iter().enumerate() {
            let literal = given.iter().find(|(given, _)| *given == place).map(|(_, literal)| literal);
            let value = match literal.filter(|literal| !literal.is_absent(self.variables)) {
                None => match &known.default {
                    Some(default) => Arc::new(default.clone()),
                    None if known.ty.is_required() => {
                        return Err(FieldError::input(format!("`{}` has no value", known.name), "give it a value"));
                    }
                    None => continue,
                },
                // It was coerced to its own type, which the argument's allows; only null may be too much.
                Some(Literal::Variable(name)) => {
                    let value = &self.variables[name];
                    if **value == Input::Null && known.ty.is_required() {
                        return Err(FieldError::input(format!("`{}` cannot be null", known.name), "give it a value"));
                    }
                    Arc::clone(value)
                }
                Some(literal) => Arc::new(fill(self.graph, &known.ty, literal, self.variables, known.name)?),
            };
            args.0.insert(known.name, value);
        }
        Ok(args)
    }

    fn refused<'p>(&self, error: FieldError, at: u32, path: impl Iterator<Item = &'p Arc<str>>) -> GraphqlError {
        let path = path.map(|key| Step::Field(key.to_string())).collect();
        GraphqlError { error: Box::new(error), locations: vec![locate(&self.operation.text, at)], path }
    }
}
