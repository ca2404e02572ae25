//! Runs an operation over a register and writes the answer as JSON, in one pass.
//!
//! Nothing here waits: the register is in memory. Fields come in the order of the document because they are written in that
//! order. A field that fails writes null, or takes its parent with it where null is not allowed, as the specification says:
//! what was written since the parent began is taken back. An answer that takes too long, or becomes too large, ends: it has no
//! data.

use crate::graphql::core::definition::{Graph, Resolve, Ty};
use crate::graphql::core::error::{ErrorCode, FieldError, GraphqlError};
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value, from_view, record};
use crate::graphql::execute::errors::Errors;
use crate::graphql::execute::json;
use crate::graphql::prepare::bound::BoundRef;
use crate::graphql::prepare::operation::{FieldKind, SelectedField, SelectionSet};
use crate::graphql::types::computed;
use crate::model::View;
use crate::register::{Node, Register};
use crate::work;

/// What an answer's data came to.
pub struct ExecutionResult {
    /// The data as JSON; none when a limit ended it.
    pub data: Option<Vec<u8>>,
    /// Errors of fields.
    pub errors: Vec<GraphqlError>,
}

/// Runs an operation.
pub fn run<'r>(bound: BoundRef<'_>, graph: &'r Graph, context: &ExecutionContext<'r>) -> ExecutionResult {
    let mut runner = Runner {
        graph,
        bound,
        context,
        json: Vec::with_capacity(bound.operation.experience.bytes()),
        errors: Errors::new(&bound.operation.text, context.request.limits.errors),
        written: 0,
        nullable: 0,
        at: 0,
    };
    if let Some(error) = bound.unknown(&bound.operation.root) {
        return ExecutionResult { data: Some(b"null".to_vec()), errors: vec![error.clone().into()] };
    }
    let root = ObjectRef { register: &context.registers.current, of: ObjectKind::Root };
    // What was written to the register is told whatever it takes: only parts of that may end.
    let ran = if context.effects.is_empty() {
        context.request.run(|| runner.object(&bound.operation.root, &root)).unwrap_or_else(|ended| runner.end(ended))
    } else {
        runner.object(&bound.operation.root, &root)
    };
    bound.operation.experience.had_bytes(runner.json.len());
    let data = match ran {
        Ok(()) => Some(runner.json),
        Err(Failed::Nulled) => Some(b"null".to_vec()),
        Err(Failed::Ended) => None,
    };
    ExecutionResult { data, errors: runner.errors.found() }
}

/// Why nothing was written.
pub(super) enum Failed {
    /// A field failed where null is not allowed: the parent is null, or fails too.
    Nulled,
    /// A limit ended the whole answer.
    Ended,
}

/// What a value takes, in steps of work.
const VALUE_STEPS: u64 = 8;

/// After so many values the clock is looked at.
const VALUES_BETWEEN_LOOKS: usize = 256;

pub(super) struct Runner<'s, 'r> {
    bound: BoundRef<'s>,
    graph: &'r Graph,
    pub(super) context: &'s ExecutionContext<'r>,
    pub(super) json: Vec<u8>,
    pub(super) errors: Errors<'s>,
    /// Values written so far.
    pub(super) written: usize,
    /// How many of the values that are being written may be null.
    pub(super) nullable: usize,
    /// Where the field stands in the document that is being answered.
    pub(super) at: u32,
}

impl<'s, 'r> Runner<'s, 'r> {
    fn object(&mut self, set: &'s SelectionSet, object: &ObjectRef<'r>) -> Result<(), Failed> {
        self.json.push(b'{');
        for (index, field) in self.bound.fields(set).enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.json.extend_from_slice(&field.label);
            self.errors.enter_field(&field.key);
            let written = self.field(set, field, object);
            self.errors.leave();
            written?;
        }
        self.json.push(b'}');
        Ok(())
    }

    fn field(
        &mut self,
        set: &'s SelectionSet,
        planned: &'s SelectedField,
        object: &ObjectRef<'r>,
    ) -> Result<(), Failed> {
        let selected = match &planned.kind {
            FieldKind::Field(selected) => selected,
            FieldKind::Typename => {
                match &object.of {
                    ObjectKind::Node(node) => json::text(&mut self.json, node.kind().name()),
                    _ => json::text(&mut self.json, &set.object.name),
                }
                return Ok(());
            }
        };
        let (field, sets) = (&*selected.field, selected.sets.as_slice());
        let args = match self.bound.args(selected.slot) {
            Ok(args) => args,
            Err(error) => return self.fail(&field.ty, planned, error.clone()),
        };
        self.at = planned.at;
        let resolved = match (&field.resolve, &object.of) {
            (Resolve::Field(index), ObjectKind::Node(node)) => {
                return self.view(&field.ty, planned, sets, object.register, node.record.get(*index));
            }
            (Resolve::Field(index), ObjectKind::Composite(value)) => {
                return self.view(&field.ty, planned, sets, object.register, value.field(*index));
            }
            (Resolve::Field(index), ObjectKind::Computed(figure)) => {
                return self.view(&field.ty, planned, sets, object.register, computed::field(figure, *index));
            }
            (Resolve::Value(index), ObjectKind::Fields(values)) => Ok(values[*index].clone()),
            (Resolve::Value(index), ObjectKind::Value(value)) => {
                value.field(*index, self.context, object.register, args)
            }
            (Resolve::OfGraph(resolve), _) => Ok(resolve(self.graph, object.register, args)),
            (Resolve::Forward(relation), ObjectKind::Node(node)) if relation.many => {
                let mut found = Vec::new();
                relation.for_each_target(&node.record, |key| {
                    found.extend(object.register.get(relation.target, &key).map(|node| record(object.register, node)));
                });
                Ok(Value::List(found))
            }
            (Resolve::Forward(relation), ObjectKind::Node(node)) => {
                let mut found = None;
                relation.for_each_target(&node.record, |key| found = object.register.get(relation.target, &key));
                return self.node(&field.ty, planned, sets, object.register, found.map(|node| &**node));
            }
            (Resolve::Reverse(relation), ObjectKind::Node(node)) => {
                let sources = object.register.sources(relation, &node.key);
                return match &args.1 {
                    None => self.nodes(&field.ty, planned, sets, object.register, sources.iter().map(|node| &**node)),
                    Some(query) => {
                        let matcher = self.context.matchers.get(query, object.register);
                        let found = query.of(matcher.as_deref(), sources.iter()).into_iter();
                        self.nodes(&field.ty, planned, sets, object.register, found.map(|node| &**node))
                    }
                };
            }
            (Resolve::Effect(_), _) => match self.context.effects.iter().find(|(key, _)| **key == *planned.key) {
                Some((_, Ok(report))) => {
                    Ok(Value::Object(ObjectRef { register: object.register, of: ObjectKind::Report(report) }))
                }
                Some((_, Err(error))) => Err(error.clone()),
                None => Ok(Value::Null),
            },
            (Resolve::Function(function), _) => {
                // Those with arguments may have much to do.
                if !args.0.is_empty()
                    && let Some(error) = self.late()
                {
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
                let value = if !self.context.effects.is_empty() && may_end {
                    self.context.request.run(|| function(self.context, object, args)).flatten()
                } else {
                    function(self.context, object, args)
                };
                self.place_hint();
                value
            }
            _ => {
                Err(FieldError::new(ErrorCode::Internal, format!("`{}` has no such object", field.name), "report this"))
            }
        };
        match resolved {
            Ok(value) => self.value(&field.ty, planned, sets, value),
            Err(error) => self.fail(&field.ty, planned, error),
        }
    }

    /// Writes a field as the model has it. Most values are plain: those are written from where they stand, if that can neither
    /// fail nor exceed a limit.
    fn view(
        &mut self,
        ty: &Ty,
        planned: &'s SelectedField,
        sets: &'s [SelectionSet],
        register: &'r Register,
        view: View<'r>,
    ) -> Result<(), Failed> {
        let of = match view {
            View::Composite(value) => ObjectKind::Composite(value),
            View::Period(period) => ObjectKind::Period(*period),
            View::List(items) => {
                return self.place(ty, planned, |runner, ty| {
                    let Ty::List(ty) = ty else { return runner.object_of(planned, sets, None) };
                    runner.list(items, |runner, item| runner.view(ty, planned, sets, register, item))
                });
            }
            plain => return self.plain(ty, planned, sets, register, plain),
        };
        self.place(ty, planned, |runner, _| runner.object_of(planned, sets, Some(&ObjectRef { register, of })))
    }

    fn plain(
        &mut self,
        ty: &Ty,
        planned: &'s SelectedField,
        sets: &'s [SelectionSet],
        register: &'r Register,
        view: View<'r>,
    ) -> Result<(), Failed> {
        let bytes_max = match &view {
            View::Text(text) => json::BYTES_MAX_OF_A_LETTER * text.len(),
            _ => json::BYTES_MAX_OF_A_NUMBER,
        };
        let is_looked_at = (self.written + 1).is_multiple_of(VALUES_BETWEEN_LOOKS)
            || self.json.len() + bytes_max + 2 > self.context.request.limits.answer_bytes;
        match view {
            View::Text(text) if !is_looked_at => json::text(&mut self.json, &text),
            View::Enum(word) if !is_looked_at => json::text(&mut self.json, word),
            View::Int(value) if !is_looked_at => json::whole(&mut self.json, value),
            View::Decimal(value) if !is_looked_at => json::decimal(&mut self.json, &value),
            view => return self.value(ty, planned, sets, from_view(register, view)),
        }
        self.written += 1;
        work::step(VALUE_STEPS);
        Ok(())
    }

    /// Writes a record, or that there is none.
    fn node(
        &mut self,
        ty: &Ty,
        planned: &'s SelectedField,
        sets: &'s [SelectionSet],
        register: &'r Register,
        node: Option<&'r Node>,
    ) -> Result<(), Failed> {
        let Some(node) = node else { return self.value(ty, planned, sets, Value::Null) };
        let object = ObjectRef { register, of: ObjectKind::Node(node) };
        self.place(ty, planned, |runner, _| runner.object_of(planned, sets, Some(&object)))
    }

    /// Writes a list of records.
    fn nodes(
        &mut self,
        ty: &Ty,
        planned: &'s SelectedField,
        sets: &'s [SelectionSet],
        register: &'r Register,
        nodes: impl IntoIterator<Item = &'r Node>,
    ) -> Result<(), Failed> {
        self.place(ty, planned, |runner, ty| {
            let Ty::List(ty) = ty else { return runner.object_of(planned, sets, None) };
            runner.list(nodes, |runner, node| runner.node(ty, planned, sets, register, Some(node)))
        })
    }

    /// Writes a value of that type; on failure within, null where that is allowed.
    fn value(
        &mut self,
        ty: &Ty,
        planned: &'s SelectedField,
        sets: &'s [SelectionSet],
        value: Value<'r>,
    ) -> Result<(), Failed> {
        match value {
            Value::Nodes(register, nodes) => self.nodes(ty, planned, sets, register, nodes.iter().map(|node| &**node)),
            Value::List(items) => self.place(ty, planned, |runner, ty| {
                let Ty::List(ty) = ty else { return runner.object_of(planned, sets, None) };
                runner.list(items, |runner, item| runner.value(ty, planned, sets, item))
            }),
            Value::Object(object) => {
                self.place(ty, planned, |runner, _| runner.object_of(planned, sets, Some(&object)))
            }
            Value::Null if !matches!(ty, Ty::NonNull(_)) => self.place(ty, planned, |runner, _| {
                runner.json.extend(b"null");
                Ok(())
            }),
            Value::Null => self.place(ty, planned, |runner, _| {
                let message = "the field has no value but may not be null";
                runner.report(planned, FieldError::new(ErrorCode::Internal, message, "report this"));
                Err(Failed::Nulled)
            }),
            scalar => self.place(ty, planned, |runner, _| {
                json::scalar(&mut runner.json, scalar);
                Ok(())
            }),
        }
    }

    /// Writes an object by the selection that there is for its type.
    fn object_of(
        &mut self,
        planned: &SelectedField,
        sets: &'s [SelectionSet],
        object: Option<&ObjectRef<'r>>,
    ) -> Result<(), Failed> {
        let Some((set, object)) = object.and_then(|object| Some((set_for(sets, object)?, object))) else {
            let message = "the object has an unknown type";
            self.report(planned, FieldError::new(ErrorCode::Internal, message, "report this"));
            return Err(Failed::Nulled);
        };
        if let Some(error) = self.bound.unknown(set) {
            self.report(planned, error.clone());
            return Err(Failed::Nulled);
        }
        self.object(set, object)
    }

    /// Has something written that has that type, where the answer now ends. On failure within, that is null where it may be, and else
    /// fails too. Values are handed in by what writes them: most need not be made first.
    fn place(
        &mut self,
        ty: &Ty,
        planned: &SelectedField,
        write: impl FnOnce(&mut Self, &Ty) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let (nullable, ty) = match ty {
            Ty::NonNull(inner) => (false, &**inner),
            other => (true, other),
        };
        let start = self.json.len();
        self.nullable += usize::from(nullable);
        let mut written = write(self, ty);
        self.written += 1;
        work::step(VALUE_STEPS);
        if written.is_ok() && (self.written.is_multiple_of(VALUES_BETWEEN_LOOKS) || self.is_too_long()) {
            written = self.looked_at(planned);
        }
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

    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        self.json.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.errors.enter_item(index);
            let written = write(self, item);
            self.errors.leave();
            written?;
        }
        self.json.push(b']');
        Ok(())
    }
}

/// Of the selections of an interface, the one for this object's type: the last is for those that are named nowhere.
fn set_for<'s>(sets: &'s [SelectionSet], object: &ObjectRef<'_>) -> Option<&'s SelectionSet> {
    match (sets, &object.of) {
        ([set], _) => Some(set),
        (sets, ObjectKind::Node(node)) => sets.iter().find(|set| set.object.name == node.kind().name()).or(sets.last()),
        _ => None,
    }
}
