//! The price list: what a field costs besides what is shown of it, where that is more than 1.
//!
//! It is made from `cargo bench --bench prices`, which says what each takes. A unit is about a fifth of a microsecond.

use crate::model::Kind;
use crate::model::Kind::{
    Alias, ArticlePart, BudgetAmount, BudgetArticle, BudgetLine, Claim, Indicator, InspectedProcess, Inspection,
    Measure, Milestone, Norm, Observation, Passage, Project, Risk, Round, StaffFigure, Target,
};

/// Tenths of a unit for each record of a kind.
pub type Tenths = &'static [(Kind, u32)];

/// What a field costs by itself.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// Whatever the register has.
    pub fixed: u32,
    /// For each record below the one that has the field.
    pub below: Tenths,
    /// For each record of a plan, as many as a plan has on average.
    pub of_plan: Tenths,
    /// For each record that the register has.
    pub all: Tenths,
    /// What kind of record the one that has the field is about, where it is none itself.
    pub about: Option<Kind>,
    /// How many entries a list without pages has, where that is not told by what there is.
    pub entries: Option<u32>,
}

impl Price {
    /// What a plain value costs.
    pub const ONE: Self = Self::of(1);

    const fn of(fixed: u32) -> Self {
        Self { fixed, below: &[], of_plan: &[], all: &[], about: None, entries: None }
    }

    const fn below(self, below: Tenths) -> Self {
        Self { below, ..self }
    }

    const fn of_plan(self, of_plan: Tenths) -> Self {
        Self { of_plan, ..self }
    }

    const fn all(self, all: Tenths) -> Self {
        Self { all, ..self }
    }

    const fn entries(self, entries: u32) -> Self {
        Self { entries: Some(entries), ..self }
    }

    const fn about(self, kind: Kind) -> Self {
        Self { about: Some(kind), ..self }
    }
}

/// A type, or `*` for all, a field of it, and its price. A field of the root has the same below `at`.
pub const PRICES: &[(&str, &str, Price)] = &[
    ("*", "history", Price::of(20)),
    ("*", "label", Price::of(10)),
    // A section of the text is looked through.
    ("Citation", "passage", Price::of(60).all(&[(Passage, 1)])),
    // Of each of the figures that hang on it.
    ("OperationalGoal", "series", Price::of(30).below(&[(BudgetLine, 700)])),
    // One for each figure that hangs on the goal itself.
    ("StrategicGoal", "series", Price::of(10).below(&[(Indicator, 60), (Norm, 60)]).entries(1)),
    ("*", "series", Price::of(30)),
    // Milestones hang on a project, and little else.
    ("Project", "hanging", Price::of(20).below(&each(12))),
    ("*", "hanging", Price::of(20).below(&each(25))),
    ("Query", "unattached", Price::of(50).all(&each(90))),
    ("Round", "changed", Price::of(20).of_plan(&each(30))),
    ("Round", "risks", Price::of(20).all(&[(Risk, 20)])),
    ("Round", "expected", DUE),
    ("Round", "reporting", DUE),
    ("Round", "reportingBy", DUE),
    ("HistoryEntry", "change", Price::of(20)),
    ("Commit", "changes", Price::of(160)),
    ("Commit", "changeCount", Price::of(4)),
    // For each word that is searched for.
    ("Query", "search", Price::of(165).all(SEARCHED)),
    ("Query", "comparePlans", Price::of(50).all(&[(Measure, 30), (Indicator, 30), (Norm, 30)])),
    ("Query", "compare", Price::of(50).all(&each(3))),
    ("Query", "at", Price::of(20)),
    ("Query", "register", Price::of(25)),
    ("Query", "scoreboard", Price::of(50)),
    ("Query", "planReport", Price::of(50)),
    // What they have a value of: what is asked of these is told by columns, so that their number alone costs nothing.
    ("Query", "trends", Price::of(10).all(&[(Indicator, 0)])),
    ("Query", "attainments", Price::of(10).all(&[(Norm, 0)])),
    ("Query", "executions", Price::of(10).all(&[(BudgetLine, 0)])),
    ("Query", "inspectionRates", Price::of(10).all(&[(Inspection, 0)])),
    ("Query", "projectProgress", Price::of(10).all(&[(Project, 0)])),
    ("Query", "milestoneStandings", Price::of(10).all(&[(Milestone, 0)])),
    ("Query", "deliveries", Price::of(10).all(&[(Indicator, 0)])),
    // There are about as many contradictions as measures.
    ("Query", "discrepancies", Price::of(10).all(&[(Measure, 3)])),
    ("Query", "discrepancyRules", Price::of(20).all(&[(Measure, 15)])),
    ("Query", "orphans", Price::of(20).all(&[(Measure, 1), (Indicator, 1), (Norm, 1), (BudgetLine, 1)])),
    ("IndicatorTrendConnection", "groupBy", Price::of(20).all(&[(Indicator, 14)])),
    ("NormAttainmentConnection", "groupBy", Price::of(20).all(&[(Norm, 12)])),
    ("BudgetExecutionConnection", "groupBy", Price::of(20).all(&[(BudgetLine, 25)])),
    ("InspectionRateConnection", "groupBy", Price::of(20).all(&[(Inspection, 14)])),
    ("ProjectProgressConnection", "groupBy", Price::of(20).all(&[(Project, 12)])),
    ("MilestoneStandingConnection", "groupBy", Price::of(20).all(&[(Milestone, 12)])),
    ("DeliveryConnection", "groupBy", Price::of(20).all(&[(Round, 300)])),
    ("DiscrepancyConnection", "groupBy", Price::of(20).all(&[(Measure, 60)])),
    ("Plan", "attainment", ATTAINMENT),
    ("PolicyField", "attainment", ATTAINMENT),
    ("StructuralElement", "attainment", ATTAINMENT),
    ("StrategicGoal", "attainment", ATTAINMENT),
    ("OperationalGoal", "attainment", ATTAINMENT),
    ("Measure", "attainment", ATTAINMENT),
    ("Norm", "attainment", Price::of(50)),
    ("NormAttainment", "attainment", Price::of(50)),
    ("Norm", "targetAttainments", Price::of(20).below(&[(Target, 400)]).entries(1)),
    ("Indicator", "targetAttainments", Price::of(20).below(&[(Target, 400)]).entries(1)),
    ("*", "targetAttainments", TARGETS),
    ("Norm", "trend", Price::of(20)),
    ("Indicator", "trend", Price::of(20)),
    ("IndicatorTrend", "trend", Price::of(20)),
    ("Plan", "budget", BUDGET),
    ("PolicyField", "budget", BUDGET),
    ("StructuralElement", "budget", BUDGET),
    ("StrategicGoal", "budget", BUDGET),
    ("OperationalGoal", "budget", BUDGET),
    ("Measure", "budget", BUDGET),
    ("BudgetLine", "budget", Price::of(75)),
    ("BudgetExecution", "budget", Price::of(75)),
    ("BudgetArticle", "budget", Price::of(75).below(&[(BudgetLine, 60)])),
    ("ArticleTerm", "budget", Price::of(50).all(&[(BudgetArticle, 46), (BudgetLine, 23)])),
    ("ArticleTerm", "articles", Price::of(20).all(&[(BudgetArticle, 40)])),
    ("BudgetArticle", "codeParts", CODE),
    ("BudgetArticle", "terms", CODE.entries(8)),
    ("Plan", "budgetParts", BUDGET_PARTS),
    ("PolicyField", "budgetParts", BUDGET_PARTS),
    ("StructuralElement", "budgetParts", BUDGET_PARTS),
    ("StrategicGoal", "budgetParts", BUDGET_PARTS),
    ("OperationalGoal", "budgetParts", BUDGET_PARTS),
    ("Measure", "budgetParts", BUDGET_PARTS),
    ("Plan", "inspected", INSPECTED),
    ("PolicyField", "inspected", INSPECTED),
    ("StructuralElement", "inspected", INSPECTED),
    ("StrategicGoal", "inspected", INSPECTED),
    ("OperationalGoal", "inspected", INSPECTED),
    ("Measure", "inspected", INSPECTED),
    ("InspectedProcess", "inspected", INSPECTED_PROCESS),
    ("InspectionRate", "inspected", INSPECTED_PROCESS.about(InspectedProcess)),
    ("Plan", "milestoneCounts", MILESTONES),
    ("PolicyField", "milestoneCounts", MILESTONES),
    ("StructuralElement", "milestoneCounts", MILESTONES),
    ("StrategicGoal", "milestoneCounts", MILESTONES),
    ("OperationalGoal", "milestoneCounts", MILESTONES),
    ("Project", "milestoneCounts", MILESTONES),
    ("ProjectProgress", "milestoneCounts", MILESTONES.about(Project)),
    ("Organisation", "staff", STAFF),
    ("PlanReport", "staff", STAFF),
    ("PlanReport", "withoutGoal", Price::of(50).all(&[(BudgetLine, 13)])),
    ("PlanRest", "attainment", Price::of(100).all(&[(Norm, 60)])),
    ("PlanRest", "budget", REST_BUDGET),
    ("PlanRest", "revenue", REST_BUDGET),
    ("PlanRest", "inspected", ALL_INSPECTED),
    ("PlanRest", "inspectedTwice", ALL_INSPECTED),
    ("PlanRest", "milestones", Price::of(50).all(&[(Milestone, 4), (Project, 2)])),
    ("PlansTogether", "budgetParts", Price::of(200).all(&[(BudgetLine, 140), (BudgetAmount, 80)])),
    ("PlansTogether", "inspectedParts", Price::of(250).all(&[(Inspection, 250), (InspectedProcess, 100)])),
    ("PlansTogether", "milestoneParts", Price::of(100).all(&[(Milestone, 21)])),
    ("Scoreboard", "inspectedParts", Price::of(240)),
    ("Scoreboard", "budgetParts", Price::of(250)),
    ("Scoreboard", "attainment", Price::of(120)),
    ("Scoreboard", "budget", Price::of(50)),
    ("Scoreboard", "revenue", Price::of(50)),
    ("Scoreboard", "inspected", Price::of(40)),
    ("Scoreboard", "indicators", Price::of(60)),
    ("Scoreboard", "norms", Price::of(80)),
    ("Scoreboard", "domains", Price::of(120)),
    // Of a plan, or in a list of its parts: in between.
    ("RollUp", "attainment", Price::of(50).all(&[(Norm, 300)])),
    ("RollUp", "budgetParts", BUDGET_PARTS),
    ("RollUp", "budget", Price::of(50).all(&[(BudgetLine, 50), (BudgetAmount, 26)])),
    ("RollUp", "revenue", Price::of(50).all(&[(BudgetLine, 50), (BudgetAmount, 26)])),
    ("RollUp", "inspected", Price::of(30).all(&[(Inspection, 35), (InspectedProcess, 12)])),
    ("RollUp", "inspectedParts", Price::of(250).all(&[(Inspection, 100), (InspectedProcess, 35)])),
    ("RollUp", "milestoneParts", Price::of(100).all(&[(Milestone, 9)])),
    ("RollUp", "milestones", Price::of(20).all(&[(Milestone, 3)])),
    ("*", "inspectedParts", INSPECTED_PARTS),
    ("*", "milestoneParts", Price::of(100).below(&[(Milestone, 21)])),
    ("RollUp", "measures", Price::of(5).all(&[(Measure, 1)])),
];

const ATTAINMENT: Price = Price::of(100).below(&[(Norm, 370)]);
const TARGETS: Price = Price::of(20).below(&[(Norm, 8), (Target, 400), (Indicator, 8)]).entries(1);
const BUDGET: Price = Price::of(50).below(&[(BudgetLine, 70), (BudgetAmount, 36)]);
const BUDGET_PARTS: Price = Price::of(200).below(&[(BudgetLine, 140), (BudgetAmount, 80)]);
// Of a process that does not tell all of a year its line is looked through.
const INSPECTED: Price = Price::of(50).below(&[(Inspection, 110), (InspectedProcess, 40)]);
// Each of the parts is a share of its plan.
const INSPECTED_PARTS: Price =
    Price::of(180).below(&[(Inspection, 150), (InspectedProcess, 60)]).of_plan(&[(Inspection, 35)]);
const ALL_INSPECTED: Price = Price::of(60).all(&[(Inspection, 60), (InspectedProcess, 20)]);
const REST_BUDGET: Price = Price::of(50).all(&[(BudgetLine, 16), (BudgetAmount, 8)]);
// Its share is of the controls of the whole plan.
const INSPECTED_PROCESS: Price = INSPECTED.of_plan(&[(Inspection, 6)]);
const MILESTONES: Price = Price::of(30).below(&[(Milestone, 7)]);
// Each part that a code may have, and of whom the lines are that are booked on it.
const CODE: Price = Price::of(20).below(&[(BudgetLine, 20)]).all(&[(ArticlePart, 50)]);
// The claims are looked through for printed totals.
const STAFF: Price = Price::of(20).all(&[(StaffFigure, 60), (Claim, 2)]);
const SEARCHED: Tenths = &[(Milestone, 2), (Claim, 2), (Indicator, 2), (Alias, 2), (Measure, 2), (Norm, 2)];
// Each indicator has a handful of periods in a round.
const DUE: Price = Price::of(50).of_plan(&[(Indicator, 200), (Observation, 2)]);

/// So many tenths for each record of any kind.
const fn each(tenths: u32) -> [(Kind, u32); Kind::ALL.len()] {
    let mut every = [(Measure, tenths); Kind::ALL.len()];
    let mut at = 0;
    while at < every.len() {
        every[at].0 = Kind::ALL[at];
        at += 1;
    }
    every
}

/// The price of a field of a type.
pub fn of(object: &str, field: &str) -> Price {
    let object = if object == "Snapshot" { "Query" } else { object };
    let row = PRICES.iter().find(|(of, name, _)| (*of == object || *of == "*") && *name == field);
    row.map_or(Price::ONE, |(_, _, price)| *price)
}
