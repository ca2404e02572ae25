use std::fs;
use std::sync::Arc;

use super::codec::Indexed;
use super::*;
use crate::journal::Position;
use crate::model::{Key, Organisation, Record};
use crate::register::{Change, Node, Revision};

fn apply(store: &Store, keys: &[&str], revision: Revision) {
    let mut pending = PendingWrites::default();
    pending.push(applied(keys.iter().map(|key| change(key)).collect()), checkpoint(revision));
    pending.write(store, &[]).unwrap();
    assert!(pending.is_empty());
}

fn applied(changes: Vec<Change>) -> Applied {
    let position = Position { sequence: 1, segment: 1, offset: 0, previous: [0; 32] };
    Applied {
        commit: Some((Indexed { position, committed_at_ms: 5, changes_so_far: 1 }, Arc::new(changes))),
        receipt: None,
    }
}

fn change(key: &str) -> Change {
    let record: Record = Organisation {
        key: Key::parse(key).unwrap(),
        name: key.into(),
        abbreviation: None,
        printed: None,
        namespace: None,
        parent_key: None,
        year_start: None,
    }
    .into();
    Change {
        kind: record.kind(),
        key: record.key(),
        before: None,
        deleted_at: None,
        after: Some(Arc::new(Node::new(record, 1))),
    }
}

fn checkpoint(revision: Revision) -> Checkpoint {
    Checkpoint {
        revision,
        committed_at_ms: 5,
        next: Position { sequence: revision + 1, segment: 1, offset: 99, previous: [7; 32] },
    }
}

fn keys(store: &Store) -> Vec<String> {
    store.nodes().map(|node| node.unwrap().key.to_string()).collect()
}

#[test]
fn trusts_the_same_run_of_the_machine_and_a_clean_close_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = Store::create_during(&path, Some("boot-1")).unwrap();
    apply(&store, &["a", "b"], 1);
    drop(store);
    let store = Store::open_during(&path, Some("boot-1")).unwrap().unwrap();
    assert_eq!((keys(&store), store.checkpoint().unwrap()), (vec!["a".into(), "b".into()], Some(checkpoint(1))));
    drop(store);
    assert!(Store::open_during(&path, Some("boot-2")).unwrap().is_none(), "another boot: not trusted");
    let store = Store::create_during(&path, Some("boot-2")).unwrap();
    assert_eq!((keys(&store), store.checkpoint().unwrap()), (vec![], None));
    apply(&store, &["c"], 2);
    store.close().unwrap();
    let store = Store::open_during(&path, Some("boot-3")).unwrap().unwrap();
    assert_eq!(
        (keys(&store), store.checkpoint().unwrap()),
        (vec!["c".into()], Some(checkpoint(2))),
        "closed cleanly: trusted"
    );
    drop(store);
    let store = Store::open_during(&path, None).unwrap();
    assert!(store.is_none(), "a system that does not tell its boots: not trusted after a crash");
}

/// Written one by one or in one go, the store holds the same.
#[test]
fn what_waited_together_gives_what_it_gives_one_by_one() {
    let deleted = |key: &str| Change { before: change(key).after, after: None, ..change(key) };
    let again = |key: &str, at| Change { deleted_at: Some(at), ..change(key) };
    let commits = [
        vec![change("a"), change("b"), change("c")],
        vec![deleted("a"), deleted("b")],
        vec![again("a", 2), deleted("c")],
        vec![deleted("a"), again("c", 3)],
        vec![again("b", 2), change("d")],
    ];
    let folder = tempfile::tempdir().unwrap();
    let [single, joined] = ["single", "joined"].map(|name| Store::create(&folder.path().join(name)).unwrap());
    let mut pending = PendingWrites::default();
    for (revision, changes) in (1..).zip(commits) {
        let mut one = PendingWrites::default();
        one.push(applied(changes.clone()), checkpoint(revision));
        one.write(&single, &[]).unwrap();
        pending.push(applied(changes), checkpoint(revision));
    }
    pending.write(&joined, &[]).unwrap();
    for store in [&single, &joined] {
        assert_eq!(keys(store), ["b", "c", "d"]);
        let tombstones: Vec<_> =
            store.tombstones().unwrap().into_iter().map(|((_, key), at)| (key.to_string(), at)).collect();
        assert_eq!(tombstones, [("a".to_owned(), 4)]);
        assert_eq!((store.checkpoint().unwrap(), store.index().unwrap().len()), (Some(checkpoint(5)), 5));
    }
}

#[test]
fn of_a_damaged_store_nothing_is_believed_and_a_new_one_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = Store::create(&path).unwrap();
    apply(&store, &["a"], 1);
    store.close().unwrap();
    let length = fs::metadata(path.join("db")).unwrap().len();
    fs::write(path.join("db"), vec![0xA5; length as usize]).unwrap();
    // `sled` may say so, or take it for empty.
    if let Ok(Some(store)) = Store::open_trusted(&path) {
        assert_eq!(store.checkpoint().unwrap(), None);
    }
    assert_eq!(Store::create(&path).unwrap().checkpoint().unwrap(), None);
}
