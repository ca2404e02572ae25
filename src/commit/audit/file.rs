//! The files of the audit log: lines, each of which names the one before by its hash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::text::shortened;

/// The folder in the data folder.
pub const FOLDER: &str = "audit";
/// A file that has more gets a successor.
const FILE_BYTES: u64 = 64 << 20;
/// What stands between a line and its hash.
pub const SEAL: &str = ",\"chain\":\"";
/// Longest text of a client that a line repeats, in characters.
const TEXT_CHARS_MAX: usize = 300;

/// What is noted.
#[derive(Clone, Debug, Default)]
pub struct Note<'n> {
    /// Who: the name of a token or command.
    pub who: &'n str,
    /// From where: an address, and the number of the request.
    pub origin: &'n str,
    /// What: a write, a refusal of HTTP, an act of an administrator.
    pub what: &'n str,
    /// What came of it.
    pub outcome: &'n str,
    /// More about it.
    pub about: String,
    /// The revision that it made.
    pub revision: Option<u64>,
}

#[derive(Serialize)]
struct Line<'l> {
    sequence: u64,
    at: String,
    who: &'l str,
    from: &'l str,
    what: &'l str,
    outcome: &'l str,
    about: &'l str,
    revision: Option<u64>,
    previous: &'l str,
}

/// What of a line is looked at.
#[derive(Deserialize)]
pub struct Chained {
    pub sequence: u64,
    pub previous: String,
    pub chain: String,
}

/// The last file, and where its chain has come to.
pub struct Open {
    pub file: File,
    bytes: u64,
    number: u64,
    sequence: u64,
    chain: String,
}

impl Open {
    /// The last file, locked: the one that is at hand, unless somebody else has written since.
    pub fn alone(at_hand: Option<Self>, folder: &Path) -> io::Result<Self> {
        if let Some(open) = at_hand {
            open.file.lock()?;
            let is_last = open.bytes < FILE_BYTES || !path_of(folder, open.number + 1).exists();
            if is_last && open.file.metadata()?.len() == open.bytes {
                return Ok(open);
            }
        }
        loop {
            let open = Self::of(folder)?;
            // Somebody may have begun the next one before this one was locked.
            if !path_of(folder, open.number + 1).exists() {
                return Ok(open);
            }
        }
    }

    /// Goes on with the last file, which is locked then.
    fn of(folder: &Path) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
        let files = files(folder)?;
        let Some((number, path)) = files.last() else {
            let file = match create(&path_of(folder, 1)) {
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => return Self::of(folder),
                made => made?,
            };
            file.lock()?;
            if file.metadata()?.len() > 0 {
                // Somebody was quicker.
                return Self::of(folder);
            }
            return Ok(Self { file, bytes: 0, number: 1, sequence: 0, chain: String::new() });
        };
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        file.lock()?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        // A line that was not finished when the program was killed is no note.
        let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if end < text.len() {
            tracing::warn!(file = %path.display(), bytes = text.len() - end, "an unfinished line is cut off the audit log");
            file.set_len(end as u64)?;
        }
        // A file that was begun and then nothing came goes on with the one before.
        let mut last = last_line(&text[..end]);
        for (_, before) in files.iter().rev().skip(1) {
            if last.is_some() {
                break;
            }
            last = last_line(&fs::read(before)?);
        }
        let (sequence, chain) = last.map(|last| (last.sequence, last.chain)).unwrap_or_default();
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file, bytes: end as u64, number: *number, sequence, chain })
    }

    /// Adds a line.
    pub fn write(&mut self, folder: &Path, note: &Note<'_>, now_ms: i64) -> io::Result<()> {
        if self.bytes >= FILE_BYTES {
            self.file.sync_data()?;
            // Nobody else begins it: the one before is locked until this is.
            let next = create(&path_of(folder, self.number + 1))?;
            next.lock()?;
            self.file = next;
            (self.number, self.bytes) = (self.number + 1, 0);
        }
        let at = jiff::Timestamp::from_millisecond(now_ms).map(|at| at.to_string()).unwrap_or_default();
        let about = shortened(&note.about, TEXT_CHARS_MAX);
        let Note { who, origin, what, outcome, revision, .. } = *note;
        let sequence = self.sequence + 1;
        let previous = &self.chain;
        let line = Line { sequence, at, who, from: origin, what, outcome, about: &about, revision, previous };
        let mut line = serde_json::to_string(&line)?;
        line.pop();
        let chain = blake3::hash(line.as_bytes()).to_hex().to_string();
        let line = format!("{line}{SEAL}{chain}\"}}\n");
        self.file.write_all(line.as_bytes())?;
        self.bytes += line.len() as u64;
        (self.sequence, self.chain) = (sequence, chain);
        Ok(())
    }
}

/// The last line of a file, when it is one of the audit log.
fn last_line(text: &[u8]) -> Option<Chained> {
    let last = text.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty())?;
    serde_json::from_slice(last).ok()
}

/// The file of that number.
pub fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.jsonl"))
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // It is whose the folder is, also when root began it: whoever serves the folder goes on with it.
    #[cfg(unix)]
    if let Some(owner) = path.parent().and_then(Path::parent).and_then(|folder| fs::metadata(folder).ok()) {
        use std::os::unix::fs::{MetadataExt as _, fchown, lchown};
        // Of the file that was made and the folder itself, whatever a link in their places may lead to.
        let _ = fchown(&file, Some(owner.uid()), Some(owner.gid()));
        let _ = path.parent().map(|folder| lchown(folder, Some(owner.uid()), Some(owner.gid())));
    }
    Ok(file)
}

/// The files by their numbers.
pub fn files(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".jsonl"));
        if let Some(number) = name.and_then(|name| name.parse().ok()) {
            files.push((number, path));
        }
    }
    files.sort();
    Ok(files)
}
