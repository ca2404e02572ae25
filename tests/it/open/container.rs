//! The static binary and the container of it, by the flag: `packaging/static` takes as long as a release build does.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::live::local::wait_until;

/// The largest that it may be, in bytes.
const IMAGE_BYTES_MAX: u64 = 30_000_000;

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// What a container is started with, as its file says.
#[derive(Default)]
struct Image {
    user: String,
    environment: Vec<(String, String)>,
    command: Vec<String>,
}

/// Does what the file says, from the files in `context`, in an empty folder.
fn build(context: &Path, image_root: &Path) -> Image {
    let text = fs::read_to_string(root().join("packaging/Containerfile")).unwrap();
    let mut image = Image::default();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (instruction, rest) = line.split_once(' ').unwrap();
        match instruction {
            "FROM" => assert_eq!(rest, "scratch"),
            "COPY" => {
                let words: Vec<&str> = rest.split(' ').collect();
                let [option, from, to] = words[..] else { panic!("{line}") };
                let to = image_root.join(to.trim_start_matches('/'));
                if context.join(from).is_dir() {
                    assert_eq!(
                        fs::read_dir(context.join(from)).unwrap().count(),
                        0,
                        "{line}: more than an empty folder"
                    );
                    fs::create_dir(&to).unwrap();
                } else {
                    fs::copy(context.join(from), &to).unwrap();
                }
                match option.split_once('=').unwrap() {
                    ("--chmod", mode) => {
                        let mode = u32::from_str_radix(mode, 8).unwrap();
                        fs::set_permissions(&to, fs::Permissions::from_mode(mode)).unwrap();
                    }
                    ("--chown", owner) => {
                        let (user, group) = owner.split_once(':').unwrap();
                        chown(&to, Some(user.parse().unwrap()), Some(group.parse().unwrap())).unwrap();
                    }
                    other => panic!("{other:?}"),
                }
            }
            "USER" => image.user = rest.into(),
            "ENV" => image.environment.extend(rest.split_once('=').map(|(name, value)| (name.into(), value.into()))),
            "ENTRYPOINT" | "CMD" => image.command.extend(serde_json::from_str::<Vec<String>>(rest).unwrap()),
            // What it is for, for those who run it.
            "VOLUME" | "EXPOSE" => {}
            other => panic!("{other} is not known here"),
        }
    }
    image
}

/// A process in that root.
fn inside(image_root: &Path, image: &Image, arguments: &[&str]) -> Command {
    // What is started here has no PATH by which it could be found.
    let chroot = ["/usr/sbin/chroot", "/usr/bin/chroot"].into_iter().find(|path| Path::new(path).exists());
    let mut command = Command::new(chroot.expect("this machine has chroot"));
    command.arg(format!("--userspec={}", image.user)).arg(image_root).args(arguments);
    command.env_clear().envs(image.environment.iter().cloned());
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// The devices that whatever runs containers puts into each.
fn give_devices(image_root: &Path) {
    fs::create_dir(image_root.join("dev")).unwrap();
    for (name, number) in [("null", "3"), ("random", "8"), ("urandom", "9")] {
        let mut command = Command::new("mknod");
        command.args(["--mode", "666"]).arg(image_root.join("dev").join(name)).args(["c", "1", number]);
        assert!(command.status().unwrap().success(), "{command:?}");
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn the_container_has_all_that_it_needs_in_less_than_30_mb() {
    let is_root = fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    if std::env::var_os("BOORDTABEL_LONG").is_none() || !is_root {
        println!("passed over: it takes a release build (BOORDTABEL_LONG), and root, for chroot");
        return;
    }
    let built = Command::new(root().join("packaging/static")).env_remove("BOORDTABEL_NO_WEB").output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let home = tempfile::tempdir().unwrap();
    let image_root = home.path();
    fs::set_permissions(image_root, fs::Permissions::from_mode(0o755)).unwrap();
    let image = build(&root().join("target/static"), image_root);
    give_devices(image_root);
    let size = fs::metadata(image_root.join("boordtabel")).unwrap().len();
    println!("{size} bytes");
    assert!(size < IMAGE_BYTES_MAX, "{size} bytes");

    // As it is started, but for the port.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let command: Vec<String> =
        image.command.iter().map(|word| word.replace("0.0.0.0:8080", &format!("127.0.0.1:{port}"))).collect();
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let mut child = inside(image_root, &image, &command).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let _running = Running(child);
    assert!(line.contains("http://127.0.0.1"), "{line}");
    wait_until("it answers", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let made = ["/boordtabel", "token", "create", "--role", "import", "--data", "/data/register"];
    let made = inside(image_root, &image, &made).output().unwrap();
    assert!(made.status.success());
    let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let input = crate::server::with_common(json!({ "rows": [{ "organisation": { "key": "body", "name": "Body" } }] }));
    let body = json!({ "query": crate::server::IMPORT, "variables": { "input": input } }).to_string();
    let send = |path: &str, body: &str| {
        let request = ureq::post(format!("http://127.0.0.1:{port}{path}")).header("Content-Type", "application/json");
        request
            .header("Authorization", format!("Bearer {token}"))
            .send(body)
            .unwrap()
            .into_body()
            .read_to_string()
            .unwrap()
    };
    let told = send("/graphql", &body);
    assert!(told.contains("\"COMMITTED\""), "{told}");
    let page = |path: &str| {
        let answer = ureq::get(format!("http://127.0.0.1:{port}{path}")).call().unwrap();
        answer.into_body().read_to_string().unwrap()
    };
    assert!(page("/readyz?verbose").contains("ok") && page("/").contains("</html>"));
    // The explorer is in it.
    assert!(page("/graphiql").contains("</html>"));
    let verified = inside(image_root, &image, &["/boordtabel", "verify", "--data", "/data/register"]).output().unwrap();
    assert!(String::from_utf8_lossy(&verified.stdout).contains("revision 1"), "{verified:?}");
}

#[test]
fn a_container_is_started_by_a_user_that_its_folder_belongs_to() {
    let home = tempfile::tempdir().unwrap();
    let context = home.path().join("context");
    fs::create_dir_all(context.join("data")).unwrap();
    for name in ["boordtabel", "licences.txt"] {
        fs::write(context.join(name), "").unwrap();
    }
    if !fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0) {
        println!("passed over: only root gives a folder to somebody else");
        return;
    }
    let image_root = home.path().join("root");
    fs::create_dir(&image_root).unwrap();
    let image = build(&context, &image_root);
    let owner = fs::metadata(image_root.join("data")).unwrap();
    use std::os::unix::fs::MetadataExt as _;
    assert_eq!(image.user, format!("{}:{}", owner.uid(), owner.gid()));
    assert_eq!(image.command[..4], ["/boordtabel", "serve", "--data", "/data/register"]);
    assert_eq!(image.environment, [("TMPDIR".to_owned(), "/data".to_owned())]);
}
