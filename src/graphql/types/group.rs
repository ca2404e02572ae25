//! Groups in the graph: `groupBy` on the connections of every kind, its dimensions, and what it tells of each group.

use crate::graphql::core::definition::Resolve;
use crate::graphql::core::value::{ObjectValue, value};
use crate::graphql::types::page::Listed;
use std::cmp::Ordering;
use std::sync::Arc;

use async_graphql::Value as Input;
use rust_decimal::Decimal;

use crate::graphql::core::args::Args;
use crate::graphql::core::collector::TypeCollector;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::input::tree;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::core::value::{from_view, record};
use crate::graphql::types::filter::{self, Inputs, put};
use crate::graphql::types::having::{AGGREGATE, AggregateField, having};
use crate::model::period::PeriodKind;
use crate::model::{Kind, View};
use crate::register::query::dimension::{Dimension, Groupable, Grouped, TOLD};
use crate::register::query::group::{GroupKey, Groups, TooLong};
use crate::register::query::order::OrderDirection;
use crate::register::query::schema::Leaf;
use crate::register::query::table::Table;
use crate::register::query::{Budget, Row};
use crate::register::{Register, TableSet};
use crate::work;

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
    let having = args.get("having").map(|given| having(&tree(given), of, &mut budget)).transpose()?;
    let order = order(args, of);

    let selection = listed.source().select(register, listed.query.as_deref());
    let groups = Groups::new(register, &selection, of, &dimensions);
    let mut shown: Vec<usize> = (0..groups.counts.len()).collect();
    if let Some(having) = &having {
        shown.retain(|at| {
            work::step(20);
            having.holds(register, &groups, *at)
        });
    }
    sort(&mut shown, register, &groups, &order);
    let size = shown_of(shown.len(), first, "give `first`, leave groups out with `having`, or group by less", limits)?;
    let (groups, by) = (Arc::new(groups), Arc::new(by));
    let shown = shown
        .into_iter()
        .take(size)
        .map(|at| value(register, GroupOf { groups: Arc::clone(&groups), by: Arc::clone(&by), at }));
    Ok(Value::List(shown.collect()))
}

/// How many groups are asked for, by so many dimensions; none when nothing is said.
///
/// # Errors
/// When these are too many dimensions, or it is no number of groups.
pub fn how_many(args: &Args, dimensions: usize, limits: &Limits) -> Result<Option<usize>, FieldError> {
    let limit = limits.dimensions;
    if dimensions > limit {
        let error = FieldError::limit("dimensions of a grouping", limit, dimensions, "group by fewer");
        return Err(error.raised_by("dimensions"));
    }
    let number = |first| {
        usize::try_from(first)
            .map_err(|_| FieldError::input(format!("`first` cannot be {first}"), "give a number from 0 on"))
    };
    args.int("first").map(number).transpose()
}

/// How many of the groups found are shown.
///
/// # Errors
/// When that is more than may be.
pub fn shown_of(found: usize, first: Option<usize>, hint: &str, limits: &Limits) -> Result<usize, FieldError> {
    let (limit, size) = (limits.groups, first.unwrap_or(limits.groups));
    if size > limit || (first.is_none() && found > limit) {
        let found = first.unwrap_or(found);
        return Err(FieldError::limit("groups of one grouping", limit, found, hint).raised_by("groups"));
    }
    Ok(size)
}

fn word(input: &Input) -> Option<&str> {
    match input {
        Input::Enum(word) => Some(word.as_str()),
        Input::String(word) => Some(word),
        _ => None,
    }
}

/// What groups are ordered by: the place of the word in the kind's vocabulary, and whether down.
fn order(args: &Args, of: &Groupable) -> Vec<(usize, bool)> {
    let Some(Input::List(items)) = args.get("orderBy") else { return Vec::new() };
    let by = items.iter().filter_map(|item| {
        let Input::Object(fields) = item else { return None };
        let field = fields.get("field").and_then(word)?;
        let at = of.order.words.iter().position(|(known, _)| *known == field)?;
        Some((at, fields.get("direction").and_then(word) == Some(OrderDirection::Descending.word())))
    });
    by.collect()
}

fn sort(shown: &mut [usize], register: &Register, groups: &Groups, order: &[(usize, bool)]) {
    /// The unit first, so that amounts of different units are never compared.
    type Key = Option<(u32, Decimal)>;
    let key = |at: usize, word: usize| -> Key {
        let Some(told) = word.checked_sub(1) else { return Some((0, groups.counts[at].into())) };
        let (number, told) = (told / TOLD.len(), told % TOLD.len());
        let totals = groups.totals(register, number, at);
        let told = [AggregateField::Sum, AggregateField::Avg, AggregateField::Min, AggregateField::Max][told];
        totals.iter().find_map(|total| match told.of(total) {
            Ok(View::Decimal(value)) => Some((total.unit_order, value)),
            _ => None,
        })
    };
    let compare = |a: &Key, b: &Key, down: bool| match (a, b) {
        (Some(a), Some(b)) => a.0.cmp(&b.0).then_with(|| if down { b.1.cmp(&a.1) } else { a.1.cmp(&b.1) }),
        // What has no value comes last.
        _ => b.is_some().cmp(&a.is_some()),
    };
    if order.is_empty() {
        return;
    }
    let keyed = |at: &usize| (order.iter().map(|(word, _)| key(*at, *word)).collect::<Vec<Key>>(), *at);
    let mut keys: Vec<(Vec<Key>, usize)> = shown.iter().map(keyed).collect();
    keys.sort_by(|(a, _), (b, _)| {
        let mut by = a.iter().zip(b).zip(order).map(|((a, b), (_, down))| compare(a, b, *down));
        by.find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
    shown.iter_mut().zip(keys).for_each(|(shown, (_, at))| *shown = at);
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
        let totals = self.groups.totals(register, number, self.at).into_iter();
        let object = |total| Value::Object(ObjectRef { register, of: ObjectKind::Total(Box::new(total)) });
        Ok(Value::List(totals.map(object).collect()))
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

/// The type of a plain value in the graph.
pub fn leaf_type(leaf: Leaf) -> &'static str {
    match leaf {
        Leaf::Text | Leaf::Key => "String",
        Leaf::Int => "Int",
        Leaf::Boolean => "Boolean",
        Leaf::Decimal => "Decimal",
        Leaf::Date => "Date",
        Leaf::Period => "Period",
        Leaf::Enum(vocabulary) => vocabulary.name,
    }
}

fn too_long() -> FieldError {
    FieldError::new(
        ErrorCode::LimitExceeded,
        "the sum has more digits than the 28 that a decimal holds exactly",
        "group by more, or leave the longest values out",
    )
}

/// The object that tells what a number comes to.
pub fn aggregate_object() -> ObjectDef {
    let fields = AGGREGATE.iter().map(|(told, name, leaf, doc)| {
        let ty = match told {
            AggregateField::Unit | AggregateField::Valued | AggregateField::Missing => Ty::required(leaf_type(*leaf)),
            _ => Ty::named(leaf_type(*leaf)),
        };
        let resolve = function(|_, object, _| match &object.of {
            ObjectKind::Total(total) => {
                told.of(total).map(|view| from_view(object.register, view)).map_err(|TooLong| too_long())
            }
            _ => Ok(Value::Null),
        });
        FieldDef::new(*name, ty, *doc, resolve).reading(TableSet::NONE)
    });
    ObjectDef {
        name: "Aggregate".into(),
        doc: "What the values of one unit, and of one kind of period, come to. Missing values are counted, never taken for zero.".into(),
        is_node: false,
        fields: fields.collect(),
    }
}

/// The inputs of the groupings of a kind.
pub fn define(kind: Kind, inputs: &mut Inputs, found: &mut TypeCollector) {
    let of = Groupable::of(kind);
    found.enums([&of.words, &of.order]);
    put(
        inputs,
        "AggregateHaving".into(),
        "Conditions on what the values of one unit come to: one entry must fulfil all that are given.".into(),
        Vec::new,
    );
    let fields = AGGREGATE.iter().map(|(_, name, leaf, doc)| (*name, *leaf, *doc));
    let fields: Vec<ArgDef> = fields
        .map(|(name, leaf, doc)| ArgDef::new(name, Ty::named(filter::leaf_filter(leaf, inputs, found)), doc))
        .collect();
    inputs.get_mut("AggregateHaving").expect("it was put there").fields = fields;
    put(
        inputs,
        format!("{kind}Having"),
        format!("Conditions on groups of {kind}: all that are given must hold."),
        || {
            let count = ArgDef::new("count", Ty::named("IntFilter"), "How many records the group has.");
            let numbers = of.numbers.iter();
            let numbers = numbers
                .map(|it| ArgDef::new(it.name, Ty::named("AggregateHaving"), format!("What `{}` comes to.", it.name)));
            std::iter::once(count).chain(numbers).collect()
        },
    );
    put(inputs, format!("{kind}GroupOrder"), format!("What groups of {kind} are ordered by."), || {
        vec![ArgDef::new("field", Ty::required(of.order.name), "What to order by."), filter::direction()]
    });
}
