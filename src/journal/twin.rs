//! A disk in memory that does what real ones may: it knows what is on the medium, forgets, reorders and tears what was not
//! synced when the power goes, fails when told, and runs full.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex};

use super::disk::Disk;

/// What a disk writes at once. Small, so that small entries lie across several.
const PAGE: usize = 64;

/// Numbers that look random and are the same for the same seed (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

#[derive(Clone, Default)]
pub struct Twin(Arc<Mutex<State>>);

#[derive(Default)]
pub struct State {
    /// What programs see.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What is on the medium of each file.
    medium: BTreeMap<String, Vec<u8>>,
    /// The files that the folder on the medium knows.
    listed: BTreeSet<String>,
    pub calls: usize,
    pub fail_at: Option<(usize, io::ErrorKind)>,
    pub room: Option<usize>,
    /// A disk that says that it has synced, and has not: what a journal without syncs would be.
    pub lies: bool,
}

impl Twin {
    pub fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        act(&mut self.0.lock().unwrap())
    }

    pub fn fail_at(&self, call: usize, kind: io::ErrorKind) {
        self.with(|state| (state.calls, state.fail_at) = (0, Some((call, kind))));
    }

    /// The same bytes again, all of them on the medium.
    pub fn copy(&self) -> Self {
        self.with(|state| Self::of(state.files.clone()))
    }

    pub fn of(files: BTreeMap<String, Vec<u8>>) -> Self {
        let listed = files.keys().cloned().collect();
        Self(Arc::new(Mutex::new(State { medium: files.clone(), files, listed, ..State::default() })))
    }

    /// The power goes. Of what was not synced, each page may be there or not, or in part.
    pub fn power_cut(&self, dice: &mut Dice) -> Self {
        self.with(|state| {
            let mut files = BTreeMap::new();
            for (name, now) in &state.files {
                if state.listed.contains(name) || dice.one_in(2) {
                    let medium = state.medium.get(name).map_or(&[][..], Vec::as_slice);
                    files.insert(name.clone(), survivor(medium, now, dice));
                }
            }
            let lies = state.lies;
            let twin = Self::of(files);
            twin.with(|state| state.lies = lies);
            twin
        })
    }
}

/// What is left of a file: its length is one of before or of now or between, each page that differs is old or new or torn.
fn survivor(medium: &[u8], now: &[u8], dice: &mut Dice) -> Vec<u8> {
    let (short, long) = (medium.len().min(now.len()), medium.len().max(now.len()));
    let length = match dice.below(3) {
        0 => medium.len(),
        1 => now.len(),
        _ => short + dice.below(long - short + 1),
    };
    let mut left = medium.to_vec();
    left.resize(length, 0);
    // Mostly kept, mostly lost, or anything.
    let lost_of_ten = [1, 5, 9][dice.below(3)];
    for start in (0..length).step_by(PAGE) {
        let end = (start + PAGE).min(length);
        let new = now.get(start..end.min(now.len())).unwrap_or_default();
        if dice.below(10) >= lost_of_ten {
            let kept = if dice.one_in(4) { dice.below(new.len() + 1) } else { new.len() };
            left[start..start + kept].copy_from_slice(&new[..kept]);
        }
    }
    left
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

impl Disk for Twin {
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
            let used: usize = state.files.values().map(Vec::len).sum();
            let room = state.room.map_or(bytes.len(), |room| room.saturating_sub(used));
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
            Ok(())
        })
    }
    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.with(|state| {
            state.call()?;
            if !state.lies {
                let now = state.files[name].clone();
                state.medium.insert(name.into(), now);
            }
            Ok(())
        })
    }
    fn sync_folder(&mut self) -> io::Result<()> {
        self.with(|state| {
            state.call()?;
            if !state.lies {
                state.listed = state.files.keys().cloned().collect();
            }
            Ok(())
        })
    }
    fn is_ours(&mut self, name: &str, length: u64) -> io::Result<bool> {
        self.with(|state| {
            state.call()?;
            Ok(state.files.get(name).map_or(0, Vec::len) as u64 == length)
        })
    }
}
