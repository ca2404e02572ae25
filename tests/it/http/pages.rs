//! The pages, and the explorer.

use std::collections::BTreeSet;
use std::io::Read as _;

use super::{assert_refused, assert_safe};
use crate::support::shared;

#[test]
fn pages_are_there() {
    let revision = shared().ask("{ register { revision } }")["register"]["revision"].clone();
    for (path, media_type, text) in [
        ("/", "text/html; charset=utf-8", "Ondernemingsplan 2021"),
        ("/docs", "text/html; charset=utf-8", "<div id=\"BudgetLine\">"),
        ("/docs/ImportRowsInput", "text/html; charset=utf-8", "<div id=\"rows\">"),
        ("/guides", "text/html; charset=utf-8", "guides/asking"),
        ("/guides/asking", "text/html; charset=utf-8", "<article"),
        ("/start.css", "text/css; charset=utf-8", "{"),
        ("/icon.svg", "image/svg+xml", "<svg"),
        ("/schema.graphql", "application/graphql; charset=utf-8", "type Query {"),
        ("/health", "application/json", "\"status\":\"ok\""),
        ("/graphiql/", "text/html; charset=utf-8", "Boordtabel"),
    ] {
        let answer = shared().get(path, &[]);
        assert_eq!((answer.status, answer.header("content-type")), (200, media_type), "{path}");
        assert!(answer.text().contains(text), "{path} has no {text}");
        assert_safe(&answer);
        let head = shared().send("HEAD", path, &[], None);
        assert_eq!((head.status, head.header("content-type"), head.body.len()), (200, media_type, 0), "HEAD {path}");
    }
    assert_eq!(shared().get("/health", &[]).json()["revision"], revision);
}

#[test]
fn pages_need_nothing_from_elsewhere() {
    let mut addresses = BTreeSet::new();
    for path in ["/", "/docs", "/docs/Measure", "/guides", "/guides/reference", "/graphiql/"] {
        let page = shared().get(path, &[]).text().replace("&#38;", "&").replace("&amp;", "&");
        let places: BTreeSet<&str> = page.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for attribute in ["src=\"", "href=\""] {
            for target in page.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
                // A guide may name the site of another program: whoever follows that leaves.
                if path.starts_with("/guides/") && target.starts_with("https://") && attribute == "href=\"" {
                    continue;
                }
                // Addresses are relative: a proxy may have put the page below any path.
                assert!(!target.starts_with('/') && !target.contains("//"), "{path} refers to {target}");
                if let Some(id) = target.strip_prefix('#') {
                    assert!(places.contains(id), "{path} has no place {id}");
                } else {
                    addresses.insert(resolved(path, target.split('#').next().unwrap_or_default()));
                }
            }
        }
    }
    for address in addresses {
        let status = shared().get(&address, &[]).status;
        assert!(matches!(status, 200 | 302 | 308), "a page leads to {address}, which is {status}");
    }
    let moved = shared().get("/graphiql", &[]);
    assert_eq!((moved.status, moved.header("location")), (308, "graphiql/"));
}

/// Where an address leads that stands on the page at that path.
fn resolved(page: &str, target: &str) -> String {
    let mut folders: Vec<&str> = page.split('/').collect();
    folders.pop();
    for step in target.split('/') {
        match step {
            "." => {}
            ".." => drop(folders.pop()),
            step => folders.push(step),
        }
    }
    folders.join("/")
}

#[test]
fn the_explorer_comes_whole_compressed_or_not() {
    let page = shared().get("/graphiql/", &[("Accept-Encoding", "identity")]).text();
    let assets = page.split('"').filter(|part| part.starts_with("./assets/"));
    let assets: Vec<String> = assets.map(|part| resolved("/graphiql/", part)).collect();
    assert!(
        assets.iter().any(|path| path.ends_with(".js")) && assets.iter().any(|path| path.ends_with(".css")),
        "the explorer is not in this build (npm is needed to build it): {page}"
    );
    for path in assets.iter().map(String::as_str).chain(["/graphiql/"]) {
        let plain = shared().get(path, &[("Accept-Encoding", "identity")]);
        let packed = shared().get(path, &[("Accept-Encoding", "gzip")]);
        assert_eq!((plain.status, plain.header("content-encoding")), (200, ""), "{path}");
        assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"), "{path}");
        assert_eq!((plain.header("vary"), packed.header("vary")), ("Accept-Encoding", "Accept-Encoding"), "{path}");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain.body, "{path}: both forms are the same file");
        let lasting = plain.header("cache-control").contains("immutable");
        assert_eq!(lasting, path != "/graphiql/", "{path}: only names that hold a hash last");
        assert_safe(&plain);
    }
    assert_refused(&shared().get("/graphiql/assets/none.js", &[]), 404, "NOT_FOUND");
    assert_refused(&shared().get("/graphiql/../Cargo.toml", &[]), 404, "NOT_FOUND");
}

#[test]
fn wrong_addresses_and_methods() {
    for path in ["/nothing", "/graphql/", "/Graphql", "/schema", "/%00", "/graphiql/..%2f..%2fetc/passwd"] {
        assert_refused(&shared().get(path, &[]), 404, "NOT_FOUND");
    }
    for (path, method, allowed) in [
        ("/graphql", "PUT", "GET, HEAD, POST"),
        ("/graphql", "DELETE", "GET, HEAD, POST"),
        ("/", "POST", "GET, HEAD"),
        ("/health", "POST", "GET, HEAD"),
        ("/schema.graphql", "DELETE", "GET, HEAD"),
        ("/graphiql", "PATCH", "GET, HEAD"),
    ] {
        let body: Option<&[u8]> = if method == "DELETE" { None } else { Some(b"{}") };
        let answer = shared().send(method, path, &[("Content-Type", "application/json")], body);
        assert_refused(&answer, 405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
    }
}
