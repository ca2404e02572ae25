//! Rounds of reporting in the graph: what is due, what came, what changed; and the five domains of a scoreboard.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::analysis::rounds::{self, Due, DueState, Reporting, ReportingBy, changed, due};
use crate::analysis::walk::{self, RecordRef};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty};
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{Value, int, record, text};
use crate::graphql::types::figures::common::of_node;
use crate::model::{Date, Round, Vocabulary};
use crate::register::{Node, Register};

/// The vocabularies that only these use.
pub fn vocabularies() -> [&'static Vocabulary; 2] {
    [&DueState::VOCABULARY, &ReportingBy::VOCABULARY]
}

fn on_arg() -> ArgDef {
    let doc = "The day on which it is judged; without it the deadline, on which nothing is late yet.";
    ArgDef::new("on", Ty::named("Date"), doc)
}

fn due_of<'r>(register: &'r Register, node: &'r Node, args: &Args) -> Vec<Due<'r>> {
    let Some(round): Option<RecordRef<'r, Round>> = walk::of(node) else { return Vec::new() };
    let on = args.text("on").and_then(Date::parse).unwrap_or(round.1.deadline);
    due(register, round, on)
}

/// What a round tells.
pub fn fields() -> Vec<FieldDef> {
    let states = ArgDef::new("state", Ty::named(DueState::VOCABULARY.name), "Only figures that stand so.");
    let by = ArgDef::new("by", Ty::required(ReportingBy::VOCABULARY.name), "By what.");
    vec![
        of_node(
            "expected",
            Ty::list("ExpectedFigure"),
            "The figures that the round expects: of each indicator with a frequency, those of its periods that ended since the round before, or \
             since the year began.",
            vec![on_arg(), states],
            |register, node, args| {
                let wanted = args.text("state").and_then(DueState::from_word);
                let all = due_of(register, node, args).into_iter();
                let all = all.filter(|it| wanted.is_none_or(|wanted| it.state == wanted));
                Ok(Value::List(all.map(|it| expected(register, it)).collect()))
            },
        ),
        of_node(
            "reporting",
            Ty::required("Reporting"),
            "How complete and how timely the round is.",
            vec![on_arg()],
            |register, node, args| Ok(reporting(register, None, Reporting::of(&due_of(register, node, args)))),
        ),
        of_node(
            "reportingBy",
            Ty::list("Reporting"),
            "The same by who owes it, by measure or by goal; those that belong to none come last.",
            vec![by, on_arg()],
            |register, node, args| Ok(reporting_by(register, node, args)),
        ),
        of_node(
            "changed",
            Ty::List(Box::new(Ty::required("Node"))),
            "What was written in the plan since the round before was closed, up to the close of this one; null when the round before is not \
             closed, or there is none.",
            Vec::new(),
            |register, node, _| {
                let Some(round): Option<RecordRef<'_, Round>> = walk::of(node) else { return Ok(Value::Null) };
                let nodes = changed(register, round);
                Ok(nodes.map_or(Value::Null, |nodes| {
                    Value::List(nodes.into_iter().map(|node| record(register, node)).collect())
                }))
            },
        ),
        of_node(
            "risks",
            Ty::list("Risk"),
            "What threatens the plan and its goals, projects, milestones and measures: what may still come first, then what came and what is over, \
             each by likelihood times impact, the gravest first.",
            Vec::new(),
            |register, node, _| {
                let Some(round): Option<RecordRef<'_, Round>> = walk::of(node) else { return Ok(Value::Null) };
                let risks = rounds::risks(register, round).into_iter();
                Ok(Value::List(risks.map(|(node, _)| record(register, node)).collect()))
            },
        ),
    ]
}

payload! {
    /// A figure that a round of reporting expects.
    ExpectedFigure {
        /// The indicator.
        indicator: "Indicator!",
        /// The period, such as `2022-Q1`.
        period: "String!",
        /// Who owes it: the indicator's owner, or else its measure's.
        owner: "String",
        /// The figure that came; null when none did.
        observation: "Observation",
        /// How it stands.
        state: "DueState!",
    }
}

fn expected<'r>(register: &'r Register, of: Due<'r>) -> Value<'r> {
    let observation = of.observation.map_or(Value::Null, |(node, _)| record(register, node));
    let owner = rounds::group_of(register, of.indicator, ReportingBy::Owner).map_or(Value::Null, text);
    ExpectedFigure {
        indicator: record(register, of.indicator.0),
        period: text(of.period.to_string()),
        owner,
        observation,
        state: text(of.state.word()),
    }
    .object(register)
}

fn reporting_by<'r>(register: &'r Register, node: &'r Node, args: &Args) -> Value<'r> {
    let by = args.text("by").and_then(ReportingBy::from_word).unwrap_or(ReportingBy::Owner);
    // What belongs to none comes last.
    let mut groups: BTreeMap<(bool, Option<String>), Vec<Due<'r>>> = BTreeMap::new();
    for it in due_of(register, node, args) {
        let name = rounds::group_of(register, it.indicator, by);
        groups.entry((name.is_none(), name)).or_default().push(it);
    }
    Value::List(groups.into_iter().map(|((_, name), group)| reporting(register, name, Reporting::of(&group))).collect())
}

/// A share of what is expected, to four decimals; none where nothing is.
fn share<'r>(part: usize, of: usize) -> Value<'r> {
    if of == 0 {
        return Value::Null;
    }
    Value::Decimal((Decimal::from(part as u64) / Decimal::from(of as u64)).round_dp(4).normalize())
}

payload! {
    /// How reporting goes in a round.
    ReportingObject as "Reporting" {
        /// Of whom or what: an owner, the key of a measure or a goal; null for the whole, and for those that belong to none.
        of: "String",
        /// How many figures are expected.
        expected: "Int!",
        /// How many came.
        delivered: "Int!",
        /// How many came by the deadline.
        in_time: "Int!",
        /// How many came after it, or are missing although it is over.
        late: "Int!",
        /// The share that came; null when nothing is expected.
        completeness: "Decimal",
        /// The share that came in time; null when nothing is expected.
        timeliness: "Decimal",
    }
}

fn reporting<'r>(register: &'r Register, name: Option<String>, of: Reporting) -> Value<'r> {
    let count = |count: usize| int(count as u64);
    ReportingObject {
        of: name.map_or(Value::Null, text),
        expected: count(of.expected),
        delivered: count(of.delivered),
        in_time: count(of.in_time),
        late: count(of.late),
        completeness: share(of.delivered, of.expected),
        timeliness: share(of.in_time, of.expected),
    }
    .object(register)
}

/// Objects of these.
pub fn objects() -> Vec<ObjectDef> {
    vec![ExpectedFigure::definition(), ReportingObject::definition()]
}
