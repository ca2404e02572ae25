//! Values on their way in, as the import and the filters read them.

use std::borrow::Cow;

use async_graphql::Value as Input;

use crate::model::Tree;

/// A value on its way in as the import reads it.
pub fn tree(value: &Input) -> Tree<'_> {
    match value {
        Input::Null | Input::Binary(_) => Tree::Null,
        Input::Boolean(value) => Tree::Bool(*value),
        Input::Number(number) => Tree::Number(Cow::Owned(number.to_string())),
        Input::String(text) => Tree::Text(Cow::Borrowed(text)),
        Input::Enum(word) => Tree::Text(Cow::Borrowed(word)),
        Input::List(items) => Tree::List(items.iter().map(tree).collect()),
        Input::Object(fields) => {
            Tree::Map(fields.iter().map(|(name, value)| (Cow::Borrowed(name.as_str()), tree(value))).collect())
        }
    }
}
