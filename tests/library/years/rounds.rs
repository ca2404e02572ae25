//! Generated rounds: what a round expects, what came, and when, against a plain count of months.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Small, figure, measure};

const FREQUENCIES: [(&str, i32); 4] = [("MONTHLY", 1), ("QUARTERLY", 3), ("HALF_YEARLY", 6), ("YEARLY", 12)];
const OWNERS: [&str; 3] = ["Ann", "Bo", "Cas"];

/// A figure that is reported on so many months' end after the beginning of the year.
#[derive(Clone, Debug)]
struct Reported {
    frequency: usize,
    owner: Option<usize>,
    /// For each of its periods: whether it came, and how many days after the deadline; none when nobody said on which day.
    came: Vec<Option<Option<i64>>>,
}

fn reported() -> impl Strategy<Value = Reported> {
    let day = prop::option::weighted(0.8, -3i64..4);
    let came = prop::collection::vec(prop::option::weighted(0.7, day), 12);
    (0usize..4, prop::option::of(0usize..3), came).prop_map(|(frequency, owner, came)| Reported {
        frequency,
        owner,
        came,
    })
}

/// Year and month, so many months after the beginning of the year.
fn month(first: i32, at: i32) -> (i32, i32) {
    let at = first - 1 + at;
    (2022 + at.div_euclid(12), at.rem_euclid(12) + 1)
}

fn last_day((year, month): (i32, i32)) -> String {
    let days = [31, if year % 4 == 0 { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    format!("{year}-{month:02}-{:02}", days[usize::try_from(month - 1).unwrap()])
}

/// The days around a deadline, which is the tenth of the month after the reference date.
fn delivered(first: i32, end: i32, late: i64) -> String {
    let (year, month) = month(first, end);
    format!("{year}-{month:02}-{:02}", 10 + late)
}

/// What is expected of a round: by owner how many, how many came, in time, and late.
fn counted<'a>(all: impl Iterator<Item = (&'a Reported, Option<Option<i64>>)>, over: bool) -> [usize; 4] {
    let mut of = [0; 4];
    for (_, came) in all {
        of[0] += 1;
        of[1] += usize::from(came.is_some());
        of[2] += usize::from(matches!(came, Some(Some(late)) if late <= 0));
        of[3] += usize::from(match came {
            Some(day) => day.is_some_and(|late| late > 0),
            None => over,
        });
    }
    of
}

proptest! {
    #![proptest_config(ProptestConfig { cases: super::generated::cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_round_expects_what_its_months_say(
        first in 1i32..13, cuts in prop::collection::btree_set(1i32..13, 1..5), all in prop::collection::vec(reported(), 1..4), over: bool,
        namespace: bool,
    ) {
        let prefix = if namespace { "n:" } else { "" };
        let mut rows = vec![
            json!({ "organisation": { "key": "b", "name": "Body", "yearStart": first, "namespace": namespace.then_some("n") } }),
            json!({ "plan": { "key": "p", "organisationKey": "b", "year": 2022, "title": "Plan" } }),
            measure("m", "p"),
        ];
        let ends: Vec<i32> = cuts.into_iter().collect();
        for (number, end) in ends.iter().enumerate() {
            rows.push(json!({ "round": { "key": format!("r{number}"), "planKey": "p", "label": "Round",
                "referenceDate": last_day(month(first, end - 1)), "deadline": delivered(first, *end, 0) } }));
        }
        let round_of = |end: i32| ends.iter().find(|round| **round >= end);
        for (number, it) in all.iter().enumerate() {
            let (frequency, length) = FREQUENCIES[it.frequency];
            let key = format!("i{number}");
            rows.push(json!({ "indicator": { "key": key, "measureKey": "m", "position": number + 1, "label": key, "kind": "OTHER", "unit": "COUNT",
                "frequency": frequency, "owner": it.owner.map(|owner| OWNERS[owner]) } }));
            for (part, came) in it.came.iter().take(usize::try_from(12 / length).unwrap()).enumerate() {
                let (from, to) = (i32::try_from(part).unwrap() * length, (i32::try_from(part).unwrap() + 1) * length);
                let (Some(day), Some(round)) = (came, round_of(to)) else { continue };
                let code = |(year, month): (i32, i32)| format!("{year}-{month:02}");
                let period = if length == 1 { code(month(first, from)) } else { format!("{}/{}", code(month(first, from)), code(month(first, to - 1))) };
                rows.push(json!({ "observation": { "indicatorKey": key, "period": period, "figure": figure("1", "COUNT"),
                    "delivered": day.map(|late| delivered(first, *round, late)) } }));
            }
        }
        let small = Small::of(rows.into());
        for (number, end) in ends.iter().enumerate() {
            let on = delivered(first, *end, i64::from(over));
            let query = format!("{{ round(key: \"{prefix}r{number}\") {{ reporting(on: \"{on}\") {{ expected delivered inTime late }}
                reportingBy(by: OWNER, on: \"{on}\") {{ of expected late }} expected(on: \"{on}\") {{ period }} }} }}");
            let found = small.ask(&query)["round"].clone();
            let before = if number == 0 { 0 } else { ends[number - 1] };
            let due: Vec<(&Reported, Option<Option<i64>>)> = all
                .iter()
                .flat_map(|it| {
                    let length = FREQUENCIES[it.frequency].1;
                    let parts = (0..12 / length).filter(move |part| ((part + 1) * length) > before && (part + 1) * length <= *end);
                    parts.map(move |part| (it, it.came[usize::try_from(part).unwrap()]))
                })
                .collect();
            let [expected, came, in_time, late] = counted(due.iter().copied(), over);
            prop_assert_eq!(&found["reporting"], &json!({ "expected": expected, "delivered": came, "inTime": in_time, "late": late }));
            prop_assert_eq!(found["expected"].as_array().unwrap().len(), expected);
            let by: Vec<Json> = found["reportingBy"].as_array().unwrap().clone();
            for it in &by {
                let of = due.iter().copied().filter(|(reported, _)| it["of"] == json!(reported.owner.map(|owner| OWNERS[owner])));
                let [expected, _, _, late] = counted(of, over);
                prop_assert_eq!((&it["expected"], &it["late"]), (&json!(expected), &json!(late)));
            }
            let told: u64 = by.iter().map(|it| it["expected"].as_u64().unwrap()).sum();
            prop_assert_eq!(told, u64::try_from(expected).unwrap());
        }
    }
}
