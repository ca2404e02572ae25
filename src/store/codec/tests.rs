use std::sync::Arc;

use bincode::Encode;
use bincode::enc::Encoder;
use bincode::error::EncodeError;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::bytes::{VERSION, append, to_bytes};
use super::record::{encode_head, encode_view, tag};
use super::*;
use crate::model::{Citation, Figure, FigureStatus, Key, Kind, Link, Observation, Period, Record, Unit};
use crate::register::{Change, Node, Revision};

fn observation(value: Option<Decimal>, text: &str) -> Record {
    Observation {
        indicator_key: Link::new(Key::parse("measure/received").unwrap()),
        period: Period::parse("2020").unwrap(),
        figure: Figure {
            unit_code: None,
            value,
            status: if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotReported },
            unit: Unit::Count,
            printed: Some(Box::new(Citation {
                document_key: Link::new(Key::parse("doc").unwrap()),
                section: Some("9.1".into()),
                table: None,
                row: Some(text.into()),
                column: None,
                text: Some(text.into()),
                page: Some(7),
                note: None,
                checked_by: None,
                checks: None,
                scale: None,
                last_page: None,
                place: None,
            })),
        },
        change: None,
        change_from: None,
        period_written: None,
        category_keys: Vec::new(),
        delivered: None,
        explanation: None,
        state: None,
        year_to_date: None,
    }
    .into()
}

fn node(record: &Record, revision: Revision) -> Arc<Node> {
    Arc::new(Node::new(record.clone(), revision))
}

fn commit() -> Commit {
    let record = observation(Some(Decimal::new(12_345, 2)), "12.345");
    Commit {
        revision: 7,
        committed_at_ms: 1_600_000_000_123,
        author: "import".into(),
        reason: "première".into(),
        counts: Counts { received: 2, created: 1, deleted: 1, ..Counts::default() },
        idempotency: Some(("key-1".into(), [3; 32])),
        changes: vec![
            Change {
                kind: record.kind(),
                key: record.key(),
                before: None,
                deleted_at: None,
                after: Some(node(&record, 7)),
            },
            Change {
                kind: record.kind(),
                key: record.key(),
                deleted_at: None,
                before: Some(node(&record, 4)),
                after: None,
            },
        ],
    }
}

/// The bytes of version 1, as they were first written: they must be readable for ever.
const GOLDEN_RECORD: &[u8] = include_bytes!("../../../fixtures/store/v1/observation.bin");
/// The same record since citations tell who held them against the source.
const GOLDEN_CITED: &[u8] = include_bytes!("../../../fixtures/store/v1/observation-cited.bin");
/// The same record since figures have a code of their unit, and citations the scale of their table.
const GOLDEN_CODED: &[u8] = include_bytes!("../../../fixtures/store/v1/observation-coded.bin");

#[test]
fn reads_the_bytes_of_every_version() {
    let record = observation(Some(Decimal::new(12_345, 2)), "12.345");
    for bytes in [GOLDEN_RECORD, GOLDEN_CITED, GOLDEN_CODED] {
        assert_eq!(decode_record(bytes).unwrap(), (record.clone(), 7));
    }
    // As it was written then: fields that were added since stand behind these.
    let mut bytes = to_bytes(&(VERSION, record.kind() as u8, 7u64));
    encode_short(&record, 5, &mut bytes);
    assert_eq!(
        bytes, GOLDEN_CODED,
        "the stored form changed: keep these bytes as a fixture that must be read, and add the new ones beside it"
    );
    assert_eq!(decode_record(&encode_record(&record, 7)).unwrap(), (record, 7));
}

#[test]
fn reads_a_record_written_before_a_field_was_added() {
    let record = observation(None, "x");
    let mut bytes = to_bytes(&(VERSION, record.kind() as u8, 3u64));
    let fields = record.info().fields.len();
    encode_short(&record, fields - 2, &mut bytes);
    assert_eq!(decode_record(&bytes).unwrap(), (record, 3));
}

fn encode_short(record: &Record, count: usize, bytes: &mut Vec<u8>) {
    struct Short<'a>(&'a Record, usize);
    impl Encode for Short<'_> {
        fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
            encode_head(tag::FIELDS, self.1, encoder)?;
            (0..self.1).try_for_each(|index| encode_view(&self.0.get(index), encoder))
        }
    }
    append(bytes, &Short(record, count));
}

#[test]
fn tells_a_later_version_from_damage() {
    let bytes = to_bytes(&(VERSION + 1, 0u8, 0u64));
    assert!(matches!(decode_record(&bytes), Err(CodecError::Newer { found }) if found == VERSION + 1));
    assert!(matches!(decode_entry(&bytes), Err(CodecError::Newer { .. })));
    assert!(matches!(decode_record(&[]), Err(CodecError::Damaged(_))));
}

#[test]
fn a_corrupt_length_is_an_error_and_claims_no_memory() {
    let mut bytes = to_bytes(&(VERSION, Kind::Observation as u8, 1u64));
    bytes.extend([tag::LIST, 252, 255, 255, 255, 255]);
    assert!(matches!(decode_record(&bytes), Err(CodecError::Damaged(_))));
    let mut deep = to_bytes(&(VERSION, Kind::Observation as u8, 1u64));
    deep.extend([tag::LIST, 1].repeat(100_000));
    assert!(matches!(decode_record(&deep), Err(CodecError::Damaged(_))));
}

proptest! {
    #[test]
    fn records_come_back_as_they_went(cents: Option<i64>, text in "\\PC{0,40}", revision: u64) {
        let record = observation(cents.map(|cents| Decimal::new(cents, 2)), &text);
        prop_assert_eq!(decode_record(&encode_record(&record, revision)).unwrap(), (record, revision));
    }

    #[test]
    fn a_flipped_or_cut_byte_never_panics(at: prop::sample::Index, flip in 1u8.., cut: bool) {
        let mut bytes = commit_pieces(&commit()).flatten().collect::<Vec<u8>>();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= flip }
        let _ = decode_entry(&bytes);
    }

    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        let _ = decode_record(&bytes);
        let _ = decode_entry(&bytes);
    }
}

#[test]
fn entries_come_back_as_they_went() {
    let commit = commit();
    let bytes = commit_pieces(&commit).flatten().collect::<Vec<u8>>();
    let Entry::Commit(back) = decode_entry(&bytes).unwrap() else { panic!("a commit") };
    let (head, changes) = decode_commit_head(&bytes).unwrap();
    for back in [&back, &head] {
        assert_eq!((back.revision, back.committed_at_ms, &back.author), (7, 1_600_000_000_123, &commit.author));
        assert_eq!(
            (&back.reason, back.counts, &back.idempotency),
            (&commit.reason, commit.counts, &commit.idempotency)
        );
    }
    assert_eq!((back.changes.len(), changes), (2, 2));
    let (after, before) = (back.changes[0].after.as_ref().unwrap(), back.changes[1].before.as_ref().unwrap());
    assert_eq!((&after.record, after.revision), (&commit.changes[0].after.as_ref().unwrap().record, 7));
    assert_eq!((&before.record, before.revision), (&commit.changes[1].before.as_ref().unwrap().record, 4));

    let receipt = Receipt {
        author: "a".into(),
        key: "k".into(),
        body: [9; 32],
        revision: 3,
        committed: false,
        counts: Counts { received: 1, unchanged: 1, ..Counts::default() },
    };
    assert_eq!(decode_receipt(&encode_receipt(&receipt)).unwrap(), receipt);
}
