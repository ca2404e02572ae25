//! Reads numbers as Dutch documents print them: `2 821`, `54  118`, `2.061.018,84`, `€ 85 935 785,35`, `+1,3 ppt.`, `-16%`.

use rust_decimal::Decimal;

use crate::model::unit::{FigureStatus, Unit};

/// What a printed cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The value: shares and percentages as ratios. `None` unless the status is `REPORTED`.
    pub value: Option<Decimal>,
    /// Whether there is a value, and if not, why.
    pub status: FigureStatus,
    /// The unit that the print shows; a plain number is a count.
    pub unit: Unit,
    /// Half a unit of the last printed digit: how far the true value may lie from the printed one.
    pub tolerance: Decimal,
}

/// Reads a printed cell; `None` when it is neither a number nor a known way of saying that there is none.
pub fn parse(cell: &str) -> Option<Printed> {
    let text: String = cell.chars().filter(|letter| !letter.is_whitespace()).collect();
    let missing = |status| Some(Printed { value: None, status, unit: Unit::Count, tolerance: Decimal::ZERO });
    match text.to_lowercase().as_str() {
        "" => return missing(FigureStatus::NotReported),
        "nvt" | "n.v.t." | "n.v.t" | "nvt." => return missing(FigureStatus::NotApplicable),
        "nb" | "n.b." | "n.b" => return missing(FigureStatus::NotAvailable),
        _ => {}
    }
    let (text, unit) = if let Some(amount) = text.strip_prefix('€') {
        (amount, Unit::Euro)
    } else if let Some(points) = text.strip_suffix("ppt.").or_else(|| text.strip_suffix("ppt")) {
        (points, Unit::RatioPoints)
    } else if let Some(share) = text.strip_suffix('%') {
        (share, Unit::Ratio)
    } else {
        (text.as_str(), Unit::Count)
    };
    let (negative, digits) = match text.strip_prefix(['-', '−', '–']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once(',').unwrap_or((digits, ""));
    let whole = join_thousands(whole)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || digits.ends_with(',') {
        return None;
    }
    let scale_down = matches!(unit, Unit::Ratio | Unit::RatioPoints).then_some(2).unwrap_or(0);
    let scale = u32::try_from(fraction.len()).ok()? + scale_down;
    let mut value = Decimal::from_str_exact(&format!("{whole}{fraction}")).ok()?;
    if value.scale() != 0 || scale > 20 {
        return None;
    }
    value.set_scale(scale).ok()?;
    value.set_sign_negative(negative && !value.is_zero());
    Some(Printed { value: Some(value), status: FigureStatus::Reported, unit, tolerance: Decimal::new(5, scale + 1) })
}

/// Digits, with points only between groups of three (blanks are gone already).
fn join_thousands(text: &str) -> Option<String> {
    let mut groups = text.split('.');
    let first = groups.next()?;
    let plain = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(first) || (text.contains('.') && first.len() > 3) {
        return None;
    }
    let mut joined = first.to_owned();
    for group in groups {
        if group.len() != 3 || !plain(group) {
            return None;
        }
        joined.push_str(group);
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_is_printed() {
        for (cell, value, unit) in [
            ("2 821", "2821", Unit::Count),
            ("54  118", "54118", Unit::Count),
            ("2.061.018,84", "2061018.84", Unit::Count),
            ("€ 85 935 785,35", "85935785.35", Unit::Euro),
            ("€ 408 687\n284,85", "408687284.85", Unit::Euro),
            ("€1 441 763", "1441763", Unit::Euro),
            ("+1,3 ppt.", "0.013", Unit::RatioPoints),
            ("+100ppt.", "1.00", Unit::RatioPoints),
            ("-16%", "-0.16", Unit::Ratio),
            ("99,6%", "0.996", Unit::Ratio),
            ("+0%", "0", Unit::Ratio),
            ("0", "0", Unit::Count),
        ] {
            let printed = parse(cell).unwrap_or_else(|| panic!("{cell}"));
            assert_eq!((printed.value, printed.unit), (Some(value.parse().unwrap()), unit), "{cell}");
        }
    }

    #[test]
    fn says_why_there_is_no_number() {
        for (cell, status) in [
            ("", FigureStatus::NotReported),
            ("Nvt", FigureStatus::NotApplicable),
            ("n.v.t.", FigureStatus::NotApplicable),
            ("n.b.", FigureStatus::NotAvailable),
        ] {
            assert_eq!(parse(cell).map(|printed| (printed.status, printed.value)), Some((status, None)), "{cell}");
        }
    }

    #[test]
    fn guesses_nothing() {
        for cell in ["abc", "1,", "1.23", "12.3456", "1,2,3", "-", "%", "1-2", "12e3", "1..000"] {
            assert_eq!(parse(cell), None, "{cell}");
        }
    }

    #[test]
    fn tolerance_is_half_the_last_digit() {
        for (cell, tolerance) in [("97,6%", "0.0005"), ("98%", "0.005"), ("5 840", "0.5"), ("1,25", "0.005")] {
            assert_eq!(parse(cell).unwrap().tolerance, tolerance.parse().unwrap(), "{cell}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_what_was_formatted(cents: i64, points: bool, percent: bool) {
            let negative = cents < 0;
            let digits = cents.unsigned_abs();
            let (whole, fraction) = (digits / 100, digits % 100);
            let mut grouped = whole.to_string();
            let separator = if points { '.' } else { ' ' };
            let mut at = grouped.len();
            while at > 3 {
                at -= 3;
                grouped.insert(at, separator);
            }
            let cell = format!("{}{grouped},{fraction:02}{}", if negative { "-" } else { "" }, if percent { "%" } else { "" });
            let expected = Decimal::new(cents, if percent { 4 } else { 2 });
            prop_assert_eq!(parse(&cell).and_then(|printed| printed.value), Some(expected), "{}", cell);
        }

        #[test]
        fn never_panics(cell in "\\PC{0,30}") {
            let _ = parse(&cell);
        }
    }
}
