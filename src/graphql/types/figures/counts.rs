//! Inspections, staff and milestones in the graph.

use crate::analysis::inspection::{self, Inspected};
use crate::analysis::milestone::{self, Milestones, Which};
use crate::analysis::staff::{self, Staff, StaffDimension};
use crate::analysis::walk;
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, define};
use crate::graphql::core::value::Value;
use crate::graphql::core::value::object;
use crate::graphql::types::computed::figure;
use crate::graphql::types::figures::common::{INSPECTIONS, LADDER, MILESTONES, STAFF};
use crate::graphql::types::figures::common::{a_figure, change, day, of_node, total, word, year};
use crate::model::milestone::{MilestoneStatus, MilestoneTable};
use crate::model::staff::Contract;
use crate::model::{Date, StaffTarget};
use crate::register::{Register, TableSet};

/// The field that adds inspections up.
pub fn inspected_field() -> FieldDef {
    let doc = "What was inspected in a year in the processes that cover it; each process counts once.";
    let args = vec![ArgDef::new("year", Ty::required("Int"), "The year.")];
    of_node("inspected", Ty::required("Inspected"), doc, args, |register, node, args| {
        let processes = inspection::processes(register, node);
        Ok(inspected_of(register, inspection::inspected(register, &processes, year(args, "year").unwrap_or_default())))
    })
    .reading(LADDER.with(INSPECTIONS))
}

/// Inspections added up as an object.
pub fn inspected_of<'r>(register: &'r Register, of: Inspected<'r>) -> Value<'r> {
    let mut values = vec![figure(register, of.processes)];
    values.extend([of.controls, of.sanctions, of.recovery].map(|it| total(register, it)));
    values.extend([of.controls_change, of.sanctions_change, of.recovery_change].map(|it| change(register, it)));
    let figures = [of.sanction_rate, of.recovery_per_control, of.share_of_controls];
    values.extend(figures.map(|it| figure(register, it)));
    object(register, values)
}

/// The field that adds the heads of a body up.
pub fn staff_field() -> FieldDef {
    let doc = "Its staff at a date, added up (*personeelsplan*).";
    let date = "The date at which heads were counted; without it the last one.";
    let args = vec![ArgDef::new("date", Ty::named("Date"), date), by_arg()];
    of_node("staff", Ty::required("Staff"), doc, args, |register, node, args| {
        Ok(staff_of(register, staff::staff(register, node, day(args, "date"), &dimensions(args))))
    })
    .reading(STAFF)
}

/// The argument that says by what heads are told apart.
pub fn by_arg() -> ArgDef {
    let ty = Ty::List(Box::new(Ty::required(StaffDimension::VOCABULARY.name)));
    ArgDef::new("by", ty, "By what the groups are told apart; without it there are none.")
}

/// The dimensions that the argument `by` names.
pub fn dimensions(args: &Args) -> Vec<StaffDimension> {
    let Some(async_graphql::Value::List(words)) = args.get("by") else { return Vec::new() };
    let word = |value: &async_graphql::Value| match value {
        async_graphql::Value::Enum(word) => StaffDimension::from_word(word),
        _ => None,
    };
    words.iter().filter_map(word).collect()
}

/// Staff as an object.
pub fn staff_of<'r>(register: &'r Register, of: Staff<'r>) -> Value<'r> {
    let group = |it: staff::Group<'r>| {
        let words = [it.level, it.rank].map(|it| it.map_or(Value::Null, |it| Value::Text(it.into())));
        let [level, rank] = words;
        let contract = word(it.contract.map(Contract::word));
        object(register, vec![level, rank, contract, total(register, it.heads), figure(register, it.share)])
    };
    let groups = of.groups.into_iter().map(group).collect();
    object(register, vec![of.date.map_or(Value::Null, Value::Date), total(register, of.heads), Value::List(groups)])
}

/// The field that says how far a target for staff is reached.
pub fn progress_field() -> FieldDef {
    let doc = "How far it is reached.";
    of_node("progress", Ty::required("TargetProgress"), doc, Vec::new(), |register, node, _| {
        Ok(walk::of::<StaffTarget>(node).map_or(Value::Null, |target| {
            let of = staff::progress(target);
            object(register, vec![figure(register, of.share), figure(register, of.left)])
        }))
    })
    .reading(TableSet::NONE)
}

/// The field that counts milestones.
pub fn milestones_field() -> FieldDef {
    let doc = "How many of the milestones below it stand how, and which are overdue.";
    let mut args = vec![
        ArgDef::new("year", Ty::named("Int"), "Only those evaluated or planned for this year."),
        ArgDef::new("table", Ty::named(MilestoneTable::VOCABULARY.name), "Only those of this table."),
    ];
    args.extend([parts_arg(), overdue_arg()]);
    of_node("milestoneCounts", Ty::required("MilestoneCounts"), doc, args, |register, node, args| {
        let projects = milestone::projects(register, node);
        let table = args.text("table").and_then(MilestoneTable::from_word);
        let which = Which { year: year(args, "year"), table, parts: parts(args) };
        let all = milestone::milestones(register, &projects, which);
        Ok(milestones_of(register, milestone::standing(&all, overdue_at(args))))
    })
    .reading(LADDER.with(MILESTONES))
}

/// The argument that says whether parts of milestones count.
pub fn parts_arg() -> ArgDef {
    let doc = "Whether parts of milestones count as well: points below another milestone, without a cell of their own.";
    ArgDef { default: Some(async_graphql::Value::Boolean(false)), ..ArgDef::new("parts", Ty::required("Boolean"), doc) }
}

/// Whether they do.
pub fn parts(args: &Args) -> bool {
    matches!(args.get("parts"), Some(async_graphql::Value::Boolean(true)))
}

/// The argument that says when milestones are overdue.
pub fn overdue_arg() -> ArgDef {
    let doc = "Counts what is overdue on this day: due before it, and neither done, stopped nor turned to another aim. There is no default: \
               the answer does not depend on the clock.";
    ArgDef::new("overdueAt", Ty::named("Date"), doc)
}

/// The day that it names.
pub fn overdue_at(args: &Args) -> Option<Date> {
    day(args, "overdueAt")
}

/// Counts of milestones as an object.
pub fn milestones_of<'r>(register: &'r Register, of: Milestones<'r>) -> Value<'r> {
    let status = |it: milestone::StatusCount<'r>| {
        let status = word(it.status.map(MilestoneStatus::word));
        let figures = [figure(register, it.count), figure(register, it.share), figure(register, it.amended)];
        object(register, std::iter::once(status).chain(figures).collect())
    };
    let statuses = of.statuses.into_iter().map(status).collect();
    let overdue = of.overdue.map_or(Value::Null, |it| figure(register, it));
    let (without_due, several) = (figure(register, of.without_due), figure(register, of.several));
    object(register, vec![figure(register, of.all), Value::List(statuses), overdue, without_due, several])
}

/// The objects of inspections, staff and milestones.
pub fn objects() -> Vec<ObjectDef> {
    let total = || Ty::required("Total");
    let change = || Ty::required("FigureChange");
    let since = "Since the year before, over the processes that have the number in both years.";
    let mut objects = vec![define(
        "Inspected",
        "What was inspected in a year, added up over processes.",
        vec![
            ("processes", a_figure(), "How many processes there are; they are its inputs."),
            ("controls", total(), "Controls (*controles*)."),
            ("sanctions", total(), "Warnings and official reports (*waarschuwingen en PV's*)."),
            ("proposedRecovery", total(), "Recoveries proposed, in euro (*voorgestelde terugvordering*)."),
            ("controlsChange", change(), since),
            ("sanctionsChange", change(), since),
            ("proposedRecoveryChange", change(), since),
            ("sanctionRate", a_figure(), "Sanctions per control, over the processes that have both numbers."),
            (
                "recoveryPerControl",
                a_figure(),
                "Euro of proposed recovery per control, over the processes that have both numbers.",
            ),
            ("shareOfControls", a_figure(), "The share of all controls in the plan's processes that are known."),
        ],
    )];
    objects.extend([
        define(
            "Staff",
            "Staff of a body at a date, in heads (*koppen*).",
            vec![
                ("date", Ty::named("Date"), "The date at which heads were counted; null when the register has none."),
                ("heads", total(), "All heads."),
                ("groups", Ty::list("StaffGroup"), "The heads by level, rank or contract, in the order of the table."),
            ],
        ),
        define(
            "StaffGroup",
            "Heads of a group of staff.",
            vec![
                ("level", Ty::named("String"), "Level (*niveau*); null when heads are not told apart by it."),
                ("rank", Ty::named("String"), "Rank (*rang*); null when heads are not told apart by it."),
                (
                    "contract",
                    Ty::named(Contract::VOCABULARY.name),
                    "Statutory or contractual; null when heads are not told apart by it.",
                ),
                ("heads", total(), "Heads."),
                ("share", a_figure(), "The share of all heads that are known."),
            ],
        ),
        define(
            "TargetProgress",
            "How far a target is reached.",
            vec![
                ("share", a_figure(), "What is reached as a share of the target."),
                ("left", a_figure(), "What is left to reach."),
            ],
        ),
        define(
            "MilestoneCounts",
            "How milestones stand.",
            vec![
                ("count", a_figure(), "How many there are; they are its inputs."),
                (
                    "byStatus",
                    Ty::list("MilestoneStatusCount"),
                    "How many stand how; statuses that none has are left out. Those `withSeveral` statuses count at each of them.",
                ),
                ("overdue", Ty::named("Figure"), "How many are overdue on the day that was asked for; null when none was."),
                (
                    "withoutDue",
                    a_figure(),
                    "How many are neither done, stopped nor turned to another aim, and have no period in which they are due: of these it \
                     cannot be told whether they are overdue.",
                ),
                ("withSeveral", a_figure(), "How many have several statuses in their cell; they are its inputs."),
            ],
        ),
        define(
            "MilestoneStatusCount",
            "How many milestones stand in a way.",
            vec![
                (
                    "status",
                    Ty::named(MilestoneStatus::VOCABULARY.name),
                    "The status; null for those without one: planned or blank.",
                ),
                ("count", a_figure(), "How many; they are its inputs."),
                ("share", a_figure(), "Their share."),
                (
                    "amended",
                    a_figure(),
                    "How many of them have a footnote that changes what the status says, such as a result that was not taken up, or a part that \
                     moved; they are its inputs.",
                ),
            ],
        ),
    ]);
    objects
}
