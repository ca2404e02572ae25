//! The declarations of the model. Each makes a plain Rust type and, beside it, what the rest of the program needs to
//! know of it (names, documentation, types, how to read and show a value), so that a field is written in one place only.
//!
//! * [`vocabulary!`](super::vocabulary): a closed list of words, an enum.
//! * [`composite!`]: a value of several fields inside a record, such as a figure with its citation.
//! * [`record!`]: a kind of record with its natural key.
//! * [`link_by_kind!`]: the key of a record whose kind another field says.
//!
//! A field that will go says so behind its type, `; deprecated: "why, and what to use instead"`. It may be left out of rows: what took
//! its place gives it (`settle`).

/// A struct whose fields are values, with its field list.
macro_rules! composite {
    ($(#[doc = $doc:literal])+ $name:ident $(as $shown:literal)? {
        $($(#[doc = $field_doc:literal])+ $field:ident : $ty:ty $(=> $reverse:ident : $reverse_doc:literal)? $(; deprecated: $deprecated:literal)? ,)+
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[doc = $field_doc])+ pub $field: $ty,)+ }

        impl $crate::model::value::Composite for $name {
            fn info() -> &'static $crate::model::value::CompositeInfo {
                static INFO: std::sync::OnceLock<$crate::model::value::CompositeInfo> = std::sync::OnceLock::new();
                INFO.get_or_init(|| $crate::model::value::CompositeInfo {
                    name: [$($shown,)? stringify!($name)][0],
                    doc: concat!($($doc, "\n",)+),
                    fields: vec![$($crate::model::value::FieldInfo {
                        name: $crate::model::value::camel_case(stringify!($field)),
                        doc: concat!($($field_doc, "\n",)+),
                        ty: <$ty as $crate::model::value::Value>::ty(),
                        reverse: None$(.or(Some(($crate::model::value::camel_case(stringify!($reverse)), $reverse_doc))))?,
                        deprecated: None$(.or(Some($deprecated)))?,
                    },)+],
                })
            }

            fn get(&self, index: usize) -> $crate::model::value::View<'_> {
                $crate::model::macros::composite!(@get self, index, 0usize; $($field)+)
            }

            fn read_fields(
                fields: &mut $crate::model::value::Fields<'_, '_>,
                problems: &mut $crate::model::problem::Problems,
            ) -> Option<Self> {
                // Every field is read before any is missed, so that all problems of a row are told at once.
                $(let $field = fields.next::<$ty>(problems);)+
                Some(Self { $($field: $field?,)+ })
            }
        }

        impl $crate::model::value::Value for $name {
            fn ty() -> $crate::model::value::Type { $crate::model::value::Type::Composite(<Self as $crate::model::value::Composite>::info) }
            fn read(tree: &$crate::model::value::Tree<'_>, problems: &mut $crate::model::problem::Problems) -> Option<Self> {
                $crate::model::value::read_composite::<Self>(tree, &[], problems)
            }
            fn view(&self) -> $crate::model::value::View<'_> { $crate::model::value::View::Composite(self) }
            fn held(&self) -> usize { 0 $(+ $crate::model::value::Value::held(&self.$field))+ }
        }
    };
    // Field access by index, without a boxed closure per field.
    (@get $self:ident, $index:ident, $at:expr; $field:ident $($rest:ident)*) => {
        if $index == $at { $crate::model::value::Value::view(&$self.$field) }
        else { $crate::model::macros::composite!(@get $self, $index, $at + 1; $($rest)*) }
    };
    (@get $self:ident, $index:ident, $at:expr;) => { $crate::model::value::View::Null };
}

/// A kind of record: a composite with a natural key.
macro_rules! record {
    ($(#[doc = $doc:literal])+ $name:ident $(as $shown:literal)? ( $key:expr $(, position: $position:expr)? $(, order: $order:expr)? $(, settle: $settle:expr)? $(, check: $check:expr)? ) { $($body:tt)+ }) => {
        $crate::model::macros::composite! { $(#[doc = $doc])+ $name $(as $shown)? { $($body)+ } }

        impl $crate::model::RecordType for $name {
            const KIND: $crate::model::Kind = $crate::model::Kind::$name;
            fn key(&self) -> $crate::model::Key {
                let key: fn(&Self) -> $crate::model::Key = $key;
                key(self)
            }
            $(fn position(&self) -> i64 {
                let position: fn(&Self) -> i64 = $position;
                position(self)
            })?
            $(fn order(&self) -> Option<$crate::model::Key> {
                let order: fn(&Self) -> $crate::model::Key = $order;
                Some(order(self))
            })?
            $(fn settle(&mut self) {
                let settle: fn(&mut Self) = $settle;
                settle(self)
            })?
            $(fn check(&self, problems: &mut $crate::model::problem::Problems) {
                let check: fn(&Self, &mut $crate::model::problem::Problems) = $check;
                check(self, problems)
            })?
        }
    };
}

/// The key of a record of whatever kind another field of the same record says.
macro_rules! link_by_kind {
    ($(#[doc = $doc:literal])+ $name:ident: $kinds:ident, said by $said_by:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub $crate::model::Key);

        impl $crate::model::value::Value for $name {
            fn ty() -> $crate::model::value::Type {
                $crate::model::value::Type::LinkByKind(&$kinds::VOCABULARY, $said_by)
            }
            fn read(tree: &$crate::model::value::Tree<'_>, problems: &mut $crate::model::problem::Problems) -> Option<Self> {
                <$crate::model::Key as $crate::model::value::Value>::read(tree, problems).map(Self)
            }
            fn view(&self) -> $crate::model::value::View<'_> { $crate::model::value::Value::view(&self.0) }
            fn held(&self) -> usize { $crate::model::value::Value::held(&self.0) }
        }
    };
}

pub(crate) use {composite, link_by_kind, record};
