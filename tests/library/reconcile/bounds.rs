//! Where a claim stops being true, and how much it misleads then: small registers, one figure each.

use boordtabel::analysis::reconcile::{Discrepancies, Severity};
use boordtabel::analysis::staff::staff;
use boordtabel::commit::Edit;
use boordtabel::import;
use boordtabel::model::{Kind, Record};
use boordtabel::register::Register;

/// A register of a plan, and of these CSV files.
pub fn of_files(files: &[(&str, &str)]) -> Register {
    let base = [
        ("organisations", "key,name\nbody,Body"),
        ("plans", "key,organisationKey,year,evaluatedYear,title\nplan,body,2021,2020,Plan"),
    ];
    let files: Vec<(String, Vec<u8>)> =
        base.iter().chain(files).map(|(name, text)| (format!("{name}.csv"), text.as_bytes().to_vec())).collect();
    let edits = import::read_files(&files).unwrap_or_else(|error| panic!("{error:?}"));
    let record = |edit| match edit {
        Edit::Put { record, .. } => record,
        other => panic!("{other:?}"),
    };
    super::register(edits.into_iter().map(record).collect::<Vec<Record>>())
}

/// What is found: which claim, and how severe it is.
fn severities(register: &Register) -> Vec<(String, Severity)> {
    Discrepancies::of(register).all().iter().map(|it| (it.record_key.to_string(), it.severity)).collect()
}

/// What becomes of claims about one value of the table: qualifier, number, and what is told of it.
fn hold(value: &str, unit: &str, claims: &[(&str, &str, Option<Severity>)]) {
    let kind = if unit == "RATIO" { "SHARE" } else { "VALUE" };
    let mut rows =
        String::from("key,planKey,kind,subject,figure.value,figure.status,figure.unit,qualifier,period,indicatorKey\n");
    for (at, (qualifier, number, _)) in claims.iter().enumerate() {
        rows.push_str(&format!("{at},plan,{kind},files,{number},REPORTED,{unit},{qualifier},2020,i\n"));
    }
    let register = of_files(&[
        ("measures", "key,planKey,name\nm,plan,Measure"),
        ("indicators", &format!("key,measureKey,position,label,kindWord,unit\ni,m,1,Files,FILES,{unit}")),
        (
            "observations",
            &format!("indicatorKey,period,figure.value,figure.status,figure.unit\ni,2020,{value},REPORTED,{unit}"),
        ),
        ("claims", &rows),
    ]);
    let expected = claims.iter().enumerate().filter_map(|(at, (_, _, told))| Some((at.to_string(), (*told)?)));
    assert_eq!(severities(&register), expected.collect::<Vec<_>>(), "{value}");
}

#[test]
fn a_bound_is_exact_on_its_closed_side_and_on_its_open_one() {
    use Severity::{Error, Notice, Warning};
    hold(
        "500",
        "COUNT",
        &[
            ("MORE_THAN", "499", None),
            ("MORE_THAN", "500", Some(Notice)),
            ("MORE_THAN", "501", Some(Notice)),
            ("MORE_THAN", "510", Some(Warning)),
            ("MORE_THAN", "600", Some(Error)),
            ("AT_LEAST", "500", None),
            ("AT_LEAST", "501", Some(Notice)),
            ("LESS_THAN", "501", None),
            ("LESS_THAN", "500", Some(Notice)),
            ("LESS_THAN", "499", Some(Notice)),
            ("LESS_THAN", "400", Some(Error)),
            ("AT_MOST", "500", None),
            ("AT_MOST", "499", Some(Notice)),
        ],
    );
    // 98.9% may be anything from 98.85% to 98.95%.
    hold(
        "0.989",
        "RATIO",
        &[
            ("MORE_THAN", "0.99", Some(Notice)),
            ("AT_LEAST", "0.99", Some(Notice)),
            ("MORE_THAN", "0.989", None),
            ("AT_LEAST", "0.9895", None),
            ("MORE_THAN", "0.9895", Some(Notice)),
            ("LESS_THAN", "0.989", None),
            ("LESS_THAN", "0.9885", Some(Notice)),
        ],
    );
}

#[test]
fn about_weighs_by_what_is_at_stake_like_all_others() {
    use Severity::Error;
    hold("195", "COUNT", &[("ABOUT", "217", Some(Error)), ("ABOUT", "214", None)]);
    hold("500", "COUNT", &[("ABOUT", "556", Some(Error)), ("ABOUT", "560", Some(Error)), ("ABOUT", "550", None)]);
    // The last digit alone is a notice, however small the number.
    hold("4", "COUNT", &[("ABOUT", "3", Some(Severity::Notice)), ("EXACT", "3", Some(Severity::Notice))]);
}

const STAFF: &str = "organisationKey,date,level,rank,contract,figure.value,figure.status,figure.unit";
const CLAIMS: &str = "key,planKey,kind,subject,figure.value,figure.status,figure.unit,qualifier,period,counted.metric,counted.level,processKeys";

#[test]
fn a_blank_explains_a_total_that_is_more_than_what_is_known() {
    let claim = |key: &str, value: &str, qualifier: &str| {
        format!("{key},plan,SUM,staff,{value},REPORTED,PERSONS,{qualifier},2020-12-31,STAFF,B,\n")
    };
    let claims = [
        claim("more", "6", "EXACT"),
        claim("less", "3", "EXACT"),
        claim("at-least", "5", "AT_LEAST"),
        claim("more-than", "4", "MORE_THAN"),
        claim("less-than", "4", "LESS_THAN"),
        claim("at-most", "5", "AT_MOST"),
    ];
    let staff = format!(
        "{STAFF}\nbody,2020-12-31,B,B1,STATUTORY,4,REPORTED,PERSONS\nbody,2020-12-31,B,B1,CONTRACTUAL,,NOT_REPORTED,PERSONS\n"
    );
    let found = |claims: &[String]| {
        let claims = format!("{CLAIMS}\n{}", claims.concat());
        let found = severities(&of_files(&[("staff-figures", &staff), ("claims", &claims)]));
        found.into_iter().map(|(claim, _)| claim).collect::<Vec<_>>()
    };
    assert_eq!(found(&claims), ["less", "less-than"]);
    // Where another total proves that the blank is nobody, nothing is left open.
    let proved = [&claims[..], &[claim("proof", "4", "EXACT")]].concat();
    assert_eq!(found(&proved), ["at-least", "less", "less-than", "more", "more-than"]);
}

#[test]
fn a_blank_explains_a_share_that_it_can_make() {
    let header = "processKey,year,controls.value,controls.status,controls.unit,sanctions.status,sanctions.unit,proposedRecovery.status,proposedRecovery.unit";
    let found = |a: &str, b: &str| {
        let row = |key: &str, value: &str| {
            let status = if value.is_empty() { "NOT_REPORTED" } else { "REPORTED" };
            format!("{key},2020,{value},{status},COUNT,NOT_REPORTED,COUNT,NOT_REPORTED,EUR\n")
        };
        let claim = |key: &str, value: &str| {
            format!("{key},plan,SHARE,controls,{value},REPORTED,RATIO,EXACT,2020,CONTROLS,,a\n")
        };
        let inspections = format!("{header}\n{}{}{}", row("a", a), row("b", b), row("c", "50"));
        let claims = format!("{CLAIMS}\n{}{}", claim("high", "0.9"), claim("low", "0.1"));
        let register = of_files(&[
            ("inspected-processes", "key,planKey,position,name\na,plan,1,A\nb,plan,2,B\nc,plan,3,C"),
            ("inspections", &inspections),
            ("claims", &claims),
        ]);
        severities(&register).into_iter().map(|(claim, _)| claim).collect::<Vec<_>>()
    };
    assert_eq!(found("50", "0"), ["high", "low"]);
    assert_eq!(found("50", ""), ["high"], "what is blank elsewhere makes the share less");
    assert!(found("", "50").is_empty(), "of nothing that is known nothing is computed");
}

#[test]
fn a_target_below_nothing_leaves_open_as_much_as_one_above() {
    let result = |ratio: &str| {
        let results = format!(
            "normKey,period,source,figure.value,figure.status,figure.unit,ratio.value,ratio.status,ratio.unit\n\
             n,2020,FACT_TABLE,-0.5,REPORTED,RATIO,{ratio},REPORTED,RATIO"
        );
        let norms = "key,measureKey,position,label,basis,target.value,target.status,target.unit\nn,m,1,Norm,INTERNAL,-0.9,REPORTED,RATIO";
        let files = [("measures", "key,planKey,name\nm,plan,Measure"), ("norms", norms), ("norm-results", &results)];
        severities(&of_files(&files)).len()
    };
    // -0.5 is anything from -0.45 to -0.55: the ratio from 50% to 61.1%.
    assert_eq!(["0.56", "0.6", "0.5", "0.4", "0.7"].map(result), [0, 0, 0, 1, 1]);
}

#[test]
fn a_blank_that_a_total_proves_to_be_nobody_is_known_also_where_others_are_not() {
    let rows = [("A", "STATUTORY", "3"), ("A", "CONTRACTUAL", ""), ("B", "STATUTORY", "4"), ("B", "CONTRACTUAL", "")];
    let rows: String = rows
        .iter()
        .map(|(level, contract, value)| {
            let status = if value.is_empty() { "NOT_REPORTED" } else { "REPORTED" };
            format!("body,2020-12-31,{level},{level}1,{contract},{value},{status},PERSONS\n")
        })
        .collect();
    let claims = format!("{CLAIMS}\na,plan,SUM,staff,3,REPORTED,PERSONS,EXACT,2020-12-31,STAFF,A,\n");
    let register = of_files(&[("staff-figures", &format!("{STAFF}\n{rows}")), ("claims", &claims)]);
    let body = register.all(Kind::Organisation).next().unwrap();
    let heads = staff(&register, body, None, &[]).heads;
    let covered = |it: &boordtabel::analysis::computed::Computed<'_>| (it.coverage.known, it.coverage.unknown);
    assert_eq!((covered(&heads.known), covered(&heads.sum)), ((3, 1), (3, 1)));
    assert_eq!((heads.known.value.clone().ok(), heads.sum.value.is_err()), (Some(7.into()), true));
}
