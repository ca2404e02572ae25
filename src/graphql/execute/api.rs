//! The API: a request from beginning to end.

use crate::graphql::core::as_of;
use crate::graphql::core::id::revisions_of_ids;
use crate::graphql::core::list_query::Matchers;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::commit::access::Identity;
use crate::commit::{Changes, Ledger};
use crate::graphql::core::context::{QUICK_STEPS, RequestContext};
use crate::graphql::core::definition::Graph;
use crate::graphql::core::error::{ErrorCode, FieldError, GraphqlError};
use crate::graphql::core::exchange::{AllowedOperations, Answer, Cacheability, GraphqlRequest};
use crate::graphql::core::execution::{Effect, ExecutionContext, Registers};
use crate::graphql::core::limits::Limits;
use crate::graphql::core::public::Public;
use crate::graphql::cost;
use crate::graphql::execute::run;
use crate::graphql::prepare::ast::OperationKind;
use crate::graphql::prepare::bind::bind;
use crate::graphql::prepare::bound::{Bound, BoundRef};
use crate::graphql::prepare::cache::{Given, Operations};
use crate::graphql::prepare::operation::{SelectedField, SelectionSet};
use crate::graphql::prepare::{self, variables};
use crate::graphql::registry::engine::Engine;
use crate::graphql::registry::graph::graph;
use crate::graphql::registry::introspection::INTROSPECTION;
use crate::graphql::registry::subgraph;
use crate::graphql::types::history;
use crate::graphql::types::page;
use crate::register::{Register, Revision};

/// A request that was prepared, or what refuses it.
pub type Prepared = Result<Bound, Vec<GraphqlError>>;

/// The API.
pub struct Api {
    pub(in crate::graphql) graph: Graph,
    operations: Operations,
    pub(in crate::graphql) limits: Arc<Limits>,
    pub(in crate::graphql) ledger: Arc<Ledger>,
    pub(super) clock: fn() -> i64,
    pub(super) public: ArcSwap<Public>,
}

/// The schema in its own language.
pub fn sdl(limits: &Limits) -> String {
    Engine::new(&graph(limits)).sdl()
}

/// The schema as part of a larger one, in the language of Apollo Federation.
pub fn subgraph_sdl(limits: &Limits) -> String {
    Engine::of_subgraph(&graph(limits)).sdl()
}

/// What costs more than this is no quick work. What costs less may turn out to be long all the same: then it ends, and is done by
/// another thread from the beginning. Handing over what is quick costs more than that.
pub(super) const QUICK_COST: usize = 25_000;

impl Bound {
    /// Whether it takes so little time that nobody is kept waiting by it.
    fn is_quick(&self) -> bool {
        let (view, operation) = (self.view(), &self.operation);
        let is_long = |name: &str| name == "at" || name.starts_with("__");
        operation.kind == OperationKind::Query
            && self.cost <= QUICK_COST
            && !operation.experience.is_long(self.cost)
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
                Some(selected) => view.args(selected.slot).is_ok_and(as_of::names_revision),
            })
    }
}

impl Api {
    /// The API over a ledger. `clock` gives the time of commits in milliseconds since 1970.
    pub fn new(ledger: Arc<Ledger>, limits: Limits, clock: fn() -> i64) -> Self {
        let graph = graph(&limits);
        let operations = Operations::new(limits.operations_bytes);
        Self { graph, operations, limits: Arc::new(limits), ledger, clock, public: ArcSwap::default() }
    }

    /// Offers the graph to gateways, as part of a larger one.
    pub fn offer_subgraph(&mut self) {
        subgraph::offer(&mut self.graph, &self.limits);
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
        let bound = bind(&self.graph, Arc::new(operation), &Default::default()).expect("it has no variables");
        let registers =
            Registers::fetch(&self.ledger, self.ledger.register(), bound.tables, &[]).expect("it names none");
        let context = RequestContext::new(Identity::anonymous(), &limits);
        let answer = self.respond(&bound, &registers, &context, &[], None);
        [b"{\"data\":".as_slice(), &answer.data.unwrap_or_default(), b"}"].concat()
    }

    /// Compiles a document that clients may name, and adds what it comes to to those that are to [stay](Self::give).
    ///
    /// # Errors
    /// With everything that is wrong with it.
    pub fn compile(&self, text: &str, given: &mut Given) -> Result<(), Vec<GraphqlError>> {
        for (name, operation) in prepare::compile_all(&self.graph, &self.limits, text)? {
            given.add(text, name.as_deref(), operation);
        }
        Ok(())
    }

    /// From now on these compiled documents stay, and no others.
    pub fn give(&self, given: Given) {
        self.operations.give(given);
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
        self.prepare(&self.ledger.register(), request).map(drop)
    }

    /// What goes with a request of somebody that begins now.
    pub fn context(&self, identity: &Identity) -> RequestContext {
        RequestContext::new(identity.clone(), &self.limits).seeing(self.sight(identity))
    }

    /// Answers a request from the current register.
    pub fn execute(&self, request: GraphqlRequest, identity: &Identity, allowed: AllowedOperations) -> Answer {
        match self.register_for(identity) {
            Ok(register) => {
                let prepared = self.prepare(&register, request);
                self.execute_on(register, prepared, &self.context(identity), allowed)
            }
            Err(error) => Answer::refused(one(error), self.ledger.register().revision()),
        }
    }

    /// Answers a request that was prepared. A query reads that register; a mutation the one that it made.
    pub fn execute_on(
        &self,
        register: Arc<Register>,
        prepared: Prepared,
        context: &RequestContext,
        allowed: AllowedOperations,
    ) -> Answer {
        let revision = register.revision();
        let answer = prepared.and_then(|bound| {
            let answer = self.answer(&bound, register, context, allowed);
            if context.work.steps() <= QUICK_STEPS {
                bound.operation.experience.was_quick();
            }
            answer
        });
        answer.unwrap_or_else(|errors| Answer::refused(errors, revision))
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
        allowed: AllowedOperations,
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
            // It is not tried a second time, unless it only waited for what others make.
            if quick.work.steps() > QUICK_STEPS {
                bound.operation.experience.was_long(bound.cost);
            }
            return Err(bound);
        }
        Ok(answer.unwrap_or_else(|errors| Answer::refused(errors, revision)))
    }

    /// Prepares a request: compiles its operation, unless that is kept, binds its variables, and says what it costs over a register.
    ///
    /// # Errors
    /// With what refuses it.
    pub fn prepare(&self, register: &Register, request: GraphqlRequest) -> Prepared {
        let bound = self.bind(register, request)?;
        if bound.cost > self.limits.cost {
            let hint = "ask for smaller pages, fewer fields or less of long lists; `docs/reference.md` says what counts how much";
            let error = FieldError::limit("cost of a request", self.limits.cost, bound.cost, hint);
            return Err(one(error.raised_by("cost")));
        }
        Ok(bound)
    }

    /// The same, whatever it costs.
    ///
    /// # Errors
    /// With what refuses it.
    pub(in crate::graphql) fn bind(&self, register: &Register, request: GraphqlRequest) -> Prepared {
        let GraphqlRequest { query, operation_name, variables } = request;
        let name = operation_name.as_deref();
        let compile = || prepare::compile(&self.graph, &self.limits, &query, name);
        let operation = self.operations.get(&query, name, compile)?;
        let variables = variables::coerced(&self.graph, &operation.variables, variables).map_err(one)?;
        let mut bound = bind(&self.graph, operation, &variables).map_err(|error| vec![error])?;
        bound.cost = cost::of(bound.view(), &self.graph, &self.limits, register);
        Ok(bound)
    }

    pub(in crate::graphql) fn answer(
        &self,
        bound: &Bound,
        register: Arc<Register>,
        context: &RequestContext,
        allowed: AllowedOperations,
    ) -> Result<Answer, Vec<GraphqlError>> {
        self.check_sight(bound.view(), &bound.operation.root, &context.sight)?;
        match bound.operation.kind {
            OperationKind::Query => self.read(bound, register, context, None),
            OperationKind::Mutation if allowed == AllowedOperations::All => {
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

    /// The registers that a request reads: the current one, and those that it names.
    ///
    /// # Errors
    /// When it names one that is not there, or too many.
    pub(super) fn registers(&self, bound: &Bound, current: Arc<Register>) -> Result<Registers, Vec<GraphqlError>> {
        let mut named = Vec::new();
        if bound.operation.names_states {
            self.collect_named(bound.view(), &bound.operation.root, &current, &mut named).map_err(one)?;
            // A cursor of the same list at a revision that has the same: the current register does for it.
            if bound.tables.kinds().is_some() {
                named.retain(|it| !(current.changed_at(bound.tables)..=current.revision()).contains(it));
            }
        }
        named.sort_unstable();
        named.dedup();
        if named.len() > self.limits.states {
            let hint = "ask for them in several requests";
            let error = FieldError::limit("earlier states that a request names", self.limits.states, named.len(), hint);
            return Err(one(error.raised_by("states")));
        }
        Registers::fetch(&self.ledger, current, bound.tables, &named).map_err(one)
    }

    pub(in crate::graphql) fn read(
        &self,
        bound: &Bound,
        current: Arc<Register>,
        context: &RequestContext,
        event: Option<&Changes>,
    ) -> Result<Answer, Vec<GraphqlError>> {
        let read = || {
            let until = context.sight.until;
            let mut registers = self.registers(bound, current)?;
            if let (Some(until), Some(named)) = (until, registers.latest_named())
                && named > until
            {
                let message = format!("revision {named} is not published");
                return Err(one(FieldError::new(
                    ErrorCode::RevisionUnavailable,
                    message,
                    "begin again with the first page",
                )));
            }
            if let Some(event) = event {
                registers.since = event.commit.revision;
            }
            Ok(self.respond(bound, &registers, context, &[], event))
        };
        context.run(read).map_err(one)?
    }

    pub(super) fn respond(
        &self,
        bound: &Bound,
        registers: &Registers,
        context: &RequestContext,
        effects: &[Effect],
        event: Option<&Changes>,
    ) -> Answer {
        let execution = ExecutionContext {
            registers,
            ledger: &self.ledger,
            request: context,
            effects,
            event,
            matchers: Matchers::default(),
            hints: RefCell::default(),
            is_personal: Cell::default(),
        };
        let ran = run::run(bound.view(), &self.graph, &execution);
        // The last one that changed anything of it: whoever reads the same later gets the same answer.
        let current = registers.since;
        let (cacheability, revision) = match registers.latest_named() {
            _ if execution.is_personal.get()
                || !ran.errors.is_empty()
                || bound.operation.kind != OperationKind::Query =>
            {
                (Cacheability::Once, current)
            }
            Some(latest) if bound.is_of_named_revisions() => (Cacheability::Forever, latest),
            _ => (Cacheability::UntilChanged, current),
        };
        Answer {
            data: ran.data,
            errors: ran.errors,
            revision,
            cost: Some(bound.cost),
            cacheability,
            tables: bound.tables,
            hints: execution.hints.take(),
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
                named.extend(revisions_of_ids(args));
                named.extend(as_of::as_of(&self.ledger, current, args)?);
                named.extend(history::named_by_compare(&self.ledger, current, args)?);
            }
            selected.sets.iter().try_for_each(|set| self.collect_named(bound, set, current, named))?;
        }
        Ok(())
    }
}

pub(in crate::graphql) fn one(error: FieldError) -> Vec<GraphqlError> {
    vec![error.into()]
}

pub(in crate::graphql) fn bad_request(message: &str, hint: &str) -> FieldError {
    FieldError::new(ErrorCode::BadRequest, message, hint)
}
