//! Values and what is known of them: the one description from which files, GraphQL types, stored bytes, differences and
//! documentation are all made.
//!
//! A value comes in as a [`Tree`] (from a CSV row, a JSON line, a GraphQL input or stored bytes) and goes out as a [`View`].

mod leaf;
mod reading;
mod tree;
mod types;
mod view;

pub use leaf::{LIST_LENGTH_MAX, TEXT_BYTES_MAX, parse_decimal};
pub use reading::{Composite, Fields, Value, read_composite, read_word, room, shared_room};
pub use tree::Tree;
pub(crate) use tree::shorten;
pub use types::{CompositeInfo, FieldInfo, Type, camel_case, upper_case};
pub use view::{AnyComposite, View};
