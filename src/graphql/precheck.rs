//! A linear look at a parsed document before anything walks it with its fragments unfolded: what a few hundred bytes of nested
//! fragments unfold to is computed, fragment by fragment, not unfolded.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use crate::graphql::error::{ErrorCode, FieldError};
use crate::graphql::limits::Limits;

/// What a selection set comes to, its fragments unfolded.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: usize,
    depth: usize,
    directives: usize,
}

/// Checks a document against the limits.
///
/// # Errors
/// Names the limit that is exceeded, or the fragment that contains itself.
pub fn check(document: &ExecutableDocument, limits: &Limits) -> Result<(), FieldError> {
    let mut sizes = HashMap::new();
    let mut whole = Size::default();
    for (_, operation) in document.operations.iter() {
        let size = measure(document, &operation.node.selection_set.node, &mut sizes)?;
        whole.fields = whole.fields.saturating_add(size.fields);
        whole.directives = whole.directives.saturating_add(size.directives + operation.node.directives.len());
        whole.depth = whole.depth.max(size.depth);
    }
    // Fragments that nothing uses are validated too.
    for name in document.fragments.keys() {
        let size = fragment(document, name.as_str(), &mut sizes)?;
        whole.fields = whole.fields.max(size.fields);
        whole.directives = whole.directives.max(size.directives);
        whole.depth = whole.depth.max(size.depth);
    }
    let hint = "split the request into smaller ones";
    for (what, limit, found) in [
        ("levels of a document", limits.depth, whole.depth),
        ("fields of a document with its fragments unfolded", limits.fields, whole.fields),
        ("directives of a document with its fragments unfolded", limits.directives, whole.directives),
    ] {
        if found > limit {
            return Err(FieldError::limit(what, limit, found, hint));
        }
    }
    Ok(())
}

type Sizes<'d> = HashMap<&'d str, Option<Size>>;

fn measure<'d>(
    document: &'d ExecutableDocument,
    set: &'d SelectionSet,
    sizes: &mut Sizes<'d>,
) -> Result<Size, FieldError> {
    let mut size = Size::default();
    for selection in &set.items {
        let (inner, own, level) = match &selection.node {
            Selection::Field(field) => (measure(document, &field.node.selection_set.node, sizes)?, 1, 1),
            Selection::InlineFragment(inline) => (measure(document, &inline.node.selection_set.node, sizes)?, 0, 0),
            Selection::FragmentSpread(spread) => {
                (fragment(document, spread.node.fragment_name.node.as_str(), sizes)?, 0, 0)
            }
        };
        size.fields = size.fields.saturating_add(inner.fields).saturating_add(own);
        size.directives =
            size.directives.saturating_add(inner.directives).saturating_add(selection.node.directives().len());
        size.depth = size.depth.max(inner.depth.saturating_add(level));
    }
    Ok(size)
}

/// Each fragment is measured once; `None` stands for one that is being measured.
fn fragment<'d>(document: &'d ExecutableDocument, name: &str, sizes: &mut Sizes<'d>) -> Result<Size, FieldError> {
    // A fragment that does not exist is the validation's to tell.
    let Some((name, definition)) = document.fragments.get_key_value(name) else { return Ok(Size::default()) };
    match sizes.get(name.as_str()) {
        Some(Some(size)) => return Ok(*size),
        Some(None) => {
            return Err(FieldError::new(
                ErrorCode::ValidationFailed,
                format!("the fragment `{name}` contains itself"),
                "unfold it by hand as far as you need it",
            ));
        }
        None => {}
    }
    sizes.insert(name, None);
    let size = measure(document, &definition.node.selection_set.node, sizes)?;
    sizes.insert(name, Some(size));
    Ok(size)
}
