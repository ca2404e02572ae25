//! What is to be done with a record, and where the wish comes from.

use std::sync::Arc;

use crate::model::{Key, Kind, Problem, Problems, Record};

/// Where an edit comes from, for its problems: a file and line, a row index. What all rows of a file have in common is there once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The file and sheet; or all of it, where nothing else tells.
    within: Option<Arc<Within>>,
    /// The line, from 1; 0 where there is none.
    line: u32,
    /// The record in it.
    record: Option<Kind>,
}

/// What the rows of a file have in common: the steps that lead to it, and the word for a line of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Within {
    steps: Vec<String>,
    word: &'static str,
}

impl Within {
    /// The steps that lead to the file or sheet.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// The lines of a file, `line 5`, or the rows of a sheet, `row 5`.
    pub fn new(steps: Vec<String>, word: &'static str) -> Arc<Self> {
        Arc::new(Self { steps, word })
    }
}

impl Source {
    /// These steps.
    pub fn of(steps: Vec<String>) -> Self {
        Self { within: Some(Within::new(steps, "")), ..Self::default() }
    }

    /// A line, from 1.
    pub fn line(within: &Arc<Within>, number: usize) -> Self {
        let line = u32::try_from(number).unwrap_or(u32::MAX);
        Self { within: Some(Arc::clone(within)), line, record: None }
    }

    /// The record of that kind in it.
    #[must_use]
    pub fn record(self, kind: Kind) -> Self {
        Self { record: Some(kind), ..self }
    }

    /// The steps that lead there.
    pub fn path(&self) -> Vec<String> {
        let steps = self.within.iter().flat_map(|within| within.steps.iter().cloned());
        let line = self.within.iter().filter(|_| self.line > 0).map(|it| format!("{} {}", it.word, self.line));
        steps.chain(line).chain(self.record.map(|kind| kind.one().to_owned())).collect()
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
        keys: Box<[Key]>,
        /// What is wrong with it.
        problems: Box<[Problem]>,
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

    /// About how many bytes of memory it takes until it is committed: itself, its record, and what is kept beside both while it is
    /// examined. What a change takes is in the register then.
    pub fn bytes(&self) -> usize {
        /// A key that is made of parts has a text of its own.
        const KEY: usize = 48;
        /// Its key, its place among the rows and among the effects, and two flags.
        const EXAMINED: usize = size_of::<Option<Key>>() + KEY + 16 + 16 + 2;
        let held = match self {
            Self::Put { record, .. } => EXAMINED + record.bytes(),
            Self::Delete { .. } => EXAMINED,
            Self::Broken { keys, problems, .. } => {
                let keys: usize = keys.iter().map(|key| KEY + key.as_str().len()).sum();
                keys + problems.iter().map(Problem::bytes).sum::<usize>()
            }
        };
        size_of::<Self>() + held
    }

    /// What is wrong with a row of which nothing can be read.
    pub fn broken(problems: Vec<Problem>) -> Self {
        Self::Broken { kind: None, keys: Box::default(), problems: problems.into() }
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
