//! `waiveDiscrepancy`: a discrepancy may stand.

use crate::analysis::reconcile::Discrepancies;
use crate::commit::access::{Identity, Role};
use crate::commit::{Edit, Ledger, Submission};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{InputDef, Ty};
use crate::graphql::core::error::FieldError;
use crate::model::problem::nearest;
use crate::model::{Date, ProblemCode, Problems, Waiver};

use super::input::{arg, checked, common, input, read_key, submission, text as text_of};

/// Lets a discrepancy stand.
///
/// # Errors
/// When the key is no key.
pub fn waive(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let key = read_key(fields, "key")?;
    let until = text_of(fields, "until").as_deref().and_then(Date::parse);
    let reason = text_of(fields, "reason").unwrap_or_default();
    let submission = submission(identity, Role::Edit, "waiveDiscrepancy", fields, Vec::new());
    Ok(submission.made(move |register| {
        let all = Discrepancies::of(register);
        if all.get(&key).is_some() {
            return vec![checked(Waiver { key: key.clone(), reason: reason.clone(), until }.into())];
        }
        let near = nearest(key.as_str(), all.all().iter().map(|it| it.key.as_str()));
        let message = format!("there is no discrepancy `{key}`");
        let mut problems = Problems::at("key");
        problems.push_near(ProblemCode::NotFound, message, "take the key of a discrepancy from an answer", near);
        vec![Edit::broken(problems.into_vec())]
    }))
}

/// The input of a waiver.
pub fn waive_input() -> InputDef {
    InputDef {
        doc: "A discrepancy that may stand. The reason stands in the waiver and in the history.".into(),
        raw: false,
        one_of: false,
        fields: common(vec![
            arg("key", Ty::required("String"), "Key of the discrepancy."),
            arg(
                "until",
                Ty::named("Date"),
                "The last day on which the waiver counts; without it, until it is deleted.",
            ),
        ]),
    }
}

/// What `waiveDiscrepancy` does, for those who read the schema.
pub const WAIVE_DOC: &str = "Lets a discrepancy stand, for a reason, until a day or for good; in place of an earlier waiver of it. The \
     contradiction stays in the list, marked as waived. `deleteRecords` takes a waiver back. Role EDIT.";
