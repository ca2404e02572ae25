//! Everything that can be asked of registers of several sizes, for the bench that compares the time it takes with what it costs.

pub mod questions;
pub mod worlds;

use std::sync::Arc;
use std::time::{Duration, Instant};

use boordtabel::commit::access::Identity;
use boordtabel::graphql::core::error::ErrorCode;
use boordtabel::graphql::{AllowedOperations, GraphqlRequest};
use boordtabel::register::Register;
pub use questions::{Question, questions};
use serde_json::Value;
pub use worlds::World;

/// What an answer took.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// What it was priced at.
    pub cost: u64,
    /// Steps of work, as counted.
    pub steps: u64,
    /// The time, the shortest of several.
    pub time: Duration,
    /// Whether the answer has any value: a list that is empty wherever it stands says nothing of what its entries take.
    pub shows: bool,
}

impl World {
    /// Answers a question so many times; the first time does not count, because it makes what is kept for all.
    pub fn ask(&self, question: &Question, times: usize) -> Taken {
        let mut taken = self.once(question);
        for time in 0..times {
            let again = self.once(question);
            taken = Taken { time: if time == 0 { again.time } else { again.time.min(taken.time) }, ..again };
            if taken.time > Duration::from_millis(200) {
                break;
            }
        }
        taken
    }

    fn once(&self, question: &Question) -> Taken {
        let request = GraphqlRequest { query: question.text.clone(), ..GraphqlRequest::default() };
        let register: Arc<Register> = Arc::clone(&self.register);
        let prepared = self.api.prepare(&register, request);
        let context = self.api.context(&Identity::anonymous());
        let begin = Instant::now();
        let answer = self.api.execute_on(register, prepared, &context, AllowedOperations::Queries);
        let time = begin.elapsed();
        let refused = answer.errors.iter().find(|it| it.error.code != ErrorCode::LimitExceeded);
        assert!(refused.is_none(), "{}: {refused:?}", question.text);
        let data = serde_json::from_slice(&answer.data.unwrap_or_default()).unwrap_or_default();
        Taken { cost: answer.cost.unwrap_or_default() as u64, steps: context.work.steps(), time, shows: shows(&data) }
    }
}

fn shows(data: &Value) -> bool {
    match data {
        Value::Array(entries) => entries.iter().any(shows),
        Value::Object(fields) => fields.values().any(shows),
        _ => true,
    }
}
