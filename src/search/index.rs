//! The index itself: which records hold which terms, put in and taken out record by record.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Key, Kind, Record};
use crate::search::{fields, words};

type Map<K, V> = imbl::GenericHashMap<K, V, foldhash::fast::RandomState, imbl::shared_ptr::DefaultSharedPtr>;

/// Which records hold which words.
#[derive(Clone, Default)]
pub struct Index {
    /// By number. One that no record holds any more has no postings, and leaves its number to the next.
    pub(super) terms: imbl::Vector<Term>,
    pub(super) numbers: Map<Arc<str>, u32>,
    free_numbers: imbl::Vector<u32>,
    /// By place. One that is gone leaves its place to the next.
    pub(super) records: imbl::Vector<Option<Arc<Entry>>>,
    places: Map<(Kind, Key), u32>,
    free_places: imbl::Vector<u32>,
}

/// A word, or a short text as a whole, in the form in which it is compared.
#[derive(Clone)]
pub(super) struct Term {
    pub(super) text: Arc<str>,
    pub(super) stem: Arc<str>,
    /// Which letters the text and its stem have.
    pub(super) letters: Letters,
    /// How many letters the text has.
    pub(super) chars: usize,
    /// By place of the record.
    pub(super) postings: Arc<Vec<Posting>>,
}

/// That a field of a record holds a term.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Posting {
    pub(super) record: u32,
    pub(super) kind: Kind,
    /// Index into the kind's searched fields.
    pub(super) field: u8,
    /// What a match is worth here: the field's weight, more for a term that it repeats, less for one among many.
    pub(super) worth: f32,
}

/// A record that is in the index.
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) terms: Vec<u32>,
}

/// A set of letters, so that a look tells most words apart: `a` to `z` and `0` to `9` have a bit each, others share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letters(u64);

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        Self(text.chars().fold(0, |bits, letter| {
            bits | 1
                << match letter {
                    'a'..='z' => letter as u32 - 'a' as u32,
                    '0'..='9' => 26 + (letter as u32 - '0' as u32),
                    other => 36 + u32::from(other) % 28,
                }
        }))
    }
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    pub(super) fn are_in(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
    /// How many are in one of the two only.
    pub(super) fn apart(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }
    /// How many of these the other lacks.
    pub(super) fn lacking_in(self, other: Self) -> u32 {
        (self.0 & !other.0).count_ones()
    }
}

impl Index {
    /// How many records are in it.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many words, and short texts as a whole, its records hold.
    pub fn terms(&self) -> usize {
        self.numbers.len()
    }

    /// Puts a record in, in the place of the one of its kind and key.
    pub fn put(&mut self, key: &Key, record: &Record) {
        let kind = record.kind();
        self.remove(kind, key);
        let held = held(record);
        if held.is_empty() {
            return;
        }
        let place = self.free_places.pop_back().unwrap_or_else(|| {
            self.records.push_back(None);
            number(self.records.len() - 1)
        });
        let mut terms = Vec::with_capacity(held.len());
        for ((text, field), worth) in held {
            let term = self.term(text);
            terms.push(term);
            let postings = Arc::make_mut(&mut self.terms[term as usize].postings);
            let at = postings.partition_point(|posting| (posting.record, posting.field) < (place, field));
            postings.insert(at, Posting { record: place, kind, field, worth });
        }
        terms.sort_unstable();
        terms.dedup();
        self.records[place as usize] = Some(Arc::new(Entry { key: key.clone(), terms }));
        self.places.insert((kind, key.clone()), place);
    }

    /// Takes a record out.
    pub fn remove(&mut self, kind: Kind, key: &Key) {
        let Some(place) = self.places.remove(&(kind, key.clone())) else { return };
        let entry = self.records[place as usize].take().expect("a place leads to a record");
        for term in &entry.terms {
            let postings = Arc::make_mut(&mut self.terms[*term as usize].postings);
            let from = postings.partition_point(|posting| posting.record < place);
            let to = postings.partition_point(|posting| posting.record <= place);
            postings.drain(from..to);
            if postings.is_empty() {
                self.numbers.remove(&self.terms[*term as usize].text);
                self.free_numbers.push_back(*term);
            }
        }
        self.free_places.push_back(place);
    }

    /// The number of a term, which it gets when it has none.
    fn term(&mut self, text: String) -> u32 {
        if let Some(number) = self.numbers.get(text.as_str()) {
            return *number;
        }
        let stem = words::stem(&text);
        let text: Arc<str> = text.into();
        let stem: Arc<str> = if *stem == *text { Arc::clone(&text) } else { stem.into() };
        let term = Term {
            letters: Letters::of(&text).and(Letters::of(&stem)),
            chars: text.chars().count(),
            text: Arc::clone(&text),
            stem,
            postings: Arc::default(),
        };
        let next = match self.free_numbers.pop_back() {
            Some(free) => {
                self.terms[free as usize] = term;
                free
            }
            None => {
                self.terms.push_back(term);
                number(self.terms.len() - 1)
            }
        };
        self.numbers.insert(text, next);
        next
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("the memory ends before the numbers do")
}

/// The terms that a record holds, each with its field and what a match is worth there.
fn held(record: &Record) -> HashMap<(String, u8), f32> {
    let mut held = HashMap::new();
    for (index, field) in fields::of(record.kind()).iter().enumerate() {
        let index = u8::try_from(index).expect("a kind has a handful of searched fields");
        let mut length = 0;
        let mut counts: HashMap<String, f32> = HashMap::new();
        for text in field.texts(record) {
            let terms = words::terms(&text);
            length += terms.words;
            for (term, _) in terms.found {
                *counts.entry(term).or_default() += 1.0;
            }
        }
        for (term, count) in counts {
            // One word among eight is worth about half of one alone, the second time half of the first.
            let worth = field.weight * count / (count + 0.5 + length as f32 / 8.0);
            held.insert((term, index), worth);
        }
    }
    held
}
