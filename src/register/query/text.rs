//! Texts as people compare them: without case and accents where they search, in Dutch order where they sort.

use std::sync::OnceLock;

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{CollatorBorrowed, CollatorPreferences};

pub use crate::model::text::fold;

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
