//! What is told of the real plan: trends from what is not known, and what its text states in words.

use std::sync::Arc;

use boordtabel::analysis::reconcile::{Discrepancies, DiscrepancyRule};
use boordtabel::model::{FigureStatus, Key, Kind, Record};
use boordtabel::register::Register;

use super::{plan, printed, register, with};

#[test]
fn a_trend_from_what_is_not_known_is_told_whatever_the_reason() {
    let all = Discrepancies::of(printed());
    let of_rule = |register: &Register| -> Vec<String> {
        let all = Discrepancies::of(register).all();
        all.iter().filter(|it| it.rule == DiscrepancyRule::TrendBase).map(|it| it.key.to_string()).collect()
    };
    let unknown = "trend-base/norm-result/globale-projecten/100-aanvragen-30-dagen/2020/overview/change";
    let told = &all.get(&Key::parse(unknown).unwrap()).expect("no result of the year before is printed").explanation;
    assert!(told.ends_with("“+0 ppt.” is printed as the trend, but no value of 2019 is known."), "{told}");
    let before = of_rule(printed());
    // A blank, and a record that is not there.
    let key = Key::parse("mentorkorting/ontvangen-dossiers/2019").unwrap();
    let own = "trend-base/observation/mentorkorting/ontvangen-dossiers/2020/change".to_owned();
    let Record::Observation(mut blank) = printed().get(Kind::Observation, &key).unwrap().record.clone() else {
        panic!()
    };
    let figure = &mut Arc::make_mut(&mut blank).figure;
    (figure.value, figure.status) = (None, FigureStatus::NotReported);
    let gone = register(plan().iter().filter(|it| it.key() != key).cloned());
    for changed in [with(Record::Observation(blank)), gone] {
        let mut after = of_rule(&changed);
        after.retain(|key| !before.contains(key));
        assert_eq!(after, [own.clone()]);
    }
}

#[test]
fn a_number_of_a_statement_is_one_that_is_printed() {
    let statements = plan().iter().filter_map(|record| match record {
        Record::Statement(it) => Some(it),
        _ => None,
    });
    let mut numbers = 0;
    for it in statements.filter(|it| it.figure.value.is_some()) {
        let printed = it.figure.printed.as_ref().and_then(|printed| printed.text.as_deref()).unwrap();
        assert!(
            printed.contains(|sign: char| sign.is_ascii_digit()),
            "{}: nobody prints a number in “{printed}”",
            it.key
        );
        numbers += 1;
    }
    assert!(numbers > 3, "{numbers}");
}
