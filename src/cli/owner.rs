//! Whose the files of a register are.

use std::path::Path;

use crate::cli::failure::Failure;

/// Refuses to write as root into the folder of somebody else, which the server is: what root makes there it could not open.
///
/// # Errors
/// With as whom to run the command.
pub fn check(data: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let Ok(about) = std::fs::metadata(data) else { return Ok(()) };
        if about.uid() != 0 && rustix::process::geteuid().is_root() {
            let name = name_of(about.uid());
            let message = format!(
                "`{}` belongs to `{name}`, and what root writes into it a server of `{name}` cannot open",
                data.display()
            );
            return Err(Failure::usage(message, format!("run it as `{name}`: `runuser -u {name} -- boordtabel …`")));
        }
    }
    Ok(())
}

/// The name of a user of this machine, or else the number.
#[cfg(unix)]
fn name_of(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let is_it = |line: &&str| line.split(':').nth(2).and_then(|it| it.parse().ok()) == Some(uid);
    let name = users.lines().find(is_it).and_then(|line| line.split(':').next());
    name.map_or_else(|| uid.to_string(), ToOwned::to_owned)
}
