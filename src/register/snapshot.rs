//! All records at one revision, with their indexes, and how the next state is made from it.

use std::any::{Any, TypeId};
use std::sync::Arc;

use super::cache::{Cache, CacheEntry, Name, TableVersion};
use super::derived::Derived;
use super::map::Map;
use super::memo::Memo;
use super::namespaces::Namespaces;
use super::node::{CHANGE_STEPS, Change, Node, OrderKey, Revision};
use super::noted::{Footprint, Notes};
use super::placed::{Placed, between, insert};
use super::relation::{Relation, for_each_inner, inner_sources};
use super::tables::TableSet;
use super::tombstones::Tombstones;
use super::trail::{Step, Trail};
use super::words::Words;
use crate::model::{AsRecord, FormerKey, Key, Kind, Link};
use crate::search::Index;
use crate::work;

#[derive(Clone, Default)]
struct Table {
    /// Changes when the table does.
    stamp: TableVersion,
    /// The versions before it.
    trail: Trail,
    /// The revision since which it is as it is. Where the register was made from a later one, perhaps it is so for longer.
    changed: Revision,
    by_key: Map<Arc<Node>>,
    by_place: imbl::OrdSet<Placed>,
}

type Sources = Map<Arc<Vec<Arc<Node>>>>;

/// All records at one revision.
#[derive(Clone)]
pub struct Register {
    revision: Revision,
    committed_at_ms: i64,
    /// By number of the kind.
    tables: Vec<Table>,
    /// By number of the relation: who refers to a key.
    sources: Vec<Sources>,
    /// How often the values of records refer to a record: the citations of a document.
    cited: Map<u32, (Kind, Key)>,
    namespaces: Namespaces,
    /// Which revision deleted what is not there any more.
    tombstones: Tombstones,
    /// Of this register alone: a copy that changes gets its own.
    words: Arc<Words>,
    /// What was computed of this register and need not be again.
    memo: Memo,
    /// What was worked out of its tables.
    pub(super) cache: Arc<Cache>,
    /// What was computed of several of them.
    pub(super) derived: Arc<Derived>,
    /// What is looked at in it, when that is noted.
    notes: Notes,
    /// The register that this one is a copy of, to take notes. What is computed once is computed of that one.
    noted: Option<Arc<Self>>,
}

impl Register {
    /// The register before the first commit.
    pub fn empty() -> Self {
        let kinds = Kind::ALL.iter().map(|kind| *kind as usize).max().unwrap_or(0);
        Self {
            revision: 0,
            committed_at_ms: 0,
            tables: vec![Table::default(); kinds + 1],
            sources: vec![Sources::default(); Relation::all().len()],
            cited: Map::default(),
            namespaces: Namespaces::default(),
            tombstones: Tombstones::default(),
            words: Arc::default(),
            memo: Memo::default(),
            cache: Arc::default(),
            derived: Arc::default(),
            notes: Notes::default(),
            noted: None,
        }
    }

    /// The register with all these records, as the store holds them.
    pub fn load(
        nodes: impl Iterator<Item = Node>,
        tombstones: impl IntoIterator<Item = ((Kind, Key), Revision)>,
        revision: Revision,
        committed_at_ms: i64,
    ) -> Self {
        let mut register = Self::empty();
        let mut tombstones: Vec<_> = tombstones.into_iter().collect();
        tombstones.sort_unstable_by_key(|(_, revision)| *revision);
        // A table was last changed by what wrote one of its records, or deleted one that is not there again.
        for ((kind, key), revision) in tombstones {
            register.changes(kind, revision);
            register.tombstones.insert(kind, key, revision);
        }
        for node in nodes {
            register.changes(node.kind(), node.revision);
            register.insert(Arc::new(node));
        }
        register.tables.iter_mut().for_each(|table| table.stamp = register.cache.stamp());
        register.revision = revision;
        register.committed_at_ms = committed_at_ms;
        register
    }

    /// The next register: this one with the changes of a commit.
    pub fn with(&self, changes: &[Change], revision: Revision, committed_at_ms: i64) -> Self {
        let mut next = self.clone();
        for change in changes {
            work::step(CHANGE_STEPS);
            next.replace(change, change.after.as_ref());
            next.changes(change.kind, revision);
            next.mark_deleted(change, change.after.is_none().then_some(revision));
        }
        next.go_on(changes, |change| (&change.before, &change.after));
        next.words = Arc::new(self.words.after(changes));
        next.revision = revision;
        next.committed_at_ms = committed_at_ms;
        next
    }

    /// The register before: this one without the changes of the commit that made it.
    pub fn without(&self, changes: &[Change], revision: Revision, committed_at_ms: i64) -> Self {
        let mut previous = self.clone();
        for change in changes {
            work::step(CHANGE_STEPS);
            previous.replace(change, change.before.as_ref());
            previous.tables[change.kind as usize].changed = revision;
            previous.mark_deleted(change, change.before.is_none().then_some(change.deleted_at).flatten());
        }
        previous.go_on(changes, |change| (&change.after, &change.before));
        previous.words = Arc::new(self.words.after(changes));
        previous.revision = revision;
        previous.committed_at_ms = committed_at_ms;
        previous
    }

    /// Gives the tables that changed their own names, and remembers the way from those before.
    #[expect(clippy::type_complexity, reason = "it is said once")]
    fn go_on(&mut self, changes: &[Change], ends: fn(&Change) -> (&Option<Arc<Node>>, &Option<Arc<Node>>)) {
        let mut steps: Vec<Vec<Step>> = vec![Vec::new(); self.tables.len()];
        for change in changes {
            let (before, after) = ends(change);
            let step = Step { key: change.key.clone(), before: before.clone(), after: after.clone() };
            steps[change.kind as usize].push(step);
        }
        for (table, steps) in self.tables.iter_mut().zip(steps).filter(|(_, steps)| !steps.is_empty()) {
            table.trail.push(std::mem::replace(&mut table.stamp, self.cache.stamp()), steps);
        }
    }

    fn replace(&mut self, change: &Change, node: Option<&Arc<Node>>) {
        self.remove(change.kind, &change.key);
        if let Some(node) = node {
            self.insert(Arc::clone(node));
        }
    }

    fn insert(&mut self, node: Arc<Node>) {
        for relation in Relation::of(node.kind()) {
            relation.for_each_text(&node.record, |target| {
                let all = &mut self.sources[relation.number];
                let Some(sources) = all.get_mut(target) else {
                    if let Ok(target) = Key::parse(target) {
                        all.insert(target, Arc::new(vec![Arc::clone(&node)]));
                    }
                    return;
                };
                insert(Arc::make_mut(sources), &node);
            });
        }
        for_each_inner(&node.record, &mut |_, kind, key| *self.cited.entry((kind, key)).or_default() += 1);
        self.namespaces.put(&node.record);
        let table = &mut self.tables[node.kind() as usize];
        Placed::check_own(table.by_place.insert(Placed::Node(Arc::clone(&node))), &node);
        table.by_key.insert(node.key.clone(), node);
    }

    fn remove(&mut self, kind: Kind, key: &Key) {
        let table = &mut self.tables[kind as usize];
        // Most of what is written is new: removing nothing would copy the way to it all the same.
        if !table.by_key.contains_key(key) {
            return;
        }
        let Some(node) = table.by_key.remove(key) else { return };
        table.by_place.remove(&Placed::Node(Arc::clone(&node)));
        self.namespaces.remove(&node.record);
        for_each_inner(&node.record, &mut |_, kind, key| {
            let name = (kind, key);
            match self.cited.get_mut(&name) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(self.cited.remove(&name)),
            }
        });
        for relation in Relation::of(kind) {
            relation.for_each_target(&node.record, |target| {
                let sources = &mut self.sources[relation.number];
                let emptied = sources.get_mut(&target).is_some_and(|sources| {
                    let sources = Arc::make_mut(sources);
                    if let Ok(at) = sources.binary_search_by(|other| other.cmp_place(&node)) {
                        sources.remove(at);
                    }
                    sources.is_empty()
                });
                if emptied {
                    sources.remove(&target);
                }
            });
        }
    }

    fn changes(&mut self, kind: Kind, revision: Revision) {
        let changed = &mut self.tables[kind as usize].changed;
        *changed = revision.max(*changed);
    }

    /// Remembers which revision deleted a record, as long as there is none of that key.
    fn mark_deleted(&mut self, change: &Change, deleted_at: Option<Revision>) {
        match deleted_at {
            Some(revision) => self.tombstones.insert(change.kind, change.key.clone(), revision),
            None => self.tombstones.remove(change.kind, &change.key),
        }
    }

    /// The same register, which notes what is looked at in it, until [`Register::into_footprint`].
    pub fn noting(self: &Arc<Self>) -> Self {
        Self { notes: Notes::begin(), noted: Some(Arc::clone(self)), ..Self::clone(self) }
    }

    /// The same register without notes: for whoever looks once more at what was looked at before.
    pub fn unnoted(&self) -> &Self {
        self.noted.as_deref().unwrap_or(self)
    }

    /// What was looked at since [`Register::noting`]; everything, where nothing was noted.
    pub fn into_footprint(self) -> Footprint {
        self.notes.into_footprint()
    }

    /// Notes that what is concluded holds for this very revision only.
    pub fn note_everything(&self) {
        self.notes.everything();
    }

    /// The revision that deleted the record of that kind and key, when there was one and there is none now.
    pub fn deleted_at(&self, kind: Kind, key: &Key) -> Option<Revision> {
        self.notes.record(kind, key);
        self.tombstones.get(kind, key)
    }

    /// What is not there any more, and the revision that deleted it.
    pub fn tombstones(&self) -> impl Iterator<Item = (Kind, &Key, Revision)> {
        self.tombstones.iter()
    }

    /// Its revision.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The last revision that changed any of these tables: all that they hold is in this register as it was in that one. Of
    /// what is no table it is the revision of the register.
    pub fn changed_at(&self, tables: TableSet) -> Revision {
        let latest = tables.kinds().and_then(|kinds| kinds.map(|kind| self.tables[kind as usize].changed).max());
        latest.unwrap_or(self.revision).min(self.revision)
    }

    /// When its revision was committed: milliseconds since 1970, UTC.
    pub fn committed_at_ms(&self) -> i64 {
        self.committed_at_ms
    }

    /// The record of that kind and key.
    pub fn get(&self, kind: Kind, key: &Key) -> Option<&Arc<Node>> {
        self.notes.record(kind, key);
        self.tables[kind as usize].by_key.get(key)
    }

    /// The record of that kind and key, or the one that had the key before it was renamed or merged.
    pub fn resolve(&self, kind: Kind, key: &Key) -> Option<&Arc<Node>> {
        self.get(kind, key).or_else(|| self.get(kind, self.renamed(kind, key)?))
    }

    /// The key that the record of a former key has now.
    pub fn renamed(&self, kind: Kind, key: &Key) -> Option<&Key> {
        let mut now = self.renamed_once(kind, key)?;
        // Renamed again and again, and perhaps back: no way is longer than there are former keys.
        for _ in 0..self.tables[Kind::FormerKey as usize].by_key.len() {
            if self.get(kind, now).is_some() {
                return Some(now);
            }
            now = self.renamed_once(kind, now)?;
        }
        None
    }

    fn renamed_once(&self, kind: Kind, key: &Key) -> Option<&Key> {
        if self.tables[Kind::FormerKey as usize].by_key.is_empty() {
            return None;
        }
        FormerKey::of(&self.get(Kind::FormerKey, &FormerKey::name(kind, key))?.record).map(|it| &it.current_key)
    }

    /// Which of its records hold which words.
    pub fn words(&self) -> &Index {
        self.notes.everything();
        let of = self.unnoted();
        self.words.of(|kind, key| of.get(kind, key), |kind| of.all(kind))
    }

    /// The record that a reference names.
    pub fn follow<T: AsRecord>(&self, link: &Link<T>) -> Option<&T> {
        self.get(T::KIND, link.key()).and_then(|node| T::of(&node.record))
    }

    /// What is computed of this register by whoever asks first, and kept as long as it lives: one value for each type.
    pub fn memo<T: Any + Send + Sync>(&self, make: impl FnOnce(&Self) -> T) -> &T {
        self.notes.everything();
        match &self.noted {
            Some(register) => register.memo(make),
            None => self.memo.get(|| make(self)),
        }
    }

    /// What is computed of the records of one kind alone: kept for all registers in which these are the same, while there is room.
    pub fn computed_of<T: CacheEntry>(&self, kind: Kind, make: impl FnOnce(&Self) -> T) -> Arc<T> {
        self.cache.get(Name::Computed(self.stamp(kind), TypeId::of::<T>()), || make(self))
    }

    /// Names the table of a kind as it is here.
    pub(super) fn stamp(&self, kind: Kind) -> TableVersion {
        self.notes.kind(kind);
        self.tables[kind as usize].stamp
    }

    /// The versions of the table of a kind before the one that it is here.
    pub(super) fn trail(&self, kind: Kind) -> &Trail {
        &self.tables[kind as usize].trail
    }

    /// The next register is the newest: what was made of the tables that it has otherwise is kept to be carried over only.
    pub fn superseded_by(&self, next: &Self) {
        let stamps = self.tables.iter().zip(&next.tables).filter(|(old, new)| old.stamp != new.stamp);
        let stamps: Vec<TableVersion> = stamps.map(|(old, _)| old.stamp).collect();
        self.cache.superseded(&stamps, || next.tables.iter().flat_map(|table| table.trail.stamps()).collect());
    }

    /// How many records of that kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.notes.kind(kind);
        self.tables[kind as usize].by_key.len()
    }

    /// All records of a kind in their default order.
    pub fn all(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &Arc<Node>> {
        self.notes.kind(kind);
        self.tables[kind as usize].by_place.iter().map(Placed::node).inspect(|_| work::step(1))
    }

    /// The namespaces of the bodies that have one.
    pub fn namespaces(&self) -> &Namespaces {
        self.notes.kind(Kind::Organisation);
        &self.namespaces
    }

    /// The records of a kind strictly between two places, in their default order.
    pub fn between(
        &self,
        kind: Kind,
        after: Option<OrderKey>,
        before: Option<OrderKey>,
    ) -> impl DoubleEndedIterator<Item = &Arc<Node>> {
        self.notes.kind(kind);
        self.tables[kind as usize].by_place.range(between(after, before)).map(Placed::node).inspect(|_| work::step(1))
    }

    /// Whether the values of any record refer to that one.
    pub fn is_cited(&self, kind: Kind, key: &Key) -> bool {
        self.notes.referred(kind, key, inner_sources(kind));
        self.cited.contains_key(&(kind, key.clone()))
    }

    /// The records that refer to that key through that relation, in their default order.
    pub fn sources(&self, relation: &Relation, key: &Key) -> &[Arc<Node>] {
        self.notes.referred(relation.target, key, [relation.source]);
        self.sources[relation.number].get(key).map_or(&[], |sources| sources.as_slice())
    }
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Register at revision {}", self.revision)
    }
}
