//! Whose keys are whose. The keys of a body with a namespace begin with it, `agency:goal-1`, those of other bodies with nothing:
//! so keys of two bodies never meet. Files may leave the namespace out: bare keys of a row are those of the body that it belongs to.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::edit::Edit;
use crate::model::rewrite::{KeyUse, for_each_key, with_keys};
use crate::model::source::NAMESPACE_END;
use crate::model::{Key, Kind, Organisation, Problem, ProblemCode, Problems, Record, Type};
use crate::register::namespaces::Namespaces;
use crate::register::relation::{Relation, inner_sources};
use crate::register::{Register, TableSet};

/// A record belongs to its body in fewer steps than these.
const STEPS_MAX: usize = 32;

/// The namespaces of the bodies, as the edits will have them.
#[derive(Debug, Default)]
pub struct Bodies {
    namespaces: Namespaces,
    /// The bodies among the edits.
    sent: Vec<Key>,
}

impl Bodies {
    /// Those of a register and of edits on it.
    pub fn new<'e>(register: &Register, edits: impl Iterator<Item = &'e Record>) -> Self {
        let mut bodies = Self { namespaces: register.namespaces().clone(), sent: Vec::new() };
        for record in edits.filter(|record| record.kind() == Kind::Organisation) {
            bodies.sent.push(record.key());
            bodies.namespaces.put(record);
        }
        bodies
    }

    /// Whether there is, or will be, such a body.
    fn has(&self, register: &Register, body: &Key) -> bool {
        register.get(Kind::Organisation, body).is_some() || self.sent.contains(body)
    }

    /// Whether no body has a namespace.
    pub fn is_plain(&self) -> bool {
        self.namespaces.by_body().is_empty()
    }

    /// Namespace and rest of a key that says its namespace: an empty one where it begins with a colon.
    fn split<'t>(&self, key: &'t str) -> Option<(&'t str, &'t str)> {
        let (namespace, rest) = key.split_once(NAMESPACE_END)?;
        (namespace.is_empty() || self.namespaces.by_body().values().any(|known| known == namespace))
            .then_some((namespace, rest))
    }

    fn namespace(&self, body: &Key) -> &str {
        self.namespaces.by_body().get(body).map_or("", String::as_str)
    }

    /// The key with a namespace.
    fn within(namespace: &str, bare: &str) -> String {
        if namespace.is_empty() { bare.to_owned() } else { format!("{namespace}{NAMESPACE_END}{bare}") }
    }

    /// What a key that leads nowhere may have meant in the namespace of another body.
    pub fn hint(&self, key: &Key, is_there: &dyn Fn(&Key) -> bool) -> Option<String> {
        if self.is_plain() {
            return None;
        }
        let bare = self.split(key.as_str()).map_or(key.as_str(), |(_, rest)| rest);
        let mut namespaces: Vec<&str> = self.namespaces.by_body().values().map(String::as_str).collect();
        namespaces.sort_unstable();
        namespaces.insert(0, "");
        let other = namespaces.into_iter().find(|namespace| {
            let other = Key::parse(&Self::within(namespace, bare));
            other.is_ok_and(|other| other != *key && is_there(&other))
        })?;
        Some(format!(
            "`{bare}` is a key of another body: write `{other}{NAMESPACE_END}{bare}` where it is meant, or say whose rows these are (organisationKey, --organisation)"
        ))
    }

    /// Adds what is wrong with the key of a record that is new, given the body that it belongs to. Keys made of parts are as unlike as
    /// their parts are: the bodies themselves, or keys that begin with a namespace.
    pub fn check<'r>(&self, record: &Record, get: &dyn Fn(Kind, &Key) -> Option<&'r Record>, problems: &mut Problems) {
        if self.is_plain() || matches!(record.kind(), Kind::Organisation | Kind::Edition | Kind::Waiver) {
            return;
        }
        if !record.info().fields.first().is_some_and(|first| matches!(first.ty, Type::Key)) {
            return;
        }
        let key = record.key();
        let given = self.split(key.as_str()).map_or("", |(namespace, _)| namespace);
        let body = body_of(record, get);
        let needed = body.as_ref().map_or(given, |body| self.namespace(body));
        if given != needed
            && let Some(body) = body
        {
            let bare = self.split(key.as_str()).map_or(key.as_str(), |(_, rest)| rest);
            let message =
                format!("{} `{key}` belongs to {} `{body}`, whose keys are others", record.kind(), Kind::Organisation);
            let hint = format!("write `{}`", Self::within(needed, bare));
            problems.push(ProblemCode::BadKey, message, hint);
        }
    }
}

/// The body that a record belongs to: its own link to one, or that of what its first link leads to, and so on.
pub fn body_of<'r>(record: &Record, get: &dyn Fn(Kind, &Key) -> Option<&'r Record>) -> Option<Key> {
    if let Record::Organisation(body) = record {
        return Some(body.key.clone());
    }
    let mut next = first_link(record)?;
    for _ in 0..STEPS_MAX {
        if next.0 == Kind::Organisation {
            return Some(next.1);
        }
        next = first_link(get(next.0, &next.1)?)?;
    }
    None
}

fn first_link(record: &Record) -> Option<(Kind, Key)> {
    let mut found = None;
    for relation in Relation::of(record.kind()) {
        relation.for_each_target(record, |key| {
            found.get_or_insert((relation.target, key));
        });
        if found.is_some() {
            break;
        }
    }
    found
}

/// Rules of a body's own record: its namespace is its own, and stays as long as it has records.
pub fn check_body(body: &Organisation, register: &Register, all: &Bodies, problems: &mut Problems) {
    let stored = register.get(Kind::Organisation, &body.key).map(|node| &node.record);
    let before = match stored {
        Some(Record::Organisation(before)) => before.namespace.as_ref(),
        _ => None,
    };
    if body.namespace.as_ref() == before && stored.is_some() {
        return;
    }
    let mut refuse = |message: String, hint: &str| {
        problems.within("namespace", |problems| problems.push(ProblemCode::Inconsistent, message, hint));
    };
    let own = Relation::to(Kind::Organisation)
        .filter(|relation| relation.source != Kind::Organisation)
        .any(|relation| !register.sources(relation, &body.key).is_empty());
    if stored.is_some() && own {
        let message = format!("`{}` has records, and their keys have its namespace", body.key);
        refuse(message, "leave the namespace as it is");
    }
    let Some(namespace) = &body.namespace else { return };
    let mut others = all.namespaces.by_body().iter().filter(|(other, _)| **other != body.key);
    if let Some((other, _)) = others.find(|(_, known)| *known == namespace) {
        return refuse(format!("`{namespace}` is the namespace of `{other}`"), "choose another");
    }
    let start = format!("{namespace}{NAMESPACE_END}");
    let taken = |kind: &Kind| register.all(*kind).any(|node| node.key.as_str().starts_with(&start));
    if let Some(kind) = Kind::ALL.iter().copied().find(|kind| taken(kind)) {
        refuse(format!("keys of {} begin with `{start}` already", kind.many()), "choose another");
    }
}

/// The edits with their keys in the namespaces of their bodies; none where nothing changes. `body` says whose rows they are.
///
/// # Errors
/// When there is no such body.
pub fn resolve(register: &Register, edits: &[Edit], body: Option<&Key>) -> Result<Option<Vec<Edit>>, Vec<Problem>> {
    let bodies = Bodies::new(register, puts(edits).map(|(_, record)| record));
    if let Some(body) = body.filter(|body| !bodies.has(register, body)) {
        let mut problems = Problems::at("organisationKey");
        let stored = register.all(Kind::Organisation).map(|node| &node.key);
        let near = crate::model::problem::nearest(body.as_str(), stored.chain(&bodies.sent).map(Key::as_str));
        let message = format!("there is no Organisation `{body}`");
        problems.push_near(
            ProblemCode::UnknownReference,
            message,
            "correct the key, or send the organisation too",
            near,
        );
        return Err(problems.into_vec());
    }
    if bodies.is_plain() {
        return Ok(None);
    }
    let mut rows: HashMap<(Kind, Key), Vec<usize>> = HashMap::new();
    // What nobody can refer to is not looked for.
    for (row, record) in puts(edits).filter(|(_, record)| may_be_referred_to(record.kind())) {
        rows.entry((record.kind(), record.key())).or_default().push(row);
    }
    let mut resolving = Resolving { register, edits, bodies: &bodies, body, rows, known: vec![None; edits.len()] };
    Ok(Some((0..edits.len()).map(|row| resolving.edit(row)).collect()))
}

/// Whether records of a kind are referred to by others.
fn may_be_referred_to(kind: Kind) -> bool {
    static KINDS: OnceLock<TableSet> = OnceLock::new();
    let is_target = |kind: &Kind| Relation::to(*kind).next().is_some() || inner_sources(*kind).next().is_some();
    let all = KINDS.get_or_init(|| TableSet::of(&Kind::ALL.iter().copied().filter(is_target).collect::<Vec<_>>()));
    all.holds(TableSet::of(&[kind]))
}

fn puts(edits: &[Edit]) -> impl Iterator<Item = (usize, &Record)> {
    edits.iter().enumerate().filter_map(|(row, edit)| match edit {
        Edit::Put { record, .. } => Some((row, record)),
        _ => None,
    })
}

struct Resolving<'a> {
    register: &'a Register,
    edits: &'a [Edit],
    bodies: &'a Bodies,
    body: Option<&'a Key>,
    /// The rows that write a key, as written.
    rows: HashMap<(Kind, Key), Vec<usize>>,
    /// Whose each row is, as far as it was found: an empty namespace while it is being looked for.
    known: Vec<Option<Option<Cow<'a, str>>>>,
}

impl<'a> Resolving<'a> {
    /// The namespace in which the bare keys of a row are; none when nothing tells.
    fn namespace(&mut self, row: usize, steps: usize) -> Option<Cow<'a, str>> {
        if let Some(known) = &self.known[row] {
            return known.clone();
        }
        self.known[row] = Some(None);
        let found = self.look(row, steps).or_else(|| self.body.map(|body| Cow::Borrowed(self.bodies.namespace(body))));
        self.known[row] = Some(found.clone());
        found
    }

    fn look(&mut self, row: usize, steps: usize) -> Option<Cow<'a, str>> {
        let Edit::Put { record, .. } = &self.edits[row] else { return None };
        let (kind, key) = first_link(record)?;
        if kind == Kind::Organisation {
            return Some(Cow::Borrowed(self.bodies.namespace(&key)));
        }
        if let Some((namespace, _)) = self.bodies.split(key.as_str()) {
            return Some(Cow::Owned(namespace.to_owned()));
        }
        if self.body.is_some() || steps > STEPS_MAX {
            return None;
        }
        let name = (kind, key);
        let rows = self.rows.get(&name).cloned().unwrap_or_default();
        let mut found: Vec<_> = rows.into_iter().map(|row| self.namespace(row, steps + 1)).collect();
        found.dedup();
        match found.as_slice() {
            [one] => one.clone(),
            // Two bodies have such a row: it is not for us to say which is meant.
            [_, _, ..] => None,
            [] => self.register.get(name.0, &name.1).map(|_| Cow::Borrowed("")),
        }
    }

    fn edit(&mut self, row: usize) -> Edit {
        let edit = &self.edits[row];
        match edit {
            Edit::Put { record, mode, at } => {
                let namespace = self.namespace(row, 0).unwrap_or_default();
                let record = self.record(record, &namespace).unwrap_or_else(|| record.clone());
                Edit::Put { record, mode: *mode, at: at.clone() }
            }
            Edit::Delete { kind, key, at } => {
                let namespace = self.body.map_or("", |body| self.bodies.namespace(body));
                let given = key;
                let is_there = |key: &Key| self.register.get(*kind, key).is_some();
                let key = self.key(namespace, KeyUse::Own, given.as_str()).and_then(|key| Key::parse(&key).ok());
                // A key made of parts may begin with something else than the namespace.
                let key = key.filter(|key| is_there(key) || !is_there(given));
                Edit::Delete { kind: *kind, key: key.unwrap_or_else(|| given.clone()), at: at.clone() }
            }
            // Whose row it is cannot be told: it may mean the record of any body.
            Edit::Broken { kind, keys, problems } => {
                let mut meant = keys.to_vec();
                for key in keys.iter().filter(|key| self.bodies.split(key.as_str()).is_none()) {
                    let named = self
                        .bodies
                        .namespaces
                        .by_body()
                        .values()
                        .map(|namespace| Bodies::within(namespace, key.as_str()));
                    meant.extend(named.filter_map(|key| Key::parse(&key).ok()));
                }
                Edit::Broken { kind: *kind, keys: meant.into(), problems: problems.clone() }
            }
        }
    }

    fn record(&self, record: &Record, namespace: &str) -> Option<Record> {
        if matches!(record.kind(), Kind::Organisation | Kind::Edition | Kind::Waiver) {
            return None;
        }
        let mut changes = false;
        for_each_key(record, &mut |what, key| changes |= self.key(namespace, what, key).is_some());
        if !changes {
            return None;
        }
        let mut record = with_keys(record, &mut |what, key| self.key(namespace, what, key))?;
        if let (Record::BudgetArticle(article), Some(body)) = (&mut record, self.body) {
            Arc::make_mut(article).organisation_key.get_or_insert_with(|| crate::model::Link::new(body.clone()));
        }
        Some(record)
    }

    /// What becomes of a key, if anything.
    fn key(&self, namespace: &str, what: KeyUse, key: &str) -> Option<String> {
        match (self.bodies.split(key), what) {
            (Some(("", rest)), _) => Some(rest.to_owned()),
            (Some(_), _) | (None, KeyUse::To(Kind::Organisation | Kind::Edition | Kind::Waiver)) => None,
            _ if namespace.is_empty() => None,
            (None, KeyUse::To(kind)) if self.is_shared(kind, key, namespace) => None,
            (None, _) => Some(Bodies::within(namespace, key)),
        }
    }

    /// Whether a bare key names a record that belongs to no body, and this body has none of that name.
    fn is_shared(&self, kind: Kind, bare: &str, namespace: &str) -> bool {
        let get = |kind, key: &Key| self.register.get(kind, key).map(|node| &node.record);
        let [bare_key, own_key] = [bare.to_owned(), Bodies::within(namespace, bare)].map(|key| Key::parse(&key).ok());
        let own = own_key.is_some_and(|key| get(kind, &key).is_some());
        let Some(bare_key) = bare_key.filter(|_| !own) else { return false };
        let rows = self.rows.get(&(kind, bare_key.clone())).map_or(&[] as &[usize], Vec::as_slice);
        if !rows.is_empty() {
            let without_body =
                |row: &usize| matches!(&self.edits[*row], Edit::Put { record, .. } if first_link(record).is_none());
            return self.body.is_none() && rows.iter().all(without_body);
        }
        get(kind, &bare_key).is_some_and(|record| body_of(record, &get).is_none())
    }
}
