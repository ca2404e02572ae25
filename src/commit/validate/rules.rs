//! Rules between records. They bind what a commit brings or changes: what is stored stays as it is, whatever the rules were when it
//! was written.

use std::collections::{BTreeSet, HashMap};

use super::after::After;
use super::spans;
use crate::model::figure;
use crate::model::value::AnyComposite;
use crate::model::{
    Figure, FormerKey, Key, Kind, Lineage, Observation, Plan, ProblemCode, Problems, Record, StaffFigure, Unit, View,
};
use crate::register::Register;
use crate::register::relation::{Relation, homes};

/// What the rules must know of all rows.
#[derive(Default)]
pub struct Rules<'r> {
    /// What the rows say became of a record.
    successors: HashMap<(Kind, &'r Key), Vec<&'r Key>>,
}

impl<'r> Rules<'r> {
    /// Looks through the rows.
    pub fn new(puts: impl Iterator<Item = &'r Record>) -> Self {
        let mut rules = Self::default();
        for record in puts {
            if let Record::Lineage(it) = record {
                let from = (it.kind.kind(), &it.predecessor_key.0);
                rules.successors.entry(from).or_default().push(&it.successor_key.0);
            }
        }
        rules
    }

    /// Adds what is wrong with a record that a row brings, in the register that there would be.
    pub fn check(
        &self,
        (record, key): (&'r Record, &Key),
        before: Option<&'r Record>,
        register: &'r Register,
        moves: bool,
        after: After<'r, '_>,
        problems: &mut Problems,
    ) {
        if before == Some(record) {
            return;
        }
        if before.is_none() {
            check_key(record, key, problems);
            check_former(record.kind(), key, register, after, problems);
        }
        check_whole(record, before, problems);
        match record {
            Record::Observation(it) => check_unit_of(it, before, after, problems),
            Record::StaffFigure(it) => check_level(it, before, problems),
            Record::Indicator(it) if before.is_some() => check_units_with(it.unit, key, register, after, problems),
            Record::Lineage(it) => {
                self.check_circle(it, register, after, problems);
                check_forward(it, after, problems);
            }
            _ => {}
        }
        if before.is_none() {
            spans::check(record, key, register, after, problems);
        } else if let Some(before) = before.filter(|_| !moves) {
            check_owner(record, before, register, after, problems);
        }
    }

    /// What became of a record never leads back to it.
    fn check_circle(&self, lineage: &Lineage, register: &Register, after: After<'r, '_>, problems: &mut Problems) {
        let kind = lineage.kind.kind();
        let goal = &lineage.predecessor_key.0;
        let Some(predecessors) = Relation::to(kind).find(|relation| {
            relation.source == Kind::Lineage && Kind::Lineage.info().fields[relation.field].name == "predecessorKey"
        }) else {
            return;
        };
        let mut seen = vec![lineage.successor_key.0.clone()];
        let mut next = 0;
        while let Some(key) = seen.get(next).cloned() {
            next += 1;
            if key == *goal {
                problems.within("successorKey", |problems| {
                    let message =
                        format!("{kind} `{goal}` would come from itself, through `{}`", lineage.successor_key.0);
                    problems.push(ProblemCode::Cycle, message, "break the circle at one of its lineages");
                });
                return;
            }
            let rows = self.successors.get(&(kind, &key)).into_iter().flatten().map(|key| (*key).clone());
            let stored =
                register.sources(predecessors, &key).iter().filter_map(|node| match after(Kind::Lineage, &node.key) {
                    Some(Record::Lineage(it)) => Some(it.successor_key.0.clone()),
                    _ => None,
                });
            for key in rows.chain(stored).collect::<Vec<_>>() {
                if !seen.contains(&key) {
                    seen.push(key);
                }
            }
        }
    }
}

/// A rank has one level: the key has the rank alone, so one under another level is another figure, which would take the place of this one.
fn check_level(it: &StaffFigure, before: Option<&Record>, problems: &mut Problems) {
    let Some(Record::StaffFigure(before)) = before else { return };
    if before.level != it.level {
        problems.within("level", |problems| {
            let message = format!(
                "rank `{}` has the level `{}` here, not `{}`, and the key of the figure has the rank alone",
                it.rank, before.level, it.level
            );
            let hint =
                "name two ranks apart, such as `A 1` and `B 1`; to correct the level of one, delete its figure first";
            problems.push(ProblemCode::Inconsistent, message, hint);
        });
    }
}

/// What became of a record is of a later plan; or of another plan of the same year, where bodies change.
fn check_forward(lineage: &Lineage, after: After<'_, '_>, problems: &mut Problems) {
    let kind = lineage.kind.kind();
    let plan = |key: &Key| plan_of(kind, key, after);
    let (Some(from), Some(to)) = (plan(&lineage.predecessor_key.0), plan(&lineage.successor_key.0)) else { return };
    if to.year < from.year || to.key == from.key {
        problems.within("successorKey", |problems| {
            let (earlier, later) = (&lineage.predecessor_key.0, &lineage.successor_key.0);
            let message = format!(
                "{kind} `{later}` of the plan `{}` of {} cannot follow from `{earlier}` of `{}` of {}",
                to.key, to.year, from.key, from.year
            );
            problems.push(
                ProblemCode::Inconsistent,
                message,
                "name the record of the earlier plan first, that of the later plan second",
            );
        });
    }
}

/// The plan that a record will belong to, directly or through what it hangs on.
fn plan_of<'r>(kind: Kind, key: &Key, after: After<'r, '_>) -> Option<&'r Plan> {
    let mut record = after(kind, key)?;
    loop {
        if let Record::Plan(plan) = record {
            return Some(plan);
        }
        let mut parent = None;
        for home in homes(record.kind()) {
            home.for_each_target(record, |key| parent = parent.or_else(|| after(home.target, &key)));
        }
        record = parent?;
    }
}

/// A new key is what it looks like: of letters that are seen, and in one form.
fn check_key(record: &Record, key: &Key, problems: &mut Problems) {
    if let Err(reason) = key.check_new() {
        let field = if record.info().position("key").is_some() { &["key"][..] } else { &[] };
        problems.within_all(field, |problems| {
            let message = format!("`{key}` is no key: {reason}");
            problems.push(ProblemCode::BadKey, message, "type it anew, without what cannot be seen");
        });
    }
}

/// A key that a record had before is no new one: who sends it means that record.
fn check_former<'r>(kind: Kind, key: &Key, register: &'r Register, after: After<'r, '_>, problems: &mut Problems) {
    let now = register.renamed(kind, key);
    if let Some(now) = now.filter(|_| after(Kind::FormerKey, &FormerKey::name(kind, key)).is_some()) {
        let message = format!("{kind} `{key}` is called `{now}` now");
        let hint = "write the key that it has now; to use the old one anew, delete its former key first";
        problems.push_near(ProblemCode::AlreadyExists, message, hint, vec![now.to_string()]);
    }
}

/// Files and persons are counted whole.
fn check_whole(record: &Record, before: Option<&Record>, problems: &mut Problems) {
    let whole = [Unit::Count, Unit::Persons].map(Unit::word);
    let value = |figure: &dyn AnyComposite| match (figure.field(0), figure.field(2)) {
        (View::Decimal(value), View::Enum(unit)) if whole.contains(&unit) && !value.fract().is_zero() => {
            Some((value, unit))
        }
        _ => None,
    };
    for (index, field) in record.info().fields.iter().enumerate() {
        let View::Composite(figure) = record.get(index) else { continue };
        if figure.describe().name != "Figure" {
            continue;
        }
        let known = before.and_then(|before| match before.get(index) {
            View::Composite(figure) => value(figure),
            _ => None,
        });
        if let Some((found, unit)) = value(figure).filter(|found| Some(found) != known.as_ref()) {
            problems.within_all(&[&field.name, "value"], |problems| {
                let message = format!("{found} is no whole number, and {unit} is counted whole");
                problems.push(ProblemCode::OutOfRange, message, "give the whole number, or the unit that is meant");
            });
        }
    }
}

/// An observation counts in the unit of its indicator.
fn check_unit_of(it: &Observation, before: Option<&Record>, after: After<'_, '_>, problems: &mut Problems) {
    let unit = |figure: &Figure| figure.unit;
    let known = matches!(before, Some(Record::Observation(before)) if unit(&before.figure) == unit(&it.figure));
    if let Some(Record::Indicator(indicator)) = after(Kind::Indicator, it.indicator_key.key()).filter(|_| !known) {
        figure::check_unit("figure", &it.figure, indicator.unit, problems);
    }
}

/// An indicator that gets another unit takes its observations with it.
fn check_units_with(unit: Unit, key: &Key, register: &Register, after: After<'_, '_>, problems: &mut Problems) {
    if matches!(register.get(Kind::Indicator, key).map(|node| &node.record), Some(Record::Indicator(it)) if it.unit == unit)
    {
        return;
    }
    let others: Vec<Key> = Relation::to(Kind::Indicator)
        .filter(|relation| relation.source == Kind::Observation)
        .flat_map(|relation| register.sources(relation, key))
        .filter(|node| {
            matches!(after(Kind::Observation, &node.key), Some(Record::Observation(it)) if it.figure.unit != unit)
        })
        .map(|node| node.key.clone())
        .collect();
    if let Some(first) = others.first() {
        problems.within("unit", |problems| {
            let message = format!("{} observations count in another unit than {unit}, first `{first}`", others.len());
            problems.push(ProblemCode::Inconsistent, message, "send them too, in the new unit, or keep the old one");
        });
    }
}

/// A record stays with its plan and its body, unless it is said that it goes over: keys of two bodies may be the same by chance.
fn check_owner<'r>(
    record: &'r Record,
    before: &'r Record,
    register: &'r Register,
    after: After<'r, '_>,
    problems: &mut Problems,
) {
    let links = |record: &Record| {
        let mut links = BTreeSet::new();
        for relation in Relation::of(record.kind()) {
            relation.for_each_target(record, |key| {
                links.insert((relation.target, key));
            });
        }
        links
    };
    if links(record) == links(before) {
        return;
    }
    let stored = |kind, key: &Key| register.get(kind, key).map(|node| &node.record);
    let (from, to) = (owners(before, &stored), owners(record, after));
    // Where the one goes in the same commit, its own have nowhere else to be.
    let from: BTreeSet<_> = from.into_iter().filter(|(kind, key)| after(*kind, key).is_some()).collect();
    let Some(((kind, new), (_, old))) = to
        .iter()
        .rev()
        .find_map(|new| Some((new, from.iter().find(|old| old.0 == new.0).filter(|_| !from.contains(new))?)))
    else {
        return;
    };
    let message = format!("{} `{}` would go over from {kind} `{old}` to `{new}`", record.kind(), record.key());
    let hint = "give the record a key of its own; if it is meant to go over, say so (allowMoves, --allow-moves)";
    problems.push(ProblemCode::Moved, message, hint);
}

/// The bodies and plans that a record belongs to, directly or through what it refers to.
fn owners<'r>(record: &'r Record, get: &dyn Fn(Kind, &Key) -> Option<&'r Record>) -> BTreeSet<(Kind, Key)> {
    let mut owners = BTreeSet::new();
    let mut seen: Vec<(Kind, Key)> = Vec::new();
    let mut open = vec![record];
    while let Some(record) = open.pop() {
        for relation in Relation::of(record.kind()) {
            relation.for_each_target(record, |key| {
                let name = (relation.target, key);
                if seen.contains(&name) {
                    return;
                }
                if matches!(name.0, Kind::Plan | Kind::Organisation) {
                    owners.insert(name.clone());
                }
                open.extend(get(name.0, &name.1));
                seen.push(name);
            });
        }
    }
    owners
}
