//! What the numbers of computed values come to: unit by unit, and only what adds up is added.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::analysis::askable::made::{Counts, Numbers};
use crate::model::period::PeriodKind;
use crate::model::value::AnyComposite;
use crate::model::{CompositeInfo, Unit, View, exact};
use crate::register::query::group::{OfAll, TooLong, Total};
use crate::work;

/// A number of a type of values.
#[derive(Debug)]
pub struct Number {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// What it counts.
    pub counts: Counts,
    index: usize,
    /// Where the value names its unit, the code of that, and the kind of its period.
    unit: Option<usize>,
    code: Option<usize>,
    span: Option<usize>,
    months: Option<usize>,
    /// Where the value says whether it can be held against others of its kind.
    comparable: Option<usize>,
    /// Where the numbers stand that a rate is made of.
    rate: Option<Rate>,
}

/// Where the numbers stand that a rate is made of, and what they count.
#[derive(Debug)]
struct Rate {
    part: usize,
    whole: usize,
    less: Option<usize>,
    money: [Option<usize>; 2],
}

/// The numbers of a type.
pub fn numbers(info: &'static CompositeInfo, numbers: Numbers) -> Vec<Number> {
    let number = |(name, counts): &(&'static str, Counts)| {
        let index = info.position(name)?;
        let own = |name| info.position(name).filter(|_| counts.unit.is_none());
        let (unit, code, span) = (own("unit"), own("unitCode"), info.position("span"));
        let doc = info.fields[index].doc.trim();
        let (comparable, months) = (info.position("comparable"), info.position("months"));
        let rate = counts.of.and_then(|of| {
            let money = [info.position("unit"), info.position("unitCode")];
            let less = of.less.and_then(|name| info.position(name));
            Some(Rate { part: info.position(of.part)?, whole: info.position(of.whole)?, less, money })
        });
        Some(Number { name, doc, counts: *counts, index, unit, code, span, months, comparable, rate })
    };
    numbers.iter().filter_map(number).collect()
}

/// What values that are added up agree in: unit, its code, kind of period, and its months, the longer ones first.
type Alike = (usize, Option<String>, Option<usize>, Reverse<Option<i64>>);

/// What values of one unit, code and kind of period come to.
#[derive(Default)]
struct Sum {
    sum: Option<Decimal>,
    too_long: bool,
    valued: usize,
    missing: usize,
    min: Option<Decimal>,
    max: Option<Decimal>,
}

impl Sum {
    fn add(&mut self, value: Option<Decimal>) {
        let Some(value) = value else {
            self.missing += 1;
            return;
        };
        self.valued += 1;
        let sum = self.sum.map_or(Some(value), |sum| exact::add(sum, value));
        self.too_long |= sum.is_none();
        self.sum = sum.or(self.sum);
        self.min = Some(self.min.map_or(value, |least| least.min(value)));
        self.max = Some(self.max.map_or(value, |most| most.max(value)));
    }
}

impl Number {
    /// Its number, as far as it goes with others: what changed over periods of another length does not.
    fn of(&self, value: &dyn AnyComposite) -> Option<Decimal> {
        if self.comparable.is_some_and(|at| matches!(value.field(at), View::Bool(false))) {
            return None;
        }
        number_at(value, self.index)
    }

    /// Whether values that are not comparable count as missing.
    pub fn leaves_out_unlike(&self) -> bool {
        self.comparable.is_some()
    }

    /// What it counts in a value; none where that is not known.
    fn unit(&self, value: &dyn AnyComposite) -> Option<Unit> {
        let Some(place) = self.unit else { return self.counts.unit };
        match value.field(place) {
            View::Enum(word) => Unit::from_word(word).map(|unit| match unit {
                Unit::Ratio => Unit::RatioPoints,
                other => other,
            }),
            _ => None,
        }
    }
}

/// The number in a field of a value.
fn number_at(value: &dyn AnyComposite, index: usize) -> Option<Decimal> {
    match value.field(index) {
        View::Decimal(number) => Some(number),
        View::Int(number) => Some(number.into()),
        _ => None,
    }
}

/// The parts of a rate, added up over the entries that have both.
#[derive(Default)]
struct Together {
    sums: Option<[Decimal; 2]>,
    money: Option<[Option<String>; 2]>,
    /// Whether there is no such sum: of different things, or of too many digits.
    none: bool,
    known: usize,
    unknown: usize,
}

impl Together {
    fn add(&mut self, rate: &Rate, value: &dyn AnyComposite) {
        let less = rate.less.map_or(Some(Decimal::ZERO), |at| number_at(value, at));
        let whole = number_at(value, rate.whole).zip(less).and_then(|(whole, less)| exact::add(whole, -less));
        let Some(both) = number_at(value, rate.part).zip(whole) else {
            self.unknown += 1;
            return;
        };
        self.known += 1;
        let money = rate.money.map(|at| at.and_then(|at| value.field(at).text()));
        self.none |= self.money.as_ref().is_some_and(|known| *known != money);
        self.money = Some(money);
        let [part, whole] = self.sums.unwrap_or_default();
        match exact::add(part, both.0).zip(exact::add(whole, both.1)) {
            Some((part, whole)) => self.sums = Some([part, whole]),
            None => self.none = true,
        }
    }

    fn told(self) -> OfAll {
        let sums = self.sums.filter(|_| !self.none);
        let value = sums.and_then(|[part, whole]| part.checked_div(whole)).map(|it| it.round_dp(12).normalize());
        OfAll { value, known: self.known, unknown: self.unknown }
    }
}

/// What a number of these values comes to.
pub fn totals(number: &Number, values: &[&dyn AnyComposite]) -> Vec<Total> {
    let mut sums: BTreeMap<Alike, Sum> = BTreeMap::new();
    let mut together = Together::default();
    let text = |place: Option<usize>, value: &dyn AnyComposite| place.and_then(|place| value.field(place).text());
    for value in values {
        work::step(3);
        if let Some(rate) = &number.rate {
            together.add(rate, *value);
        }
        let Some(unit) = number.unit(*value) else { continue };
        let span = number.span.and_then(|place| match value.field(place) {
            View::Enum(word) => PeriodKind::VOCABULARY.words.iter().position(|(known, _)| *known == word),
            _ => None,
        });
        let months = number.months.and_then(|place| match value.field(place) {
            View::Int(months) => Some(months),
            _ => None,
        });
        sums.entry((unit as usize, text(number.code, *value), span, Reverse(months)))
            .or_default()
            .add(number.of(*value));
    }
    // A rate of two numbers counts one thing, and stands in one entry.
    let of_all = number.rate.is_some().then(|| together.told());
    let told = sums.into_iter().filter_map(|((unit, code, span, Reverse(months)), it)| {
        let word = Unit::VOCABULARY.words[unit].0;
        let adds_up = number.counts.adds_up && word != Unit::RatioPoints.word();
        Some(Total {
            unit: word,
            unit_order: u32::try_from(unit).ok()?,
            code,
            span: span.and_then(|at| PeriodKind::from_word(PeriodKind::VOCABULARY.words[at].0)),
            months: months.and_then(|months| i32::try_from(months).ok()),
            valued: it.valued,
            missing: it.missing,
            sum: if it.too_long { Err(TooLong) } else { Ok(it.sum) },
            apart: (!adds_up).then_some("shares, rates and changes of shares do not add up"),
            min: it.min,
            max: it.max,
            of_all,
        })
    });
    told.collect()
}
