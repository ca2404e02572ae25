//! The audit log: who wrote, or was refused, or managed the server, from where, when, and what came of it.
//!
//! The journal says what was committed. This says also what was not, and whence it all came. It lies beside the journal, in `audit/`,
//! as JSON Lines that an operator can read and move elsewhere. Each line names the one before by its hash, so that a line that was
//! changed, taken out or put in is noticed. Neither tokens nor what was sent stand in it. A disk that takes no line of it stops nobody.

use crate::model::text::shortened;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// The folder in the data folder.
const FOLDER: &str = "audit";
/// A file that has more gets a successor.
const FILE_BYTES: u64 = 64 << 20;
/// What stands between a line and its hash.
const SEAL: &str = ",\"chain\":\"";
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
struct Chained {
    sequence: u64,
    previous: String,
    chain: String,
}

/// What the audit log comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// How many lines there are.
    pub lines: u64,
    /// The hash of the last.
    pub chain: String,
}

/// The audit log of a data folder.
pub struct Audit {
    folder: PathBuf,
    open: Mutex<Option<Open>>,
    failed: AtomicU64,
    is_off: AtomicBool,
}

struct Open {
    file: File,
    bytes: u64,
    number: u64,
    sequence: u64,
    chain: String,
}

impl Audit {
    /// That of a data folder; nothing is made or read before the first note.
    pub fn of(folder: &Path) -> Self {
        Self {
            folder: folder.join(FOLDER),
            open: Mutex::default(),
            failed: AtomicU64::new(0),
            is_off: AtomicBool::new(false),
        }
    }

    /// Notes nothing: the folder is only read.
    pub fn turn_off(&self) {
        self.is_off.store(true, Ordering::Relaxed);
    }

    /// How many notes the disk did not take.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what happened at that time.
    pub fn note(&self, note: &Note<'_>, now_ms: i64) {
        if self.is_off.load(Ordering::Relaxed) {
            return;
        }
        let mut open = self.lock();
        let written = match open.take() {
            Some(open) => Ok(open),
            None => Open::of(&self.folder),
        };
        let written = written.and_then(|mut it| it.write(&self.folder, note, now_ms).map(|()| it));
        match written {
            Ok(it) => *open = Some(it),
            Err(cause) => {
                // It is opened again with the next note.
                if self.failed.fetch_add(1, Ordering::Relaxed) == 0 {
                    tracing::error!(%cause, "the audit log takes no more notes; this is said once");
                }
            }
        }
    }

    /// Brings what was noted onto the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> io::Result<()> {
        self.lock().as_ref().map_or(Ok(()), |open| open.file.sync_data())
    }
}

impl Open {
    /// Goes on with the last file.
    fn of(folder: &Path) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
        let files = files(folder)?;
        let Some((number, path)) = files.last() else {
            let file = create(&path_of(folder, 1))?;
            return Ok(Self { file, bytes: 0, number: 1, sequence: 0, chain: String::new() });
        };
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
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

    fn write(&mut self, folder: &Path, note: &Note<'_>, now_ms: i64) -> io::Result<()> {
        if self.bytes >= FILE_BYTES {
            self.file.sync_data()?;
            self.file = create(&path_of(folder, self.number + 1))?;
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

fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.jsonl"))
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The files by their numbers.
fn files(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
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

/// Reads the audit log of a data folder whole. Files may have been moved elsewhere from its beginning.
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
    for (_, path) in files {
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
            whole.lines += 1;
            whole.chain.clone_from(&chained.chain);
            last = Some(chained);
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(folder: &Path, count: u64) -> PathBuf {
        let audit = Audit::of(folder);
        for number in 0..count {
            let about = format!("\"}}\n,\"chain\":\"{number}");
            audit.note(&Note { who: "a\u{1b}[2J", what: "write", about, ..Note::default() }, 1_000);
        }
        path_of(&folder.join(FOLDER), 1)
    }

    #[test]
    fn whatever_is_changed_in_it_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(verify(folder.path()).unwrap(), Whole::default());
        let path = log(folder.path(), 3);
        // Another program goes on.
        log(folder.path(), 2);
        let whole = verify(folder.path()).unwrap();
        assert_eq!(whole.lines, 5);
        let text = fs::read(&path).unwrap();
        assert!(!text.contains(&0x1b), "nobody writes onto the terminal of whoever reads it");
        for at in 0..text.len() {
            let mut other = text.clone();
            other[at] ^= 1;
            fs::write(&path, &other).unwrap();
            // Of a broken last line end nothing is told but that there is one line less.
            let found = verify(folder.path());
            assert!(found.is_err() || found.is_ok_and(|it| it.lines < 5), "byte {at}");
        }
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        for without in 1..4 {
            let kept = lines.iter().enumerate().filter(|(index, _)| *index != without);
            fs::write(&path, kept.flat_map(|(_, line)| line.iter().copied()).collect::<Vec<u8>>()).unwrap();
            assert!(verify(folder.path()).unwrap_err().contains("does not follow"), "without line {without}");
        }
    }

    #[test]
    fn a_file_that_was_only_begun_goes_on_with_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        log(folder.path(), 2);
        // Killed between the two: the new file is there, or has a part of its first line.
        for (number, part) in [(2, ""), (3, "{\"sequence\":")] {
            fs::write(path_of(&folder.path().join(FOLDER), number), part).unwrap();
        }
        log(folder.path(), 2);
        assert_eq!(verify(folder.path()).unwrap().lines, 4);
    }

    #[test]
    fn an_unfinished_line_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = log(folder.path(), 2);
        let text = fs::read(&path).unwrap();
        fs::write(&path, &text[..text.len() - 5]).unwrap();
        assert_eq!(verify(folder.path()).unwrap().lines, 1);
        log(folder.path(), 1);
        assert_eq!(verify(folder.path()).unwrap().lines, 2);
    }
}
