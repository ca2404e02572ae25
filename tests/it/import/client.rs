//! The client with files, as an analyst uses it: nothing is lost by doing what it says.

use std::fs;

use serde_json::{Value as Json, json};

use super::small::{Small, text};
use crate::server::boordtabel;

/// What a run of the client came to.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// An analyst's folder, and the server to which the files go.
pub struct Desk {
    pub small: Small,
    pub folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        Self { small: Small::new(), folder: tempfile::tempdir().unwrap() }
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// `boordtabel import` with these arguments, in the folder.
    pub fn import(&self, arguments: &[&str]) -> Ran {
        let mut command = boordtabel();
        command.arg("import").args(arguments).args(["--url", &self.small.server.url, "--token", &self.small.token]);
        let output = command.current_dir(self.folder.path()).output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn count(&self) -> usize {
        let data = self.small.server.ask("{ observations { totalCount } }");
        usize::try_from(data["observations"]["totalCount"].as_u64().unwrap()).unwrap()
    }
}

impl Ran {
    /// Ended so, and said so.
    pub fn is(&self, code: i32, parts: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        for part in parts {
            assert!(self.out.contains(part) || self.err.contains(part), "no `{part}` in\n{}\n{}", self.out, self.err);
        }
        self
    }
}

/// Observations of the years from 1900 on as CSV; the value of one in so many is bad.
fn observations(count: usize, bad: impl Fn(usize) -> bool) -> String {
    let rows = (0..count).map(|row| {
        let value = if bad(row) { "12x" } else { "12" };
        format!("i-1,{},{value},REPORTED,COUNT\n", day_of(row))
    });
    format!("indicatorKey,period,figure.value,figure.status,figure.unit\n{}", rows.collect::<String>())
}

/// Days, one after the other, without the last of each month.
fn day_of(row: usize) -> String {
    format!("{}-{:02}-{:02}", 1950 + row / 336, row / 28 % 12 + 1, row % 28 + 1)
}

#[test]
fn all_or_nothing_says_correct_your_file_and_loses_no_row() {
    let desk = Desk::new();
    desk.write("observations.csv", observations(100, |row| row == 7));
    let before = desk.count();
    let ran = desk.import(&["observations.csv"]);
    ran.is(
        1,
        &[
            "the data has 1 problem; nothing was written",
            "correct `observations.csv` and import it again",
            "--good-rows",
        ],
    );
    ran.is(1, &["observations.csv, line 9, column 3: figure.value: NOT_A_NUMBER"]);
    assert!(!ran.err.contains("rejects") && !ran.out.contains("rejects"), "{}", ran.err);
    assert_eq!((desk.names(), desk.count()), (vec!["observations.csv".to_owned()], before));
    // A file that says where rejects go does not make it otherwise.
    desk.import(&["observations.csv", "--rejects", "bad.jsonl"]).is(1, &["nothing was written"]);
    assert_eq!(desk.names(), ["observations.csv"]);
    // Doing what the hint says brings all hundred in.
    desk.write("observations.csv", observations(100, |_| false));
    desk.import(&["observations.csv"]).is(0, &["COMMITTED: 100 rows received, 100 created"]);
    assert_eq!(desk.count(), before + 100);
}

#[test]
fn rejects_are_corrected_and_imported_until_none_are_left_and_no_file_is_written_over() {
    let desk = Desk::new();
    let before = desk.count();
    desk.write("observations.csv", observations(100, |row| row % 10 == 0));
    desk.import(&["observations.csv", "--good-rows"])
        .is(1, &["90 created", "10 rejected", "10 rejected rows in `rejects.jsonl`", "import that file"]);
    // Nine are corrected, one is still wrong: it goes to a file of its own, and the corrected ones stay where they are.
    let corrected = desk.read("rejects.jsonl").replace("12x", "13").replacen("\"13\"", "\"14x\"", 1);
    desk.write("rejects.jsonl", &corrected);
    desk.import(&["rejects.jsonl"]).is(1, &["nothing was written", "correct `rejects.jsonl` and import it again"]);
    assert_eq!(desk.read("rejects.jsonl"), corrected);
    desk.import(&["rejects.jsonl", "--good-rows"]).is(1, &["9 created", "1 rejected row in `rejects-2.jsonl`"]);
    assert_eq!(desk.read("rejects.jsonl"), corrected);
    desk.write("rejects-2.jsonl", desk.read("rejects-2.jsonl").replace("14x", "13"));
    desk.import(&["rejects-2.jsonl", "--good-rows"]).is(0, &["1 created"]);
    assert_eq!((desk.count(), desk.names().len()), (before + 100, 3));
    // Whatever it is called, what is read is not written over; nor is what the program did not write.
    let rejects = desk.read("rejects.jsonl");
    desk.write("notes.txt", "mine");
    for arguments in [
        ["rejects.jsonl", "--rejects", "./rejects.jsonl"],
        ["rejects.jsonl", "--report", "rejects.jsonl"],
        ["rejects.jsonl", "--plan", "rejects.jsonl"],
        ["observations.csv", "--report", "notes.txt"],
        ["observations.csv", "--rejects", "notes.txt"],
        ["observations.csv", "--plan", "observations.csv"],
    ] {
        desk.import(&[&arguments[..], &["--good-rows"]].concat()).is(2, &["give another name with --"]);
    }
    assert_eq!((desk.read("rejects.jsonl"), desk.read("notes.txt")), (rejects, "mine".to_owned()));
}

#[test]
fn what_was_refused_for_what_stands_beside_it_is_not_taken_alone() {
    let desk = Desk::new();
    let head = "indicatorKey,period,figure.value,figure.status,figure.unit\n";
    let rows = "i-1,1950,1,REPORTED,COUNT\ni-1,1950,2,REPORTED,COUNT\ni-1,1951,12x,REPORTED,COUNT\n";
    desk.write("observations.csv", format!("{head}{rows}"));
    desk.import(&["observations.csv", "--good-rows"]).is(1, &["1 created", "2 rejected rows in `rejects.jsonl`"]);
    // One is corrected; of the two that are one record, the second would alone replace the first, and nobody has looked at it.
    let corrected = desk.read("rejects.jsonl").replace("12x", "13");
    desk.write("rejects.jsonl", &corrected);
    desk.import(&["rejects.jsonl"]).is(1, &["nothing was written", "look at it, then remove this"]);
    let looked: String = corrected.lines().filter(|line| !line.contains("stands twice")).collect();
    desk.write("rejects.jsonl", looked);
    desk.import(&["rejects.jsonl"]).is(0, &["1 created, 0 updated"]);
    // A row that should have been new is not one that replaces, and the hint says how it was sent.
    desk.write("observations.csv", format!("{head}i-1,1950,5,REPORTED,COUNT\ni-1,1952,6,REPORTED,COUNT\n"));
    let ran = desk.import(&["observations.csv", "--good-rows", "--mode", "create", "--rejects", "again.jsonl"]);
    ran.is(1, &["ALREADY_EXISTS", "1 created", "`again.jsonl` and import that file, with --mode create"]);
    desk.import(&["again.jsonl"]).is(1, &["nothing was written", "look at it, then remove this"]);
    // A marked file that is named after no kind is imported as what it was.
    desk.write("observations.csv", format!("{head}i-1,1953,12x,REPORTED,COUNT\n"));
    let ran = desk.import(&["observations.csv", "--rejects", "fixed.csv"]);
    ran.is(1, &["correct what is marked in `fixed.csv` and import that file, with --kind observations"]);
    desk.write("fixed.csv", desk.read("fixed.csv").replace("12x", "13"));
    desk.import(&["fixed.csv", "--kind", "observations"]).is(0, &["1 created"]);
}

#[test]
fn what_a_wrong_header_leaves_out_is_told_once() {
    let desk = Desk::new();
    desk.write(
        "observations.csv",
        "Indicatr,period,figure.value,figure.status,figure.unit\ni-1,1950,n.v.t.,REPORTED,COUNT\n",
    );
    let ran = desk.import(&["observations.csv"]);
    ran.is(
        1,
        &[
            "line 1, column 1: UNKNOWN_FIELD",
            "NOT_A_NUMBER: `n.v.t.`",
            "the data has 2 problems",
            "leave the value out",
        ],
    );
    assert!(!ran.out.contains("MISSING"), "{}", ran.out);
}

#[test]
fn rejects_are_complete_at_any_size() {
    let desk = Desk::new();
    let before = desk.count();
    // More bad rows than an answer tells problems.
    desk.write("observations.csv", observations(12_150, |row| row >= 50));
    desk.import(&["observations.csv", "--good-rows"])
        .is(1, &["50 created, 0 updated", "12100 rejected rows in `rejects.jsonl`"]);
    let rejects = desk.read("rejects.jsonl");
    assert_eq!((rejects.lines().count(), desk.count()), (12_100, before + 50));
    for line in rejects.lines() {
        let row: Json = serde_json::from_str(line).unwrap();
        assert!(!row["problems"].as_array().unwrap().is_empty() && row["observation"].is_object(), "{line}");
    }
    desk.write("rejects.jsonl", rejects.replace("12x", "13"));
    desk.import(&["rejects.jsonl"]).is(0, &["12100 created"]);
    assert_eq!(desk.count(), before + 12_150);
    desk.write("observations.csv", observations(12_150, |_| false).replace(",12,", ",13,"));
    desk.import(&["observations.csv"]).is(0, &["50 updated, 12100 unchanged"]);
}

#[test]
fn what_the_program_wrote_is_not_taken_for_input() {
    let desk = Desk::new();
    desk.write("observations.csv", observations(3, |row| row == 1));
    desk.import(&["observations.csv", "--good-rows", "--report", "report.json"]).is(1, &["rejects.jsonl"]);
    desk.write("observations.csv", observations(3, |_| false));
    desk.import(&["observations.csv", "--plan", "plan.json"]).is(0, &["the plan is in `plan.json`"]);
    desk.write("~$observations.xlsx", "lock");
    let ran = desk.import(&["."]);
    ran.is(0, &["1 created", "3 rows received", "rejects.jsonl: passed over: rejected rows", "plan.json: passed over"]);
    ran.is(0, &["report.json: passed over", "~$observations.xlsx: passed over"]);
    desk.import(&["plan.json"]).is(2, &["is a plan", "--apply plan.json"]);
    desk.import(&["report.json"]).is(2, &["is a report"]);
    desk.import(&["--apply", "plan.json"]).is(1, &["DIGEST_MISMATCH"]);
    desk.write("observations.csv", observations(4, |_| false));
    desk.import(&["observations.csv", "--plan", "plan.json"]).is(0, &["WOULD_COMMIT"]);
    desk.import(&["--apply", "plan.json"]).is(0, &["COMMITTED: 4 rows received, 1 created"]);

    let report: Json = serde_json::from_str(&desk.read("report.json")).unwrap();
    assert_eq!(
        (&report["status"], &report["rejects"], &report["counts"]["created"]),
        (&json!("COMMITTED"), &json!("rejects.jsonl"), &json!(2))
    );
    let problem = &report["problems"][0];
    assert_eq!(
        (text(&problem["file"]), &problem["line"], &problem["column"]),
        ("observations.csv".into(), &json!(3), &json!(3))
    );
    assert_eq!((text(&problem["field"]), text(&problem["code"])), ("figure.value".into(), "NOT_A_NUMBER".into()));
}

#[test]
fn a_fault_of_a_whole_file_keeps_everything_out_and_points_at_no_old_rejects() {
    let desk = Desk::new();
    desk.write("rejects.jsonl", "{\"problems\":[\"last month\"],\"measure\":{}}\n");
    let before = desk.count();
    desk.write("observations.csv", observations(5, |_| false).replacen("figure.unit", "figure.unti", 1));
    for arguments in [&["observations.csv"][..], &["observations.csv", "--good-rows"]] {
        let ran = desk.import(arguments);
        ran.is(1, &["UNKNOWN_FIELD", "near: figure.unit", "nothing was written", "correct `observations.csv`"]);
        assert!(!ran.err.contains("rejects.jsonl") && !ran.out.contains("rejects.jsonl"), "{}{}", ran.out, ran.err);
    }
    assert_eq!((desk.count(), desk.names().len()), (before, 2));
}

#[test]
fn a_row_refused_here_deletes_nothing_there() {
    let desk = Desk::new();
    let scope = ["--mode", "replace-scope", "--scope", "observations", "--within", "measure/m-1", "--good-rows"];
    // The cell is refused by the client, and the server must know of the row all the same.
    let rows = "indicatorKey;period;figure.value;figure.status;figure.unit\ni-1;2019;1.234;REPORTED;COUNT\ni-1;2020;20;REPORTED;COUNT\n";
    desk.write("observations.csv", rows);
    desk.import(&[&["observations.csv"][..], &scope].concat()).is(1, &["1 unchanged, 0 deleted, 1 rejected"]);
    desk.write("observations.csv", rows.replace("i-1;2019;1.234", "i-1;\"20\";1"));
    desk.import(&[&["observations.csv"][..], &scope].concat()).is(1, &["0 deleted", "NOT_DELETED"]);
    assert_eq!(desk.small.keys("observations"), ["i-1/2019", "i-1/2020", "i-2/2020"]);

    // What would go beyond a tenth goes only when that is said.
    desk.write("observations.csv", rows.replace("i-1;2019;1.234;REPORTED;COUNT\n", ""));
    let all = &[&["observations.csv"][..], &scope].concat();
    desk.import(all).is(1, &["DELETES_MISMATCH", "1 of the 2 records of the scope would be deleted"]);
    desk.import(&[&all[..], &["--expect-deletes", "2"]].concat())
        .is(1, &["1 records would be deleted, 2 were expected"]);
    desk.import(&[&all[..], &["--expect-deletes", "1"]].concat()).is(0, &["1 unchanged, 1 deleted"]);
    assert_eq!(desk.small.keys("observations"), ["i-1/2020", "i-2/2020"]);
}

#[test]
fn files_are_taken_as_people_have_them() {
    let desk = Desk::new();
    let header = "key;planKey;name;Life Cycle;operator";
    // The separator said, names and words in any case, blanks around keys, cells that lack or are too many at the end.
    let text =
        format!("sep=;\r\n{header}\r\n m-3 ;p;Three;active;OWN\r\nm-4;P;Four\r\nm-5;p;Five;Active;own;;\r\n ;;\r\n")
            .replace(";P;", ";p;");
    for name in ["measures_2021-11.csv", "Measures (2).CSV", "measures - 3.csv"] {
        desk.write(name, &text);
        desk.import(&[name, "--dry-run"]).is(0, &["3 rows received, 3 created"]);
    }
    desk.write("export from the system.csv", &text);
    desk.import(&["export from the system.csv"]).is(1, &["is named after no kind", "--kind", "nothing was written"]);
    desk.import(&["export from the system.csv", "--kind", "measurement"]).is(2, &["is no kind of record"]);
    desk.import(&["export from the system.csv", "--kind", "measures"]).is(0, &["3 rows received, 3 created"]);
    assert_eq!(desk.small.keys("measures"), ["m-1", "m-2", "m-3", "m-4", "m-5"]);
    let found = desk.small.server.ask("{ measure(key: \"m-5\") { lifecycle operator } }");
    assert_eq!(found["measure"], json!({ "lifecycle": "ACTIVE", "operator": "OWN" }));
    // What is missed is told where it stands: the line counts from the first, whatever it says.
    desk.write("measures.csv", "sep=;\nkey;planKey;name\nm-6;p\nm-7;p;Seven;more\n");
    desk.import(&["measures.csv"])
        .is(1, &["measures.csv, line 3: BAD_FILE: the row has 2 cells", "line 4: BAD_FILE: the row has 4 cells"]);
}

#[test]
fn what_is_wrong_with_a_header_is_told_first_however_much_else_is() {
    let desk = Desk::new();
    let rows = (0..93).map(|row| format!("i-1,{0},12,REPORTED,EUR,x\ni-1,{0},13,REPORTED,EUR,x\n", day_of(row)));
    let header = "indicatorKey,period,figure.value,figure.status,figure.unit,opmerkingen\n";
    desk.write("observations.csv", header.to_owned() + &rows.collect::<String>());
    let ran = desk.import(&["observations.csv"]);
    let unit = "186 × figure.unit: OUT_OF_RANGE: the unit is EUR, it must be COUNT; first in observations.csv, line 2, column 5";
    ran.is(1, &["observations.csv, line 1, column 6: UNKNOWN_FIELD: Observation has no field `opmerkingen`", unit]);
    assert!(ran.out.find("UNKNOWN_FIELD") < ran.out.find("OUT_OF_RANGE"), "{}", ran.out);
}
