//! Object types of the records and values, made from the model: leaf fields, relations both ways, identity.

use crate::graphql::core::collector::TypeCollector;
use crate::graphql::core::definition::{FieldDef, NODE, ObjectDef, Resolve, Ty, function};
use crate::graphql::core::id::Id;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectKind, Value};
use crate::graphql::types::computed;
use crate::graphql::types::connection::connection;
use crate::graphql::types::discrepancies;
use crate::graphql::types::figures;
use crate::graphql::types::page::{self, Source};
use crate::graphql::types::source;
use crate::model::period::PeriodKind;
use crate::model::value::FieldInfo;
use crate::model::{CompositeInfo, Key, Kind, Period, Type, View, Vocabulary};
use crate::register::query::FilterSchema;
use crate::register::relation::Relation;
use crate::register::{Node, Register, Revision, TableSet};

/// Takes note of the type of a value of several fields, and of those that it needs.
pub fn composite(found: &mut TypeCollector, info: &'static CompositeInfo) {
    if found.objects.contains_key(info.name) {
        return;
    }
    let mut fields = Vec::new();
    for (index, field) in info.fields.iter().enumerate() {
        fields.push(leaf(index, field, found));
        if let Some(kind) = link_of(&field.ty) {
            fields.push(composite_target(index, field, kind));
        } else if let Some((kinds, said_by)) = link_by_kind_of(&field.ty) {
            fields.extend(composite_target_by_kind(info, index, (kinds, said_by)));
        }
    }
    if info.name == discrepancies::DISCREPANCY {
        // A computed figure in the place of its value, and what is looked up.
        let also = discrepancies::fields();
        fields.retain(|field| also.iter().all(|other| other.name != field.name));
        fields.extend(also);
    }
    fields.extend(figures::askable::fields(info.name));
    if info.name == computed::FIGURE {
        fields.push(computed::field_of_figure());
        fields.push(computed::coverage_of_figure());
    }
    if info.name == source::CITATION {
        fields.push(source::passage());
    }
    found.object(ObjectDef { name: info.name.into(), doc: info.doc.into(), is_node: false, fields });
}

/// The GraphQL type of a model type, and whether it may be null.
fn ty_of(ty: &Type, found: &mut TypeCollector) -> Ty {
    match ty {
        Type::Text | Type::Key | Type::Link(_) | Type::LinkByKind(..) => Ty::required("String"),
        Type::Int => Ty::required("Int"),
        Type::Boolean => Ty::required("Boolean"),
        Type::Decimal => Ty::required("Decimal"),
        Type::Date => Ty::required("Date"),
        Type::Period => Ty::required("Period"),
        Type::Enum(vocabulary) => {
            found.enums.insert(vocabulary.name, vocabulary);
            Ty::required(vocabulary.name)
        }
        Type::Composite(info) => {
            let info = info();
            composite(found, info);
            Ty::required(info.name)
        }
        Type::Optional(inner) => match ty_of(inner, found) {
            Ty::NonNull(inner) => *inner,
            other => other,
        },
        Type::List(inner) => Ty::List(Box::new(ty_of(inner, found))).non_null(),
    }
}

/// A field of a record or value, as the model has it.
pub fn leaf(index: usize, field: &'static FieldInfo, found: &mut TypeCollector) -> FieldDef {
    let doc =
        if is_link(&field.ty) { format!("By natural key: {}", field.doc.trim()) } else { field.doc.trim().to_owned() };
    FieldDef::new(field.name.as_str(), ty_of(&field.ty, found), doc, Resolve::Field(index)).deprecated(field.deprecated)
}

/// The kind that one key leads to, whether or not it may be missing.
fn link_of(ty: &Type) -> Option<Kind> {
    match ty {
        Type::Link(kind) => Some(*kind),
        Type::Optional(inner) => link_of(inner),
        _ => None,
    }
}

/// Of which kinds the record may be that one key leads to, and the field that says it.
fn link_by_kind_of(ty: &Type) -> Option<(&'static Vocabulary, &'static str)> {
    match ty {
        Type::LinkByKind(kinds, said_by) => Some((kinds, said_by)),
        Type::Optional(inner) => link_by_kind_of(inner),
        _ => None,
    }
}

fn is_link(ty: &Type) -> bool {
    match ty {
        Type::Link(_) | Type::LinkByKind(..) => true,
        Type::Optional(inner) | Type::List(inner) => is_link(inner),
        _ => false,
    }
}

/// What every record has: the interface `Node`.
pub fn identity() -> Vec<FieldDef> {
    let of_node = |name, ty, doc: &str, resolve: for<'r> fn(&'r Node, Option<Revision>) -> Value<'r>| {
        let resolve = function(move |context, object, _| match &object.of {
            ObjectKind::Node(node) => Ok(resolve(node, context.past(object.register))),
            _ => Ok(Value::Null),
        });
        FieldDef::new(name, ty, doc, resolve).reading(TableSet::NONE)
    };
    vec![
        of_node(
            "id",
            Ty::required("ID"),
            "Opaque and stable: names this record among those of all kinds. Give it to `node`. A record read as it was \
             (below `at` or `compare`) has an id of its own, which leads there again.",
            |node, past| Value::Text(Id { kind: node.kind(), key: node.key.clone(), past }.encode().into()),
        ),
        of_node(
            "key",
            Ty::required("String"),
            "Natural key, unique within the kind: the source's own codes and names in lower case without blanks, such as `goal-1.1`.",
            |node, _| Value::Text(node.key.as_str().into()),
        ),
        of_node("revision", Ty::required("Revision"), "The revision that last wrote this record.", |node, _| {
            Value::Revision(node.revision)
        }),
    ]
}

/// The record, or the records, that a link names.
pub fn target(relation: &'static Relation, field: &FieldInfo) -> FieldDef {
    if relation.by_kind.is_some() {
        let targets = Relation::of(relation.source).filter(|other| other.field == relation.field);
        let by_kind = targets.fold(TableSet::NONE, |all, other| all.with(TableSet::of(&[other.target])));
        return FieldDef::new(
            relation.name.as_str(),
            if relation.optional { Ty::named(NODE) } else { Ty::required(NODE) },
            field.doc.trim(),
            target_by_kind(relation.field),
        )
        .reading(by_kind);
    }
    let name = relation.target.name();
    let ty = match (relation.many, relation.optional) {
        (true, _) => Ty::list(name),
        (false, true) => Ty::named(name),
        (false, false) => Ty::required(name),
    };
    FieldDef::new(relation.name.as_str(), ty, field.doc.trim(), Resolve::Forward(relation))
}

/// The record that a link names whose kind the record says: the one relation that holds for it leads there.
fn target_by_kind(field: usize) -> Resolve {
    function(move |_, object, _| {
        let ObjectKind::Node(node) = &object.of else { return Ok(Value::Null) };
        let mut found = None;
        for relation in Relation::of(node.kind()).filter(|relation| relation.field == field) {
            relation.for_each_target(&node.record, |key| found = object.register.get(relation.target, &key));
            if found.is_some() {
                break;
            }
        }
        Ok(found.map_or(Value::Null, |node| record(object.register, node)))
    })
}

/// The records that refer to this one.
pub fn sources(relation: &'static Relation, limits: &Limits) -> FieldDef {
    let name = relation.source.name();
    if !relation.paged() {
        return FieldDef::new(
            relation.reverse.as_str(),
            Ty::list(name),
            relation.reverse_doc,
            Resolve::Reverse(relation),
        )
        .filtered_by(FilterSchema::of(relation.source.info()));
    }
    let resolve = function(move |context, object, args| match &object.of {
        ObjectKind::Node(node) => connection(context, object.register, &Source::Sources(relation, &node.key), args),
        _ => Ok(Value::Null),
    });
    FieldDef::new(relation.reverse.as_str(), Ty::required(format!("{name}Connection")), relation.reverse_doc, resolve)
        .with_args(page::arguments(limits))
        .filtered_by(FilterSchema::of(relation.source.info()))
        .reading(TableSet::of(&[relation.source]))
}

/// The record that a composite's link names.
fn composite_target(index: usize, field: &'static FieldInfo, kind: Kind) -> FieldDef {
    let resolve = function(move |_, object, _| {
        let ObjectKind::Composite(value) = &object.of else { return Ok(Value::Null) };
        let View::Text(key) = value.field(index) else { return Ok(Value::Null) };
        let node = Key::parse(&key).ok().and_then(|key| object.register.get(kind, &key));
        Ok(node.map_or(Value::Null, |node| record(object.register, node)))
    });
    let name = field.name.strip_suffix("Key").unwrap_or(&field.name);
    FieldDef::new(name, Ty::named(kind.name()), format!("The {} itself.", kind.one()), resolve)
        .reading(TableSet::of(&[kind]))
}

/// The record that a composite's link names, of the kind that another field says.
fn composite_target_by_kind(
    info: &'static CompositeInfo,
    index: usize,
    (kinds, said_by): (&'static Vocabulary, &str),
) -> Option<FieldDef> {
    let kind_at = info.position(said_by)?;
    let resolve = function(move |_, object, _| {
        let ObjectKind::Composite(value) = &object.of else { return Ok(Value::Null) };
        let (View::Enum(kind), View::Text(key)) = (value.field(kind_at), value.field(index)) else {
            return Ok(Value::Null);
        };
        let node = Kind::from_word(kind).zip(Key::parse(&key).ok());
        let node = node.and_then(|(kind, key)| object.register.get(kind, &key));
        Ok(node.map_or(Value::Null, |node| record(object.register, node)))
    });
    let name = info.fields[index].name.strip_suffix("Key")?;
    let kinds = kinds.words.iter().filter_map(|(word, _)| Kind::from_word(word));
    let tables = kinds.fold(TableSet::NONE, |all, kind| all.with(TableSet::of(&[kind])));
    let doc = format!("What it hangs on itself; null where `{said_by}` is.");
    Some(FieldDef::new(name, Ty::named(NODE), doc, resolve).reading(tables))
}

/// The type of periods.
pub fn period() -> ObjectDef {
    let field = |name, ty, doc: &str, resolve: for<'r> fn(&'r Register, Period) -> Value<'r>| {
        let resolve = function(move |_, object, _| match &object.of {
            ObjectKind::Period(period) => Ok(resolve(object.register, *period)),
            _ => Ok(Value::Null),
        });
        FieldDef::new(name, ty, doc, resolve).reading(TableSet::NONE)
    };
    ObjectDef {
        name: "Period".into(),
        doc: "A stretch of time. Periods sort by their first day, the longer one first.".into(),
        is_node: false,
        fields: vec![
            field(
                "code",
                Ty::required("String"),
                "Its written form, which inputs take too: `2020`, `2018-2019`, `2020-Q1`, `2020-09`, `2020-09/2020-12`, `2020-09-02`.",
                |_, period| Value::Text(period.to_string().into()),
            ),
            field("kind", Ty::required(PeriodKind::VOCABULARY.name), "What stretch of time it is.", |_, period| {
                Value::Text(period.kind().word().into())
            }),
            field("start", Ty::required("Date"), "First day.", |_, period| Value::Date(period.start())),
            field("end", Ty::required("Date"), "Last day.", |_, period| Value::Date(period.end())),
            field(
                "year",
                Ty::named("Int"),
                "The calendar year that it lies in; null when it lies in several.",
                |_, period| {
                    let (start, end) = (period.start().year(), period.end().year());
                    if start == end { Value::Int(start.into()) } else { Value::Null }
                },
            ),
        ],
    }
}
