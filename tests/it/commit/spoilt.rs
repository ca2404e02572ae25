//! Bits flipped and ends cut off anywhere in a data folder: told, with the place, or harmless; never another register without a word.

use std::fs;
use std::path::{Path, PathBuf};

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::verify::digest_of;
use boordtabel::commit::{Edit, Ledger, Submission};
use boordtabel::model::{Key, Organisation};

use super::kills::rounds;
use super::old_folder::files;
use crate::server::Dice;

struct Folder {
    home: tempfile::TempDir,
    secret: String,
    revoked: String,
    digest: String,
}

impl Folder {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(home.path()).unwrap();
        let secret = ledger.create_token("good", Role::Edit, 1).unwrap();
        let revoked = ledger.create_token("gone", Role::Admin, 1).unwrap();
        for number in 0..8 {
            let key = Key::parse(&format!("body-{}", number % 5)).unwrap();
            let name = format!("Body {number} {}", "x".repeat(number * 40));
            let edit = Edit::put(
                Organisation {
                    key,
                    name,
                    abbreviation: None,
                    printed: None,
                    namespace: None,
                    parent_key: None,
                    year_start: None,
                }
                .into(),
            );
            ledger.submit(Submission::new(Identity::local("test"), Role::Import, "r", vec![edit]), 1).unwrap();
        }
        ledger.revoke_token("gone", 2).unwrap();
        ledger.close().unwrap();
        let digest = digest_of(&ledger.register());
        Self { home, secret, revoked, digest }
    }

    fn copied(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        for (path, bytes) in files(self.home.path()) {
            let target = copy.path().join(path.strip_prefix(self.home.path()).unwrap());
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, bytes).unwrap();
        }
        copy
    }

    /// Whether it was told. A folder that opens must be what it was.
    fn is_told(&self, folder: &Path, spoilt: &Path, what: &str) -> bool {
        match Ledger::open(folder) {
            Ok(ledger) => {
                assert_eq!(ledger.register().revision(), 8, "{what}");
                assert_eq!(digest_of(&ledger.register()), self.digest, "{what}");
                let good = |secret: &str| ledger.tokens().identify(secret, 10).unwrap().is_some();
                assert!(good(&self.secret) && !good(&self.revoked), "{what}: a token was lost or is good again");
                false
            }
            Err(error) => {
                assert!(!spoilt.starts_with("store"), "{what}: the store stopped the start: {error}");
                let error = error.to_string();
                let places = [".journal", "FORMAT", "ANCHOR", "format", "its end is missing"];
                assert!(places.iter().any(|place| error.contains(place)), "{what}: {error}");
                true
            }
        }
    }
}

/// A file of a folder, the journal most often, the large and mostly empty store by its used part.
fn pick(folder: &Path, dice: &mut Dice) -> (PathBuf, usize) {
    let mut all = files(folder);
    all.retain(|(_, bytes)| !bytes.is_empty());
    let journal = all.iter().position(|(path, _)| path.extension().is_some_and(|it| it == "journal")).unwrap();
    let (path, bytes) = &all[if dice.below(2) == 0 { journal } else { dice.below(all.len()) }];
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0) + 1;
    (path.clone(), used)
}

#[test]
fn a_flipped_bit_or_a_cut_file_is_told_or_harmless() {
    let folder = Folder::new();
    let mut dice = Dice(7);
    let (mut told, mut harmless) = (0, 0);
    for round in 0..rounds(125, 2_500) {
        let copy = folder.copied();
        let (path, used) = pick(copy.path(), &mut dice);
        let spoilt = path.strip_prefix(copy.path()).unwrap().to_owned();
        let at = dice.below(used);
        let mut bytes = fs::read(&path).unwrap();
        // One in five is a cut.
        if round % 5 == 0 {
            bytes.truncate(at)
        } else {
            bytes[at] ^= 1 << dice.below(8)
        }
        fs::write(&path, bytes).unwrap();
        let what = format!("round {round}: {} at byte {at}", spoilt.display());
        if folder.is_told(copy.path(), &spoilt, &what) { told += 1 } else { harmless += 1 }
    }
    assert!(told > 20 && harmless > 20, "{told} told, {harmless} harmless");
}
