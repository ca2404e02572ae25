//! Answers as tables.

use std::fs;

use super::reader;
use crate::support::{Answer, arg, shared};

/// The answer to a query for whoever accepts that.
fn table(accept: &str, query: &str) -> Answer {
    let body = serde_json::json!({ "query": query }).to_string();
    shared().post_bytes(body.as_bytes(), &[("Accept", accept)])
}

#[test]
fn an_answer_can_be_a_table() {
    let query = "{ plan(key: \"dwse-2021\") { inspectedProcesses(first: 2) { totalCount nodes {
        name of: plan { year } measures { name key } inspections { year controls { value unit } } } } } }";
    let answer = table("text/csv", query);
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8; header=present"));
    assert_eq!((answer.header("boordtabel-revision"), answer.header("boordtabel-records")), ("1", "2"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"answer.csv\"");
    let text = answer.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "name,of.year,measures.name,measures.key,inspections.year,inspections.controls.value,inspections.controls.unit",
            "Arbeidskaarten,2021,Arbeidskaarten,arbeidskaarten,2019 | 2020,797 | 1080,COUNT | COUNT",
            "Beroepskaarten,2021,Beroepskaarten,beroepskaarten,2019 | 2020,85 | 96,COUNT | COUNT",
        ]
    );

    // As Excel with Belgian settings opens it, with POST and with GET; a dialect that there is none of is told.
    let body = serde_json::json!({ "query": query }).to_string();
    let headers = [("Accept", "text/csv"), ("Content-Type", "application/json")];
    let excel = shared().send("POST", "/graphql?dialect=excel-be", &headers, Some(body.as_bytes())).text();
    assert!(excel.starts_with("\u{feff}name;of.year;") && excel.contains("\r\nBeroepskaarten;2021;"), "{excel}");
    let get = "/graphql?dialect=excel-be&query=%7Bmeasures(first:1)%7Bnodes%7Bkey,name%7D%7D%7D";
    assert!(shared().get(get, &[("Accept", "text/csv")]).text().starts_with("\u{feff}key;name\r\n"));
    let none = shared().get(&get.replace("excel-be", "none"), &[("Accept", "text/csv")]);
    assert_eq!((none.status, none.text().contains("`dialect` cannot be `none`")), (400, true));

    let query = "{ observations(first: 1000) { edges { cursor node { key period { code } figure { value unit printed { text } } } } } }";
    let text = table("text/csv, application/json;q=0.1", query).text();
    assert!(
        text.starts_with(
            "cursor,node.key,node.period.code,node.figure.value,node.figure.unit,node.figure.printed.text\n"
        )
    );
    assert_eq!(text.lines().count(), 653);
    // With GET too, as programs ask that only know addresses; and nothing there is an empty table.
    let get = shared()
        .get("/graphql?query=%7Bplan(key:%22none%22)%7Bmeasures%7Bnodes%7Bkey%7D%7D%7D%7D", &[("Accept", "text/csv")]);
    assert_eq!((get.status, get.text().as_str()), (200, "key\n"));

    let workbook = table("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", query);
    assert_eq!(
        (workbook.status, workbook.header("content-disposition")),
        (200, "attachment; filename=\"answer.xlsx\"")
    );
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("answer.xlsx");
    fs::write(&file, &workbook.body).unwrap();
    let read = "import sys, openpyxl; sheet = openpyxl.load_workbook(sys.argv[1]).active; \
                shares = [row[3] for row in sheet.iter_rows(min_row=2) if row[4].value == 'RATIO' and row[3].value is not None]; \
                assert sheet.max_row == 653 and shares and all('%' in cell.number_format for cell in shares)";
    let ran = reader("python", &["-c", read, arg(&file)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn what_is_no_table_is_told() {
    for (query, code, part) in [
        ("{ register { revision } }", "BAD_REQUEST", "asks for no list with pages"),
        (
            "{ measures { nodes { key } } norms { nodes { key } } }",
            "BAD_REQUEST",
            "several lists: `measures.nodes`, `norms.nodes`",
        ),
        ("{ plans { nodes { measures { nodes { key } } } } }", "BAD_REQUEST", "several lists"),
        ("{ measures { totalCount } }", "BAD_REQUEST", "the entries of `measures` are selected 0 times"),
        ("{ measures { nodes { key } edges { cursor } } }", "BAD_REQUEST", "selected 2 times"),
        ("{ observations { nodes { key } } }", "LIMIT_EXCEEDED", "entries without `first`: at most 100 are allowed"),
        ("{ measures(first: 5, after: \"x\") { nodes { key } } }", "BAD_USER_INPUT", "is no cursor"),
        ("{ measures { nodes { kee } } }", "GRAPHQL_VALIDATION_FAILED", "kee"),
        (
            "mutation { undo: setMilestoneStatus(input: {milestoneKey: \"a\", status: REALISED, reason: \"r\", idempotencyKey: \"i\"}) { status } }",
            "BAD_REQUEST",
            "only what a query gives is a table",
        ),
    ] {
        let answer = table("text/csv", query);
        let json = answer.json();
        assert_eq!((answer.status, &json["errors"][0]["extensions"]["code"]), (400, &code.into()), "{query}: {json}");
        assert!(answer.text().contains(part), "{query}: no `{part}` in {json}");
    }
    // A page that was asked for is no cut.
    assert_eq!(table("text/csv", "{ observations(first: 100) { nodes { key } } }").status, 200);
    assert_eq!(table("text/csv", "{ measures { nodes { key } } }").text().lines().count(), 57);
}
