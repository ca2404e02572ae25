//! The ten questions of an analyst, each answered within three clicks from the home page: `docs/pages.md` has the same ways.

use std::fs;

use super::{links, page, plain};
use crate::support::shared;

/// Text without tags.
fn visible(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    plain(&parts.collect::<String>())
}

/// The table of the guide: a question, what is clicked, and what stands there then.
fn ways() -> Vec<(String, Vec<String>, String)> {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pages.md")).unwrap();
    let (_, table) = guide
        .split_once("| Question | Clicks | What stands there |\n|---|---|---|\n")
        .expect("the guide has the table");
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let cells =
        rows.map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    let quoted = |text: &str| text.split('*').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    cells.map(|cells| (cells[0].clone(), quoted(&cells[1]), quoted(&cells[2]).concat())).collect()
}

#[test]
fn ten_questions_take_three_clicks_at_most() {
    let ways = ways();
    assert_eq!(ways.len(), 10, "{ways:?}");
    for (question, clicks, answer) in ways {
        assert!((1..=3).contains(&clicks.len()), "{question}: {clicks:?}");
        let mut path = "/".to_owned();
        for click in &clicks {
            let html = page(shared(), &path, "en").text();
            let found = links(&path, &html).into_iter().find(|link| link.says == *click);
            path = found.unwrap_or_else(|| panic!("{question}: no link says `{click}` at {path}")).to;
        }
        let there = page(shared(), &path, "en");
        assert_eq!(there.status, 200, "{question}: {path}");
        if !path.contains("/export/") {
            let text = visible(&there.text());
            assert!(text.contains(&answer) && !answer.is_empty(), "{question}: {path} does not say `{answer}`");
        }
    }
}
