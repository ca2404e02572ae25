//! A figure: a value, or the reason why there is none, with its unit and the printed cell it came from.

use rust_decimal::Decimal;

use crate::model::macros::composite;
use crate::model::printed;
use crate::model::problem::{ProblemCode, Problems};
use crate::model::source::Citation;
use crate::model::unit::{FigureStatus, Unit};
use crate::model::value::{AnyComposite, Tree, Type, Value, View, room};

composite! {
    /// A value or the reason why there is none, with its unit and its source. A missing value is never zero.
    Figure {
        /// The exact value (*waarde*); null unless the status is `REPORTED` or `COMPUTED`.
        value: Option<Decimal>,
        /// Whether there is a value, and if not, why (*status*).
        status: FigureStatus,
        /// What the value counts (*eenheid*).
        unit: Unit,
        /// Where it was printed; null when it came from a system rather than from a document.
        printed: Option<Box<Citation>>,
        /// Which unit it is, where `unit` is `OTHER`: of money the currency by its code of ISO 4217 (`CAD`), else a word of the body's own
        /// (`FTE`, `TONNE`). Null where the label tells it.
        unit_code: Option<String>,
    }
}

/// Most records have one figure at most: the others are kept small.
impl Value for Box<Figure> {
    fn ty() -> Type {
        Figure::ty()
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        Figure::read(tree, problems).map(Self::new)
    }
    fn view(&self) -> View<'_> {
        (**self).view()
    }
    fn held(&self) -> usize {
        room(size_of::<Figure>()) + (**self).held()
    }
}

impl Figure {
    /// What it counts, in a word.
    pub fn counts(&self) -> &str {
        self.unit_code.as_deref().unwrap_or(self.unit.word())
    }

    /// Whether nothing stands there, not even why there is no value.
    pub fn is_blank(&self) -> bool {
        self.value.is_none() && self.status == FigureStatus::NotReported
    }

    /// What its printed cell says, in the unit of the value: a table in thousands prints a thousandth of it.
    pub fn cell(&self) -> Option<printed::Printed> {
        let citation = self.printed.as_ref()?;
        let cell = printed::parse(citation.text.as_deref()?)?;
        let Some(scale) = citation.scale else { return Some(cell) };
        let by = |number: Decimal| number.checked_mul(Decimal::from(scale));
        let value = cell.value.map(|value| by(value).ok_or(())).transpose().ok()?;
        Some(printed::Printed { value: value.map(|value| value.normalize()), tolerance: by(cell.tolerance)?, ..cell })
    }
}

/// A value belongs to the status that claims one, and to no other.
pub fn check(figure: &dyn AnyComposite, problems: &mut Problems) {
    check_value(&figure.field(1), &figure.field(0), problems);
    check_code(&figure.field(2), &figure.field(4), problems);
    if let View::Composite(citation) = figure.field(3)
        && let View::Int(scale) = citation.field(12)
        && scale < 1
    {
        problems.within("printed", |problems| {
            problems.within("scale", |problems| {
                let message = format!("{scale} is no scale: what is printed is multiplied by it");
                problems.push(ProblemCode::OutOfRange, message, "give 1000 for a table in thousands, or leave it out");
            });
        });
    }
}

/// Only `OTHER` has a code: a short word without blanks.
fn check_code(unit: &View<'_>, code: &View<'_>, problems: &mut Problems) {
    let (View::Enum(unit), View::Text(code)) = (unit, code) else { return };
    let hint = "give the unit OTHER with its code, such as CAD or FTE, or leave the code out";
    let (problem, message) = if *unit != Unit::Other.word() {
        (ProblemCode::Inconsistent, format!("the unit is {unit}, and its code is `{code}`"))
    } else if code.is_empty() || code.len() > UNIT_BYTES_MAX || code.chars().any(char::is_whitespace) {
        (ProblemCode::OutOfRange, format!("`{code}` is no code of a unit: a word of at most {UNIT_BYTES_MAX} bytes"))
    } else {
        return;
    };
    problems.within("unitCode", |problems| problems.push(problem, message, hint));
}

/// A code of ISO 4217 has three letters, other codes are not much longer.
const UNIT_BYTES_MAX: usize = 40;

fn check_value(status: &View<'_>, value: &View<'_>, problems: &mut Problems) {
    let View::Enum(word) = status else { return };
    let reported = *word == FigureStatus::Reported.word();
    match value {
        _ if [FigureStatus::Computed, FigureStatus::NotComputable].iter().any(|own| own.word() == *word) => problems
            .push(
                ProblemCode::OutOfRange,
                format!("{word} is what the register says of its own figures"),
                "give the status REPORTED, or leave the figure out",
            ),
        View::Null if reported => problems.push(
            ProblemCode::Inconsistent,
            "the status is REPORTED but there is no value",
            "give the value, or the status NOT_APPLICABLE, NOT_AVAILABLE or NOT_REPORTED",
        ),
        View::Decimal(value) if !reported => problems.push(
            ProblemCode::Inconsistent,
            format!("the status is {word} but there is a value, {value}"),
            "remove the value, or give the status REPORTED",
        ),
        _ => {}
    }
}

/// Results may lie above all of a target and below nothing. But a ratio of more than ten either way is more likely a percentage that was
/// written as a number; it is taken where the printed text says the same.
pub fn check_share(name: &str, figure: &Figure, problems: &mut Problems) {
    let is_printed = |value: Decimal| figure.cell().is_some_and(|cell| cell.value == Some(value));
    let large = |value: &Decimal| value.abs() > Decimal::TEN && !is_printed(*value);
    if let Some(value) = figure.value.filter(|value| figure.unit == Unit::Ratio && large(value)) {
        problems.within(name.to_owned(), |problems| {
            problems.within("value", |problems| {
                let message = format!("{value} is more than ten times the whole: shares are ratios, 1 for 100%");
                problems.push(
                    ProblemCode::OutOfRange,
                    message,
                    "write 97,6% as 0.976; where it is that large, give the printed text too",
                );
            });
        });
    }
}

/// A figure counts in the unit that its place demands.
pub fn check_unit(name: &str, figure: &Figure, unit: Unit, problems: &mut Problems) {
    if figure.unit != unit {
        problems.within(name.to_owned(), |problems| {
            problems.within("unit", |problems| {
                problems.push(
                    ProblemCode::OutOfRange,
                    format!("the unit is {}, it must be {unit}", figure.unit),
                    format!("give {unit}"),
                );
            });
        });
    }
}
