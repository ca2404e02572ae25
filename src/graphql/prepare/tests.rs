//! Preparing a document takes a time that grows with its length, whatever it is made of.

use std::fmt::Write as _;

use super::*;
use crate::graphql::registry::graph::graph;

/// A document made of one construct, so many times.
type Construct = (&'static str, fn(usize) -> String);

fn many(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        text.push_str(&each(number));
        text
    })
}

/// Every construct of the grammar, and what was slow elsewhere. Each number makes about four tokens.
const CONSTRUCTS: [Construct; 27] = [
    ("aliases", |n| format!("{{{}}}", many(n / 8, |it| format!("a{it}:__typename ")))),
    ("one field again and again", |n| format!("{{{}}}", "__typename ".repeat(n))),
    ("unknown fields", |n| format!("{{{}}}", many(n, |it| format!("x{it} ")))),
    ("fields with selections", |n| format!("{{{}}}", "measures{totalCount}".repeat(n / 2))),
    ("fields with arguments", |n| format!("{{{}}}", "measures(first:1){totalCount}".repeat(n / 3))),
    ("fields that differ at the end", |n| {
        format!("{{{}measures(first:2){{totalCount}}}}", "measures(first:1){totalCount}".repeat(n / 3))
    }),
    ("unknown arguments", |n| format!("{{measures({}){{totalCount}}}}", many(n, |it| format!("a{it}:1 ")))),
    ("one argument again and again", |n| format!("{{measures({}){{totalCount}}}}", "first:1 ".repeat(n))),
    ("unused variables", |n| format!("query({}){{__typename}}", many(n, |it| format!("$v{it}:Int ")))),
    ("used variables", |n| {
        let declared = many(n / 2, |it| format!("$v{it}:ID!"));
        format!("query({declared}){{nodes(ids:[{}]){{id}}}}", many(n / 2, |it| format!("$v{it} ")))
    }),
    ("undeclared variables", |n| format!("{{nodes(ids:[{}]){{id}}}}", many(n, |it| format!("$v{it} ")))),
    // Each operation looks at the uses of its fragments anew. How many those come to is bounded with the fields unfolded.
    ("one variable in several operations and many fragments", |n| {
        let operations = many(10, |it| format!("query Q{it}($v:Int){{...F}}"));
        let spread = many(n / 20, |it| format!("...G{it} "));
        let fragments = many(n / 20, |it| format!("fragment G{it} on Query{{measures(first:$v){{totalCount}}}}"));
        format!("{operations} fragment F on Query{{{spread}}} {fragments}")
    }),
    ("operations", |n| many(n, |it| format!("query Q{it}{{__typename}}"))),
    ("fragments side by side", |n| {
        let fragments = many(n / 4, |it| format!("fragment F{it} on Query{{__typename}}"));
        format!("{{{}}}{fragments}", many(n / 4, |it| format!("...F{it} ")))
    }),
    ("unused fragments", |n| {
        format!("{{__typename}}{}", many(n / 4, |it| format!("fragment F{it} on Query{{__typename}}")))
    }),
    ("one fragment again and again", |n| format!("{{{}}}fragment F on Query{{__typename}}", "...F ".repeat(n))),
    ("each fragment uses all that follow", |n| {
        let count = (n as f64).sqrt() as usize;
        let mut text = "{...F0}".to_owned();
        for fragment in 0..count {
            let rest = many(count - fragment, |it| format!("...F{} ", fragment + 1 + it));
            write!(text, "fragment F{fragment} on Query{{{rest}}}").unwrap();
        }
        write!(text, "fragment F{count} on Query{{__typename}}").unwrap();
        text
    }),
    ("inline fragments", |n| format!("{{{}}}", "...{__typename}".repeat(n))),
    ("one type after the other", |n| {
        format!("{{node(id:\"a\"){{{}}}}}", "...on Measure{x:key}...on Norm{x:key}".repeat(n / 40))
    }),
    ("directives", |n| format!("{{{}}}", "__typename @skip(if:false)".repeat(n / 40))),
    ("list", |n| format!("{{nodes(ids:[{}]){{id}}}}", "\"a\"".repeat(n))),
    ("object", |n| format!("{{measures(where:{{{}}}){{totalCount}}}}", "name:{eq:\"a\"}".repeat(n / 3))),
    ("unknown fields of an object", |n| {
        format!("{{measures(where:{{{}}}){{totalCount}}}}", many(n, |it| format!("x{it}:1 ")))
    }),
    ("wrong words", |n| {
        format!("{{measures(where:{{lifecycle:{{in:[{}]}}}}){{totalCount}}}}", many(n, |it| format!("W{it} ")))
    }),
    ("text", |n| format!("{{node(id:\"{}\"){{id}}}}", "\\u00e9".repeat(n))),
    ("comments", |n| format!("{}{{__typename}}", "#\n".repeat(n))),
    ("block", |n| format!("{{node(id:\"\"\"{}\"\"\"){{id}}}}", " a\n".repeat(n))),
];

/// Longest tick of the clock.
const TICK_NS: u64 = 4_000_000;

/// Nanoseconds that this thread has run; none where nobody says.
fn ran() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

#[test]
fn preparing_takes_a_time_that_grows_with_the_length() {
    if ran().is_none() {
        return;
    }
    let graph = graph(&Limits::default());
    // Without those that would end it before.
    let limits = Limits {
        tokens: usize::MAX,
        document_bytes: usize::MAX,
        fields: usize::MAX,
        aliases: usize::MAX,
        directives: usize::MAX,
        filter_terms: usize::MAX,
        filter_values: usize::MAX,
        nesting: 200,
        depth: 200,
        ..Limits::default()
    };
    let run = |text: &str, times: u32| {
        let begin = ran().unwrap();
        for _ in 0..times {
            let _ = compile(&graph, &limits, text, None);
        }
        ran().unwrap() - begin
    };
    for (name, construct) in CONSTRUCTS {
        let (small, large) = (construct(600), construct(2_400));
        // Often enough for the clock, whose ticks may be four milliseconds long.
        let times = (1..8).map(|power| 1 << power).find(|times| run(&small, *times) >= 3 * TICK_NS).unwrap_or(256);
        let (took, took_large) = (run(&small, times), run(&large, times));
        assert!(took_large < 10 * took + 4 * TICK_NS, "{name}: {took} ns, four times as long {took_large} ns");
    }
}
