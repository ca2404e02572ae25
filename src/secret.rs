//! Secrets in files: tokens, private keys. One that everybody on the machine may read is none, and is refused.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// Longest file of a secret, in bytes.
const BYTES_MAX: u64 = 64 * 1024;

/// Reads a secret from a file, without blanks around it.
///
/// # Errors
/// With what is wrong with the file, in words.
pub fn read(path: &Path) -> Result<String, String> {
    let told = |cause: &dyn std::fmt::Display| format!("cannot use `{}`: {cause}", path.display());
    check(path)?;
    let mut text = String::new();
    let file = File::open(path).map_err(|cause| told(&cause))?;
    file.take(BYTES_MAX).read_to_string(&mut text).map_err(|cause| told(&cause))?;
    let text = text.trim();
    if text.is_empty() {
        return Err(told(&"it is empty"));
    }
    Ok(text.to_owned())
}

/// Whether others than its owner and group may read a file; a pipe has no mode of its own.
///
/// # Errors
/// When they may, in words.
pub fn check(path: &Path) -> Result<(), String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let Ok(about) = std::fs::metadata(path) else { return Ok(()) };
        let mode = about.permissions().mode();
        if about.is_file() && mode & 0o007 != 0 {
            return Err(format!(
                "`{path}` is a secret, but everybody on this machine may use it (mode {:03o}): `chmod o= {path}`",
                mode & 0o777,
                path = path.display()
            ));
        }
    }
    Ok(())
}

/// Writes a secret into a new file that its owner alone may read.
///
/// # Errors
/// When there is such a file already, or the disk refuses.
pub fn write(path: &Path, secret: &str) -> io::Result<()> {
    fill(create(path)?, secret)
}

/// Makes a new file that its owner alone may read, for a secret to come.
///
/// # Errors
/// When there is such a file already, or the disk refuses.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a secret into such a file.
///
/// # Errors
/// When the disk refuses.
pub fn fill(mut file: File, secret: &str) -> io::Result<()> {
    file.write_all(format!("{secret}\n").as_bytes())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        write(&path, "bt_x").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap(), "bt_x");
        assert!(write(&path, "bt_y").is_err(), "nothing is written over");
        for (mode, is_good) in [(0o640, true), (0o604, false), (0o602, false), (0o400, true), (0o644, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(check(&path).is_ok(), is_good, "{mode:o}");
        }
        assert!(read(&path).unwrap_err().contains("mode 644"));
    }
}
