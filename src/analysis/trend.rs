//! Trends: how a figure changed between two periods, beside what is printed of it.

use crate::analysis::computed::{Computed, Input, MissingCode, Rule};
use crate::analysis::{line, walk};
use crate::model::norm::{ResultSource, Table};
use crate::model::{Figure, Indicator, Key, Kind, Norm, NormResult, Observation, Period, Unit};
use crate::register::{Node, Register};
use crate::work;

/// A figure at a period, with what is printed of its change.
#[derive(Clone, Copy, Debug)]
pub struct Point<'r> {
    /// The observation, or the result of a norm.
    pub node: &'r Node,
    /// The period.
    pub period: &'r Period,
    /// The figure.
    pub figure: &'r Figure,
    /// The change since an earlier period as printed, if one is.
    pub change: Option<&'r Figure>,
    /// The period since which `change` is said to be.
    pub change_from: Option<&'r Period>,
    /// Whether it is a figure of what this continues, as an earlier plan printed it.
    pub of_earlier: bool,
}

/// The values of an indicator, by period (final ones of the whole, in the period alone), and those of the indicators that it continues at periods of which it has none itself: what an
/// earlier plan printed.
pub fn observations<'r>(register: &'r Register, indicator: &Key) -> Vec<Point<'r>> {
    on_line(register, Kind::Indicator, indicator, &|key| {
        let own = walk::sources::<Observation, Indicator>(register, key).into_iter();
        let own = own.filter(|(_, it)| it.is_plain());
        own.map(|(node, it)| Point {
            node,
            period: &it.period,
            figure: &it.figure,
            change: it.change.as_deref(),
            change_from: it.change_from.as_ref(),
            of_earlier: false,
        })
        .collect()
    })
}

/// The results of a norm, by period, as [`printed_results`] has them, and those of the norms that it continues.
pub fn results<'r>(register: &'r Register, norm: &Key, table: Option<Table<'_>>) -> Vec<Point<'r>> {
    on_line(register, Kind::Norm, norm, &|key| printed_results(register, key, table))
}

/// The points of a record, and of those that it continues where nothing nearer has one for the period; by period.
fn on_line<'r>(register: &'r Register, kind: Kind, key: &Key, of: &dyn Fn(&Key) -> Vec<Point<'r>>) -> Vec<Point<'r>> {
    let mut points = of(key);
    // A blank before the last one says nothing where an earlier plan prints a value.
    let until = points.iter().map(|point| *point.period).max();
    let is_blank = |point: &Point<'_>| point.figure.is_blank() && until.is_some_and(|until| *point.period < until);
    let earlier = register.get(kind, key).map(|node| line::earlier(register, node)).unwrap_or_default();
    for earlier in earlier {
        for point in of(&earlier.key) {
            let point = Point { of_earlier: true, ..point };
            match points.iter_mut().find(|known| known.period.is_same_span(point.period)) {
                None => points.push(point),
                Some(known) if is_blank(known) && point.figure.value.is_some() => *known = point,
                Some(_) => {}
            }
        }
    }
    points.sort_by_key(|point| point.period);
    points
}

/// The results of a norm itself, by period: those that the table prints, and what other tables have of periods before its last one, for
/// the overview prints no earlier results. A later one, or one of a table that has none, is not taken from another table. Without a
/// table all of them, the overview's where several have one, or else the fact table's, or else that of the first by its word.
pub fn printed_results<'r>(register: &'r Register, norm: &Key, table: Option<Table<'_>>) -> Vec<Point<'r>> {
    let mut found = walk::sources::<NormResult, Norm>(register, norm);
    let asked = table.unwrap_or(Table::Listed(ResultSource::Overview));
    let printed = |it: &NormResult| asked.prints(it);
    found.sort_by(|(_, a), (_, b)| (!printed(a), a.source, a.table()).cmp(&(!printed(b), b.source, b.table())));
    let in_table = |period: &Period| found.iter().any(|(_, it)| printed(it) && it.period == *period);
    let last = found.iter().filter(|(_, it)| printed(it)).map(|(_, it)| &it.period).max();
    let before_last = |it: &NormResult| table.is_none() || last.is_some_and(|last| it.period < *last);
    let mut points: Vec<Point<'r>> = found
        .iter()
        .filter(|(_, it)| printed(it) || (!in_table(&it.period) && before_last(it)))
        .map(|(node, it)| Point {
            node,
            period: &it.period,
            figure: &it.figure,
            change: it.change.as_deref(),
            change_from: it.change_from.as_ref(),
            of_earlier: false,
        })
        .collect();
    points.sort_by_key(|point| point.period);
    points.dedup_by(|later, kept| later.period == kept.period);
    points
}

/// How a figure changed between two periods.
#[derive(Clone, Debug)]
pub struct Trend<'r> {
    /// The earlier figure; none when there is none.
    pub from: Option<Point<'r>>,
    /// The earlier period: that of the earlier figure, or else the one that the printed change names.
    pub since: Option<Period>,
    /// The later figure.
    pub to: Option<Point<'r>>,
    /// The later period.
    pub until: Option<Period>,
    /// Whether the change tells something by itself: the periods are equally long, or the figures are shares.
    pub comparable: bool,
    /// The difference; of two shares in percentage points.
    pub absolute: Computed<'r>,
    /// The relative change.
    pub relative: Computed<'r>,
    /// The change that is printed between these two periods.
    pub printed: Option<&'r Figure>,
    /// Whether the printed change can be the computed one, all three rounded as they are printed; none when there is nothing
    /// to compare.
    pub agrees: Option<bool>,
}

impl<'r> Trend<'r> {
    /// The same change as that between two other periods of which the figures tell, with what is printed of it there.
    #[must_use]
    pub fn told_as(self, since: Period, until: Period, printed: Option<&'r Figure>) -> Self {
        let computed = |figure: &&Figure| if figure.unit == Unit::Ratio { &self.relative } else { &self.absolute };
        let agrees = printed.as_ref().and_then(|figure| computed(figure).agrees(figure));
        Self { since: Some(since), until: Some(until), comparable: true, printed, agrees, ..self }
    }
}

/// The trend between two periods. Without `to`, to the last one that is of the record itself; without `from`, from the one that is compared with it.
pub fn trend<'r>(points: &[Point<'r>], from: Option<&Period>, to: Option<&Period>) -> Trend<'r> {
    let at = |period: &Period| points.iter().find(|point| point.period.is_same_span(period)).copied();
    trend_to(points, from, to.map_or_else(|| last(points.iter().filter(|point| !point.of_earlier)), at))
}

/// The last of those figures: the one whose period ends last. Of several that end together it is the year rather than its last part, and
/// no longer stretch; a blank is it only where nothing else ends then.
pub fn last<'p, 'r: 'p>(points: impl Iterator<Item = &'p Point<'r>>) -> Option<Point<'r>> {
    let length = |period: &Period| period.months().map_or(0, |months| if months <= 12 { months } else { -months });
    points
        .max_by_key(|point| (point.period.end(), !point.figure.is_blank(), length(point.period), point.period))
        .copied()
}

/// The trend to one of those figures; without `from`, from the one that is compared with it.
pub fn trend_to<'r>(points: &[Point<'r>], from: Option<&Period>, later: Option<Point<'r>>) -> Trend<'r> {
    let at = |period: &Period| points.iter().find(|point| point.period.is_same_span(period)).copied();
    let wanted = from.copied().or_else(|| later.and_then(|later| same_part(later.period)));
    let earlier = match (wanted, &later) {
        (Some(wanted), _) => at(&wanted),
        (None, Some(later)) => {
            let before = || points.iter().rev().filter(|point| point.period < later.period);
            let year_before = later.period.year_before().and_then(|it| at(&it));
            year_before.or_else(|| before().find(|it| are_comparable(it, later)).or_else(|| before().next()).copied())
        }
        (None, None) => None,
    };
    since(earlier, later, wanted)
}

/// What a part of a year is compared with: the same part of the year before, and never what stands before it. Years, and days, are
/// compared with those of the year before too, or else with the last one before them that is comparable, or else with the last one.
fn same_part(later: &Period) -> Option<Period> {
    later.year_before().filter(|_| later.is_part_of_year())
}

/// The trend between two figures.
pub fn between<'r>(from: Option<Point<'r>>, to: Option<Point<'r>>) -> Trend<'r> {
    since(from, to, None)
}

/// The trend between two figures, of which the earlier was looked for at a period.
fn since<'r>(from: Option<Point<'r>>, to: Option<Point<'r>>, wanted: Option<Period>) -> Trend<'r> {
    work::step(100);
    let unit = to.or(from).map_or(Unit::Other, |point| point.figure.unit);
    let input =
        |name, point: Option<Point<'r>>| point.map(|point| Input::recorded(name, point.node, "figure", point.figure));
    let inputs = || [input("to", to), input("from", from)].into_iter().flatten().collect::<Vec<_>>();
    let points = if unit == Unit::Ratio { Unit::RatioPoints } else { unit };
    let (absolute, relative) = match (from, to, wanted) {
        (None, Some(_), Some(wanted)) => {
            let text = format!("the register has no value of {wanted} to compare it with");
            let none = |rule, unit| Computed::missing(rule, unit, inputs(), MissingCode::NoInput, text.as_str());
            (none(Rule::Change, points), none(Rule::ChangeRelative, Unit::Ratio))
        }
        (Some(from), Some(to), _) if from.figure.counts() != to.figure.counts() => {
            let text = format!("the later figure counts {}, the earlier {}", to.figure.counts(), from.figure.counts());
            let differ = |rule, unit| Computed::missing(rule, unit, inputs(), MissingCode::UnitsDiffer, text.as_str());
            (differ(Rule::Change, points), differ(Rule::ChangeRelative, Unit::Ratio))
        }
        _ => (Computed::new(Rule::Change, points, inputs()), Computed::relative_change(inputs())),
    };
    // What is printed stands without the earlier figure too.
    let since = from.map(|from| from.period).or_else(|| to.and_then(|to| to.change_from));
    let printed = to.and_then(|to| to.change.filter(|_| to.change_from == since));
    let (since, until) = (since.copied(), to.map(|to| *to.period));
    let computed = |figure: &&Figure| if figure.unit == Unit::Ratio { &relative } else { &absolute };
    let agrees = printed.as_ref().and_then(|figure| computed(figure).agrees(figure));
    let comparable = matches!((from, to), (Some(from), Some(to)) if are_comparable(&from, &to));
    Trend { from, since, to, until, comparable, absolute, relative, printed, agrees }
}

/// Shares can be compared over any periods; what adds up, over equally long ones only.
fn are_comparable(a: &Point<'_>, b: &Point<'_>) -> bool {
    (a.figure.unit == Unit::Ratio && b.figure.unit == Unit::Ratio) || a.period.months() == b.period.months()
}

#[cfg(test)]
mod tests;
