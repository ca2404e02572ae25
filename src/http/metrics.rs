//! What a server tells of itself in numbers, as Prometheus reads them, on a listener of its own. No series names a user, an address or
//! a document: their number is the same whoever asks.
//!
//! It is told by a thread of its own, so that it answers also when a thread that answers requests is stuck.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds of the times that requests take, in seconds.
const SECONDS: [f64; 7] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0];
/// What is asked, of a few words.
const KINDS: [&str; 6] = ["graphql", "page", "export", "import", "file", "health"];
/// Why a request is refused, by status.
const REASONS: [(u16, &str); 7] = [
    (401, "unauthenticated"),
    (403, "forbidden"),
    (408, "slow"),
    (413, "large"),
    (421, "misdirected"),
    (429, "share"),
    (503, "unavailable"),
];
/// What a node tells of the log that it shares with others; -1 where it is none.
const CLUSTER: [(&str, &str); 4] = [
    ("cluster_lag_entries", "Entries of the cluster's log that this node lacks; -1 when it is no node"),
    ("cluster_unheard_seconds", "Seconds since the cluster's log was heard; -1 when it is no node"),
    ("cluster_log_bytes", "Bytes that etcd takes; -1 when it is no node"),
    ("cluster_quota_bytes", "Bytes that etcd may take; -1 when it is no node"),
];
/// How long whoever reads the numbers may take.
const PATIENCE: Duration = Duration::from_secs(2);
const REQUEST_BYTES_MAX: usize = 8 * 1024;

type Float = Gauge<f64, AtomicU64>;
type Whole = Gauge<i64, AtomicI64>;
type Labels = [(&'static str, &'static str); 2];
type Label = [(&'static str, &'static str); 1];

/// The numbers.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Histogram,
    refused: Family<Label, Counter>,
    cost: Counter,
    gauges: Gauges,
}

/// What is looked up when somebody asks.
#[derive(Default)]
struct Gauges {
    revision: Whole,
    records: Whole,
    well: Family<Label, Whole>,
    disk_free: Whole,
    journal: Whole,
    live: Whole,
    in_flight: Whole,
    lag: Float,
    audit_failed: Whole,
    link: [Whole; 4],
    panics: Whole,
    memory: Whole,
    files: Whole,
}

/// What is found when somebody asks.
#[derive(Debug, Default)]
pub struct Now {
    /// The revision of the register.
    pub revision: u64,
    /// How many records it has.
    pub records: usize,
    /// What is watched, and whether it is well.
    pub checks: Vec<(&'static str, bool)>,
    /// Bytes that may still be written.
    pub disk_free: Option<u64>,
    /// Bytes of the journal.
    pub journal: u64,
    /// Sockets and event streams that are open.
    pub live: usize,
    /// Bytes of answers that are made or wait for their clients.
    pub in_flight: usize,
    /// For how long the slowest thread that answers has not moved.
    pub lag: Duration,
    /// Notes that the audit log did not take.
    pub audit_failed: u64,
    /// Of a node among several: entries that it lacks, seconds since it heard of the log, bytes that this takes, and may take.
    pub link: Option<[u64; 4]>,
}

/// How often something of ours has panicked.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// From now on panics are counted, besides what is done with them otherwise.
pub fn count_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // Work that is given up unwinds too, without a message; that is no panic, and does not come here.
            PANICS.fetch_add(1, Ordering::Relaxed);
            before(info);
        }));
    });
}

impl Metrics {
    /// Nothing has happened yet.
    pub fn new(version: &'static str) -> Self {
        let mut registry = Registry::with_prefix("boordtabel");
        let (requests, refused) = (Family::<Labels, Counter>::default(), Family::<Label, Counter>::default());
        // What has not happened yet is told as zero, so that an alarm sees the first time.
        for kind in KINDS {
            for status in ["2xx", "5xx"] {
                drop(requests.get_or_create(&[("kind", kind), ("status", status)]));
            }
        }
        for (_, reason) in REASONS {
            drop(refused.get_or_create(&[("reason", reason)]));
        }
        let (seconds, cost, gauges) = (Histogram::new(SECONDS), Counter::default(), Gauges::default());
        let build = Family::<Label, Whole>::default();
        build.get_or_create(&[("version", version)]).set(1);
        registry.register("build_info", "The version that runs; always 1", build);
        registry.register("http_requests", "Answers, by what was asked and class of status", requests.clone());
        registry.register("http_request_duration_seconds", "How long answers took until they began", seconds.clone());
        registry.register("refused", "Requests that were refused, by reason", refused.clone());
        registry.register("cost", "Cost of all requests, as extensions.cost counts it", cost.clone());
        let own = &gauges;
        registry.register("revision", "Revision of the register", own.revision.clone());
        registry.register("records", "Records of the register", own.records.clone());
        registry.register("well", "Whether what /readyz watches is well: 1 or 0", own.well.clone());
        registry.register(
            "disk_free_bytes",
            "Bytes that may still be written; -1 when the system does not tell",
            own.disk_free.clone(),
        );
        registry.register("journal_bytes", "Bytes of the journal", own.journal.clone());
        registry.register("live_connections", "Sockets and event streams that are open", own.live.clone());
        registry.register(
            "answers_in_flight_bytes",
            "Bytes of answers that wait for their clients",
            own.in_flight.clone(),
        );
        registry.register(
            "loop_lag_seconds",
            "For how long the slowest thread that answers has not moved",
            own.lag.clone(),
        );
        registry.register(
            "audit_failed",
            "Notes that the audit log did not take since the start",
            own.audit_failed.clone(),
        );
        for ((name, help), gauge) in CLUSTER.into_iter().zip(&own.link) {
            registry.register(name, help, gauge.clone());
        }
        registry.register("panics", "Faults of the program since the start", own.panics.clone());
        registry.register("resident_memory_bytes", "Memory of the process", own.memory.clone());
        registry.register("open_files", "Files and connections that the process has open", own.files.clone());
        Self { registry, requests, seconds, refused, cost, gauges }
    }

    /// Counts an answer. `within` says why it refuses what was asked, where its status does not.
    pub fn answered(&self, path: &str, status: u16, within: Option<u16>, took: Duration, cost: usize) {
        self.requests.get_or_create(&[("kind", kind(path)), ("status", class(status))]).inc();
        self.seconds.observe(took.as_secs_f64());
        self.cost.inc_by(cost as u64);
        self.refused(if reason(status).is_some() { status } else { within.unwrap_or(status) });
    }

    /// Counts a refusal for the reason that a status says, if it says one.
    pub fn refused(&self, status: u16) {
        if let Some(reason) = reason(status) {
            self.refused.get_or_create(&[("reason", reason)]).inc();
        }
    }

    /// All numbers, as Prometheus reads them.
    pub fn told(&self, now: &Now) -> String {
        let Gauges {
            revision,
            records,
            well,
            disk_free,
            journal,
            live,
            in_flight,
            lag,
            audit_failed,
            link,
            panics,
            memory,
            files,
        } = &self.gauges;
        revision.set(whole(now.revision));
        records.set(whole(now.records as u64));
        for (name, is_well) in &now.checks {
            well.get_or_create(&[("check", *name)]).set(i64::from(*is_well));
        }
        disk_free.set(now.disk_free.map_or(-1, whole));
        journal.set(whole(now.journal));
        live.set(whole(now.live as u64));
        in_flight.set(whole(now.in_flight as u64));
        lag.set(now.lag.as_secs_f64());
        audit_failed.set(whole(now.audit_failed));
        for (at, gauge) in link.iter().enumerate() {
            gauge.set(now.link.map_or(-1, |link| whole(link[at])));
        }
        panics.set(whole(PANICS.load(Ordering::Relaxed)));
        memory.set(memory_bytes().unwrap_or_default());
        files.set(open_files().unwrap_or_default());
        let mut text = String::new();
        if let Err(cause) = encode(&mut text, &self.registry) {
            tracing::error!(%cause, "the metrics cannot be written");
        }
        text
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is asked: one of [`KINDS`].
fn kind(path: &str) -> &'static str {
    match path.split('/').nth(1).unwrap_or_default() {
        "graphql" => "graphql",
        "import" => "import",
        "export" => "export",
        "livez" | "readyz" | "health" => "health",
        "graphiql" | "docs" | "schema.graphql" | "schema.json" | "start.css" | "icon.svg" => "file",
        _ => "page",
    }
}

fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

fn reason(status: u16) -> Option<&'static str> {
    REASONS.iter().find(|(of, _)| *of == status).map(|(_, reason)| *reason)
}

fn memory_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse::<i64>().ok().map(|kib| kib * 1024)
}

fn open_files() -> Option<i64> {
    std::fs::read_dir("/proc/self/fd").ok().map(|all| whole(all.count() as u64))
}

/// Tells the numbers to whoever asks there, until the program ends.
///
/// # Errors
/// When there is no thread for it.
pub fn listen(listener: TcpListener, tell: impl Fn() -> String + Send + 'static) -> io::Result<()> {
    let serve = move || {
        for stream in listener.incoming().flatten() {
            if let Err(cause) = answer(stream, &tell) {
                tracing::debug!(%cause, "nobody waited for the metrics");
            }
        }
    };
    std::thread::Builder::new().name("metrics".into()).spawn(serve).map(|_| ())
}

fn answer(mut stream: TcpStream, tell: &impl Fn() -> String) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") && head.len() < REQUEST_BYTES_MAX {
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
        stream.set_read_timeout(Some(left.ok_or(io::ErrorKind::TimedOut)?))?;
        match stream.read(&mut piece)? {
            0 => break,
            read => head.extend_from_slice(&piece[..read]),
        }
    }
    let (status, body) = match head.split(|byte| *byte == b' ').take(2).collect::<Vec<_>>().as_slice() {
        [b"GET", b"/metrics"] => ("200 OK", tell()),
        [b"GET", _] => ("404 Not Found", "the metrics are at /metrics\n".into()),
        _ => ("405 Method Not Allowed", "send GET /metrics\n".into()),
    };
    let kind = if status.starts_with("200") {
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    } else {
        "text/plain"
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\nCache-Control: no-store\r\n\r\n{body}",
        body.len()
    )
}
