//! What is asked, and which records fit it best.
//!
//! A word fits a term that it is, whose stem it shares, that it begins (when it is the last and not finished), or that it is
//! part of (Dutch writes compounds as one). Words next to each other also fit what is written as one. Only a word that fits
//! nothing is taken for a slip, and read as the terms nearest to it. A record that fits all words comes; when there is none,
//! those that fit most of them do.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use crate::model::{Key, Kind};
use crate::search::fields;
use crate::search::index::{Index, Letters, Posting, Term};
use crate::search::words::{self, Word};
use crate::work;

/// Most words that count; a set of them fits a number.
pub const WORDS_MAX: usize = 32;
/// Shortest word that may be part of another.
const PART_CHARS_MIN: usize = 4;
/// Letters that must stand before a part within a compound, when any do: `en` + `norm` is no compound.
const PART_BEFORE_MIN: usize = 3;
/// Longest code, without its blanks.
const CODE_BYTES_MAX: usize = 16;
/// Shortest last word that may be the beginning of another.
const BEGINNING_CHARS_MIN: usize = 2;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    words: Vec<Word>,
    /// Whether the last word may go on.
    unfinished: bool,
}

impl Asked {
    /// Reads a text as a person writes it. There are no signs with a meaning in it.
    pub fn read(text: &str) -> Self {
        let words = words::split(text);
        let unfinished = words.last().is_some_and(|word| word.at.end == text.len());
        Self { words, unfinished }
    }

    /// How many words it has.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct SearchResult {
    /// How many records fit.
    pub total: usize,
    /// The best of them, best first.
    pub hits: Vec<Hit>,
    /// The terms that fit, for highlights.
    pub terms: HashSet<Arc<str>>,
    /// The words that no record has, and what they were read as: nothing, when nothing is near.
    pub slips: Vec<(String, Vec<Arc<str>>)>,
}

/// A record that fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: Key,
    /// The searched field to show, which fits best, as index into [`fields::of`] its kind.
    pub field: usize,
    /// How well it fits; comparable within one answer.
    pub score: f32,
}

/// A word, or several next to each other written as one, and the words that are found with it.
struct Pattern {
    text: String,
    /// Without points, as codes are known.
    plain: String,
    covers: u32,
    /// One word, which fits by its stem and in compounds too.
    word: Option<Stem>,
    /// Whether it may be the beginning of a term.
    unfinished: bool,
}

struct Stem {
    text: String,
    chars: usize,
    letters: Letters,
    stem_letters: Letters,
}

/// A record while words are looked for.
#[derive(Clone, Copy)]
struct Tally {
    covers: u32,
    score: f32,
    best: f32,
    field: u8,
    kind: Kind,
}

impl Index {
    /// The records of these kinds (all when there are none) that fit best, at most so many.
    pub fn search(&self, asked: &Asked, kinds: &[Kind], first: usize) -> SearchResult {
        let words = &asked.words[..asked.words.len().min(WORDS_MAX)];
        let mut found = SearchResult::default();
        let mut tallies: Vec<Option<Tally>> = vec![None; self.records.len()];
        let patterns = patterns(words, asked.unfinished && words.len() == asked.words.len());
        let mut fits = self.fitting(&patterns);
        self.read_slips(&patterns, &mut fits, &mut found);
        let mut worths: Vec<(f32, u8)> = vec![(0.0, 0); self.records.len()];
        for (pattern, fits) in patterns.iter().zip(&fits) {
            self.tally(pattern, fits, kinds, &mut worths, &mut tallies);
            found.terms.extend(fits.iter().map(|(term, _)| Arc::clone(&self.terms[*term].text)));
        }
        self.rank(&tallies, first, &mut found);
        found
    }

    /// For each pattern the terms that fit it, and how well.
    fn fitting(&self, patterns: &[Pattern]) -> Vec<Vec<(usize, f32)>> {
        let mut fits = vec![Vec::new(); patterns.len()];
        // Most patterns of several words can only be terms as they are: a look-up tells, the others take a look at all terms.
        let mut looking = Vec::new();
        for (pattern, fits) in patterns.iter().zip(&mut fits) {
            if pattern.word.is_some() || pattern.unfinished {
                looking.push((pattern, fits));
                continue;
            }
            for (text, quality) in [(pattern.text.clone(), 1.0), (format!(" {}", pattern.plain), WHOLE)] {
                if let Some(number) = self.numbers.get(text.as_str())
                    && !self.terms[*number as usize].postings.is_empty()
                {
                    fits.push((*number as usize, quality));
                }
            }
        }
        for (number, term) in self.terms.iter().enumerate() {
            work::step(looking.len() as u64 / 2 + 1);
            for (pattern, fits) in &mut looking {
                if let Some(quality) = pattern.quality(term)
                    && !term.postings.is_empty()
                {
                    fits.push((number, quality));
                }
            }
        }
        fits
    }

    /// Reads the words that nothing fits as the terms nearest to them.
    fn read_slips(&self, patterns: &[Pattern], fits: &mut [Vec<(usize, f32)>], found: &mut SearchResult) {
        let known = patterns.iter().zip(&*fits).filter(|(_, fits)| !fits.is_empty());
        let known = known.fold(0, |covers, (pattern, _)| covers | pattern.covers);
        for (pattern, fits) in patterns.iter().zip(fits).filter(|(pattern, _)| pattern.covers & known == 0) {
            let Some(word) = &pattern.word else { continue };
            let most = most_slips(&pattern.text, word.chars);
            fits.extend(self.nearest(most, |term, most| pattern.slips(word, term, most)));
            if fits.is_empty() && pattern.unfinished {
                fits.extend(self.nearest(most, |term, most| pattern.slips_at_the_beginning(word, term, most)));
            }
            let mut read_as: Vec<_> = fits.iter().map(|(term, _)| Arc::clone(&self.terms[*term].text)).collect();
            read_as.sort();
            found.slips.push((pattern.text.clone(), read_as));
        }
    }

    /// The terms that differ least, in no more than so many letters, and how well they fit.
    fn nearest(&self, most: usize, slips: impl Fn(&Term, usize) -> Option<usize>) -> Vec<(usize, f32)> {
        let (mut nearest, mut found) = (most, Vec::new());
        if most == 0 {
            return found;
        }
        for (number, term) in self.terms.iter().enumerate() {
            work::step(1);
            if term.postings.is_empty() || term.text.starts_with(' ') {
                continue;
            }
            let Some(distance) = slips(term, nearest) else { continue };
            if distance < nearest {
                nearest = distance;
                found.clear();
            }
            found.push((number, if distance < 2 { ONE_SLIP } else { MORE_SLIPS }));
        }
        found
    }

    /// Adds to each record what its best match with the pattern is worth.
    fn tally(
        &self,
        pattern: &Pattern,
        fits: &[(usize, f32)],
        kinds: &[Kind],
        worths: &mut [(f32, u8)],
        tallies: &mut [Option<Tally>],
    ) {
        let mut holders: Vec<(u32, Kind)> = Vec::new();
        for (term, quality) in fits {
            work::step(self.terms[*term].postings.len() as u64 / 8 + 1);
            for Posting { record, kind, field, worth } in self.terms[*term].postings.iter() {
                if !kinds.is_empty() && !kinds.contains(kind) {
                    continue;
                }
                let best = &mut worths[*record as usize];
                if best.0 == 0.0 {
                    holders.push((*record, *kind));
                }
                let worth = worth * quality;
                if worth > best.0 || (worth == best.0 && *field < best.1) {
                    *best = (worth, *field);
                }
            }
        }
        // What few records hold says more.
        let rarity = (1.0 + self.len() as f32 / holders.len().max(1) as f32).ln();
        for (record, kind) in holders {
            let (worth, field) = std::mem::take(&mut worths[record as usize]);
            let none = Tally { covers: 0, score: 0.0, best: 0.0, field: 0, kind };
            let tally = tallies[record as usize].get_or_insert(none);
            tally.covers |= pattern.covers;
            tally.score += worth * rarity;
            let is_key = fields::of(kind)[usize::from(field)].is_key;
            let shown = worth * rarity * if is_key { KEY_SHOWN } else { 1.0 };
            if shown > tally.best {
                (tally.best, tally.field) = (shown, field);
            }
        }
    }

    /// The records that cover most words, best first.
    fn rank(&self, tallies: &[Option<Tally>], first: usize, found: &mut SearchResult) {
        let all = || tallies.iter().enumerate().filter_map(|(record, tally)| tally.map(|tally| (record, tally)));
        let most = all().map(|(_, tally)| tally.covers.count_ones()).max().unwrap_or(0);
        let mut fitting: Vec<_> = all().filter(|(_, tally)| tally.covers.count_ones() == most).collect();
        found.total = fitting.len();
        let key = |record: usize| &self.records[record].as_ref().expect("postings lead to records").key;
        let order = |(left, a): &(usize, Tally), (right, b): &(usize, Tally)| -> Ordering {
            let score = b.score.total_cmp(&a.score);
            score.then_with(|| a.kind.cmp(&b.kind)).then_with(|| key(*left).cmp(key(*right)))
        };
        if first < fitting.len() {
            if first > 0 {
                fitting.select_nth_unstable_by(first - 1, order);
            }
            fitting.truncate(first);
        }
        fitting.sort_unstable_by(order);
        let hits = fitting.into_iter().map(|(record, Tally { kind, field, score, .. })| Hit {
            kind,
            key: key(record).clone(),
            field: usize::from(field),
            score,
        });
        found.hits = hits.collect();
        debug_assert!(found.hits.iter().all(|hit| hit.field < fields::of(hit.kind).len()));
    }
}

/// How much a match in the key counts where it is chosen which field is shown.
const KEY_SHOWN: f32 = 0.2;
/// How well a text as a whole fits: a name or code in full.
const WHOLE: f32 = 1.5;
/// How well another inflection of the same word fits.
const INFLECTED: f32 = 0.9;
/// How well the beginning of a word fits it, at least, and how much more as it comes to its end.
const BEGINNING: (f32, f32) = (0.5, 0.4);
/// The same for a part of a compound.
const COMPOUND: (f32, f32) = (0.2, 0.4);
/// How well a word fits that differs in one letter.
const ONE_SLIP: f32 = 0.6;
/// In more.
const MORE_SLIPS: f32 = 0.4;

/// The words, and what neighbours give when they are written as one.
fn patterns(words: &[Word], unfinished: bool) -> Vec<Pattern> {
    let says = |word: &Word| !words::is_function_word(&word.text);
    let any_says = words.iter().any(says);
    let mut patterns = Vec::new();
    for from in 0..words.len() {
        for to in from..words.len().min(from + words::WHOLE_WORDS_MAX) {
            let run = &words[from..=to];
            let Some(plain) = words::join(run) else { break };
            let text = if let [word] = run { word.text.clone() } else { plain.clone() };
            let saying = (from..=to).filter(|at| !any_says || says(&words[*at]));
            let covers = saying.fold(0, |covers, at| covers | 1 << at);
            let word = (from == to).then(|| Stem::of(&text));
            let is_last = unfinished && to + 1 == words.len();
            let unfinished = is_last && text.chars().count() >= BEGINNING_CHARS_MIN;
            if covers != 0 {
                patterns.push(Pattern { text, plain, covers, word, unfinished });
            }
        }
    }
    patterns
}

/// How many letters of a word may be wrong. Numbers and codes are never read as others.
fn most_slips(text: &str, chars: usize) -> usize {
    match chars {
        _ if text.chars().any(char::is_numeric) => 0,
        0..4 => 0,
        4..6 => 1,
        6..12 => 2,
        _ => 3,
    }
}

impl Stem {
    fn of(word: &str) -> Self {
        let text = words::stem(word);
        Self { chars: word.chars().count(), letters: Letters::of(word), stem_letters: Letters::of(&text), text }
    }
}

impl Pattern {
    /// How well a term fits; none when it does not.
    fn quality(&self, term: &Term) -> Option<f32> {
        let (text, own, whole) = match term.text.strip_prefix(' ') {
            Some(text) => (text, &self.plain, true),
            None => (&*term.text, &self.text, false),
        };
        if text == own {
            return Some(if whole { WHOLE } else { 1.0 });
        }
        if self.unfinished && text.starts_with(own) && (!whole || is_code(text)) {
            let share = own.len() as f32 / text.len() as f32;
            return Some(BEGINNING.0 + BEGINNING.1 * share);
        }
        let word = self.word.as_ref().filter(|_| !whole)?;
        if !word.letters.are_in(term.letters) && !word.stem_letters.are_in(term.letters) {
            return None;
        }
        if word.text == *term.stem {
            return Some(INFLECTED);
        }
        let is_part = is_part(&self.text, word.chars, text)
            || is_part(&word.text, word.text.chars().count(), text)
            || is_part(&word.text, word.text.chars().count(), &term.stem);
        let share = word.chars.min(term.chars) as f32 / term.chars as f32;
        is_part.then_some(COMPOUND.0 + COMPOUND.1 * share)
    }

    /// In how many letters the term differs; none when in more than so many.
    fn slips(&self, word: &Stem, term: &Term, most: usize) -> Option<usize> {
        if term.chars.abs_diff(word.chars) > most || Letters::of(&term.text).apart(word.letters) as usize > 2 * most {
            return None;
        }
        Some(strsim::osa_distance(&self.text, &term.text)).filter(|distance| *distance <= most)
    }

    /// In how many letters as much of the term differs as fits best: of a word that is still being written.
    fn slips_at_the_beginning(&self, word: &Stem, term: &Term, most: usize) -> Option<usize> {
        if term.chars <= word.chars || word.letters.lacking_in(Letters::of(&term.text)) as usize > most {
            return None;
        }
        let ends = term.text.char_indices().map(|(at, _)| at).skip(word.chars.saturating_sub(most)).take(2 * most + 1);
        let distance = ends.map(|end| strsim::osa_distance(&self.text, &term.text[..end])).min()?;
        (distance <= most).then_some(distance)
    }
}

/// Whether a short text as a whole is a code: people write codes without their blanks, and names not.
fn is_code(whole: &str) -> bool {
    whole.len() <= CODE_BYTES_MAX && whole.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether a compound has that part: at its beginning, or after enough letters for another.
fn is_part(part: &str, chars: usize, compound: &str) -> bool {
    chars >= PART_CHARS_MIN
        && part.len() < compound.len()
        && (compound.starts_with(part)
            || compound.char_indices().nth(PART_BEFORE_MIN).is_some_and(|(from, _)| compound[from..].contains(part)))
}
