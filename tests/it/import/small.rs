//! A register that is small enough to be read at a glance.

use std::path::Path;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::server::{Server, journal, token};

/// A served folder with a token that may import.
pub struct Small {
    folder: TempDir,
    pub server: Server,
    pub token: String,
}

impl Small {
    /// Two measures with an indicator each; three observations.
    pub fn new() -> Self {
        let empty = Self::empty();
        let done = empty.import(json!({ "rows": rows() }));
        assert_eq!(done["status"], "COMMITTED", "{done}");
        empty
    }

    /// Nothing at all.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token = token(folder.path(), "import");
        let server = Server::start(folder.path());
        Self { folder, server, token }
    }

    /// The same folder, served by another process after the first was killed.
    pub fn killed_and_restarted(self) -> Self {
        let Self { folder, server, token } = self;
        server.kill();
        let server = Server::start(folder.path());
        Self { folder, server, token }
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    pub fn import(&self, input: Json) -> Json {
        self.server.import(&self.token, input)
    }

    /// Imports what must be refused without a trace, and gives code and last path step of each problem, sorted.
    pub fn refused(&self, input: Json) -> Vec<(String, String)> {
        let before = journal(self.data());
        let done = self.import(input);
        assert_eq!(done["status"], "REJECTED", "{done}");
        assert_eq!(done["revision"], done["baseRevision"], "{done}");
        assert!(before == journal(self.data()), "a refused import wrote to the journal");
        problems(&done)
    }

    /// The keys of a kind, in their order.
    pub fn keys(&self, kind: &str) -> Vec<String> {
        let data = self.server.ask(&format!("{{ {kind} {{ nodes {{ key }} }} }}"));
        data[kind]["nodes"].as_array().unwrap().iter().map(|node| text(&node["key"])).collect()
    }
}

/// Code and last path step of each problem, sorted.
pub fn problems(done: &Json) -> Vec<(String, String)> {
    let problems = done["problems"].as_array().unwrap().iter();
    let mut found: Vec<_> = problems
        .map(|problem| (text(&problem["code"]), text(problem["path"].as_array().unwrap().last().unwrap())))
        .collect();
    found.sort();
    found
}

/// The same as owned texts, for comparison.
pub fn told(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut expected: Vec<_> = expected.iter().map(|(code, step)| ((*code).into(), (*step).into())).collect();
    expected.sort();
    expected
}

pub fn text(json: &Json) -> String {
    json.as_str().unwrap_or_else(|| panic!("{json} is no text")).to_owned()
}

pub fn rows() -> Vec<Json> {
    vec![
        // What is referred to comes last: the order of rows means nothing.
        observation("i-1", "2019", "10"),
        observation("i-1", "2020", "20"),
        observation("i-2", "2020", "30"),
        indicator("i-1", "m-1"),
        indicator("i-2", "m-2"),
        measure("m-1"),
        measure("m-2"),
        json!({ "plan": { "key": "p", "organisationKey": "body", "year": 2021, "title": "Plan" } }),
        json!({ "organisation": { "key": "body", "name": "Body" } }),
    ]
}

pub fn measure(key: &str) -> Json {
    json!({ "measure": { "key": key, "planKey": "p", "name": format!("Measure {key}") } })
}

pub fn indicator(key: &str, measure: &str) -> Json {
    json!({ "indicator": { "key": key, "measureKey": measure, "position": 1, "label": "Files", "kind": "RECEIVED", "unit": "COUNT" } })
}

pub fn observation(indicator: &str, period: &str, value: &str) -> Json {
    let figure = json!({ "status": "REPORTED", "unit": "COUNT", "value": value });
    json!({ "observation": { "indicatorKey": indicator, "period": period, "figure": figure } })
}
