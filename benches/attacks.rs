//! What requests cost the server that are made to hurt: `cargo bench --bench attacks`.
//!
//! Each attack is sent several times; told are the status, the processor time of one, and by how much the server's memory grew at
//! its highest. Meanwhile somebody else asks for a measure, and the longest wait for it is told. It fails when one takes more than
//! 30 ms or 32 MB, or is not refused.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/attacks/mod.rs"]
mod attacks;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const TIMES: u32 = 5;
const CPU_MS_MAX: f64 = 30.0;
const MEMORY_KIB_MAX: u64 = 32_000_000 / 1024;
const OTHER: &[u8] = br#"{"query":"{ measure(key: \"invoeg\") { name } }"}"#;

fn main() -> ExitCode {
    let server = Server::start();
    for _ in 0..100 {
        server.send(&[&head("Content-Length", OTHER.len()), OTHER]);
    }
    println!("{:<36}{:>8}{:>10}{:>12}", "", "status", "CPU ms", "memory KiB");
    let done = AtomicBool::new(false);
    let mut failed = Vec::new();
    let waits = std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut waits = Vec::new();
            while !done.load(Ordering::Relaxed) {
                let begun = Instant::now();
                assert_eq!(server.send(&[&head("Content-Length", OTHER.len()), OTHER]), 200);
                waits.push(begun.elapsed());
                std::thread::sleep(Duration::from_millis(20));
            }
            waits.sort();
            waits
        });
        let mut measure = |name: &str, times: u32, send: &dyn Fn() -> u16| {
            // What takes long outlives threads, and the time of those that ended is counted in the whole only, by 10 ms.
            let cpu_ms = if times > 1 { Server::cpu_ms } else { Server::cpu_ms_in_tens };
            let before = (cpu_ms(&server), server.memory_kib("VmRSS"));
            server.forget_peak();
            let status = (0..times).map(|_| send()).max().unwrap_or_default();
            let cpu = (cpu_ms(&server) - before.0) / f64::from(times);
            let memory = server.memory_kib("VmHWM").saturating_sub(before.1);
            println!("{name:<36}{status:>8}{cpu:>10.1}{memory:>12}");
            let refused = (400..500).contains(&status);
            let dear = status == 200 && attacks::dear().iter().any(|(known, _)| *known == name);
            if !dear && (!refused || cpu > CPU_MS_MAX || memory > MEMORY_KIB_MAX) {
                failed.push(name.to_owned());
            }
        };
        for attack in attacks::all() {
            let head = head("Content-Length", attack.body.len());
            measure(attack.name, TIMES, &|| server.send(&[&head, &attack.body]));
        }
        measure("body of 300 MB, announced", TIMES, &|| {
            server.send_much(&head("Content-Length", 300 << 20), &[b' '; 0x10000])
        });
        let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
        let chunked = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: application/graphql-response+json\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        measure("body of 300 MB, in chunks", TIMES, &|| server.send_much(chunked.as_bytes(), &chunk));
        // These may be answered: who sends one pays for it by waiting.
        for (name, body) in attacks::dear() {
            let head = head("Content-Length", body.len());
            measure(name, 1, &|| server.send(&[&head, &body]));
        }
        done.store(true, Ordering::Relaxed);
        let waits = other.join().unwrap();
        // It takes as long as a body may: somebody else's requests would count for more than it does.
        measure("body of 1 byte a second", 1, &|| server.drip());
        waits
    });
    println!(
        "\nsomebody else meanwhile: {} answers, half within {:.1} ms, the slowest after {:.1} ms",
        waits.len(),
        ms(waits[waits.len() / 2]),
        ms(waits[waits.len() - 1])
    );
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("over {CPU_MS_MAX} ms or {MEMORY_KIB_MAX} KiB, or not refused: {failed:?}");
    ExitCode::FAILURE
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn head(length: &str, bytes: usize) -> Vec<u8> {
    format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/graphql-response+json\r\n\
         Content-Type: application/json\r\n{length}: {bytes}\r\n\r\n"
    )
    .into_bytes()
}

/// The server with the demonstration data; killed when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_boordtabel"));
        command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--log", "warn"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let rest = line.split("http://").nth(1).expect("it says where it listens");
        let address = rest.split('/').next().unwrap().to_owned();
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// The status of the answer to what is sent.
    fn send(&self, pieces: &[&[u8]]) -> u16 {
        let mut stream = self.connect();
        pieces.iter().for_each(|piece| drop(stream.write_all(piece)));
        status(stream)
    }

    /// Sends 300 MB of the same, as far as they are taken.
    fn send_much(&self, head: &[u8], piece: &[u8]) -> u16 {
        let mut stream = self.connect();
        stream.write_all(head).unwrap();
        // The answer is read beside: what the server does not take any more may break the connection.
        let reader = stream.try_clone().unwrap();
        let answer = std::thread::spawn(move || status(reader));
        let _ = (0..4_800).try_for_each(|_| stream.write_all(piece));
        answer.join().unwrap()
    }

    /// Sends a byte each second.
    fn drip(&self) -> u16 {
        let mut stream = self.connect();
        stream.write_all(&head("Content-Length", 1_000)).unwrap();
        let reader = stream.try_clone().unwrap();
        let answer = std::thread::spawn(move || status(reader));
        while !answer.is_finished() && stream.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_secs(1));
        }
        answer.join().unwrap()
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }

    /// Processor time of all threads that are there.
    fn cpu_ms(&self) -> f64 {
        let tasks = fs::read_dir(self.proc("task")).unwrap().map(|task| task.unwrap().path().join("schedstat"));
        let times = tasks.filter_map(|path| fs::read_to_string(path).ok()?.split(' ').next()?.parse::<f64>().ok());
        times.sum::<f64>() / 1e6
    }

    /// Processor time of all threads that there were.
    fn cpu_ms_in_tens(&self) -> f64 {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        10.0 * (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap())
    }

    fn memory_kib(&self, which: &str) -> u64 {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find(|line| line.starts_with(which)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    fn forget_peak(&self) {
        fs::write(self.proc("clear_refs"), "5").unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The status of an answer; 0 when there is none.
fn status(mut stream: TcpStream) -> u16 {
    let mut start = [0; 12];
    match stream.read_exact(&mut start) {
        Ok(()) => String::from_utf8_lossy(&start[9..]).parse().unwrap_or_default(),
        Err(_) => 0,
    }
}
