//! Stretches of time as a plan prints them, as values that sort and compare by their days.

use std::cmp::Ordering;

use crate::model::date::{Date, number};
use crate::model::problem::{ProblemCode, Problems};
use crate::model::vocabulary::vocabulary;

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
///
/// It holds its days and how they are written, not the text: registers have a period in most of their records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    start: Date,
    end: Date,
    from: Form,
    /// Of a range, how its end is written.
    to: Option<Form>,
}

/// How a stretch of time without a beginning and an end of its own is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    Year,
    SchoolYear,
    Quarter,
    Month,
    Day,
}

impl Form {
    /// Reads one, with its first and last day.
    fn read(text: &str) -> Option<(Self, Date, Date)> {
        let (year, rest) = text.split_at_checked(4)?;
        let year = number(year, 4)?;
        if rest.is_empty() {
            return Some((Self::Year, Date::new(year, 1, 1)?, Date::new(year, 12, 31)?));
        }
        let rest = rest.strip_prefix('-')?;
        if let Some(quarter) = rest.strip_prefix('Q') {
            let quarter = number(quarter, 1).filter(|quarter| (1..=4).contains(quarter))?;
            let (first, last) = (Date::new(year, quarter * 3 - 2, 1)?, Date::last_of_month(year, quarter * 3)?);
            return Some((Self::Quarter, first, last));
        }
        match rest.len() {
            4 => {
                let next = number(rest, 4).filter(|next| *next == year + 1)?;
                Some((Self::SchoolYear, Date::new(year, 9, 1)?, Date::new(next, 8, 31)?))
            }
            2 => {
                let month = number(rest, 2)?;
                Some((Self::Month, Date::new(year, month, 1)?, Date::last_of_month(year, month)?))
            }
            _ => Date::parse(text).map(|day| (Self::Day, day, day)),
        }
    }

    /// Writes the one of these days.
    fn write(self, start: Date, end: Date, into: &mut dyn std::fmt::Write) -> std::fmt::Result {
        match self {
            Self::Year => write!(into, "{}", start.year()),
            Self::SchoolYear => write!(into, "{}-{}", start.year(), end.year()),
            Self::Quarter => write!(into, "{}-Q{}", start.year(), (start.month() + 2) / 3),
            Self::Month => write!(into, "{}-{:02}", start.year(), start.month()),
            Self::Day => write!(into, "{start}"),
        }
    }

    /// The last day of the one that begins on that day, as far as it is written by it: a school year names the year in which it ends.
    fn end(self, start: Date) -> Date {
        let next = i16::try_from(start.year() + 1).ok();
        match self {
            Self::SchoolYear => next.and_then(|next| Date::new(next, 8, 31)).unwrap_or(start),
            _ => start,
        }
    }

    /// The first day of the one that ends on that day.
    fn start(self, end: Date) -> Date {
        let first = |year: i32, month: i32| {
            let parts = (i16::try_from(year).ok(), i16::try_from(month).ok());
            parts.0.zip(parts.1).and_then(|(year, month)| Date::new(year, month, 1)).unwrap_or(end)
        };
        match self {
            Self::Year => first(end.year(), 1),
            Self::SchoolYear => first(end.year() - 1, 9),
            Self::Quarter => first(end.year(), end.month() - 2),
            Self::Month => first(end.year(), end.month()),
            Self::Day => end,
        }
    }
}

/// The written form of a period, which is short.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeriodCode {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl PeriodCode {
    /// As long as two days.
    const LONGEST: usize = "2020-01-01/2020-12-31".len();

    /// As text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl std::fmt::Write for PeriodCode {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl std::ops::Deref for PeriodCode {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Period {
    /// Reads the written form; the one form that is read is the one that is written.
    ///
    /// # Errors
    /// Says why not, in a few words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((from, to)) = text.split_once('/') else {
            let (from, start, end) = Form::read(text).ok_or("none of the known forms")?;
            return Ok(Self { start, end, from, to: None });
        };
        let (from_form, start, from_end) = Form::read(from).ok_or("its beginning is none of the known forms")?;
        let (to_form, _, end) = Form::read(to).ok_or("its end is none of the known forms")?;
        // A day written twice is a span of one day; the day alone is a date.
        if end <= from_end && !(from_form == Form::Day && from == to) {
            return Err("it ends before it begins, or is one period written twice".into());
        }
        Ok(Self { start, end, from: from_form, to: Some(to_form) })
    }

    /// The calendar year of that number.
    pub fn year(year: i32) -> Option<Self> {
        Self::parse(&year.to_string()).ok()
    }

    /// The period of the same days in its one form: a year, quarter or month where the days are one, else a range of months, else of
    /// days. A date and a school year are forms of their own.
    pub fn in_one_form(&self) -> Self {
        if self.to.is_none() {
            return *self;
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
        Self::parse(&code).unwrap_or(*self)
    }

    /// Whether it is written as one year and the next, `2020/2021`, which may mean a school year or both years.
    pub fn is_ambiguous(&self) -> bool {
        (self.from, self.to) == (Form::Year, Some(Form::Year)) && self.end.year() == self.start.year() + 1
    }

    /// Whether it is the same stretch of time, however it is written. A date is no span of one day, and a school year a form of its own.
    pub fn is_same_span(&self, other: &Self) -> bool {
        let form = |it: &Self| match it.kind() {
            kind @ (PeriodKind::Day | PeriodKind::SchoolYear) => Some(kind),
            _ => None,
        };
        (self.start, self.end, form(self)) == (other.start, other.end, form(other))
    }

    /// The year of that number, of years that begin in that month, in its one form.
    pub fn of_year(year: i32, first_month: i32) -> Option<Self> {
        Self::of_months(year * 12 + first_month - 1, 12)
    }

    /// So many months from one on; months are counted from the year 0.
    fn of_months(first: i32, count: i32) -> Option<Self> {
        let name = |month: i32| format!("{}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1);
        let (from, to) = (name(first), name(first + count - 1));
        let code = if from == to { from } else { format!("{from}/{to}") };
        Self::parse(&code).ok().map(|it| it.in_one_form())
    }

    /// The periods of so many months each that make up one of whole months.
    pub fn split(&self, months: usize) -> Vec<Self> {
        let first = self.start.year() * 12 + self.start.month() - 1;
        let all = usize::try_from(self.months().unwrap_or_default()).unwrap_or_default();
        let part = |at: usize| Self::of_months(first + i32::try_from(at).ok()?, i32::try_from(months).ok()?);
        (0..all).step_by(months.max(1)).filter_map(part).collect()
    }

    /// Where it lies in a longer one: after how many months it begins, and how many it has. None where it has no whole months, or lies
    /// outside.
    pub fn place_in(&self, whole: &Self) -> Option<(usize, usize)> {
        let is_whole = self.start.is_first_of_month() && self.end.is_last_of_month();
        if !is_whole || self.start < whole.start || whole.end < self.end {
            return None;
        }
        let (from, start) = (whole.start, self.start);
        let after = (start.year() - from.year()) * 12 + start.month() - from.month();
        usize::try_from(after).ok().zip(usize::try_from(self.months()?).ok())
    }

    /// The same part of the year before: of a quarter the same quarter.
    pub fn year_before(&self) -> Option<Self> {
        Some(Self { start: self.start.year_before()?, end: self.end.year_before()?, ..*self })
    }

    /// How many months it has, counting those that it begins; none of one day.
    pub fn months(&self) -> Option<i32> {
        let (start, end) = (self.start, self.end);
        (self.kind() != PeriodKind::Day).then(|| (end.year() - start.year()) * 12 + end.month() - start.month() + 1)
    }

    /// Whether it is a part of a year, such as a quarter or a month; one day is none.
    pub fn is_part_of_year(&self) -> bool {
        self.months().is_some_and(|months| months < 12)
    }

    /// The year that it counts in, of a body whose years begin in that month: the one in which it begins there. A school year, and
    /// every period where years are calendar years, counts in the calendar year in which it ends.
    pub fn year_counted(&self, first_month: i32) -> i32 {
        if first_month == 1 || self.kind() == PeriodKind::SchoolYear {
            return self.end.year();
        }
        self.start.year_from(first_month)
    }

    /// The written form.
    pub fn code(&self) -> PeriodCode {
        use std::fmt::Write as _;
        let mut code = PeriodCode::default();
        let written = write!(code, "{self}");
        debug_assert!(written.is_ok(), "no period is written longer than two days");
        code
    }
    /// What stretch of time it is.
    pub fn kind(&self) -> PeriodKind {
        match (self.to, self.from) {
            (Some(_), _) => PeriodKind::Range,
            (None, Form::Year) => PeriodKind::Year,
            (None, Form::SchoolYear) => PeriodKind::SchoolYear,
            (None, Form::Quarter) => PeriodKind::Quarter,
            (None, Form::Month) => PeriodKind::Month,
            (None, Form::Day) => PeriodKind::Day,
        }
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
        let days = self.start.cmp(&other.start).then_with(|| other.end.cmp(&self.end));
        days.then_with(|| if self == other { Ordering::Equal } else { self.code().as_str().cmp(other.code().as_str()) })
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(to) = self.to else { return self.from.write(self.start, self.end, f) };
        // Of the beginning only the first day is kept: its year and month say the rest.
        self.from.write(self.start, self.from.end(self.start), f)?;
        f.write_str("/")?;
        to.write(to.start(self.end), self.end, f)
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
mod tests;
