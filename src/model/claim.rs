//! Claims: what prose and total rows say about other figures. The reconciliation recomputes them.

use rust_decimal::Decimal;

use crate::model::figure::Figure;
use crate::model::goal::Scope;
use crate::model::macros::{composite, record};
use crate::model::measure::{Lifecycle, Operator};
use crate::model::norm::{NormBasis, ResultSource, Table};
use crate::model::staff::{Contract, StaffFigure, StaffTarget};
use crate::model::unit::FigureStatus;
use crate::model::vocabulary::vocabulary;
use crate::model::{
    Indicator, InspectedProcess, Key, Link, Measure, Norm, OperationalGoal, Period, Plan, Problems, open_word,
};

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
    /// How exact a claim says it is, and so when a figure agrees with it. A change is compared by its size, and its sign must agree.
    Qualifier {
        /// As it stands: the figure agrees when it rounds to the number claimed, at the digits claimed.
        Exact = "EXACT",
        /// About (*circa, ongeveer, een achttal*): the figure lies within a tenth of the number claimed; for a change, within a tenth
        /// of the value that it leads to.
        About = "ABOUT",
        /// More than (*meer dan, ruim*): the figure is not less. *Ruim* is printed for the number itself too.
        MoreThan = "MORE_THAN",
        /// Less than (*minder dan, net geen*): the figure is not more.
        LessThan = "LESS_THAN",
        /// At least (*minstens*): the figure is not less.
        AtLeast = "AT_LEAST",
        /// At most (*maximaal*): the figure is not more.
        AtMost = "AT_MOST",
    }
}

vocabulary! {
    /// What a claim counts, adds up or divides, where its links alone do not say so.
    Metric {
        /// Measures of the plan.
        Measures = "MEASURES",
        /// Norms: those of the claim's measure, or those for which a table prints a result.
        Norms = "NORMS",
        /// Projects of the plan that run, wholly, in the year of the period.
        Projects = "PROJECTS",
        /// Strategic goals of the plan.
        StrategicGoals = "STRATEGIC_GOALS",
        /// Operational goals of the plan.
        OperationalGoals = "OPERATIONAL_GOALS",
        /// Rows of the inspectorate's table with at least one control in the year of the period.
        Processes = "PROCESSES",
        /// Controls, over the processes that the claim names, or all.
        Controls = "CONTROLS",
        /// Warnings and official reports, over the processes that the claim names, or all.
        Sanctions = "SANCTIONS",
        /// Proposed recoveries, over the processes that the claim names, or all.
        ProposedRecovery = "PROPOSED_RECOVERY",
        /// Heads of the staff at the date of the period.
        Staff = "STAFF",
        /// The staff targets that the claim names, added up.
        StaffTargets = "STAFF_TARGETS",
        /// The observations of the claim's indicator in or around its period, added up.
        Observations = "OBSERVATIONS",
        /// A part of the observation of the claim's indicator: all parts claimed for it make the whole.
        Part = "PART",
        /// A share (the claim's norm or indicator) of the indicator that it is a share of.
        Portion = "PORTION",
        /// What is left of a share (the claim's norm or indicator): one less the share, times the indicator that it is a share of, if
        /// that is named.
        Remainder = "REMAINDER",
        /// The share that the claim's norm asks for.
        Target = "TARGET",
        /// The time within which the claim's norm asks for it.
        Limit = "LIMIT",
    }
}

vocabulary! {
    /// Which way the printed change of a norm's result goes.
    ChangeDirection {
        /// Better than before.
        Up = "UP",
        /// As before.
        Same = "SAME",
        /// Worse than before.
        Down = "DOWN",
    }
}

composite! {
    /// What a claim counts. Where a field is empty, it does not restrict what is counted.
    Counted {
        /// What is counted, added up or divided.
        metric: Metric,
        /// Only measures run by these.
        operator: Option<Operator>,
        /// Only measures in one of these phases of life.
        lifecycles: Vec<Lifecycle>,
        /// Only measures with a norm, or only those without.
        with_norm: Option<bool>,
        /// Only projects or strategic goals of this scope.
        scope: Option<Scope>,
        /// Only norms of one of these bases.
        bases: Vec<NormBasis>,
        /// Only norms with a result in this table.
        source: Option<ResultSource>,
        /// Only norms whose result in that table has this status.
        status: Option<FigureStatus>,
        /// Only norms whose printed ratio of result to target is at least this, as a ratio.
        at_least: Option<Decimal>,
        /// Only norms whose printed ratio of result to target is below this, as a ratio.
        below: Option<Decimal>,
        /// Only norms whose printed change goes this way.
        change: Option<ChangeDirection>,
        /// Only staff of this level.
        level: Option<String>,
        /// Only staff of this rank.
        rank: Option<String>,
        /// Only staff with this contract.
        contract: Option<Contract>,
        /// Only norms with a result in the table of this word.
        source_word: Option<String>,
        /// Only projects or strategic goals of the scope of this word.
        scope_word: Option<String>,
        /// Only staff employed as this word says.
        contract_word: Option<String>,
    }
}

impl Counted {
    fn settle(&mut self) {
        open_word::settle_optional(&mut self.source, &mut self.source_word);
        open_word::settle_optional(&mut self.scope, &mut self.scope_word);
        open_word::settle_optional(&mut self.contract, &mut self.contract_word);
    }

    fn check(&self, problems: &mut Problems) {
        open_word::check("sourceWord", self.source, self.source_word.as_deref(), problems);
        open_word::check("scopeWord", self.scope, self.scope_word.as_deref(), problems);
        open_word::check("contractWord", self.contract, self.contract_word.as_deref(), problems);
    }

    /// The table in which norms are to have a result.
    pub fn table(&self) -> Option<Table<'_>> {
        self.source_word.as_deref().map(Table::Named).or(self.source.map(Table::Listed))
    }

    /// Whether a scope is counted.
    pub fn is_of_scope(&self, scope: Scope, word: Option<&str>) -> bool {
        self.scope.is_none_or(|counted| scope == counted)
            && self.scope_word.as_deref().is_none_or(|counted| word == Some(counted))
    }

    /// Whether staff is counted.
    pub fn is_of_staff(&self, staff: &StaffFigure) -> bool {
        self.level.as_ref().is_none_or(|level| staff.level == *level)
            && self.rank.as_ref().is_none_or(|rank| staff.rank == *rank)
            && self.contract.is_none_or(|contract| staff.contract == contract)
            && self.contract_word.as_deref().is_none_or(|word| staff.employed() == word)
    }
}

record! {
    /// A number that the prose or a total row states about other numbers, such as "47 of the 69 norms".
    Claim(|claim| claim.key.clone(), settle: |it| it.counted.iter_mut().for_each(Counted::settle), check: |it, problems| {
        if let Some(counted) = &it.counted {
            problems.within("counted", |problems| counted.check(problems));
        }
    }) {
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
        /// What it counts, adds up or divides; null where the links say enough, or nothing in the register can be counted for it.
        counted: Option<Counted>,
        /// The goal whose measures it counts, if one.
        operational_goal_key: Option<Link<OperationalGoal>> => claims: "What the prose states about this goal.",
        /// What the share that it speaks of is a share of, if that is counted.
        of_indicator_key: Option<Link<Indicator>> => shareClaims: "What the prose states about shares of this indicator.",
        /// The rows of the inspectorate's table that it adds up; empty for all, or where one is meant.
        process_keys: Vec<Link<InspectedProcess>> => sumClaims: "What the prose states about this process and others together.",
        /// The staff targets that it adds up.
        staff_target_keys: Vec<Link<StaffTarget>> => claims: "What the prose states about this target and others together.",
    }
}
