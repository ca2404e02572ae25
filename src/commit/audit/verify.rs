//! Whether the audit log is as it was written.

use std::fs;
use std::path::Path;

use super::file::{Chained, FOLDER, SEAL, files};

/// What the audit log comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// How many lines there are.
    pub lines: u64,
    /// The hash of the last.
    pub chain: String,
}

/// Reads the audit log of a data folder whole. Files may have been moved elsewhere from its beginning, lines may not.
///
/// # Errors
/// With the first line that is not as it was written, in words.
pub fn verify(data: &Path) -> Result<Whole, String> {
    let folder = data.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Whole::default());
    }
    let mut whole = Whole::default();
    let mut last: Option<Chained> = None;
    let files = files(&folder).map_err(|cause| format!("cannot read `{}`: {cause}", folder.display()))?;
    for (number, path) in files {
        let text = fs::read(&path).map_err(|cause| format!("cannot read `{}`: {cause}", path.display()))?;
        for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let told = |what: &str| format!("`{}`, line {}: {what}", path.display(), index + 1);
            let Some(line) = line.strip_suffix(b"\n") else {
                // Being written just now, or cut off by a kill: the next note takes it away.
                break;
            };
            let line = std::str::from_utf8(line).map_err(|_| told("it is no text"))?;
            let chained: Chained = serde_json::from_str(line).map_err(|_| told("it is none of the audit log"))?;
            let sealed = line.rfind(SEAL).map_or("", |end| &line[..end]);
            if blake3::hash(sealed.as_bytes()).to_hex().as_str() != chained.chain {
                return Err(told("it is not as it was written"));
            }
            let follows = last
                .as_ref()
                .is_none_or(|last| last.chain == chained.previous && last.sequence + 1 == chained.sequence);
            if !follows {
                return Err(told("it does not follow the line before: lines were taken out or put in"));
            }
            if last.is_none() && number == 1 && (chained.sequence, chained.previous.as_str()) != (1, "") {
                return Err(told("it is not the first that was written: lines were taken out before it"));
            }
            whole.lines += 1;
            whole.chain.clone_from(&chained.chain);
            last = Some(chained);
        }
    }
    Ok(whole)
}
