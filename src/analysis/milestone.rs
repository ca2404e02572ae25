//! Milestones: how many stand how, and which are overdue at a date.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::coverage::Coverage;
use crate::analysis::line;
use crate::analysis::walk::{self, RecordRef};
use crate::model::milestone::{MilestoneStatus, MilestoneTable};
use crate::model::{Date, Key, Kind, Milestone, OperationalGoal, Plan, Project, StrategicGoal, Unit};
use crate::register::{Node, Register};
use crate::work;

/// How many milestones stand in a way, and their share.
#[derive(Clone, Debug)]
pub struct StatusCount<'r> {
    /// The status; none for those without one.
    pub status: Option<MilestoneStatus>,
    /// The same in a word.
    pub word: Option<&'r str>,
    /// How many, those with this among several statuses included.
    pub count: Arc<Computed<'r>>,
    /// How many of them have a footnote that changes what the status says.
    pub amended: Computed<'r>,
    /// Their share of those of which the status is known; of those without one, their share of all.
    pub share: Computed<'r>,
}

/// How milestones stand.
#[derive(Clone, Debug)]
pub struct Milestones<'r> {
    /// How many there are.
    pub all: Arc<Computed<'r>>,
    /// By status, in the order of the words, those without one last; only what there is.
    pub statuses: Vec<StatusCount<'r>>,
    /// Those with several statuses, which count at each of them.
    pub several: Computed<'r>,
    /// Those overdue at the date that was asked for; none when no date was.
    pub overdue: Option<Computed<'r>>,
    /// Those of which it cannot be told whether they are overdue, because no period is given.
    pub without_due: Computed<'r>,
}

/// The projects of a project itself, a goal, a chapter, a policy field or a plan. Each once.
pub fn projects<'r>(register: &'r Register, node: &'r Node) -> Vec<RecordRef<'r, Project>> {
    match node.kind() {
        Kind::Project => walk::of(node).into_iter().collect(),
        Kind::Plan => walk::sources::<Project, Plan>(register, &node.key),
        Kind::StrategicGoal => walk::sources::<Project, StrategicGoal>(register, &node.key),
        _ => {
            let goals = walk::goals(register, node).into_iter();
            goals.flat_map(|(goal, _)| walk::sources::<Project, OperationalGoal>(register, &goal.key)).collect()
        }
    }
}

/// Which milestones are counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which<'a> {
    /// Only those of this year.
    pub year: Option<i32>,
    /// Only those of this table.
    pub table: Option<MilestoneTable>,
    /// Only those of the table of this word.
    pub table_word: Option<&'a str>,
    /// Also those that are parts of others.
    pub parts: bool,
}

/// The milestones of a year that a project which continues theirs tells again, by the table and their number in it.
pub fn told_again<'r>(register: &'r Register, projects: &[RecordRef<'r, Project>], year: i32) -> HashSet<&'r Key> {
    let which = Which { year: Some(year), parts: true, ..Which::default() };
    let place = |it: &'r Milestone| (it.table, it.table_word.as_deref(), it.number);
    let all: Vec<_> = projects.iter().map(|project| (project.0, milestones(register, &[*project], which))).collect();
    let places = all.iter().map(|(node, all)| (&node.key, all.iter().map(|(_, it)| place(it)).collect()));
    let told: HashMap<&Key, HashSet<_>> = places.collect();
    let mut again = HashSet::new();
    for (project, all) in &all {
        let later = line::later(register, project);
        let is_told = |it| later.iter().filter_map(|at| told.get(&at.key)).any(|at| at.contains(&place(it)));
        again.extend(all.iter().filter(|(_, it)| is_told(it)).map(|(node, _)| &node.key));
    }
    again
}

/// The milestones of those projects.
pub fn milestones<'r>(
    register: &'r Register,
    projects: &[RecordRef<'r, Project>],
    which: Which<'_>,
) -> Vec<RecordRef<'r, Milestone>> {
    let all = projects.iter().flat_map(|(project, _)| walk::sources::<Milestone, Project>(register, &project.key));
    all.filter(|(_, it)| which.parts || it.part_of_key.is_none())
        .filter(|(_, it)| which.year.is_none_or(|year| it.year == year))
        .filter(|(_, it)| which.table.is_none_or(|table| it.table == table))
        .filter(|(_, it)| which.table_word.is_none_or(|word| it.table_word.as_deref() == Some(word)))
        .collect()
}

/// Milestones that stand in one way.
type Alike<'r> = (Option<MilestoneStatus>, Vec<RecordRef<'r, Milestone>>);

/// How those milestones stand; with a date, which are overdue then: due before it, and neither done, stopped nor turned to another aim.
pub fn standing<'r>(of: &[RecordRef<'r, Milestone>], at: Option<Date>) -> Milestones<'r> {
    work::step(100 + 6 * of.len() as u64);
    let count = |fits: &dyn Fn(&Milestone) -> bool| {
        Computed::count(of.iter().filter(|(_, it)| fits(it)).map(|(node, _)| *node))
    };
    let all = Arc::new(count(&|_| true));
    let known = Arc::new(count(&|it| it.standings().next().is_some()));
    // Of which nothing is said how it stands, is not known not to stand so.
    let coverage = Coverage { known: known.inputs.len(), unknown: of.len() - known.inputs.len() };
    let mut groups: BTreeMap<(u8, &'r str), Alike<'r>> = BTreeMap::new();
    for (node, it) in of {
        let mut stands: Vec<_> = it.standing_words().map(|(status, word)| (Some(status), word)).collect();
        if stands.is_empty() {
            stands.push((None, ""));
        }
        for (status, word) in stands {
            // In the order of the words, other words after them, those without one last.
            let key = (status.map_or(u8::MAX, |status| status as u8), word);
            let group = &mut groups.entry(key).or_insert((status, Vec::new())).1;
            if group.last().is_none_or(|(last, _)| !std::ptr::eq(*last, *node)) {
                group.push((*node, *it));
            }
        }
    }
    let statuses = groups.into_iter().map(|((_, word), (status, group))| {
        let nodes = |amended: bool| {
            group.iter().filter(move |(_, it)| !amended || it.amendment.is_some()).map(|(node, _)| *node)
        };
        let amended = Computed::count(nodes(true));
        let count = Arc::new(Computed::count(nodes(false)));
        let whole = if status.is_some() { &known } else { &all };
        let share =
            Computed::share(Input::computed("part", Arc::clone(&count)), Input::computed("whole", Arc::clone(whole)));
        let share = if status.is_some() { share.covering(coverage) } else { share };
        StatusCount { status, word: status.map(|_| word), count, amended, share }
    });
    let open = |it: &Milestone| !it.is_settled();
    let overdue = |at: Date| {
        let late = of.iter().filter(|(_, it)| open(it) && it.due_now().is_some_and(|due| due.end() < at));
        let inputs = late.map(|(node, _)| Input::counted(node)).collect();
        let unknown = of.iter().filter(|(_, it)| open(it) && it.due_now().is_none()).count();
        let coverage = Coverage { known: of.len() - unknown, unknown };
        Computed::new(Rule::OverdueCount, Unit::Count, inputs).covering(coverage)
    };
    Milestones {
        statuses: statuses.collect(),
        overdue: at.map(overdue),
        several: count(&|it| it.statuses.len() > 1),
        without_due: count(&|it| it.due_now().is_none() && open(it)),
        all,
    }
}
