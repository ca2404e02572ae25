//! Codes of budget articles, taken apart. What the parts are and what their letters mean is data of the register.

use crate::analysis::walk::{self, RecordRef};
use crate::model::budget::{OTHER_PART, PART};
use crate::model::{ArticlePart, ArticleTerm, BudgetArticle, BudgetLine, Key, Organisation, Plan};
use crate::register::{Node, Register};

/// A part of a code.
#[derive(Clone, Debug)]
pub struct CodePart<'r> {
    /// Which part it is.
    pub part: RecordRef<'r, ArticlePart>,
    /// Its letters; none when the code has not the form that the part knows.
    pub code: Option<String>,
    /// What they mean; none when the register does not know.
    pub term: Option<RecordRef<'r, ArticleTerm>>,
}

/// Takes the code of an article apart, by what the register knows of the codes of the bodies whose budget lines are booked on it, or
/// of all bodies when there is no such line.
pub fn parts<'r>(register: &'r Register, article: RecordRef<'r, BudgetArticle>) -> Vec<CodePart<'r>> {
    let lines = walk::sources::<BudgetLine, BudgetArticle>(register, &article.0.key);
    let bodies: Vec<&Key> = lines
        .iter()
        .filter_map(|(_, line)| walk::follow::<Plan>(register, &line.plan_key))
        .map(|(_, plan)| plan.organisation_key.key())
        .collect();
    let mut parts: Vec<RecordRef<'r, ArticlePart>> = if bodies.is_empty() {
        walk::all(register).collect()
    } else {
        walk::all::<Organisation>(register)
            .filter(|(node, _)| bodies.contains(&&node.key))
            .flat_map(|(node, _)| walk::sources::<ArticlePart, Organisation>(register, &node.key))
            .collect()
    };
    parts.sort_by_key(|(_, part)| part.position);
    parts.into_iter().map(|part| code_part(register, part, article.0.key.as_str())).collect()
}

fn code_part<'r>(register: &'r Register, part: RecordRef<'r, ArticlePart>, code: &str) -> CodePart<'r> {
    let code = letters(&part.1.mask, code);
    let terms = walk::sources::<ArticleTerm, ArticlePart>(register, &part.0.key);
    let term = terms.into_iter().find(|(_, term)| Some(term.code.as_str()) == code.as_deref());
    CodePart { part, code, term }
}

/// The letters of a code that stand where the mask says; none when the code has another form.
fn letters(mask: &str, code: &str) -> Option<String> {
    let mut letters = String::new();
    let mut code = code.chars();
    for place in mask.chars() {
        let letter = code.next()?;
        let fits = match place {
            PART | OTHER_PART => letter.is_alphanumeric(),
            literal => literal == letter,
        };
        if !fits {
            return None;
        }
        letters.extend((place == PART).then_some(letter));
    }
    (code.next().is_none() && !letters.is_empty()).then_some(letters)
}

/// The articles whose code has the letters of that term, in their default order.
pub fn articles<'r>(register: &'r Register, term: &'r Node) -> Vec<RecordRef<'r, BudgetArticle>> {
    let has = |article: &RecordRef<'r, BudgetArticle>| {
        let terms = parts(register, *article).into_iter().filter_map(|part| part.term);
        terms.into_iter().any(|(node, _)| node.key == term.key)
    };
    walk::all::<BudgetArticle>(register).filter(has).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_where_the_mask_says() {
        for (mask, code, expected) in [
            ("..-X.", "AB-1C", Some("1")),
            ("XX-..", "AB-1C", Some("AB")),
            ("X.-.X", "AB-1C", Some("AC")),
            ("..-..", "AB-1C", None),
            ("..-X.", "AB-1", None),
            ("..-X.", "AB-1CD", None),
            ("..-X.", "AB/1C", None),
            ("..-X.", "A--1C", None),
        ] {
            assert_eq!(letters(mask, code).as_deref(), expected, "{mask} {code}");
        }
    }
}
