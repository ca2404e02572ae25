//! References: the key of a record of one kind, as a type that says the kind.

use std::borrow::Cow;
use std::marker::PhantomData;

use crate::model::record_type::RecordType;
use crate::model::value::{Tree, Type, Value, View};
use crate::model::{Key, Problems};

/// The key of a record of kind `T`: a reference.
pub struct Link<T>(Key, PhantomData<fn() -> T>);

impl<T: RecordType> Link<T> {
    /// A reference to the record of that key.
    pub fn new(key: Key) -> Self {
        Self(key, PhantomData)
    }
    /// The key referred to.
    pub fn key(&self) -> &Key {
        &self.0
    }
    /// The key referred to, as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

// Written by hand because a derive would ask the same of `T`, which only says the kind.
impl<T> Clone for Link<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}
impl<T> PartialEq for Link<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Link<T> {}
impl<T> std::fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> std::fmt::Display for Link<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: RecordType> Value for Link<T> {
    fn ty() -> Type {
        Type::Link(T::KIND)
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        Key::read(tree, problems).map(Self::new)
    }
    fn view(&self) -> View<'_> {
        View::Text(Cow::Borrowed(self.as_str()))
    }
    fn held(&self) -> usize {
        self.0.held()
    }
}
