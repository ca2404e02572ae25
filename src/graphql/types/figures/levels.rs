//! How levels add up, in the graph: the parts of which a whole is made up, and what a plan has besides the rows of its report.

use std::collections::HashSet;

use crate::analysis::attainment::{self, AttainmentReading};
use crate::analysis::budget::Asked;
use crate::analysis::inspection;
use crate::analysis::levels::{self, LineParts};
use crate::analysis::milestone::{self, Which};
use crate::analysis::walk::RecordRef;
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty};
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::Value;
use crate::graphql::types::figures::budget::{against, against_arg, budget_of};
use crate::graphql::types::figures::common::{
    BUDGETS, INSPECTIONS, LADDER, MILESTONES, NORMS, of_node, summary_of, year,
};
use crate::graphql::types::figures::counts::{inspected_of, milestones_of, overdue_arg, overdue_at, parts, parts_arg};
use crate::graphql::types::figures::rolled_up::{about_a_year, lazy, which};
use crate::model::budget::Direction;
use crate::model::{InspectedProcess, Key, Project};
use crate::register::{Node, Register};

payload! {
    /// A budget and the parts that make it up.
    BudgetParts {
        /// All lines.
        whole: "Budget!",
        /// Lines that pay for one measure: what the measures have alone comes to this.
        own: "Budget!",
        /// Lines that several measures share, each once. Each of these measures shows them whole, so adding up measures counts them
        /// more than once.
        shared: "Budget!",
        /// Lines that pay for no measure of the plan.
        without_measure: "Budget!",
        /// No part of the whole: lines that pay for measures below it but stand elsewhere, under another goal for example. What these measures
        /// have, lines that several of them share counted once, is this and what is own and shared.
        elsewhere: "Budget!",
    }
}

/// The field that tells how the budgets of measures come to that of what they are below.
pub fn budget_field() -> FieldDef {
    let doc = "How the budgets of the measures below it come to its own: each of its lines stands in exactly one of the parts, and the parts \
               make up the whole.";
    let args = vec![ArgDef::new("year", Ty::required("Int"), "The budget year."), direction_arg(), against_arg()];
    of_node("budgetParts", Ty::required("BudgetParts"), doc, args, |register, node, args| {
        let asked =
            Asked { year: year(args, "year").unwrap_or_default(), direction: direction(args), against: against(args) };
        Ok(budget_parts(register, &[node], asked))
    })
    .reading(LADDER.with(BUDGETS))
}

/// The argument that says which way money flows.
pub fn direction_arg() -> ArgDef {
    let expenditure = async_graphql::Value::Enum(async_graphql::Name::new(Direction::Expenditure.word()));
    let direction = ArgDef::new("direction", Ty::required(Direction::VOCABULARY.name), "Which way the money flows.");
    ArgDef { default: Some(expenditure), ..direction }
}

/// Which way it names.
pub fn direction(args: &Args) -> Direction {
    args.text("direction").and_then(Direction::from_word).unwrap_or(Direction::Expenditure)
}

/// A budget and the parts that make it up.
pub fn budget_parts<'r>(register: &'r Register, nodes: &[&'r Node], asked: Asked) -> Value<'r> {
    let LineParts { whole, elsewhere } = levels::lines(register, nodes);
    let of = |measures: &dyn Fn(usize) -> bool| {
        let lines: Vec<_> = whole.iter().filter(|it| measures(it.line.1.measure_keys.len())).copied().collect();
        budget_of(register, &lines, asked)
    };
    BudgetParts {
        own: of(&|count| count == 1),
        shared: of(&|count| count > 1),
        without_measure: of(&|count| count == 0),
        whole: budget_of(register, &whole, asked),
        elsewhere: budget_of(register, &elsewhere, asked),
    }
    .object(register)
}

payload! {
    /// What was inspected in a year, and the parts that make it up.
    InspectedParts {
        /// All processes.
        whole: "Inspected!",
        /// Processes that cover one measure: what the measures have alone comes to this.
        own: "Inspected!",
        /// Processes that cover several measures, each once. Each of these measures shows them whole, so adding up measures counts them
        /// more than once.
        shared: "Inspected!",
        /// Processes that cover no measure; only a plan has some.
        without_measure: "Inspected!",
        /// Of the shared, those that cover measures too that are not below it, each once. Whatever these stand under shows them whole as
        /// well, so adding up goals or policy fields counts them more than once.
        across: "Inspected!",
        /// No part of the whole: processes that cover measures below it but stand in the table of another plan.
        elsewhere: "Inspected!",
    }
}

/// The field that tells how inspections of measures come to those of what they are below.
pub fn inspected_field() -> FieldDef {
    let doc = "How what was inspected of the measures below it comes to its own: each process stands in exactly one of `own`, `shared` and \
               `withoutMeasure`, and these make up the whole.";
    let args = vec![ArgDef::new("year", Ty::required("Int"), "The year.")];
    of_node("inspectedParts", Ty::required("InspectedParts"), doc, args, |register, node, args| {
        Ok(inspected_parts(register, &[node], year(args, "year").unwrap_or_default()))
    })
    .reading(LADDER.with(INSPECTIONS))
}

/// Inspections and the parts that make them up.
pub fn inspected_parts<'r>(register: &'r Register, nodes: &[&'r Node], year: i32) -> Value<'r> {
    let levels::ProcessParts { whole, own, shared, without_measure, across, elsewhere } =
        levels::processes(register, nodes);
    let of = |processes: Vec<RecordRef<'r, InspectedProcess>>| inspected(register, &processes, year);
    InspectedParts {
        whole: of(whole),
        own: of(own),
        shared: of(shared),
        without_measure: of(without_measure),
        across: of(across),
        elsewhere: of(elsewhere),
    }
    .object(register)
}

fn inspected<'r>(register: &'r Register, processes: &[RecordRef<'r, InspectedProcess>], year: i32) -> Value<'r> {
    inspected_of(register, inspection::inspected(register, processes, year))
}

payload! {
    /// How milestones stand, and the parts that make them up: by the goals under which their projects stand.
    MilestoneParts {
        /// All milestones.
        whole: "MilestoneCounts!",
        /// Of projects under an operational goal: what the operational goals have comes to this, for no project stands under two.
        of_goals: "MilestoneCounts!",
        /// Of projects under no operational goal. With `ofGoals` it makes up the whole.
        without_goal: "MilestoneCounts!",
        /// Of projects under one strategic goal: what the strategic goals have alone comes to this.
        own: "MilestoneCounts!",
        /// Of projects under several strategic goals, each once. Each of these goals shows them whole, so adding up strategic goals counts
        /// them more than once.
        shared: "MilestoneCounts!",
        /// Of projects under no strategic goal. With `own` and `shared` it makes up the whole.
        without_strategic_goal: "MilestoneCounts!",
    }
}

/// The field that tells how milestones of goals come to those of what they are below.
pub fn milestones_field() -> FieldDef {
    let doc = "How the milestones of goals come to its own.";
    let mut args = vec![ArgDef::new("year", Ty::named("Int"), "Only those evaluated or planned for this year.")];
    args.extend([parts_arg(), overdue_arg()]);
    of_node("milestoneParts", Ty::required("MilestoneParts"), doc, args, |register, node, args| {
        Ok(milestone_parts(register, &[node], year(args, "year"), args))
    })
    .reading(LADDER.with(MILESTONES))
}

/// Milestones and the parts that make them up.
pub fn milestone_parts<'r>(register: &'r Register, nodes: &[&'r Node], year: Option<i32>, args: &Args) -> Value<'r> {
    let of_projects = levels::projects(register, nodes);
    let again = told_again(register, nodes, &of_projects.whole, year);
    let of = |projects: &[RecordRef<'r, Project>]| milestones_without(register, projects, year, args, &again);
    MilestoneParts {
        whole: of(&of_projects.whole),
        of_goals: of(&of_projects.of_goals),
        without_goal: of(&of_projects.without_goal),
        own: of(&of_projects.own),
        shared: of(&of_projects.shared),
        without_strategic_goal: of(&of_projects.without_strategic_goal),
    }
    .object(register)
}

/// How all milestones of several plans in a year stand.
pub fn milestones_together<'r>(register: &'r Register, plans: &[&'r Node], year: i32, args: &Args) -> Value<'r> {
    let whole = levels::projects(register, plans).whole;
    let again = told_again(register, plans, &whole, Some(year));
    milestones_without(register, &whole, Some(year), args, &again)
}

/// What several plans tell of a year counts once: the milestones that a later of them tells again.
fn told_again<'r>(
    register: &'r Register,
    nodes: &[&'r Node],
    projects: &[RecordRef<'r, Project>],
    year: Option<i32>,
) -> HashSet<&'r Key> {
    let year = year.filter(|_| nodes.len() > 1);
    year.map(|year| milestone::told_again(register, projects, year)).unwrap_or_default()
}

/// How the milestones of projects stand.
pub fn milestones<'r>(
    register: &'r Register,
    projects: &[RecordRef<'r, Project>],
    year: Option<i32>,
    args: &Args,
) -> Value<'r> {
    milestones_without(register, projects, year, args, &HashSet::new())
}

/// The same without some.
fn milestones_without<'r>(
    register: &'r Register,
    projects: &[RecordRef<'r, Project>],
    year: Option<i32>,
    args: &Args,
    without: &HashSet<&Key>,
) -> Value<'r> {
    let which = Which { year, parts: parts(args), ..Which::default() };
    let mut all = milestone::milestones(register, projects, which);
    all.retain(|(node, _)| !without.contains(&node.key));
    milestones_of(register, milestone::standing(&all, overdue_at(args)))
}

/// The parts of what is rolled up, for objects about a record and a year.
pub fn parts_fields() -> Vec<FieldDef> {
    vec![
        lazy(
            "budgetParts",
            Ty::required("BudgetParts"),
            "How the budgets of the measures below it come to what is spent, or received.",
            |register, node, year, args| {
                budget_parts(register, &[node], Asked { year, direction: direction(args), against: None })
            },
        )
        .with_args(vec![direction_arg()])
        .reading(LADDER.with(BUDGETS)),
        lazy(
            "inspectedParts",
            Ty::required("InspectedParts"),
            "How what was inspected of the measures below it comes to the whole.",
            |register, node, year, _| inspected_parts(register, &[node], year),
        )
        .reading(LADDER.with(INSPECTIONS)),
    ]
}

/// The same of milestones, which hang on no measure.
pub fn milestone_parts_field() -> FieldDef {
    let doc = "How the milestones of goals come to the whole.";
    lazy("milestoneParts", Ty::required("MilestoneParts"), doc, |register, node, year, args| {
        milestone_parts(register, &[node], Some(year), args)
    })
    .with_args(vec![parts_arg(), overdue_arg()])
    .reading(LADDER.with(MILESTONES))
}

fn rest_fields() -> Vec<FieldDef> {
    let budget = |name, direction, doc: &str| {
        lazy(name, Ty::required("Budget"), doc, move |register, node, year, _| {
            let lines = levels::lines_besides(register, node);
            budget_of(register, &lines, Asked { year, direction, against: None })
        })
        .reading(LADDER.with(BUDGETS))
    };
    vec![
        lazy(
            "attainment",
            Ty::required("AttainmentSummary"),
            "Its norms that none of the rows has: of measures of no goal, and of the plan, its strategic goals and processes themselves.",
            |register, node, year, _| {
                let of_norm = |norm| attainment::attainment(register, norm, None, which(year).year, None, None);
                let all: Vec<_> = levels::norms_besides(register, node).into_iter().map(of_norm).collect();
                summary_of(register, attainment::summary(register, &all, AttainmentReading::Printed))
            },
        )
        .reading(LADDER.with(NORMS)),
        budget("budget", Direction::Expenditure, "What is spent on lines that none of the rows has."),
        budget("revenue", Direction::Revenue, "What is received on lines that none of the rows has."),
        lazy(
            "inspected",
            Ty::required("Inspected"),
            "What was inspected in processes that none of the rows has: those that cover no measure of a goal.",
            |register, node, year, _| inspected(register, &levels::processes_besides(register, node), year),
        )
        .reading(LADDER.with(INSPECTIONS)),
        lazy(
            "inspectedTwice",
            Ty::required("Inspected"),
            "What was inspected in processes that several of the rows have, each once: each of these rows shows them whole.",
            |register, node, year, _| inspected(register, &levels::processes_shared(register, node), year),
        )
        .reading(LADDER.with(INSPECTIONS)),
        lazy(
            "milestones",
            Ty::required("MilestoneCounts"),
            "The milestones of projects that none of the rows has: of those of the organisation, under no operational goal.",
            |register, node, year, args| milestones(register, &levels::projects_besides(register, node), Some(year), args),
        )
        .with_args(vec![parts_arg(), overdue_arg()])
        .reading(LADDER.with(MILESTONES)),
    ]
}

/// The objects of levels.
pub fn objects() -> Vec<ObjectDef> {
    vec![
        BudgetParts::definition(),
        InspectedParts::definition(),
        MilestoneParts::definition(),
        about_a_year(
            "PlanRest",
            "What a plan has that stands under none of its policy fields and goals. With these rows of the report it makes up the whole; only \
             processes may stand in several rows (`inspectedTwice`).",
            ("plan", Ty::required("Plan"), "The plan."),
            rest_fields(),
        ),
    ]
}
