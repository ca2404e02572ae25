//! Following the register over the network: what sockets and event streams have in common. An operation becomes answers, one
//! after the other. Each is made when there is room for it, so that one who does not read costs two answers of memory: one that
//! waits, one that is on its way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use actix_web::{HttpRequest, web};

use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::{AllowedOperations, Answer, Subscription};
use crate::http::graphql::execution;
use crate::http::graphql::incoming::Asked;
use crate::http::state::refusals::{self, Within};
use crate::http::state::shared::Shared;
use crate::http::wire::flight::Held;
use crate::http::wire::pace::Use;
use crate::register::Revision;

/// Says of a connection that the register is followed over it.
pub fn follows(http: &HttpRequest) {
    http.conn_data::<Rc<Use>>().inspect(|used| used.follow());
}

/// An operation that was begun: its answers, one after the other.
pub struct Operation {
    shared: web::Data<Shared>,
    rest: Rest,
}

enum Rest {
    Nothing,
    One(Answer, Held),
    Events(Box<Subscription>),
}

impl Operation {
    /// Begins a request. A subscription goes on after the revision that the reader has, when it says one.
    pub async fn begin(
        shared: web::Data<Shared>,
        asked: Asked,
        allowed: AllowedOperations,
        resume: Option<Revision>,
    ) -> Self {
        let rest = if shared.api.is_subscription(&asked.request) {
            let begin = || shared.api.subscribe(asked.request, &asked.identity, resume);
            let begun = catch_unwind(AssertUnwindSafe(begin));
            match begun.unwrap_or_else(|_| Err(execution::failed(&shared))) {
                Ok(subscription) => Rest::Events(Box::new(subscription)),
                Err(refusal) => Rest::One(refusal, Held::default()),
            }
        } else {
            match execution::answer(&shared, asked, allowed).await {
                Ok((answer, held)) => Rest::One(answer, held),
                Err(error) => Rest::One(refused(&shared, error), Held::default()),
            }
        };
        if let Rest::One(answer, _) = &rest
            && let Some(Within(status)) = refusals::within(&answer.errors)
        {
            shared.metrics.refused(status.as_u16());
        }
        Self { shared, rest }
    }

    /// Whether it was refused; then the only answer says why.
    pub fn refusal(&self) -> Option<&Answer> {
        match &self.rest {
            Rest::One(answer, _) if answer.data.is_none() => Some(answer),
            _ => None,
        }
    }

    /// Whether it is a subscription.
    pub fn is_followed(&self) -> bool {
        matches!(self.rest, Rest::Events(_))
    }

    /// Waits until there is an answer to [take](Self::take); whether there will be one. Dropping the wait loses nothing.
    pub async fn ready(&mut self) -> bool {
        match &mut self.rest {
            Rest::Nothing => false,
            Rest::One(..) => true,
            Rest::Events(subscription) => subscription.ready().await,
        }
    }

    /// The next answer, which is [ready](Self::ready), and its room. One without data is the last. `None` when there is no other. A
    /// wait that is dropped ends the operation.
    pub async fn take(&mut self) -> Option<(Answer, Held)> {
        let mut subscription = match std::mem::replace(&mut self.rest, Rest::Nothing) {
            Rest::Nothing => return None,
            Rest::One(answer, held) => return Some((answer, held)),
            Rest::Events(subscription) => subscription,
        };
        let is_long = subscription.next_is_long();
        let context = subscription.context();
        let _waiting = context.work.waiting();
        let take = move || {
            let taken = catch_unwind(AssertUnwindSafe(|| subscription.take(&context)));
            taken.map(|answer| (answer, subscription))
        };
        // Until there is room for what was made in it, no other one is made.
        let turn = if is_long { self.shared.live.long.acquire().await.ok() } else { None };
        let taken = match turn {
            Some(_) => web::block(take).await,
            None => Ok(take()),
        };
        let answer = match taken {
            Ok(Ok((answer, subscription))) => {
                self.rest = Rest::Events(subscription);
                answer?
            }
            Ok(Err(_)) => execution::failed(&self.shared),
            Err(_) => stopped(&self.shared),
        };
        let held = self.shared.flight.wait_for(answer.data.as_ref().map_or(0, Vec::len)).await;
        Some((answer, held))
    }
}

fn stopped(shared: &Shared) -> Answer {
    let hint = "connect again later, and go on from where you were";
    refused(shared, FieldError::new(ErrorCode::Unavailable, "the server is stopping", hint))
}

fn refused(shared: &Shared, error: FieldError) -> Answer {
    Answer::refused(vec![error.into()], shared.ledger.register().revision())
}
