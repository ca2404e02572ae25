//! How long an honest client waits beside fifty hostile ones, behind nginx where it is installed: `cargo bench --bench hostile`, and with
//! `-- PROGRAM` for another build. It fails when 99 of a hundred answers take more than three times as long as without them.
#![allow(missing_docs, clippy::unwrap_used)]

#[allow(dead_code)] // Of the attacks it takes what may be answered.
#[path = "../tests/attacks/mod.rs"]
mod attacks;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use attacks::crowd::{self, Door};

/// Requests of the honest client, each time.
const COUNT: usize = 2_000;
const RATIO_MAX: f64 = 3.0;

/// A process that ends when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

fn serve(program: &str) -> (Running, SocketAddr) {
    let mut command = Command::new(program);
    command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--log", "error", "--trusted-proxy", "127.0.0.1"]);
    command.args(["--limit", "share_requests=6000"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("it says where it is");
    (Running(child), address.parse().unwrap())
}

/// nginx before the server, as `packaging/nginx.conf` has it but for encryption, which would be nginx's own work.
fn nginx(server: SocketAddr, folder: &Path) -> Option<(Running, SocketAddr)> {
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|path| Path::new(path).exists())?;
    let packaged = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/nginx.conf")).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let site: String = packaged
        .replace("listen 443 ssl", &format!("listen 127.0.0.1:{port}"))
        .replace("server 127.0.0.1:8080", &format!("server {server}"))
        .lines()
        .filter(|line| !line.trim().starts_with("ssl_"))
        .map(|line| format!("{line}\n"))
        .collect();
    let temporary = ["client_body", "proxy", "fastcgi", "scgi", "uwsgi"]
        .map(|name| format!("{name}_temp_path {};\n", folder.join(name).display()))
        .concat();
    let pid = folder.join("pid").display().to_string();
    let text = format!(
        "daemon off;\n# As in Debian.\nworker_processes auto;\npid {pid};\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n"
    );
    fs::write(folder.join("nginx.conf"), text).unwrap();
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).args(["-e", "stderr"]);
    let running = Running(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    while TcpStream::connect(address).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    Some((running, address))
}

fn main() -> ExitCode {
    let program = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_boordtabel").into());
    let folder = tempfile::tempdir().unwrap();
    let (_server, server) = serve(&program);
    let nginx = nginx(server, folder.path());
    println!("{}", if nginx.is_some() { "behind nginx" } else { "nginx is not on this machine: without it" });
    let door = nginx
        .as_ref()
        .map_or(Door { address: server, is_direct: true }, |(_, address)| Door { address: *address, is_direct: false });
    crowd::honest(door, 100);
    let quiet = crowd::honest(door, COUNT);
    let began = Instant::now();
    let (beside, came) = crowd::beside(door, COUNT, crowd::give_way);
    let per_second = came.answers.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
    for (name, all) in [("quiet", &quiet), ("beside", &beside)] {
        let at = |percent| crowd::at(all, percent);
        println!(
            "{name}: half within {:?}, 90 % {:?}, 99 % {:?}, all {:?}",
            at(50),
            at(90),
            at(99),
            all[all.len() - 1]
        );
    }
    let ratio = crowd::at(&beside, 99).as_secs_f64() / crowd::at(&quiet, 99).as_secs_f64();
    let refused = came.refused.load(Ordering::Relaxed);
    println!(
        "{ratio:.2} times as long, of 99 %; the hostile ones got {per_second:.0} answers a second, {refused} refusals in all"
    );
    if ratio <= RATIO_MAX { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
