//! What a mutation committed is answered, and what refuses it does so before.

use super::*;
use crate::graphql::core::cursor::Cursor;

/// What a mutation of these fields came to, and the revision after it.
fn mutate(fixture: &Fixture, fields: &str) -> (serde_json::Value, u64) {
    (fixture.ask(&format!("mutation {{ {fields} }}")), fixture.ledger.register().revision())
}

fn import(alias: &str, key: &str, selection: &str) -> String {
    let row = format!("{{ measure: {{ key: \"{key}\", planKey: \"plan\", name: \"N\" }} }}");
    let input = format!("{{ reason: \"r\", idempotencyKey: \"{key}\", rows: [{row}] }}");
    format!("{alias}: importRows(input: {input}) {{ {selection} }}")
}

#[test]
fn what_refuses_a_mutation_is_found_before_it_writes() {
    let fixture = Fixture::new(Limits { states: 1, ..Limits::default() });
    let first = fixture.ask("{ plan(key: \"plan\") { measures(first: 1) { pageInfo { endCursor } } } }");
    let first = Cursor::decode(first["data"]["plan"]["measures"]["pageInfo"]["endCursor"].as_str().unwrap()).unwrap();
    let cursor = |revision| Cursor { revision, ..first.clone() }.encode();
    let below = |arguments: &str| {
        format!(
            "status changes {{ node {{ ... on Measure {{ plan {{ measures({arguments}) {{ totalCount }} }} }} }} }}"
        )
    };
    for (fields, code) in [
        (import("a", "n-1", &below("after: \"bad\"")), "BAD_USER_INPUT"),
        (import("a", "n-1", &below(&format!("before: \"{}\"", cursor(2)))), "REVISION_UNAVAILABLE"),
        (import("a", "n-1", &below(&format!("after: \"{}\", before: \"{}\"", cursor(0), cursor(1)))), "LIMIT_EXCEEDED"),
        (
            import("a", "n-1", "status")
                + " importRows(input: { reason: \"r\", idempotencyKey: \"k\", rows: [], mode: REPLACE_SCOPE }) { status }",
            "BAD_USER_INPUT",
        ),
    ] {
        let (answer, revision) = mutate(&fixture, &fields);
        assert_eq!((&answer["errors"][0]["extensions"]["code"], revision), (&code.into(), 1), "{answer}");
    }
    let first = fixture.ask("{ plan(key: \"plan\") { measures(first: 1) { pageInfo { endCursor } } } }");
    let cursor = &first["data"]["plan"]["measures"]["pageInfo"]["endCursor"];
    let (answer, revision) = mutate(&fixture, &import("a", "n-1", &below(&format!("after: {cursor}"))));
    assert_eq!((&answer["data"]["a"]["status"], revision), (&"COMMITTED".into(), 2), "{answer}");
    assert!(answer["data"]["a"]["changes"][0]["node"]["plan"]["measures"]["totalCount"].is_number(), "{answer}");
}

#[test]
fn what_a_mutation_committed_is_told_whatever_the_limits() {
    for limits in [
        Limits { answer_bytes: 200, ..Limits::default() },
        Limits { time_ms: 0, answer_bytes: 100, ..Limits::default() },
    ] {
        let fixture = Fixture::new(limits);
        let selection = "status revision changes { key node { id key \
             ... on Measure { name history(first: 1) { revision author reason } plan { title measures { nodes { key name } } } } } }";
        let (answer, revision) = mutate(&fixture, &import("a", "n-1", selection));
        assert_eq!((&answer["data"]["a"]["status"], revision), (&"COMMITTED".into(), 2), "{answer}");
        let change = &answer["data"]["a"]["changes"][0];
        assert_eq!((&change["key"], &change["node"]), (&"n-1".into(), &serde_json::Value::Null), "{answer}");
        let error = &answer["errors"][0];
        assert_eq!(
            (&error["extensions"]["code"], &error["path"][3]),
            (&"LIMIT_EXCEEDED".into(), &"node".into()),
            "{answer}"
        );
    }
}

#[test]
fn a_write_that_fails_beside_a_commit_leaves_its_answer() {
    let fixture = fixture();
    let submission = Submission::new(Identity::local("t"), Role::Import, "t", vec![Edit::put(measure(20))]);
    let committed = || Ok(fixture.ledger.submit(submission.clone(), 0).unwrap());
    let failed = || Err(FieldError::new(ErrorCode::Unavailable, "the disk is full", "make room"));
    let told = mutation::told_beside_commits(&fixture.ledger, vec![("a".into(), committed()), ("b".into(), failed())]);
    let report = told[1].1.as_ref().unwrap();
    assert_eq!(
        (report.status, report.revision, report.problems[0].message.as_str()),
        (Status::Rejected, 2, "the disk is full")
    );
    let told = mutation::told_beside_commits(&fixture.ledger, vec![("b".into(), failed())]);
    assert!(told[0].1.is_err(), "nothing was committed: an error like any other");
}
