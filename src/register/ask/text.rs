//! Texts as people compare them: without case and accents where they search, in Dutch order where they sort.

use std::sync::OnceLock;

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_normalizer::DecomposingNormalizerBorrowed;

/// A text without case, accents and the differences of form that Unicode calls compatible (`ﬁ`, `fi`).
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let letters = text.chars().flat_map(char::to_lowercase);
    DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(letters).filter(|letter| !is_accent(*letter)).collect()
}

/// Whether a character is one of the combining diacritical marks.
fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// Bytes that sort as the texts do in Dutch, numbers by their value: `P IV 2` before `P IV 10`, `É` with `e`.
pub fn sort_key(text: &str) -> Vec<u8> {
    static COLLATOR: OnceLock<CollatorBorrowed<'static>> = OnceLock::new();
    let collator = COLLATOR.get_or_init(|| {
        // Dutch sorts by Unicode's common rules: CLDR has none of its own for it.
        let mut preferences = CollatorPreferences::default();
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        CollatorBorrowed::try_new(preferences, CollatorOptions::default()).expect("the common rules are compiled in")
    });
    let mut key = Vec::with_capacity(text.len() * 2);
    let Ok(()) = collator.write_sort_key_to(text, &mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_count() {
        for (text, folded) in [
            ("Coöperatie", "cooperatie"),
            ("É", "e"),
            ("Coo\u{308}peratie", "cooperatie"),
            ("ĳsberg Ĳ", "ijsberg ij"),
            ("50 €", "50 €"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn sorts_as_a_dutch_list_does() {
        let sorted = [
            "*",
            "2 maanden",
            "10 maanden",
            "Aanvraag",
            "Één",
            "eenheid",
            "Eénmalig",
            "IJs",
            "ijzel",
            "ik",
            "P IV 2",
            "P IV 2.1",
            "P IV 10",
            "P V 1",
            "zo",
            "Zó",
        ];
        let mut texts = sorted;
        texts.reverse();
        texts.sort_by_key(|text| sort_key(text));
        assert_eq!(texts, sorted);
    }
}
