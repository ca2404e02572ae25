//! The codes of the rules: what each asks, its tolerance, and how much what it finds misleads.

use super::compare::Gap;
use crate::model::vocabulary::vocabulary;

vocabulary! {
    /// How much a discrepancy misleads. Each outweighs the ones before it.
    Severity {
        /// Hardly: the last digit is off by one, the number is right and its unit is not, or one thing is counted twice.
        Notice = "NOTICE",
        /// The two figures differ.
        Warning = "WARNING",
        /// The two figures say different things: they have opposite signs, or differ by more than a tenth of what is at stake: of the larger figure, of the number that a change starts from, or of the whole where shares and relative changes are compared.
        Error = "ERROR",
    }
}

vocabulary! {
    /// A rule that a document's figures should keep.
    DiscrepancyRule {
        /// A printed trend follows from its two values.
        Trend = "TREND",
        /// A trend is printed only where the value it starts from, and the one it leads to, are known.
        TrendBase = "TREND_BASE",
        /// The trend of a share is printed in percentage points, where the document prints most of them so: not as a percentage with the number of points. So is a change of a share that the text states.
        TrendUnit = "TREND_UNIT",
        /// The printed ratio of a norm's result to its target follows from the two.
        Ratio = "RATIO",
        /// A norm's result, and its trend, are the same in the fact table and in the overview.
        NormTwice = "NORM_TWICE",
        /// Controls, sanctions and recoveries, and their trends, are the same in the fact table and in the inspectorate's table.
        InspectionTwice = "INSPECTION_TWICE",
        /// What the fact tables say was realised is what the budget table says, to the euro.
        BudgetTwice = "BUDGET_TWICE",
        /// A value that the text states is the one of the table.
        ClaimValue = "CLAIM_VALUE",
        /// A change that the text states follows from the values of the table.
        ClaimChange = "CLAIM_CHANGE",
        /// A change is counted from an earlier period.
        ClaimBase = "CLAIM_BASE",
        /// What the text says a norm asks for is what the norm's label says.
        ClaimNorm = "CLAIM_NORM",
        /// A number of things that the text states is the number that there are.
        ClaimCount = "CLAIM_COUNT",
        /// A total that the text or a total row states, and its change, follow from the parts.
        ClaimTotal = "CLAIM_TOTAL",
        /// A share that the text states follows from the part and the whole; a share and what it leaves make one.
        ClaimShare = "CLAIM_SHARE",
        /// The parts that the text names make the whole of the table.
        ClaimParts = "CLAIM_PARTS",
        /// What the text states of one thing in two places is the same: its time, its number, whether it is so.
        StatementTwice = "STATEMENT_TWICE",
        /// What the text tells as done does not lie after the document's date, and what it tells as still to come not before the years that it is about.
        StatementTime = "STATEMENT_TIME",
        /// One thing stands once among the milestones of a year.
        MilestoneTwice = "MILESTONE_TWICE",
        /// One stretch of time has one figure: not two under two forms of the period, as could be stored before periods had one form.
        SameSpan = "SAME_SPAN",
        /// A later plan prints the figure of a period as the plan before did: else it restates it, and both stand.
        Restated = "RESTATED",
        /// What is committed and not paid at the end of a year is what was so a year before, with what was committed since, less what was paid.
        TurnOfYear = "TURN_OF_YEAR",
    }
}

impl DiscrepancyRule {
    /// What the rule asks, in a sentence.
    pub fn explanation(self) -> &'static str {
        Self::VOCABULARY.words[self as usize].1.trim()
    }

    /// How its tolerance comes about.
    pub const fn tolerance(self) -> &'static str {
        match self {
            Self::Trend => {
                "Half a unit of the last digit of the trend, and what the rounding of the two values leaves open: a share of 86% may be \
                 anything from 85.5% to 86.5%. Counts are exact."
            }
            Self::TrendBase | Self::TrendUnit | Self::ClaimBase | Self::MilestoneTwice => "None: it is so or not.",
            Self::Ratio => "Half a unit of the last digit of the ratio, and of the result; the target is exact.",
            Self::NormTwice | Self::InspectionTwice | Self::SameSpan | Self::Restated => {
                "Half a unit of the last digit of the coarser figure: 98% agrees with 98.4%. A blank cell contradicts nothing."
            }
            Self::BudgetTwice | Self::TurnOfYear => {
                "Less than one unit of the last digit of each amount, because whole euros are cut off as often as rounded."
            }
            Self::ClaimValue | Self::ClaimChange | Self::ClaimTotal | Self::ClaimShare => {
                "By the claim's qualifier: half a unit of the last digit claimed for EXACT, a tenth for ABOUT; for the others one side is \
                 open, and the bound itself belongs to AT_LEAST and AT_MOST, not to MORE_THAN and LESS_THAN. For all of them what the \
                 rounding of the table's figures leaves open; counts are exact."
            }
            Self::ClaimCount => {
                "By the claim's qualifier: none for EXACT, a tenth for ABOUT; for the others one side is open, and the bound itself belongs to \
                 AT_LEAST and AT_MOST, not to MORE_THAN and LESS_THAN."
            }
            Self::ClaimNorm | Self::ClaimParts => "None.",
            Self::StatementTwice => {
                "Times agree when they overlap: April agrees with the second quarter. Numbers are exact."
            }
            Self::StatementTime => "None: the first day of what is done, and the last day of what is to come, count.",
        }
    }

    /// The severity of a discrepancy of this rule whose figures cannot be compared as numbers.
    pub const fn severity(self) -> Severity {
        match self {
            Self::TrendUnit | Self::MilestoneTwice | Self::SameSpan => Severity::Notice,
            _ => Severity::Warning,
        }
    }
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Notice, Self::Warning, Self::Error];

    /// What a gap between two figures amounts to.
    pub fn of(gap: &Gap) -> Self {
        let (stated, found) = (gap.stated, gap.found);
        let size = gap.difference.abs();
        let opposite = stated.is_sign_negative() != found.is_sign_negative() && !stated.is_zero() && !found.is_zero();
        if opposite {
            Self::Error
        } else if size <= gap.last_digit {
            Self::Notice
        } else if size > gap.stake / rust_decimal::Decimal::TEN {
            Self::Error
        } else {
            Self::Warning
        }
    }
}
