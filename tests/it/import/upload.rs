//! A file sent as it is: checked first, each problem at its cell, then exactly that committed.

use serde_json::{Value as Json, json};

use super::small::Small;
use crate::server::token;

struct Desk {
    small: Small,
}

/// An answer: its status, and its JSON.
struct Told {
    status: u16,
    json: Json,
}

impl Desk {
    fn send(&self, secret: &str, parameters: &str, bytes: &[u8]) -> Told {
        let url = format!("{}/import?{parameters}", self.small.server.url);
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut answer = agent
            .post(url)
            .header("Authorization", format!("Bearer {secret}"))
            .header("Content-Type", "application/octet-stream")
            .send(bytes)
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        Told {
            status: answer.status().as_u16(),
            json: serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}")),
        }
    }

    fn upload(&self, file: &str, more: &str, bytes: &[u8]) -> Json {
        let told = self.send(&self.small.token, &format!("file={file}&reason=test&{more}"), bytes);
        assert_eq!(told.status, 200, "{}", told.json);
        told.json
    }

    fn measures(&self) -> Vec<String> {
        self.small.keys("measures")
    }
}

fn workbook(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (line, row) in rows.iter().enumerate() {
            for (column, text) in row.iter().enumerate() {
                sheet.write_string(u32::try_from(line).unwrap(), u16::try_from(column).unwrap(), *text).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// Where each problem is: its cell or line, its field and its code.
fn places(told: &Json) -> Vec<(String, String, String)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let problems = told["problems"].as_array().unwrap().iter();
    problems
        .map(|it| (format!("{}!{}", text(&it["sheet"]), text(&it["cell"])), text(&it["field"]), text(&it["code"])))
        .collect()
}

fn place(cell: &str, field: &str, code: &str) -> (String, String, String) {
    (cell.into(), field.into(), code.into())
}

#[test]
fn a_file_is_checked_and_then_exactly_that_is_committed() {
    let desk = Desk { small: Small::new() };
    let csv = "key,planKey,name\nm-3,p,Third\nm-1,p,First\n".as_bytes();
    let before = desk.measures();
    let checked = desk.upload("measures.csv", "dryRun=true&idempotencyKey=a", csv);
    assert_eq!((&checked["status"], &checked["counts"]["created"]), (&json!("WOULD_COMMIT"), &json!(1)), "{checked}");
    assert!(checked["read"].as_str().unwrap().contains("2 rows read"), "{checked}");
    assert_eq!(desk.measures(), before, "a check changes nothing");
    let exactly = format!(
        "idempotencyKey=b&expectRevision={}&expectDigest={}",
        checked["baseRevision"],
        checked["digest"].as_str().unwrap()
    );
    // Somebody else is first: it is told, and nothing is done.
    desk.small.import(json!({ "rows": [super::small::measure("m-9")] }));
    let overtaken = desk.upload("measures.csv", &exactly, csv);
    assert_eq!(overtaken["status"], "REJECTED", "{overtaken}");
    assert!(places(&overtaken).iter().any(|(_, _, code)| code == "REVISION_MISMATCH"), "{overtaken}");
    let again = desk.upload("measures.csv", "dryRun=true&idempotencyKey=c", csv);
    let exactly = format!(
        "idempotencyKey=b&expectRevision={}&expectDigest={}",
        again["baseRevision"],
        again["digest"].as_str().unwrap()
    );
    let done = desk.upload("measures.csv", &exactly, csv);
    assert_eq!(done["status"], "COMMITTED", "{done}");
    assert!(desk.measures().contains(&"m-3".to_owned()));
    // Sent again it is done once; another file under the same key is refused.
    let replayed = desk.upload("measures.csv", &exactly, csv);
    assert_eq!((&replayed["replayed"], &replayed["revision"]), (&json!(true), &done["revision"]), "{replayed}");
    let other = desk.upload("measures.csv", &exactly, b"key,planKey,name\nm-4,p,Fourth\n");
    assert_eq!(places(&other)[0].2, "IDEMPOTENCY_MISMATCH", "{other}");
}

#[test]
fn every_problem_is_told_at_its_cell() {
    let desk = Desk { small: Small::new() };
    let csv = "name,key,planKey\nThird,m-3,nobody\n,m-4,p\n".as_bytes();
    let told = desk.upload("measures.csv", "dryRun=true&idempotencyKey=a", csv);
    assert_eq!(told["status"], "REJECTED");
    let found = places(&told);
    assert!(found.contains(&place("!C2", "planKey", "UNKNOWN_REFERENCE")), "{told}");
    assert!(found.iter().any(|(cell, field, _)| cell == "!A3" && field == "name"), "{told}");
    // In a workbook with the sheet. What is right in it goes in alone, when that is asked for.
    let book = workbook(&[
        ("measures", &[&["key", "planKey", "name"], &["m-5", "p", "Fifth"], &["m-6", "nowhere", "Sixth"]]),
        (
            "indicators",
            &[
                &["key", "measureKey", "label", "kind", "unit", "position"],
                &["i-5", "m-5", "Files", "NONSENSE", "COUNT", "1"],
            ],
        ),
        ("scribbles", &[&["a", "b"]]),
    ]);
    let told = desk.upload("maand.xlsx", "dryRun=true&idempotencyKey=b", &book);
    let found = places(&told);
    assert!(found.contains(&place("measures!B3", "planKey", "UNKNOWN_REFERENCE")), "{told}");
    assert!(found.iter().any(|(cell, field, _)| cell == "indicators!D2" && field == "kind"), "{told}");
    assert!(found.iter().any(|(cell, ..)| cell == "scribbles!"), "a sheet of no kind is told: {told}");
    // What cannot be known from its name can be said.
    let unknown = desk.upload("maand.csv", "dryRun=true&idempotencyKey=c", b"key,planKey,name\nm-7,p,Seventh\n");
    assert_eq!(places(&unknown), [place("!", "", "BAD_FILE")], "{unknown}");
    let told =
        desk.upload("maand.csv", "kind=MEASURE&dryRun=true&idempotencyKey=d", b"key,planKey,name\nm-7,p,Seventh\n");
    assert_eq!(told["status"], "WOULD_COMMIT", "{told}");
    let good = desk.upload(
        "measures.csv",
        "atomicity=GOOD_ROWS&idempotencyKey=e",
        b"key,planKey,name\nm-7,p,Seventh\nm-8,nobody,Eighth\n",
    );
    assert_eq!((&good["status"], &good["counts"]["rejected"]), (&json!("COMMITTED"), &json!(1)), "{good}");
    assert!(desk.measures().contains(&"m-7".to_owned()) && !desk.measures().contains(&"m-8".to_owned()));
}

/// `1,234` has three decimals, or is a number of thousands: who knows which says so.
#[test]
fn the_decimal_mark_of_a_file_can_be_said() {
    let desk = Desk { small: Small::new() };
    let csv = b"indicatorKey;period;figure.value;figure.status;figure.unit\ni-1;2021;1,234;REPORTED;COUNT\n";
    let read =
        |mark: &str| desk.upload("observations.csv", &format!("decimal={mark}&dryRun=true&idempotencyKey={mark}"), csv);
    let comma = read("comma");
    assert!(comma["problems"][0]["message"].as_str().unwrap().starts_with("1.234 is no whole number"), "{comma}");
    assert_eq!(places(&read("point")), [place("!C2", "figure.value", "NOT_A_NUMBER")], "it has a thousands separator");
    let bad = desk.send(&desk.small.token, "file=a.csv&decimal=none&reason=r&idempotencyKey=x", b"");
    let error = &bad.json["errors"][0];
    assert_eq!((bad.status, error["extensions"]["code"].as_str()), (400, Some("BAD_USER_INPUT")));
    assert!(error["message"].as_str().unwrap().contains("`none`"), "{error}");
}

#[test]
fn hostile_files_are_refused_and_the_server_lives() {
    let desk = Desk { small: Small::new() };
    let before = desk.measures();
    let broken = workbook(&[("measures", &[&["key"]])]);
    for (name, bytes) in [
        ("measures.xlsx", &broken[..broken.len() / 2]),
        ("measures.xlsx", b"PK\x03\x04nonsense".as_slice()),
        ("measures.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice()),
        ("measures.csv", b"\xff\xfe\x00".as_slice()),
        ("measures.csv", &[0; 4_096]),
        ("..%2F..%2Fetc%2Fpasswd", b"a,b\n1,2\n".as_slice()),
        ("measures.jsonl", b"{\"measure\": [[[[".as_slice()),
        ("%00", b"".as_slice()),
    ] {
        let told =
            desk.send(&desk.small.token, &format!("file={name}&reason=test&idempotencyKey=x&dryRun=true"), bytes);
        assert_eq!(told.status, 200, "{name}: {}", told.json);
        assert!(["REJECTED", "UNCHANGED"].contains(&told.json["status"].as_str().unwrap()), "{name}: {}", told.json);
    }
    let bad = desk.send(&desk.small.token, "file=a.csv&kind=nonsense&reason=r&idempotencyKey=x", b"");
    assert_eq!((bad.status, bad.json["errors"][0]["extensions"]["code"].as_str()), (400, Some("BAD_USER_INPUT")));
    let reader = token(desk.small.data(), "edit");
    let forbidden = desk.send(&reader, "file=measures.csv&reason=r&idempotencyKey=x", b"key\n");
    assert_eq!(forbidden.status, 403, "{}", forbidden.json);
    assert_eq!(desk.measures(), before);
}

#[test]
fn who_asks_is_told_and_kept_for_nobody_else() {
    let desk = Desk { small: Small::new() };
    let edit = token(desk.small.data(), "edit");
    let ask = |secret: Option<&str>| {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut request =
            agent.get(format!("{}/graphql?query={{viewer{{name,role,bodyKeys}}}}", desk.small.server.url));
        if let Some(secret) = secret {
            request = request.header("Authorization", format!("Bearer {secret}"));
        }
        let mut answer = request.call().unwrap();
        let kept = answer.headers().get("cache-control").map(|value| value.to_str().unwrap().to_owned());
        let json: Json = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        (json["data"]["viewer"].clone(), kept.unwrap_or_default())
    };
    for _ in 0..2 {
        assert_eq!(ask(None).0, json!({ "name": "anonymous", "role": "READ", "bodyKeys": [] }));
        let (viewer, kept) = ask(Some(&desk.small.token));
        assert_eq!((&viewer["role"], kept.contains("no-store")), (&json!("IMPORT"), true), "{viewer} {kept}");
        assert_eq!(ask(Some(&edit)).0["role"], "EDIT");
    }
}

#[test]
fn who_has_gone_is_not_read_for() {
    use std::io::Write as _;
    let desk = Desk { small: Small::new() };
    // A workbook of many rows that all are wrong: nothing is written, it only takes its time.
    let rows: Vec<[String; 2]> = (0..30_000).map(|row| [format!("m-{row}"), format!("Measure {row}")]).collect();
    let mut lines: Vec<Vec<&str>> = vec![vec!["key", "name"]];
    lines.extend(rows.iter().map(|[key, name]| vec![key.as_str(), name.as_str()]));
    let lines: Vec<&[&str]> = lines.iter().map(Vec::as_slice).collect();
    let file = workbook(&[("measures", &lines)]);
    let began = std::time::Instant::now();
    let whole = desk.upload("measures.xlsx", "idempotencyKey=a&dryRun=true", &file);
    assert_eq!(whole["status"], "REJECTED");
    let took = began.elapsed();
    // Whoever sends the same and goes leaves the turn to the next one.
    let address = desk.small.server.url.strip_prefix("http://").unwrap();
    for key in ["b", "c", "d", "e"] {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = format!(
            "POST /import?file=measures.xlsx&reason=r&dryRun=true&idempotencyKey={key} HTTP/1.1\r\nHost: {address}\r\n\
             Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            desk.small.token,
            file.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&file).unwrap();
    }
    let began = std::time::Instant::now();
    let small = workbook(&[("measures", &[&["key", "planKey", "name"], &["m-1", "p", "Another name"]])]);
    let told = desk.upload("measures.xlsx", "idempotencyKey=z&dryRun=true", &small);
    assert_eq!(told["status"], "WOULD_COMMIT", "{told}");
    assert!(began.elapsed() < took * 2, "{:?} after those who had gone, {took:?} for one", began.elapsed());
}
