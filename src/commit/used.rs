//! When each token was last used. That is no part of the journal, which would grow with every reader: it is kept in memory, and
//! written beside the control socket now and then, for `token list`. Who loses the file loses nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tokens by the beginnings of their hashes, and when each was last used: milliseconds since 1970, UTC.
type Last = BTreeMap<String, i64>;

/// The last uses.
pub struct Used {
    file: PathBuf,
    /// None until somebody asks, or uses one.
    last: Mutex<Option<Last>>,
    is_changed: AtomicBool,
}

impl Used {
    /// Those of a data folder.
    pub fn of(folder: &Path) -> Self {
        let file = folder.join("control").join("tokens-used.json");
        Self { file, last: Mutex::default(), is_changed: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Last>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> Last {
        fs::read(&self.file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Notes that a token was used, to the second.
    pub fn note(&self, hash: &[u8; 32], now_ms: i64) {
        let mut last = self.lock();
        let entry = last.get_or_insert_with(|| self.read()).entry(name(hash)).or_insert(i64::MIN);
        if now_ms.div_euclid(1_000) > entry.div_euclid(1_000) {
            *entry = now_ms;
            self.is_changed.store(true, Ordering::Relaxed);
        }
    }

    /// When a token was last used; none when that is not known.
    pub fn last(&self, hash: &[u8; 32]) -> Option<i64> {
        self.lock().get_or_insert_with(|| self.read()).get(&name(hash)).copied()
    }

    /// Writes down what is new, where there is a folder for it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self) -> io::Result<()> {
        if !self.file.parent().is_some_and(Path::is_dir) || !self.is_changed.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let text = serde_json::to_vec(self.lock().get_or_insert_default())?;
        let aside = self.file.with_extension("new");
        fs::write(&aside, text)
            .and_then(|()| fs::rename(&aside, &self.file))
            .inspect_err(|_| self.is_changed.store(true, Ordering::Relaxed))
    }
}

fn name(hash: &[u8; 32]) -> String {
    blake3::Hash::from(*hash).to_hex()[..32].to_owned()
}
