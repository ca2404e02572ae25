//! What a commit may do: rules over the register that would result.

pub mod bodies;
mod bounds;
mod citing;
pub mod edit;
pub mod outcome;
mod rules;
pub mod scope;
mod warnings;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use self::bodies::Bodies;
use self::citing::Citing;
use self::edit::{Edit, PutMode};
use self::outcome::{RowOutcome, Validated, outcome};
use self::rules::Rules;
use self::scope::{Beyond, Scope};
use crate::model::macros::vocabulary;
use crate::model::problem::nearest;
use crate::model::{Key, Kind, Problem, ProblemCode, Problems, Record};
use crate::register::relation::{Relation, for_each_inner, inner_sources};
use crate::register::{Node, Register};
use crate::work;

/// Most records that one commit may change.
pub const CHANGES_MAX: usize = 2_000_000;
/// In larger collections nobody looks for near keys: it would take longer than the import.
const NEAR_KEYS_MAX: usize = 50_000;
/// So many problems of one import are told with near keys.
const NEAR_SEARCHES_MAX: usize = 100;

vocabulary! {
    /// What becomes of the good rows when others are bad.
    Atomicity {
        /// All rows or none.
        All = "ALL",
        /// The good rows; the bad ones are told.
        GoodRows = "GOOD_ROWS",
    }
}

/// What it costs to make an edit of a row, and to check it, in records looked at.
pub const EDIT_STEPS: u64 = 100;

/// Checks edits against the register that they would change.
///
/// `moves` says that records may go over to another plan or body.
pub fn validate(
    register: &Register,
    edits: &[Edit],
    scope: Option<&Scope>,
    atomicity: Atomicity,
    moves: bool,
) -> Validated {
    let mut rejected = vec![false; edits.len()];
    let mut problems = Vec::new();
    if edits.len() > CHANGES_MAX {
        let mut found = Problems::default();
        let message = format!("there are {} rows, at most {CHANGES_MAX} are allowed in one commit", edits.len());
        found.push(ProblemCode::TooLong, message, "send them in several commits");
        let rows = vec![RowOutcome::Rejected; edits.len()];
        return Validated { rows, problems: found.into_vec(), fatal: true, ..Validated::default() };
    }
    let edits = &*as_stored(register, edits);
    loop {
        // Where others wait for the thread, many rows are not looked at at all.
        work::step(EDIT_STEPS * edits.len() as u64);
        let round = Round::new(register, edits, scope, rejected.clone());
        let found = round.problems(moves);
        let fatal = !found.is_empty() && (atomicity == Atomicity::All || found.iter().any(|(row, _)| row.is_none()));
        let fresh = found.iter().any(|(row, _)| row.is_none_or(|row| !rejected[row]));
        for (row, _) in &found {
            if let Some(row) = row {
                rejected[*row] = true;
            }
        }
        problems.extend(found.into_iter().map(|(_, problem)| problem));
        // A row that is left out may leave others without what they refer to: those are found in the next round.
        if !fresh || fatal {
            let Beyond { missing, warnings } = round.beyond;
            let mut came = Validated { problems, warnings, fatal, ..outcome(register, edits, &rejected, missing) };
            came.warnings.extend(warnings::of(register, edits, &rejected, &came));
            return came;
        }
    }
}

/// The edits, where a row whose period has another form than the one means a record that is stored in that form, from before there
/// was one: it stays under its key until somebody merges it.
fn as_stored<'a>(register: &Register, edits: &'a [Edit]) -> Cow<'a, [Edit]> {
    let stored = |edit: &Edit| match edit {
        Edit::Put { record, mode, at } => {
            let written = record.as_written().filter(|_| *mode != PutMode::Restore)?;
            let is_there = |record: &Record| register.get(record.kind(), &record.key()).is_some();
            let known = is_there(&written) && !is_there(record);
            known.then(|| Edit::Put { record: written, mode: *mode, at: at.clone() })
        }
        _ => None,
    };
    if !edits.iter().any(|edit| stored(edit).is_some()) {
        return Cow::Borrowed(edits);
    }
    edits.iter().map(|edit| stored(edit).unwrap_or_else(|| edit.clone())).collect()
}

/// The edits that are still in, and what they come to.
struct Round<'a> {
    register: &'a Register,
    edits: &'a [Edit],
    scope: Option<&'a Scope>,
    /// How many problems may still look for near keys.
    near_left: Cell<usize>,
    rejected: Vec<bool>,
    planned: HashMap<(Kind, Key), usize>,
    /// What the scope has beyond the edits.
    beyond: Beyond,
    duplicates: Vec<(usize, usize)>,
    citing: Citing<'a>,
    bodies: Bodies,
}

impl<'a> Round<'a> {
    fn new(register: &'a Register, edits: &'a [Edit], scope: Option<&'a Scope>, rejected: Vec<bool>) -> Self {
        let mut planned = HashMap::with_capacity(edits.len());
        let mut duplicates = Vec::new();
        for (row, edit) in edits.iter().enumerate() {
            if let Some(target) = edit.target().filter(|_| !rejected[row]) {
                match planned.entry(target) {
                    std::collections::hash_map::Entry::Occupied(first) => duplicates.push((row, *first.get())),
                    std::collections::hash_map::Entry::Vacant(entry) => {
                        entry.insert(row);
                    }
                }
            }
        }
        // A row that may mean one of several records has each of them spoken for.
        for (row, edit) in edits.iter().enumerate().filter(|(row, _)| !rejected[*row]) {
            for target in edit.targets().skip(1) {
                planned.entry(target).or_insert(row);
            }
        }
        let beyond = scope.map(|scope| {
            let refused = edits.iter().zip(&rejected).filter(|(_, rejected)| **rejected).map(|(edit, _)| edit);
            let unclear = edits.iter().filter(|edit| edit.targets().next().is_none());
            scope.beyond(register, |kind, key| planned.contains_key(&(kind, key.clone())), refused, unclear)
        });
        let beyond = beyond.unwrap_or_default();
        Self {
            register,
            edits,
            scope,
            near_left: Cell::new(NEAR_SEARCHES_MAX),
            planned,
            beyond,
            duplicates,
            citing: Citing::default(),
            bodies: Bodies::new(register, live_puts(edits, &rejected)),
            rejected,
        }
    }

    fn live(&self) -> impl Iterator<Item = (usize, &'a Edit)> + '_ {
        self.edits.iter().enumerate().filter(|(row, _)| !self.rejected[*row])
    }

    fn before(&self, kind: Kind, key: &Key) -> Option<&Arc<Node>> {
        self.register.get(kind, key)
    }

    /// Everything that is wrong, with the row that it is about.
    fn problems(&self, moves: bool) -> Vec<(Option<usize>, Problem)> {
        let mut found: Vec<(Option<usize>, Problem)> = Vec::new();
        let mut add = |row: Option<usize>, problems: Vec<Problem>| {
            found.extend(problems.into_iter().map(|problem| (row, problem)));
        };
        let missing = &self.beyond.missing;
        let going: HashMap<(Kind, &Key), ()> = missing.iter().map(|node| ((node.kind(), &node.key), ())).collect();
        let after = |kind, key: &Key| {
            self.after(kind, key).filter(|_| !going.contains_key(&(kind, key)) || self.is_planned(kind, key))
        };
        let puts = self.live().filter_map(|(_, edit)| match edit {
            Edit::Put { record, mode, .. } if *mode != PutMode::Restore => Some(record),
            _ => None,
        });
        let rules = Rules::new(&puts.collect::<Vec<_>>());
        for (row, edit) in self.live() {
            let mut problems = edit.problems();
            match edit {
                Edit::Broken { problems, .. } => {
                    add(Some(row), problems.clone());
                    continue;
                }
                Edit::Put { record, mode, .. } => {
                    self.check_presence(record, *mode, &mut problems);
                    self.check_scope(record, &mut problems);
                    self.check_links(record, &going, &mut problems);
                    if *mode != PutMode::Restore {
                        let before = self.before(record.kind(), &record.key());
                        bounds::check(record, before.map(|node| &node.record), &mut problems);
                        rules.check(record, self.register, moves, &after, &mut problems);
                        match record {
                            Record::Organisation(body) => {
                                bodies::check_body(body, self.register, &self.bodies, &mut problems);
                            }
                            _ if before.is_none() => self.bodies.check(record, &after, &mut problems),
                            _ => {}
                        }
                    }
                }
                Edit::Delete { kind, key, .. } => {
                    if self.before(*kind, key).is_none() {
                        problems.push_near(
                            ProblemCode::NotFound,
                            format!("there is no {kind} `{key}` to delete"),
                            "correct the key, or leave it out",
                            self.near(*kind, key, false),
                        );
                    }
                    self.check_unreferenced(*kind, key, &going, &mut problems);
                }
            }
            add(Some(row), problems.into_vec());
        }
        for (row, first) in &self.duplicates {
            let mut problems = self.edits[*row].problems();
            if let Some((kind, key)) = self.edits[*row].target() {
                let other = self.edits[*first].place();
                let message =
                    format!("{kind} `{key}` stands twice: also in {}", named(&other).unwrap_or(first.to_string()));
                problems.push_other(ProblemCode::DuplicateKey, message, "leave one of the two", other);
            }
            add(Some(*row), problems.into_vec());
        }
        add(None, self.scope_problems());
        for node in missing {
            let mut problems = Problems::at("scope");
            self.check_unreferenced(node.kind(), &node.key, &going, &mut problems);
            add(None, problems.into_vec());
        }
        // As a person reads them: row after row.
        found.sort_by_key(|(row, _)| row.unwrap_or(usize::MAX));
        found
    }

    /// The record that bounds the scope exists, or will: a key mistyped would be a scope that happens to be empty.
    fn scope_problems(&self) -> Vec<Problem> {
        let mut problems = Problems::at("scope");
        if let Some((kind, key)) = self.scope.and_then(|scope| scope.within.clone())
            && self.before(kind, &key).is_none()
            && !self.planned.contains_key(&(kind, key.clone()))
        {
            problems.within_all(&["within", "key"], |problems| self.tell_unknown(kind, &key, problems));
        }
        problems.into_vec()
    }

    /// A row of a scope that is replaced belongs to it, before and after: whoever looks at the scope sees all that happens.
    fn check_scope(&self, record: &Record, problems: &mut Problems) {
        let Some(scope) = self.scope else { return };
        let (kind, key) = (record.kind(), record.key());
        let before = |kind, key: &Key| self.before(kind, key).map(|node| &node.record);
        let message = if !scope.takes(record, &|kind, key| self.after(kind, key)) {
            format!("{kind} `{key}` lies outside of the scope that is replaced, {scope}")
        } else if before(kind, &key).is_some_and(|stored| !scope.takes(stored, &before)) {
            format!("{kind} `{key}` is there already, outside of the scope that is replaced, {scope}")
        } else {
            return;
        };
        problems.push(ProblemCode::OutsideScope, message, "leave the row out, send it as UPSERT, or widen the scope");
    }

    fn check_presence(&self, record: &Record, mode: PutMode, problems: &mut Problems) {
        let (kind, key) = (record.kind(), record.key());
        match (mode, self.before(kind, &key)) {
            (PutMode::Create, Some(node)) => problems.push(
                ProblemCode::AlreadyExists,
                format!("there is a {kind} `{key}` already, since revision {}", node.revision),
                "use the mode UPSERT or UPDATE to change it",
            ),
            // Others have cited it by its name.
            (_, Some(node)) if kind == Kind::Edition && node.record != *record => problems.push(
                ProblemCode::AlreadyExists,
                format!("the edition `{key}` is there already, since revision {}, and stays what it is", node.revision),
                "give the other state another name",
            ),
            (PutMode::Update, None) => problems.push_near(
                ProblemCode::NotFound,
                format!("there is no {kind} `{key}` to update"),
                "correct the key, or use the mode UPSERT or CREATE",
                self.near(kind, &key, false),
            ),
            _ => {}
        }
    }

    /// Every reference leads to a record that will be there, and none leads back to its own record.
    fn check_links(&self, record: &Record, going: &HashMap<(Kind, &Key), ()>, problems: &mut Problems) {
        for relation in Relation::of(record.kind()) {
            relation.for_each_target(record, |target| {
                let kind = relation.target;
                let field = &record.info().fields[relation.field].name;
                if !self.will_be_there(kind, &target, going) {
                    problems.within(field.as_str(), |problems| self.tell_unknown(kind, &target, problems));
                } else if relation.source == kind && self.leads_back(relation, record, &target) {
                    problems.within(field.as_str(), |problems| {
                        let message = format!("{kind} `{}` would lead back to itself through `{target}`", record.key());
                        problems.push(ProblemCode::Cycle, message, "break the circle at one of its records");
                    });
                }
            });
        }
        // What a citation names is a reference too.
        for_each_inner(record, &mut |path, kind, target| {
            if !self.will_be_there(kind, &target, going) {
                problems.within_all(path, |problems| self.tell_unknown(kind, &target, problems));
            }
        });
    }

    fn will_be_there(&self, kind: Kind, key: &Key, going: &HashMap<(Kind, &Key), ()>) -> bool {
        match self.planned.get(&(kind, key.clone())) {
            Some(row) => !matches!(self.edits[*row], Edit::Delete { .. }),
            None => self.before(kind, key).is_some() && !going.contains_key(&(kind, key)),
        }
    }

    fn tell_unknown(&self, kind: Kind, key: &Key, problems: &mut Problems) {
        let of_another = self.bodies.hint(key, &|key| self.after(kind, key).is_some());
        problems.push_near(
            ProblemCode::UnknownReference,
            format!("there is no {kind} `{key}`"),
            of_another.unwrap_or_else(|| format!("correct the key, or send the {} too", kind.one())),
            self.near(kind, key, true),
        );
    }

    /// Near keys, for the first problems that ask for them: a person needs no more, and each takes a look at all keys there are.
    fn near(&self, kind: Kind, key: &Key, planned_too: bool) -> Vec<String> {
        if let Some(now) = self.register.renamed(kind, key) {
            return vec![now.to_string()];
        }
        let Some(left) = self.near_left.get().checked_sub(1) else { return Vec::new() };
        self.near_left.set(left);
        let mut near = if planned_too { self.near_planned(kind, key) } else { Vec::new() };
        let stored = near_keys(self.register, kind, key);
        near.extend(stored.into_iter().filter(|key| !near.contains(key)).collect::<Vec<_>>());
        near.truncate(5);
        near
    }

    /// Follows a relation of a kind to itself as it will be.
    fn leads_back(&self, relation: &Relation, record: &Record, from: &Key) -> bool {
        let goal = record.key();
        let mut seen = vec![from.clone()];
        let mut next = 0;
        while let Some(key) = seen.get(next).cloned() {
            if key == goal {
                return true;
            }
            next += 1;
            if let Some(record) = self.after(relation.target, &key) {
                relation.for_each_target(record, |key| {
                    if !seen.contains(&key) {
                        seen.push(key);
                    }
                });
            }
        }
        false
    }

    fn is_planned(&self, kind: Kind, key: &Key) -> bool {
        self.planned.contains_key(&(kind, key.clone()))
    }

    /// A record as the edits will have it.
    fn after(&self, kind: Kind, key: &Key) -> Option<&'a Record> {
        match self.planned.get(&(kind, key.clone())).map(|row| &self.edits[*row]) {
            Some(Edit::Put { record, .. }) => Some(record),
            Some(_) => None,
            None => self.register.get(kind, key).map(|node| &node.record),
        }
    }

    fn near_planned(&self, kind: Kind, key: &Key) -> Vec<String> {
        let keys = self
            .planned
            .iter()
            .filter(|(target, row)| target.0 == kind && matches!(self.edits[**row], Edit::Put { .. }));
        let mut near = nearest(key.as_str(), keys.map(|(target, _)| target.1.as_str()));
        near.sort();
        near
    }

    /// Nobody who stays refers to a record that goes.
    fn check_unreferenced(&self, kind: Kind, key: &Key, going: &HashMap<(Kind, &Key), ()>, problems: &mut Problems) {
        // Whoever is written or deleted too is judged by what it will be, not by what it was.
        let stays = |source: &&Arc<Node>| {
            !self.planned.contains_key(&(source.kind(), source.key.clone()))
                && !going.contains_key(&(source.kind(), &source.key))
        };
        let mut tell = |source: Kind, left: &[&str]| {
            if let Some(first) = left.first() {
                problems.push_near(
                    ProblemCode::StillReferenced,
                    format!("{kind} `{key}` cannot go: {} {} refer to it, first `{first}`", left.len(), source.many()),
                    "delete those too, or let them refer to something else",
                    left.iter().take(5).map(|key| (*key).to_owned()).collect(),
                );
            }
        };
        for relation in Relation::to(kind) {
            let sources = self.register.sources(relation, key).iter().filter(stays);
            tell(relation.source, &sources.map(|source| source.key.as_str()).collect::<Vec<_>>());
        }
        let citing = self.citing(kind, key);
        for source in inner_sources(kind) {
            let sources = citing.iter().copied().filter(|node| node.kind() == source).filter(stays);
            tell(source, &sources.map(|source| source.key.as_str()).collect::<Vec<_>>());
        }
    }

    /// The records whose values refer to one that goes.
    fn citing(&self, kind: Kind, key: &Key) -> &[&'a Arc<Node>] {
        let deleted = || {
            self.live().filter_map(|(_, edit)| match edit {
                Edit::Delete { kind, key, .. } => Some((*kind, key)),
                _ => None,
            })
        };
        let missing = || self.beyond.missing.iter().map(|node| (node.kind(), &node.key));
        self.citing.of(self.register, kind, key, || deleted().chain(missing()))
    }
}

/// The records of the rows that are not refused.
fn live_puts<'a>(edits: &'a [Edit], rejected: &[bool]) -> impl Iterator<Item = &'a Record> {
    edits.iter().zip(rejected).filter_map(|(edit, rejected)| match edit {
        Edit::Put { record, .. } if !rejected => Some(record),
        _ => None,
    })
}

/// A place in words: `row 7` of a list of rows, else file and line.
fn named(place: &[String]) -> Option<String> {
    match place {
        [list, row, ..] if list == "rows" || list == "records" => Some(format!("row {row}")),
        [file, line, ..] => Some(format!("{file}, {line}")),
        _ => None,
    }
}

fn near_keys(register: &Register, kind: Kind, key: &Key) -> Vec<String> {
    if register.count(kind) > NEAR_KEYS_MAX {
        return Vec::new();
    }
    nearest(key.as_str(), register.all(kind).map(|node| node.key.as_str()))
}
