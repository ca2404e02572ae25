//! Fifty hostile clients beside an honest one, for the test and for the bench.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

/// How many are hostile.
pub const HOSTILE: u8 = 50;
/// Between two requests of the honest one: fewer than its share.
const REST: Duration = Duration::from_millis(15);
const PATIENCE: Duration = Duration::from_secs(30);

/// Where clients connect to, each from an address of its own of this machine.
#[derive(Clone, Copy)]
pub struct Door {
    /// The server, or the proxy before it.
    pub address: SocketAddr,
    /// Whether nobody stands between, so that clients say who they are, as a proxy would.
    pub is_direct: bool,
}

/// A client's connection, which is made again when it is cut.
pub struct Client {
    door: Door,
    from: Ipv4Addr,
    stream: Option<TcpStream>,
}

impl Client {
    /// The client of that number.
    pub fn new(door: Door, number: u8) -> Self {
        Self { door, from: Ipv4Addr::new(127, 0, 7, number), stream: None }
    }

    fn connect(&self) -> TcpStream {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        // Where nobody stands between, the server believes what they say because they come from where a proxy would.
        if !self.door.is_direct {
            socket.bind(&SocketAddr::from((self.from, 0)).into()).unwrap();
        }
        socket.connect(&self.door.address.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// The status of the answer; none when the connection was cut.
    pub fn send(&mut self, line: &str, headers: &str, body: &str) -> Option<u16> {
        let mut stream = self.stream.take().unwrap_or_else(|| self.connect());
        let forwarded = if self.door.is_direct { format!("X-Forwarded-For: {}\r\n", self.from) } else { String::new() };
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let request = format!("{line} HTTP/1.1\r\nHost: localhost\r\n{forwarded}{headers}{length}\r\n{body}");
        stream.write_all(request.as_bytes()).ok()?;
        let status = read(&mut stream)?;
        self.stream = Some(stream);
        Some(status)
    }

    /// A document, with further headers.
    pub fn ask(&mut self, query: &str, headers: &str) -> Option<u16> {
        let headers = format!("Content-Type: application/json\r\n{headers}");
        self.send("POST /graphql", &headers, &json!({ "query": query }).to_string())
    }
}

/// Reads an answer to its end.
fn read(stream: &mut TcpStream) -> Option<u16> {
    let (mut answer, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
    let head = loop {
        if let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => answer.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    };
    let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let status = text.split(' ').nth(1)?.parse().ok()?;
    let length = text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
    let mut have = answer.len() - head;
    let mut tail = answer[head..].to_vec();
    loop {
        let is_whole = length.map_or_else(|| tail.ends_with(b"0\r\n\r\n"), |length| have >= length);
        if is_whole {
            return Some(status);
        }
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => {
                have += read;
                tail.extend_from_slice(&piece[..read]);
                tail.drain(..tail.len().saturating_sub(5));
            }
            _ => return None,
        }
    }
}

/// What came of the hostile ones.
#[derive(Debug, Default)]
pub struct Hurt {
    /// Answers that they got, refusals too.
    pub answers: AtomicUsize,
    /// How many of these said that it is too much.
    pub refused: AtomicUsize,
}

/// Has a hostile one give way to all that is measured: he brings a processor of his own, and here there is one machine. Where others work on
/// it beside, he may get nothing done at all.
pub fn give_way() {
    // On Linux this is of the thread that asks.
    #[cfg(target_os = "linux")]
    {
        rustix::process::setpriority_process(None, 19).unwrap();
        // Of the idle class, where the system has the program for it: others need not wait until its turn is over.
        let thread = std::fs::read_link("/proc/thread-self").unwrap();
        let chrt =
            std::process::Command::new("chrt").args(["--idle", "--pid", "0"]).arg(thread.file_name().unwrap()).status();
        drop(chrt);
    }
}

/// One of the hostile ones: what it does, over and over.
fn hurt(door: Door, number: u8, until: &AtomicBool, hurt: &Hurt) {
    let dear = super::dear();
    let mut client = Client::new(door, number);
    let mut round = usize::from(number);
    while !until.load(Ordering::Relaxed) {
        round += 7;
        let status = match number % 5 {
            0 => {
                let body = String::from_utf8(dear[round % dear.len()].1.clone()).unwrap();
                client.send("POST /graphql", "Content-Type: application/json\r\n", &body)
            }
            1 => client.ask(&format!("{{ a{round}: measures(first: 200) {{ nodes {{ key name }} }} }}"), ""),
            2 => client.ask("{__typename}", &format!("Authorization: Bearer bt_{round}\r\n")),
            3 => client.ask(&format!("{{ a{round}: __typename }}"), ""),
            _ => client.send(&format!("GET /export/plan.jsonl?x={round}"), "", ""),
        };
        hurt.answers.fetch_add(usize::from(status.is_some()), Ordering::Relaxed);
        hurt.refused.fetch_add(usize::from(status == Some(429)), Ordering::Relaxed);
    }
}

/// How long an honest client waits for its answers, sorted.
pub fn honest(door: Door, count: usize) -> Vec<Duration> {
    let mut client = Client::new(door, 200);
    let mut waited: Vec<Duration> = (0..count)
        .map(|number| {
            let query = format!("{{ a{}: measures(first: 50) {{ nodes {{ key name }} }} }}", number % 25);
            let began = Instant::now();
            // A proxy ends a connection after so many requests.
            let status = client.ask(&query, "").or_else(|| client.ask(&query, ""));
            assert_eq!(status, Some(200), "an honest client is refused");
            let took = began.elapsed();
            std::thread::sleep(REST);
            took
        })
        .collect();
    waited.sort_unstable();
    waited
}

/// How long the honest one waits beside all of them, sorted, and what came of these. Each of them begins by that.
pub fn beside(door: Door, count: usize, begin: fn()) -> (Vec<Duration>, Hurt) {
    let (until, came) = (AtomicBool::new(false), Hurt::default());
    let waited = std::thread::scope(|scope| {
        for number in 1..=HOSTILE {
            let (until, came) = (&until, &came);
            scope.spawn(move || {
                begin();
                hurt(door, number, until, came);
            });
        }
        let waited = std::panic::catch_unwind(|| honest(door, count));
        until.store(true, Ordering::Relaxed);
        waited.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    (waited, came)
}

/// The one below which so many of a hundred are.
pub fn at(all: &[Duration], percent: usize) -> Duration {
    all[all.len() * percent / 100]
}
