//! Staff: heads added up by level, rank and contract, their shares, and how far targets are reached.

use std::sync::Arc;

use crate::analysis::computed::{Computed, Input, Rule, Total};
use crate::analysis::walk::{self, Found};
use crate::model::figure::Unit;
use crate::model::macros::vocabulary;
use crate::model::staff::Contract;
use crate::model::{Date, Organisation, StaffFigure, StaffTarget};
use crate::register::{Node, Register};

vocabulary! {
    /// By what heads are told apart.
    StaffDimension {
        /// Level (*niveau*).
        Level = "LEVEL",
        /// Rank (*rang*).
        Rank = "RANK",
        /// Statutory or contractual.
        Contract = "CONTRACT",
    }
}

/// Heads of a group of staff.
#[derive(Clone, Debug)]
pub struct Group<'r> {
    /// The level that all of the group have, if they are told apart by it.
    pub level: Option<&'r str>,
    /// The rank that all of the group have.
    pub rank: Option<&'r str>,
    /// The contract that all of the group have.
    pub contract: Option<Contract>,
    /// Heads.
    pub heads: Total<'r>,
    /// The share of all heads that are known.
    pub share: Computed<'r>,
}

/// The staff of a body at a date.
#[derive(Clone, Debug)]
pub struct Staff<'r> {
    /// The date; none when nothing is known of the body's staff.
    pub date: Option<Date>,
    /// All heads.
    pub heads: Total<'r>,
    /// The groups, in the order of the table.
    pub groups: Vec<Group<'r>>,
}

/// The last date by that day at which the heads of a body were counted.
pub fn last_date(register: &Register, body: &Node, by: Date) -> Option<Date> {
    let all = walk::sources::<StaffFigure, Organisation>(register, &body.key);
    all.iter().map(|(_, it)| it.date).filter(|date| *date <= by).max()
}

/// The staff of a body at a date, or else at the last date that there is.
pub fn staff<'r>(register: &'r Register, body: &Node, date: Option<Date>, by: &[StaffDimension]) -> Staff<'r> {
    let all = walk::sources::<StaffFigure, Organisation>(register, &body.key);
    let date = date.or_else(|| all.iter().map(|(_, it)| it.date).max());
    let rows: Vec<Found<'r, StaffFigure>> = all.into_iter().filter(|(_, it)| Some(it.date) == date).collect();
    let heads = total(&rows);
    let key = |it: &'r StaffFigure| {
        let has = |dimension| by.contains(&dimension);
        (
            has(StaffDimension::Level).then_some(it.level.as_str()),
            has(StaffDimension::Rank).then_some(it.rank.as_str()),
            has(StaffDimension::Contract).then_some(it.contract),
        )
    };
    let mut keys = Vec::new();
    for (_, it) in &rows {
        if !by.is_empty() && !keys.contains(&key(it)) {
            keys.push(key(it));
        }
    }
    let groups = keys.into_iter().map(|of| {
        let rows: Vec<Found<'r, StaffFigure>> = rows.iter().copied().filter(|(_, it)| key(it) == of).collect();
        let of_group = total(&rows);
        let share = Computed::share(
            Input::computed("part", Arc::clone(&of_group.known)),
            Input::computed("whole", Arc::clone(&heads.known)),
        );
        Group { level: of.0, rank: of.1, contract: of.2, heads: of_group, share }
    });
    let groups = groups.collect();
    Staff { date, heads, groups }
}

fn total<'r>(rows: &[Found<'r, StaffFigure>]) -> Total<'r> {
    let parts = rows.iter().map(|(node, it)| Input::recorded("part", node, "figure", &it.figure));
    Total::of(Unit::Persons, parts.collect(), "number of heads")
}

/// How far a target is reached.
#[derive(Clone, Debug)]
pub struct Progress<'r> {
    /// What is reached as a share of the target.
    pub share: Computed<'r>,
    /// What is left to reach.
    pub left: Computed<'r>,
}

/// How far a target for staff is reached.
pub fn progress<'r>((node, target): Found<'r, StaffTarget>) -> Progress<'r> {
    let unit = target.target.unit;
    let inputs = || {
        vec![
            Input::optional("achieved", node, "achieved", target.achieved.as_ref()),
            Input::recorded("target", node, "target", &target.target),
        ]
    };
    Progress {
        share: Computed::in_one_unit(Rule::TargetProgress, unit, inputs()).counting(Unit::Ratio),
        left: Computed::in_one_unit(Rule::TargetLeft, unit, inputs()),
    }
}
