//! Keys live: records are renamed and merged, and keep their history and what refers to them.

use super::input::{arg, common, input, read_key, submission, text};
use crate::analysis::rename::{Renamed, merge, rename};
use crate::commit::access::{Identity, Role};
use crate::commit::{Edit, Ledger, PutMode, Source, Submission};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{InputDef, Ty};
use crate::graphql::core::error::FieldError;
use crate::model::{Key, Kind, Problem};
use crate::register::Register;

/// What `renameRecord` does.
pub const RENAME_DOC: &str = "Gives a record another key. What refers to it goes along, its history too, and who asks for the old key gets the \
     record (`formerKeys`). Keys that are made of this one change with it. Role IMPORT.";
/// What `mergeRecords` does.
pub const MERGE_DOC: &str = "Makes one record of two: what refers to the first refers to the second then, the first goes, and its key leads to the \
     second (`formerKeys`). The second keeps what it says. Refused where both have something that there can be once only. Role IMPORT.";

type Change = fn(&Register, Kind, &Key, &Key) -> Result<Renamed, Vec<Problem>>;

/// Renames.
pub fn rename_record(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    write(args, identity, "renameRecord", "to", rename)
}

/// Merges.
pub fn merge_records(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    write(args, identity, "mergeRecords", "into", merge)
}

fn write(
    args: &Args,
    identity: &Identity,
    what: &str,
    other: &'static str,
    change: Change,
) -> Result<Submission, FieldError> {
    let fields = input(args);
    let kind = text(fields, "kind").and_then(|word| Kind::from_word(&word));
    let kind = kind.ok_or_else(|| FieldError::input("`kind` is no kind", "use a word of `Kind`"))?;
    let (from, to) = (read_key(fields, "key")?, read_key(fields, other)?);
    let submission = Submission { moves: true, ..submission(identity, Role::Import, what, fields, Vec::new()) };
    Ok(submission.made(move |register| match change(register, kind, &from, &to) {
        Err(problems) => vec![Edit::broken(problems)],
        Ok(Renamed { puts, gone }) => {
            let at = || Source::of(vec!["key".into()]);
            let put = |record| Edit::Put { record, mode: PutMode::Restore, at: at() };
            let delete = |(kind, key)| Edit::Delete { kind, key, at: at() };
            puts.into_iter().map(put).chain(gone.into_iter().map(delete)).collect()
        }
    }))
}

/// What `renameRecord` takes.
pub fn rename_input() -> InputDef {
    taken("A record and its new key.", "to", "The new key.")
}

/// What `mergeRecords` takes.
pub fn merge_input() -> InputDef {
    taken("Two records of one kind that are one.", "into", "The key of the record that stays.")
}

fn taken(doc: &str, other: &'static str, other_doc: &str) -> InputDef {
    let fields = vec![
        arg("kind", Ty::required("Kind"), "The kind of the record."),
        arg("key", Ty::required("String"), "The key that it has."),
        arg(other, Ty::required("String"), other_doc),
    ];
    InputDef { doc: doc.into(), raw: false, one_of: false, fields: common(fields) }
}
