use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::analysis::computed::MissingCode;
use crate::analysis::coverage::Coverage;
use crate::model::budget::BudgetSection;
use crate::model::{Figure, FigureStatus, Link, Measure, PolicyField, Record, StructuralElement};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn link<T: crate::model::RecordType>(text: &str) -> Link<T> {
    Link::new(key(text))
}

/// What an amount is: none at all, blank, said not to apply, or a number of euro.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Amount {
    Absent,
    Blank,
    NotApplicable,
    Euro(i64),
}

/// A line: which of two goals, which of three measures, revenue or not, and its one amount.
type Plain = (Option<usize>, Vec<usize>, bool, Amount);

fn plain() -> impl Strategy<Value = Plain> {
    let amount = prop_oneof![
        1 => Just(Amount::Absent),
        1 => Just(Amount::Blank),
        1 => Just(Amount::NotApplicable),
        6 => (-1_000_000i64..1_000_000).prop_map(Amount::Euro),
    ];
    (prop::option::weighted(0.8, 0usize..2), prop::sample::subsequence(vec![0, 1, 2], 0..=3), any::<bool>(), amount)
}

fn records(lines: &[Plain]) -> Vec<Record> {
    let plan = crate::model::Plan {
        key: key("plan"),
        organisation_key: link("body"),
        year: 2021,
        evaluated_year: Some(2020),
        title: "Plan".into(),
        document_key: None,
        closing_date: None,
        met_from: None,
        nearly_met_from: None,
        partly_met_from: None,
    };
    let (field, code) = (key("field"), || "I".to_owned());
    let field = PolicyField {
        description: None,
        key: field,
        plan_key: link("plan"),
        code: code(),
        name: code(),
        printed: None,
    };
    let element = StructuralElement {
        key: key("chapter"),
        policy_field_key: link("field"),
        code: code(),
        name: code(),
        printed: None,
    };
    let mut records: Vec<Record> = vec![plan.into(), field.into(), element.into()];
    for goal in 0..2 {
        let goal = OperationalGoal {
            key: key(&format!("goal-{goal}")),
            structural_element_key: Some(link("chapter")),
            code: code(),
            title: code(),
            strategic_goal_keys: Vec::new(),
            printed: None,
            owner: None,
            plan_key: None,
            policy_field_key: None,
        };
        records.push(goal.into());
    }
    for measure in 0..3 {
        let measure = Measure {
            description: None,
            lifecycle_word: None,
            key: key(&format!("measure-{measure}")),
            plan_key: link("plan"),
            name: code(),
            operational_goal_key: None,
            operator: None,
            lifecycle: None,
            position: None,
            printed: None,
            lifecycle_printed: None,
            owner: None,
            process_type: None,
        };
        records.push(measure.into());
    }
    for (index, (goal, measures, revenue, amount)) in lines.iter().enumerate() {
        let of = format!("line-{index}");
        let line = BudgetLine {
            policy_field_key: None,
            structural_element_key: None,
            section_word: None,
            key: key(&of),
            plan_key: link("plan"),
            position: 1,
            name: of.clone(),
            section: BudgetSection::Measure,
            direction: if *revenue { Direction::Revenue } else { Direction::Expenditure },
            operational_goal_key: goal.map(|goal| link(&format!("goal-{goal}"))),
            measure_keys: measures.iter().map(|measure| link(&format!("measure-{measure}"))).collect(),
            article_keys: Vec::new(),
            printed: None,
            articles_printed: None,
        };
        records.push(line.into());
        let (value, status) = match amount {
            Amount::Absent => continue,
            Amount::Blank => (None, FigureStatus::NotReported),
            Amount::NotApplicable => (None, FigureStatus::NotApplicable),
            Amount::Euro(euro) => (Some(Decimal::from(*euro)), FigureStatus::Reported),
        };
        let figure = Figure { value, status, unit: Unit::Euro, printed: None, unit_code: None };
        records.push(amount_of(&of, Phase::Realised, Credit::Vak, figure));
    }
    records
}

fn asked(direction: Direction) -> Asked {
    Asked { year: 2020, direction, against: None }
}

fn amount_of(line: &str, phase: Phase, credit: Credit, figure: Figure) -> Record {
    BudgetAmount {
        budget_line_key: link(line),
        year: 2020,
        phase,
        credit,
        figure,
        stage: None,
        credit_kind: None,
        adjustment: None,
    }
    .into()
}

fn register(records: Vec<Record>) -> Register {
    Register::load(records.into_iter().map(|record| Node::new(record, 1)), [], 1, 0)
}

#[test]
fn what_was_realised_is_set_against_the_budget_of_the_same_credit() {
    let euro = |value: i64| Figure {
        value: Some(Decimal::from(value)),
        status: FigureStatus::Reported,
        unit: Unit::Euro,
        printed: None,
        unit_code: None,
    };
    let line = |amount| (None, Vec::new(), false, Amount::Euro(amount));
    let mut records = records(&[line(30), line(90)]);
    for (of, phase, credit, value) in [
        ("line-0", Phase::Budgeted, Credit::Vak, 60),
        ("line-1", Phase::Budgeted, Credit::Vak, 100),
        ("line-0", Phase::Realised, Credit::Vek, 15),
        ("line-0", Phase::Budgeted, Credit::Vek, 0),
    ] {
        records.push(amount_of(of, phase, credit, euro(value)));
    }
    let register = register(records);
    let all = lines(&register, register.get(Kind::Plan, &key("plan")).unwrap());
    let of = |lines: &[Line<'_>]| {
        let of = budget(&register, lines, asked(Direction::Expenditure));
        let value = |it: &Computed<'_>| it.value.clone().map(|it| it.to_string()).map_err(|missing| missing.code);
        [&of.vak.execution, &of.vek.execution, &of.vek_per_vak_realised, &of.commitments_growth].map(value)
    };
    // The second line has no payments: what sets payments against something is of the first alone, and says so.
    let missing = Err(MissingCode::InputMissing);
    assert_eq!(of(&all), [Ok("0.75".into()), Err(MissingCode::ZeroDivisor), Ok("0.5".into()), Ok("15".into())]);
    let coverage = |known, unknown| Coverage { known, unknown };
    let whole = budget(&register, &all, asked(Direction::Expenditure));
    assert_eq!(whole.vak.execution.coverage, coverage(2, 0));
    assert_eq!(
        (whole.vek_per_vak_realised.coverage, whole.commitments_growth.coverage),
        (coverage(1, 1), coverage(1, 1))
    );
    assert_eq!((whole.vek.realised.known.coverage, whole.vek.realised.sum.coverage), (coverage(1, 1), coverage(1, 1)));
    let first: Vec<Line<'_>> = all.iter().copied().filter(|it| it.line.0.key.as_str() == "line-0").collect();
    assert_eq!(of(&first), [Ok("0.5".into()), Err(MissingCode::ZeroDivisor), Ok("0.5".into()), Ok("15".into())]);
    let second: Vec<Line<'_>> = all.iter().copied().filter(|it| it.line.0.key.as_str() == "line-1").collect();
    assert_eq!(of(&second), [Ok("0.9".into()), Err(MissingCode::NoInput), missing.clone(), missing]);
}

/// Whole and known sum of lines, naively.
fn naive<'l>(lines: impl Iterator<Item = &'l Plain>) -> (Option<i64>, Option<i64>) {
    let amounts: Vec<Amount> = lines.map(|line| line.3).collect();
    if amounts.iter().all(|amount| *amount == Amount::Absent) {
        return (None, None);
    }
    let counted: Vec<Amount> = amounts.into_iter().filter(|amount| *amount != Amount::NotApplicable).collect();
    let euro = |amount: &Amount| if let Amount::Euro(euro) = amount { Some(*euro) } else { None };
    let known: Vec<i64> = counted.iter().filter_map(euro).collect();
    let sum = (!known.is_empty()).then(|| known.iter().sum());
    (sum.filter(|_| known.len() == counted.len()), sum)
}

proptest! {
    #[test]
    fn each_line_counts_once_and_nothing_unknown_is_zero(plain in prop::collection::vec(plain(), 0..12)) {
        let register = register(records(&plain));
        let node = |kind, text: &str| &**register.get(kind, &key(text)).unwrap();
        let sums = |of: &[Line<'_>], direction| {
            let realised = budget(&register, of, asked(direction)).vak.realised;
            let number = |figure: &Computed<'_>| figure.value.clone().ok();
            if let Err(missing) = &realised.sum.value {
                assert!([MissingCode::NoInput, MissingCode::InputMissing].contains(&missing.code), "{missing:?}");
                assert!(!missing.text.is_empty());
            }
            (number(&realised.sum), number(&realised.known))
        };
        let expected = |fits: &dyn Fn(&Plain) -> bool| {
            let (whole, known) = naive(plain.iter().filter(|line| fits(line)));
            (whole.map(Decimal::from), known.map(Decimal::from))
        };
        for revenue in [false, true] {
            let direction = if revenue { Direction::Revenue } else { Direction::Expenditure };
            let flows = move |line: &Plain| line.2 == revenue;
            let of = |kind, text: &str| sums(&lines(&register, node(kind, text)), direction);
            prop_assert_eq!(of(Kind::Plan, "plan"), expected(&flows));
            prop_assert_eq!(of(Kind::PolicyField, "field"), expected(&|line| flows(line) && line.0.is_some()));
            for goal in 0..2 {
                let fits = |line: &Plain| flows(line) && line.0 == Some(goal);
                prop_assert_eq!(of(Kind::OperationalGoal, &format!("goal-{goal}")), expected(&fits));
            }
            for measure in 0..3 {
                let all = lines(&register, node(Kind::Measure, &format!("measure-{measure}")));
                let pays = |line: &Plain| flows(line) && line.1.contains(&measure);
                prop_assert_eq!(sums(&all, direction), expected(&pays));
                let own: Vec<Line<'_>> = all.iter().copied().filter(|line| line.share == LineShare::Own).collect();
                prop_assert_eq!(sums(&own, direction), expected(&|line| pays(line) && line.1.len() == 1));
            }
        }
    }
}
