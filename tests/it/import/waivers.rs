//! Contradictions over the real server: found, let stand until a day, taken back, corrected, and seen in earlier states.

use serde_json::{Value as Json, json};

use super::small::Small;
use crate::server::{token, with_common};

const WAIVE: &str = "mutation($input: WaiveDiscrepancyInput!) { waiveDiscrepancy(input: $input) {
    status replayed revision problems { code path candidates } changes { kind key outcome } } }";
const KEY: &str = "trend/observation/i-1/2022/change";

fn wrong(change: &str) -> Json {
    let figure = |value: &str, unit: &str| json!({ "value": value, "status": "REPORTED", "unit": unit });
    json!({ "observation": {
        "indicatorKey": "i-1", "period": "2022", "figure": figure("30", "COUNT"),
        "change": figure(change, "RATIO"), "changeFrom": "2020",
    } })
}

fn waive(small: &Small, token: &str, input: Json) -> Json {
    let answer = small.server.send(Some(token), WAIVE, json!({ "input": with_common(input) }));
    answer.json["data"]["waiveDiscrepancy"].clone()
}

#[test]
fn a_contradiction_is_found_let_stand_taken_back_and_corrected() {
    let small = Small::new();
    assert_eq!(small.server.ask("{ discrepancies { totalCount } }")["discrepancies"]["totalCount"], 0);
    small.import(json!({ "rows": [wrong("0.40")] }));
    let found = small.server.ask(&format!(
        "{{ discrepancies(where: {{ rule: {{ eq: TREND }} }}) {{ totalCount nodes {{ key }} }}
            discrepancy(key: \"{KEY}\") {{
                severity difference tolerance explanation ruleExplanation toleranceExplanation
                stated {{ value }} found {{ value status computed {{ rule expression inputs {{ name record {{ key }} }} }} }}
                measure {{ key }} plan {{ key }} record {{ key }} waiver {{ key }} waived(on: \"2022-01-01\") }} }}"
    ));
    assert_eq!(found["discrepancies"]["nodes"], json!([{ "key": KEY }]));
    let it = &found["discrepancy"];
    assert_eq!(
        (&it["stated"]["value"], &it["found"]["value"], &it["difference"]),
        (&json!("0.40"), &json!("0.5"), &json!("0.1"))
    );
    assert_eq!(it["found"]["computed"]["expression"], "(30 - 20) / 20");
    assert_eq!(it["found"]["computed"]["inputs"][1]["record"]["key"], "i-1/2020");
    assert_eq!(
        (&it["measure"]["key"], &it["plan"]["key"], &it["record"]["key"]),
        (&json!("m-1"), &json!("p"), &json!("i-1/2022"))
    );
    assert_eq!((&it["waived"], &it["waiver"]), (&json!(false), &Json::Null));

    // Let stand until a day: by whoever may edit, told by dry run first, once however often it is sent.
    let editor = token(small.data(), "edit");
    let input = json!({ "key": KEY, "until": "2022-06-30", "reason": "the ministry knows", "idempotencyKey": "w" });
    let mut dry = input.clone();
    dry["dryRun"] = true.into();
    dry["idempotencyKey"] = "dry".into();
    assert_eq!(waive(&small, &editor, dry)["status"], "WOULD_COMMIT");
    let done = waive(&small, &editor, input.clone());
    assert_eq!((&done["status"], &done["changes"][0]["kind"]), (&json!("COMMITTED"), &json!("WAIVER")), "{done}");
    assert_eq!(waive(&small, &editor, input)["replayed"], true);
    let state = |on: &str| {
        let found = small.server.ask(&format!(
            "{{ discrepancy(key: \"{KEY}\") {{ waived(on: \"{on}\") waiver {{ reason until history {{ author reason }} }} }}
                open: discrepancies(openOn: \"{on}\") {{ totalCount }} let: discrepancies(waivedOn: \"{on}\") {{ totalCount }}
                before: at(asOf: {{ revision: 2 }}) {{ discrepancies(waivedOn: \"{on}\") {{ totalCount }} }} }}"
        ));
        let count = |field: &str| found[field]["totalCount"].as_u64().unwrap();
        assert_eq!(found["before"]["discrepancies"]["totalCount"], 0, "it was not waived before");
        assert_eq!(found["discrepancy"]["waiver"]["history"][0]["reason"], "the ministry knows");
        (found["discrepancy"]["waived"].as_bool().unwrap(), count("open"), count("let"))
    };
    assert_eq!(state("2022-06-30"), (true, 0, 1));
    assert_eq!(state("2022-07-01"), (false, 1, 0));

    // Taken back, given again, and then the figure is corrected: nothing is left but the waiver, which hangs in the air.
    let delete = "mutation($input: DeleteRecordsInput!) { deleteRecords(input: $input) { status } }";
    let records = json!({ "records": [{ "kind": "WAIVER", "key": KEY }] });
    let gone = small.server.send(Some(&small.token), delete, json!({ "input": with_common(records) }));
    assert_eq!(gone.json["data"]["deleteRecords"]["status"], "COMMITTED");
    let on = "{ discrepancies(openOn: \"2022-01-01\") { totalCount } }";
    assert_eq!(small.server.ask(on)["discrepancies"]["totalCount"], 1);
    assert_eq!(waive(&small, &editor, json!({ "key": KEY }))["status"], "COMMITTED");
    small.import(json!({ "rows": [wrong("0.50")] }));
    let after = small.server.ask("{ discrepancies { totalCount } orphans { gap count } }");
    assert_eq!(after["discrepancies"]["totalCount"], 0);
    let orphans = after["orphans"].as_array().unwrap();
    let waivers = orphans.iter().find(|it| it["gap"] == "WAIVER_WITHOUT_DISCREPANCY").unwrap();
    assert_eq!(waivers["count"], 1);
}

#[test]
fn what_is_no_discrepancy_cannot_be_waived() {
    let small = Small::new();
    small.import(json!({ "rows": [wrong("0.40")] }));
    let refused = waive(&small, &small.token.clone(), json!({ "key": "trend/observation/i-1/2021/change" }));
    assert_eq!((&refused["status"], &refused["problems"][0]["code"]), (&json!("REJECTED"), &json!("NOT_FOUND")));
    assert_eq!(refused["problems"][0]["candidates"][0], KEY, "{refused}");
}

#[test]
fn pages_and_orders_of_contradictions_agree() {
    let small = Small::new();
    let rows: Vec<Json> = (2023..2030)
        .map(|year| {
            let mut row = wrong(&format!("0.{year}"));
            row["observation"]["period"] = year.to_string().into();
            row["observation"]["changeFrom"] = (year - if year == 2023 { 3 } else { 1 }).to_string().into();
            row
        })
        .collect();
    small.import(json!({ "rows": rows }));
    let all = small
        .server
        .ask("{ discrepancies(orderBy: [{ field: RECORD_KEY, direction: DESC }]) { nodes { recordKey } } }");
    let mut paged = Vec::new();
    let mut after = String::new();
    loop {
        let page = small.server.ask(&format!(
            "{{ discrepancies(orderBy: [{{ field: RECORD_KEY, direction: DESC }}], first: 3 {after}) {{
                totalCount nodes {{ recordKey }} pageInfo {{ hasNextPage endCursor }} }} }}"
        ));
        let page = &page["discrepancies"];
        assert_eq!(page["totalCount"], 7);
        paged.extend(page["nodes"].as_array().unwrap().clone());
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
    assert_eq!(all["discrepancies"]["nodes"], Json::Array(paged));
}
