//! Bad input of every sort: an error with a name, a short answer, and a server that goes on as if nothing had been.

use serde_json::{Value as Json, json};

use super::small::{Small, measure, observation};
use crate::server::{IMPORT, journal, with_common};

/// What no error needs to say in more than this, whatever was sent.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

fn big() -> String {
    "x".repeat(3_000_000)
}

fn body(query: &str, input: &Json) -> Vec<u8> {
    json!({ "query": query, "variables": { "input": input } }).to_string().into_bytes()
}

fn import(input: Json) -> Vec<u8> {
    body(IMPORT, &with_common(input))
}

fn query(document: &str) -> Vec<u8> {
    json!({ "query": document }).to_string().into_bytes()
}

impl Small {
    /// Sends what cannot be taken: the error, or the first problem, must have that code, and nothing may change.
    fn refuses(&self, body: &[u8], status: u16, code: &str) {
        let shown = String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned();
        let answer = self.server.send_body(Some(&self.token), body);
        let problem = answer.json["data"]["importRows"]["problems"][0]["code"].as_str().unwrap_or_default();
        let found = if problem.is_empty() { answer.error() } else { problem };
        let told: String = answer.json.to_string().chars().take(600).collect();
        assert_eq!((answer.status, found), (status, code), "{shown}\n{told}");
        assert!(answer.bytes <= ANSWER_BYTES_MAX, "{} bytes in answer to {shown}", answer.bytes);
    }
}

/// Runs the cases, and sees that each left register and server as they were.
fn all(cases: &[(Vec<u8>, u16, &str)]) {
    let small = Small::new();
    let before = journal(small.data());
    for (body, status, code) in cases {
        small.refuses(body, *status, code);
        assert_eq!(small.server.revision(), 1);
        assert!(before == journal(small.data()), "{code}: the journal was written to");
    }
    assert_eq!(small.import(json!({ "rows": [measure("m-3")] }))["status"], "COMMITTED");
}

#[test]
fn what_is_no_json() {
    let good = import(json!({ "rows": [observation("i-1", "2021", "1"), measure("m-3")] }));
    let text = String::from_utf8(good.clone()).unwrap();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let in_name = text.find("Measure m-3").unwrap();
    let with = |bytes: &[u8]| [&good[..in_name], bytes, &good[in_name..]].concat();
    let mut cases: Vec<(Vec<u8>, u16, &str)> = vec![
        (Vec::new(), 400, "BAD_REQUEST"),
        (b" \n".to_vec(), 400, "BAD_REQUEST"),
        (utf16, 400, "BAD_REQUEST"),
        ([b"\xef\xbb\xbf", good.as_slice()].concat(), 400, "BAD_REQUEST"),
        // Latin-1, half a character, a surrogate, a bare control character, a character that is none.
        (with(b"\xe9"), 400, "BAD_REQUEST"),
        (with(b"\xe2\x82"), 400, "BAD_REQUEST"),
        (with(b"\\ud800"), 400, "BAD_REQUEST"),
        (with(b"\0"), 400, "BAD_REQUEST"),
        (with(b"\\x41"), 400, "BAD_REQUEST"),
        ([good.as_slice(), b"x"].concat(), 400, "BAD_REQUEST"),
        ([good.as_slice(), good.as_slice()].concat(), 400, "BAD_REQUEST"),
        (text.replace("2021", "NaN").replace('"', "'").into_bytes(), 400, "BAD_REQUEST"),
    ];
    // Cut off anywhere.
    cases.extend((0..good.len()).step_by(41).map(|length| (good[..length].to_vec(), 400, "BAD_REQUEST")));
    for json in ["null", "1", "\"x\"", "[]", "{}", "[{\"query\":\"{__typename}\"}]", "{\"query\":5}", "{\"query\":{}}"]
    {
        cases.push((json.into(), 400, "BAD_REQUEST"));
    }
    for member in ["variables", "extensions", "operationName"] {
        cases.push((format!("{{\"query\":\"{{__typename}}\",\"{member}\":[1]}}").into(), 400, "BAD_REQUEST"));
    }
    all(&cases);
}

#[test]
fn names_that_stand_twice_in_one_object() {
    let row = r#"{"organisation":{"key":"o","name":"A","name":"B"}}"#;
    let import =
        |input: &str| format!("{{\"query\":{},\"variables\":{{\"input\":{input}}}}}", json!(IMPORT)).into_bytes();
    all(&[
        (br#"{"query":"{__typename}","query":"{register{revision}}"}"#.to_vec(), 400, "BAD_REQUEST"),
        (br#"{"query":"{__typename}","variables":{"a":1,"a":2}}"#.to_vec(), 400, "BAD_REQUEST"),
        (import(r#"{"reason":"r","reason":"s","idempotencyKey":"k","rows":[]}"#), 400, "BAD_REQUEST"),
        (import(&format!(r#"{{"reason":"r","idempotencyKey":"k","rows":[{row}]}}"#)), 400, "BAD_REQUEST"),
        // The same name however it is written.
        (import(r#"{"reason":"r","r\u0065ason":"s","idempotencyKey":"k","rows":[]}"#), 400, "BAD_REQUEST"),
    ]);
}

#[test]
fn what_is_far_too_long() {
    let row = |name: &str, value: Json| {
        import(json!({ "rows": [{ "organisation": { "key": "o", "name": "A", name: value } }] }))
    };
    let observed = |name: &str, value: Json| {
        let mut row = observation("i-1", "2021", "1");
        row["observation"][name] = value;
        import(json!({ "rows": [row] }))
    };
    let of = |name: &str| import(json!({ "rows": [measure("m-3")], name: big() }));
    all(&[
        (row("name", big().into()), 200, "TOO_LONG"),
        (row("key", big().into()), 200, "BAD_KEY"),
        (row("name", json!([big()])), 200, "WRONG_TYPE"),
        (row(&big(), 1.into()), 200, "UNKNOWN_FIELD"),
        (import(json!({ "rows": [{ big(): {} }] })), 200, "UNKNOWN_FIELD"),
        (import(json!({ "rows": [big()] })), 200, "WRONG_TYPE"),
        (observed("period", big().into()), 200, "NOT_A_PERIOD"),
        (observed("key", big().into()), 200, "KEY_MISMATCH"),
        (observed("figure", json!({ "value": big(), "status": "REPORTED", "unit": "COUNT" })), 200, "NOT_A_NUMBER"),
        (observed("figure", json!({ "value": "1", "status": big(), "unit": "COUNT" })), 200, "UNKNOWN_VALUE"),
        (
            observed("figure", json!({ "value": "9".repeat(3_000_000), "status": "REPORTED", "unit": "COUNT" })),
            200,
            "NOT_A_NUMBER",
        ),
        (of("reason"), 200, "TOO_LONG"),
        (of("idempotencyKey"), 200, "TOO_LONG"),
        (of("expectDigest"), 200, "DIGEST_MISMATCH"),
        (of("mode"), 200, "BAD_USER_INPUT"),
        (of("expectRevision"), 200, "BAD_USER_INPUT"),
        (of(&big()), 200, "BAD_USER_INPUT"),
        (
            import(json!({
                "rows": [],
                "mode": "REPLACE_SCOPE",
                "scope": { "kinds": ["MEASURE"], "within": { "kind": "PLAN", "key": big() } },
            })),
            200,
            "BAD_USER_INPUT",
        ),
        (query(&big()), 200, "LIMIT_EXCEEDED"),
        (query(&format!("{{ {} }}", "x".repeat(60_000))), 200, "GRAPHQL_VALIDATION_FAILED"),
        (query(&format!("{{ measure(key: \"{}\" }}", "x".repeat(60_000))), 200, "GRAPHQL_PARSE_FAILED"),
        (
            query(&format!("{{ at(asOf: {{ edition: \"{}\" }}) {{ __typename }} }}", "x".repeat(60_000))),
            200,
            "BAD_USER_INPUT",
        ),
        (json!({ "query": "{ __typename }", "operationName": big() }).to_string().into_bytes(), 200, "BAD_REQUEST"),
    ]);
}

#[test]
fn what_is_nested_too_deep() {
    let nested = |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    let rows = |json: String| {
        let start = "{\"reason\":\"r\",\"idempotencyKey\":\"k\",\"rows\":[{\"organisation\":{\"key\":\"o\",\"name\":";
        format!("{{\"query\":{},\"variables\":{{\"input\":{start}{json}}}}}]}}}}}}", json!(IMPORT)).into_bytes()
    };
    all(&[
        (rows(nested("[", "]", 100)), 200, "WRONG_TYPE"),
        (rows(nested("{\"a\":", "}", 100)), 200, "WRONG_TYPE"),
        (rows(nested("[", "]", 1_000_000)), 400, "BAD_REQUEST"),
        (rows(nested("{\"a\":", "}", 1_000_000)), 400, "BAD_REQUEST"),
        ("[".repeat(10_000_000).into(), 400, "BAD_REQUEST"),
        (query(&format!("{}{}", "{a".repeat(9_000), "}".repeat(9_000))), 200, "LIMIT_EXCEEDED"),
        (query(&format!("{{plan(key:{}){{key}}}}", nested("[", "]", 30_000))), 200, "LIMIT_EXCEEDED"),
        (query(&format!("{{plan(key:{}){{key}}}}", nested("{a:", "}", 15_000))), 200, "LIMIT_EXCEEDED"),
        (query(&format!("query($a:{}){{__typename}}", nested("[", "]", 30_000))), 200, "LIMIT_EXCEEDED"),
    ]);
}

#[test]
fn numbers_that_are_none_of_ours() {
    let value = |json: &str| {
        let row = format!(
            "{{\"observation\":{{\"indicatorKey\":\"i-1\",\"period\":\"2021\",\"figure\":{{\"status\":\"REPORTED\",\"unit\":\"COUNT\",\"value\":{json}}}}}}}"
        );
        let input = format!("{{\"reason\":\"r\",\"idempotencyKey\":\"k\",\"rows\":[{row}]}}");
        format!("{{\"query\":{},\"variables\":{{\"input\":{input}}}}}", json!(IMPORT)).into_bytes()
    };
    let revision = |json: &str| {
        let input = format!("{{\"reason\":\"r\",\"idempotencyKey\":\"k\",\"rows\":[],\"expectRevision\":{json}}}");
        format!("{{\"query\":{},\"variables\":{{\"input\":{input}}}}}", json!(IMPORT)).into_bytes()
    };
    let mut cases = Vec::new();
    // Each of these would be another number, or none, after a trip through floating point.
    for number in ["0.1", "1e3", "1E400000", "-1e-400", "123456789012345678901234567890", "-0.0", "1e22"] {
        let code = if number == "1E400000" { "BAD_REQUEST" } else { "NOT_A_NUMBER" };
        cases.push((value(number), if code == "BAD_REQUEST" { 400 } else { 200 }, code));
    }
    let digits = "9".repeat(1_000_000);
    cases.push((value(&digits), 400, "BAD_REQUEST"));
    for text in [
        "\"NaN\"",
        "\"Infinity\"",
        "\"0x10\"",
        "\"1_000\"",
        "\"1 000\"",
        "\"1,5\"",
        "\"1.\"",
        "\".5\"",
        "\"--1\"",
        "\"\u{661}\"",
    ] {
        cases.push((value(text), 200, "NOT_A_NUMBER"));
    }
    for (json, code) in [("true", "WRONG_TYPE"), ("[1]", "WRONG_TYPE"), ("{}", "WRONG_TYPE"), ("null", "INCONSISTENT")]
    {
        cases.push((value(json), 200, code));
    }
    for number in ["-1", "0.5", "18446744073709551615", "9007199254740993", "\"1\""] {
        cases.push((revision(number), 200, "BAD_USER_INPUT"));
    }
    all(&cases);
}

#[test]
fn characters_that_nobody_can_see() {
    let named = |name: &str| import(json!({ "rows": [{ "organisation": { "key": "o", "name": name } }] }));
    let keyed = |key: &str| import(json!({ "rows": [{ "organisation": { "key": key, "name": "O" } }] }));
    let of = |name: &str, text: &str| import(json!({ "rows": [measure("m-3")], name: text }));
    all(&[
        (named("a\0b"), 200, "OUT_OF_RANGE"),
        (named("a\u{1b}[31mb"), 200, "OUT_OF_RANGE"),
        (named("a\u{85}b"), 200, "OUT_OF_RANGE"),
        (keyed("a\0b"), 200, "BAD_KEY"),
        (keyed("a\u{a0}b"), 200, "BAD_KEY"),
        // The reason is shown on terminals, the key in logs.
        (of("reason", "a\0b"), 200, "OUT_OF_RANGE"),
        (of("reason", "a\u{1b}[31mb"), 200, "OUT_OF_RANGE"),
        (of("idempotencyKey", "a\nb"), 200, "OUT_OF_RANGE"),
        (of("reason", " \n "), 200, "MISSING"),
        (of("idempotencyKey", ""), 200, "MISSING"),
    ]);
}

#[test]
fn rows_that_are_none() {
    let with = |rows: Json| import(json!({ "rows": rows }));
    let input = |input: Json| body(IMPORT, &input);
    all(&[
        (with(Json::Null), 200, "BAD_USER_INPUT"),
        (with(json!([null])), 200, "BAD_USER_INPUT"),
        (with(json!([[measure("m-3")]])), 200, "WRONG_TYPE"),
        (with(json!([{ "measure": null }])), 200, "WRONG_TYPE"),
        (with(json!([{ "measure": [] }])), 200, "WRONG_TYPE"),
        (with(json!([{ "measure": {}, "norm": {} }])), 200, "WRONG_TYPE"),
        (with(json!([{ "__typename": "Measure" }])), 200, "UNKNOWN_FIELD"),
        (with(json!("measure;m-3")), 200, "WRONG_TYPE"),
        (input(json!({ "rows": [], "reason": "r" })), 200, "BAD_USER_INPUT"),
        (input(json!({ "idempotencyKey": "k", "reason": "r" })), 200, "BAD_USER_INPUT"),
        (input(json!([])), 200, "BAD_USER_INPUT"),
        (input(Json::Null), 200, "BAD_USER_INPUT"),
        (import(json!({ "rows": [], "rowz": [] })), 200, "BAD_USER_INPUT"),
        (import(json!({ "rows": [], "dryRun": "yes" })), 200, "BAD_USER_INPUT"),
        (import(json!({ "rows": [], "mode": "MERGE" })), 200, "BAD_USER_INPUT"),
    ]);
}

#[test]
fn bodies_that_say_they_are_something_else() {
    let small = Small::new();
    let bearer = format!("Bearer {}", small.token);
    let body = import(json!({ "rows": [measure("m-3")] }));
    for ty in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "application/graphql",
        "",
    ] {
        let answer = small.server.post(&[("Content-Type", ty), ("Authorization", &bearer)], &body);
        assert_eq!((answer.status, answer.error()), (415, "UNSUPPORTED_MEDIA_TYPE"), "`{ty}`");
    }
    assert_eq!(small.server.revision(), 1);
}
