//! When two figures agree: as far as each is known from its print. Figures that are too large to be subtracted are not compared.

use rust_decimal::Decimal;

use crate::analysis::computed::{Computed, Input, Rule};
use crate::model::claim::Qualifier;
use crate::model::{Figure, Unit};

/// Two figures that do not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The figure stated.
    pub stated: Decimal,
    /// The figure found.
    pub found: Decimal,
    /// Found less stated.
    pub difference: Decimal,
    /// How much of it printing explains.
    pub tolerance: Decimal,
    /// One unit of the last digit stated.
    pub digit: Decimal,
    /// What is at stake: the size that the difference is a part of.
    pub stake: Decimal,
}

impl Gap {
    /// The same gap, when the figure found is a difference of other numbers: then at stake is the number that it starts from.
    pub fn of_change(self, found: &Computed<'_>) -> Self {
        let from = found.inputs.iter().find(|input| input.name == "from" && found.rule == Rule::Change);
        let base = from.filter(|from| !is_ratio(from.unit())).and_then(Input::value);
        Self { stake: base.map_or(self.stake, |base| base.abs()), ..self }
    }
}

fn is_ratio(unit: Option<Unit>) -> bool {
    matches!(unit, Some(Unit::Ratio | Unit::RatioPoints))
}

/// One unit of the last digit that is printed. A phrase shows none: then it is that of the value, and no finer than whole per cents for a
/// ratio that is recorded as `1` or `0.5`.
pub fn digit(figure: &Figure) -> Decimal {
    if let Some(cell) = figure.cell().filter(|cell| cell.value.is_some() && cell.value == figure.value) {
        return cell.tolerance * Decimal::TWO;
    }
    let scale = figure.value.map_or(0, |value| value.scale());
    let scale = if matches!(figure.unit, Unit::Ratio | Unit::RatioPoints) { scale.max(2) } else { scale };
    Decimal::new(1, scale)
}

/// How far a computed figure may be off because what went in was printed rounded.
pub fn slack(found: &Computed<'_>) -> Decimal {
    found.range().and_then(|(low, high)| high.checked_sub(low)).map_or(Decimal::ZERO, |range| range / Decimal::TWO)
}

/// The gap between a figure as it stands and the one found, if there is one: when what rounds to the stated digits and what the rounding
/// of the others leaves open have nothing in common.
pub fn exact(stated: &Figure, found: Decimal, slack: Decimal) -> Option<Gap> {
    let half = digit(stated) / Decimal::TWO;
    gap(stated, found, half.checked_add(slack)?).filter(|gap| {
        let size = gap.difference.abs();
        // What lies half-way between two digits may be printed as either; what rounding leaves open has no such edge.
        size > gap.tolerance || (size == gap.tolerance && !slack.is_zero())
    })
}

/// The gap between two prints of one figure, if there is one: the finer one must round to the coarser one. What counts something else is
/// no print of it.
pub fn same(stated: &Figure, second: &Figure) -> Option<Gap> {
    if stated.counts() != second.counts() {
        return None;
    }
    let digits = (digit(stated), digit(second));
    let tolerance = if digits.0 == digits.1 { Decimal::ZERO } else { digits.0.max(digits.1) / Decimal::TWO };
    gap(stated, second.value?, tolerance).filter(|gap| gap.difference.abs() > gap.tolerance)
}

/// The same for amounts, which are cut off as often as rounded: each may be off by less than one unit of its last digit.
pub fn cut_off(stated: &Figure, found: Decimal, others: impl Iterator<Item = Decimal>) -> Option<Gap> {
    let tolerance = others.fold(digit(stated), Decimal::saturating_add);
    gap(stated, found, tolerance).filter(|gap| gap.difference.abs() >= gap.tolerance)
}

/// The gap between a claim and the figure found, if there is one, by how exact the claim says it is. `level` is the value that a change
/// leads to. *At least 99%* is not 98.9%: a bound that belongs to what is claimed has no slack but that of the figures found.
pub fn claimed(
    stated: &Figure,
    qualifier: Qualifier,
    found: Decimal,
    slack: Decimal,
    level: Option<Decimal>,
) -> Option<Gap> {
    let value = stated.value?;
    if qualifier == Qualifier::Exact {
        return exact(stated, found, slack);
    }
    let half = match qualifier {
        Qualifier::AtLeast | Qualifier::AtMost => Decimal::ZERO,
        _ => digit(stated) / Decimal::TWO,
    };
    let whole = gap(stated, found, half.checked_add(slack)?)?;
    if qualifier == Qualifier::About {
        let tenth = level.unwrap_or(value).abs() / Decimal::TEN;
        let gap = Gap { tolerance: whole.tolerance.max(tenth), ..whole };
        return (gap.difference.abs() > gap.tolerance).then_some(gap);
    }
    // A change is compared by its size: a third less and more is a change of at most minus a third.
    let by_size = |number: Decimal| if value.is_sign_negative() { -number } else { number };
    let beyond = by_size(whole.difference);
    let agrees = match qualifier {
        Qualifier::MoreThan | Qualifier::AtLeast => beyond >= -whole.tolerance,
        _ => beyond <= whole.tolerance && (level.is_none() || by_size(found) >= Decimal::ZERO),
    };
    (!agrees).then_some(whole)
}

fn gap(stated: &Figure, found: Decimal, tolerance: Decimal) -> Option<Gap> {
    let value = stated.value?;
    let difference = found.checked_sub(value)?.round_dp(12).normalize();
    let stake = if is_ratio(Some(stated.unit)) { Decimal::ONE } else { value.abs().max(found.abs()) };
    let tolerance = tolerance.round_dp(12).normalize();
    Some(Gap { stated: value, found, difference, tolerance, digit: digit(stated), stake })
}
