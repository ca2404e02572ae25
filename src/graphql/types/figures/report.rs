//! A plan rolled up in one object, so that a page needs one request.

use super::rolled_up::{about_a_year, find, lazy, list, rolled_up_fields, subject_and_year};
use crate::analysis::budget::Asked;
use crate::analysis::report::{lines_without_goal, plans_of, year_of};
use crate::analysis::walk::{self, RecordRef};
use crate::analysis::{line, milestone, staff};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::value::{ObjectRef, Value, record};
use crate::graphql::types::figures::budget::budget_of;
use crate::graphql::types::figures::common::{BUDGETS, LADDER, MILESTONES, STAFF, of_node, year, year_arg};
use crate::graphql::types::figures::counts;
use crate::graphql::types::figures::levels::{milestone_parts_field, milestones, parts_fields};
use crate::model::budget::Direction;
use crate::model::{Date, Kind, OperationalGoal, Organisation, Plan, PolicyField};
use crate::register::{Node, Register, TableSet};

/// `planReport`: a field of every state of the register.
pub fn root_field() -> FieldDef {
    FieldDef::new(
            "planReport",
            Ty::named("PlanReport"),
            "A plan rolled up for a year: norms, budget, milestones, inspections and staff, as a whole, by policy field and by goal. Null, with an error, when it is not clear which plan is meant.",
            function(plan_report),
        )
        .with_args(vec![
            year_arg(),
            ArgDef::new(
                "plan",
                Ty::named("String"),
                "Key of the plan; without it the one that looks back on the year, or else the one that plans it.",
            ),
        ])
        .reading(TableSet::of(&[Kind::Plan]))
}

fn plan_report<'r>(_: &ExecutionContext<'r>, of: &ObjectRef<'r>, args: &Args) -> Result<Value<'r>, FieldError> {
    let register = of.register;
    let given = year(args, "year");
    let plans = match (args.text("plan"), given) {
        (Some(key), _) => walk::of::<Plan>(find(register, Kind::Plan, key)?).into_iter().collect(),
        (None, Some(year)) => plans_of(register, year),
        (None, None) => walk::all::<Plan>(register).take(2).collect(),
    };
    let [(node, plan)] = plans.as_slice() else {
        let keys: Vec<&str> = register.all(Kind::Plan).take(20).map(|node| node.key.as_str()).collect();
        let what = given.map_or(String::new(), |year| format!(" of {year}"));
        let message =
            if plans.is_empty() { format!("there is no plan{what}") } else { format!("there are several plans{what}") };
        let hint =
            if keys.is_empty() { "load one first".into() } else { format!("name one as `plan`: {}", keys.join(", ")) };
        return Err(FieldError::input(message, hint));
    };
    Ok(subject_and_year(register, node, given.unwrap_or_else(|| year_of(plan))))
}

/// `inPlan`: the plan of a record that may stand under a chapter, a policy field or the plan itself.
pub fn in_plan_field() -> FieldDef {
    let doc = "The plan that it belongs to, at whatever level it stands in it.";
    of_node("inPlan", Ty::named("Plan"), doc, Vec::new(), |register, node, _| {
        Ok(line::plan_of(register, node).map_or(Value::Null, |(plan, _)| record(register, plan)))
    })
    .reading(LADDER)
}

/// `goals` of a plan: what leads back from there.
pub fn goals_field() -> FieldDef {
    let doc = "All operational goals in it, at whatever level they stand.";
    of_node("goals", Ty::list("OperationalGoal"), doc, Vec::new(), |register, node, _| {
        Ok(list(walk::goals(register, node).into_iter().map(|(goal, _)| record(register, goal))))
    })
    .reading(LADDER)
}

fn milestones_field() -> FieldDef {
    let doc = "The milestones evaluated or planned for the year.";
    lazy("milestones", Ty::required("MilestoneCounts"), doc, |register, node, year, args| {
        milestones(register, &milestone::projects(register, node), Some(year), args)
    })
    .with_args(vec![counts::parts_arg(), counts::overdue_arg()])
    .reading(LADDER.with(MILESTONES))
}

/// The objects of reports.
pub fn objects() -> Vec<ObjectDef> {
    vec![
        about_a_year(
            "PlanReport",
            "A plan rolled up for a year.",
            ("plan", Ty::required("Plan"), "The plan."),
            plan_report_fields(),
        ),
        about_a_year(
            "RollUp",
            "A plan, a policy field or a goal rolled up for a year. Each line, norm, process and milestone below it counts once.",
            ("record", Ty::required("Node"), "What is rolled up."),
            {
                let mut fields = vec![
                    lazy("measures", Ty::list("Measure"), "The measures below it.", |register, node, _, _| {
                        list(walk::measures(register, node).into_iter().map(|(node, _)| record(register, node)))
                    })
                    .reading(LADDER),
                    milestones_field(),
                    lazy(
                        "goals",
                        Ty::list("RollUp"),
                        "The operational goals below it, each rolled up; empty for a goal.",
                        |register, node, year, _| {
                            let goals =
                                walk::goals(register, node).into_iter().filter(|(goal, _)| goal.key != node.key);
                            list(goals.map(|(goal, _)| subject_and_year(register, goal, year)))
                        },
                    )
                    .reading(LADDER),
                ];
                fields.extend(rolled_up_fields());
                fields.extend(parts_fields());
                fields.push(milestone_parts_field());
                fields
            },
        ),
    ]
}

/// The body whose plan it is.
fn body<'r>(register: &'r Register, plan: &Node) -> Option<RecordRef<'r, Organisation>> {
    let (_, plan) = walk::of::<Plan>(plan)?;
    walk::follow(register, &plan.organisation_key)
}

fn plan_report_fields() -> Vec<FieldDef> {
    vec![
        lazy("total", Ty::required("RollUp"), "The whole plan.", |register, node, year, _| {
            subject_and_year(register, node, year)
        })
        .reading(TableSet::NONE),
        lazy("policyFields", Ty::list("RollUp"), "Its policy fields (*beleidsvelden*).", |register, node, year, _| {
            let fields = walk::sources::<PolicyField, Plan>(register, &node.key).into_iter();
            list(fields.map(|(field, _)| subject_and_year(register, field, year)))
        })
        .reading(LADDER),
        lazy(
            "goals",
            Ty::list("RollUp"),
            "The goals that stand right under the plan, where it has no policy field for them.",
            |register, node, year, _| {
                let goals = walk::sources::<OperationalGoal, Plan>(register, &node.key).into_iter();
                list(goals.map(|(goal, _)| subject_and_year(register, goal, year)))
            },
        )
        .reading(LADDER),
        lazy(
            "rest",
            Ty::required("PlanRest"),
            "What stands under none of its policy fields and goals: with these rows it makes up the whole, of all that is counted.",
            |register, node, year, _| subject_and_year(register, node, year),
        )
        .reading(TableSet::NONE),
        lazy(
            "withoutGoal",
            Ty::required("Budget"),
            "What is spent on lines under no goal, chapter or policy field: own pay and working costs, provisions. With the policy fields it makes up the whole.",
            |register, node, year, _| {
                let lines = lines_without_goal(register, node);
                let direction = Direction::Expenditure;
                budget_of(register, &lines, Asked { year, direction, against: None })
            },
        )
        .reading(LADDER.with(BUDGETS)),
        lazy(
            "staff",
            Ty::named("Staff"),
            "The staff of the body at the last date by the end of the year; null when the body is not there.",
            move |register, node, year, args| {
                let date = Date::parse(&format!("{year}-12-31"));
                let of = body(register, node).map(|(body, _)| {
                    let date = date.and_then(|end| staff::last_date(register, body, end)).or(date);
                    counts::staff_of(register, staff::staff(register, body, date, &counts::dimensions(args)))
                });
                of.unwrap_or(Value::Null)
            },
        )
        .with_args(vec![counts::by_arg()])
        .reading(STAFF),
        lazy(
            "staffTargets",
            Ty::list("StaffTarget"),
            "What the plan aims at for staff: its own targets, and those of the body that belong to no other plan.",
            move |register, node, _, _| {
                let targets = walk::of::<Plan>(node).map(|plan| staff::targets(register, plan));
                list(targets.unwrap_or_default().into_iter().map(|(node, _)| record(register, node)))
            },
        )
        .reading(TableSet::of(&[Kind::Organisation, Kind::StaffTarget, Kind::Plan, Kind::Lineage])),
    ]
}
