//! The next plan made from this one: what goes on is carried over under new keys, with lineage back to what it was.
//!
//! * Policy fields, structural elements, strategic and operational goals are carried, as are budget lines and inspected processes.
//! * A **staff target** is carried unless it is due before the new plan's year; what was reached of it is not.
//! * A **project** is carried when it runs on. The year that decides is the new plan's, if the register says of any project of
//!   the old plan whether it runs in that year; else the old plan's own year. A project runs on when it is said to run in the
//!   deciding year, wholly or in part; NO, or nothing where others have a statement, means that it does not. Where no project
//!   has a statement for either year, all are carried.
//! * A **measure** is carried, with its indicators and norms, unless it is phasing out. Its lifecycle is carried as it stands:
//!   whether a new measure is still called new is for the people who plan to say.
//! * Definitions and targets are carried; results, observations, milestones, amounts, claims and aliases belong to their year.
//! * Citations are dropped: nothing of the new plan is printed yet.
//!
//! What the new plan has already is left as it is, and what has a successor there already is not carried again: doing it twice
//! changes nothing, and takes nothing back that people have changed, split or merged in the new plan since.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::indicator::{SubjectKind, SubjectLink};
use crate::model::lineage::{CarriedKind, CarriedLink, Succession};
use crate::model::measure::Lifecycle;
use crate::model::project::Running;
use crate::model::{
    AsRecord, BudgetLine, Figure, Indicator, InspectedProcess, Key, Kind, Lineage, Link, Measure, Norm,
    OperationalGoal, Plan, PolicyField, Problem, ProblemCode, Problems, Project, ProjectYear, Record, RecordType,
    StaffTarget, StrategicGoal, StructuralElement, period,
};
use crate::register::relation::{Relation, homes};
use crate::register::{Node, Register};

/// The records of the next plan: the plan, and each record carried with its lineage. Those that are there already come as they
/// are there.
///
/// # Errors
/// When there is no such next plan to make.
pub fn roll_over(register: &Register, from: &Plan, to_year: i32) -> Result<Vec<Record>, Vec<Problem>> {
    let to = next_plan(register, from, to_year)?;
    let there: HashSet<(Kind, &Key)> =
        members(register, &to.key).into_iter().map(|node| (node.kind(), &node.key)).collect();
    let old = members(register, &from.key);
    let goes_on = who_goes_on(register, from, to_year, &old);
    // What each record of the old plan is in the new one; none when it is not carried.
    let mut carried: HashMap<(Kind, &Key), Option<Key>> =
        HashMap::from([((Kind::Plan, &from.key), Some(to.key.clone()))]);
    let mut records: Vec<Record> = vec![to.clone().into()];
    for &node in &old {
        let kind = CarriedKind::of(node.kind()).expect("members of a plan are of carried kinds");
        let followers: Vec<&Lineage> = successors(register, node)
            .filter(|lineage| there.contains(&(node.kind(), &lineage.successor_key.0)))
            .collect();
        let continued = followers.iter().find(|lineage| lineage.relation == Succession::Continues);
        let record = match continued {
            Some(lineage) => register.get(node.kind(), &lineage.successor_key.0).map(|node| node.record.clone()),
            None if !followers.is_empty() || !goes_on(&node.record) => None,
            None => {
                // A link to what is no part of the old plan stays.
                let lead = |kind, key: &Key| carried.get(&(kind, key)).cloned().unwrap_or_else(|| Some(key.clone()));
                let key = new_key(&node.key, &from.key, &to.key);
                moved(&said_of(&node.record, &from.key), key, &lead).map(|record| as_it_is(register, record))
            }
        };
        carried.insert((node.kind(), &node.key), record.as_ref().map(Record::key));
        let Some(record) = record else { continue };
        let lineage = Lineage {
            kind,
            predecessor_key: CarriedLink(node.key.clone()),
            successor_key: CarriedLink(record.key()),
            relation: Succession::Continues,
        };
        records.extend([record, as_it_is(register, lineage.into())]);
    }
    Ok(records)
}

/// The records of a plan that can be carried: kind after kind, those of one parent together, in their default order.
pub fn members<'r>(register: &'r Register, plan: &'r Key) -> Vec<&'r Arc<Node>> {
    let mut members: Vec<&'r Arc<Node>> = Vec::new();
    for carried in CarriedKind::all() {
        if carried == CarriedKind::StaffTarget {
            members.extend(staff_targets(register, plan));
            continue;
        }
        let mut of_kind: Vec<&'r Arc<Node>> = Vec::new();
        for home in homes(carried.kind()) {
            let parents: Vec<&'r Key> = if home.target == Kind::Plan {
                vec![plan]
            } else {
                members.iter().copied().filter(|node| node.kind() == home.target).map(|node| &node.key).collect()
            };
            of_kind.extend(parents.into_iter().flat_map(|parent| register.sources(home, parent)));
        }
        members.extend(of_kind);
    }
    members
}

/// The staff targets of a plan: those that say so, and those that its document prints and that name no plan.
fn staff_targets<'r>(register: &'r Register, plan: &'r Key) -> Vec<&'r Arc<Node>> {
    let found = register.get(Kind::Plan, plan).and_then(|node| Plan::of(&node.record));
    let body = Relation::of(Kind::StaffTarget).find(|relation| relation.target == Kind::Organisation);
    let Some((found, body)) = found.zip(body) else { return Vec::new() };
    let is_of_plan = |target: &StaffTarget| match (&target.plan_key, &target.printed, &found.document_key) {
        (Some(named), ..) => named.key() == plan,
        (None, Some(printed), Some(document)) => printed.document_key == *document,
        _ => false,
    };
    let targets = register.sources(body, found.organisation_key.key()).iter();
    targets.filter(|node| StaffTarget::of(&node.record).is_some_and(&is_of_plan)).collect()
}

/// The lineages that say what became of a record.
pub fn successors<'r>(register: &'r Register, node: &Node) -> impl Iterator<Item = &'r Lineage> {
    let relation = Relation::to(node.kind())
        .find(|relation| relation.source == Kind::Lineage && relation.name == "predecessor")
        .expect("a lineage may name every carried kind");
    register.sources(relation, &node.key).iter().filter_map(|node| Lineage::of(&node.record))
}

/// The record under another key, its links led elsewhere, without citations. None when its home, the record that it belongs
/// to, leads nowhere, or when it is of no carried kind.
pub fn moved(record: &Record, key: Key, lead: &dyn Fn(Kind, &Key) -> Option<Key>) -> Option<Record> {
    fn link<T: RecordType>(lead: &dyn Fn(Kind, &Key) -> Option<Key>, link: &Link<T>) -> Option<Link<T>> {
        lead(T::KIND, link.key()).map(Link::new)
    }
    /// What it belongs to, where it belongs to such a thing; none when that leads nowhere.
    #[expect(clippy::option_option, reason = "no home of that kind, or one that leads nowhere")]
    fn home<T: RecordType>(
        lead: &dyn Fn(Kind, &Key) -> Option<Key>,
        home: Option<&Link<T>>,
    ) -> Option<Option<Link<T>>> {
        home.map_or(Some(None), |home| link(lead, home).map(Some))
    }
    #[expect(clippy::option_option, reason = "no subject, or one that leads nowhere")]
    fn subject(
        lead: &dyn Fn(Kind, &Key) -> Option<Key>,
        kind: Option<SubjectKind>,
        key: Option<&SubjectLink>,
    ) -> Option<Option<SubjectLink>> {
        let (Some(kind), Some(key)) = (kind, key) else { return Some(None) };
        lead(kind.kind(), &key.0).map(|key| Some(SubjectLink(key)))
    }
    let unprinted = |figure: Option<&Figure>| figure.map(|figure| Figure { printed: None, ..figure.clone() });
    Some(match record {
        Record::PolicyField(it) => {
            PolicyField { key, plan_key: link(lead, &it.plan_key)?, printed: None, ..(**it).clone() }.into()
        }
        Record::StructuralElement(it) => {
            let policy_field_key = link(lead, &it.policy_field_key)?;
            StructuralElement { key, policy_field_key, printed: None, ..(**it).clone() }.into()
        }
        Record::StrategicGoal(it) => {
            StrategicGoal { key, plan_key: link(lead, &it.plan_key)?, printed: None, ..(**it).clone() }.into()
        }
        Record::OperationalGoal(it) => OperationalGoal {
            key,
            structural_element_key: home(lead, it.structural_element_key.as_ref())?,
            policy_field_key: home(lead, it.policy_field_key.as_ref())?,
            plan_key: home(lead, it.plan_key.as_ref())?,
            strategic_goal_keys: it.strategic_goal_keys.iter().filter_map(|goal| link(lead, goal)).collect(),
            printed: None,
            ..(**it).clone()
        }
        .into(),
        Record::Project(it) => Project {
            key,
            plan_key: link(lead, &it.plan_key)?,
            operational_goal_key: it.operational_goal_key.as_ref().and_then(|goal| link(lead, goal)),
            strategic_goal_keys: it.strategic_goal_keys.iter().filter_map(|goal| link(lead, goal)).collect(),
            printed: None,
            ..(**it).clone()
        }
        .into(),
        Record::Measure(it) => Measure {
            key,
            plan_key: link(lead, &it.plan_key)?,
            operational_goal_key: it.operational_goal_key.as_ref().and_then(|goal| link(lead, goal)),
            printed: None,
            lifecycle_printed: None,
            ..(**it).clone()
        }
        .into(),
        Record::Indicator(it) => {
            let measure_key = home(lead, it.measure_key.as_ref())?;
            let subject_key = subject(lead, it.subject_kind, it.subject_key.as_ref())?;
            Indicator { key, measure_key, subject_key, printed: None, ..(**it).clone() }.into()
        }
        Record::Norm(it) => Norm {
            key,
            measure_key: home(lead, it.measure_key.as_ref())?,
            subject_key: subject(lead, it.subject_kind, it.subject_key.as_ref())?,
            target: unprinted(it.target.as_ref()),
            upper: unprinted(it.upper.as_ref()),
            limit: unprinted(it.limit.as_ref()),
            basis_printed: None,
            printed: None,
            overview_printed: None,
            ..(**it).clone()
        }
        .into(),
        Record::BudgetLine(it) => BudgetLine {
            key,
            plan_key: link(lead, &it.plan_key)?,
            operational_goal_key: it.operational_goal_key.as_ref().and_then(|goal| link(lead, goal)),
            structural_element_key: it.structural_element_key.as_ref().and_then(|chapter| link(lead, chapter)),
            policy_field_key: it.policy_field_key.as_ref().and_then(|field| link(lead, field)),
            measure_keys: it.measure_keys.iter().filter_map(|measure| link(lead, measure)).collect(),
            printed: None,
            articles_printed: None,
            ..(**it).clone()
        }
        .into(),
        Record::InspectedProcess(it) => InspectedProcess {
            key,
            plan_key: link(lead, &it.plan_key)?,
            measure_keys: it.measure_keys.iter().filter_map(|measure| link(lead, measure)).collect(),
            printed: None,
            ..(**it).clone()
        }
        .into(),
        Record::StaffTarget(it) => StaffTarget {
            key,
            plan_key: it.plan_key.as_ref().and_then(|plan| link(lead, plan)),
            target: Figure { printed: None, ..it.target.clone() },
            achieved: None,
            achieved_at: None,
            printed: None,
            ..(**it).clone()
        }
        .into(),
        _ => return None,
    })
}

/// The record, which says that it is of that plan where only its document does.
pub fn said_of<'r>(record: &'r Record, plan: &Key) -> Cow<'r, Record> {
    match record {
        Record::StaffTarget(it) if it.plan_key.is_none() => {
            Cow::Owned(StaffTarget { plan_key: Some(Link::new(plan.clone())), ..(**it).clone() }.into())
        }
        _ => Cow::Borrowed(record),
    }
}

/// The record as the register has it, if it has it.
fn as_it_is(register: &Register, record: Record) -> Record {
    register.get(record.kind(), &record.key()).map_or(record, |node| node.record.clone())
}

/// The plan of that year: the one that the body has, or else a new one.
fn next_plan(register: &Register, from: &Plan, to_year: i32) -> Result<Plan, Vec<Problem>> {
    let mut problems = Problems::default();
    period::check_year("toYear", to_year, &mut problems);
    if to_year <= from.year {
        problems.within("toYear", |problems| {
            let message = format!("{to_year} does not come after {}, the year of the plan `{}`", from.year, from.key);
            problems.push(ProblemCode::OutOfRange, message, "name a later year");
        });
    }
    if !problems.is_empty() {
        return Err(problems.into_vec());
    }
    let plans = register.all(Kind::Plan).filter_map(|node| Plan::of(&node.record));
    let there: Vec<&Plan> =
        plans.filter(|plan| plan.year == to_year && plan.organisation_key == from.organisation_key).collect();
    if let [plan] = there.as_slice() {
        return Ok((*plan).clone());
    }
    let (old_year, new_year) = (from.year.to_string(), to_year.to_string());
    let text = match from.key.as_str().strip_suffix(&old_year) {
        Some(stem) => format!("{stem}{new_year}"),
        None => format!("{}-{new_year}", from.key),
    };
    problems
        .within("toYear", |problems| match Key::parse(&text) {
            _ if there.len() > 1 => {
                let keys: Vec<String> = there.iter().map(|plan| plan.key.to_string()).collect();
                let message = format!("`{}` has {} plans of {to_year}", from.organisation_key, keys.len());
                problems.push_near(ProblemCode::Inconsistent, message, "leave one plan for a year", keys);
                None
            }
            Ok(key) if register.get(Kind::Plan, &key).is_some() => {
                let message = format!("the key `{key}` of the new plan is taken by a plan of another body or year");
                problems.push(
                    ProblemCode::AlreadyExists,
                    message,
                    "import the new plan under a key of your choice first",
                );
                None
            }
            Ok(key) => Some(Plan {
                key,
                year: to_year,
                evaluated_year: from.evaluated_year.map(|year| year.saturating_add(to_year.saturating_sub(from.year))),
                title: from.title.replace(&old_year, &new_year),
                document_key: None,
                ..from.clone()
            }),
            Err(reason) => {
                let message = format!("`{text}`, the key of the new plan, is no key: {reason}");
                problems.push(ProblemCode::BadKey, message, "import the new plan under a key of your choice first");
                None
            }
        })
        .ok_or_else(|| problems.into_vec())
}

/// Whether a record of the old plan has a place in the new one; see the head of this file.
fn who_goes_on(register: &Register, from: &Plan, to_year: i32, old: &[&Arc<Node>]) -> impl Fn(&Record) -> bool + use<> {
    let years = homes(Kind::ProjectYear).into_iter().next();
    let projects = old.iter().filter(|node| node.kind() == Kind::Project);
    let said = projects.flat_map(|node| years.map_or(&[] as &[_], |years| register.sources(years, &node.key)));
    let said: Vec<(Key, i32, Running)> = said
        .filter_map(|node| ProjectYear::of(&node.record))
        .filter_map(|it| Some((it.project_key.key().clone(), it.year, it.running?)))
        .collect();
    let deciding = [to_year, from.year].into_iter().find(|year| said.iter().any(|(_, said, _)| said == year));
    let running: Option<HashSet<Key>> = deciding.map(|deciding| {
        let runs = said.into_iter().filter(|(_, year, running)| *year == deciding && *running != Running::No);
        runs.map(|(project, ..)| project).collect()
    });
    move |record| match record {
        Record::Project(project) => running.as_ref().is_none_or(|running| running.contains(&project.key)),
        Record::Measure(measure) => measure.lifecycle != Some(Lifecycle::PhasingOut),
        Record::StaffTarget(target) => target.due.is_none_or(|due| due.year() >= to_year),
        _ => true,
    }
}

/// The key of a record in the new plan: that of the new plan and the old one, `b-2022/m`. Where the old key begins with the old
/// plan's, the new plan's takes its place.
fn new_key(old: &Key, from: &Key, to: &Key) -> Key {
    let rest = old.as_str().strip_prefix(from.as_str()).filter(|rest| !rest.starts_with(char::is_alphanumeric));
    match rest {
        Some(rest) => Key::join(&[&format_args!("{to}{rest}")]),
        None => Key::join(&[to, old]),
    }
}

#[cfg(test)]
mod tests;
