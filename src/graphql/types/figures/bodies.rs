//! Several bodies in one year: their plans side by side, and what these come to together.

use std::collections::HashSet;

use crate::analysis::attainment::{self, AttainmentReading, Which, attainments};
use crate::analysis::budget::Asked;
use crate::analysis::report::plans_of;
use crate::analysis::staff;
use crate::analysis::walk::{self, RecordRef};
use crate::analysis::{budget, inspection};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::types::figures::budget::budget_of;
use crate::graphql::types::figures::common::summary_of;
use crate::graphql::types::figures::rolled_up::subject_and_year;
use crate::graphql::types::figures::{counts, levels};
use crate::model::budget::Direction;
use crate::model::problem::nearest;
use crate::model::text::shortened;
use crate::model::{Date, Key, Kind, Organisation, Plan};
use crate::register::{Node, Register};

/// `bodiesReport`: a field of every state of the register.
pub fn root_field() -> FieldDef {
    let flag = |name, doc: &str| ArgDef {
        default: Some(async_graphql::Value::Boolean(true)),
        ..ArgDef::new(name, Ty::required("Boolean"), doc)
    };
    FieldDef::new(
        "bodiesReport",
        Ty::required("BodiesReport"),
        "The plans of several bodies for one year, side by side and together.",
        function(bodies_report),
    )
    .with_args(vec![
        ArgDef::new(
            "year",
            Ty::named("Int"),
            "The year: plans that look back on it, or else those that plan it; without it the last year that a plan looks back on, or else plans.",
        ),
        ArgDef::new(
            "organisations",
            Ty::List(Box::new(Ty::required("String"))),
            "Keys of the bodies; without it all that have a plan of the year.",
        ),
        flag("withChildren", "Whether the bodies below those that are named count too (`Organisation.parent`)."),
    ])
}

payload! {
    /// The plans of several bodies for one year.
    BodiesReport {
        /// The year.
        year: "Int!",
        /// Each plan by itself, in the order of their keys.
        side_by_side: "[PlanReport!]!",
        /// All of them together.
        together: "PlansTogether!",
        /// Bodies that are asked for and have no plan of the year.
        without_plan: "[Organisation!]!",
    }
}

fn bodies_report<'r>(_: &ExecutionContext<'r>, of: &ObjectRef<'r>, args: &Args) -> Result<Value<'r>, FieldError> {
    let register = of.register;
    let plans = || walk::all::<Plan>(register).map(|(_, plan)| plan);
    let last = || plans().filter_map(|plan| plan.evaluated_year).max().or_else(|| plans().map(|plan| plan.year).max());
    let year = super::year(args, "year").or_else(last).unwrap_or_default();
    let named: Option<Vec<&'r Node>> = match args.get("organisations") {
        Some(async_graphql::Value::List(keys)) => Some(
            keys.iter()
                .filter_map(|key| match key {
                    async_graphql::Value::String(key) => Some(find(register, key)),
                    _ => None,
                })
                .collect::<Result<_, _>>()?,
        ),
        _ => None,
    };
    let with_children = args.get("withChildren") != Some(&async_graphql::Value::Boolean(false));
    let wanted = named.map(|bodies| if with_children { with_those_below(register, bodies) } else { bodies });
    let is_wanted = |plan: &Plan| {
        wanted.as_ref().is_none_or(|bodies| bodies.iter().any(|body| body.key == *plan.organisation_key.key()))
    };
    // Of each body the plan that looks back on the year, or else the one that plans it: another body's does not take its place.
    let bodies: Vec<RecordRef<'r, Organisation>> = walk::all(register).collect();
    let all = plans_of(register, year);
    let planning = walk::all::<Plan>(register).filter(|(_, plan)| plan.year == year);
    let looks_back = |body: &Key| all.iter().any(|(_, plan)| plan.organisation_key.key() == body);
    let others = planning.filter(|(_, plan)| !looks_back(plan.organisation_key.key()));
    let plans: Vec<RecordRef<'r, Plan>> =
        all.iter().copied().chain(others).filter(|(_, plan)| is_wanted(plan)).collect();
    let has_plan = |body: &Node| plans.iter().any(|(_, plan)| *plan.organisation_key.key() == body.key);
    let without: Vec<Value<'r>> = match &wanted {
        Some(bodies) => bodies.iter().filter(|body| !has_plan(body)).map(|body| record(register, body)).collect(),
        None => bodies.iter().filter(|(body, _)| !has_plan(body)).map(|(body, _)| record(register, body)).collect(),
    };
    let plan_records =
        |plans: &[RecordRef<'r, Plan>]| Value::List(plans.iter().map(|(node, _)| record(register, node)).collect());
    let each = plans.iter().map(|(node, _)| subject_and_year(register, node, year));
    let each = Value::List(each.collect());
    let together = PlansTogether { plans: plan_records(&plans), year: Value::Int(year.into()) }.object(register);
    let report = BodiesReport {
        year: Value::Int(year.into()),
        side_by_side: each,
        together,
        without_plan: Value::List(without),
    };
    Ok(report.object(register))
}

fn find<'r>(register: &'r Register, key: &str) -> Result<&'r Node, FieldError> {
    let found = Key::parse(key).ok().and_then(|key| register.get(Kind::Organisation, &key));
    found.map(|node| &**node).ok_or_else(|| {
        let near = nearest(key, register.all(Kind::Organisation).map(|node| node.key.as_str()));
        let hint = if near.is_empty() { "correct the key".to_owned() } else { format!("near are {}", near.join(", ")) };
        let key = shortened(key, 80);
        FieldError::input(format!("there is no {} `{key}`", Kind::Organisation), hint)
    })
}

/// Bodies and all that are below them, each once.
fn with_those_below<'r>(register: &'r Register, bodies: Vec<&'r Node>) -> Vec<&'r Node> {
    let mut all: Vec<&'r Node> = Vec::new();
    let mut seen: HashSet<&Key> = HashSet::new();
    let mut next: std::collections::VecDeque<&'r Node> = bodies.into();
    while let Some(body) = next.pop_front() {
        if seen.insert(&body.key) {
            all.push(body);
            next.extend(walk::sources::<Organisation, Organisation>(register, &body.key).into_iter().map(|(it, _)| it));
        }
    }
    all
}

payload! {
    /// Several plans as if they were one. Each line, norm, process and milestone counts once.
    PlansTogether {
        /// The plans.
        plans: "[Plan!]!",
        /// The year that it is about.
        year: "Int!",
    }
}

/// The plans and the year that an object of plans together is about.
fn about<'r>(of: &ObjectRef<'r>) -> (Vec<&'r Node>, i32) {
    let ObjectKind::Fields(values) = &of.of else { return Default::default() };
    let [Value::List(plans), Value::Int(year)] = values.as_slice() else { return Default::default() };
    let node = |out: &Value<'r>| match out {
        Value::Object(ObjectRef { of: ObjectKind::Node(node), .. }) => Some(*node),
        _ => None,
    };
    (plans.iter().filter_map(node).collect(), i32::try_from(*year).unwrap_or_default())
}

fn lazy(
    name: &'static str,
    ty: Ty,
    doc: &str,
    resolve: impl for<'r> Fn(&'r Register, &[&'r Node], i32, &Args) -> Value<'r> + Send + Sync + 'static,
) -> FieldDef {
    let resolve = function(move |_, object, args| {
        let (plans, year) = about(object);
        Ok(resolve(object.register, &plans, year, args))
    });
    FieldDef::new(name, ty, doc, resolve)
}

fn money<'r>(register: &'r Register, plans: &[&'r Node], year: i32, direction: Direction) -> Value<'r> {
    // Of two plans of a body that look back on one year the later has the lines of the earlier.
    let lines = budget::last_of_each(register, plans.iter().flat_map(|plan| budget::lines(register, plan)).collect());
    budget_of(register, &lines, Asked { year, direction, against: None })
}

/// The objects of reports on several bodies.
pub fn objects() -> Vec<ObjectDef> {
    vec![
        BodiesReport::definition(),
        PlansTogether::definition().with_fields(vec![
                lazy(
                    "attainment",
                    Ty::required("AttainmentSummary"),
                    "Their norms, by the last results of periods that end by the end of the year, as the documents count.",
                    |register, plans, year, _| {
                        let reading = AttainmentReading::Printed;
                        let which = Which { year: Some(year), table: None, basis: None, basis_word: None, reading, on: None };
                        let all = plans.iter().flat_map(|plan| attainments(register, plan, which)).collect();
                        let all = attainment::one_of_each(register, all);
                        summary_of(register, attainment::summary(register, &all, reading))
                    },
                ),
                lazy("budget", Ty::required("Budget"), "What is spent.", |register, plans, year, _| {
                    money(register, plans, year, Direction::Expenditure)
                }),
                lazy("revenue", Ty::required("Budget"), "What is received.", |register, plans, year, _| {
                    money(register, plans, year, Direction::Revenue)
                }),
                lazy("inspected", Ty::required("Inspected"), "What was inspected in the year.", |register, plans, year, _| {
                    let processes = plans.iter().flat_map(|plan| inspection::processes(register, plan)).collect();
                    let processes = inspection::last_of_each(register, processes);
                    counts::inspected_of(register, inspection::inspected(register, &processes, year))
                }),
                lazy(
                    "milestones",
                    Ty::required("MilestoneCounts"),
                    "The milestones evaluated or planned for the year.",
                    levels::milestones_together,
                )
                .with_args(vec![counts::parts_arg(), counts::overdue_arg()]),
                lazy(
                    "budgetParts",
                    Ty::required("BudgetParts"),
                    "How the budgets of their measures come to what is spent, or received.",
                    |register, plans, year, args| {
                        let asked = Asked { year, direction: levels::direction(args), against: None };
                        levels::budget_parts(register, plans, asked)
                    },
                )
                .with_args(vec![levels::direction_arg()]),
                lazy(
                    "inspectedParts",
                    Ty::required("InspectedParts"),
                    "How what was inspected of their measures comes to the whole.",
                    |register, plans, year, _| levels::inspected_parts(register, plans, year),
                ),
                lazy(
                    "milestoneParts",
                    Ty::required("MilestoneParts"),
                    "How the milestones of their goals come to the whole.",
                    |register, plans, year, args| levels::milestone_parts(register, plans, Some(year), args),
                )
                .with_args(vec![counts::parts_arg(), counts::overdue_arg()]),
                lazy(
                    "staff",
                    Ty::list("Staff"),
                    "The staff of each body that has figures, at its last date by the end of the year: bodies count at days of their own, so \
                     that no sum over them is made.",
                    |register, plans, year, args| {
                        let Some(end) = Date::parse(&format!("{year}-12-31")) else { return Value::List(Vec::new()) };
                        let mut bodies: Vec<RecordRef<'_, Organisation>> = Vec::new();
                        for plan in plans {
                            let body = walk::of::<Plan>(plan)
                                .and_then(|(_, plan)| walk::follow::<Organisation>(register, &plan.organisation_key));
                            bodies.extend(body.filter(|(body, _)| bodies.iter().all(|(other, _)| other.key != body.key)));
                        }
                        let dated = bodies
                            .into_iter()
                            .filter_map(|(body, _)| Some((body, staff::last_date(register, body, end)?)));
                        let staff = dated.map(|(body, date)| {
                            counts::staff_of(
                                register,
                                staff::staff(register, body, Some(date), &counts::dimensions(args)),
                            )
                        });
                        Value::List(staff.collect())
                    },
                )
                .with_args(vec![counts::by_arg()]),
        ]),
    ]
}
