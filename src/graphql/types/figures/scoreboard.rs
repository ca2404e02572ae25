//! A measure's table in one object (*boordtabel*), with its five domains.

use std::sync::Arc;

use super::levels::parts_fields;
use super::rolled_up::{about_a_year, find, lazy, list, rolled_up_fields, subject_and_year};
use crate::analysis::attainment;
use crate::analysis::computed::Computed;
use crate::analysis::reconcile::{Discrepancies, Discrepancy};
use crate::analysis::report::{Standing, StandingBasis, indicators, year_of};
use crate::analysis::walk::{self, RecordRef};
use crate::analysis::{budget, inspection};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value, record};
use crate::graphql::types::computed::figure;
use crate::graphql::types::discrepancies::DISCREPANCY;
use crate::graphql::types::figures::common::{
    BUDGETS, INDICATORS, INSPECTIONS, LADDER, NORMS, a_period, attainment_of, recorded, trend_of, word, year, year_arg,
};
use crate::model::indicator::{Aggregation, Domain};
use crate::model::tie::LinkKind;
use crate::model::{
    AsRecord as _, Claim, Kind, Measure, Norm, OperationalGoal, Plan, PolicyField, StructuralElement, Tie,
};
use crate::register::relation::Relation;
use crate::register::{Node, Register, TableSet};
/// `scoreboard`: a field of every state of the register.
pub fn root_field() -> FieldDef {
    FieldDef::new(
            "scoreboard",
            Ty::named("Scoreboard"),
            "The table of one measure in one object (*boordtabel*): its goal, and what the register has and computes of it for a year. Null, with an error, when there is no such measure.",
            function(scoreboard),
        )
        .with_args(vec![ArgDef::new("measure", Ty::required("String"), "Key of the measure."), year_arg()])
        .reading(TableSet::of(&[Kind::Measure, Kind::Plan]))
}

fn scoreboard<'r>(_: &ExecutionContext<'r>, of: &ObjectRef<'r>, args: &Args) -> Result<Value<'r>, FieldError> {
    let register = of.register;
    let node = find(register, Kind::Measure, args.text("measure").unwrap_or_default())?;
    let plan = walk::of::<Measure>(node).and_then(|(_, measure)| walk::follow::<Plan>(register, &measure.plan_key));
    let year = year(args, "year").or_else(|| plan.map(|(_, plan)| year_of(plan))).unwrap_or_default();
    Ok(subject_and_year(register, node, year))
}

/// The objects of scoreboards.
pub fn objects() -> Vec<ObjectDef> {
    vec![
        about_a_year(
            "Scoreboard",
            "What the register has and computes of a measure for a year (*boordtabel*).",
            ("measure", Ty::required("Measure"), "The measure."),
            scoreboard_fields(),
        ),
        ScoreboardIndicator::definition(),
        ScoreboardDomain::definition(),
    ]
}

/// The operational goal that a measure serves.
fn goal_of<'r>(register: &'r Register, measure: &Node) -> Option<RecordRef<'r, OperationalGoal>> {
    let (_, measure) = walk::of::<Measure>(measure)?;
    walk::follow(register, measure.operational_goal_key.as_ref()?)
}

fn scoreboard_fields() -> Vec<FieldDef> {
    let mut fields = vec![
        lazy(
            "goal",
            Ty::named("OperationalGoal"),
            "The operational goal that it serves; null when the document gives none.",
            move |register, node, _, _| goal_of(register, node).map_or(Value::Null, |(node, _)| record(register, node)),
        )
        .reading(LADDER),
        lazy(
            "policyField",
            Ty::named("PolicyField"),
            "The policy field of that goal (*beleidsveld*); null when the document gives no goal.",
            move |register, node, _, _| {
                let field = goal_of(register, node).and_then(|(_, goal)| {
                    let chapter = goal.structural_element_key.as_ref();
                    let chapter = chapter.and_then(|chapter| walk::follow::<StructuralElement>(register, chapter));
                    let field =
                        chapter.map(|(_, chapter)| &chapter.policy_field_key).or(goal.policy_field_key.as_ref());
                    walk::follow::<PolicyField>(register, field?)
                });
                field.map_or(Value::Null, |(node, _)| record(register, node))
            },
        )
        .reading(LADDER),
        lazy(
            "indicators",
            Ty::list("ScoreboardIndicator"),
            "Its indicators as they stand at the end of the year, in the order of its fact table.",
            |register, node, year, _| {
                list(indicators(register, node, year).into_iter().map(|it| standing(register, it)))
            },
        )
        .reading(INDICATORS),
        lazy(
            "norms",
            Ty::list("Attainment"),
            "How far each of its norms is attained, by the last result of a period that ends by the end of the year.",
            |register, node, year, _| {
                let norms = walk::sources::<Norm, Measure>(register, &node.key).into_iter();
                list(norms.map(|norm| {
                    attainment_of(register, attainment::attainment(register, norm, None, Some(year), None, None))
                }))
            },
        )
        .reading(NORMS),
        lazy(
            "budgetLines",
            Ty::list("BudgetLine"),
            "The lines that pay for it; `budget` counts those that it shares with other measures whole.",
            |register, node, _, _| {
                list(budget::lines(register, node).into_iter().map(|line| record(register, line.line.0)))
            },
        )
        .reading(LADDER.with(BUDGETS)),
        lazy(
            "domains",
            Ty::list("ScoreboardDomain"),
            "The five domains in which every measure is followed, and which of them are empty.",
            |register, node, year, _| list(domains(register, node, year)),
        )
        .reading(LADDER.with(BUDGETS).with(INDICATORS).with(NORMS).with(INSPECTIONS).with(TableSet::of(&[Kind::Tie]))),
        lazy("claims", Ty::list("Claim"), "What the prose states about it.", |register, node, _, _| {
            let claims = walk::sources::<Claim, Measure>(register, &node.key).into_iter();
            list(claims.map(|(node, _)| record(register, node)))
        })
        .reading(TableSet::of(&[Kind::Claim])),
        lazy(
            "discrepancies",
            Ty::list(DISCREPANCY),
            "Where the document contradicts itself about it, whatever the year.",
            |register, node, _, _| {
                let of_measure = |it: &&Discrepancy| it.measure_key.as_ref().is_some_and(|of| *of.key() == node.key);
                let found = Discrepancies::of(register).all().iter().filter(of_measure);
                list(found.map(|it| Value::Object(ObjectRef { register, of: ObjectKind::Composite(it) })))
            },
        ),
    ];
    fields.extend(rolled_up_fields());
    fields.extend(parts_fields());
    fields
}

payload! {
    /// One of the five domains in which a measure is followed.
    ScoreboardDomain {
        /// The domain.
        domain: "Domain!",
        /// Its indicators: those that name the domain, or whose kind belongs to it.
        indicators: "[ScoreboardIndicator!]!",
        /// How many norms, staff figures, inspected processes or budget lines belong to it besides.
        others: "Int!",
        /// Whether the register has nothing of it.
        is_empty: "Boolean!",
    }
}

/// The five domains of a measure: the indicators of each, and how many norms, lines, processes or staff figures belong to it besides.
fn domains<'r>(register: &'r Register, node: &'r Node, year: i32) -> Vec<Value<'r>> {
    let all = indicators(register, node, year);
    let staffed = |tie: &Tie| tie.kind == LinkKind::StaffedBy && tie.from() == (node.kind(), &node.key);
    let from = Relation::to(node.kind()).find(|it| it.source == Kind::Tie && it.name == "from");
    let ties = from.map_or(&[] as &[_], |relation| register.sources(relation, &node.key));
    Domain::all()
        .map(|domain| {
            let own: Vec<Value<'r>> = all
                .iter()
                .filter(|it| Domain::of(it.indicator.1) == Some(domain))
                .map(|it| standing(register, it.clone()))
                .collect();
            let others = match domain {
                Domain::VolumesAndNorms => walk::sources::<Norm, Measure>(register, &node.key).len(),
                Domain::Staff => ties.iter().filter_map(|it| Tie::of(&it.record)).filter(|it| staffed(it)).count(),
                Domain::Inspections => inspection::processes(register, node).len(),
                Domain::BudgetAndFinance => budget::lines(register, node).len(),
                Domain::ComplaintsAndSatisfaction => 0,
            };
            let is_empty = own.is_empty() && others == 0;
            let others = Value::Int(i64::try_from(others).unwrap_or(i64::MAX));
            ScoreboardDomain {
                domain: Value::Text(domain.word().into()),
                indicators: Value::List(own),
                others,
                is_empty: Value::Bool(is_empty),
            }
            .object(register)
        })
        .collect()
}

payload! {
    /// An indicator as it stands at the end of a year.
    ScoreboardIndicator {
        /// The indicator.
        indicator: "Indicator!",
        /// The period of its value; null when there is none.
        period: "Period",
        /// Its value of the year, or of the last year before of which it has one: as `basis` says, the printed one of the year itself, or what
        /// its parts come to, or else that of its last part. Null when there is none. Computed of parts it has no value while one of them is
        /// unknown; `known` has what there is.
        figure: "Figure",
        /// How it changed since the year before: the year since that year, a quarter since the same quarter. Where not all parts of both years
        /// are known, a computed year is compared like for like, over the parts that are known in both; `coverage` says how many these are.
        trend: "Trend!",
        /// Of what the value is; null when there is none.
        basis: "StandingBasis",
        /// How its values come together over periods, as the indicator says; null when it does not say so.
        aggregation: "Aggregation",
        /// What the parts of the year come to, beside the printed year too; without a value while one of them is unknown, and then the reason
        /// names those that are. Null where the indicator does not say that they come together (SUM or AVERAGE), or there are no parts.
        computed: "Figure",
        /// What those parts come to that are known; `coverage` says how many they are, and how many are unknown. Null where `computed` is.
        known: "Figure",
        /// Whether the printed year can be what its parts come to, all rounded as they are printed; null when there is nothing to compare.
        agrees: "Boolean",
    }
}

fn standing<'r>(register: &'r Register, of: Standing<'r>) -> Value<'r> {
    let year = of.year.as_ref();
    let computed = |of: Option<&Arc<Computed<'r>>>| of.map_or(Value::Null, |it| figure(register, Arc::clone(it)));
    let (all, known) = (year.map(|year| &year.all), year.map(|year| &year.known));
    // Parts of a calendar year say nothing of a school year.
    let printed = of.last.filter(|last| year.is_some_and(|year| year.period.is_same_span(last.period)));
    let agrees = printed.zip(year).and_then(|(printed, year)| year.all.agrees(printed.figure));
    ScoreboardIndicator {
        indicator: record(register, of.indicator.0),
        period: a_period(register, of.period()),
        figure: match of.last {
            Some(last) => recorded(register, Some(last.figure)),
            None => computed(all),
        },
        computed: computed(all),
        known: computed(known),
        agrees: agrees.map_or(Value::Null, Value::Bool),
        basis: word(of.basis.map(StandingBasis::word)),
        aggregation: word(of.indicator.1.aggregation.map(Aggregation::word)),
        trend: trend_of(register, of.trend),
    }
    .object(register)
}
