//! Claims: what prose and total rows say about other figures. The reconciliation recomputes them.

use crate::model::figure::Figure;
use crate::model::macros::{record, vocabulary};
use crate::model::{Indicator, InspectedProcess, Key, Link, Measure, Norm, Period, Plan};

vocabulary! {
    /// What a claim states.
    ClaimKind {
        /// The value of a figure.
        Value = "VALUE",
        /// A difference between two periods.
        ChangeAbsolute = "CHANGE_ABSOLUTE",
        /// A relative change between two periods.
        ChangeRelative = "CHANGE_RELATIVE",
        /// A change of a share, in percentage points.
        ChangePoints = "CHANGE_POINTS",
        /// A share of a total.
        Share = "SHARE",
        /// The result of a norm.
        NormResult = "NORM_RESULT",
        /// How many norms there are, or fulfil something.
        NormCount = "NORM_COUNT",
        /// How many things there are: measures, projects, processes.
        Count = "COUNT",
        /// A sum over several figures.
        Sum = "SUM",
        /// Anything else.
        Other = "OTHER",
    }
}

vocabulary! {
    /// How exact a claim says it is.
    Qualifier {
        /// As it stands, to the printed digit.
        Exact = "EXACT",
        /// About (*circa, ongeveer*).
        About = "ABOUT",
        /// More than (*meer dan, ruim*).
        MoreThan = "MORE_THAN",
        /// Less than (*minder dan, net geen*).
        LessThan = "LESS_THAN",
        /// At least (*minstens*).
        AtLeast = "AT_LEAST",
        /// At most (*maximaal*).
        AtMost = "AT_MOST",
    }
}

record! {
    /// A number that the prose or a total row states about other numbers, such as "47 of the 69 norms".
    Claim(|claim| claim.key.clone()) {
        /// Natural key.
        key: Key,
        /// The plan that states it.
        plan_key: Link<Plan> => claims: "What the plan's prose and total rows state about other figures.",
        /// What it states.
        kind: ClaimKind,
        /// What it is about, in words.
        subject: String,
        /// The number claimed, with the phrase as printed.
        figure: Figure,
        /// How exact it says it is.
        qualifier: Qualifier,
        /// The period it is about.
        period: Option<Period>,
        /// The period that a change is counted from.
        base_period: Option<Period>,
        /// The measure it is about, if one.
        measure_key: Option<Link<Measure>> => claims: "What the prose states about this measure.",
        /// The indicator that it can be checked against, if one.
        indicator_key: Option<Link<Indicator>> => claims: "What the prose states about this indicator.",
        /// The norm that it can be checked against, if one.
        norm_key: Option<Link<Norm>> => claims: "What the prose states about this norm.",
        /// The row of the inspectorate's table that it can be checked against, if one.
        process_key: Option<Link<InspectedProcess>> => claims: "What the prose states about this process.",
    }
}
