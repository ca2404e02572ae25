//! Formulas: one text, such as `(to - from) / from`, from which both a value and the same text with its numbers are made. So what
//! is shown is what was computed.

use rust_decimal::Decimal;

use crate::model::exact;

/// A formula, read.
#[derive(Debug, PartialEq)]
pub enum Formula {
    /// A number of the formula's own.
    Number(Decimal),
    /// The one input of that name.
    Name(&'static str),
    /// The sum of all inputs of that name.
    Sum(&'static str),
    /// How many inputs of that name there are.
    Count(&'static str),
    /// Two formulas and what is done with them: one of `+ - * /`.
    Two(Box<Formula>, char, Box<Formula>),
}

/// What a formula is about.
pub trait Inputs {
    /// What a name stands for that has no value, or why there is none.
    type Missing;
    /// The values of the inputs of that name, in order.
    ///
    /// # Errors
    /// When one of them has none.
    fn values(&self, name: &str) -> Result<Vec<Decimal>, Self::Missing>;
    /// How many inputs of that name there are.
    fn count(&self, name: &str) -> usize;
    /// Their numbers as text, `?` for those without.
    fn texts(&self, name: &str) -> Vec<String>;
    /// There is no input of that name.
    fn none(&self, name: &str) -> Self::Missing;
    /// A divisor is zero.
    fn zero_divisor(&self, divisor: &Formula) -> Self::Missing;
    /// A number is too large.
    fn overflow(&self) -> Self::Missing;
}

impl Formula {
    /// Reads a formula; `None` when it is none.
    pub fn parse(text: &'static str) -> Option<Self> {
        let mut rest = text;
        let formula = sum(&mut rest)?;
        rest.trim().is_empty().then_some(formula)
    }

    /// Whether its values are exact: quotients have 28 digits.
    pub fn is_exact(&self) -> bool {
        match self {
            Self::Two(left, sign, right) => *sign != '/' && left.is_exact() && right.is_exact(),
            Self::Number(_) | Self::Name(_) | Self::Sum(_) | Self::Count(_) => true,
        }
    }

    /// Its value, exact except for quotients, which have 28 digits.
    ///
    /// # Errors
    /// Why it has none.
    pub fn value<I: Inputs>(&self, inputs: &I) -> Result<Decimal, I::Missing> {
        let overflow = || inputs.overflow();
        match self {
            Self::Number(number) => Ok(*number),
            Self::Name(name) => inputs.values(name)?.first().copied().ok_or_else(|| inputs.none(name)),
            Self::Sum(name) => {
                let values = inputs.values(name)?;
                let mut values = values.into_iter();
                let first = values.next().ok_or_else(|| inputs.none(name))?;
                values.try_fold(first, |sum, value| exact::add(sum, value).ok_or_else(overflow))
            }
            Self::Count(name) => Ok(Decimal::from(inputs.count(name))),
            Self::Two(left, sign, right) => {
                let (left, divisor) = (left.value(inputs)?, right);
                let right = right.value(inputs)?;
                match sign {
                    '+' => exact::add(left, right),
                    '-' => exact::sub(left, right),
                    '*' => exact::mul(left, right),
                    _ if right.is_zero() => return Err(inputs.zero_divisor(divisor)),
                    _ => left.checked_div(right),
                }
                .ok_or_else(overflow)
            }
        }
    }

    /// Its text with the numbers in the place of the names.
    pub fn show(&self, inputs: &impl Inputs) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Name(name) => in_brackets(inputs.texts(name).into_iter().next().unwrap_or_else(|| "?".into())),
            Self::Sum(name) => {
                let terms = inputs.texts(name);
                if terms.is_empty() { "?".into() } else { terms.join(" + ").replace("+ -", "- ") }
            }
            Self::Count(name) => inputs.count(name).to_string(),
            Self::Two(left, sign, right) => {
                // What binds less than this sign, or comes after `-` or `/`, stands in brackets.
                let part = |part: &Self, after: bool| match part {
                    Self::Two(_, inner, _) if rank(*inner) < rank(*sign) + u8::from(after) => {
                        format!("({})", part.show(inputs))
                    }
                    Self::Sum(name) if rank('+') < rank(*sign) + u8::from(after) && inputs.texts(name).len() > 1 => {
                        format!("({})", part.show(inputs))
                    }
                    _ => part.show(inputs),
                };
                format!("{} {sign} {}", part(left, false), part(right, matches!(sign, '-' | '/')))
            }
        }
    }
}

fn rank(sign: char) -> u8 {
    if matches!(sign, '+' | '-') { 0 } else { 1 }
}

fn in_brackets(number: String) -> String {
    if number.starts_with('-') { format!("({number})") } else { number }
}

fn sum(rest: &mut &'static str) -> Option<Formula> {
    chain(rest, ['+', '-'], product)
}

fn product(rest: &mut &'static str) -> Option<Formula> {
    chain(rest, ['*', '/'], single)
}

fn chain(rest: &mut &'static str, signs: [char; 2], part: fn(&mut &'static str) -> Option<Formula>) -> Option<Formula> {
    let mut left = part(rest)?;
    while let Some(sign) = rest.trim_start().chars().next().filter(|sign| signs.contains(sign)) {
        *rest = &rest.trim_start()[1..];
        left = Formula::Two(Box::new(left), sign, Box::new(part(rest)?));
    }
    Some(left)
}

fn single(rest: &mut &'static str) -> Option<Formula> {
    *rest = rest.trim_start();
    if let Some(inner) = rest.strip_prefix('(') {
        *rest = inner;
        let formula = sum(rest)?;
        *rest = rest.trim_start().strip_prefix(')')?;
        return Some(formula);
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    *rest = after;
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return word.parse().ok().map(Formula::Number);
    }
    if let Some(inner) = after.strip_prefix('(') {
        let (name, after) = inner.split_once(')')?;
        *rest = after;
        return match word {
            "sum" => Some(Formula::Sum(name)),
            "count" => Some(Formula::Count(name)),
            _ => None,
        };
    }
    (!word.is_empty()).then_some(Formula::Name(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names with their values.
    struct Given(Vec<(&'static str, Option<i64>)>);

    impl Given {
        fn of(&self, name: &str) -> impl Iterator<Item = Option<i64>> {
            self.0
                .iter()
                .filter(move |(known, _)| *known == name)
                .map(|(_, value)| *value)
                .collect::<Vec<_>>()
                .into_iter()
        }
    }

    impl Inputs for Given {
        type Missing = String;
        fn values(&self, name: &str) -> Result<Vec<Decimal>, String> {
            self.of(name).map(|value| value.map(Decimal::from).ok_or_else(|| format!("{name} is missing"))).collect()
        }
        fn count(&self, name: &str) -> usize {
            self.of(name).count()
        }
        fn texts(&self, name: &str) -> Vec<String> {
            self.of(name).map(|value| value.map_or("?".into(), |value| value.to_string())).collect()
        }
        fn none(&self, name: &str) -> String {
            format!("no {name}")
        }
        fn zero_divisor(&self, _: &Formula) -> String {
            "zero".into()
        }
        fn overflow(&self) -> String {
            "overflow".into()
        }
    }

    #[test]
    fn computes_what_it_shows() {
        let given = Given(vec![("to", Some(2246)), ("from", Some(2821)), ("part", Some(1)), ("part", Some(-2))]);
        for (text, shown, value) in [
            ("to - from", "2246 - 2821", "-575"),
            ("(to - from) / from", "(2246 - 2821) / 2821", "-0.2038284296348812477844735909"),
            ("to - (from - to)", "2246 - (2821 - 2246)", "1671"),
            ("to - from - to", "2246 - 2821 - 2246", "-2821"),
            ("sum(part)", "1 - 2", "-1"),
            ("count(part) * 2", "2 * 2", "4"),
            ("to * (from + 0.5)", "2246 * (2821 + 0.5)", "6337089.0"),
        ] {
            let formula = Formula::parse(text).unwrap();
            assert_eq!(
                (formula.show(&given).as_str(), formula.value(&given)),
                (shown, Ok(value.parse().unwrap())),
                "{text}"
            );
        }
    }

    #[test]
    fn says_why_there_is_no_value() {
        let given = Given(vec![("to", Some(1)), ("from", Some(0)), ("gone", None)]);
        for (text, reason) in [
            ("to / from", "zero"),
            ("to - gone", "gone is missing"),
            ("sum(gone)", "gone is missing"),
            ("sum(nothing)", "no nothing"),
            ("to + nothing", "no nothing"),
        ] {
            assert_eq!(Formula::parse(text).unwrap().value(&given), Err(reason.to_owned()), "{text}");
        }
        let large = Given(vec![("to", Some(i64::MAX))]);
        assert_eq!(Formula::parse("to * to * to").unwrap().value(&large), Err("overflow".into()));
    }

    #[test]
    fn refuses_what_is_no_formula() {
        for text in ["", "a +", "(a", "a b", "max(a)", "sum(a", "* a", "1.2.3"] {
            assert_eq!(Formula::parse(text), None, "{text}");
        }
    }
}
