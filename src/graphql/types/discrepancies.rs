//! Where the document contradicts itself, and what hangs in the air, in the graph.

use crate::analysis::orphans::{self, Gap};
use crate::analysis::reconcile::{Counterpart as Side, Discrepancies, Discrepancy, DiscrepancyRule};
use crate::graphql::core::args::Args;
use crate::graphql::core::arguments::{first, first_arg};
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::core::value::{int, text};
use crate::graphql::types::computed::{FIGURE, figure};
use crate::graphql::types::discrepancy_groups;
use crate::graphql::types::page;
use crate::graphql::types::values::{self, Part};
use crate::model::{Composite as _, CompositeInfo, Date, Key, Kind, View, Vocabulary};
use crate::register::Register;
use crate::register::query::FilterSchema;
use crate::work;

/// Name of the type of a discrepancy.
pub const DISCREPANCY: &str = "Discrepancy";

/// The vocabularies that only these use.
pub fn vocabularies() -> [&'static Vocabulary; 3] {
    let [dimensions, order] = discrepancy_groups::vocabularies();
    [&Gap::VOCABULARY, dimensions, order]
}

/// What is known of a discrepancy.
pub fn info() -> &'static CompositeInfo {
    Discrepancy::info()
}

/// What every state of the register has.
pub fn state_fields(limits: &Limits) -> Vec<FieldDef> {
    let only = |name, doc: &str| ArgDef::new(name, Ty::named("Date"), doc);
    let mut args = vec![
        only("openOn", "Only those that no waiver lets stand on that day."),
        only("waivedOn", "Only those that a waiver lets stand on that day."),
    ];
    args.extend(page::arguments(limits));
    vec![
        FieldDef::new(
            "discrepancies",
            Ty::required("DiscrepancyConnection"),
            "Where the document contradicts itself: figures that it states, against those that its other figures give. In the order of the \
             rules, then of the records. Recomputed for each state of the register.",
            function(list),
        )
        .with_args(args)
        .filtered_by(FilterSchema::of(info())),
        FieldDef::new(
            "discrepancy",
            Ty::named(DISCREPANCY),
            "The discrepancy of that key; null when there is none.",
            function(|_, of, args| Ok(by_key(of, args.text("key").unwrap_or_default()))),
        )
        .with_args(vec![ArgDef::new("key", Ty::required("String"), "Key of the discrepancy.")]),
        FieldDef::new(
            "discrepancyRules",
            Ty::list("DiscrepancyRuleState"),
            "The rules by which the document is reconciled, and how many discrepancies each finds.",
            function(|_, of, _| Ok(rules_state(of.register))),
        ),
        FieldDef::new(
            "orphans",
            Ty::list("Orphans"),
            "What hangs in the air, by kind of gap: goals without measures, money without a goal, indicators without an observation, norms \
             without a target.",
            function(orphans_of),
        )
        .with_args(vec![
            ArgDef::new("planKey", Ty::named("String"), "Only in this plan."),
            first_arg(100, "How many records of each gap to show at most; `count` counts all."),
        ]),
    ]
}

fn day(args: &Args, name: &str) -> Option<Date> {
    args.text(name).and_then(Date::parse)
}

/// What a discrepancy has besides the fields of its value. `found` takes the place of the one of that name: it can show its inputs.
pub fn fields() -> Vec<FieldDef> {
    let of = |name: &'static str, ty, doc: &str, resolve: for<'r> fn(&'r Register, &'r Discrepancy) -> Value<'r>| {
        let resolve = function(move |_, of, _| Ok(discrepancy(of).map_or(Value::Null, |it| resolve(of.register, it))));
        FieldDef::new(name, ty, doc, resolve)
    };
    vec![
        of("record", Ty::named("Node"), "The record that states the figure.", |register, it| {
            node(register, it.kind, Some(&it.record_key))
        }),
        of("measure", Ty::named("Measure"), "The measure itself.", |register, it| {
            node(register, Kind::Measure, it.measure_key.as_ref().map(|key| key.key()))
        }),
        of("plan", Ty::named("Plan"), "The plan itself.", |register, it| {
            node(register, Kind::Plan, it.plan_key.as_ref().map(|key| key.key()))
        }),
        of(
            "found",
            Ty::named(FIGURE),
            "The figure that the others give: computed, with `computed` down to the printed cells, or printed in a second place. Null when \
             there can be none.",
            |register, it| match it.finding(register).map(|finding| finding.found) {
                Some(Side::Computed(computed)) => figure(register, computed),
                Some(Side::Printed(_, _, printed)) => {
                    Value::Object(ObjectRef { register, of: ObjectKind::Composite(printed) })
                }
                Some(Side::Nothing) | None => Value::Null,
            },
        ),
        of(
            "consequenceOf",
            Ty::named(DISCREPANCY),
            "The discrepancy that this one follows from, because both tell of one slip; null for the slip itself.",
            |register, it| {
                let slip = it.consequence_of_key.as_ref().and_then(|key| Discrepancies::of(register).get(key));
                slip.map_or(Value::Null, |it| Value::Object(ObjectRef { register, of: ObjectKind::Composite(it) }))
            },
        ),
        of(
            "consequences",
            Ty::list(DISCREPANCY),
            "What follows from it: the other places where the same slip shows.",
            |register, it| {
                let all = Discrepancies::of(register).consequences(it);
                Value::List(
                    all.map(|it| Value::Object(ObjectRef { register, of: ObjectKind::Composite(it) })).collect(),
                )
            },
        ),
        of("ruleExplanation", Ty::required("String"), "What the rule asks, in words.", |_, it| {
            text(it.rule.explanation())
        }),
        of("toleranceExplanation", Ty::required("String"), "How the tolerance of the rule comes about.", |_, it| {
            text(it.rule.tolerance())
        }),
        of(
            "waiver",
            Ty::named("Waiver"),
            "The waiver, whether it counts any more or not; null when there is none.",
            |register, it| it.waiver(register).map_or(Value::Null, |(node, _)| record(register, node)),
        ),
        FieldDef::new(
            "waived",
            Ty::required("Boolean"),
            "Whether somebody lets it stand: there is a waiver, and it counts on that day.",
            function(|_, of, args| {
                let waived = |(it, day): (&Discrepancy, Date)| it.waived(of.register, day);
                Ok(Value::Bool(discrepancy(of).zip(day(args, "on")).is_some_and(waived)))
            }),
        )
        .with_args(vec![ArgDef::new("on", Ty::required("Date"), "The day, such as today.")]),
    ]
}

fn node<'r>(register: &'r Register, kind: Kind, key: Option<&Key>) -> Value<'r> {
    key.and_then(|key| register.get(kind, key)).map_or(Value::Null, |node| record(register, node))
}

/// The discrepancy that an object is. It lives in the list that its register keeps.
fn discrepancy<'r>(of: &ObjectRef<'r>) -> Option<&'r Discrepancy> {
    let ObjectKind::Composite(value) = &of.of else { return None };
    let View::Text(key) = value.field(0) else { return None };
    Discrepancies::of(of.register).get(&Key::parse(&key).ok()?)
}

fn by_key<'r>(of: &ObjectRef<'r>, key: &str) -> Value<'r> {
    let register = of.register;
    let found = Key::parse(key).ok().and_then(|key| Discrepancies::of(register).get(&key));
    found.map_or(Value::Null, |it| Value::Object(ObjectRef { register, of: ObjectKind::Composite(it) }))
}

/// Those that nobody lets stand on a day; those that somebody does.
struct Waived {
    open_on: Option<Date>,
    waived_on: Option<Date>,
}

impl<'r> Part<'r, Discrepancy> for Waived {
    fn is_all(&self) -> bool {
        self.open_on.is_none() && self.waived_on.is_none()
    }
    fn has(&self, register: &'r Register, it: &Discrepancy) -> bool {
        self.open_on.is_none_or(|day| !it.waived(register, day))
            && self.waived_on.is_none_or(|day| it.waived(register, day))
    }
}

fn list<'r>(context: &ExecutionContext<'r>, of: &ObjectRef<'r>, args: &Args) -> Result<Value<'r>, FieldError> {
    let part = Waived { open_on: day(args, "openOn"), waived_on: day(args, "waivedOn") };
    let list = values::List {
        name: "discrepancies",
        key: |it: &Discrepancy| &it.key,
        all: |register: &'r Register| Discrepancies::of(register).all(),
    };
    values::list(context, of, args, &list, &part)
}

payload! {
    /// A rule by which the document is reconciled.
    DiscrepancyRuleState {
        /// The rule.
        rule: "DiscrepancyRule!",
        /// What it asks, in words.
        explanation: "String!",
        /// How its tolerance comes about.
        tolerance: "String!",
        /// How many discrepancies it finds, waived or not.
        count: "Int!",
        /// Records that the rule failed at, which is a fault of the program: what it would find there is missing. Null when there are
        /// none, as there should be.
        fault: "String",
    }
}

fn rules_state(register: &Register) -> Value<'_> {
    let discrepancies = Discrepancies::of(register);
    let all = discrepancies.all();
    let rules = DiscrepancyRule::VOCABULARY.words.iter().filter_map(|(word, _)| DiscrepancyRule::from_word(word));
    let state = rules.map(|rule| {
        work::step(all.len() as u64 / 4);
        let count = all.iter().filter(|it| it.rule == rule).count();
        let mut faults = discrepancies.faults().iter().filter(|fault| fault.rule == rule);
        let fault = faults.next().map_or(Value::Null, |fault| {
            let more = match faults.count() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            text(format!("The rule failed at {} `{}`{more}. Report this.", fault.kind, fault.key))
        });
        DiscrepancyRuleState {
            rule: text(rule.word()),
            explanation: text(rule.explanation()),
            tolerance: text(rule.tolerance()),
            count: int(count as u64),
            fault,
        }
        .object(register)
    });
    Value::List(state.collect())
}

payload! {
    /// Records that lack what they should hang on.
    Orphans {
        /// What is missing.
        gap: "Gap!",
        /// What is missing, in words.
        explanation: "String!",
        /// How many records lack it.
        count: "Int!",
        /// The records, in their order.
        records: "[Node!]!",
    }
}

fn orphans_of<'r>(context: &ExecutionContext<'r>, of: &ObjectRef<'r>, args: &Args) -> Result<Value<'r>, FieldError> {
    let (register, size) = (of.register, first(args, &context.request.limits)?);
    let plan = args.text("planKey").and_then(|key| Key::parse(key).ok());
    let gaps = orphans::orphans(register, plan.as_ref()).into_iter().map(|(gap, nodes)| {
        let records = nodes.iter().take(size).map(|node| record(register, node)).collect();
        Orphans {
            gap: text(gap.word()),
            explanation: text(gap.explanation()),
            count: int(nodes.len() as u64),
            records: Value::List(records),
        }
        .object(register)
    });
    Ok(Value::List(gaps.collect()))
}

/// The objects of these.
pub fn objects() -> Vec<ObjectDef> {
    vec![DiscrepancyRuleState::definition(), discrepancy_groups::object(), Orphans::definition()]
}
