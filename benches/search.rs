//! What searching costs on the real plan, in process: `cargo bench --bench search`.
//!
//! Prints the CPU time of making the index, of bringing it up to a commit, and of searches as people make them (and some that
//! nobody should): of the search itself, and of the whole GraphQL request with its twenty highlighted hits.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Edit, Ledger, Status, Submission};
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{AllowedOperations, Api, GraphqlRequest};
use boordtabel::import::{read_files, read_folder};
use boordtabel::model::{Kind, Record};
use boordtabel::register::{Change, Node, Register};
use boordtabel::search::Asked;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: u32 = 500;
const QUERY: &str = "query($text: String!) { search(text: $text) { totalCount slips { word readAs }
    hits { score field highlight { text match } record { id key } } } }";

const TEXTS: [&str; 14] = [
    "dienstencheques",
    "OD VI 1.1",
    "JB0-1JDB2CA-WT",
    "jb01jdb2cawt",
    "cooperatie",
    "cheques",
    "vlaams zorgkrediet",
    "ontvangen dossiers ondersteuningspremie",
    "norm binnen 30 dagen",
    "evaluatie van het doelgroepenbeleid",
    "diensenchekes",
    "ondersteunigspremie zelfstandgen subsidievorwaarde",
    "a b c d e f g h i j k l m n o p q r s t",
    "xeste lening arbied maatwrek premei cheuqe kraten norem vrelof steun wrek sociael plaan ecnomie",
];

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Arc::new(Ledger::open(folder.path()).expect("it opens"));
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dwse-2021");
    let files = read_folder(&fixtures).expect("the plan reads");
    commit(&ledger, read_files(&files).expect("the plan reads"));
    let register = ledger.register();
    let memory = memory_kib();
    let begin = cpu();
    let records = register.words().len();
    let took = cpu() - begin;
    let mib = (memory_kib() - memory) as f64 / 1024.0;
    let terms = register.words().terms();
    println!(
        "making the index of {records} records with {terms} terms: {:.1} ms; {mib:.1} MiB more",
        took.as_secs_f64() * 1e3
    );
    let next: Vec<Register> = (0..ROUNDS).map(|round| with_another_name(&register, round)).collect();
    let update = each(ROUNDS, |round| assert_eq!(next[round as usize].words().len(), records));
    println!("bringing it up to a commit of one measure: {update:.0} µs");
    println!();
    println!("{:>8}{:>12}{:>12}   text", "hits", "search µs", "request µs");
    let api = Api::new(Arc::clone(&ledger), Limits::default(), || 0);
    for text in TEXTS {
        let find = || register.words().search(&Asked::read(text), &[], 20).total;
        let search = each(ROUNDS, |_| {
            std::hint::black_box(find());
        });
        let request = each(ROUNDS, |_| {
            let request = GraphqlRequest::new(QUERY, json!({ "text": text })).expect("variables");
            let answer = api.execute(request, &Identity::anonymous(), AllowedOperations::Queries).to_json();
            assert!(!answer.starts_with(b"{\"errors\""), "{}", String::from_utf8_lossy(&answer));
        });
        println!("{:>8}{search:>12.0}{request:>12.0}   {text}", find());
    }
}

fn commit(ledger: &Ledger, edits: Vec<Edit>) {
    let report = ledger.submit(Submission::new(Identity::local("bench"), Role::Import, "bench", edits), 0);
    let report = report.expect("it commits");
    assert_eq!(report.status, Status::Committed, "{:?}", report.problems);
}

/// The register after a commit that gives a measure another name.
fn with_another_name(register: &Register, round: u32) -> Register {
    let before = register.all(Kind::Measure).nth(round as usize % register.count(Kind::Measure)).expect("there is one");
    let Record::Measure(mut measure) = before.record.clone() else { unreachable!("it is a measure") };
    let name = format!("{} {round}", measure.name);
    Arc::make_mut(&mut measure).name = name;
    let after = Some(Arc::new(Node::new(Record::Measure(measure), 2)));
    let change = Change {
        kind: Kind::Measure,
        key: before.key.clone(),
        before: Some(Arc::clone(before)),
        deleted_at: None,
        after,
    };
    register.with(&[change], 2, 0)
}

/// CPU time of one round of some work, in microseconds.
fn each(rounds: u32, mut work: impl FnMut(u32)) -> f64 {
    let begin = cpu();
    (0..rounds).for_each(&mut work);
    (cpu() - begin).as_secs_f64() * 1e6 / f64::from(rounds)
}

/// CPU time of this thread: other work on the machine does not count.
fn cpu() -> Duration {
    // What Linux tells it when it is asked lags behind by up to a tick, unless the thread has just slept.
    std::thread::sleep(Duration::from_micros(50));
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    Duration::from_nanos(text.split(' ').next().and_then(|number| number.parse().ok()).expect("a number"))
}

fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells it");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}
