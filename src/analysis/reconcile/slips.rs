//! One slip, one finding: what follows from a discrepancy that is told already is its consequence.
//!
//! Two findings tell of one slip when
//! - they are about the same printed cell, or about the same phrase that has nothing to be compared with;
//! - they state the same number, or the same in words, against the same records;
//! - one of them holds against its figure a cell that the other says is wrong, and its own figure is what that cell should be;
//! - one follows from the other: with the number of the other in the place of a cell, its own figure comes to what it states;
//! - they are a whole and a part of it, both off by the same, and the text states what is left, which is right;
//! - both count blanks of the same records as zero.
//!
//! The first of them, in the order of the rules and records, is the slip.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use rust_decimal::Decimal;

use super::claims::states_a_sum;
use super::counts;
use super::discrepancy::Discrepancy;
use super::{Counterpart, DiscrepancyRule, Finding, totals};
use crate::analysis::computed::{Computed, InputKind, Rule};
use crate::analysis::walk;
use crate::model::{Claim, Figure, Key, Kind, Plan, Statement, Unit};
use crate::register::Register;
use crate::work;

/// A figure of a record, by its name; without one the record itself, which is counted.
pub type Cell = (Kind, Key, &'static str);

/// Where a finding stands among the figures: what it states, and what is held against that.
#[derive(Clone, Debug)]
pub struct Trace {
    stated: Cell,
    against: Against,
}

#[derive(Clone, Debug)]
enum Against {
    /// Nothing; the phrase of a section that cannot be, if it is one.
    Nothing(Option<(Option<String>, String)>),
    /// A cell.
    Printed(Cell),
    /// What is computed of cells, in their order; whether what is stated counts blanks among them as zero.
    Computed(Vec<Cell>, bool),
}

impl Trace {
    /// That of a finding.
    pub fn of(register: &Register, finding: &Finding<'_>) -> Self {
        let node = finding.node;
        // What is said of a phrase is said of its one figure.
        let field = if matches!(node.kind(), Kind::Claim | Kind::Statement) { "figure" } else { finding.field };
        let against = match &finding.found {
            Counterpart::Printed(node, path, _) => Against::Printed((node.kind(), node.key.clone(), path)),
            Counterpart::Computed(computed) => {
                let is_change = matches!(computed.rule, Rule::Change | Rule::ChangeRelative);
                let blanks = is_change && computed.coverage.unknown > 0;
                Against::Computed(cells(computed), blanks && totals::counts_blanks_as_zero(register, finding))
            }
            Counterpart::Nothing => {
                let printed = finding.stated.printed.as_ref().filter(|_| node.kind() == Kind::Claim);
                Against::Nothing(printed.and_then(|it| Some((it.section.clone(), it.text.clone()?))))
            }
        };
        Self { stated: (node.kind(), node.key.clone(), field), against }
    }
}

/// The cells that a figure was computed from, down to the last, in their order.
pub fn cells(computed: &Computed<'_>) -> Vec<Cell> {
    fn collect(computed: &Computed<'_>, found: &mut BTreeSet<Cell>) {
        for input in &computed.inputs {
            let path = match &input.of {
                InputKind::Computed(inner) => {
                    collect(inner, found);
                    continue;
                }
                InputKind::Recorded(path, _) | InputKind::Absent(path) => path,
                InputKind::Counted => "",
            };
            found.extend(input.node.map(|node| (node.kind(), node.key.clone(), path)));
        }
    }
    let mut found = BTreeSet::new();
    collect(computed, &mut found);
    found.into_iter().collect()
}

/// What two findings that tell of one slip have in common.
#[derive(PartialEq, Eq, Hash)]
enum Mark<'t> {
    Stated(&'t Cell),
    Printed(&'t Cell, Unit, Decimal),
    Computed(&'t [Cell], Unit, Decimal),
    Blanks(&'t [Cell]),
    Phrase(Option<&'t str>, &'t str),
}

fn marks<'t>(it: &'t Discrepancy, trace: &'t Trace) -> Vec<Mark<'t>> {
    let mut marks = vec![Mark::Stated(&trace.stated)];
    let number = it.stated.value.map(|value| (it.stated.unit, value.normalize()));
    match &trace.against {
        Against::Nothing(phrase) => {
            marks.extend(phrase.as_ref().map(|(section, text)| Mark::Phrase(section.as_deref(), text)));
        }
        Against::Printed(cell) => marks.extend(number.map(|(unit, value)| Mark::Printed(cell, unit, value))),
        Against::Computed(cells, by_blanks) if !cells.is_empty() => {
            marks.extend(number.map(|(unit, value)| Mark::Computed(cells, unit, value)));
            marks.extend(by_blanks.then_some(Mark::Blanks(cells)));
        }
        Against::Computed(..) => {}
    }
    marks
}

/// Findings, put together by the slips that they tell of.
struct Slips(Vec<usize>);

impl Slips {
    /// The first finding of the slip that one tells of.
    fn first(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.0[one.max(other)] = one.min(other);
    }
}

/// For each finding the place of the first one that tells of the same slip.
pub fn slips(register: &Register, all: &[(&Discrepancy, &Trace)]) -> Vec<usize> {
    let mut slips = Slips((0..all.len()).collect());
    let mut known: HashMap<Mark<'_>, usize> = HashMap::new();
    for (at, (it, trace)) in all.iter().enumerate() {
        work::step(10);
        for mark in marks(it, trace) {
            match known.entry(mark) {
                Entry::Occupied(first) => slips.join(*first.get(), at),
                Entry::Vacant(place) => drop(place.insert(at)),
            }
        }
    }
    said_alike(register, all, &mut slips);
    should_be(register, all, &mut slips);
    follow(register, all, &mut slips);
    parts(register, all, &mut slips);
    (0..all.len()).map(|at| slips.first(at)).collect()
}

fn grouped<K: Eq + Hash, V>(all: impl Iterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    all.for_each(|(key, value)| groups.entry(key).or_default().push(value));
    groups
}

fn statement<'r>(register: &'r Register, key: &Key) -> Option<&'r Statement> {
    walk::get::<Statement>(register, key).map(|(_, it)| it)
}

/// Statements that contradict the same one, and not each other.
fn said_alike(register: &Register, all: &[(&Discrepancy, &Trace)], slips: &mut Slips) {
    let twice = all.iter().enumerate().filter(|(_, (it, _))| it.rule == DiscrepancyRule::StatementTwice);
    let against = twice.filter_map(|(at, (_, trace))| match &trace.against {
        Against::Printed(cell) => Some((cell, at)),
        _ => None,
    });
    for group in grouped(against).into_values() {
        for (nth, one) in group.iter().enumerate() {
            for other in &group[..nth] {
                work::step(2);
                let [one_said, other_said] = [one, other].map(|at| statement(register, &all[*at].0.record_key));
                if one_said.zip(other_said).is_some_and(|(one, other)| one.contradicts(other).is_none()) {
                    slips.join(*one, *other);
                }
            }
        }
    }
}

/// Findings that hold a cell against their figure which another one says is wrong, and which should be that figure.
fn should_be(register: &Register, all: &[(&Discrepancy, &Trace)], slips: &mut Slips) {
    let stating = grouped(all.iter().enumerate().map(|(at, (_, trace))| (&trace.stated, at)));
    for (at, (it, trace)) in all.iter().enumerate() {
        let Against::Printed(cell) = &trace.against else { continue };
        // A trend does not say what the value that it needs should be.
        if it.rule == DiscrepancyRule::TrendBase {
            continue;
        }
        for other in stating.get(cell).into_iter().flatten() {
            let (wrong, wrong_trace) = all[*other];
            let is_one = match &wrong_trace.against {
                Against::Printed((Kind::Statement, first, _)) => {
                    let said = statement(register, first).zip(statement(register, &it.record_key));
                    said.is_some_and(|(first, own)| first.contradicts(own).is_none())
                }
                _ => match wrong.found.as_ref().and_then(|found| found.value) {
                    Some(should) => agrees(it.stated.value, Some(should), wrong.tolerance),
                    // It cannot be at all, whatever its number; of a unit alone nothing follows.
                    None => wrong.rule != DiscrepancyRule::TrendUnit,
                },
            };
            if is_one {
                slips.join(at, *other);
            }
        }
    }
}

fn agrees(stated: Option<Decimal>, found: Option<Decimal>, tolerance: Option<Decimal>) -> bool {
    let apart = stated.zip(found).and_then(|(stated, found)| found.checked_sub(stated));
    apart.is_some_and(|apart| apart.round_dp(12).abs() <= tolerance.unwrap_or_default())
}

/// Findings whose figure comes to what they state, with the number of another finding in the place of a cell.
fn follow(register: &Register, all: &[(&Discrepancy, &Trace)], slips: &mut Slips) {
    let numbers = all.iter().enumerate().flat_map(|(at, (it, trace))| {
        let second = match &trace.against {
            Against::Printed(cell) => it.stated.value.map(|value| (cell, (at, value))),
            _ => None,
        };
        let found = it.found.as_ref().and_then(|found| found.value);
        second.into_iter().chain(found.map(|value| (&trace.stated, (at, value))))
    });
    let numbers = grouped(numbers);
    for (at, (it, trace)) in all.iter().enumerate() {
        let Against::Computed(cells, _) = &trace.against else { continue };
        if !cells.iter().any(|cell| numbers.get(cell).is_some_and(|of| of.iter().any(|(other, _)| *other != at))) {
            continue;
        }
        let Some(Counterpart::Computed(computed)) = it.finding(register).map(|finding| finding.found) else { continue };
        for cell in cells {
            for (other, number) in numbers.get(cell).into_iter().flatten().filter(|(other, _)| *other != at) {
                work::step(20);
                if agrees(it.stated.value, with(&computed, cell, *number), it.tolerance) {
                    slips.join(at, *other);
                }
            }
        }
    }
}

/// What a figure would be with another number in a cell.
fn with(computed: &Computed<'_>, cell: &Cell, number: Decimal) -> Option<Decimal> {
    fn replaced<'a>(of: &Computed<'a>, (kind, key, path): &Cell, figure: &'a Figure) -> Computed<'a> {
        let mut inputs = of.inputs.clone();
        for input in &mut inputs {
            match &input.of {
                InputKind::Computed(inner) => {
                    input.of = InputKind::Computed(replaced(inner, &(*kind, key.clone(), path), figure).into());
                }
                InputKind::Recorded(of, _)
                    if of == path && input.node.is_some_and(|node| node.kind() == *kind && node.key == *key) =>
                {
                    input.of = InputKind::Recorded(path, figure);
                }
                _ => {}
            }
        }
        match of.rule {
            Rule::ChangeRelative => Computed::relative_change(inputs),
            Rule::Portion | Rule::RemainderOf => Computed::new(of.rule, of.unit, inputs).in_whole_things(),
            _ => Computed::new(of.rule, of.unit, inputs),
        }
    }
    let figure = Figure { value: Some(number), printed: None, ..figure_of(computed, cell)?.clone() };
    replaced(computed, cell, &figure).value.ok()
}

fn figure_of<'r>(computed: &Computed<'r>, cell: &Cell) -> Option<&'r Figure> {
    computed.inputs.iter().find_map(|input| match &input.of {
        InputKind::Computed(inner) => figure_of(inner, cell),
        InputKind::Recorded(path, figure) => {
            let is_it = input.node.is_some_and(|node| node.kind() == cell.0 && node.key == cell.1) && *path == cell.2;
            is_it.then_some(*figure)
        }
        _ => None,
    })
}

/// A whole and a part that are off by the same, where the text states what is left, and rightly: 6 of 40, and 34.
fn parts(register: &Register, all: &[(&Discrepancy, &Trace)], slips: &mut Slips) {
    let is_sum = |rule| matches!(rule, DiscrepancyRule::ClaimCount | DiscrepancyRule::ClaimTotal);
    let sums = all.iter().enumerate().filter(|(_, (it, _))| is_sum(it.rule) && is_sum_of(register, &it.record_key));
    let off = sums.filter_map(|(at, (it, trace))| match &trace.against {
        Against::Computed(cells, _) => Some(((it.rule, it.plan_key.as_ref()?.key(), it.difference?), (at, cells))),
        _ => None,
    });
    let mut right: HashMap<&Key, HashSet<Vec<Cell>>> = HashMap::new();
    for ((_, plan, _), group) in grouped(off) {
        for (whole, all_of_it) in &group {
            for (part, cells) in group.iter().filter(|(_, cells)| cells.len() < all_of_it.len()) {
                work::step(cells.len() as u64);
                let of_part: HashSet<&Cell> = cells.iter().collect();
                let rest: Vec<Cell> = all_of_it.iter().filter(|cell| !of_part.contains(cell)).cloned().collect();
                if rest.len() + cells.len() != all_of_it.len() {
                    continue;
                }
                let right = right.entry(plan).or_insert_with(|| stated_rightly(register, plan));
                if right.contains(&rest) {
                    slips.join(*whole, *part);
                }
            }
        }
    }
}

fn is_sum_of(register: &Register, claim: &Key) -> bool {
    walk::get::<Claim>(register, claim).is_some_and(|(_, it)| states_a_sum(it))
}

/// What the text of a plan counts or adds up, and states so.
fn stated_rightly(register: &Register, plan: &Key) -> HashSet<Vec<Cell>> {
    let claims = walk::sources::<Claim, Plan>(register, plan).into_iter().filter(|(_, claim)| states_a_sum(claim));
    let made = claims.filter_map(|(node, claim)| {
        let computed = counts::made(register, node)?;
        (computed.value.as_ref().ok().copied() == claim.figure.value).then(|| cells(&computed))
    });
    made.collect()
}
