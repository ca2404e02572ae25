//! Codes of budget articles, taken apart. What the parts are and what their letters mean is data of the register.

use crate::analysis::walk::{self, RecordRef};
use crate::model::budget::{OTHER_PART, PART};
use crate::model::{ArticlePart, ArticleTerm, BudgetArticle, BudgetLine, Key, Organisation, Plan};
use crate::register::{Node, Register};
use crate::work;

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
    let bodies = bodies(register, article);
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

/// The bodies whose budget lines are booked on an article.
fn bodies<'r>(register: &'r Register, article: RecordRef<'r, BudgetArticle>) -> Vec<&'r Key> {
    let lines = walk::sources::<BudgetLine, BudgetArticle>(register, &article.0.key);
    let plans = lines.iter().filter_map(|(_, line)| walk::follow::<Plan>(register, &line.plan_key));
    plans.map(|(_, plan)| plan.organisation_key.key()).collect()
}

fn code_part<'r>(register: &'r Register, part: RecordRef<'r, ArticlePart>, code: &str) -> CodePart<'r> {
    let code = letters(&part.1.mask, code);
    // The key of a term is made of its part and its letters.
    let key = code.as_deref().and_then(|code| Key::parse(code).ok()).map(|code| Key::of_parts(&part.0.key, &[&code]));
    let term = key.and_then(|key| walk::get::<ArticleTerm>(register, &key));
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
    let Some((_, of)) = walk::of::<ArticleTerm>(term) else { return Vec::new() };
    let Some((_, part)) = walk::follow::<ArticlePart>(register, &of.part_key) else { return Vec::new() };
    let has = |article: &RecordRef<'r, BudgetArticle>| {
        work::step(5);
        // Few have the letters; whose articles they are is looked up for those alone.
        letters(&part.mask, article.0.key.as_str()).as_deref() == Some(of.code.as_str()) && {
            let bodies = bodies(register, *article);
            bodies.is_empty() || bodies.contains(&part.organisation_key.key())
        }
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
