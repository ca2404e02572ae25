use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::import::options::Options;
use crate::import::read::read;
use crate::import::tests::{Dice, records};

#[test]
fn a_row_that_is_no_record_is_kept_as_it_came() {
    let cell = |text: &str| Tree::Cell(text.to_owned().into());
    let tree = Tree::Map(vec![
        ("key".into(), cell("p1")),
        ("number".into(), cell("1")),
        ("strategicGoalKeys".into(), cell("a | b")),
        ("printed".into(), Tree::Map(vec![("page".into(), cell("12a")), ("row".into(), cell("3"))])),
        ("tilte".into(), cell("T")),
        ("scope".into(), Tree::Number("0.10".into())),
        ("title".into(), Tree::Number("0.5".into())),
        ("x".into(), Tree::List(vec![Tree::Null, Tree::Bool(true)])),
    ]);
    let expected = json!({"project": {
        "key": "p1", "number": 1, "strategicGoalKeys": ["a", "b"], "printed": {"page": "12a", "row": "3"},
        "tilte": "T", "scope": "0.10", "title": 0.5, "x": [null, true],
    }});
    assert_eq!(tree_json(Kind::Project, &tree), expected);
}

fn json_lines(records: &[Record]) -> String {
    records.iter().map(|record| row_json(record).to_string() + "\n").collect()
}

#[test]
fn the_fixtures_come_back_the_same() {
    let mut count = 0;
    for (name, bytes) in crate::embedded::demo() {
        let (originals, _) = records(&name, &bytes, &Options::default());
        let back = records("rows.jsonl", json_lines(&originals).as_bytes(), &Options::default()).0;
        assert_eq!(back, originals, "{name}");
        count += originals.len();
    }
    assert!(count > 3_000, "{count}");
}

proptest! {
    #[test]
    fn any_record_comes_back_the_same(seed: u64, which in 0..Kind::ALL.len()) {
        let originals = vec![Dice(seed).record(Kind::ALL[which])];
        prop_assert_eq!(&records("x.jsonl", json_lines(&originals).as_bytes(), &Options::default()).0, &originals);
    }

    /// A row that was read but is no record says the same when it is sent again.
    #[test]
    fn any_row_comes_back_the_same(seed: u64, which in 0..Kind::ALL.len(), hole in 0usize..4) {
        let kind = Kind::ALL[which];
        let mut body = Dice(seed).object(kind.info());
        if let Some(value) = body.as_object_mut().unwrap().values_mut().nth(hole) {
            *value = json!({"unheard": [1, 0.5, null, "x"]});
        }
        let line = wrap(kind, body);
        let mut rows = Vec::new();
        read("x.jsonl", line.to_string().as_bytes(), &Options::default(), &mut |row| rows.push(row.unwrap()));
        prop_assert_eq!(tree_json(kind, &rows[0].tree), line);
    }
}
