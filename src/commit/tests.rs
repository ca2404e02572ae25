use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{Key, Kind, Link, Organisation, Plan, ProblemCode};

fn organisation(key: &str, name: &str) -> Record {
    Organisation { key: Key::parse(key).unwrap(), name: name.into(), abbreviation: None, printed: None }.into()
}

fn plan(key: &str, organisation: &str) -> Record {
    Plan {
        key: Key::parse(key).unwrap(),
        organisation_key: Link::new(Key::parse(organisation).unwrap()),
        year: 2021,
        evaluated_year: None,
        title: "Plan".into(),
        document_key: None,
    }
    .into()
}

fn draft(edits: Vec<Edit>) -> Draft {
    Draft { author: "test".into(), reason: "test".into(), edits }
}

fn delete(kind: Kind, key: &str) -> Edit {
    Edit::Delete { kind, key: Key::parse(key).unwrap(), at: Source::default() }
}

fn names(register: &Register) -> BTreeMap<String, String> {
    register
        .all(Kind::Organisation)
        .map(|node| match &node.record {
            Record::Organisation(it) => (it.key.to_string(), it.name.clone()),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn codes(error: CommitError) -> Vec<(ProblemCode, String)> {
    match error {
        CommitError::Refused(problems) => {
            problems.into_iter().map(|problem| (problem.code, problem.candidates.join(","))).collect()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn survives_a_stop_a_crash_and_the_loss_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let outcome = ledger.commit(draft(records([organisation("a", "A"), plan("p", "a")])), 1_000).unwrap();
    assert_eq!(outcome, Outcome { revision: 1, created: 2, ..Outcome::default() });
    ledger.close().unwrap();

    let ledger = Ledger::open(folder.path()).unwrap();
    let outcome = ledger.commit(draft(records([organisation("a", "A2"), plan("p", "a")])), 500).unwrap();
    assert_eq!(outcome, Outcome { revision: 2, updated: 1, unchanged: 1, ..Outcome::default() });
    assert_eq!(ledger.register().committed_at_ms(), 1_000, "time never runs backwards");
    drop(ledger); // as after kill -9: nothing is closed

    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(names(&ledger.register()), BTreeMap::from([("a".into(), "A2".into())]));
    assert_eq!(ledger.register().revision(), 2);
}

#[test]
fn a_commit_that_changes_nothing_makes_no_revision() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    ledger.commit(draft(records([organisation("a", "A")])), 0).unwrap();
    let outcome = ledger.commit(draft(records([organisation("a", "A")])), 0).unwrap();
    assert_eq!(outcome, Outcome { revision: 1, unchanged: 1, ..Outcome::default() });
}

#[test]
fn every_problem_of_a_draft_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    ledger.commit(draft(records([organisation("dwse", "A"), plan("p", "dwse")])), 0).unwrap();
    let mut edits = records([plan("q", "dwes"), organisation("x", "X"), organisation("x", "Y")]);
    edits.push(delete(Kind::Organisation, "dwse"));
    edits.push(delete(Kind::Plan, "r"));
    let error = ledger.commit(draft(edits), 0).unwrap_err();
    assert_eq!(
        codes(error),
        [
            (ProblemCode::DuplicateKey, String::new()),
            (ProblemCode::UnknownReference, "p".into()),
            (ProblemCode::UnknownReference, "dwse".into()),
            (ProblemCode::StillReferenced, "p".into()),
        ]
    );
    assert_eq!(ledger.register().revision(), 1);
    let nameless = Draft { author: " ".into(), reason: "r".into(), edits: Vec::new() };
    assert_eq!(codes(ledger.commit(nameless, 0).unwrap_err()), [(ProblemCode::Missing, String::new())]);
}

#[test]
fn who_refers_may_go_or_turn_away_in_the_same_commit() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    ledger.commit(draft(records([organisation("a", "A"), plan("p", "a"), plan("q", "a")])), 0).unwrap();
    let mut edits = records([organisation("b", "B"), plan("p", "b")]);
    edits.extend([delete(Kind::Plan, "q"), delete(Kind::Organisation, "a")]);
    let outcome = ledger.commit(draft(edits), 0).unwrap();
    assert_eq!(outcome, Outcome { revision: 2, created: 1, updated: 1, deleted: 2, unchanged: 0 });
}

#[test]
fn a_folder_is_opened_once_and_not_by_an_older_program() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert!(matches!(Ledger::open(folder.path()), Err(CommitError::Locked(_))));
    drop(ledger);
    std::fs::write(folder.path().join("FORMAT"), "2\n").unwrap();
    assert!(matches!(Ledger::open(folder.path()), Err(CommitError::Newer { found, .. }) if found == "2"));
}

#[test]
fn a_damaged_journal_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    for name in ["A", "B", "C"] {
        ledger.commit(draft(records([organisation("a", name)])), 0).unwrap();
    }
    drop(ledger);
    let segment = std::fs::read_dir(folder.path().join("journal")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[80] ^= 1;
    std::fs::write(&segment, &bytes).unwrap();
    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
    let error = Ledger::open(folder.path()).err().unwrap();
    assert!(matches!(error, CommitError::Journal(JournalError::Damaged { offset: 0, .. })), "{error}");
    assert_eq!(std::fs::read(&segment).unwrap(), bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Random commits, stops, crashes and losses of the store against a plain map.
    #[test]
    fn agrees_with_a_plain_map(steps in prop::collection::vec((0..6u8, 0..5u8, 0..8u8), 1..25)) {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let mut model = BTreeMap::new();
        for (key, name, act) in steps {
            let key = format!("o{key}");
            match act {
                0 => { ledger.close().unwrap(); ledger = Ledger::open(folder.path()).unwrap(); }
                1 => { drop(ledger); ledger = Ledger::open(folder.path()).unwrap(); }
                2 => {
                    drop(ledger);
                    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
                    ledger = Ledger::open(folder.path()).unwrap();
                }
                3 if model.contains_key(&key) => {
                    ledger.commit(draft(vec![delete(Kind::Organisation, &key)]), 0).unwrap();
                    model.remove(&key);
                }
                _ => {
                    ledger.commit(draft(records([organisation(&key, &name.to_string())])), 0).unwrap();
                    model.insert(key, name.to_string());
                }
            }
            prop_assert_eq!(names(&ledger.register()), model.clone());
        }
    }
}
