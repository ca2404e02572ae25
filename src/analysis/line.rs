//! The line of a record through the plans: what continues what, one record a plan.
//!
//! A line goes along CONTINUES, as long as one record continues one, from the nearest plan to the nearest: each is the other's next, so that
//! no record is on two lines. Where something was split or merged, or the lineage says of two records of one plan that they continue the
//! same, it ends, and that is told: what was split is never added up silently.

use std::collections::HashSet;

use crate::analysis::walk;
use crate::model::lineage::Succession;
use crate::model::{Key, Kind, Lineage, Plan};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;

/// A line: the records of it, and what else the lineage says of them.
#[derive(Debug)]
pub struct Line<'r> {
    /// The records, the earliest first; at least one.
    pub nodes: Vec<&'r Node>,
    /// Where records of other lines came in or went out.
    pub turns: Vec<Turn<'r>>,
}

/// A place where a line meets another.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'r> {
    /// The earlier record.
    pub from: &'r Node,
    /// The later record.
    pub to: &'r Node,
    /// How the later follows from the earlier.
    pub relation: Succession,
}

/// The plan that a record belongs to, directly or through what it hangs on.
pub fn plan_of<'r>(register: &'r Register, node: &'r Node) -> Option<walk::RecordRef<'r, Plan>> {
    walk::above(register, node, Kind::Plan).and_then(walk::of)
}

/// The year of a record's plan; none of what is the body's and of no plan.
fn year_of(register: &Register, node: &Node) -> Option<i32> {
    plan_of(register, node).map(|(_, plan)| plan.year)
}

/// The lineages in which a record is the later one, or the earlier one, with the record on the other side.
fn lineages<'r>(register: &'r Register, node: &Node, own_side: &str) -> Vec<(&'r Lineage, &'r Node)> {
    let relation = Relation::to(node.kind()).find(|it| it.source == Kind::Lineage && it.name == own_side);
    let found = relation.map_or(&[] as &[_], |relation| register.sources(relation, &node.key));
    work::step(found.len() as u64);
    let other = |lineage: &'r Lineage| {
        let key = if own_side == "successor" { &lineage.predecessor_key.0 } else { &lineage.successor_key.0 };
        register.get(node.kind(), key).map(|node| (lineage, &**node))
    };
    found.iter().filter_map(|it| walk::of::<Lineage>(it)).filter_map(|(_, lineage)| other(lineage)).collect()
}

/// The one record of the nearest plan on that side that continues, or is continued by, this one alone.
fn next_on<'r>(register: &'r Register, node: &'r Node, own_side: &str) -> Option<&'r Node> {
    let other_side = if own_side == "successor" { "predecessor" } else { "successor" };
    // Those of the nearest plan; what is of no plan comes after all that are.
    let nearest = |node: &Node, side: &str| {
        let found: Vec<_> = lineages(register, node, side)
            .into_iter()
            .filter(|(lineage, _)| lineage.relation == Succession::Continues)
            .map(|(_, other)| (year_of(register, other), other))
            .collect();
        let years = found.iter().filter_map(|(year, _)| *year);
        let year = if side == "successor" { years.max() } else { years.min() };
        let mut of_year = found.into_iter().filter(move |(other, _)| *other == year);
        of_year.next().filter(|_| of_year.next().is_none()).map(|(_, other)| other)
    };
    let found = nearest(node, own_side)?;
    nearest(found, other_side).filter(|back| back.key == node.key).map(|_| found)
}

/// The record that this one alone continues, of the plan before.
pub fn before<'r>(register: &'r Register, node: &'r Node) -> Option<&'r Node> {
    next_on(register, node, "successor")
}

/// The record that alone continues this one, of the next plan.
pub fn after<'r>(register: &'r Register, node: &'r Node) -> Option<&'r Node> {
    next_on(register, node, "predecessor")
}

/// The records before this one on its line, the nearest first.
pub fn earlier<'r>(register: &'r Register, node: &'r Node) -> Vec<&'r Node> {
    along(node, |node| before(register, node))
}

/// The records after this one on its line, the nearest first.
pub fn later<'r>(register: &'r Register, node: &'r Node) -> Vec<&'r Node> {
    along(node, |node| after(register, node))
}

/// A circle, which an old folder may hold, ends where it began.
fn along<'r>(from: &'r Node, next: impl Fn(&'r Node) -> Option<&'r Node>) -> Vec<&'r Node> {
    let mut found: Vec<&'r Node> = Vec::new();
    let mut at = from;
    while let Some(node) = next(at) {
        work::step(1);
        if node.key == from.key || found.iter().any(|known| known.key == node.key) {
            break;
        }
        found.push(node);
        at = node;
    }
    found
}

/// Those of them that no other of them continues.
pub fn last_of_each<'r, T>(register: &'r Register, all: Vec<T>, node: impl Fn(&T) -> &'r Node) -> Vec<T> {
    let keys: HashSet<&Key> = all.iter().map(|it| &node(it).key).collect();
    let goes_on = |it: &T| later(register, node(it)).iter().any(|next| keys.contains(&next.key));
    all.into_iter().filter(|it| !goes_on(it)).collect()
}

/// The line of a record.
pub fn line<'r>(register: &'r Register, node: &'r Node) -> Line<'r> {
    let mut nodes = earlier(register, node);
    nodes.reverse();
    nodes.push(node);
    for node in later(register, node) {
        if nodes.iter().all(|known| known.key != node.key) {
            nodes.push(node);
        }
    }
    let is_of_line = |node: &Node| nodes.iter().any(|it| it.key == node.key);
    let on_line = |from: &Node, to: &Node| is_of_line(from) && is_of_line(to);
    let mut turns: Vec<Turn<'r>> = Vec::new();
    for node in &nodes {
        let came = lineages(register, node, "successor").into_iter().map(|(it, other)| (it.relation, other, *node));
        let went = lineages(register, node, "predecessor").into_iter().map(|(it, other)| (it.relation, *node, other));
        for (relation, from, to) in came.chain(went).filter(|(_, from, to)| !on_line(from, to)) {
            turns.push(Turn { from, to, relation });
        }
    }
    Line { nodes, turns }
}
