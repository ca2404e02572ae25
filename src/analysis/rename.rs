//! A record under another key, and two records made one. Whatever refers to the record goes along; where a key is made of the keys
//! that it refers to, that changes too. The old keys stay known (`FormerKey`).

use std::collections::{BTreeMap, HashMap};

use crate::model::rewrite::{KeyUse, with_keys};
use crate::model::{FormerKey, Key, Kind, Problem, ProblemCode, Problems, Record};
use crate::register::Register;
use crate::register::relation::{Relation, for_each_inner, inner_sources};

/// What a renaming or merging comes to.
#[derive(Debug, Default)]
pub struct Renamed {
    /// The records as they are then.
    pub puts: Vec<Record>,
    /// Those that are not there any more.
    pub gone: Vec<(Kind, Key)>,
}

/// Which key a record gets.
type Names = HashMap<(Kind, Key), Key>;

/// The record under another key.
///
/// # Errors
/// When there is no such record, or one of the new key already.
pub fn rename(register: &Register, kind: Kind, from: &Key, to: &Key) -> Result<Renamed, Vec<Problem>> {
    let mut problems = Problems::default();
    there(register, kind, from, "key", &mut problems);
    own_key(kind, &mut problems);
    problems.within("to", |problems| {
        if register.get(kind, to).is_some() {
            let message = format!("there is a {kind} `{to}` already");
            problems.push(ProblemCode::AlreadyExists, message, "choose another key, or merge the two (mergeRecords)");
        }
        if let Err(reason) = to.check_new() {
            problems.push(ProblemCode::BadKey, format!("`{to}` is no key: {reason}"), "type it anew");
        }
    });
    follow(register, kind, from, to, false, problems)
}

/// One record in place of two: what refers to the first refers to the second then, and the first goes.
///
/// # Errors
/// When one of them is not there, or both have something that there can be once only.
pub fn merge(register: &Register, kind: Kind, from: &Key, into: &Key) -> Result<Renamed, Vec<Problem>> {
    let mut problems = Problems::default();
    there(register, kind, from, "key", &mut problems);
    there(register, kind, into, "into", &mut problems);
    own_key(kind, &mut problems);
    if from == into {
        let message = format!("`{from}` is one record already");
        problems.within("into", |problems| problems.push(ProblemCode::Inconsistent, message, "name two records"));
    }
    follow(register, kind, from, into, true, problems)
}

fn there(register: &Register, kind: Kind, key: &Key, field: &str, problems: &mut Problems) {
    if register.get(kind, key).is_none() {
        problems.within(field.to_owned(), |problems| {
            let near = crate::model::problem::nearest(
                key.as_str(),
                register.all(kind).take(50_000).map(|node| node.key.as_str()),
            );
            problems.push_near(ProblemCode::NotFound, format!("there is no {kind} `{key}`"), "correct the key", near);
        });
    }
}

/// Keys that are made of other fields change with those.
fn own_key(kind: Kind, problems: &mut Problems) {
    let is_named = kind.info().position("key").is_some() && !matches!(kind, Kind::Edition | Kind::FormerKey);
    if !is_named {
        problems.within("kind", |problems| {
            let message = format!("a {kind} has no key of its own");
            problems.push(ProblemCode::Inconsistent, message, "rename the record that its key is made of");
        });
    }
}

fn follow(
    register: &Register,
    kind: Kind,
    from: &Key,
    to: &Key,
    merging: bool,
    mut problems: Problems,
) -> Result<Renamed, Vec<Problem>> {
    // What is concluded hangs on everything that refers to what is renamed.
    register.note_everything();
    if !problems.is_empty() {
        return Err(problems.into_vec());
    }
    let mut names = Names::from([((kind, from.clone()), to.clone())]);
    let mut puts: BTreeMap<(Kind, Key), Record> = BTreeMap::new();
    let mut open = vec![(kind, from.clone())];
    let mut touched: Vec<(Kind, Key)> = Vec::new();
    while let Some((kind, key)) = open.pop() {
        for found in referring(register, kind, &key).into_iter().chain([(kind, key.clone())]) {
            let Some(node) = register.get(found.0, &found.1) else { continue };
            let record = rewritten(&node.record, &names);
            let renamed = record.key();
            if renamed != found.1 && names.insert(found.clone(), renamed).is_none() {
                open.push(found.clone());
            }
            if !touched.contains(&found) {
                touched.push(found);
            }
        }
    }
    let mut gone = Vec::new();
    for found in touched {
        let Some(node) = register.get(found.0, &found.1) else { continue };
        let record = rewritten(&node.record, &names);
        let name = (found.0, record.key());
        let moves = name != found;
        let other = register.get(name.0, &name.1).filter(|_| moves).map(|node| &node.record);
        if moves {
            gone.push(found.clone());
            let former =
                FormerKey { of_kind: found.0.word().to_owned(), old_key: found.1.clone(), current_key: name.1.clone() };
            let former: Record = former.into();
            puts.insert((Kind::FormerKey, former.key()), former);
        }
        match other {
            // The record that the first is merged into stays as it is.
            Some(_) if merging && found == (kind, from.clone()) => {}
            Some(other) if rewritten(other, &names) == record => {}
            Some(_) => {
                let message = format!("both have a {}: `{}` and `{}` would be one", name.0, found.1, name.1);
                let hint = "delete the one that does not hold, or make them the same, then merge again";
                problems.push(ProblemCode::DuplicateKey, message, hint);
            }
            None => drop(puts.insert(name, record)),
        }
    }
    for record in puts.values() {
        problems.within(record.kind().one(), |problems| record.check_all(problems));
    }
    // A key that has a record again is no former one.
    for former in register.all(Kind::FormerKey) {
        if let Record::FormerKey(it) = &former.record
            && it.old_key == *to
            && it.of_kind == kind.word()
            && !merging
        {
            gone.push((Kind::FormerKey, former.key.clone()));
        }
    }
    if problems.is_empty() {
        Ok(Renamed { puts: puts.into_values().collect(), gone })
    } else {
        Err(problems.into_vec())
    }
}

/// The records that refer to one, by links and in their values.
fn referring(register: &Register, kind: Kind, key: &Key) -> Vec<(Kind, Key)> {
    let mut found: Vec<(Kind, Key)> = Vec::new();
    for relation in Relation::to(kind) {
        found.extend(register.sources(relation, key).iter().map(|node| (node.kind(), node.key.clone())));
    }
    for source in inner_sources(kind) {
        for node in register.all(source) {
            let mut cites = false;
            for_each_inner(&node.record, &mut |_, of, target| cites |= of == kind && target == *key);
            if cites {
                found.push((source, node.key.clone()));
            }
        }
    }
    found
}

/// The record with the names that it and what it refers to get.
fn rewritten(record: &Record, names: &Names) -> Record {
    let mut map = |what: KeyUse, text: &str| {
        let kind = match what {
            KeyUse::Own => record.kind(),
            KeyUse::To(kind) => kind,
        };
        names.get(&(kind, Key::parse(text).ok()?)).map(ToString::to_string)
    };
    // What is no record then stays as it was, and is told: it refers to what is gone.
    with_keys(record, &mut map).unwrap_or_else(|| record.clone())
}
