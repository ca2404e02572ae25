//! Mutations: what they write, in order. One small write waits for its turn where others are served; whatever is more takes a
//! thread of its own.

use std::sync::Arc;

use crate::graphql::core::args::Args;
use crate::graphql::core::context::RequestContext;
use crate::graphql::core::definition::{Resolve, Write};
use crate::graphql::core::error::{FieldError, GraphqlError, Step, locate};
use crate::graphql::core::exchange::{AllowedOperations, Answer};
use crate::graphql::core::execution::{Effect, Registers};
use crate::graphql::execute::api::{Api, QUICK_COST};
use crate::graphql::mutation;
use crate::graphql::prepare::ast::OperationKind;
use crate::graphql::prepare::bound::Bound;
use crate::graphql::prepare::operation::SelectedField;
use crate::register::Register;

/// What is left to do of a mutation that was begun as a small write.
pub enum Left {
    /// All of it: it turned out to be more.
    All(Bound),
    /// It is written; to answer it turned out to be more.
    Answer(Written),
}

/// A mutation that has written.
pub struct Written {
    bound: Bound,
    registers: Registers,
    effects: Vec<Effect>,
}

/// A field that writes: how, and with what.
type Effective<'b> = (&'b SelectedField, Write, &'b Args);

/// The fields of a mutation that write, in their order.
fn effective(bound: &Bound) -> Result<Vec<Effective<'_>>, GraphqlError> {
    let view = bound.view();
    let mut fields = Vec::new();
    for field in view.fields(&bound.operation.root) {
        let Some(selected) = field.selected() else { continue };
        if let Resolve::Effect(write) = selected.field.resolve {
            let args = view.args(selected.slot).map_err(|error| failed(bound, error.clone(), field))?;
            fields.push((field, write, args));
        }
    }
    Ok(fields)
}

fn failed(bound: &Bound, error: FieldError, field: &SelectedField) -> GraphqlError {
    GraphqlError {
        error: Box::new(error),
        locations: vec![locate(&bound.operation.text, field.at)],
        path: vec![Step::Field(field.key.to_string())],
    }
}

impl Api {
    /// Does the writes of a mutation, in their order.
    ///
    /// # Errors
    /// When one of several is refused before anything is written: then none is done.
    pub(super) fn write(&self, bound: &Bound, context: &RequestContext) -> Result<Vec<Effect>, GraphqlError> {
        let fields = effective(bound)?;
        if fields.len() > 1 {
            for (field, write, args) in &fields {
                mutation::check(*write, &self.ledger, args, context).map_err(|error| failed(bound, error, field))?;
            }
        }
        let done = fields.into_iter().map(|(field, write, args)| {
            (field.key.to_string(), mutation::perform(write, &self.ledger, args, context, (self.clock)()))
        });
        Ok(mutation::told_beside_commits(&self.ledger, done.collect()))
    }

    /// Does a mutation of one small write, and answers it. What it takes shows while it is examined; until it is written
    /// nothing is lost by doing it another way.
    ///
    /// # Errors
    /// With what is left to do, by [`Api::execute_on`] or [`Api::answer_written`], when it is no small write.
    pub async fn execute_small_write(
        &self,
        register: &Arc<Register>,
        bound: Bound,
        context: &RequestContext,
        allowed: AllowedOperations,
    ) -> Result<Answer, Left> {
        let Some(effect) = self.small_write(&bound, &context.insisting().quick(), allowed).await else {
            return Err(Left::All(bound));
        };
        let registers = Registers::fetch(&self.ledger, Arc::clone(register), bound.tables, &[]).expect("it names none");
        let registers = registers.moved_on(self.ledger.register());
        let effects = vec![effect];
        let quick = context.quick();
        let answer = self.respond(&bound, &registers, &quick, &effects, None);
        if quick.work.was_too_much() {
            return Err(Left::Answer(Written { bound, registers, effects }));
        }
        Ok(answer)
    }

    /// Does a write, if it is small.
    async fn small_write(&self, bound: &Bound, quick: &RequestContext, allowed: AllowedOperations) -> Option<Effect> {
        let operation = &bound.operation;
        let may_be_small = operation.kind == OperationKind::Mutation
            && allowed == AllowedOperations::All
            && bound.cost <= QUICK_COST
            && !operation.names_states;
        if !may_be_small {
            return None;
        }
        let fields = effective(bound).ok()?;
        let [(field, write, args)] = fields[..] else { return None };
        let submission = quick.work.run(|| write(&self.ledger, args, &quick.identity)).ok()?;
        let effect = match submission {
            Err(error) => Err(error),
            Ok(submission) => {
                let submitted = self.ledger.submit_if_quick(submission, (self.clock)(), &quick.work);
                submitted.await?.map_err(mutation::from_commit)
            }
        };
        Some((field.key.to_string(), effect))
    }

    /// Answers a mutation that has written.
    pub fn answer_written(&self, written: &Written, context: &RequestContext) -> Answer {
        self.respond(&written.bound, &written.registers, context, &written.effects, None)
    }
}
