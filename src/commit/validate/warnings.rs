//! What holds, but should be looked at: what a person would see at once beside what was there before.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher as _;

use icu_normalizer::ComposingNormalizerBorrowed;
use rust_decimal::Decimal;

use crate::commit::validate::edit::{Edit, PutMode, Source};
use crate::commit::validate::outcome::Validated;
use crate::model::problem::{Warning, WarningCode};
use crate::model::value::AnyComposite;
use crate::model::{Key, Kind, Record, Unit, View};
use crate::register::Register;

/// Most warnings of one code that are told; the last of them says how many more there are.
const TOLD_MAX: usize = 1_000;
/// In larger collections nobody looks for keys that look like a new one: it would take longer than the commit.
const KEYS_MAX: usize = 5_000;
/// So many times what it was, or one in so many.
const FACTOR: i64 = 10;
/// Fewer records than this are not much.
const FEW: u64 = 20;

/// The warnings of what edits come to.
pub fn of(
    register: &Register,
    edits: &[Edit],
    keys: &[Option<Key>],
    rejected: &[bool],
    outcome: &Validated,
) -> Vec<Warning> {
    let mut found = WarningCollector::default();
    let mut new_keys = NewKeys::default();
    for (row, ((edit, key), _)) in edits.iter().zip(keys).zip(rejected).enumerate().filter(|(_, (_, out))| !**out) {
        let (Edit::Put { record, mode, at }, Some(key)) = (edit, key) else { continue };
        let before = register.unnoted().get(record.kind(), key).map(|node| &node.record);
        if *mode == PutMode::Restore || before == Some(record) {
            continue;
        }
        figures(record, before, at, &mut found);
        if before.is_none() && record.info().position("key").is_some() {
            let before = new_keys.insert(record.kind(), key, row).and_then(|row| keys[row].as_ref());
            look_alikes(register, (record.kind(), key), before, at, &mut found);
        }
    }
    shares(register, outcome, &mut found);
    found.into_vec()
}

#[derive(Default)]
struct WarningCollector {
    told: Vec<Warning>,
    counts: BTreeMap<&'static str, usize>,
}

impl WarningCollector {
    fn push(&mut self, code: WarningCode, path: Vec<String>, message: impl FnOnce() -> String, hint: &str) {
        let count = self.counts.entry(code.word()).or_default();
        *count += 1;
        if *count <= TOLD_MAX {
            self.told.push(Warning { code, path, message: message(), hint: hint.to_owned() });
        }
    }

    fn into_vec(mut self) -> Vec<Warning> {
        for (word, count) in self.counts.iter().filter(|(_, count)| **count > TOLD_MAX) {
            if let Some(last) = self.told.iter_mut().rfind(|warning| warning.code.word() == *word) {
                last.message = format!("{} (and {} more of the kind)", last.message, count - TOLD_MAX);
            }
        }
        self.told
    }
}

/// The value and unit of a figure.
fn value(view: &View<'_>) -> Option<(Decimal, &'static str)> {
    let View::Composite(figure) = view else { return None };
    let figure: &dyn AnyComposite = *figure;
    match (figure.describe().name, figure.field(0), figure.field(2)) {
        ("Figure", View::Decimal(value), View::Enum(unit)) => Some((value, unit)),
        _ => None,
    }
}

fn figures(record: &Record, before: Option<&Record>, at: &Source, found: &mut WarningCollector) {
    for (index, field) in record.info().fields.iter().enumerate() {
        let Some((now, unit)) = value(&record.get(index)) else { continue };
        let was = before.and_then(|before| value(&before.get(index))).map(|(was, _)| was);
        if was == Some(now) {
            continue;
        }
        let path = || at.path().into_iter().chain([field.name.clone(), "value".to_owned()]).collect();
        if let Some(was) = was.filter(|was| is_far(*was, now)) {
            let message = || format!("{was} becomes {now}");
            found.push(WarningCode::MuchChanged, path(), message, "see that the digits and the unit are what is meant");
        }
        let thousands = was.is_none_or(|was| was.scale() != 3);
        if thousands && now.scale() == 3 && is_below_a_thousand(now) && !is_share(unit) {
            let whole = now.to_string().replace('.', "");
            let message = || format!("`{now}` has three decimals: is it {whole}, with a separator of thousands?");
            found.push(WarningCode::LooksGrouped, path(), message, "write it without the separator if that is meant");
        }
    }
}

/// Whether one is ten times the other, or more.
fn is_far(was: Decimal, now: Decimal) -> bool {
    let (small, large) = if was.abs() < now.abs() { (was.abs(), now.abs()) } else { (now.abs(), was.abs()) };
    !small.is_zero() && small.checked_mul(Decimal::from(FACTOR)).is_some_and(|limit| large >= limit)
}

fn is_below_a_thousand(value: Decimal) -> bool {
    value.abs() >= Decimal::ONE && value.abs() < Decimal::ONE_THOUSAND
}

/// Shares have as many decimals as they need.
fn is_share(unit: &str) -> bool {
    ![Unit::Count, Unit::Euro, Unit::Persons].map(Unit::word).contains(&unit)
}

/// The new keys by what a reader takes them for, of which only the hash is kept: a large import brings many.
#[derive(Default)]
struct NewKeys {
    by: foldhash::quality::RandomState,
    rows: HashMap<u64, u32, foldhash::fast::RandomState>,
}

impl NewKeys {
    /// Adds the key of a row, and gives the row before it that may look the same.
    fn insert(&mut self, kind: Kind, key: &Key, row: usize) -> Option<usize> {
        let hash = self.by.hash_one((kind, looks(key.as_str())));
        self.rows.insert(hash, u32::try_from(row).unwrap_or(u32::MAX)).map(|row| row as usize)
    }
}

/// Tells a new key that looks like another of its kind: one of the register, or that of a row before.
fn look_alikes(
    register: &Register,
    (kind, key): (Kind, &Key),
    before: Option<&Key>,
    at: &Source,
    found: &mut WarningCollector,
) {
    let seen = looks(key.as_str());
    let mut tell = |other: &str| {
        let path = at.path().into_iter().chain(["key".to_owned()]).collect();
        let message = || format!("the key `{key}` looks like `{other}`, and is another one");
        found.push(WarningCode::LookAlike, path, message, "use the same key if the same record is meant");
    };
    // A key that looks like nothing else is looked up at once; its look-alikes were told when they came.
    if seen != key.as_str()
        && register.count(kind) <= KEYS_MAX
        && let Some(other) = register.all(kind).find(|node| looks(node.key.as_str()) == seen)
    {
        tell(other.key.as_str());
    }
    if let Some(other) = before.filter(|other| *other != key && looks(other.as_str()) == seen) {
        tell(other.as_str());
    }
}

/// What a reader takes a key for: letters of other alphabets that look Latin, any case, any hyphen.
fn looks(key: &str) -> String {
    let composed = if key.is_ascii() { key.into() } else { ComposingNormalizerBorrowed::new_nfkc().normalize(key) };
    let letters = composed.chars().flat_map(char::to_lowercase).map(|letter| match letter {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'н' => 'h',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'х' | 'χ' => 'x',
        'у' => 'y',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    });
    letters.collect()
}

/// Tells how much of a kind goes or changes.
fn shares(register: &Register, outcome: &Validated, found: &mut WarningCollector) {
    for (kind, [_, updated, deleted]) in &outcome.effects {
        let (updated, deleted) = (*updated, *deleted);
        // Who changes little need not know how many there are.
        if deleted < FEW && updated < FEW {
            continue;
        }
        let all = register.count(*kind) as u64;
        if deleted >= FEW && deleted * 10 > all {
            let message = || format!("{deleted} of {all} {} are deleted", kind.many());
            found.push(WarningCode::MuchDeleted, Vec::new(), message, "see that so many are meant");
        }
        if updated >= FEW && updated * 2 > all {
            let message = || format!("{updated} of {all} {} change", kind.many());
            found.push(WarningCode::MuchChanged, Vec::new(), message, "see that so many are meant");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike() {
        assert_eq!(looks("Goal\u{2011}1"), "goal-1");
        assert_eq!(looks("gоal-1"), "goal-1");
        assert_ne!(looks("goal-1"), looks("goal-l"));
    }

    #[test]
    fn far_is_ten_times() {
        let far = |was: &str, now: &str| is_far(was.parse().unwrap(), now.parse().unwrap());
        assert!(far("12", "120") && far("120", "-12") && far("1", "1000"));
        assert!(!far("12", "119") && !far("0", "5") && !far("5", "0"));
    }
}
