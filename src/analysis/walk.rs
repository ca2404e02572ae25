//! Ways through the register that the figures share.

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::{
    AsRecord, InspectedProcess, Key, Kind, Link, Measure, OperationalGoal, Organisation, Plan, PolicyField, Project,
    StrategicGoal, StructuralElement,
};
use crate::register::relation::{Relation, homes};
use crate::register::{Node, Register};
use crate::work;

/// A record with its node.
pub type RecordRef<'r, T> = (&'r Node, &'r T);

/// The records of kind `T` that refer to one of kind `To`, in their default order; between these two kinds there is one link.
pub fn sources<'r, T: AsRecord, To: AsRecord>(register: &'r Register, key: &Key) -> Vec<RecordRef<'r, T>> {
    let relation = Relation::to(To::KIND).find(|relation| relation.source == T::KIND);
    let nodes = relation.map_or(&[] as &[Arc<Node>], |relation| register.sources(relation, key));
    nodes.iter().inspect(|_| work::step(1)).filter_map(|node| Some((&**node, T::of(&node.record)?))).collect()
}

/// All records of kind `T`, in their default order.
pub fn all<'r, T: AsRecord + 'r>(register: &'r Register) -> impl Iterator<Item = RecordRef<'r, T>> {
    register.all(T::KIND).filter_map(|node| Some((&**node, T::of(&node.record)?)))
}

/// The record that a link names.
pub fn follow<'r, T: AsRecord>(register: &'r Register, link: &Link<T>) -> Option<RecordRef<'r, T>> {
    get(register, link.key())
}

/// The record of that key.
pub fn get<'r, T: AsRecord>(register: &'r Register, key: &Key) -> Option<RecordRef<'r, T>> {
    register.get(T::KIND, key).and_then(|node| Some((&**node, T::of(&node.record)?)))
}

/// The record of that node, when it is of kind `T`.
pub fn of<T: AsRecord>(node: &Node) -> Option<RecordRef<'_, T>> {
    T::of(&node.record).map(|record| (node, record))
}

/// The record of a kind to which one belongs, directly or through what it hangs on; itself when it is one.
pub fn above<'r>(register: &'r Register, node: &'r Node, kind: Kind) -> Option<&'r Node> {
    let mut node = node;
    while node.kind() != kind {
        work::step(1);
        let mut next = None;
        for home in homes(node.kind()) {
            home.for_each_target(&node.record, |key| next = next.or_else(|| register.get(home.target, &key)));
        }
        node = next?;
    }
    Some(node)
}

/// The body to which a record belongs.
pub fn body<'r>(register: &'r Register, node: &'r Node) -> Option<RecordRef<'r, Organisation>> {
    above(register, node, Kind::Organisation).and_then(of)
}

/// The month in which the years of the body begin to which a record belongs.
pub fn first_month(register: &Register, node: &Node) -> i32 {
    body(register, node).and_then(|(_, body)| body.year_start).unwrap_or(1)
}

/// The measures that belong to a measure itself, an operational goal, a chapter, a policy field or a plan, in the document's
/// order; a strategic goal has those of the operational goals that serve it.
pub fn measures<'r>(register: &'r Register, node: &'r Node) -> Vec<RecordRef<'r, Measure>> {
    match node.kind() {
        Kind::Measure => of(node).into_iter().collect(),
        Kind::OperationalGoal => sources::<Measure, OperationalGoal>(register, &node.key),
        Kind::Plan => sources::<Measure, Plan>(register, &node.key),
        _ => goals(register, node).into_iter().flat_map(|(goal, _)| measures(register, goal)).collect(),
    }
}

/// The operational goals of a chapter, a policy field, a plan, or those that serve a strategic goal.
pub fn goals<'r>(register: &'r Register, node: &'r Node) -> Vec<RecordRef<'r, OperationalGoal>> {
    match node.kind() {
        Kind::OperationalGoal => of(node).into_iter().collect(),
        Kind::StrategicGoal => sources::<OperationalGoal, StrategicGoal>(register, &node.key),
        Kind::StructuralElement => sources::<OperationalGoal, StructuralElement>(register, &node.key),
        Kind::PolicyField => {
            let chapters = sources::<StructuralElement, PolicyField>(register, &node.key);
            let below = chapters.into_iter().flat_map(|(chapter, _)| goals(register, chapter));
            below.chain(sources::<OperationalGoal, PolicyField>(register, &node.key)).collect()
        }
        Kind::Plan => {
            let fields = sources::<PolicyField, Plan>(register, &node.key);
            let below = fields.into_iter().flat_map(|(field, _)| goals(register, field));
            below.chain(sources::<OperationalGoal, Plan>(register, &node.key)).collect()
        }
        _ => Vec::new(),
    }
}

/// The records of kind `T` that hang on a record that is no measure, in their default order: indicators, norms.
pub fn hanging<'r, T: AsRecord>(register: &'r Register, node: &Node) -> Vec<RecordRef<'r, T>> {
    let relation = Relation::to(node.kind()).find(|it| it.source == T::KIND && it.by_kind.is_some());
    let nodes = relation.map_or(&[] as &[Arc<Node>], |relation| register.sources(relation, &node.key));
    nodes.iter().inspect(|_| work::step(1)).filter_map(|node| Some((&**node, T::of(&node.record)?))).collect()
}

/// What figures may hang on in a plan, a policy field, a chapter or a goal, besides measures: itself, and what the goal tree and its
/// projects have below it; of a plan the processes that are inspected too. Each once.
pub fn subjects<'r>(register: &'r Register, node: &'r Node) -> Vec<&'r Node> {
    let mut all = vec![node];
    match node.kind() {
        Kind::Plan => {
            all.extend(
                sources::<PolicyField, Plan>(register, &node.key)
                    .into_iter()
                    .flat_map(|(field, _)| within_field(register, field)),
            );
            all.extend(sources::<StrategicGoal, Plan>(register, &node.key).into_iter().map(|(goal, _)| goal));
            all.extend(sources::<Project, Plan>(register, &node.key).into_iter().map(|(project, _)| project));
            all.extend(sources::<InspectedProcess, Plan>(register, &node.key).into_iter().map(|(process, _)| process));
            all.extend(goals(register, node).into_iter().map(|(goal, _)| goal));
            return all;
        }
        Kind::PolicyField => all = within_field(register, node),
        _ => {}
    }
    if matches!(node.kind(), Kind::StrategicGoal | Kind::OperationalGoal | Kind::StructuralElement | Kind::PolicyField)
    {
        let below: Vec<&'r Node> = goals(register, node)
            .into_iter()
            .map(|(goal, _)| goal)
            .filter(|goal| goal.key != node.key || goal.kind() != node.kind())
            .collect();
        let goals = all.iter().chain(&below).filter(|it| it.kind() == Kind::OperationalGoal);
        let projects: Vec<&'r Node> = goals
            .flat_map(|goal| sources::<Project, OperationalGoal>(register, &goal.key))
            .map(|(project, _)| project)
            .collect();
        all.extend(below);
        all.extend(projects);
        if node.kind() == Kind::StrategicGoal {
            all.extend(sources::<Project, StrategicGoal>(register, &node.key).into_iter().map(|(project, _)| project));
        }
    }
    let mut seen = HashSet::new();
    all.retain(|node| seen.insert((node.kind(), &node.key)));
    all
}

/// The records of kind `T` that follow a record: those of its measures, then those of whatever else below it they hang on. Indicators, norms.
pub fn followed<'r, T: AsRecord>(register: &'r Register, node: &'r Node) -> Vec<RecordRef<'r, T>> {
    let measures = measures(register, node).into_iter();
    let of_measures = measures.flat_map(|(measure, _)| sources::<T, Measure>(register, &measure.key));
    of_measures.chain(subjects(register, node).into_iter().flat_map(|it| hanging::<T>(register, it))).collect()
}

fn within_field<'r>(register: &'r Register, field: &'r Node) -> Vec<&'r Node> {
    let chapters = sources::<StructuralElement, PolicyField>(register, &field.key);
    std::iter::once(field).chain(chapters.into_iter().map(|(chapter, _)| chapter)).collect()
}
