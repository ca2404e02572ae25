//! The pages for people, over the real server: what stands on them is what the API says, and each figure leads to its source.

mod answers;
mod bodies;
mod forms;
mod learn;
pub mod rounds;
mod states;
mod years;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::support::{Answer, Server, shared};

/// The keys of some record of each kind that has pages, by the first part of their addresses.
fn keys(server: &Server) -> BTreeMap<&'static str, Vec<String>> {
    let query = "{ plans(first: 3) { nodes { key } } measures(first: 100) { nodes { key } } policyFields(first: 3) { nodes { key } }
        operationalGoals(first: 20) { nodes { key } } strategicGoals(first: 10) { nodes { key } } projects(first: 30) { nodes { key } }
        budgetArticles(first: 50) { nodes { key } } inspectedProcesses(first: 20) { nodes { key } } }";
    let data = server.ask(query);
    let of = |list: &str| {
        let nodes = data[list]["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    BTreeMap::from([
        ("plans", of("plans")),
        ("measures", of("measures")),
        ("fields", of("policyFields")),
        ("goals", of("operationalGoals")),
        ("strategic-goals", of("strategicGoals")),
        ("projects", of("projects")),
        ("articles", of("budgetArticles")),
        ("processes", of("inspectedProcesses")),
    ])
}

/// The addresses of pages: all sorts, and of those that have keys some, or all.
fn addresses(server: &Server, of_each: usize) -> Vec<String> {
    let keys = keys(server);
    let plan = encoded(&keys["plans"][0]);
    let mut all = vec![
        "/".to_owned(),
        "/plans".into(),
        "/bodies".into(),
        "/changes".into(),
        "/change?from=0&to=1".into(),
        "/search?text=a".into(),
    ];
    for page in ["norms", "budget", "milestones", "trends", "inspections", "staff", "contradictions", "round"] {
        all.push(format!("/{page}?plan={plan}"));
    }
    for (page, keys) in keys {
        let step = (keys.len() / of_each).max(1);
        all.extend(keys.iter().step_by(step).take(of_each).map(|key| format!("/{page}/{}", encoded(key))));
    }
    all
}

fn encoded(text: &str) -> String {
    let letter = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(letter).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits = |rest: &mut std::str::Bytes<'_>| {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
        };
        bytes.push(if byte == b'%' { digits(&mut rest) } else { byte });
    }
    String::from_utf8(bytes).unwrap()
}

fn page(server: &Server, path: &str, language: &str) -> Answer {
    server.get(path, &[("Accept", "text/html"), ("Accept-Language", language)])
}

/// Text of HTML without its entities.
fn plain(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#38;", "&"),
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&#60;", "<"),
        ("&#62;", ">"),
    ];
    let text = pairs.iter().fold(text.to_owned(), |text, (entity, letter)| text.replace(entity, letter));
    text.replace("&amp;", "&")
}

/// A link: where it leads, resolved, and what it says without tags.
struct Link {
    to: String,
    says: String,
    is_figure: bool,
}

fn links(path: &str, html: &str) -> Vec<Link> {
    let mut found = Vec::new();
    for part in html.split("<a ").skip(1) {
        let (head, rest) = part.split_once('>').unwrap();
        let Some((_, target)) = head.split_once("href=\"") else { continue };
        let target = plain(target.split('"').next().unwrap());
        let inner = rest.split("</a>").next().unwrap();
        let mut says = String::new();
        let mut in_tag = false;
        for letter in inner.chars() {
            match letter {
                '<' => in_tag = true,
                '>' => in_tag = false,
                other if !in_tag => says.push(other),
                _ => {}
            }
        }
        let is_figure = head.contains("class=f ") || head.contains("class=\"f ");
        found.push(Link { to: resolved(path, &target), says: plain(says.trim()), is_figure });
    }
    found
}

/// Where an address leads that stands on the page at that path.
fn resolved(page: &str, target: &str) -> String {
    let page = page.split('?').next().unwrap();
    let mut folders: Vec<&str> = page.split('/').collect();
    folders.pop();
    let (target, query) =
        target.split_once('?').map_or((target, String::new()), |(path, query)| (path, format!("?{query}")));
    for part in target.split('/') {
        match part {
            ".." => drop(folders.pop()),
            "." | "" => {}
            other => folders.push(other),
        }
    }
    let path = folders.join("/");
    let is_folder = target.is_empty() || target.ends_with('/');
    let path = if is_folder && !path.ends_with('/') { format!("{path}/") } else { path };
    format!("{path}{query}")
}

/// What stands at a path as pages write it: names with points, entries by key or place between bars.
fn at<'v>(mut value: &'v Json, path: &str) -> &'v Json {
    for (index, part) in path.split('|').enumerate() {
        if index % 2 == 1 {
            let entries = value.as_array().unwrap();
            let key = |entry: &Json| {
                let known = ["indicator", "norm", "record", "target"]
                    .map(|name| entry[name]["key"].as_str().map(str::to_owned));
                entry["key"].as_str().map(str::to_owned).or_else(|| known.into_iter().flatten().next())
            };
            let found = entries.iter().find(|entry| key(entry).as_deref() == Some(part));
            value = found.unwrap_or_else(|| &entries[part.parse::<usize>().unwrap()]);
            continue;
        }
        for name in part.split('.').filter(|name| !name.is_empty()) {
            value = &value[name];
        }
    }
    value
}

/// The parameter of an address.
fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(decoded)
}

#[test]
fn every_figure_on_a_page_is_the_api_s_and_leads_to_its_source() {
    let of_each = if std::env::var_os("BOORDTABEL_LONG").is_some() { 100 } else { 3 };
    let mut figures = 0;
    for path in addresses(shared(), of_each) {
        let html = page(shared(), &path, "nl").text();
        let (stem, query) = path.split_once('?').unwrap_or((&path, ""));
        let stem = if stem == "/" { "/home" } else { stem };
        let answer = shared().get(&format!("{stem}.json?{query}"), &[]).json();
        for link in links(&path, &html).into_iter().filter(|link| link.is_figure) {
            let place = parameter(&link.to, "at").unwrap();
            let figure = at(&answer, &place);
            assert!(figure["status"].is_string(), "{path}: there is no figure at {place}");
            let exact =
                html.split("<data value=\"").skip(1).any(|rest| rest.split('"').next() == figure["value"].as_str());
            assert!(exact || figure["value"].is_null(), "{path}: {place} is {figure}, which the page does not show");
            figures += 1;
            // Each page of a source is a request of its own: some of them.
            if figures % 97 == 0 || of_each > 3 && figures % 11 == 0 {
                let source = page(shared(), &link.to, "nl");
                assert_eq!(source.status, 200, "{}", link.to);
                let value = figure["value"].as_str().map_or(String::new(), |value| format!("<data value=\"{value}\">"));
                assert!(source.text().contains(&value), "{}: another figure than {figure}", link.to);
                let told = ["Gedrukt", "Berekend", "niet bekend"].iter().any(|word| source.text().contains(word));
                assert!(told, "{} does not say where the figure comes from", link.to);
            }
        }
    }
    assert!(figures > 1_500, "only {figures} figures were seen: this test reads the pages wrongly");
}

#[test]
fn every_page_is_there_in_both_languages_small_and_kept() {
    for path in addresses(shared(), 2) {
        for (language, other) in [("nl", "English"), ("en", "Nederlands")] {
            let answer = server_page(&path, language);
            let text = answer.text();
            assert!(text.contains(&format!("<html lang=\"{language}\">")), "{path}");
            assert!(text.contains(other), "{path} has no switch to the other language");
            assert!(!text.contains("style=\""), "{path}: the policy lets no style in");
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
            let packed = shared().get(&path, &[("Accept-Language", language), ("Accept-Encoding", "gzip")]);
            assert!(packed.body.len() < 40_000, "{path} has {} bytes", packed.body.len());
            let tag = packed.header("etag").to_owned();
            let again = shared().get(&path, &[("Accept-Language", language), ("If-None-Match", &tag)]);
            assert_eq!(again.status, 304, "{path} with {tag}");
        }
    }
}

fn server_page(path: &str, language: &str) -> Answer {
    let answer = page(shared(), path, language);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer
}

#[test]
fn the_page_of_a_figure_is_headed_by_what_it_is_of() {
    let server = shared();
    let path = format!("/norms?plan={}", encoded(&keys(server)["plans"][0]));
    let all = links(&path, &page(server, &path, "nl").text()).into_iter();
    let figures: Vec<String> = all.map(|link| link.to).filter(|to| to.contains("at=attainments")).collect();
    assert!(figures.len() > 20, "{figures:?}");
    for target in figures.iter().step_by(figures.len() / 6) {
        let shown = page(server, target, "nl").text();
        let heading = plain(shown.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap());
        let key = decoded(target.split("%7C").nth(1).unwrap());
        let norm = server.ask(&format!("{{ norm(key: {}) {{ label }} }}", Json::from(key)));
        let label = norm["norm"]["label"].as_str().unwrap();
        assert!(heading.starts_with(label), "{heading}: {label}");
    }
}
