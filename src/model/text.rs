//! Texts as people compare them: without case and accents.

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
pub fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
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
}
