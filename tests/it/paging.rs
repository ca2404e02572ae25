//! Pages, ids and keys: every record is met exactly once, and found again by each of its names.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::support::shared;

/// Root fields that give a connection, each with the root field that gives one record by key, where there is one.
fn lists() -> Vec<(String, Option<String>)> {
    let schema =
        shared().ask("{ __schema { queryType { fields { name args { name } type { name ofType { name } } } } } }");
    let fields = schema["__schema"]["queryType"]["fields"].as_array().unwrap();
    let lists = fields.iter().filter_map(|field| {
        let kind = field["type"]["ofType"]["name"].as_str()?.strip_suffix("Connection")?;
        // Commits and contradictions are no records: they have no id.
        if ["CommitSummary", "Discrepancy"].contains(&kind) {
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
        assert_eq!(pages(&list, 64, false), (total, forward), "{list}: backwards it is the same list");
    }
    assert!(filled >= 24, "only {filled} lists have records: this test proves nothing");
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
