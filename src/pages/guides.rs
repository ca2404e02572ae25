//! The guides: the README, the pages of `docs/`, and what they lead to, as the build put them into the program.

use std::sync::OnceLock;

use crate::embedded;

/// A guide.
pub struct Guide {
    /// The last part of its address.
    pub name: String,
    /// Where it stands among the sources, such as `docs/asking.md`.
    pub path: &'static str,
    /// What it is called.
    pub title: String,
    /// Whom and what it is for.
    pub about: String,
    /// Its text, in Markdown.
    pub text: String,
}

/// Guides that are no page of `docs/`: where they stand, their names, titles where the first heading is none, and what they are for.
const OTHERS: [(&str, &str, &str, &str); 3] = [
    ("README.md", "start", "Begin here", "From nothing to a running server, a query, and a front end of your own."),
    ("CHANGELOG.md", "changes", "What changed", "What users get, newest first."),
    ("SECURITY.md", "security", "", "How to tell of a fault that could be used."),
];

/// All guides, in the order in which the README leads to them; what it does not name comes last.
pub fn guides() -> &'static [Guide] {
    static GUIDES: OnceLock<Vec<Guide>> = OnceLock::new();
    GUIDES.get_or_init(|| {
        let texts = embedded::GUIDES.iter().filter(|(path, _)| path.ends_with(".md"));
        let mut all: Vec<Guide> = texts.map(|(path, packed)| read(path, text_of(packed))).collect();
        let readme = all.iter().find(|guide| guide.path == "README.md").map(|guide| guide.text.clone());
        let readme = readme.unwrap_or_default();
        for guide in &mut all {
            let row =
                readme.lines().find(|line| line.starts_with("| [") && line.contains(&format!("]({}) |", guide.path)));
            if let Some(about) = row.and_then(|row| row.split(" | ").nth(1)) {
                guide.about = about.trim_end_matches(" |").to_owned();
            }
        }
        let row = |guide: &Guide| readme.find(&format!("]({}) |", guide.path)).unwrap_or(usize::MAX);
        all.sort_by_key(|guide| (guide.path != "README.md", row(guide), guide.name.clone()));
        all
    })
}

fn read(path: &'static str, text: String) -> Guide {
    let first = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(path).to_owned();
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md").to_owned();
    let (name, title, about) = match OTHERS.iter().find(|(it, ..)| *it == path) {
        Some((_, name, title, about)) => {
            ((*name).to_owned(), if title.is_empty() { first } else { (*title).to_owned() }, (*about).to_owned())
        }
        None => (stem, first, String::new()),
    };
    Guide { name, path, title, about, text }
}

fn text_of(packed: &[u8]) -> String {
    String::from_utf8_lossy(&embedded::unpack(packed)).into_owned()
}

/// What guides lead to besides each other, and their own Markdown: its media type and bytes.
pub fn file(path: &str) -> Option<(&'static str, Vec<u8>)> {
    if let Some(name) = path.strip_suffix(".md") {
        let guide = guides().iter().find(|guide| guide.name == name)?;
        return Some(("text/markdown; charset=utf-8", guide.text.clone().into_bytes()));
    }
    let (path, packed) = embedded::GUIDES.iter().find(|(it, _)| *it == path && !it.ends_with(".md"))?;
    let media_type = match path.rsplit('.').next() {
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
    Some((media_type, embedded::unpack(packed)))
}

/// Where a link leads that stands in a guide: as it is written there, and the guide's own path. The address is one from the folder
/// of the guides; none when it leads to something that is not served.
pub fn target(from: &str, link: &str) -> Option<String> {
    let (path, place) = link.split_once('#').map_or((link, ""), |(path, place)| (path, place));
    let place = if place.is_empty() { String::new() } else { format!("#{place}") };
    if path.is_empty() {
        return Some(place);
    }
    // The server says where it listens normally; whoever reads this is there already.
    if let Some(rest) = path.strip_prefix("http://127.0.0.1:8080/") {
        return Some(format!("../{rest}{place}"));
    }
    if path.contains("://") {
        return Some(link.to_owned());
    }
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for part in path.split('/') {
        match part {
            ".." => drop(folders.pop()),
            "." | "" => {}
            other => folders.push(other),
        }
    }
    let path = folders.join("/");
    if path == "schema.graphql" {
        return Some("../schema.graphql".into());
    }
    if let Some(guide) = guides().iter().find(|guide| guide.path == path) {
        return Some(format!("{}{place}", guide.name));
    }
    embedded::GUIDES.iter().any(|(it, _)| *it == path).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_what_is_served() {
        for (from, link, to) in [
            ("README.md", "docs/asking.md", Some("asking")),
            ("README.md", "docs/measure.png", Some("docs/measure.png")),
            ("docs/asking.md", "reference.md#limits", Some("reference#limits")),
            ("docs/asking.md", "#here", Some("#here")),
            ("docs/operating.md", "../packaging/nginx.conf", Some("packaging/nginx.conf")),
            ("docs/operating.md", "../SECURITY.md", Some("security")),
            ("README.md", "schema.graphql", Some("../schema.graphql")),
            ("README.md", "http://127.0.0.1:8080/graphiql", Some("../graphiql")),
            ("README.md", "https://example.org/x#y", Some("https://example.org/x#y")),
            ("README.md", "ARCHITECTURE.md", None),
            ("README.md", "../../etc/passwd", None),
        ] {
            assert_eq!(target(from, link).as_deref(), to, "{link} in {from}");
        }
    }

    #[test]
    fn the_readme_says_what_each_guide_is_for() {
        assert_eq!(guides()[0].name, "start");
        for guide in guides() {
            assert!(!guide.about.is_empty(), "README.md says nothing of {}: give it a row under “Guides”", guide.path);
        }
    }
}
