//! Descriptions and instants as files have them.

use crate::model::Type;

/// A description on one line.
pub(super) fn prose(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ").replace(['*', '`'], "")
}

/// Milliseconds since 1970 as whole seconds: `2021-02-15T09:30:00Z`.
pub(super) fn instant(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1000)).unwrap_or_default().to_string()
}

/// What a column holds, for people.
pub(super) fn holds(ty: &Type) -> String {
    match ty {
        Type::Text => "text".to_owned(),
        Type::Key => "key".to_owned(),
        Type::Int => "whole number".to_owned(),
        Type::Boolean => "true or false".to_owned(),
        Type::Decimal => "number".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Period => "period".to_owned(),
        Type::Enum(vocabulary) => format!("word of {}", vocabulary.name),
        Type::Link(kind) => format!("key of {}", kind.file()),
        Type::LinkByKind(..) => "key of the kind that `kind` says".to_owned(),
        Type::List(inner) => format!("{}, several between |", holds(inner)),
        Type::Optional(inner) => holds(inner),
        Type::Composite(info) => info().name.to_owned(),
    }
}
