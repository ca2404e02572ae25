//! Random commits: whatever is made of a table's columns equals what is made of the same records afresh, for the newest register
//! and for those before it.

use super::*;
use crate::register::Change;
use crate::register::query::order::{By, Order, OrderDirection};
use crate::register::query::predicate::Predicate;
use crate::register::query::schema::Leaf;

/// A source of random numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// A record of some kind, new or in place of another; or the key of one that goes.
fn edit(dice: &mut Dice) -> (Kind, Key, Option<Record>) {
    let record: Record = match dice.below(10) {
        0 => measure(dice.below(6), NAMES[dice.below(NAMES.len())].0),
        1 | 2 => indicator(dice.below(12), dice.below(4), KINDS[dice.below(KINDS.len())]),
        _ => {
            let digits = dice.below(40).to_string().parse::<Decimal>().unwrap();
            let value = match dice.below(5) {
                0 => None,
                1 => Some(digits / Decimal::from(100)),
                2 => Some(digits / Decimal::from(10)),
                _ => Some(digits),
            };
            let unit = UNITS[dice.below(UNITS.len())];
            observation(dice.below(12), PERIODS[dice.below(PERIODS.len())].0, value, unit)
        }
    };
    let (kind, key) = (record.kind(), record.key());
    (kind, key, (dice.below(4) > 0).then_some(record))
}

fn commit(register: &Register, edits: Vec<(Kind, Key, Option<Record>)>) -> Register {
    let revision = register.revision() + 1;
    let mut changes: Vec<Change> = Vec::new();
    for (kind, key, record) in edits {
        let before = register.get(kind, &key).cloned();
        let twice = changes.iter().any(|change| (change.kind, &change.key) == (kind, &key));
        if !twice && (before.is_some() || record.is_some()) {
            let after = record.map(|record| Arc::new(Node::new(record, revision)));
            changes.push(Change { kind, key, before, deleted_at: None, after });
        }
    }
    register.with(&changes, revision, 0)
}

/// All that columns tell of a register.
fn told(register: &Register) -> String {
    let mut told = String::new();
    for kind in [Kind::Measure, Kind::Indicator, Kind::Observation] {
        let (table, schema) = (Table::new(register, kind), FilterSchema::of(kind.info()));
        let keys: Vec<&str> = register.all(kind).map(|node| node.key.as_str()).collect();
        assert!(table.rows().0.iter().map(|node| node.key.as_str()).eq(keys), "the rows of {kind}");
        for place in &schema.places {
            let column = table.column(place);
            told += &format!("{kind} {:?}: {:?} {:?}\n", place.path, column.codes, column.examples);
            if matches!(place.leaf, Leaf::Text | Leaf::Key) {
                let sought = |part: &str| table.texts(place).matching(&Predicate::Contains(part.to_owned()));
                let found = ["een", "zorg", "m-1"].map(|part| sought(part).map(|bits| bits.rows().collect::<Vec<_>>()));
                told += &format!("{kind} {:?}: {found:?}\n", place.path);
            }
        }
        for relation in Relation::of(kind).filter(|relation| relation.by_kind.is_none()) {
            let links = table.links(relation);
            let all: Vec<&[u32]> = (0..u32::try_from(register.count(kind)).unwrap()).map(|at| links.of(at)).collect();
            told += &format!("{kind} {}: {all:?}\n", relation.name);
        }
        for direction in [OrderDirection::Ascending, OrderDirection::Descending] {
            let by = |place| By { place, direction };
            let order = Order(schema.places.iter().rev().take(2).map(by).collect());
            let sorted = table.sorted(&order);
            told += &format!("{kind} {direction:?}: {:?} {:?}\n", sorted.rows, sorted.ranks);
        }
    }
    let selection = Selection::new(register, Kind::Observation, None, None, &Order(Vec::new()));
    let of = Groupable::of(Kind::Observation);
    let dimensions = of.dimensions.iter().filter(|it| ["measure", "periodYear"].contains(&it.name)).collect::<Vec<_>>();
    let groups = Groups::new(register, &selection, of, &dimensions);
    for group in 0..groups.counts.len() {
        let totals: Vec<_> = (0..of.numbers.len()).map(|number| groups.totals(register, number, group)).collect();
        told += &format!("{:?} {:?} {totals:?}\n", groups.key(group, 0), groups.key(group, 1));
    }
    told
}

fn afresh(register: &Register) -> Register {
    let kinds = [Kind::Measure, Kind::Indicator, Kind::Observation];
    let nodes =
        kinds.iter().flat_map(|kind| register.all(*kind)).map(|node| Node::new(node.record.clone(), node.revision));
    Register::load(nodes.collect::<Vec<_>>().into_iter(), [], register.revision(), 0)
}

#[test]
fn every_version_equals_one_made_afresh() {
    let commits = if std::env::var_os("BOORDTABEL_LONG").is_some() { 10_000 } else { 400 };
    let mut dice = Dice(20_261_128);
    let mut register = Register::empty();
    let mut carried = 0;
    for number in 0..commits {
        let size = if dice.below(10) == 0 { 30 } else { 1 + dice.below(3) };
        let edits = (0..size).map(|_| edit(&mut dice)).collect();
        let next = commit(&register, edits);
        register.superseded_by(&next);
        // Not every register is asked: some have several commits to make up for.
        if dice.below(3) > 0 {
            let before = register.cache.carried();
            assert_eq!(told(&next), told(&afresh(&next)), "commit {number}");
            carried += register.cache.carried() - before;
            if dice.below(4) == 0 {
                assert_eq!(told(&register), told(&afresh(&register)), "before commit {number}");
            }
        }
        register = next;
    }
    assert!(carried > commits, "only {carried} columns were carried over in {commits} commits");
}
