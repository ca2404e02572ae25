//! How a result stands to what is to be reached: at least, at most, within or exactly, in bands that the plan says.

use rust_decimal::Decimal;

use crate::model::exact;
use crate::model::target::Aim;
use crate::model::vocabulary::vocabulary;
use crate::model::{Figure, Plan};
use crate::register::Node;

vocabulary! {
    /// How far a norm is attained, by the ratio of result to target.
    AttainmentLevel {
        /// 100% of the target or more; of an upper bound, not more than it. The plan may say another band.
        Met = "MET",
        /// 90% of the target or more, or as near to another bound. The plan may say another band.
        NearlyMet = "NEARLY_MET",
        /// 80% of the target or more, or as near to another bound. The plan may say another band.
        PartlyMet = "PARTLY_MET",
        /// Less than that.
        Missed = "MISSED",
    }
}

impl AttainmentLevel {
    /// The levels that a plan has bands for, the highest first.
    pub const BANDS: [Self; 3] = [Self::Met, Self::NearlyMet, Self::PartlyMet];
}

/// What a result is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Goal<'r> {
    /// The record that says it: the norm, or a target.
    pub node: &'r Node,
    /// Where that record has it.
    pub path: &'static str,
    /// How the result is to stand to it.
    pub aim: Aim,
    /// What is to be reached; of a range the lower bound.
    pub figure: &'r Figure,
    /// Of a range the upper bound.
    pub upper: Option<&'r Figure>,
    /// The bands in which it is told how far it is reached.
    pub bands: Bands,
}

/// From which share of a target on it counts as met, nearly met, partly met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bands([Decimal; 3]);

impl Default for Bands {
    fn default() -> Self {
        Self([Decimal::ONE, Decimal::new(9, 1), Decimal::new(8, 1)])
    }
}

impl Bands {
    /// Those of a plan; where it says nothing, 100%, 90% and 80%.
    pub fn of(plan: &Plan) -> Self {
        let Self([met, nearly, partly]) = Self::default();
        Self([
            plan.met_from.unwrap_or(met),
            plan.nearly_met_from.unwrap_or(nearly),
            plan.partly_met_from.unwrap_or(partly),
        ])
    }

    /// The level of a share of the target.
    pub fn level(self, share: Decimal) -> AttainmentLevel {
        self.first(|band| Some(share >= band)).unwrap_or(AttainmentLevel::Missed)
    }

    /// The level of the first band that holds; missed when none does, none when that cannot be told.
    fn first(self, holds: impl Fn(Decimal) -> Option<bool>) -> Option<AttainmentLevel> {
        for (band, level) in self.0.into_iter().zip(AttainmentLevel::BANDS) {
            if holds(band)? {
                return Some(level);
            }
        }
        Some(AttainmentLevel::Missed)
    }
}

impl Goal<'_> {
    /// The bounds that the result is to keep; none when one has no value.
    fn bounds(&self) -> Option<(Option<Decimal>, Option<Decimal>)> {
        let value = self.figure.value?;
        let (low, high) = match self.aim {
            Aim::AtLeast => (Some(value), None),
            Aim::AtMost => (None, Some(value)),
            Aim::Exactly => (Some(value), Some(value)),
            Aim::Within => (Some(value), Some(self.upper.filter(|upper| self.is_alike(upper))?.value?)),
        };
        Some((low, high))
    }

    /// Whether a figure counts what the target counts.
    pub fn is_alike(&self, figure: &Figure) -> bool {
        figure.counts() == self.figure.counts()
    }

    /// How far a result is, by multiplication, so that no quotient's rounding decides. A bound that is zero or negative, or a negative
    /// result, has no share: it is kept or not.
    pub fn level(&self, result: &Figure) -> Option<AttainmentLevel> {
        let (low, high) = self.bounds()?;
        let result = result.value.filter(|_| self.is_alike(result))?;
        let keeps = low.is_none_or(|low| result >= low) && high.is_none_or(|high| result <= high);
        if keeps {
            return Some(AttainmentLevel::Met);
        }
        // The bound that is not kept.
        let below = low.filter(|low| result < *low);
        let bound = below.or(high)?;
        if bound <= Decimal::ZERO || result < Decimal::ZERO {
            return Some(AttainmentLevel::Missed);
        }
        let (part, whole) = if below.is_some() { (result, bound) } else { (bound, result) };
        self.bands.first(|band| Some(part >= exact::mul(whole, band)?))
    }

    /// What is missing of the target, negative beyond it: by how much a bound is not kept, or kept with room to spare.
    pub fn distance(&self, result: &Figure) -> Option<Decimal> {
        let (low, high) = self.bounds()?;
        let result = result.value.filter(|_| self.is_alike(result))?;
        let below = low.map(|low| low.checked_sub(result));
        let above = high.map(|high| result.checked_sub(high));
        match (below, above) {
            (Some(below), Some(above)) => Some(below?.max(above?)),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => None,
        }
    }
}
