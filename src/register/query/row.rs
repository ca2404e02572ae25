//! Something that a query is about, and the values in it.

use crate::model::View;
use crate::model::value::AnyComposite;
use crate::register::Node;

/// Something that is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Row<'r> {
    /// A record of a register.
    Node(&'r Node),
    /// Any other value made of fields.
    Value(&'r dyn AnyComposite),
}

/// Position of a record's key among its fields, where the key is made of other fields.
pub const KEY: usize = usize::MAX;

impl<'r> Row<'r> {
    /// The value at the end of a path of field positions; absent where something on the way is.
    pub fn get(self, path: &[usize]) -> View<'r> {
        let mut steps = path.iter();
        let mut view = match (self, steps.next()) {
            (_, None) => return View::Null,
            (Self::Node(node), Some(&KEY)) => View::Text(node.key.as_str().into()),
            (Self::Value(_), Some(&KEY)) => View::Null,
            (Self::Node(node), Some(&index)) => node.record.get(index),
            (Self::Value(value), Some(&index)) => value.field(index),
        };
        for &index in steps {
            let View::Composite(value) = view else { return View::Null };
            view = value.field(index);
        }
        view
    }
}
