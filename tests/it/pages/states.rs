//! Pages of other registers: an empty one, one with several plans, and earlier states.

use super::{links, page};
use crate::support::{Server, arg, folder, run, shared};

#[test]
fn an_empty_register_says_how_to_begin() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&["--data", folder.path().to_str().unwrap()]);
    let home = page(&server, "/", "en");
    assert_eq!(home.status, 200);
    assert!(home.text().contains("The register is empty as yet") && home.text().contains("boordtabel load"));
    for path in ["/plans", "/changes", "/search?text=a", "/change?from=0&to=0"] {
        assert_eq!(page(&server, path, "nl").status, 200, "{path}");
    }
    let norms = page(&server, "/norms", "en");
    assert_eq!((norms.status, norms.header("location")), (302, "plans?for=norms"));
    for link in links("/", &home.text()) {
        let status = page(&server, &link.to, "en").status;
        assert!(matches!(status, 200 | 308), "{} is {status}", link.to);
    }
}

#[test]
fn several_plans_are_chosen_from_and_compared() {
    let data = tempfile::tempdir().unwrap();
    let organisation = organisation(shared());
    let header = "key,title,year,organisationKey";
    let next = format!("{header}\nplan-next,Plan & <next>,2022,{organisation}\n");
    let second = folder(&[("plans.csv", &next)]);
    for files in [concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021"), arg(second.path())] {
        let loaded = run(["load", files, "--data", arg(data.path())]);
        assert_eq!(loaded.code, Some(0), "{loaded:?}");
    }
    let server = Server::start(&["--data", arg(data.path())]);
    let plans = server.ask("{ plans(first: 1, where: {year: {eq: 2021}}) { nodes { key } } }");
    let plan = plans["plans"]["nodes"][0]["key"].as_str().unwrap().to_owned();

    let norms = page(&server, "/norms", "en");
    assert_eq!((norms.status, norms.header("location")), (302, "plans?for=norms"), "which plan is not known");
    let choice = page(&server, "/plans?for=norms", "en").text();
    assert!(choice.contains("Plan &#38; &#60;next&#62;"), "names are text, whatever is in them: {choice}");
    let leads = links("/plans", &choice).into_iter().any(|link| link.to == format!("/norms?plan={plan}"));
    assert!(leads, "the choice leads on: {choice}");
    let compare = page(&server, &format!("/compare?plan={plan}"), "en");
    assert_eq!(compare.status, 302);
    let with = page(&server, &format!("/{}", compare.header("location")), "en").text();
    assert!(with.contains("<h1>Compare</h1>") && with.contains("With which plan?"), "{with}");
    let compared = page(&server, &format!("/compare?plan={plan}&to=plan-next"), "en");
    assert_eq!(compared.status, 200, "{}", compared.text());
    let gone = format!("{{ measures(first: 3, where: {{planKey: {{eq: \"{plan}\"}}}}) {{ nodes {{ key name }} }} }}");
    for measure in server.ask(&gone)["measures"]["nodes"].as_array().unwrap() {
        let told =
            links("/compare", &compared.text()).into_iter().any(|link| Some(&*link.says) == measure["name"].as_str());
        assert!(told, "what is dropped is told by its name: {measure}");
    }
    for path in ["norms", "budget", "milestones", "trends", "inspections", "staff", "contradictions"] {
        let empty = page(&server, &format!("/{path}?plan=plan-next"), "en");
        assert_eq!(empty.status, 200, "/{path} of a plan that has nothing: {}", empty.text());
    }
    assert_eq!(page(&server, "/plans/plan-next", "nl").status, 200);

    // A page of an earlier state stays as it is, and says that it is one.
    let earlier = page(&server, &format!("/plans/{plan}?asOf=1&day=2021-01-01"), "en");
    assert!(earlier.text().contains("This is an earlier state"));
    let first = shared().get(&format!("/plans/{plan}.json?day=2021-01-01"), &[]).json();
    let then = server.get(&format!("/plans/{plan}.json?asOf=1&day=2021-01-01"), &[]).json();
    assert_eq!(first, then);
    assert_eq!(page(&server, "/plans/plan-next?asOf=1", "en").status, 404, "there was no such plan then");
    let figure = links("/plans/x", &earlier.text()).into_iter().find(|link| link.is_figure).unwrap();
    let source = page(&server, &figure.to.replace("/plans/x", &format!("/plans/{plan}")), "en");
    assert_eq!(source.status, 200, "{}", source.text());
}

/// Whatever is changed, dropped or new is told by its name: so each kind that has one is in the fragment that pages name records by.
#[test]
fn every_kind_that_has_a_name_is_named() {
    const NAMES: [&str; 7] = ["name", "title", "label", "subject", "meaning", "round", "period"];
    let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/web/pages/shared.graphql");
    let shared_text = std::fs::read_to_string(pages).unwrap();
    let fragment = |name: &str| {
        let found = shared_text.split("\n\n").find(|it| it.starts_with(&format!("fragment {name} on Node ")));
        found.unwrap().to_owned()
    };
    let named = [fragment("Named"), fragment("Subject")].concat();
    let node = shared().ask("{ __type(name: \"Node\") { possibleTypes { name fields { name } } } }");
    let kinds = node["__type"]["possibleTypes"].as_array().unwrap();
    assert!(kinds.len() > 30);
    for kind in kinds {
        let has_name =
            kind["fields"].as_array().unwrap().iter().any(|it| NAMES.contains(&it["name"].as_str().unwrap()));
        let name = kind["name"].as_str().unwrap();
        assert!(!has_name || named.contains(&format!("... on {name} {{")), "a {name} is told by its key");
    }
}

#[test]
fn what_changed_last_stands_first() {
    const COMMITS: usize = 57;
    let data = tempfile::tempdir().unwrap();
    let bearer = format!("Bearer {}", crate::server::token(data.path(), "import"));
    let server = Server::start(&["--data", arg(data.path())]);
    for number in 1..=COMMITS {
        let row = format!("{{\"organisation\": {{\"key\": \"body\", \"name\": \"Body {number}\"}}}}\n");
        let path = format!("/import?reason=number{number}&idempotencyKey=key{number}");
        let headers = [("Content-Type", "application/jsonl"), ("Authorization", &*bearer)];
        assert_eq!(server.send("POST", &path, &headers, Some(row.as_bytes())).json()["status"], "COMMITTED");
    }
    // The links to commits say their revisions.
    let shown = |path: &str, html: &str| -> Vec<usize> {
        let all = links(path, html).into_iter().filter(|link| link.to.starts_with("/change?"));
        all.map(|link| link.says.rsplit(' ').next().unwrap().parse().unwrap()).collect()
    };
    let newest = |first: usize, count: usize| (first + 1 - count..=first).rev().collect::<Vec<_>>();
    assert_eq!(shown("/", &page(&server, "/", "en").text()), newest(COMMITS, 5));
    let first = page(&server, "/changes", "en").text();
    assert_eq!(shown("/changes", &first), newest(COMMITS, 50));
    let more = links("/changes", &first).into_iter().find(|link| link.says == "Earlier ones").expect("there are more");
    let rest = page(&server, &more.to, "en").text();
    assert_eq!(shown("/changes", &rest), newest(COMMITS - 50, COMMITS - 50));
    assert!(!rest.contains("Earlier ones"), "these are all");
}

fn organisation(server: &Server) -> String {
    let data = server.ask("{ organisations(first: 1) { nodes { key } } }");
    data["organisations"]["nodes"][0]["key"].as_str().unwrap().to_owned()
}
