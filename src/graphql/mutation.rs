//! Writes: the mutation root, its inputs, and how each becomes a submission to the commit path.

mod by_hand;
pub mod input;
mod payload;
mod rename;
mod roll_over;
mod shape;
mod waive;
mod writes;

use crate::commit::{Ledger, Report, Status};
use crate::graphql::core::args::Args;
use crate::graphql::core::context::RequestContext;
use crate::graphql::core::definition::Write;
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::Effect;
use crate::model::{ProblemCode, Problems};
pub use input::from_commit;
pub use shape::{inputs, mutation, objects};

/// Does a write.
///
/// # Errors
/// When the identity may not, the arguments make no sense, or the disk refuses.
pub fn perform(
    write: Write,
    ledger: &Ledger,
    args: &Args,
    context: &RequestContext,
    now_ms: i64,
) -> Result<Report, FieldError> {
    // Nothing is half done where its time is over: who waits for a turn, waits.
    let submit = || ledger.submit(write(ledger, args, &context.identity)?, now_ms).map_err(from_commit);
    context.run(submit)?
}

/// Whether a write would be refused before anything is written, whatever the data.
///
/// # Errors
/// When the identity may not, or the arguments make no sense.
pub fn check(write: Write, ledger: &Ledger, args: &Args, context: &RequestContext) -> Result<(), FieldError> {
    context.run(|| write(ledger, args, &context.identity))??.authorised().map_err(from_commit)
}

/// What several writes of one request came to. A failure may not be null in the answer, so it would take the others with it: one
/// beside a commit is told in a payload of its own.
pub fn told_beside_commits(ledger: &Ledger, mut effects: Vec<Effect>) -> Vec<Effect> {
    if effects.iter().any(|(_, effect)| effect.as_ref().is_ok_and(|report| report.status == Status::Committed)) {
        for (_, effect) in &mut effects {
            if let Err(error) = effect {
                let mut problems = Problems::default();
                problems.push(ProblemCode::NotWritten, error.message.clone(), error.hint.clone());
                *effect = Ok(Report::refused(&ledger.register(), problems.into_vec()));
            }
        }
    }
    effects
}
