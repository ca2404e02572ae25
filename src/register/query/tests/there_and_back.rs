//! Filters that lead to other records and back again, level by level.

use super::*;

/// Indicators of one measure, each with so many observations: from each there is a way to every other.
fn register(indicators: usize, observed: usize) -> Register {
    let mut records: Vec<Record> = vec![measure(0, "M")];
    for number in 0..indicators {
        records.push(indicator(number, 0, IndicatorKind::Received));
        let periods = (0..observed).map(|year| (1_990 + year).to_string());
        records.extend(periods.map(|period| observation(number, &period, Some(Decimal::ONE), Unit::Count)));
    }
    Register::load(records.into_iter().map(|record| Node::new(record, 1)), [], 1, 0)
}

/// A filter on indicators that goes to all others, directly or by way of their observations, so many times. What it asks at the end
/// makes it look at all of them.
fn there_and_back(levels: usize, how: &'static str, far: bool) -> Filter {
    let mut tree = map("label", map(if how == "every" { "ne" } else { "eq" }, word("nothing")));
    for _ in 0..levels {
        tree = map("measure", map("indicators", map(how, tree)));
        if far {
            tree = map("observations", map(how, map("indicator", tree)));
        }
    }
    filter(&tree, Kind::Indicator)
}

/// How many of the indicators fulfil a filter, and what that took.
fn matched(register: &Register, filter: Filter) -> (usize, usize) {
    let by_columns = select(&filter, Table::new(register, Kind::Indicator)).len();
    let matcher = Matcher::new(&Arc::new(filter), register);
    let found = register.all(Kind::Indicator).filter(|node| matcher.matches(Row::Node(node))).count();
    assert_eq!(found, by_columns);
    (found, matcher.work())
}

#[test]
fn the_work_grows_with_the_levels_and_not_with_the_ways() {
    for (indicators, observed) in [(3, 2), (60, 30)] {
        let register = register(indicators, observed);
        for how in ["some", "every", "none"] {
            for far in [false, true] {
                let (_, one) = matched(&register, there_and_back(1, how, far));
                for levels in 2..=8 {
                    let (_, work) = matched(&register, there_and_back(levels, how, far));
                    assert!(work <= levels * one, "{how}, {far}: {one} for one level, {work} for {levels}");
                }
            }
        }
    }
}

#[test]
fn what_holds_for_all_is_found_at_every_depth() {
    let register = register(40, 20);
    for levels in 1..=8 {
        let (found, work) = matched(&register, there_and_back(levels, "every", true));
        assert_eq!(found, 40);
        // Each level has four conditions, none of which meets or follows more than there are records of a kind.
        assert!(work <= levels * 4 * 40 * 20, "{levels} levels: {work}");
    }
}
