//! Which tables the figures are read from.

use crate::model::Kind;
use crate::register::TableSet;

/// What lies between a plan and its measures.
pub const LADDER: TableSet = TableSet::of(&[
    Kind::Plan,
    Kind::PolicyField,
    Kind::StructuralElement,
    Kind::StrategicGoal,
    Kind::OperationalGoal,
    Kind::Measure,
    Kind::Project,
]);

/// What lines through the plans, and the years of bodies, are read from: up to its plan a norm or an indicator may hang on anything.
const LINES: TableSet = LADDER.with(TableSet::of(&[Kind::Lineage, Kind::Organisation, Kind::InspectedProcess]));
/// What norms and how far they are attained are read from.
pub const NORMS: TableSet = TableSet::of(&[Kind::Norm, Kind::NormResult, Kind::Target, Kind::Document]).with(LINES);

/// What trends of indicators are read from.
pub const INDICATORS: TableSet = TableSet::of(&[Kind::Indicator, Kind::Observation]).with(LINES);

/// What is expected in rounds of reporting is read from.
pub const DELIVERIES: TableSet = INDICATORS.with(TableSet::of(&[Kind::Round]));

/// What budgets are read from, besides what they are of.
pub const BUDGETS: TableSet = TableSet::of(&[
    Kind::BudgetLine,
    Kind::BudgetAmount,
    Kind::BudgetArticle,
    Kind::ArticlePart,
    Kind::ArticleTerm,
    Kind::Organisation,
    Kind::Plan,
    Kind::Lineage,
]);

/// What inspections are read from, besides what they are of: a year may be told by the plan before.
pub const INSPECTIONS: TableSet = TableSet::of(&[Kind::InspectedProcess, Kind::Inspection, Kind::Plan, Kind::Lineage]);

/// What milestones are read from, besides what they are of.
pub const MILESTONES: TableSet = TableSet::of(&[Kind::Project, Kind::Milestone]);

/// What the progress of projects is read from: what is overdue is so on the closing day of the plan, which may be its document's.
pub const PROGRESS: TableSet = MILESTONES.with(TableSet::of(&[Kind::Plan, Kind::Document]));
