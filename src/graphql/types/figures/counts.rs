//! Inspections, staff and milestones in the graph.

use crate::analysis::inspection::{self, Inspected};
use crate::analysis::milestone::{self, Milestones, Which};
use crate::analysis::staff::{self, Staff, StaffDimension};
use crate::analysis::walk;
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty};
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::Value;
use crate::graphql::types::computed::figure;
use crate::graphql::types::figures::common::{INSPECTIONS, LADDER, MILESTONES, STAFF};
use crate::graphql::types::figures::common::{change, day, of_node, total, word, year};
use crate::model::milestone::{MilestoneStatus, MilestoneTable};
use crate::model::{Date, StaffTarget};
use crate::register::{Register, TableSet};

/// The field that adds inspections up.
pub fn inspected_field() -> FieldDef {
    let doc = "What was inspected in a year in the processes that cover it; each process counts once. A number that its plan does not print is \
               that of the process which it continues, or which continues it. A process of which nothing is told is as unknown as a blank.";
    let args = vec![ArgDef::new("year", Ty::required("Int"), "The year.")];
    of_node("inspected", Ty::required("Inspected"), doc, args, |register, node, args| {
        let processes = inspection::processes(register, node);
        Ok(inspected_of(register, inspection::inspected(register, &processes, year(args, "year").unwrap_or_default())))
    })
    .reading(LADDER.with(INSPECTIONS))
}

payload! {
    /// What was inspected in a year, added up over processes. Each number says of how many processes it is.
    InspectedObject as "Inspected" {
        /// How many processes there are; they are its inputs.
        processes: "Figure!",
        /// Controls (*controles*).
        controls: "Total!",
        /// Warnings and official reports (*waarschuwingen en PV's*).
        sanctions: "Total!",
        /// Recoveries proposed, in euro (*voorgestelde terugvordering*).
        proposed_recovery: "Total!",
        /// Since the year before, over the processes that have the number in both years.
        controls_change: "FigureChange!",
        /// Since the year before, over the processes that have the number in both years.
        sanctions_change: "FigureChange!",
        /// Since the year before, over the processes that have the number in both years.
        proposed_recovery_change: "FigureChange!",
        /// Sanctions per control, over the processes that have both numbers.
        sanction_rate: "Figure!",
        /// Euro of proposed recovery per control, over the processes that have both numbers.
        recovery_per_control: "Figure!",
        /// The share of all controls in the plan's processes that are known.
        share_of_controls: "Figure!",
    }
}

/// Inspections added up as an object.
pub fn inspected_of<'r>(register: &'r Register, of: Inspected<'r>) -> Value<'r> {
    InspectedObject {
        processes: figure(register, of.processes),
        controls: total(register, of.controls),
        sanctions: total(register, of.sanctions),
        proposed_recovery: total(register, of.recovery),
        controls_change: change(register, of.controls_change),
        sanctions_change: change(register, of.sanctions_change),
        proposed_recovery_change: change(register, of.recovery_change),
        sanction_rate: figure(register, of.sanction_rate),
        recovery_per_control: figure(register, of.recovery_per_control),
        share_of_controls: figure(register, of.share_of_controls),
    }
    .object(register)
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

payload! {
    /// Staff of a body at a date, in heads (*koppen*).
    StaffObject as "Staff" {
        /// The date at which heads were counted; null when the register has none.
        date: "Date",
        /// All heads.
        heads: "Total!",
        /// The heads by level, rank or contract, in the order of the table.
        groups: "[StaffGroup!]!",
    }
}

payload! {
    /// Heads of a group of staff.
    StaffGroup {
        /// Level (*niveau*); null when heads are not told apart by it.
        level: "String",
        /// Rank (*rang*); null when heads are not told apart by it.
        rank: "String",
        /// Statutory or contractual; null when heads are not told apart by it.
        contract: "Contract",
        /// The same in a word, which other bodies have of their own.
        contract_word: "String",
        /// Heads.
        heads: "Total!",
        /// The share of all heads that are known.
        share: "Figure!",
    }
}

/// Staff as an object.
pub fn staff_of<'r>(register: &'r Register, of: Staff<'r>) -> Value<'r> {
    let words = |it: Option<&'r str>| it.map_or(Value::Null, |it| Value::Text(it.into()));
    let group = |it: staff::Group<'r>| {
        StaffGroup {
            level: words(it.level),
            rank: words(it.rank),
            contract: word(it.contract.map(|(contract, _)| contract.word())),
            contract_word: words(it.contract.map(|(_, word)| word)),
            heads: total(register, it.heads),
            share: figure(register, it.share),
        }
        .object(register)
    };
    StaffObject {
        date: of.date.map_or(Value::Null, Value::Date),
        heads: total(register, of.heads),
        groups: Value::List(of.groups.into_iter().map(group).collect()),
    }
    .object(register)
}

payload! {
    /// How far a target is reached.
    TargetProgress {
        /// What is reached as a share of the target.
        share: "Figure!",
        /// What is left to reach.
        left: "Figure!",
    }
}

/// The field that says how far a target for staff is reached.
pub fn progress_field() -> FieldDef {
    let doc = "How far it is reached.";
    of_node("progress", Ty::required("TargetProgress"), doc, Vec::new(), |register, node, _| {
        Ok(walk::of::<StaffTarget>(node).map_or(Value::Null, |target| {
            let of = staff::progress(target);
            TargetProgress { share: figure(register, of.share), left: figure(register, of.left) }.object(register)
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
        ArgDef::new("tableWord", Ty::named("String"), "Only those of the table of this word."),
    ];
    args.extend([parts_arg(), overdue_arg()]);
    of_node("milestoneCounts", Ty::required("MilestoneCounts"), doc, args, |register, node, args| {
        let projects = milestone::projects(register, node);
        let table = args.text("table").and_then(MilestoneTable::from_word);
        let which = Which { year: year(args, "year"), table, table_word: args.text("tableWord"), parts: parts(args) };
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

payload! {
    /// How milestones stand.
    MilestoneCounts {
        /// How many there are; they are its inputs.
        count: "Figure!",
        /// How many stand how; statuses that none has are left out. Those `withSeveral` statuses count at each of them.
        by_status: "[MilestoneStatusCount!]!",
        /// How many are overdue on the day that was asked for; null when none was.
        overdue: "Figure",
        /// How many are neither done, stopped nor turned to another aim, and have no period in which they are due: of these it cannot
        /// be told whether they are overdue.
        without_due: "Figure!",
        /// How many have several statuses in their cell; they are its inputs.
        with_several: "Figure!",
    }
}

payload! {
    /// How many milestones stand in a way.
    MilestoneStatusCount {
        /// The status; null for those without one: planned or blank.
        status: "MilestoneStatus",
        /// The same in a word: documents have others than the list; null for those without one.
        status_word: "String",
        /// How many; they are its inputs.
        count: "Figure!",
        /// Their share.
        share: "Figure!",
        /// How many of them have a footnote that changes what the status says, such as a result that was not taken up, or a part that
        /// moved; they are its inputs.
        amended: "Figure!",
    }
}

/// Counts of milestones as an object.
pub fn milestones_of<'r>(register: &'r Register, of: Milestones<'r>) -> Value<'r> {
    let status = |it: milestone::StatusCount<'r>| {
        MilestoneStatusCount {
            status: word(it.status.map(MilestoneStatus::word)),
            status_word: it.word.map_or(Value::Null, |word| Value::Text(word.into())),
            count: figure(register, it.count),
            share: figure(register, it.share),
            amended: figure(register, it.amended),
        }
        .object(register)
    };
    MilestoneCounts {
        count: figure(register, of.all),
        by_status: Value::List(of.statuses.into_iter().map(status).collect()),
        overdue: of.overdue.map_or(Value::Null, |it| figure(register, it)),
        without_due: figure(register, of.without_due),
        with_several: figure(register, of.several),
    }
    .object(register)
}

/// The objects of inspections, staff and milestones.
pub fn objects() -> Vec<ObjectDef> {
    vec![
        InspectedObject::definition(),
        StaffObject::definition(),
        StaffGroup::definition(),
        TargetProgress::definition(),
        MilestoneCounts::definition(),
        MilestoneStatusCount::definition(),
    ]
}
