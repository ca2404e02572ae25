//! Requests that are made to hurt, for the tests and for the bench.

#[allow(dead_code)] // Only some look at a whole crowd.
pub mod crowd;

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

/// What is sent, and how it is to end.
#[allow(dead_code)] // The bench looks at the status alone.
pub struct Attack {
    /// What it is.
    pub name: &'static str,
    /// The body of a POST to `/graphql`.
    pub body: Vec<u8>,
    /// The code that the refusal has.
    pub code: &'static str,
    /// A part of the message: what is exceeded, or what is wrong.
    pub told: &'static str,
}

fn query(name: &'static str, query: String, code: &'static str, told: &'static str) -> Attack {
    Attack { name, body: json!({ "query": query }).to_string().into_bytes(), code, told }
}

fn variables(name: &'static str, variables: &Json, code: &'static str, told: &'static str) -> Attack {
    let query = "query($id: ID!) { node(id: $id) { id } }";
    Attack { name, body: json!({ "query": query, "variables": variables }).to_string().into_bytes(), code, told }
}

/// Fragments of which each holds the next one twice: 2 to the power of `levels` times what the last one holds.
fn doubling(levels: usize, last: &str) -> String {
    let mut text = "{ ...f0 }".to_owned();
    for level in 0..levels {
        write!(text, "fragment f{level} on Query{{...f{0} ...f{0}}}", level + 1).unwrap();
    }
    write!(text, "fragment f{levels} on Query{{{last}}}").unwrap();
    text
}

fn many(count: usize, each: impl FnMut(usize) -> String) -> String {
    (0..count).map(each).collect()
}

/// Every attack that is one body.
pub fn all() -> Vec<Attack> {
    const LIMIT: &str = "LIMIT_EXCEEDED";
    const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";
    let nested = |open: &str, close: &str, count: usize| open.repeat(count) + &close.repeat(count);
    let mut attacks = vec![
        query("fragments that double, 2^20", doubling(20, "__typename"), LIMIT, "fields of a document"),
        query("fragments that double, 2^40", doubling(40, "__typename"), LIMIT, "fields of a document"),
        query("fragments that double, 2^900", doubling(900, "__typename"), LIMIT, "open at once"),
        query("an unknown fragment, 2^40 times", doubling(40, "...X"), INVALID, "X"),
        query("an unknown fragment of an unknown type, 2^40 times", doubling(40, "... on Y{...X}"), INVALID, ""),
        query("an unknown field, 2^40 times", doubling(40, "nope"), LIMIT, "fields of a document"),
        query("fragment that holds itself", "{...a} fragment a on Query{...a}".into(), INVALID, "contains itself"),
        query(
            "circle of 900 fragments",
            "{...f0}".to_owned() + &many(900, |it| format!("fragment f{it} on Query{{...f{}}}", (it + 1) % 900)),
            LIMIT,
            "open at once",
        ),
        query(
            "100 000 aliases",
            format!("{{{}}}", many(100_000, |it| format!("a{it}:b "))),
            LIMIT,
            "bytes of a document",
        ),
        query("3 000 aliases", format!("{{{}}}", many(3_000, |it| format!("a{it}:__typename "))), LIMIT, "aliases"),
        query("50 000 directives", format!("{{__typename {}}}", "@a".repeat(50_000)), LIMIT, "bytes of a document"),
        query("4 900 directives", format!("{{__typename {}}}", "@a".repeat(4_900)), LIMIT, "directives"),
        query("30 000 tokens", format!("{{{}}}", "a ".repeat(30_000)), LIMIT, "tokens"),
        query("4 900 unknown fields", format!("{{{}}}", many(4_900, |it| format!("x{it} "))), INVALID, "x0"),
        query("a field of 60 000 letters", format!("{{{}}}", "a".repeat(60_000)), INVALID, "aaa"),
        query(
            "2 000 unknown variables",
            format!("query({}){{__typename}}", many(2_000, |it| format!("$v{it}:X "))),
            INVALID,
            "X",
        ),
        query("10 000 deep selections", nested("{a", "}", 10_000), LIMIT, "open at once"),
        query("60 deep selections", nested("{a", "}", 60), LIMIT, "levels of a document"),
        query("6 000 deep inline fragments", nested("{...", "}", 6_000), LIMIT, "open at once"),
        query(
            "10 000 deep list value",
            format!("{{node(id:{}){{id}}}}", nested("[", "]", 10_000)),
            LIMIT,
            "open at once",
        ),
        query("60 000 brackets never closed", "{".repeat(60_000), LIMIT, "open at once"),
        query("text that never ends", format!("{{node(id:\"{}", "\\\"".repeat(30_000)), "GRAPHQL_PARSE_FAILED", ""),
        query(
            "number of 60 000 digits",
            format!("{{measures(first:{}){{totalCount}}}}", "9".repeat(60_000)),
            INVALID,
            "number",
        ),
        query("number of 20 digits", "{measures(first:99999999999999999999){totalCount}}".into(), INVALID, ""),
        query("number 1e999999", "{measures(first:1e999999){totalCount}}".into(), INVALID, "1e999999"),
        query(
            "pages of pages of pages",
            "{organisations(first:1000){nodes{plans(first:1000){nodes{measures(first:1000){nodes{key}}}}}}}".into(),
            LIMIT,
            "cost of a request",
        ),
        query("page of 5 000 000", "{measures(first:5000000){nodes{key}}}".into(), LIMIT, "cost of a request"),
        query(
            "types of fields of types",
            "{__schema{types{fields{type{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}}}".into(),
            LIMIT,
            "cost of a request",
        ),
        query(
            "400 earlier states",
            format!("{{{}}}", many(400, |it| format!("a{it}:at(asOf:{{revision:{it}}}){{register{{revision}}}} "))),
            LIMIT,
            "earlier states",
        ),
        variables(
            "900 KB of nested lists",
            &json!({ "id": 1, "x": vec![json!([[[]]]); 110_000] }),
            LIMIT,
            "values in a request's JSON",
        ),
        variables(
            "900 KB of small objects",
            &json!({ "x": vec![json!({ "a": 1 }); 110_000] }),
            LIMIT,
            "values in a request's JSON",
        ),
        variables("900 KB of text", &json!({ "x": "x".repeat(900_000) }), "BAD_USER_INPUT", "has no value"),
    ];
    let batch = json!(vec![json!({ "query": "{__typename}" }); 2_000]);
    attacks.push(Attack {
        name: "batch of 2 000",
        body: batch.to_string().into(),
        code: "BAD_REQUEST",
        told: "batch of 2000",
    });
    let deep = format!("{{\"query\":\"{{__typename}}\",\"variables\":{}}}", nested("[", "]", 10_000));
    attacks.push(Attack { name: "10 000 deep variables", body: deep.into(), code: "BAD_REQUEST", told: "JSON" });
    let digits = format!("{{\"query\":\"{{__typename}}\",\"variables\":{{\"a\":{}}}}}", "9".repeat(900_000));
    attacks.push(Attack { name: "number of 900 000 digits", body: digits.into(), code: "BAD_REQUEST", told: "JSON" });
    attacks
}

/// A request that may be answered, and is made to cost much: its name and body.
pub type Dear = (&'static str, Vec<u8>);

/// Aliases of one field, as many as are allowed.
fn aliases(count: usize, field: &str) -> String {
    format!("{{{}}}", many(count, |it| format!("a{it}:{field} ")))
}

/// A filter that goes there and back so many times.
fn there_and_back(levels: usize, there: &str, back: &str) -> String {
    (0..levels).fold("{key:{ne:\"\"}}".to_owned(), |filter, _| format!("{{{there}:{{{back}:{{every:{filter}}}}}}}"))
}

/// Every request that may be answered: who sends it waits as long as it takes, and nobody else does.
#[allow(dead_code)] // Each binary uses its part.
pub fn dear() -> Vec<Dear> {
    let plan = there_and_back(4, "plan", "measures");
    let observed = there_and_back(2, "indicator", "observations");
    let words = many(19, |it| format!("w{it} "));
    let grouped = "observations(first:0){groupBy(by:[INDICATOR,PERIOD,FIGURE_UNIT]){count}}";
    let sorted = "observations(first:1,orderBy:[{field:FIGURE_VALUE},{field:PERIOD,direction:DESC},{field:INDICATOR_KEY}]){totalCount}";
    let keys = many(1_900, |it| format!("\"k{it}\","));
    let states =
        format!("{{{}}}", many(19, |it| format!("a{it}:at(asOf:{{revision:{}}}){{register{{revision}}}} ", it % 2)));
    let queries = [
        ("a filter there and back, 4 times", format!("{{measures(where:{plan}){{totalCount}}}}")),
        ("the same below a plan", format!("{{plans{{nodes{{measures(where:{plan}){{totalCount}}}}}}}}")),
        ("the same of observations", format!("{{observations(where:{observed}){{totalCount}}}}")),
        ("history of 100 records", "{measures(first:100){nodes{history{change{fields{field before after}}}}}}".into()),
        ("490 parts of the log", aliases(490, "changes(first:1,from:0){next}")),
        ("350 times the first changes", aliases(350, "changes(first:1,from:0,kinds:[NORM]){commits{changeCount}}")),
        ("19 earlier states", states),
        (
            "lists below lists",
            "{plans{nodes{measures(first:1000){nodes{indicators{observations{figure{value}period{code}}}}}}}}".into(),
        ),
        (
            "the schema, 200 times",
            format!("{{__schema{{types{{fields{{{}}}}}}}}}", many(200, |it| format!("a{it}:description "))),
        ),
        ("300 groupings", aliases(300, grouped)),
        ("250 orders", aliases(250, sorted)),
        ("90 searches of 19 words", aliases(90, &format!("search(text:\"{words}\",first:1){{totalCount}}"))),
        ("a filter of 1 900 keys", format!("{{observations(where:{{indicatorKey:{{in:[{keys}]}}}}){{totalCount}}}}")),
        (
            "100 filters of texts",
            aliases(60, "measures(first:1,where:{name:{contains:\"e\"},or:[{key:{ne:\"x\"}}]}){totalCount}"),
        ),
        ("490 times the contradictions", aliases(490, "discrepancies(first:1){totalCount}")),
        ("490 times what hangs in the air", aliases(490, "orphans(first:1){count}")),
        ("300 comparisons of states", aliases(300, "compare(from:{revision:0},to:{revision:1},first:1){totalCount}")),
        ("490 times the rules", aliases(490, "discrepancyRules{count}")),
        ("pages from the end, 490 times", aliases(490, "observations(last:1){pageInfo{hasNextPage}}")),
    ];
    queries.map(|(name, query)| (name, json!({ "query": query }).to_string().into_bytes())).into()
}
