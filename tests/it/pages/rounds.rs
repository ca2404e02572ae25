//! The page of the rounds of a plan, on the register that the guide for a body with nothing yet makes.

use std::path::Path;
use std::process::Command;

use super::{links, page, plain};
use crate::support::{Server, shared};

/// A server of the data of the guide.
pub fn library(folder: &Path) -> Server {
    library_and(folder, &[])
}

/// The same with other files beside those of the guide.
pub fn library_and(folder: &Path, others: &[(&str, &str)]) -> Server {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/your-own-plan.md")).unwrap();
    let (files, data) = (folder.join("files"), folder.join("register"));
    std::fs::create_dir(&files).unwrap();
    for block in guide.split("```csv ").skip(1) {
        let (name, rest) = block.split_once('\n').unwrap();
        std::fs::write(files.join(name), rest.split("```").next().unwrap()).unwrap();
    }
    for (name, text) in others {
        std::fs::write(files.join(name), text).unwrap();
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

/// What may go wrong there.
pub const RISKS: &str = "key,kind,recordKey,title,likelihood,impact,answer,owner,state
roof,OPERATIONAL_GOAL,g2,The roof leaks,2,4,Repair it in May,Ben,OPEN
flood,OPERATIONAL_GOAL,g2,The cellar floods,5,5,,Ben,CLOSED
price,MEASURE,lending,Paper becomes dearer,5,3,,Ann,OPEN
theft,MEASURE,desk,Books are stolen,,,,Ben,OCCURRED
";

#[test]
fn a_round_tells_what_may_go_wrong_the_gravest_first() {
    let folder = tempfile::tempdir().unwrap();
    let server = library_and(folder.path(), &[("risks.csv", RISKS)]);
    let asked = server.ask("{ round(key: \"lib:q1\") { risks { title state record { key } } } }");
    let risks: Vec<(&str, &str)> = asked["round"]["risks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|risk| (risk["title"].as_str().unwrap(), risk["record"]["key"].as_str().unwrap()))
        .collect();
    let gravest_first = [
        ("Paper becomes dearer", "lib:lending"),
        ("The roof leaks", "lib:g2"),
        ("Books are stolen", "lib:desk"),
        ("The cellar floods", "lib:g2"),
    ];
    assert_eq!(risks, gravest_first, "what may still come stands first");
    for (language, still, came, over) in
        [("en", "may still come", "came", "over"), ("nl", "kan nog komen", "is gekomen", "voorbij")]
    {
        let path = "/round?plan=lib%3Ap2024&round=lib%3Aq1&day=2024-05-01";
        let html = plain(&page(&server, path, language).text());
        let table = html.split("<h3 id=\"risks\">").nth(1).unwrap().split("</table>").next().unwrap();
        let rows: Vec<&str> = table.split("<tr>").skip(2).collect();
        let told = [
            ("Paper becomes dearer", still),
            ("The roof leaks", still),
            ("Books are stolen", came),
            ("The cellar floods", over),
        ];
        assert_eq!(rows.len(), told.len(), "{table}");
        for (row, (title, state)) in rows.iter().zip(told) {
            assert!(row.contains(title) && row.contains(state), "{title}, {state}: {row}");
        }
        assert!(rows[1].contains("4 <small>/ 5</small>") && rows[1].contains("Repair it in May"), "{}", rows[1]);
        assert!(!rows[2].contains("/ 5"), "what nobody weighed has no number: {}", rows[2]);
        assert!(links(path, &html).iter().any(|link| link.says == "Lending"), "what is threatened is a link");
    }
}

#[test]
fn a_scoreboard_has_its_five_domains() {
    let folder = tempfile::tempdir().unwrap();
    let server = library(folder.path());
    for (language, told) in [
        (
            "en",
            [
                "Volumes and norms 1 indicator",
                "Staff 1 indicator",
                "Inspections nothing yet",
                "Budget and finance 1 budget line",
            ],
        ),
        (
            "nl",
            [
                "Volumes en normen 1 indicator",
                "Personeel 1 indicator",
                "Inspecties nog niets",
                "Budget en financiën 1 begrotingslijn",
            ],
        ),
    ] {
        let html = page(&server, "/measures/lib%3Alending?year=2024", language).text();
        let tiles = html.split("id=\"domains\"").nth(1).unwrap().split("</dl>").next().unwrap();
        let words: Vec<String> = tiles.split("<div>").skip(1).map(words).collect();
        assert_eq!((words.len(), &words[..4]), (5, &told.map(str::to_owned)[..]), "{tiles}");
    }
}

#[test]
fn plain_amounts_and_unequal_periods_stand_as_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let server = library(folder.path());
    let shown = |path: &str| plain(&page(&server, path, "en").text());
    let measure = shown("/measures/lib%3Alending?year=2024");
    let budget = measure.split("<h2 id=\"budget\">").nth(1).unwrap();
    assert!(budget.contains("amount") && budget.contains("€190,000"), "{budget}");
    assert!(!budget.contains("commitment appropriation"), "a body without the two credits is shown none: {budget}");
    assert!(!measure.contains("periods of other length"), "a quarter is compared with no year: {measure}");
    let unequal = plain(&page(shared(), "/measures/opleidingsdatabank?year=2020", "en").text());
    assert!(unequal.contains("periods of other length"), "eight months are no year: {unequal}");
    let budget = shown("/budget?plan=lib%3Ap2024&year=2024");
    for told in ["Everybody in town reads", "Books and films", "€190,000", "amount budgeted"] {
        assert!(budget.contains(told), "{told}: {budget}");
    }
    let goal = budget.split("<tr>").find(|row| row.contains("Everybody in town reads")).unwrap();
    assert!(goal.contains("€190,000"), "goals right under a plan have their money: {goal}");
    let plan = shown("/plans/lib%3Ap2024?year=2023");
    assert!(plan.contains("amount 2023") && plan.contains("€181,250") && !plan.contains("VEK"), "{plan}");
}

/// A piece of HTML without its tags.
fn words(html: &str) -> String {
    let text =
        html.split('<').flat_map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text).split_whitespace());
    text.collect::<Vec<_>>().join(" ")
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

#[test]
fn what_hangs_on_a_goal_itself_stands_on_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let server = library(folder.path());
    let path = "/goals/lib%3Ag1?year=2024";
    let html = plain(&page(&server, path, "en").text());
    let table = html.split("aria-labelledby=\"indicators\"").nth(1).expect("a goal has indicators of its own");
    let row = table.split("<tr").find(|row| row.contains("Members")).expect("the one that hangs on it");
    assert!(row.contains("data-edit=\"observation\" data-key=\"lib:members\""), "a figure can be recorded: {row}");
    assert!(!table.split("</table>").next().unwrap().contains("Loans"), "those of its measures stand on theirs");
}
