//! Stretches of time as a plan prints them, as values that sort and compare by their days.

use std::cmp::Ordering;

use crate::model::problem::{ProblemCode, Problems};
use crate::model::vocabulary::vocabulary;

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Reads `2020-12-31`, years 1900 to 2200.
    pub fn parse(text: &str) -> Option<Self> {
        let [year, month, day] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
        Self::new(number(year, 4)?, number(month, 2)?, number(day, 2)?)
    }

    fn new(year: i16, month: i16, day: i16) -> Option<Self> {
        if !(1900..=2200).contains(&year) {
            return None;
        }
        jiff::civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok().map(Self)
    }

    /// The day of an instant, in milliseconds since 1970, in UTC.
    pub fn of_instant(milliseconds: i64) -> Self {
        let instant = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default();
        Self(instant.to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// The year.
    pub fn year(self) -> i32 {
        i32::from(self.0.year())
    }

    /// The month, from 1.
    pub fn month(self) -> i32 {
        i32::from(self.0.month())
    }

    /// The year in which it lies, of years that begin in that month and are named after the calendar year of their beginning.
    pub fn year_from(self, first_month: i32) -> i32 {
        self.year() - i32::from(self.month() < first_month)
    }

    fn is_first_of_month(self) -> bool {
        self.0.day() == 1
    }

    fn is_last_of_month(self) -> bool {
        self.0 == self.0.last_of_month()
    }

    fn last_of_month(year: i16, month: i16) -> Option<Self> {
        Self::new(year, month, 1).map(|first| Self(first.0.last_of_month()))
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Exactly `digits` digits.
fn number(text: &str, digits: usize) -> Option<i16> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

vocabulary! {
    /// What stretch of time a period is.
    PeriodKind {
        /// A calendar year: `2020`.
        Year = "YEAR",
        /// A school year (*schooljaar*), September to August: `2018-2019`.
        SchoolYear = "SCHOOL_YEAR",
        /// A quarter of a calendar year: `2020-Q1`.
        Quarter = "QUARTER",
        /// A month: `2020-09`.
        Month = "MONTH",
        /// From one month, quarter, year or day to another, both included: `2020-09/2020-12`.
        Range = "RANGE",
        /// One day (*situatie op*): `2020-09-02`.
        Day = "DAY",
    }
}

/// A stretch of time. Sorts by its first day, then the longer one first: a year before its quarters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    code: Box<str>,
    kind: PeriodKind,
    start: Date,
    end: Date,
}

impl Period {
    /// Reads the written form; the one form that is read is the one that is written.
    ///
    /// # Errors
    /// Says why not, in a few words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, start, end) = match text.split_once('/') {
            None => Self::simple(text).ok_or("none of the known forms")?,
            Some((from, to)) => {
                let (kind, start, from_end) = Self::simple(from).ok_or("its beginning is none of the known forms")?;
                let (_, _, end) = Self::simple(to).ok_or("its end is none of the known forms")?;
                // A day written twice is a span of one day; the day alone is a date.
                if end <= from_end && !(kind == PeriodKind::Day && from == to) {
                    return Err("it ends before it begins, or is one period written twice".into());
                }
                (PeriodKind::Range, start, end)
            }
        };
        Ok(Self { code: text.into(), kind, start, end })
    }

    fn simple(text: &str) -> Option<(PeriodKind, Date, Date)> {
        let parts: Vec<&str> = text.split('-').collect();
        let year = number(parts[0], 4)?;
        match parts.as_slice() {
            [_] => Some((PeriodKind::Year, Date::new(year, 1, 1)?, Date::new(year, 12, 31)?)),
            [_, quarter] if quarter.starts_with('Q') => {
                let quarter = number(&quarter[1..], 1).filter(|quarter| (1..=4).contains(quarter))?;
                Some((
                    PeriodKind::Quarter,
                    Date::new(year, quarter * 3 - 2, 1)?,
                    Date::last_of_month(year, quarter * 3)?,
                ))
            }
            [_, next] if next.len() == 4 => {
                let next = number(next, 4).filter(|next| *next == year + 1)?;
                Some((PeriodKind::SchoolYear, Date::new(year, 9, 1)?, Date::new(next, 8, 31)?))
            }
            [_, month] => {
                let month = number(month, 2)?;
                Some((PeriodKind::Month, Date::new(year, month, 1)?, Date::last_of_month(year, month)?))
            }
            [_, _, _] => Date::parse(text).map(|day| (PeriodKind::Day, day, day)),
            _ => None,
        }
    }

    /// The calendar year of that number.
    pub fn year(year: i32) -> Option<Self> {
        Self::parse(&year.to_string()).ok()
    }

    /// The period of the same days in its one form: a year, quarter or month where the days are one, else a range of months, else of
    /// days. A date and a school year are forms of their own.
    pub fn in_one_form(&self) -> Self {
        if self.kind != PeriodKind::Range {
            return self.clone();
        }
        let (start, end) = (self.start, self.end);
        let (year, month) = (start.year(), start.month());
        let months = (end.year() - year) * 12 + end.month() - month + 1;
        let whole_months = start.is_first_of_month() && end.is_last_of_month();
        let code = match months {
            _ if !whole_months => format!("{start}/{end}"),
            12 if month == 1 => format!("{year}"),
            3 if month % 3 == 1 => format!("{year}-Q{}", month / 3 + 1),
            1 => format!("{year}-{month:02}"),
            _ => format!("{year}-{month:02}/{}-{:02}", end.year(), end.month()),
        };
        Self::parse(&code).unwrap_or_else(|_| self.clone())
    }

    /// Whether it is written as one year and the next, `2020/2021`, which may mean a school year or both years.
    pub fn is_ambiguous(&self) -> bool {
        let years = self.code.split_once('/').and_then(|(from, to)| Some((number(from, 4)?, number(to, 4)?)));
        years.is_some_and(|(from, to)| to == from + 1)
    }

    /// Whether it is the same stretch of time, however it is written. A date is no span of one day, and a school year a form of its own.
    pub fn is_same_span(&self, other: &Self) -> bool {
        let form = |it: &Self| match it.kind {
            PeriodKind::Day | PeriodKind::SchoolYear => Some(it.kind),
            _ => None,
        };
        (self.start, self.end, form(self)) == (other.start, other.end, form(other))
    }

    /// The year that it counts in, of a body whose years begin in that month: the one in which it begins there. A school year, and
    /// every period where years are calendar years, counts in the calendar year in which it ends.
    pub fn year_counted(&self, first_month: i32) -> i32 {
        if first_month == 1 || self.kind == PeriodKind::SchoolYear {
            return self.end.year();
        }
        self.start.year_from(first_month)
    }

    /// The written form.
    pub fn code(&self) -> &str {
        &self.code
    }
    /// What stretch of time it is.
    pub fn kind(&self) -> PeriodKind {
        self.kind
    }
    /// First day.
    pub fn start(&self) -> Date {
        self.start
    }
    /// Last day.
    pub fn end(&self) -> Date {
        self.end
    }
}

impl Ord for Period {
    fn cmp(&self, other: &Self) -> Ordering {
        self.start.cmp(&other.start).then_with(|| other.end.cmp(&self.end)).then_with(|| self.code.cmp(&other.code))
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code)
    }
}

/// A plan's year lies in living memory or the near future.
pub fn check_year(name: &str, year: i32, problems: &mut Problems) {
    if !(1990..=2100).contains(&year) {
        problems.within(name.to_owned(), |problems| {
            let message = format!("{year} is no year from 1990 to 2100");
            problems.push(ProblemCode::OutOfRange, message, "correct the year");
        });
    }
}

/// A change is counted from an earlier period.
pub fn check_change(period: &Period, from: Option<&Period>, problems: &mut Problems) {
    if let Some(from) = from.filter(|from| *from >= period) {
        problems.within("changeFrom", |problems| {
            let message = format!("`{from}` is not before `{period}`");
            problems.push(ProblemCode::Inconsistent, message, "name the earlier period");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_each_form() {
        for (text, kind, start, end) in [
            ("2020", PeriodKind::Year, "2020-01-01", "2020-12-31"),
            ("2018-2019", PeriodKind::SchoolYear, "2018-09-01", "2019-08-31"),
            ("2020-Q1", PeriodKind::Quarter, "2020-01-01", "2020-03-31"),
            ("2020-02", PeriodKind::Month, "2020-02-01", "2020-02-29"),
            ("2020-09/2020-12", PeriodKind::Range, "2020-09-01", "2020-12-31"),
            ("2021-Q1/2021-Q4", PeriodKind::Range, "2021-01-01", "2021-12-31"),
            ("2020-09-02", PeriodKind::Day, "2020-09-02", "2020-09-02"),
            ("2020-09-02/2020-09-02", PeriodKind::Range, "2020-09-02", "2020-09-02"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!(period.kind(), kind, "{text}");
            assert_eq!((period.start().to_string(), period.end().to_string()), (start.into(), end.into()), "{text}");
            assert_eq!(period.to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_period() {
        for text in
            ["", "20", "2020-13", "2020-Q5", "2019-2021", "2020-02-30", "2020/2019", "2020/2020", "1066", "2020-1"]
        {
            assert!(Period::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_span_has_one_form() {
        for (written, form) in [
            ("2024-01/2024-12", "2024"),
            ("2024-Q1/2024-Q4", "2024"),
            ("2024-01-01/2024-12-31", "2024"),
            ("2024-04/2024-06", "2024-Q2"),
            ("2024-02-01/2024-02-29", "2024-02"),
            ("2024-Q1/2024-Q3", "2024-01/2024-09"),
            ("2019/2022", "2019-01/2022-12"),
            ("2024-03-05/2024-03-05", "2024-03-05/2024-03-05"),
            ("2024-03-05", "2024-03-05"),
            ("2018-09/2019-08", "2018-09/2019-08"),
            ("2018-2019", "2018-2019"),
        ] {
            let written = Period::parse(written).unwrap();
            assert_eq!(written.in_one_form().code(), form);
            assert!(written.is_same_span(&Period::parse(form).unwrap()));
        }
        let [day, span, school, year] = ["2024-03-05", "2024-03-05/2024-03-05", "2018-2019", "2018-09/2019-08"]
            .map(|text| Period::parse(text).unwrap());
        assert!(!day.is_same_span(&span) && !school.is_same_span(&year));
        let ambiguous = |text| Period::parse(text).unwrap().is_ambiguous();
        assert!(ambiguous("2020/2021") && !ambiguous("2020-2021") && !ambiguous("2020/2022") && !ambiguous("2020"));
    }

    #[test]
    fn a_year_begins_where_the_body_says() {
        for (period, month, year) in [
            ("2018-04/2019-03", 4, 2018),
            ("2019-Q1", 4, 2018),
            ("2019-Q2", 4, 2019),
            ("2019-03-31", 4, 2018),
            ("2018-2019", 4, 2019),
            ("2018-2019", 1, 2019),
            ("2019-Q1", 1, 2019),
            ("2018-12/2019-01", 1, 2019),
        ] {
            assert_eq!(Period::parse(period).unwrap().year_counted(month), year, "{period} {month}");
        }
    }

    proptest! {
        #[test]
        fn the_one_form_is_the_only_one(a in any_period(), b in any_period()) {
            let (one, other) = (a.in_one_form(), b.in_one_form());
            prop_assert_eq!(a.is_same_span(&b), one == other);
            prop_assert_eq!(one.in_one_form(), one);
        }

        #[test]
        fn sorts_by_its_days(a in any_period(), b in any_period()) {
            prop_assert!(a.start() <= a.end());
            if a.start() < b.start() {
                prop_assert!(a < b);
            }
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            prop_assert_eq!(Period::parse(a.code()).unwrap(), a);
        }

        #[test]
        fn never_panics(text in "\\PC{0,20}") {
            let _ = Period::parse(&text);
        }
    }

    fn any_period() -> impl Strategy<Value = Period> {
        (1990..2060i32, 1..=12u8, 0..10usize).prop_map(|(year, month, form)| {
            let text = match form {
                0 => year.to_string(),
                1 => format!("{year}-{}", year + 1),
                2 => format!("{year}-Q{}", (month - 1) / 3 + 1),
                3 => format!("{year}-{month:02}"),
                4 => format!("{year}-01/{year}-12"),
                5 => format!("{year}-Q1/{year}-Q4"),
                6 => format!("{year}-{month:02}-05"),
                7 => format!("{year}-{month:02}-05/{year}-{month:02}-05"),
                8 => format!("{year}-{month:02}-01/{year}-{month:02}-28"),
                _ => format!("{year}-{month:02}/{}-{month:02}", year + 1),
            };
            Period::parse(&text).unwrap()
        })
    }
}
