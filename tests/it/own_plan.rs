//! The page for a body with nothing yet does what it says, step by step.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::server::Server;

#[test]
fn each_step_of_the_page_works() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/your-own-plan.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (files, data) = (folder.path().join("own-plan"), folder.path().join("register"));
    std::fs::create_dir(&files).unwrap();
    let mut server: Option<Server> = None;
    let (mut asked, mut steps) = (None, 0);
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else { continue };
        let block = lines.by_ref().take_while(|line| *line != "```").collect::<Vec<_>>().join("\n");
        match fence.split_once(' ') {
            Some(("csv", name)) => std::fs::write(files.join(name), block + "\n").unwrap(),
            Some(("sh", "step")) => {
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
            Some(("graphql", "mine")) => {
                asked = Some(server.get_or_insert_with(|| Server::start(&data)).ask(&block));
            }
            Some(("json", "mine")) => {
                assert_eq!(asked.take(), Some(serde_json::from_str::<Json>(&block).unwrap()));
            }
            _ => panic!("`{fence}` is no step of the page"),
        }
        steps += 1;
    }
    assert!(steps > 15, "{steps}");
}
