//! What hangs in the air: records that lack what they should hang on, or what should hang on them.

use std::sync::Arc;

use crate::analysis::reconcile::Discrepancies;
use crate::analysis::walk::{self, sources};
use crate::model::budget::Direction;
use crate::model::vocabulary::vocabulary;
use crate::model::{
    BudgetLine, FigureStatus, Indicator, Key, Kind, Measure, Norm, NormResult, Observation, OperationalGoal, Plan,
    Waiver,
};
use crate::register::{Node, Register, TableSet};

vocabulary! {
    /// What a record lacks.
    Gap {
        /// An operational goal that no measure serves.
        GoalWithoutMeasure = "GOAL_WITHOUT_MEASURE",
        /// A measure without a goal.
        MeasureWithoutGoal = "MEASURE_WITHOUT_GOAL",
        /// A line of expenditure under no goal.
        MoneyWithoutGoal = "MONEY_WITHOUT_GOAL",
        /// A line of expenditure under a goal that pays for no measure.
        MoneyWithoutMeasure = "MONEY_WITHOUT_MEASURE",
        /// An indicator without an observation, or with blank ones only.
        IndicatorWithoutObservation = "INDICATOR_WITHOUT_OBSERVATION",
        /// A norm of which no table says, as a figure of its own, what is to be reached.
        NormWithoutTarget = "NORM_WITHOUT_TARGET",
        /// A norm without a result, or with blank ones only.
        NormWithoutResult = "NORM_WITHOUT_RESULT",
        /// A waiver of a discrepancy that is not there any more. It belongs to no plan.
        WaiverWithoutDiscrepancy = "WAIVER_WITHOUT_DISCREPANCY",
    }
}

impl Gap {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VOCABULARY.words.iter().filter_map(|(word, _)| Self::from_word(word))
    }

    /// What is missing, in words.
    pub fn explanation(self) -> &'static str {
        Self::VOCABULARY.words[self as usize].1.trim()
    }
}

/// What the gaps are looked for in.
pub const TABLES: TableSet = TableSet::of(&[
    Kind::Plan,
    Kind::Organisation,
    Kind::PolicyField,
    Kind::StructuralElement,
    Kind::StrategicGoal,
    Kind::OperationalGoal,
    Kind::Measure,
    Kind::BudgetLine,
    Kind::Indicator,
    Kind::Observation,
    Kind::Norm,
    Kind::NormResult,
]);

/// The records with each gap, plan by plan.
pub struct ByPlan(Vec<(Key, Vec<Vec<Arc<Node>>>)>);

impl ByPlan {
    /// Those of a register; made once for each state of what the gaps are looked for in.
    fn of(register: &Register) -> &Self {
        register.derived::<Self>(TABLES, |register, _| Self::alone(register))
    }

    /// The same, of the register alone.
    pub fn alone(register: &Register) -> Self {
        let shared = |node: &Node| register.get(node.kind(), &node.key).cloned();
        let of = |plan, gap| of_plan(register, plan, gap).into_iter().filter_map(shared).collect();
        let plans = register.all(Kind::Plan);
        Self(plans.map(|plan| (plan.key.clone(), Gap::all().map(|gap| of(plan, gap)).collect())).collect())
    }
}

/// The records with each gap, in their order; those of one plan, if one is named.
pub fn orphans<'r>(register: &'r Register, plan: Option<&Key>) -> Vec<(Gap, Vec<&'r Node>)> {
    let ByPlan(plans) = ByPlan::of(register);
    let chosen: Vec<_> = plans.iter().filter(|(key, _)| plan.is_none_or(|plan| key == plan)).collect();
    let of_plans = |at: usize| chosen.iter().flat_map(|(_, gaps)| &gaps[at]).map(|node| &**node).collect();
    let of_none = || {
        let waivers = walk::all::<Waiver>(register).filter(|_| plan.is_none());
        let gone = waivers.filter(|(node, _)| Discrepancies::of(register).get(&node.key).is_none());
        gone.map(|(node, _)| node).collect()
    };
    let gaps = Gap::all().enumerate();
    gaps.map(|(at, gap)| (gap, if gap == Gap::WaiverWithoutDiscrepancy { of_none() } else { of_plans(at) })).collect()
}

fn of_plan<'r>(register: &'r Register, plan: &'r Node, gap: Gap) -> Vec<&'r Node> {
    let measures = || sources::<Measure, Plan>(register, &plan.key);
    let lines = || {
        let lines = sources::<BudgetLine, Plan>(register, &plan.key).into_iter();
        lines.filter(|(_, line)| line.direction == Direction::Expenditure)
    };
    let norms = || measures().into_iter().flat_map(|(measure, _)| sources::<Norm, Measure>(register, &measure.key));
    match gap {
        Gap::GoalWithoutMeasure => walk::goals(register, plan)
            .into_iter()
            .filter(|(goal, _)| sources::<Measure, OperationalGoal>(register, &goal.key).is_empty())
            .map(|(goal, _)| goal)
            .collect(),
        Gap::MeasureWithoutGoal => measures()
            .into_iter()
            .filter(|(_, measure)| measure.operational_goal_key.is_none())
            .map(|(node, _)| node)
            .collect(),
        Gap::MoneyWithoutGoal => lines().filter(|(_, line)| line.homes() == 0).map(|(node, _)| node).collect(),
        Gap::MoneyWithoutMeasure => {
            lines().filter(|(_, line)| line.homes() > 0 && line.measure_keys.is_empty()).map(|(node, _)| node).collect()
        }
        Gap::IndicatorWithoutObservation => measures()
            .into_iter()
            .flat_map(|(measure, _)| sources::<Indicator, Measure>(register, &measure.key))
            .filter(|(indicator, _)| {
                let observations = sources::<Observation, Indicator>(register, &indicator.key);
                observations.iter().all(|(_, it)| it.figure.status == FigureStatus::NotReported)
            })
            .map(|(node, _)| node)
            .collect(),
        Gap::NormWithoutTarget => norms().filter(|(_, norm)| norm.target.is_none()).map(|(node, _)| node).collect(),
        Gap::NormWithoutResult => norms()
            .filter(|(norm, _)| {
                let results = sources::<NormResult, Norm>(register, &norm.key);
                results.iter().all(|(_, it)| it.figure.status == FigureStatus::NotReported)
            })
            .map(|(node, _)| node)
            .collect(),
        Gap::WaiverWithoutDiscrepancy => Vec::new(),
    }
}
