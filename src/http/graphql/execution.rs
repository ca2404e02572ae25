//! How a request is executed: on the thread that read it where that is quick, else on one of its own, with room for its answer.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::web;
use futures_util::FutureExt as _;

use crate::commit::access::{Identity, Role};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::{AllowedOperations, Answer, GraphqlRequest, Left, Prepared, Written};
use crate::http::graphql::incoming::Asked;
use crate::http::state::shared::Shared;
use crate::http::wire::background::{run_blocking, worked};
use crate::http::wire::flight::Held;
use crate::http::wire::share::Payer;
use crate::register::{Register, TableSet};

/// Answers a request: here when that is quick, else beside, so that nobody waits who shares this thread.
///
/// # Errors
/// When there is no room for its answer, or the server is stopping.
pub async fn answer(
    shared: &web::Data<Shared>,
    asked: Asked,
    allowed: AllowedOperations,
) -> Result<(Answer, Held), FieldError> {
    execute(shared, shared.api.register_for(&asked.identity)?, asked, allowed).await
}

/// The same, read from that register.
///
/// # Errors
/// When there is no room for its answer, or the server is stopping.
pub async fn execute(
    shared: &web::Data<Shared>,
    register: Arc<Register>,
    Asked { request, identity, payer, is_long }: Asked,
    allowed: AllowedOperations,
) -> Result<(Answer, Held), FieldError> {
    let rest = if is_long { Rest::Request(request) } else { Rest::prepare(shared, request, &payer) };
    finish(shared, register, rest, (identity, payer), allowed).await
}

/// What is left to do of a request.
pub enum Rest {
    /// All.
    Request(GraphqlRequest),
    /// It was prepared.
    Prepared(Box<Prepared>),
    /// It has written, and is to be answered.
    Written(Box<Written>),
}

impl From<Left> for Rest {
    fn from(left: Left) -> Self {
        match left {
            Left::All(bound) => Self::Prepared(Box::new(Ok(bound))),
            Left::Answer(written) => Self::Written(Box::new(written)),
        }
    }
}

impl Rest {
    /// Prepares a request here, unless it gives way to others: then that is done beside too.
    pub fn prepare(shared: &Shared, request: GraphqlRequest, payer: &Payer) -> Self {
        if payer.gives_way() {
            return Self::Request(request);
        }
        let before = worked();
        let prepare = || shared.api.prepare(&shared.ledger.register(), request);
        let prepared = std::panic::catch_unwind(AssertUnwindSafe(prepare));
        payer.spend(worked().saturating_sub(before));
        Self::Prepared(Box::new(prepared.unwrap_or_else(|_| Err(failed(shared).errors))))
    }

    /// The tables that it can read, as far as that is known.
    pub fn tables(&self) -> Option<TableSet> {
        match self {
            Self::Prepared(prepared) => prepared.as_ref().as_ref().ok().map(|bound| bound.tables),
            Self::Request(_) | Self::Written(_) => None,
        }
    }
}

/// Answers a request from that register: here when that is quick, else beside, so that nobody waits who shares this thread.
///
/// # Errors
/// When there is no room for its answer, or the server is stopping.
pub async fn finish(
    shared: &web::Data<Shared>,
    register: Arc<Register>,
    rest: Rest,
    (identity, payer): (Identity, Payer),
    allowed: AllowedOperations,
) -> Result<(Answer, Held), FieldError> {
    let limits = shared.api.limits();
    if let Rest::Prepared(prepared) = &rest {
        payer.pay(prepared.as_ref().as_ref().map_or(1, |bound| bound.cost), limits)?;
    }
    let context = shared.api.context(&identity);
    let id = context.id;
    // When the client goes, this is dropped, and what is done for it ends.
    let _waiting = context.work.waiting();
    // What cannot be answered here is answered beside: as it came, or as far as it was prepared.
    let quick = match rest {
        Rest::Prepared(prepared) if prepared.is_err() || !payer.gives_way() => {
            let before = worked();
            let execute = async {
                let quick = shared.api.execute_if_quick(register.clone(), *prepared, &context, allowed);
                payer.spend(worked().saturating_sub(before));
                match quick {
                    Ok(answer) => Ok((shared.flight.hold(answer.data.as_ref().map_or(0, Vec::len)), answer)),
                    Err(bound) => {
                        let written = shared.api.execute_small_write(&register, bound, &context, allowed).await;
                        // What was written is answered, whatever others do.
                        written.map(|answer| (Ok(Held::default()), answer)).map_err(Rest::from)
                    }
                }
            };
            let executed = AssertUnwindSafe(execute).catch_unwind().await;
            executed.unwrap_or_else(|_| Ok((Ok(Held::default()), failed(shared))))
        }
        rest => Err(rest),
    };
    let (mut answer, held) = match quick {
        Ok((held, answer)) => (answer, held?),
        Err(rest) => {
            // Who may write is known; and what was written is answered, whatever others do.
            let held = if identity.role > Role::Read { Held::default() } else { shared.flight.reserve().await? };
            let turn = match &rest {
                // What was written is answered, whatever share is left.
                Rest::Written(_) => None,
                _ => Some(payer.turn(limits).await?),
            };
            tracing::debug!(id, "is answered beside");
            let shared = shared.clone();
            let answer = run_blocking(move || {
                let _turn = turn;
                payer.work_beside();
                let execute = || {
                    let prepared = match rest {
                        Rest::Request(request) => shared.api.prepare(&register, request).and_then(|bound| {
                            let paid = payer.pay(bound.cost, shared.api.limits());
                            paid.map(|()| bound).map_err(|error| vec![error.into()])
                        }),
                        Rest::Prepared(prepared) => *prepared,
                        Rest::Written(written) => return shared.api.answer_written(&written, &context),
                    };
                    shared.api.execute_on(register, prepared, &context, allowed)
                };
                std::panic::catch_unwind(AssertUnwindSafe(execute)).unwrap_or_else(|_| failed(&shared))
            })
            .await?;
            (answer, held)
        }
    };
    shared.api.redact(&identity, &mut answer);
    tracing::debug!(id, errors = answer.errors.len(), revision = answer.revision, "answered");
    Ok((answer, held))
}

/// A fault of ours must cost one answer, not the server.
pub fn failed(shared: &Shared) -> Answer {
    tracing::error!("answering a request failed; the panic is above");
    let hint = "report this; the server's log has the cause";
    let error = FieldError::new(ErrorCode::Internal, "the server failed to answer", hint);
    Answer::refused(vec![error.into()], shared.ledger.register().revision())
}
