//! The writes of a working year: progress reports, risks, and rounds that close.

use std::sync::Arc;

use super::input::{Fields, input, read_key, submission, text};
use super::writes::{broken, edition};
use crate::commit::access::{Identity, Role};
use crate::commit::{Edit, Ledger, Source, Submission};
use crate::graphql::core::args::Args;
use crate::graphql::core::error::FieldError;
use crate::graphql::core::input::tree;
use crate::import::edit::{ImportMode, record_edit};
use crate::model::{Key, Kind, Link, ProblemCode, Record, Tree};
use crate::register::Register;

/// The edit of a whole record by hand.
fn by_hand(kind: Kind, what: &'static str, args: &Args, identity: &Identity) -> Submission {
    let fields = input(args);
    let row = fields.get(kind.one()).map_or(Tree::Null, tree);
    let edit = record_edit(kind, &row, ImportMode::Upsert, Source::default());
    submission(identity, Role::Edit, what, fields, vec![edit])
}

/// Says how something goes in a round.
///
/// # Errors
/// None: what does not fit is told with the row.
pub fn report_progress(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    Ok(by_hand(Kind::ProgressReport, "reportProgress", args, identity))
}

/// Records a risk.
///
/// # Errors
/// None: what does not fit is told with the row.
pub fn record_risk(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    Ok(by_hand(Kind::Risk, "recordRisk", args, identity))
}

/// Closes a round as an edition.
///
/// # Errors
/// When a key is none.
pub fn close_round(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let (round, name) = (read_key(fields, "roundKey")?, read_key(fields, "edition")?);
    let submission = submission(identity, Role::Admin, "closeRound", fields, Vec::new());
    let fields = fields.clone();
    Ok(submission.made(move |register| {
        // The edition names all that there is.
        register.note_everything();
        closed(register, &round, &name, &fields)
    }))
}

fn closed(register: &Register, key: &Key, name: &Key, fields: &Fields) -> Vec<Edit> {
    let refuse = |code, message: String, hint: &str| vec![broken(&["roundKey"], code, message, hint)];
    let Some(Record::Round(round)) = register.get(Kind::Round, key).map(|node| &node.record) else {
        return refuse(
            ProblemCode::NotFound,
            format!("there is no Round `{key}`"),
            "take the key of a round from an answer",
        );
    };
    if let Some(edition) = round.edition_key.as_ref().filter(|edition| edition.key() != name) {
        let message = format!("`{key}` was closed as the edition `{edition}`");
        return refuse(
            ProblemCode::AlreadyExists,
            message,
            "a round is closed once; say what came later in the next one",
        );
    }
    if round.edition_key.is_some() {
        return vec![Edit::put(Record::Round(Arc::clone(round)))];
    }
    let edition = match edition(register, name, fields) {
        // Another name in full than the key's is the round's own.
        Edit::Put { record: Record::Edition(mut edition), mode, at } => {
            if text(fields, "title").is_none() {
                Arc::make_mut(&mut edition).title.clone_from(&round.label);
            }
            Edit::Put { record: Record::Edition(edition), mode, at }
        }
        other => other,
    };
    let mut round = Arc::clone(round);
    Arc::make_mut(&mut round).edition_key = Some(Link::new(name.clone()));
    vec![edition, Edit::put(Record::Round(round))]
}
