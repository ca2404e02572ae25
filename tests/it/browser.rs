//! The explorer and the pages in real browsers: `web/test/explorer.mjs`, `pages.mjs`, `firefox.mjs` and `editing.mjs` say what is tried.

use std::path::Path;
use std::process::Command;

use crate::http::prefix::Proxy;
use crate::pages::rounds;
use crate::support::{Server, arg, run, shared};

const WEB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/web");

/// What the script needs and how to get it. Without it the test fails: a browser that was not tried proves nothing.
fn assert_ready(variable: &str, usual: &str) {
    let starts = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success());
    assert!(starts("node"), "`node` does not start: install Node.js 20.19 or later");
    let packages = Path::new(WEB).join("node_modules/playwright-core");
    assert!(packages.exists(), "the packages of web/ are not installed: run `tests/install`");
    let browser = std::env::var(variable).unwrap_or_else(|_| format!("/usr/bin/{usual}"));
    assert!(
        starts(&browser),
        "`{browser}` does not start: install it (Debian: apt-get install {usual}), or name one in {variable}"
    );
}

fn works(arguments: &[&str]) {
    works_with(arguments, &[]);
}

/// The same with settings for the script.
pub fn works_with(arguments: &[&str], settings: &[(&str, &str)]) {
    assert_ready("CHROMIUM", "chromium");
    let mut script = Command::new("node");
    script.args(arguments).envs(settings.iter().copied()).current_dir(WEB);
    let output = script.output().unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    println!("{told}");
    assert!(output.status.success() && told.contains(" passed, 0 failed"), "{told}");
}

fn the_explorer_works_at(url: &str) {
    works(&["test/explorer.mjs", url]);
}

#[test]
fn the_explorer_works_in_a_browser() {
    the_explorer_works_at(&shared().url("/"));
}

#[test]
fn the_examples_of_the_explorer_fit_another_register() {
    let folder = tempfile::tempdir().unwrap();
    let server = crate::pages::rounds::library(folder.path());
    works(&["test/explorer.mjs", &server.url("/"), "--another"]);
}

#[test]
fn the_explorer_works_below_a_path() {
    the_explorer_works_at(&Proxy::start("/plan/2021", shared().address).url());
}

#[test]
fn the_pages_work_in_a_browser() {
    let url = shared().url("/");
    if std::env::var_os("BOORDTABEL_LONG").is_none() {
        return works(&["test/pages.mjs", &url]);
    }
    works(&["test/pages.mjs", &url, "--long"]);
    works(&["test/pages.mjs", &Proxy::start("/plan/2021", shared().address).url(), "--long"]);
}

#[test]
fn the_pages_show_the_api_s_figures_in_firefox() {
    assert_ready("FIREFOX", "firefox-esr");
    let long = std::env::var_os("BOORDTABEL_LONG").map(|_| "--long");
    // The flag is for Node.js 20, which has WebSockets, but hides them.
    works(
        &["--experimental-websocket", "test/firefox.mjs", &shared().url("/")]
            .into_iter()
            .chain(long)
            .collect::<Vec<_>>(),
    );
}

/// A body with other words, and a round with risks.
#[test]
fn the_pages_of_another_body_work_in_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let server = rounds::library_and(folder.path(), &[("risks.csv", rounds::RISKS)]);
    let mut arguments = vec!["test/pages.mjs".to_owned(), server.url("/")];
    for page in [
        "round?plan=lib%3Ap2024&round=lib%3Aq1&day=2024-05-01",
        "measures/lib%3Alending?year=2024",
        "budget?plan=lib%3Ap2024&year=2024",
    ] {
        arguments.extend(["--page".to_owned(), page.to_owned()]);
    }
    works(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn the_pages_can_be_written_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = arg(folder.path());
    for files in ["dwse-2021", "years/2022"] {
        let files = format!("{}/fixtures/{files}", env!("CARGO_MANIFEST_DIR"));
        let loaded = run(["load", &files, "--data", data]);
        assert_eq!(loaded.code, Some(0), "{loaded:?}");
    }
    let [admin, reader] = ["admin", "read"].map(|role| crate::server::token(folder.path(), role));
    let gone = run(["token", "create", "--role", "edit", "--name", "gone", "--data", data]);
    let revoke = format!("'{}' token revoke gone --data '{data}'", env!("CARGO_BIN_EXE_boordtabel"));
    let server = Server::start(&["--data", data]);
    works_with(
        &["test/editing.mjs", &server.url("/")],
        &[("TOKEN", &admin), ("READER", &reader), ("GONE", gone.stdout.trim()), ("REVOKE", &revoke)],
    );
}
