//! Pages, ids and keys: every record is met exactly once, and found again by each of its names.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::support::shared;

/// Root fields that give a connection, each with the root field that gives one record by key, where there is one.
fn lists() -> Vec<(String, Option<String>)> {
    let schema = shared().ask(
        "{
          __schema { queryType { fields { name args { name } type { name ofType { name } } } } }
          __type(name: \"Node\") { possibleTypes { name } }
        }",
    );
    let fields = schema["__schema"]["queryType"]["fields"].as_array().unwrap();
    let records = schema["__type"]["possibleTypes"].as_array().unwrap();
    let lists = fields.iter().filter_map(|field| {
        let kind = field["type"]["ofType"]["name"].as_str()?.strip_suffix("Connection")?;
        // Commits, contradictions and computed figures are no records: they have no id.
        if !records.iter().any(|record| record["name"] == kind) {
            return None;
        }
        let one = fields.iter().find(|it| it["type"]["name"] == kind && it["args"][0]["name"] == "key");
        Some((field["name"].as_str()?.to_owned(), one.map(|it| it["name"].as_str().unwrap().to_owned())))
    });
    lists.collect()
}

const PAGE: &str = "totalCount nodes { id key } edges { cursor node { key } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

/// All pages of a list in one direction, each checked by itself.
fn pages(list: &str, size: usize, forward: bool) -> (u64, Vec<Json>) {
    let (arguments, info, edge) = match forward {
        true => ("first: $size, after: $cursor", "hasNextPage", "endCursor"),
        false => ("last: $size, before: $cursor", "hasPreviousPage", "startCursor"),
    };
    let query = format!("query($size: Int, $cursor: String) {{ {list}({arguments}) {{ {PAGE} }} }}");
    let (mut nodes, mut cursor, mut total) = (Vec::new(), Json::Null, None);
    loop {
        let page = shared().ask_with(&query, json!({ "size": size, "cursor": cursor }))[list].take();
        let total = *total.get_or_insert(page["totalCount"].as_u64().unwrap());
        assert_eq!(page["totalCount"], total, "{list}: the total changes from page to page");
        let mut here = page["nodes"].as_array().unwrap().clone();
        let edges = page["edges"].as_array().unwrap();
        assert!(here.len() <= size && here.len() == edges.len(), "{list}");
        assert!(
            here.iter().zip(edges).all(|(node, edge)| node["key"] == edge["node"]["key"]),
            "{list}: edges are nodes"
        );
        let more = page["pageInfo"][info].as_bool().unwrap();
        assert_eq!(more, nodes.len() as u64 + (here.len() as u64) < total, "{list}: {info}");
        if forward {
            nodes.append(&mut here);
        } else {
            here.append(&mut nodes);
            nodes = here;
        }
        if !more {
            return (total, nodes);
        }
        cursor = page["pageInfo"][edge].clone();
    }
}

#[test]
fn pages_give_every_record_once_in_both_directions() {
    let lists = lists();
    assert!(lists.len() >= 24, "{lists:?}");
    let mut filled = 0;
    for (list, _) in lists {
        let (total, forward) = pages(&list, 97, true);
        let distinct: BTreeSet<&str> = forward.iter().map(|node| node["id"].as_str().unwrap()).collect();
        assert_eq!((forward.len() as u64, distinct.len() as u64), (total, total), "{list}");
        filled += usize::from(total > 0);
        // However short the list, it has several pages.
        let third = 1 + forward.len() / 3;
        assert_eq!(pages(&list, third, true).1, forward, "{list}: in pages of {third}");
        assert_eq!(pages(&list, 64.min(third), false), (total, forward), "{list}: backwards it is the same list");
    }
    assert!(filled >= 24, "only {filled} lists have records: this test proves nothing");
}

/// Asks a list of the plan or of the root for a page, and gives its `pageInfo`, or the message of the error.
fn page_info(list: &str, arguments: &str, cursor: &Json) -> Result<Json, String> {
    const INFO: &str = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
    let (owner, list) = list.split_once('.').unwrap_or(("", list));
    let inner = format!("{list}({arguments}) {{ {INFO} }}");
    let takes = if arguments.contains("$c") { "query($c: String)" } else { "query" };
    let query = match owner {
        "" => format!("{takes} {{ {inner} }}"),
        owner => format!("{takes} {{ {owner} {{ {inner} }} }}"),
    };
    let answer = shared().post(&json!({ "query": query, "variables": { "c": cursor } })).json();
    match answer["errors"][0]["message"].as_str() {
        Some(message) => Err(message.to_owned()),
        None if owner.is_empty() => Ok(answer["data"][list]["pageInfo"].clone()),
        None => Ok(answer["data"].as_object().unwrap().values().next().unwrap()[list]["pageInfo"].clone()),
    }
}

#[test]
fn a_page_of_nothing_tells_what_stands_around_it() {
    // The plan's own lists, short and long, with and without a condition, and the two that are no records.
    let asked = "where: {key: {ne: \"x\"}}, ";
    for (list, asked) in [
        ("policyFields", ""),
        ("policyFields", asked),
        ("claims", ""),
        ("observations", asked),
        ("milestones", "orderBy: [{field: TITLE}], "),
        ("discrepancies", ""),
        ("commits", ""),
        ("plan(key: \"dwse-2021\").measures", ""),
    ] {
        let info = |arguments: &str, cursor: &Json| page_info(list, &format!("{asked}{arguments}"), cursor).unwrap();
        let around = |info: &Json| (info["hasPreviousPage"] == true, info["hasNextPage"] == true);
        let one = info("first: 1", &Json::Null);
        let (cursor, more) = (&one["endCursor"], one["hasNextPage"] == true);
        for (arguments, cursor, expected) in [
            ("first: 0", &Json::Null, (false, true)),
            ("last: 0", &Json::Null, (true, false)),
            ("first: 0, after: $c", cursor, (true, more)),
            ("last: 0, before: $c", cursor, (false, true)),
            ("first: 5, after: $c, before: $c", cursor, (true, more)),
            ("last: 5, after: $c, before: $c", cursor, (true, more)),
        ] {
            let info = info(arguments, cursor);
            assert_eq!(around(&info), expected, "{list}({asked}{arguments})");
            assert_eq!((&info["startCursor"], &info["endCursor"]), (&Json::Null, &Json::Null), "{list}");
        }
    }
}

#[test]
fn a_cursor_belongs_to_its_list_and_parent() {
    let of = |list| page_info(list, "first: 1", &Json::Null).unwrap()["endCursor"].clone();
    let lists = [
        "policyFields",
        "strategicGoals",
        "measures",
        "observations",
        "milestones",
        "commits",
        "discrepancies",
        "plan(key: \"dwse-2021\").measures",
        "plan(key: \"dwse-2021\").policyFields",
        "organisation(key: \"dwse\").plans",
        "document(key: \"op-2021\").plans",
    ];
    for from in lists {
        let cursor = of(from);
        for to in lists {
            let told = page_info(to, "first: 1, after: $c", &cursor);
            match told {
                Ok(_) => assert_eq!(from, to, "a cursor is taken by another list"),
                Err(message) => assert!(from != to && message.contains("another list"), "{from} {to}: {message}"),
            }
        }
    }
}

#[test]
fn every_record_is_found_by_its_id_and_by_its_key() {
    let mut ids = BTreeSet::new();
    for (list, one) in lists() {
        let one = one.unwrap_or_else(|| panic!("{list} has no lookup by key"));
        let (_, nodes) = pages(&list, 1000, true);
        for nodes in nodes.chunks(400) {
            let found = shared().ask_with(
                "query($ids: [ID!]!) { nodes(ids: $ids) { id key } }",
                json!({
                    "ids": nodes.iter().map(|node| &node["id"]).collect::<Vec<_>>()
                }),
            );
            assert_eq!(found["nodes"].as_array().unwrap(), nodes, "{list}");
            let lookups: String = nodes
                .iter()
                .enumerate()
                .map(|(index, node)| format!("r{index}: {one}(key: {}) {{ id key }} ", node["key"]))
                .collect();
            let found = shared().ask(&format!("{{ {lookups} }}"));
            assert!(nodes.iter().enumerate().all(|(index, node)| found[format!("r{index}")] == *node), "{list}");
            ids.extend(nodes.iter().map(|node| node["id"].to_string()));
        }
    }
    let counts = shared().ask("{ register { counts { count } } }");
    let records: u64 =
        counts["register"]["counts"].as_array().unwrap().iter().map(|it| it["count"].as_u64().unwrap()).sum();
    assert_eq!(ids.len() as u64, records, "an id names one record among those of all kinds");
}
