//! Our answers on the fixture, against those of an executor that reads the CSV files itself.

use std::collections::HashMap;
use std::sync::Arc;

use boordtabel::commit::Ledger;
use boordtabel::commit::access::Identity;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::graphql::{AllowedOperations, Answer, Api, GraphqlRequest};
use serde_json::{Value as Json, json};

use crate::program::Case;
use crate::server;

/// The API over the fixture.
pub struct Answering {
    api: Api,
    _folder: tempfile::TempDir,
}

/// What comes before and after what a cursor is written as by those who cannot know it.
const CURSOR: [&str; 2] = ["\"⟦", "⟧\""];

impl Answering {
    pub fn new(fixture: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        server::run(folder.path(), &["load", fixture]);
        let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
        Self { api: Api::new(ledger, Limits::default(), || 0), _folder: folder }
    }

    /// Asks what a case asks, one request after the other; says where an answer differs.
    ///
    /// # Errors
    /// With what was expected and what came.
    pub fn agrees(&self, case: &Case) -> Result<(), String> {
        let mut cursors = Cursors::default();
        for step in case.json["steps"].as_array().unwrap() {
            let query = step["query"].as_str().unwrap_or(case.text("query"));
            let mut variables: Json = serde_json::from_str(case.text("variables")).unwrap();
            if let Some(cursor) = step.get("cursor") {
                let known = cursor.as_str().map(|name| cursors.by_name[name.trim_matches(['⟦', '⟧'])].clone());
                variables = json!({ "cursor": known });
            }
            let told = || format!("{}\n    {variables}", query.escape_debug());
            let mut request = GraphqlRequest::new(query, variables.clone()).unwrap();
            request.operation_name = case.json["operationName"].as_str().map(str::to_owned);
            let answer = self.api.execute(request, &Identity::anonymous(), AllowedOperations::Queries);
            compare(step, &answer, &mut cursors).map_err(|reason| format!("{}\n    {reason}", told()))?;
        }
        Ok(())
    }
}

fn compare(step: &Json, answer: &Answer, cursors: &mut Cursors) -> Result<(), String> {
    let refused = !answer.errors.is_empty();
    let Some(expected) = step["expected"].as_str() else {
        return if refused { Ok(()) } else { Err("a cursor is taken where it does not belong".into()) };
    };
    let found = answer.data.as_deref().map_or("null", |data| std::str::from_utf8(data).unwrap());
    cursors.same(expected, found)?;
    let paths = step["errors"].as_array().unwrap();
    if paths.is_empty() == refused {
        let messages: Vec<&str> = answer.errors.iter().map(|error| error.error.message.as_str()).collect();
        return Err(format!("errors expected at {paths:?}, found {messages:?}"));
    }
    Ok(())
}

/// The cursors of a case, by the name that the other executor has for them: each name has one, each one a name.
#[derive(Default)]
struct Cursors {
    by_name: HashMap<String, String>,
    names: HashMap<String, String>,
}

impl Cursors {
    /// Whether two answers are the same letter by letter, except for how cursors are written.
    fn same(&mut self, expected: &str, found: &str) -> Result<(), String> {
        let (mut left, mut right) = (expected, found);
        loop {
            let plain = left.find(CURSOR[0]).unwrap_or(left.len());
            if right.len() < plain || left.as_bytes()[..plain] != right.as_bytes()[..plain] {
                return Err(difference(left, right));
            }
            (left, right) = (&left[plain..], &right[plain..]);
            if left.is_empty() {
                return if right.is_empty() { Ok(()) } else { Err(difference(left, right)) };
            }
            let (name, rest) = left[CURSOR[0].len()..].split_once(CURSOR[1]).unwrap();
            let cursor = right.strip_prefix('"').and_then(|text| text.split_once('"'));
            let Some((cursor, right_rest)) = cursor else { return Err(difference(left, right)) };
            let known = self.by_name.entry(name.to_owned()).or_insert_with(|| cursor.to_owned());
            let owner = self.names.entry(cursor.to_owned()).or_insert_with(|| name.to_owned());
            if known != cursor || owner != name {
                return Err(format!("the cursor `{cursor}` means two things, or two cursors mean one"));
            }
            (left, right) = (rest, right_rest);
        }
    }
}

/// The first place where two texts differ, and a little around it.
fn difference(expected: &str, found: &str) -> String {
    let same = expected.chars().zip(found.chars()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| text.chars().skip(same.saturating_sub(60)).take(160).collect::<String>();
    format!("expected …{}…\n    found    …{}…", around(expected), around(found))
}
