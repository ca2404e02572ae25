//! The real register, asked through the graph.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_graphql::Value as Input;
use boordtabel::commit::Ledger;
use boordtabel::commit::access::Identity;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{AllowedOperations, Api, GraphqlRequest};
use boordtabel::model::Kind;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::plain::{Fields, Id, Shown};
use super::steps::{KINDS, Step};

/// The time of the step being taken, in milliseconds since 1970.
static CLOCK: AtomicI64 = AtomicI64::new(0);

pub struct Product {
    api: Option<Api>,
    folder: TempDir,
}

fn open(folder: &TempDir) -> Option<Api> {
    let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
    // Every state is read whole, in one request.
    let limits = Limits { cost: usize::MAX, states: usize::MAX, ..Limits::default() };
    Some(Api::new(ledger, limits, || CLOCK.load(Ordering::Relaxed)))
}

impl Product {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { api: open(&folder), folder }
    }

    fn ask(&self, query: &str, variables: Json) -> Json {
        let Input::Object(variables) = Input::from_json(variables).unwrap() else { panic!("an object") };
        let request = GraphqlRequest { query: query.to_owned(), operation_name: None, variables };
        let answer = self.api.as_ref().unwrap().execute(request, &Identity::local("test"), AllowedOperations::All);
        let json: Json = serde_json::from_slice(&answer.to_json()).unwrap();
        assert!(json.get("errors").is_none(), "{json}");
        json["data"].clone()
    }

    fn now(&self) -> usize {
        let revision = self.ask("{ register { revision } }", json!({}))["register"]["revision"].as_u64();
        usize::try_from(revision.unwrap()).unwrap()
    }

    /// Takes a step, first dry and then in earnest: what becomes of it.
    pub fn take(&mut self, step: &Step, number: usize) -> String {
        CLOCK.store(1000 * (i64::try_from(number).unwrap() + 1), Ordering::Relaxed);
        let (name, ty, mut input) = match step {
            Step::Restart { closed } => {
                self.restart(*closed);
                return "UNCHANGED".into();
            }
            Step::Import { mode, rows } => {
                let rows: Vec<_> = rows.iter().map(|row| json!({ row.kind().one(): row.record() })).collect();
                ("importRows", "ImportRowsInput", json!({ "rows": rows, "mode": mode, "allowMoves": true }))
            }
            Step::Replace { kinds, within, rows } => {
                let rows: Vec<_> = rows.iter().map(|row| json!({ row.kind().one(): row.record() })).collect();
                let within = within.as_ref().map(|(kind, key)| json!({ "kind": kind.word(), "key": key }));
                let kinds: Vec<_> = kinds.iter().map(|kind| kind.word()).collect();
                let scope = json!({ "kinds": kinds, "within": within });
                (
                    "importRows",
                    "ImportRowsInput",
                    json!({ "rows": rows, "mode": "REPLACE_SCOPE", "scope": scope, "allowMoves": true }),
                )
            }
            Step::Delete { records, edition } => {
                let named = |kind: Kind, key: &str| json!({ "kind": kind.word(), "key": key });
                let mut records: Vec<_> = records.iter().map(|row| named(row.kind(), &row.key())).collect();
                records.extend(edition.then(|| named(Kind::Edition, "e-0")));
                ("deleteRecords", "DeleteRecordsInput", json!({ "records": records }))
            }
            Step::Observe { indicator, period, value } => {
                let value = value.map(|value| format!("{value}.00"));
                let input = json!({ "indicatorKey": format!("i-{indicator}"), "period": format!("202{period}"), "value": value });
                ("recordObservation", "RecordObservationInput", input)
            }
            Step::Tag { name, back } => {
                let input = json!({ "name": format!("e-{name}"), "revision": self.now().saturating_sub(*back) });
                ("tagEdition", "TagEditionInput", input)
            }
            Step::Revert { back } => {
                ("revertRevision", "RevertRevisionInput", json!({ "revision": self.now().saturating_sub(*back) }))
            }
        };
        let query = format!(
            "mutation($input: {ty}!) {{ {name}(input: $input) {{ status revision digest problems {{ code }} }} }}"
        );
        input["reason"] = format!("step {number}").into();
        input["idempotencyKey"] = number.to_string().into();
        input["dryRun"] = true.into();
        let base = self.now();
        let dry = self.ask(&query, json!({ "input": input }))[name].clone();
        assert_eq!((&dry["revision"], self.now()), (&base.into(), base), "a dry run made a revision");
        input["dryRun"] = false.into();
        input["expectDigest"] = dry["digest"].clone();
        let done = self.ask(&query, json!({ "input": input }))[name].clone();
        let status = done["status"].as_str().unwrap().to_owned();
        let made = usize::from(status == "COMMITTED");
        assert_eq!((&done["revision"], self.now()), (&(base + made).into(), base + made));
        assert_eq!(dry["status"], if status == "COMMITTED" { "WOULD_COMMIT" } else { status.as_str() });
        assert_eq!(dry["digest"], done["digest"]);
        assert_eq!(done["problems"].as_array().unwrap().is_empty(), status != "REJECTED", "{done}");
        status
    }

    fn restart(&mut self, closed: bool) {
        let ledger = Arc::clone(self.api.as_ref().unwrap().ledger());
        self.api = None;
        let ledger = Arc::into_inner(ledger).expect("nobody else has it");
        if closed {
            ledger.close().unwrap();
        }
        drop(ledger);
        self.api = open(&self.folder);
    }

    /// Every state from the empty register to the newest.
    pub fn states(&self, newest: usize) -> Vec<Shown> {
        let kinds = KINDS.iter().copied().chain([(Kind::Edition, "title taggedRevision")]);
        let fields = |(kind, fields): (Kind, &str)| {
            format!("{}(first: 1000) {{ nodes {{ key {fields} history(first: 1000) {{ revision }} }} }}", kind.many())
        };
        let all: Vec<_> = kinds.clone().map(fields).collect();
        let aliases: Vec<_> =
            (0..=newest).map(|at| format!("r{at}: at(asOf: {{ revision: {at} }}) {{ ...All }}")).collect();
        let query = format!("{{ {} }} fragment All on Snapshot {{ {} }}", aliases.join(" "), all.join(" "));
        let data = self.ask(&query, json!({}));
        let state = |at: usize| {
            let mut shown = Shown::new();
            for (kind, _) in kinds.clone() {
                for node in data[format!("r{at}")][kind.many()]["nodes"].as_array().unwrap() {
                    let mut record = node.clone();
                    let history = record.as_object_mut().unwrap().remove("history").unwrap();
                    let revisions = history
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|it| usize::try_from(it["revision"].as_u64().unwrap()).unwrap());
                    if let Some(code) = record["period"]["code"].as_str() {
                        record["period"] = code.into();
                    } else {
                        record.as_object_mut().unwrap().remove("period");
                    }
                    let key = record["key"].as_str().unwrap().to_owned();
                    shown.insert((kind, key), (record, revisions.collect()));
                }
            }
            shown
        };
        (0..=newest).map(state).collect()
    }

    /// The revision half a second after that time.
    pub fn revision_at_time_of(&self, time_ms: usize) -> usize {
        let instant = jiff::Timestamp::from_millisecond(i64::try_from(time_ms).unwrap() + 500).unwrap().to_string();
        let query = "query($instant: DateTime!) { at(asOf: { instant: $instant }) { register { revision } } }";
        let data = self.ask(query, json!({ "instant": instant }));
        usize::try_from(data["at"]["register"]["revision"].as_u64().unwrap()).unwrap()
    }

    pub fn revision_of_edition(&self, key: &str) -> Json {
        let query = "query($key: String!) { at(asOf: { edition: $key }) { register { revision } } }";
        self.ask(query, json!({ "key": key }))["at"]["register"]["revision"].clone()
    }

    /// What the log of changes adds up to, read from its beginning in small pages.
    pub fn replayed_changes(&self) -> Fields {
        let query = "query($from: Revision!) { changes(from: $from, first: 5) { hasNext next commits {
            revision changeCount changes { kind key outcome fields { field before after } } } } }";
        let mut state = Fields::new();
        let mut from = json!(0);
        loop {
            let page = self.ask(query, json!({ "from": from }))["changes"].clone();
            for commit in page["commits"].as_array().unwrap() {
                from = (from.as_u64().unwrap() + 1).into();
                assert_eq!(commit["revision"], from);
                assert_eq!(commit["changeCount"], commit["changes"].as_array().unwrap().len());
                commit["changes"].as_array().unwrap().iter().for_each(|change| replay(&mut state, change));
            }
            assert_eq!(page["next"], from);
            if page["hasNext"] == false {
                return state;
            }
        }
    }

    pub fn differing(&self, from: usize, to: usize) -> BTreeSet<Id> {
        let query = "query($from: Revision!, $to: Revision!) {
            compare(from: { revision: $from }, to: { revision: $to }, first: 1000) { totalCount changes { kind key } } }";
        let found = self.ask(query, json!({ "from": from, "to": to }))["compare"].clone();
        let ids: BTreeSet<Id> = found["changes"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(found["totalCount"], ids.len());
        ids
    }
}

fn id(change: &Json) -> Id {
    (Kind::from_word(change["kind"].as_str().unwrap()).unwrap(), change["key"].as_str().unwrap().to_owned())
}

/// Does a change again, and sees that it fits what was there.
fn replay(state: &mut Fields, change: &Json) {
    let known = state.remove(&id(change));
    let outcome = change["outcome"].as_str().unwrap();
    assert_eq!(known.is_none(), outcome == "CREATED", "{change}");
    let mut fields = known.unwrap_or_default();
    for field in change["fields"].as_array().unwrap() {
        let path = field["field"].as_str().unwrap();
        assert_eq!(fields.remove(path).as_deref(), field["before"].as_str(), "{path} of {change}");
        if let Some(after) = field["after"].as_str() {
            fields.insert(path.to_owned(), after.to_owned());
        }
    }
    if outcome == "DELETED" {
        assert_eq!(fields, Default::default(), "{change}");
    } else {
        state.insert(id(change), fields);
    }
}
