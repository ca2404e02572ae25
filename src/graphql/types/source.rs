//! Where a citation stands in the text that is attached to its document.

use crate::analysis::passages::Sources;
use crate::graphql::core::definition::{FieldDef, Ty, function};
use crate::graphql::core::value::{ObjectKind, Value, record};
use crate::model::Kind;
use crate::register::TableSet;

/// Name of the type of all citations.
pub const CITATION: &str = "Citation";

/// The field `passage` of a citation.
pub fn passage() -> FieldDef {
    let resolve = function(|_, of, _| {
        let ObjectKind::Composite(citation) = &of.of else { return Ok(Value::Null) };
        let sources = Sources::of(of.register);
        let node = sources.passage(*citation).and_then(|key| of.register.get(Kind::Passage, key));
        Ok(node.map_or(Value::Null, |node| record(of.register, node)))
    });
    let doc = "The passage of the document's text in which it stands: in its section, the nearest one after the label of its row or the title of \
               its table. Null where no text is attached to the document (`boordtabel source add`), the cell is blank, or it does not stand there.";
    FieldDef::new("passage", Ty::named("Passage"), doc, resolve).reading(TableSet::of(&[Kind::Passage]))
}
