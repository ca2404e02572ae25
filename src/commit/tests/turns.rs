//! The turns of those who write, one by one.

use super::*;
use crate::commit::submission::examine;
use crate::commit::writer::{Job, Turn};
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
    let wait = |submission: Submission, may_return| {
        let submission = Arc::new(submission);
        let examined = examine(&register, &submission).unwrap();
        let (answer, turn) = oneshot::channel();
        let job = Job { submission, examined, now_ms: 0, may_return, answer };
        assert!(ledger.queue.push(job).is_ok());
        turn
    };
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
    assert_eq!(done(returned).revision, 6, "nothing that it looked at was touched");
    commit(&ledger, puts([plan("r", "z")]));
    assert!(matches!(told(wait(replace.clone(), true)), Turn::Moved), "beside the queue, once");
    assert_eq!(done(wait(replace, false)).counts.deleted, 1, "then in it");
    let states: Vec<Vec<String>> = (1..=8)
        .map(|revision| names(&ledger.register_at(revision).unwrap().unwrap()).into_values().collect())
        .collect();
    let expected: [&[&str]; 5] =
        [&["A", "B", "Z"], &["A", "B2", "Z"], &["A2", "B2", "Z"], &["B2", "Z"], &["B2", "C", "Z"]];
    assert_eq!(states[..5], expected);
    ledger.close().unwrap();
    drop(ledger);
    assert_eq!(Ledger::open(folder.path()).unwrap().register().revision(), 8);
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
    let refused = ledger.turn(submission, examined, 0, false).err().unwrap();
    assert!(matches!(refused, CommitError::Fault), "{refused}");
    assert_eq!(commit(&ledger, puts([organisation("a", "A3")])).revision, 3);
}
