//! The part of the register that an import replaces: which records belong to it, and which of them go.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use super::edit::Edit;
use crate::model::problem::{Warning, WarningCode};
use crate::model::{Key, Kind, ProblemCode, Problems, Record};
use crate::register::relation::{Relation, for_each_inner};
use crate::register::{Node, Register};
use crate::store::codec::Counts;

/// A part of the register that an import replaces: what is in it and not in the import is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The kinds of record that are replaced.
    pub kinds: Vec<Kind>,
    /// Only those that refer to this record, directly or through others; all when there is none.
    pub within: Option<(Kind, Key)>,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.many()).collect();
        f.write_str(&kinds.join(", "))?;
        match &self.within {
            Some((kind, key)) => write!(f, " of {kind} `{key}`"),
            None => Ok(()),
        }
    }
}

/// What a scope has beyond the rows.
#[derive(Default)]
pub struct Beyond {
    /// The records that go.
    pub missing: Vec<Arc<Node>>,
    /// What stays although no row has it.
    pub warnings: Vec<Warning>,
}

impl Scope {
    /// Whether a row may bring this record: it belongs to the record that bounds the scope, or, without one, is of its kinds.
    /// What the scope's records lean on may come with them, up to the record that bounds it.
    pub fn takes<'r>(&self, record: &'r Record, get: &dyn Fn(Kind, &Key) -> Option<&'r Record>) -> bool {
        match &self.within {
            Some(within) => is_within(record, within, get),
            None => self.kinds.contains(&record.kind()),
        }
    }

    /// The records of the scope that no row has. A refused row deletes nothing: what it means stays, with what that refers to;
    /// and where it cannot be told what a row means, everything stays that it may mean.
    pub fn beyond<'e>(
        &self,
        register: &Register,
        planned: impl Fn(Kind, &Key) -> bool,
        refused: impl Iterator<Item = &'e Edit>,
        unclear: impl Iterator<Item = &'e Edit>,
    ) -> Beyond {
        let spared: HashSet<(Kind, Key)> = refused.flat_map(Edit::targets).collect();
        let unclear: HashSet<Option<Kind>> = unclear.map(Edit::kind).collect();
        let mut beyond = Beyond::default();
        let mut stay = Vec::new();
        for &kind in &self.kinds {
            let in_scope = |node: &&Arc<Node>| {
                let get = |kind, key: &Key| register.get(kind, key).map(|node| &node.record);
                self.within.as_ref().is_none_or(|within| is_within(&node.record, within, &get))
            };
            let all = register.all(kind).filter(|node| !planned(kind, &node.key)).filter(in_scope).cloned();
            let (kept, missing): (Vec<_>, Vec<_>) = all.partition(|node| spared.contains(&(kind, node.key.clone())));
            stay.extend(kept);
            if !missing.is_empty() && (unclear.contains(&None) || unclear.contains(&Some(kind))) {
                beyond.warnings.push(kept_warning(kind, &missing));
                stay.extend(missing);
            } else {
                beyond.missing.extend(missing);
            }
        }
        // Nothing goes that a record refers to that stays.
        let mut needed: HashSet<(Kind, Key)> = HashSet::new();
        while let Some(node) = stay.pop() {
            let mut need = |kind: Kind, key: Key| {
                if needed.insert((kind, key.clone())) {
                    stay.extend(register.get(kind, &key).cloned());
                }
            };
            for relation in Relation::of(node.kind()) {
                relation.for_each_target(&node.record, |key| need(relation.target, key));
            }
            for_each_inner(&node.record, &mut |_, kind, key| need(kind, key));
        }
        beyond.missing.retain(|node| !needed.contains(&(node.kind(), node.key.clone())));
        beyond
    }
}

fn kept_warning(kind: Kind, kept: &[Arc<Node>]) -> Warning {
    let message = format!(
        "{} {} of the scope that no row has were not deleted, first `{}`: a refused row may mean one of them",
        kept.len(),
        kind.many(),
        kept[0].key
    );
    Warning {
        code: WarningCode::NotDeleted,
        path: vec!["scope".to_owned()],
        message,
        hint: "correct the refused rows and import all rows again".to_owned(),
    }
}

/// How much goes is said beforehand, or is little: a scope whose rows were left out by mistake must not empty it.
///
/// `free` is how many records a scope may lose without that; none when no scope is replaced.
pub fn check_deletes(expected: Option<u64>, free: Option<u64>, counts: &Counts, problems: &mut Problems) {
    let deleted = counts.deleted;
    let there = deleted + counts.updated + counts.unchanged;
    let message = match (expected, free) {
        (Some(expected), _) if expected != deleted => {
            format!("{deleted} records would be deleted, {expected} were expected")
        }
        (None, Some(free)) if deleted > free && deleted > there / 10 => {
            format!("{deleted} of the {there} records of the scope would be deleted, and nobody said so")
        }
        _ => return,
    };
    let hint = format!("see that no row is missing; if that is what is meant, expect {deleted} deletions");
    problems.within("expectDeletes", |problems| problems.push(ProblemCode::DeletesMismatch, message, hint));
}

/// Whether a record belongs to another, directly or through what it refers to.
fn is_within<'r>(record: &'r Record, within: &(Kind, Key), get: &dyn Fn(Kind, &Key) -> Option<&'r Record>) -> bool {
    if (record.kind(), record.key()) == *within {
        return true;
    }
    let mut seen: Vec<(Kind, Key)> = Vec::new();
    let mut open = vec![record];
    while let Some(record) = open.pop() {
        for relation in Relation::of(record.kind()) {
            let mut found = false;
            relation.for_each_target(record, |key| {
                let name = (relation.target, key);
                found |= name == *within;
                if !seen.contains(&name) {
                    open.extend(get(name.0, &name.1));
                    seen.push(name);
                }
            });
            if found {
                return true;
            }
        }
    }
    false
}
