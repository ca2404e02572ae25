use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{BudgetArticle, Key, Kind, Link, Measure, Record, StrategicGoal};

/// An article without name unless there is one, found by its code.
fn article(code: &str, name: &str) -> Record {
    let name = (!name.is_empty()).then(|| name.to_owned());
    BudgetArticle { code: Key::parse(code).unwrap(), name, organisation_key: None, printed_code: None }.into()
}

fn measure(key: &str, name: &str) -> Record {
    Measure {
        description: None,
        lifecycle_word: None,
        key: Key::parse(key).unwrap(),
        plan_key: Link::new(Key::parse("plan").unwrap()),
        name: name.into(),
        operational_goal_key: None,
        operator: None,
        lifecycle: None,
        position: None,
        printed: None,
        lifecycle_printed: None,
        owner: None,
        process_type: None,
    }
    .into()
}

fn goal(key: &str, code: &str, title: &str) -> Record {
    StrategicGoal {
        scope_word: None,
        key: Key::parse(key).unwrap(),
        plan_key: Link::new(Key::parse("plan").unwrap()),
        code: code.into(),
        scope: crate::model::goal::Scope::Policy,
        title: title.into(),
        printed: None,
        owner: None,
    }
    .into()
}

fn index(records: &[Record]) -> Index {
    let mut index = Index::default();
    records.iter().for_each(|record| index.put(&record.key(), record));
    index
}

/// The keys of the records that fit, best first.
fn found(index: &Index, text: &str) -> Vec<String> {
    index.search(&Asked::read(text), &[], 100).hits.iter().map(|hit| hit.key.to_string()).collect()
}

#[test]
fn a_word_finds_its_forms_its_compounds_and_what_it_begins() {
    let index = index(&[
        measure("1", "Norm"),
        measure("2", "Normen voor vergunningen"),
        measure("3", "Streefnorm"),
        measure("4", "Enorm"),
        measure("5", "Arbeidsvergunning"),
        measure("6", "No"),
    ]);
    assert_eq!(found(&index, "norm "), ["1", "2", "3"], "what is a form of it comes before a compound");
    assert_eq!(found(&index, "vergunning"), ["2", "5"]);
    assert_eq!(found(&index, "VERGUNNINGEN"), ["2", "5"]);
    assert_eq!(found(&index, "no"), ["6", "1", "2"], "an unfinished word is a beginning");
    assert_eq!(found(&index, "no "), ["6"], "a finished one is not");
}

#[test]
fn a_slip_is_read_as_the_nearest_word_and_told() {
    let index = index(&[measure("1", "Boekencheques"), measure("2", "Boekencheque 2020"), measure("3", "Premie 2021")]);
    let ask = |text: &str| index.search(&Asked::read(text), &[], 10);
    let slips = |text: &str| {
        let slips = ask(text).slips.into_iter();
        slips.map(|(word, read_as)| format!("{word} {}", read_as.join(" "))).collect::<Vec<_>>()
    };
    assert_eq!(slips("boekenchqeues"), ["boekenchqeues boekencheques"], "two letters that changed places are one slip");
    assert_eq!(slips("Boekne"), ["boekne boekencheque boekencheques"], "it may not be finished");
    assert_eq!(slips("premei 2020"), ["premei premie"]);
    assert_eq!(slips("premie 2022"), ["2022 "], "a number is no slip");
    assert_eq!(slips("prm"), ["prm "], "nor is a short word");
    assert_eq!(slips("premie"), [""; 0]);
    assert_eq!(ask("premie 2022").total, 1, "what fits most words comes when nothing fits all");
}

#[test]
fn codes_are_found_as_people_write_them() {
    let index = index(&[
        goal("dg-ii-1.1", "DG II 1.1", "Eerste"),
        goal("dg-ii-1.2", "DG II 1.2", "Tweede"),
        goal("dg-iii-1.1", "DG III 1.1", "Derde"),
        article("KX0-1ABC2DA-WT", ""),
        article("KX0-1ABC2DB-WT", ""),
    ]);
    for text in ["DG II 1.1", "dg ii 1.1", "DG-II-1.1", "DGII1.1", "dgii11", "DG II1.1", "dg ii 1,1"] {
        assert_eq!(found(&index, text), ["dg-ii-1.1"], "{text}");
    }
    for text in ["KX0-1ABC2DA-WT", "kx01abc2dawt", "KX0 1ABC2DA WT", "1abc2da", "kx0-1abc2da", "KX0/1ABC2DA/WT"] {
        assert_eq!(found(&index, text), ["KX0-1ABC2DA-WT"], "{text}");
    }
    assert_eq!(found(&index, "dgii1"), ["dg-ii-1.1", "dg-ii-1.2"], "while it is being written");
}

#[test]
fn a_name_in_full_comes_first() {
    let index = index(&[
        measure("a", "Aankopen sociale economie"),
        measure("b", "Sociale economie"),
        measure("c", "De economie van sociale ondernemingen"),
    ]);
    assert_eq!(found(&index, "sociale economie"), ["b", "a", "c"]);
    assert_eq!(found(&index, "de economie").len(), 3, "articles do not count");
}

/// Words of which none is a form, a part or a beginning of another, nor near to one.
const WORDS: [&str; 8] = ["bak", "dok", "fut", "gum", "hip", "jas", "kip", "lot"];

fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(WORDS.to_vec());
    let sign = prop::sample::select(vec![" ", " ", ", ", "-", "/", " – "]);
    prop::collection::vec((word, sign), 0..6)
        .prop_map(|words| words.into_iter().flat_map(|(word, sign)| [word, sign]).collect())
}

/// What may be in a record: its kind, key and texts.
fn record() -> impl Strategy<Value = Record> {
    (0..3u8, 0..6u8, text(), text()).prop_map(|(kind, number, first, second)| match kind {
        0 => measure(&format!("m{number}"), &first),
        1 => article(&format!("a{number}"), &first),
        _ => goal(&format!("g{number}"), &first, &second),
    })
}

/// The records that hold most of the words, found by looking at every text.
fn by_looking(records: &BTreeMap<(Kind, Key), Record>, asked: &str) -> Vec<(Kind, Key)> {
    let wanted: Vec<&str> = asked.split(' ').filter(|word| !word.is_empty()).collect();
    let holds = |record: &Record| {
        let shown = format!("{record:?}").to_lowercase();
        let words: Vec<&str> = shown.split(|letter: char| !letter.is_alphanumeric()).collect();
        wanted.iter().filter(|word| words.contains(word)).count()
    };
    let most = records.values().map(holds).max().unwrap_or(0);
    let fitting = records.iter().filter(|(_, record)| most > 0 && holds(record) == most);
    fitting.map(|(name, _)| name.clone()).collect()
}

proptest! {
    /// Exact words, against looking at every record; an index that changed, against one made anew.
    #[test]
    fn agrees_with_looking_and_with_an_index_made_anew(
        steps in prop::collection::vec((record(), any::<bool>()), 1..40),
        asked in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 1..4),
    ) {
        let mut index = Index::default();
        let mut records = BTreeMap::new();
        for (record, stays) in steps {
            let name = (record.kind(), record.key());
            if stays {
                index.put(&name.1, &record);
                records.insert(name, record);
            } else {
                index.remove(name.0, &name.1);
                records.remove(&name);
            }
        }
        prop_assert_eq!(index.len(), records.len());
        let asked = format!("{} ", asked.join(" "));
        let read = Asked::read(&asked);
        let found = index.search(&read, &[], 100);
        let mut names: Vec<(Kind, Key)> = found.hits.iter().map(|hit| (hit.kind, hit.key.clone())).collect();
        names.sort();
        prop_assert_eq!(found.total, names.len());
        prop_assert_eq!(names, by_looking(&records, &asked));
        let goals: Vec<Hit> = index.search(&read, &[Kind::StrategicGoal], 100).hits;
        prop_assert!(goals.iter().all(|hit| hit.kind == Kind::StrategicGoal));

        let anew = super::tests::index(&records.into_values().collect::<Vec<_>>());
        for text in [asked.as_str(), "ba", "bakdok", "bka jsa", "m1 kip", "a3", "xyzzy"] {
            let asked = Asked::read(text);
            let (one, other) = (index.search(&asked, &[], 5), anew.search(&asked, &[], 5));
            prop_assert_eq!(&one.hits, &other.hits, "{}", text);
            prop_assert_eq!((one.total, &one.slips, &one.terms), (other.total, &other.slips, &other.terms), "{}", text);
        }
    }

    /// Any text can be held and asked for, and what is shown of it is what stands there.
    #[test]
    fn any_text_is_taken(held in "\\PC{0,60}|[ -~\\s]{0,400}|(é|ﬁ|\u{308}|\u{ad}|İ|ß|½|٣|1|\\.|,| |a){0,40}", asked in "\\PC{0,60}|(é|\u{308}|ß|1|\\.|,| |a){0,40}") {
        let index = index(&[measure("m", &held), measure("n", &asked)]);
        for text in [&held, &asked] {
            let found = index.search(&Asked::read(text), &[], 10);
            if !Asked::read(text).is_empty() {
                prop_assert!(found.total > 0, "a text finds what holds it");
            }
            for text in [&held, &asked] {
                let Some(parts) = highlight(text, &found.terms) else { continue };
                let shown: String = parts.iter().map(|part| part.text.as_str()).collect();
                prop_assert!(parts.iter().any(|part| part.is_match) && parts.iter().all(|part| !part.text.is_empty()));
                prop_assert!(text.contains(shown.trim_start_matches('…').trim_end_matches('…')), "{:?} in {:?}", shown, text);
            }
        }
    }
}

#[test]
fn a_text_without_end_takes_no_longer_than_one_with() {
    let index = index(&[
        measure("m", &"woord ".repeat(2_000)),
        measure("n", &"x".repeat(16_000)),
        measure("o", &"1 ".repeat(8_000)),
    ]);
    for text in [
        "x".repeat(100_000),
        "woord ".repeat(10_000),
        "1 111 ".repeat(10_000),
        "a-".repeat(10_000),
        "*?%_".repeat(9_999),
    ] {
        let asked = Asked::read(&text);
        assert!(index.search(&asked, &[], 10).total <= 3);
    }
}
