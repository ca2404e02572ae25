//! The few things a journal asks of a disk, so that tests can put a faulty one in its place.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A folder of append-only files.
pub trait Disk: Send {
    /// Names of all files, sorted.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Length of a file in bytes.
    fn length(&self, name: &str) -> io::Result<u64>;
    /// Reads exactly `buffer.len()` bytes at that offset.
    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
    /// Appends to a file, which is made when it does not exist. A failure may leave a part of the bytes behind.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Cuts a file to that length.
    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()>;
    /// Returns when the file's bytes are on the medium.
    fn sync(&mut self, name: &str) -> io::Result<()>;
    /// Returns when the folder's list of files is on the medium.
    fn sync_folder(&mut self) -> io::Result<()>;
    /// Whether what is appended to still is the file of that name, and has that length: else somebody has put another folder
    /// in this one's place, or writes to it too.
    fn is_ours(&mut self, name: &str, length: u64) -> io::Result<bool>;
}

/// A folder of the file system.
pub struct Folder {
    path: PathBuf,
    /// The file that is appended to.
    appending: Option<(String, File)>,
    /// The file that was read last: entries are read one after the other.
    reading: Mutex<Option<(String, Arc<File>)>>,
}

impl Folder {
    /// Opens the folder, making it when it does not exist.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Ok(Self::existing(path))
    }

    /// A folder that is there, for reading.
    pub fn existing(path: &Path) -> Self {
        Self { path: path.to_owned(), appending: None, reading: Mutex::default() }
    }

    fn file(&mut self, name: &str) -> io::Result<&mut File> {
        if self.appending.as_ref().is_none_or(|(open, _)| open != name) {
            let file = OpenOptions::new().create(true).append(true).open(self.path.join(name))?;
            self.appending = Some((name.to_owned(), file));
        }
        let (_, file) = self.appending.as_mut().expect("it was put there just now");
        Ok(file)
    }

    fn read(&self, name: &str) -> io::Result<Arc<File>> {
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        match &*reading {
            Some((open, file)) if open == name => Ok(Arc::clone(file)),
            _ => {
                let file = Arc::new(File::open(self.path.join(name))?);
                *reading = Some((name.to_owned(), Arc::clone(&file)));
                Ok(file)
            }
        }
    }
}

impl Disk for Folder {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        Ok(self.read(name)?.metadata()?.len())
    }

    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let file = self.read(name)?;
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_exact_at(&*file, buffer, offset);
        #[cfg(not(unix))]
        {
            use std::io::{Read as _, Seek as _};
            drop(file);
            let mut file = File::open(self.path.join(name))?;
            file.seek(io::SeekFrom::Start(offset))?;
            file.read_exact(buffer)
        }
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.file(name)?.write_all(bytes)
    }

    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.file(name)?.set_len(length)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.file(name)?.sync_data()
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        sync_folder(&self.path)
    }

    fn is_ours(&mut self, name: &str, length: u64) -> io::Result<bool> {
        let path = self.path.join(name);
        let open = match &self.appending {
            Some((open, file)) if open == name => file.metadata()?,
            // Not begun yet.
            _ => match std::fs::metadata(&path) {
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                    return Ok(length == 0 && std::fs::metadata(&self.path).is_ok());
                }
                found => found?,
            },
        };
        let there = match std::fs::metadata(&path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(false),
            found => found?,
        };
        Ok(open.len() == length && is_same(&open, &there))
    }
}

/// Whether both are of one file.
pub fn is_same(a: &Metadata, b: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        (a.dev(), a.ino()) == (b.dev(), b.ino())
    }
    #[cfg(not(unix))]
    {
        a.len() == b.len() && a.created().ok() == b.created().ok()
    }
}

/// Returns when a folder's list of files is on the medium.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    // Windows cannot open a folder as a file, and makes its entries durable by itself.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Writes a file whole: under another name first, so that at no moment there is half of it.
pub fn write_whole(path: &Path, bytes: &[u8], private: bool) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let aside = path.with_file_name(name);
    let write = || {
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        if private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        #[cfg(not(unix))]
        let _ = private;
        let mut file = options.open(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&aside, path)
    };
    write().inspect_err(|_| drop(std::fs::remove_file(&aside)))?;
    // Without this a power cut may bring the file of before back.
    sync_folder(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}
