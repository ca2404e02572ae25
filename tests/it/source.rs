//! The text of a document, attached: each citation finds its passage, and all are proved by it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::server::{Server, boordtabel, run, token};

const TEXT: &str = "Annual report\n\n1 PERMITS\nWhat was asked of us grew.\n\nTable of the quay\n            2020   2021\nAsked          7     12\nGiven          5      7\n\n\
                    2 CRANES\nWe bought one.\n\nTable of the cranes\nAsked  7\n";

fn cited(section: &str, row: &str, text: &str) -> Json {
    json!({ "documentKey": "d", "section": section, "row": row, "text": text })
}

/// A report with three figures: two alike in one section, one alike in another.
fn rows() -> String {
    let observation = |indicator: &str, year: &str, value: &str, printed: Json| {
        let figure = json!({ "value": value, "status": "REPORTED", "unit": "COUNT", "printed": printed });
        json!({ "observation": { "indicatorKey": indicator, "period": year, "figure": figure } })
    };
    let indicator = |key: &str, position: i32| json!({ "indicator": { "key": key, "measureKey": "m", "label": key, "unit": "COUNT", "kind": "OTHER", "position": position } });
    let rows = [
        json!({ "organisation": { "key": "b", "name": "Body" } }),
        json!({ "document": { "key": "d", "title": "Report", "organisationKey": "b" } }),
        json!({ "plan": { "key": "p", "organisationKey": "b", "year": 2021, "evaluatedYear": 2020, "title": "Plan", "documentKey": "d" } }),
        json!({ "measure": { "key": "m", "planKey": "p", "name": "Measure", "lifecycle": "ACTIVE" } }),
        indicator("asked", 1),
        indicator("given", 2),
        indicator("cranes", 3),
        observation("asked", "2020", "7", cited("1", "Asked", "7")),
        observation("given", "2021", "7", cited("1", "Given", "7")),
        observation("cranes", "2020", "7", cited("2", "Asked", "7")),
    ];
    rows.iter().map(|row| format!("{row}\n")).collect()
}

fn passage(server: &Server, key: &str) -> Json {
    let query = format!(
        "{{ observation(key: \"{key}\") {{ figure {{ printed {{ passage {{ key section page text }} }} }} }} }}"
    );
    server.ask(&query)["observation"]["figure"]["printed"]["passage"].clone()
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

#[test]
fn a_citation_is_read_where_it_stands() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let secret = token(&data, "import");
    let file = write(home.path(), "rows.jsonl", rows());
    run(&data, &["import", &file]);
    assert!(!run(&data, &["check"]).contains("citations"), "there is nothing to prove them by");

    let text = write(home.path(), "report.txt", TEXT);
    let told = run(&data, &["source", "add", "d", &text, "--dry-run"]);
    assert!(told.contains("3 created") && told.contains("WOULD_COMMIT"), "{told}");
    {
        // While a server has the folder open, it is asked to.
        let server = Server::start(&data);
        assert_eq!(passage(&server, "asked/2020"), json!(null));
        let with_server = |arguments: &[&str]| {
            let output =
                boordtabel().args(arguments).args(["--url", &server.url]).env("BOORDTABEL_TOKEN", &secret).output();
            let output = output.unwrap();
            (
                output.status.code(),
                String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
            )
        };
        let (code, told) = with_server(&["source", "add", "d", &text]);
        assert!(code == Some(0) && told.contains("3 created"), "{told}");
        let of_table = json!({ "key": "d/2", "section": "1", "page": null,
            "text": "1 PERMITS\nWhat was asked of us grew.\n\nTable of the quay\n            2020   2021\nAsked          7     12\nGiven          5      7" });
        assert_eq!(passage(&server, "asked/2020"), of_table);
        assert_eq!(passage(&server, "given/2021"), of_table);
        assert_eq!(passage(&server, "cranes/2020")["key"], "d/3");
        let all = server.ask("{ document(key: \"d\") { passages { totalCount nodes { number section } } } }");
        assert_eq!(all["document"]["passages"]["totalCount"], 3);

        let (code, told) = with_server(&["source", "add", "nowhere", &text]);
        assert!(code == Some(1) && told.contains("nowhere") && told.contains("nothing was written"), "{told}");
        // The same again changes nothing; a shorter one takes the rest away.
        let (_, told) = with_server(&["source", "add", "d", &text, "--key", "again"]);
        assert!(told.contains("3 unchanged") && told.contains("UNCHANGED"), "{told}");
    }
    let told = run(&data, &["check"]);
    assert!(told.contains("3 of 3 citations found"), "{told}");

    let shorter = write(home.path(), "shorter.txt", "1 PERMITS\nAsked 7\nGiven 5\n");
    let told = run(&data, &["source", "add", "d", &shorter, "--dry-run"]);
    assert!(told.contains("2 deleted") && told.contains("WOULD_COMMIT"), "{told}");
    let told = run(&data, &["source", "add", "d", &shorter]);
    assert!(told.contains("2 deleted"), "{told}");
    let output = boordtabel().args(["check", "--data"]).arg(&data).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("the source has no section 2"), "{told}");

    let told = run(&data, &["source", "remove", "d"]);
    assert!(told.contains("1 deleted"), "{told}");
    assert!(!run(&data, &["check"]).contains("citations"));
}

/// A PDF of pages with a line each, as small as one can be.
fn pdf(pages: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 4 + 2 * page)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (at, line) in pages.iter().enumerate() {
        let drawn = format!("BT /F1 12 Tf 72 700 Td ({line}) Tj ET");
        let content = 5 + 2 * at;
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {content} 0 R >>"
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len()));
    }
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    file += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    places.iter().for_each(|place| file += &format!("{place:010} 00000 n \n"));
    file += &format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}

#[test]
fn a_pdf_has_pages() {
    if Command::new("pdftotext").arg("-v").output().is_err() {
        println!("skipped: there is no pdftotext; poppler-utils has it");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    token(&data, "import");
    let file = write(home.path(), "rows.jsonl", rows());
    run(&data, &["import", &file]);
    let file = write(home.path(), "report.pdf", pdf(&["1 PERMITS Asked 7 Given 7", "2 CRANES Asked 7"]));
    let told = run(&data, &["source", "add", "d", &file]);
    assert!(told.contains("2 passages attached"), "{told}");
    let server = Server::start(&data);
    assert_eq!(
        passage(&server, "cranes/2020"),
        json!({ "key": "d/2", "section": "2", "page": 2, "text": "2 CRANES Asked 7" })
    );
}

#[test]
fn what_is_no_text_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    token(&data, "import");
    let file = write(home.path(), "rows.jsonl", rows());
    run(&data, &["import", &file]);
    let before = crate::server::journal(&data);
    let mut binary = b"word ".to_vec();
    binary.push(0xff);
    for (name, bytes, says) in [
        ("binary.txt", binary, "byte 5"),
        ("empty.txt", b" \n\n".to_vec(), "there is no text"),
        ("broken.pdf", b"%PDF-1.4\nnothing".to_vec(), "pdftotext"),
    ] {
        let file = write(home.path(), name, bytes);
        let output = boordtabel().args(["source", "add", "d", &file, "--data"]).arg(&data).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(says), "{name}: {told}");
        assert!(told.contains("hint: "), "{told}");
    }
    assert!(before == crate::server::journal(&data), "a refused text wrote to the journal");
}

/// What is known of a document and of the place in it, as a reader sees it.
#[test]
fn a_figure_s_page_tells_the_document_and_the_place() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    token(&data, "import");
    let cell = json!({ "documentKey": "d", "section": "1", "page": 12, "lastPage": 14, "place": "footnote 3", "text": "7", "scale": 1000,
        "checkedBy": "Eva", "checks": 2 });
    let figure = json!({ "value": "7000", "status": "REPORTED", "unit": "COUNT", "printed": cell });
    let other = json!({ "value": "8", "status": "REPORTED", "unit": "COUNT", "printed": { "documentKey": "evil", "text": "8" } });
    let rows = [
        json!({ "document": { "key": "d", "title": "Report", "organisationKey": "b", "date": "2021-03-01", "retrieved": "2021-04-02",
            "address": "https://example.org/report?a=1&b=2", "licence": "CC BY 4.0" } }),
        json!({ "document": { "key": "evil", "title": "Other", "organisationKey": "b", "address": "javascript:alert(1)", "licence": "https://example.org/terms" } }),
        json!({ "observation": { "indicatorKey": "asked", "period": "2020", "figure": figure } }),
        json!({ "observation": { "indicatorKey": "asked", "period": "2021", "figure": other } }),
    ];
    let file = write(home.path(), "rows.jsonl", rows_of(&rows));
    let base = write(home.path(), "base.jsonl", self::rows());
    run(&data, &["import", &base]);
    run(&data, &["import", &file]);
    let server = Server::start(&data);
    let page = |period: &str| {
        let place = format!("scoreboard.indicators|asked|indicator.observations|asked/{period}|figure");
        let place = place.replace('|', "%7C").replace('/', "%2F");
        let (status, html) = server.get(&format!("/measures/m?year=2021&lang=en&at={place}"));
        assert_eq!(status, 200, "{html}");
        html.replace("&#38;", "&")
    };
    let html = page("2020");
    for told in [
        "<a href=\"https://example.org/report?a=1&b=2\">Report</a>, 1 March 2021",
        "taken on 2 April 2021",
        "licence: CC BY 4.0",
        "12–14",
        "footnote 3",
        "1,000",
        "Eva 2×",
        "Report, section 1, p. 12–14, place footnote 3: “7”",
    ] {
        assert!(html.contains(told), "{told}: {html}");
    }
    let html = page("2021");
    assert!(html.contains("Other") && !html.contains("javascript:"), "only a page of the web is a link: {html}");
    // Who takes the data along is told whose they are.
    let answer = boordtabel()
        .args(["export", "--format", "zip", "--out"])
        .arg(home.path().join("all.zip"))
        .args(["--url", &server.url])
        .output()
        .unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let mut archive = zip::ZipArchive::new(fs::File::open(home.path().join("all.zip")).unwrap()).unwrap();
    let package: Json = serde_json::from_reader(archive.by_name("datapackage.json").unwrap()).unwrap();
    let found = json!([{ "title": "Report", "path": "https://example.org/report?a=1&b=2" }, { "title": "Other" }]);
    assert_eq!(package["sources"], found);
    assert_eq!(
        package["licenses"],
        json!([{ "name": "CC-BY-4.0", "title": "CC BY 4.0" }, { "path": "https://example.org/terms" }])
    );
}

fn rows_of(rows: &[Json]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}
