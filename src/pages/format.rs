//! Numbers, money, shares, days and periods as people write them in each language.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::pages::language::Language;

/// Months by their numbers from 1, in Dutch and English.
const MONTHS: [(&str, &str); 12] = [
    ("januari", "January"),
    ("februari", "February"),
    ("maart", "March"),
    ("april", "April"),
    ("mei", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("augustus", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("december", "December"),
];

/// A number with groups of three digits.
pub fn number(value: Decimal, language: Language) -> String {
    let text = value.abs().normalize().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (group, point) = match language {
        Language::Dutch => ('.', ','),
        Language::English => (',', '.'),
    };
    let mut shown = String::new();
    if value.is_sign_negative() && !value.is_zero() {
        shown.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            shown.push(group);
        }
        shown.push(digit);
    }
    if !fraction.is_empty() {
        shown.push(point);
        shown.push_str(fraction);
    }
    shown
}

/// A figure's value in its unit, by the unit's word in the API. What was computed is rounded to be read: shares to a tenth of a per
/// cent, other numbers to two decimals; what was printed is shown as it is.
pub fn value(value: Decimal, unit: &str, computed: bool, language: Language) -> String {
    let rounded = |value: Decimal, places: u32| {
        if computed { value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero) } else { value }
    };
    let percent = || number(rounded(value * Decimal::ONE_HUNDRED, 1), language);
    match (unit, language) {
        ("RATIO", Language::Dutch) => format!("{}%", percent()),
        ("RATIO", Language::English) => format!("{}%", percent()),
        ("RATIO_POINTS", Language::Dutch) => format!("{} ppt.", percent()),
        ("RATIO_POINTS", Language::English) => format!("{} pp", percent()),
        ("EUR", Language::Dutch) => format!("€ {}", number(rounded(value, 2), language)),
        ("EUR", Language::English) => {
            let text = number(rounded(value, 2), language);
            text.strip_prefix('−').map_or_else(|| format!("€{text}"), |rest| format!("−€{rest}"))
        }
        ("DAYS", _) => format!("{} {}", number(rounded(value, 2), language), language.say("dagen", "days")),
        ("MONTHS", _) => format!("{} {}", number(rounded(value, 2), language), language.say("maanden", "months")),
        _ => number(rounded(value, 2), language),
    }
}

/// An amount in short: millions of euro.
pub fn millions(value: Decimal, language: Language) -> String {
    let millions = (value / Decimal::from(1_000_000)).round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    let text = number(millions, language);
    // One decimal each time, so that the digits of a column stand below each other.
    let none = |point: &str| if millions.fract().is_zero() { format!("{point}0") } else { String::new() };
    match language {
        Language::Dutch => format!("€ {text}{} mln.", none(",")),
        Language::English => format!("€{text}{}m", none(".")),
    }
}

/// A change with its sign.
pub fn signed(text: String, value: Decimal) -> String {
    if value.is_sign_positive() && !value.is_zero() { format!("+{text}") } else { text }
}

/// A day, or the day of an instant: `2021-07-01` or `2021-07-01T…`.
pub fn day(text: &str, language: Language) -> String {
    let parts: Vec<&str> = text.split('T').next().unwrap_or_default().split('-').collect();
    let [year, month, day] = parts.as_slice() else { return text.to_owned() };
    let (Ok(month), Ok(day)) = (month.parse::<usize>(), day.parse::<u32>()) else { return text.to_owned() };
    let Some((dutch, english)) = month.checked_sub(1).and_then(|month| MONTHS.get(month)) else {
        return text.to_owned();
    };
    format!("{day} {} {year}", language.say(dutch, english))
}

/// An instant: the day and the minute, in UTC.
pub fn instant(text: &str, language: Language) -> String {
    let minute = text.split('T').nth(1).and_then(|time| time.get(..5)).unwrap_or_default();
    format!("{} {minute} UTC", day(text, language))
}

/// A period by its code: `2020`, `2020-Q1`, `2021-07`, `2020-12-31`; any other code as it is.
pub fn period(code: &str, language: Language) -> String {
    if let Some((from, to)) = code.split_once('/') {
        let (first, last) = (period(from, language), period(to, language));
        // A school year is no range of two years.
        return if from.len() > 4 && to.len() > 4 { format!("{first} – {last}") } else { code.to_owned() };
    }
    let parts: Vec<&str> = code.split('-').collect();
    match parts.as_slice() {
        [_, _, _] => day(code, language),
        [year, quarter] if quarter.len() == 2 && quarter.starts_with('Q') => {
            format!("{}{} {year}", language.say("K", "Q"), &quarter[1..])
        }
        [year, month] if month.len() == 2 && month.chars().all(|c| c.is_ascii_digit()) => {
            let name = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
            name.map_or_else(|| code.to_owned(), |(dutch, english)| format!("{} {year}", language.say(dutch, english)))
        }
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::parse_decimal;

    #[test]
    fn figures_read_as_people_write_them() {
        for (text, unit, computed, dutch, english) in [
            ("1234567.89", "EUR", false, "€ 1.234.567,89", "€1,234,567.89"),
            ("-1234.5", "EUR", true, "€ −1.234,5", "−€1,234.5"),
            ("0.976", "RATIO", false, "97,6%", "97.6%"),
            ("1.00", "RATIO", false, "100%", "100%"),
            ("0.27663831916", "RATIO", true, "27,7%", "27.7%"),
            ("0.27663831916", "RATIO", false, "27,663831916%", "27.663831916%"),
            ("-0.013", "RATIO_POINTS", false, "−1,3 ppt.", "−1.3 pp"),
            ("87727426", "COUNT", false, "87.727.426", "87,727,426"),
            ("999", "COUNT", false, "999", "999"),
            ("0", "COUNT", true, "0", "0"),
            ("30", "DAYS", false, "30 dagen", "30 days"),
            ("0.005", "RATIO", true, "0,5%", "0.5%"),
        ] {
            let decimal = parse_decimal(text).unwrap();
            assert_eq!(value(decimal, unit, computed, Language::Dutch), dutch, "{text}");
            assert_eq!(value(decimal, unit, computed, Language::English), english, "{text}");
        }
        assert_eq!(millions(Decimal::from(2_008_970_091), Language::Dutch), "€ 2.009,0 mln.");
        assert_eq!(millions(Decimal::from(61_049_999), Language::English), "€61.0m");
    }

    #[test]
    fn days_and_periods() {
        for (code, dutch, english) in [
            ("2020", "2020", "2020"),
            ("2020-Q3", "K3 2020", "Q3 2020"),
            ("2021-07", "juli 2021", "July 2021"),
            ("2020-12-31", "31 december 2020", "31 December 2020"),
            ("2019/2020", "2019/2020", "2019/2020"),
            ("2021-Q1/2021-Q4", "K1 2021 – K4 2021", "Q1 2021 – Q4 2021"),
            ("2021-13", "2021-13", "2021-13"),
        ] {
            assert_eq!(
                (period(code, Language::Dutch), period(code, Language::English)),
                (dutch.into(), english.into())
            );
        }
        assert_eq!(instant("2026-11-28T17:17:24.65Z", Language::English), "28 November 2026 17:17 UTC");
    }
}
