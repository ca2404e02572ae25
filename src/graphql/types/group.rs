//! Groups in the graph: `groupBy` on the connections of every kind, its dimensions, and what it tells of each group.

use std::sync::Arc;

use crate::graphql::core::args::Args;
use crate::graphql::core::collector::TypeCollector;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Resolve, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::input::tree;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::{ObjectValue, Value, from_view, record, value};
use crate::graphql::types::filter::Inputs;
use crate::graphql::types::grouping::{self, how_many, leaf_type, shown_of, word};
use crate::graphql::types::having::{Grouping, having};
use crate::graphql::types::page::Listed;
use crate::model::Kind;
use crate::model::period::PeriodKind;
use crate::register::query::dimension::{Dimension, Groupable, Grouped};
use crate::register::query::group::{GroupKey, Groups, Total};
use crate::register::query::table::Table;
use crate::register::query::{Budget, Row};
use crate::register::{Register, TableSet};
use crate::work;
use async_graphql::Value as Input;

/// A group of a grouping.
#[derive(Clone, Debug)]
struct GroupOf {
    groups: Arc<Groups>,
    /// The dimensions asked for, by their place among those of the kind.
    by: Arc<Vec<usize>>,
    at: usize,
}

/// The field `groupBy` of the connections of a kind.
pub fn field(kind: Kind, limits: &Limits) -> FieldDef {
    let of = Groupable::of(kind);
    let doc = format!(
        "Groups of the entries of the whole list, filtered as it is. By default in the order of their keys, at most {}: where there are more, \
         say how many you want with `first`, or leave groups out with `having`.",
        limits.groups
    );
    let several = |name: String| Ty::List(Box::new(Ty::required(name)));
    let by = format!(
        "What to group by, the first one first; at most {}. Without any, the whole list is one group.",
        limits.dimensions
    );
    let args = vec![
        ArgDef::new("by", several(of.words.name.to_owned()).non_null(), by),
        ArgDef::new("having", Ty::named(format!("{kind}Having")), "Only groups that fulfil this."),
        ArgDef::new(
            "orderBy",
            several(format!("{kind}GroupOrder")),
            "The order of the groups; those that agree stay in the order of their keys.",
        ),
        ArgDef::new("first", Ty::named("Int"), "How many groups to give at most, from the beginning."),
    ];
    let resolve = function(move |context, object, args| match object.shared::<Listed>() {
        Some(listed) => group(context, object.register, listed, Groupable::of(kind), args),
        None => Ok(Value::Null),
    });
    let reads = move |args: &Args| {
        let asked = dimensions(args, of).into_iter().map(|at| of.dimensions[at].tables());
        asked.fold(TableSet::of(&[kind]), TableSet::with)
    };
    FieldDef::new("groupBy", Ty::list(format!("{kind}Group")), doc, resolve).with_args(args).reading_by(reads)
}

/// The dimensions asked for, by their place among those of the kind.
fn dimensions(args: &Args, of: &Groupable) -> Vec<usize> {
    let Some(Input::List(words)) = args.get("by") else { return Vec::new() };
    let place = |word: &str| of.words.words.iter().position(|(known, _)| *known == word);
    words.iter().filter_map(word).filter_map(place).collect()
}

impl Grouping for (&Register, &Groups) {
    fn count(&self, at: usize) -> u64 {
        self.1.counts[at].into()
    }
    fn totals(&self, number: usize, at: usize) -> Vec<Total> {
        self.1.totals(self.0, number, at)
    }
}

fn group<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    listed: &Listed,
    of: &'static Groupable,
    args: &Args,
) -> Result<Value<'r>, FieldError> {
    let by = dimensions(args, of);
    let (limits, first) = (&context.request.limits, how_many(args, by.len(), &context.request.limits)?);
    let dimensions: Vec<&'static Dimension> = by.iter().map(|at| &of.dimensions[*at]).collect();
    let mut budget = Budget::new(context.request.limits.query_bounds());
    let numbers: Vec<&str> = of.numbers.iter().map(|number| number.name).collect();
    let having = args.get("having").map(|given| having(&tree(given), &numbers, &mut budget)).transpose()?;
    let order = grouping::order(args, &of.order);

    let selection = listed.source().select(register, listed.query.as_deref());
    let groups = Groups::new(register, &selection, of, &dimensions);
    let mut shown: Vec<usize> = (0..groups.counts.len()).collect();
    if let Some(having) = &having {
        shown.retain(|at| {
            work::step(20);
            having.holds(&(register, &groups), *at)
        });
    }
    grouping::sort(&mut shown, &(register, &groups), &order);
    let size = shown_of(shown.len(), first, "give `first`, leave groups out with `having`, or group by less", limits)?;
    let (groups, by) = (Arc::new(groups), Arc::new(by));
    let shown = shown
        .into_iter()
        .take(size)
        .map(|at| value(register, GroupOf { groups: Arc::clone(&groups), by: Arc::clone(&by), at }));
    Ok(Value::List(shown.collect()))
}

impl<'r> ObjectValue<'r> for GroupOf {
    /// The keys, the count, then each number of the kind.
    fn field(
        &self,
        index: usize,
        _: &ExecutionContext<'r>,
        register: &'r Register,
        _: &Args,
    ) -> Result<Value<'r>, FieldError> {
        let number = match index {
            0 => return Ok(value(register, Keys(self.clone()))),
            1 => return Ok(Value::Int(self.groups.counts[self.at].into())),
            further => further - 2,
        };
        Ok(grouping::totals(register, self.groups.totals(register, number, self.at)))
    }
}

/// What a group is told apart by: a field for each dimension of the kind.
#[derive(Debug)]
struct Keys(GroupOf);

impl<'r> ObjectValue<'r> for Keys {
    fn field(
        &self,
        index: usize,
        _: &ExecutionContext<'r>,
        register: &'r Register,
        _: &Args,
    ) -> Result<Value<'r>, FieldError> {
        let Keys(group) = self;
        let Some(at) = group.by.iter().position(|asked| *asked == index) else { return Ok(Value::Null) };
        Ok(match group.groups.key(group.at, at) {
            GroupKey::None => Value::Null,
            GroupKey::Year(year) => Value::Int(year.into()),
            GroupKey::PeriodKind(kind) => Value::Text(kind.word().into()),
            GroupKey::Record(kind, row) => nodes(register, kind, &[row]).pop().unwrap_or(Value::Null),
            GroupKey::Records(kind, rows) => Value::List(nodes(register, kind, &rows)),
            GroupKey::Value(kind, row, path) => match Table::new(register, kind).node(row) {
                Some(node) => from_view(register, Row::Node(node).get(&path)),
                None => Value::Null,
            },
        })
    }
}

/// The objects of the groups of a kind.
pub fn objects(kind: Kind) -> [ObjectDef; 2] {
    let of = Groupable::of(kind);
    let mut fields = vec![
        FieldDef::new(
            "keys",
            Ty::required(format!("{kind}GroupKeys")),
            "What the group is told apart by.",
            Resolve::Value(0),
        )
        .reading(TableSet::NONE),
        FieldDef::new("count", Ty::required("Int"), "How many records it has.", Resolve::Value(1))
            .reading(TableSet::NONE),
    ];
    for (index, number) in of.numbers.iter().enumerate() {
        let doc = format!(
            "What `{}` comes to, unit by unit and kind of period by kind of period; records without it stand in no entry. {}",
            number.name, number.doc
        );
        let field = FieldDef::new(number.name, Ty::list("Aggregate"), doc, Resolve::Value(index + 2));
        fields.push(field.reading(TableSet::of(&[kind])));
    }
    let group = ObjectDef {
        name: format!("{kind}Group").into(),
        doc: format!("Records of kind {kind} that agree in what they are grouped by."),
        is_node: false,
        fields,
    };
    let keys = ObjectDef {
        name: format!("{kind}GroupKeys").into(),
        doc: "What a group is told apart by: a field for each dimension, null where nothing is there and for those not asked for."
            .into(),
        is_node: false,
        fields: of.dimensions.iter().enumerate().map(|(index, dimension)| key_field(index, dimension)).collect(),
    };
    [group, keys]
}

fn key_field(index: usize, dimension: &'static Dimension) -> FieldDef {
    let ty = match &dimension.what {
        Grouped::Record(kind) => Ty::named(kind.name()),
        Grouped::Set(relation) => Ty::List(Box::new(Ty::required(relation.target.name()))),
        Grouped::Year(_) | Grouped::EndYear(_) | Grouped::YearOfBody(..) => Ty::named("Int"),
        Grouped::PeriodKind(_) => Ty::named(PeriodKind::VOCABULARY.name),
        Grouped::Value(place) => Ty::named(leaf_type(place.leaf)),
    };
    FieldDef::new(dimension.name, ty, dimension.doc, Resolve::Value(index)).reading(dimension.tables())
}

fn nodes<'r>(register: &'r Register, kind: Kind, rows: &[u32]) -> Vec<Value<'r>> {
    rows.iter().filter_map(|row| Table::new(register, kind).node(*row)).map(|node| record(register, node)).collect()
}

/// The inputs of the groupings of a kind.
pub fn define(kind: Kind, inputs: &mut Inputs, found: &mut TypeCollector) {
    let of = Groupable::of(kind);
    found.enums([&of.words, &of.order]);
    grouping::define(kind.name(), of.order.name, of.numbers.iter().map(|it| it.name), inputs, found);
}
