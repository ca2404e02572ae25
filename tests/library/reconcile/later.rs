//! What a later register finds with what an earlier one found is what it finds alone, whatever changed.

use std::sync::Arc;

use boordtabel::analysis::orphans::{self, ByPlan};
use boordtabel::analysis::reconcile::{self, Discrepancies, DiscrepancyRule, RULES};
use boordtabel::model::{Key, Kind, Record};
use boordtabel::register::{Change, Register};

use crate::askable::commits;
use crate::askable::dice::Dice;
use crate::askable::years;

fn told(of: &Discrepancies) -> Vec<String> {
    of.all().iter().map(|it| format!("{it:?}")).collect()
}

/// Forwards and back again, and sometimes nobody asks for some commits.
#[test]
fn a_later_register_finds_what_it_finds_alone() {
    let is_long = std::env::var_os("BOORDTABEL_LONG").is_some();
    let (seeds, commits) = if is_long { (20, 60) } else { (2, 12) };
    let first = years();
    let before = told(Discrepancies::of(&first));
    let mut others = 0;
    for seed in 0..seeds {
        let (mut dice, mut removed, mut done) = (Dice(seed), Vec::new(), Vec::new());
        let mut register = first.clone();
        for step in 0..commits {
            let changes = if dice.below(6) == 0 && !done.is_empty() {
                let changes: Vec<Change> = done.pop().unwrap();
                register = register.without(&changes, register.revision() - 1, 0);
                changes
            } else {
                let revision = register.revision() + 1;
                let changes: Vec<Change> =
                    (0..4).flat_map(|_| commits::by_chance(&register, revision, &mut removed, &mut dice)).collect();
                let mut once: Vec<Change> = Vec::new();
                for change in changes {
                    let is_new = |it: &Change| it.kind != change.kind || it.key != change.key;
                    if change.before.is_some() && change.after.is_some() && once.iter().all(is_new) {
                        once.push(change);
                    }
                }
                if dice.below(2) == 0 {
                    once = commits::by_chance(&register, revision, &mut removed, &mut dice);
                }
                register = register.with(&once, revision, 0);
                done.push(once.clone());
                once
            };
            if dice.below(4) == 0 && step + 1 < commits {
                continue;
            }
            let (made, alone) = (told(Discrepancies::of(&register)), told(&Discrepancies::alone(&register)));
            let different = made.iter().zip(&alone).find(|(made, alone)| made != alone);
            assert!(different.is_none(), "seed {seed}, step {step}: {different:#?} after {changes:#?}");
            assert_eq!(made.len(), alone.len(), "seed {seed}, step {step}: after {changes:#?}");
            others += usize::from(made != before);
        }
    }
    assert!(others > 5, "changes by chance make contradictions: {others}");
}

/// What is kept is kept for these tables: rules and gaps read no others.
#[test]
fn what_is_found_is_found_in_the_tables_that_are_said() {
    let register = Arc::new(years());
    let looked = |look: &dyn Fn(&Register)| {
        let noting = register.noting();
        look(&noting);
        noting.into_footprint().tables()
    };
    // How most trends are printed is kept for itself, so that who asks for it takes no notes.
    for rule in RULES.iter().filter(|rule| rule.code != DiscrepancyRule::TrendUnit) {
        let tables = looked(&|register| {
            let nodes = rule.kinds.iter().flat_map(|kind| register.all(*kind));
            nodes.for_each(|node| (rule.check)(register, node, &mut Vec::new()));
        });
        assert!(reconcile::TABLES.holds(tables), "{}: {tables:?} are not in {:?}", rule.code, reconcile::TABLES);
    }
    let gaps = looked(&|register| drop(ByPlan::alone(register)));
    assert!(orphans::TABLES.holds(gaps), "{gaps:?} are not in {:?}", orphans::TABLES);
}

#[test]
fn what_no_rule_reads_changes_nothing() {
    let first = years();
    let node = first.get(Kind::Measure, &Key::parse("vlaamse-ondersteuningspremie").unwrap()).unwrap();
    let mut record = node.record.clone();
    let Record::Measure(it) = &mut record else { panic!("a measure") };
    Arc::make_mut(it).name.push('!');
    let change = commits::change(Some(Arc::clone(node)), Some(record), 2);
    let found = Discrepancies::of(&first).all();
    let second = first.with(&[change], 2, 0);
    let renamed = Discrepancies::of(&second).all().iter().filter(|it| it.explanation.contains("ondersteuningspremie!"));
    assert!(renamed.count() > 0, "a name stands in what is said");
    let third = second.with(&[], 3, 0);
    assert!(Arc::ptr_eq(Discrepancies::of(&second).all(), Discrepancies::of(&third).all()), "nothing changed");
    assert_eq!(found.len(), Discrepancies::of(&third).all().len());
}
