//! What becomes of a folder that was cut short, mixed up, replaced or spoilt.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// A folder with commits, and what they name at each revision.
fn filled(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    for name in names {
        commit(&ledger, puts([organisation("a", name)]));
    }
    ledger.close().unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn copied(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(from, folder.path());
    folder
}

fn segment(folder: &Path) -> PathBuf {
    folder.join("journal").join(format!("{:020}.journal", 1))
}

fn without_store(folder: &Path) {
    fs::remove_dir_all(folder.join("store")).ok();
}

fn name_of(ledger: &Ledger) -> Option<String> {
    names(&ledger.register()).remove("a")
}

#[test]
fn a_journal_that_was_cut_short_never_passes_for_whole() {
    let folder = filled(&["A", "B", "C"]);
    without_store(folder.path());
    let whole = fs::read(segment(folder.path())).unwrap();
    let mut refused = 0;
    for length in (0..whole.len()).step_by(3) {
        fs::write(segment(folder.path()), &whole[..length]).unwrap();
        let error = Ledger::open(folder.path()).err().unwrap_or_else(|| panic!("{length} of {} bytes", whole.len()));
        assert!(
            matches!(error, CommitError::Journal(JournalError::Truncated { known: 3, revision: 3, .. })),
            "{error}"
        );
        assert_eq!(fs::read(segment(folder.path())).unwrap().len(), length, "a refusal changes nothing");
        refused += 1;
    }
    assert!(refused > 50, "{refused}");
    fs::remove_file(segment(folder.path())).unwrap();
    assert!(matches!(Ledger::open(folder.path()), Err(CommitError::Journal(JournalError::Truncated { .. }))));
    fs::remove_dir(folder.path().join("journal")).unwrap();
    assert!(matches!(Ledger::open(folder.path()), Err(CommitError::NoJournal(_))));
    fs::create_dir(folder.path().join("journal")).unwrap();
    // Whoever knows that the rest is gone for good says so.
    fs::write(segment(folder.path()), &whole[..whole.len() - 1]).unwrap();
    fs::remove_file(folder.path().join("ANCHOR")).unwrap();
    assert_eq!(name_of(&Ledger::open(folder.path()).unwrap()).as_deref(), Some("B"));
    fs::write(segment(folder.path()), &whole).unwrap();
    assert_eq!(name_of(&Ledger::open(folder.path()).unwrap()).as_deref(), Some("C"));
}

#[test]
fn a_journal_beside_the_anchor_of_another_is_refused() {
    let (ours, other) = (filled(&["A", "B"]), filled(&["X", "Y"]));
    without_store(ours.path());
    fs::copy(other.path().join("ANCHOR"), ours.path().join("ANCHOR")).unwrap();
    let error = Ledger::open(ours.path()).err().unwrap();
    assert!(error.to_string().contains("ANCHOR"), "{error}");
    fs::write(ours.path().join("ANCHOR"), "nothing that reads").unwrap();
    assert!(matches!(Ledger::open(ours.path()), Err(CommitError::Anchor { .. })));
}

#[test]
fn a_store_of_another_folder_is_not_believed() {
    // Both journals are of one length, so only their hashes tell them apart.
    let (ours, other) = (filled(&["A", "B"]), filled(&["X", "Y"]));
    let length = |folder: &Path| fs::metadata(segment(folder)).unwrap().len();
    assert_eq!(length(ours.path()), length(other.path()));
    for of in [&["X", "Y"][..], &["X"], &["X", "Y", "Z", "ZZ"]] {
        let other = filled(of);
        let ours = copied(ours.path());
        without_store(ours.path());
        copy(&other.path().join("store"), &ours.path().join("store"));
        let ledger = Ledger::open(ours.path()).unwrap();
        assert_eq!((name_of(&ledger).as_deref(), ledger.register().revision()), (Some("B"), 2), "{of:?}");
        commit(&ledger, puts([organisation("a", "C")]));
        ledger.close().unwrap();
        drop(ledger);
        let ledger = Ledger::open(ours.path()).unwrap();
        assert_eq!(name_of(&ledger).as_deref(), Some("C"));
        assert_eq!(names(&ledger.register_at(1).unwrap().unwrap())["a"], "A");
    }
}

#[test]
fn nothing_that_is_wrong_with_the_store_stops_a_start_or_is_believed() {
    let folder = filled(&["A", "B", "C"]);
    let db = fs::read(folder.path().join("store/db")).unwrap();
    let used = db.iter().rposition(|byte| *byte != 0).unwrap();
    let spoil = |number: usize, file: &Path| match number {
        0..24 => {
            let mut bytes = db.clone();
            bytes[number * 977 % used] ^= 1 << (number % 8);
            fs::write(file, bytes).unwrap();
        }
        24..34 => fs::write(file, &db[..number * 4_099 % used]).unwrap(),
        _ => fs::remove_file(file).unwrap(),
    };
    for number in 0..36 {
        let copy = copied(folder.path());
        spoil(number, &copy.path().join("store/db"));
        let ledger = Ledger::open(copy.path()).unwrap_or_else(|error| panic!("{number}: {error}"));
        assert_eq!((name_of(&ledger).as_deref(), ledger.register().revision()), (Some("C"), 3), "{number}");
    }
    // The store's place is taken: it cannot be written at all.
    let copy = copied(folder.path());
    without_store(copy.path());
    fs::write(copy.path().join("store"), "a file").unwrap();
    let ledger = Ledger::open(copy.path()).unwrap();
    commit(&ledger, puts([organisation("a", "D")]));
    ledger.close().ok();
    drop(ledger);
    assert_eq!(name_of(&Ledger::open(copy.path()).unwrap()).as_deref(), Some("D"));
}

#[test]
fn a_format_that_was_left_empty_is_no_refusal_and_one_that_is_damaged_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("FORMAT"), "").unwrap();
    commit(&Ledger::open(folder.path()).unwrap(), puts([organisation("a", "A")]));
    assert_eq!(fs::read_to_string(folder.path().join("FORMAT")).unwrap(), "2\n");
    for found in ["x", "0", "-1", "1 2"] {
        fs::write(folder.path().join("FORMAT"), found).unwrap();
        assert!(matches!(Ledger::open(folder.path()), Err(CommitError::Format { .. })), "{found}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_replaced_or_opened_twice_is_noticed_before_the_next_answer() {
    let wish = |name: &str| submission(puts([organisation("a", name)]));
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    copy(filled(&["A"]).path(), &data);
    let ledger = Ledger::open(&data).unwrap();
    commit(&ledger, puts([organisation("a", "B")]));
    fs::rename(&data, home.path().join("away")).unwrap();
    copy(&home.path().join("away"), &data);
    for _ in 0..2 {
        let refused = ledger.submit(wish("C"), 0).unwrap_err();
        assert!(matches!(refused, CommitError::Journal(JournalError::Stopped(_))), "{refused}");
    }
    let other = Ledger::open(&data).unwrap();
    assert_eq!(name_of(&other).as_deref(), Some("B"), "nothing was written anywhere");
    fs::remove_file(data.join("LOCK")).unwrap();
    assert!(matches!(Ledger::open(&data), Err(CommitError::Locked(_))), "the journal is locked too");
    drop(other);
    // Only the journal's file is another one.
    let ledger = Ledger::open(&data).unwrap();
    commit(&ledger, puts([organisation("a", "C")]));
    let bytes = fs::read(segment(&data)).unwrap();
    fs::remove_file(segment(&data)).unwrap();
    fs::write(segment(&data), bytes).unwrap();
    assert!(matches!(ledger.submit(wish("D"), 0), Err(CommitError::Journal(JournalError::Stopped(_)))));
}
