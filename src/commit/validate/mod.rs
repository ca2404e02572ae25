//! What a commit may do: rules over the register that would result.

mod after;
pub mod bodies;
mod bounds;
mod checks;
mod citing;
pub mod edit;
mod findings;
pub mod outcome;
mod round;
mod rules;
pub mod scope;
mod spans;
mod warnings;

use std::borrow::Cow;

use self::edit::{Edit, PutMode};
pub use self::findings::PROBLEMS_MAX;
use self::outcome::{Validated, outcome};
use self::round::Round;
use self::scope::{Beyond, Scope};
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, ProblemCode, Problems, Record};
use crate::register::Register;
use crate::work;

/// Most records that one commit may change.
pub const CHANGES_MAX: usize = 2_000_000;
vocabulary! {
    /// What becomes of the good rows when others are bad.
    Atomicity {
        /// All rows or none.
        All = "ALL",
        /// The good rows; the bad ones are told.
        GoodRows = "GOOD_ROWS",
    }
}

/// What it costs to make an edit of a row, and to check it, in records looked at.
pub const EDIT_STEPS: u64 = 100;

/// Checks edits against the register that they would change.
///
/// `moves` says that records may go over to another plan or body; `told_max` how many changes are made, where none of it is written.
pub fn validate(
    register: &Register,
    edits: &[Edit],
    scope: Option<&Scope>,
    atomicity: Atomicity,
    moves: bool,
    told_max: Option<usize>,
) -> Validated {
    let mut rejected = vec![false; edits.len()];
    if edits.len() > CHANGES_MAX {
        let mut found = Problems::default();
        let message = format!("there are {} rows, at most {CHANGES_MAX} are allowed in one commit", edits.len());
        found.push(ProblemCode::TooLong, message, "send them in several commits");
        return Validated::refused(edits.len(), found.into_vec());
    }
    let edits = &*as_stored(register, edits);
    // Many ask for it, and of most kinds it is made of several fields.
    let keys: Vec<Option<Key>> = edits.iter().map(Edit::key).collect();
    let (mut problems, mut problem_count) = (Vec::new(), 0);
    loop {
        // Where others wait for the thread, many rows are not looked at at all.
        work::step(EDIT_STEPS * edits.len() as u64);
        let round = Round::new(register, edits, &keys, scope, rejected.clone());
        let found = round.findings(moves, PROBLEMS_MAX.saturating_sub(problems.len()));
        let fatal = found.count > 0 && (atomicity == Atomicity::All || found.whole > 0);
        let fresh = found.whole > 0 || found.rows.iter().any(|row| !rejected[*row as usize]);
        found.rows.iter().for_each(|row| rejected[*row as usize] = true);
        problem_count += found.count;
        problems.extend(found.told);
        // A row that is left out may leave others without what they refer to: those are found in the next round.
        if !fresh || fatal {
            let Beyond { missing, warnings } = round.into_beyond();
            let mut came = outcome(register, edits, &keys, &rejected, &missing, told_max);
            (came.problems, came.problem_count, came.warnings, came.fatal) = (problems, problem_count, warnings, fatal);
            let told = warnings::of(register, edits, &keys, &rejected, &came);
            came.warnings.extend(told);
            return came;
        }
    }
}

/// The edits, where a row whose period has another form than the one means a record that is stored in that form, from before there
/// was one: it stays under its key until somebody merges it.
fn as_stored<'a>(register: &Register, edits: &'a [Edit]) -> Cow<'a, [Edit]> {
    let stored = |edit: &Edit| match edit {
        Edit::Put { record, mode, at } => {
            let written = record.as_written().filter(|_| *mode != PutMode::Restore)?;
            let is_there = |record: &Record| register.get(record.kind(), &record.key()).is_some();
            let known = is_there(&written) && !is_there(record);
            known.then(|| Edit::Put { record: written, mode: *mode, at: at.clone() })
        }
        _ => None,
    };
    if !edits.iter().any(|edit| stored(edit).is_some()) {
        return Cow::Borrowed(edits);
    }
    edits.iter().map(|edit| stored(edit).unwrap_or_else(|| edit.clone())).collect()
}
