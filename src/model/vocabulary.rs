//! Closed lists of words: an enum whose names, documentation and parsing are written once.

/// A closed list of words with their documentation.
#[derive(Debug)]
pub struct Vocabulary {
    /// Name of the type.
    pub name: &'static str,
    /// What the list is about.
    pub doc: &'static str,
    /// Each word and its meaning.
    pub words: &'static [(&'static str, &'static str)],
}

/// A type whose values are the words of a list.
pub trait Word: Copy {
    /// Name, documentation and words of the list.
    fn vocabulary() -> &'static Vocabulary;
    /// The word as the API and the files write it.
    fn word(self) -> &'static str;
    /// The value of a word, if it is one of the list.
    fn from_word(word: &str) -> Option<Self>;
    /// What stands for the words of other documents, where the list is one document's.
    fn other() -> Option<Self> {
        None
    }
}

/// A closed list of words: enum, names, documentation, parsing. What it makes is a [`Word`]. With `else Other` it is the list of one
/// document, and that word stands for those of others: see [`open_word`](super::open_word).
macro_rules! vocabulary {
    ($(#[doc = $doc:literal])+ $name:ident $(else $other:ident)? { $($(#[doc = $item_doc:literal])+ $item:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $item_doc])+ $item,)+ }

        impl $name {
            /// Name, documentation and words of this vocabulary.
            pub const VOCABULARY: $crate::model::vocabulary::Vocabulary = $crate::model::vocabulary::Vocabulary {
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

        impl $crate::model::vocabulary::Word for $name {
            fn vocabulary() -> &'static $crate::model::vocabulary::Vocabulary { &Self::VOCABULARY }
            fn word(self) -> &'static str { self.word() }
            fn from_word(word: &str) -> Option<Self> { Self::from_word(word) }
            $(fn other() -> Option<Self> { Some(Self::$other) })?
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.word()) }
        }
    };
}

pub(crate) use vocabulary;
