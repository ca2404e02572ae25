//! What the code promises of itself: its direction, its homes, its size, and that it knows no department.

mod circles;
mod map;
mod names;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The modules from left to right: none uses one that stands in a later row. Those of one row do not use each other.
const DIRECTION: [&[&str]; 13] = [
    &["model", "embedded", "work", "secret"],
    &["cluster", "search"],
    &["register"],
    &["analysis"],
    &["journal"],
    // With its codec: the two are one place.
    &["store"],
    &["commit"],
    &["import", "archive"],
    &["export"],
    &["graphql"],
    &["pages"],
    &["http"],
    &["cli"],
];

/// Crates that one place keeps to itself.
const HOMES: [(&str, &[&str]); 9] = [
    ("bincode", &["store/codec"]),
    ("sled", &["store"]),
    ("async_graphql", &["graphql"]),
    ("actix_web", &["http"]),
    ("actix_http", &["http"]),
    ("actix_server", &["http"]),
    ("actix_service", &["http"]),
    ("clap", &["cli"]),
    ("frostem", &["search"]),
];

const LINES_MAX: usize = 400;

/// Files under `src/` by their path in it, with their text.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(ROOT).join("src");
    let files = files_below(&root).into_iter().filter(|path| path.extension().is_some_and(|it| it == "rs"));
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), text)
    };
    let files: Vec<_> = files.map(read).collect();
    assert!(files.len() > 30, "the sources are not where this test looks");
    files
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

/// Code without its comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// Whether a path lies in a folder or is a file's.
fn is_in(path: &str, home: &str) -> bool {
    path.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == ".rs")
}

/// The module and row that a path belongs to: the innermost that is listed.
fn place(path: &str) -> Option<(usize, &'static str)> {
    let all = DIRECTION.iter().enumerate().flat_map(|(row, names)| names.iter().map(move |name| (row, *name)));
    all.filter(|(_, name)| is_in(path, name)).max_by_key(|(_, name)| name.len())
}

/// The paths in the crate that a text names, such as `store/codec/Mark`; braces are followed one level down.
fn uses(text: &str) -> BTreeSet<String> {
    let code: String = code(text).collect::<Vec<_>>().join("\n");
    let path = |rest: &str| {
        rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next().unwrap_or_default().replace("::", "/")
    };
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let first = path(rest);
        match rest[first.len() + first.matches('/').count()..].strip_prefix('{') {
            Some(group) => {
                let group = group.split("};").next().unwrap_or_default();
                found.extend(group.split(',').map(|item| format!("{first}{}", path(item.trim()))));
            }
            None => drop(found.insert(first)),
        }
    }
    found
}

#[test]
fn modules_use_only_what_stands_to_their_left() {
    let mut wrong = Vec::new();
    let mut followed = 0;
    for (file, text) in sources() {
        let Some((row, name)) = place(&file) else {
            assert!(
                ["lib.rs", "main.rs"].contains(&file.as_str()),
                "src/{file} has no place in the direction: give it one here"
            );
            continue;
        };
        for used in uses(&text) {
            match place(&used) {
                Some((other_row, other)) if other != name => {
                    followed += 1;
                    if other_row >= row {
                        wrong.push(format!("src/{file} ({name}) uses crate::{} ({other})", used.replace('/', "::")));
                    }
                }
                Some(_) => {}
                None => assert!(used.is_empty(), "src/{file} uses crate::{used}, which has no place in the direction"),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\ngo the other way, or move what is shared to the left");
    assert!(followed > 50, "only {followed} uses were seen: this test reads them wrongly");
}

#[test]
fn outside_crates_stay_at_home() {
    for (name, homes) in HOMES {
        let mut at_home = 0;
        for (file, text) in sources() {
            let names_it = code(&text).any(|line| {
                line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
                    && (line.contains(&format!("{name}::")) || line.contains(&format!("use {name}")))
            });
            if names_it {
                let home = homes.iter().any(|home| is_in(&file, home));
                assert!(home, "src/{file} uses {name}, whose home is {homes:?}");
                at_home += 1;
            }
        }
        assert!(at_home > 0, "nobody uses {name}: remove its row");
    }
}

#[test]
fn files_are_short() {
    let folders = ["src", "tests", "benches"].map(|folder| files_below(&Path::new(ROOT).join(folder)));
    let code = folders.into_iter().flatten().filter(|path| path.extension().is_some_and(|it| it == "rs"));
    let lengths: BTreeMap<String, usize> = code
        .map(|path| (path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned(), path))
        .map(|(shown, path)| (shown, fs::read_to_string(path).unwrap().lines().count()))
        .collect();
    let long: Vec<&String> = lengths.iter().filter(|(_, lines)| **lines > LINES_MAX).map(|(shown, _)| shown).collect();
    assert!(long.is_empty(), "more than {LINES_MAX} lines: {long:#?}; cut them where a second thought begins");
}

#[test]
fn the_code_knows_no_department() {
    let measures = fs::read_to_string(Path::new(ROOT).join("fixtures/dwse-2021/measures.csv")).unwrap();
    let keys = measures.lines().skip(1).filter_map(|line| line.split(',').next()).map(|key| key.replace('-', " "));
    let mut words: BTreeSet<String> = keys.collect();
    assert!(words.len() > 40, "{words:?}");
    let own = [
        "dwse", "wse", "od vi", "od vii", "od viii", "sbd 1", "sod 1", "jb0", "syntra", "vdab", "op-2021", "vlaamse",
        "vsi", "flemish",
    ];
    words.extend(own.map(str::to_owned));
    // A measure's name, but an English word too.
    words.remove("trace");
    for (file, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let plain = line.to_lowercase().replace(['-', '_'], " ");
            let found = words.iter().find(|word| contains_word(&plain, word));
            assert!(found.is_none(), "src/{file}:{}: `{}` belongs to one department", number + 1, found.unwrap());
        }
    }
}

/// Whether a text has these words, not only as a part of longer ones.
fn contains_word(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(start, _)| {
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !letter(text[..start].chars().next_back()) && !letter(text[start + words.len()..].chars().next())
    })
}
