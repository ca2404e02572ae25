//! From text to words: split, folded for case and accents, reduced to their Dutch stem.

use std::ops::Range;

use frostem::{Algorithm, Stemmer};

use crate::model::text::{fold, is_accent};

/// Letters of a word that count; the rest of a longer one does not.
pub const WORD_CHARS_MAX: usize = 64;
/// Words of a text that is known as a whole too, at most: names and codes, not sentences.
pub const WHOLE_WORDS_MAX: usize = 8;
/// Words of a piece between blanks that is known as one word too, at most: codes and compounds, not addresses.
const PIECE_WORDS_MAX: usize = 4;

/// Words that say nothing by themselves (articles, pronouns, prepositions): asked for beside others they do not count.
const FUNCTION_WORDS: [&str; 74] = [
    "aan", "al", "alle", "als", "bij", "dan", "dat", "de", "den", "der", "des", "deze", "die", "dit", "door", "een",
    "en", "er", "haar", "had", "heb", "heeft", "het", "hij", "hoe", "hun", "ik", "in", "is", "je", "kan", "maar", "me",
    "men", "met", "mijn", "na", "naar", "niet", "nog", "nu", "of", "om", "omdat", "onder", "ons", "ook", "op", "over",
    "rond", "te", "tegen", "ten", "ter", "tot", "uit", "van", "via", "voor", "waar", "was", "wat", "we", "welke",
    "werd", "wie", "wij", "worden", "wordt", "ze", "zich", "zijn", "zo", "zonder",
];

/// Whether a folded word says nothing by itself.
pub fn is_function_word(word: &str) -> bool {
    FUNCTION_WORDS.binary_search(&word).is_ok()
}

/// The stem of a folded word: what its inflections have in common.
pub fn stem(word: &str) -> String {
    Stemmer::new(Algorithm::Dutch).stem(word).into_owned()
}

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Folded: lower case, without accents.
    pub text: String,
    /// Its bytes in the text.
    pub at: Range<usize>,
    /// Which of the pieces between blanks or slashes it is part of.
    pub piece: usize,
}

/// The words of a text, folded. Everything but letters and digits separates them; blanks and slashes separate pieces too.
///
/// A point or comma between digits separates nothing, and neither does a blank before a group of thousands: `1.264`, `1 264`
/// and `1264` are one and the same word, `97,6` and `97.6` another, `9.1.11` a third.
pub fn split(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    let mut piece = 0;
    for (at, letter) in text.char_indices() {
        let after = at + letter.len_utf8();
        if is_of_word(letter) {
            if !open {
                words.push(Word { text: String::new(), at: at..at, piece });
                open = true;
            }
            let word = words.last_mut().expect("one is open");
            word.text.extend((!is_invisible(letter)).then_some(letter));
            word.at.end = after;
            continue;
        }
        if let Some(word) = words.last_mut().filter(|_| open)
            && let Some(joint) = joint(&word.text, &text[..at], letter, &text[after..])
        {
            // The next digit goes on with the same word.
            word.text.push_str(joint);
            continue;
        }
        open = false;
        piece += usize::from(letter.is_whitespace() || letter == '/');
    }
    words.retain_mut(|word| {
        word.text = fold(&word.text);
        // What a sign decomposes into may be no part of a word: `½` is `1⁄2`.
        word.text.retain(|letter| letter.is_alphanumeric() || letter == '.');
        if let Some((end, _)) = word.text.char_indices().nth(WORD_CHARS_MAX) {
            word.text.truncate(end);
        }
        !word.text.is_empty()
    });
    words
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || is_accent(letter) || is_invisible(letter)
}

/// Soft hyphens and zero-width marks: documents break words with them.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// What a sign between two digits of one word comes to: a point, or nothing before a group of thousands.
fn joint(word: &str, before: &str, sign: char, after: &str) -> Option<&'static str> {
    let group = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let is_number = word.len() < WORD_CHARS_MAX && word.bytes().all(|byte| byte.is_ascii_digit());
    let thousands = is_number && group <= 3 && digits == 3 && !after[digits..].starts_with(is_of_word);
    match sign {
        _ if group == 0 || digits == 0 => None,
        '.' if thousands => Some(""),
        '.' | ',' => Some("."),
        _ => (thousands && sign.is_whitespace()).then_some(""),
    }
}

/// What a text is found by: its words; a piece of few words as one, without its hyphens; a short text as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// How many words it has.
    pub words: usize,
    /// Each with its bytes in the text. That of a whole begins with a blank, which no word has.
    pub found: Vec<(String, Range<usize>)>,
}

/// The terms of a text.
pub fn terms(text: &str) -> Terms {
    let words = split(text);
    let mut found: Vec<_> = words.iter().map(|word| (word.text.clone(), word.at.clone())).collect();
    let mut pieces = 0;
    for piece in words.chunk_by(|left, right| left.piece == right.piece) {
        pieces += 1;
        if let (2..=PIECE_WORDS_MAX, Some(joined), [first, .., last]) = (piece.len(), join(piece), piece) {
            found.push((joined, first.at.start..last.at.end));
        }
    }
    if let (2..=WHOLE_WORDS_MAX, Some(joined), [first, .., last]) = (pieces, join(&words), &words[..]) {
        found.push((format!(" {joined}"), first.at.start..last.at.end));
    }
    Terms { words: words.len(), found }
}

/// Words written as one, without points; none when that would be longer than a word.
pub fn join(words: &[Word]) -> Option<String> {
    let bytes: usize = words.iter().map(|word| word.text.len()).sum();
    (bytes <= WORD_CHARS_MAX).then(|| words.iter().flat_map(|word| word.text.split('.')).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        split(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_are_folded() {
        assert_eq!(texts("Wooncoöperaties, Tracé"), ["wooncooperaties", "trace"]);
        assert_eq!(texts("coo\u{308}peratie i\u{ad}n é\u{fb01}n ½"), ["cooperatie", "in", "efin", "12"]);
        assert_eq!(texts("\u{308} – * %"), [""; 0]);
    }

    #[test]
    fn numbers_are_one_word_however_they_are_grouped() {
        assert_eq!(texts("3 268 controles, 1.264 meer; 97,6%"), ["3268", "controles", "1264", "meer", "97.6"]);
        assert_eq!(
            texts("in 2020 134 500 of 12 3456 en a12 345"),
            ["in", "2020", "134500", "of", "12", "3456", "en", "a12", "345"]
        );
        assert_eq!(texts("DG II 1.1. 2020, 2021"), ["dg", "ii", "1.1", "2020", "2021"]);
        assert_eq!(
            texts("2.061.018,84 9.1.11 1.234,567 15.02.2021"),
            ["2061018.84", "9.1.11", "1234.567", "15.02.2021"]
        );
    }

    #[test]
    fn a_code_is_known_in_parts_and_whole() {
        let found = |text| terms(text).found.into_iter().map(|(term, _)| term).collect::<Vec<_>>();
        assert_eq!(found("KX0-1ABC2DA-WT"), ["kx0", "1abc2da", "wt", "kx01abc2dawt"]);
        assert_eq!(found("DG II 1.1"), ["dg", "ii", "1.1", " dgii11"]);
        assert_eq!(found("Start- en stagebonus"), ["start", "en", "stagebonus", " startenstagebonus"]);
        assert_eq!(
            terms("é-ë f").found[2..],
            [("f".to_owned(), 6..7), ("ee".to_owned(), 0..5), (" eef".to_owned(), 0..7)]
        );
    }

    #[test]
    fn inflections_share_a_stem_and_the_list_of_words_is_sorted() {
        for (one, other) in
            [("norm", "normen"), ("vergunning", "vergunningen"), ("bedrijf", "bedrijven"), ("aanvraag", "aanvragen")]
        {
            assert_eq!(stem(one), stem(other));
        }
        assert!(FUNCTION_WORDS.is_sorted());
        assert!(is_function_word("van") && !is_function_word("norm"));
    }
}
