//! Who asks, and what they may do.

use crate::commit::access::Role;
use crate::graphql::core::definition::{FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{Value, text};
use crate::model::Vocabulary;
use crate::register::TableSet;

payload! {
    /// Somebody who asks.
    Viewer {
        /// The name of the token, the author of what is committed with it; `anonymous` without one.
        name: "String!",
        /// What the token allows.
        role: "Role!",
        /// The bodies whose records it may write, by their keys; empty when it may write those of all.
        body_keys: "[String!]!",
    }
}

/// The words that it uses.
pub fn vocabulary() -> &'static Vocabulary {
    &Role::VOCABULARY
}

/// Who asks.
pub fn root_field() -> FieldDef {
    let resolve = function(|context, root, _| {
        // What somebody is told of himself is nothing for the next who asks the same.
        context.is_personal.set(true);
        let identity = &context.request.identity;
        let viewer = Viewer {
            name: text(identity.name.clone()),
            role: text(identity.role.word()),
            body_keys: Value::List(identity.bodies.iter().map(|key| text(key.clone())).collect()),
        };
        Ok(viewer.object(root.register))
    });
    let doc = "Who asks, by the token that was sent, and what it allows: for clients that show what can be done. An answer \
               with it is never kept.";
    FieldDef::new("viewer", Ty::required("Viewer"), doc, resolve).reading(TableSet::NONE)
}

/// The type of who asks.
pub fn viewer() -> ObjectDef {
    Viewer::definition()
}
