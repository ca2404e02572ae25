//! Keys live: records are renamed and merged; what refers to them and their history go along, old keys answer, and it can be undone.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::small::{Small, indicator, measure, observation};
use crate::server::{Dice, token, with_common};

const CHANGED: &str =
    "{ status problems { code path message candidates } changes(first: 100) { kind key outcome } revision }";

struct Keys {
    small: Small,
    admin: String,
    count: u64,
}

impl Keys {
    fn new() -> Self {
        let small = Small::new();
        let admin = token(small.data(), "admin");
        Self { small, admin, count: 0 }
    }

    fn write(&mut self, name: &str, input: Json) -> Json {
        self.count += 1;
        let mut input = with_common(input);
        input["idempotencyKey"] = format!("{name}-{}", self.count).into();
        let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {CHANGED} }}");
        let answer = self.small.server.send(Some(&self.admin), &query, json!({ "input": input }));
        assert!(answer.json.get("errors").is_none(), "{}", answer.json);
        answer.json["data"][name].clone()
    }

    fn rename(&mut self, kind: &str, key: &str, to: &str) -> Json {
        self.write("renameRecord", json!({ "kind": kind, "key": key, "to": to }))
    }

    fn merge(&mut self, kind: &str, key: &str, into: &str) -> Json {
        self.write("mergeRecords", json!({ "kind": kind, "key": key, "into": into }))
    }

    fn import(&mut self, input: Json) -> Json {
        self.write("importRows", input)
    }
}

#[test]
fn a_renamed_record_keeps_its_history_its_references_and_its_old_key() {
    let mut keys = Keys::new();
    let done = keys.rename("MEASURE", "m-1", "measure-one");
    assert_eq!(done["status"], "COMMITTED", "{done}");
    let told = keys.small.server.ask(
        "{ old: measure(key: \"m-1\") { key } measure(key: \"measure-one\") { key name indicators { key observations { key } }
           history { revision change { outcome } } } formerKeys { nodes { ofKind oldKey currentKey } } }",
    );
    assert_eq!(told["old"]["key"], "measure-one", "{told}");
    assert_eq!(told["measure"]["indicators"][0]["key"], "i-1");
    assert_eq!(told["measure"]["history"].as_array().unwrap().len(), 2, "{told}");
    assert_eq!(
        told["formerKeys"]["nodes"][0],
        json!({ "ofKind": "MEASURE", "oldKey": "m-1", "currentKey": "measure-one" })
    );

    // An indicator takes its observations along: their keys are made of its.
    let done = keys.rename("INDICATOR", "i-1", "files");
    assert_eq!(done["status"], "COMMITTED", "{done}");
    assert_eq!(keys.small.keys("observations"), ["files/2019", "files/2020", "i-2/2020"]);
    let told = keys.small.server.ask(
        "{ observation(key: \"i-1/2020\") { key figure { value } history { revision } indicator { key measure { key } } } }",
    );
    assert_eq!(told["observation"]["key"], "files/2020");
    assert_eq!(told["observation"]["history"].as_array().unwrap().len(), 2, "{told}");
    assert_eq!(told["observation"]["indicator"]["measure"]["key"], "measure-one");

    // Whoever sends the old key is told the new one.
    let sent = keys.import(json!({ "rows": [measure("m-1"), observation("i-1", "2021", "5")] }));
    assert_eq!(sent["status"], "REJECTED");
    assert_eq!(sent["problems"][0]["candidates"], json!(["measure-one"]), "{sent}");
    assert_eq!(sent["problems"][1]["candidates"], json!(["files"]), "{sent}");

    // Undone, it is as it was.
    let revision = done["revision"].clone();
    let undone = keys.write("revertRevision", json!({ "revision": revision }));
    assert_eq!(undone["status"], "COMMITTED", "{undone}");
    assert_eq!(keys.small.keys("observations"), ["i-1/2019", "i-1/2020", "i-2/2020"]);
    // Renamed back: the key is nobody's former one any more.
    keys.rename("MEASURE", "measure-one", "m-1");
    let told = keys.small.server.ask("{ measure(key: \"m-1\") { key } now: measure(key: \"measure-one\") { key } }");
    assert_eq!(told, json!({ "measure": { "key": "m-1" }, "now": { "key": "m-1" } }));
}

#[test]
fn two_records_become_one_unless_both_have_the_same() {
    let mut keys = Keys::new();
    let done = keys.merge("MEASURE", "m-2", "m-1");
    assert_eq!(done["status"], "COMMITTED", "{done}");
    let told = keys.small.server.ask("{ measure(key: \"m-2\") { key indicators { key } } measures { totalCount } }");
    assert_eq!(told["measure"]["key"], "m-1");
    assert_eq!(told["measure"]["indicators"].as_array().unwrap().len(), 2);
    assert_eq!(told["measures"]["totalCount"], 1);
    // Both have a value of 2020, and not the same.
    let done = keys.merge("INDICATOR", "i-2", "i-1");
    assert_eq!(
        (&done["status"], &done["problems"][0]["code"]),
        (&json!("REJECTED"), &json!("DUPLICATE_KEY")),
        "{done}"
    );
    keys.import(json!({ "rows": [observation("i-2", "2020", "20")] }));
    let done = keys.merge("INDICATOR", "i-2", "i-1");
    assert_eq!(done["status"], "COMMITTED", "{done}");
    assert_eq!(keys.small.keys("observations"), ["i-1/2019", "i-1/2020"]);
    for (kind, key, to, code) in [
        ("MEASURE", "m-9", "x", "NOT_FOUND"),
        ("MEASURE", "m-1", "a\u{200b}", "BAD_KEY"),
        ("OBSERVATION", "i-1/2019", "x", "INCONSISTENT"),
    ] {
        let done = keys.rename(kind, key, to);
        assert_eq!((&done["status"], &done["problems"][0]["code"]), (&json!("REJECTED"), &json!(code)), "{done}");
    }
    let done = keys.rename("INDICATOR", "i-1", "i-1");
    assert_eq!(done["problems"][0]["code"], "ALREADY_EXISTS", "{done}");
}

/// The same by the command, of a server and of a folder that no server has open.
#[test]
fn the_command_renames_and_merges() {
    let keys = Keys::new();
    let url = keys.small.server.url.clone();
    let run = |arguments: &[&str]| {
        let mut command = crate::server::boordtabel();
        command.args(arguments).args(["--url", &url]).env("BOORDTABEL_TOKEN", &keys.small.token);
        let ran = command.output().unwrap();
        (ran.status.code().unwrap(), String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap())
    };
    let before = crate::server::journal(keys.small.data());
    let (code, told) = run(&["rename", "measure/m-1", "measure-one", "--dry-run"]);
    assert!(code == 0 && told.contains("WOULD_COMMIT") && told.contains("CREATED MEASURE measure-one"), "{told}");
    for (arguments, wanted, said) in [
        (["rename", "measure/m-9", "x"], 1, "NOT_FOUND"),
        (["rename", "measure/m-1", "m-2"], 1, "ALREADY_EXISTS"),
        (["merge", "indicator/i-2", "i-1"], 1, "DUPLICATE_KEY"),
        (["rename", "m-1", "x"], 2, "`m-1` names no record"),
        (["merge", "measurs/m-1", "x"], 2, "perhaps `measures`"),
    ] {
        let (code, told) = run(&arguments);
        assert!(code == wanted && told.contains(said), "{arguments:?}: {code} {told}");
    }
    assert_eq!(crate::server::journal(keys.small.data()), before);
    let again = ["rename", "measure/m-1", "measure-one", "--key", "k-1", "--reason", "a better key"];
    for _ in 0..2 {
        let (code, told) = run(&again);
        assert!(code == 0 && told.contains("COMMITTED"), "{told}");
    }
    let told =
        keys.small.server.ask("{ measure(key: \"m-1\") { key } commits(first: 1) { nodes { revision reason } } }");
    assert_eq!(told["measure"]["key"], "measure-one");
    assert_eq!(told["commits"]["nodes"][0], json!({ "revision": 2, "reason": "a better key" }));
    // Nobody has the folder open: the command does.
    let data = keys.small.data().to_owned();
    keys.small.server.kill_hard();
    let ran = || {
        let mut command = crate::server::boordtabel();
        command.args(["merge", "measures/m-2", "measure-one", "--data"]).arg(&data).output().unwrap()
    };
    crate::live::local::wait_until("the folder is free", || {
        let ran = ran();
        ran.status.success() && String::from_utf8_lossy(&ran.stdout).contains("COMMITTED")
    });
}

/// The register as plain maps: measures; indicators with their measures; observations by indicator and year with their values.
#[derive(Clone, Debug, Default, PartialEq)]
struct Plain {
    measures: BTreeMap<String, ()>,
    indicators: BTreeMap<String, String>,
    observations: BTreeMap<(String, u32), u32>,
    former: BTreeMap<(char, String), String>,
}

impl Plain {
    fn read(small: &Small) -> Self {
        let told = small.server.ask(
            "{ measures(first: 500) { nodes { key } } indicators(first: 500) { nodes { key measure { key } } }
               observations(first: 500) { nodes { indicator { key } period { start } figure { value } } }
               formerKeys(first: 500) { nodes { ofKind oldKey currentKey } } }",
        );
        let all = |name: &str| told[name]["nodes"].as_array().unwrap().clone();
        let text = |it: &Json| it.as_str().unwrap_or_default().to_owned();
        let mut plain = Self::default();
        for it in all("measures") {
            plain.measures.insert(text(&it["key"]), ());
        }
        for it in all("indicators") {
            plain.indicators.insert(text(&it["key"]), text(&it["measure"]["key"]));
        }
        for it in all("observations") {
            let year = text(&it["period"]["start"])[..4].parse().unwrap();
            plain
                .observations
                .insert((text(&it["indicator"]["key"]), year), text(&it["figure"]["value"]).parse().unwrap());
        }
        for it in all("formerKeys") {
            let kind = text(&it["ofKind"]).chars().next().unwrap();
            plain.former.insert((kind, text(&it["oldKey"])), text(&it["currentKey"]));
        }
        plain
    }

    fn rename_measure(&mut self, from: &str, to: &str, merging: bool) -> bool {
        if !self.measures.contains_key(from) || self.measures.contains_key(to) != merging || from == to {
            return false;
        }
        self.measures.remove(from);
        self.measures.insert(to.to_owned(), ());
        self.indicators.values_mut().filter(|measure| *measure == from).for_each(|measure| to.clone_into(measure));
        self.note('M', from, to, merging);
        true
    }

    fn rename_indicator(&mut self, from: &str, to: &str, merging: bool) -> bool {
        if !self.indicators.contains_key(from) || self.indicators.contains_key(to) != merging || from == to {
            return false;
        }
        let moving: Vec<(u32, u32)> = self
            .observations
            .iter()
            .filter(|((of, _), _)| of == from)
            .map(|((_, year), value)| (*year, *value))
            .collect();
        let clash = |(year, value): &(u32, u32)| {
            self.observations.get(&(to.to_owned(), *year)).is_some_and(|other| other != value)
        };
        if moving.iter().any(clash) {
            return false;
        }
        for (year, value) in &moving {
            self.observations.remove(&(from.to_owned(), *year));
            self.observations.insert((to.to_owned(), *year), *value);
            self.note('O', &format!("{from}/{year}"), &format!("{to}/{year}"), true);
        }
        let measure = self.indicators.remove(from).unwrap();
        self.indicators.entry(to.to_owned()).or_insert(measure);
        self.note('I', from, to, merging);
        true
    }

    fn note(&mut self, kind: char, from: &str, to: &str, merging: bool) {
        self.former.insert((kind, from.to_owned()), to.to_owned());
        if !merging {
            self.former.remove(&(kind, to.to_owned()));
        }
    }

    /// Whether a key is the former one of a record that is there: one whose record was deleted is free again.
    fn is_former(&self, kind: char, key: &str) -> bool {
        let there = |key: &str| match kind {
            'M' => self.measures.contains_key(key),
            'I' => self.indicators.contains_key(key),
            _ => key
                .rsplit_once('/')
                .is_some_and(|(of, year)| self.observations.contains_key(&(of.to_owned(), year.parse().unwrap()))),
        };
        let mut now = key;
        for _ in 0..=self.former.len() {
            match self.former.get(&(kind, now.to_owned())) {
                Some(next) if there(next) => return true,
                Some(next) => now = next,
                None => return false,
            }
        }
        false
    }
}

/// Random imports, deletions, renames, merges and undos: the register is what the plain maps say, in every state.
#[test]
fn random_work_on_keys_agrees_with_plain_maps() {
    let rounds = if std::env::var_os("BOORDTABEL_LONG").is_some() { 20_000 } else { 120 };
    let seed = std::env::var("BOORDTABEL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_228);
    let mut keys = Keys::new();
    let mut dice = Dice(seed);
    let mut plain = Plain::read(&keys.small);
    let mut last: Option<(Plain, u64)> = None;
    for round in 0..rounds {
        let before = plain.clone();
        let name = |dice: &mut Dice, letter: &str| format!("{letter}-{}", dice.below(7) + 1);
        let (a, b) = (name(&mut dice, "m"), name(&mut dice, "m"));
        let (i, j) = (name(&mut dice, "i"), name(&mut dice, "i"));
        let year = 2019 + u32::try_from(dice.below(3)).unwrap();
        let (done, expected) = match dice.below(10) {
            0 | 1 => {
                let value = u32::try_from(dice.below(3)).unwrap();
                let rows = [measure(&a), indicator(&i, &a), observation(&i, &year.to_string(), &value.to_string())];
                let mut fits = true;
                for (kind, key, there) in
                    [('M', &a, plain.measures.contains_key(&a)), ('I', &i, plain.indicators.contains_key(&i))]
                {
                    fits &= there || !plain.is_former(kind, key);
                }
                let of = (i.clone(), year);
                fits &= plain.observations.contains_key(&of) || !plain.is_former('O', &format!("{i}/{year}"));
                if fits {
                    plain.measures.insert(a, ());
                    plain.indicators.insert(i.clone(), rows[1]["indicator"]["measureKey"].as_str().unwrap().to_owned());
                    plain.observations.insert(of, value);
                }
                (keys.import(json!({ "rows": rows, "allowMoves": true })), fits)
            }
            2 => {
                let there = plain.observations.remove(&(i.clone(), year)).is_some();
                let records = json!([{ "kind": "OBSERVATION", "key": format!("{i}/{year}") }]);
                (keys.write("deleteRecords", json!({ "records": records })), there)
            }
            3 | 4 => (keys.rename("MEASURE", &a, &b), plain.rename_measure(&a, &b, false)),
            5 | 6 => (keys.rename("INDICATOR", &i, &j), plain.rename_indicator(&i, &j, false)),
            7 => (keys.merge("MEASURE", &a, &b), plain.rename_measure(&a, &b, true)),
            8 => (keys.merge("INDICATOR", &i, &j), plain.rename_indicator(&i, &j, true)),
            _ => {
                let Some((earlier, revision)) = last.take() else { continue };
                plain = earlier;
                (keys.write("revertRevision", json!({ "revision": revision })), true)
            }
        };
        let good = matches!(done["status"].as_str(), Some("COMMITTED" | "UNCHANGED"));
        assert_eq!(good, expected, "seed {seed}, round {round}: {done}");
        if done["status"] == "COMMITTED" {
            last = Some((before, done["revision"].as_u64().unwrap()));
        }
        assert_eq!(Plain::read(&keys.small), plain, "seed {seed}, round {round}: {done}");
    }
}
