//! What is to be done with a record, and where the wish comes from.

use std::sync::Arc;

use crate::model::{Key, Kind, Problem, Problems, Record};

/// Where an edit comes from, for its problems: a file and line, a row index. What all rows of a file have in common is there once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The file and sheet; or all of it, where nothing else tells.
    within: Option<Arc<[String]>>,
    /// The line, with its word.
    line: Option<(&'static str, usize)>,
    /// The record in it.
    record: Option<Kind>,
}

impl Source {
    /// These steps.
    pub fn of(steps: Vec<String>) -> Self {
        Self { within: Some(steps.into()), ..Self::default() }
    }

    /// A line of a file, `line 5`, or a row of a sheet, `row 5`.
    pub fn line(within: &Arc<[String]>, word: &'static str, number: usize) -> Self {
        Self { within: Some(Arc::clone(within)), line: Some((word, number)), record: None }
    }

    /// The record of that kind in it.
    #[must_use]
    pub fn record(self, kind: Kind) -> Self {
        Self { record: Some(kind), ..self }
    }

    /// The steps that lead there.
    pub fn path(&self) -> Vec<String> {
        let within = self.within.iter().flat_map(|steps| steps.iter().cloned());
        let line = self.line.map(|(word, number)| format!("{word} {number}"));
        within.chain(line).chain(self.record.map(|kind| kind.one().to_owned())).collect()
    }
}

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

    /// The key of the record that it is about; the first of those that it may mean.
    pub fn key(&self) -> Option<Key> {
        match self {
            Self::Put { record, .. } => Some(record.key()),
            Self::Delete { key, .. } => Some(key.clone()),
            Self::Broken { keys, .. } => keys.first().cloned(),
        }
    }

    /// The other records that it may mean.
    pub fn others(&self) -> &[Key] {
        match self {
            Self::Broken { keys, .. } => keys.get(1..).unwrap_or_default(),
            _ => &[],
        }
    }

    /// All records that it may mean.
    pub fn targets(&self) -> impl Iterator<Item = (Kind, Key)> {
        let keys = self.key().into_iter().chain(self.others().iter().cloned());
        keys.filter_map(|key| Some((self.kind()?, key)))
    }

    /// Where it comes from, as a path.
    pub fn place(&self) -> Vec<String> {
        match self {
            Self::Put { at, .. } | Self::Delete { at, .. } => at.path(),
            Self::Broken { problems, .. } => problems.first().map(|problem| problem.path.clone()).unwrap_or_default(),
        }
    }

    /// Problems found in it, as those of its place.
    pub fn placed(&self, problems: Problems) -> Vec<Problem> {
        match self {
            _ if problems.is_empty() => Vec::new(),
            Self::Put { at, .. } | Self::Delete { at, .. } => problems.into_vec_at(&at.path()),
            Self::Broken { .. } => problems.into_vec(),
        }
    }
}
