//! Which bodies have a namespace. Every commit asks, so it is kept with each version of the register: to look at all bodies would
//! take longer than the commit, where there are many.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Key, Record};

/// The namespaces of the bodies that have one.
#[derive(Clone, Debug, Default)]
pub struct Namespaces(Arc<HashMap<Key, String>>);

impl Namespaces {
    /// By the body's key.
    pub fn by_body(&self) -> &HashMap<Key, String> {
        &self.0
    }

    /// With the namespace of a record, if it is a body that has one, and without where it has none.
    pub fn put(&mut self, record: &Record) {
        let Record::Organisation(body) = record else { return };
        match &body.namespace {
            Some(namespace) => drop(Arc::make_mut(&mut self.0).insert(body.key.clone(), namespace.clone())),
            None => self.remove(record),
        }
    }

    /// Without that of a record.
    pub fn remove(&mut self, record: &Record) {
        if let Record::Organisation(body) = record
            && self.0.contains_key(&body.key)
        {
            Arc::make_mut(&mut self.0).remove(&body.key);
        }
    }
}
