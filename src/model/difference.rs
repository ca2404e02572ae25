//! What two records differ in, field by field.

use crate::model::{Record, View};

/// What two records differ in: path of the field, value before, value after, each as text.
pub fn differences(before: Option<&Record>, after: Option<&Record>) -> Vec<Difference> {
    let mut differences = Vec::new();
    let Some(info) = before.or(after).map(Record::info) else { return differences };
    for (index, field) in info.fields.iter().enumerate() {
        let view = |record: Option<&Record>| {
            // The view borrows the record; both live as long as this loop.
            record.map_or_else(Vec::new, |record| texts(&record.get(index), &field.name))
        };
        let (before, after) = (view(before), view(after));
        let mut paths: Vec<&String> = before.iter().chain(&after).map(|(path, _)| path).collect();
        paths.dedup();
        let mut seen: Vec<&String> = Vec::new();
        for path in paths {
            if seen.contains(&path) {
                continue;
            }
            seen.push(path);
            let text =
                |side: &[(String, String)]| side.iter().find(|(found, _)| found == path).map(|(_, text)| text.clone());
            let (before, after) = (text(&before), text(&after));
            if before != after {
                differences.push(Difference { path: path.clone(), before, after });
            }
        }
    }
    differences
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path of the field, such as `figure.value`.
    pub path: String,
    /// Its value before, as text; none when it was absent.
    pub before: Option<String>,
    /// Its value after.
    pub after: Option<String>,
}

/// A value's leaves with their paths.
fn texts(view: &View<'_>, path: &str) -> Vec<(String, String)> {
    match view {
        View::Composite(value) => {
            let fields = value.describe().fields.iter().enumerate();
            fields.flat_map(|(index, field)| texts(&value.field(index), &format!("{path}.{}", field.name))).collect()
        }
        other => other.text().map(|text| (path.to_owned(), text)).into_iter().collect(),
    }
}
