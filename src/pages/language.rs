//! The languages of the pages, and the words of the schema in them.

use crate::pages::words;

/// A language of the pages. Names that come from the data stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// English.
    English,
}

impl Language {
    /// Its code.
    pub fn code(self) -> &'static str {
        self.say("nl", "en")
    }

    /// The language of that code.
    pub fn of_code(code: &str) -> Option<Self> {
        match code.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "nl" => Some(Self::Dutch),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The one that an `Accept-Language` header prefers; Dutch when it names neither.
    pub fn preferred(accept: Option<&str>) -> Self {
        let mut best: Option<(f32, Self)> = None;
        for range in accept.unwrap_or_default().split(',') {
            let (code, parameters) = range.split_once(';').unwrap_or((range, ""));
            let Some(language) = Self::of_code(code.trim()) else { continue };
            let quality = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |text| text.trim().parse().ok());
            let quality = quality.unwrap_or(0.0);
            if quality > 0.0 && best.is_none_or(|(other, _)| quality > other) {
                best = Some((quality, language));
            }
        }
        best.map_or(Self::Dutch, |(_, language)| language)
    }

    /// The one of two texts that is in this language.
    pub fn say<'t>(self, dutch: &'t str, english: &'t str) -> &'t str {
        match self {
            Self::Dutch => dutch,
            Self::English => english,
        }
    }

    /// A word of one of the schema's enumerations, as people say it. A word of the schema that is not in the list is shown in small
    /// letters, one of a document's own as it stands.
    pub fn word(self, word: &str) -> String {
        let found = words::WORDS.iter().find(|(name, _, _)| *name == word);
        found.map_or_else(
            || match word.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
            {
                true => word.to_lowercase().replace('_', " "),
                false => word.to_owned(),
            },
            |(_, dutch, english)| self.say(dutch, english).to_owned(),
        )
    }

    /// What a field of the schema is called where it leads to a figure; none for those that only hold others.
    pub fn field(self, name: &str) -> Option<String> {
        let found = words::FIELDS.iter().find(|(it, _, _)| *it == name);
        found.map(|(_, dutch, english)| self.say(dutch, english).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::attainment::AttainmentLevel;
    use crate::analysis::reconcile::DiscrepancyRule;
    use crate::analysis::rounds::DueState;
    use crate::model::indicator::Domain;
    use crate::model::round::{CommonStatus, RiskState};
    use crate::model::{Kind, Vocabulary};

    #[test]
    fn the_browser_says_which() {
        for (accept, language) in [
            (None, Language::Dutch),
            (Some("fr"), Language::Dutch),
            (Some("en-GB,en;q=0.9,nl;q=0.8"), Language::English),
            (Some("fr-BE, nl-BE;q=0.7, en;q=0.3"), Language::Dutch),
            (Some("en;q=0, nl"), Language::Dutch),
            (Some("en"), Language::English),
        ] {
            assert_eq!(Language::preferred(accept), language, "{accept:?}");
        }
    }

    #[test]
    fn no_word_stands_twice() {
        let mut names: Vec<&str> = words::WORDS.iter().map(|(name, _, _)| *name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    /// A word that is not among them would stand in English on a Dutch page.
    #[test]
    fn words_that_pages_show_are_said_in_both_languages() {
        let of = |vocabulary: &Vocabulary| vocabulary.words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
        let shown = [
            &AttainmentLevel::VOCABULARY,
            &CommonStatus::VOCABULARY,
            &DiscrepancyRule::VOCABULARY,
            &Domain::VOCABULARY,
            &DueState::VOCABULARY,
            &RiskState::VOCABULARY,
        ];
        let kinds = Kind::ALL.iter().map(|kind| kind.word());
        for word in shown.into_iter().flat_map(of).chain(kinds) {
            assert!(words::WORDS.iter().any(|(name, _, _)| *name == word), "{word}");
        }
    }
}
