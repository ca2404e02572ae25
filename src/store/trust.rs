//! Whether the store may be trusted at the next start.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use crate::journal::disk::write_whole;

/// The file that says whether the store may be trusted at the next start.
pub(super) struct Trust {
    file: PathBuf,
}

impl Trust {
    pub(super) const CLEAN: &'static str = "clean";

    pub(super) fn of(folder: &Path) -> Self {
        Self { file: folder.with_extension("trust") }
    }

    /// The boot during which the store was last open, unless it was closed cleanly.
    fn read(&self) -> Option<String> {
        fs::read_to_string(&self.file).ok().map(|text| text.trim().to_owned())
    }

    pub(super) fn write(&self, text: &str) -> Result<(), StoreError> {
        let failed = |cause| StoreError::Files { doing: "write", path: self.file.clone(), cause };
        write_whole(&self.file, text.as_bytes(), false).map_err(failed)
    }

    /// Whether the machine has run without a break since the store was last written, or it was closed cleanly.
    pub(super) fn holds(&self, boot: Option<&str>) -> bool {
        self.read().is_some_and(|text| text == Self::CLEAN || Some(text.as_str()) == boot)
    }
}

/// What names this run of the machine; `None` where the system does not tell.
pub(super) fn boot_id() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|text| text.trim().to_owned())
}
