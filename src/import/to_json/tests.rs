use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::import::csv::{cells, paths};
use crate::import::number::DecimalMark;
use crate::import::rows::{Delimiter, Options, Report, read};

#[test]
fn a_row_that_is_no_record_is_kept_as_it_came() {
    let cell = |text: &str| Tree::Cell(text.to_owned().into());
    let tree = Tree::Map(vec![
        ("key".into(), cell("p1")),
        ("number".into(), cell("1")),
        ("strategicGoalKeys".into(), cell("a | b")),
        ("printed".into(), Tree::Map(vec![("page".into(), cell("12a")), ("row".into(), cell("3"))])),
        ("tilte".into(), cell("T")),
        ("scope".into(), Tree::Number("0.10".into())),
        ("title".into(), Tree::Number("0.5".into())),
        ("x".into(), Tree::List(vec![Tree::Null, Tree::Bool(true)])),
    ]);
    let expected = json!({"project": {
        "key": "p1", "number": 1, "strategicGoalKeys": ["a", "b"], "printed": {"page": "12a", "row": "3"},
        "tilte": "T", "scope": "0.10", "title": 0.5, "x": [null, true],
    }});
    assert_eq!(tree_json(Kind::Project, &tree), expected);
}

/// The records of a file, every one of which must be one.
fn records(name: &str, bytes: &[u8], options: &Options) -> (Vec<Record>, Report) {
    let mut records = Vec::new();
    let report = read(name, bytes, options, &mut |row| {
        let row = row.unwrap_or_else(|reject| panic!("{:?}", reject.problems));
        records.push(row.record().unwrap_or_else(|problems| panic!("{problems:?}")));
    });
    (records, report)
}

fn csv_text(kind: Kind, records: &[Record], delimiter: Delimiter, mark: DecimalMark) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter.byte()).from_writer(Vec::new());
    writer.write_record(paths(kind)).unwrap();
    for record in records {
        writer.write_record(cells(record, mark).unwrap()).unwrap();
    }
    writer.into_inner().unwrap()
}

fn json_lines(records: &[Record]) -> String {
    records.iter().map(|record| row_json(record).to_string() + "\n").collect()
}

#[test]
fn the_fixtures_come_back_the_same() {
    let point = Options { decimal: Some(DecimalMark::Point), ..Options::default() };
    let comma = Options { decimal: Some(DecimalMark::Comma), ..Options::default() };
    let (mut count, mut found_out) = (0, 0);
    for (name, bytes) in crate::embedded::demo() {
        let (originals, report) = records(&name, &bytes, &point);
        count += originals.len();
        assert_eq!((report.rows, report.delimiter), (originals.len(), Some(Delimiter::Comma)), "{name}");
        assert_eq!(
            records("rows.jsonl", json_lines(&originals).as_bytes(), &Options::default()).0,
            originals,
            "{name}"
        );
        let text = csv_text(originals[0].kind(), &originals, Delimiter::Semicolon, DecimalMark::Comma);
        let (back, report) = records(&name, &text, &comma);
        assert_eq!(back, originals, "{name}");
        assert_eq!(report.delimiter, Some(Delimiter::Semicolon), "{name}");
        // Where a file has decimals at all, its mark is found out: none of them has only unclear ones.
        let (back, report) = records(&name, &text, &Options::default());
        assert_eq!(back, originals, "{name}");
        found_out += usize::from(report.decimal == Some(DecimalMark::Comma));
    }
    assert!(count > 3_000, "{count}");
    assert!(found_out >= 4, "{found_out}");
}

/// A small stream of numbers, so that any record can be drawn from one seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }

    /// A record: what the dice give, until it breaks no rule of its kind.
    fn record(&mut self, kind: Kind) -> Record {
        let mut rolls = (0..10_000).map(|_| wrap(kind, self.object(kind.info())).to_string());
        let record = rolls.find_map(|line| {
            let mut record = None;
            let options = Options::default();
            read("x.jsonl", line.as_bytes(), &options, &mut |row| record = row.unwrap().record().ok());
            record
        });
        record.unwrap_or_else(|| panic!("the dice give no {kind}"))
    }

    fn value(&mut self, ty: &Type) -> Value {
        const TEXTS: &[&str] =
            &["T", "a, b; c\t\"d\"", " é\n€ \r\n", "1.234", "a|b", "true", "\u{feff}x", "'=1", "2020"];
        match ty {
            Type::Text => json!(self.one(TEXTS)),
            Type::Key | Type::Link(_) | Type::LinkByKind(_) => {
                json!(format!("k-{}/{}", self.roll(100), self.one(&["a", "é", "1.2"])))
            }
            Type::Int => json!(self.one(&[0, 1, 2020, 2021, -5, i32::MAX])),
            Type::Boolean => json!(self.roll(2) == 0),
            Type::Decimal => {
                json!(self.one(&["0", "12.50", "-0.976", "1234.567", "79228162514264337593543950335", "1234567.89"]))
            }
            Type::Date => json!(self.one(&["2020-12-31", "1999-01-01"])),
            Type::Period => {
                json!(self.one(&["2020", "2018-2019", "2020-Q1", "2020-09", "2020-09/2020-12", "2020-09-02"]))
            }
            Type::Enum(vocabulary) => json!(self.one(vocabulary.words).0),
            Type::List(inner) => {
                let length = self.roll(3);
                // An entry of a list has no bar and no blanks around it where CSV is to hold it.
                let items = (0..length).map(|_| match &**inner {
                    Type::Text => json!(format!("entry, {}", self.roll(100))),
                    inner => self.value(inner),
                });
                Value::Array(items.collect())
            }
            Type::Optional(inner) => {
                if self.roll(2) == 0 {
                    Value::Null
                } else {
                    self.value(inner)
                }
            }
            Type::Composite(info) => self.object(info()),
        }
    }

    fn object(&mut self, info: &CompositeInfo) -> Value {
        let mut object: Map<String, Value> =
            info.fields.iter().map(|field| (field.name.clone(), self.value(&field.ty))).collect();
        if info.name == "Figure" {
            let reported = self.roll(2) == 0;
            object["status"] = json!(if reported { "REPORTED" } else { "NOT_AVAILABLE" });
            object["value"] = if reported { self.value(&Type::Decimal) } else { Value::Null };
        }
        Value::Object(object)
    }
}

proptest! {
    #[test]
    fn any_record_comes_back_the_same(seed: u64, which in 0..Kind::ALL.len(), semicolon: bool, comma: bool) {
        let kind = Kind::ALL[which];
        let originals = vec![Dice(seed).record(kind)];
        prop_assert_eq!(&records("x.jsonl", json_lines(&originals).as_bytes(), &Options::default()).0, &originals);
        let delimiter = if semicolon { Delimiter::Semicolon } else { Delimiter::Comma };
        let mark = if comma { DecimalMark::Comma } else { DecimalMark::Point };
        let options = Options { decimal: Some(mark), kind: Some(kind), ..Options::default() };
        let text = csv_text(kind, &originals, delimiter, mark);
        let (back, report) = records("x.csv", &text, &options);
        prop_assert_eq!(&back, &originals);
        prop_assert_eq!(report.delimiter, Some(delimiter));
    }

    /// A row that was read but is no record says the same when it is sent again.
    #[test]
    fn any_row_comes_back_the_same(seed: u64, which in 0..Kind::ALL.len(), hole in 0usize..4) {
        let kind = Kind::ALL[which];
        let mut body = Dice(seed).object(kind.info());
        if let Some(value) = body.as_object_mut().unwrap().values_mut().nth(hole) {
            *value = json!({"unheard": [1, 0.5, null, "x"]});
        }
        let line = wrap(kind, body);
        let mut rows = Vec::new();
        read("x.jsonl", line.to_string().as_bytes(), &Options::default(), &mut |row| rows.push(row.unwrap()));
        prop_assert_eq!(tree_json(kind, &rows[0].tree), line);
    }
}

#[test]
fn what_a_cell_cannot_hold_is_told() {
    for (field, value) in [("title", json!("")), ("groups", json!(["a|b"])), ("groups", json!([" a"]))] {
        let mut line =
            json!({"milestone": {"projectKey": "p", "year": 2020, "table": "PLANNED", "number": 1, "title": "T"}});
        line["milestone"][field] = value;
        let (originals, _) = records("x.jsonl", line.to_string().as_bytes(), &Options::default());
        let problem = cells(&originals[0], DecimalMark::Point).unwrap_err();
        assert!(
            problem.to_string().starts_with(&format!("milestone.p/2020/planned/1.{field}: OUT_OF_RANGE")),
            "{problem}"
        );
        assert_eq!(records("x.jsonl", json_lines(&originals).as_bytes(), &Options::default()).0, originals);
    }
}
