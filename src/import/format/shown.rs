//! How a spreadsheet shows a number: the code of its format, such as `0000`, `0%` or `dd/mm/yyyy`, as far as what is shown could be
//! what is meant.

use rust_decimal::{Decimal, RoundingStrategy};

/// What a cell's format makes of its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The number as it is, or something that nobody would take for what is meant.
    Plain,
    /// A number so shown.
    Number(Shape),
    /// A date, down to that.
    Date(Grain),
    /// A stretch of time, such as `[h]:mm`.
    Duration,
}

/// What the smallest part of a date is that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// `2020`
    Year,
    /// `2020-09`
    Month,
    /// `2020-09-01`
    Day,
}

/// How a number is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    before: String,
    digits_min: usize,
    decimals_min: u32,
    decimals_max: u32,
    percent: bool,
    after: String,
}

impl Form {
    /// The form of one of the numbers that stand for codes.
    pub fn numbered(id: u32) -> Self {
        match id {
            1 => Self::of("0"),
            2 => Self::of("0.00"),
            9 => Self::of("0%"),
            10 => Self::of("0.00%"),
            17 => Self::Date(Grain::Month),
            14..=16 | 18..=22 | 27..=36 | 45 | 47 | 50..=58 => Self::Date(Grain::Day),
            46 => Self::Duration,
            _ => Self::Plain,
        }
    }

    /// The form that a code describes.
    pub fn of(code: &str) -> Self {
        let Some(parts) = Parts::of(code) else { return Self::Plain };
        let has = |letters: &[char]| parts.pattern.iter().any(|letter| letters.contains(letter));
        if parts.elapsed {
            return Self::Duration;
        }
        if has(&['y', 'd', 'm', 'h', 's']) {
            return Self::Date(match (has(&['y']), has(&['d', 'h', 's']), has(&['m'])) {
                (true, false, false) => Grain::Year,
                (true, false, true) => Grain::Month,
                _ => Grain::Day,
            });
        }
        parts.shape().map_or(Self::Plain, Self::Number)
    }
}

/// A code taken apart: its first section, without what is no sign of a format.
#[derive(Default)]
struct Parts {
    before: String,
    pattern: Vec<char>,
    after: String,
    elapsed: bool,
    /// Whether text stands between digits.
    torn: bool,
}

impl Parts {
    fn of(code: &str) -> Option<Self> {
        if code.eq_ignore_ascii_case("general") || code == "@" {
            return None;
        }
        let mut parts = Self::default();
        let mut letters = code.chars();
        while let Some(letter) = letters.next() {
            match letter {
                ';' => break,
                '"' => {
                    let text: String = letters.by_ref().take_while(|letter| *letter != '"').collect();
                    parts.literal(&text);
                }
                '\\' => parts.literal(&letters.next().map(String::from).unwrap_or_default()),
                // Room of the width of a letter, or filled with it.
                '_' | '*' => drop(letters.next()),
                '[' => {
                    let text: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                    let is_elapsed = |letter: char| matches!(letter.to_ascii_lowercase(), 'h' | 'm' | 's');
                    parts.elapsed |= !text.is_empty() && text.chars().all(is_elapsed);
                }
                ' ' | '-' | '/' | '(' | ')' | '€' | '$' | ':' | '+' => parts.literal(&letter.to_string()),
                other => {
                    parts.torn |= !parts.after.is_empty();
                    parts.pattern.push(other.to_ascii_lowercase());
                }
            }
        }
        Some(parts)
    }

    fn literal(&mut self, text: &str) {
        if self.pattern.is_empty() { &mut self.before } else { &mut self.after }.push_str(text);
    }

    /// The pattern as digits, decimals and a percent sign; none when it groups digits, or is of another kind.
    fn shape(self) -> Option<Shape> {
        if self.torn {
            return None;
        }
        let pattern: String = self.pattern.into_iter().collect();
        let (pattern, percent) = match pattern.strip_suffix('%') {
            Some(rest) => (rest.to_owned(), true),
            None => (pattern, false),
        };
        let (whole, decimals) = pattern.split_once('.').unwrap_or((&pattern, ""));
        let count = |text: &str, wanted: &[char]| text.matches(wanted).count();
        let is_known = |text: &str| count(text, &['0', '#', '?']) == text.len();
        if !is_known(whole) || !is_known(decimals) || whole.is_empty() || decimals.len() > 15 {
            return None;
        }
        Some(Shape {
            before: self.before,
            digits_min: count(whole, &['0']),
            decimals_min: u32::try_from(count(decimals, &['0'])).ok()?,
            decimals_max: u32::try_from(decimals.len()).ok()?,
            percent,
            after: self.after,
        })
    }
}

impl Shape {
    /// The number as it is shown; none when it is too large to say.
    pub fn show(&self, number: &str) -> Option<String> {
        let mut value: Decimal = number.parse().ok()?;
        if self.percent {
            value = value.checked_mul(Decimal::ONE_HUNDRED)?;
        }
        value = value.round_dp_with_strategy(self.decimals_max, RoundingStrategy::MidpointAwayFromZero).normalize();
        let sign = if value.is_sign_negative() && !value.is_zero() { "-" } else { "" };
        let text = value.abs().to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let decimals = format!("{decimals:0<width$}", width = self.decimals_min as usize);
        let mark = if decimals.is_empty() { "" } else { "." };
        let percent = if self.percent { "%" } else { "" };
        let width = self.digits_min;
        Some(format!("{}{sign}{whole:0>width$}{mark}{decimals}{percent}{}", self.before, self.after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_they_are_shown() {
        for (code, number, shown) in [
            ("0000", "12", "0012"),
            ("0000", "-12", "-0012"),
            ("0%", "0.5", "50%"),
            ("0.0%", "0.976", "97.6%"),
            ("0.00", "1.5", "1.50"),
            ("0.0##", "1.25", "1.25"),
            ("\"art. \"000", "7", "art. 007"),
            ("00;[Red]-00", "3", "03"),
        ] {
            let form = Form::of(code);
            let Form::Number(shape) = form else { panic!("{code}: {form:?}") };
            assert_eq!(shape.show(number).unwrap(), shown, "{code}");
        }
    }

    #[test]
    fn dates_down_to_what_is_shown() {
        for (code, form) in [
            ("General", Form::Plain),
            ("#,##0.00", Form::Plain),
            ("0.00E+00", Form::Plain),
            ("@", Form::Plain),
            ("0\\-00", Form::Plain),
            ("yyyy", Form::Date(Grain::Year)),
            ("mmm yyyy", Form::Date(Grain::Month)),
            ("mmm\\-yy", Form::Date(Grain::Month)),
            ("[$-413]dd/mm/yyyy", Form::Date(Grain::Day)),
            ("d/m/yy h:mm", Form::Date(Grain::Day)),
            ("[h]:mm:ss", Form::Duration),
        ] {
            assert_eq!(Form::of(code), form, "{code}");
        }
    }
}
