//! Objects of the API that are made of values: the name, type and meaning of each field stand in one place, and whoever makes one names
//! them.
//!
//! [`payload!`] makes a struct whose fields are values, from which its type in the API and its objects follow.

use crate::graphql::core::definition::{FieldDef, ObjectDef, Resolve, Ty};
use crate::model::value::camel_case;

/// An object of the API: a struct with a value for each field. Types are written as in the schema.
macro_rules! payload {
    ($(#[doc = $doc:literal])+ $name:ident $(as $shown:literal)? { $($(#[doc = $field_doc:literal])+ $field:ident : $ty:literal,)+ }) => {
        $(#[doc = $doc])+
        pub struct $name<'r> { $($(#[doc = $field_doc])+ pub $field: $crate::graphql::core::value::Value<'r>,)+ }

        impl<'r> $name<'r> {
            /// Its type in the API.
            pub fn definition() -> $crate::graphql::core::definition::ObjectDef {
                $crate::graphql::core::payload::definition(
                    [$($shown,)? stringify!($name)][0],
                    &[$($doc),+],
                    &[$((stringify!($field), $ty, &[$($field_doc),+])),+],
                )
            }

            /// These values as an object of that type.
            pub fn object(self, register: &'r $crate::register::Register) -> $crate::graphql::core::value::Value<'r> {
                $crate::graphql::core::value::object(register, vec![$(self.$field),+])
            }
        }
    };
}

pub(crate) use payload;

/// A type whose objects have these values, in this order. Documentation comes line by line.
pub fn definition(name: &'static str, doc: &[&str], fields: &[(&'static str, &'static str, &[&str])]) -> ObjectDef {
    let fields = fields.iter().enumerate().map(|(index, (name, ty, doc))| {
        let name = camel_case(name.trim_start_matches("r#"));
        FieldDef::new(name, Ty::written(ty), joined(doc), Resolve::Value(index))
    });
    ObjectDef { name: name.into(), doc: joined(doc), is_node: false, fields: fields.collect() }
}

fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}
