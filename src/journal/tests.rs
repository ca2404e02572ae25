use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;

/// A disk in memory that knows what is on the medium, and fails when told.
#[derive(Clone, Default)]
struct FaultyDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    /// How much of each file is on the medium, and whether the folder knows the file.
    durable: BTreeMap<String, usize>,
    listed: Vec<String>,
    calls: usize,
    fail_at: Option<(usize, io::ErrorKind)>,
    /// The fsync that fails loses what it should have written.
    room: Option<usize>,
}

impl FaultyDisk {
    fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        act(&mut self.0.lock().unwrap())
    }
    fn fail_at(&self, call: usize, kind: io::ErrorKind) {
        self.with(|state| (state.calls, state.fail_at) = (0, Some((call, kind))));
    }
    /// The power goes: of each file, `kept` of the bytes that were not synced survive.
    fn power_cut(&self, kept: f64) -> Self {
        self.with(|state| {
            let mut files = BTreeMap::new();
            for (name, bytes) in &state.files {
                let durable = state.durable.get(name).copied().unwrap_or(0);
                if state.listed.contains(name) || kept > 0.5 {
                    let extra = ((bytes.len() - durable) as f64 * kept) as usize;
                    files.insert(name.clone(), bytes[..durable + extra].to_vec());
                }
            }
            let durable = files.iter().map(|(name, bytes)| (name.clone(), bytes.len())).collect();
            let listed = files.keys().cloned().collect();
            Self(Arc::new(Mutex::new(State { files, durable, listed, ..State::default() })))
        })
    }
}

impl State {
    fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        match self.fail_at {
            Some((at, kind)) if self.calls == at => Err(kind.into()),
            _ => Ok(()),
        }
    }
}

impl Disk for FaultyDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        self.with(|state| state.call().map(|()| state.files.keys().cloned().collect()))
    }
    fn length(&self, name: &str) -> io::Result<u64> {
        self.with(|state| state.call().map(|()| state.files[name].len() as u64))
    }
    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.with(|state| {
            state.call()?;
            buffer.copy_from_slice(&state.files[name][offset as usize..][..buffer.len()]);
            Ok(())
        })
    }
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.with(|state| {
            let failure = state.call();
            let room =
                state.room.map_or(bytes.len(), |room| room.saturating_sub(state.files.values().map(Vec::len).sum()));
            let written = if failure.is_err() { bytes.len() / 2 } else { bytes.len().min(room) };
            state.files.entry(name.into()).or_default().extend(&bytes[..written]);
            failure?;
            if written < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        })
    }
    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.with(|state| {
            state.call()?;
            state.files.get_mut(name).unwrap().truncate(length as usize);
            let durable = state.durable.entry(name.into()).or_default();
            *durable = (*durable).min(length as usize);
            Ok(())
        })
    }
    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.with(|state| {
            state.call()?;
            let length = state.files[name].len();
            state.durable.insert(name.into(), length);
            Ok(())
        })
    }
    fn sync_folder(&mut self) -> io::Result<()> {
        self.with(|state| {
            state.call()?;
            state.listed = state.files.keys().cloned().collect();
            Ok(())
        })
    }
}

type Opened = (Journal<FaultyDisk>, Vec<Vec<u8>>);

fn open(disk: &FaultyDisk, segment_bytes: u64) -> Result<Opened, JournalError> {
    let mut entries = Vec::new();
    let journal = Journal::open_with(disk.clone(), segment_bytes, &Position::START, |_, _, payload| {
        entries.push(payload);
        Ok::<_, JournalError>(())
    })?;
    Ok((journal, entries))
}

fn entry(number: usize) -> Vec<u8> {
    (0..number * 37 % 300).map(|at| (at + number) as u8).collect()
}

#[test]
fn entries_come_back_in_order_over_many_segments() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, 500).unwrap();
    for number in 0..40 {
        assert_eq!(journal.append([entry(number)].into_iter()).unwrap().sequence, number as u64 + 1);
    }
    let large = vec![7; PAYLOAD_BYTES_MAX * 2 + 5];
    let at = journal.append([large.clone()].into_iter()).unwrap();
    assert!(disk.with(|state| state.files.len()) > 3);
    let (reopened, entries) = open(&disk, 500).unwrap();
    assert_eq!(entries[..40], (0..40).map(entry).collect::<Vec<_>>());
    assert_eq!(entries[40], large);
    assert_eq!(reopened.end(), journal.end());
    assert_eq!(reopened.read_entry(&at).unwrap().unwrap().0, large);
    // Opening from a later position reads only what follows.
    let mut later = Vec::new();
    Journal::open_with(disk.clone(), 500, &at, |at, _, _| {
        later.push(at.sequence);
        Ok::<_, JournalError>(())
    })
    .unwrap();
    assert_eq!(later, [41]);
}

#[test]
fn a_torn_tail_is_cut_off_and_told() {
    for cut in 1..100 {
        let disk = FaultyDisk::default();
        let (mut journal, _) = open(&disk, 10_000).unwrap();
        journal.append([entry(3)].into_iter()).unwrap();
        journal.append([entry(5)].into_iter()).unwrap();
        let whole = disk.with(|state| {
            let bytes = state.files.values_mut().next().unwrap();
            let whole = bytes.len();
            bytes.truncate(whole - cut);
            whole
        });
        let (mut journal, entries) = open(&disk, 10_000).unwrap();
        assert_eq!(entries, [entry(3)], "cut {cut}");
        let torn = journal.torn_tail().unwrap().clone();
        assert_eq!(torn.offset + torn.bytes + cut as u64, whole as u64);
        journal.append([entry(9)].into_iter()).unwrap();
        assert_eq!(open(&disk, 10_000).unwrap().1, [entry(3), entry(9)]);
    }
}

#[test]
fn damage_before_the_tail_is_refused_and_located() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, 400).unwrap();
    let begins: Vec<Position> = (1..9).map(|number| journal.append([entry(number)].into_iter()).unwrap()).collect();
    for broken in &begins[..begins.len() - 1] {
        let copy = disk.power_cut(1.0);
        copy.with(|state| state.files.get_mut(&file_name(broken.segment)).unwrap()[broken.offset as usize + 70] ^= 1);
        match open(&copy, 400) {
            Err(JournalError::Damaged { file, offset, .. }) => {
                assert_eq!((file, offset), (file_name(broken.segment), broken.offset));
            }
            other => panic!("entry {}: {:?}", broken.sequence, other.map(|(_, entries)| entries.len())),
        }
    }
    // A whole segment that is gone, or two that changed places.
    let copy = disk.power_cut(1.0);
    copy.with(|state| state.files.remove(&file_name(begins[4].segment)));
    assert!(matches!(open(&copy, 400), Err(JournalError::Damaged { .. })));
}

#[test]
fn every_failing_call_loses_nothing_that_was_acknowledged() {
    for kind in [io::ErrorKind::Other, io::ErrorKind::StorageFull] {
        for call in 1.. {
            let disk = FaultyDisk::default();
            let (mut journal, _) = open(&disk, 300).unwrap();
            disk.fail_at(call, kind);
            let mut acknowledged = Vec::new();
            let mut failures = 0;
            for number in 0..12 {
                match journal.append([entry(number)].into_iter()) {
                    Ok(_) => acknowledged.push(entry(number)),
                    Err(JournalError::Full) => failures += 1,
                    Err(_) => {
                        failures += 1;
                        assert!(matches!(journal.append([entry(1)].into_iter()), Err(JournalError::Stopped(_))));
                        break;
                    }
                }
            }
            for kept in [0.0, 0.4, 1.0] {
                let (_, entries) = open(&disk.power_cut(kept), 300).unwrap();
                // What was not acknowledged may be there or not, but only at the end.
                assert!(
                    entries.len() <= acknowledged.len() + 1 && entries.starts_with(&acknowledged),
                    "{kind} at call {call}"
                );
            }
            if failures == 0 {
                assert!(call > 24, "the calls of twelve commits were all failed once");
                break;
            }
        }
    }
}

#[test]
fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let disk = FaultyDisk::default();
    let (mut journal, _) = open(&disk, 10_000).unwrap();
    journal.append([entry(7)].into_iter()).unwrap();
    disk.with(|state| state.room = Some(400));
    assert!(matches!(journal.append([entry(8)].into_iter()), Err(JournalError::Full)));
    disk.with(|state| state.room = None);
    journal.append([entry(9)].into_iter()).unwrap();
    assert_eq!(open(&disk, 10_000).unwrap().1, [entry(7), entry(9)]);
}

proptest! {
    /// One flipped bit anywhere is found and located, or it is in the last entry, which then counts as torn.
    #[test]
    fn a_flipped_bit_never_gives_a_wrong_entry(at: prop::sample::Index, bit in 0..8u8) {
        let disk = FaultyDisk::default();
        let (mut journal, _) = open(&disk, 400).unwrap();
        for number in 1..8 {
            journal.append([entry(number)].into_iter()).unwrap();
        }
        disk.with(|state| {
            let total = state.files.values().map(Vec::len).sum();
            let mut at = at.index(total);
            for bytes in state.files.values_mut() {
                if at < bytes.len() {
                    bytes[at] ^= 1 << bit;
                    break;
                }
                at -= bytes.len();
            }
        });
        if let Ok((_, entries)) = open(&disk, 400) {
            prop_assert_eq!(entries, (1..7).map(entry).collect::<Vec<_>>());
        }
    }
}
