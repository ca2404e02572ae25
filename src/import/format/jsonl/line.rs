//! One line of JSON Lines as a row: it goes straight into a tree, and its fields are known while they are read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::commit::Source;
use crate::import::field::{Field, Fields, core, put};
use crate::import::mapping::{KindMapping, Target};
use crate::import::options::Options;
use crate::import::row::{PROBLEMS, RejectedRow, Row, RowLocation, problem};
use crate::import::words::tidy;
use crate::model::problem::nearest;
use crate::model::value::shorten;
use crate::model::{CompositeInfo, Kind, Problem, ProblemCode, Problems, Tree, Type};

/// Most fields of one object. No kind has near as many.
const FIELDS_MAX: usize = 1_000;

/// The row of one line.
pub(super) fn parse(
    text: &str,
    kind: Option<Kind>,
    options: &Options,
    at: Source,
    line: usize,
) -> Result<Row, RejectedRow> {
    let place = RowLocation { line, ..RowLocation::default() };
    let mut state = State { at, path: Vec::new(), problems: Vec::new() };
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed =
        LineSeed { kind, options, state: &mut state }.deserialize(&mut json).and_then(|row| json.end().map(|()| row));
    match parsed {
        Ok((kind, tree)) if state.problems.is_empty() => Ok(Row { kind, tree, at: state.at, place, notes: Vec::new() }),
        Ok((kind, tree)) => {
            let mut others = Problems::default();
            others.enter(&state.at.path());
            kind.read(&tree, &mut others);
            Err(RejectedRow::row(kind, tree, state.problems, place).and(others.into_vec().into_iter()))
        }
        Err(error) => {
            if state.problems.is_empty() {
                state.problems.push(broken(&error, &state.at));
            }
            Err(RejectedRow::text(text.trim().to_owned(), state.problems, line))
        }
    }
}

/// What is wrong with a line that is no object.
fn broken(error: &serde_json::Error, at: &Source) -> Problem {
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    let column = error.column();
    let (code, message, hint) = match error.classify() {
        Category::Eof => (
            ProblemCode::BadFile,
            format!("the line ends too early, after {column} bytes: {reason}"),
            "write the whole object on one line; perhaps the file was cut off",
        ),
        Category::Data => {
            (ProblemCode::WrongType, format!("no row: {reason}"), "write an object: `{\"measure\": {…}}`")
        }
        _ => (ProblemCode::BadFile, format!("no JSON at byte {column}: {reason}"), "write one JSON object a line"),
    };
    problem(&at.path(), code, message, hint)
}

/// What is known while a line is read.
struct State {
    at: Source,
    /// The fields on the way to the value being read.
    path: Vec<Cow<'static, str>>,
    problems: Vec<Problem>,
}

impl State {
    fn push(&mut self, name: &str, code: ProblemCode, message: String, hint: &str) {
        let mut path = self.at.path();
        path.extend(self.path.iter().map(ToString::to_string));
        path.push(name.to_owned());
        self.problems.push(problem(&path, code, message, hint));
    }
}

/// The object of a line: `{"measure": {…}}`, or the bare record.
struct LineSeed<'s> {
    kind: Option<Kind>,
    options: &'s Options,
    state: &'s mut State,
}

impl<'de> DeserializeSeed<'de> for LineSeed<'_> {
    type Value = (Kind, Tree<'static>);
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for LineSeed<'_> {
    type Value = (Kind, Tree<'static>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(Borrowed(name)) = map.next_key::<Borrowed<'de>>()? {
            if name == PROBLEMS {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if found.is_some() {
                let message = format!("a line holds one record; beside it stands `{}`", shorten(&name));
                self.state.push(
                    &shorten(&name),
                    ProblemCode::BadFile,
                    message,
                    "write each record on a line of its own",
                );
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            // In a file of one kind a field of that kind is no record of another, though it be called like one.
            let is_field = self.kind.is_some_and(|kind| kind.info().position(&name).is_some());
            let wrapped = Kind::ALL.iter().copied().find(|kind| kind.one() == name && !is_field);
            match (wrapped, self.kind) {
                (Some(kind), _) => {
                    let mapping = self.options.mapping.of(kind);
                    found = Some((kind, map.next_value_seed(RecordSeed { kind, mapping, state: self.state })?));
                }
                (None, Some(kind)) => {
                    let mapping = self.options.mapping.of(kind);
                    let fields = RecordSeed { kind, mapping, state: self.state }.fields(Some(name), &mut map)?;
                    found = Some((kind, Tree::Map(fields)));
                }
                (None, None) => {
                    let near = nearest(&shorten(&name), Kind::ALL.iter().map(|kind| kind.one()));
                    let message = format!("`{}` is no kind of record", shorten(&name));
                    let hint = "write `{\"measure\": {…}}`, or name the file after the kind of its rows";
                    self.state.push(&shorten(&name), ProblemCode::UnknownField, message, hint);
                    if let Some(problem) = self.state.problems.last_mut() {
                        problem.candidates = near;
                    }
                    map.next_value::<IgnoredAny>()?;
                    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                    return Err(A::Error::custom("unknown kind"));
                }
            }
        }
        found.ok_or_else(|| A::Error::custom("the object is empty"))
    }
}

/// The record itself: its own fields are known, and foreign names are mapped.
struct RecordSeed<'s> {
    kind: Kind,
    mapping: &'s KindMapping,
    state: &'s mut State,
}

impl RecordSeed<'_> {
    fn fields<'de, A: MapAccess<'de>>(self, first: Option<Cow<'de, str>>, map: &mut A) -> Result<Fields, A::Error> {
        let Self { kind, mapping, state } = self;
        let mut fields = read_fields(Some(kind.info()), Some(mapping), first, map, state)?;
        for (field, text) in &mapping.constants {
            fill(&mut fields, field, Tree::Cell(Cow::Owned(text.clone())), &field.path(), state);
        }
        Ok(fields)
    }
}

impl<'de> DeserializeSeed<'de> for RecordSeed<'_> {
    type Value = Tree<'static>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RecordSeed<'_> {
    type Value = Tree<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the object of a {}", self.kind)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        self.fields(None, &mut map).map(Tree::Map)
    }
}

fn fill(fields: &mut Fields, field: &Field, value: Tree<'static>, name: &str, state: &mut State) {
    if at(fields, &field.steps) || !put(fields, &field.steps, value) {
        twice(name, state);
    }
}

/// Whether there is a value at that path.
fn at(fields: &Fields, steps: &[&'static str]) -> bool {
    let Some((name, rest)) = steps.split_first() else { return true };
    match fields.iter().find(|(found, _)| found == name) {
        Some((_, Tree::Map(inner))) => at(inner, rest),
        Some(_) => true,
        None => false,
    }
}

fn twice(name: &str, state: &mut State) {
    let message = format!("`{}` stands twice in one object", shorten(name));
    state.push(&shorten(name), ProblemCode::DuplicateKey, message, "remove one of them");
}

/// Reads the fields of an object; the name of the first may have been read already.
fn read_fields<'de, A: MapAccess<'de>>(
    info: Option<&'static CompositeInfo>,
    mapping: Option<&KindMapping>,
    mut first: Option<Cow<'de, str>>,
    map: &mut A,
    state: &mut State,
) -> Result<Fields, A::Error> {
    let mut fields: Fields = Vec::with_capacity(info.map_or(0, |info| info.fields.len().min(8)));
    let mut count = 0;
    loop {
        let name = match first.take() {
            Some(name) => name,
            None => match map.next_key::<Borrowed<'de>>()? {
                Some(Borrowed(name)) => name,
                None => return Ok(fields),
            },
        };
        if mapping.is_some() && name == PROBLEMS {
            map.next_value::<IgnoredAny>()?;
            continue;
        }
        count += 1;
        if count > FIELDS_MAX {
            if count == FIELDS_MAX + 1 {
                let message = format!("an object has more than {FIELDS_MAX} fields");
                state.push(&shorten(&name), ProblemCode::TooLong, message, "leave out what is no field of the record");
            }
            map.next_value::<IgnoredAny>()?;
            continue;
        }
        match mapping.and_then(|mapping| mapping.columns.get(name.as_ref())) {
            Some(Target::PassOver) => {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            Some(Target::Fill(field, values)) => {
                let value = map.next_value_seed(ValueSeed { ty: Some(field.ty), state })?;
                let meant = |text: &str| values.as_ref()?.get(text.trim()).map(|it| Cow::Owned(it.clone()));
                let value = match value {
                    Tree::Text(text) => Tree::Text(meant(&text).unwrap_or(text)),
                    other => other,
                };
                fill(&mut fields, field, value, &name, state);
                continue;
            }
            None => {}
        }
        let known = info.and_then(|info| info.fields.get(info.position(&name)?));
        let name: Cow<'static, str> = match known {
            Some(field) => Cow::Borrowed(field.name.as_str()),
            None => Cow::Owned(name.into_owned()),
        };
        state.path.push(name.clone());
        let value = map.next_value_seed(ValueSeed { ty: known.map(|field| core(&field.ty)), state })?;
        state.path.pop();
        if fields.iter().any(|(found, _)| *found == name) {
            twice(&name, state);
        } else {
            fields.push((name, value));
        }
    }
}

/// A name as it stands in the line, where nothing is escaped in it.
struct Borrowed<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Borrowed<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Borrowed<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Borrowed(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Borrowed(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

/// Any value; the type of its field is known unless the field is not.
struct ValueSeed<'s> {
    ty: Option<&'static Type>,
    state: &'s mut State,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Tree<'static>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if !matches!(self.ty, Some(Type::Decimal)) {
            let is_key = matches!(self.ty, Some(Type::Key | Type::Link(_) | Type::LinkByKind(..)));
            return match deserializer.deserialize_any(self)? {
                Tree::Text(text) if is_key && tidy(&text) != text => {
                    Ok(Tree::Text(Cow::Owned(tidy(&text).into_owned())))
                }
                value => Ok(value),
            };
        }
        // A decimal is taken as it is written: `0.10` is not the number 0.1, and has not been through floating point.
        let raw = <&'de RawValue as serde::Deserialize>::deserialize(deserializer)?.get();
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        match raw.as_bytes().first() {
            Some(b'"') if !inner.contains('\\') => Ok(Tree::Text(Cow::Owned(inner.to_owned()))),
            Some(b'-' | b'0'..=b'9') => Ok(Tree::Number(Cow::Owned(raw.to_owned()))),
            _ => serde_json::Deserializer::from_str(raw)
                .deserialize_any(Self { ty: None, state: self.state })
                .map_err(D::Error::custom),
        }
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Tree<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Tree::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Tree::Number(Cow::Owned(value.to_string())))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Tree::Number(Cow::Owned(value.to_string())))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        let text = serde_json::Number::from_f64(value).map_or_else(|| value.to_string(), |number| number.to_string());
        Ok(Tree::Number(Cow::Owned(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Tree::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Tree::Text(Cow::Owned(text)))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Tree::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let inner = match self.ty {
            Some(Type::List(inner)) => Some(core(inner)),
            _ => None,
        };
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(ValueSeed { ty: inner, state: self.state })? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let info = match self.ty {
            Some(Type::Composite(info)) => Some(info()),
            _ => None,
        };
        read_fields(info, None, None, &mut map, self.state).map(Tree::Map)
    }
}
