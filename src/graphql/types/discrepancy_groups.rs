//! Groups of discrepancies: `groupBy` on their connection, with how many there are of each, and of how many slips they tell.

use std::collections::{HashMap, HashSet};

use crate::analysis::reconcile::{Discrepancies, Discrepancy};
use crate::analysis::walk;
use crate::graphql::core::args::Args;
use crate::graphql::core::collector::TypeCollector;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::input::tree;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{Value, int, record, text};
use crate::graphql::types::filter::Inputs;
use crate::graphql::types::grouping;
use crate::graphql::types::having::{Grouping, having};
use crate::graphql::types::values;
use crate::model::vocabulary::vocabulary;
use crate::model::{Composite as _, Key, Kind, Organisation, Vocabulary};
use crate::register::Register;
use crate::register::query::Budget;
use crate::register::query::group::Total;
use crate::work;

vocabulary! {
    /// By what discrepancies are told apart.
    DiscrepancyDimension {
        /// The rule that does not hold.
        Rule = "RULE",
        /// How much it misleads.
        Severity = "SEVERITY",
        /// Kind of the record that states the figure.
        Kind = "KIND",
        /// The measure that it concerns.
        Measure = "MEASURE",
        /// The plan that it concerns.
        Plan = "PLAN",
        /// The body that it concerns.
        Organisation = "ORGANISATION",
    }
}

impl DiscrepancyDimension {
    /// What a discrepancy has there, as text that tells groups apart; none when it has nothing there.
    fn of(self, register: &Register, it: &Discrepancy) -> Option<String> {
        match self {
            Self::Organisation => body(register, it).map(|(node, _)| node.key.to_string()),
            Self::Rule => Some(it.rule.word().to_owned()),
            Self::Severity => Some(it.severity.word().to_owned()),
            Self::Kind => Some(it.kind.word().to_owned()),
            Self::Measure => it.measure_key.as_ref().map(ToString::to_string),
            Self::Plan => it.plan_key.as_ref().map(ToString::to_string),
        }
    }
}

/// The body whose record states the figure.
fn body<'r>(register: &'r Register, it: &Discrepancy) -> Option<walk::RecordRef<'r, Organisation>> {
    walk::body(register, register.get(it.kind, &it.record_key)?)
}

vocabulary! {
    /// What groups of discrepancies can be ordered by.
    DiscrepancyGroupOrderField {
        /// How many discrepancies the group has.
        Count = "COUNT",
        /// How many slips they tell of.
        Slips = "SLIPS",
    }
}

/// The words of these.
pub fn vocabularies() -> [&'static Vocabulary; 2] {
    [&DiscrepancyDimension::VOCABULARY, &DiscrepancyGroupOrderField::VOCABULARY]
}

/// The inputs of the grouping.
pub fn define(inputs: &mut Inputs, found: &mut TypeCollector) {
    let order = DiscrepancyGroupOrderField::VOCABULARY.name;
    grouping::define(Discrepancy::info().name, order, std::iter::empty(), inputs, found);
}

/// The field that groups the list of a connection.
pub fn group_by(limits: &Limits) -> FieldDef {
    let doc = format!(
        "Groups of the entries of the whole list, filtered as it is: how many, and how many slips they come from. By default in the order in \
         which they first occur; at most {}. Without `by`, the whole list is one group. Where there are more, say how many you want with \
         `first`, leave groups out with `having`, or group by less.",
        limits.groups
    );
    let ty = Ty::List(Box::new(Ty::required(DiscrepancyDimension::VOCABULARY.name))).non_null();
    let resolve = function(|context, of, args| {
        let Some(chosen) = of.shared::<values::Chosen<Discrepancy>>() else { return Ok(Value::Null) };
        let all = Discrepancies::of(of.register).all();
        let chosen = chosen.chosen().into_iter().filter_map(|at| all.get(at));
        groups(context, of.register, chosen, args)
    });
    let args = vec![
        ArgDef::new("by", ty, "What to group by, the first one first."),
        ArgDef::new("having", Ty::named("DiscrepancyHaving"), "Only groups that fulfil this."),
        ArgDef::new(
            "orderBy",
            Ty::List(Box::new(Ty::required("DiscrepancyGroupOrder"))),
            "The order of the groups; those that agree keep the default order.",
        ),
        ArgDef::new("first", Ty::named("Int"), "How many groups to give at most, from the beginning."),
    ];
    FieldDef::new("groupBy", Ty::list("DiscrepancyGroup"), doc, resolve).with_args(args)
}

fn node<'r>(register: &'r Register, kind: Kind, key: Option<&Key>) -> Value<'r> {
    key.and_then(|key| register.get(kind, key)).map_or(Value::Null, |node| record(register, node))
}

fn dimensions(args: &Args) -> Vec<DiscrepancyDimension> {
    let Some(async_graphql::Value::List(words)) = args.get("by") else { return Vec::new() };
    let word = |value: &async_graphql::Value| match value {
        async_graphql::Value::Enum(word) => DiscrepancyDimension::from_word(word),
        _ => None,
    };
    words.iter().filter_map(word).collect()
}

payload! {
    /// Discrepancies that agree in what they were grouped by.
    DiscrepancyGroup {
        /// The rule; null unless grouped by it.
        rule: "DiscrepancyRule",
        /// The severity; null unless grouped by it.
        severity: "Severity",
        /// The kind of record; null unless grouped by it.
        kind: "Kind",
        /// The measure; null for those of none in particular, and unless grouped by it.
        measure: "Measure",
        /// The plan; null unless grouped by it.
        plan: "Plan",
        /// The body; null unless grouped by it.
        organisation: "Organisation",
        /// How many discrepancies there are.
        count: "Int!",
        /// How many slips they tell of: consequences of one slip count once.
        slips: "Int!",
    }
}

/// A group: the first of its discrepancies, how many there are, and the slips that they tell of.
struct Group<'r> {
    first: &'r Discrepancy,
    count: u64,
    slips: HashSet<&'r Key>,
}

/// The groups, as far as conditions on them read them.
struct Groups<'r>(Vec<Group<'r>>);

impl Grouping for Groups<'_> {
    fn count(&self, at: usize) -> u64 {
        self.0[at].count
    }
    fn totals(&self, _: usize, _: usize) -> Vec<Total> {
        Vec::new()
    }
}

fn groups<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    all: impl Iterator<Item = &'r Discrepancy>,
    args: &Args,
) -> Result<Value<'r>, FieldError> {
    let limits = &context.request.limits;
    let by = dimensions(args);
    let first = grouping::how_many(args, by.len(), limits)?;
    let mut budget = Budget::new(limits.query_bounds());
    let having = args.get("having").map(|given| having(&tree(given), &[], &mut budget)).transpose()?;
    let mut places: HashMap<Vec<Option<String>>, usize> = HashMap::new();
    let mut groups: Vec<Group<'r>> = Vec::new();
    for it in all {
        work::step(30);
        let place =
            *places.entry(by.iter().map(|dimension| dimension.of(register, it)).collect()).or_insert_with(|| {
                groups.push(Group { first: it, count: 0, slips: HashSet::new() });
                groups.len() - 1
            });
        groups[place].count += 1;
        groups[place].slips.insert(it.consequence_of_key.as_ref().unwrap_or(&it.key));
    }
    let groups = Groups(groups);
    let mut chosen: Vec<usize> = (0..groups.0.len()).collect();
    if let Some(having) = &having {
        chosen.retain(|at| having.holds(&groups, *at));
    }
    for (word, down) in grouping::order(args, &DiscrepancyGroupOrderField::VOCABULARY).into_iter().rev() {
        let number = |at: &usize| match word {
            by if by == DiscrepancyGroupOrderField::Slips as usize => groups.0[*at].slips.len() as u64,
            _ => groups.0[*at].count,
        };
        chosen.sort_by(|a, b| if down { number(b).cmp(&number(a)) } else { number(a).cmp(&number(b)) });
    }
    let hint = "give `first`, leave groups out with `having`, or group by less";
    let size = grouping::shown_of(chosen.len(), first, hint, limits)?;
    let shown = |Group { first, count, slips }: &Group<'r>| {
        let told = |dimension, out: Value<'r>| if by.contains(&dimension) { out } else { Value::Null };
        let measure = first.measure_key.as_ref().map(|key| key.key());
        let plan = first.plan_key.as_ref().map(|key| key.key());
        DiscrepancyGroup {
            rule: told(DiscrepancyDimension::Rule, text(first.rule.word())),
            severity: told(DiscrepancyDimension::Severity, text(first.severity.word())),
            kind: told(DiscrepancyDimension::Kind, text(first.kind.word())),
            measure: told(DiscrepancyDimension::Measure, node(register, Kind::Measure, measure)),
            plan: told(DiscrepancyDimension::Plan, node(register, Kind::Plan, plan)),
            organisation: told(
                DiscrepancyDimension::Organisation,
                body(register, first).map_or(Value::Null, |(node, _)| record(register, node)),
            ),
            count: int(*count),
            slips: int(slips.len() as u64),
        }
        .object(register)
    };
    Ok(Value::List(chosen.into_iter().take(size).map(|at| shown(&groups.0[at])).collect()))
}

/// The object of a group.
pub fn object() -> ObjectDef {
    DiscrepancyGroup::definition()
}
