//! What tests of files need: records drawn at random, and files read whole.

use serde_json::{Map, Value, json};

use crate::import::options::Options;
use crate::import::read::read;
use crate::import::report::Report;
use crate::model::value::TEXT_BYTES_MAX;
use crate::model::{CompositeInfo, Kind, Record, Type};

/// The records of a file, every one of which must be one.
pub fn records(name: &str, bytes: &[u8], options: &Options) -> (Vec<Record>, Report) {
    let mut records = Vec::new();
    let report = read(name, bytes, options, &mut |row| {
        let row = row.unwrap_or_else(|reject| panic!("{:?}", reject.problems));
        records.push(row.record().unwrap_or_else(|problems| panic!("{problems:?}")));
    });
    (records, report)
}

/// A small stream of numbers, so that any record can be drawn from one seed.
pub struct Dice(pub u64);

impl Dice {
    /// A number below that.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    /// One of these.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }

    /// A record: what the dice give, until it breaks no rule of its kind.
    pub fn record(&mut self, kind: Kind) -> Record {
        let mut rolls = (0..10_000).map(|_| json!({ kind.one(): self.object(kind.info()) }).to_string());
        let record = rolls.find_map(|line| {
            let mut record = None;
            let options = Options::default();
            read("x.jsonl", line.as_bytes(), &options, &mut |row| record = row.unwrap().record().ok());
            record
        });
        record.unwrap_or_else(|| panic!("the dice give no {kind}"))
    }

    fn value(&mut self, ty: &Type) -> Value {
        // What programs that open files are known to spoil.
        const TEXTS: &[&str] = &[
            "T",
            "a, b; c\t\"d\"",
            " é\n€ \r\n",
            "1.234",
            "a|b",
            "true",
            "\u{feff}x",
            "'=1",
            "2020",
            "",
            "'",
            "''",
            "=1+1",
            "+32 2 553",
            "-",
            "@x",
            "\tx",
            "\rx",
            "\nx\n",
            "'t Zand",
            "\"",
            "\"\"a",
            ";",
            "\\",
            "0012",
            "1E5",
            "2020-09",
            "1/2",
            "👩‍👩‍👧 🇧🇪",
            "é\u{301}",
            "\u{a0}x\u{a0}",
            "_x000D_",
            "_x005F_",
            "&amp;<b>",
            "[\"a\"]",
            "[]",
            "12,5",
            "NULL",
            "MEASURE",
            "#N/A",
        ];
        const KEYS: &[&str] = &["a", "é", "1.2", "=", "[", "👩", "_x0041_"];
        const WHOLE: &[&str] =
            &["0012", "1E5", "2020-09", "=1+1", "-1", "+x", "@x", "'", "''=", "[\"a\"]", "true", "12,5", "1.234"];
        match ty {
            Type::Text if self.roll(20) == 0 => json!("€".repeat(TEXT_BYTES_MAX / 3)),
            Type::Text => json!(self.one(TEXTS)),
            Type::Key | Type::Link(_) | Type::LinkByKind(..) => match self.roll(2) {
                0 => json!(self.one(WHOLE)),
                _ => json!(format!("k-{}/{}", self.roll(100), self.one(KEYS))),
            },
            Type::Int => json!(self.one(&[0, 1, 2020, 2021, -5, i32::MAX])),
            Type::Boolean => json!(self.roll(2) == 0),
            Type::Decimal => {
                json!(self.one(&[
                    "0",
                    "12.50",
                    "-0.976",
                    "1234.567",
                    "79228162514264337593543950335",
                    "1234567.89",
                    "12.345",
                    "-1.234",
                    "0.1",
                    "0.0000000000000000000000000001",
                    "123456789012345.6",
                    "-999999999999999",
                    "1000",
                    "0.000",
                ]))
            }
            Type::Date => json!(self.one(&["2020-12-31", "1999-01-01"])),
            Type::Period => {
                json!(self.one(&["2020", "2018-2019", "2020-Q1", "2020-09", "2020-09/2020-12", "2020-09-02"]))
            }
            Type::Enum(vocabulary) => json!(self.one(vocabulary.words).0),
            Type::List(inner) => {
                let length = self.roll(4);
                (0..length).map(|_| self.value(inner)).collect()
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

    /// The fields of a value, none of them out of its type.
    pub fn object(&mut self, info: &CompositeInfo) -> Value {
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
