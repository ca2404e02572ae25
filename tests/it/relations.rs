//! Relations go both ways for every record, whatever the schema has: nothing here names a kind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::support::shared;

/// What a field gives that may lead to records of several kinds.
const ANY: &str = "Node";

/// A field that leads from a record to others.
struct Relation {
    field: String,
    target: String,
    paged: bool,
}

/// The kinds of record with the root field that lists each, and their relations.
fn kinds() -> BTreeMap<String, (String, Vec<Relation>)> {
    let ty = "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    let schema = shared().ask(&format!(
        "{{ __schema {{ types {{ name interfaces {{ name }} fields {{ name args {{ name }} {ty} }} }} }} }}"
    ));
    let types = schema["__schema"]["types"].as_array().unwrap();
    let fields = |name: &str| {
        let found = types.iter().find(|ty| ty["name"] == name).unwrap_or_else(|| panic!("no type {name}"));
        found["fields"].as_array().unwrap().clone()
    };
    let is_record = |name: &str| {
        types.iter().any(|ty| {
            ty["name"] == name
                && ty["interfaces"].as_array().is_some_and(|all| all.iter().any(|it| it["name"] == "Node"))
        })
    };
    let mut kinds = BTreeMap::new();
    for list in fields("Query") {
        let Some(kind) = innermost(&list["type"]).strip_suffix("Connection").map(str::to_owned) else { continue };
        if !is_record(&kind) {
            continue;
        }
        let relations = fields(&kind).into_iter().filter_map(|field| {
            let name = innermost(&field["type"]);
            let paged = name.ends_with("Connection");
            let target = name.strip_suffix("Connection").unwrap_or(&name).to_owned();
            // A list of records of any kind is computed: nothing leads back.
            let is_link = target == ANY && field["type"]["kind"] != "LIST";
            let name = field["name"].as_str().unwrap().to_owned();
            (is_record(&target) || is_link).then_some(Relation { field: name, target, paged })
        });
        kinds.insert(kind.clone(), (list["name"].as_str().unwrap().to_owned(), relations.collect()));
    }
    kinds
}

fn innermost(ty: &Json) -> String {
    if ty["ofType"].is_null() { ty["name"].as_str().unwrap().to_owned() } else { innermost(&ty["ofType"]) }
}

/// Pairs of keys: a record, and one that its field leads to.
type Pairs = BTreeSet<(String, String)>;

#[test]
fn every_relation_works_both_ways_for_every_record() {
    let kinds = kinds();
    assert!(kinds.len() >= 24, "all kinds of the model have relations: {:?}", kinds.keys());
    let mut pairs: BTreeMap<(&str, &str, String), Pairs> = BTreeMap::new();
    for (kind, (list, relations)) in &kinds {
        let selection: String = relations
            .iter()
            .map(|relation| match relation.paged {
                true => format!("{}(first: 1000) {{ totalCount nodes {{ __typename key }} }} ", relation.field),
                false => format!("{} {{ __typename key }} ", relation.field),
            })
            .collect();
        // Few records have lists that are paged, and pages in pages cost the product of their sizes.
        let size = if relations.iter().any(|relation| relation.paged) { 10 } else { 1000 };
        let page = shared().ask(&format!("{{ {list}(first: {size}) {{ totalCount nodes {{ key {selection} }} }} }}"))
            [list]
            .take();
        let nodes = page["nodes"].as_array().unwrap();
        assert_eq!(page["totalCount"], nodes.len(), "{kind}: all of them on one page");
        for relation in relations {
            for node in nodes {
                let key = node["key"].as_str().unwrap();
                let mut value = &node[&relation.field];
                if relation.paged {
                    assert_eq!(
                        value["totalCount"],
                        value["nodes"].as_array().unwrap().len(),
                        "{kind} {key} {}",
                        relation.field
                    );
                    value = &value["nodes"];
                }
                let one = std::slice::from_ref(value);
                for target in value.as_array().map_or(one, Vec::as_slice).iter().filter(|it| !it.is_null()) {
                    let target_kind = target["__typename"].as_str().unwrap().to_owned();
                    let found = pairs.entry((kind, &relation.field, target_kind)).or_default();
                    let new = found.insert((key.to_owned(), target["key"].as_str().unwrap().to_owned()));
                    assert!(new, "{kind} {key}: {} leads to {target} twice", relation.field);
                }
            }
        }
    }
    let none = Pairs::new();
    let of = |kind: &str, field: &str, target: &str| {
        pairs.iter().find(|((a, b, c), _)| (*a, *b, c.as_str()) == (kind, field, target)).map_or(&none, |(_, it)| it)
    };
    let mut used = 0;
    for (kind, (_, relations)) in &kinds {
        for relation in relations {
            // A field that may lead to several kinds must be led back to by each of them that it leads to.
            let targets = kinds.keys().filter(|target| match relation.target.as_str() {
                ANY => !of(kind, &relation.field, target).is_empty(),
                one => one == *target,
            });
            for target in targets {
                let there = of(kind, &relation.field, target);
                let turned: Pairs = there.iter().map(|(from, to)| (to.clone(), from.clone())).collect();
                let back = kinds[target].1.iter().filter(|it| it.target == *kind || it.target == ANY);
                let mut back = back.filter(|it| *of(target, &it.field, kind) == turned);
                assert!(
                    back.next().is_some(),
                    "nothing of {target} leads back as {kind}.{} leads there",
                    relation.field
                );
                used += usize::from(!there.is_empty());
            }
        }
    }
    assert!(used >= 60, "only {used} relations have members: this test proves nothing");
}
