//! What is to be done with a record, and where the wish comes from.

use crate::model::{Key, Kind, Problem, Problems, Record};

/// Where an edit comes from, for its problems: a file and line, a row index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source(pub Vec<String>);

/// Whether a record may, or must, be there before it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutMode {
    /// It must not be there.
    Create,
    /// It must be there.
    Update,
    /// Either.
    Upsert,
}

/// One edit of a draft.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Writes the record, whole, in place of the one of the same kind and key.
    Put {
        /// The record.
        record: Record,
        /// Whether it may be there.
        mode: PutMode,
        /// Where it comes from.
        at: Source,
    },
    /// Deletes the record.
    Delete {
        /// Its kind.
        kind: Kind,
        /// Its key.
        key: Key,
        /// Where the wish comes from.
        at: Source,
    },
    /// A row that does not read as a record. Others may refer to it without that being a second problem.
    Broken {
        /// Its kind and key, as far as they can be read.
        target: Option<(Kind, Key)>,
        /// What is wrong with it.
        problems: Vec<Problem>,
    },
}

impl Edit {
    /// Writes a record that comes from nowhere in particular.
    pub fn put(record: Record) -> Self {
        Self::Put { record, mode: PutMode::Upsert, at: Source::default() }
    }

    /// The kind of record that it is about, as far as that can be read.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Put { record, .. } => Some(record.kind()),
            Self::Delete { kind, .. } => Some(*kind),
            Self::Broken { target, .. } => target.as_ref().map(|(kind, _)| *kind),
        }
    }

    pub(super) fn target(&self) -> Option<(Kind, Key)> {
        match self {
            Self::Put { record, .. } => Some((record.kind(), record.key())),
            Self::Delete { kind, key, .. } => Some((*kind, key.clone())),
            Self::Broken { target, .. } => target.clone(),
        }
    }

    pub(super) fn problems(&self) -> Problems {
        let mut problems = Problems::default();
        if let Self::Put { at, .. } | Self::Delete { at, .. } = self {
            problems.enter(&at.0);
        }
        problems
    }
}
