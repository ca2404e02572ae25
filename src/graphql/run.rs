//! Runs a plan over a register and writes the answer as JSON, in one pass.
//!
//! Nothing here waits: the register is in memory. Fields come in the order of the document because they are written in that
//! order. A field that fails writes null, or takes its parent with it where null is not allowed, as the specification says:
//! what was written since the parent began is taken back. An answer that takes too long, or becomes too large, ends: it has no
//! data.

use std::io::Write as _;

use async_graphql::Pos;

use crate::graphql::computed;
use crate::graphql::definition::{Obj, Of, Out, Resolve, Ty};
use crate::graphql::error::{ErrorCode, FieldError, GraphqlError, Step};
use crate::graphql::plan::{Plan, Planned, What};
use crate::graphql::scope::Scope;
use crate::model::View;
use crate::register::Register;
use crate::work;

/// What an answer's data came to.
pub struct Ran {
    /// The data as JSON; none when a limit ended it.
    pub data: Option<Vec<u8>>,
    /// Errors of fields.
    pub errors: Vec<GraphqlError>,
}

/// Runs the plan of a query.
pub fn run<'r>(plan: &Plan<'_>, scope: &Scope<'r>, introspection: &serde_json::Value) -> Ran {
    let mut runner = Runner {
        scope,
        introspection,
        json: Vec::with_capacity(4096),
        errors: Vec::new(),
        path: Vec::new(),
        written: 0,
        nullable: 0,
        pos: Pos::default(),
    };
    let root = Obj { register: &scope.registers.current, of: Of::Root };
    // What was written to the register is told whatever it takes: only parts of that may end.
    let ran = if scope.effects.is_empty() {
        scope.context.run(|| runner.object(plan, &root)).unwrap_or_else(|ended| runner.end(ended))
    } else {
        runner.object(plan, &root)
    };
    let data = match ran {
        Ok(()) => Some(runner.json),
        Err(Failed::Nulled) => Some(b"null".to_vec()),
        Err(Failed::Ended) => None,
    };
    Ran { data, errors: runner.errors }
}

/// Why nothing was written.
enum Failed {
    /// A field failed where null is not allowed: the parent is null, or fails too.
    Nulled,
    /// A limit ended the whole answer.
    Ended,
}

const SMALLER: &str = "ask for smaller pages or fewer fields";

/// After so many values the clock is looked at.
const VALUES_BETWEEN_LOOKS: usize = 256;

struct Runner<'s, 'r> {
    scope: &'s Scope<'r>,
    introspection: &'s serde_json::Value,
    json: Vec<u8>,
    errors: Vec<GraphqlError>,
    path: Vec<PathStep<'s>>,
    /// Values written so far.
    written: usize,
    /// How many of the values that are being written may be null.
    nullable: usize,
    /// Where the field stands in the document that is being answered.
    pos: Pos,
}

#[derive(Clone, Copy)]
enum PathStep<'s> {
    Field(&'s str),
    Index(usize),
}

impl<'s, 'r> Runner<'s, 'r> {
    fn object(&mut self, plan: &'s Plan<'s>, object: &Obj<'r>) -> Result<(), Failed> {
        self.json.push(b'{');
        for (index, field) in plan.fields.iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.string(&field.key);
            self.json.push(b':');
            self.path.push(PathStep::Field(&field.key));
            let written = self.field(plan, field, object);
            self.path.pop();
            written?;
        }
        self.json.push(b'}');
        Ok(())
    }

    fn field(&mut self, plan: &'s Plan<'s>, planned: &'s Planned<'s>, object: &Obj<'r>) -> Result<(), Failed> {
        let (field, args, plans) = match &planned.what {
            What::Typename => {
                self.string(&plan.object.name);
                return Ok(());
            }
            What::Introspection => {
                let value = self.introspection.get(&planned.key).unwrap_or(&serde_json::Value::Null);
                serde_json::to_writer(&mut self.json, value).expect("a Vec takes everything");
                return Ok(());
            }
            What::Field(field, args, plans) => (field, args, plans),
        };
        self.pos = planned.pos;
        let resolved = match (&field.resolve, &object.of) {
            (Resolve::Field(index), Of::Node(node)) => Ok(from_view(object.register, node.record.get(*index))),
            (Resolve::Field(index), Of::Composite(value)) => Ok(from_view(object.register, value.field(*index))),
            (Resolve::Field(index), Of::Computed(figure)) => {
                Ok(from_view(object.register, computed::field(figure, *index)))
            }
            (Resolve::Value(index), Of::Fields(values)) => Ok(values[*index].clone()),
            (Resolve::Target(relation), Of::Node(node)) => {
                let mut found = Vec::new();
                relation.for_each_target(&node.record, |key| {
                    found.extend(object.register.get(relation.target, &key).map(|node| record(object.register, node)));
                });
                Ok(if relation.many { Out::List(found) } else { found.pop().unwrap_or(Out::Null) })
            }
            (Resolve::Sources(relation), Of::Node(node)) => {
                let sources = object.register.sources(relation, &node.key).iter();
                let listed = match &args.1 {
                    None => sources.map(|node| record(object.register, node)).collect(),
                    Some(ask) => {
                        let matcher = self.scope.matchers.get(ask, object.register);
                        let found = ask.of(matcher.as_deref(), sources).into_iter();
                        found.map(|node| record(object.register, node)).collect()
                    }
                };
                Ok(Out::List(listed))
            }
            (Resolve::Effect(_), _) => match self.scope.effects.iter().find(|(key, _)| *key == planned.key) {
                Some((_, Ok(report))) => Ok(Out::Object(Obj { register: object.register, of: Of::Report(report) })),
                Some((_, Err(error))) => Err(error.clone()),
                None => Ok(Out::Null),
            },
            (Resolve::Function(function), _) => {
                // Those with arguments may have much to do.
                if let Some(error) = self.late().filter(|_| !args.0.is_empty()) {
                    let nullable = usize::from(!matches!(field.ty, Ty::NonNull(_)));
                    self.nullable += nullable;
                    let ended = self.exceeded(planned, error);
                    self.nullable -= nullable;
                    match ended {
                        Err(Failed::Nulled) if nullable == 1 => {
                            self.json.extend(b"null");
                            return Ok(());
                        }
                        other => other?,
                    }
                }
                let may_end = self.nullable > 0 || !matches!(field.ty, Ty::NonNull(_));
                if !self.scope.effects.is_empty() && may_end {
                    self.scope.context.run(|| function(self.scope, object, args)).flatten()
                } else {
                    function(self.scope, object, args)
                }
            }
            _ => {
                Err(FieldError::new(ErrorCode::Internal, format!("`{}` has no such object", field.name), "report this"))
            }
        };
        match resolved {
            Ok(value) => self.value(&field.ty, planned, plans, value),
            Err(error) => self.fail(&field.ty, planned, error),
        }
    }

    /// Writes a value of that type; on failure within, null where that is allowed.
    fn value(
        &mut self,
        ty: &Ty,
        planned: &'s Planned<'s>,
        plans: &'s [Plan<'s>],
        value: Out<'r>,
    ) -> Result<(), Failed> {
        let (nullable, ty) = match ty {
            Ty::NonNull(inner) => (false, &**inner),
            other => (true, other),
        };
        let start = self.json.len();
        self.nullable += usize::from(nullable);
        let written = match (ty, value) {
            (_, Out::Null) if nullable => {
                self.json.extend(b"null");
                Ok(())
            }
            (_, Out::Null) => {
                self.report(
                    planned,
                    FieldError::new(ErrorCode::Internal, "the field has no value but may not be null", "report this"),
                );
                Err(Failed::Nulled)
            }
            (Ty::List(inner), Out::List(items)) => self.list(inner, planned, plans, items),
            (_, Out::Object(object)) => match plan_for(plans, &object) {
                Some(plan) => self.object(plan, &object),
                None => {
                    self.report(
                        planned,
                        FieldError::new(ErrorCode::Internal, "the object has an unknown type", "report this"),
                    );
                    Err(Failed::Nulled)
                }
            },
            (_, scalar) => {
                self.scalar(scalar);
                Ok(())
            }
        };
        self.written += 1;
        work::step(1);
        let late = if self.written.is_multiple_of(VALUES_BETWEEN_LOOKS) { self.late() } else { None };
        let written = match late.or_else(|| self.too_long()) {
            Some(error) if written.is_ok() => self.exceeded(planned, error),
            _ => written,
        };
        self.nullable -= usize::from(nullable);
        match written {
            Err(Failed::Nulled) if nullable => {
                self.json.truncate(start);
                self.json.extend(b"null");
                Ok(())
            }
            other => other,
        }
    }

    /// The error of an answer that is not there in time.
    fn late(&self) -> Option<FieldError> {
        self.scope.context.ended()
    }

    /// The error of an answer that has too many bytes.
    fn too_long(&self) -> Option<FieldError> {
        let (limit, found) = (self.scope.context.limits.answer_bytes, self.json.len());
        (found > limit).then(|| FieldError::limit("bytes of an answer", limit, found, SMALLER))
    }

    /// Ends the whole answer, here.
    fn end(&mut self, error: FieldError) -> Result<(), Failed> {
        self.errors.clear();
        self.report_at(self.pos, error);
        Err(Failed::Ended)
    }

    /// Ends the whole answer; where something was written to the register, which must be told, only the nearest value that may
    /// be null. What stands in none is told whole: it is what the write itself came to.
    fn exceeded(&mut self, planned: &Planned<'_>, error: FieldError) -> Result<(), Failed> {
        if self.scope.effects.is_empty() {
            self.pos = planned.pos;
            return self.end(error);
        }
        if self.nullable == 0 {
            return Ok(());
        }
        self.report(planned, error);
        Err(Failed::Nulled)
    }

    fn list(
        &mut self,
        ty: &Ty,
        planned: &'s Planned<'s>,
        plans: &'s [Plan<'s>],
        items: Vec<Out<'r>>,
    ) -> Result<(), Failed> {
        self.json.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.path.push(PathStep::Index(index));
            let written = self.value(ty, planned, plans, item);
            self.path.pop();
            written?;
        }
        self.json.push(b']');
        Ok(())
    }

    fn scalar(&mut self, value: Out<'r>) {
        let write = match value {
            Out::Bool(value) => write!(self.json, "{value}"),
            Out::Int(value) => write!(self.json, "{value}"),
            Out::Revision(value) => write!(self.json, "{value}"),
            Out::Decimal(value) => write!(self.json, "\"{value}\""),
            Out::Date(value) => write!(self.json, "\"{value}\""),
            Out::Text(text) => {
                self.string(&text);
                Ok(())
            }
            Out::Null | Out::Object(_) | Out::List(_) => unreachable!("written by `value`"),
        };
        write.expect("a Vec takes everything");
    }

    fn string(&mut self, text: &str) {
        serde_json::to_writer(&mut self.json, text).expect("a Vec takes everything");
    }

    fn fail(&mut self, ty: &Ty, planned: &Planned<'_>, error: FieldError) -> Result<(), Failed> {
        self.report(planned, error);
        if matches!(ty, Ty::NonNull(_)) {
            return Err(Failed::Nulled);
        }
        self.json.extend(b"null");
        Ok(())
    }

    fn report(&mut self, planned: &Planned<'_>, error: FieldError) {
        self.report_at(planned.pos, error);
    }

    fn report_at(&mut self, pos: Pos, error: FieldError) {
        if self.errors.len() >= self.scope.context.limits.errors.max(1) {
            return;
        }
        let path = self.path.iter().map(|step| match step {
            PathStep::Field(name) => Step::Field((*name).to_owned()),
            PathStep::Index(index) => Step::Index(*index),
        });
        self.errors.push(GraphqlError { error: Box::new(error), locations: vec![pos], path: path.collect() });
    }
}

/// Of the plans for an interface, the one for this object's type; of one plan, that.
fn plan_for<'s>(plans: &'s [Plan<'s>], object: &Obj<'_>) -> Option<&'s Plan<'s>> {
    match (plans, &object.of) {
        ([plan], _) => Some(plan),
        (plans, Of::Node(node)) => plans.iter().find(|plan| plan.object.name == node.kind().name()),
        _ => None,
    }
}

/// A record as an object.
pub fn record<'r>(register: &'r Register, node: &'r crate::register::Node) -> Out<'r> {
    Out::Object(Obj { register, of: Of::Node(node) })
}

/// A value of the model as one of the graph.
pub fn from_view<'r>(register: &'r Register, view: View<'r>) -> Out<'r> {
    match view {
        View::Null => Out::Null,
        View::Bool(value) => Out::Bool(value),
        View::Int(value) => Out::Int(value),
        View::Decimal(value) => Out::Decimal(value),
        View::Text(text) => Out::Text(text),
        View::Enum(word) => Out::Text(word.into()),
        View::Date(date) => Out::Date(date),
        View::Period(period) => Out::Object(Obj { register, of: Of::Period(period) }),
        View::List(items) => Out::List(items.into_iter().map(|item| from_view(register, item)).collect()),
        View::Composite(value) => Out::Object(Obj { register, of: Of::Composite(value) }),
    }
}
