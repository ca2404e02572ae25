//! An import that is interrupted: cut off, asked again, stopped with Ctrl+C. It is done once, and whoever waits is told what is known.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc;

use super::client::Desk;
use crate::server::boordtabel;

/// Passes connections on to a server: of the first so many it keeps the answer back.
struct Cut {
    url: String,
    /// Says when the whole request of a connection that is cut was passed on and answered.
    cut: mpsc::Receiver<()>,
}

/// What becomes of a connection that is cut.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Closed,
    Silent,
}

/// A request or an answer, by its length.
fn whole(from: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 8192]);
    loop {
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= head + 4 + length {
                return bytes;
            }
        }
        match from.read(&mut piece) {
            Ok(0) | Err(_) => return bytes,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
}

impl Cut {
    fn before(server: &str, count: usize, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = server.strip_prefix("http://").unwrap().to_owned();
        let (done, cut) = mpsc::channel();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let mut to = TcpStream::connect(&server).unwrap();
                to.write_all(&whole(&mut stream)).unwrap();
                let answer = whole(&mut to);
                if number >= count {
                    let _ = stream.write_all(&answer);
                    let _ = stream.shutdown(Shutdown::Both);
                    continue;
                }
                if then == Then::Silent {
                    held.push(stream);
                }
                let _ = done.send(());
            }
        });
        Self { url, cut }
    }
}

const TABLE: &str = "indicatorKey,period,figure.value,figure.status,figure.unit\ni-1,2017,1,REPORTED,COUNT\ni-1,2018,2,REPORTED,COUNT\n";

fn import(desk: &Desk, url: &str, more: &[&str]) -> std::process::Command {
    let mut command = boordtabel();
    command.args(["import", "observations.csv", "--url", url, "--token", &desk.small.token]).args(more);
    command.current_dir(desk.folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_cut_is_followed_by_the_same_again_and_it_is_done_once() {
    let desk = Desk::new();
    desk.write("observations.csv", TABLE);
    let before = desk.count();
    let cut = Cut::before(&desk.small.server.url, 2, Then::Closed);
    let ran = import(&desk, &cut.url, &[]).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}{err}");
    assert_eq!(err.matches("asking again in").count(), 2, "{err}");
    assert!(out.contains("COMMITTED (before: same key): 2 rows received, 2 created"), "{out}");
    assert_eq!((desk.count(), desk.small.server.revision()), (before + 2, 2));
}

#[cfg(unix)]
#[test]
fn ctrl_c_tells_what_is_known_and_how_to_ask_again() {
    let desk = Desk::new();
    desk.write("observations.csv", TABLE);
    let before = desk.count();
    let cut = Cut::before(&desk.small.server.url, 1, Then::Silent);
    let running = import(&desk, &cut.url, &[]).spawn().unwrap();
    cut.cut.recv().unwrap();
    let told = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap();
    assert!(told.success());
    let ran = running.wait_with_output().unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(130), "{err}");
    let key = err.split("--key ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let key = key.unwrap_or_else(|| panic!("no key in {err}"));
    assert!(err.contains("whether it was done is not known"), "{err}");
    // The same command with that key tells that it was.
    let again = import(&desk, &desk.small.server.url, &["--key", key]).output().unwrap();
    let out = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && out.contains("COMMITTED (before: same key): 2 rows"), "{out}");
    assert_eq!(desk.count(), before + 2);
}
