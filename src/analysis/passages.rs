//! The texts that are attached to documents: how a text is cut into passages, and in which of them a citation stands.

use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::headings::sections;
use crate::analysis::walk;
use crate::model::value::AnyComposite;
use crate::model::{Key, Kind, Passage};
use crate::register::{CacheEntry, Node, Register};
use crate::work;

/// A passage is cut at a line's end before it has more bytes than so many: short enough to be read beside a figure.
const PASSAGE_BYTES: usize = 2_000;
/// A passage ends at a blank line once it has so many bytes: in many a text there is one between any two lines.
const ENOUGH_BYTES: usize = 400;
/// What ends a page in a text that was made of a PDF.
const PAGE_END: char = '\u{c}';

/// A passage of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut<'s> {
    /// Number of the section; none before the first heading.
    pub section: Option<String>,
    /// Number of the page, from 1; none in a text without pages.
    pub page: Option<usize>,
    /// Its lines.
    pub text: &'s str,
}

/// Cuts a text into passages: at headings, ends of pages and blank lines, and where one would be long. All that is no white space is in
/// one of them.
pub fn cut(source: &str) -> Vec<Cut<'_>> {
    let sections = sections(source);
    let starts = sections.iter().map(|(number, text)| (text.as_ptr() as usize - source.as_ptr() as usize, number));
    let mut starts = starts.peekable();
    let has_pages = source.contains(PAGE_END);
    let (mut section, mut page) = (None, 1);
    let (mut cuts, mut from, mut at) = (Vec::new(), 0, 0);
    for line in source.split_inclusive(['\n', PAGE_END]) {
        let number = starts.next_if(|(start, _)| *start <= at).map(|(_, number)| number.clone());
        let is_long = at - from + line.len() > PASSAGE_BYTES;
        let is_enough = line.trim().is_empty() && at - from >= ENOUGH_BYTES;
        if number.is_some() || is_long || is_enough {
            put(&mut cuts, section.as_ref(), has_pages.then_some(page), &source[from..at]);
            from = at;
        }
        section = number.or(section);
        at += line.len();
        if line.ends_with(PAGE_END) {
            put(&mut cuts, section.as_ref(), Some(page), &source[from..at]);
            (from, page) = (at, page + 1);
        }
    }
    put(&mut cuts, section.as_ref(), has_pages.then_some(page), &source[from..]);
    cuts
}

fn put<'s>(cuts: &mut Vec<Cut<'s>>, section: Option<&String>, page: Option<usize>, text: &'s str) {
    let mut rest = text.trim_matches(|letter: char| letter.is_whitespace());
    // A line without an end is cut between letters.
    while rest.len() > 4 * PASSAGE_BYTES {
        let (text, more) = rest.split_at(rest.floor_char_boundary(PASSAGE_BYTES));
        cuts.push(Cut { section: section.cloned(), page, text });
        rest = more;
    }
    if !rest.is_empty() {
        cuts.push(Cut { section: section.cloned(), page, text: rest });
    }
}

/// A text without white space, and which passage stands where in it.
#[derive(Debug, Default)]
pub struct Body {
    text: String,
    /// Where each passage begins, and its place in the document.
    passages: Vec<(usize, usize)>,
}

impl Body {
    fn add(&mut self, passage: usize, text: &str) {
        self.passages.push((self.text.len(), passage));
        self.text.extend(text.chars().filter(|letter| !letter.is_whitespace()));
    }

    /// Whether a text stands in it.
    pub fn has(&self, text: &str) -> bool {
        work::step(self.text.len() as u64 / 64);
        self.text.contains(&squeezed(text))
    }

    /// The place of the passage in which a text begins: of several, the nearest one after one of these words, or else the first.
    fn find(&self, text: &str, after: Option<&str>) -> Option<usize> {
        work::step(self.text.len() as u64 / 32);
        let (text, words) = (squeezed(text), after.map(squeezed).filter(|words| !words.is_empty()));
        let all = || self.text.match_indices(&text).map(|(at, _)| at);
        let first = all().next()?;
        let mut ends = words.iter().flat_map(|words| self.text.match_indices(words).map(|(at, it)| at + it.len()));
        let (mut end, mut next) = (None, ends.next());
        let mut nearest: Option<(usize, usize)> = None;
        for at in all() {
            while next.is_some_and(|next| next <= at) {
                (end, next) = (next, ends.next());
            }
            let Some(end) = end else { continue };
            if nearest.is_none_or(|(distance, _)| at - end < distance) {
                nearest = Some((at - end, at));
            }
        }
        let at = nearest.map_or(first, |(_, at)| at);
        let found = self.passages.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        Some(self.passages[found].1)
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// The text of a document: of each section its own, up to the next heading, and all of it.
#[derive(Debug, Default)]
pub struct Source {
    sections: HashMap<String, Body>,
    whole: Body,
}

impl Source {
    /// That of a text.
    pub fn of_text(text: &str) -> Self {
        let mut source = Self::default();
        for cut in cut(text) {
            source.add(0, cut.section.as_deref(), cut.text);
        }
        source
    }

    fn add(&mut self, passage: usize, section: Option<&str>, text: &str) {
        work::step(1 + text.len() as u64 / 16);
        self.whole.add(passage, text);
        if let Some(section) = section {
            self.sections.entry(section.to_owned()).or_default().add(passage, text);
        }
    }

    fn bytes(&self) -> usize {
        let bodies = self.sections.values().chain([&self.whole]);
        bodies.map(|body| body.text.len() + body.passages.len() * size_of::<(usize, usize)>()).sum()
    }

    /// The text of a section; without one, all of it.
    pub fn body(&self, section: Option<&str>) -> Option<&Body> {
        section.map_or(Some(&self.whole), |section| self.sections.get(section))
    }
}

/// The texts that are attached to the documents of a register.
#[derive(Debug)]
pub struct Sources(HashMap<Key, (Source, Vec<Arc<Node>>)>);

impl Sources {
    /// Those of a register; made once, until a passage changes.
    pub fn of(register: &Register) -> Arc<Self> {
        register.computed_of(Kind::Passage, |register| {
            let mut all: HashMap<Key, (Source, Vec<Arc<Node>>)> = HashMap::new();
            for node in register.all(Kind::Passage) {
                let Some((_, passage)) = walk::of::<Passage>(node) else { continue };
                let (source, nodes) = all.entry(passage.document_key.key().clone()).or_default();
                source.add(nodes.len(), passage.section.as_deref(), &passage.text);
                nodes.push(Arc::clone(node));
            }
            Self(all)
        })
    }

    /// The text of a document; none where nobody attached one.
    pub fn get(&self, document: &Key) -> Option<&Source> {
        self.0.get(document).map(|(source, _)| source)
    }

    /// The key of the passage in which a citation stands: in its section, the nearest one after the label of its row, or the title of its
    /// table. None where nobody attached a text, the cell is blank, or the text does not stand there.
    pub fn passage(&self, citation: &dyn AnyComposite) -> Option<&Key> {
        let info = citation.describe();
        let told = |name: &str| info.position(name).and_then(|at| citation.field(at).text());
        let (source, nodes) = self.0.get(&Key::parse(&told("documentKey")?).ok()?)?;
        let after = told("row").or_else(|| told("table"));
        let found = source.body(told("section").as_deref())?.find(&told("text")?, after.as_deref())?;
        nodes.get(found).map(|node| &node.key)
    }
}

impl CacheEntry for Sources {
    fn bytes(&self) -> usize {
        let sources = self.0.values().map(|(source, nodes)| source.bytes() + nodes.len() * size_of::<usize>());
        sources.sum::<usize>() + size_of::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str =
        "Cover\n\n1 FIRST\nOne line\nand another.\n\nRow A 12\nRow B 7\n\u{c}Row C 12\n2 SECOND\nRow A 7\n";

    #[test]
    fn a_text_is_cut_at_headings_pages_and_blank_lines() {
        let cuts = cut(TEXT);
        let told: Vec<_> = cuts.iter().map(|it| (it.section.as_deref(), it.page, it.text)).collect();
        assert_eq!(
            told,
            [
                (None, Some(1), "Cover"),
                (Some("1"), Some(1), "1 FIRST\nOne line\nand another.\n\nRow A 12\nRow B 7"),
                (Some("1"), Some(2), "Row C 12"),
                (Some("2"), Some(2), "2 SECOND\nRow A 7"),
            ]
        );
    }

    #[test]
    fn a_long_text_is_cut_at_a_blank_line_or_else_at_a_line() {
        let (line, long) = ("word ".repeat(20), "word ".repeat(100));
        let text = format!("{line}\n\n{long}\n\n{line}\n");
        let lengths: Vec<usize> = cut(&text).iter().map(|it| it.text.len()).collect();
        assert_eq!(lengths, [line.len() + long.len() + 1, line.len() - 1]);
        let text = format!("{long}\n").repeat(9);
        assert!(cut(&text).iter().all(|it| it.text.len() <= PASSAGE_BYTES && it.text.ends_with("word")));
    }

    #[test]
    fn a_text_is_found_in_its_section_after_the_words_that_name_it() {
        let mut source = Source::default();
        for (place, cut) in cut(TEXT).iter().enumerate() {
            source.add(place, cut.section.as_deref(), cut.text);
        }
        let find = |section, text, after| source.body(section).and_then(|body| body.find(text, after));
        assert_eq!(find(Some("1"), "12", None), Some(1));
        assert_eq!(find(Some("1"), "12", Some("Row C")), Some(2));
        assert_eq!(find(Some("2"), "7", Some("Row A")), Some(3));
        assert_eq!(find(None, "7", Some("Row  B")), Some(1));
        assert_eq!(find(Some("1"), "one line and", None), None);
        assert_eq!(find(Some("1"), "One\nlineand", Some("nowhere")), Some(1));
        assert_eq!(find(Some("3"), "12", None), None);
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost(text in "([a-zA-Z0-9 .é]{0,40}(\n|\n\n|\u{c}|1 One\n|1.1 Two\n)){0,40}[a-zé]{0,9000}") {
            let cuts = cut(&text);
            let together: String = cuts.iter().map(|it| squeezed(it.text)).collect();
            prop_assert_eq!(together, squeezed(&text));
            prop_assert!(cuts.iter().all(|it| !it.text.is_empty() && it.text.len() <= 4 * PASSAGE_BYTES));
        }
    }
}
