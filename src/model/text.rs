//! Texts as people compare them, without case and accents, and as they fit.

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

/// The beginning of a text, of at most so many characters, for where there is no room for all of it.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let short: String = text.chars().take(most - 1).collect();
            format!("{}…", short.trim_end())
        }
    }
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
