//! A subscription: the events of the log, each answered as the register of its own revision has it.

use std::sync::Arc;

use crate::commit::access::Identity;
use crate::commit::{Changes, Feed};
use crate::graphql::core::context::RequestContext;
use crate::graphql::core::error::GraphqlError;
use crate::graphql::core::exchange::{Answer, GraphqlRequest};
use crate::graphql::core::execution;
use crate::graphql::execute::api::{Api, bad_request, one};
use crate::graphql::mutation;
use crate::graphql::prepare;
use crate::graphql::prepare::ast::OperationKind;
use crate::graphql::prepare::bound::Bound;
use crate::graphql::prepare::operation::SelectedField;
use crate::graphql::types::commits;
use crate::register::{Register, Revision, TableSet};

/// An event that tells of more changes takes long.
const LONG_CHANGES: u64 = 1_000;

impl Api {
    /// Whether a request asks to follow something, as far as it can be read.
    pub fn is_subscription(&self, request: &GraphqlRequest) -> bool {
        request.query.contains("subscription")
            && prepare::kind_of(&self.limits, &request.query, request.operation_name.as_deref())
                == Some(OperationKind::Subscription)
    }

    /// Begins a subscription. `after` is the revision that a reader who was cut off has already; it goes before the argument.
    ///
    /// # Errors
    /// With the answer that refuses it.
    pub fn subscribe(
        self: &Arc<Self>,
        request: GraphqlRequest,
        identity: &Identity,
        after: Option<Revision>,
    ) -> Result<Subscription, Answer> {
        let register = self.ledger.register();
        let revision = register.revision();
        let begun = self.prepare(&register, request).and_then(|bound| {
            let (view, operation) = (bound.view(), &bound.operation);
            self.check_sight(view, &operation.root, &self.sight(identity))?;
            let fields: Vec<_> = view.fields(&operation.root).filter_map(SelectedField::selected).collect();
            match (operation.kind, fields.as_slice()) {
                (OperationKind::Subscription, [selected]) => {
                    let args = view.args(selected.slot).map_err(|error| one(error.clone()))?;
                    Ok((commits::begin_after(after, args, revision).map_err(one)?, bound))
                }
                (OperationKind::Subscription, _) => {
                    Err(one(bad_request("the subscription has not one field", "follow one thing at a time")))
                }
                _ => Err(one(bad_request("the document is no subscription", "send it as a request"))),
            }
        });
        let (after, bound) = begun.map_err(|errors| {
            let mut refusal = Answer::refused(errors, revision);
            self.redact(identity, &mut refusal);
            refusal
        })?;
        let tables = prepare::tables::below_root(bound.view());
        let (api, identity, feed) = (Arc::clone(self), identity.clone(), self.ledger.follow(after));
        Ok(Subscription { api, bound, tables, identity, feed, last: None, ended: false })
    }
}

/// A subscription that was begun.
pub struct Subscription {
    api: Arc<Api>,
    bound: Bound,
    /// The tables that an event can read besides its commit.
    tables: TableSet,
    identity: Identity,
    feed: Feed,
    /// The register of the last event, while there are more.
    last: Option<Arc<Register>>,
    ended: bool,
}

impl Subscription {
    /// Waits until there is an event to [take](Self::take); whether there will be one. Dropping the wait loses nothing.
    pub async fn ready(&mut self) -> bool {
        !self.ended && self.feed.ready().await
    }

    /// Whether taking the next event means much work: it tells of many records, or of a register that must be made first.
    pub fn next_is_long(&self) -> bool {
        let at = self.feed.at();
        let is_at_hand = self.at_hand(at).is_some() || self.last.as_ref().is_some_and(|last| last.revision() + 1 == at);
        !is_at_hand || self.feed.next_changes() > LONG_CHANGES
    }

    /// What goes with the next event: its time begins now.
    pub fn context(&self) -> RequestContext {
        self.api.context(&self.identity)
    }

    /// The next event, which is [ready](Self::ready), answered from the register of its own revision; none when there is none.
    /// An answer without data is the last one.
    pub fn take(&mut self, context: &RequestContext) -> Option<Answer> {
        let answer = match context.run(|| self.feed.take()) {
            Ok(Ok(None)) => return None,
            Ok(Ok(Some(changes))) => {
                let register = context.run(|| self.register(&changes)).map_err(one).flatten();
                register.and_then(|register| self.api.read(&self.bound, register, context, Some(&changes)))
            }
            Ok(Err(error)) => Err(one(mutation::from_commit(error))),
            Err(ended) => Err(one(ended)),
        };
        self.ended = answer.is_err();
        Some(answer.unwrap_or_else(|errors| Answer::refused(errors, self.api.ledger.register().revision())))
    }

    /// The current register, when it has all that an event of that revision can read as it was then.
    fn at_hand(&self, revision: Revision) -> Option<Arc<Register>> {
        let current = self.api.ledger.register();
        let changed = if self.tables == TableSet::NONE { 0 } else { current.changed_at(self.tables) };
        (changed..=current.revision()).contains(&revision).then_some(current)
    }

    /// A register that tells of an event what that of its own revision does. One who is behind goes from each to the next.
    fn register(&mut self, changes: &Changes) -> Result<Arc<Register>, Vec<GraphqlError>> {
        let commit = &changes.commit;
        if let Some(current) = self.at_hand(commit.revision) {
            return Ok(current);
        }
        let register = match self.last.take() {
            Some(last) if changes.behind > 0 && last.revision() + 1 == commit.revision => {
                Arc::new(last.with(&commit.changes, commit.revision, commit.committed_at_ms))
            }
            _ => execution::fetch(&self.api.ledger, commit.revision).map_err(one)?,
        };
        self.last = (changes.behind > 0).then(|| Arc::clone(&register));
        Ok(register)
    }

    /// The next event: waits for it. `None` when there will be none.
    pub async fn next(&mut self) -> Option<Answer> {
        if self.ready().await { self.take(&self.context()) } else { None }
    }
}
