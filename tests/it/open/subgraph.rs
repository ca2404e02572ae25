//! What gateways ask (`_entities`, `_service`) is held to what holds for everybody: it costs what it takes, names earlier states as other
//! lookups do, and tells no more than readers may see.

use serde_json::{Value as Json, json};

use super::reading::Chosen;

const ENTITIES: &str =
    "query($of: [_Any!]!) { found: _entities(representations: $of) { id ... on Measure { name indicators { key } } } }";
const NODES: &str = "query($of: [ID!]!) { found: nodes(ids: $of) { id ... on Measure { name indicators { key } } } }";

fn ask(chosen: &Chosen, query: &str, of: &[Json]) -> Json {
    chosen.server.post(&json!({ "query": query, "variables": { "of": of } })).json()
}

/// Representations of those ids.
fn by_id(ids: &[Json]) -> Vec<Json> {
    ids.iter().map(|id| json!({ "__typename": "Measure", "id": id })).collect()
}

fn ids_at(chosen: &Chosen, revision: u64) -> Vec<Json> {
    let query = format!("{{ at(asOf: {{ revision: {revision} }}) {{ measures(first: 100) {{ nodes {{ id }} }} }} }}");
    let found = chosen.with_token(&query);
    found["at"]["measures"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect()
}

#[test]
fn entities_are_priced_and_read_as_nodes_are() {
    let chosen = Chosen::start(&["--subgraph"]);
    let past = ids_at(&chosen, 1);
    assert!(past.len() > 20, "{}", past.len());
    let (by_nodes, by_entities) = (ask(&chosen, NODES, &past), ask(&chosen, ENTITIES, &by_id(&past)));
    assert_eq!(by_nodes["data"]["found"][0]["id"], past[0], "{by_nodes}");
    assert_eq!(by_entities["data"], by_nodes["data"], "an id of an earlier state is answered from that state");
    let cost = |answer: Json| answer["extensions"]["cost"].as_u64().unwrap_or_else(|| panic!("{answer}"));
    let more = |query: &str, of: &[Json]| cost(ask(&chosen, query, of)) - cost(ask(&chosen, query, &of[..1]));
    let current: Vec<Json> = chosen.with_token("{ measures(first: 100) { nodes { id } } }")["measures"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["id"].clone())
        .collect();
    let nodes = more(NODES, &current);
    assert!(nodes > current.len() as u64, "{nodes}");
    assert_eq!(more(ENTITIES, &by_id(&current)), nodes, "each entity costs what a node does");
    // States that there are not are refused, not answered from another.
    let none = json!([{ "__typename": "Measure", "id": "TWVhc3VyZUA5OTk5Ong" }]);
    let refused = ask(&chosen, ENTITIES, none.as_array().unwrap());
    assert_eq!(refused["errors"][0]["extensions"]["code"], "REVISION_UNAVAILABLE", "{refused}");
}

#[test]
fn what_is_hidden_is_hidden_from_gateways_without_a_token_too() {
    let chosen = Chosen::start(&["--subgraph", "--hide", "introspection,history"]);
    let is_forbidden = |answer: Json| {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
        assert!(answer["data"].is_null(), "{answer}");
    };
    is_forbidden(chosen.public("{ _service { sdl } }").json());
    is_forbidden(chosen.public("fragment F on Query { a: _service { sdl } } { ...F }").json());
    assert!(chosen.with_token("{ _service { sdl } }")["_service"]["sdl"].as_str().unwrap().contains("type Measure"));
    let (past, current) = (ids_at(&chosen, 1), json!({ "__typename": "Plan", "key": "dwse-2021" }));
    is_forbidden(ask(&chosen, ENTITIES, &by_id(&past[..1])));
    let found = ask(&chosen, ENTITIES, &[current]);
    assert!(found["data"]["found"][0]["id"].is_string(), "{found}");
}
