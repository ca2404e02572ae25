//! A measure's table in one object, and a plan rolled up, so that a page needs one request.

use crate::analysis::attainment::{self, AttainmentReading, Which, attainments};
use crate::analysis::budget::Asked;
use crate::analysis::milestone;
use crate::analysis::reconcile::{Discrepancies, Discrepancy};
use crate::analysis::report::{Standing, indicators, lines_without_goal, plans_of, year_of};
use crate::analysis::walk::{self, Found};
use crate::analysis::{budget, inspection, staff};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Resolve, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::scope::Scope;
use crate::graphql::core::value::object;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{Obj, Of, Out};
use crate::graphql::types::computed::FIGURE;
use crate::graphql::types::discrepancies::DISCREPANCY;
use crate::graphql::types::figures::budget::budget_of;
use crate::graphql::types::figures::common::{
    BUDGETS, INDICATORS, INSPECTIONS, LADDER, MILESTONES, NORMS, STAFF, attainment_of, period_of, recorded, summary_of,
    trend_of, year,
};
use crate::graphql::types::figures::counts;
use crate::model::budget::Direction;
use crate::model::problem::nearest;
use crate::model::{
    Claim, Date, Key, Kind, Measure, Norm, OperationalGoal, Organisation, Plan, PolicyField, StructuralElement,
};
use crate::register::{Node, Register, TableSet};

/// What `scoreboard` and `planReport` answer: fields of every state of the register.
pub fn root_fields() -> Vec<FieldDef> {
    let year = || {
        let doc = "The year; without it the one that the plan looks back on.";
        ArgDef::new("year", Ty::named("Int"), doc)
    };
    vec![
        FieldDef::new(
            "scoreboard",
            Ty::named("Scoreboard"),
            "The table of one measure in one object (*boordtabel*): its goal, and what the register has and computes of it for a year. Null, with an error, when there is no such measure.",
            function(scoreboard),
        )
        .with_args(vec![ArgDef::new("measure", Ty::required("String"), "Key of the measure."), year()])
        .reading(TableSet::of(&[Kind::Measure, Kind::Plan])),
        FieldDef::new(
            "planReport",
            Ty::named("PlanReport"),
            "A plan rolled up for a year: norms, budget, milestones, inspections and staff, as a whole, by policy field and by goal. Null, with an error, when it is not clear which plan is meant.",
            function(plan_report),
        )
        .with_args(vec![
            year(),
            ArgDef::new(
                "plan",
                Ty::named("String"),
                "Key of the plan; without it the one that looks back on the year, or else the one that plans it.",
            ),
        ])
        .reading(TableSet::of(&[Kind::Plan])),
    ]
}

fn find<'r>(register: &'r Register, kind: Kind, key: &str) -> Result<&'r Node, FieldError> {
    let found = Key::parse(key).ok().and_then(|key| register.get(kind, &key));
    found.map(|node| &**node).ok_or_else(|| {
        let near = nearest(key, register.all(kind).map(|node| node.key.as_str()));
        let hint = if near.is_empty() { "correct the key".to_owned() } else { format!("near are {}", near.join(", ")) };
        FieldError::input(format!("there is no {kind} `{}`", key.chars().take(80).collect::<String>()), hint)
    })
}

fn scoreboard<'r>(_: &Scope<'r>, of: &Obj<'r>, args: &Args) -> Result<Out<'r>, FieldError> {
    let register = of.register;
    let node = find(register, Kind::Measure, args.text("measure").unwrap_or_default())?;
    let plan = walk::of::<Measure>(node).and_then(|(_, measure)| walk::follow::<Plan>(register, &measure.plan_key));
    let year = year(args, "year").or_else(|| plan.map(|(_, plan)| year_of(plan))).unwrap_or_default();
    Ok(object(register, vec![record(register, node), Out::Int(year.into())]))
}

fn plan_report<'r>(_: &Scope<'r>, of: &Obj<'r>, args: &Args) -> Result<Out<'r>, FieldError> {
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
    Ok(object(register, vec![record(register, node), Out::Int(given.unwrap_or_else(|| year_of(plan)).into())]))
}

/// The record and the year that an object of a report is about: its first two values.
fn about<'r>(of: &Obj<'r>) -> Option<(&'r Node, i32)> {
    match &of.of {
        Of::Fields(values) => match values.as_slice() {
            [Out::Object(Obj { of: Of::Node(node), .. }), Out::Int(year), ..] => {
                Some((node, i32::try_from(*year).ok()?))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A field that is worked out when it is asked for, from record and year.
fn lazy(
    name: &'static str,
    ty: Ty,
    doc: &str,
    resolve: impl for<'r> Fn(&'r Register, &'r Node, i32, &Args) -> Out<'r> + Send + Sync + 'static,
) -> FieldDef {
    let resolve = function(move |_, object, args| {
        Ok(about(object).map_or(Out::Null, |(node, year)| resolve(object.register, node, year, args)))
    });
    FieldDef::new(name, ty, doc, resolve)
}

fn rolled_up<'r>(register: &'r Register, node: &'r Node, year: i32) -> Out<'r> {
    object(register, vec![record(register, node), Out::Int(year.into())])
}

fn budget<'r>(register: &'r Register, node: &'r Node, year: i32, direction: Direction) -> Out<'r> {
    budget_of(register, &budget::lines(register, node), Asked { year, direction, against: None })
}

fn which(year: i32) -> Which {
    Which { year: Some(year), table: None, basis: None, reading: AttainmentReading::Printed, on: None }
}

/// What is computed of anything that has measures, lines and projects below it.
fn rolled_up_fields() -> Vec<FieldDef> {
    let budget_type = || Ty::required("Budget");
    vec![
        lazy(
            "attainment",
            Ty::required("AttainmentSummary"),
            "Its norms, by the last results of periods that end by the end of the year, as the document counts.",
            |register, node, year, _| {
                let all = attainments(register, node, which(year));
                summary_of(register, attainment::summary(register, &all, AttainmentReading::Printed))
            },
        )
        .reading(LADDER.with(NORMS)),
        lazy("budget", budget_type(), "What is spent.", |register, node, year, _| {
            budget(register, node, year, Direction::Expenditure)
        })
        .reading(LADDER.with(BUDGETS)),
        lazy("revenue", budget_type(), "What is received (*ontvangsten*).", |register, node, year, _| {
            budget(register, node, year, Direction::Revenue)
        })
        .reading(LADDER.with(BUDGETS)),
        lazy("inspected", Ty::required("Inspected"), "What was inspected in the year.", |register, node, year, _| {
            let processes = inspection::processes(register, node);
            counts::inspected_of(register, inspection::inspected(register, &processes, year))
        })
        .reading(LADDER.with(INSPECTIONS)),
    ]
}

fn milestones_field() -> FieldDef {
    let doc = "The milestones evaluated or planned for the year.";
    lazy("milestones", Ty::required("MilestoneCounts"), doc, |register, node, year, args| {
        let which = milestone::Which { year: Some(year), table: None, parts: counts::parts(args) };
        let all = milestone::milestones(register, &milestone::projects(register, node), which);
        counts::milestones_of(register, milestone::standing(&all, counts::overdue_at(args)))
    })
    .with_args(vec![counts::parts_arg(), counts::overdue_arg()])
    .reading(LADDER.with(MILESTONES))
}

fn list<'r>(items: impl IntoIterator<Item = Out<'r>>) -> Out<'r> {
    Out::List(items.into_iter().collect())
}

/// The objects of reports.
pub fn objects() -> Vec<ObjectDef> {
    let value = |name: &'static str, ty, doc: &str, index| FieldDef::new(name, ty, doc, Resolve::Value(index));
    let define = |name: &'static str, doc: &str, fields| ObjectDef {
        name: name.into(),
        doc: doc.into(),
        is_node: false,
        fields,
    };
    let the_year = || value("year", Ty::required("Int"), "The year that it is about.", 1);
    vec![
        define(
            "Scoreboard",
            "What the register has and computes of a measure for a year (*boordtabel*).",
            scoreboard_fields(the_year()),
        ),
        define(
            "ScoreboardIndicator",
            "An indicator as it stands at the end of a year.",
            vec![
                value("indicator", Ty::required("Indicator"), "The indicator.", 0),
                value("period", Ty::named("Period"), "The period of its value; null when there is none.", 1),
                value(
                    "figure",
                    Ty::named(FIGURE),
                    "Its value of the year: of the longest period that ends in it, or else its last value before; null when there is none.",
                    2,
                ),
                value(
                    "trend",
                    Ty::required("Trend"),
                    "How it changed since the same part of the year before, or else since the period before.",
                    3,
                ),
            ],
        ),
        define("PlanReport", "A plan rolled up for a year.", plan_report_fields(the_year())),
        define(
            "RollUp",
            "A plan, a policy field or a goal rolled up for a year. Each line, norm, process and milestone below it counts once.",
            {
                let mut fields = vec![
                    value("record", Ty::required("Node"), "What is rolled up.", 0),
                    the_year(),
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
                            list(goals.map(|(goal, _)| rolled_up(register, goal, year)))
                        },
                    )
                    .reading(LADDER),
                ];
                fields.extend(rolled_up_fields());
                fields
            },
        ),
    ]
}

/// The operational goal that a measure serves.
fn goal_of<'r>(register: &'r Register, measure: &Node) -> Option<Found<'r, OperationalGoal>> {
    let (_, measure) = walk::of::<Measure>(measure)?;
    walk::follow(register, measure.operational_goal_key.as_ref()?)
}

/// The body whose plan it is.
fn body<'r>(register: &'r Register, plan: &Node) -> Option<Found<'r, Organisation>> {
    let (_, plan) = walk::of::<Plan>(plan)?;
    walk::follow(register, &plan.organisation_key)
}

fn scoreboard_fields(the_year: FieldDef) -> Vec<FieldDef> {
    let mut fields = vec![
        FieldDef::new("measure", Ty::required("Measure"), "The measure.", Resolve::Value(0)),
        the_year,
        lazy(
            "goal",
            Ty::named("OperationalGoal"),
            "The operational goal that it serves; null when the document gives none.",
            move |register, node, _, _| goal_of(register, node).map_or(Out::Null, |(node, _)| record(register, node)),
        )
        .reading(LADDER),
        lazy(
            "policyField",
            Ty::named("PolicyField"),
            "The policy field of that goal (*beleidsveld*); null when the document gives no goal.",
            move |register, node, _, _| {
                let field = goal_of(register, node)
                    .and_then(|(_, goal)| walk::follow::<StructuralElement>(register, &goal.structural_element_key))
                    .and_then(|(_, element)| walk::follow::<PolicyField>(register, &element.policy_field_key));
                field.map_or(Out::Null, |(node, _)| record(register, node))
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
                list(found.map(|it| Out::Object(Obj { register, of: Of::Composite(it) })))
            },
        ),
    ];
    fields.extend(rolled_up_fields());
    fields
}

fn standing<'r>(register: &'r Register, of: Standing<'r>) -> Out<'r> {
    object(
        register,
        vec![
            record(register, of.indicator.0),
            period_of(register, of.last),
            recorded(register, of.last.map(|point| point.figure)),
            trend_of(register, of.trend),
        ],
    )
}

fn plan_report_fields(the_year: FieldDef) -> Vec<FieldDef> {
    vec![
        FieldDef::new("plan", Ty::required("Plan"), "The plan.", Resolve::Value(0)),
        the_year,
        lazy("total", Ty::required("RollUp"), "The whole plan.", |register, node, year, _| {
            rolled_up(register, node, year)
        })
        .reading(TableSet::NONE),
        lazy("policyFields", Ty::list("RollUp"), "Its policy fields (*beleidsvelden*).", |register, node, year, _| {
            let fields = walk::sources::<PolicyField, Plan>(register, &node.key).into_iter();
            list(fields.map(|(field, _)| rolled_up(register, field, year)))
        })
        .reading(LADDER),
        lazy(
            "withoutGoal",
            Ty::required("Budget"),
            "What is spent on lines under no goal: own pay and working costs, provisions. With the policy fields it makes up the whole.",
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
                of.unwrap_or(Out::Null)
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
