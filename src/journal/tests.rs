mod alike;

use std::io;

use proptest::prelude::*;

use super::anchor::AnchorRecord;
use super::frame::PAYLOAD_BYTES_MAX;
use super::position::file_name;
use super::read::{SIZES, Sizes};
use super::twin::{Dice, Twin};
use super::*;

type Opened = (Journal<Twin>, Vec<Vec<u8>>);

fn open(disk: &Twin, segment: u64) -> Result<Opened, JournalError> {
    open_from(disk, Sizes { segment, ..SIZES }, &Position::START)
}

fn open_from(disk: &Twin, sizes: Sizes, from: &Position) -> Result<Opened, JournalError> {
    let mut entries = Vec::new();
    let mut journal = Journal::read_with(disk.clone(), sizes, from, |_, _, payload| {
        entries.push(payload);
        Ok::<_, JournalError>(())
    })?;
    journal.make_ready()?;
    Ok((journal, entries))
}

fn entry(number: usize) -> Vec<u8> {
    (0..number * 37 % 300).map(|at| (at + number) as u8).collect()
}

#[test]
fn entries_come_back_in_order_over_many_segments() {
    let disk = Twin::default();
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
    assert_eq!(open_from(&disk, Sizes { segment: 500, ..SIZES }, &at).unwrap().1, [large]);
}

#[test]
fn the_way_from_one_place_to_another_is_told_by_its_last_hash() {
    let sizes = Sizes { segment: 500, frame: 60, ..SIZES };
    let disk = Twin::default();
    let (mut journal, _) = open_from(&disk, sizes, &Position::START).unwrap();
    let mut places = vec![journal.end().clone()];
    for number in 0..12 {
        journal.append([entry(number)].into_iter()).unwrap();
        places.push(journal.end().clone());
    }
    for (at, from) in places.iter().enumerate() {
        for to in &places[at..] {
            assert!(leads_to(&disk, from, to).unwrap(), "{from:?} to {to:?}");
            let other = Position { previous: [9; 32], ..to.clone() };
            assert!(!leads_to(&disk, from, &other).unwrap());
        }
    }
    let beyond = Position { sequence: 20, ..places[12].clone() };
    assert!(!leads_to(&disk, &places[0], &beyond).unwrap());
}

#[test]
fn a_torn_tail_is_cut_off_and_told() {
    for cut in 1..100 {
        let disk = Twin::default();
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
    let disk = Twin::default();
    let (mut journal, _) = open(&disk, 400).unwrap();
    let begins: Vec<Position> = (1..9).map(|number| journal.append([entry(number)].into_iter()).unwrap()).collect();
    for broken in &begins[..begins.len() - 1] {
        let copy = disk.copy();
        copy.with(|state| state.files.get_mut(&file_name(broken.segment)).unwrap()[broken.offset as usize + 70] ^= 1);
        match open(&copy, 400) {
            Err(JournalError::Damaged { file, offset, .. }) => {
                assert_eq!((file, offset), (file_name(broken.segment), broken.offset));
            }
            other => panic!("entry {}: {:?}", broken.sequence, other.map(|(_, entries)| entries.len())),
        }
    }
    // A whole segment that is gone, or two that changed places.
    let copy = disk.copy();
    copy.with(|state| state.files.remove(&file_name(begins[4].segment)));
    assert!(matches!(open(&copy, 400), Err(JournalError::Damaged { .. })));
}

#[test]
fn every_failing_call_loses_nothing_that_was_acknowledged() {
    for kind in [io::ErrorKind::Other, io::ErrorKind::StorageFull] {
        for call in 1.. {
            let disk = Twin::default();
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
            for seed in 0..4 {
                let (_, entries) = open(&disk.power_cut(&mut Dice(seed)), 300).unwrap();
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
    let disk = Twin::default();
    let (mut journal, _) = open(&disk, 10_000).unwrap();
    journal.append([entry(7)].into_iter()).unwrap();
    disk.with(|state| state.room = Some(400));
    assert!(matches!(journal.append([entry(8)].into_iter()), Err(JournalError::Full)));
    disk.with(|state| state.room = None);
    journal.append([entry(9)].into_iter()).unwrap();
    assert_eq!(open(&disk, 10_000).unwrap().1, [entry(7), entry(9)]);
}

/// What a start that knows the journal up to there finds: where a segment ends, and beyond it.
#[test]
fn a_start_at_the_end_of_a_segment_finds_what_follows_also_nothing() {
    let sizes = Sizes { segment: 400, ..SIZES };
    let disk = Twin::default();
    let (mut journal, _) = open(&disk, 400).unwrap();
    while journal.end().offset < 400 {
        journal.append([entry(7)].into_iter()).unwrap();
    }
    let end = journal.end().clone();
    assert_eq!(open_from(&disk, sizes, &end).unwrap().1.len(), 0, "no further segment");
    // A refusal for want of room leaves the next segment empty.
    disk.with(|state| state.room = Some(state.files.values().map(Vec::len).sum()));
    assert!(matches!(journal.append([entry(8)].into_iter()), Err(JournalError::Full)));
    disk.with(|state| state.room = None);
    assert_eq!(disk.with(|state| state.files.len()), 2);
    for from in [&Position::START, &end] {
        let (mut journal, _) = open_from(&disk.copy(), sizes, from).unwrap();
        journal.append([entry(9)].into_iter()).unwrap();
    }
    journal.append([entry(9)].into_iter()).unwrap();
    journal.append([entry(10)].into_iter()).unwrap();
    assert_eq!(open_from(&disk, sizes, &end).unwrap().1, [entry(9), entry(10)]);
}

#[test]
fn a_hole_among_what_was_not_synced_is_a_torn_tail_and_one_before_it_is_damage() {
    let sizes = Sizes { frame: 100, ..SIZES };
    let disk = Twin::default();
    let (mut journal, _) = open_from(&disk, sizes, &Position::START).unwrap();
    journal.append([entry(3)].into_iter()).unwrap();
    let begin = journal.end().clone();
    journal.append([vec![7; 1_600]].into_iter()).unwrap();
    let name = file_name(1);
    let spoilt = |offset: usize, cut: usize| {
        let copy = disk.copy();
        copy.with(|state| {
            let bytes = state.files.get_mut(&name).unwrap();
            bytes[begin.offset as usize + offset] ^= 1;
            bytes.truncate(bytes.len() - cut);
        });
        open_from(&copy, sizes, &Position::START).map(|(_, entries)| entries)
    };
    // The last frame is missing: nobody was told of this entry, whatever else of it is there.
    assert_eq!(spoilt(2 * 160 + 70, 160).unwrap(), [entry(3)]);
    // It is there: then all of the others were on the medium.
    assert!(matches!(spoilt(2 * 160 + 70, 0), Err(JournalError::Damaged { .. })));

    let (mut journal, _) = open_from(&disk, sizes, &Position::START).unwrap();
    let places = journal.append_group((4..9).map(|number| [vec![number; 50]].into_iter())).unwrap();
    let group = |at: &Position| {
        let copy = disk.copy();
        copy.with(|state| state.files.get_mut(&name).unwrap()[at.offset as usize + 20] ^= 1);
        open_from(&copy, sizes, &Position::START).map(|(_, entries)| entries.len())
    };
    assert_eq!(group(&places[1]).unwrap(), 3, "written with one sync: what follows proves nothing");
    journal.append([entry(9)].into_iter()).unwrap();
    assert!(group(&places[1]).is_err(), "what was written after the sync proves that it was there");
}

/// Random groups of entries, faults, kills, power cuts: rounds by their seed, so that each can be had again.
struct Round {
    lost: bool,
    /// A start refused a journal of which nothing was lost but what nobody was told of.
    refused: bool,
}

fn round(seed: u64, lies: bool) -> Round {
    let mut dice = Dice(seed);
    let sizes = Sizes { segment: 300 + 500 * dice.below(4) as u64, frame: 90 + dice.below(200), unsynced: 700 };
    let mut disk = Twin::default();
    disk.with(|state| state.lies = lies);
    // What was acknowledged, and where the journal ended then.
    let mut acknowledged: Vec<Vec<u8>> = Vec::new();
    let mut marks = vec![AnchorRecord { end: Position::START, revision: 0 }];
    let mut number = 0;
    for _ in 0..1 + dice.below(3) {
        let known = marks[dice.below(marks.len())].end.clone();
        let opened = match dice.one_in(2) {
            true => open_from(&disk, sizes, &Position::START).map(|(journal, entries)| (journal, entries, 0)),
            false => open_from(&disk, sizes, &known)
                .map(|(journal, entries)| (journal, entries, known.sequence as usize - 1)),
        };
        let Ok((mut journal, entries, skipped)) = opened else { return Round { lost: lies, refused: true } };
        if skipped + entries.len() < acknowledged.len() || !entries.starts_with(&acknowledged[skipped..]) {
            return Round { lost: true, refused: false };
        }
        // What nobody was told of may be there; from now on everybody can read it.
        acknowledged.extend_from_slice(&entries[acknowledged.len() - skipped..]);
        marks.push(AnchorRecord { end: journal.end().clone(), revision: 0 });
        if dice.one_in(2) {
            let kind = if dice.one_in(2) { io::ErrorKind::Other } else { io::ErrorKind::StorageFull };
            disk.fail_at(1 + dice.below(40), kind);
        }
        if dice.one_in(4) {
            disk.with(|state| state.room = Some(state.files.values().map(Vec::len).sum::<usize>() + dice.below(3_000)));
        }
        let mut late = Vec::new();
        for _ in 0..dice.below(12) {
            let group: Vec<Vec<u8>> = (0..1 + dice.below(4))
                .map(|_| {
                    number += 1;
                    let length = if dice.one_in(5) { dice.below(1_500) } else { dice.below(120) };
                    (0..length).map(|at| (at + number) as u8).collect()
                })
                .collect();
            let pieces = group.iter().map(|entry| [entry.clone()].into_iter());
            let is_late = dice.one_in(3);
            let appended = if is_late { journal.append_group_unsynced(pieces) } else { journal.append_group(pieces) };
            // What was written late counts when a later sync has succeeded: its own, or that of the next group.
            let appended = appended.map(|_| late.extend(group));
            match if is_late && dice.one_in(2) { appended.and_then(|()| journal.sync_rest()) } else { appended } {
                Ok(()) if journal.is_unsynced() => {}
                Ok(()) => {
                    acknowledged.append(&mut late);
                    marks.push(AnchorRecord { end: journal.end().clone(), revision: 0 });
                }
                Err(JournalError::Full) => disk.with(|state| state.room = None),
                Err(_) => break,
            }
        }
        // Killed, or killed in the middle of a write, or the power is cut.
        disk.with(|state| (state.fail_at, state.room) = (None, None));
        if !dice.one_in(4) {
            disk = disk.power_cut(&mut dice);
        }
    }
    let Ok((journal, entries)) = open_from(&disk, sizes, &Position::START) else {
        return Round { lost: lies, refused: true };
    };
    let lost = !entries.starts_with(&acknowledged);
    // An anchor of any moment agrees with what is there; unless something was lost, which it then tells.
    let mark = &marks[dice.below(marks.len())];
    assert!(lost || mark.check(journal.end(), None).is_ok(), "seed {seed}");
    Round { lost, refused: false }
}

/// How many rounds: few every day, many with `BOORDTABEL_LONG`.
fn rounds(everyday: u64, long: u64) -> u64 {
    if std::env::var_os("BOORDTABEL_LONG").is_some() { long } else { everyday }
}

#[test]
fn whatever_the_disk_does_nothing_acknowledged_is_lost_or_refused() {
    // Seeds that once failed come first.
    let seeds = [0_u64; 0].into_iter().chain(0..rounds(2_000, 1_000_000));
    for seed in seeds {
        let Round { lost, refused } = round(seed, false);
        assert!(!lost && !refused, "seed {seed}: lost: {lost}, refused: {refused}");
    }
}

#[test]
fn without_syncs_the_same_rounds_lose() {
    let lost = (0..200).filter(|seed| round(*seed, true).lost).count();
    assert!(lost > 50, "only {lost} of 200 rounds lost something: this disk forgets too little to prove anything");
}

/// With an anchor of the last moment: bits flipped and ends cut off anywhere.
#[test]
fn a_flipped_bit_or_a_cut_end_is_told_or_harmless() {
    let (mut told, mut harmless) = (0, 0);
    for seed in 0..rounds(2_500, 250_000) {
        let mut dice = Dice(seed);
        let disk = Twin::default();
        let (mut journal, _) = open(&disk, 400).unwrap();
        let written: Vec<Vec<u8>> = (1..12).map(|number| entry(number + seed as usize % 7)).collect();
        for group in written.chunks(1 + dice.below(3)) {
            journal.append_group(group.iter().map(|entry| [entry.clone()].into_iter())).unwrap();
        }
        let mark = AnchorRecord { end: journal.end().clone(), revision: 11 };
        let copy = disk.copy();
        copy.with(|state| {
            let names: Vec<String> = state.files.keys().cloned().collect();
            if seed % 5 == 0 {
                // Also whole segments from the end.
                for name in names.iter().rev().take(dice.below(names.len() + 1)) {
                    state.files.remove(name);
                }
                if let Some(mut last) = state.files.last_entry() {
                    let length = dice.below(last.get().len() + 1);
                    last.get_mut().truncate(length);
                }
            } else {
                let bytes = state.files.get_mut(&names[dice.below(names.len())]).unwrap();
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
        });
        let mut entries = Vec::new();
        let read = Journal::read_with(copy, Sizes { segment: 400, ..SIZES }, &Position::START, |_, _, payload| {
            entries.push(payload);
            Ok::<_, JournalError>(())
        });
        match read.and_then(|journal| mark.check(journal.end(), Some(journal.end().previous))) {
            Err(JournalError::Damaged { .. } | JournalError::Truncated { .. }) => told += 1,
            Err(other) => panic!("seed {seed}: {other}"),
            Ok(()) => {
                assert_eq!(entries, written, "seed {seed}: fewer entries, or others, without a word");
                harmless += 1;
            }
        }
    }
    assert!(told > 1_000, "{told} told, {harmless} harmless");
}

proptest! {
    /// One flipped bit anywhere is found and located, or it is in the last entry, which then counts as torn.
    #[test]
    fn a_flipped_bit_never_gives_a_wrong_entry(at: prop::sample::Index, bit in 0..8u8) {
        let disk = Twin::default();
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
