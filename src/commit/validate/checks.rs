//! What each edit may not do, and what all of them together may not.

use std::collections::HashMap;
use std::sync::Arc;

use super::edit::{Edit, PutMode};
use super::round::Round;
use super::rules::Rules;
use super::{bodies, bounds};
use crate::model::{Key, Kind, Problem, ProblemCode, Problems, Record};
use crate::register::Node;
use crate::register::relation::{Relation, for_each_inner, inner_sources};

impl Round<'_> {
    /// Everything that is wrong, with the row that it is about.
    pub(super) fn problems(&self, moves: bool) -> Vec<(Option<usize>, Problem)> {
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
            let mut problems = Problems::default();
            let own = self.keys[row].as_ref();
            match edit {
                Edit::Broken { problems, .. } => {
                    add(Some(row), problems.clone());
                    continue;
                }
                Edit::Put { record, mode, .. } => {
                    let Some(key) = own else { continue };
                    let before = self.before(record.kind(), key);
                    self.check_presence((record, key), before, *mode, &mut problems);
                    self.check_scope(record, key, &mut problems);
                    self.check_links(record, key, &going, &mut problems);
                    if *mode != PutMode::Restore {
                        let before = before.map(|node| &node.record);
                        bounds::check(record, before, &mut problems);
                        rules.check((record, key), before, self.register, moves, &after, &mut problems);
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
            add(Some(row), edit.placed(problems));
        }
        for (row, first) in &self.duplicates {
            let edit = &self.edits[*row];
            let mut problems = Problems::default();
            if let (Some(kind), Some(key)) = (edit.kind(), &self.keys[*row]) {
                let other = self.edits[*first].place();
                let message =
                    format!("{kind} `{key}` stands twice: also in {}", named(&other).unwrap_or(first.to_string()));
                problems.push_other(ProblemCode::DuplicateKey, message, "leave one of the two", other);
            }
            add(Some(*row), edit.placed(problems));
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
    fn check_links(&self, record: &Record, own: &Key, going: &HashMap<(Kind, &Key), ()>, problems: &mut Problems) {
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
}

/// A place in words: `row 7` of a list of rows, else file and line.
fn named(place: &[String]) -> Option<String> {
    match place {
        [list, row, ..] if list == "rows" || list == "records" => Some(format!("row {row}")),
        [file, line, ..] => Some(format!("{file}, {line}")),
        _ => None,
    }
}
