//! Budgets: what lines of a budget come to, by year, phase and credit. Each line is counted once in whatever it is added up to.

pub mod amount;

use std::collections::HashSet;
use std::sync::Arc;

use crate::analysis::article;
use crate::analysis::budget::amount::{Amount, PrintUsed};
use crate::analysis::computed::{Computed, Input, MissingCode, Rule};
use crate::analysis::line::{self, earlier, later};
use crate::analysis::pairs::Pairs;
use crate::analysis::total::{Change, Total, is_absent};
use crate::analysis::walk::{self, RecordRef};
use crate::model::budget::{BudgetStage, Credit, CreditKind, Direction, Phase};
use crate::model::vocabulary::vocabulary;
use crate::model::{
    BudgetAmount, BudgetArticle, BudgetLine, Key, Kind, Measure, OperationalGoal, Plan, PolicyField, StructuralElement,
    Unit,
};
use crate::register::{Node, Register};
use crate::work;

vocabulary! {
    /// Whether a line belongs to one alone.
    LineShare {
        /// It belongs to nothing else of the kind.
        Own = "OWN",
        /// Others of the kind have it too: several measures, or several articles. The document does not divide its amounts.
        Shared = "SHARED",
    }
}

/// A line, and whether others of the kind that it is looked up from have it too.
#[derive(Clone, Copy, Debug)]
pub struct Line<'r> {
    /// The line.
    pub line: RecordRef<'r, BudgetLine>,
    /// Whether it is shared.
    pub share: LineShare,
}

/// The lines of a line itself, an article, a term of article codes, a measure, a goal, a chapter, a policy field or a plan. Each once.
pub fn lines<'r>(register: &'r Register, node: &'r Node) -> Vec<Line<'r>> {
    let line = |line: RecordRef<'r, BudgetLine>, others: bool| Line {
        line,
        share: if others { LineShare::Shared } else { LineShare::Own },
    };
    match node.kind() {
        Kind::BudgetLine => walk::of(node).into_iter().map(|it| line(it, false)).collect(),
        Kind::BudgetArticle => {
            let found = walk::sources::<BudgetLine, BudgetArticle>(register, &node.key).into_iter();
            let found = found.map(|it| line(it, it.1.article_keys.len() > 1));
            last_of_each(register, found.collect())
        }
        Kind::Measure => walk::sources::<BudgetLine, Measure>(register, &node.key)
            .into_iter()
            .map(|it| line(it, it.1.measure_keys.len() > 1))
            .collect(),
        Kind::ArticleTerm => {
            let articles: HashSet<&Key> = article::articles(register, node).iter().map(|(it, _)| &it.key).collect();
            let has = |key: &Key| articles.contains(key);
            let all = walk::all::<BudgetLine>(register);
            let of_term = all
                .filter(|(_, it)| it.article_keys.iter().any(|link| has(link.key())))
                .map(|it| line(it, !it.1.article_keys.iter().all(|link| has(link.key()))));
            last_of_each(register, of_term.collect())
        }
        Kind::Plan => {
            walk::sources::<BudgetLine, Plan>(register, &node.key).into_iter().map(|it| line(it, false)).collect()
        }
        _ => {
            let goals = walk::goals(register, node).into_iter();
            let of_goals = goals.flat_map(|(goal, it)| {
                let others = node.kind() == Kind::StrategicGoal && it.strategic_goal_keys.len() > 1;
                let lines = walk::sources::<BudgetLine, OperationalGoal>(register, &goal.key);
                lines.into_iter().map(move |it| line(it, others))
            });
            of_goals.chain(above_goals(register, node).into_iter().map(|it| line(it, false))).collect()
        }
    }
}

/// The lines that pay for measures below a record, but are none of its own. Each once.
pub fn elsewhere<'r>(register: &'r Register, node: &'r Node) -> Vec<Line<'r>> {
    let mut known: HashSet<&Key> = lines(register, node).iter().map(|it| &it.line.0.key).collect();
    let measures = walk::measures(register, node).into_iter();
    let of_measures = measures.flat_map(|(measure, _)| lines(register, measure));
    of_measures.filter(|it| known.insert(&it.line.0.key)).collect()
}

/// The lines right under a chapter, or under a policy field and its chapters, that no goal has.
fn above_goals<'r>(register: &'r Register, node: &'r Node) -> Vec<RecordRef<'r, BudgetLine>> {
    match node.kind() {
        Kind::StructuralElement => walk::sources::<BudgetLine, StructuralElement>(register, &node.key),
        Kind::PolicyField => {
            let chapters = walk::sources::<StructuralElement, PolicyField>(register, &node.key).into_iter();
            let mut lines: Vec<_> = chapters.flat_map(|(chapter, _)| above_goals(register, chapter)).collect();
            lines.extend(walk::sources::<BudgetLine, PolicyField>(register, &node.key));
            lines
        }
        _ => Vec::new(),
    }
}

/// The lines without those that another of them continues: it has their amounts too, and nothing is counted twice.
pub fn last_of_each<'r>(register: &'r Register, lines: Vec<Line<'r>>) -> Vec<Line<'r>> {
    line::last_of_each(register, lines, |it| it.line.0)
}

/// One credit of a budget in a year.
#[derive(Clone, Debug)]
pub struct Appropriation<'r> {
    /// What was realised.
    pub realised: Total<'r>,
    /// What was budgeted.
    pub budgeted: Total<'r>,
    /// The share of the budget that was realised.
    pub execution: Computed<'r>,
    /// What was realised, against the year before.
    pub realised_change: Change<'r>,
    /// What was budgeted, against the year before.
    pub budgeted_change: Change<'r>,
    /// What is budgeted, against what was realised in the year before.
    pub budgeted_since_realised: Change<'r>,
    /// The prints that what was budgeted is read from, in the order in which they follow each other.
    pub prints: Vec<PrintUsed<'r>>,
}

/// A budget in a year, of one direction.
#[derive(Clone, Debug)]
pub struct Budget<'r> {
    /// The lines.
    pub lines: Computed<'r>,
    /// Those of them that are shared.
    pub shared: Computed<'r>,
    /// Commitment appropriations.
    pub vak: Appropriation<'r>,
    /// Payment appropriations.
    pub vek: Appropriation<'r>,
    /// Credits of other kinds that the lines have, in the order of the words.
    pub others: Vec<(CreditKind, Appropriation<'r>)>,
    /// What the amounts count: euro, or the currency that the lines are in.
    pub currency: Option<String>,
    /// Payments realised as a ratio of commitments realised.
    pub vek_per_vak_realised: Computed<'r>,
    /// Payments budgeted as a ratio of commitments budgeted.
    pub vek_per_vak_budgeted: Computed<'r>,
    /// By how much the commitments of the year exceed its payments.
    pub commitments_growth: Computed<'r>,
    /// Open commitments at the end of the year.
    pub open_commitments: Computed<'r>,
}

/// What is asked of a budget.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The budget year.
    pub year: i32,
    /// Which way the money flows.
    pub direction: Direction,
    /// Which print of the budget counts as what was budgeted; none for the last one that there is.
    pub against: Option<BudgetStage>,
}

/// The budget of those lines in a year.
pub fn budget<'r>(register: &'r Register, lines: &[Line<'r>], asked: Asked) -> Budget<'r> {
    work::step(400);
    let Asked { year, direction, against } = asked;
    let lines: Vec<&Line<'r>> = lines.iter().filter(|it| it.line.1.direction == direction).collect();
    let money = Money::of(register, &lines, year);
    let unit = money.unit;
    let appropriation = |credit, kind| {
        let amount = |year, phase| Amount { year, phase, credit, kind, against, unit };
        let (realised, budgeted) = (amount(year, Phase::Realised), amount(year, Phase::Budgeted));
        let (realised_before, budgeted_before) =
            (amount(year.saturating_sub(1), Phase::Realised), amount(year.saturating_sub(1), Phase::Budgeted));
        let change = |from, to| pairs(register, &lines, from, to).change(unit);
        Appropriation {
            execution: rate(register, &lines, Rule::ExecutionRate, ("realised", realised), ("budgeted", budgeted)),
            realised_change: change(realised_before, realised),
            budgeted_change: change(budgeted_before, budgeted),
            budgeted_since_realised: change(realised_before, budgeted),
            realised: sum(register, &lines, realised),
            budgeted: sum(register, &lines, budgeted),
            prints: amount::prints(register, lines.iter().map(|it| it.line.0), budgeted),
        }
    };
    let both = |rule, phase| {
        let of = |credit| Amount { year, phase, credit, kind: None, against, unit };
        rate(register, &lines, rule, ("vek", of(Credit::Vek)), ("vak", of(Credit::Vak)))
    };
    let commitments_growth = both(Rule::CommitmentsGrowth, Phase::Realised).counting(unit);
    let (vak, vek) = (appropriation(Credit::Vak, None), appropriation(Credit::Vek, None));
    let movement = vec![
        Input::computed("vak", Arc::clone(&vak.realised.sum)),
        Input::computed("vek", Arc::clone(&vek.realised.sum)),
    ];
    let others = money.kinds.into_iter().map(|kind| (kind, appropriation(Credit::Other, Some(kind)))).collect();
    let opening = Amount {
        year: year.saturating_sub(1),
        phase: Phase::Realised,
        credit: Credit::Other,
        kind: Some(CreditKind::OpenCommitments),
        against,
        unit,
    };
    let opening = sum(register, &lines, opening);
    Budget {
        lines: Computed::count(lines.iter().map(|it| it.line.0)),
        shared: Computed::count(lines.iter().filter(|it| it.share == LineShare::Shared).map(|it| it.line.0)),
        vek_per_vak_realised: both(Rule::VekPerVak, Phase::Realised),
        vek_per_vak_budgeted: both(Rule::VekPerVak, Phase::Budgeted),
        commitments_growth,
        open_commitments: if opening.known.value.is_err() {
            let text = format!("the register does not have what was open at the beginning of {year}");
            Computed::missing(Rule::OpenCommitments, unit, movement, MissingCode::NoInput, text)
        } else {
            let inputs = std::iter::once(Input::computed("opening", opening.sum)).chain(movement).collect();
            Computed::in_one_unit(Rule::OpenCommitments, unit, inputs)
        },
        others,
        currency: money.code,
        vak,
        vek,
    }
}

/// In what money lines are, and which other credits they have, of a year and the one before.
struct Money {
    unit: Unit,
    code: Option<String>,
    kinds: Vec<CreditKind>,
}

impl Money {
    fn of(register: &Register, lines: &[&Line<'_>], year: i32) -> Self {
        let mut money = Self { unit: Unit::Euro, code: None, kinds: Vec::new() };
        let mut is_first = true;
        for line in lines {
            let line = line.line.0;
            for of in std::iter::once(line).chain(earlier(register, line)).chain(later(register, line)) {
                for (_, it) in walk::sources::<BudgetAmount, BudgetLine>(register, &of.key) {
                    if it.year != year && it.year != year.saturating_sub(1) {
                        continue;
                    }
                    if is_first {
                        (money.unit, money.code) = (it.figure.unit, it.figure.unit_code.clone());
                        is_first = false;
                    }
                    money.kinds.extend(it.credit_kind.filter(|_| it.year == year));
                }
            }
        }
        money.kinds.sort_by_key(|kind| *kind as usize);
        money.kinds.dedup();
        money
    }
}

/// The sum of the lines' amounts.
///
/// A line whose plan neither plans nor evaluates the year, and that has no amount of it, is no part: it was not asked for one.
fn sum<'r>(register: &'r Register, lines: &[&Line<'r>], of: Amount) -> Total<'r> {
    let parts = lines.iter().map(|line| (line.line.0, of.of(register, line.line.0)));
    let parts = parts.filter(|(line, part)| !is_absent(part) || is_asked(register, line, of.year));
    let parts: Vec<Input<'r>> = parts.map(|(_, part)| part).collect();
    if parts.iter().all(is_absent) {
        return Total::none(of.unit, format!("the register has no {}, on {} lines", of.words(), parts.len()));
    }
    Total::of(of.unit, parts, &of.words())
}

/// What was realised on a line and those that it continues or that continue it, in a year and a credit.
pub fn realised<'r>(
    register: &'r Register,
    line: &'r Node,
    year: i32,
    (credit, kind): (Credit, Option<CreditKind>),
    unit: Unit,
) -> Input<'r> {
    Amount { year, phase: Phase::Realised, credit, kind, against: None, unit }.of(register, line)
}

/// Whether a line, or one of its line through the plans, is of a plan that plans or evaluates the year, or has an amount of it.
fn is_asked(register: &Register, line: &Node, year: i32) -> bool {
    let asks = |line: &Node| {
        let own = walk::of::<BudgetLine>(line).and_then(|(_, it)| register.follow(&it.plan_key));
        own.is_some_and(|plan| plan.year == year || plan.evaluated_year == Some(year))
            || walk::sources::<BudgetAmount, BudgetLine>(register, &line.key).iter().any(|(_, it)| it.year == year)
    };
    asks(line) || earlier(register, line).into_iter().chain(later(register, line)).any(asks)
}

/// Two amounts of each line.
fn pairs<'r>(register: &'r Register, lines: &[&Line<'r>], first: Amount, second: Amount) -> Pairs<'r> {
    let pair = |line: &&Line<'r>| (line.line.0, [first, second].map(|amount| amount.of(register, line.line.0)));
    // As in a sum, a line that was asked for neither is no part.
    let is_part = |line: &Node, pair: &[Input<'r>; 2]| {
        pair.iter().any(|part| !is_absent(part)) || [first, second].iter().any(|of| is_asked(register, line, of.year))
    };
    let parts = lines.iter().map(pair).filter(|(line, pair)| is_part(line, pair)).map(|(_, pair)| pair);
    Pairs::of(parts, &format!("{} and {}", first.words(), second.words()))
}

/// What a rule makes of two amounts of each line, like for like.
fn rate<'r>(
    register: &'r Register,
    lines: &[&Line<'r>],
    rule: Rule,
    first: (&'static str, Amount),
    second: (&'static str, Amount),
) -> Computed<'r> {
    pairs(register, lines, first.1, second.1).figure([first.0, second.0], rule, [first.1.unit; 2], Unit::Ratio)
}

#[cfg(test)]
mod tests;
