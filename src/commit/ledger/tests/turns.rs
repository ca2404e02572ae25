//! The turns of those who write, one by one.

use super::*;
use crate::commit::submission::examine;
use crate::commit::writer::turn::Turn;
use crate::model::{Citation, Document};
use crate::register::Node;
use crate::work::Work;
use tokio::sync::oneshot;

#[test]
fn a_panic_after_the_append_stops_writing_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    commit(&ledger, puts([organisation("a", "A")]));
    *ledger.shared.fault.lock().unwrap() = Some(|| panic!("a fault of ours, on purpose"));
    let wish = |name| submission(puts([organisation("a", name)]));
    let refused = ledger.submit(wish("B"), 0).unwrap_err();
    assert!(matches!(refused, CommitError::Journal(JournalError::Stopped(_))), "{refused}");
    *ledger.shared.fault.lock().unwrap() = None;
    // The journal has revision 2 and the register does not: the next commit would be a second one of that number.
    for _ in 0..2 {
        let refused = ledger.submit(wish("C"), 0).unwrap_err();
        assert!(matches!(refused, CommitError::Journal(JournalError::Stopped(_))), "{refused}");
    }
    assert_eq!(names(&ledger.register()), Names::from([("a".into(), "A".into())]), "reading goes on");
    drop(ledger);
    let ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(names(&ledger.register()), Names::from([("a".into(), "B".into())]), "what was written is there");
    assert_eq!(commit(&ledger, puts([organisation("a", "C")])).revision, 3);
}

#[test]
fn a_revision_that_was_told_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = || {
            while !done.load(std::sync::atomic::Ordering::Acquire) {
                let revision = ledger.register().revision();
                assert!(ledger.changes_at(revision) >= revision, "revision {revision} is not in the index");
                assert!(ledger.revision_at(i64::MAX) >= revision, "no instant leads to revision {revision}");
                let told = ledger.revision_at(i64::MAX);
                assert!(ledger.register_at(told).unwrap().is_some(), "revision {told} cannot be had");
            }
        };
        let readers = [scope.spawn(reader), scope.spawn(reader)];
        for name in 0..400 {
            commit(&ledger, puts([organisation("a", &name.to_string())]));
        }
        done.store(true, std::sync::atomic::Ordering::Release);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
}

/// Whoever waits together is written together, each on the state that those before leave, and told one by one.
#[test]
fn those_who_wait_together_have_their_turns_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    commit(&ledger, puts([organisation("a", "A"), organisation("b", "B"), organisation("z", "Z")]));
    let register = ledger.register();
    let wait_at = |register: &Arc<Register>, submission: Submission, may_return| {
        let submission = Arc::new(submission);
        let examined = examine(register, &submission).unwrap();
        let (answer, turn) = oneshot::channel();
        let job = Job { submission, examined, now_ms: 0, may_return, answer };
        assert!(ledger.queue.push(job).is_ok());
        turn
    };
    let wait = |submission, may_return| wait_at(&register, submission, may_return);
    let told = |turn: oneshot::Receiver<Result<Turn, CommitError>>| turn.blocking_recv().unwrap().unwrap();
    let done = |turn| match told(turn) {
        Turn::Done(report) => *report,
        _ => panic!("sent back"),
    };
    let keyed = |key: &str, edits| Submission { idempotency: Some((key.into(), [1; 32])), ..submission(edits) };
    // All of these were examined at revision 1.
    let other = wait(submission(puts([organisation("b", "B2")])), true);
    let first = wait(keyed("k", puts([organisation("a", "A2")])), true);
    let again = wait(keyed("k", puts([organisation("a", "A2")])), true);
    let conflict = wait(Submission { needs: Role::Edit, ..submission(vec![delete(Kind::Organisation, "a")]) }, true);
    let gone = wait(submission(puts([plan("p", "a")])), true);
    let guarded = wait(Submission { expect_revision: Some(1), ..submission(puts([organisation("c", "C")])) }, true);
    let new = wait(submission(puts([organisation("c", "C")])), true);
    let scope = Scope { kinds: vec![Kind::Plan], within: None };
    let replace = Submission { scope: Some(scope), ..submission(puts([plan("q", "z")])) };
    let returned = wait(replace.clone(), true);
    let report = done(other);
    assert_eq!((report.status, report.base_revision, report.revision), (Status::Committed, 1, 2));
    let report = done(first);
    assert_eq!((report.base_revision, report.revision, report.changes[0].before.as_ref().unwrap().revision), (2, 3, 1));
    assert_eq!(report.changes[0].after.as_ref().unwrap().revision, 3);
    assert!(matches!(told(again), Turn::AnsweredBefore));
    let report = done(conflict);
    assert_eq!((report.revision, report.changes[0].before.as_ref().unwrap().revision), (4, 3), "examined again");
    let report = done(gone);
    assert_eq!(
        codes(&report),
        [(ProblemCode::UnknownReference, "b,z".into())],
        "what it refers to went before its turn"
    );
    assert_eq!(codes(&done(guarded)), [(ProblemCode::RevisionMismatch, String::new())]);
    assert_eq!(done(new).revision, 5);
    assert!(matches!(told(returned), Turn::Moved), "whose keys are whose hangs on the bodies, and they changed");
    let examined_at = ledger.register();
    commit(&ledger, puts([document("d", "z")]));
    let kept = wait_at(&examined_at, replace.clone(), true);
    assert_eq!(done(kept).revision, 7, "nothing that it looked at was touched");
    commit(&ledger, puts([plan("r", "z")]));
    assert!(matches!(told(wait(replace.clone(), true)), Turn::Moved), "beside the queue, once");
    assert_eq!(done(wait(replace, false)).counts.deleted, 1, "then in it");
    let states: Vec<Vec<String>> = (1..=9)
        .map(|revision| names(&ledger.register_at(revision).unwrap().unwrap()).into_values().collect())
        .collect();
    let expected: [&[&str]; 5] =
        [&["A", "B", "Z"], &["A", "B2", "Z"], &["A2", "B2", "Z"], &["B2", "Z"], &["B2", "C", "Z"]];
    assert_eq!(states[..5], expected);
    ledger.close().unwrap();
    drop(ledger);
    assert_eq!(Ledger::open(folder.path()).unwrap().register().revision(), 9);
}

#[test]
fn a_panic_before_the_append_costs_one_answer() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    commit(&ledger, puts([organisation("a", "A")]));
    let at = ledger.register().revision();
    // Examined well beside the queue, and badly in it: the register has moved on.
    let faulty = submission(vec![]).made(move |register| {
        register.note_everything();
        assert!(register.revision() == at, "a fault of ours, on purpose");
        puts([organisation("b", "B")])
    });
    let submission = Arc::new(faulty);
    let examined = examine(&ledger.register(), &submission).unwrap();
    commit(&ledger, puts([organisation("a", "A2")]));
    let (answer, turn) = oneshot::channel();
    assert!(ledger.queue.push(Job { submission, examined, now_ms: 0, may_return: false, answer }).is_ok());
    let refused = turn.blocking_recv().unwrap().err().unwrap();
    assert!(matches!(refused, CommitError::Fault), "{refused}");
    assert_eq!(commit(&ledger, puts([organisation("a", "A3")])).revision, 3);
}

/// A thread that others wait for does small writes, and does not even begin what is more.
#[test]
fn a_small_write_is_done_where_others_wait_and_a_large_one_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let quickly = |submission| {
        let quick = Work::within(std::time::Duration::from_secs(3_600)).quick(20_000);
        runtime.block_on(ledger.submit_if_quick(submission, 0, &quick)).map(|report| report.unwrap().revision)
    };
    assert_eq!(quickly(submission(puts([organisation("a", "A")]))), Some(1));
    let many = || (0..2_000).map(|number| Edit::put(organisation(&format!("o-{number}"), "O"))).collect();
    assert_eq!(quickly(submission(many())), None, "many rows");
    let endless = submission(vec![]).made(|register| {
        loop {
            crate::work::step(register.revision());
        }
    });
    assert_eq!(quickly(endless), None, "edits that take long to make");
    assert_eq!(ledger.register().revision(), 1, "nothing was done");
    assert_eq!(ledger.submit(submission(many()), 0).unwrap().revision, 2);
    let stranger = Submission::new(Identity::new("s", Role::Read), Role::Edit, "r", many());
    let quick = Work::default().quick(20_000);
    let refused = runtime.block_on(ledger.submit_if_quick(stranger, 0, &quick)).unwrap();
    assert!(matches!(refused, Err(CommitError::Forbidden { .. })), "told before anything is looked at");
}

/// An edit of few records that refer to each other: bodies that documents name, documents, plans of both.
fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (0..9u8, 0..3u8, 0..3u8, 0..3u8).prop_map(|(what, number, to, name)| {
        let (o, d, p) = (format!("o{number}"), format!("d{number}"), format!("p{number}"));
        let mode = [PutMode::Upsert, PutMode::Create, PutMode::Update][usize::from(name)];
        let put = |record| Edit::Put { record, mode, at: Source::default() };
        match what {
            0 | 1 => put(organisation(&o, &name.to_string())),
            2 => put(cited(&o, &format!("d{to}"))),
            3 => put(document(&d, &format!("o{to}"))),
            4 | 5 => put(plan(&p, &format!("o{to}"))),
            6 => delete(Kind::Organisation, &o),
            7 => delete(Kind::Document, &d),
            _ => delete(Kind::Plan, &p),
        }
    });
    prop::collection::vec(edit, 0..6)
}

fn document(key_text: &str, body: &str) -> Record {
    Document {
        key: key(key_text),
        title: "D".into(),
        organisation_key: Link::new(key(body)),
        date: None,
        pages: None,
        language: None,
        address: None,
        licence: None,
        retrieved: None,
        sha256: None,
    }
    .into()
}

/// A body whose name is printed in a document.
fn cited(key_text: &str, document: &str) -> Record {
    let printed = Citation {
        document_key: Link::new(key(document)),
        section: None,
        table: None,
        row: None,
        column: None,
        text: Some("A".into()),
        page: None,
        note: None,
        checked_by: None,
        checks: None,
        scale: None,
        last_page: None,
        place: None,
    };
    Organisation {
        key: key(key_text),
        name: "A".into(),
        abbreviation: None,
        printed: Some(printed),
        namespace: None,
        parent_key: None,
        year_start: None,
    }
    .into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("BOORDTABEL_LONG").is_some() { 100_000 } else { 600 }))]

    /// Whatever others commit: where nothing that was looked at is touched, the outcome is what it would be anew.
    #[test]
    fn what_is_not_touched_comes_to_the_same(
        first in edits(), between in edits(), later in edits(), within in prop::option::of(0..3u8), good_rows in any::<bool>(),
    ) {
        let empty = Arc::new(Register::empty());
        let after = |register: &Arc<Register>, edits: Vec<Edit>| {
            let submission = Submission { atomicity: Atomicity::GoodRows, ..submission(edits) };
            let changes = examine(register, &submission).unwrap().report.changes;
            (Arc::new(register.with(&changes, register.revision() + 1, 0)), changes)
        };
        let (base, _) = after(&empty, first);
        let (next, changes) = after(&base, between);
        let scope = within.map(|number| Scope {
            kinds: vec![Kind::Plan],
            within: (number > 0).then(|| (Kind::Organisation, key(&format!("o{number}")))),
        });
        let atomicity = if good_rows { Atomicity::GoodRows } else { Atomicity::All };
        let wish = Submission { scope, atomicity, ..submission(later) };
        let examined = examine(&base, &wish).unwrap();
        if changes.iter().any(|change| examined.footprint.is_touched_by(change)) {
            return Ok(());
        }
        let mut moved = examined.report;
        moved.rebase(&next);
        let anew = examine(&next, &wish).unwrap().report;
        prop_assert_eq!(&moved.rows, &anew.rows);
        prop_assert_eq!(&moved.problems, &anew.problems);
        prop_assert_eq!((moved.status, moved.counts, moved.revision), (anew.status, anew.counts, anew.revision));
        let nodes = |report: &Report| -> Vec<_> {
            let written = |node: &Option<Arc<Node>>| node.as_ref().map(|node| (node.record.clone(), node.revision));
            let told = |it: &Change| (it.kind, it.key.clone(), written(&it.before), it.deleted_at, written(&it.after));
            report.changes.iter().map(told).collect()
        };
        prop_assert_eq!(nodes(&moved), nodes(&anew));
    }

    /// Who cites what goes is found, whether it is one or many, and nobody else.
    #[test]
    fn what_is_cited_stays(first in edits(), then in edits()) {
        let apply = |register: Arc<Register>, edits: Vec<Edit>| {
            let submission = Submission { atomicity: Atomicity::GoodRows, ..submission(edits) };
            let changes = examine(&register, &submission).unwrap().report.changes;
            let next = register.with(&changes, register.revision() + 1, 0);
            // Back again: what is counted is counted off.
            let before = next.without(&changes, register.revision(), 0);
            (Arc::new(before), Arc::new(next))
        };
        let (_, register) = apply(Arc::new(Register::empty()), first);
        let (before, after) = apply(register, then);
        for register in [before, after] {
            for node in register.all(Kind::Document) {
                let cites = |body: &&Arc<Node>| match &body.record {
                    Record::Organisation(it) => it.printed.as_ref().is_some_and(|printed| *printed.document_key.key() == node.key),
                    _ => false,
                };
                let citing: Vec<String> = register.all(Kind::Organisation).filter(cites).map(|it| it.key.to_string()).collect();
                prop_assert_eq!(register.is_cited(Kind::Document, &node.key), !citing.is_empty());
                let report = examine(&register, &submission(vec![delete(Kind::Document, node.key.as_str())])).unwrap().report;
                let told = report.problems.first().map(|problem| problem.candidates.clone()).unwrap_or_default();
                prop_assert_eq!(told, citing);
            }
        }
    }
}
