//! Refusals and errors: their codes, and what they say.

use super::*;

#[test]
fn each_refusal_has_its_code() {
    let fixture = Fixture::new(Limits { answer_bytes: 500, page_max: 5, ..Limits::default() });
    let deep =
        format!("{{ plan(key: \"plan\") {}", "{ organisation { plans { nodes ".repeat(8) + "{ key " + &"} ".repeat(26));
    let doubling: String =
        (0..40).map(|n| format!("fragment f{n} on Query {{ ...f{} ...f{} }} ", n + 1, n + 1)).collect::<String>()
            + "fragment f40 on Query { register { revision } } { ...f0 }";
    let long = " ".repeat(70_000);
    for (query, variables, code, part) in [
        ("{ measures", "{}", "GRAPHQL_PARSE_FAILED", "line 1, column 1: the `{` that stands here is never closed"),
        ("{ mesures { totalCount } }", "{}", "GRAPHQL_VALIDATION_FAILED", "mesures"),
        ("mutation { x }", "{}", "GRAPHQL_VALIDATION_FAILED", "Mutation"),
        ("query A { __typename } query B { __typename }", "{}", "BAD_REQUEST", "several operations"),
        ("query($key: String!) { measure(key: $key) { key } }", "{}", "BAD_USER_INPUT", "$key"),
        (
            "query($key: String!) { measure(key: $key) { key } }",
            "{\"key\": 3}",
            "BAD_USER_INPUT",
            "`$key` cannot be `3`",
        ),
        (
            "query($n: Int) { measures(first: $n) { totalCount } }",
            "{\"n\": 3000000000}",
            "BAD_USER_INPUT",
            "3000000000",
        ),
        ("{ measures(first: -1) { totalCount } }", "{}", "BAD_USER_INPUT", "-1"),
        (
            "{ measures(first: 6) { totalCount } }",
            "{}",
            "LIMIT_EXCEEDED",
            "at most 5 are allowed (`--limit page_max=…`), found 6",
        ),
        ("{ measures(first: 1, last: 1) { totalCount } }", "{}", "BAD_USER_INPUT", "both"),
        ("{ measures(after: \"x\") { totalCount } }", "{}", "BAD_USER_INPUT", "`x` is no cursor"),
        ("{ measures(after: \"OTkuMC5h\") { totalCount } }", "{}", "REVISION_UNAVAILABLE", "revision 99"),
        ("{ node(id: \"x\") { id } }", "{}", "BAD_USER_INPUT", "`x` is no id"),
        (
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
            "{}",
            "GRAPHQL_VALIDATION_FAILED",
            "contains itself",
        ),
        (deep.as_str(), "{}", "LIMIT_EXCEEDED", "levels"),
        (doubling.as_str(), "{}", "LIMIT_EXCEEDED", "fields"),
        (long.as_str(), "{}", "LIMIT_EXCEEDED", "bytes of a document"),
        (
            "{ measures(first: 5) { nodes { id name key printed { section text document { title } } } } }",
            "{}",
            "LIMIT_EXCEEDED",
            "bytes of an answer",
        ),
    ] {
        let answer = fixture.ask_with(query, serde_json::from_str(variables).unwrap());
        let error = &answer["errors"][0];
        let shown = &query[..query.len().min(80)];
        assert_eq!(error["extensions"]["code"], code, "{shown}: {answer}");
        assert!(error["message"].as_str().unwrap().contains(part), "{shown}: {}", error["message"]);
        assert!(!error["extensions"]["hint"].as_str().unwrap().is_empty(), "{shown}");
        if code == "LIMIT_EXCEEDED" {
            assert!(error["extensions"]["limit"].is_u64() && error["extensions"]["found"].is_u64());
        }
    }
}

#[test]
fn an_unknown_key_leaves_the_data_and_has_near_ones_beside_it() {
    let answer = fixture()
        .ask("{ there: measure(key: \"m-1\") { key } plan(key: \"plam\") { key } measure(key: \"m-11\") { key } }");
    assert_eq!(answer["data"], serde_json::json!({ "there": { "key": "m-1" }, "plan": null, "measure": null }));
    assert!(answer.get("errors").is_none(), "{answer}");
    let hints = &answer["extensions"]["hints"];
    assert_eq!(
        hints[0],
        serde_json::json!({ "path": ["plan"], "message": "there is no Plan `plam`", "near": ["plan"] })
    );
    assert_eq!((&hints[1]["path"][0], &hints[1]["near"][0]), (&"measure".into(), &"m-1".into()), "{hints}");
    assert_eq!(hints.as_array().unwrap().len(), 2);
}

#[test]
fn errors_say_what_there_is_and_what_is_near() {
    let fixture = fixture();
    for (query, message, hint) in [
        ("{ measures { name } }", "`MeasureConnection` has no field `name`", "stand in `nodes`"),
        ("{ measures }", "nothing is selected of `measures`", "measures { nodes { … } }"),
        ("{ mesures { totalCount } }", "`Query` has no field `mesures`", "did you mean `measures`"),
        ("{ measures(frist: 1) { totalCount } }", "`measures` takes no argument `frist`", "did you mean `first`"),
        ("{ measure { key } }", "`measure` needs the argument `key` of type `String!`", "measure(key: …)"),
        (
            "{ measures(where: { nme: { eq: \"a\" } }) { totalCount } }",
            "`MeasureWhere` has no field `nme`",
            "did you mean `name`",
        ),
        (
            "{ measures(where: { name: { equals: \"a\" } }) { totalCount } }",
            "`TextFilter` has no operator `equals`",
            "There are eq, ne",
        ),
        (
            "{ measures(where: { lifecycle: { eq: ACTVE } }) { totalCount } }",
            "`ACTVE` is no word of `Lifecycle`",
            "did you mean `ACTIVE`",
        ),
        (
            "{ measures(where: { lifecycle: { eq: \"ACTIVE\" } }) { totalCount } }",
            "`\"ACTIVE\"` is no word",
            "without quotes",
        ),
        (
            "query($n: Strng) { measures(after: $n) { totalCount } }",
            "there is no type `Strng`",
            "did you mean `String`",
        ),
        (
            "query($n: String) { measures(first: $n) { totalCount } }",
            "the variable `$n` is of type `String`, where `Int` is taken",
            "declare it as `$n: Int`",
        ),
        (
            "{ ...Measur } fragment Measure on Query { __typename }",
            "there is no fragment `Measur`",
            "did you mean `Measure`",
        ),
        (
            "{ measures(first: 01) { totalCount } }",
            "line 1, column 19: the number begins with 0",
            "without leading zeros",
        ),
        (
            "{\n  measures(first: 'a') { totalCount } }",
            "line 2, column 19: no part of GraphQL begins with `'`",
            "double quotes",
        ),
        ("query { measures { totalCount }", "line 1, column 7: the `{` that stands here is never closed", "`}`"),
    ] {
        let answer = fixture.ask(query);
        let error = &answer["errors"][0];
        assert!(error["message"].as_str().unwrap().contains(message), "{query}: {error}");
        assert!(error["extensions"]["hint"].as_str().unwrap().contains(hint), "{query}: {error}");
    }
}
