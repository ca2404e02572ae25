//! How values that can be asked are made of records and of what is computed of them.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::analysis::askable::reach::Reach;
use crate::analysis::computed::{Computed, MissingCode};
use crate::analysis::walk::{self, RecordRef};
use crate::model::{AsRecord, Key, Kind, Unit};
use crate::register::query::delta::Delta;
use crate::register::query::rows::row;
use crate::register::query::values::{Kept, Listable, Values};
use crate::register::{Earlier, Node, Register, Step, TableSet};
use crate::work;

/// What a number of a value counts, and whether numbers of several values add up.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Its unit; none for that which the value itself names, as `unit` and `unitCode`.
    pub unit: Option<Unit>,
    /// Whether a sum of them says anything: of shares and changes of shares it does not.
    pub adds_up: bool,
    /// Of a rate, the numbers of the same value that it is made of; none where these are not there.
    pub of: Option<Parts>,
}

/// What a rate is made of, by the names of numbers of the same value.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// What is above the line.
    pub part: &'static str,
    /// What is below it.
    pub whole: &'static str,
    /// What of the whole does not count, where there is something.
    pub less: Option<&'static str>,
}

impl Counts {
    /// Things, or money, in that unit.
    pub const fn things(unit: Unit) -> Self {
        Self { unit: Some(unit), adds_up: true, of: None }
    }
    /// A share, or so much of something for each of something else.
    pub const fn rate(unit: Unit) -> Self {
        Self { unit: Some(unit), adds_up: false, of: None }
    }
    /// A rate of two numbers of the same value.
    pub const fn rate_of(unit: Unit, part: &'static str, whole: &'static str) -> Self {
        Self { unit: Some(unit), adds_up: false, of: Some(Parts { part, whole, less: None }) }
    }
    /// The same of a whole of which a number does not count.
    pub const fn rate_less(unit: Unit, part: &'static str, whole: &'static str, less: &'static str) -> Self {
        Self { unit: Some(unit), adds_up: false, of: Some(Parts { part, whole, less: Some(less) }) }
    }
    /// In the value's own unit: of shares it is in points, and does not add up.
    pub const OWN: Self = Self { unit: None, adds_up: true, of: None };
    /// The same of what never adds up.
    pub const OWN_RATE: Self = Self { unit: None, adds_up: false, of: None };
}

/// The numbers of a type of values that groups tell of, by the names of their fields.
pub type Numbers = &'static [(&'static str, Counts)];

/// What a value costs, in steps of work.
const VALUE_STEPS: u64 = 50;

/// What the whole of a plan comes to in a year, of which values are shares: computed once for all of them.
pub type Wholes<'r> = HashMap<(Option<&'r Key>, i32), Arc<Computed<'r>>>;

/// Which records have other values after these steps; none when that may be more than so many.
pub type Reached = fn(&Register, TableSet, &[(Kind, Step)], usize) -> Option<HashSet<Key>>;

/// How a list of values is made: those of each record of a kind, in the default order of these.
pub struct Making<T, V> {
    /// All that they are made of.
    pub tables: TableSet,
    /// Those of a record.
    pub make: for<'r> fn(&'r Register, RecordRef<'r, T>, &mut Wholes<'r>) -> Vec<V>,
    /// The records whose values a change reaches.
    pub reached: Reached,
}

/// A list, and for each of its values the record that it is of.
struct Made<V> {
    list: Kept<V>,
    nodes: imbl::Vector<Arc<Node>>,
}

impl<T: AsRecord + 'static, V: Listable> Making<T, V> {
    /// The values of a register. Where nothing changed for them they are those of the register before.
    pub fn of<'r>(&self, register: &'r Register) -> &'r Arc<Values<V>> {
        let made = register.derived::<Made<V>>(self.tables, |register, earlier| {
            earlier.and_then(|earlier| self.after(register, &earlier)).unwrap_or_else(|| self.afresh(register))
        });
        made.list.values()
    }

    /// The same, of the register alone.
    pub fn alone(&self, register: &Register) -> Arc<Values<V>> {
        Arc::clone(self.afresh(register).list.values())
    }

    fn afresh(&self, register: &Register) -> Made<V> {
        let (mut nodes, mut wholes) = (imbl::Vector::new(), Wholes::new());
        let values = register.all(T::KIND).flat_map(|node| {
            let values = self.values(register, node, &mut wholes);
            nodes.extend(values.iter().map(|_| Arc::clone(node)));
            values
        });
        Made { list: Kept::new(register, values), nodes }
    }

    fn values<'r>(&self, register: &'r Register, node: &'r Node, wholes: &mut Wholes<'r>) -> Vec<V> {
        work::step(VALUE_STEPS);
        walk::of::<T>(node).map(|of| (self.make)(register, of, wholes)).unwrap_or_default()
    }

    /// The values of a later register: those that the change reaches are made anew, all others stay. None where it reaches so many that
    /// all are better made anew.
    fn after(&self, register: &Register, Earlier { value, steps }: &Earlier<Made<V>>) -> Option<Made<V>> {
        let reached = (self.reached)(register, self.tables, steps, FEW + value.nodes.len() / 8)?;
        let own = steps.iter().filter(|(kind, _)| *kind == T::KIND).map(|(_, step)| (&step.key, step.before.as_ref()));
        let before: HashMap<&Key, Option<&Arc<Node>>> = own.collect();
        let rows = |node: &Node| first(&value.nodes, node, Ordering::Less)..first(&value.nodes, node, Ordering::Equal);
        let mut gone: Vec<u32> = Vec::new();
        for key in &reached {
            let node = before.get(key).copied().unwrap_or_else(|| register.get(T::KIND, key));
            gone.extend(node.map(|node| rows(node)).into_iter().flatten().map(row));
        }
        gone.sort_unstable();
        let mut there: Vec<&Arc<Node>> = reached.iter().filter_map(|key| register.get(T::KIND, key)).collect();
        there.sort_unstable_by(|a, b| a.cmp_place(b));
        let (mut new, mut nodes, mut values, mut wholes) = (Vec::new(), Vec::new(), Vec::new(), Wholes::new());
        for node in there {
            let at = rows(node).start;
            let stay = at - gone.partition_point(|gone| (*gone as usize) < at);
            for value in self.values(register, node, &mut wholes) {
                new.push(row(stay + new.len()));
                nodes.push(Arc::clone(node));
                values.push(value);
            }
        }
        let count = value.nodes.len() - gone.len() + new.len();
        let delta = Delta::between(gone, new, count);
        let nodes = delta.applied(&value.nodes, nodes);
        Some(Made { list: Kept::after(register, value.list.values(), delta, values), nodes })
    }
}

/// So many records are few, whatever the length of the list.
const FEW: usize = 100;

/// The first row of which the record does not stand before this one, or stands behind it.
fn first(nodes: &imbl::Vector<Arc<Node>>, node: &Node, before: Ordering) -> usize {
    let (mut low, mut high) = (0, nodes.len());
    while low < high {
        let middle = low.midpoint(high);
        if nodes[middle].cmp_place(node) <= before { low = middle + 1 } else { high = middle }
    }
    low
}

/// The records of a kind whose values these steps reach.
pub fn reached<T: AsRecord>(
    register: &Register,
    tables: TableSet,
    steps: &[(Kind, Step)],
    most: usize,
) -> Option<HashSet<Key>> {
    Reach::new(register, T::KIND, tables).of(steps, most)
}

/// The value of a figure; none when there is none.
pub fn known(figure: &Computed<'_>) -> Option<Decimal> {
    figure.value.as_ref().ok().copied()
}

/// Why figures are not known, a line for each that is not, with the name of its field before.
pub fn reasons(figures: &[(&str, &Computed<'_>)]) -> Vec<String> {
    let missing = figures.iter().filter_map(|(name, figure)| Some((name, figure.value.as_ref().err()?)));
    missing.map(|(name, missing)| format!("{name}: {}", missing.text)).collect()
}

/// Why a figure has no value, as a code and in words; none when it has one.
pub fn why(figure: &Computed<'_>) -> (Option<MissingCode>, Option<String>) {
    let missing = figure.value.as_ref().err();
    (missing.map(|it| it.code), missing.map(|it| it.text.clone()))
}
