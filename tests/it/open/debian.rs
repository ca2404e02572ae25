//! A Debian that has nothing yet becomes a server with TLS behind nginx by the guide's own commands, by the flag: it takes root, `debootstrap`,
//! and a release build. A package that is there already is taken from `BOORDTABEL_PACKAGE`.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What stands for systemd, which runs no services in a folder: it starts, reloads and stops what the unit says, as the user that it says.
const SYSTEMCTL: &str = r#"#!/bin/sh
set -e
while [ "${1#-}" != "$1" ]; do shift; done
verb="$1"; shift
for unit in "$@"; do
    name="${unit%.service}"
    case "$name" in -*) continue ;; esac
    file="/lib/systemd/system/$name.service"
    [ -e "$file" ] || file="/usr/lib/systemd/system/$name.service"
    pid="/run/of-test-$name"
    say() { sed -n "s/^$1=//p" "$file" | head -n 1; }
    case "$name:$verb" in
        boordtabel:start | boordtabel:restart)
            [ ! -e "$pid" ] || { kill "$(cat "$pid")" 2>/dev/null || true; tail --pid="$(cat "$pid")" -f /dev/null; }
            install -d -m 700 -o "$(say User)" -g "$(say Group)" /var/lib/boordtabel
            cd /var/lib/boordtabel
            setpriv --reuid "$(say User)" --regid "$(say Group)" --init-groups --no-new-privs \
                $(say ExecStart) </dev/null >/var/log/of-test 2>&1 &
            echo $! >"$pid"
            for try in $(seq 300); do grep -q '"serving"' /var/log/of-test && break; sleep 0.1; done ;;
        boordtabel:is-enabled) echo enabled ;;
        boordtabel:is-active) [ -e "$pid" ] ;;
        boordtabel:reload) MAINPID="$(cat "$pid")"; eval "$(say ExecReload)"; sleep 1 ;;
        boordtabel:stop) [ ! -e "$pid" ] || { kill "$(cat "$pid")" || true; tail --pid="$(cat "$pid")" -f /dev/null; rm "$pid"; } ;;
        nginx:restart | nginx:start) nginx -s stop 2>/dev/null || true; nginx ;;
        *) ;;
    esac
done
"#;

/// Mounted into the root as long as it is used.
struct Root {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Root {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root");
        let mut command = Command::new("debootstrap");
        ended(command.args(["--variant=minbase", "--include=ca-certificates", "bookworm"]).arg(&path));
        let root = Self { path, _folder: folder };
        for name in ["proc", "dev"] {
            ended(Command::new("mount").args(["--rbind", &format!("/{name}")]).arg(root.path.join(name)));
            ended(Command::new("mount").args(["--make-rslave"]).arg(root.path.join(name)));
        }
        fs::copy("/etc/resolv.conf", root.path.join("etc/resolv.conf")).unwrap();
        root.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
        root.write("usr/local/bin/systemctl", SYSTEMCTL);
        root
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.path.join(path), text).unwrap();
        fs::set_permissions(self.path.join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn run(&self, script: &str) -> Output {
        let mut command = Command::new("chroot");
        command.arg(&self.path).args(["/bin/sh", "-ec", script]).env_clear();
        command.envs([("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/root")]);
        command.envs([("DEBIAN_FRONTEND", "noninteractive"), ("LC_ALL", "C.UTF-8")]);
        // Names of this machine's own way to Debian's packages.
        for (name, value) in std::env::vars().filter(|(name, _)| name.to_lowercase().ends_with("_proxy")) {
            command.env(name, value);
        }
        command.current_dir(&self.path).output().unwrap()
    }

    fn shell(&self, script: &str) -> String {
        let output = self.run(&format!("exec 2>&1\n{script}"));
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{script}\n{told}");
        told
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = self.run("systemctl stop boordtabel; nginx -s stop");
        for name in ["proc", "dev"] {
            let _ = Command::new("umount").args(["--recursive", "--lazy"]).arg(self.path.join(name)).status();
        }
    }
}

fn ended(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command:?}\n{told}");
    told
}

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The package, made now unless there is one.
fn package() -> PathBuf {
    if let Some(path) = std::env::var_os("BOORDTABEL_PACKAGE") {
        return path.into();
    }
    let told = ended(Command::new(source("packaging/deb")).env_remove("BOORDTABEL_NO_WEB"));
    told.lines().rev().find(|line| line.ends_with(".deb")).map(PathBuf::from).expect("it says where it is")
}

/// The guide's commands that begin with that one.
fn commands(first: &str) -> String {
    let text = fs::read_to_string(source("docs/operating.md")).unwrap();
    let mut blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks
        .find(|block| block.starts_with(first))
        .unwrap_or_else(|| panic!("no commands begin with `{first}`"))
        .to_owned()
}

/// The version of now comes over the one before: settings stay, and the package's own scripts start the new program.
fn upgrade(root: &Root) {
    let running = "readlink -f /proc/$(cat /run/of-test-boordtabel)/exe; cat /run/of-test-boordtabel";
    let before = root.shell(running);
    root.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 0\n");
    // apt looks for programs where Debian puts them.
    root.write("usr/bin/systemctl", SYSTEMCTL);
    root.shell("mkdir -p /run/systemd/system; cp /tmp/now.deb /root/boordtabel_now.deb; apt-get install --yes /root/boordtabel_now.deb");
    let after = root.shell(running);
    assert!(after != before && !after.contains("deleted"), "before: {before}after: {after}");
    let version = root.shell("dpkg-query --show --showformat '${Version}' boordtabel");
    assert_ne!(version, "0.0.1");
    let settings =
        root.shell("cat /etc/boordtabel/boordtabel.toml; stat --format '%U:%G %a' /etc/boordtabel/boordtabel.toml");
    assert!(
        settings.contains("host = [\"board.example.org\"]") && settings.contains("root:boordtabel 640"),
        "{settings}"
    );
}

#[test]
fn a_fresh_debian_becomes_a_server_with_tls_by_the_guides_commands() {
    let commands = commands("apt-get install --yes ./boordtabel_");
    let is_root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    let has_debootstrap = Command::new("debootstrap").arg("--version").output().is_ok();
    if std::env::var_os("BOORDTABEL_LONG").is_none() || !is_root || !has_debootstrap {
        println!("passed over: it takes a release build (BOORDTABEL_LONG), root, and debootstrap");
        return;
    }
    let package = package();
    let root = Root::new();
    fs::copy(&package, root.path.join("tmp/now.deb")).unwrap();
    // What is installed first is the version before, as far as Debian knows.
    root.shell(
        "dpkg-deb --raw-extract /tmp/now.deb /tmp/before\n\
         sed -i 's/^Version: .*/Version: 0.0.1/' /tmp/before/DEBIAN/control\n\
         dpkg-deb --build /tmp/before /root/boordtabel_0.0.1_test.deb",
    );
    root.shell("apt-get update");
    // What Debian's packages would start by themselves is started by what stands for systemd.
    let script = commands.replacen("\nopenssl", "\nsystemctl start boordtabel\nopenssl", 1);
    let told = root.shell(&format!("cd /root\n{script}"));
    assert!(told.contains("syntax is ok") && told.contains("the settings are good"), "{told}");
    assert!(told.trim_end().ends_with("ready"), "{told}");

    // By its name over TLS, as its own user; by another name nobody gets in. A token writes.
    let curl = "curl --silent --show-error --cacert /etc/ssl/certs/board.pem --resolve board.example.org:443:127.0.0.1";
    let page = root.shell(&format!("{curl} --include https://board.example.org/"));
    assert!(
        page.contains(" 200") && page.to_lowercase().contains("strict-transport-security") && page.contains("</html>"),
        "{page:.600}"
    );
    let other = root.shell("curl --silent --insecure --header 'Host: evil.example' https://127.0.0.1/livez --write-out '%{http_code}' --output /dev/null");
    assert_eq!(other, "421");
    let user = root
        .shell("stat --format %U /var/lib/boordtabel/register; stat --format %U /proc/$(cat /run/of-test-boordtabel)");
    assert_eq!(user.lines().map(str::trim).collect::<Vec<_>>(), ["boordtabel", "boordtabel"]);
    let as_user = "setpriv --reuid boordtabel --regid boordtabel --init-groups";
    let made =
        format!("{as_user} boordtabel token create --data /var/lib/boordtabel/register --role import --name monthly");
    let token = root.shell(&made).trim().to_owned();
    let row = r#"{"organisation":{"key":"body","name":"Body"}}"#;
    let import = format!(
        "echo '{row}' | {curl} --header 'Content-Type: application/jsonl' --header 'Authorization: Bearer {token}' --data-binary @- 'https://board.example.org/import?reason=first&idempotencyKey=1'"
    );
    assert!(root.shell(&import).contains("\"COMMITTED\""));
    // The guide's way to a backup.
    let backup = format!(
        "{as_user} boordtabel backup --data /var/lib/boordtabel/register /var/lib/boordtabel/backup && {as_user} boordtabel verify --data /var/lib/boordtabel/backup"
    );
    assert!(root.shell(&backup).contains("revision 1"), "it can be put back");
    upgrade(&root);
    let after = root.shell(&format!(
        "{curl} --fail https://board.example.org/readyz && {curl} https://board.example.org/export/organisations.jsonl"
    ));
    assert!(after.starts_with("ready") && after.contains("\"Body\""), "the same register under the same name: {after}");
    // Removed, it leaves the register.
    root.shell("apt-get purge --yes boordtabel; test -d /var/lib/boordtabel/register; test ! -e /usr/bin/boordtabel");
}
