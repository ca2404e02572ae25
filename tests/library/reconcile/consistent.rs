//! Registers whose figures all agree, made at random and printed as documents print them: the rules must find nothing.

use std::fmt::Write as _;

use boordtabel::commit::Edit;
use boordtabel::import;
use boordtabel::model::Record;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{keys, register};

/// CSV files under construction: name, header and rows.
#[derive(Default)]
struct Files(Vec<(&'static str, &'static str, String)>);

impl Files {
    fn row(&mut self, name: &'static str, header: &'static str, row: String) {
        let at = self.0.iter().position(|(known, ..)| *known == name).unwrap_or_else(|| {
            self.0.push((name, header, String::new()));
            self.0.len() - 1
        });
        let _ = writeln!(self.0[at].2, "{row}");
    }

    fn records(self) -> Vec<Record> {
        let files: Vec<(String, Vec<u8>)> = self
            .0
            .into_iter()
            .map(|(name, header, rows)| (format!("{name}.csv"), format!("{header}\n{rows}").into_bytes()))
            .collect();
        let edits = import::read_files(&files).unwrap_or_else(|error| panic!("{error:?}"));
        let record = |edit| match edit {
            Edit::Put { record, .. } => record,
            other => panic!("{other:?}"),
        };
        edits.into_iter().map(record).collect()
    }
}

/// A ratio as whole per cents, rounded as people do.
fn percent(ratio: Decimal) -> Decimal {
    ratio.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

const OBSERVATIONS: &str =
    "indicatorKey,period,figure.value,figure.status,figure.unit,change.value,change.status,change.unit,changeFrom";
const CLAIMS: &str = "key,planKey,kind,subject,figure.value,figure.status,figure.unit,qualifier,period,basePeriod,measureKey,indicatorKey,normKey,counted.metric,counted.operator,counted.source,counted.atLeast,counted.change,counted.contract";
const NORM_RESULTS: &str = "normKey,period,source,figure.value,figure.status,figure.unit,change.value,change.status,change.unit,changeFrom,ratio.value,ratio.status,ratio.unit";

/// One measure: two years of a volume, two results of a norm in thousandths, realised cents, controls, heads.
#[derive(Clone, Debug)]
struct Given {
    volume: (u32, u32),
    result: (u16, u16),
    target: u16,
    cents: u64,
    controls: (u32, u32),
    heads: (u16, u16),
}

fn given() -> impl Strategy<Value = Given> {
    let volume = (1..200_000u32, 0..200_000u32);
    let controls = (1..5_000u32, 0..5_000u32);
    (volume, (0..=1000u16, 0..=1000u16), 1..=100u16, 0..10_000_000_000u64, controls, (0..500u16, 0..500u16)).prop_map(
        |(volume, result, target, cents, controls, heads)| Given { volume, result, target, cents, controls, heads },
    )
}

fn made(all: &[Given]) -> Vec<Record> {
    let mut files = Files::default();
    files.row("organisations", "key,name", "body,Body".into());
    files.row("plans", "key,organisationKey,year,evaluatedYear,title", "plan,body,2021,2020,Plan".into());
    let claim = |files: &mut Files, row: String| files.row("claims", CLAIMS, row);
    let (mut controls, mut heads) = ((0u64, 0u64), (0u64, 0u64));
    let (mut met, mut better) = (0, 0);
    for (at, it) in all.iter().enumerate() {
        let measure = format!("m{at}");
        files.row("measures", "key,planKey,name,operator", format!("{measure},plan,Measure {at},OWN"));

        // A volume with its trend, and what the prose says of both.
        let (from, to) = (Decimal::from(it.volume.0), Decimal::from(it.volume.1));
        let trend = percent(to / from - Decimal::ONE);
        files.row(
            "indicators",
            "key,measureKey,position,label,kind,unit",
            format!("{measure}/i,{measure},1,Files,HANDLED,COUNT"),
        );
        files.row("observations", OBSERVATIONS, format!("{measure}/i,2019,{from},REPORTED,COUNT,,,,"));
        files.row(
            "observations",
            OBSERVATIONS,
            format!("{measure}/i,2020,{to},REPORTED,COUNT,{trend},REPORTED,RATIO,2019"),
        );
        let about = format!("{measure},{measure}/i,");
        claim(&mut files, format!("{measure}/value,plan,VALUE,files,{to},REPORTED,COUNT,EXACT,2020,,{about},,,,,,"));
        claim(
            &mut files,
            format!(
                "{measure}/abs,plan,CHANGE_ABSOLUTE,files,{},REPORTED,COUNT,EXACT,2020,2019,{about},,,,,,",
                to - from
            ),
        );
        claim(
            &mut files,
            format!("{measure}/rel,plan,CHANGE_RELATIVE,files,{trend},REPORTED,RATIO,EXACT,2020,2019,{about},,,,,,"),
        );
        let most = to + Decimal::ONE;
        claim(
            &mut files,
            format!("{measure}/most,plan,VALUE,files,{most},REPORTED,COUNT,LESS_THAN,2020,,{about},,,,,,"),
        );
        let part = it.volume.1 / 3;
        for (name, part) in [("part1", part), ("part2", it.volume.1 - part)] {
            claim(
                &mut files,
                format!("{measure}/{name},plan,VALUE,files,{part},REPORTED,COUNT,EXACT,2020,,{about},PART,,,,,"),
            );
        }

        // A norm: exact results, printed in whole per cents, twice; the ratio and the trend printed from the exact ones.
        let exact = |thousandths: u16| Decimal::new(thousandths.into(), 3);
        let (before, result, target) = (exact(it.result.0), exact(it.result.1), Decimal::new(it.target.into(), 2));
        let printed = percent(result);
        let points = percent(result - before);
        // The ratio is made from what is printed: of an exact result it could be off by more than its own rounding.
        let ratio = percent(printed / target);
        files.row(
            "norms",
            "key,measureKey,position,label,basis,target.value,target.status,target.unit",
            format!("{measure}/n,{measure},1,In time,LEGAL,{target},REPORTED,RATIO"),
        );
        let row = |period: &str, source: &str, value: Decimal, rest: String| {
            format!("{measure}/n,{period},{source},{value},REPORTED,RATIO,{rest}")
        };
        let change = format!("{points},REPORTED,RATIO_POINTS,2019");
        files.row("norm-results", NORM_RESULTS, row("2019", "FACT_TABLE", percent(before), ",,,,,,".into()));
        files.row("norm-results", NORM_RESULTS, row("2020", "FACT_TABLE", printed, format!("{change},,,")));
        files.row(
            "norm-results",
            NORM_RESULTS,
            row("2020", "OVERVIEW", printed, format!("{change},{ratio},REPORTED,RATIO")),
        );
        claim(
            &mut files,
            format!(
                "{measure}/result,plan,NORM_RESULT,in time,{printed},REPORTED,RATIO,EXACT,2020,,{measure},,{measure}/n,,,,,,"
            ),
        );
        met += u32::from(ratio >= Decimal::ONE);
        better += u32::from(points > Decimal::ZERO);

        // Money: cents in the fact table, cut off in the budget table.
        let amount = Decimal::new(i64::try_from(it.cents).unwrap(), 2);
        files.row("indicators", "", format!("{measure}/vek,{measure},2,VEK,VEK,EUR"));
        files.row("observations", OBSERVATIONS, format!("{measure}/vek,2020,{amount},REPORTED,EUR,,,,"));
        files.row(
            "budget-lines",
            "key,planKey,position,name,section,direction,measureKeys",
            format!("l{at},plan,{at},Line,MEASURE,EXPENDITURE,{measure}"),
        );
        files.row(
            "budget-amounts",
            "budgetLineKey,year,phase,credit,figure.value,figure.status,figure.unit",
            format!("l{at},2020,REALISED,VEK,{},REPORTED,EUR", amount.trunc()),
        );

        // Controls: in the fact table and in the inspectorate's.
        let (c0, c1) = it.controls;
        let trend = percent(Decimal::from(c1) / Decimal::from(c0) - Decimal::ONE);
        files.row("indicators", "", format!("{measure}/c,{measure},3,Controls,CONTROLS,COUNT"));
        files.row("observations", OBSERVATIONS, format!("{measure}/c,2019,{c0},REPORTED,COUNT,,,,"));
        files.row(
            "observations",
            OBSERVATIONS,
            format!("{measure}/c,2020,{c1},REPORTED,COUNT,{trend},REPORTED,RATIO,2019"),
        );
        files.row(
            "inspected-processes",
            "key,planKey,position,name,measureKeys",
            format!("p{at},plan,{at},Process,{measure}"),
        );
        let header = "processKey,year,controls.value,controls.status,controls.unit,sanctions.status,sanctions.unit,proposedRecovery.status,proposedRecovery.unit,controlsChange.value,controlsChange.status,controlsChange.unit";
        let blank = "NOT_REPORTED,COUNT,NOT_REPORTED,EUR";
        files.row("inspections", header, format!("p{at},2019,{c0},REPORTED,COUNT,{blank},,,"));
        files.row("inspections", header, format!("p{at},2020,{c1},REPORTED,COUNT,{blank},{trend},REPORTED,RATIO"));
        controls = (controls.0 + u64::from(c0), controls.1 + u64::from(c1));

        for (contract, count) in [("STATUTORY", it.heads.0), ("CONTRACTUAL", it.heads.1)] {
            let header = "organisationKey,date,level,rank,contract,figure.value,figure.status,figure.unit";
            files.row("staff-figures", header, format!("body,2020-12-31,A,A{at},{contract},{count},REPORTED,PERSONS"));
        }
        heads = (heads.0 + u64::from(it.heads.0), heads.1 + u64::from(it.heads.1));
    }
    let count = all.len();
    claim(&mut files, format!("measures,plan,COUNT,measures,{count},REPORTED,COUNT,EXACT,2020,,,,,MEASURES,OWN,,,,"));
    claim(&mut files, format!("norms,plan,NORM_COUNT,norms,{count},REPORTED,COUNT,EXACT,2020,,,,,NORMS,,OVERVIEW,,,"));
    claim(&mut files, format!("met,plan,NORM_COUNT,norms met,{met},REPORTED,COUNT,EXACT,2020,,,,,NORMS,,OVERVIEW,1,,"));
    claim(
        &mut files,
        format!("better,plan,NORM_COUNT,norms better,{better},REPORTED,COUNT,EXACT,2020,,,,,NORMS,,OVERVIEW,,UP,"),
    );
    let (c0, c1) = controls;
    claim(&mut files, format!("controls,plan,SUM,controls,{c1},REPORTED,COUNT,EXACT,2020,,,,,CONTROLS,,,,,"));
    let more = i128::from(c1) - i128::from(c0);
    claim(
        &mut files,
        format!("more,plan,CHANGE_ABSOLUTE,controls,{more},REPORTED,COUNT,EXACT,2020,2019,,,,CONTROLS,,,,,"),
    );
    let (h0, h1) = heads;
    for (name, contract, sum) in [("h0", "STATUTORY", h0), ("h1", "CONTRACTUAL", h1), ("h", "", h0 + h1)] {
        claim(
            &mut files,
            format!("{name},plan,SUM,staff,{sum},REPORTED,PERSONS,EXACT,2020-12-31,,,,,STAFF,,,,,{contract}"),
        );
    }
    files.records()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn what_agrees_is_not_accused(all in prop::collection::vec(given(), 1..8)) {
        let found = keys(&register(made(&all)));
        prop_assert!(found.is_empty(), "{found:#?}");
    }
}
