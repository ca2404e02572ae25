//! What a log that several nodes append to is, whatever keeps it.

/// So many entries go together at most: etcd takes 128 operations in a transaction.
pub const APPEND_MAX: usize = 120;
/// So many bytes of entries go together at most: etcd takes requests of 1.5 MiB. A larger one goes in parts, and alone.
pub const APPEND_BYTES_MAX: usize = 1 << 20;
/// An entry of more bytes goes in parts.
pub const INLINE_BYTES_MAX: usize = 128 << 10;

/// Names a log: drawn when it is begun. One that was lost and begun anew is another one.
pub type LogId = [u8; 16];

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number: that of the entry in the journals.
    pub sequence: u64,
    /// Names this one attempt to write it: whoever does not know what came of an append finds its own entries by these.
    pub id: [u8; 16],
    /// The hash of the journal after it: nodes with the same one have the same log.
    pub chain: [u8; 32],
    /// What it says.
    pub payload: Vec<u8>,
}

/// What came of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// The entries stand in the log, for good.
    Done,
    /// Another node's entry has that number. Nothing was written.
    Overtaken,
    /// Another node has announced a large entry, to which this one gives way. Nothing was written.
    Announced,
}

/// Why the log did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// It does not answer. Nothing was written.
    #[error("the cluster's log does not answer: {0}")]
    Away(String),
    /// It did not answer in time, and it may be written yet. Whoever needs to know reads the log later and compares the ids.
    #[error("it is not known whether the cluster's log has it: {0}")]
    Unknown(String),
    /// It refuses, whatever is asked again. Nothing was written.
    #[error("the cluster's log refuses: {0}")]
    Refused(String),
    /// The entry before is not there: the log was lost, or is another one.
    #[error("the cluster's log was lost, or is another one: {0}")]
    Lost(String),
    /// The entries that are asked for were truncated: a node that lacks them needs another's backup.
    #[error("the cluster's log begins at entry {first}, after what this node has")]
    Truncated {
        /// The first one that is there.
        first: u64,
    },
    /// An append has more entries or bytes than go together.
    #[error("{entries} entries of {bytes} bytes do not go together into the cluster's log")]
    TooLarge {
        /// How many.
        entries: usize,
        /// Of how many bytes.
        bytes: usize,
    },
    /// What stands in it does not read.
    #[error("the cluster's log is damaged: {0}")]
    Damaged(String),
    /// What stands in it was written by a later version of the program.
    #[error("the cluster's log has form {0}, which this version of the program does not read")]
    Newer(u16),
}

impl LogError {
    /// Whether it may be otherwise in a moment.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Unknown(_))
    }

    /// The same of what writes nothing that counts: then no outcome is unknown.
    #[cfg(feature = "cluster")]
    pub(super) fn without_effect(self) -> Self {
        match self {
            Self::Unknown(cause) => Self::Away(cause),
            other => other,
        }
    }
}

/// How much room the log has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Bytes that it takes, of the member that takes most.
    pub used: u64,
    /// Bytes that it may take.
    pub quota: u64,
}

impl Room {
    /// How much of it is taken, in percent.
    pub fn percent(&self) -> u64 {
        self.used.saturating_mul(100).checked_div(self.quota).unwrap_or_default()
    }
}

/// A node, as it tells of itself in the log's neighbourhood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// The last entry that it has.
    pub applied: u64,
    /// The revision of its register.
    pub revision: u64,
    /// The version of its program.
    pub version: String,
    /// When it said so, by its own clock: milliseconds since 1970.
    pub told_ms: i64,
}

/// A log that several nodes append to. Every call ends within a few seconds, whatever the network does, but [`SharedLog::follow`]
/// and the appending and reading of large entries, each part of which does.
pub trait SharedLog: Send + Sync {
    /// Which log it is; none when it was never begun.
    ///
    /// # Errors
    /// See [`LogError`].
    fn id(&self) -> Result<Option<LogId>, LogError>;

    /// Begins the log after that entry, whose chain is given, unless it is there; gives its name, and whether it is new.
    ///
    /// # Errors
    /// See [`LogError`].
    fn begin(&self, after: u64, chain: [u8; 32]) -> Result<(LogId, bool), LogError>;

    /// The last entry, as a majority has it, without what it says in parts; none when the log was never begun.
    ///
    /// # Errors
    /// See [`LogError`].
    fn head(&self) -> Result<Option<Entry>, LogError>;

    /// The number of the first entry that is there still; none when the log was never begun.
    ///
    /// # Errors
    /// See [`LogError`].
    fn first(&self) -> Result<Option<u64>, LogError>;

    /// That entry, without what it says in parts; none when it is not there.
    ///
    /// # Errors
    /// See [`LogError`].
    fn at(&self, sequence: u64) -> Result<Option<Entry>, LogError>;

    /// Entries from that one on, in order, as a majority has them: the first of them, or all.
    ///
    /// # Errors
    /// See [`LogError`].
    fn read(&self, from: u64) -> Result<Vec<Entry>, LogError>;

    /// Appends entries to that log, all or none, where the last one has the number before theirs. What is very large is announced
    /// before. `yields` says whether these give way to what another node has announced: that is a courtesy, so that a large one is
    /// not overtaken for ever, and no lock. It ends by itself when that node falls.
    ///
    /// # Errors
    /// See [`LogError`]: only after [`LogError::Unknown`] something may have been written.
    fn append_if(&self, log: &LogId, entries: &[Entry], yields: bool) -> Result<Appended, LogError>;

    /// Whether another node has announced a large entry that is still to come.
    ///
    /// # Errors
    /// See [`LogError`].
    fn is_announced(&self) -> Result<bool, LogError>;

    /// Tells the entries from that one on in order, and those that come, some together, until `each` says that it is enough, or for
    /// some seconds: whoever follows calls it again from where it is.
    ///
    /// # Errors
    /// See [`LogError`].
    fn follow(&self, from: u64, each: &mut dyn FnMut(Vec<Entry>) -> bool) -> Result<(), LogError>;

    /// Lets go of the entries before that one, but never of the last, and of parts that belong to none.
    ///
    /// # Errors
    /// See [`LogError`].
    fn truncate_before(&self, sequence: u64) -> Result<(), LogError>;

    /// How much room it has left.
    ///
    /// # Errors
    /// See [`LogError`].
    fn room(&self) -> Result<Room, LogError>;

    /// Says how far a node is.
    ///
    /// # Errors
    /// See [`LogError`].
    fn tell(&self, node: &Node) -> Result<(), LogError>;

    /// All nodes that ever said how far they are.
    ///
    /// # Errors
    /// See [`LogError`].
    fn nodes(&self) -> Result<Vec<Node>, LogError>;
}
