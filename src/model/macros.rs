//! The three declarations of the model. Each makes a plain Rust type and, beside it, what the rest of the program needs to
//! know of it (names, documentation, types, how to read and show a value), so that a field is written in one place only.
//!
//! * [`vocabulary!`]: a closed list of words, an enum. `Name or Word` says which word stands for an absent one.
//! * [`composite!`]: a value of several fields inside a record, such as a figure with its citation.
//! * [`record!`]: a kind of record with its natural key.
//!
//! A field that will go says so behind its type, `; deprecated: "why, and what to use instead"`. It may be left out of rows: what took
//! its place gives it (`settle`).

/// A closed list of words: enum, names, documentation, parsing.
macro_rules! vocabulary {
    ($(#[doc = $doc:literal])+ $name:ident $(or $absent:ident)? { $($(#[doc = $item_doc:literal])+ $item:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $item_doc])+ $item,)+ }

        impl $name {
            /// Name, documentation and words of this vocabulary.
            pub const VOCABULARY: $crate::model::value::Vocabulary = $crate::model::value::Vocabulary {
                name: stringify!($name),
                doc: concat!($($doc, "\n",)+),
                words: &[$(($word, concat!($($item_doc, "\n",)+)),)+],
            };

            /// The word as the API and the files write it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$item => $word,)+ }
            }

            /// The value of a word, if it is one of the list.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$item),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.word()) }
        }

        impl $crate::model::value::Value for $name {
            fn ty() -> $crate::model::value::Type { $crate::model::value::Type::Enum(&Self::VOCABULARY) }
            fn read(tree: &$crate::model::value::Tree<'_>, problems: &mut $crate::model::problem::Problems) -> Option<Self> {
                $crate::model::value::read_word(tree, &Self::VOCABULARY, problems).and_then(|word| Self::from_word(word))
            }
            $(fn absent(_: &mut $crate::model::problem::Problems) -> Option<Self> { Some(Self::$absent) })?
            fn view(&self) -> $crate::model::value::View<'_> { $crate::model::value::View::Enum(self.word()) }
        }
    };
}

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
                    name: $crate::model::macros::shown!($name $($shown)?),
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

/// The name of a type as the API shows it: its own, unless it says another because Rust has a type of that name already.
macro_rules! shown {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:ident $shown:literal) => {
        $shown
    };
}

pub(crate) use {composite, record, shown, vocabulary};
