//! Earlier states as requests name them: by revision, instant or edition.

use std::sync::Arc;

use async_graphql::Value as Input;

use crate::commit::Ledger;
use crate::graphql::core::args::{Args, revision_of};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::fetch;
use crate::model::{Key, Kind, Record};
use crate::register::{Register, Revision};

/// Whether an `asOf` argument names its state by the revision, and so the same one always.
pub fn names_revision(args: &Args) -> bool {
    matches!(args.get("asOf"), Some(Input::Object(as_of)) if as_of.contains_key("revision"))
}

/// The register that a text names: a revision, an instant or an edition; the current one when there is none.
///
/// # Errors
/// When there is no such revision or edition.
pub fn register_named(ledger: &Ledger, name: Option<&str>) -> Result<Arc<Register>, FieldError> {
    let current = ledger.register();
    let Some(text) = name else { return Ok(current) };
    let (field, value) = match text.parse::<Revision>() {
        Ok(revision) => ("revision", Input::from(revision)),
        Err(_) if text.parse::<jiff::Timestamp>().is_ok() => ("instant", Input::from(text)),
        Err(_) => ("edition", Input::from(text)),
    };
    let as_of = [(async_graphql::Name::new(field), value)].into_iter().collect();
    let revision = named(ledger, &current, &as_of)?;
    if revision == current.revision() { Ok(current) } else { fetch(ledger, revision) }
}

/// The revision that an `asOf` argument names.
///
/// # Errors
/// When it names an edition that does not exist, or an instant that is none.
pub fn as_of(ledger: &Ledger, current: &Register, args: &Args) -> Result<Option<Revision>, FieldError> {
    let Some(Input::Object(as_of)) = args.get("asOf") else { return Ok(None) };
    named(ledger, current, as_of).map(Some)
}

/// The revision that a value of the input type `AsOf` names.
///
/// # Errors
/// When it names an edition that does not exist, or an instant that is none.
pub fn named(
    ledger: &Ledger,
    current: &Register,
    as_of: &async_graphql::indexmap::IndexMap<async_graphql::Name, Input>,
) -> Result<Revision, FieldError> {
    let (name, value) =
        as_of.iter().next().ok_or_else(|| FieldError::input("`asOf` names nothing", "give one field"))?;
    match (name.as_str(), value) {
        ("revision", value) => Ok(revision_of(value).unwrap_or_default()),
        ("instant", Input::String(text)) => {
            let instant: jiff::Timestamp = text.parse().map_err(|_| {
                FieldError::input(format!("`{text}` is no instant"), "write it as `2021-02-15T09:30:00Z`")
            })?;
            Ok(ledger.revision_at(instant.as_millisecond()))
        }
        (_, Input::String(edition)) => {
            let node = Key::parse(edition).ok().and_then(|key| current.get(Kind::Edition, &key));
            match node.map(|node| &node.record) {
                Some(Record::Edition(edition)) => Ok(Revision::try_from(edition.tagged_revision).unwrap_or_default()),
                _ => {
                    let known: Vec<&str> = current.all(Kind::Edition).map(|node| node.key.as_str()).collect();
                    let hint = if known.is_empty() {
                        "there is none yet".to_owned()
                    } else {
                        format!("there are {}", known.join(", "))
                    };
                    Err(FieldError::input(format!("there is no edition `{edition}`"), hint))
                }
            }
        }
        _ => Err(FieldError::input("`asOf` has no such form", "give a revision, an instant or an edition")),
    }
}
