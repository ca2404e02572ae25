//! The figure of a year: what its parts come to, where an indicator says how its values come together.

use std::sync::Arc;

use crate::analysis::computed::{Computed, Input, MissingCode, Rule};
use crate::analysis::pairs::Pairs;
use crate::analysis::trend::{self, Point, Trend};
use crate::analysis::walk::RecordRef;
use crate::model::indicator::Aggregation;
use crate::model::period::PeriodKind;
use crate::model::{FigureStatus, Indicator, Period, Unit};
use crate::work;

/// The months of a year.
const MONTHS: usize = 12;

/// A part of a year, with its value, if there is a record of it.
type Part<'r> = (Period, Option<Point<'r>>);

/// A year of an indicator, made of its parts.
#[derive(Clone, Debug)]
pub struct Year<'r> {
    /// The year.
    pub period: Period,
    /// What all parts come to; without a value when one is unknown.
    pub all: Arc<Computed<'r>>,
    /// What those parts come to that are known.
    pub known: Arc<Computed<'r>>,
    indicator: RecordRef<'r, Indicator>,
    parts: Vec<Part<'r>>,
    way: Way,
}

/// How values come together.
#[derive(Clone, Copy, Debug)]
enum Way {
    Sum,
    Average,
}

impl Way {
    fn of(indicator: &Indicator) -> Option<Self> {
        match indicator.aggregation? {
            Aggregation::Sum => Some(Self::Sum),
            Aggregation::Average => Some(Self::Average),
            Aggregation::Last | Aggregation::None => None,
        }
    }

    /// Of all parts, and of those that are known.
    fn rules(self) -> [Rule; 2] {
        match self {
            Self::Sum => [Rule::Sum, Rule::SumOfKnown],
            Self::Average => [Rule::Average, Rule::AverageOfKnown],
        }
    }
}

impl<'r> Year<'r> {
    /// The year of that number, of years that begin in that month; none where the indicator does not say that its values come together,
    /// or none of its points is a part of it.
    pub fn of(points: &[Point<'r>], indicator: RecordRef<'r, Indicator>, year: i32, first_month: i32) -> Option<Self> {
        let way = Way::of(indicator.1)?;
        let period = Period::of_year(year, first_month)?;
        let mut parts = parts_of(&period, points)?;
        if matches!(way, Way::Average) {
            parts = by_length(parts);
        }
        work::step(20 + 5 * parts.len() as u64);
        let unit = parts.iter().find_map(|(_, point)| point.as_ref()).map_or(indicator.1.unit, |it| it.figure.unit);
        let inputs: Vec<Input<'r>> = parts.iter().map(|(_, point)| input(indicator, point.as_ref())).collect();
        let inputs: Vec<Input<'r>> = inputs.into_iter().filter(|input| !input.does_not_apply()).collect();
        let known: Vec<Input<'r>> = inputs.iter().filter(|input| input.value().is_some()).cloned().collect();
        let [of_all, of_known] = way.rules();
        let unknown: Vec<String> = parts.iter().filter(|part| !is_settled(part)).map(|it| it.0.to_string()).collect();
        let all = if unknown.is_empty() {
            Computed::in_one_unit(of_all, unit, inputs)
        } else {
            let text = format!("{} of {} parts have no value: {}", unknown.len(), inputs.len(), unknown.join(", "));
            Computed::missing(of_all, unit, inputs, MissingCode::InputMissing, text)
        };
        let known = Computed::in_one_unit(of_known, unit, known).covering(all.coverage);
        Some(Self { period, all: Arc::new(all), known: Arc::new(known), indicator, parts, way })
    }

    /// How it changed since the year before: as a whole where both are known, else like for like, over the parts that are known in both.
    /// A year before that is printed counts as printed.
    pub fn trend(&self, points: &[Point<'r>], first_month: i32) -> Trend<'r> {
        let Some(before) = self.period.year_before() else { return trend::between(None, None) };
        let printed = points.iter().find(|point| point.period.is_same_span(&before));
        let earlier = Year::of(points, self.indicator, before.year_counted(first_month), first_month);
        let whole = match (printed, &earlier) {
            (Some(point), _) => Some(Input::recorded("from", point.node, "figure", point.figure)),
            (None, Some(earlier)) => Some(Input::computed("from", Arc::clone(&earlier.all))),
            (None, None) => None,
        };
        let whole = whole.filter(|from| self.all.value.is_ok() && from.value().is_some());
        let (absolute, relative) = match (whole, &earlier) {
            (Some(from), _) => changes(vec![Input::computed("to", Arc::clone(&self.all)), from]),
            (None, Some(_)) => self.like_for_like(points),
            (None, None) => {
                let from = printed.map(|point| Input::recorded("from", point.node, "figure", point.figure));
                let text = match printed {
                    Some(_) => format!("of {} the year alone is known, and not all parts of {}", before, self.period),
                    None => format!("the register has no value of {before} to compare it with"),
                };
                let inputs = || from.clone().into_iter().chain([Input::computed("to", Arc::clone(&self.all))]);
                let code = if printed.is_some() { MissingCode::InputMissing } else { MissingCode::NoInput };
                let none = |rule, unit| Computed::missing(rule, unit, inputs().collect(), code, text.as_str());
                (none(Rule::Change, points_of(self.all.unit)), none(Rule::ChangeRelative, Unit::Ratio))
            }
        };
        let comparable = printed.is_some() || earlier.is_some();
        let since = comparable.then_some(before);
        let until = Some(self.period);
        let from = printed.copied();
        Trend { from, since, to: None, until, comparable, absolute, relative, printed: None, agrees: None }
    }

    /// The changes over those parts that are known in both years.
    fn like_for_like(&self, points: &[Point<'r>]) -> (Computed<'r>, Computed<'r>) {
        let rows = self.parts.iter().map(|(period, to)| {
            let from = period.year_before().and_then(|it| points.iter().find(|point| point.period.is_same_span(&it)));
            [input(self.indicator, from), input(self.indicator, to.as_ref())]
        });
        let before = self.period.year_before().map(|it| it.to_string()).unwrap_or_default();
        let pairs = Pairs::of(rows, &format!("values of the same part of {before} and {}", self.period));
        let pairs = if matches!(self.way, Way::Average) { pairs.averaged() } else { pairs };
        let unit = self.all.unit;
        let figure = |rule, of| pairs.figure(["from", "to"], rule, [unit, unit], of);
        (figure(Rule::Change, points_of(unit)), figure(Rule::ChangeRelative, Unit::Ratio))
    }
}

/// Whether a period tells what a stock is at the end of a year: a part of it, or a day.
pub fn tells_stock(period: &Period) -> bool {
    period.is_part_of_year() || period.kind() == PeriodKind::Day
}

/// How a stock changed over a year: from the end of the year before to the end of the year, where both are known. Told alike at both ends
/// rather than by a quarter and a day; the year as a whole may tell it too.
pub fn of_stock<'r>(points: &[Point<'r>], year: Period) -> Option<Trend<'r>> {
    let before = year.year_before()?;
    let ends = |year: Period| {
        let tells = move |it: &&Point<'r>| tells_stock(it.period) || it.period.is_same_span(&year);
        points.iter().filter(move |it| it.period.end() == year.end() && it.figure.value.is_some()).filter(tells)
    };
    let shape = |it: &Point<'_>| (it.period.kind(), it.period.months());
    let told_before = |to: &&Point<'r>| ends(before).any(|from| shape(from) == shape(to));
    let own = || ends(year).filter(|it| !it.of_earlier);
    let to = trend::last(own().filter(told_before)).or_else(|| trend::last(own()))?;
    let alike = ends(before).find(|from| shape(from) == shape(&to)).copied();
    let whole = trend::between(Some(alike.or_else(|| trend::last(ends(before)))?), Some(to));
    let printed = to.change.filter(|_| to.period.is_same_span(&year) && to.change_from == Some(&before));
    Some(whole.told_as(before, year, printed))
}

/// How a printed year changed: since the year before, which may be known by its parts alone, or of a stock by its end.
pub fn of_printed<'r>(
    points: &[Point<'r>],
    of: RecordRef<'r, Indicator>,
    to: &Point<'r>,
    first_month: i32,
) -> Trend<'r> {
    let printed = || trend::trend_to(points, None, Some(*to));
    let before = to.period.year_before().filter(|before| points.iter().all(|it| !it.period.is_same_span(before)));
    let Some(before) = before else { return printed() };
    if of.1.aggregation == Some(Aggregation::Last) && to.period.kind() != PeriodKind::SchoolYear {
        return of_stock(points, *to.period).unwrap_or_else(printed);
    }
    let parts = Year::of(points, of, before.year_counted(first_month), first_month);
    parts.filter(|parts| parts.period.is_same_span(&before)).map_or_else(printed, |parts| since_parts(to, &parts))
}

/// How a printed year changed since the one before it, of which only the parts are known; none when these are not there.
fn since_parts<'r>(to: &Point<'r>, earlier: &Year<'r>) -> Trend<'r> {
    let inputs =
        vec![Input::recorded("to", to.node, "figure", to.figure), Input::computed("from", Arc::clone(&earlier.all))];
    let (absolute, relative) = changes(inputs);
    let (since, until) = (Some(earlier.period), Some(*to.period));
    let printed = to.change.filter(|_| to.change_from == since.as_ref());
    let computed = |figure: &&crate::model::Figure| if figure.unit == Unit::Ratio { &relative } else { &absolute };
    let agrees = printed.as_ref().and_then(|figure| computed(figure).agrees(figure));
    Trend { from: None, since, to: Some(*to), until, comparable: true, absolute, relative, printed, agrees }
}

/// Of shares in points.
fn points_of(unit: Unit) -> Unit {
    if unit == Unit::Ratio { Unit::RatioPoints } else { unit }
}

/// The difference and the relative change.
fn changes(inputs: Vec<Input<'_>>) -> (Computed<'_>, Computed<'_>) {
    let unit = inputs.first().and_then(Input::unit).unwrap_or(Unit::Other);
    let absolute = Computed::in_units_alike(Rule::Change, points_of(unit), inputs.clone());
    (absolute, Computed::relative_change_alike(inputs))
}

fn input<'r>(indicator: RecordRef<'r, Indicator>, point: Option<&Point<'r>>) -> Input<'r> {
    match point {
        Some(point) => Input::recorded("part", point.node, "figure", point.figure),
        None => Input::optional("part", indicator.0, "observations", None),
    }
}

/// Whether a part is known, or is said not to apply.
fn is_settled((_, point): &Part<'_>) -> bool {
    point.is_some_and(|it| it.figure.value.is_some() || it.figure.status == FigureStatus::NotApplicable)
}

/// The parts that make up a year: the fewest that are all known, whatever their lengths; or else those of the one length of which most is
/// known. None when there are none.
fn parts_of<'r>(year: &Period, points: &[Point<'r>]) -> Option<Vec<Part<'r>>> {
    let within: Vec<((usize, usize), Part<'r>)> = points
        .iter()
        .filter(|point| point.period.is_part_of_year())
        .filter_map(|point| Some((point.period.place_in(year)?, (*point.period, Some(*point)))))
        .collect();
    if within.is_empty() {
        return None;
    }
    let mut reached: Vec<Option<Vec<Part<'r>>>> = vec![None; MONTHS + 1];
    reached[0] = Some(Vec::new());
    for month in 0..MONTHS {
        let Some(so_far) = reached[month].clone() else { continue };
        for ((_, months), part) in within.iter().filter(|((first, _), part)| *first == month && is_settled(part)) {
            let next = &mut reached[month + months];
            if next.as_ref().is_none_or(|known| known.len() > so_far.len() + 1) {
                *next = Some(so_far.iter().copied().chain([*part]).collect());
            }
        }
    }
    if let Some(Some(all)) = reached.pop() {
        return Some(all);
    }
    let alike = [6, 4, 3, 2, 1].map(|months| {
        let at = |first: usize| within.iter().find(|(place, _)| *place == (first, months)).map(|(_, part)| *part);
        let parts = year.split(months).into_iter().enumerate();
        parts.map(|(number, period)| at(number * months).unwrap_or((period, None))).collect::<Vec<Part<'r>>>()
    });
    let months = |parts: &[Part<'r>], count: &dyn Fn(&Part<'r>) -> bool| {
        parts.iter().filter(|part| count(part)).count() * MONTHS / parts.len().max(1)
    };
    let known = |parts: &Vec<Part<'r>>| (months(parts, &is_settled), months(parts, &|part| part.1.is_some()));
    alike.into_iter().rev().max_by_key(known).filter(|parts| known(parts).1 > 0)
}

/// The parts as often as they are longer than what all are made of: in a mean a half-year counts as its two quarters.
fn by_length(parts: Vec<Part<'_>>) -> Vec<Part<'_>> {
    let months = |(period, _): &Part<'_>| period.months().unwrap_or(1).unsigned_abs() as usize;
    let unit = parts.iter().map(months).fold(0, common);
    parts.into_iter().flat_map(|part| std::iter::repeat_n(part, months(&part) / unit.max(1))).collect()
}

/// The greatest common divisor.
fn common(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common(b, a % b) }
}

#[cfg(test)]
mod tests;
