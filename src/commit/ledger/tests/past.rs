//! What is read of the past, and what that takes.

use super::*;
use crate::work::{Stopped, Work};

fn written(range: std::ops::Range<u32>, name: &str) -> Vec<Edit> {
    range.map(|number| Edit::put(organisation(&format!("o-{number:05}"), name))).collect()
}

/// A ledger with large commits, opened anew: nothing of them is at hand.
fn ledger(folder: &std::path::Path) -> Ledger {
    let ledger = Ledger::open(folder).unwrap();
    commit(&ledger, written(0..2_000, "A"));
    commit(&ledger, written(0..1_500, "B"));
    commit(&ledger, puts([plan("p", "o-00001")]));
    commit(&ledger, written(1_000..3_000, "C"));
    ledger.close().unwrap();
    drop(ledger);
    Ledger::open(folder).unwrap()
}

fn steps<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let measured = Work::default();
    let done = measured.run(work).unwrap();
    (done, measured.steps())
}

#[test]
fn of_a_large_commit_a_few_changes_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path());
    let of = |revision, number: u32| {
        let key = key(&format!("o-{number:05}"));
        steps(|| {
            ledger.change(revision, Kind::Organisation, &key).unwrap().map(|(head, change)| (head.revision, change))
        })
    };
    let (_, once) = of(1, 0);
    for revision in [1, 2, 4] {
        let commit = ledger.commit(revision).unwrap().unwrap();
        let _ = of(revision, 0);
        for number in [0, 1, 63, 64, 999, 1_000, 1_499, 1_500, 1_999, 2_000, 2_999, 3_000] {
            let expected = commit.changes.iter().find(|it| it.key == key(&format!("o-{number:05}")));
            let (found, steps) = of(revision, number);
            let (found, expected) = (found.as_ref(), expected.map(|it| it.after.as_ref().unwrap()));
            assert_eq!(found.map(|(head, _)| *head), expected.map(|_| revision), "{revision} {number}");
            let record = found.map(|(_, it)| &it.after.as_ref().unwrap().record);
            assert_eq!(record, expected.map(|node| &node.record), "{revision} {number}");
            assert!(steps < once / 3, "{revision} {number}: {steps} of {once}");
        }
        for kinds in [&[][..], &[Kind::Organisation], &[Kind::Plan]] {
            let wanted = commit.changes.iter().filter(|it| kinds.is_empty() || kinds.contains(&it.kind));
            let (changes, count) = ledger.changes(revision, kinds, 70).unwrap().unwrap();
            let expected: Vec<&Key> = wanted.clone().take(70).map(|it| &it.key).collect();
            assert_eq!(changes.iter().map(|it| &it.key).collect::<Vec<_>>(), expected);
            assert_eq!(count, wanted.count() as u64);
        }
        let (head, count) = ledger.commit_head(revision).unwrap().unwrap();
        assert_eq!((head.revision, count as usize), (revision, commit.changes.len()));
    }
    assert!(ledger.change(3, Kind::Plan, &key("p")).unwrap().is_some());
    assert!(ledger.change(9, Kind::Plan, &key("p")).unwrap().is_none());
    assert!(ledger.changes(9, &[], 1).unwrap().is_none());
}

#[test]
fn an_earlier_register_is_made_once_for_all_who_ask() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path());
    let made: Vec<Arc<Register>> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..6).map(|_| scope.spawn(|| ledger.register_at(1).unwrap().unwrap())).collect();
        asking.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(made.iter().all(|register| Arc::ptr_eq(register, &made[0])));
    assert_eq!(names(&made[0]).len(), 2_000);
    let (_, again) = steps(|| ledger.register_at(1).unwrap());
    assert!(again < 100, "{again}");
}

#[test]
fn who_runs_out_of_time_leaves_the_way_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path());
    let late = Work::within(std::time::Duration::ZERO).run(|| ledger.register_at(1).map(drop));
    assert!(matches!(late, Err(Stopped::Late(_))));
    // Whoever wants one that lies on the way finds it, and makes the rest only.
    let (_, near) = steps(|| ledger.register_at(2).unwrap());
    let (register, rest) = steps(|| ledger.register_at(1).unwrap().unwrap());
    assert!(rest < near, "{rest} after {near}");
    assert_eq!(names(&register).len(), 2_000);
    for revision in 0..=4 {
        assert_eq!(ledger.register_at(revision).unwrap().unwrap().revision(), revision);
    }
}
