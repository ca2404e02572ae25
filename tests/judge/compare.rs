//! Our verdict, and how the two compare.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use boordtabel::commit::Ledger;
use boordtabel::graphql::core::error::ErrorCode;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{Api, GraphqlRequest};

use crate::program::Case;

/// The API over an empty register: a verdict needs no record.
pub struct Judged {
    api: Api,
    _folder: tempfile::TempDir,
}

impl Judged {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
        Self { api: Api::new(ledger, Limits::default(), || 0), _folder: folder }
    }

    pub fn schema(&self) -> String {
        self.api.sdl()
    }

    /// In the judge's words, with our own for the message; `field` where only a field would be refused, `limit` where a limit was met.
    pub fn verdict(&self, case: &Case) -> (String, String) {
        let variables = serde_json::from_str(case.text("variables")).unwrap();
        let mut request = GraphqlRequest::new(case.text("query"), variables).unwrap();
        request.operation_name = case.json["operationName"].as_str().map(str::to_owned);
        let Ok(checked) = catch_unwind(AssertUnwindSafe(|| self.api.check(request))) else {
            return ("panic".into(), String::new());
        };
        let Err(errors) = checked else { return ("taken".into(), String::new()) };
        let first = &errors[0];
        let verdict = match first.error.code {
            ErrorCode::ParseFailed => "syntax",
            ErrorCode::ValidationFailed => "validation",
            ErrorCode::BadRequest => "operation",
            ErrorCode::BadUserInput if first.path.is_empty() => "coercion",
            ErrorCode::BadUserInput => "field",
            ErrorCode::LimitExceeded => "limit",
            other => other.word(),
        };
        (verdict.into(), first.error.message.clone())
    }
}

/// A difference, as the shortest example of its kind.
#[derive(Clone)]
struct Example {
    query: String,
    variables: String,
    number: u64,
    theirs: String,
    ours: String,
}

/// What was tried and what came of it.
#[derive(Default)]
pub struct Tally {
    tried: usize,
    verdicts: BTreeMap<String, usize>,
    /// For each rule how often it refused, how often it alone did, and how often what came near was taken.
    rules: BTreeMap<String, [usize; 3]>,
    depths: BTreeMap<u64, usize>,
    with_fragments: usize,
    with_variables: usize,
    limited: usize,
    refused_by_field: usize,
    differences: BTreeMap<String, (usize, Example)>,
}

impl Tally {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn tried(&self) -> usize {
        self.tried
    }

    pub fn note(&mut self, (ours, message): (String, String), case: &Case) {
        let theirs = case.text("verdict");
        self.tried += 1;
        *self.verdicts.entry(theirs.to_owned()).or_default() += 1;
        *self.depths.entry(case.number("depth")).or_default() += 1;
        self.with_fragments += usize::from(case.number("fragments") > 0);
        self.with_variables += usize::from(case.number("given") > 0);
        let alone = case.rules().count() == 1;
        for rule in case.rules() {
            let [refused, only, _] = self.rules.entry(rule.to_owned()).or_default();
            *refused += 1;
            *only += usize::from(alone);
        }
        if theirs == "taken" && case.text("change") == "keeps" {
            self.rules.entry(case.text("trial").to_owned()).or_default()[2] += 1;
        }
        // A document that defines a part of a schema is refused at that: whether the definition reads does not matter.
        if ours == theirs || (theirs == "syntax" && message.contains("defines a part of a schema")) {
            return;
        }
        if ours == "limit" {
            self.limited += 1;
            return;
        }
        if theirs == "taken" && ours == "field" && case.is("refusedByField") {
            self.refused_by_field += 1;
            return;
        }
        let kind = format!("{}: {theirs} → {ours}", case.text("trial"));
        let example = Example {
            query: case.text("query").to_owned(),
            variables: case.text("variables").to_owned(),
            number: case.number("number"),
            theirs: case.text("message").to_owned(),
            ours: message,
        };
        let (count, shortest) = self.differences.entry(kind).or_insert_with(|| (0, example.clone()));
        *count += 1;
        if example.query.len() < shortest.query.len() {
            *shortest = example;
        }
    }

    /// Each rule of validation with the number of documents that it refused, and of those near it that were taken.
    pub fn rules(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        let rules = self.rules.iter().filter(|(rule, _)| rule.ends_with("Rule"));
        rules.map(|(rule, [refused, _, taken])| (rule.as_str(), *refused, *taken))
    }

    pub fn print(&self) {
        println!("{:<36}{:>9}{:>9}{:>9}", "tried", "refused", "alone", "taken");
        for (rule, [refused, alone, taken]) in &self.rules {
            println!("{rule:<36}{refused:>9}{alone:>9}{taken:>9}");
        }
        println!("verdicts of the judge: {:?}", self.verdicts);
        println!("depths: {:?}", self.depths);
        println!("with fragments: {}, with variables: {}", self.with_fragments, self.with_variables);
        println!("met a limit of ours: {}; refused by a field alone: {}", self.limited, self.refused_by_field);
        for (kind, (count, example)) in &self.differences {
            println!("\nDIFFERENCE {kind}: {count} times, such as case {}", example.number);
            println!("    {}", example.query.escape_debug());
            println!("    {}", example.variables);
            println!("    theirs: {}\n    ours: {}", example.theirs, example.ours);
        }
    }

    /// Fails when there is a difference, or when the limits of ours leave too little to compare.
    pub fn agrees(&self) {
        let kinds: Vec<&String> = self.differences.keys().collect();
        assert!(kinds.is_empty(), "graphql-js says otherwise: {kinds:#?}");
        assert!(self.limited * 20 < self.tried, "too many meet a limit: {} of {}", self.limited, self.tried);
    }
}
