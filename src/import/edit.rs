//! From rows to edits: what a row is, by its one name, and what is to be done with it.

use std::borrow::Cow;

use crate::commit::{Edit, PutMode, Source};
use crate::import::field::core;
use crate::import::meant::meant;
use crate::import::words::tidy;
use crate::model::problem::nearest;
use crate::model::vocabulary::vocabulary;
use crate::model::{Kind, ProblemCode, Problems, Tree, Type};

vocabulary! {
    /// What an import does with its rows.
    ImportMode {
        /// Every record must be new.
        Create = "CREATE",
        /// Every record must be there.
        Update = "UPDATE",
        /// New records are made, those that are there are replaced whole.
        Upsert = "UPSERT",
        /// As UPSERT, and what the scope has beyond the rows is deleted.
        ReplaceScope = "REPLACE_SCOPE",
        /// The records of the rows are deleted.
        Delete = "DELETE",
    }
}

/// The edit that a row means. A row is an object with one field, named after its kind: `{"measure": {…}}`.
pub fn edit(row: &Tree<'_>, mode: ImportMode, at: Source) -> Edit {
    let mut problems = Problems::default();
    let Some((kind, fields)) = kind_of(row, &mut problems) else {
        return Edit::broken(problems.into_vec_at(&at.path()));
    };
    record_edit(kind, &tidied(kind, fields), mode, at)
}

/// The fields with their keys as keys are kept.
fn tidied<'t>(kind: Kind, fields: &'t Tree<'_>) -> Cow<'t, Tree<'t>> {
    let Tree::Map(entries) = fields else { return Cow::Borrowed(fields) };
    let is_key = |name: &str| {
        let field = kind.info().position(name).map(|index| core(&kind.info().fields[index].ty));
        matches!(field, Some(Type::Key | Type::Link(_) | Type::LinkByKind(..)))
    };
    let text = |(name, value): &'t (Cow<'_, str>, Tree<'_>)| match value {
        Tree::Text(text) if is_key(name) => Some(tidy(text)).filter(|tidy| tidy != text),
        _ => None,
    };
    if entries.iter().all(|entry| text(entry).is_none()) {
        return Cow::Borrowed(fields);
    }
    let each = |entry: &'t (Cow<'_, str>, Tree<'_>)| {
        let value = text(entry).map_or_else(|| entry.1.clone(), Tree::Text);
        (Cow::Borrowed(entry.0.as_ref()), value)
    };
    Cow::Owned(Tree::Map(entries.iter().map(each).collect()))
}

/// The edit that the fields of a record of that kind mean.
pub fn record_edit(kind: Kind, fields: &Tree<'_>, mode: ImportMode, at: Source) -> Edit {
    // What goes is told by its key alone.
    if mode == ImportMode::Delete
        && let [key] = meant(kind, fields, &[]).as_slice()
    {
        return Edit::Delete { kind, key: key.clone(), at: at.record(kind) };
    }
    let mut problems = Problems::default();
    let record = kind.read(fields, &mut problems);
    let at = at.record(kind);
    let (Some(record), true) = (record, problems.is_empty()) else {
        let problems = problems.into_vec_at(&at.path());
        return Edit::Broken { kind: Some(kind), keys: meant(kind, fields, &[]).into(), problems: problems.into() };
    };
    let mode = match mode {
        ImportMode::Delete => return Edit::Delete { kind, key: record.in_one_form().key(), at },
        ImportMode::Create => PutMode::Create,
        ImportMode::Update => PutMode::Update,
        ImportMode::Upsert | ImportMode::ReplaceScope => PutMode::Upsert,
    };
    Edit::Put { record: record.in_one_form(), mode, at }
}

fn kind_of<'t, 'a>(row: &'t Tree<'a>, problems: &mut Problems) -> Option<(Kind, &'t Tree<'a>)> {
    let Tree::Map(entries) = row else {
        problems.push(ProblemCode::WrongType, "the row is no object", "write {\"measure\": {…}}");
        return None;
    };
    let given = || entries.iter().filter(|(_, value)| *value != Tree::Null);
    let mut records = given();
    let (Some((name, fields)), None) = (records.next(), records.next()) else {
        let message = format!("the row has {} records, exactly one is expected", given().count());
        problems.push(ProblemCode::WrongType, message, "write one record a row: {\"measure\": {…}}");
        return None;
    };
    let kind = Kind::ALL.iter().find(|kind| kind.one() == name);
    if kind.is_none() {
        problems.within(name.to_string(), |problems| {
            problems.push_near(
                ProblemCode::UnknownField,
                format!("`{name}` is no kind of record"),
                "name the row after its kind, such as `measure`",
                nearest(name, Kind::ALL.iter().map(|kind| kind.one())),
            );
        });
    }
    kind.map(|kind| (*kind, fields))
}
