//! Words and keys as people write them.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::import::field::{labels, plain};
use crate::model::Vocabulary;

/// The word of a list that a text means: in any letters, with blanks or hyphens for underscores, or by its Dutch label.
pub fn known(vocabulary: &Vocabulary, text: &str) -> Option<&'static str> {
    if let Some((word, _)) = vocabulary.words.iter().find(|(word, _)| *word == text) {
        return Some(word);
    }
    let wanted = plain(text);
    let by_word = vocabulary.words.iter().find(|(word, _)| plain(word) == wanted);
    let by_label = || {
        let mut all = vocabulary.words.iter().filter(|(_, doc)| labels(doc).any(|label| plain(label) == wanted));
        all.next().filter(|_| all.next().is_none())
    };
    by_word.or_else(by_label).map(|(word, _)| *word)
}

/// A key as it is kept: without blanks around it, its letters composed (NFC), so that the same is the same whoever typed it.
pub fn tidy(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.is_ascii() { Cow::Borrowed(text) } else { ComposingNormalizerBorrowed::new_nfc().normalize(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::measure::{Lifecycle, Operator};

    #[test]
    fn words_in_any_letters_and_by_their_labels() {
        for (text, word) in [
            ("ACTIVE", Some("ACTIVE")),
            ("active", Some("ACTIVE")),
            ("Actief", Some("ACTIVE")),
            ("phasing out", Some("PHASING_OUT")),
            ("Phasing-Out", Some("PHASING_OUT")),
            ("in uitdoof", Some("PHASING_OUT")),
            ("Nieuwe maatregel", Some("NEW")),
            ("actve", None),
            ("", None),
        ] {
            assert_eq!(known(&Lifecycle::VOCABULARY, text), word, "{text}");
        }
        assert_eq!(known(&Operator::VOCABULARY, "Eigen beheer"), Some("OWN"));
    }

    #[test]
    fn keys_are_composed() {
        assert_eq!(tidy(" e\u{301}e\u{301}n "), "één");
        assert_eq!(tidy("a"), "a");
    }
}
