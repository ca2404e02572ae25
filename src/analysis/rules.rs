//! The rules by which figures are computed, as a table: code, meaning, formula; and the reasons why there is no value.

use std::sync::OnceLock;

use crate::analysis::formula::Formula;
use crate::model::vocabulary::vocabulary;

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal: $formula:literal,)+) => {
        vocabulary! {
            /// A rule by which the register computes figures.
            Rule { $($(#[doc = $doc])+ $name = $code,)+ }
        }
        impl Rule {
            /// All rules.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
            /// Its formula, over the names of its inputs.
            pub const fn formula(self) -> &'static str { match self { $(Self::$name => $formula,)+ } }
        }
    };
}

rules! {
    /// The difference between two periods. Of two shares it is in percentage points.
    Change = "CHANGE": "to - from",
    /// The relative change between two periods. There is none from a value that is zero or negative.
    ChangeRelative = "CHANGE_RELATIVE": "(to - from) / from",
    /// How far a target is reached: the result as a share of the target.
    RatioToTarget = "RATIO_TO_TARGET": "result / target",
    /// A part's share of the whole.
    Share = "SHARE": "part / whole",
    /// The share of a budget that was realised (*uitvoeringsgraad*).
    ExecutionRate = "EXECUTION_RATE": "realised / budgeted",
    /// Payment appropriations as a ratio of commitment appropriations.
    VekPerVak = "VEK_PER_VAK": "vek / vak",
    /// By how much open commitments grew: what was committed in the year less what was paid. What was decommitted is not known.
    CommitmentsGrowth = "COMMITMENTS_GROWTH": "vak - vek",
    /// Open commitments at the end of the year (*encours*): those at its beginning, and what was committed, less what was paid.
    OpenCommitments = "OPEN_COMMITMENTS": "opening + vak - vek",
    /// Warnings and official reports per control.
    SanctionRate = "SANCTION_RATE": "sanctions / controls",
    /// Euro of proposed recovery per control.
    RecoveryPerControl = "RECOVERY_PER_CONTROL": "recovery / controls",
    /// What is reached of a target, as a share of it.
    TargetProgress = "TARGET_PROGRESS": "achieved / target",
    /// What is left to reach of a target.
    TargetLeft = "TARGET_LEFT": "target - achieved",
    /// The sum of all parts. It has a value only when all parts have one; parts that do not apply are left out.
    Sum = "SUM": "sum(part)",
    /// The sum of those parts that have a value: at least this much is known.
    SumOfKnown = "SUM_OF_KNOWN": "sum(part)",
    /// The sum of the parts that have a value, where a printed total (`total`) comes to the same: so the parts that are blank are none.
    SumByTotal = "SUM_BY_TOTAL": "sum(part)",
    /// The mean of all parts. It has a value only when all parts have one; parts that do not apply are left out.
    Average = "AVERAGE": "sum(part) / count(part)",
    /// The mean of those parts that have a value.
    AverageOfKnown = "AVERAGE_OF_KNOWN": "sum(part) / count(part)",
    /// How many records there are that fulfil something; each is an input.
    Count = "COUNT": "count(record)",
    /// How many milestones were due before a day and are neither done, stopped nor turned to another aim; each is an input.
    OverdueCount = "OVERDUE_COUNT": "count(record)",
    /// That part of a whole which a share of it stands for; in whole things where it counts things.
    Portion = "PORTION": "share * whole",
    /// The share that another share leaves.
    Remainder = "REMAINDER": "1 - share",
    /// That part of a whole which a share of it leaves; in whole things where it counts things.
    RemainderOf = "REMAINDER_OF": "(1 - share) * whole",
    /// The change, in percentage points, of what a share leaves.
    RemainderChange = "REMAINDER_CHANGE": "from - to",
    /// What the parts leave of a sum after those that are known otherwise.
    Rest = "REST": "sum(part) - sum(other)",
}

impl Rule {
    /// What it does, in words.
    pub fn doc(self) -> &'static str {
        Self::VOCABULARY.words[self as usize].1.trim()
    }

    pub(super) fn read(self) -> &'static Formula {
        static READ: OnceLock<Vec<Formula>> = OnceLock::new();
        let read = |rule: &Self| Formula::parse(rule.formula()).expect("a test reads every formula");
        &READ.get_or_init(|| Self::ALL.iter().map(read).collect())[self as usize]
    }
}

vocabulary! {
    /// Why a figure could not be computed.
    MissingCode {
        /// One of the inputs has no value.
        InputMissing = "INPUT_MISSING",
        /// The register holds nothing to compute it from.
        NoInput = "NO_INPUT",
        /// It would be divided by zero.
        ZeroDivisor = "ZERO_DIVISOR",
        /// A relative change would start from a negative value, where it has no meaning.
        NegativeBase = "NEGATIVE_BASE",
        /// The inputs do not count the same thing.
        UnitsDiffer = "UNITS_DIFFER",
        /// A number on the way has more than 28 digits.
        Overflow = "OVERFLOW",
    }
}

/// Why a figure has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The reason, of a closed list.
    pub code: MissingCode,
    /// The reason in words, with what it is about.
    pub text: String,
}

impl Missing {
    /// A reason.
    pub fn new(code: MissingCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}
