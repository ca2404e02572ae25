//! Words of one document as data. The lists that the first document had stay, and beside each stands the word itself, which may be any:
//! of a word that the list has both say the same, of any other the list says OTHER.

use crate::model::key;
use crate::model::problem::{ProblemCode, Problems};
use crate::model::text::shortened;
use crate::model::value::{CompositeInfo, Type};
use crate::model::vocabulary::{Vocabulary, Word};

/// Gives the list's word from the word itself, or the other way round, where only one of them was given.
pub fn settle<W: Word + PartialEq>(listed: &mut W, word: &mut Option<String>) {
    let mut own = Some(*listed);
    settle_optional(&mut own, word);
    *listed = own.unwrap_or(*listed);
}

/// The same where there may be neither.
pub fn settle_optional<W: Word + PartialEq>(listed: &mut Option<W>, word: &mut Option<String>) {
    if listed.is_none() || *listed == W::other() {
        if let Some(word) = word {
            *listed = W::from_word(word).or_else(W::other);
        }
    } else if word.is_none() {
        *word = listed.map(|listed| listed.word().to_owned());
    }
}

/// The same for several, in their order.
pub fn settle_several<W: Word>(listed: &mut Vec<W>, words: &mut Vec<String>) {
    if listed.is_empty() {
        *listed = words.iter().filter_map(|word| W::from_word(word).or_else(W::other)).collect();
    } else if words.is_empty() {
        *words = listed.iter().map(|listed| listed.word().to_owned()).collect();
    }
}

/// Both say the same.
pub fn check<W: Word + PartialEq>(field: &str, listed: Option<W>, word: Option<&str>, problems: &mut Problems) {
    let says = word.and_then(|word| W::from_word(word).or_else(W::other));
    if let (Some(listed), Some(word)) = (listed, word)
        && says != Some(listed)
    {
        let message = format!("it says `{}`, and {} beside it", shortened(word, 80), listed.word());
        let hint = format!("leave the word of {} out", W::vocabulary().name);
        problems.within(field.to_owned(), |problems| problems.push(ProblemCode::Inconsistent, message, hint));
    }
}

/// The same, and there is one of them.
pub fn check_required<W: Word + PartialEq>(field: &str, listed: W, word: Option<&str>, problems: &mut Problems) {
    if word.is_none_or(|word| word.trim().is_empty()) && Some(listed) == W::other() {
        problems.within(field.to_owned(), |problems| {
            problems.push(ProblemCode::Missing, "the word is required", "give the word as the document has it");
        });
    }
    check(field, Some(listed), word, problems);
}

/// The same for several.
pub fn check_several<W: Word + PartialEq>(field: &str, listed: &[W], words: &[String], problems: &mut Problems) {
    if listed.len() == words.len() {
        listed.iter().zip(words).for_each(|(listed, word)| check(field, Some(*listed), Some(word), problems));
    } else if !words.is_empty() {
        let message = format!("{} words stand beside {} of {}", words.len(), listed.len(), W::vocabulary().name);
        problems.within(field.to_owned(), |problems| {
            problems.push(ProblemCode::Inconsistent, message, "give one list of the two")
        });
    }
}

/// The word as a part of a key. Words of the list are written as keys have them since there is a list; others begin with a plus, which
/// none of these does, and hold nothing that parts keys.
pub fn part<W: Word + PartialEq>(listed: W, word: Option<&str>) -> String {
    match word.filter(|_| Some(listed) == W::other()) {
        Some(word) => format!("+{}", key::mark(word)),
        None => listed.word().to_lowercase().replace('_', "-"),
    }
}

/// The word itself.
pub fn said<W: Word>(listed: W, word: Option<&str>) -> &str {
    word.unwrap_or(listed.word())
}

/// The list beside which a field holds the word itself: `kind` beside `kindWord`.
pub fn list_beside(info: &CompositeInfo, name: &str) -> Option<&'static Vocabulary> {
    let stem = name.strip_suffix("Word")?;
    let beside = info.fields.iter().find(|field| field.name == stem)?;
    match &beside.ty {
        Type::Enum(vocabulary) => Some(vocabulary),
        Type::Optional(inner) => match **inner {
            Type::Enum(vocabulary) => Some(vocabulary),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::milestone::MilestoneTable;

    #[test]
    fn each_is_given_by_the_other() {
        use MilestoneTable::{Additional, Other, Planned};
        for (listed, word, expected) in [
            (Planned, None, (Planned, Some("PLANNED"))),
            (Other, Some("PLANNED"), (Planned, Some("PLANNED"))),
            (Other, Some("Extra"), (Other, Some("Extra"))),
            (Other, None, (Other, None)),
            (Additional, Some("Extra"), (Additional, Some("Extra"))),
        ] {
            let (mut own, mut said) = (listed, word.map(str::to_owned));
            settle(&mut own, &mut said);
            assert_eq!((own, said.as_deref()), expected);
            let mut problems = Problems::default();
            check_required("tableWord", own, said.as_deref(), &mut problems);
            assert_eq!(problems.is_empty(), said.is_some() && own != Additional, "{own:?} {said:?}");
        }
    }

    proptest! {
        #[test]
        fn two_words_are_two_parts(a in "(PLANNED|planned|\\PC{1,8})", b in "(PLANNED|planned|\\+planned|\\PC{1,8})") {
            let of = |word: &str| {
                let (mut listed, mut word) = (MilestoneTable::Other, Some(word.to_owned()));
                settle(&mut listed, &mut word);
                part(listed, word.as_deref())
            };
            prop_assert_eq!(a == b, of(&a) == of(&b));
            prop_assert!(!of(&a).contains('/'));
        }
    }
}
