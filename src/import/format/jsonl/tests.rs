use proptest::prelude::*;

use super::*;
use crate::import::mapping::Mapping;
use crate::import::read::read;
use crate::import::row::MARK;
use crate::model::Tree;

fn read_bytes(name: &str, bytes: &[u8], options: &Options) -> (Vec<Row>, Vec<RejectedRow>, Report) {
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let report = read(name, bytes, options, &mut |row| match row {
        Ok(row) => rows.push(row),
        Err(reject) => rejects.push(reject),
    });
    assert_eq!(report.rows, rows.len());
    (rows, rejects, report)
}

fn told(rejects: &[RejectedRow]) -> Vec<String> {
    rejects.iter().flat_map(|reject| &reject.problems).map(ToString::to_string).collect()
}

#[test]
fn reads_wrapped_and_bare_rows() {
    let text = "\u{feff}{\"plan\": {\"key\": \"p\", \"year\": 2021, \"title\": \"T\\u00e9\", \"organisationKey\": \"o\"}}\r\n\
                \n  \n{\"problems\": [{\"code\": \"MISSING\"}], \"budgetAmount\": {\"year\": 2020, \"figure\": {\"value\": \"0.10\", \"unit\": null}}}\n\
                {\"budgetAmount\": {\"figure\": {\"value\": 0.10}}}";
    let (rows, rejects, report) = read_bytes("rows.jsonl", text.as_bytes(), &Options::default());
    assert_eq!(told(&rejects), Vec::<String>::new());
    assert!(report.bom);
    assert_eq!(rows[0].kind, Kind::Plan);
    assert_eq!(rows[0].tree.field("title"), Some(&Tree::Text("Té".into())));
    assert_eq!(rows[0].tree.field("year"), Some(&Tree::Number("2021".into())));
    assert_eq!(rows[1].at.path(), ["rows.jsonl", "line 4"]);
    let figure = rows[1].tree.field("figure").unwrap();
    assert_eq!(figure.field("value"), Some(&Tree::Text("0.10".into())));
    assert_eq!(figure.field("unit"), Some(&Tree::Null));
    // A number with a fraction is handed on as it is written, so that its refusal can name it.
    assert_eq!(rows[2].tree.field("figure").unwrap().field("value"), Some(&Tree::Number("0.10".into())));
    let bare = b"{\"key\": \"p\", \"year\": 2021}\n{\"plan\": {\"key\": \"q\"}}\n";
    let (rows, rejects, _) = read_bytes("folder/plans.jsonl", bare, &Options::default());
    assert!(rejects.is_empty());
    assert_eq!(rows.iter().map(|row| row.kind).collect::<Vec<_>>(), [Kind::Plan, Kind::Plan]);
    assert_eq!(rows[1].tree.field("key"), Some(&Tree::Text("q".into())));
}

#[test]
fn every_bad_line_is_told_and_the_rest_is_read() {
    let good = "{\"plan\": {\"key\": \"p\", \"organisationKey\": \"o\", \"year\": 2021, \"title\": \"T\"}}";
    let mut text = Vec::new();
    for line in [
        &b"{\"plan\": {\"key\": \"p\", \"ye"[..],
        b"{\"plan\": {\"key\": \"caf\xe9\"}}",
        b"{\"plan\": {\"key\": \"a\", \"title\": \"1\", \"key\": \"b\"}}",
        b"{\"plam\": {\"key\": \"a\"}}",
        b"[1, 2]",
        b"{}",
        b"{\"plan\": 3}",
        b"{\"plan\": {}} trailing",
        b"{\"plan\": {}, \"measure\": {}}",
        b"{'plan': 1}",
        b"{\"plan\": {\"title\": \"\\ud800\"}}",
        b"nul",
    ] {
        text.extend_from_slice(line);
        text.push(b'\n');
        text.extend_from_slice(good.as_bytes());
        text.push(b'\n');
    }
    let utf8 = Options { encoding: Some(crate::import::encoding::Encoding::Utf8), ..Options::default() };
    let (rows, rejects, report) = read_bytes("x.jsonl", &text, &utf8);
    assert_eq!((rows.len(), rejects.len(), report.refused), (12, 12, 12));
    assert!(rows.iter().all(|row| row.record().is_ok()));
    let firsts: Vec<String> = rejects.iter().map(|reject| reject.problems[0].to_string()).collect();
    let expected = [
        "x.jsonl.line 1: BAD_FILE: the line ends too early, after 25 bytes: EOF while parsing a string",
        "x.jsonl.line 3: BAD_FILE: byte 22 is 0xE9 (`é` in Windows-1252), which is not UTF-8",
        "x.jsonl.line 5.key: DUPLICATE_KEY: `key` stands twice in one object",
        "x.jsonl.line 7.plam: UNKNOWN_FIELD: `plam` is no kind of record (near: plan, claim)",
        "x.jsonl.line 9: WRONG_TYPE: no row: invalid type: sequence, expected an object",
        "x.jsonl.line 11: WRONG_TYPE: no row: the object is empty",
        "x.jsonl.line 13: WRONG_TYPE: no row: invalid type: integer `3`, expected the object of a Plan",
        "x.jsonl.line 15: BAD_FILE: no JSON at byte 14: trailing characters",
        "x.jsonl.line 17.measure: BAD_FILE: a line holds one record; beside it stands `measure`",
        "x.jsonl.line 19: BAD_FILE: no JSON at byte 2: key must be a string",
        "x.jsonl.line 21: BAD_FILE: no JSON at byte 27: unexpected end of hex escape",
        "x.jsonl.line 23: BAD_FILE: the line ends too early, after 3 bytes: EOF while parsing a value",
    ];
    assert_eq!(firsts, expected);
    // What was understood in part tells its other problems too, and is not taken again before a person has looked.
    assert!(
        told(&rejects[2..3]).iter().any(|problem| problem.contains("organisationKey: MISSING")),
        "{:?}",
        told(&rejects)
    );
    for reject in &rejects {
        let again = reject.json().unwrap().to_string();
        let (rows, rejects, _) = read_bytes("rejects.jsonl", again.as_bytes(), &Options::default());
        assert!(rejects.len() == 1 || rows.iter().all(|row| row.record().is_err()), "{again}");
    }
}

#[test]
fn a_line_of_ten_megabytes_is_told_and_passed_over() {
    let long = format!("{{\"plan\": {{\"title\": \"{}\"}}}}\n{{\"plan\": {{}}}}\n", "x".repeat(10 << 20));
    for size in [usize::MAX, 100_000] {
        let options = Options::default();
        let mut lines = Lines::new("x.jsonl", &options);
        let mut rows = Vec::new();
        for piece in long.as_bytes().chunks(size.min(long.len())) {
            lines.feed(piece, &mut |row| rows.push(row));
            assert!(lines.begun.len() <= ROW_BYTES_MAX);
        }
        let report = lines.finish(&mut |row| rows.push(row));
        assert_eq!((report.rows, report.refused), (1, 1));
        let problem = &rows[0].as_ref().unwrap_err().problems[0];
        assert_eq!(
            problem.to_string(),
            "x.jsonl.line 1: TOO_LONG: the line has 10485783 bytes, at most 1048576 are allowed"
        );
        assert_eq!(rows[1].as_ref().unwrap().at.path()[1], "line 2");
    }
}

#[test]
fn objects_of_countless_fields_are_told() {
    let fields: Vec<String> = (0..20_000).map(|number| format!("\"f{number}\":0")).collect();
    let text = format!("{{\"plan\": {{{}}}}}", fields.join(","));
    let (_, rejects, _) = read_bytes("x.jsonl", text.as_bytes(), &Options::default());
    assert_eq!(rejects[0].problems[0].code, ProblemCode::TooLong);
}

#[test]
fn utf16_is_read_in_files_and_told_once_in_bodies() {
    let text: Vec<u8> = "\u{feff}{\"plan\": {}}\n{\"plan\": {}}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (rows, rejects, report) = read_bytes("x.jsonl", &text, &Options::default());
    assert_eq!((rows.len(), rejects.len()), (2, 0));
    assert!(report.to_string().starts_with("x.jsonl: JSON Lines in UTF-16 LE"), "{report}");
    let options = Options::default();
    let (mut lines, mut rejects) = (Lines::new("body", &options), Vec::new());
    lines.feed(&text, &mut |row| rejects.extend(row.err()));
    lines.finish(&mut |row| rejects.extend(row.err()));
    assert_eq!(told(&rejects), ["body.line 1: BAD_FILE: the file is UTF-16, not UTF-8"]);
}

#[test]
fn a_mapping_renames_the_records_own_fields() {
    let mapping = "[plans]\nTitel = \"title\"\nBlz = { ignore = true }\norganisationKey = { value = \"o\" }\n\
                   [observations]\nWaarde = \"figure.value\"\nEenheid = \"figure.unit\"\n";
    let options = Options { mapping: Mapping::parse("m", mapping).unwrap(), ..Options::default() };
    let text = "{\"plan\": {\"Titel\": \"T\", \"Blz\": 3, \"key\": \"p\", \"year\": 2020}}\n\
                {\"observation\": {\"Waarde\": 12.50, \"Eenheid\": \"COUNT\", \"figure\": {}}}\n\
                {\"plan\": {\"Titel\": \"T\", \"title\": \"U\"}}\n";
    let (rows, rejects, _) = read_bytes("x.jsonl", text.as_bytes(), &options);
    assert!(rows[0].record().is_ok(), "{:?}", rows[0].record());
    assert_eq!(rejects.len(), 2);
    assert!(told(&rejects)[0].contains("`figure` stands twice"), "{:?}", told(&rejects));
    assert!(told(&rejects).iter().any(|problem| problem.contains("`title` stands twice")), "{:?}", told(&rejects));
}

#[test]
fn a_field_named_like_a_kind_is_a_field_in_a_file_of_its_kind() {
    let norm = r#"{"target": {"value": "0.9", "status": "REPORTED", "unit": "RATIO"}, "key": "n", "measureKey": "m", "position": 1, "label": "N", "basis": "UNKNOWN"}"#;
    let (rows, rejects, _) = read_bytes("norms.jsonl", norm.as_bytes(), &Options::default());
    assert!(rejects.is_empty(), "{:?}", told(&rejects));
    assert_eq!((rows[0].kind, rows[0].record().is_ok()), (Kind::Norm, true));
    let wrapped = format!(r#"{{"norm": {norm}}}"#);
    let (rows, _, _) = read_bytes("norms.jsonl", wrapped.as_bytes(), &Options::default());
    assert_eq!((rows[0].kind, rows[0].record().is_ok()), (Kind::Norm, true));
    let (rows, _, _) = read_bytes("rows.jsonl", norm.as_bytes(), &Options::default());
    assert!(rows.iter().all(|row| row.kind == Kind::Target));
}

#[test]
fn no_kind_has_a_field_named_like_itself() {
    for kind in Kind::ALL {
        assert!(kind.info().position(kind.one()).is_none(), "{kind}");
        for reserved in [PROBLEMS, MARK] {
            assert!(kind.info().position(reserved).is_none(), "{kind}");
        }
    }
}

proptest! {
    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_bytes("plans.jsonl", &bytes, &Options::default());
    }

    /// Anything near JSON: accepted exactly where a plain parser finds an object with one kind.
    #[test]
    fn takes_no_line_that_is_no_json(body in "[{}\\[\\]\":,a-c0-2.\\\\ en]{0,30}") {
        let line = format!("{{\"plan\": {{\"a\":{body}}}}}");
        let (rows, _, _) = read_bytes("x.jsonl", line.as_bytes(), &Options::default());
        let plain = serde_json::from_str::<serde_json::Value>(&line);
        if let [row] = rows.as_slice() {
            let plain = plain.unwrap();
            prop_assert_eq!(crate::import::to_json::tree_json(row.kind, &row.tree), plain);
        } else if let Ok(plain) = plain {
            // Only repeated names are refused beyond what JSON refuses: a map keeps fewer of them than were written.
            let plain = plain.to_string().matches("\":").count();
            prop_assert!(plain < line.matches("\":").count() + line.matches("\" :").count() || line.contains(r"\\"), "{}", line);
        }
    }

    /// In pieces of any size the same rows come out.
    #[test]
    fn pieces_make_no_difference(sizes in prop::collection::vec(1usize..40, 1..20)) {
        let text = "{\"plan\": {\"key\": \"p\"}}\r\n\n{\"plan\": {\"key\": 3\n{\"plan\": {\"title\": \"é\"}}";
        let whole = read_bytes("x.jsonl", text.as_bytes(), &Options::default());
        let options = Options::default();
        let mut lines = Lines::new("x.jsonl", &options);
        let (mut rows, mut rejects) = (Vec::new(), Vec::new());
        let mut each = |row: Result<Row, RejectedRow>| match row { Ok(row) => rows.push(row), Err(reject) => rejects.push(reject) };
        let mut rest = text.as_bytes();
        for size in sizes.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, after) = rest.split_at(rest.len().min(*size));
            lines.feed(piece, &mut each);
            rest = after;
        }
        let report = lines.finish(&mut each);
        prop_assert_eq!((rows, rejects, report), whole);
    }
}

/// Not a test of anything but speed: `cargo test --release --lib jsonl -- --ignored --nocapture`.
#[test]
#[ignore = "measures speed"]
fn speed() {
    let mut text = String::new();
    for number in 0..1_000_000 {
        use std::fmt::Write as _;
        writeln!(
            text,
            "{{\"observation\":{{\"indicatorKey\":\"measure-{}/received\",\"period\":\"{}\",\"figure\":{{\"value\":\"{number}\",\"status\":\"REPORTED\",\"unit\":\"COUNT\"}}}}}}",
            number % 5_000,
            1990 + number / 5_000
        )
        .unwrap();
    }
    for records in [false, true] {
        let options = Options::default();
        let start = std::time::Instant::now();
        let mut count = 0;
        let report = read("x.jsonl", text.as_bytes(), &options, &mut |row| {
            let row = row.unwrap();
            count += usize::from(if records { row.record().is_ok() } else { matches!(row.tree, Tree::Map(_)) });
        });
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!((count, report.rows), (1_000_000, 1_000_000));
        let what = if records { "records" } else { "trees" };
        println!("{:.0} rows/s to {what}, {:.0} MB/s", 1e6 / seconds, text.len() as f64 / 1e6 / seconds);
    }
}
