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
    /// Either. It was there before as it is now written, and rules that are younger than it do not bind it.
    Restore,
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
        /// Its kind, when that can be read.
        kind: Option<Kind>,
        /// The keys that it may mean; none when that cannot be told.
        keys: Vec<Key>,
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
            Self::Broken { kind, .. } => *kind,
        }
    }

    /// What is wrong with a row of which nothing can be read.
    pub fn broken(problems: Vec<Problem>) -> Self {
        Self::Broken { kind: None, keys: Vec::new(), problems }
    }

    /// The record that it is about; the first of those that it may mean.
    pub fn target(&self) -> Option<(Kind, Key)> {
        self.targets().next()
    }

    /// The records that it may mean.
    pub fn targets(&self) -> impl Iterator<Item = (Kind, Key)> {
        let (one, others): (Option<Key>, &[Key]) = match self {
            Self::Put { record, .. } => (Some(record.key()), &[]),
            Self::Delete { key, .. } => (Some(key.clone()), &[]),
            Self::Broken { keys, .. } => (None, keys),
        };
        let kind = self.kind();
        one.into_iter().chain(others.iter().cloned()).filter_map(move |key| Some((kind?, key)))
    }

    /// Where it comes from, as a path.
    pub fn place(&self) -> Vec<String> {
        match self {
            Self::Put { at, .. } | Self::Delete { at, .. } => at.0.clone(),
            Self::Broken { problems, .. } => problems.first().map(|problem| problem.path.clone()).unwrap_or_default(),
        }
    }

    /// Problems to be found in it, at its place.
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::default();
        if let Self::Put { at, .. } | Self::Delete { at, .. } = self {
            problems.enter(&at.0);
        }
        problems
    }
}
