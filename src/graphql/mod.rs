//! The GraphQL API: a request in, an answer out, without any transport.
//!
//! [`definition`] says what the graph is made of; [`types`], [`page`], [`query`], [`history`] and [`mutation`] fill it from
//! the model. [`prepare`] makes an operation of a document, once, [`run`] answers it; [`registry`] tells of the graph itself, and
//! [`engine`] writes its schema.

pub mod ask;
pub mod commits;
mod computed;
pub mod context;
mod cost;
mod cursor;
pub mod definition;
mod discrepancies;
pub mod engine;
pub mod error;
mod exchange;
mod figures;
mod group;
pub mod history;
mod input;
pub mod limits;
pub mod mutation;
pub mod page;
mod plans;
pub mod prepare;
pub mod query;
pub mod registry;
mod run;
mod scalar;
pub mod scope;
mod search;
pub mod select;
pub mod table;
pub mod types;
mod values;

use std::cell::RefCell;
use std::sync::Arc;

use crate::commit::access::Identity;
use crate::commit::{Changes, Feed, Ledger};
use crate::register::{Register, Revision};
use context::RequestContext;
use definition::{Graph, Resolve};
use engine::Engine;
use error::{ErrorCode, FieldError, GraphqlError, Step};
pub use exchange::{Allowed, Answer, GraphqlRequest, Lasts};
use limits::Limits;
use prepare::ast::OperationKind;
pub use prepare::bind::Bound;
use prepare::bind::{BoundRef, bind};
use prepare::cache::Operations;
use prepare::operation::{SelectedField, SelectionSet};
use prepare::{locate, variables};
use registry::introspection::INTROSPECTION;
use scope::{Effect, Registers, Scope};

/// An event that tells of more changes takes long.
const LONG_CHANGES: u64 = 1_000;

/// A request that was prepared, or what refuses it.
pub type Prepared = Result<Bound, Vec<GraphqlError>>;

/// The API.
pub struct Api {
    graph: Graph,
    operations: Operations,
    limits: Arc<Limits>,
    ledger: Arc<Ledger>,
    clock: fn() -> i64,
}

/// The schema in its own language.
pub fn sdl(limits: &Limits) -> String {
    Engine::new(&types::graph(limits)).sdl()
}

/// What costs more than this is no quick work.
const QUICK_COST: usize = 10_000;

impl Bound {
    /// Whether it takes so little time that nobody is kept waiting by it.
    fn is_quick(&self) -> bool {
        let (view, operation) = (self.view(), &self.operation);
        let is_long = |name: &str| name == "at" || name.starts_with("__");
        operation.kind == OperationKind::Query
            && self.cost <= QUICK_COST
            && !view.fields(&operation.root).filter_map(SelectedField::selected).any(|selected| {
                let pins = |args| page::pins(args).is_ok_and(|mut it| it.next().is_some());
                is_long(&selected.field.name) || view.args(selected.slot).is_ok_and(pins)
            })
    }

    /// Whether it reads only states that it names by their revisions.
    fn is_of_named_revisions(&self) -> bool {
        let (view, operation) = (self.view(), &self.operation);
        operation.kind == OperationKind::Query
            && view.fields(&operation.root).all(|field| match field.selected() {
                None => true,
                Some(selected) => view.args(selected.slot).is_ok_and(scope::names_revision),
            })
    }
}

impl Api {
    /// The API over a ledger. `clock` gives the time of commits in milliseconds since 1970.
    pub fn new(ledger: Arc<Ledger>, limits: Limits, clock: fn() -> i64) -> Self {
        let graph = types::graph(&limits);
        let operations = Operations::new(limits.operations_bytes);
        Self { graph, operations, limits: Arc::new(limits), ledger, clock }
    }

    /// The schema in its own language.
    pub fn sdl(&self) -> String {
        Engine::new(&self.graph).sdl()
    }

    /// The schema as introspection tells it, in an answer as clients get it.
    pub fn introspection(&self) -> Vec<u8> {
        // Whatever the limits of requests are.
        let limits = Arc::new(Limits::default());
        let operation = prepare::compile(&self.graph, &limits, INTROSPECTION, None).expect("it is valid");
        let bound = bind(&self.graph, &limits, Arc::new(operation), &Default::default()).expect("it has no variables");
        let registers = Registers::fetch(&self.ledger, self.ledger.register(), &[]).expect("it names none");
        let context = RequestContext::new(Identity::anonymous(), &limits);
        let answer = self.respond(&bound, &registers, &context, &[], None);
        [b"{\"data\":".as_slice(), &answer.data.unwrap_or_default(), b"}"].concat()
    }

    /// The graph, for those who document it.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The ledger that it reads and writes.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Checks a request as far as that goes without reading anything: document, operation, variables, arguments, limits.
    ///
    /// # Errors
    /// With what is wrong with it. An error that has a path is of a field, not of the request as a whole.
    pub fn check(&self, request: GraphqlRequest) -> Result<(), Vec<GraphqlError>> {
        self.prepare(request).map(drop)
    }

    /// What goes with a request of somebody that begins now.
    pub fn context(&self, identity: &Identity) -> RequestContext {
        RequestContext::new(identity.clone(), &self.limits)
    }

    /// Answers a request from the current register.
    pub fn execute(&self, request: GraphqlRequest, identity: &Identity, allowed: Allowed) -> Answer {
        self.execute_on(self.ledger.register(), self.prepare(request), &self.context(identity), allowed)
    }

    /// Answers a request that was prepared. A query reads that register; a mutation the one that it made.
    pub fn execute_on(
        &self,
        register: Arc<Register>,
        prepared: Prepared,
        context: &RequestContext,
        allowed: Allowed,
    ) -> Answer {
        let revision = register.revision();
        prepared
            .and_then(|bound| self.answer(&bound, register, context, allowed))
            .unwrap_or_else(|errors| Answer::refused(errors, revision))
    }

    /// Answers a query when that is quick; else gives it back, to be answered beside.
    ///
    /// # Errors
    /// With the request, prepared, when it is not quick.
    pub fn execute_if_quick(
        &self,
        register: Arc<Register>,
        prepared: Prepared,
        context: &RequestContext,
        allowed: Allowed,
    ) -> Result<Answer, Bound> {
        let revision = register.revision();
        let bound = match prepared {
            Ok(bound) if !bound.is_quick() => return Err(bound),
            Ok(bound) => bound,
            Err(errors) => return Ok(Answer::refused(errors, revision)),
        };
        let quick = context.quick();
        let answer = self.answer(&bound, register, &quick, allowed);
        // What it costs is told from the request; what it takes shows when it is done.
        if quick.work.was_too_much() {
            return Err(bound);
        }
        Ok(answer.unwrap_or_else(|errors| Answer::refused(errors, revision)))
    }

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
        let revision = self.ledger.register().revision();
        let begun = self.prepare(request).and_then(|bound| {
            let (view, operation) = (bound.view(), &bound.operation);
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
        let (after, bound) = begun.map_err(|errors| Answer::refused(errors, revision))?;
        let (api, identity, feed) = (Arc::clone(self), identity.clone(), self.ledger.follow(after));
        Ok(Subscription { api, bound, identity, feed, last: None, ended: false })
    }

    /// Prepares a request: compiles its operation, unless that is kept, and binds its variables.
    ///
    /// # Errors
    /// With what refuses it.
    pub fn prepare(&self, request: GraphqlRequest) -> Prepared {
        let GraphqlRequest { query, operation_name, variables } = request;
        let name = operation_name.as_deref();
        let compile = || prepare::compile(&self.graph, &self.limits, &query, name);
        let operation = self.operations.get(&query, name, compile)?;
        let variables = variables::coerced(&self.graph, &operation.variables, variables).map_err(one)?;
        let bound = bind(&self.graph, &self.limits, operation, &variables).map_err(|error| vec![error])?;
        if bound.cost > self.limits.cost {
            let hint =
                "ask for smaller pages or fewer fields; a field costs 1 for each entry of the pages it stands in";
            let error = FieldError::limit("cost of a request", self.limits.cost, bound.cost, hint);
            return Err(one(error.raised_by("cost")));
        }
        Ok(bound)
    }

    fn answer(
        &self,
        bound: &Bound,
        register: Arc<Register>,
        context: &RequestContext,
        allowed: Allowed,
    ) -> Result<Answer, Vec<GraphqlError>> {
        match bound.operation.kind {
            OperationKind::Query => self.read(bound, register, context, None),
            OperationKind::Mutation if allowed == Allowed::All => {
                // All that can refuse the request is decided before it writes: what was committed is always answered.
                let registers = context.run(|| self.registers(bound, register)).map_err(one)??;
                let effects = self.write(bound, &context.insisting()).map_err(|error| vec![error])?;
                let registers = registers.moved_on(self.ledger.register());
                Ok(self.respond(bound, &registers, context, &effects, None))
            }
            OperationKind::Mutation => {
                let message = "a mutation cannot be sent with GET";
                Err(one(FieldError::new(ErrorCode::MethodNotAllowed, message, "send it with POST")))
            }
            OperationKind::Subscription => {
                Err(one(bad_request("a subscription is followed, not asked", "use a transport for subscriptions")))
            }
        }
    }

    /// Does the writes of a mutation, in their order.
    ///
    /// # Errors
    /// When one of several is refused before anything is written: then none is done.
    fn write(&self, bound: &Bound, context: &RequestContext) -> Result<Vec<Effect>, GraphqlError> {
        let view = bound.view();
        let failed = |error, field: &SelectedField| GraphqlError {
            error: Box::new(error),
            locations: vec![locate(&bound.operation.text, field.at)],
            path: vec![Step::Field(field.key.to_string())],
        };
        let mut fields = Vec::new();
        for field in view.fields(&bound.operation.root) {
            let Some(selected) = field.selected() else { continue };
            if let Resolve::Effect(write) = selected.field.resolve {
                let args = view.args(selected.slot).map_err(|error| failed(error.clone(), field))?;
                fields.push((field, write, args));
            }
        }
        if fields.len() > 1 {
            for (field, write, args) in &fields {
                mutation::check(*write, &self.ledger, args, context).map_err(|error| failed(error, field))?;
            }
        }
        let done = fields.into_iter().map(|(field, write, args)| {
            (field.key.to_string(), mutation::perform(write, &self.ledger, args, context, (self.clock)()))
        });
        Ok(mutation::told_beside_commits(&self.ledger, done.collect()))
    }

    /// The registers that a request reads: the current one, and those that it names.
    ///
    /// # Errors
    /// When it names one that is not there, or too many.
    fn registers(&self, bound: &Bound, current: Arc<Register>) -> Result<Registers, Vec<GraphqlError>> {
        let mut named = Vec::new();
        if bound.operation.names_states {
            self.collect_named(bound.view(), &bound.operation.root, &current, &mut named).map_err(one)?;
        }
        named.sort_unstable();
        named.dedup();
        if named.len() > self.limits.states {
            let hint = "ask for them in several requests";
            let error = FieldError::limit("earlier states that a request names", self.limits.states, named.len(), hint);
            return Err(one(error.raised_by("states")));
        }
        Registers::fetch(&self.ledger, current, &named).map_err(one)
    }

    fn read(
        &self,
        bound: &Bound,
        current: Arc<Register>,
        context: &RequestContext,
        event: Option<&Changes>,
    ) -> Result<Answer, Vec<GraphqlError>> {
        let read = || {
            let registers = self.registers(bound, current)?;
            Ok(self.respond(bound, &registers, context, &[], event))
        };
        context.run(read).map_err(one)?
    }

    fn respond(
        &self,
        bound: &Bound,
        registers: &Registers,
        context: &RequestContext,
        effects: &[Effect],
        event: Option<&Changes>,
    ) -> Answer {
        let scope = Scope {
            graph: &self.graph,
            registers,
            ledger: &self.ledger,
            context,
            effects,
            event,
            matchers: ask::Matchers::default(),
            hints: RefCell::default(),
        };
        let ran = run::run(bound.view(), &scope);
        let current = registers.current.revision();
        let (lasts, revision) = match registers.latest_named() {
            _ if !ran.errors.is_empty() || bound.operation.kind != OperationKind::Query => (Lasts::Once, current),
            Some(latest) if bound.is_of_named_revisions() => (Lasts::Forever, latest),
            _ => (Lasts::ThisRevision, current),
        };
        Answer {
            data: ran.data,
            errors: ran.errors,
            revision,
            cost: Some(bound.cost),
            lasts,
            hints: scope.hints.take(),
        }
    }

    /// The revisions that the request names, by cursors, ids and states.
    fn collect_named(
        &self,
        bound: BoundRef<'_>,
        set: &SelectionSet,
        current: &Register,
        named: &mut Vec<Revision>,
    ) -> Result<(), FieldError> {
        for selected in bound.fields(set).filter_map(SelectedField::selected) {
            if let Ok(args) = bound.args(selected.slot) {
                named.extend(page::pins(args)?);
                named.extend(types::revisions_of_ids(args));
                named.extend(scope::as_of(&self.ledger, current, args)?);
                named.extend(history::named_by_compare(&self.ledger, current, args)?);
            }
            selected.sets.iter().try_for_each(|set| self.collect_named(bound, set, current, named))?;
        }
        Ok(())
    }
}

/// A subscription that was begun.
pub struct Subscription {
    api: Arc<Api>,
    bound: Bound,
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
        let is_at_hand = self.api.ledger.register().revision() == at
            || self.last.as_ref().is_some_and(|last| last.revision() + 1 == at);
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

    /// The register of an event. One who is behind goes from each to the next.
    fn register(&mut self, changes: &Changes) -> Result<Arc<Register>, Vec<GraphqlError>> {
        let commit = &changes.commit;
        let register = match self.last.take() {
            Some(last) if changes.behind > 0 && last.revision() + 1 == commit.revision => {
                Arc::new(last.with(&commit.changes, commit.revision, commit.committed_at_ms))
            }
            _ => scope::fetch(&self.api.ledger, commit.revision).map_err(one)?,
        };
        self.last = (changes.behind > 0).then(|| Arc::clone(&register));
        Ok(register)
    }

    /// The next event: waits for it. `None` when there will be none.
    pub async fn next(&mut self) -> Option<Answer> {
        if self.ready().await { self.take(&self.context()) } else { None }
    }
}

fn one(error: FieldError) -> Vec<GraphqlError> {
    vec![error.into()]
}

fn bad_request(message: &str, hint: &str) -> FieldError {
    FieldError::new(ErrorCode::BadRequest, message, hint)
}

#[cfg(test)]
mod tests;
