//! Targets in the graph, with what became of them.

use crate::analysis::target::{self, Judged, Judgement};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty};
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{Value, record, text};
use crate::graphql::types::computed::figure;
use crate::graphql::types::figures::common::{INDICATORS, LADDER, NORMS};
use crate::graphql::types::figures::common::{day, of_node, recorded, word};
use crate::graphql::types::figures::series::on_arg;
use crate::register::Register;

const TARGET_ATTAINMENT: &str = "TargetAttainment";

/// The field of norms and indicators.
pub fn field() -> FieldDef {
    let doc = "Its targets, and those of what it continues, by period, each with what became of it. One that was set anew stands beside the one that \
               is in force.";
    of_node("targetAttainments", Ty::list(TARGET_ATTAINMENT), doc, vec![on_arg()], |register, node, args| {
        Ok(list(register, target::judged(register, node, day(args, "on")), args))
    })
    .reading(LADDER.with(NORMS).with(INDICATORS))
}

/// The field of what has measures below it.
pub fn field_below() -> FieldDef {
    let doc = "The targets of the norms and indicators below it, each with what became of it: which are not yet due, which were missed.";
    let only = ArgDef::new(
        "judgement",
        Ty::List(Box::new(Ty::required(Judgement::VOCABULARY.name))),
        "Only targets of which this is said; without it all.",
    );
    let args = vec![on_arg(), only];
    of_node("targetAttainments", Ty::list(TARGET_ATTAINMENT), doc, args, |register, node, args| {
        Ok(list(register, target::judged_below(register, node, day(args, "on")), args))
    })
    .reading(LADDER.with(NORMS).with(INDICATORS))
}

fn list<'r>(register: &'r Register, all: Vec<Judged<'r>>, args: &Args) -> Value<'r> {
    let wanted: Option<Vec<Judgement>> = match args.get("judgement") {
        Some(async_graphql::Value::List(words)) => Some(words.iter().filter_map(read).collect()),
        _ => None,
    };
    let all = all.into_iter().filter(|it| match (&wanted, it.judgement) {
        (Some(wanted), Some(judgement)) => wanted.contains(&judgement),
        (wanted, None) => wanted.is_none(),
        (None, _) => true,
    });
    Value::List(all.map(|it| judged_of(register, it)).collect())
}

fn read(value: &async_graphql::Value) -> Option<Judgement> {
    match value {
        async_graphql::Value::Enum(word) => Judgement::from_word(word),
        async_graphql::Value::String(word) => Judgement::from_word(word),
        _ => None,
    }
}

payload! {
    /// A target with what became of it.
    TargetAttainment {
        /// The target.
        target: "Target!",
        /// How the result is to stand to it.
        aim: "Aim!",
        /// Whether it is the one that counts for its period: none was set in its place.
        in_force: "Boolean!",
        /// The result of its period, as the last document prints it, through the plans; of a year of which only parts are known, what these
        /// come to, as the indicator says. Null when there is none.
        result: "Figure",
        /// The record that holds the result; null when none does.
        result_record: "Node",
        /// The ratio of result to target; without a value for a target of 0.
        ratio: "Figure!",
        /// What is said of it on the day; null when its period is over and there is no result.
        judgement: "Judgement",
    }
}

fn judged_of<'r>(register: &'r Register, of: Judged<'r>) -> Value<'r> {
    TargetAttainment {
        target: record(register, of.target.0),
        aim: text(of.aim.word()),
        in_force: Value::Bool(of.in_force),
        result: match of.made {
            Some(made) => figure(register, made),
            None => recorded(register, of.result.map(|it| it.figure)),
        },
        result_record: of.result.map_or(Value::Null, |it| record(register, it.node)),
        ratio: figure(register, of.ratio),
        judgement: word(of.judgement.map(Judgement::word)),
    }
    .object(register)
}

/// The object of a target with what became of it.
pub fn object_def() -> ObjectDef {
    TargetAttainment::definition()
}
