//! Plan years in the graph: the next plan made from this one, and two plans compared.

use crate::analysis::comparison::{Changed, KindComparison, compare};
use crate::graphql::core::args::Args;
use crate::graphql::core::arguments::{first, first_arg};
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectRef, Value};
use crate::graphql::core::value::{int, text};
use crate::graphql::types::history::field_changes;
use crate::model::{Key, Kind};
use crate::register::{Node, Register};

/// The field of every state of the register that compares two plans.
pub fn compare_field() -> FieldDef {
    let key = |name, doc: &str| ArgDef::new(name, Ty::required("String"), doc);
    FieldDef::new(
        "comparePlans",
        Ty::required("PlanComparison"),
        "What became of one plan in another, by the lineage of their records.",
        function(compare_plans),
    )
    .with_args(vec![
        key("fromPlan", "Key of the earlier plan."),
        key("toPlan", "Key of the later plan."),
        first_arg(100, "How many entries of each list to show at most; the counts count all."),
    ])
}

payload! {
    /// What became of one plan in another.
    PlanComparison {
        /// The earlier plan.
        from: "Plan!",
        /// The later plan.
        to: "Plan!",
        /// What became of the records of each carried kind.
        kinds: "[KindComparison!]!",
    }
}

fn compare_plans<'r>(context: &ExecutionContext<'r>, of: &ObjectRef<'r>, args: &Args) -> Result<Value<'r>, FieldError> {
    let register = of.register;
    let size = first(args, &context.request.limits)?;
    let plan = |name: &str| -> Result<&'r Node, FieldError> {
        let given = args.text(name).unwrap_or_default();
        let found = Key::parse(given).ok().and_then(|key| register.get(Kind::Plan, &key));
        found.map(|node| &**node).ok_or_else(|| {
            let keys: Vec<&str> = register.all(Kind::Plan).take(20).map(|node| node.key.as_str()).collect();
            let hint =
                if keys.is_empty() { "there is none yet".into() } else { format!("there are {}", keys.join(", ")) };
            FieldError::input(format!("there is no plan `{given}`"), hint)
        })
    };
    let (from, to) = (plan("fromPlan")?, plan("toPlan")?);
    if from.key == to.key {
        return Err(FieldError::input(format!("`{}` is given twice", from.key), "name two plans"));
    }
    let kinds = compare(register, &from.key, &to.key);
    let kinds = kinds.iter().map(|kind| kind_comparison(register, kind, size)).collect();
    let (from, to) = (record(register, from), record(register, to));
    Ok(PlanComparison { from, to, kinds: Value::List(kinds) }.object(register))
}

payload! {
    /// What became of the records of a kind. A record with several successors may count as several things.
    KindComparisonObject as "KindComparison" {
        /// The kind.
        kind: "CarriedKind!",
        /// Records of the earlier plan.
        earlier: "Int!",
        /// Records of the later plan.
        later: "Int!",
        /// Records of the earlier plan that one of the later continues, changed or not.
        continued: "Int!",
        /// Records of the earlier plan that were split.
        split: "Int!",
        /// Records of the earlier plan that were merged with others.
        merged: "Int!",
        /// Records of the earlier plan without a successor in the later one.
        dropped: "Int!",
        /// Records of the later plan without a predecessor in the earlier one.
        new: "Int!",
        /// Continuations that differ from what they continue.
        changed: "Int!",
        /// The continuations that differ, in the order of the earlier plan.
        changed_records: "[ChangedRecord!]!",
        /// Those dropped, in the order of the earlier plan.
        dropped_records: "[Node!]!",
        /// Those new, in the order of the later plan.
        new_records: "[Node!]!",
        /// Keys of those dropped, in the order of the earlier plan.
        dropped_keys: "[String!]!",
        /// Keys of those new, in the order of the later plan.
        new_keys: "[String!]!",
    }
}

fn kind_comparison<'r>(register: &'r Register, of: &KindComparison<'r>, size: usize) -> Value<'r> {
    let keys = |nodes: &[&'r std::sync::Arc<Node>]| {
        Value::List(nodes.iter().take(size).map(|node| Value::Text(node.key.as_str().into())).collect())
    };
    let records = |nodes: &[&'r std::sync::Arc<Node>]| {
        Value::List(nodes.iter().take(size).map(|node| record(register, node)).collect())
    };
    let count = |count: usize| int(count as u64);
    KindComparisonObject {
        kind: text(of.kind.word()),
        earlier: count(of.earlier),
        later: count(of.later),
        continued: count(of.continued),
        split: count(of.split),
        merged: count(of.merged),
        dropped: count(of.dropped.len()),
        new: count(of.new.len()),
        changed: count(of.changed.len()),
        changed_records: Value::List(of.changed.iter().take(size).map(|it| changed(register, it)).collect()),
        dropped_records: records(&of.dropped),
        new_records: records(&of.new),
        dropped_keys: keys(&of.dropped),
        new_keys: keys(&of.new),
    }
    .object(register)
}

payload! {
    /// A record that goes on and differs from what it was.
    ChangedRecord {
        /// The record of the earlier plan.
        predecessor: "Node!",
        /// The record of the later plan.
        successor: "Node!",
        /// What differs. Keys and citations do not count; a link counts when it leads to something else than the continuation of what
        /// it led to, and is shown by the later plan's keys as far as there are any.
        fields: "[FieldChange!]!",
    }
}

fn changed<'r>(register: &'r Register, of: &Changed<'r>) -> Value<'r> {
    let fields = field_changes(register, of.fields.clone());
    let (predecessor, successor) = (record(register, of.before), record(register, of.after));
    ChangedRecord { predecessor, successor, fields }.object(register)
}

/// The objects of a comparison of plans.
pub fn objects() -> Vec<ObjectDef> {
    vec![PlanComparison::definition(), KindComparisonObject::definition(), ChangedRecord::definition()]
}
