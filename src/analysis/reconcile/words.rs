//! Figures and records in words, for those who read a discrepancy.

use rust_decimal::Decimal;

use crate::model::text::shortened;
use crate::model::{Citation, Claim, Figure, FigureStatus, Key, Kind, Link, Record, Unit};
use crate::register::{Node, Register};

/// So many characters of what is printed stand in a table.
const SHOWN_MAX: usize = 40;

/// A value as people write it: `12.9%`, `3 268`, `€ 2 061 018.84`, `-5 ppt.`
pub fn number(value: Decimal, unit: Unit) -> String {
    // A ratio that is too large as per cents is shown as it is.
    let percent = |word: &str| match value.checked_mul(Decimal::ONE_HUNDRED) {
        Some(percent) => format!("{}{word}", grouped(percent.round_dp(1).normalize())),
        None => format!("{} as a ratio", grouped(value)),
    };
    match unit {
        Unit::Ratio => percent("%"),
        Unit::RatioPoints => percent(" ppt."),
        Unit::Euro => format!("{}€ {}", if value.is_sign_negative() { "-" } else { "" }, grouped(value.abs())),
        Unit::Days => format!("{} days", grouped(value.normalize())),
        Unit::Months => format!("{} months", grouped(value.normalize())),
        _ => grouped(value.round_dp(4).normalize()),
    }
}

/// A change as people write it: with its sign.
pub fn change(value: Decimal, unit: Unit) -> String {
    let sign = if value.is_sign_negative() { "" } else { "+" };
    format!("{sign}{}", number(value, unit))
}

fn grouped(value: Decimal) -> String {
    let text = value.abs().to_string();
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::from(if value.is_sign_negative() && !value.is_zero() { "-" } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A figure as it is printed, or else its value.
pub fn figure(of: &Figure) -> String {
    match (of.value, of.status) {
        (Some(value), _) => number(value, of.unit),
        // What has no number is said in the document's own words: a date, a state, *n.v.t.*
        (None, FigureStatus::NotApplicable) => match of.printed.as_ref().and_then(|printed| printed.text.as_deref()) {
            Some(text) => format!("“{}”", shortened(&squeezed(text), SHOWN_MAX)),
            None => "“not applicable”".into(),
        },
        (None, FigureStatus::NotAvailable) => "“not available”".into(),
        (None, _) => "nothing".into(),
    }
}

/// What is printed, in quotes.
pub fn quoted(of: &Figure) -> String {
    match of.printed.as_ref().and_then(|printed| printed.text.as_deref()) {
        Some(text) => format!("“{}”", squeezed(text)),
        None => figure(of),
    }
}

/// Where something is printed: `9.1.4.1`, `9.2, BUDGETTEN`.
pub fn place(of: Option<&Citation>) -> String {
    let Some(of) = of else { return "an unnamed place".into() };
    of.section.as_deref().map_or_else(|| of.document_key.to_string(), |section| format!("section {section}"))
}

/// What a record is about: measure and row.
pub fn subject(register: &Register, node: &Node) -> String {
    let named = |measure: Option<&Link<crate::model::Measure>>, label: &str| {
        let Some(measure) = measure else { return format!("“{}”", squeezed(label)) };
        let name = register.follow(measure).map_or(measure.as_str(), |measure| measure.name.as_str());
        format!("{name}, “{}”", squeezed(label))
    };
    match &node.record {
        Record::Observation(it) => register.follow(&it.indicator_key).map_or_else(
            || it.indicator_key.to_string(),
            |indicator| named(indicator.measure_key.as_ref(), &indicator.label),
        ),
        Record::NormResult(it) => register
            .follow(&it.norm_key)
            .map_or_else(|| it.norm_key.to_string(), |norm| named(norm.measure_key.as_ref(), &norm.label)),
        Record::Inspection(it) => register
            .follow(&it.process_key)
            .map_or_else(|| it.process_key.to_string(), |process| squeezed(&process.name)),
        Record::BudgetAmount(it) => register
            .follow(&it.budget_line_key)
            .map_or_else(|| it.budget_line_key.to_string(), |line| squeezed(&line.name)),
        _ => node.key.to_string(),
    }
}

/// A claim's own words.
pub fn claim(of: &Claim) -> String {
    let place = place(of.figure.printed.as_deref());
    let row = of.figure.printed.as_ref().filter(|printed| printed.table.is_some());
    match row.and_then(|printed| Some((printed.row.as_deref()?, printed.column.as_deref()?))) {
        Some((row, column)) => format!("The table of {place} prints {} for “{row}”, “{column}”", quoted(&of.figure)),
        None => format!("The text of {place} says {}", quoted(&of.figure)),
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of a measure.
pub fn measure(register: &Register, key: &Key) -> String {
    match register.get(Kind::Measure, key).map(|node| &node.record) {
        Some(Record::Measure(measure)) => measure.name.clone(),
        _ => key.to_string(),
    }
}
