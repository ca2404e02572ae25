//! Groups of values that the register computes: `groupBy` on their connections, with how many there are of each, and what their numbers
//! come to.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_graphql::Value as Input;

use crate::analysis::askable::made::Numbers;
use crate::graphql::core::args::Args;
use crate::graphql::core::collector::TypeCollector;
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Resolve, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::input::tree;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::{ObjectValue, Value, int, value};
use crate::graphql::types::filter::Inputs;
use crate::graphql::types::grouping::{self, how_many, shown_of};
use crate::graphql::types::having::{Grouping, having};
use crate::graphql::types::summed::{self, Number};
use crate::graphql::types::value_dimensions::{Dimension, dimensions};
use crate::graphql::types::values::Chosen;
use crate::model::value::{AnyComposite, upper_case};
use crate::model::{CompositeInfo, Vocabulary};
use crate::register::query::Budget;
use crate::register::query::dimension;
use crate::register::query::group::Total;
use crate::register::query::values::{Listable, Values};
use crate::register::{Register, TableSet};
use crate::work;

/// How values of a type can be grouped.
#[derive(Debug)]
struct Groupable {
    dimensions: Vec<Dimension>,
    words: Vocabulary,
    /// What is told of them together.
    numbers: Vec<Number>,
    /// The positions of a value's key, and of the key of the value that tells the same again, where there may be one.
    again: Option<[usize; 2]>,
    /// What groups can be ordered by.
    order: Vocabulary,
}

impl Groupable {
    fn of(info: &'static CompositeInfo, numbers: Numbers) -> &'static Self {
        static ALL: OnceLock<Mutex<BTreeMap<&'static str, &'static Groupable>>> = OnceLock::new();
        let mut all = ALL.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        // Once in the life of the program for each type.
        all.entry(info.name).or_insert_with(|| Box::leak(Box::new(Self::new(info, numbers))))
    }

    fn new(info: &'static CompositeInfo, numbers: Numbers) -> Self {
        let dimensions = dimensions(info);
        let word = |it: &Dimension| (&*String::leak(upper_case(it.name)), it.doc);
        let words = dimensions.iter().map(word).collect();
        let words = Vocabulary {
            name: String::leak(format!("{}Dimension", info.name)),
            doc: String::leak(format!("What a list of {} can be grouped by.", info.name)),
            words: Vec::leak(words),
        };
        let numbers: Vec<Number> = summed::numbers(info, numbers);
        let order = dimension::order(info.name, numbers.iter().map(|number| number.name));
        let place = |name: &str| info.fields.iter().position(|field| field.name == name);
        // Its first field is the key of a value that has none of its own.
        let again = place("againKey").map(|again| [place("key").unwrap_or(0), again]);
        Self { dimensions, words, numbers, again, order }
    }

    /// The dimensions asked for, by their places.
    fn asked(&self, args: &Args) -> Vec<usize> {
        let Some(Input::List(words)) = args.get("by") else { return Vec::new() };
        let place = |word: &Input| match word {
            Input::Enum(word) => self.words.words.iter().position(|(known, _)| *known == word.as_str()),
            _ => None,
        };
        words.iter().filter_map(place).collect()
    }
}

/// The inputs of the groupings of a type, and the words in them.
pub fn define(info: &'static CompositeInfo, numbers: Numbers, inputs: &mut Inputs, found: &mut TypeCollector) {
    let of = Groupable::of(info, numbers);
    found.enums([&of.words, &of.order]);
    grouping::define(info.name, of.order.name, of.numbers.iter().map(|number| number.name), inputs, found);
}

/// The field `groupBy` of the connections of a type of values. `all` gives those of a register.
pub fn field<V: Listable>(
    info: &'static CompositeInfo,
    numbers: Numbers,
    limits: &Limits,
    all: fn(&Register) -> &Arc<Values<V>>,
) -> FieldDef {
    let of = Groupable::of(info, numbers);
    let doc = format!(
        "Groups of the entries of the whole list, filtered as it is: how many there are in each, and what their numbers come to. By default \
         the largest first, those of one size in the order in which they first occur; at most {}. Where there are more, say how many you want \
         with `first`, leave groups out with `having`, or group by less.",
        limits.groups
    );
    let by = format!(
        "What to group by, the first one first; at most {}. Without any, the whole list is one group.",
        limits.dimensions
    );
    let args = vec![
        ArgDef::new("by", Ty::List(Box::new(Ty::required(of.words.name))).non_null(), by),
        ArgDef::new("having", Ty::named(format!("{}Having", info.name)), "Only groups that fulfil this."),
        ArgDef::new(
            "orderBy",
            Ty::List(Box::new(Ty::required(format!("{}GroupOrder", info.name)))),
            "The order of the groups; those that agree keep the default order.",
        ),
        ArgDef::new("first", Ty::named("Int"), "How many groups to give at most, from the beginning."),
    ];
    let resolve = function(move |context, object, args| {
        let Some(chosen) = object.shared::<Chosen<V>>() else { return Ok(Value::Null) };
        let all = all(object.register);
        // Those of one size come in the list's own order, whatever the order asked for.
        let chosen = chosen.chosen().into_iter().filter_map(|at| all.get(at)).map(|it| it as &dyn AnyComposite);
        groups(context, object.register, chosen, of, args)
    });
    let reads = move |args: &Args| {
        let asked = of.asked(args).into_iter().map(|at| of.dimensions[at].tables());
        asked.fold(TableSet::NONE, TableSet::with)
    };
    FieldDef::new("groupBy", Ty::list(format!("{}Group", info.name)), doc, resolve).with_args(args).reading_by(reads)
}

/// The groups of a list of values, and what is told of them.
#[derive(Debug)]
struct Groups<'r> {
    of: &'static Groupable,
    by: Vec<usize>,
    /// The values of each group, in the list's order.
    values: Vec<Vec<&'r dyn AnyComposite>>,
    /// What each number comes to, group by group; made when it is asked for.
    totals: Vec<OnceLock<Vec<Vec<Total>>>>,
}

impl Grouping for Groups<'_> {
    fn count(&self, at: usize) -> u64 {
        self.values[at].len() as u64
    }
    fn totals(&self, number: usize, at: usize) -> Vec<Total> {
        let of_group = |values: &Vec<_>| summed::totals(&self.of.numbers[number], &once(self.of.again, values));
        let all = || self.values.iter().map(of_group).collect();
        self.totals[number].get_or_init(all)[at].clone()
    }
}

/// A group, by its place.
#[derive(Clone, Debug)]
struct Group<'r> {
    groups: Arc<Groups<'r>>,
    at: usize,
}

/// The values of a group without those that another of them tells again.
fn once<'v, 'r>(again: Option<[usize; 2]>, values: &'v [&'r dyn AnyComposite]) -> Cow<'v, [&'r dyn AnyComposite]> {
    let Some([key, again]) = again else { return values.into() };
    work::step(3 * values.len() as u64);
    let keys: HashSet<Option<String>> = values.iter().map(|it| it.field(key).text()).collect();
    let is_last = |it: &&&dyn AnyComposite| it.field(again).text().is_none_or(|again| !keys.contains(&Some(again)));
    values.iter().filter(is_last).copied().collect()
}

fn groups<'r>(
    context: &ExecutionContext<'r>,
    register: &'r Register,
    all: impl Iterator<Item = &'r dyn AnyComposite>,
    of: &'static Groupable,
    args: &Args,
) -> Result<Value<'r>, FieldError> {
    let limits = &context.request.limits;
    let by = of.asked(args);
    let first = how_many(args, by.len(), limits)?;
    let numbers: Vec<&str> = of.numbers.iter().map(|number| number.name).collect();
    let mut budget = Budget::new(limits.query_bounds());
    let having = args.get("having").map(|given| having(&tree(given), &numbers, &mut budget)).transpose()?;
    let order = grouping::order(args, &of.order);

    let mut places: HashMap<Vec<Option<String>>, usize> = HashMap::new();
    let mut groups: Vec<Vec<&'r dyn AnyComposite>> = Vec::new();
    if by.is_empty() {
        // Without any dimension all are one group, even if there are none.
        (places, groups) = (HashMap::from([(Vec::new(), 0)]), vec![Vec::new()]);
    }
    for it in all {
        work::step(3 * (1 + by.len() as u64));
        let told = by.iter().map(|at| of.dimensions[*at].told(register, it)).collect();
        let place = *places.entry(told).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(it);
    }
    groups.sort_by_key(|values| std::cmp::Reverse(values.len()));
    let totals = of.numbers.iter().map(|_| OnceLock::new()).collect();
    let groups = Groups { of, by, values: groups, totals };
    let mut shown: Vec<usize> = (0..groups.values.len()).collect();
    if let Some(having) = &having {
        shown.retain(|at| {
            work::step(20);
            having.holds(&groups, *at)
        });
    }
    grouping::sort(&mut shown, &groups, &order);
    let size = shown_of(shown.len(), first, "give `first`, leave groups out with `having`, or group by less", limits)?;
    let groups = Arc::new(groups);
    let group = |at| value(register, Group { groups: Arc::clone(&groups), at });
    Ok(Value::List(shown.into_iter().take(size).map(group).collect()))
}

impl<'r> ObjectValue<'r> for Group<'r> {
    fn field(
        &self,
        index: usize,
        _: &ExecutionContext<'r>,
        register: &'r Register,
        _: &Args,
    ) -> Result<Value<'r>, FieldError> {
        Ok(match index {
            0 => value(register, Keys(self.clone())),
            1 => int(self.groups.count(self.at)),
            further => grouping::totals(register, self.groups.totals(further - 2, self.at)),
        })
    }
}

/// What a group is told apart by: a field for each dimension of the type.
#[derive(Debug)]
struct Keys<'r>(Group<'r>);

impl<'r> ObjectValue<'r> for Keys<'r> {
    fn field(
        &self,
        index: usize,
        _: &ExecutionContext<'r>,
        register: &'r Register,
        _: &Args,
    ) -> Result<Value<'r>, FieldError> {
        let Keys(Group { groups, at }) = self;
        if !groups.by.contains(&index) {
            return Ok(Value::Null);
        }
        let first = groups.values[*at].first();
        Ok(first.map_or(Value::Null, |first| groups.of.dimensions[index].shown(register, *first)))
    }
}

/// The objects of the groups of a type.
pub fn objects(info: &'static CompositeInfo, numbers: Numbers) -> [ObjectDef; 2] {
    let (name, of) = (info.name, Groupable::of(info, numbers));
    let field = |name: &'static str, ty, doc: &'static str, index| {
        FieldDef::new(name, ty, doc, Resolve::Value(index)).reading(TableSet::NONE)
    };
    let number = |(index, it): (usize, &Number)| {
        let sum = if it.counts.adds_up { "" } else { " They do not add up: there is no sum of them." };
        let unlike = if it.leaves_out_unlike() { " Those that are not `comparable` count as missing." } else { "" };
        let doc = format!(
            "What `{}` comes to, unit by unit and kind of period by kind of period; entries without a unit stand in no entry.{sum}{unlike} {}",
            it.name, it.doc
        );
        FieldDef::new(it.name, Ty::list("Aggregate"), doc, Resolve::Value(index + 2)).reading(TableSet::NONE)
    };
    [
        ObjectDef {
            name: format!("{name}Group").into(),
            doc: format!("Entries of a list of {name} that agree in what they are grouped by."),
            is_node: false,
            fields: [
                field("keys", Ty::required(format!("{name}GroupKeys")), "What the group is told apart by.", 0),
                field("count", Ty::required("Int"), "How many entries it has.", 1),
            ]
            .into_iter()
            .chain(of.numbers.iter().enumerate().map(number))
            .collect(),
        },
        ObjectDef {
            name: format!("{name}GroupKeys").into(),
            doc: "What a group is told apart by: a field for each dimension, null where nothing is there and for those not asked for."
                .into(),
            is_node: false,
            fields: of.dimensions.iter().enumerate().map(|(index, it)| it.field(index)).collect(),
        },
    ]
}
