//! Rows become records: what is read, and what a record by itself can have wrong.

use crate::model::{Composite, Key, ProblemCode, Problems, RecordType, Tree, View, figure, naming, value};

/// Reads a record; a `key` that its own fields already give may be stated, and must then agree.
pub fn read<T: RecordType>(tree: &Tree<'_>, problems: &mut Problems) -> Option<T> {
    let named = naming::with_key(T::info(), tree);
    let tree = named.as_ref().unwrap_or(tree);
    let mut record = value::read_composite::<T>(tree, &["key"], problems)?;
    record.settle();
    if let Some(Tree::Text(stated) | Tree::Cell(stated)) = tree.field("key")
        && stated.trim() != record.key().as_str()
    {
        problems.within("key", |problems| {
            problems.push(
                ProblemCode::KeyMismatch,
                format!("the row states the key `{stated}` but its fields give `{}`", record.key()),
                "leave `key` out, or correct it or the fields",
            );
        });
    }
    check(&record, problems);
    Some(record)
}

/// What a record by itself can have wrong.
pub fn check<T: RecordType>(record: &T, problems: &mut Problems) {
    check_figures(record, problems);
    let key = record.key();
    if let Err(reason) = Key::check(key.as_str()) {
        problems.push(
            ProblemCode::BadKey,
            format!("`{key}`, the key that the fields give, is no key: {reason}"),
            "change the fields it is made of",
        );
    }
    record.check(problems);
}

/// Every figure has a value exactly when it says so.
fn check_figures<T: Composite>(record: &T, problems: &mut Problems) {
    for (index, field) in T::info().fields.iter().enumerate() {
        if let View::Composite(value) = record.get(index)
            && value.describe().name == "Figure"
        {
            problems.within(field.name.as_str(), |problems| figure::check(value, problems));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn a_row_tells_all_its_problems_at_once() {
        let row = Tree::Map(vec![
            ("indicatorKey".into(), Tree::Text("a b".into())),
            ("period".into(), Tree::Text("20x0".into())),
            (
                "figure".into(),
                Tree::Map(vec![
                    ("status".into(), Tree::Text("REPORTD".into())),
                    ("unit".into(), Tree::Text("COUNT".into())),
                ]),
            ),
            ("chnge".into(), Tree::Null),
        ]);
        let mut problems = Problems::at("1");
        assert!(Kind::Observation.read(&row, &mut problems).is_none());
        let found: Vec<(String, &str)> =
            problems.into_vec().iter().map(|problem| (problem.path.join("."), problem.code.word())).collect();
        assert_eq!(
            found,
            [
                ("1.chnge".to_owned(), "UNKNOWN_FIELD"),
                ("1.indicatorKey".to_owned(), "BAD_KEY"),
                ("1.period".to_owned(), "NOT_A_PERIOD"),
                ("1.figure.status".to_owned(), "UNKNOWN_VALUE"),
            ]
        );
    }

    #[test]
    fn a_figure_has_a_value_exactly_when_it_says_so() {
        for (status, value, fine) in [
            ("REPORTED", "1", true),
            ("REPORTED", "", false),
            ("NOT_AVAILABLE", "", true),
            ("NOT_AVAILABLE", "1", false),
            ("COMPUTED", "1", false),
            ("NOT_COMPUTABLE", "", false),
        ] {
            let cell = |text: &str| if text.is_empty() { Tree::Null } else { Tree::Text(text.to_owned().into()) };
            let row = Tree::Map(vec![
                ("indicatorKey".into(), Tree::Text("a".into())),
                ("period".into(), Tree::Text("2020".into())),
                (
                    "figure".into(),
                    Tree::Map(vec![
                        ("status".into(), cell(status)),
                        ("value".into(), cell(value)),
                        ("unit".into(), cell("COUNT")),
                    ]),
                ),
            ]);
            let mut problems = Problems::default();
            Kind::Observation.read(&row, &mut problems);
            assert_eq!(problems.is_empty(), fine, "{status} {value}");
        }
    }
}
