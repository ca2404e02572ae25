//! The documents say what is so: their answers are the server's, their tables are the program's, their paths exist.

mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use boordtabel::import::mapping::Mapping;
use serde_json::Value as Json;

/// Longest wait for the server to start, and for one answer.
const PATIENCE: Duration = Duration::from_secs(60);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The program, with no setting but those given here.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_boordtabel"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("BOORDTABEL_")) {
        command.env_remove(name);
    }
    command
}

/// A server of the demonstration data, stopped when it goes out of scope.
struct Server {
    child: Child,
    url: String,
    token: String,
    /// Where the server puts its temporary folder, so that it goes too.
    _scratch: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        Self::of("plan")
    }

    /// A server of that demonstration.
    fn of(demo: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let mut child = program()
            .args(["serve", "--demo", demo, "--listen", "127.0.0.1:0", "--log", "error", "--token-file"])
            .arg(scratch.path().join("token"))
            .env("TMPDIR", scratch.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut server = Self { child, url: String::new(), token: String::new(), _scratch: scratch };
        while server.url.is_empty() {
            let line = lines.recv_timeout(PATIENCE).expect("the server says where it listens");
            let url = line.split_whitespace().find(|word| word.starts_with("http://"));
            server.url = url.unwrap_or_default().trim_end_matches('/').to_owned();
        }
        server.token = fs::read_to_string(server._scratch.path().join("token")).unwrap().trim().to_owned();
        server
    }

    /// The answer to a request body.
    fn answer(&self, body: &str) -> Json {
        let agent =
            ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).proxy(None).http_status_as_error(false);
        let answer = agent
            .build()
            .new_agent()
            .post(format!("{}/graphql", self.url))
            .header("Content-Type", "application/json")
            .header("Authorization", format!("Bearer {}", self.token))
            .send(body);
        serde_json::from_str(&answer.unwrap().body_mut().read_to_string().unwrap()).unwrap()
    }

    fn ask(&self, query: &str) -> Json {
        self.answer(&serde_json::json!({ "query": query }).to_string())
    }

    /// The first answer of a subscription.
    fn first_event(&self, query: &str) -> Json {
        let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).proxy(None).build().new_agent();
        let request = agent.post(format!("{}/graphql", self.url)).content_type("application/json");
        let body = serde_json::json!({ "query": query }).to_string();
        let mut answer = request.header("Accept", "text/event-stream").send(body).unwrap();
        let lines = BufReader::new(answer.body_mut().as_reader()).lines().map(Result::unwrap);
        let data = lines.filter_map(|line| line.strip_prefix("data: ").map(str::to_owned)).next();
        serde_json::from_str(&data.expect("an event comes")).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The fenced blocks of a document: language and text.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language.to_owned(), body.join("\n")));
        }
    }
    blocks
}

/// The tables under that header: the cells of their rows.
fn tables(text: &str, header: &str) -> Vec<Vec<Vec<String>>> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines.iter().enumerate().filter(|(_, line)| line.starts_with(header)).map(|(index, _)| index);
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    starts
        .map(|start| {
            lines[start + 2..].iter().take_while(|line| line.starts_with('|')).map(|line| cells(line)).collect()
        })
        .collect()
}

fn table(text: &str, header: &str) -> Vec<Vec<String>> {
    let [rows] = <[_; 1]>::try_from(tables(text, header)).expect("one table has that header");
    rows
}

/// The pages for users, in the order in which the README lists them.
fn pages() -> Vec<String> {
    let listed = table(&read("README.md"), "| Page | For |");
    let path = |row: &Vec<String>| Some(row[0].split_once("](")?.1.strip_suffix(')')?.to_owned());
    let pages: Vec<String> = listed.iter().map(|row| path(row).expect("a link")).collect();
    let there = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let there = there.filter(|path| path.extension().is_some_and(|it| it == "md"));
    assert_eq!(pages.len(), there.count(), "the README leads to every page of docs/");
    std::iter::once("README.md".to_owned()).chain(pages).collect()
}

/// The pages for users, as if they were one.
fn guide() -> String {
    pages().iter().map(|page| read(page)).collect::<Vec<_>>().join("\n")
}

fn bare(cell: &str) -> String {
    cell.replace('`', "")
}

#[test]
fn the_contradictions_of_the_plan_are_in_step() {
    let fixtures = root().join("fixtures/dwse-2021");
    let checked = root().join("fixtures/reconciled/checked.csv");
    let output = program()
        .arg("check")
        .arg(&fixtures)
        .args(["--format", "markdown", "--checked"])
        .arg(&checked)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(!found.contains("Not checked by hand"), "each contradiction has its row in {}", checked.display());
    let by_hand = read("fixtures/reconciled/by-hand.md");
    let shown = read("fixtures/dwse-2021/DISCREPANCIES.md");
    assert!(shown == found + &by_hand, "write DISCREPANCIES.md anew: fixtures/dwse-2021/README.md says how");

    let rules: Vec<(String, String)> = table(&guide(), "| Rule | What it asks |")
        .iter()
        .map(|row| (bare(&row[0]), row[2].trim().to_owned()))
        .collect();
    let known: Vec<(String, String)> = boordtabel::analysis::reconcile::DiscrepancyRule::VOCABULARY
        .words
        .iter()
        .map(|(word, _)| boordtabel::analysis::reconcile::DiscrepancyRule::from_word(word).unwrap())
        .map(|rule| (rule.word().to_owned(), rule.tolerance().to_owned()))
        .collect();
    assert_eq!(rules, known, "the README lists the rules");
}

#[test]
fn the_readme_shows_the_servers_own_answers() {
    let servers = [Server::start(), Server::of("years")];
    let of_page = |page: String| {
        let server = &servers[usize::from(page == "docs/years.md")];
        let blocks = blocks(&read(&page));
        blocks.windows(2).map(|pair| (server, pair.to_vec())).collect::<Vec<_>>()
    };
    let mut compared = 0;
    for (server, pair) in pages().into_iter().flat_map(of_page) {
        let [(language, asked), (next, shown)] = pair.as_slice() else { unreachable!("windows of two") };
        let mut answer = match language.as_str() {
            "graphql" => server.ask(asked),
            "sh" if asked.starts_with("curl ") => {
                server.answer(asked.split('\'').nth(1).expect("the body stands between single quotes"))
            }
            _ => continue,
        };
        assert_eq!(next, "json", "an answer follows:\n{asked}");
        let shown: Json = serde_json::from_str(shown).unwrap_or_else(|error| panic!("{error}:\n{shown}"));
        // What it cost is told once, where the README explains it.
        if shown["extensions"].get("cost").is_none() {
            answer["extensions"].as_object_mut().map(|extensions| extensions.remove("cost"));
        }
        assert_eq!(answer, shown, "the answer differs, it is {answer}, to:\n{asked}");
        compared += 1;
    }
    assert!(compared >= 6, "the curl request and five queries, found {compared}");
}

#[test]
fn the_invented_years_are_what_their_program_makes() {
    let made = tempfile::tempdir().unwrap();
    let program = root().join("fixtures/years/make.py");
    let ran = Command::new("python3").arg(program).arg(made.path()).status().unwrap();
    assert!(ran.success());
    let names = |folder: &Path| {
        let years = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
        let files = years.flat_map(|year| fs::read_dir(year).unwrap().map(|entry| entry.unwrap().path()));
        files.map(|path| path.strip_prefix(folder).unwrap().to_owned()).collect::<BTreeSet<PathBuf>>()
    };
    let kept = root().join("fixtures/years");
    assert_eq!(names(&kept), names(made.path()));
    for name in names(&kept) {
        let same = fs::read(kept.join(&name)).unwrap() == fs::read(made.path().join(&name)).unwrap();
        assert!(same, "{}: run `python3 fixtures/years/make.py`", name.display());
    }
}

#[test]
fn the_examples_of_the_explorer_have_answers() {
    let server = Server::start();
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root().join("web/examples")).unwrap() {
        let path = entry.unwrap().path();
        let query = fs::read_to_string(&path).unwrap();
        let shown = path.display();
        let lines: Vec<&str> = query.lines().collect();
        assert!(lines[0].starts_with("# ") && lines[1].starts_with("# "), "{shown} begins with two lines of comment");
        let (kind, name) = lines[2].split_once(' ').unwrap_or_default();
        assert!(["query", "subscription"].contains(&kind), "{shown}: the third line names the operation");
        let name = name.split(['(', ' ']).next().unwrap_or_default();
        assert!(names.insert(name.to_owned()), "{shown}: two examples are called {name}");
        let answer = if kind == "query" { server.ask(&query) } else { server.first_event(&query) };
        assert!(answer.get("errors").is_none(), "{shown}: {}", answer["errors"]);
        for (field, value) in answer["data"].as_object().unwrap() {
            assert!(!value.is_null(), "{shown}: `{field}` finds nothing");
        }
    }
    assert!(names.len() >= 7, "{names:?}");
}

fn toml_blocks(text: &str) -> Vec<String> {
    blocks(text).into_iter().filter(|(language, _)| language == "toml").map(|(_, text)| text).collect()
}

#[test]
fn the_mapping_of_the_readme_reads() {
    let mapping = toml_blocks(&guide()).into_iter().find(|text| text.contains("[files]")).expect("a mapping");
    Mapping::parse("docs/importing.md", &mapping).expect("the program takes the mapping");
}

/// The README's two files, with the three that they need, in that folder.
fn write_files(folder: &Path) {
    let files: Vec<String> =
        blocks(&guide()).into_iter().filter(|(language, _)| language == "csv").map(|(_, text)| text).collect();
    for (name, text) in [
        ("organisations", "key,name\nharbour,Harbour Authority"),
        ("plans", "key,organisationKey,year,title\nharbour-2022,harbour,2022,Plan"),
        ("indicators", "key,measureKey,position,label,kind,unit\nquay-permits/handled,quay-permits,1,P,HANDLED,COUNT"),
        ("measures", &files[0]),
        ("observations", &files[1]),
    ] {
        fs::write(folder.join(format!("{name}.csv")), format!("{text}\n")).unwrap();
    }
}

#[test]
fn the_files_of_the_readme_load() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path());
    let output = program().arg("check").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_client_does_what_the_readme_says() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("my-data")).unwrap();
    write_files(&folder.path().join("my-data"));
    let commands: Vec<String> = blocks(&guide())
        .into_iter()
        .filter(|(language, _)| language == "sh")
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| {
            ["import", "export", "log", "diff"].iter().any(|name| line.starts_with(&format!("boordtabel {name}")))
        })
        .collect();
    let mut told = String::new();
    for command in &commands {
        let arguments = command.strip_prefix("boordtabel").expect("it begins so");
        let output = Command::new("sh")
            .args(["-c", &format!("\"$PROGRAM\" {arguments}")])
            .current_dir(folder.path())
            .env("PROGRAM", env!("CARGO_BIN_EXE_boordtabel"))
            .env("BOORDTABEL_URL", &server.url)
            .env("BOORDTABEL_TOKEN", &server.token)
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        told.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    let places: Vec<_> = ["WOULD_COMMIT", "COMMITTED: 6 rows", "UNCHANGED: 6 rows", "2\t", "CREATED PLAN harbour-2022"]
        .iter()
        .map(|part| told.find(part).unwrap_or_else(|| panic!("`{part}` is not told:\n{told}")))
        .collect();
    assert!(places.is_sorted(), "{told}");
}

#[test]
fn the_code_for_front_ends_is_the_code_that_is_tried() {
    let folder = root().join("tests/clients/apollo");
    let sources = fs::read_dir(folder.join("src")).unwrap().map(|entry| entry.unwrap().path());
    let files = sources.chain([folder.join("codegen.ts")]).filter(|path| path.is_file());
    let tried: Vec<String> = files.map(|path| fs::read_to_string(path).unwrap()).collect();
    let packages = read("tests/clients/package.json");
    let mut compared = 0;
    for (language, text) in blocks(&guide()) {
        if ["ts", "tsx"].contains(&&*language) {
            assert!(tried.iter().any(|file| file.contains(&text)), "no file of {} has:\n{text}", folder.display());
            compared += 1;
        }
        for line in text.lines().filter(|line| language == "sh" && line.starts_with("npm install ")) {
            for name in line.split(' ').skip(2).filter(|word| !word.starts_with('-')) {
                assert!(packages.contains(&format!("\"{name}\":")), "`{name}` is not among what is tried");
            }
        }
    }
    assert!(compared >= 7, "codegen, client, queries, page, pages and live changes, found {compared}");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let own = ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned);
    for document in own.into_iter().chain(pages()).map(|name| root().join(name)) {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, place) = link.split_once('#').unwrap_or((link, ""));
            if link.starts_with("http") {
                continue;
            }
            let target = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            assert!(target.exists(), "{} links to `{link}`, which does not exist", document.display());
            let is_page = target.extension().is_some_and(|it| it == "md");
            if is_page && !place.is_empty() {
                let there = headings(&fs::read_to_string(&target).unwrap()).contains(place);
                assert!(there, "{} links to `{link}`, where no such heading stands", document.display());
            }
        }
    }
}

/// The headings of a page, as links name them.
fn headings(text: &str) -> BTreeSet<String> {
    let named = text.lines().filter_map(|line| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim()));
    let plain = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
    named.map(|name| name.to_lowercase().chars().filter(plain).collect::<String>().replace(' ', "-")).collect()
}
