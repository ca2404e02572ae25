//! Which revision deleted what is not there any more: so that the history of a key goes on where a record of that key is made
//! again. Bounded: the latest deletions are known.

use crate::model::{Key, Kind};
use crate::register::Revision;
use crate::register::map::Map;

/// So many deletions are known, the latest ones.
pub const TOMBSTONES_MAX: usize = 250_000;

/// The deletions that are known.
#[derive(Clone, Default)]
pub struct Tombstones {
    by_name: Map<Revision, (Kind, Key)>,
    by_age: imbl::OrdSet<(Revision, Kind, Key)>,
}

impl Tombstones {
    /// Notes that a revision deleted a record.
    pub fn insert(&mut self, kind: Kind, key: Key, revision: Revision) {
        self.insert_within(TOMBSTONES_MAX, kind, key, revision);
    }

    fn insert_within(&mut self, most: usize, kind: Kind, key: Key, revision: Revision) {
        self.remove(kind, &key);
        self.by_age.insert((revision, kind, key.clone()));
        self.by_name.insert((kind, key), revision);
        while self.by_name.len() > most
            && let Some((_, kind, key)) = self.by_age.get_min().cloned()
        {
            self.remove(kind, &key);
        }
    }

    /// Forgets a deletion: there is a record of that key again.
    pub fn remove(&mut self, kind: Kind, key: &Key) {
        // Seldom is there one, and to look costs less than to remove nothing.
        let name = (kind, key.clone());
        if let Some(revision) = self.by_name.get(&name).copied() {
            self.by_name.remove(&name);
            self.by_age.remove(&(revision, kind, name.1));
        }
    }

    /// The revision that deleted the record of that kind and key.
    pub fn get(&self, kind: Kind, key: &Key) -> Option<Revision> {
        self.by_name.get(&(kind, key.clone())).copied()
    }

    /// All that are known.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &Key, Revision)> {
        self.by_name.iter().map(|((kind, key), revision)| (*kind, key, *revision))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_deletions_are_known() {
        let mut tombstones = Tombstones::default();
        let key = |number: u64| Key::parse(&format!("a-{number}")).unwrap();
        for revision in 1..=10 {
            tombstones.insert_within(4, Kind::Organisation, key(revision), revision);
        }
        let known = |tombstones: &Tombstones| {
            let mut all: Vec<_> = tombstones.iter().map(|(_, _, revision)| revision).collect();
            all.sort_unstable();
            assert_eq!(all.len(), tombstones.by_age.len());
            all
        };
        assert_eq!(known(&tombstones), [7, 8, 9, 10]);
        assert_eq!(tombstones.get(Kind::Organisation, &key(8)), Some(8));
        assert_eq!(tombstones.get(Kind::Organisation, &key(6)), None);
        // Deleted again, it is the latest; made again, it is none.
        tombstones.insert_within(4, Kind::Organisation, key(7), 11);
        tombstones.remove(Kind::Organisation, &key(9));
        tombstones.insert_within(4, Kind::Organisation, key(12), 12);
        tombstones.insert_within(4, Kind::Organisation, key(13), 13);
        assert_eq!(known(&tombstones), [10, 11, 12, 13]);
    }
}
