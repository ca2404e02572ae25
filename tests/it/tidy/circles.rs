//! No file leads back to itself through those that it names.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Arrows, Names};

/// The files that lead to each other, a circle each, the largest first.
pub fn circles(arrows: &Arrows) -> Vec<BTreeSet<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        arrows.keys().map(|file| (file.as_str(), reached(arrows, file))).collect();
    let mut circles: Vec<BTreeSet<&str>> = Vec::new();
    for (file, others) in &reached {
        let together = |other: &&&str| reached.get(**other).is_some_and(|back| back.contains(file));
        let circle: BTreeSet<&str> = others.iter().filter(together).copied().collect();
        if !circle.is_empty() && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

fn reached<'a>(arrows: &'a Arrows, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for other in arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
            if found.insert(other.as_str()) {
                open.push(other);
            }
        }
    }
    found
}

/// A circle in words: who takes what from whom.
pub fn told(arrows: &Arrows, circle: &BTreeSet<&str>) -> String {
    let mut lines = vec![format!("{} files:", circle.len())];
    for file in circle {
        for (other, names) in &arrows[*file] {
            if circle.contains(other.as_str()) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                lines.push(format!("  src/{file} names src/{other}: {}", names.join(", ")));
            }
        }
    }
    lines.join("\n")
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    let sources = super::sources();
    let names = Names::read(sources.iter().map(|(file, text)| (file.as_str(), text.as_str())));
    let arrows = names.arrows();
    let count: usize = arrows.values().map(BTreeMap::len).sum();
    assert!(count > 500, "only {count} arrows were seen: this test reads them wrongly");
    let circles: Vec<String> = circles(&arrows).iter().map(|circle| told(&arrows, circle)).collect();
    assert!(circles.is_empty(), "{}\nmove what both need into a file of its own, below them", circles.join("\n"));
}

/// The arrows between rooms: for each folder, between what stands in it, files and folders. A file and the folder of its name are one.
fn between_rooms(arrows: &Arrows) -> Arrows {
    let mut rooms = Arrows::new();
    for (from, others) in arrows {
        for to in others.keys() {
            let (mut below, mut rest) = (String::new(), (from.as_str(), to.as_str()));
            while let (Some((a, after_a)), Some((b, after_b))) = (rest.0.split_once('/'), rest.1.split_once('/'))
                && a == b
            {
                below = format!("{below}{a}/");
                rest = (after_a, after_b);
            }
            let room =
                |rest: &str| format!("{below}{}", rest.split('/').next().unwrap_or(rest).trim_end_matches(".rs"));
            let (from_room, to_room) = (room(rest.0), room(rest.1));
            if from_room != to_room {
                let names = rooms.entry(from_room).or_default().entry(to_room).or_default();
                names.insert(format!("{from} -> {to}"));
            }
        }
    }
    rooms
}

#[test]
fn no_rooms_use_each_other_in_a_circle() {
    let sources = super::sources();
    let names = Names::read(sources.iter().map(|(file, text)| (file.as_str(), text.as_str())));
    let rooms = between_rooms(&names.arrows());
    assert!(rooms.contains_key("graphql/types") && rooms.contains_key("http"), "{:?}", rooms.keys());
    let circles: Vec<String> = circles(&rooms).iter().map(|circle| told(&rooms, circle)).collect();
    assert!(circles.is_empty(), "{}\nlet the arrows between two rooms point one way", circles.join("\n"));
}

#[test]
fn circles_are_found_through_whatever_leads_to_a_name() {
    let circles_of = |files: &[(&str, &str)]| {
        let arrows = Names::read(files.iter().copied()).arrows();
        circles(&arrows).iter().map(|circle| circle.iter().copied().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let lib = ("lib.rs", "pub mod a; pub mod b;");
    /// A name, the files with their text, and the circles.
    type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], &'c [&'c str]);
    let cases: [Case<'_>; 8] = [
        (
            "names",
            &[lib, ("a.rs", "use crate::b::B; pub struct A;"), ("b.rs", "pub struct B(crate::a::A);")],
            &["a.rs b.rs"],
        ),
        (
            "a comment",
            &[lib, ("a.rs", "use crate::b::B; pub struct A;"), ("b.rs", "// crate::a::A\npub struct B;")],
            &[],
        ),
        ("a text", &[lib, ("a.rs", "use crate::b::B;"), ("b.rs", "pub const B: &str = \"crate::a::A\";")], &[]),
        (
            "what a module hands on",
            &[
                lib,
                ("a/mod.rs", "mod c; pub use c::C;"),
                ("a/c.rs", "pub struct C(super::super::b::B);"),
                ("b.rs", "use crate::a::{C};"),
            ],
            &["a/c.rs b.rs"],
        ),
        (
            "a module by its name",
            &[
                lib,
                ("a.rs", "use super::b; pub fn f() { b::g() }"),
                ("b.rs", "use crate::a as other; pub fn g() { other::f() }"),
            ],
            &["a.rs b.rs"],
        ),
        (
            "a module and one in it",
            &[lib, ("a/mod.rs", "mod c; pub fn f() { c::g() }"), ("a/c.rs", "pub fn g() { super::f() }"), ("b.rs", "")],
            &["a/c.rs a/mod.rs"],
        ),
        (
            "a module that only hands on",
            &[
                lib,
                ("a/mod.rs", "mod c; mod d; pub use {c::C, d::D};"),
                ("a/c.rs", "pub struct C(super::D);"),
                ("a/d.rs", "pub struct D;"),
                ("b.rs", ""),
            ],
            &[],
        ),
        (
            "tests",
            &[
                lib,
                ("a.rs", "use crate::b::B; pub struct A;"),
                ("b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }"),
            ],
            &[],
        ),
    ];
    for (name, files, expected) in cases {
        assert_eq!(circles_of(files), expected, "{name}");
    }
}
