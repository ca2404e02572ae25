//! What writes take, and how a submission is made of it.

use std::io::{BufWriter, Write as _};
use std::sync::OnceLock;

use async_graphql::Name;
use async_graphql::Value as Input;
use async_graphql::indexmap::IndexMap;

use crate::commit::access::{Identity, Role};
use crate::commit::{Edit, Submission};
use crate::graphql::core::args::{Args, revision_of};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::model::{Key, Problems, Record};

use crate::graphql::core::definition::{ArgDef, Ty};

/// The fields of an input.
pub type Fields = IndexMap<Name, Input>;

/// The argument `input`.
pub fn input(args: &Args) -> &Fields {
    static NONE: OnceLock<Fields> = OnceLock::new();
    match args.get("input") {
        Some(Input::Object(fields)) => fields,
        _ => NONE.get_or_init(Fields::new),
    }
}

/// A text, or a word, of an input.
pub fn text(fields: &Fields, name: &str) -> Option<String> {
    match fields.get(name) {
        Some(Input::String(text)) => Some(text.clone()),
        Some(Input::Enum(word)) => Some(word.to_string()),
        _ => None,
    }
}

/// What all writes have in common.
pub fn submission(identity: &Identity, needs: Role, what: &str, fields: &Fields, edits: Vec<Edit>) -> Submission {
    Submission {
        dry_run: fields.get("dryRun") == Some(&Input::Boolean(true)),
        expect_revision: fields.get("expectRevision").and_then(revision_of),
        expect_digest: text(fields, "expectDigest"),
        expect_deletes: fields.get("expectDeletes").and_then(revision_of),
        idempotency: text(fields, "idempotencyKey").map(|key| (key, hash(what, fields))),
        ..Submission::new(identity.clone(), needs, text(fields, "reason").unwrap_or_default(), edits)
    }
}

/// Names a request by all that it asks for.
fn hash(what: &str, fields: &Fields) -> [u8; 32] {
    let mut hasher = BufWriter::with_capacity(1 << 16, blake3::Hasher::new());
    let asked = fields.iter().filter(|(name, _)| *name != "idempotencyKey").collect::<Vec<_>>();
    let hashed = hasher.write_all(what.as_bytes()).is_ok() && serde_json::to_writer(&mut hasher, &asked).is_ok();
    let hasher = hasher.into_inner().ok().filter(|_| hashed).expect("a hasher takes everything");
    *hasher.finalize().as_bytes()
}

/// A key of an input.
///
/// # Errors
/// When it is none.
pub fn read_key(fields: &Fields, name: &str) -> Result<Key, FieldError> {
    let key = text(fields, name).unwrap_or_default();
    Key::parse(&key).map_err(|reason| FieldError::input(format!("`{key}` is no key: {reason}"), "correct it"))
}

/// A record made here, checked as if it had come as a row.
pub fn checked(record: Record) -> Edit {
    let mut problems = Problems::default();
    record.check_all(&mut problems);
    if problems.is_empty() { Edit::put(record.in_one_form()) } else { Edit::broken(problems.into_vec()) }
}

/// A refusal of the commit path as an error of the field.
pub fn from_commit(error: crate::commit::CommitError) -> FieldError {
    use crate::commit::CommitError;
    let code = match &error {
        CommitError::Forbidden { .. } | CommitError::OtherBody { .. } => ErrorCode::Forbidden,
        CommitError::Fault => ErrorCode::Internal,
        _ => {
            tracing::error!(reason = %error, "a write failed");
            ErrorCode::Unavailable
        }
    };
    FieldError::new(code, error.to_string(), error.hint())
}

/// An input field.
pub fn arg(name: &'static str, ty: Ty, doc: &str) -> ArgDef {
    ArgDef::new(name, ty, doc)
}

/// What every write takes besides its own fields.
pub fn common(mut fields: Vec<ArgDef>) -> Vec<ArgDef> {
    fields.extend([
        arg("reason", Ty::required("String"), "Why: stands in the history."),
        arg(
            "idempotencyKey",
            Ty::required("String"),
            "A key of the client's choice for this request. The same key with the same input gives the first answer again and does nothing; \
             with another input it is refused. Answers that refuse do not use the key up.",
        ),
        ArgDef { default: Some(Input::Boolean(false)), ..arg("dryRun", Ty::required("Boolean"), "Only say what would happen.") },
        arg("expectRevision", Ty::named("Revision"), "Refuse unless the register is at this revision: guards against lost updates."),
        arg("expectDigest", Ty::named("String"), "Refuse unless the outcome has this digest, from a dry run."),
    ]);
    fields
}
