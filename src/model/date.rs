//! Calendar days.

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Reads `2020-12-31`, years 1900 to 2200.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        Self::new(number(year, 4)?, number(month, 2)?, number(day, 2)?)
    }

    /// The day of these numbers, if there is one.
    pub(super) fn new(year: i16, month: i16, day: i16) -> Option<Self> {
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

    /// How many days later the other one is; negative when it is earlier.
    pub fn days_to(self, other: Self) -> i32 {
        self.0.duration_until(other.0).as_hours() as i32 / 24
    }

    /// The same day of the year before; of the last day of a month the last one.
    pub(super) fn year_before(self) -> Option<Self> {
        let (year, month) = (self.0.year() - 1, i16::from(self.0.month()));
        if self.is_last_of_month() {
            Self::last_of_month(year, month)
        } else {
            Self::new(year, month, self.0.day().into())
        }
    }

    /// Whether a month begins with it.
    pub(super) fn is_first_of_month(self) -> bool {
        self.0.day() == 1
    }

    /// Whether a month ends with it.
    pub(super) fn is_last_of_month(self) -> bool {
        self.0 == self.0.last_of_month()
    }

    /// The last day of a month.
    pub(super) fn last_of_month(year: i16, month: i16) -> Option<Self> {
        Self::new(year, month, 1).map(|first| Self(first.0.last_of_month()))
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Exactly `digits` digits.
pub(super) fn number(text: &str, digits: usize) -> Option<i16> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}
