//! What does not open, and is left as it is.

use super::*;

#[test]
fn a_folder_is_opened_once_and_not_by_an_older_program() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert!(matches!(Ledger::open(folder.path()), Err(CommitError::Locked(_))));
    drop(ledger);
    std::fs::write(folder.path().join("FORMAT"), "3\n").unwrap();
    assert!(matches!(Ledger::open(folder.path()), Err(CommitError::Newer { found: 3, .. })));
}

#[test]
fn a_damaged_journal_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    for name in ["A", "B", "C"] {
        commit(&ledger, puts([organisation("a", name)]));
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

#[test]
fn a_journal_that_lost_what_the_store_has_is_refused_not_taken_for_torn() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    for name in ["A", "B"] {
        commit(&ledger, puts([organisation("a", name)]));
    }
    ledger.close().unwrap();
    drop(ledger);
    let segment = std::fs::read_dir(folder.path().join("journal")).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &bytes[..bytes.len() - 1]).unwrap();
    let refused = || Ledger::open(folder.path()).err().unwrap();
    assert!(matches!(refused(), CommitError::Journal(JournalError::Truncated { known: 2, .. })), "{}", refused());
    // The folder of an earlier program has no anchor; then the store knows better.
    std::fs::remove_file(folder.path().join("ANCHOR")).unwrap();
    assert!(matches!(refused(), CommitError::Journal(JournalError::Damaged { .. })), "{}", refused());
    // Without the store nobody does: the unfinished end is cut off, and put aside.
    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(ledger.register().revision(), 1);
    assert!(ledger.torn_tail().is_some());
    let aside = segment.with_extension("torn");
    assert_eq!(std::fs::metadata(&aside).unwrap().len(), ledger.torn_tail().unwrap().bytes);
}
