//! The GraphQL API: a request in, an answer out, without any transport.
//!
//! [`definition`] says what the graph is made of; [`types`], [`page`], [`query`], [`history`] and [`mutation`] fill it from
//! the model; [`plan`] and [`run`] answer a document from it; [`engine`] validates and introspects.

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
mod plan;
mod plans;
mod precheck;
pub mod query;
mod run;
mod scalar;
pub mod scope;
mod search;
pub mod select;
pub mod table;
pub mod types;
mod values;

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Name, Value as Input, Variables};

use crate::commit::access::Identity;
use crate::commit::{Changes, Feed, Ledger};
use crate::register::{Register, Revision};
use context::RequestContext;
use cost::SchemaSize;
use definition::{Graph, MUTATION, QUERY, Resolve, SUBSCRIPTION};
use engine::{Engine, INTROSPECTION};
use error::{ErrorCode, FieldError, GraphqlError, Step};
pub use exchange::{Allowed, Answer, GraphqlRequest, Lasts};
use limits::Limits;
use plan::{Plan, Planned, What};
use scope::{Effect, Registers, Scope};

/// An event that tells of more changes takes long.
const LONG_CHANGES: u64 = 1_000;

/// The API.
pub struct Api {
    graph: Graph,
    size: SchemaSize,
    engine: Engine,
    limits: Arc<Limits>,
    ledger: Arc<Ledger>,
    clock: fn() -> i64,
}

/// The schema in its own language.
pub fn sdl(limits: &Limits) -> String {
    Engine::new(&types::graph(limits)).sdl()
}

/// What a request came to before anything was read.
struct Prepared<'a> {
    plan: Plan<'a>,
    ty: OperationType,
    cost: usize,
    introspection: serde_json::Value,
}

/// A plan that costs more than this is no quick work.
const QUICK_COST: usize = 10_000;

impl Prepared<'_> {
    /// Whether it takes so little time that nobody is kept waiting by it.
    fn is_quick(&self) -> bool {
        self.ty == OperationType::Query
            && self.cost <= QUICK_COST
            && self.introspection.is_null()
            && !self.plan.fields.iter().any(|field| match &field.what {
                What::Field(field, args, _) => {
                    field.name == "at" || page::pins(args).is_ok_and(|mut it| it.next().is_some())
                }
                _ => false,
            })
    }

    /// Whether it reads only states that it names by their revisions.
    fn is_of_named_revisions(&self) -> bool {
        self.ty == OperationType::Query
            && self.plan.fields.iter().all(|field| match &field.what {
                What::Typename => true,
                What::Introspection => false,
                What::Field(_, args, _) => scope::names_revision(args),
            })
    }
}

impl Api {
    /// The API over a ledger. `clock` gives the time of commits in milliseconds since 1970.
    pub fn new(ledger: Arc<Ledger>, limits: Limits, clock: fn() -> i64) -> Self {
        let graph = types::graph(&limits);
        let engine = Engine::new(&graph);
        let size = SchemaSize::of(&graph);
        Self { graph, size, engine, limits: Arc::new(limits), ledger, clock }
    }

    /// The schema in its own language.
    pub fn sdl(&self) -> String {
        self.engine.sdl()
    }

    /// The schema as introspection tells it, in an answer as clients get it.
    pub fn introspection(&self) -> Vec<u8> {
        let document = Engine::parse(INTROSPECTION).expect("it is a document");
        let data = self.engine.introspect(&document, None, Variables::default());
        serde_json::json!({ "data": data }).to_string().into_bytes()
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
        self.execute_on(self.ledger.register(), request, &self.context(identity), allowed)
    }

    /// Answers a request. A query reads that register; a mutation the one that it made.
    pub fn execute_on(
        &self,
        register: Arc<Register>,
        request: GraphqlRequest,
        context: &RequestContext,
        allowed: Allowed,
    ) -> Answer {
        let revision = register.revision();
        self.prepare(request)
            .and_then(|prepared| self.answer(&prepared, register, context, allowed))
            .unwrap_or_else(|errors| Answer::refused(errors, revision))
    }

    /// Answers a query when that is quick; none when it is better done beside.
    pub fn execute_if_quick(
        &self,
        register: Arc<Register>,
        request: GraphqlRequest,
        context: &RequestContext,
        allowed: Allowed,
    ) -> Option<Answer> {
        let revision = register.revision();
        let answer = match self.prepare(request) {
            Ok(prepared) if !prepared.is_quick() => return None,
            Ok(prepared) => {
                let quick = context.quick();
                let answer = self.answer(&prepared, register, &quick, allowed);
                // What it costs is told from the request; what it takes shows when it is done.
                if quick.work.was_too_much() {
                    return None;
                }
                answer
            }
            Err(errors) => Err(errors),
        };
        Some(answer.unwrap_or_else(|errors| Answer::refused(errors, revision)))
    }

    /// Whether a request asks to follow something, as far as it can be read.
    pub fn is_subscription(&self, request: &GraphqlRequest) -> bool {
        request.query.len() <= self.limits.document_bytes
            && request.query.contains("subscription")
            && Engine::parse(&request.query).is_ok_and(|document| {
                operation(&document, request.operation_name.as_deref())
                    .is_ok_and(|operation| operation.ty == OperationType::Subscription)
            })
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
        let begun =
            self.prepare(request.clone()).and_then(|prepared| match (&prepared.ty, prepared.plan.fields.as_slice()) {
                (OperationType::Subscription, [Planned { what: What::Field(_, args, _), .. }]) => {
                    commits::begin_after(after, args, revision).map_err(one)
                }
                (OperationType::Subscription, _) => {
                    Err(one(bad_request("the subscription has not one field", "follow one thing at a time")))
                }
                _ => Err(one(bad_request("the document is no subscription", "send it as a request"))),
            });
        let after = begun.map_err(|errors| Answer::refused(errors, revision))?;
        let (api, identity, feed) = (Arc::clone(self), identity.clone(), self.ledger.follow(after));
        Ok(Subscription { api, request, identity, feed, last: None, ended: false })
    }

    fn prepare(&self, request: GraphqlRequest) -> Result<Prepared<'_>, Vec<GraphqlError>> {
        precheck::scan(&request.query, &self.limits).map_err(one)?;
        let document = Engine::parse(&request.query).map_err(|error| vec![error])?;
        precheck::check(&document, &self.limits).map_err(one)?;
        let name = request.operation_name.as_deref();
        let operation = operation(&document, name).map_err(one)?;
        self.engine.validate(&document, name).map_err(|mut errors| {
            errors.truncate(self.limits.errors.max(1));
            engine::near_fields(&self.graph, &mut errors);
            errors
        })?;
        let root = match operation.ty {
            OperationType::Query => QUERY,
            OperationType::Mutation => MUTATION,
            OperationType::Subscription => SUBSCRIPTION,
        };
        let root = self.graph.object(root).expect("the graph has its roots");
        let variables = input::variables(&self.graph, operation, request.variables).map_err(one)?;
        let plan = plan::plan(&self.graph, &document, operation, root, &variables, self.limits.asking())
            .map_err(|error| vec![error])?;
        let of_introspection = cost::of_introspection(&document, operation, &self.size);
        let cost = cost::of(&plan, &self.limits).saturating_add(of_introspection);
        if cost > self.limits.cost {
            let hint =
                "ask for smaller pages or fewer fields; a field costs 1 for each entry of the pages it stands in";
            return Err(one(FieldError::limit("cost of a request", self.limits.cost, cost, hint)));
        }
        let introspection = if asks_for_introspection(&plan) {
            let variables = variables.iter().map(|(name, value)| (Name::new(name), Input::clone(value))).collect();
            self.engine.introspect(&document, name, Variables::from_value(Input::Object(variables)))
        } else {
            serde_json::Value::Null
        };
        Ok(Prepared { plan, ty: operation.ty, cost, introspection })
    }

    fn answer(
        &self,
        prepared: &Prepared<'_>,
        register: Arc<Register>,
        context: &RequestContext,
        allowed: Allowed,
    ) -> Result<Answer, Vec<GraphqlError>> {
        match prepared.ty {
            OperationType::Query => self.read(prepared, register, context, None),
            OperationType::Mutation if allowed == Allowed::All => {
                // All that can refuse the request is decided before it writes: what was committed is always answered.
                let registers = context.run(|| self.registers(&prepared.plan, register)).map_err(one)??;
                let effects = self.write(&prepared.plan, &context.insisting()).map_err(|error| vec![error])?;
                let registers = registers.moved_on(self.ledger.register());
                Ok(self.respond(prepared, &registers, context, &effects, None))
            }
            OperationType::Mutation => {
                let message = "a mutation cannot be sent with GET";
                Err(one(FieldError::new(ErrorCode::MethodNotAllowed, message, "send it with POST")))
            }
            OperationType::Subscription => {
                Err(one(bad_request("a subscription is followed, not asked", "use a transport for subscriptions")))
            }
        }
    }

    /// Does the writes of a mutation, in their order.
    ///
    /// # Errors
    /// When one of several is refused before anything is written: then none is done.
    fn write(&self, plan: &Plan<'_>, context: &RequestContext) -> Result<Vec<Effect>, GraphqlError> {
        let fields = plan.fields.iter().filter_map(|field| match &field.what {
            What::Field(definition, args, _) => match definition.resolve {
                Resolve::Effect(write) => Some((field, write, args)),
                _ => None,
            },
            _ => None,
        });
        let fields: Vec<_> = fields.collect();
        if fields.len() > 1 {
            for (field, write, args) in &fields {
                mutation::check(*write, &self.ledger, args, context).map_err(|error| GraphqlError {
                    error: Box::new(error),
                    locations: vec![field.pos],
                    path: vec![Step::Field(field.key.clone())],
                })?;
            }
        }
        let done = fields.into_iter().map(|(field, write, args)| {
            (field.key.clone(), mutation::perform(write, &self.ledger, args, context, (self.clock)()))
        });
        Ok(mutation::told_beside_commits(&self.ledger, done.collect()))
    }

    /// The registers that a request reads: the current one, and those that it names.
    ///
    /// # Errors
    /// When it names one that is not there, or too many.
    fn registers(&self, plan: &Plan<'_>, current: Arc<Register>) -> Result<Registers, Vec<GraphqlError>> {
        let mut named = Vec::new();
        self.collect_named(plan, &current, &mut named).map_err(one)?;
        named.sort_unstable();
        named.dedup();
        if named.len() > self.limits.states {
            let hint = "ask for them in several requests";
            let error = FieldError::limit("earlier states that a request names", self.limits.states, named.len(), hint);
            return Err(one(error));
        }
        Registers::fetch(&self.ledger, current, &named).map_err(one)
    }

    fn read(
        &self,
        prepared: &Prepared<'_>,
        current: Arc<Register>,
        context: &RequestContext,
        event: Option<&Changes>,
    ) -> Result<Answer, Vec<GraphqlError>> {
        let read = || {
            let registers = self.registers(&prepared.plan, current)?;
            Ok(self.respond(prepared, &registers, context, &[], event))
        };
        context.run(read).map_err(one)?
    }

    fn respond(
        &self,
        prepared: &Prepared<'_>,
        registers: &Registers,
        context: &RequestContext,
        effects: &[Effect],
        event: Option<&Changes>,
    ) -> Answer {
        let scope =
            Scope { registers, ledger: &self.ledger, context, effects, event, matchers: ask::Matchers::default() };
        let ran = run::run(&prepared.plan, &scope, &prepared.introspection);
        let current = registers.current.revision();
        let (lasts, revision) = match registers.latest_named() {
            _ if !ran.errors.is_empty() || prepared.ty != OperationType::Query => (Lasts::Once, current),
            Some(latest) if prepared.is_of_named_revisions() => (Lasts::Forever, latest),
            _ => (Lasts::ThisRevision, current),
        };
        Answer { data: ran.data, errors: ran.errors, revision, cost: Some(prepared.cost), lasts }
    }

    /// The revisions that the request names, by cursors, ids and states.
    fn collect_named(&self, plan: &Plan<'_>, current: &Register, named: &mut Vec<Revision>) -> Result<(), FieldError> {
        for field in &plan.fields {
            if let What::Field(_, args, plans) = &field.what {
                named.extend(page::pins(args)?);
                named.extend(types::revisions_of_ids(args));
                named.extend(scope::as_of(&self.ledger, current, args)?);
                named.extend(history::named_by_compare(&self.ledger, current, args)?);
                plans.iter().try_for_each(|plan| self.collect_named(plan, current, named))?;
            }
        }
        Ok(())
    }
}

/// A subscription that was begun.
pub struct Subscription {
    api: Arc<Api>,
    request: GraphqlRequest,
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
                context.run(|| self.register(&changes)).map_err(one).flatten().and_then(|register| {
                    let prepared = self.api.prepare(self.request.clone())?;
                    self.api.read(&prepared, register, context, Some(&changes))
                })
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

/// The operation that the request means.
fn operation<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Result<&'d OperationDefinition, FieldError> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            Ok(&operations.values().next().expect("there is one").node)
        }
        (DocumentOperations::Multiple(operations), Some(name)) if operations.contains_key(name) => {
            Ok(&operations[name].node)
        }
        (_, Some(name)) => {
            Err(bad_request(&format!("the document has no operation `{name}`"), "correct `operationName`"))
        }
        (_, None) => Err(bad_request("the document has several operations", "say which one in `operationName`")),
    }
}

fn asks_for_introspection(plan: &Plan<'_>) -> bool {
    plan.fields.iter().any(|field| matches!(field.what, What::Introspection))
}

#[cfg(test)]
mod tests;
