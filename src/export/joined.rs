//! The names beside the keys: what a record refers to, and what that hangs on, by the names that people know.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::cell::{Cell, Column};
use crate::model::{Kind, Type, View};
use crate::register::relation::Relation;
use crate::register::{Node, Register};

/// The longest way to a name.
const STEPS_MAX: usize = 6;
/// Most names of one cell; what has more is a list to be looked at by itself.
const NAMES_MAX: usize = 20;

/// A column of names: the way to what has them, step by step. Links that may lead to several kinds are several relations.
pub struct Joined {
    path: String,
    steps: Vec<Vec<&'static Relation>>,
}

/// The columns of names of a kind, nearest first; each kind that a record hangs on is named once.
pub fn joined(kind: Kind) -> Vec<Joined> {
    let mut found: Vec<Joined> = Vec::new();
    let mut seen: HashSet<Kind> = HashSet::from([kind, Kind::Document]);
    let mut open: Vec<(Kind, Option<usize>)> = vec![(kind, None)];
    let mut next = 0;
    while let Some((from, way)) = open.get(next).copied() {
        next += 1;
        let (prefix, before) = match way.map(|at| &found[at]) {
            Some(way) => (format!("{}.", way.path), way.steps.clone()),
            None => (String::new(), Vec::new()),
        };
        if before.len() >= STEPS_MAX {
            continue;
        }
        let mut fields: Vec<usize> = Relation::of(from).map(|relation| relation.field).collect();
        fields.dedup();
        for field in fields {
            let step: Vec<&Relation> = Relation::of(from).filter(|relation| relation.field == field).collect();
            // What a record names itself has its place, whoever else leads there; beyond that each kind is named once.
            let is_new = step.iter().any(|relation| !seen.contains(&relation.target));
            if !is_new && (way.is_some() || step[0].target == kind) || step[0].target == Kind::Document {
                continue;
            }
            let path = format!("{prefix}{}", step[0].name);
            let steps = before.iter().cloned().chain([step.clone()]).collect();
            found.push(Joined { path, steps });
            for relation in step {
                // A link that leads to many kinds is followed no further: each has ways of its own.
                if relation.by_kind.is_none() && seen.insert(relation.target) {
                    open.push((relation.target, Some(found.len() - 1)));
                }
            }
        }
    }
    found.retain(|it| it.steps.last().is_some_and(|step| step.iter().any(|to| to.target.name_field().is_some())));
    found
}

impl Joined {
    /// The column.
    pub fn column(&self) -> Column {
        let doc = "Name of what the record refers to, or of what that hangs on: for reading. Several stand between |.";
        Column { path: self.path.clone(), ty: &Type::Text, doc, required: false, source: false }
    }

    /// The names.
    pub fn cell(&self, register: &Register, node: &Arc<Node>) -> Cell<'static> {
        let mut at: Vec<Arc<Node>> = vec![Arc::clone(node)];
        for step in &self.steps {
            let mut reached: Vec<Arc<Node>> = Vec::new();
            for node in &at {
                for relation in step {
                    relation.for_each_target(&node.record, |key| {
                        let target = register.get(relation.target, &key);
                        reached
                            .extend(target.filter(|it| reached.iter().all(|other| !Arc::ptr_eq(other, it))).cloned());
                    });
                }
            }
            reached.truncate(NAMES_MAX);
            at = reached;
        }
        let names: Vec<String> = at.iter().map(|node| name(node)).collect();
        if names.is_empty() { Cell::Empty } else { Cell::Text(Cow::Owned(names.join(" | "))) }
    }
}

/// The name of a record; its key, where it has none.
fn name(node: &Node) -> String {
    match node.kind().name_field().map(|field| node.record.get(field)) {
        Some(View::Text(name)) => name.into_owned(),
        _ => node.key.to_string(),
    }
}
