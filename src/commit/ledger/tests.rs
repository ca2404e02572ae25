mod folder;
mod opening;
mod past;
mod tokens;
mod turns;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::commit::access::{Identity, Role};
use crate::commit::submission::Status;
use crate::commit::validate::Atomicity;
use crate::commit::validate::edit::{Edit, PutMode, Source};
use crate::commit::validate::outcome::RowOutcome;
use crate::commit::validate::scope::Scope;
use crate::journal::JournalError;
use crate::model::{Edition, Key, Kind, Link, Organisation, Plan, Problem, ProblemCode, Problems, Record};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn organisation(key_text: &str, name: &str) -> Record {
    Organisation {
        key: key(key_text),
        name: name.into(),
        abbreviation: None,
        printed: None,
        namespace: None,
        parent_key: None,
        year_start: None,
    }
    .into()
}

fn plan(key_text: &str, organisation: &str) -> Record {
    Plan {
        key: key(key_text),
        organisation_key: Link::new(key(organisation)),
        year: 2021,
        evaluated_year: None,
        title: "Plan".into(),
        document_key: None,
        closing_date: None,
        met_from: None,
        nearly_met_from: None,
        partly_met_from: None,
    }
    .into()
}

fn puts<const N: usize>(records: [Record; N]) -> Vec<Edit> {
    records.into_iter().map(Edit::put).collect()
}

fn delete(kind: Kind, text: &str) -> Edit {
    Edit::Delete { kind, key: key(text), at: Source::default() }
}

fn submission(edits: Vec<Edit>) -> Submission {
    Submission::new(Identity::local("test"), Role::Import, "test", edits)
}

fn commit(ledger: &Ledger, edits: Vec<Edit>) -> Report {
    let report = ledger.submit(submission(edits), 0).unwrap();
    assert_ne!(report.status, Status::Rejected, "{:?}", report.problems);
    report
}

type Names = BTreeMap<String, String>;

fn names(register: &Register) -> Names {
    register
        .all(Kind::Organisation)
        .map(|node| match &node.record {
            Record::Organisation(it) => (it.key.to_string(), it.name.clone()),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn codes(report: &Report) -> Vec<(ProblemCode, String)> {
    report.problems.iter().map(|problem| (problem.code, problem.candidates.join(","))).collect()
}

/// A row that does not read, of a known key.
fn broken_row(name: &str, problems: Vec<Problem>) -> Edit {
    Edit::Broken { kind: Some(Kind::Organisation), keys: [key(name)].into(), problems: problems.into() }
}

#[test]
fn survives_a_stop_a_crash_and_the_loss_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let report = ledger.submit(submission(puts([organisation("a", "A"), plan("p", "a")])), 1_000).unwrap();
    assert_eq!((report.status, report.revision, report.counts.created), (Status::Committed, 1, 2));
    ledger.close().unwrap();
    drop(ledger);

    let ledger = Ledger::open(folder.path()).unwrap();
    let report = ledger.submit(submission(puts([organisation("a", "A2"), plan("p", "a")])), 500).unwrap();
    assert_eq!((report.revision, report.counts.updated, report.counts.unchanged), (2, 1, 1));
    assert_eq!(ledger.register().committed_at_ms(), 1_000, "time never runs backwards");
    drop(ledger); // as after kill -9: nothing is closed

    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(names(&ledger.register()), Names::from([("a".into(), "A2".into())]));
    assert_eq!(ledger.register().revision(), 2);
    assert_eq!(names(&ledger.register_at(1).unwrap().unwrap()), Names::from([("a".into(), "A".into())]));
    assert_eq!((ledger.revision_at(999), ledger.revision_at(1_000)), (0, 2));
}

#[test]
fn a_commit_that_changes_nothing_makes_no_revision() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    commit(&ledger, puts([organisation("a", "A")]));
    let report = commit(&ledger, puts([organisation("a", "A")]));
    assert_eq!((report.status, report.revision, report.counts.unchanged), (Status::Unchanged, 1, 1));
}

#[test]
fn every_problem_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    commit(&ledger, puts([organisation("body", "A"), plan("p", "body")]));
    let mut edits = puts([plan("q", "bdoy"), organisation("x", "X"), organisation("x", "Y")]);
    edits.push(delete(Kind::Organisation, "body"));
    edits.push(delete(Kind::Plan, "r"));
    edits.push(Edit::Put { record: organisation("body", "B"), mode: PutMode::Create, at: Source::default() });
    edits.push(Edit::Put { record: plan("pp", "body"), mode: PutMode::Update, at: Source::default() });
    let report = ledger.submit(submission(edits), 0).unwrap();
    assert_eq!(report.status, Status::Rejected);
    assert_eq!(
        codes(&report),
        [
            (ProblemCode::UnknownReference, "body".into()),
            (ProblemCode::DuplicateKey, String::new()),
            (ProblemCode::StillReferenced, "p".into()),
            (ProblemCode::NotFound, "p".into()),
            (ProblemCode::AlreadyExists, String::new()),
            (ProblemCode::DuplicateKey, String::new()),
            (ProblemCode::NotFound, "p".into()),
            (ProblemCode::UnknownReference, "body".into()),
        ]
    );
    assert_eq!(ledger.register().revision(), 1);
}

#[test]
fn good_rows_go_in_without_the_bad_ones_and_those_that_need_them() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let mut edits =
        puts([organisation("a", "A"), plan("p", "a"), plan("q", "b"), organisation("c", "C"), organisation("c", "D")]);
    edits.push(broken_row("d", Problems::at("5").into_vec()));
    let broken = Problem {
        code: ProblemCode::Missing,
        path: vec![],
        message: "m".into(),
        hint: "h".into(),
        candidates: vec![],
        other: vec![],
    };
    edits.push(broken_row("e", vec![broken]));
    edits.push(Edit::put(plan("r", "e")));
    let all = ledger.submit(submission(edits.clone()), 0).unwrap();
    assert_eq!(all.status, Status::Rejected);
    let told: Vec<ProblemCode> = all.problems.iter().map(|problem| problem.code).collect();
    // Nothing is said of `r`: the row that it refers to is there, only broken.
    assert_eq!(told, [ProblemCode::UnknownReference, ProblemCode::DuplicateKey, ProblemCode::Missing]);
    let report = ledger.submit(Submission { atomicity: Atomicity::GoodRows, ..submission(edits) }, 0).unwrap();
    assert_eq!(report.status, Status::Committed);
    let rejected = |row: &&RowOutcome| **row == RowOutcome::Rejected;
    assert_eq!((report.counts.created, report.rows.iter().filter(rejected).count()), (3, 5));
    assert_eq!(names(&ledger.register()), Names::from([("a".into(), "A".into()), ("c".into(), "C".into())]));
}

#[test]
fn a_scope_is_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    commit(
        &ledger,
        puts([organisation("a", "A"), organisation("b", "B"), plan("p", "a"), plan("q", "a"), plan("r", "b")]),
    );
    let scope = Scope { kinds: vec![Kind::Plan], within: Some((Kind::Organisation, key("a"))) };
    let replace = Submission { scope: Some(scope), ..submission(puts([plan("q", "a"), plan("s", "a")])) };
    let report = ledger.submit(replace, 0).unwrap();
    assert_eq!((report.counts.created, report.counts.unchanged, report.counts.deleted), (1, 1, 1));
    let left: Vec<String> = ledger.register().all(Kind::Plan).map(|node| node.key.to_string()).collect();
    assert_eq!(left, ["q", "r", "s"]);
    let scope = Scope { kinds: vec![Kind::Organisation], within: None };
    let report = ledger.submit(Submission { scope: Some(scope), ..submission(vec![]) }, 0).unwrap();
    assert_eq!((report.status, report.problems.len()), (Status::Rejected, 2), "others refer to both");
}

#[test]
fn who_refers_may_go_or_turn_away_in_the_same_commit() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    commit(&ledger, puts([organisation("a", "A"), plan("p", "a"), plan("q", "a")]));
    let mut edits = puts([organisation("b", "B"), plan("p", "b")]);
    edits.extend([delete(Kind::Plan, "q"), delete(Kind::Organisation, "a")]);
    let report = commit(&ledger, edits);
    assert_eq!((report.counts.created, report.counts.updated, report.counts.deleted), (1, 1, 2));
}

#[test]
fn a_role_that_is_too_weak_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    for (role, needs) in [(Role::Read, Role::Edit), (Role::Edit, Role::Import), (Role::Import, Role::Admin)] {
        let identity = Identity::new("somebody", role);
        let refused =
            ledger.submit(Submission::new(identity, needs, "r", puts([organisation("a", "A")])), 0).unwrap_err();
        assert!(matches!(refused, CommitError::Forbidden { .. }), "{refused}");
    }
    assert_eq!(ledger.register().revision(), 0);
    let length: u64 = std::fs::read_dir(folder.path().join("journal"))
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    assert_eq!(length, 0);
}

#[test]
fn a_dry_run_says_what_would_happen_and_its_digest_commits_just_that() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    commit(&ledger, puts([organisation("a", "A")]));
    let wish = || submission(puts([organisation("a", "B")]));
    let dry = ledger.submit(Submission { dry_run: true, ..wish() }, 0).unwrap();
    assert_eq!((dry.status, dry.revision, dry.changes.len()), (Status::WouldCommit, 1, 1));
    assert_eq!(ledger.register().revision(), 1);
    let sure = |digest: &str| Submission { expect_digest: Some(digest.into()), ..wish() };
    let report = ledger.submit(sure("0123"), 0).unwrap();
    assert_eq!(codes(&report), [(ProblemCode::DigestMismatch, String::new())]);
    let report = ledger.submit(sure(&dry.digest), 0).unwrap();
    assert_eq!((report.status, &report.digest), (Status::Committed, &dry.digest));
    // The base has moved on: the same wish has another digest.
    let report = ledger.submit(sure(&dry.digest), 0).unwrap();
    assert_eq!(codes(&report), [(ProblemCode::DigestMismatch, String::new())]);
    let stale = Submission { expect_revision: Some(1), ..wish() };
    assert_eq!(codes(&ledger.submit(stale, 0).unwrap()), [(ProblemCode::RevisionMismatch, String::new())]);
}

#[test]
fn the_same_key_gives_the_same_answer_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let keyed =
        |key: &str, body: u8, edits| Submission { idempotency: Some((key.into(), [body; 32])), ..submission(edits) };
    let wish = || puts([organisation("a", "A")]);
    let first = ledger.submit(keyed("k1", 1, wish()), 0).unwrap();
    let same = ledger.submit(keyed("k2", 2, wish()), 0).unwrap();
    assert_eq!((first.status, same.status), (Status::Committed, Status::Unchanged));
    commit(&ledger, puts([organisation("a", "B")]));
    for lost_store in [false, true] {
        let again = ledger.submit(keyed("k1", 1, wish()), 0).unwrap();
        assert_eq!((again.status, again.replayed, again.revision), (Status::Committed, true, 1));
        assert_eq!((again.counts, &again.digest, again.changes.len()), (first.counts, &first.digest, 1));
        let again = ledger.submit(keyed("k2", 2, wish()), 0).unwrap();
        assert_eq!((again.status, again.replayed, again.revision), (Status::Unchanged, true, 1));
        let other = ledger.submit(keyed("k1", 9, wish()), 0).unwrap();
        assert_eq!(codes(&other), [(ProblemCode::IdempotencyMismatch, String::new())]);
        assert_eq!(ledger.register().revision(), 2);
        drop(ledger);
        if lost_store {
            std::fs::remove_dir_all(folder.path().join("store")).unwrap();
        }
        ledger = Ledger::open(folder.path()).unwrap();
    }
    assert!(ledger.submit(keyed("k1", 1, wish()), 0).unwrap().replayed);
}

#[test]
fn a_follower_gets_every_commit_once_and_in_order() {
    use futures_util::FutureExt as _;
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
    commit(&ledger, puts([organisation("a", "0")]));
    commit(&ledger, puts([organisation("a", "1")]));
    let mut feed = ledger.follow(1);
    let mut seen = Vec::new();
    for name in 2..30 {
        while feed.ready().now_or_never().is_some() {
            let changes = feed.take().unwrap().unwrap();
            assert_eq!(changes.of(&[Kind::Plan]).count(), 0);
            seen.push((changes.commit.revision, changes.of(&[]).count()));
        }
        commit(&ledger, puts([organisation("a", &name.to_string())]));
        if name % 3 == 0 {
            // A slow reader is not told twice, and can go on from where it was.
            let after = seen.last().map_or(1, |(revision, _)| *revision);
            feed = ledger.follow(after);
        }
    }
    while feed.ready().now_or_never().is_some() {
        seen.push((feed.take().unwrap().unwrap().commit.revision, 1));
    }
    assert_eq!(seen, (2..=30).map(|revision| (revision, 1)).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Random commits, stops, crashes and losses of the store against plain maps: now, and at every revision so far.
    #[test]
    fn agrees_with_plain_maps(steps in prop::collection::vec((0..6u8, 0..5u8, 0..8u8), 1..25)) {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let mut past: Vec<Names> = vec![Names::new()];
        for (key, name, act) in steps {
            let key = format!("o{key}");
            let mut now = past.last().unwrap().clone();
            match act {
                0 => { ledger.close().unwrap(); drop(ledger); ledger = Ledger::open(folder.path()).unwrap(); }
                1 => { drop(ledger); ledger = Ledger::open(folder.path()).unwrap(); }
                2 => {
                    drop(ledger);
                    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
                    ledger = Ledger::open(folder.path()).unwrap();
                }
                3 if now.contains_key(&key) => {
                    commit(&ledger, vec![delete(Kind::Organisation, &key)]);
                    now.remove(&key);
                    past.push(now);
                }
                _ => {
                    let report = commit(&ledger, puts([organisation(&key, &name.to_string())]));
                    now.insert(key, name.to_string());
                    if report.status == Status::Committed {
                        past.push(now);
                    }
                }
            }
            prop_assert_eq!(ledger.register().revision() as usize, past.len() - 1);
            for (revision, expected) in past.iter().enumerate() {
                let register = ledger.register_at(revision as Revision).unwrap().unwrap();
                prop_assert_eq!(&names(&register), expected);
            }
            prop_assert!(ledger.register_at(past.len() as Revision).unwrap().is_none());
        }
    }
}

#[test]
fn an_edition_is_named_by_an_administrator_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let edition =
        |tagged_revision| vec![Edit::put(Edition { key: key("e"), title: "E".into(), tagged_revision }.into())];
    let importer = Identity::new("importer", Role::Import);
    let refused = ledger.submit(Submission::new(importer, Role::Import, "r", edition(0)), 0).unwrap_err();
    assert!(matches!(refused, CommitError::Forbidden { needs: Role::Admin, .. }), "{refused}");
    commit(&ledger, edition(0));
    assert_eq!(commit(&ledger, edition(0)).status, Status::Unchanged);
    let moved = ledger.submit(submission(edition(1)), 0).unwrap();
    assert_eq!(codes(&moved), [(ProblemCode::AlreadyExists, String::new())]);
}

#[test]
fn a_record_made_anew_knows_when_it_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    commit(&ledger, puts([organisation("a", "A")]));
    commit(&ledger, vec![delete(Kind::Organisation, "a")]);
    for lose_the_store in [false, true] {
        ledger.close().unwrap();
        drop(ledger);
        if lose_the_store {
            std::fs::remove_dir_all(folder.path().join("store")).unwrap();
        }
        ledger = Ledger::open(folder.path()).unwrap();
        let deleted_at = |register: &Register| register.deleted_at(Kind::Organisation, &key("a"));
        assert_eq!(deleted_at(&ledger.register()), Some(2));
        assert_eq!(deleted_at(&ledger.register_at(1).unwrap().unwrap()), None);
    }
    let report = commit(&ledger, puts([organisation("a", "B")]));
    assert_eq!(report.changes[0].deleted_at, Some(2));
    assert_eq!(ledger.register().deleted_at(Kind::Organisation, &key("a")), None);
    assert_eq!(ledger.register_at(2).unwrap().unwrap().deleted_at(Kind::Organisation, &key("a")), Some(2));
}
