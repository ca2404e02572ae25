//! Years: what goes on from one plan to the next, and what is said of it on the way.

mod bodies;
mod generated;
mod lengths;
mod lines;
mod long_lists;
mod money;
mod rounds;
mod scores;
mod spans;
mod targets;
mod told;
mod whole;

use std::cell::Cell;
use std::sync::Arc;

use async_graphql::Value as Input;
use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Edit, Ledger, Status, Submission};
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{AllowedOperations, Api, GraphqlRequest};
use serde_json::{Value as Json, json};

/// A register in a folder of its own, asked and written as clients do.
pub struct Small {
    pub api: Api,
    writes: Cell<u32>,
    ledger: Arc<Ledger>,
    _folder: tempfile::TempDir,
}

impl Small {
    /// With nothing in it.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
        let api = Api::new(Arc::clone(&ledger), Limits::default(), || 0);
        Self { api, writes: Cell::new(0), ledger, _folder: folder }
    }

    /// With these rows.
    pub fn of(rows: Json) -> Self {
        let small = Self::empty();
        small.import(rows);
        small
    }

    /// Commits edits as they are, without a row's reading: as a folder of before may have them.
    pub fn put(&self, edits: Vec<Edit>) {
        let submission = Submission::new(Identity::local("t"), Role::Import, "t", edits);
        let report = self.ledger.submit(submission, 0).unwrap();
        assert_eq!(report.status, Status::Committed, "{:?}", report.problems);
    }

    pub fn send(&self, query: &str, variables: Json) -> Json {
        let Input::Object(variables) = Input::from_json(variables).unwrap() else { panic!("an object") };
        let request = GraphqlRequest { query: query.into(), operation_name: None, variables };
        let answer = self.api.execute(request, &Identity::local("test"), AllowedOperations::All).to_json();
        serde_json::from_slice(&answer).unwrap()
    }

    pub fn ask(&self, query: &str) -> Json {
        let answer = self.send(query, json!({}));
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// Does a mutation.
    pub fn write(&self, field: &str, mut input: Json) -> Json {
        input["reason"] = "r".into();
        self.writes.set(self.writes.get() + 1);
        input["idempotencyKey"] = self.writes.get().to_string().into();
        let ty = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
        let query = format!(
            "mutation($input: {ty}!) {{ {field}(input: $input) {{ status revision
               counts {{ received created updated unchanged deleted rejected }} problems {{ code path message hint }} }} }}"
        );
        let answer = self.send(&query, json!({ "input": input }));
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"][field].clone()
    }

    /// Imports rows that must be taken.
    pub fn import(&self, rows: Json) {
        let done = self.write("importRows", json!({ "rows": rows }));
        assert_eq!(done["status"], "COMMITTED", "{done}");
    }

    /// The codes of the problems of rows that must be refused.
    pub fn refused(&self, rows: Json) -> Vec<String> {
        let done = self.write("importRows", json!({ "rows": rows }));
        assert_eq!(done["status"], "REJECTED", "{done}");
        done["problems"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
    }
}

/// A body, and a plan of it for each year, which looks back on the year before.
pub fn plans(years: &[i32]) -> Vec<Json> {
    let plan = |year: &i32| {
        json!({ "plan": { "key": format!("b-{year}"), "organisationKey": "b", "year": year, "evaluatedYear": year - 1,
            "title": format!("Plan {year}") } })
    };
    std::iter::once(json!({ "organisation": { "key": "b", "name": "Body" } })).chain(years.iter().map(plan)).collect()
}

pub fn measure(key: &str, plan: &str) -> Json {
    json!({ "measure": { "key": key, "planKey": plan, "name": key } })
}

pub fn indicator(key: &str, measure: &str) -> Json {
    json!({ "indicator": { "key": key, "measureKey": measure, "position": 1, "label": key, "kind": "RECEIVED", "unit": "COUNT" } })
}

pub fn observation(indicator: &str, period: &str, value: &str) -> Json {
    json!({ "observation": { "indicatorKey": indicator, "period": period, "figure": figure(value, "COUNT") } })
}

pub fn figure(value: &str, unit: &str) -> Json {
    json!({ "value": value, "status": "REPORTED", "unit": unit })
}
