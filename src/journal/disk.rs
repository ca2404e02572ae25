//! The few things a journal asks of a disk, so that tests can put a faulty one in its place.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

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
}

/// A folder of the file system.
pub struct Folder {
    path: PathBuf,
    /// Files kept open for appending: only the newest is used, older ones are dropped.
    open: HashMap<String, File>,
}

impl Folder {
    /// Opens the folder, making it when it does not exist.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned(), open: HashMap::new() })
    }

    fn file(&mut self, name: &str) -> io::Result<&mut File> {
        if !self.open.contains_key(name) {
            let file = OpenOptions::new().create(true).append(true).open(self.path.join(name))?;
            self.open.clear();
            self.open.insert(name.to_owned(), file);
        }
        Ok(self.open.get_mut(name).expect("it was put there just now"))
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
        Ok(std::fs::metadata(self.path.join(name))?.len())
    }

    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut file = File::open(self.path.join(name))?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
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
        // Windows cannot open a folder as a file, and makes its entries durable by itself.
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }
}
