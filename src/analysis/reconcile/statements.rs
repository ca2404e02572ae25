//! What the text states in words: the same thing in two places, times that cannot be, milestones that are one.

use crate::analysis::reconcile::compare;
use crate::analysis::reconcile::{Counterpart, DiscrepancyRule, Finding, Severity, words};
use crate::analysis::walk;
use crate::model::statement::{Statement, StatementKind};
use crate::model::{Date, Document, Record};
use crate::register::{Node, Register};

fn finding<'r>(rule: DiscrepancyRule, node: &'r Node, it: &'r Statement, field: &'static str) -> Finding<'r> {
    Finding {
        rule,
        node,
        field,
        stated: &it.figure,
        found: Counterpart::Nothing,
        gap: None,
        severity: rule.severity(),
        explanation: String::new(),
    }
}

/// Where a statement stands, for a sentence.
fn place(it: &Statement) -> String {
    let section = it.figure.printed.as_ref().and_then(|printed| printed.section.as_deref());
    section.map_or_else(|| "another place".to_owned(), |section| format!("section {section}"))
}

/// A statement with its place and its words, as a sentence.
fn said(it: &Statement) -> String {
    format!("{} ({}: {}).", it.text.trim().trim_end_matches('.'), place(it), words::quoted(&it.figure))
}

/// What a statement says of the thing that an earlier one speaks of agrees with it.
pub fn twice<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Record::Statement(later) = &node.record else { return };
    let first = later.again_key.as_ref().and_then(|key| walk::get::<Statement>(register, key.key()));
    let Some((at, first)) = first else { return };
    let Some(field) = first.contradicts(later) else { return };
    let gap = compare::same(&later.figure, &first.figure);
    found.push(Finding {
        found: Counterpart::Printed(at, "figure", &first.figure),
        severity: gap.as_ref().map_or(DiscrepancyRule::StatementTwice.severity(), Severity::of),
        gap,
        explanation: format!("{} {}", said(first), said(later)),
        ..finding(DiscrepancyRule::StatementTwice, node, later, field)
    });
}

/// What is told as done is not after the document's date; what is told as to come is not before the years that the plan is about.
pub fn time<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Record::Statement(it) = &node.record else { return };
    let (StatementKind::Event, Some(period), Some(done)) = (it.kind, &it.period, it.holds) else { return };
    let printed = it.figure.printed.as_ref();
    let document = printed.and_then(|printed| register.follow::<Document>(&printed.document_key));
    let plan = register.follow(&it.plan_key);
    let said = words::quoted(&it.figure);
    let explanation = match document.and_then(|document| document.date) {
        Some(date) if done && period.start() > date => {
            format!("{} {said} is told as done, but {} is after the document's date, {date}.", it.text.trim(), period)
        }
        _ if !done && plan.is_some_and(|plan| before(period.end(), plan.evaluated_year.unwrap_or(plan.year))) => {
            format!("{} {said} is told as still to come, but {} is past.", it.text.trim(), period)
        }
        _ => return,
    };
    found.push(Finding { explanation, ..finding(DiscrepancyRule::StatementTime, node, it, "period") });
}

fn before(day: Date, year: i32) -> bool {
    day.year() < year
}

/// A milestone that stands twice counts twice.
pub fn milestones<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Record::Statement(it) = &node.record else { return };
    if it.kind != StatementKind::Same {
        return;
    }
    let named: Vec<_> = it.milestone_keys.iter().filter_map(|key| register.follow(key)).collect();
    let times = named.len();
    // Parts of a milestone, and rows that a footnote takes together, are not counted anyway.
    if named.iter().filter(|milestone| milestone.part_of_key.is_none()).count() < 2 {
        return;
    }
    let explanation = format!("{} It counts {times} times among the milestones.", it.text.trim());
    found.push(Finding { explanation, ..finding(DiscrepancyRule::MilestoneTwice, node, it, "milestoneKeys") });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Citation, Figure, FigureStatus, Key, Link, Period, Unit};

    fn statement(period: Option<&str>, value: Option<i64>, holds: Option<bool>) -> Statement {
        let key = |text: &str| Key::parse(text).unwrap();
        Statement {
            cause_words: Vec::new(),
            key: key("s"),
            plan_key: Link::new(key("plan")),
            kind: StatementKind::Event,
            text: "It happens.".into(),
            figure: Figure {
                unit_code: None,
                value: value.map(Into::into),
                status: if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotApplicable },
                unit: Unit::Count,
                printed: None::<Box<Citation>>,
            },
            period: period.map(|text| Period::parse(text).unwrap()),
            holds,
            again_key: None,
            causes: Vec::new(),
            parties: Vec::new(),
            project_key: None,
            milestone_keys: Vec::new(),
            measure_key: None,
            process_key: None,
            norm_key: None,
        }
    }

    #[test]
    fn what_overlaps_or_is_said_once_is_no_contradiction() {
        let april = statement(Some("2021-04"), None, Some(false));
        for (other, differs) in [
            (statement(Some("2021-Q2"), None, None), None),
            (statement(Some("2021"), None, Some(false)), None),
            (statement(Some("2021-Q1"), None, Some(false)), Some("period")),
            (statement(Some("2021-05"), None, Some(true)), Some("period")),
            (statement(None, Some(3), None), None),
            (statement(None, None, Some(true)), Some("holds")),
        ] {
            assert_eq!(april.contradicts(&other), differs, "{:?}", other.period);
            assert_eq!(other.contradicts(&april), differs, "either way round");
        }
        let three = statement(None, Some(3), None);
        assert_eq!(three.contradicts(&statement(None, Some(10), None)), Some("figure"));
        assert_eq!(three.contradicts(&statement(None, Some(3), None)), None);
    }

    #[test]
    fn a_year_is_before_another_only_when_it_is() {
        let day = |text: &str| Date::parse(text).unwrap();
        assert!(before(day("2012-01-31"), 2020));
        assert!(!before(day("2020-01-01"), 2020));
    }
}
