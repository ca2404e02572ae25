//! Ways through the register that the figures share.

use std::sync::Arc;

use crate::model::{
    AsRecord, Key, Kind, Link, Measure, OperationalGoal, Plan, PolicyField, StrategicGoal, StructuralElement,
};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;

/// A record with its node.
pub type Found<'r, T> = (&'r Node, &'r T);

/// The records of kind `T` that refer to one of kind `To`, in their default order; between these two kinds there is one link.
pub fn sources<'r, T: AsRecord, To: AsRecord>(register: &'r Register, key: &Key) -> Vec<Found<'r, T>> {
    let relation = Relation::to(To::KIND).find(|relation| relation.source == T::KIND);
    let nodes = relation.map_or(&[] as &[Arc<Node>], |relation| register.sources(relation, key));
    nodes.iter().inspect(|_| work::step(1)).filter_map(|node| Some((&**node, T::of(&node.record)?))).collect()
}

/// All records of kind `T`, in their default order.
pub fn all<'r, T: AsRecord + 'r>(register: &'r Register) -> impl Iterator<Item = Found<'r, T>> {
    register.all(T::KIND).filter_map(|node| Some((&**node, T::of(&node.record)?)))
}

/// The record that a link names.
pub fn follow<'r, T: AsRecord>(register: &'r Register, link: &Link<T>) -> Option<Found<'r, T>> {
    get(register, link.key())
}

/// The record of that key.
pub fn get<'r, T: AsRecord>(register: &'r Register, key: &Key) -> Option<Found<'r, T>> {
    register.get(T::KIND, key).and_then(|node| Some((&**node, T::of(&node.record)?)))
}

/// The record of that node, when it is of kind `T`.
pub fn of<T: AsRecord>(node: &Node) -> Option<Found<'_, T>> {
    T::of(&node.record).map(|record| (node, record))
}

/// The month in which the years of the body begin whose plan a measure belongs to.
pub fn first_month(register: &Register, measure: &Link<Measure>) -> i32 {
    let plan = register.follow(measure).and_then(|measure| register.follow(&measure.plan_key));
    let body = plan.and_then(|plan| register.follow(&plan.organisation_key));
    body.and_then(|body| body.year_start).unwrap_or(1)
}

/// The measures that belong to a measure itself, an operational goal, a chapter, a policy field or a plan, in the document's
/// order; a strategic goal has those of the operational goals that serve it.
pub fn measures<'r>(register: &'r Register, node: &'r Node) -> Vec<Found<'r, Measure>> {
    match node.kind() {
        Kind::Measure => of(node).into_iter().collect(),
        Kind::OperationalGoal => sources::<Measure, OperationalGoal>(register, &node.key),
        Kind::Plan => sources::<Measure, Plan>(register, &node.key),
        _ => goals(register, node).into_iter().flat_map(|(goal, _)| measures(register, goal)).collect(),
    }
}

/// The operational goals of a chapter, a policy field, a plan, or those that serve a strategic goal.
pub fn goals<'r>(register: &'r Register, node: &'r Node) -> Vec<Found<'r, OperationalGoal>> {
    match node.kind() {
        Kind::OperationalGoal => of(node).into_iter().collect(),
        Kind::StrategicGoal => sources::<OperationalGoal, StrategicGoal>(register, &node.key),
        Kind::StructuralElement => sources::<OperationalGoal, StructuralElement>(register, &node.key),
        Kind::PolicyField => {
            let chapters = sources::<StructuralElement, PolicyField>(register, &node.key);
            chapters.into_iter().flat_map(|(chapter, _)| goals(register, chapter)).collect()
        }
        Kind::Plan => {
            let fields = sources::<PolicyField, Plan>(register, &node.key);
            fields.into_iter().flat_map(|(field, _)| goals(register, field)).collect()
        }
        _ => Vec::new(),
    }
}
