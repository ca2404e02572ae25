//! Where in a text the words that were asked for stand.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::search::words;

/// Longest part of a text that is shown, in bytes, give or take a word.
const EXCERPT_BYTES: usize = 240;
/// How much of that comes before the first match.
const BEFORE_BYTES: usize = 60;
/// Stands where text was left out.
const ELLIPSIS: &str = "…";

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text, exactly as it stands in the field.
    pub text: String,
    /// Whether it fits what was asked.
    pub is_match: bool,
}

/// A text, or the part of a long one around the matches, cut where matches begin and end. `None` when nothing in it matches.
pub fn highlight(text: &str, terms: &HashSet<Arc<str>>) -> Option<Vec<Part>> {
    let found = words::terms(text).found.into_iter();
    let mut matches: Vec<Range<usize>> =
        found.filter(|(term, _)| terms.contains(term.as_str())).map(|(_, at)| at).collect();
    matches.sort_by_key(|at| (at.start, std::cmp::Reverse(at.end)));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for at in matches {
        match merged.last_mut() {
            Some(last) if at.start < last.end => last.end = last.end.max(at.end),
            _ => merged.push(at),
        }
    }
    let shown = excerpt(text, merged.first()?.clone());
    let mut parts = Vec::new();
    let mut push = |text: &str, is_match| {
        if !text.is_empty() {
            parts.push(Part { text: text.to_owned(), is_match });
        }
    };
    push(if shown.start > 0 { ELLIPSIS } else { "" }, false);
    let mut at = shown.start;
    for found in merged.into_iter().filter(|found| found.end <= shown.end) {
        push(&text[at..found.start], false);
        push(&text[found.clone()], true);
        at = found.end;
    }
    push(&text[at..shown.end], false);
    push(if shown.end < text.len() { ELLIPSIS } else { "" }, false);
    Some(parts)
}

/// The part of a text to show: all of a short one, else some words before the first match and more after it.
fn excerpt(text: &str, first: Range<usize>) -> Range<usize> {
    if text.len() <= EXCERPT_BYTES {
        return 0..text.len();
    }
    let boundary = |wanted: usize| (wanted..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let start = match first.start.checked_sub(BEFORE_BYTES) {
        None | Some(0) => 0,
        Some(early) => {
            let early = boundary(early);
            // From a blank on, so that no word is cut; there may be none.
            text[early..first.start].find(char::is_whitespace).map_or(early, |at| early + at)
        }
    };
    let least = boundary((start + EXCERPT_BYTES).max(first.end));
    let end = text[least..].find(char::is_whitespace).map_or(text.len(), |at| least + at);
    let end = if end > least + BEFORE_BYTES { least } else { end };
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, terms: &[&str]) -> Option<String> {
        let parts = highlight(text, &terms.iter().map(|term| Arc::from(*term)).collect())?;
        Some(
            parts
                .iter()
                .map(|part| if part.is_match { format!("[{}]", part.text) } else { part.text.clone() })
                .collect(),
        )
    }

    #[test]
    fn matches_are_marked_in_the_text_as_it_stands() {
        assert_eq!(shown("Tracé & Coöperaties", &["trace", "x"]).unwrap(), "[Tracé] & Coöperaties");
        assert_eq!(shown("de KX0-1ABC2DA-WT", &["kx01abc2dawt", "wt"]).unwrap(), "de [KX0-1ABC2DA-WT]");
        assert_eq!(shown("DG II 1.1", &[" dgii11", "od"]).unwrap(), "[DG II 1.1]");
        assert_eq!(shown("niets", &["iets"]), None);
    }

    #[test]
    fn long_texts_are_cut_around_the_first_match() {
        let text = format!("{}norm {}", "woord ".repeat(100), "é".repeat(300));
        let shown = shown(&text, &["norm"]).unwrap();
        assert!(shown.starts_with("… woord ") && shown.contains(" [norm] éé") && shown.ends_with('…'), "{shown}");
        assert!(shown.len() < 320, "{shown}");
    }
}
