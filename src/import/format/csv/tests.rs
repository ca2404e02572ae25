use proptest::prelude::*;

use super::*;
use crate::import::encoding::Encoding;
use crate::import::mapping::Mapping;
use crate::import::row::RejectedSource;
use crate::model::Tree;

fn read_text(kind: Kind, text: &str) -> (Vec<Edit>, Vec<String>) {
    let (mut edits, mut found) = (Vec::new(), Vec::new());
    read("file.csv", kind, text.as_bytes(), &mut edits, &mut found);
    (edits, found.iter().map(ToString::to_string).collect())
}

#[test]
fn reads_paths_lists_and_absent_values() {
    let text = "\u{feff}key,planKey,code,scope,title,printed.documentKey,printed.text\n\
                g1,p,G 1,POLICY,\"Goal, one\",doc,Goal\n\
                g2,p,G 2,ORGANISATION,Two,,\n";
    let (edits, found) = read_text(Kind::StrategicGoal, text);
    assert_eq!(found, Vec::<String>::new());
    let records: Vec<String> = edits.iter().map(|edit| format!("{edit:?}")).collect();
    assert!(records[0].contains("Goal, one") && records[0].contains("document_key: Key(\"doc\")"), "{}", records[0]);
    assert!(records[1].contains("printed: None"), "{}", records[1]);
    let (edits, found) = read_text(
        Kind::Project,
        "key,planKey,scope,number,title,strategicGoalKeys\np1,p,ORGANISATION,1,T,goal-1 | goal-3\n",
    );
    assert_eq!(found, Vec::<String>::new());
    assert!(format!("{edits:?}").contains("strategic_goal_keys: [Key(\"goal-1\"), Key(\"goal-3\")]"));
}

#[test]
fn names_line_and_column_of_every_problem() {
    let (edits, found) =
        read_text(Kind::Plan, "key,organisationKey,year,title\na,o,2O21,T\nb,,2021,T\nc,o,2021\nd,o,2021,T\n");
    assert_eq!(edits.len(), 1);
    assert_eq!(found.len(), 3);
    assert!(found[0].starts_with("file.csv.line 2.year: NOT_A_NUMBER: `2O21`"), "{}", found[0]);
    assert!(found[1].starts_with("file.csv.line 3.organisationKey: MISSING"), "{}", found[1]);
    assert!(found[2].starts_with("file.csv.line 4: BAD_FILE: the row has 3 cells, the header 4"), "{}", found[2]);
}

#[test]
fn an_unknown_column_is_told_once_with_near_names() {
    let (edits, found) = read_text(Kind::Plan, "key,organisationKey,yaer,title\na,o,2021,T\n");
    assert!(edits.is_empty());
    // Each row lacks a year then: that is no news.
    assert_eq!(found, ["file.csv.line 1.yaer: UNKNOWN_FIELD: Plan has no field `yaer` (near: year)"]);
}

#[test]
fn wrong_encodings_are_told_and_lose_nothing() {
    let (mut edits, mut found) = (Vec::new(), Vec::new());
    read(
        "f.csv",
        Kind::Plan,
        b"key,organisationKey,year,title\na,o,2021,caf\xe9\nb,o,2021,fine\n",
        &mut edits,
        &mut found,
    );
    assert_eq!((edits.len(), found.len()), (1, 1));
    assert_eq!(found[0].code, ProblemCode::BadFile);
}

fn read_with(options: &Options, kind: Kind, bytes: &[u8]) -> (Vec<Row>, Vec<RejectedRow>, Report) {
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let options = Options { kind: Some(kind), ..options.clone() };
    let report = crate::import::read::read("f.csv", bytes, &options, &mut |row| match row {
        Ok(row) => rows.push(row),
        Err(reject) => rejects.push(reject),
    });
    assert_eq!((report.rows, report.refused), (rows.len(), rejects.iter().filter(|it| it.json().is_some()).count()));
    (rows, rejects, report)
}

fn told(rejects: &[RejectedRow]) -> Vec<String> {
    rejects.iter().flat_map(|reject| &reject.problems).map(ToString::to_string).collect()
}

fn value(row: &Row) -> &Tree<'static> {
    row.tree.field("figure").unwrap().field("value").unwrap()
}

#[test]
fn the_dialect_is_found_out_and_told() {
    for (delimiter, mark, decimal) in [
        (Delimiter::Comma, DecimalMark::Point, "12.5"),
        (Delimiter::Semicolon, DecimalMark::Comma, "12,5"),
        (Delimiter::Tab, DecimalMark::Comma, "12,5"),
    ] {
        let separator = char::from(delimiter.byte()).to_string();
        let line = |cells: [&str; 5]| format!("{}\r\n", cells.join(&separator));
        let text = [
            "\u{feff}".to_owned(),
            line(["indicatorKey", "period", "figure.value", "figure.status", "figure.unit"]),
            line(["a", "2020", decimal, "REPORTED", "COUNT"]),
            line(["", "", "", "", ""]),
            "\r\n".to_owned(),
            line(["\"b\"", "2020", "7", "REPORTED", "COUNT"]),
        ];
        let (rows, rejects, report) = read_with(&Options::default(), Kind::Observation, text.concat().as_bytes());
        assert_eq!(told(&rejects), Vec::<String>::new());
        assert_eq!((report.delimiter, report.decimal, report.bom), (Some(delimiter), Some(mark), true));
        assert_eq!(value(&rows[0]), &Tree::Cell("12.5".into()));
        assert!(rows.iter().all(|row| row.record().is_ok()));
        assert_eq!([&rows[0].at.path()[1], &rows[1].at.path()[1]], ["line 2", "line 5"]);
        let told = report.to_string();
        let expected = format!(
            "f.csv: CSV with a byte order mark, {} between cells, decimal {}; 2 rows read",
            delimiter.name(),
            mark.name()
        );
        assert_eq!(told, expected);
    }
}

const OBSERVATIONS: &str = "indicatorKey;period;figure.value;figure.status;figure.unit\n";

#[test]
fn unclear_decimals_are_asked_for() {
    let text =
        format!("{OBSERVATIONS}a;2020;1.234;REPORTED;COUNT\nb;20x0;1,234;REPORTED;COUNT\nc;2020;7;REPORTED;COUNT\n");
    let (rows, rejects, report) = read_with(&Options::default(), Kind::Observation, text.as_bytes());
    assert_eq!((rows.len(), rejects.len(), report.decimal), (1, 2, None));
    let problems = told(&rejects);
    assert_eq!(
        problems[0],
        "f.csv.line 2.figure.value: NOT_A_NUMBER: `1.234` can be 1234 or 1.234: no other cell of the file tells whether its point is the decimal mark"
    );
    assert!(rejects[0].problems[0].hint.contains("give the decimal mark"));
    assert!(problems[1].contains("`1,234` can be 1234 or 1.234"));
    // What else is wrong with the row is told in the same answer.
    assert!(problems[2].starts_with("f.csv.line 3.period: NOT_A_PERIOD"), "{problems:?}");
    for (mark, first, second) in [(DecimalMark::Point, Some("1.234"), None), (DecimalMark::Comma, None, Some("1.234"))]
    {
        let options = Options { decimal: Some(mark), ..Options::default() };
        let (rows, _, _) = read_with(&options, Kind::Observation, text.as_bytes());
        let value_of = |key: &str| {
            let row =
                rows.iter().find(|row| row.tree.field("indicatorKey") == Some(&Tree::Cell(key.to_owned().into())));
            row.map(|row| value(row).clone())
        };
        assert_eq!(value_of("a"), first.map(|text| Tree::Cell(text.into())));
        assert_eq!(value_of("b"), second.map(|text| Tree::Cell(text.into())));
    }
}

#[test]
fn thousands_separators_are_told_with_what_to_write() {
    let cells = ["12,5", "1.234,56", "1 234", "12.5", "1.234.567", "97,6%"];
    let lines: Vec<String> = cells.iter().map(|cell| format!("a;2020;{cell};REPORTED;COUNT\n")).collect();
    let (rows, rejects, report) =
        read_with(&Options::default(), Kind::Observation, (OBSERVATIONS.to_owned() + &lines.concat()).as_bytes());
    // The file uses both marks: what is written with the rarer one is told.
    assert_eq!(report.decimal, None);
    let hints: Vec<&str> = rejects.iter().map(|reject| reject.problems[0].hint.as_str()).collect();
    assert_eq!(
        hints,
        [
            "write it without them: `1234,56`",
            "write it without them: `1234`",
            "write it as `12,5`",
            "write it without them: `1234567`"
        ]
    );
    assert!(rejects.iter().all(|reject| reject.problems[0].code == ProblemCode::NotANumber));
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].record().unwrap_err()[0].code, ProblemCode::NotANumber);
}

#[test]
fn columns_twice_unknown_or_nameless() {
    let (_, rejects, _) = read_with(&Options::default(), Kind::Plan, b"key,title,title,yaer\na,b,c,d\n");
    assert_eq!(
        told(&rejects),
        [
            "f.csv.line 1.title: DUPLICATE_KEY: the column `title` stands twice",
            "f.csv.line 1.yaer: UNKNOWN_FIELD: Plan has no field `yaer` (near: year)"
        ]
    );
    assert!(rejects[0].json().is_none());
    // Spreadsheets leave empty columns behind; what stands in one is told.
    let text = b"key,organisationKey,year,title,,\na,o,2021,T,,\nb,o,2021,T,,x\n";
    let (rows, rejects, _) = read_with(&Options::default(), Kind::Plan, text);
    assert_eq!((rows.len(), rejects.len()), (1, 1));
    assert!(rows[0].record().is_ok());
    assert_eq!(told(&rejects), ["f.csv.line 3.cell 6: BAD_FILE: `x` stands in a column without a name"]);
}

#[test]
fn ragged_rows_are_kept_with_a_note() {
    let text = b"key,organisationKey,year,title\na,o,2021\nb,o,2021,T,more\nc,o,2021,T\n";
    let (rows, rejects, _) = read_with(&Options::default(), Kind::Plan, text);
    assert_eq!(rows.len(), 1);
    assert_eq!(
        told(&rejects),
        [
            "f.csv.line 2: BAD_FILE: the row has 3 cells, the header 4",
            "f.csv.line 3: BAD_FILE: the row has 5 cells, the header 4; beyond it stands `more`"
        ]
    );
    assert_eq!(
        rejects[0].json().unwrap(),
        serde_json::json!({"plan": {"?": "the row has 3 cells, the header 4", "key": "a", "organisationKey": "o", "year": 2021}})
    );
}

#[test]
fn quotes_inside_and_quotes_left_open() {
    let text = b"key,organisationKey,year,title\na,o,2021,\"say \"\"hi\"\",\nthen go\"\nb,o,2021,5\" pipe\nc,o,2021,\"open\nd,o,2021,T\ne,o,20x1,T\n";
    let (rows, rejects, _) = read_with(&Options::default(), Kind::Plan, text);
    let title = |row: &Row| row.tree.field("title").cloned();
    assert_eq!(title(&rows[0]), Some(Tree::Cell("say \"hi\",\nthen go".into())));
    assert_eq!(title(&rows[1]), Some(Tree::Cell("5\" pipe".into())));
    assert_eq!(told(&rejects), ["f.csv.line 5: BAD_FILE: a quote opens in this row and is not closed"]);
    assert_eq!(rejects[0].kept, RejectedSource::Text("c,o,2021,\"open".into()));
    // The rows after it are read all the same.
    assert_eq!(rows[2].at.path()[1], "line 6");
    assert!(rows[3].record().unwrap_err()[0].to_string().starts_with("f.csv.line 7.year"));
    // A file in which they never end is given up, rather than looked through once for each row.
    let text = "key,organisationKey,year,title\n".to_owned() + &"b\",\",\n".repeat(100_000);
    let (_, rejects, _) = read_with(&Options::default(), Kind::Plan, text.as_bytes());
    assert_eq!(rejects.len(), UNCLOSED_MAX);
    assert!(told(&rejects)[UNCLOSED_MAX - 1].ends_with("the rest of the file is not read"));
    // Nor is a quote at the very end of a cell taken for an open one.
    let (rows, rejects, _) =
        read_with(&Options::default(), Kind::Plan, b"key,organisationKey,year,title\na,o,2021,\"T\"");
    assert_eq!((rows.len(), rejects.len()), (1, 0));
}

#[test]
fn wrong_encodings_name_line_and_column() {
    let utf8 = Options { encoding: Some(Encoding::Utf8), ..Options::default() };
    let (rows, rejects, _) =
        read_with(&utf8, Kind::Plan, b"key,organisationKey,year,title\na,o,20x1,caf\xe9\nb,o,2021,\x80\nc,o,2021,T\n");
    assert_eq!(rows.len(), 1);
    assert_eq!(
        told(&rejects),
        [
            "f.csv.line 2.title: BAD_FILE: in `caf\u{fffd}` byte 4 is 0xE9 (`é` in Windows-1252), which is not UTF-8",
            "f.csv.line 2.year: NOT_A_NUMBER: `20x1` is no whole number of 32 bits",
            "f.csv.line 3.title: BAD_FILE: in `\u{fffd}` byte 1 is 0x80 (`€` in Windows-1252), which is not UTF-8",
        ]
    );
    let (_, rejects, _) = read_with(&utf8, Kind::Plan, b"key,tit\xebl\na,b\n");
    assert!(told(&rejects)[0].starts_with("f.csv.line 1: BAD_FILE: in the column name"), "{:?}", told(&rejects));
    let wide: Vec<u8> = "key,year\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (_, _, report) = read_with(&Options::default(), Kind::Plan, &wide);
    assert_eq!(report.to_string(), "f.csv: CSV in UTF-16 LE, comma between cells; 0 rows read");
    let (rows, _, report) = read_with(&Options::default(), Kind::Plan, b"key;title\na;caf\xe9\n");
    assert_eq!(rows[0].tree.field("title"), Some(&Tree::Cell("café".into())));
    assert!(report.to_string().starts_with("f.csv: CSV in Windows-1252, semicolon"), "{report}");
    let (_, rejects, _) = read_with(&Options::default(), Kind::Plan, b"");
    assert_eq!(told(&rejects), ["f.csv.line 1: BAD_FILE: the file is empty"]);
}

#[test]
fn cells_too_long() {
    let cell = |bytes: usize| "x".repeat(bytes);
    let text = format!(
        "key,organisationKey,year,title\na,o,2021,{}\nb,o,2021,{}\nc,o,2021,T\n",
        cell(10 << 20),
        cell(17 << 10)
    );
    let (rows, rejects, _) = read_with(&Options::default(), Kind::Plan, text.as_bytes());
    assert_eq!(
        told(&rejects),
        ["f.csv.line 2: TOO_LONG: the row has more than 1048576 bytes, its longest cell 10485760"]
    );
    let problems: Vec<String> = rows[0].record().unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(problems, ["f.csv.line 3.title: TOO_LONG: the text has 17408 bytes, at most 16384 are allowed"]);
    assert!(rows[1].record().is_ok());
}

#[test]
fn a_mapping_renames_columns() {
    let mapping = "[plans]\n\"Titel, kort\" = \"title\"\nJaar = \"year\"\nWeg = { ignore = true }\nNiet = \"documentKey\"\norganisationKey = { value = \"o\" }\n";
    let options = Options { mapping: Mapping::parse("m", mapping).unwrap(), ..Options::default() };
    let (rows, rejects, report) = read_with(&options, Kind::Plan, b"Titel, kort;Jaar;key;Weg\nT;2021;p;x\n");
    assert_eq!(told(&rejects), Vec::<String>::new());
    assert!(rows[0].record().is_ok(), "{:?}", rows[0].record());
    assert_eq!((report.passed_over, report.absent), (vec!["Weg".to_owned()], vec!["Niet".to_owned()]));
    let (_, rejects, _) = read_with(&options, Kind::Plan, b"Jaar;year;organisationKey\n");
    assert_eq!(
        told(&rejects),
        [
            "f.csv.line 1.year: DUPLICATE_KEY: `year` is filled twice, by `Jaar` and by the column `year`",
            "f.csv.line 1.organisationKey: DUPLICATE_KEY: `organisationKey` is filled twice, by `the mapping's constant` and by the column `organisationKey`"
        ]
    );
}

proptest! {
    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), header: bool) {
        let mut text = if header { b"key,organisationKey;year,title\n".to_vec() } else { Vec::new() };
        text.extend(bytes);
        read_with(&Options::default(), Kind::Plan, &text);
    }

    /// Quotes, line ends and delimiters in any order: each row is handed on once, on the line where it begins.
    #[test]
    fn lines_are_counted(body in "[a\",\r\n]{0,40}") {
        let text = format!("key,title\n{body}");
        let (rows, rejects, _) = read_with(&Options { delimiter: Some(Delimiter::Comma), ..Options::default() }, Kind::Plan, text.as_bytes());
        let lines: Vec<usize> = rows.iter().map(|row| row.at.path()[1].clone()).chain(rejects.iter().map(|it| it.problems[0].path[1].clone()))
            .map(|line| line["line ".len()..].parse().unwrap()).collect();
        let last = text.matches('\n').count() + 1;
        for line in lines {
            prop_assert!((2..=last).contains(&line), "{}", line);
        }
    }
}

#[test]
fn every_column_that_nobody_knows_is_told_however_many_there_are() {
    let many: Vec<String> = (0..3_000).map(|at| format!("column-{at}")).collect();
    let header = format!("key,planKey,Code,scope,{},title", many.join(","));
    let row = format!("g1,p,G 1,POLICY,{}One", ",".repeat(many.len()));
    let (edits, found) = read_text(Kind::StrategicGoal, &format!("{header}\n{row}\n"));
    let unknown: Vec<&String> = found.iter().filter(|it| it.contains("has no field `column-")).collect();
    assert_eq!((unknown.len(), edits.len()), (many.len(), 1), "{:?}", found.iter().find(|it| !unknown.contains(it)));
    assert!(unknown[2_999].contains("column-2999"));
}

/// A folder that is loaded holds what the same rows come to when they are imported.
#[test]
fn periods_come_in_their_one_form() {
    let text = "indicatorKey,period,changeFrom,figure.value,figure.status,figure.unit\n\
                i,2024-Q1/2024-Q4,2023-01/2023-12,1,REPORTED,COUNT\ni,2024-Q3/2024-Q4,,1,REPORTED,COUNT\n";
    let (edits, found) = read_text(Kind::Observation, text);
    assert_eq!(found, Vec::<String>::new());
    let keys: Vec<String> = edits.iter().filter_map(Edit::key).map(|key| key.to_string()).collect();
    assert_eq!(keys, ["i/2024", "i/2024-07/2024-12"]);
    assert!(format!("{:?}", edits[0]).contains("period_written: Some"), "{edits:?}");
}
