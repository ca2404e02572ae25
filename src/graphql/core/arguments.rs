//! Arguments that several fields take.

use async_graphql::Value as Input;

use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, Ty};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::limits::Limits;
use crate::model::Kind;

/// The kinds that an argument names.
pub fn kinds(args: &Args) -> Vec<Kind> {
    let Some(Input::List(words)) = args.get("kinds") else { return Vec::new() };
    words
        .iter()
        .filter_map(|word| match word {
            Input::Enum(word) => Kind::from_word(word),
            _ => None,
        })
        .collect()
}

/// How many entries are asked for.
///
/// # Errors
/// When that is more than a page may have.
pub fn first(args: &Args, limits: &Limits) -> Result<usize, FieldError> {
    let given = args.int("first").unwrap_or_default();
    let size = usize::try_from(given)
        .map_err(|_| FieldError::input(format!("`first` cannot be {given}"), "give a number from 0 on"))?;
    if size > limits.page_max {
        return Err(FieldError::limit("entries of a page (`first`)", limits.page_max, size, "ask for smaller pages")
            .raised_by("page_max"));
    }
    Ok(size)
}

/// The argument that says how many entries are asked for.
pub fn first_arg(default: i64, doc: &str) -> ArgDef {
    ArgDef { default: Some(Input::from(default)), ..ArgDef::new("first", Ty::required("Int"), doc) }
}

/// The argument that names kinds.
pub fn kinds_arg() -> ArgDef {
    let ty = Ty::List(Box::new(Ty::required("Kind")));
    ArgDef::new("kinds", ty, "Only changes of these kinds; all when it is absent or empty.")
}
