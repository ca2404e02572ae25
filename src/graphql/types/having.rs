//! Conditions on groups: what is told of the numbers of a group, and which groups fulfil what is asked of it.

use rust_decimal::Decimal;

use crate::graphql::core::error::FieldError;
use crate::graphql::core::list_query::refused;
use crate::model::period::PeriodKind;
use crate::model::{Tree, Unit, View};
use crate::register::query::Budget;
use crate::register::query::group::{TooLong, Total};
use crate::register::query::predicate::{self, Predicate};
use crate::register::query::schema::Leaf;

/// Groups, by their places.
pub trait Grouping {
    /// How many entries a group has.
    fn count(&self, at: usize) -> u64;
    /// What a number, by its place among those of the type, comes to in a group.
    fn totals(&self, number: usize, at: usize) -> Vec<Total>;
}

/// What a group must fulfil.
pub struct Having {
    count: Vec<Predicate>,
    /// For each number that is named, predicates of what it comes to in one unit.
    numbers: Vec<(usize, Vec<OfTotal>)>,
}

/// Predicates of something that is told of a number.
type OfTotal = (AggregateField, Vec<Predicate>);

/// Something that is told of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateField {
    /// The unit.
    Unit,
    /// The code of the unit, where that is none of the list.
    Code,
    /// The kind of the periods.
    Span,
    /// The exact sum.
    Sum,
    /// The mean.
    Avg,
    /// The least value.
    Min,
    /// The largest value.
    Max,
    /// How many have a value.
    Valued,
    /// How many have none.
    Missing,
    /// Why there is no sum.
    Reason,
    /// How many months the periods have.
    Months,
    /// The rate of all entries together.
    OfAll,
    /// How many entries this is of.
    OfAllKnown,
    /// How many it leaves out.
    OfAllUnknown,
}

/// What is told of a number: name, how it is tested, what it is.
pub const AGGREGATE: [(AggregateField, &str, Leaf, &str); 14] = [
    (
        AggregateField::Unit,
        "unit",
        Leaf::Enum(&Unit::VOCABULARY),
        "The unit: values of different units are told apart.",
    ),
    (
        AggregateField::Code,
        "unitCode",
        Leaf::Text,
        "The code of the unit where that is OTHER, such as of another currency; values of different codes are told apart. Null for other units.",
    ),
    (
        AggregateField::Span,
        "span",
        Leaf::Enum(&PeriodKind::VOCABULARY),
        "The kind of the periods that the values are of, longest first; null where the records have no period. Values of different kinds of period \
         are told apart: a year is never added to its own quarters.",
    ),
    (
        AggregateField::Sum,
        "sum",
        Leaf::Decimal,
        "The exact sum; null when there is no value, and of what does not add up, and then `reason` says why: computed shares, and in a group by \
         the year of a period those of different periods that lie in several years, such as two school years.",
    ),
    (
        AggregateField::Avg,
        "avg",
        Leaf::Decimal,
        "The mean of the values there are, to 28 digits; null when there is none. Of rates it is the mean of the entries' rates, each counting alike \
         whatever it is of: `ofAll` has the rate of the whole.",
    ),
    (AggregateField::Min, "min", Leaf::Decimal, "The least value; null when there is none."),
    (AggregateField::Max, "max", Leaf::Decimal, "The largest value; null when there is none."),
    (AggregateField::Valued, "valued", Leaf::Int, "How many entries have a value."),
    (
        AggregateField::Missing,
        "missing",
        Leaf::Int,
        "How many entries have none: it does not apply, is not available, not reported or cannot be computed; of changes those that are not comparable. They count nowhere else.",
    ),
    (AggregateField::Reason, "reason", Leaf::Text, "Why values that there are have no sum; null where they have one."),
    (
        AggregateField::Months,
        "months",
        Leaf::Int,
        "How many months these periods have; null for days, and where the records have no period. Values of ranges of different lengths are told \
         apart: a half year is never added to its year.",
    ),
    (
        AggregateField::OfAll,
        "ofAll",
        Leaf::Decimal,
        "The rate of all entries together: what is above its line added up, divided by what is below it added up, over the entries that have both. \
         Of `sanctionRate`, `recoveryPerControl`, `vakExecution`, `vekExecution`, `vekPerVak` and `realisedShare`; null for other numbers, when no \
         entry has both, and when they count different currencies.",
    ),
    (
        AggregateField::OfAllKnown,
        "ofAllKnown",
        Leaf::Int,
        "How many entries `ofAll` is of: those that have both numbers. Null for numbers that have no such rate.",
    ),
    (
        AggregateField::OfAllUnknown,
        "ofAllUnknown",
        Leaf::Int,
        "How many entries `ofAll` leaves out, because they lack one of the numbers. Null for numbers that have no such rate.",
    ),
];

impl AggregateField {
    /// What it is of a total.
    ///
    /// # Errors
    /// When the sum has more digits than a decimal holds.
    pub fn of(self, total: &Total) -> Result<View<'static>, TooLong> {
        let decimal = |value: Option<Decimal>| value.map_or(View::Null, View::Decimal);
        let count = |count: usize| View::Int(i64::try_from(count).unwrap_or(i64::MAX));
        Ok(match self {
            Self::Unit => View::Enum(total.unit),
            Self::Code => total.code.clone().map_or(View::Null, |code| View::Text(code.into())),
            Self::Months => total.months.map_or(View::Null, |months| View::Int(months.into())),
            Self::Span => total.span.map_or(View::Null, |span| View::Enum(span.word())),
            Self::Sum => decimal(total.sum?.filter(|_| total.apart.is_none())),
            Self::Reason => total.apart.filter(|_| total.valued > 0).map_or(View::Null, |why| View::Text(why.into())),
            Self::Avg => decimal(total.avg()?),
            Self::Min => decimal(total.min),
            Self::Max => decimal(total.max),
            Self::Valued => count(total.valued),
            Self::Missing => count(total.missing),
            Self::OfAll => decimal(total.of_all.and_then(|it| it.value)),
            Self::OfAllKnown => total.of_all.map_or(View::Null, |it| count(it.known)),
            Self::OfAllUnknown => total.of_all.map_or(View::Null, |it| count(it.unknown)),
        })
    }
}

/// Reads what groups must fulfil, whose numbers have these names.
///
/// # Errors
/// When it cannot be asked.
pub fn having(given: &Tree<'_>, numbers: &[&str], budget: &mut Budget) -> Result<Having, FieldError> {
    let mut having = Having { count: Vec::new(), numbers: Vec::new() };
    let Tree::Map(fields) = given else { return Ok(having) };
    for (name, value) in fields {
        let mut path = vec!["having".to_owned(), name.to_string()];
        if name == "count" {
            having.count = predicate::read(value, Leaf::Int, &mut path, budget).map_err(refused)?;
            continue;
        }
        let Some(number) = numbers.iter().position(|number| number == name) else { continue };
        let Tree::Map(told) = value else {
            return Err(FieldError::input(format!("`having.{name}` is null"), "leave it out"));
        };
        let mut predicates = Vec::new();
        for (name, value) in told {
            let Some((told, _, leaf, _)) = AGGREGATE.iter().find(|(_, known, _, _)| known == name) else { continue };
            path.push(name.to_string());
            predicates.push((*told, predicate::read(value, *leaf, &mut path, budget).map_err(refused)?));
            path.pop();
        }
        having.numbers.push((number, predicates));
    }
    Ok(having)
}

impl Having {
    /// Whether a group fulfils it.
    pub fn holds(&self, groups: &(impl Grouping + ?Sized), at: usize) -> bool {
        let count = View::Int(i64::try_from(groups.count(at)).unwrap_or(i64::MAX));
        let matches = |total: &Total, predicates: &[OfTotal]| {
            // A sum that cannot be told matches nothing.
            let told = |told: &AggregateField, predicates: &[Predicate]| {
                told.of(total).is_ok_and(|view| predicates.iter().all(|predicate| predicate.matches(&view)))
            };
            predicates.iter().all(|(what, predicates)| told(what, predicates))
        };
        self.count.iter().all(|predicate| predicate.matches(&count))
            && self
                .numbers
                .iter()
                .all(|(number, predicates)| groups.totals(*number, at).iter().any(|total| matches(total, predicates)))
    }
}
