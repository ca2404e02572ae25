//! Pages for several bodies: they are chosen, and stand side by side and together as the API has them.

use std::path::Path;
use std::process::Command;

use super::{at, encoded, links, page, parameter, plain};
use crate::support::Server;

/// A server of three bodies, one below another, each with a plan whose keys are the same but for the namespace.
fn three(folder: &Path) -> Server {
    let (files, data) = (folder.join("files"), folder.join("register"));
    std::fs::create_dir(&files).unwrap();
    let write = |name: &str, header: &str, row: &dyn Fn(&str, u32) -> String| {
        let rows: Vec<String> =
            [("north", 1), ("south", 2), ("port", 3)].into_iter().map(|(body, n)| row(body, n)).collect();
        std::fs::write(files.join(name), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    };
    write("organisations.csv", "key,name,namespace,parentKey", &|body, n| {
        format!("{body},Body {body},{body},{}", if n == 3 { "south" } else { "" })
    });
    write("plans.csv", "key,organisationKey,year,evaluatedYear,title", &|body, _| {
        format!("{body}:p,{body},2021,2020,Plan of {body}")
    });
    write("operational-goals.csv", "key,planKey,code,title", &|body, n| {
        format!("{body}:g,{body}:p,{n},Goal of {body}")
    });
    write(
        "norms.csv",
        "key,subjectKind,subjectKey,position,label,basisWord,target.value,target.status,target.unit",
        &|body, _| format!("{body}:n,OPERATIONAL_GOAL,{body}:g,1,Norm of {body},Charter of {body},0.8,REPORTED,RATIO"),
    );
    write("norm-results.csv", "normKey,period,sourceWord,figure.value,figure.status,figure.unit", &|body, n| {
        format!("{body}:n,2020,Table 1,0.{},REPORTED,RATIO", 60 + 15 * n.min(2))
    });
    write("budget-lines.csv", "key,planKey,position,name,section,direction,operationalGoalKey", &|body, _| {
        format!("{body}:l,{body}:p,1,Line,MEASURE,EXPENDITURE,{body}:g")
    });
    write(
        "budget-amounts.csv",
        "budgetLineKey,year,phase,credit,figure.value,figure.status,figure.unit",
        &|body, n| format!("{body}:l,2020,REALISED,VEK,{}000000,REPORTED,EUR", n),
    );
    let mut load = Command::new(env!("CARGO_BIN_EXE_boordtabel"));
    let output = load.arg("load").arg(&files).arg("--data").arg(&data).args(["--reason", "test"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Server::start(&["--data", data.to_str().unwrap()])
}

#[test]
fn bodies_stand_side_by_side_and_together() {
    let folder = tempfile::tempdir().unwrap();
    let server = three(folder.path());
    for (query, plans) in [
        ("", 3),
        ("?year=2020&organisations=south", 2),
        ("?organisations=south&withChildren=false", 1),
        ("?organisations=north&organisations=port", 2),
    ] {
        let path = format!("/bodies{query}");
        let html = plain(&page(&server, &path, "en").text());
        let answer = server.get(&format!("/bodies.json{query}"), &[]).json();
        let sides = answer["bodiesReport"]["sideBySide"].as_array().unwrap();
        assert_eq!(sides.len(), plans, "{path}");
        for side in sides {
            let title = side["plan"]["title"].as_str().unwrap();
            assert!(html.contains(&format!(">{title}</a>")), "{path}: {title}");
        }
        let figures: Vec<_> = links(&path, &html).into_iter().filter(|link| link.is_figure).collect();
        assert!(figures.len() >= 6 * (plans + 1), "{path}: {} figures", figures.len());
        for figure in figures {
            let place = parameter(&figure.to, "at").unwrap();
            assert!(at(&answer, &place)["status"].is_string(), "{path}: {place}");
        }
        let met = &answer["bodiesReport"]["together"]["attainment"]["met"]["value"];
        let expected = ["south", "port"].iter().filter(|body| html.contains(&format!("Plan of {body}</a>"))).count();
        assert_eq!(met, &expected.to_string(), "{path}");
    }
    let none = page(&server, "/bodies?year=1999", "en").text();
    assert!(none.contains("None of them has a plan of that year."), "{none}");
    let wrong = page(&server, "/bodies?organisations=nobody", "en");
    assert!(wrong.status == 400 || wrong.text().contains("nobody"), "{}", wrong.status);
    assert!(server.get("/bodies.csv", &[]).text().lines().count() >= 3);
}

#[test]
fn a_body_is_chosen_on_the_home_page_and_in_lists() {
    let folder = tempfile::tempdir().unwrap();
    let server = three(folder.path());
    for path in ["/", "/plans", "/plans?for=norms"] {
        let all = plain(&page(&server, path, "en").text());
        let joined = if path.contains('?') { '&' } else { '?' };
        let one = plain(&page(&server, &format!("{path}{joined}body=port"), "en").text());
        for body in ["north", "south", "port"] {
            assert!(all.contains(&format!("Plan of {body}</a>")), "{path}");
            assert_eq!(one.contains(&format!("Plan of {body}</a>")), body == "port", "{path} {body}");
            assert!(one.contains(&format!("<option value=\"{body}\"")), "another one can be chosen");
        }
        assert!(links(path, &all).iter().any(|link| link.to.starts_with("/bodies")), "{path}");
    }
    // From a list of one body to that of another.
    let norms = format!("/norms?plan={}", encoded("north:p"));
    let html = page(&server, &norms, "en").text();
    let other = links(&norms, &html).into_iter().find(|link| link.says == "Other plan").expect("there is a link");
    let choice = page(&server, &other.to, "en").text();
    let chosen = links(&other.to, &choice).into_iter().find(|link| link.says == "Plan of port").unwrap();
    let list = plain(&page(&server, &chosen.to, "en").text());
    // Norms of goals stand on it as those of measures do, with the words of their documents.
    assert!(
        list.contains("Goal of port") && list.contains("Norm of port") && list.contains("Charter of port"),
        "{list}"
    );
    assert!(!list.contains("Norm of north"), "{list}");
}
