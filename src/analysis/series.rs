//! Series: every period along the line of a record through the plans, each point with the documents that print it.
//!
//! What one document printed is never mixed with what another printed: a period that several print has one point with all of its
//! prints, and says whether a later one has another value.

use std::collections::HashSet;

use crate::analysis::inspection::Column;
use crate::analysis::line::{self, Line};
use crate::analysis::reconcile::compare;
use crate::analysis::trend;
use crate::analysis::walk;
use crate::model::vocabulary::vocabulary;
use crate::model::{
    BudgetAmount, BudgetLine, Figure, Indicator, InspectedProcess, Inspection, Key, Kind, Measure, Norm, Observation,
    Period,
};
use crate::register::{Node, Register};
use crate::work;

vocabulary! {
    /// Which print of a period counts, where several documents print it.
    Vintage {
        /// The first one.
        First = "FIRST",
        /// The last one.
        Latest = "LATEST",
    }
}

vocabulary! {
    /// What a series is of.
    SeriesKind {
        /// The values of an indicator.
        Indicator = "INDICATOR",
        /// The results of a norm.
        Norm = "NORM",
        /// The amounts of a budget line.
        BudgetLine = "BUDGET_LINE",
        /// What was inspected of a process.
        InspectedProcess = "INSPECTED_PROCESS",
    }
}

impl SeriesKind {
    /// The kind of record.
    pub fn of(kind: Kind) -> Option<Self> {
        Self::from_word(kind.word())
    }
}

/// A series.
#[derive(Debug)]
pub struct Series<'r> {
    /// The records that it is of, and where others came in or went out.
    pub line: Line<'r>,
    /// Its points, by period; those of one period in the order of what they tell.
    pub points: Vec<Point<'r>>,
}

/// A period of a series.
#[derive(Debug)]
pub struct Point<'r> {
    /// The period.
    pub period: Period,
    /// Which of several figures of the period it is, such as `BUDGETED VAK` or `controls`; empty where there is one.
    pub what: String,
    /// The prints of it, the first one first; at least one.
    pub prints: Vec<Print<'r>>,
}

/// A figure as one plan's document prints it.
#[derive(Clone, Copy, Debug)]
pub struct Print<'r> {
    /// The record of the line that it belongs to.
    pub of: &'r Node,
    /// The record that holds it.
    pub node: &'r Node,
    /// The figure.
    pub figure: &'r Figure,
}

impl<'r> Point<'r> {
    /// The print that counts.
    pub fn print(&self, vintage: Vintage) -> Print<'r> {
        // A blank says nothing beside a print that does.
        let mut saying = self.prints.iter().filter(|it| !it.figure.is_blank());
        let print = match vintage {
            Vintage::First => saying.next().or(self.prints.first()),
            Vintage::Latest => saying.next_back().or(self.prints.last()),
        };
        *print.expect("a point has at least one print")
    }

    /// Whether a later print has another value than the first, by more than printing explains.
    pub fn is_restated(&self) -> bool {
        let known: Vec<_> = self.prints.iter().filter(|it| it.figure.value.is_some()).collect();
        known.windows(2).any(|pair| is_restated(pair[0].figure, pair[1].figure))
    }
}

/// Whether two prints of one figure have different values. One that says nothing contradicts nothing.
pub fn is_restated(first: &Figure, second: &Figure) -> bool {
    first.value.is_some() && second.value.is_some() && compare::same(first, second).is_some()
}

/// A figure of a record, before it is known what else is printed of its period.
struct PeriodFigure<'r> {
    period: Period,
    what: String,
    order: usize,
    node: &'r Node,
    figure: &'r Figure,
}

/// The figures that hang on one record of a line.
fn told<'r>(register: &'r Register, node: &'r Node) -> Vec<PeriodFigure<'r>> {
    let plain = |point: trend::Point<'r>| PeriodFigure {
        period: *point.period,
        what: String::new(),
        order: 0,
        node: point.node,
        figure: point.figure,
    };
    match node.kind() {
        Kind::Indicator => {
            // What stands beside the final value of the whole is no other print of it.
            let own = walk::sources::<Observation, Indicator>(register, &node.key).into_iter();
            own.filter(|(_, it)| it.is_plain())
                .map(|(node, it)| PeriodFigure {
                    period: it.period,
                    what: String::new(),
                    order: 0,
                    node,
                    figure: &it.figure,
                })
                .collect()
        }
        Kind::Norm => trend::printed_results(register, &node.key, None).into_iter().map(plain).collect(),
        Kind::BudgetLine => {
            let own = walk::sources::<BudgetAmount, BudgetLine>(register, &node.key).into_iter();
            own.filter_map(|(node, it)| {
                Some(PeriodFigure {
                    period: Period::year(it.year)?,
                    what: it.words(),
                    order: it.place(),
                    node,
                    figure: &it.figure,
                })
            })
            .collect()
        }
        Kind::InspectedProcess => {
            let own = walk::sources::<Inspection, InspectedProcess>(register, &node.key).into_iter();
            own.flat_map(|(node, it)| {
                Column::ALL.into_iter().enumerate().filter_map(move |(order, column)| {
                    let period = Period::year(it.year)?;
                    Some(PeriodFigure {
                        period,
                        what: column.path().to_owned(),
                        order,
                        node,
                        figure: column.figure(it),
                    })
                })
            })
            .collect()
        }
        _ => Vec::new(),
    }
}

/// The series of an indicator, a norm, a budget line or an inspected process.
pub fn series<'r>(register: &'r Register, node: &'r Node) -> Series<'r> {
    let line = line::line(register, node);
    let mut all: Vec<(PeriodFigure<'r>, Print<'r>)> = Vec::new();
    for of in &line.nodes {
        for it in told(register, of) {
            work::step(1);
            let print = Print { of, node: it.node, figure: it.figure };
            all.push((it, print));
        }
    }
    // Prints of one period and figure come together, in the order of the line.
    all.sort_by(|(a, _), (b, _)| {
        a.period
            .in_one_form()
            .cmp(&b.period.in_one_form())
            .then(a.order.cmp(&b.order))
            .then_with(|| a.what.cmp(&b.what))
    });
    let mut points: Vec<Point<'r>> = Vec::new();
    for (it, print) in all {
        match points.last_mut().filter(|last| last.what == it.what && last.period.is_same_span(&it.period)) {
            Some(last) => last.prints.push(print),
            None => points.push(Point { period: it.period, what: it.what, prints: vec![print] }),
        }
    }
    Series { line, points }
}

/// All series below a measure or a goal and those that it continues: one for each line of indicators, norms, budget lines and inspected
/// processes, by its last record.
pub fn all_series<'r>(register: &'r Register, node: &'r Node, kinds: &[SeriesKind]) -> Vec<Series<'r>> {
    let line = line::line(register, node);
    let mut seen: HashSet<(Kind, &'r Key)> = HashSet::new();
    let mut found = Vec::new();
    // The last one first: its order is that of today.
    for of in line.nodes.iter().rev() {
        for member in members(register, of) {
            let wanted = SeriesKind::of(member.kind()).is_some_and(|kind| kinds.is_empty() || kinds.contains(&kind));
            if !wanted || seen.contains(&(member.kind(), &member.key)) {
                continue;
            }
            let series = series(register, member);
            seen.extend(series.line.nodes.iter().map(|it| (it.kind(), &it.key)));
            found.push(series);
        }
    }
    found
}

/// What has figures and hangs on a measure, or on a goal and its measures. Each once.
fn members<'r>(register: &'r Register, node: &'r Node) -> Vec<&'r Node> {
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    let mut add = |node: &'r Node| {
        if known.insert((node.kind(), &node.key)) {
            found.push(node);
        }
    };
    for (measure, _) in walk::measures(register, node) {
        walk::sources::<Indicator, Measure>(register, &measure.key).into_iter().for_each(|(node, _)| add(node));
        walk::sources::<Norm, Measure>(register, &measure.key).into_iter().for_each(|(node, _)| add(node));
        walk::sources::<BudgetLine, Measure>(register, &measure.key).into_iter().for_each(|(node, _)| add(node));
        walk::sources::<InspectedProcess, Measure>(register, &measure.key).into_iter().for_each(|(node, _)| add(node));
    }
    walk::hanging::<Indicator>(register, node).into_iter().for_each(|(node, _)| add(node));
    walk::hanging::<Norm>(register, node).into_iter().for_each(|(node, _)| add(node));
    if node.kind() != Kind::Measure {
        crate::analysis::budget::lines(register, node).into_iter().for_each(|it| add(it.line.0));
    }
    found
}
