//! What is known of types and fields: names, documentation, relations.

use crate::model::kind::Kind;
use crate::model::vocabulary::Vocabulary;

/// The type of a field.
#[derive(Clone, Debug)]
pub enum Type {
    /// Free text.
    Text,
    /// A natural key of this record itself.
    Key,
    /// A whole number of 32 bits.
    Int,
    /// Yes or no.
    Boolean,
    /// An exact decimal.
    Decimal,
    /// A calendar day.
    Date,
    /// A stretch of time: year, school year, quarter, month, range, day.
    Period,
    /// One word of a closed list.
    Enum(&'static Vocabulary),
    /// The key of a record of another kind.
    Link(Kind),
    /// The key of a record of whatever kind another field of the same record says, one of these; and that field's name.
    LinkByKind(&'static Vocabulary, &'static str),
    /// Several values, in order.
    List(Box<Type>),
    /// A value that may be absent.
    Optional(Box<Type>),
    /// A value of several fields.
    Composite(fn() -> &'static CompositeInfo),
}

/// What is known of a composite type.
#[derive(Debug)]
pub struct CompositeInfo {
    /// Name of the type.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields, in the order in which they are stored: new ones are only ever added at the end.
    pub fields: Vec<FieldInfo>,
}

impl CompositeInfo {
    /// Position of the field of that name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

/// What is known of a field.
#[derive(Debug)]
pub struct FieldInfo {
    /// Name in the API and in files (`lowerCamelCase`).
    pub name: String,
    /// Meaning, unit, Dutch term.
    pub doc: &'static str,
    /// Type.
    pub ty: Type,
    /// For a link: name and documentation of the list on the other side.
    pub reverse: Option<(String, &'static str)>,
    /// Why it will go, and what to use instead; none for one that stays.
    pub deprecated: Option<&'static str>,
}

impl FieldInfo {
    /// Whether a row must have it.
    pub fn is_required(&self) -> bool {
        self.deprecated.is_none() && !matches!(self.ty, Type::Optional(_) | Type::List(_))
    }
}

/// `goal_key` → `goalKey`.
pub fn camel_case(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    let mut upper = false;
    for letter in snake.chars() {
        if letter == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            camel.extend(letter.to_uppercase());
        } else {
            camel.push(letter);
        }
    }
    camel
}

/// `BudgetLine` → `BUDGET_LINE`.
pub fn upper_case(name: &str) -> String {
    let mut upper = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() && !upper.is_empty() {
            upper.push('_');
        }
        upper.extend(letter.to_uppercase());
    }
    upper
}
