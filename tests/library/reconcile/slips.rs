//! Which contradictions tell of one slip: the same wrong number, or one that follows from it.

use boordtabel::analysis::reconcile::Discrepancies;
use boordtabel::register::Register;

use super::bounds::of_files;

const CLAIMS: &str = "key,planKey,kind,subject,figure.value,figure.status,figure.unit,qualifier,period,basePeriod,indicatorKey,ofIndicatorKey,normKey,counted.metric,counted.withNorm,counted.operator";

/// What is found, as the claims' keys, each with what it follows from.
fn told(register: &Register) -> Vec<(String, Option<String>)> {
    let all = Discrepancies::of(register);
    let slip = |key| all.get(key).unwrap().record_key.to_string();
    all.all().iter().map(|it| (it.record_key.to_string(), it.consequence_of_key.as_ref().map(slip))).collect()
}

fn expect(register: &Register, expected: &[(&str, Option<&str>)]) {
    let mut found = told(register);
    found.sort();
    let expected: Vec<_> = expected.iter().map(|(key, of)| ((*key).to_owned(), of.map(str::to_owned))).collect();
    assert_eq!(found, expected);
}

/// A plan with an indicator of 400 and 500, a share of 97%, and these claims.
fn with_claims(claims: &[&str]) -> Register {
    let claims = format!("{CLAIMS}\n{}", claims.join("\n"));
    of_files(&[
        ("measures", "key,planKey,name,operator\nm,plan,M,OWN\nn,plan,N,OWN\no,plan,O,OWN"),
        ("norms", "key,measureKey,position,label,basis\nr,m,1,Norm,INTERNAL\ns,n,1,Norm,INTERNAL"),
        ("indicators", "key,measureKey,position,label,kindWord,unit\ni,m,1,Files,FILES,COUNT\ns,m,2,Share,SHARE,RATIO"),
        (
            "observations",
            "indicatorKey,period,figure.value,figure.status,figure.unit\ni,2019,400,REPORTED,COUNT\ni,2020,500,REPORTED,COUNT\ns,2020,0.97,REPORTED,RATIO",
        ),
        ("claims", &claims),
    ])
}

fn about(key: &str, value: &str) -> String {
    format!("{key},plan,VALUE,files,{value},REPORTED,COUNT,EXACT,2020,,i,,,,,")
}

#[test]
fn other_numbers_about_one_figure_are_slips_of_their_own() {
    let claims = [about("a", "501"), about("b", "556"), about("c", "600"), about("d", "-500"), about("e", "556")];
    let claims: Vec<&str> = claims.iter().map(String::as_str).collect();
    expect(&with_claims(&claims), &[("a", None), ("b", None), ("c", None), ("d", None), ("e", Some("b"))]);
}

#[test]
fn what_follows_from_a_wrong_number_is_its_consequence() {
    let claims = [
        "change,plan,CHANGE_ABSOLUTE,files,120,REPORTED,COUNT,EXACT,2020,2019,i,,,,,",
        "relative,plan,CHANGE_RELATIVE,files,0.30,REPORTED,RATIO,EXACT,2020,2019,i,,,,,",
        "left,plan,SHARE,files,0.02,REPORTED,RATIO,EXACT,2020,,s,,,REMAINDER,,",
        "other-left,plan,SHARE,files,0.09,REPORTED,RATIO,EXACT,2020,,s,,,REMAINDER,,",
        "of-all,plan,VALUE,files,490,REPORTED,COUNT,EXACT,2020,,s,i,,PORTION,,",
        "share,plan,SHARE,files,0.98,REPORTED,RATIO,EXACT,2020,,s,,,,,",
        &about("value", "520"),
    ];
    // 520 - 400 is 120 and +30%; 98% leave 2%, and of 500 they are 490.
    expect(
        &with_claims(&claims),
        &[
            ("change", Some("value")),
            ("left", Some("share")),
            ("of-all", Some("share")),
            ("other-left", None),
            ("relative", Some("value")),
            ("share", None),
            ("value", None),
        ],
    );
}

#[test]
fn a_part_that_is_left_of_a_wrong_whole_follows_from_it() {
    let count = |key: &str, value: &str, more: &str| {
        format!("{key},plan,COUNT,measures,{value},REPORTED,COUNT,EXACT,2020,,,,,MEASURES,{more}")
    };
    // Three measures, two of them with a norm. The text has 5, of which 2 have one and 3 have none.
    let (whole, rest, part) =
        (count("whole", "5", ",OWN"), count("rest", "2", "true,"), count("without", "3", "false,OWN"));
    expect(&with_claims(&[&whole, &rest, &part]), &[("whole", None), ("without", Some("whole"))]);
    // Nothing says that the others are 2: two numbers that happen to be off by two.
    expect(&with_claims(&[&whole, &part]), &[("whole", None), ("without", None)]);
}

#[test]
fn counts_of_nothing_are_no_counts_of_the_same() {
    let claims = [
        "goals,plan,COUNT,goals,2,REPORTED,COUNT,EXACT,2020,,,,,STRATEGIC_GOALS,,",
        "projects,plan,COUNT,projects,2,REPORTED,COUNT,EXACT,2020,,,,,PROJECTS,,",
    ];
    expect(&with_claims(&claims), &[("goals", None), ("projects", None)]);
}
