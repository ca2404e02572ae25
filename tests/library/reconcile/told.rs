//! What is told of the real plan: trends from what is not known, and what its text states in words.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use boordtabel::analysis::reconcile::{Discrepancies, DiscrepancyRule};
use boordtabel::model::milestone::{MilestoneChange, MilestoneStatus};
use boordtabel::model::statement::StatementKind;
use boordtabel::model::{AsRecord as _, FigureStatus, Key, Kind, Record, Statement};
use boordtabel::register::Register;

use super::{plan, printed, register, with};

#[test]
fn a_trend_from_what_is_not_known_is_told_whatever_the_reason() {
    let all = Discrepancies::of(printed());
    let of_rule = |register: &Register| -> Vec<String> {
        let all = Discrepancies::of(register).all();
        all.iter().filter(|it| it.rule == DiscrepancyRule::TrendBase).map(|it| it.key.to_string()).collect()
    };
    let unknown = "trend-base/norm-result/globale-projecten/100-aanvragen-30-dagen/2020/overview/change";
    let told = &all.get(&Key::parse(unknown).unwrap()).expect("no result of the year before is printed").explanation;
    assert!(told.ends_with("“+0 ppt.” is printed as the trend, but no value of 2019 is known."), "{told}");
    let before = of_rule(printed());
    // A blank, and a record that is not there.
    let key = Key::parse("mentorkorting/ontvangen-dossiers/2019").unwrap();
    let own = "trend-base/observation/mentorkorting/ontvangen-dossiers/2020/change".to_owned();
    let Record::Observation(mut blank) = printed().get(Kind::Observation, &key).unwrap().record.clone() else {
        panic!()
    };
    let figure = &mut Arc::make_mut(&mut blank).figure;
    (figure.value, figure.status) = (None, FigureStatus::NotReported);
    let gone = register(plan().iter().filter(|it| it.key() != key).cloned());
    for changed in [with(Record::Observation(blank)), gone] {
        let mut after = of_rule(&changed);
        after.retain(|key| !before.contains(key));
        assert_eq!(after, std::slice::from_ref(&own));
    }
}

#[test]
fn a_number_of_a_statement_is_one_that_is_printed() {
    let statements = plan().iter().filter_map(|record| match record {
        Record::Statement(it) => Some(it),
        _ => None,
    });
    let mut numbers = 0;
    for it in statements.filter(|it| it.figure.value.is_some()) {
        let printed = it.figure.printed.as_ref().and_then(|printed| printed.text.as_deref()).unwrap();
        assert!(
            printed.contains(|sign: char| sign.is_ascii_digit()),
            "{}: nobody prints a number in “{printed}”",
            it.key
        );
        numbers += 1;
    }
    assert!(numbers > 3, "{numbers}");
}

/// What is written by hand of projects that were realised as intended, with milestones that were not, is counted anew.
#[test]
fn projects_that_were_realised_with_milestones_that_were_not_are_all_named() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reconciled/by-hand.md");
    let by_hand = fs::read_to_string(path).unwrap();
    let named: BTreeMap<String, usize> = by_hand
        .lines()
        .filter_map(|line| {
            let (project, lines) = line.trim().split_once(" (")?;
            let (_, lines) = lines.split_once(')')?.0.split_once(": ")?;
            Some((project.replace("project ", "project-"), lines.split(", ").count()))
        })
        .collect();
    let reached = plan().iter().filter_map(|record| match record {
        Record::ProjectYear(it) if it.progress.is_some() => Some(it),
        _ => None,
    });
    let reached: Vec<&str> = reached
        .filter(|it| !it.progress.as_deref().unwrap().contains("gedeeltelijk"))
        .map(|it| it.project_key.as_str())
        .collect();
    assert_eq!(reached.len(), 22);
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for record in plan() {
        let Record::Milestone(it) = record else { continue };
        let stands: Vec<MilestoneStatus> = it.status.into_iter().chain(it.statuses.iter().copied()).collect();
        let is_open = stands.iter().any(|status| {
            !matches!(status, MilestoneStatus::Realised | MilestoneStatus::OnSchedule | MilestoneStatus::Reoriented)
        });
        let is_moved = it.amendment.as_ref().is_some_and(|it| it.change == MilestoneChange::Postponed);
        if it.year == 2020
            && it.part_of_key.is_none()
            && (is_open || is_moved)
            && reached.contains(&it.project_key.as_str())
        {
            *open.entry(it.project_key.to_string()).or_default() += 1;
        }
    }
    assert_eq!((named.len(), &named), (18, &open));
}

#[test]
fn a_norm_that_counts_as_met_and_is_called_missed_is_told() {
    let told: Vec<(&str, &str)> = Discrepancies::of(printed())
        .all()
        .iter()
        .filter(|it| it.record_key.as_str().starts_with("norm-met/"))
        .map(|it| (it.measure_key.as_ref().unwrap().as_str(), it.field.as_str()))
        .collect();
    assert_eq!(told, [("kwaliteitsregistratie", "holds"), ("vlaamse-ondersteuningspremie", "holds")]);
}

/// What the text of the plan states in words.
fn statements() -> Vec<&'static Statement> {
    plan().iter().filter_map(|record| Statement::of(record)).collect()
}

#[test]
fn why_a_milestone_moved_is_one_question() {
    let statements = statements();
    let mut reasons = 0;
    for record in plan() {
        let Record::Milestone(it) = record else { continue };
        let Some(cause) = it.amendment.as_ref().and_then(|it| it.cause) else { continue };
        let key = record.key();
        let is_told = statements
            .iter()
            .any(|it| it.causes.contains(&cause) && it.milestone_keys.iter().any(|of| *of.key() == key));
        assert!(is_told, "{key}: no statement says that it moved because of {}", cause.word());
        reasons += 1;
    }
    assert_eq!(reasons, 8);
}

#[test]
fn who_was_involved_in_each_project_and_what_became_of_what_moved_is_told() {
    let statements = statements();
    let (mut projects, mut moved) = (0, 0);
    for record in plan() {
        match record {
            Record::Project(it) => {
                let is_told = statements.iter().any(|of| {
                    of.kind == StatementKind::Involved
                        && of.project_key.as_ref().is_some_and(|of| *of.key() == record.key())
                });
                assert!(is_told, "{}: no statement says who was involved", it.title);
                projects += 1;
            }
            Record::Milestone(it) => {
                let is_moved = it.amendment.as_ref().is_some_and(|it| it.change == MilestoneChange::Postponed);
                let is_told = statements.iter().any(|of| {
                    matches!(of.kind, StatementKind::Cause | StatementKind::Decision)
                        && of.milestone_keys.iter().any(|of| *of.key() == record.key())
                });
                assert!(!is_moved || is_told, "{}: it moved, and no statement says why or to when", record.key());
                moved += usize::from(is_moved);
            }
            _ => {}
        }
    }
    assert_eq!((projects, moved), (24, 23));
}
