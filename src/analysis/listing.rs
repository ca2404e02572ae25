//! The lists of computed values by their names, each as rows of fields whatever their type: what is exported of them.

use std::sync::Arc;

use crate::analysis::askable::delivery::{DELIVERIES, Delivery};
use crate::analysis::askable::execution::{BudgetExecution, EXECUTIONS};
use crate::analysis::askable::inspection::{InspectionRate, RATES};
use crate::analysis::askable::progress::{PROGRESS, ProjectProgress};
use crate::analysis::askable::standing::{MilestoneStanding, STANDINGS};
use crate::analysis::askable::{ATTAINMENTS, IndicatorTrend, NormAttainment, TRENDS};
use crate::analysis::reconcile::{Discrepancies, Discrepancy};
use crate::model::value::AnyComposite;
use crate::model::vocabulary::vocabulary;
use crate::model::{Composite as _, CompositeInfo};
use crate::register::Register;
use crate::register::query::values::{Listable, Values};
use crate::register::query::{Filter, Order};

vocabulary! {
    /// A list of computed values, named as its file.
    Listing {
        /// How each indicator changed.
        Trends = "trends",
        /// How far each norm is attained.
        Attainments = "attainments",
        /// How far the budget of each line was used.
        Executions = "executions",
        /// What the controls of each process led to.
        InspectionRates = "inspection-rates",
        /// How far each project is.
        ProjectProgress = "project-progress",
        /// How each milestone stands.
        MilestoneStandings = "milestone-standings",
        /// Which figures rounds of reporting expect, and which came.
        Deliveries = "deliveries",
        /// Where documents contradict themselves.
        Discrepancies = "discrepancies",
    }
}

/// Values in their list's order.
pub trait Rows: Send + Sync {
    /// How many there are.
    fn count(&self) -> usize;
    /// The value of a row.
    fn row(&self, at: u32) -> Option<&dyn AnyComposite>;
    /// The rows that fulfil a condition, in an order.
    fn chosen(self: Arc<Self>, register: &Register, filter: Option<&Filter>, order: &Order) -> Vec<u32>;
}

impl<V: Listable> Rows for Values<V> {
    fn count(&self) -> usize {
        self.len()
    }
    fn row(&self, at: u32) -> Option<&dyn AnyComposite> {
        self.get(at).map(|it| it as &dyn AnyComposite)
    }
    fn chosen(self: Arc<Self>, register: &Register, filter: Option<&Filter>, order: &Order) -> Vec<u32> {
        self.select(register, None, filter, order).part(None, None, usize::MAX, false).rows
    }
}

impl Listing {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VOCABULARY.words.iter().filter_map(|(word, _)| Self::from_word(word))
    }

    /// The type of its values.
    pub fn info(self) -> &'static CompositeInfo {
        match self {
            Self::Trends => IndicatorTrend::info(),
            Self::Attainments => NormAttainment::info(),
            Self::Executions => BudgetExecution::info(),
            Self::InspectionRates => InspectionRate::info(),
            Self::ProjectProgress => ProjectProgress::info(),
            Self::MilestoneStandings => MilestoneStanding::info(),
            Self::Deliveries => Delivery::info(),
            Self::Discrepancies => Discrepancy::info(),
        }
    }

    /// Its field of the API.
    pub const fn field(self) -> &'static str {
        match self {
            Self::InspectionRates => "inspectionRates",
            Self::ProjectProgress => "projectProgress",
            Self::MilestoneStandings => "milestoneStandings",
            other => other.word(),
        }
    }

    /// The list of a register.
    pub fn of(self, register: &Register) -> Arc<dyn Rows> {
        match self {
            Self::Trends => Arc::clone(TRENDS.of(register)) as _,
            Self::Attainments => Arc::clone(ATTAINMENTS.of(register)) as _,
            Self::Executions => Arc::clone(EXECUTIONS.of(register)) as _,
            Self::InspectionRates => Arc::clone(RATES.of(register)) as _,
            Self::ProjectProgress => Arc::clone(PROGRESS.of(register)) as _,
            Self::MilestoneStandings => Arc::clone(STANDINGS.of(register)) as _,
            Self::Deliveries => Arc::clone(DELIVERIES.of(register)) as _,
            Self::Discrepancies => Arc::clone(Discrepancies::of(register).all()) as _,
        }
    }
}
