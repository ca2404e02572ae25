//! What exports of a large register cost: `cargo bench --bench export [OBSERVATIONS]`.
//!
//! The release binary serves that many observations (default one million). Each form is fetched once; shown are its size, the
//! server's processor time, and how much more memory the server had at its highest than before.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Edit, Ledger, Status, Submission};
use boordtabel::import::{options::Options, read::read};
use boordtabel::model::Record;

/// Observations of one indicator: months.
const MONTHS: usize = 400;
/// Records of one commit.
const COMMIT: usize = 50_000;

fn main() {
    let count: usize = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), count);
    let server = Server::start(folder.path());
    println!("{count} observations; the server at rest: {:.0} MiB", mib(server.status("VmRSS:")));
    println!(
        "{:<34}{:>10}{:>10}{:>12}{:>14}{:>16}",
        "", "MiB", "CPU s", "records/s", "at most, MiB", "more than before"
    );
    for path in [
        "observations.csv",
        "observations.csv?sources=1",
        "observations.csv?dialect=excel-be",
        "observations.jsonl",
        "observations.xlsx?sources=1",
        "datapackage.zip?kinds=observations",
    ] {
        // From here on the highest is counted anew.
        fs::write(format!("/proc/{}/clear_refs", server.child.id()), "5").unwrap();
        let (before, ticks) = (server.status("VmRSS:"), server.ticks());
        let bytes = server.fetch(path);
        let seconds = (server.ticks() - ticks) as f64 / 100.0;
        let most = server.status("VmHWM:");
        println!(
            "{path:<34}{:>10.1}{seconds:>10.2}{:>12.0}{:>14.0}{:>16.0}",
            bytes as f64 / f64::from(1 << 20),
            count as f64 / seconds.max(0.01),
            mib(most),
            mib(most.saturating_sub(before))
        );
    }
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// Puts a plan with that many observations into a folder.
fn fill(folder: &Path, count: usize) {
    let ledger = Ledger::open(folder).unwrap();
    let indicators = count.div_ceil(MONTHS);
    let base = [
        "{\"organisation\": {\"key\": \"o\", \"name\": \"O\"}}",
        "{\"document\": {\"key\": \"d\", \"title\": \"D\", \"organisationKey\": \"o\"}}",
        "{\"plan\": {\"key\": \"p\", \"organisationKey\": \"o\", \"year\": 2021, \"title\": \"P\"}}",
        "{\"measure\": {\"key\": \"m\", \"planKey\": \"p\", \"name\": \"M\"}}",
    ]
    .map(str::to_owned)
    .into_iter();
    let indicator = |number: usize| {
        format!(
            "{{\"indicator\": {{\"key\": \"m/i-{number}\", \"measureKey\": \"m\", \"position\": {number}, \"label\": \"I\", \"kind\": \"VOLUME\", \"unit\": \"COUNT\"}}}}"
        )
    };
    let observation = |number: usize| {
        let (indicator, month) = (number / MONTHS, number % MONTHS);
        let period = format!("{}-{:02}", 1990 + month / 12, month % 12 + 1);
        format!(
            "{{\"observation\": {{\"indicatorKey\": \"m/i-{indicator}\", \"period\": \"{period}\", \"figure\": {{\"value\": \"{number}.25\", \"status\": \"REPORTED\", \
            \"unit\": \"COUNT\", \"printed\": {{\"documentKey\": \"d\", \"section\": \"9.1\", \"table\": \"T\", \"row\": \"I\", \"column\": \"{period}\", \"text\": \"{number},25\"}}}}}}}}"
        )
    };
    let mut lines = base.chain((0..indicators).map(indicator)).chain((0..count).map(observation)).peekable();
    while lines.peek().is_some() {
        let text: String = lines.by_ref().take(COMMIT).map(|line| line + "\n").collect();
        let mut edits: Vec<Edit> = Vec::new();
        read("rows.jsonl", text.as_bytes(), &Options::default(), &mut |row| {
            let record: Record = row.unwrap().record().unwrap();
            edits.push(Edit::put(record));
        });
        let submission = Submission::new(Identity::local("bench"), Role::Import, "bench", edits);
        let report = ledger.submit(submission, 0).unwrap();
        assert_eq!(report.status, Status::Committed, "{:?}", report.problems);
    }
    ledger.close().unwrap();
}

/// A server in a process of its own; killed when dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_boordtabel"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--workers", "1", "--log", "error", "--data"]).arg(data);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.into_iter().find(|line| line.contains("http://")).expect("it says where it listens");
        let address = line.split("http://").nth(1).unwrap().split(['/', ' ']).next().unwrap().to_owned();
        Self { child, url: format!("http://{address}") }
    }

    /// How many bytes an export has.
    fn fetch(&self, path: &str) -> u64 {
        let mut answer = ureq::get(format!("{}/export/{path}", self.url)).call().unwrap();
        let mut body = answer.body_mut().with_config().limit(u64::MAX).reader();
        let (mut bytes, mut buffer) = (0, vec![0; 1 << 16]);
        loop {
            match body.read(&mut buffer).unwrap() {
                0 => return bytes,
                length => bytes += length as u64,
            }
        }
    }

    /// A line of what the system tells of the process, in KiB.
    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Processor time used so far, in ticks of 10 ms.
    fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
