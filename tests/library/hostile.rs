//! Input that nobody meant: what is read from outside or from a disk, spoilt at random. Whatever comes, nothing panics, nothing
//! takes long, and nothing is taken for what it is not. A few thousand inputs of each every day; with `BOORDTABEL_LONG=1` each
//! target goes on for fifteen minutes, from a seed that it prints.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Commit, Counts, Edit, Ledger, Submission};
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{Api, GraphqlRequest};
use boordtabel::import::edit::{ImportMode, record_edit};
use boordtabel::import::options::Options;
use boordtabel::import::read::read;
use boordtabel::import::to_json::row_json;
use boordtabel::journal::disk::Folder;
use boordtabel::journal::{Journal, JournalError, Position};
use boordtabel::model::{Key, Organisation, Record, printed};
use boordtabel::register::{Change, Node};
use boordtabel::store::codec::outline::Outline;
use boordtabel::store::codec::{
    Entry, commit_pieces, decode_checkpoint, decode_commit_head, decode_entry, decode_indexed, decode_receipt,
    decode_record, decode_revision, decode_tokens, encode_record,
};

/// What one input may take of the processor. An honest one of the same length takes a few milliseconds without optimisation.
const TIME_MAX: Duration = Duration::from_secs(2);
/// No spoilt input is longer.
const BYTES_MAX: usize = 64 << 10;

/// Numbers that look random and are the same for the same seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
    /// A part of something, short most often.
    fn part(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 12 };
        start..(start + self.below(most + 1)).min(length)
    }
}

/// Spoils an input in a few places: bits, bytes, parts left out, repeated or from elsewhere, and words that mean something.
fn spoilt(corpus: &[Vec<u8>], words: &[&[u8]], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = dice.pick(corpus).clone();
    for _ in 0..1 + dice.below(4) {
        let part = dice.part(bytes.len());
        match dice.below(7) {
            0 if !bytes.is_empty() => {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
            1 => drop(bytes.drain(part)),
            2 => {
                let again = bytes[part.clone()].repeat(1 + dice.below(200));
                bytes.splice(part.start..part.start, again);
            }
            3 => {
                let other = dice.pick(corpus);
                let from = dice.part(other.len());
                drop(bytes.splice(part, other[from].iter().copied()));
            }
            4 => bytes.truncate(part.end),
            _ => drop(bytes.splice(part, dice.pick(words).iter().copied())),
        }
    }
    bytes.truncate(BYTES_MAX);
    bytes
}

/// What this thread took of the processor so far.
fn processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default())
}

/// Tries a target on spoilt inputs.
fn attack(name: &str, everyday: u64, corpus: &[Vec<u8>], words: &[&[u8]], mut target: impl FnMut(&[u8])) {
    for whole in corpus {
        target(whole);
    }
    let long = std::env::var_os("BOORDTABEL_LONG").map(|_| Instant::now() + Duration::from_secs(900));
    let mut slowest = (Duration::ZERO, 0);
    let mut seed = 0;
    while long.map_or(seed < everyday, |until| Instant::now() < until) {
        let bytes = spoilt(corpus, words, &mut Dice(seed));
        let before = processor();
        let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| target(&bytes)));
        let took = processor() - before;
        assert!(tried.is_ok() && took < TIME_MAX, "{name}, seed {seed}, {took:?}: {}", bytes.escape_ascii());
        slowest = slowest.max((took, seed));
        seed += 1;
    }
    println!("{name}: {seed} inputs, the slowest took {:?} (seed {})", slowest.0, slowest.1);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == extension));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// The first lines of a file: as many as say something new.
fn beginning(bytes: &[u8]) -> Vec<u8> {
    bytes.split_inclusive(|byte| *byte == b'\n').take(12).flatten().copied().collect()
}

const NUMBERS: [&[u8]; 12] = [
    b"",
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xfc\xff\xff\xff\xff",
    b"\xfd",
    b"\x01",
    b"\x07",
    b"\x06",
    b"\xfb\xff\xff",
    b"\x05",
];

/// Records of all kinds that the fixtures have.
fn records() -> Vec<Record> {
    let mut files = boordtabel::import::read_folder(&root().join("fixtures/dwse-2021")).unwrap();
    files.iter_mut().for_each(|(_, bytes)| *bytes = beginning(bytes));
    let edits = files.into_iter().filter_map(|file| boordtabel::import::read_files(&[file]).ok()).flatten();
    let put = |edit| if let Edit::Put { record, .. } = edit { Some(record) } else { None };
    edits.filter_map(put).collect()
}

fn commit(records: &[Record]) -> Commit {
    let change = |record: &Record| Change {
        kind: record.kind(),
        key: record.key(),
        before: None,
        deleted_at: Some(2),
        after: Some(Arc::new(Node::new(record.clone(), 7))),
    };
    Commit {
        revision: 7,
        committed_at_ms: 1_600_000_000_000,
        author: "somebody".into(),
        reason: "hostile".into(),
        counts: Counts::default(),
        idempotency: Some(("key".into(), [7; 32])),
        changes: records.iter().map(change).collect(),
    }
}

/// Whatever reads as an entry or a record is one: written again, it reads as the same.
#[test]
fn stored_bytes() {
    let records = records();
    assert!(records.iter().map(Record::kind).collect::<BTreeSet<_>>().len() > 8, "the fixtures have more kinds");
    let mut corpus: Vec<Vec<u8>> = records.iter().map(|record| encode_record(record, 7)).collect();
    corpus.extend(records.chunks(5).map(|some| commit_pieces(&commit(some)).flatten().collect()));
    attack("stored bytes", 4_000, &corpus, &NUMBERS, |bytes| {
        if let Ok((record, revision)) = decode_record(bytes) {
            assert_eq!(decode_record(&encode_record(&record, revision)).unwrap(), (record, revision));
        }
        if let Ok(Entry::Commit(commit)) = decode_entry(bytes) {
            let again: Vec<u8> = commit_pieces(&commit).flatten().collect();
            let Ok(Entry::Commit(same)) = decode_entry(&again) else { panic!("it does not read again") };
            assert_eq!(format!("{same:?}"), format!("{commit:?}"));
        }
        let _ = (decode_indexed(bytes), decode_checkpoint(bytes), decode_commit_head(bytes), decode_revision(bytes));
        let _ = (decode_receipt(bytes), decode_tokens(bytes), Outline::of(bytes));
    });
}

/// What a spoilt journal gives is a beginning of what was written, or it is refused.
#[test]
fn journals() {
    let home = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(home.path()).unwrap();
    for number in 0..6 {
        let key = Key::parse(&format!("body-{number}")).unwrap();
        let name = "n".repeat(number * 60 + 1);
        let edit = Edit::put(
            Organisation {
                key,
                name,
                abbreviation: None,
                namespace: None,
                parent_key: None,
                year_start: None,
                printed: None,
            }
            .into(),
        );
        ledger.submit(Submission::new(Identity::local("test"), Role::Import, "r", vec![edit]), 1).unwrap();
    }
    drop(ledger);
    let journal = home.path().join("journal");
    let segment = std::fs::read_dir(&journal).unwrap().next().unwrap().unwrap().path();
    let corpus = vec![std::fs::read(&segment).unwrap()];
    let entries = || {
        let mut entries = Vec::new();
        let read = Journal::read(Folder::existing(&journal), &Position::START, |_, _, entry| {
            entries.push(entry);
            Ok::<_, JournalError>(())
        });
        (entries, read.map(drop))
    };
    let written = entries().0;
    assert_eq!(written.len(), 6);
    attack("journals", 1_500, &corpus, &NUMBERS, |bytes| {
        std::fs::write(&segment, bytes).unwrap();
        let (entries, read) = entries();
        assert!(written.starts_with(&entries), "entries that nobody wrote");
        match read {
            Ok(()) | Err(JournalError::Damaged { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    });
}

/// Each row of a file is handed on or refused, and what is handed on becomes an edit.
fn rows(name: &'static str) -> impl FnMut(&[u8]) {
    move |bytes| {
        let (mut rows, mut refused) = (0, 0);
        let report = read(name, bytes, &Options::default(), &mut |row| match row {
            Ok(row) => {
                rows += 1;
                record_edit(row.kind, &row.tree, ImportMode::Upsert, row.at.clone());
            }
            Err(_) => refused += 1,
        });
        assert_eq!(report.rows, rows, "{refused} refused");
    }
}

#[test]
fn csv_files() {
    let words: [&[u8]; 12] = [
        b"\"",
        b"\"\"",
        b",",
        b";",
        b"\t",
        b"\r\n",
        b"\n",
        b"sep=;\n",
        b"\xef\xbb\xbf",
        b"key",
        b"\xff\xfe",
        b"1.234,5",
    ];
    let mut corpus = files(&root().join("fixtures/dwse-2021"), "csv");
    corpus.iter_mut().for_each(|bytes| *bytes = beginning(bytes));
    for name in ["measures.csv", "observations.csv", "milestones.csv"] {
        attack(name, 250, &corpus, &words, rows(name));
    }
}

#[test]
fn json_lines() {
    let words: [&[u8]; 12] = [
        b"{",
        b"}",
        b"[",
        b"null",
        b"\"measure\":",
        b"\\u0000",
        b"\\ud800",
        b"1e999",
        b"-0",
        b"\n",
        b"\xff",
        b"{\"plan\":{\"key\":",
    ];
    let lines = |some: &[Record]| some.iter().map(|record| format!("{}\n", row_json(record))).collect::<String>();
    let corpus: Vec<Vec<u8>> = records().chunks(6).map(|some| lines(some).into_bytes()).collect();
    attack("JSON Lines", 2_400, &corpus, &words, rows("rows.jsonl"));
}

/// A printed number that reads is shown and read as the same number.
#[test]
fn printed_numbers() {
    let corpus: Vec<Vec<u8>> = [
        "12.345,6",
        "-3,5%",
        "1 234",
        "n.v.t.",
        "(12)",
        "€ 1.234.567,89",
        "0,1\u{202f}%",
        "+7",
        "1.2.3",
        "–4,0",
        "10 à 20",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    let words: [&[u8]; 10] = [
        b".",
        b",",
        b"-",
        b"%",
        b"0",
        b"9999999999999999999999999999",
        "\u{a0}".as_bytes(),
        "−".as_bytes(),
        b" ",
        b"e5",
    ];
    attack("printed numbers", 6_000, &corpus, &words, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let _ = printed::parse(text);
        }
    });
}

/// From the text of a document to an operation, or to what refuses it.
#[test]
fn documents() {
    let home = tempfile::tempdir().unwrap();
    let api = Api::new(Arc::new(Ledger::open(home.path()).unwrap()), Limits::default(), || 0);
    let words: [&[u8]; 20] = [
        b"{",
        b"}",
        b"(",
        b")",
        b"...",
        b"... on Measure",
        b"fragment F on Query",
        b"@skip(if: true)",
        b"$v",
        b"[[[[",
        b"\"\"\"",
        b"query(",
        b"first: 1",
        b"where: {",
        b"__typename",
        b"a: ",
        b"!",
        b"{ measures { nodes ",
        b"#",
        b"\xf0\x9f\x98\x80",
    ];
    let corpus = files(&root().join("web/examples"), "graphql");
    assert!(corpus.len() > 8);
    attack("documents", 1_500, &corpus, &words, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let _ = api.check(GraphqlRequest::new(text, serde_json::json!({ "key": "m", "first": 3 })).unwrap());
    });
}
