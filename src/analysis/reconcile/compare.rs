//! When two figures agree: as far as each is known from its print. Figures that are too large to be subtracted are not compared.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::analysis::computed::{Computed, Input, InputKind, Rule, tolerance};
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
    /// How much of it is let stand: what printing explains, and a tenth where *about* is said.
    pub tolerance: Decimal,
    /// How much of it is explained by printing, and by a last digit that is off by one.
    pub last_digit: Decimal,
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
/// leads to. *At least 99%* is not 98.9%, and *more than 500* is not 500: a bound has no slack but that of the figures found.
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
    if qualifier == Qualifier::About {
        let gap = gap(stated, found, (digit(stated) / Decimal::TWO).checked_add(slack)?)?;
        let tenth = level.unwrap_or(value).abs() / Decimal::TEN;
        let gap = Gap { tolerance: gap.tolerance.max(tenth), ..gap };
        return (gap.difference.abs() > gap.tolerance).then_some(gap);
    }
    let whole = gap(stated, found, slack)?;
    // A change is compared by its size: a third less and more is a change of at most minus a third.
    let by_size = |number: Decimal| if value.is_sign_negative() { -number } else { number };
    let beyond = by_size(whole.difference);
    let goes_that_way = level.is_none() || by_size(found) >= Decimal::ZERO;
    let agrees = match qualifier {
        Qualifier::AtLeast => beyond >= -whole.tolerance,
        Qualifier::MoreThan => beyond > -whole.tolerance,
        Qualifier::LessThan => beyond < whole.tolerance && goes_that_way,
        _ => beyond <= whole.tolerance && goes_that_way,
    };
    (!agrees).then_some(whole)
}

/// How far the true value of a cell of a table may be off because it was printed rounded. Counts are exact.
pub fn rounding(figure: &Figure) -> Decimal {
    tolerance(figure).min(digit(figure) / Decimal::TWO)
}

/// Whether what is blank among the parts may close a gap: a total may be any more than what is known of it, and a share any of what its
/// blanks can make it. Where one of the parts is less than nothing, a blank may be so too. Changes leave blanks out on both sides.
pub fn explained_by_blanks(computed: &Computed<'_>, qualifier: Qualifier, gap: &Gap) -> bool {
    let computed_part = |input: &Input<'_>| match &input.of {
        InputKind::Computed(inner) => (inner.coverage.unknown, has_negative(inner)),
        _ => (0, false),
    };
    let (less, more) = match computed.rule {
        Rule::SumOfKnown => (computed.coverage.unknown > 0 && has_negative(computed), computed.coverage.unknown > 0),
        Rule::Share => match &computed.inputs[..] {
            [part, whole] => {
                let ((of_part, _), (of_whole, negative)) = (computed_part(part), computed_part(whole));
                let others = of_whole > of_part;
                (others || of_part > 0 && negative, (of_part > 0 || others && negative) && gap.stated <= Decimal::ONE)
            }
            _ => (false, false),
        },
        _ => (false, false),
    };
    match gap.found.cmp(&gap.stated) {
        Ordering::Less => more,
        Ordering::Equal => qualifier == Qualifier::MoreThan && more || qualifier == Qualifier::LessThan && less,
        Ordering::Greater => less,
    }
}

fn has_negative(computed: &Computed<'_>) -> bool {
    computed.inputs.iter().any(|input| input.value().is_some_and(|value| value.is_sign_negative()))
}

fn gap(stated: &Figure, found: Decimal, tolerance: Decimal) -> Option<Gap> {
    let value = stated.value?;
    let difference = found.checked_sub(value)?.round_dp(12).normalize();
    let stake = if is_ratio(Some(stated.unit)) { Decimal::ONE } else { value.abs().max(found.abs()) };
    let tolerance = tolerance.round_dp(12).normalize();
    let last_digit = tolerance.saturating_add(digit(stated));
    Some(Gap { stated: value, found, difference, tolerance, last_digit, stake })
}
