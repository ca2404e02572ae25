//! A process that is killed at any moment leaves the register as it was before its commit or as it is after it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use boordtabel::commit::Ledger;
use boordtabel::model::{Kind, Record};

use crate::support::{DEADLINE, Dice, Lines, SMALL, arg, boordtabel, folder, run};

const FOLDERS: u64 = 5;
/// Kept short: a store that is ruined is made again from the whole journal.
const ROUNDS: u64 = 8;
const OBSERVATIONS: u32 = 2_000;

/// The observations of a round: each has the number of the round as its value.
fn write_round(files: &Path, round: u64) {
    let mut rows = "indicatorKey,period,figure.value,figure.status,figure.unit\n".to_owned();
    for number in 0..OBSERVATIONS {
        let (year, month, day) = (1900 + number / 336, 1 + number / 28 % 12, 1 + number % 28);
        writeln!(rows, "m/i,{year}-{month:02}-{day:02},{round},REPORTED,COUNT").unwrap();
    }
    fs::write(files.join("observations.csv"), rows).unwrap();
}

/// Starts a load and kills it at that moment, or as soon as it is acknowledged; whether it was.
fn load_and_kill(files: &Path, data: &Path, moment: Duration) -> bool {
    let mut command = boordtabel();
    command.args(["load", arg(files), "--data", arg(data)]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let stdout = Lines::of(child.stdout.take().unwrap());
    stdout.wait_for("revision ", moment);
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said between the wait and the end counts too.
    stdout.wait_for_end();
    stdout.seen().contains("revision ")
}

/// The revision, and the round that its observations are of; none before the first.
fn state(data: &Path) -> (u64, Option<u64>) {
    let ledger = Ledger::open(data).unwrap_or_else(|error| panic!("the folder does not open again: {error}"));
    let register = ledger.register();
    let values = register.all(Kind::Observation).map(|node| match &node.record {
        Record::Observation(observation) => observation.figure.value.expect("it was reported").to_string(),
        other => panic!("{other:?} among the observations"),
    });
    let rounds: BTreeSet<String> = values.collect();
    assert!(rounds.len() <= 1, "a commit is there in part: observations of the rounds {rounds:?}");
    let count = register.count(Kind::Observation);
    assert!(count == 0 || count == OBSERVATIONS as usize, "a commit is there in part: {count} observations");
    (register.revision(), rounds.first().map(|round| round.parse().unwrap()))
}

/// Deletes the store or fills it with garbage: it is made from the journal, so nothing may be lost by that.
fn ruin_store(data: &Path, dice: &mut Dice) {
    let store = data.join("store");
    if !store.exists() {
        return;
    }
    if dice.below(2) == 0 {
        return fs::remove_dir_all(&store).unwrap();
    }
    for entry in fs::read_dir(&store).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            let length = entry.metadata().unwrap().len().min(1 << 16) as usize;
            fs::write(entry.path(), dice.bytes(length)).unwrap();
        }
    }
}

#[test]
fn a_killed_load_is_there_whole_or_not_at_all() {
    let files = folder(&SMALL);
    let indicator = "key,measureKey,position,label,kind,unit\nm/i,m,1,Label,RECEIVED,COUNT\n";
    fs::write(files.path().join("indicators.csv"), indicator).unwrap();
    let mut dice = Dice(20_210_215);
    let (mut before, mut after) = (0, 0);
    for _ in 0..FOLDERS {
        let data = tempfile::tempdir().unwrap();
        fs::remove_file(files.path().join("observations.csv")).ok();
        assert_eq!(run(["load", arg(files.path()), "--data", arg(data.path())]).revision(), 1);
        let mut duration = Duration::ZERO;
        let mut known = (1, None);
        for round in 0..ROUNDS {
            write_round(files.path(), round);
            // The first of a folder may finish, which also tells how long that takes; the others die on the way.
            let moment = if round == 0 { DEADLINE } else { duration.mul_f64(dice.below(1000) as f64 / 650.0) };
            let begin = Instant::now();
            let acknowledged = load_and_kill(files.path(), data.path(), moment);
            if round == 0 {
                assert!(acknowledged, "nothing was acknowledged within {DEADLINE:?}");
                duration = begin.elapsed();
            }
            if dice.below(2) == 0 {
                ruin_store(data.path(), &mut dice);
            }
            let (old, now) = (known, state(data.path()));
            let new = (old.0 + 1, Some(round));
            assert!(
                now == new || now == old && !acknowledged,
                "round {round}: {old:?} became {now:?}, acknowledged: {acknowledged}"
            );
            *(if now == new { &mut after } else { &mut before }) += 1;
            known = now;
            if dice.below(2) == 0 {
                ruin_store(data.path(), &mut dice);
            }
        }
    }
    println!("{before} loads ended before their commit, {after} after it");
    assert!(before > 0 && after > 0, "one of the two was never tried");
}
