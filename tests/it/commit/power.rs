//! The power goes: what is on the medium at one moment is copied, and opened on another machine, as it were. The data folder lies on
//! a file system of its own, in a file; of what that has handed to its medium nothing is lost, and everything else is.
//!
//! Needs root, for the mount, and the tools of the file system; without them it says so and proves nothing. A round or two every
//! day; `BOORDTABEL_LONG=1` makes it a hundred of each.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value as Json, json};

use super::kills::{keys, rounds};
use crate::server::{Dice, Server, token};

const ADD: &str = "mutation($input: ImportRowsInput!) { importRows(input: $input) { status } }";
/// Bytes of a record's text: as long as one may be, nearly.
const TEXT_BYTES: usize = 15_000;
const IMAGE_MIB: u64 = 400;

/// A file system in a file, mounted as long as this is there.
struct Medium {
    image: PathBuf,
    mount: PathBuf,
}

impl Medium {
    fn of(image: PathBuf, mount: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&mount).unwrap();
        // Two xfs that are copies of each other have one name, which it would refuse.
        let kinds: [&[&str]; 2] = [&["-o", "loop"], &["-o", "loop,nouuid"]];
        let mounted = kinds.iter().any(|kind| done(Command::new("mount").args(*kind).args([&image, &mount])));
        mounted.then_some(Self { image, mount })
    }

    /// How often something was written to the medium.
    fn writes(&self) -> Option<String> {
        let found = Command::new("losetup").arg("-j").arg(&self.image).output().ok()?;
        let text = String::from_utf8(found.stdout).ok()?;
        let device = text.split(':').next()?.strip_prefix("/dev/")?.to_owned();
        let stat = std::fs::read_to_string(format!("/sys/block/{device}/stat")).ok()?;
        stat.split_whitespace().nth(4).map(str::to_owned)
    }

    /// What is on the medium now, and at no other time.
    fn copy(&self, to: &Path) {
        loop {
            let before = self.writes();
            assert!(done(Command::new("cp").arg("--sparse=always").arg(&self.image).arg(to)), "the image is copied");
            if before == self.writes() {
                return;
            }
        }
    }
}

impl Drop for Medium {
    fn drop(&mut self) {
        // Somebody may look into it for a moment still.
        while !done(Command::new("umount").arg(&self.mount)) {
            std::thread::yield_now();
        }
    }
}

/// Whether a command did what it should.
fn done(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn medium(home: &Path, make: &[&str]) -> Option<Medium> {
    let image = home.join("image");
    let file = std::fs::File::create(&image).unwrap();
    file.set_len(IMAGE_MIB << 20).unwrap();
    let made = done(Command::new(make[0]).args(&make[1..]).arg(&image));
    made.then(|| Medium::of(image, home.join("mount")))?
}

/// Commits of so many records each, under load, until the power goes; then everything that was acknowledged must be there, and of
/// each commit all or nothing.
fn round(home: &Path, make: &[&str], records: usize, text: &str, dice: &mut Dice) -> Option<usize> {
    let medium = medium(home, make)?;
    let data = medium.mount.join("data");
    let secret = token(&data, "import");
    let server = Server::start(&data);
    let next = AtomicU64::new(0);
    let (acknowledged, refused) = (Mutex::new(BTreeSet::new()), Mutex::new(None));
    let copied = home.join("copy");
    let goal = 1 + dice.below(if records == 1 { 60 } else { 6 });
    let known = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let row =
                        |record| json!({ "organisation": { "key": format!("c{number}-{record}"), "name": text } });
                    let rows: Vec<Json> = (0..records).map(row).collect();
                    let input =
                        json!({ "input": { "rows": rows, "reason": "power", "idempotencyKey": number.to_string() } });
                    match server.try_send(Some(&secret), ADD, input) {
                        Some(answer) if answer["data"]["importRows"]["status"] == "COMMITTED" => {
                            acknowledged.lock().unwrap().insert(number);
                        }
                        Some(answer) => break *refused.lock().unwrap() = Some(answer),
                        None => break,
                    }
                }
            });
        }
        while acknowledged.lock().unwrap().len() < goal && refused.lock().unwrap().is_none() {
            std::thread::yield_now();
        }
        let known = acknowledged.lock().unwrap().clone();
        assert!(done(Command::new("kill").args(["-STOP", &server.id().to_string()])));
        medium.copy(&copied);
        server.kill_hard();
        known
    });
    drop(server);
    drop(medium);
    assert_eq!(refused.into_inner().unwrap(), None);
    std::fs::remove_file(home.join("image")).unwrap();
    let after = Medium::of(copied, home.join("after")).expect("the file system survives a power cut");
    let mut there: std::collections::BTreeMap<u64, usize> = Default::default();
    for key in keys(&after.mount.join("data")) {
        let number = key.strip_prefix('c').and_then(|rest| rest.split('-').next()).unwrap().parse().unwrap();
        *there.entry(number).or_default() += 1;
    }
    let lost: Vec<_> = known.iter().filter(|number| !there.contains_key(number)).collect();
    assert!(lost.is_empty(), "{lost:?} of {} were acknowledged and are gone", known.len());
    assert!(there.values().all(|count| *count == records), "half a commit is there: {there:?}");
    // It goes on.
    let server = Server::start(&after.mount.join("data"));
    let rows = json!([{ "organisation": { "key": "after", "name": "After" } }]);
    let answer = server.send(
        Some(&secret),
        ADD,
        json!({ "input": { "rows": rows, "reason": "after", "idempotencyKey": "after" } }),
    );
    assert_eq!(answer.json["data"]["importRows"]["status"], "COMMITTED", "{}", answer.json);
    server.kill();
    Some(known.len())
}

#[cfg(target_os = "linux")]
#[test]
fn whenever_the_power_goes_everything_acknowledged_is_on_the_medium() {
    let systems: [&[&str]; 2] =
        [&["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"], &["mkfs.xfs", "-q", "-f"]];
    let long = "x".repeat(TEXT_BYTES);
    // About 1 KB, 600 KB and 6 MB.
    let sizes = [(1, &long[..900]), (40, &long[..]), (400, &long[..])];
    let mut dice = Dice(20_261_129);
    for make in systems {
        for (records, text) in sizes {
            let mut acknowledged = 0;
            let rounds = rounds(1, 100);
            for _ in 0..rounds {
                let home = tempfile::tempdir().unwrap();
                let Some(known) = round(home.path(), make, records, text, &mut dice) else {
                    println!("skipped: {} and a mount need root and the tools of that file system", make[0]);
                    break;
                };
                acknowledged += known;
            }
            println!("{}, commits of {records} records: {acknowledged} acknowledged in {rounds} power cuts", make[0]);
        }
    }
}
