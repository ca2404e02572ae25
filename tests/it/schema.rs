//! The schema that is committed is the schema that is served.

use serde_json::Value as Json;

use crate::support::{run, shared};

#[test]
fn schema_file_is_up_to_date() {
    let printed = run(["schema"]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql")).unwrap_or_default();
    let mut lines = committed.lines().zip(printed.stdout.lines()).enumerate();
    let differs = lines.find(|(_, (old, new))| old != new);
    assert!(
        committed == printed.stdout,
        "schema.graphql at the repository's root is not the program's schema (first difference: {differs:?}).\n\
         If the change is meant, write the file again: cargo run -- schema --out schema.graphql"
    );
    assert!(shared().get("/schema.graphql", &[]).text() == printed.stdout, "the server gives another schema");
}

#[test]
fn schema_is_sorted() {
    let schema = run(["schema"]).stdout;
    let heads = schema
        .lines()
        .filter(|line| line.ends_with('{') && !line.starts_with([' ', '"']) && !line.starts_with("schema"));
    let types: Vec<&str> = heads.map(|line| line.split(' ').nth(1).unwrap_or_default()).collect();
    assert!(types.len() > 50 && types.is_sorted(), "{types:?}");
}

#[test]
fn every_element_is_described() {
    let schema = shared().ask(
        "{ __schema { types { kind name description fields(includeDeprecated: true) { name description args { name description } }
           inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }",
    );
    let mut elements = 0;
    let mut check = |path: &str, element: &Json| {
        let text = element["description"].as_str().unwrap_or_default();
        assert!(text.len() > 4, "{path} has no description");
        elements += 1;
    };
    let list = |json: &Json| json.as_array().cloned().unwrap_or_default();
    for ty in list(&schema["__schema"]["types"]) {
        let name = ty["name"].as_str().unwrap_or_default();
        if name.starts_with("__") || ["Boolean", "Float", "ID", "Int", "String"].contains(&name) {
            continue;
        }
        check(name, &ty);
        for part in ["fields", "inputFields", "enumValues"] {
            for element in list(&ty[part]) {
                let path = format!("{name}.{}", element["name"]);
                check(&path, &element);
                list(&element["args"]).iter().for_each(|arg| check(&format!("{path}({})", arg["name"]), arg));
            }
        }
    }
    assert!(elements > 500, "only {elements} were seen: this test looks at the wrong place");
}
