//! The open store: its trees in `sled`, and what is read from and written to them.

use std::fs;
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use super::codec::{self, Checkpoint, CodecError, Indexed, Receipt, Token};
use super::error::StoreError;
use super::trust::{Trust, boot_id};
use crate::model::{Key, Kind};
use crate::register::{Node, Revision};

/// What `sled` may hold in memory. Everything is read once, at the start; after that the register answers.
const CACHE_BYTES: u64 = 8 << 20;
const CHECKPOINT: &[u8] = b"mark";
const TOKENS: &[u8] = b"tokens";

/// A record that is not there any more, and the revision that deleted it.
pub type Tombstone = ((Kind, Key), Revision);

/// The open store.
pub struct Store {
    db: sled::Db,
    pub(super) records: sled::Tree,
    revisions: sled::Tree,
    receipts: sled::Tree,
    pub(super) tombstones: sled::Tree,
    folder: PathBuf,
    trust: Trust,
}

impl Store {
    /// Opens the store in that folder; none when there is none, or it cannot be trusted: it is not opened then, because opening
    /// a damaged one empties it.
    ///
    /// # Errors
    /// When it does not open; it may be worth a look, and is replaced by [`Store::create`].
    pub fn open_trusted(folder: &Path) -> Result<Option<Self>, StoreError> {
        Self::open_during(folder, boot_id().as_deref())
    }

    pub(super) fn open_during(folder: &Path, boot: Option<&str>) -> Result<Option<Self>, StoreError> {
        let trust = Trust::of(folder);
        if !folder.exists() {
            return Ok(None);
        }
        if !trust.holds(boot) {
            tracing::info!(store = %folder.display(), "the machine may have stopped while the store was open: it is not trusted");
            return Ok(None);
        }
        Self::begin(folder, trust, boot).map(Some)
    }

    /// Makes an empty store in that folder, in place of what is there.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        Self::create_during(folder, boot_id().as_deref())
    }

    pub(super) fn create_during(folder: &Path, boot: Option<&str>) -> Result<Self, StoreError> {
        Self::delete(folder)?;
        // An earlier program put there what it did not trust.
        Self::delete(&folder.with_extension("set-aside"))?;
        Self::begin(folder, Trust::of(folder), boot)
    }

    fn begin(folder: &Path, trust: Trust, boot: Option<&str>) -> Result<Self, StoreError> {
        // Until it is closed cleanly, only this run of the machine may trust it.
        trust.write(boot.unwrap_or("unknown"))?;
        let db = Self::open_sled(folder).map_err(|reason| sled::Error::Io(io::Error::other(reason)))?;
        let records = db.open_tree("records")?;
        let revisions = db.open_tree("revisions")?;
        let receipts = db.open_tree("receipts")?;
        let tombstones = db.open_tree("graves")?;
        Ok(Self { db, records, revisions, receipts, tombstones, folder: folder.to_owned(), trust })
    }

    /// `sled` answers damage with an error or with a panic.
    fn open_sled(folder: &Path) -> Result<sled::Db, String> {
        let open = || sled::Config::new().path(folder).cache_capacity(CACHE_BYTES).open();
        match std::panic::catch_unwind(AssertUnwindSafe(open)) {
            Ok(opened) => opened.map_err(|error| error.to_string()),
            Err(_) => Err("it is damaged".into()),
        }
    }

    fn delete(folder: &Path) -> Result<(), StoreError> {
        match fs::remove_dir_all(folder) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::Files { doing: "delete", path: folder.to_owned(), cause })
            }
            _ => Ok(()),
        }
    }

    /// Writes a record.
    ///
    /// # Errors
    /// When `sled` refuses, as with all that follow.
    pub fn put(&self, node: &Node) -> Result<(), StoreError> {
        let bytes = codec::encode_record(&node.record, node.revision);
        self.records.insert(name(node.kind(), &node.key), bytes)?;
        Ok(())
    }

    /// Notes which revision deleted a record.
    pub fn put_tombstone(&self, kind: Kind, key: &Key, revision: Revision) -> Result<(), StoreError> {
        self.tombstones.insert(name(kind, key), &revision.to_be_bytes())?;
        Ok(())
    }

    /// Notes where a revision stands.
    pub fn put_index(&self, revision: Revision, indexed: &Indexed) -> Result<(), StoreError> {
        self.revisions.insert(revision.to_be_bytes(), codec::encode_indexed(indexed))?;
        Ok(())
    }

    /// Keeps a receipt.
    pub fn put_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        let name = [receipt.author.as_bytes(), &[0], receipt.key.as_bytes()].concat();
        self.receipts.insert(name, codec::encode_receipt(receipt))?;
        Ok(())
    }

    /// Says how far the store goes, when it has everything up to there.
    pub fn set_checkpoint(&self, checkpoint: &Checkpoint, tokens: &[Token]) -> Result<(), StoreError> {
        // They may be later ones than the checkpoint's: reading their entries again gives the same.
        self.db.insert(TOKENS, codec::encode_tokens(tokens))?;
        self.db.insert(CHECKPOINT, codec::encode_checkpoint(checkpoint))?;
        Ok(())
    }

    /// The tokens.
    ///
    /// # Errors
    /// When they do not read.
    pub fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let bytes = self.db.get(TOKENS)?;
        bytes.map_or(Ok(Vec::new()), |bytes| Ok(codec::decode_tokens(&bytes)?))
    }

    /// How far the store goes; `None` when it is empty.
    ///
    /// # Errors
    /// When the checkpoint does not read.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        self.db.get(CHECKPOINT)?.map(|bytes| codec::decode_checkpoint(&bytes).map_err(StoreError::from)).transpose()
    }

    /// All records.
    pub fn nodes(&self) -> impl Iterator<Item = Result<Node, StoreError>> + '_ {
        self.records.iter().map(|entry| {
            let (_, bytes) = entry?;
            let (record, revision) = codec::decode_record(&bytes)?;
            Ok(Node::new(record, revision))
        })
    }

    /// Which revision deleted what is not there any more.
    ///
    /// # Errors
    /// When `sled` refuses or an entry does not read.
    pub fn tombstones(&self) -> Result<Vec<Tombstone>, StoreError> {
        let read = |entry: sled::Result<(sled::IVec, sled::IVec)>| -> Result<_, StoreError> {
            let (name, bytes) = entry?;
            let damaged = || CodecError::Damaged("a deletion does not read".into());
            let (kind, key) = name.split_first().ok_or_else(damaged)?;
            let kind = Kind::from_number(*kind).ok_or_else(damaged)?;
            let key = std::str::from_utf8(key).ok().and_then(|key| Key::parse(key).ok()).ok_or_else(damaged)?;
            let revision = bytes.as_ref().try_into().map(Revision::from_be_bytes).map_err(|_| damaged())?;
            Ok(((kind, key), revision))
        };
        self.tombstones.iter().map(read).collect()
    }

    /// Where each revision stands in the journal, from the first one on.
    ///
    /// # Errors
    /// When `sled` refuses or an entry does not read.
    pub fn index(&self) -> Result<Vec<Indexed>, StoreError> {
        self.revisions.iter().map(|entry| Ok(codec::decode_indexed(&entry?.1)?)).collect()
    }

    /// All receipts.
    ///
    /// # Errors
    /// When `sled` refuses or a receipt does not read.
    pub fn receipts(&self) -> Result<Vec<Receipt>, StoreError> {
        self.receipts.iter().map(|entry| Ok(codec::decode_receipt(&entry?.1)?)).collect()
    }

    /// Closes the store so that the next start trusts it.
    ///
    /// # Errors
    /// When the disk refuses; the next start then rebuilds it.
    pub fn close(self) -> Result<(), StoreError> {
        let Self { db, records, revisions, receipts, tombstones, folder, trust } = self;
        db.flush()?;
        drop((records, revisions, receipts, tombstones, db));
        sync_all(&folder).map_err(|cause| StoreError::Files { doing: "sync", path: folder.clone(), cause })?;
        trust.write(Trust::CLEAN)
    }
}

/// A record's key in the store: its kind's number, then its natural key.
pub(super) fn name(kind: Kind, key: &Key) -> Vec<u8> {
    [&[kind as u8], key.as_str().as_bytes()].concat()
}

/// Every file below the folder, and the folders themselves, onto the medium.
fn sync_all(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_all(&entry.path())?;
        } else {
            fs::File::open(entry.path())?.sync_all()?;
        }
    }
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}
