//! The documentation: a page for each guide and each type, links that lead somewhere, a search that finds.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use super::{page, plain};
use crate::support::{Answer, shared};

/// The largest page, with its text compressed as browsers take it.
const BYTES_MAX: usize = 40_000;

/// A page as it comes to a browser: its size on the way, and its text.
fn packed(path: &str) -> (usize, Answer, String) {
    let answer = shared().get(path, &[("Accept", "text/html"), ("Accept-Encoding", "gzip")]);
    let mut bytes = answer.body.clone();
    if answer.header("content-encoding") == "gzip" {
        bytes.clear();
        flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut bytes).unwrap();
    }
    (answer.body.len(), answer, String::from_utf8_lossy(&bytes).into_owned())
}

fn ids(html: &str) -> BTreeSet<String> {
    html.split(" id=\"").skip(1).map(|rest| plain(rest.split('"').next().unwrap())).collect()
}

/// What a page refers to, without what other sites have: addresses of this one, each with the place on it.
fn targets(path: &str, html: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for attribute in [" href=\"", " src=\""] {
        for rest in html.split(attribute).skip(1) {
            let target = plain(rest.split('"').next().unwrap());
            if target.contains("://") {
                continue;
            }
            let (address, place) = target.split_once('#').unwrap_or((&target, ""));
            let address = if address.is_empty() { path.to_owned() } else { super::resolved(path, address) };
            found.push((address, place.to_owned()));
        }
    }
    found
}

#[test]
fn every_guide_and_type_has_a_page_and_no_link_is_dead() {
    let schema = shared().ask("{ __schema { types { name } } }");
    let types: BTreeSet<&str> =
        schema["__schema"]["types"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    let types: BTreeSet<String> =
        types.into_iter().filter(|name| !name.starts_with("__")).map(|name| format!("/docs/{name}")).collect();
    let (mut open, mut wanted) =
        (vec!["/guides".to_owned(), "/docs".into()], BTreeMap::<String, BTreeSet<(String, String)>>::new());
    let mut seen = BTreeMap::new();
    let mut elsewhere = BTreeSet::new();
    while let Some(path) = open.pop() {
        if seen.contains_key(&path) {
            continue;
        }
        let (size, answer, html) = packed(&path);
        assert_eq!(answer.status, 200, "{path}, to which leads {:?}", wanted.get(&path));
        if answer.header("content-type").starts_with("text/html") {
            assert!(size <= BYTES_MAX, "{path} has {size} bytes");
            assert!(!html.contains(" style="), "{path}: the policy of pages lets no style in");
            assert!(html.contains("<h1"), "{path} has no title");
            for (address, place) in targets(&path, &html) {
                let is_ours =
                    (address.starts_with("/docs") || address.starts_with("/guides")) && !address.contains('?');
                if is_ours {
                    open.push(address.clone());
                    wanted.entry(address).or_default().insert((place, path.clone()));
                } else {
                    elsewhere.insert(address);
                }
            }
        }
        seen.insert(path, ids(&html));
    }
    for (address, places) in &wanted {
        for (place, from) in places.iter().filter(|(place, _)| !place.is_empty()) {
            assert!(seen[address].contains(place), "{from} leads to {address}#{place}, and there is no such place");
        }
    }
    let missing: Vec<_> = types.iter().filter(|path| !seen.contains_key(*path)).collect();
    assert!(missing.is_empty() && types.len() > 500, "the index of types does not lead to {missing:?}");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = name.strip_suffix(".md") {
            assert!(seen.contains_key(&format!("/guides/{name}")), "/guides does not lead to {name}");
        }
    }
    assert!(elsewhere.len() > 5, "{elsewhere:?}");
    // Of the queries to try some: each leads to the same page.
    let tries = elsewhere.iter().filter(|address| address.contains('?')).take(2);
    for address in elsewhere.iter().filter(|address| !address.contains('?')).chain(tries) {
        let status = shared().get(address, &[]).status;
        assert!(matches!(status, 200 | 302 | 308), "the documentation leads to {address}, which is {status}");
    }
}

#[test]
fn a_page_of_a_type_says_all_that_the_schema_says() {
    let query = "{ __type(name: \"Measure\") { description fields { name description args { name description } type { name ofType { name } } } } }";
    let schema = shared().ask(query)["__type"].clone();
    let (_, _, html) = packed("/docs/Measure");
    let text = plain(&html).replace("<code>", "`").replace("</code>", "`");
    for field in schema["fields"].as_array().unwrap() {
        let name = field["name"].as_str().unwrap();
        assert!(ids(&html).contains(name), "{name} has no place of its own");
        let first = field["description"].as_str().unwrap().split(['`', '*', '.']).next().unwrap();
        assert!(text.contains(first), "{name} is not described: {first}");
        for arg in field["args"].as_array().unwrap() {
            assert!(text.contains(&format!("`{}`", arg["name"].as_str().unwrap())), "{name} has no argument {arg}");
        }
    }
    let used = html.split("id=\"used\"").nth(1).expect("it says where the type is used");
    assert!(used.contains("Query#measure\"") && used.contains("Indicator#measure\""), "{used}");
    let (_, _, words) = packed("/docs/MilestoneStatus");
    for word in shared().ask("{ __type(name: \"MilestoneStatus\") { enumValues { name } } }")["__type"]["enumValues"]
        .as_array()
        .unwrap()
    {
        assert!(ids(&words).contains(word["name"].as_str().unwrap()), "{word}");
    }
    let (_, _, input) = packed("/docs/SetMilestoneStatusInput");
    assert!(input.contains("Mutation#setMilestoneStatus\">Mutation.setMilestoneStatus</a> (input:)"), "{input}");
    let (_, _, limits) = packed("/docs/limits");
    assert!(limits.contains("id=\"depth\"") && limits.contains("id=\"page_max\""), "{limits}");
    // What will go is said where it stands, and in one list.
    let gone = shared().ask("{ __schema { types { name fields(includeDeprecated: true) { name isDeprecated } } } }");
    let (_, _, index) = packed("/docs");
    let mut count = 0;
    for ty in gone["__schema"]["types"].as_array().unwrap() {
        for field in ty["fields"].as_array().into_iter().flatten().filter(|it| it["isDeprecated"] == true) {
            let place = format!("docs/{}#{}", ty["name"].as_str().unwrap(), field["name"].as_str().unwrap());
            assert!(index.contains(&place), "{place} is not in the list of what will go");
            count += 1;
        }
    }
    assert!(count > 0, "nothing is deprecated: this part of the test proves nothing");
}

/// The addresses that a search gives, the nearest first.
fn found(asked: &str) -> Vec<String> {
    let answer = page(shared(), &format!("/docs?q={}", super::encoded(asked)), "en");
    assert_eq!(answer.status, 200);
    let text = answer.text();
    let hits = text.split("<ol class=\"hits\">").nth(1).unwrap_or_default();
    hits.split("<h2><a href=\"").skip(1).map(|rest| plain(rest.split('"').next().unwrap())).collect()
}

#[test]
fn a_search_finds_by_name_by_description_and_in_the_guides() {
    assert_eq!(found("milestone")[0], "docs/Milestone");
    assert_eq!(found("Query.measures")[0], "docs/Query#measures");
    assert_eq!(found("zyzzyva-quux").first().map(String::as_str), None, "nothing has this");
    assert_eq!(found("PERSISTED_QUERY_NOT_FOUND")[0], "docs/ErrorCode#PERSISTED_QUERY_NOT_FOUND");
    assert!(found("norm results").contains(&"docs/Query#normResults".to_owned()));
    let described = found("mijlpaal");
    assert!(described.iter().any(|address| address.starts_with("docs/Milestone")), "by the Dutch term: {described:?}");
    let guides = found("reverse proxy nginx");
    assert!(guides.iter().any(|address| address.starts_with("guides/")), "in the guides: {guides:?}");
    assert!(found("").is_empty());
    let hostile = page(shared(), "/docs?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22", "en").text();
    assert!(!hostile.contains("<script>alert") && hostile.contains("0 found"), "what is searched for is text");
    let near = page(shared(), "/docs?q=Mesure", "en").text();
    assert!(near.contains("Did you mean") && near.contains("docs/Measure\""), "{near}");
    let many: Vec<String> = (0..17).map(|number| format!("w{number}")).collect();
    let refused = page(shared(), &format!("/docs?q={}", many.join("+")), "en").text();
    assert!(refused.contains("17 words are too many"), "{refused}");
}

#[test]
fn the_documentation_is_kept_and_wrong_addresses_say_so() {
    for path in ["/docs", "/docs/Query", "/guides", "/guides/start", "/guides/docs/measure.png", "/docs?q=norm"] {
        let answer = page(shared(), path, "nl");
        assert_eq!((answer.status, answer.header("cache-control")), (200, "public, no-cache"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        let tag = answer.header("etag").to_owned();
        assert_eq!(shared().get(path, &[("If-None-Match", &tag)]).status, 304, "{path} with {tag}");
    }
    let unknown = page(shared(), "/docs/Mesure", "en");
    assert_eq!(unknown.status, 404);
    assert!(
        unknown.text().contains("no type “Mesure”") && unknown.text().contains("docs/Measure\""),
        "{}",
        unknown.text()
    );
    for path in ["/guides/none", "/guides/../Cargo.toml", "/guides/Cargo.toml", "/docs/a/b", "/guides/none.md"] {
        assert_eq!(page(shared(), path, "en").status, 404, "{path}");
    }
    let moved = page(shared(), "/docs/", "en");
    assert_eq!((moved.status, moved.header("location")), (308, "../docs"));
    let own = shared().get("/guides/asking.md", &[]);
    assert!(own.text().starts_with("# ") && own.header("content-type").starts_with("text/markdown"));
}
