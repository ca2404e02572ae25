//! Targets: which is in force for a period, and what became of each.

use std::sync::Arc;

use crate::analysis::computed::{Computed, Input, Rule};
use crate::analysis::judge::{AttainmentLevel, Bands, Goal};
use crate::analysis::line;
use crate::analysis::series::{self, Vintage};
use crate::analysis::trend;
use crate::analysis::walk::{self, RecordRef};
use crate::analysis::year::{self, Year};
use crate::model::indicator::Aggregation;
use crate::model::period::PeriodKind;
use crate::model::target::Aim;
use crate::model::vocabulary::vocabulary;
use crate::model::{Date, Figure, FigureStatus, Indicator, Kind, Measure, Norm, Period, Plan, Target, Unit};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;

vocabulary! {
    /// What can be said of a target on a day.
    Judgement {
        /// It is met.
        Met = "MET",
        /// It is nearly met: by the second band of the plan, 90% unless the plan says otherwise.
        NearlyMet = "NEARLY_MET",
        /// It is partly met: by the third band of the plan, 80% unless the plan says otherwise.
        PartlyMet = "PARTLY_MET",
        /// It is missed.
        Missed = "MISSED",
        /// Its period has not ended on the day on which it is judged: it cannot be missed yet.
        NotYet = "NOT_YET",
    }
}

impl From<AttainmentLevel> for Judgement {
    fn from(level: AttainmentLevel) -> Self {
        match level {
            AttainmentLevel::Met => Self::Met,
            AttainmentLevel::NearlyMet => Self::NearlyMet,
            AttainmentLevel::PartlyMet => Self::PartlyMet,
            AttainmentLevel::Missed => Self::Missed,
        }
    }
}

/// A target with what became of it.
#[derive(Clone, Debug)]
pub struct Judged<'r> {
    /// The target.
    pub target: RecordRef<'r, Target>,
    /// How the result is to stand to it.
    pub aim: Aim,
    /// Whether it is the one that counts for its period: none was set in its place.
    pub in_force: bool,
    /// The result that the last document prints for the period; none when there is none.
    pub result: Option<series::Print<'r>>,
    /// What the parts of the period come to, where it is a year of which nothing is printed as a whole.
    pub made: Option<Arc<Computed<'r>>>,
    /// The ratio of result to target.
    pub ratio: Arc<Computed<'r>>,
    /// What is said of it; none when its period is over and there is no result to judge.
    pub judgement: Option<Judgement>,
}

/// The day on which a plan is judged when no other is named: the day on which its figures were closed, else that of its document, else
/// the end of the year that it looks back on, or else plans.
pub fn closing_day(register: &Register, plan: &Plan) -> Option<Date> {
    let document = plan.document_key.as_ref().and_then(|key| register.follow(key));
    let year = Period::year(plan.evaluated_year.unwrap_or(plan.year)).map(|year| year.end());
    plan.closing_date.or_else(|| document.and_then(|it| it.date)).or(year)
}

/// The targets that say they are of a record.
fn own_targets<'r>(register: &'r Register, node: &Node) -> Vec<RecordRef<'r, Target>> {
    let relation = Relation::to(node.kind()).find(|it| it.source == Kind::Target && it.name == "of");
    let found = relation.map_or(&[] as &[_], |relation| register.sources(relation, &node.key));
    found.iter().inspect(|_| work::step(1)).filter_map(|node| walk::of::<Target>(node)).collect()
}

/// The targets of a norm or an indicator, and of what it continues, by period: those that were set later come later.
pub fn targets<'r>(register: &'r Register, node: &'r Node) -> Vec<RecordRef<'r, Target>> {
    let earlier = line::earlier(register, node);
    let mut found: Vec<RecordRef<'r, Target>> =
        earlier.into_iter().rev().chain([node]).flat_map(|node| own_targets(register, node)).collect();
    found.sort_by_key(|(_, it)| it.period);
    found
}

/// Whether no other target took its place.
fn is_superseded(register: &Register, target: &Node) -> bool {
    !walk::sources::<Target, Target>(register, &target.key).is_empty()
}

/// The target that counts for a period, among those of one record's line: the last one that nothing took the place of.
fn counting<'r>(
    register: &Register,
    targets: &[RecordRef<'r, Target>],
    period: &Period,
) -> Option<RecordRef<'r, Target>> {
    let mut of_period = targets.iter().filter(|(_, it)| it.period.is_same_span(period));
    of_period.rfind(|(node, _)| !is_superseded(register, node)).copied()
}

/// The target in force for a period.
pub fn in_force<'r>(register: &'r Register, node: &'r Node, period: &Period) -> Option<RecordRef<'r, Target>> {
    counting(register, &targets(register, node), period)
}

/// What is said of the thing itself about its targets.
fn own_aim(node: &Node) -> Option<Aim> {
    match node.kind() {
        Kind::Norm => walk::of::<Norm>(node).and_then(|(_, it)| it.aim),
        Kind::Indicator => walk::of::<Indicator>(node).and_then(|(_, it)| it.aim),
        _ => None,
    }
}

/// What a target asks of a result.
pub fn goal<'r>(of: &Node, (node, target): RecordRef<'r, Target>, bands: Bands) -> Goal<'r> {
    let aim = target.aim.or_else(|| own_aim(of)).unwrap_or(Aim::AtLeast);
    Goal { node, path: "figure", aim, figure: &target.figure, upper: target.upper.as_ref(), bands }
}

/// The bands of the plan that a record belongs to.
pub fn bands(register: &Register, node: &Node) -> Bands {
    line::plan_of(register, node).map_or_else(Bands::default, |(_, plan)| Bands::of(plan))
}

/// Each target of a norm or an indicator, and of what it continues, judged on a day: without one on the closing day of its plan. The result
/// is that of the line, as the last document prints it.
pub fn judged<'r>(register: &'r Register, node: &'r Node, on: Option<Date>) -> Vec<Judged<'r>> {
    let targets = targets(register, node);
    if targets.is_empty() {
        return Vec::new();
    }
    let day = on.or_else(|| line::plan_of(register, node).and_then(|(_, plan)| closing_day(register, plan)));
    let points = series::series(register, node).points;
    let bands = bands(register, node);
    let by_months = points.iter().any(|point| point.period.kind() == PeriodKind::Month);
    let is_stock = walk::of::<Indicator>(node).is_some_and(|(_, it)| it.aggregation == Some(Aggregation::Last));
    // What is to be so by a day (or by a month, where nothing is told by months) is told by the period that ends with it; what a stock is in a
    // year, by the last part of that.
    let tells = |asked: &Period, told: &Period| {
        let by_then = match asked.kind() {
            PeriodKind::Day => true,
            PeriodKind::Month => !by_months,
            _ => false,
        };
        let ends_with_it = told.end() == asked.end();
        let of_stock = is_stock && asked.months() == Some(12) && year::tells_stock(told);
        ends_with_it && (of_stock || by_then && told.start() <= asked.start())
    };
    let judge = |target: &RecordRef<'r, Target>| {
        work::step(200 + targets.len() as u64);
        let goal = goal(node, *target, bands);
        let same = points.iter().filter(|point| point.period.is_same_span(&target.1.period));
        let all = same.chain(points.iter().filter(|point| tells(&target.1.period, &point.period)));
        let prints: Vec<_> = all.map(|point| point.print(Vintage::Latest)).collect();
        // What is blank says nothing beside what has a value.
        let valued = prints.iter().find(|print| print.figure.value.is_some()).copied();
        let made = if valued.is_none() { of_year(register, node, &target.1.period) } else { None };
        let made = made.filter(|made| prints.is_empty() || made.value.is_ok());
        let result = valued.or_else(|| prints.first().copied().filter(|_| made.is_none()));
        let recorded = result.map(|it| Input::recorded("result", it.node, "figure", it.figure));
        let inputs = recorded.or_else(|| made.clone().map(|made| Input::computed("result", made)));
        let inputs = inputs.into_iter().chain([Input::recorded("target", target.0, "figure", &target.1.figure)]);
        let due = day.is_none_or(|day| target.1.period.end() <= day);
        let made_figure = made.as_deref().map(as_figure);
        let level = || goal.level(result.map(|it| it.figure).or(made_figure.as_ref())?).map(Judgement::from);
        Judged {
            target: *target,
            aim: goal.aim,
            in_force: counting(register, &targets, &target.1.period).is_some_and(|(it, _)| it.key == target.0.key),
            result,
            made,
            ratio: Arc::new(Computed::in_units_alike(Rule::RatioToTarget, Unit::Ratio, inputs.collect())),
            judgement: if due { level() } else { Some(Judgement::NotYet) },
        }
    };
    targets.iter().map(judge).collect()
}

/// What the parts of a year come to, where the indicator says how and the period is such a year.
fn of_year<'r>(register: &'r Register, node: &'r Node, period: &Period) -> Option<Arc<Computed<'r>>> {
    let indicator = walk::of::<Indicator>(node)?;
    let (points, month) = (trend::observations(register, &node.key), walk::first_month(register, node));
    let year = Year::of(&points, indicator, period.year_counted(month), month)?;
    year.period.is_same_span(period).then_some(year.all)
}

/// A computed value as a figure that can be judged.
fn as_figure(of: &Computed<'_>) -> Figure {
    let value = of.value.as_ref().ok().copied();
    let status = if value.is_some() { FigureStatus::Computed } else { FigureStatus::NotComputable };
    Figure { value, status, unit: of.unit, printed: None, unit_code: of.code().map(str::to_owned) }
}

/// All targets below a plan, or a measure or goal, judged: those of the norms and indicators of measures, in the document's order, then
/// those of what hangs on something else.
pub fn judged_below<'r>(register: &'r Register, node: &'r Node, on: Option<Date>) -> Vec<Judged<'r>> {
    let mut found = Vec::new();
    for (measure, _) in walk::measures(register, node) {
        let norms = walk::sources::<Norm, Measure>(register, &measure.key).into_iter().map(|(node, _)| node);
        let indicators = walk::sources::<Indicator, Measure>(register, &measure.key).into_iter().map(|(node, _)| node);
        found.extend(norms.chain(indicators).flat_map(|node| judged(register, node, on)));
    }
    for subject in walk::subjects(register, node) {
        let norms = walk::hanging::<Norm>(register, subject).into_iter().map(|(node, _)| node);
        let indicators = walk::hanging::<Indicator>(register, subject).into_iter().map(|(node, _)| node);
        found.extend(norms.chain(indicators).flat_map(|node| judged(register, node, on)));
    }
    found
}

/// The next target after a period, where the norm has none of its own, or the same one: then its own is that target, with the day on
/// which it is due.
fn ahead<'r>(
    register: &Register,
    targets: &[RecordRef<'r, Target>],
    period: &Period,
    norm: &Norm,
) -> Option<RecordRef<'r, Target>> {
    let value = |figure: Option<&Figure>| figure.and_then(|it| it.value);
    let is_own = |target: &Target| {
        norm.target.as_ref().is_none_or(|own| {
            own.value == target.figure.value
                && own.counts() == target.figure.counts()
                && value(norm.upper.as_ref()) == value(target.upper.as_ref())
        })
    };
    let mut later = targets.iter().filter(|(_, it)| it.period.end() > period.end());
    later.find(|(node, it)| is_own(it) && !is_superseded(register, node)).copied()
}

/// What a norm's result is judged by: the target in force for its period, or the next one where the norm's own is that, or else the norm's own.
pub fn goal_of_norm<'r>(
    register: &'r Register,
    (node, norm): RecordRef<'r, Norm>,
    period: Option<&Period>,
) -> (Option<Goal<'r>>, Option<RecordRef<'r, Target>>) {
    let bands = bands(register, node);
    let targets = targets(register, node);
    let set = match period {
        Some(period) => counting(register, &targets, period).or_else(|| ahead(register, &targets, period, norm)),
        // Without a result: the next one to be reached.
        None => targets.iter().find(|(node, _)| !is_superseded(register, node)).copied(),
    };
    if let Some(target) = set {
        return (Some(goal(node, target, bands)), Some(target));
    }
    let own = norm.target.as_ref().map(|figure| Goal {
        node,
        path: "target",
        aim: norm.aim.unwrap_or(Aim::AtLeast),
        figure,
        upper: norm.upper.as_ref(),
        bands,
    });
    (own, None)
}
