//! Commits and earlier states of a large register, in process: `cargo bench --bench register [OBSERVATIONS]`.
//!
//! Prints the CPU time of a commit of one record and of ten thousand with that many observations present (default one million),
//! the time to get the state 1 000 commits ago, and the time to open the folder again.

mod large;

use std::time::Duration;

use boordtabel::commit::Ledger;
use large::{Clock, base, commit, ms, observation};

const INDICATORS: usize = 24_000;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let count: usize = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(folder.path()).expect("it opens");
    commit(&ledger, base(INDICATORS));
    let start = Clock::now();
    for at in (0..count).step_by(50_000) {
        commit(&ledger, (at..count.min(at + 50_000)).map(|number| observation(INDICATORS, number, 1)));
    }
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!("{count} observations in commits of 50 000: {rate:.0} rows/s");
    let mut next = count;
    let many: Vec<Duration> = (0..9)
        .map(|_| {
            next += 10_000;
            commit(&ledger, (next - 10_000..next).map(|number| observation(INDICATORS, number, 1)))
        })
        .collect();
    println!("10 000 new in one commit: {:.0} rows/s (median of 9)", 10_000.0 / median(many).as_secs_f64());
    let many: Vec<Duration> = (0..9)
        .map(|round| commit(&ledger, (0..10_000).map(|number| observation(INDICATORS, number * 7, 2 + round))))
        .collect();
    println!("10 000 changed in one commit: {:.0} rows/s (median of 9)", 10_000.0 / median(many).as_secs_f64());
    let singles: Vec<Duration> =
        (0..1_000).map(|round| commit(&ledger, [observation(INDICATORS, round as usize * 37, 100 + round)])).collect();
    let slowest = singles.iter().max().copied().unwrap_or_default();
    println!("1 changed in one commit: median {:.3} ms, slowest {:.3} ms", ms(median(singles)), ms(slowest));
    let head = ledger.register().revision();
    for back in [1, 10, 100, 1_000, 1_001, 999, 500] {
        let start = Clock::now();
        let register = ledger.register_at(head - back).expect("it reads").expect("it is there");
        assert_eq!(register.revision(), head - back);
        println!("the state {back} commits ago: {:.1} ms", ms(start.elapsed()));
    }
    let start = Clock::now();
    ledger.close().expect("it closes");
    println!("closed in {:.0} ms", ms(start.elapsed()));
    let start = Clock::now();
    let ledger = Ledger::open(folder.path()).expect("it opens");
    println!("opened again in {:.0} ms", ms(start.elapsed()));
    let start = Clock::now();
    ledger.register_at(head - 1_000).expect("it reads").expect("it is there");
    println!("the state 1000 commits ago, nothing at hand: {:.1} ms", ms(start.elapsed()));
}
