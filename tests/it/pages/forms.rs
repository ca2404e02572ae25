//! Pages in other forms: rows, answers, pictures, documents; and what happens to addresses that are no good.

use super::{addresses, page};
use crate::http::assert_refused;
use crate::support::shared;

#[test]
fn beside_each_page_stand_its_answer_rows_and_document() {
    for path in addresses(shared(), 1) {
        let (stem, query) = path.split_once('?').unwrap_or((&path, ""));
        let stem = if stem == "/" { "/home" } else { stem };
        let get = |ending: &str| shared().get(&format!("{stem}.{ending}?{query}"), &[]);
        let document = get("graphql");
        assert!(document.status == 200 && document.text().starts_with("# "), "{path}: {}", document.text());
        let id = ring::digest::digest(&ring::digest::SHA256, &document.body);
        let id: String = id.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let named = shared().get(&format!("/graphql?documentId=sha256:{id}"), &[]).json();
        let code = &named["errors"][0]["extensions"]["code"];
        assert_ne!(code, "PERSISTED_QUERY_NOT_FOUND", "{path}: clients may name the document");
        let json = get("json");
        assert!(json.status == 200 && json.json().is_object(), "{path}: {}", json.text());
        let csv = get("csv");
        assert_eq!(
            (csv.status, csv.header("content-type")),
            (200, "text/csv; charset=utf-8"),
            "{path}: {}",
            csv.text()
        );
    }
}

#[test]
fn pictures_are_files_too() {
    let html = page(shared(), "/staff", "en");
    assert_eq!((html.status, html.header("location").split('?').next()), (302, Some("staff")), "there is one plan");
    let plan =
        shared().ask("{ plans(first: 1) { nodes { key } } }")["plans"]["nodes"][0]["key"].as_str().unwrap().to_owned();
    for picture in
        ["/staff.svg", "/inspections.svg?chart=rate", "/norms.svg?chart=levels", "/budget.svg?chart=vek", "/trends.svg"]
    {
        let with = if picture.contains('?') { '&' } else { '?' };
        let answer = shared().get(&format!("{picture}{with}plan={plan}"), &[]);
        assert_eq!((answer.status, answer.header("content-type")), (200, "image/svg+xml; charset=utf-8"), "{picture}");
        let text = answer.text();
        assert!(text.starts_with("<svg xmlns=") && text.contains("<title>") && text.contains("<desc>"), "{text}");
    }
    assert_refused(&shared().get(&format!("/staff.svg?chart=none&plan={plan}"), &[]), 404, "NOT_FOUND");
}

#[test]
fn addresses_that_are_no_good_say_so() {
    let measure = shared().ask("{ measures(first: 1) { nodes { key } } }")["measures"]["nodes"][0]["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let misspelt = &measure[..measure.len() - 1];
    let answer = page(shared(), &format!("/measures/{misspelt}"), "en");
    assert_eq!(answer.status, 404);
    assert!(
        answer.text().contains("Did you mean") && answer.text().contains(&format!("measures/{measure}")),
        "{}",
        answer.text()
    );
    for (path, status) in [
        ("/nothing", 404),
        ("/measures/", 404),
        ("/measures", 404),
        ("/measures/%FF", 404),
        ("/measures/%2", 404),
        ("/goals/none", 404),
        ("/projects/none", 404),
        ("/plans/none", 404),
        ("/norms?plan=none", 404),
        ("/change?from=x&to=1", 400),
        ("/change?from=0&to=99", 400),
        ("/search?kinds=NONSENSE", 400),
        ("/plans?at=", 200),
        ("/plans?at=%7B", 400),
        ("/plans?at=nonsense", 404),
        ("/plans?at=plans.nodes", 404),
        ("/plans?asOf=99", 400),
        ("/plans?asOf=nonsense", 400),
        ("/plans?lang=xx&unknown=1", 200),
    ] {
        let answer = page(shared(), path, "en");
        assert_eq!((answer.status, answer.header("content-type")), (status, "text/html; charset=utf-8"), "{path}");
        assert!(answer.text().contains("<main"), "{path}: an error is a page too");
    }
    let text = page(shared(), "/search?text=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27", "en").text();
    assert!(!text.contains("<script>alert"), "what is searched for is shown as text");
    let deep = format!("/plans?at={}", "a.".repeat(5_000) + "a");
    assert_eq!(page(shared(), &deep, "en").status, 404);
    let refused = shared().send("POST", "/norms", &[("Content-Type", "application/json")], Some(b"{}"));
    assert_refused(&refused, 405, "METHOD_NOT_ALLOWED");
}
