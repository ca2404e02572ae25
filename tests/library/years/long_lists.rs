//! Long lists of computed values: what is chosen is kept for a state, pages through it agree with the whole, and cost what they show.

use serde_json::json;

use super::generated::taken;
use super::{Small, indicator, measure, observation, plans};

/// More than a list that is looked through entry by entry.
const INDICATORS: usize = 1_500;

fn value(number: usize) -> i64 {
    // 31 is no divisor of what it runs through: no two neighbours are alike, and each change occurs some fifty times.
    i64::try_from(number * 7 % 31).unwrap() - 15
}

fn small() -> Small {
    let mut rows = plans(&[2022]);
    rows.push(measure("m", "b-2022"));
    let small = Small::of(rows.into());
    let all: Vec<usize> = (0..INDICATORS).collect();
    for some in all.chunks(500) {
        let rows = some.iter().flat_map(|number| {
            let key = format!("i-{number}");
            let later = (100 + value(*number)).to_string();
            [indicator(&key, "m"), observation(&key, "2020", "100"), observation(&key, "2021", &later)]
        });
        small.import(rows.collect());
    }
    small
}

/// The keys asked for, with their changes: those that lost, the most first; of equal ones in the order of the keys.
fn expected(value: impl Fn(usize) -> i64) -> Vec<(String, String)> {
    let mut lost: Vec<usize> = (0..INDICATORS).filter(|number| value(*number) < 0).collect();
    lost.sort_by_key(|number| value(*number));
    lost.into_iter().map(|number| (format!("i-{number}"), value(number).to_string())).collect()
}

fn page(small: &Small, arguments: &str) -> (Vec<(String, String)>, String, String, bool, bool) {
    let answer = small.ask(&format!(
        "{{ trends(where: {{absolute: {{lt: 0}}}}, orderBy: [{{field: ABSOLUTE}}], {arguments}) {{
             nodes {{ indicatorKey absolute }} totalCount pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}"
    ));
    let trends = &answer["trends"];
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let nodes = trends["nodes"].as_array().unwrap().iter();
    let info = &trends["pageInfo"];
    (
        nodes.map(|it| (text(&it["indicatorKey"]), text(&it["absolute"]))).collect(),
        text(&info["startCursor"]),
        text(&info["endCursor"]),
        info["hasNextPage"] == true,
        info["hasPreviousPage"] == true,
    )
}

#[test]
fn pages_of_a_long_list_agree_with_the_whole_and_follow_what_is_committed() {
    let small = small();
    let all = expected(value);
    let (mut forwards, mut after) = (Vec::new(), String::new());
    loop {
        let given = if after.is_empty() { String::new() } else { format!(", after: \"{after}\"") };
        let (nodes, _, end, more, before) = page(&small, &format!("first: 70{given}"));
        assert_eq!(before, !forwards.is_empty());
        forwards.extend(nodes);
        if !more {
            break;
        }
        after = end;
    }
    assert_eq!(forwards, all);
    let (mut backwards, mut before) = (Vec::new(), String::new());
    loop {
        let given = if before.is_empty() { String::new() } else { format!(", before: \"{before}\"") };
        let (mut nodes, start, _, _, more) = page(&small, &format!("last: 70{given}"));
        nodes.extend(backwards);
        backwards = nodes;
        if !more {
            break;
        }
        before = start;
    }
    assert_eq!(backwards, all);

    let groups = "{ trends(where: {absolute: {lt: 0}}) { totalCount groupBy(by: [FORM]) { count keys { form } } } }";
    let counted = json!({ "trends": { "totalCount": all.len(), "groupBy": [{ "count": all.len(), "keys": { "form": "RELATIVE" } }] } });
    assert_eq!(small.ask(groups), counted);

    // What one commit changes shows in the next question, and not in the pages of the one begun before it.
    let (_, _, end, ..) = page(&small, "first: 70");
    small.import(json!([observation("i-3", "2021", "1")]));
    let changed = expected(|number| if number == 3 { -99 } else { value(number) });
    assert_eq!(page(&small, "first: 70").0, changed[..70]);
    assert_eq!(page(&small, &format!("first: 70, after: \"{end}\"")).0, all[70..140]);
}

#[test]
fn a_second_page_costs_what_it_shows() {
    let small = small();
    let query = |first| {
        format!(
            "{{ trends(where: {{absolute: {{lt: 0}}}}, orderBy: [{{field: ABSOLUTE}}], first: {first}) {{ nodes {{ indicatorKey }} }} }}"
        )
    };
    let first = taken(&small, &query(20));
    let second = taken(&small, &query(21));
    assert!(second.0 * 10 < first.0, "the first page took {} steps, another one {}", first.0, second.0);
    assert!(second.0 < 2_000, "{second:?}");
}
