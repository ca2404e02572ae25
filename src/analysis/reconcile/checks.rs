//! The rules, as data: what each looks at, and the function that does.

use super::finding::Finding;
use super::rule::DiscrepancyRule;
use super::{budget, claims, counts, printed_twice, restated, statements, totals, trends, turn};
use crate::model::Kind;
use crate::register::{Node, Register};

/// A rule with the records that it looks at.
pub struct RuleDef {
    /// Its code.
    pub code: DiscrepancyRule,
    /// The kinds of record that it looks at.
    pub kinds: &'static [Kind],
    /// Looks at one record and pushes what it finds.
    pub check: for<'r> fn(&'r Register, &'r Node, &mut Vec<Finding<'r>>),
}

/// All rules.
pub const RULES: &[RuleDef] = &[
    RuleDef {
        code: DiscrepancyRule::Trend,
        kinds: &[Kind::Observation, Kind::NormResult, Kind::Inspection],
        check: trends::trend,
    },
    RuleDef {
        code: DiscrepancyRule::TrendBase,
        kinds: &[Kind::Observation, Kind::NormResult, Kind::Inspection],
        check: trends::base,
    },
    RuleDef {
        code: DiscrepancyRule::TrendUnit,
        kinds: &[Kind::Observation, Kind::NormResult, Kind::Claim],
        check: trends::unit,
    },
    RuleDef { code: DiscrepancyRule::Ratio, kinds: &[Kind::NormResult], check: trends::ratio },
    RuleDef { code: DiscrepancyRule::NormTwice, kinds: &[Kind::NormResult], check: printed_twice::norms },
    RuleDef { code: DiscrepancyRule::InspectionTwice, kinds: &[Kind::Observation], check: printed_twice::inspections },
    RuleDef { code: DiscrepancyRule::BudgetTwice, kinds: &[Kind::BudgetAmount], check: budget::budget },
    RuleDef { code: DiscrepancyRule::ClaimValue, kinds: &[Kind::Claim], check: claims::value },
    RuleDef { code: DiscrepancyRule::ClaimChange, kinds: &[Kind::Claim], check: claims::change },
    RuleDef { code: DiscrepancyRule::ClaimBase, kinds: &[Kind::Claim], check: claims::base },
    RuleDef { code: DiscrepancyRule::ClaimNorm, kinds: &[Kind::Claim], check: claims::norm },
    RuleDef { code: DiscrepancyRule::ClaimCount, kinds: &[Kind::Claim], check: counts::count },
    RuleDef { code: DiscrepancyRule::ClaimTotal, kinds: &[Kind::Claim], check: totals::total },
    RuleDef { code: DiscrepancyRule::ClaimShare, kinds: &[Kind::Claim], check: counts::share },
    RuleDef { code: DiscrepancyRule::ClaimParts, kinds: &[Kind::Observation], check: claims::parts },
    RuleDef { code: DiscrepancyRule::StatementTwice, kinds: &[Kind::Statement], check: statements::twice },
    RuleDef { code: DiscrepancyRule::StatementTime, kinds: &[Kind::Statement], check: statements::time },
    RuleDef { code: DiscrepancyRule::MilestoneTwice, kinds: &[Kind::Statement], check: statements::milestones },
    RuleDef {
        code: DiscrepancyRule::SameSpan,
        kinds: &[Kind::Observation, Kind::NormResult],
        check: printed_twice::spans,
    },
    RuleDef {
        code: DiscrepancyRule::Restated,
        kinds: &[Kind::Observation, Kind::NormResult, Kind::BudgetAmount, Kind::Inspection],
        check: restated::restated,
    },
    RuleDef { code: DiscrepancyRule::TurnOfYear, kinds: &[Kind::BudgetAmount], check: turn::open_commitments },
];
