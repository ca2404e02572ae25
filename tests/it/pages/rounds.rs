//! The page of the rounds of a plan, on the register that the guide for a body with nothing yet makes.

use std::path::Path;
use std::process::Command;

use super::{links, page, plain};
use crate::support::Server;

/// A server of the data of the guide.
pub fn library(folder: &Path) -> Server {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/your-own-plan.md")).unwrap();
    let (files, data) = (folder.join("files"), folder.join("register"));
    std::fs::create_dir(&files).unwrap();
    for block in guide.split("```csv ").skip(1) {
        let (name, rest) = block.split_once('\n').unwrap();
        std::fs::write(files.join(name), rest.split("```").next().unwrap()).unwrap();
    }
    let mut load = Command::new(env!("CARGO_BIN_EXE_boordtabel"));
    let output = load.arg("load").arg(&files).arg("--data").arg(&data).args(["--reason", "test"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Server::start(&["--data", data.to_str().unwrap()])
}

#[test]
fn a_round_tells_who_owes_what() {
    let folder = tempfile::tempdir().unwrap();
    let server = library(folder.path());
    let all = "/round?plan=lib%3Ap2024&day=2024-05-01";
    let html = page(&server, all, "en").text();
    let to_round =
        links(all, &html).into_iter().find(|link| link.says == "First quarter").expect("each round is a link");
    for (language, missing, nobody) in [("en", "missing", "nobody named"), ("nl", "ontbreekt", "niemand genoemd")] {
        let answer = page(&server, &to_round.to, language);
        let html = plain(&answer.text());
        assert_eq!(answer.status, 200, "{html}");
        let row = html.split("<tr>").find(|row| row.contains("Complaints")).expect("what is expected is shown");
        assert!(row.contains(missing) && row.contains("Ben"), "{row}");
        assert!(!html.contains(nobody), "every figure has somebody who owes it");
        // What is counted is what the API counts.
        let counted = server
            .ask("{ round(key: \"lib:q1\") { reporting(on: \"2024-05-01\") { expected delivered inTime late } } }");
        let tiles = html.split("<dl class=\"tiles\">").nth(1).unwrap().split("</dl>").next().unwrap();
        for name in ["expected", "delivered", "inTime", "late"] {
            let count = &counted["round"]["reporting"][name];
            assert!(tiles.contains(&format!("<dd>{count}")), "{name} {count}: {tiles}");
        }
        // Each figure leads to where it comes from.
        let figures: Vec<_> = links(&to_round.to, &html).into_iter().filter(|link| link.is_figure).collect();
        assert_eq!(figures.len(), 2, "loans and staff were delivered");
        for figure in figures {
            let source = page(&server, &figure.to, language);
            assert!(source.status == 200 && plain(&source.text()).contains(&figure.says), "{}", figure.to);
        }
    }
    // Before the deadline nothing is missing.
    let before = page(&server, &to_round.to.replace("2024-05-01", "2024-04-01"), "en").text();
    assert!(before.contains("not due yet") && !before.contains("missing"), "{before}");
}

#[test]
fn a_body_without_policy_fields_has_its_goals_on_its_pages() {
    let folder = tempfile::tempdir().unwrap();
    let server = library(folder.path());
    let plan = "/plans/lib%3Ap2024";
    let goals = links(plan, &page(&server, plan, "en").text());
    let goal = goals.iter().find(|link| link.says.contains("Everybody in town reads")).expect("the goal is a link");
    assert!(goals.iter().any(|link| link.says == "Lending"), "its measures too");
    let html = page(&server, &goal.to, "en").text();
    assert!(html.contains("Everybody in town reads") && html.contains("?plan=lib%3Ap2024"), "{html}");
    let alone = page(&server, "/plans?for=compare&plan=lib%3Ap2024", "en").text();
    assert!(alone.contains("There is no other plan yet.") && !alone.contains("to=lib"), "{alone}");
}
