//! Whether a data folder is whole: every hash of its journal, its anchor, and its store against a register made from the journal
//! alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{self as folder, DataFolder, open};
use crate::commit::error::CommitError;
use crate::commit::tokens::Tokens;
use crate::commit::validate::edit::Edit;
use crate::commit::validate::{Atomicity, validate};
use crate::model::{Kind, Problem};
use crate::register::{Node, Register, Revision};
use crate::store::codec;

/// How a store stands to its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreFound {
    /// Somebody has the folder open, or it cannot be written, so it was not looked at.
    NotLooked,
    /// There is none that could be used: the next start makes one.
    None,
    /// It gives the same register as the journal.
    Same,
    /// It gives another register: it must go.
    Differs,
}

/// What was found.
#[derive(Debug)]
pub struct Verified {
    /// The last revision.
    pub revision: Revision,
    /// How many entries the journal has.
    pub entries: u64,
    /// Records at the last revision.
    pub records: usize,
    /// Digest of all records at the last revision, with the revisions that wrote them: two registers that have the same are equal.
    pub digest: String,
    /// The revision that the anchor tells; none where there is none.
    pub anchored: Option<Revision>,
    /// The store.
    pub store: StoreFound,
    /// Ends of journals that were cut off as unfinished and put beside: each with its bytes.
    pub torn: Vec<(PathBuf, u64)>,
    /// Why a new commit would refuse some of the records. They stay as they are.
    pub refused: Vec<Problem>,
}

/// Names a register: the digest of all its records and the revisions that wrote them.
pub fn digest_of(register: &Register) -> String {
    let mut hasher = blake3::Hasher::new();
    for kind in Kind::ALL {
        let mut nodes: Vec<&Arc<Node>> = register.all(*kind).collect();
        nodes.sort_unstable_by(|a, b| a.key.as_str().cmp(b.key.as_str()));
        for node in nodes {
            let bytes = codec::encode_record(&node.record, node.revision);
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(&bytes);
        }
    }
    hasher.finalize().to_hex().to_string()
}

/// Reads all of a data folder, also of one that a server has open, and changes nothing in its journal.
///
/// # Errors
/// With the first damage, and where it is.
pub fn verify(path: &Path) -> Result<Verified, CommitError> {
    let journal = folder::journal_of(path);
    folder::read_format(path)?;
    if !journal.is_dir() {
        return Err(CommitError::NoJournal(path.to_owned()));
    }
    let anchored = folder::read_anchor(path)?;
    let read = open::read_journal(&journal, anchored.as_ref(), &Tokens::of(path))?;
    let digest = digest_of(&read.register);
    let store = match DataFolder::open(path) {
        // Another process has it, or it lies on a read-only mount.
        Err(CommitError::Locked(_) | CommitError::Files { .. }) => StoreFound::NotLooked,
        Err(error) => return Err(error),
        Ok(held) => match open::register_by_store(path) {
            None => StoreFound::None,
            Some(register) => {
                drop(held);
                if digest_of(&register) == digest { StoreFound::Same } else { StoreFound::Differs }
            }
        },
    };
    let records = Kind::ALL.iter().map(|kind| read.register.count(*kind)).sum();
    Ok(Verified {
        revision: read.register.revision(),
        entries: read.journal.end().sequence - 1,
        records,
        digest,
        anchored: anchored.map(|anchored| anchored.revision),
        store,
        torn: torn(&journal)?,
        refused: refused(&read.register),
    })
}

/// What rules for new commits have against the records that are there.
fn refused(register: &Register) -> Vec<Problem> {
    let nodes = Kind::ALL.iter().flat_map(|kind| register.all(*kind));
    let edits: Vec<Edit> = nodes.map(|node| Edit::put(node.record.clone())).collect();
    validate(&Register::empty(), &edits, None, Atomicity::All, false, None).problems
}

fn torn(journal: &Path) -> Result<Vec<(PathBuf, u64)>, CommitError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(journal).map_err(folder::files("list", journal))? {
        let path = entry.map_err(folder::files("list", journal))?.path();
        if path.extension().is_some_and(|extension| extension == "torn") {
            let length = fs::metadata(&path).map_err(folder::files("measure", &path))?.len();
            found.push((path, length));
        }
    }
    found.sort();
    Ok(found)
}
