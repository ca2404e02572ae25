//! The guides that go step by step do what they say: their files, their commands, their queries, their answers.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::server::Server;
use crate::workbook;

/// What the server of a guide is called in it.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// Goes through a guide; `files` is where its files are, below the folder in which its commands run. How many steps it has.
fn go_through(guide: &str, files: &str) -> usize {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(guide)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (files, data) = (folder.path().join(files), folder.path().join("register"));
    let mut server: Option<Server> = None;
    let (mut asked, mut steps) = (None, 0);
    let mut tokens: BTreeMap<String, String> = BTreeMap::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else { continue };
        let block = lines.by_ref().take_while(|line| *line != "```").collect::<Vec<_>>().join("\n");
        match fence.split_once(' ') {
            Some(("csv", name)) => {
                let path = files.join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, block + "\n").unwrap();
            }
            Some(("sh", "step")) => {
                let block = match &server {
                    Some(server) => block.replace(ADDRESS, &server.url),
                    None => block,
                };
                if let Some(book) = block.split_whitespace().find(|word| word.ends_with(".xlsx"))
                    && block.contains(" import ")
                {
                    workbook::fill(&folder.path().join(book), &files);
                }
                let words: Vec<&str> = block.split('"').collect();
                let mut args: Vec<&str> = words[0].split_whitespace().skip(1).collect();
                args.extend(words.get(1));
                let output = Command::new(env!("CARGO_BIN_EXE_boordtabel"))
                    .args(&args)
                    .current_dir(folder.path())
                    .output()
                    .unwrap();
                assert!(
                    output.status.success(),
                    "{block}\n{}{}",
                    String::from_utf8_lossy(&output.stdout),
                    String::from_utf8_lossy(&output.stderr)
                );
            }
            Some(("sh", "serve")) => server = Some(Server::start(&data)),
            Some(("graphql", "mine")) => {
                asked = Some(server.get_or_insert_with(|| Server::start(&data)).ask(&block));
            }
            Some(("json", "mine")) => {
                let asked = asked.take();
                assert_eq!(asked, Some(serde_json::from_str::<Json>(&block).unwrap()), "{asked:#?}");
            }
            // A write with the token in the file of that name.
            Some(("graphql", who)) => {
                let file = folder.path().join(format!("{who}.token"));
                let token = tokens.entry(who.to_owned()).or_insert_with(|| std::fs::read_to_string(file).unwrap());
                let server = server.as_ref().expect("a server runs before anything is written");
                let answer = server.send(Some(token.trim()), &block, json!({})).json;
                assert!(answer.to_string().contains(r#""status":"COMMITTED""#), "{block}\n{answer}");
            }
            _ => panic!("`{fence}` is no step of the page"),
        }
        steps += 1;
    }
    steps
}

#[test]
fn a_plan_of_your_own_comes_to_a_scoreboard() {
    assert!(go_through("your-own-plan.md", "own-plan") > 20);
}

#[test]
fn a_working_year_goes_through_its_rounds() {
    assert!(go_through("working-year.md", "") > 25);
}
