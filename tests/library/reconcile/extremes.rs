//! Figures of any size and of any number of decimals, as old data folders may hold them: everything that is computed of them has a
//! value or says why not, and nothing fails.

use boordtabel::analysis::attainment::{AttainmentReading, Which, attainments, summary};
use boordtabel::analysis::budget::{Asked, budget, lines};
use boordtabel::analysis::inspection::{inspected, processes};
use boordtabel::analysis::report;
use boordtabel::model::budget::Direction;

use super::*;

fn extreme() -> impl Strategy<Value = Decimal> {
    let any = (any::<u128>(), 0..=96u32, 0..=28u32, any::<bool>()).prop_map(|(digits, bits, scale, negative)| {
        let whole = i128::try_from(digits >> 32 >> (96 - bits)).unwrap();
        Decimal::from_i128_with_scale(if negative { -whole } else { whole }, scale)
    });
    let edges = [Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::new(1, 28), Decimal::new(-1, 28)];
    prop_oneof![any, prop::sample::select(edges.to_vec())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nothing_fails(picks in prop::collection::vec((any::<prop::sample::Index>(), extreme()), 1..40)) {
        let mut records = plan().clone();
        for (pick, value) in picks {
            let (at, name) = *pick.get(all_figures());
            set(&mut records[at], name, value);
        }
        let register = register(records);
        for it in Discrepancies::of(&register).all().iter() {
            prop_assert!(it.finding(&register).is_some(), "{}", it.key);
        }
        let plan = register.all(Kind::Plan).next().unwrap();
        for reading in [AttainmentReading::Printed, AttainmentReading::Strict] {
            let which = Which { basis_word: None, year: None, table: None, basis: None, reading, on: None };
            let attained = attainments(&register, plan, which);
            let _ = summary(&register, &attained, reading);
            attained.iter().for_each(|it| drop(it.ratio.expression()));
        }
        for year in [2019, 2020, 2021, i32::MIN] {
            let asked = Asked { year, direction: Direction::Expenditure, against: None };
            let _ = budget(&register, &lines(&register, plan), asked);
            let _ = inspected(&register, &processes(&register, plan), year);
        }
        for measure in register.all(Kind::Measure) {
            let _ = report::indicators(&register, measure, 2020);
        }
    }
}
