//! Tokens as entries of the journal, and those of a folder of an earlier program.

use std::fs;
use std::path::Path;

use super::*;
use crate::commit::tokens::TokenError;

fn who(ledger: &Ledger, secret: &str) -> Option<Identity> {
    ledger.tokens().identify(secret, 10).unwrap()
}

#[test]
fn a_token_is_good_until_it_is_revoked_whatever_happens_to_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(who(&ledger, "bt_nobody"), None);
    let secret = ledger.create_token("importer", Role::Import, 1).unwrap();
    assert!(secret.starts_with("bt_") && secret.len() == 46, "{secret}");
    let importer = Some(Identity::new("importer", Role::Import));
    assert_eq!(who(&ledger, &secret), importer);
    assert_eq!(who(&ledger, &format!("{secret}x")), None);
    assert!(matches!(ledger.create_token("importer", Role::Admin, 2), Err(TokenError::Exists(_))));
    assert!(matches!(ledger.create_token("two\nlines", Role::Admin, 2), Err(TokenError::Name(_))));
    commit(&ledger, puts([organisation("a", "A")]));
    let reopen = |ledger: Ledger, act: u8| {
        if act == 0 {
            ledger.close().unwrap();
        }
        drop(ledger);
        if act == 2 {
            fs::remove_dir_all(folder.path().join("store")).unwrap();
        }
        Ledger::open(folder.path()).unwrap()
    };
    for act in 0..3 {
        ledger = reopen(ledger, act);
        assert_eq!(who(&ledger, &secret), importer);
    }
    ledger.revoke_token("importer", 3).unwrap();
    assert!(matches!(ledger.revoke_token("importer", 4), Err(TokenError::Unknown(_))));
    assert_ne!(ledger.create_token("importer", Role::Read, 5).unwrap(), secret);
    for act in 0..3 {
        assert_eq!(who(&ledger, &secret), None);
        assert_eq!(ledger.tokens().all().unwrap().len(), 2);
        ledger = reopen(ledger, act);
    }
    // They are part of no revision, and the secret stands nowhere.
    assert_eq!(ledger.register().revision(), 1);
    for file in fs::read_dir(folder.path().join("journal")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(20).any(|window| window == &secret.as_bytes()[3..23]));
    }
}

/// A folder of the earlier program: a good token of the secret `bt_good`, and the revoked one `bt_gone`.
fn earlier(folder: &Path) -> String {
    let ledger = Ledger::open(folder).unwrap();
    ledger.close().unwrap();
    drop(ledger);
    fs::write(folder.join("FORMAT"), "1\n").unwrap();
    let hash = |secret: &str| blake3::hash(secret.as_bytes()).to_hex();
    let tokens = format!(
        r#"[
  {{ "name": "good", "role": "EDIT", "hash": "{}", "created_at_ms": 1, "revoked_at_ms": null }},
  {{ "name": "gone", "role": "ADMIN", "hash": "{}", "created_at_ms": 1, "revoked_at_ms": 17000 }}
]"#,
        hash("bt_good"),
        hash("bt_gone")
    );
    fs::write(folder.join("tokens.json"), &tokens).unwrap();
    tokens
}

#[test]
fn those_of_an_earlier_program_go_on_and_become_entries_with_the_first_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    earlier(folder.path());
    let format = || fs::read_to_string(folder.path().join("FORMAT")).unwrap();
    for lost_store in [true, false] {
        if lost_store {
            fs::remove_dir_all(folder.path().join("store")).unwrap();
        }
        let ledger = Ledger::open(folder.path()).unwrap();
        assert!(who(&ledger, "bt_good").is_some() && who(&ledger, "bt_gone").is_none());
        ledger.close().unwrap();
    }
    assert_eq!(format(), "1\n", "looking changes nothing");
    let ledger = Ledger::open(folder.path()).unwrap();
    commit(&ledger, puts([organisation("a", "A")]));
    assert_eq!(format(), "2\n");
    assert!(!folder.path().join("tokens.json").exists());
    drop(ledger);
    fs::remove_dir_all(folder.path().join("store")).unwrap();
    // Who puts the file back does not bring back what was revoked since.
    let ledger = Ledger::open(folder.path()).unwrap();
    ledger.revoke_token("good", 9).unwrap();
    drop(ledger);
    earlier_file_again(folder.path());
    let ledger = Ledger::open(folder.path()).unwrap();
    assert!(who(&ledger, "bt_good").is_none() && who(&ledger, "bt_gone").is_none());
    assert_eq!(name(&ledger), "A");
}

fn earlier_file_again(folder: &Path) {
    fs::rename(folder.join("tokens.json.adopted"), folder.join("tokens.json")).unwrap();
}

fn name(ledger: &Ledger) -> String {
    names(&ledger.register())["a"].clone()
}

#[test]
fn no_flipped_bit_makes_a_revoked_token_good() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = earlier(folder.path()).into_bytes();
    let mut refused = 0;
    for bit in 0..tokens.len() * 8 {
        let mut bytes = tokens.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(folder.path().join("tokens.json"), &bytes).unwrap();
        let tokens = Tokens::of(folder.path());
        tokens.read_file();
        match tokens.identify("bt_gone", 10) {
            Ok(found) => assert_eq!(found, None, "bit {bit}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 100, "only {refused} flips were noticed");
}
