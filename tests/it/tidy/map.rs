//! The map in ARCHITECTURE.md: a row for each folder with code, made of what the code says of itself.
//!
//! `BOORDTABEL_WRITE_MAP=1 cargo test --test it tidy::map` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::names::Names;
use super::{ROOT, files_below};

const HEAD: &str = "| Path | Holds | Uses |\n|---|---|---|\n";

/// A row: what stands there, and which of its neighbours it uses.
struct Part {
    path: String,
    holds: String,
    uses: BTreeSet<String>,
}

/// The first sentence of a file about itself.
fn first_sentence(file: &str, text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let paragraph: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    assert!(!paragraph.is_empty(), "{file} does not say what it is for: begin it with `//! …`");
    let sentence = paragraph.split(". ").next().unwrap_or_default().trim_end_matches('.');
    sentence.replace("[`", "`").replace("`]", "`").replace('|', "\\|")
}

/// The parts below a folder of `src/`, those that others use first.
fn parts(files: &BTreeMap<String, String>, uses: &[(String, String)], below: &str, into: &mut Vec<Part>) {
    let mut found: BTreeMap<String, Part> = BTreeMap::new();
    for (file, text) in files {
        let Some(rest) = file.strip_prefix(below) else { continue };
        let (name, is_folder) = match rest.split_once('/') {
            Some((folder, _)) => (folder, true),
            None => (rest, false),
        };
        // A folder speaks in its `mod.rs`, or in the file of its name; files have a row only at the top.
        let speaks = [format!("{below}{name}/mod.rs"), format!("{below}{name}.rs")].contains(file);
        if ["tests", "tests.rs"].contains(&name)
            || !(is_folder && speaks || !is_folder && (below.is_empty() || is_face(files, file)))
        {
            continue;
        }
        let name = name.trim_end_matches(".rs").to_owned();
        let path =
            if is_folder || is_face(files, file) { format!("src/{below}{name}/") } else { format!("src/{file}") };
        let holds = first_sentence(file, text);
        found.insert(name, Part { path, holds, uses: BTreeSet::new() });
    }
    for (from, to) in uses {
        let neighbour = |file: &str| {
            let name = file.strip_prefix(below)?.split('/').next()?.trim_end_matches(".rs");
            found.contains_key(name).then(|| name.to_owned())
        };
        let (Some(from), Some(to)) = (neighbour(from), neighbour(to)) else { continue };
        if from != to {
            found.get_mut(&from).expect("it is one of them").uses.insert(to);
        }
    }
    let mut order: Vec<String> = found.keys().cloned().collect();
    order.sort_by_key(|name| (reached(&found, name).len(), name.clone()));
    for name in order {
        into.extend(found.remove(&name));
        parts(files, uses, &format!("{below}{name}/"), into);
    }
}

/// Whether a file has a folder of its name with more than tests.
fn is_face(files: &BTreeMap<String, String>, file: &str) -> bool {
    let folder = format!("{}/", file.trim_end_matches(".rs"));
    files.keys().any(|other| other.strip_prefix(&folder).is_some_and(|rest| !rest.starts_with("tests")))
}

fn reached(parts: &BTreeMap<String, Part>, from: &str) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(name) = open.pop() {
        for other in parts.get(&name).into_iter().flat_map(|part| &part.uses) {
            if found.insert(other.clone()) {
                open.push(other.clone());
            }
        }
    }
    found
}

/// The map as it should be.
fn drawn() -> String {
    let sources = super::sources();
    let names = Names::read(sources.iter().map(|(file, text)| (file.as_str(), text.as_str())));
    let arrows = names.arrows();
    let uses: Vec<(String, String)> =
        arrows.iter().flat_map(|(from, to)| to.keys().map(move |to| (from.clone(), to.clone()))).collect();
    let mut rows = Vec::new();
    parts(&sources.into_iter().collect(), &uses, "", &mut rows);
    let mut map = HEAD.to_owned();
    for Part { path, holds, uses } in rows {
        let uses = uses.into_iter().collect::<Vec<_>>().join(", ");
        writeln!(map, "| `{path}` | {holds} | {uses} |").unwrap();
    }
    for folder in ["tests", "benches"] {
        for path in files_below(&Path::new(ROOT).join(folder)) {
            let shown = path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned();
            let is_face =
                ["/main.rs", "/mod.rs"].iter().any(|end| shown.ends_with(end)) && !shown.contains("node_modules");
            if is_face {
                let holds = first_sentence(&shown, &fs::read_to_string(&path).unwrap());
                writeln!(map, "| `{}/` | {holds} | |", shown.rsplit_once('/').unwrap().0).unwrap();
            }
        }
    }
    map
}

#[test]
fn the_map_says_what_the_code_says() {
    let path = Path::new(ROOT).join("ARCHITECTURE.md");
    let text = fs::read_to_string(&path).unwrap();
    let start = text.find(HEAD).expect("the map stands in ARCHITECTURE.md");
    let end = start + text[start..].find("\n\n").expect("something follows the map") + 1;
    let drawn = drawn();
    assert!(drawn.lines().count() > 30, "{drawn}");
    if std::env::var_os("BOORDTABEL_WRITE_MAP").is_some() {
        fs::write(&path, format!("{}{drawn}{}", &text[..start], &text[end..])).unwrap();
        return;
    }
    let (have, want): (BTreeSet<&str>, BTreeSet<&str>) = (text[start..end].lines().collect(), drawn.lines().collect());
    assert!(
        text[start..end] == drawn,
        "the map is out of step; write it anew: BOORDTABEL_WRITE_MAP=1 cargo test --test it tidy::map\nlacks: {:#?}\nhas: {:#?}",
        want.difference(&have).collect::<Vec<_>>(),
        have.difference(&want).collect::<Vec<_>>()
    );
}
