//! Reconciliation of the real plan: one figure changed at random makes the contradictions of that figure and no others; and of
//! registers made up so that all their figures agree.

mod bounds;
mod consistent;
mod extremes;
mod later;
mod slips;
mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use boordtabel::analysis::computed::{Computed, InputKind};
use boordtabel::analysis::orphans::{Gap, orphans};
use boordtabel::analysis::reconcile::{Counterpart, Discrepancies, DiscrepancyRule, Finding, Severity};
use boordtabel::commit::Edit;
use boordtabel::import;
use boordtabel::model::{Date, Figure, Key, Kind, Record, Unit, Waiver};
use boordtabel::register::{Change, Node, Register};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn plan() -> &'static Vec<Record> {
    static PLAN: OnceLock<Vec<Record>> = OnceLock::new();
    PLAN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dwse-2021");
        let edits = import::read_files(&import::read_folder(&folder).unwrap()).unwrap();
        let record = |edit| match edit {
            Edit::Put { record, .. } => record,
            other => panic!("{other:?}"),
        };
        edits.into_iter().map(record).collect()
    })
}

fn register(records: impl IntoIterator<Item = Record>) -> Register {
    Register::load(records.into_iter().map(|record| Node::new(record, 1)), [], 1, 0)
}

fn printed() -> &'static Register {
    static PRINTED: OnceLock<Register> = OnceLock::new();
    PRINTED.get_or_init(|| register(plan().iter().cloned()))
}

/// The plan with this record in the place of the one of its key.
fn with(record: Record) -> Register {
    let (kind, key) = (record.kind(), record.key());
    let before = printed().get(kind, &key).cloned();
    let after = Some(Arc::new(Node::new(record, 2)));
    printed().with(&[Change { kind, key, before, deleted_at: None, after }], 2, 0)
}

fn keys(register: &Register) -> BTreeSet<String> {
    Discrepancies::of(register).all().iter().map(|it| it.key.to_string()).collect()
}

/// Whether what a rule found about a register has anything to do with that record.
fn touches(finding: &Finding<'_>, record: &Record) -> bool {
    fn in_inputs(computed: &Computed<'_>, record: &Record) -> bool {
        computed.inputs.iter().any(|input| {
            input.node.is_some_and(|node| node.record == *record)
                || matches!(&input.of, InputKind::Computed(inner) if in_inputs(inner, record))
        })
    }
    let is_its_own =
        |figure: &Figure| figures(record).iter().any(|(_, own)| std::ptr::eq(*own, figure) || **own == *figure);
    finding.node.record == *record
        || match &finding.found {
            // Whether a trend is one of a share is decided by both of its figures.
            Counterpart::Nothing => match (record, &finding.node.record) {
                (Record::Observation(it), Record::Observation(of)) => it.indicator_key == of.indicator_key,
                (Record::NormResult(it), Record::NormResult(of)) => it.norm_key == of.norm_key,
                _ => false,
            },
            Counterpart::Printed(_, _, figure) => is_its_own(figure),
            Counterpart::Computed(computed) => in_inputs(computed, record),
        }
}

/// The figures of a record, by name.
fn figures(record: &Record) -> Vec<(&'static str, &Figure)> {
    match record {
        Record::Observation(it) => {
            [("figure", Some(&it.figure)), ("change", it.change.as_deref())].into_iter().filter_map(named).collect()
        }
        Record::NormResult(it) => {
            let all = [("figure", Some(&it.figure)), ("change", it.change.as_deref()), ("ratio", it.ratio.as_ref())];
            all.into_iter().filter_map(named).collect()
        }
        Record::Inspection(it) => [
            ("controls", Some(&it.controls)),
            ("sanctions", Some(&it.sanctions)),
            ("proposedRecovery", Some(&it.proposed_recovery)),
            ("controlsChange", it.controls_change.as_ref()),
            ("sanctionsChange", it.sanctions_change.as_ref()),
            ("proposedRecoveryChange", it.proposed_recovery_change.as_ref()),
        ]
        .into_iter()
        .filter_map(named)
        .collect(),
        Record::Claim(it) => vec![("figure", &it.figure)],
        Record::BudgetAmount(it) => vec![("figure", &it.figure)],
        Record::StaffFigure(it) => vec![("figure", &it.figure)],
        Record::StaffTarget(it) => vec![("target", &it.target)],
        Record::Norm(it) => {
            [("target", it.target.as_ref()), ("limit", it.limit.as_ref())].into_iter().filter_map(named).collect()
        }
        _ => Vec::new(),
    }
}

fn named<'f>((name, figure): (&'static str, Option<&'f Figure>)) -> Option<(&'static str, &'f Figure)> {
    figure.map(|figure| (name, figure))
}

fn set(record: &mut Record, name: &str, value: Decimal) {
    let figure = match (record, name) {
        (Record::Observation(it), "figure") => &mut Arc::make_mut(it).figure,
        (Record::Observation(it), _) => Arc::make_mut(it).change.as_mut().unwrap(),
        (Record::NormResult(it), "figure") => &mut Arc::make_mut(it).figure,
        (Record::NormResult(it), "change") => Arc::make_mut(it).change.as_mut().unwrap(),
        (Record::NormResult(it), _) => Arc::make_mut(it).ratio.as_mut().unwrap(),
        (Record::Inspection(it), "controls") => &mut Arc::make_mut(it).controls,
        (Record::Inspection(it), "sanctions") => &mut Arc::make_mut(it).sanctions,
        (Record::Inspection(it), "proposedRecovery") => &mut Arc::make_mut(it).proposed_recovery,
        (Record::Inspection(it), "controlsChange") => Arc::make_mut(it).controls_change.as_mut().unwrap(),
        (Record::Inspection(it), "sanctionsChange") => Arc::make_mut(it).sanctions_change.as_mut().unwrap(),
        (Record::Inspection(it), _) => Arc::make_mut(it).proposed_recovery_change.as_mut().unwrap(),
        (Record::Claim(it), _) => &mut Arc::make_mut(it).figure,
        (Record::BudgetAmount(it), _) => &mut Arc::make_mut(it).figure,
        (Record::StaffFigure(it), _) => &mut Arc::make_mut(it).figure,
        (Record::StaffTarget(it), _) => &mut Arc::make_mut(it).target,
        (Record::Norm(it), "target") => Arc::make_mut(it).target.as_mut().unwrap(),
        (Record::Norm(it), _) => Arc::make_mut(it).limit.as_mut().unwrap(),
        (other, name) => panic!("{} has no {name}", other.kind()),
    };
    figure.value = Some(value);
}

/// Every figure of the plan that has a value: place of its record, and its name.
fn all_figures() -> &'static Vec<(usize, &'static str)> {
    static ALL: OnceLock<Vec<(usize, &'static str)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let of = |(at, record): (usize, &'static Record)| {
            let with_value = figures(record).into_iter().filter(|(_, figure)| figure.value.is_some());
            with_value.map(move |(name, _)| (at, name)).collect::<Vec<_>>()
        };
        plan().iter().enumerate().flat_map(of).collect()
    })
}

/// Another value, far from the one that is there, within what the figure can be.
fn another(value: Decimal, unit: Unit, name: &str) -> Decimal {
    match unit {
        Unit::Ratio if !name.ends_with("hange") && value >= Decimal::new(5, 1) => value - Decimal::new(37, 2),
        Unit::Ratio | Unit::RatioPoints => value + Decimal::new(37, 2),
        _ => value * Decimal::TWO + Decimal::from(1_007),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_wrong_figure_makes_its_own_contradictions_and_no_others(pick in any::<prop::sample::Index>()) {
        let (at, name) = *pick.get(all_figures());
        let before = &plan()[at];
        let (_, figure) = figures(before).into_iter().find(|(known, _)| *known == name).unwrap();
        let mut after = before.clone();
        set(&mut after, name, another(figure.value.unwrap(), figure.unit, name));
        let changed = with(after.clone());

        let (old, new) = (keys(printed()), keys(&changed));
        for key in new.difference(&old) {
            let found = Discrepancies::of(&changed).get(&Key::parse(key).unwrap()).unwrap();
            let finding = found.finding(&changed).unwrap();
            prop_assert!(touches(&finding, &after) || counts(&finding), "{} {name} made {key}", before.key());
        }
        for key in old.difference(&new) {
            let found = Discrepancies::of(printed()).get(&Key::parse(key).unwrap()).unwrap();
            let finding = found.finding(printed()).unwrap();
            prop_assert!(touches(&finding, before) || counts(&finding), "{} {name} took {key} away", before.key());
        }
        if must_show(before, name) {
            let own = format!("/{}/", before.key());
            let its_own = new.difference(&old).any(|key| key.contains(&own));
            prop_assert!(its_own, "{} {name} is wrong and nothing says so", before.key());
        }
    }
}

/// Whether a rule counted records by their figures: then a figure decides without being an input.
fn counts(finding: &Finding<'_>) -> bool {
    matches!(&finding.found, Counterpart::Computed(computed) if computed.inputs.iter().all(|input| matches!(input.of, InputKind::Counted | InputKind::Computed(_))))
}

/// Whether a wrong figure cannot go unseen: a trend or ratio that holds as printed.
fn must_show(record: &Record, name: &str) -> bool {
    let told = keys(printed()).iter().any(|key| key.contains(&format!("/{}/{name}", record.key())));
    let from =
        |from: Option<&Record>| from.is_some_and(|from| figures(from)[0].1.value.is_some_and(|value| !value.is_zero()));
    let printed = |kind, key: Key| printed().get(kind, &key).map(|node| &node.record);
    !told
        && match (record, name) {
            (Record::Observation(it), "change") => {
                let base = it.change_from.as_ref().unwrap();
                from(printed(Kind::Observation, Key::join(&[&it.indicator_key, base])))
            }
            (Record::NormResult(it), "ratio") => it.figure.value.is_some(),
            (Record::Inspection(it), "controlsChange") => {
                from(printed(Kind::Inspection, Key::join(&[&it.process_key, &(it.year - 1)])))
            }
            _ => false,
        }
}

#[test]
fn every_figure_that_the_prose_repeats_is_compared() {
    // How many figures of each kind make a contradiction when they are wrong: of all, not of a sample.
    let mut seen: BTreeMap<(String, &str), (usize, usize)> = BTreeMap::new();
    let old = keys(printed());
    let sample = all_figures().iter().filter(|(at, _)| matches!(plan()[*at], Record::Claim(_))).step_by(11);
    for (at, name) in sample {
        let Record::Claim(claim) = &plan()[*at] else { unreachable!("only claims are taken") };
        let value = claim.figure.value.unwrap();
        // Of parts that are blank a total may be more than what is known of them, but no less.
        let told = [another(value, claim.figure.unit, name), value / Decimal::from(3)].into_iter().any(|wrong| {
            let mut after = plan()[*at].clone();
            set(&mut after, name, wrong);
            keys(&with(after)) != old
        });
        let linked = claim.counted.is_some() || claim.indicator_key.is_some() || claim.norm_key.is_some();
        let count = seen.entry((linked.to_string(), name)).or_default();
        count.0 += 1;
        count.1 += usize::from(told);
    }
    let (linked, shown) = seen[&("true".to_owned(), "figure")];
    assert!(shown * 10 >= linked * 9, "{shown} of {linked} wrong claims that have a link are told: {seen:?}");
}

#[test]
fn the_headline_numbers_hold_and_the_others_are_told() {
    let told = keys(printed());
    for (claim, holds) in [
        ("9.1/14", true),    // 69 norms
        ("9.1/12", true),    // 34 measures with norms
        ("9.1/17", true),    // 47 met
        ("9.1/19", true),    // 12 at 90% or more
        ("9.1/21", true),    // 5 below 80%
        ("9.1/25", true),    // 24 improved
        ("9.1/27", true),    // 33 met in both years
        ("9.1/28", true),    // 10 declined
        ("9.1.11/04", true), // 3 268 controls
        ("8.2/01", true),    // 304 staff
        ("8.2/eindtotaal/statutair", true),
        ("7.2/04", true),     // 22 + 5 = 27 heads to save
        ("9.1.4.1/15", true), // 127 payments, and their parts
        ("9.1/02", false),    // 40 measures in own management
        ("9.1.11/06", false), // 1 264 more controls
        ("9.1.11/14", false), // 74%
        ("9.1.11/07", false), // +63%, with a blank counted as zero
        ("9.1.11/15", false), // more than doubled
        ("9.1.11/18", false), // +147%
        ("9.1.11/totaal/controles/trend", false),
        ("9.1.11/totaal/voorgestelde-terugvordering/trend", false),
    ] {
        let about = told.iter().any(|key| key.contains(&format!("/claim/{claim}/")));
        assert_eq!(about, !holds, "{claim}");
    }
    let all = Discrepancies::of(printed()).all();
    let severe = all.iter().filter(|it| it.severity == Severity::Error).count();
    assert_eq!((all.len(), severe), (114, 27));
    let slips = all.iter().filter(|it| it.consequence_of_key.is_none()).count();
    assert_eq!(slips, 97);
    assert!(all.iter().all(|it| it.plan_key.is_some()));
}

#[test]
fn one_slip_is_told_once_with_its_consequences() {
    let all = Discrepancies::of(printed());
    let consequences = |key: &str| -> Vec<String> {
        let it = all.get(&Key::parse(key).unwrap()).unwrap_or_else(|| panic!("{key}"));
        assert_eq!(it.consequence_of_key, None, "{key} is the slip");
        all.consequences(it).map(|it| it.key.to_string()).collect()
    };
    // A misprint of a table, repeated in the text; two rows with the same misprint are two.
    assert_eq!(
        consequences("trend/observation/mentorkorting/afgehandelde-dossiers/2020/change"),
        ["claim-change/claim/9.1.8.3/03/figure"]
    );
    assert!(consequences("trend/observation/mentorkorting/ontvangen-dossiers/2020/change").is_empty());
    // A wrong sign, which another table has right.
    assert_eq!(
        consequences("trend/observation/collectief-maatwerk/controles/2020/change"),
        ["inspection-twice/observation/collectief-maatwerk/controles/2020/change"]
    );
    // A share that the text has wrong, and what it leaves.
    assert_eq!(consequences("claim-value/claim/9.1.1.3/12/figure"), ["claim-share/claim/9.1.1.3/14/figure"]);
    // One count stated three times, and what is left of it after one that is right; one blank that makes three changes wrong.
    assert_eq!(
        consequences("claim-count/claim/1.1.2/10/figure"),
        ["claim-count/claim/9.1/02/figure", "claim-count/claim/9.1/13/figure", "claim-count/claim/9.1/16/figure"]
    );
    assert_eq!(consequences("claim-total/claim/9.1.11/06/figure").len(), 2);
    for it in all.all().iter().filter_map(|it| it.consequence_of_key.as_ref()) {
        assert_eq!(all.get(it).unwrap().consequence_of_key, None, "{it}: what something follows from is a slip itself");
    }
}

#[test]
fn severities_go_by_what_is_at_stake() {
    let all = Discrepancies::of(printed());
    let severity = |key: &str| all.get(&Key::parse(key).unwrap()).unwrap_or_else(|| panic!("{key}")).severity;
    for (key, expected) in [
        // 22% and 26% of an amount weigh the same, whatever the amount.
        ("budget-twice/budget-amount/od-viii-1.2/arbeidszorg/2020/realised/vek/figure", Severity::Error),
        ("budget-twice/budget-amount/od-viii-2.1/manangementadvies/2020/realised/vek/figure", Severity::Error),
        ("budget-twice/budget-amount/od-viii-1.2/arbeidszorg/2020/realised/vak/figure", Severity::Warning),
        // Five of 15 293 files, a tenth of them, and a last digit.
        ("claim-change/claim/9.1.2.1/04/figure", Severity::Warning),
        ("claim-change/claim/9.1.10.2/04/figure", Severity::Error),
        ("claim-value/claim/9.1.1.1/08/figure", Severity::Notice),
        // A wrong sign.
        ("trend/observation/collectief-maatwerk/controles/2020/change", Severity::Error),
        // The number is right, its unit is not.
        (
            "trend-unit/norm-result/opleidingsfonds-dienstencheques/100-binnen-120-dagen-behandeld-wse-tijd/2020/fact-table/change",
            Severity::Notice,
        ),
    ] {
        assert_eq!(severity(key), expected, "{key}");
    }
    let units = all.all().iter().filter(|it| it.rule == DiscrepancyRule::TrendUnit).count();
    assert_eq!(units, 9, "one kind of slip is told at every place");
}

#[test]
fn at_least_is_exact_where_it_closes() {
    let told = keys(printed());
    let found = told.iter().find(|key| key.starts_with("claim-value/claim/9.1.7.1/"));
    assert!(found.is_some(), "99% “was reached”, with 98.9% in the table");
}

#[test]
fn a_change_that_counts_blanks_as_zero_is_told_with_both_numbers() {
    let all = Discrepancies::of(printed()).all();
    let of = |claim: &str| all.iter().find(|it| it.record_key.as_str() == claim).unwrap();
    let controls = of("9.1.11/totaal/controles/trend");
    assert_eq!(controls.found.as_ref().unwrap().value.unwrap().round_dp(3), Decimal::new(277, 3));
    for part in
        ["like for like the parts make +27.7%", "Left out: 1 of 16 parts", "counted as zero they make it +63.5%"]
    {
        assert!(controls.explanation.contains(part), "{part}: {}", controls.explanation);
    }
    let recovery = of("9.1.11/18");
    for part in ["+61%", "Left out: 15 of 16 parts", "+147.3%"] {
        assert!(recovery.explanation.contains(part), "{part}: {}", recovery.explanation);
    }
    // What is unknown in both years changes nothing: sanctions of the blank place were none in the second year.
    assert!(all.iter().all(|it| it.record_key.as_str() != "9.1.11/totaal/pv-waarschuwingen/trend"));
}

#[test]
fn a_waiver_counts_until_its_last_day() {
    let key = Discrepancies::of(printed()).all().iter().next().unwrap().key.clone();
    let until = Date::parse("2021-12-31");
    let waiver = Waiver { key: key.clone(), reason: "known".into(), until };
    let register = register(plan().iter().cloned().chain([waiver.into()]));
    let it = Discrepancies::of(&register).get(&key).unwrap();
    let on = |day: &str| it.waived(&register, Date::parse(day).unwrap());
    assert_eq!([on("2021-03-01"), on("2021-12-31"), on("2022-01-01")], [true, true, false]);
    assert_eq!(keys(&register), keys(printed()), "what is waived stays in the list");
}

#[test]
fn orphans_are_found_by_their_gap() {
    let found: HashMap<Gap, Vec<String>> = orphans(printed(), None)
        .into_iter()
        .map(|(gap, nodes)| (gap, nodes.iter().map(|node| node.key.to_string()).collect()))
        .collect();
    assert_eq!(found[&Gap::GoalWithoutMeasure], ["od-vi-1.2", "od-vi-2.2", "od-vi-3.2", "od-vi-4.1"]);
    assert_eq!(found[&Gap::MoneyWithoutGoal].len(), 4, "pay, working costs and two provisions");
    assert_eq!(found[&Gap::NormWithoutTarget].len(), 3, "those that the overview leaves out");
    let gone = Waiver { key: Key::parse("trend/gone").unwrap(), reason: "known".into(), until: None };
    let with_waiver = register(plan().iter().cloned().chain([gone.into()]));
    let waivers = |plan| {
        let found = orphans(&with_waiver, plan);
        found.iter().find(|(gap, _)| *gap == Gap::WaiverWithoutDiscrepancy).unwrap().1.len()
    };
    assert_eq!((waivers(None), waivers(Some(&Key::parse("dwse-2021").unwrap()))), (1, 0));
}
