use std::fs;
use std::path::{Path, PathBuf};

use super::file::{FOLDER, path_of};
use super::verify::{Whole, verify};
use super::*;

fn log(folder: &Path, count: u64) -> PathBuf {
    let audit = Audit::of(folder);
    for number in 0..count {
        let about = format!("\"}}\n,\"chain\":\"{number}");
        audit.note(&Note { who: "a\u{1b}[2J", what: "write", about, ..Note::default() }, 1_000);
    }
    path_of(&folder.join(FOLDER), 1)
}

#[test]
fn whatever_is_changed_in_it_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(verify(folder.path()).unwrap(), Whole::default());
    let path = log(folder.path(), 3);
    // Another program goes on.
    log(folder.path(), 2);
    let whole = verify(folder.path()).unwrap();
    assert_eq!(whole.lines, 5);
    let text = fs::read(&path).unwrap();
    assert!(!text.contains(&0x1b), "nobody writes onto the terminal of whoever reads it");
    for at in 0..text.len() {
        let mut other = text.clone();
        other[at] ^= 1;
        fs::write(&path, &other).unwrap();
        // Of a broken last line end nothing is told but that there is one line less.
        let found = verify(folder.path());
        assert!(found.is_err() || found.is_ok_and(|it| it.lines < 5), "byte {at}");
    }
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    fs::write(&path, lines[1..].concat()).unwrap();
    assert!(verify(folder.path()).unwrap_err().contains("taken out before it"));
    for without in 1..4 {
        let kept = lines.iter().enumerate().filter(|(index, _)| *index != without);
        fs::write(&path, kept.flat_map(|(_, line)| line.iter().copied()).collect::<Vec<u8>>()).unwrap();
        assert!(verify(folder.path()).unwrap_err().contains("does not follow"), "without line {without}");
    }
}

#[test]
fn several_write_to_it_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            // Each has its own, as programs of their own have.
            scope.spawn(|| {
                let audit = Audit::of(folder.path());
                for number in 0..50 {
                    audit.note(&Note { what: "write", about: number.to_string(), ..Note::default() }, 1_000);
                }
                assert_eq!(audit.failed(), 0);
            });
        }
    });
    assert_eq!(verify(folder.path()).unwrap().lines, 200);
}

#[test]
fn a_file_that_was_only_begun_goes_on_with_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 2);
    // Killed between the two: the new file is there, or has a part of its first line.
    for (number, part) in [(2, ""), (3, "{\"sequence\":")] {
        fs::write(path_of(&folder.path().join(FOLDER), number), part).unwrap();
    }
    log(folder.path(), 2);
    assert_eq!(verify(folder.path()).unwrap().lines, 4);
}

#[test]
fn an_unfinished_line_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = log(folder.path(), 2);
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() - 5]).unwrap();
    assert_eq!(verify(folder.path()).unwrap().lines, 1);
    log(folder.path(), 1);
    assert_eq!(verify(folder.path()).unwrap().lines, 2);
}
