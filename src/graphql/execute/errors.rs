//! The errors of an answer's fields, each with where it is in the answer and in the document.

use crate::graphql::core::error::{FieldError, GraphqlError, Step, locate};

/// The errors so far, and the path of the value that is being written.
pub struct Errors<'s> {
    /// The document that is being answered.
    text: &'s str,
    /// So many are kept, at least one.
    max: usize,
    found: Vec<GraphqlError>,
    path: Vec<PathStep<'s>>,
}

#[derive(Clone, Copy)]
enum PathStep<'s> {
    Field(&'s str),
    Index(usize),
}

impl<'s> Errors<'s> {
    /// None yet, at the root of an answer.
    pub fn new(text: &'s str, max: usize) -> Self {
        Self { text, max: max.max(1), found: Vec::new(), path: Vec::new() }
    }

    /// A field of that name begins.
    pub fn enter_field(&mut self, key: &'s str) {
        self.path.push(PathStep::Field(key));
    }

    /// An entry of a list begins.
    pub fn enter_item(&mut self, index: usize) {
        self.path.push(PathStep::Index(index));
    }

    /// A field or an entry has ended.
    pub fn leave(&mut self) {
        self.path.pop();
    }

    /// The path of the value that is being written.
    pub fn path(&self) -> Vec<Step> {
        let steps = self.path.iter().map(|step| match step {
            PathStep::Field(name) => Step::Field((*name).to_owned()),
            PathStep::Index(index) => Step::Index(*index),
        });
        steps.collect()
    }

    /// Adds an error of the value that is being written, whose field stands there in the document.
    pub fn push(&mut self, at: u32, error: FieldError) {
        if self.found.len() < self.max {
            let (locations, path) = (vec![locate(self.text, at)], self.path());
            self.found.push(GraphqlError { error: Box::new(error), locations, path });
        }
    }

    /// Forgets those so far: the answer has none of what they are about.
    pub fn clear(&mut self) {
        self.found.clear();
    }

    /// Those that were found.
    pub fn found(self) -> Vec<GraphqlError> {
        self.found
    }
}
