//! Plan years in the graph: the next plan made from this one, and two plans compared.

use crate::analysis::comparison::{Changed, KindComparison, compare};
use crate::graphql::core::args::Args;
use crate::graphql::core::arguments::{first, first_arg};
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Resolve, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectRef, Value};
use crate::graphql::core::value::{int, object, text};
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
    Ok(object(register, vec![record(register, from), record(register, to), Value::List(kinds)]))
}

fn kind_comparison<'r>(register: &'r Register, of: &KindComparison<'r>, size: usize) -> Value<'r> {
    let keys = |nodes: &[&'r std::sync::Arc<Node>]| {
        Value::List(nodes.iter().take(size).map(|node| Value::Text(node.key.as_str().into())).collect())
    };
    let counts =
        [of.earlier, of.later, of.continued, of.split, of.merged, of.dropped.len(), of.new.len(), of.changed.len()];
    let mut values = vec![text(of.kind.word())];
    values.extend(counts.map(|count| int(count as u64)));
    values.push(Value::List(of.changed.iter().take(size).map(|it| changed(register, it)).collect()));
    values.extend([keys(&of.dropped), keys(&of.new)]);
    object(register, values)
}

fn changed<'r>(register: &'r Register, of: &Changed<'r>) -> Value<'r> {
    let fields = field_changes(register, of.fields.clone());
    object(register, vec![record(register, of.before), record(register, of.after), fields])
}

/// The objects of a comparison of plans.
pub fn objects() -> Vec<ObjectDef> {
    let field = |name: &'static str, ty, doc: &str, index| FieldDef::new(name, ty, doc, Resolve::Value(index));
    let count = |name, doc: &str, index| field(name, Ty::required("Int"), doc, index);
    let define = |name: &'static str, doc: &str, fields| ObjectDef {
        name: name.into(),
        doc: doc.into(),
        is_node: false,
        fields,
    };
    vec![
        define(
            "PlanComparison",
            "What became of one plan in another.",
            vec![
                field("from", Ty::required("Plan"), "The earlier plan.", 0),
                field("to", Ty::required("Plan"), "The later plan.", 1),
                field("kinds", Ty::list("KindComparison"), "What became of the records of each carried kind.", 2),
            ],
        ),
        define(
            "KindComparison",
            "What became of the records of a kind. A record with several successors may count as several things.",
            vec![
                field("kind", Ty::required("CarriedKind"), "The kind.", 0),
                count("earlier", "Records of the earlier plan.", 1),
                count("later", "Records of the later plan.", 2),
                count("continued", "Records of the earlier plan that one of the later continues, changed or not.", 3),
                count("split", "Records of the earlier plan that were split.", 4),
                count("merged", "Records of the earlier plan that were merged with others.", 5),
                count("dropped", "Records of the earlier plan without a successor in the later one.", 6),
                count("new", "Records of the later plan without a predecessor in the earlier one.", 7),
                count("changed", "Continuations that differ from what they continue.", 8),
                field(
                    "changedRecords",
                    Ty::list("ChangedRecord"),
                    "The continuations that differ, in the order of the earlier plan.",
                    9,
                ),
                field(
                    "droppedKeys",
                    Ty::list("String"),
                    "Keys of those dropped, in the order of the earlier plan.",
                    10,
                ),
                field("newKeys", Ty::list("String"), "Keys of those new, in the order of the later plan.", 11),
            ],
        ),
        define(
            "ChangedRecord",
            "A record that goes on and differs from what it was.",
            vec![
                field("predecessor", Ty::required("Node"), "The record of the earlier plan.", 0),
                field("successor", Ty::required("Node"), "The record of the later plan.", 1),
                field(
                    "fields",
                    Ty::list("FieldChange"),
                    "What differs. Keys and citations do not count; a link counts when it leads to something else than the continuation of \
                     what it led to, and is shown by the later plan's keys as far as there are any.",
                    2,
                ),
            ],
        ),
    ]
}
