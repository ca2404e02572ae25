//! What each edit may not do, and what all of them together may not.

use std::collections::HashSet;
use std::sync::Arc;

use super::after::{After, Going};
use super::edit::{Edit, PutMode};
use super::findings::Findings;
use super::round::Round;
use super::rules::Rules;
use super::{bodies, bounds};
use crate::model::{Key, Kind, ProblemCode, Problems, Record};
use crate::register::Node;
use crate::register::relation::{Relation, for_each_inner, inner_sources};

impl Round<'_> {
    /// Everything that is wrong, as a person reads it: row after row, and then what is of no row. At most so many problems are told.
    pub(super) fn findings(&self, moves: bool, told_max: usize) -> Findings {
        let mut found = Findings::new(told_max);
        let missing = &self.beyond.missing;
        let going: Going<'_> = missing.iter().map(|node| ((node.kind(), &node.key), ())).collect();
        let after = |kind, key: &Key| {
            self.after(kind, key).filter(|_| !going.contains_key(&(kind, key)) || self.is_planned(kind, key))
        };
        let puts = self.live().filter_map(|(_, edit)| match edit {
            Edit::Put { record, mode, .. } if *mode != PutMode::Restore => Some(record),
            _ => None,
        });
        let rules = Rules::new(puts);
        let mut duplicates = self.duplicates.iter().peekable();
        for (row, edit) in self.live() {
            match edit {
                Edit::Broken { problems, .. } => found.row(row, problems.len(), || problems.to_vec()),
                Edit::Put { .. } | Edit::Delete { .. } => {
                    let mut problems = Problems::default();
                    self.check(row, (moves, &rules, &going, &after), &mut problems);
                    found.row(row, problems.len(), || edit.placed(problems));
                }
            }
            while let Some((_, first)) = duplicates.next_if(|(duplicate, _)| *duplicate == row) {
                let problems = self.duplicate(row, *first);
                found.row(row, problems.len(), || edit.placed(problems));
            }
        }
        found.whole(self.scope_problems());
        for node in missing {
            let mut problems = Problems::at("scope");
            self.check_unreferenced(node.kind(), &node.key, &going, &mut problems);
            found.whole(problems);
        }
        found
    }

    /// Adds what is wrong with a row that reads.
    fn check<'r>(
        &'r self,
        row: usize,
        (moves, rules, going, after): (bool, &Rules<'r>, &Going<'_>, After<'r, '_>),
        problems: &mut Problems,
    ) {
        match &self.edits[row] {
            Edit::Broken { .. } => {}
            Edit::Put { record, mode, .. } => {
                let Some(key) = self.keys[row].as_ref() else { return };
                let before = self.before(record.kind(), key);
                self.check_presence((record, key), before, *mode, problems);
                self.check_scope(record, key, problems);
                self.check_links(record, key, going, problems);
                if *mode != PutMode::Restore {
                    let before = before.map(|node| &node.record);
                    bounds::check(record, before, problems);
                    rules.check((record, key), before, self.register, moves, after, problems);
                    match record {
                        Record::Organisation(body) => {
                            bodies::check_body(body, self.register, &self.bodies, problems);
                        }
                        _ if before.is_none() => self.bodies.check(record, after, problems),
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
                self.check_unreferenced(*kind, key, going, problems);
            }
        }
    }

    /// That a row is about the same record as an earlier one.
    fn duplicate(&self, row: usize, first: usize) -> Problems {
        let mut problems = Problems::default();
        if let (Some(kind), Some(key)) = (self.edits[row].kind(), &self.keys[row]) {
            let other = self.edits[first].place();
            let place = named(&other).unwrap_or(first.to_string());
            let message = format!("{kind} `{key}` stands twice: also in {place}");
            problems.push_other(ProblemCode::DuplicateKey, message, "leave one of the two", other);
        }
        problems
    }

    /// The record that bounds the scope exists, or will: a key mistyped would be a scope that happens to be empty.
    fn scope_problems(&self) -> Problems {
        let mut problems = Problems::at("scope");
        if let Some((kind, key)) = self.scope.and_then(|scope| scope.within.clone())
            && self.before(kind, &key).is_none()
            && !self.is_planned(kind, &key)
        {
            problems.within_all(&["within", "key"], |problems| self.tell_unknown(kind, &key, problems));
        }
        problems
    }

    /// A row of a scope that is replaced belongs to it, before and after: whoever looks at the scope sees all that happens.
    fn check_scope(&self, record: &Record, key: &Key, problems: &mut Problems) {
        let Some(scope) = self.scope else { return };
        let kind = record.kind();
        let before = |kind, key: &Key| self.before(kind, key).map(|node| &node.record);
        let message = if !scope.takes(record, &|kind, key| self.after(kind, key)) {
            format!("{kind} `{key}` lies outside of the scope that is replaced, {scope}")
        } else if before(kind, key).is_some_and(|stored| !scope.takes(stored, &before)) {
            format!("{kind} `{key}` is there already, outside of the scope that is replaced, {scope}")
        } else {
            return;
        };
        problems.push(ProblemCode::OutsideScope, message, "leave the row out, send it as UPSERT, or widen the scope");
    }

    fn check_presence(
        &self,
        (record, key): (&Record, &Key),
        before: Option<&Arc<Node>>,
        mode: PutMode,
        problems: &mut Problems,
    ) {
        let kind = record.kind();
        match (mode, before) {
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
                self.near(kind, key, false),
            ),
            _ => {}
        }
    }

    /// Every reference leads to a record that will be there, and none leads back to its own record.
    fn check_links(&self, record: &Record, own: &Key, going: &Going<'_>, problems: &mut Problems) {
        for relation in Relation::of(record.kind()) {
            relation.for_each_target(record, |target| {
                let kind = relation.target;
                let field = &record.info().fields[relation.field].name;
                if !self.will_be_there(kind, &target, going) {
                    problems.within(field.as_str(), |problems| self.tell_unknown(kind, &target, problems));
                } else if relation.source == kind && self.leads_back(relation, own, &target) {
                    problems.within(field.as_str(), |problems| {
                        let message = format!("{kind} `{own}` would lead back to itself through `{target}`");
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

    fn tell_unknown(&self, kind: Kind, key: &Key, problems: &mut Problems) {
        let of_another = self.bodies.hint(key, &|key| self.after(kind, key).is_some());
        problems.push_near(
            ProblemCode::UnknownReference,
            format!("there is no {kind} `{key}`"),
            of_another.unwrap_or_else(|| format!("correct the key, or send the {} too", kind.one())),
            self.near(kind, key, true),
        );
    }

    /// Nobody who stays refers to a record that goes.
    fn check_unreferenced(&self, kind: Kind, key: &Key, going: &Going<'_>, problems: &mut Problems) {
        // Whoever is written or deleted too is judged by what it will be, not by what it was.
        let stays = |source: &&Arc<Node>| {
            !self.is_planned(source.kind(), &source.key) && !going.contains_key(&(source.kind(), &source.key))
        };
        let citing = self.citing(kind, key);
        let mut sources: Vec<Kind> = Relation::to(kind).map(|relation| relation.source).collect();
        sources.extend(inner_sources(kind));
        for source in Kind::ALL.iter().copied().filter(|kind| sources.contains(kind)) {
            let relations = Relation::to(kind).filter(|relation| relation.source == source);
            let related = relations.flat_map(|relation| self.register.sources(relation, key));
            let cited = citing.iter().copied().filter(|node| node.kind() == source);
            let mut left: Vec<&str> = Vec::new();
            let mut seen: HashSet<&Key> = HashSet::new();
            left.extend(related.chain(cited).filter(stays).filter(|it| seen.insert(&it.key)).map(|it| it.key.as_str()));
            if left.is_empty() {
                continue;
            }
            let (count, told) = (left.len(), &left[..left.len().min(5)]);
            let more = if count > told.len() { format!(" and {} more", count - told.len()) } else { String::new() };
            let (names, what) = if count == 1 { (source.one(), "refers") } else { (source.many(), "refer") };
            problems.push_near(
                ProblemCode::StillReferenced,
                format!("{kind} `{key}` cannot go: {count} {names} {what} to it, `{}`{more}", told.join("`, `")),
                "delete those too, or let them refer to something else",
                told.iter().map(|key| (*key).to_owned()).collect(),
            );
        }
    }
}

/// A place in words: `row 7` of a list of rows, else file and line.
fn named(place: &[String]) -> Option<String> {
    match place {
        [list, row, ..] if list == "rows" || list == "records" => Some(format!("row {row}")),
        [file, line, ..] => Some(format!("{file}, {line}")),
        _ => None,
    }
}
