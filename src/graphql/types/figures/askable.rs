//! Computed figures in lists of their own, so that they can be filtered and ordered.

use crate::analysis::askable::execution::{self, BudgetExecution, Executions};
use crate::analysis::askable::inspection::{InspectionRate, InspectionRates, inspected_of as inspected};
use crate::analysis::askable::progress::{Progress, ProjectProgress, standing_of};
use crate::analysis::askable::{self, Attainments, IndicatorTrend, NormAttainment, TrendForm, Trends};
use crate::analysis::walk;
use crate::graphql::core::definition::{FieldDef, Ty, function};
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::types::figures::budget::budget_of;
use crate::graphql::types::figures::common::{
    BUDGETS, INDICATORS, INSPECTIONS, MILESTONES, NORMS, attainment_of, trend_of,
};
use crate::graphql::types::figures::counts::{inspected_of, milestones_of};
use crate::graphql::types::page;
use crate::graphql::types::values;
use crate::model::value::AnyComposite;
use crate::model::{BudgetLine, Composite as _, CompositeInfo, Inspection, Key, Kind, Norm, Project, View, Vocabulary};
use crate::register::query::FilterSchema;
use crate::register::{Node, Register, TableSet};

/// What is known of these values, with the order in which they stand.
pub fn infos() -> [(&'static CompositeInfo, &'static str); 5] {
    [
        (IndicatorTrend::info(), "in the order of the indicators"),
        (NormAttainment::info(), "in the order of the norms"),
        (BudgetExecution::info(), "in the order of the budget lines and the years"),
        (InspectionRate::info(), "in the order of the inspections"),
        (ProjectProgress::info(), "in the order of the projects"),
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
                key: |it: &IndicatorTrend| it.indicator_key.key(),
                all: Trends::of,
            },
            format!("How each indicator changed last, as computed: which lost most is `orderBy: [{{field: RELATIVE}}]`. {unknown}"),
            limits,
        ),
        list(
            List {
                name: "attainments",
                info: NormAttainment::info(),
                tables: NORMS,
                key: |it: &NormAttainment| it.norm_key.key(),
                all: Attainments::of,
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
                all: Executions::of,
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
                all: InspectionRates::of,
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
                tables: MILESTONES.with(TableSet::of(&[Kind::Plan])),
                key: |it: &ProjectProgress| it.project_key.key(),
                all: Progress::of,
            },
            "How far each project is, by its milestones: which has most that are overdue is `orderBy: [{field: OVERDUE, direction: DESC}]`."
                .into(),
            limits,
        ),
    ]
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
    all: fn(&Register) -> &[V],
}

fn list<V: AnyComposite + 'static>(of: List<V>, doc: String, limits: &Limits) -> FieldDef {
    let List { name, info, tables, key, all } = of;
    let order = infos().into_iter().find(|(it, _)| it.name == info.name).map_or("", |(_, order)| order);
    let doc = format!("{doc} Else {order}.");
    FieldDef::new(
        name,
        Ty::required(format!("{}Connection", info.name)),
        doc,
        function(move |context, of, args| values::list(context, of, args, name, key, |it| all(it).iter())),
    )
    .with_args(page::arguments(limits))
    .filtered_by(FilterSchema::of(info))
    .reading(tables)
}

/// What a value of that type has besides its own fields: the whole of what was computed, with its rule and inputs.
pub fn fields(name: &str) -> Vec<FieldDef> {
    let trend = "The same trend with its figures: how they were computed, and from which cells.";
    let attainment = "The same attainment with its figures: how they were computed, and from which cells.";
    match name {
        "IndicatorTrend" => vec![
            FieldDef::new(
                "trend",
                Ty::required("Trend"),
                trend,
                function(|_, of, _| {
                    let indicator = subject(of, Kind::Indicator);
                    Ok(indicator.map_or(Value::Null, |it| trend_of(of.register, askable::trend_of(of.register, it))))
                }),
            )
            .reading(INDICATORS),
        ],
        "NormAttainment" => vec![
            FieldDef::new(
                "attainment",
                Ty::required("Attainment"),
                attainment,
                function(|_, of, _| {
                    let norm = subject(of, Kind::Norm).and_then(walk::of::<Norm>);
                    Ok(norm
                        .map_or(Value::Null, |it| attainment_of(of.register, askable::attainment_of(of.register, it))))
                }),
            )
            .reading(NORMS),
        ],
        "BudgetExecution" => vec![
            FieldDef::new(
                "budget",
                Ty::required("Budget"),
                "The same budget with its figures: how they were computed, and from which cells.",
                function(|_, of, _| {
                    let ObjectKind::Composite(value) = &of.of else { return Ok(Value::Null) };
                    let line = found(of, value.field(1), Kind::BudgetLine);
                    let year = value.describe().position("year").map(|at| value.field(at));
                    let (Some(line), Some(View::Int(year))) = (line.and_then(walk::of::<BudgetLine>), year) else {
                        return Ok(Value::Null);
                    };
                    let (lines, asked) = execution::asked(line, i32::try_from(year).unwrap_or_default());
                    Ok(budget_of(of.register, &lines, asked))
                }),
            )
            .reading(BUDGETS),
        ],
        "InspectionRate" => vec![
            FieldDef::new(
                "inspected",
                Ty::required("Inspected"),
                "The same with its figures: how they were computed, and from which cells.",
                function(|_, of, _| {
                    let inspection = subject(of, Kind::Inspection).and_then(walk::of::<Inspection>);
                    Ok(inspection
                        .map_or(Value::Null, |(_, it)| inspected_of(of.register, inspected(of.register, it))))
                }),
            )
            .reading(INSPECTIONS),
        ],
        "ProjectProgress" => vec![
            FieldDef::new(
                "milestoneCounts",
                Ty::required("MilestoneCounts"),
                "The same with its figures: which milestones they count. What is overdue, is so on the closing day of the plan.",
                function(|_, of, _| {
                    let project = subject(of, Kind::Project).and_then(walk::of::<Project>);
                    Ok(project.map_or(Value::Null, |it| milestones_of(of.register, standing_of(of.register, it).1)))
                }),
            )
            .reading(MILESTONES.with(TableSet::of(&[Kind::Plan]))),
        ],
        _ => Vec::new(),
    }
}

/// The record that a value is about: its first field is the key.
fn subject<'r>(of: &ObjectRef<'r>, kind: Kind) -> Option<&'r Node> {
    let ObjectKind::Composite(value) = &of.of else { return None };
    found(of, value.field(0), kind)
}

/// The record of that kind which a field names.
fn found<'r>(of: &ObjectRef<'r>, key: View<'_>, kind: Kind) -> Option<&'r Node> {
    let View::Text(key) = key else { return None };
    of.register.get(kind, &Key::parse(&key).ok()?).map(|node| &**node)
}
