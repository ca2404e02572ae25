//! Computed figures in lists of their own, so that they can be filtered and ordered.

use std::sync::Arc;

use crate::analysis::askable::delivery::{self, DELIVERIES, Delivery};
use crate::analysis::askable::execution::{self, BudgetExecution, EXECUTIONS};
use crate::analysis::askable::inspection::{self, InspectionRate, RATES, inspected_of as inspected};
use crate::analysis::askable::made::Numbers;
use crate::analysis::askable::progress::{self, PROGRESS, ProjectProgress, standing_of};
use crate::analysis::askable::standing::{self, MilestoneStanding, STANDINGS};
use crate::analysis::askable::{self, ATTAINMENTS, IndicatorTrend, NormAttainment, TRENDS, TrendForm};
use crate::analysis::walk;
use crate::graphql::core::definition::{FieldDef, Ty, function};
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::types::figures::budget::budget_of;
use crate::graphql::types::figures::common::{BUDGETS, INDICATORS, INSPECTIONS, NORMS, attainment_of, trend_of};
use crate::graphql::types::figures::counts::{inspected_of, milestones_of};
use crate::graphql::types::page;
use crate::graphql::types::value_groups;
use crate::graphql::types::values;
use crate::model::{
    BudgetLine, Composite as _, CompositeInfo, Indicator, Inspection, Key, Kind, Norm, Project, View, Vocabulary,
};
use crate::register::query::FilterSchema;
use crate::register::query::values::{Listable, Values};
use crate::register::{Node, Register, TableSet};

/// What is known of these values, with the order in which they stand.
pub fn infos() -> [(&'static CompositeInfo, &'static str); 7] {
    [
        (IndicatorTrend::info(), "in the order of the indicators"),
        (NormAttainment::info(), "in the order of the norms"),
        (BudgetExecution::info(), "in the order of the budget lines and the years"),
        (InspectionRate::info(), "in the order of the inspections"),
        (ProjectProgress::info(), "in the order of the projects"),
        (MilestoneStanding::info(), "in the order of the milestones"),
        (Delivery::info(), "in the order of the indicators and the rounds"),
    ]
}

/// The vocabularies that only these use.
pub fn vocabularies() -> [&'static Vocabulary; 1] {
    [&TrendForm::VOCABULARY]
}

/// What every state of the register has.
pub fn root_fields(limits: &Limits) -> Vec<FieldDef> {
    let unknown = "What is unknown comes last, with its reason.";
    vec![
        list(
            List {
                name: "trends",
                info: IndicatorTrend::info(),
                tables: INDICATORS,
                key: |it: &IndicatorTrend| &it.key,
                all: |register| TRENDS.of(register),
            },
            format!(
                "How each indicator changed last, as computed, for each length of its periods: which lost most in a year is \
                 `where: {{span: {{eq: YEAR}}}}, orderBy: [{{field: RELATIVE}}]`; `latest` keeps the last period of each. {unknown}"
            ),
            limits,
        ),
        list(
            List {
                name: "attainments",
                info: NormAttainment::info(),
                tables: NORMS,
                key: |it: &NormAttainment| it.norm_key.key(),
                all: |register| ATTAINMENTS.of(register),
            },
            format!(
                "How far each norm is attained by its last result, as computed: which is farthest from its target is \
                 `orderBy: [{{field: DISTANCE, direction: DESC}}]`. {unknown}"
            ),
            limits,
        ),
        list(
            List {
                name: "executions",
                info: BudgetExecution::info(),
                tables: BUDGETS,
                key: |it: &BudgetExecution| &it.key,
                all: |register| EXECUTIONS.of(register),
            },
            format!(
                "How far the budget of each line was used in each year, as computed: which used least of its payment appropriations is \
                 `orderBy: [{{field: VEK_EXECUTION}}]`. {unknown}"
            ),
            limits,
        ),
        list(
            List {
                name: "inspectionRates",
                info: InspectionRate::info(),
                tables: INSPECTIONS,
                key: |it: &InspectionRate| it.inspection_key.key(),
                all: |register| RATES.of(register),
            },
            format!(
                "What the controls of each process led to in each year, as computed: where most were sanctioned is \
                 `orderBy: [{{field: SANCTION_RATE, direction: DESC}}]`. {unknown}"
            ),
            limits,
        ),
        list(
            List {
                name: "projectProgress",
                info: ProjectProgress::info(),
                tables: PROGRESS.tables,
                key: |it: &ProjectProgress| it.project_key.key(),
                all: |register| PROGRESS.of(register),
            },
            "How far each project is, by its milestones: which has least of them done is `orderBy: [{field: REALISED_SHARE}]`."
                .into(),
            limits,
        ),
        list(
            List {
                name: "milestoneStandings",
                info: MilestoneStanding::info(),
                tables: STANDINGS.tables,
                key: |it: &MilestoneStanding| it.milestone_key.key(),
                all: |register| STANDINGS.of(register),
            },
            "How each milestone stands, those with several statuses at each of them, and which are late: all that are delayed are \
             `where: {statusWords: {some: {eq: \"DELAYED\"}}}`, the latest first is `orderBy: [{field: DAYS_OVERDUE, direction: DESC}]`."
                .into(),
            limits,
        ),
        list(
            List {
                name: "deliveries",
                info: Delivery::info(),
                tables: DELIVERIES.tables,
                key: |it: &Delivery| &it.key,
                all: |register| DELIVERIES.of(register),
            },
            "What the rounds of reporting expect, and what of it came: who is least complete, of the rounds that are over by a day, is \
             `where: {deadline: {lte: \"2023-12-31\"}}` with `groupBy(by: [OWNER], orderBy: [{field: DELIVERED_AVG}])`."
                .into(),
            limits,
        ),
    ]
}

/// The numbers of such values that groups tell of.
pub fn numbers(info: &CompositeInfo) -> Numbers {
    match info.name {
        "IndicatorTrend" => askable::TREND_NUMBERS,
        "NormAttainment" => askable::ATTAINMENT_NUMBERS,
        "BudgetExecution" => execution::NUMBERS,
        "InspectionRate" => inspection::NUMBERS,
        "ProjectProgress" => progress::NUMBERS,
        "MilestoneStanding" => standing::NUMBERS,
        "Delivery" => delivery::NUMBERS,
        _ => &[],
    }
}

/// The field that groups the list of a connection of these values; none for other types.
pub fn group_by(info: &'static CompositeInfo, limits: &Limits) -> Option<FieldDef> {
    Some(match info.name {
        "IndicatorTrend" => value_groups::field(info, numbers(info), limits, |register| TRENDS.of(register)),
        "NormAttainment" => value_groups::field(info, numbers(info), limits, |register| ATTAINMENTS.of(register)),
        "BudgetExecution" => value_groups::field(info, numbers(info), limits, |register| EXECUTIONS.of(register)),
        "InspectionRate" => value_groups::field(info, numbers(info), limits, |register| RATES.of(register)),
        "ProjectProgress" => value_groups::field(info, numbers(info), limits, |register| PROGRESS.of(register)),
        "MilestoneStanding" => value_groups::field(info, numbers(info), limits, |register| STANDINGS.of(register)),
        "Delivery" => value_groups::field(info, numbers(info), limits, |register| DELIVERIES.of(register)),
        _ => return None,
    })
}

/// A list of computed values.
struct List<V: 'static> {
    name: &'static str,
    info: &'static CompositeInfo,
    /// What they are computed from.
    tables: TableSet,
    /// The key of one.
    key: fn(&V) -> &Key,
    /// Those of a register.
    all: fn(&Register) -> &Arc<Values<V>>,
}

fn list<V: Listable>(of: List<V>, doc: String, limits: &Limits) -> FieldDef {
    let List { name, info, tables, key, all } = of;
    let order = infos().into_iter().find(|(it, _)| it.name == info.name).map_or("", |(_, order)| order);
    let doc = format!("{doc} Else {order}.");
    FieldDef::new(
        name,
        Ty::required(format!("{}Connection", info.name)),
        doc,
        function(move |context, of, args| {
            values::list(context, of, args, &values::List { name, key, all }, &values::All)
        }),
    )
    .with_args(page::arguments(limits))
    .filtered_by(FilterSchema::of(info))
    .reading(tables)
}

/// What a value of that type has besides its own fields: the whole of what was computed, with its rule and inputs.
pub fn fields(name: &str) -> Vec<FieldDef> {
    let (field, ty, tables, make): (_, _, _, Whole) = match name {
        "IndicatorTrend" => ("trend", "Trend", INDICATORS, |of| {
            let indicator = walk::of::<Indicator>(subject(of, Kind::Indicator)?)?;
            let to = match field_of(of, "to") {
                Some(View::Period(to)) => Some(to),
                _ => None,
            };
            Some(trend_of(of.register, askable::trend_to(of.register, indicator, to)?))
        }),
        "NormAttainment" => ("attainment", "Attainment", NORMS, |of| {
            let norm = walk::of::<Norm>(subject(of, Kind::Norm)?)?;
            Some(attainment_of(of.register, askable::attainment_of(of.register, norm)))
        }),
        "BudgetExecution" => ("budget", "Budget", BUDGETS, |of| {
            let line = walk::of::<BudgetLine>(record_in(of, "budgetLineKey", Kind::BudgetLine)?)?;
            let View::Int(year) = field_of(of, "year")? else { return None };
            let (lines, asked) = execution::asked(line, i32::try_from(year).ok()?);
            Some(budget_of(of.register, &lines, asked))
        }),
        "InspectionRate" => ("inspected", "Inspected", INSPECTIONS, |of| {
            let (_, inspection) = walk::of::<Inspection>(subject(of, Kind::Inspection)?)?;
            Some(inspected_of(of.register, inspected(of.register, inspection)))
        }),
        "ProjectProgress" => ("milestoneCounts", "MilestoneCounts", PROGRESS.tables, |of| {
            let project = walk::of::<Project>(subject(of, Kind::Project)?)?;
            Some(milestones_of(of.register, standing_of(of.register, project).1))
        }),
        _ => return Vec::new(),
    };
    let doc = "The same with its figures: how they were computed, and from which cells.";
    let resolve = function(move |_, of, _| Ok(make(of).unwrap_or(Value::Null)));
    vec![FieldDef::new(field, Ty::required(ty), doc, resolve).reading(tables)]
}

/// Makes the whole of what a value was computed with; none when the record that it is about is not there.
type Whole = for<'r> fn(&ObjectRef<'r>) -> Option<Value<'r>>;

/// The record that a value is about: its first field is the key.
fn subject<'r>(of: &ObjectRef<'r>, kind: Kind) -> Option<&'r Node> {
    let ObjectKind::Composite(value) = &of.of else { return None };
    record_in(of, &value.describe().fields.first()?.name, kind)
}

/// The record of that kind which a field of a value names.
fn record_in<'r>(of: &ObjectRef<'r>, field: &str, kind: Kind) -> Option<&'r Node> {
    let View::Text(key) = field_of(of, field)? else { return None };
    of.register.get(kind, &Key::parse(&key).ok()?).map(|node| &**node)
}

fn field_of<'r>(of: &ObjectRef<'r>, name: &str) -> Option<View<'r>> {
    let ObjectKind::Composite(value) = &of.of else { return None };
    value.describe().position(name).map(|at| value.field(at))
}
