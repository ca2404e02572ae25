//! What everything that can be asked takes, beside what it is priced at: `cargo bench --bench prices [TIMES …]`. Of what the
//! price list of `src/graphql/cost/` is made.
//!
//! The plan stands so many times in the register (1, 4 and 16 when nothing is said). For each sort of question the nanoseconds
//! for each unit of cost, and of counted work, are told: the least and the most, with examples. It fails when either is further
//! from the middle than the limit.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/prices/mod.rs"]
mod prices;

use std::collections::BTreeMap;
use std::process::ExitCode;

use prices::{Question, Taken, World, questions, worlds};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A unit of cost takes no more than so many times the one in the middle, and no less than that part of it.
const APART_MAX: f64 = 10.0;
/// What takes less than so much is as good as nothing: the clock, and what every request takes, count for more.
const SHORT_NS: f64 = 20_000.0;

struct Rate {
    ns: f64,
    told: String,
}

fn main() -> ExitCode {
    let mut sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![1, 4, 16];
    }
    let all = std::env::var_os("BOORDTABEL_LONG").is_some();
    let plan = worlds::plan();
    let mut rates: BTreeMap<String, Vec<Rate>> = BTreeMap::new();
    let mut note = |world: &World, size: usize, question: &Question| {
        let nothing = Question { about: String::new(), text: "{ __typename }".into() };
        let least = world.ask(&nothing, 20).time.as_nanos() as f64;
        let Taken { cost, steps, time, shows } = world.ask(question, 10);
        let ns = (time.as_nanos() as f64 - least).max(0.0);
        println!(
            "{size}\t{}\t{cost}\t{steps}\t{ns:.0}\t{:.1}\t{:.1}\t{}",
            question.about,
            ns / cost as f64,
            ns / steps.max(1) as f64,
            question.text
        );
        if shows && (ns > SHORT_NS || cost as f64 * 10.0 > SHORT_NS) {
            let about = question.about.split(": ").next().unwrap_or_default().to_owned();
            rates
                .entry(about)
                .or_default()
                .push(Rate { ns: ns / cost as f64, told: format!("{size}× {}", question.text) });
        }
    };
    for &size in &sizes {
        let world = World::of(&plan, size);
        for question in questions(&world.api, &world.register, all) {
            note(&world, size, &question);
        }
        let world = World::with_history(&plan, size * 40);
        for question in questions::of_history() {
            note(&world, size, &question);
        }
    }
    println!("\n{:<40}{:>10}{:>10}   nanoseconds for each unit of cost", "", "least", "most");
    for (about, rates) in &mut rates {
        rates.sort_by(|one, other| one.ns.total_cmp(&other.ns));
        println!(
            "{about:<40}{:>10.1}{:>10.1}   {}",
            rates[0].ns,
            rates[rates.len() - 1].ns,
            rates[rates.len() - 1].told
        );
    }
    let mut every: Vec<Rate> = rates.into_values().flatten().collect();
    every.sort_by(|one, other| one.ns.total_cmp(&other.ns));
    let (Some(least), Some(most)) = (every.first(), every.last()) else { return ExitCode::SUCCESS };
    let middle = every[every.len() / 2].ns;
    println!(
        "\nfrom {:.1} ({}): 1 / {:.1} of the middle\nin the middle {middle:.1}, nineteen of twenty from {:.1} to {:.1}\nto {:.1} ({}): {:.1} times the middle",
        least.ns,
        least.told,
        middle / least.ns,
        every[every.len() / 40].ns,
        every[every.len() - 1 - every.len() / 40].ns,
        most.ns,
        most.told,
        most.ns / middle
    );
    let is_apart = most.ns > middle * APART_MAX || least.ns * APART_MAX < middle;
    if is_apart { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
