//! What an answer may cost, told before it is made: the work that it takes, as a number of units of about a fifth of a microsecond.
//!
//! A field costs 1, times the sizes of the pages and lists that it stands in, as they are asked for. What has to look at records
//! that it does not show (a filter, an order, a group, a computed figure) costs by how many the register has. What is made once
//! for all who ask is not counted. The prices stand in [`crate::graphql::core::prices`]; a test compares them with the work, `benches/prices.rs` with
//! the time.

mod asked;
mod schema;

use std::collections::HashSet;

use async_graphql::Value as Input;

use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{FieldDef, Graph, ObjectDef, Resolve};
use crate::graphql::core::id::named_count;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::prices::Price;
use crate::graphql::prepare::bound::BoundRef;
use crate::graphql::prepare::operation::{Selected, SelectedField, SelectionSet};
use crate::graphql::types::figures::askable::infos;
use crate::model::value::upper_case;
use crate::model::{CompositeInfo, Kind};
use crate::register::Register;
use crate::register::relation::Relation;
use asked::Asked;
use schema::Introspection;

/// What a list counts as at least that has no pages: most are shorter.
const SHORT_LIST: f64 = 5.0;

/// The cost of an operation over a register.
pub fn of(bound: BoundRef<'_>, graph: &Graph, limits: &Limits, register: &Register) -> usize {
    let pricing = Pricing { bound, graph, limits, register };
    // What is larger than any number is as large as the largest.
    pricing.object(&bound.operation.root, None).ceil() as usize
}

#[derive(Clone, Copy)]
struct Pricing<'b> {
    bound: BoundRef<'b>,
    graph: &'b Graph,
    limits: &'b Limits,
    register: &'b Register,
}

impl<'b> Pricing<'b> {
    /// The cost of an object; `page` is what is known of the page that it is.
    fn object(self, set: &'b SelectionSet, page: Option<Page<'b>>) -> f64 {
        self.bound.fields(set).map(|field| self.field(&set.object, field, page)).sum()
    }

    fn field(self, object: &'b ObjectDef, field: &'b SelectedField, page: Option<Page<'b>>) -> f64 {
        let Some(selected) = field.selected() else { return 1.0 };
        if let Some(of) = Introspection::of(self.bound, self.graph, selected) {
            return of.cost();
        }
        static NONE: Args = Args(std::collections::BTreeMap::new(), None);
        // A field whose arguments are wrong gives an error in place of a page.
        let args = self.bound.args(selected.slot).unwrap_or(&NONE);
        let owner = Kind::ALL.iter().copied().find(|kind| object.is_node && kind.name() == object.name);
        let own = self.own(owner, &selected.field, args) + self.looked_at(owner, selected, args, page);
        let size = page_size(&selected.field, args, self.limits);
        let inner = |page| selected.sets.iter().map(|set| self.object(set, page)).fold(0.0, f64::max);
        if selected.field.ty.is_list() {
            let times = size.or(page.map(|page| page.size)).or_else(|| named_count(args).map(|count| count as f64));
            return inner(None) * times.unwrap_or_else(|| self.length(owner, &selected.field)) + own;
        }
        // Each entry of a page has a place in it, and a cursor, whatever is asked of it; less is made where no entry is asked for.
        let kind = selected.field.asks.and_then(|schema| schema.kind);
        let page = size.map(|size| Page { size, kind, args, owner });
        let shown = |set| self.bound.fields(set).any(|it| it.selected().is_some_and(|it| it.field.ty.is_list()));
        let place = if selected.sets.iter().any(shown) { 2.0 } else { 0.5 };
        inner(page) + place * size.unwrap_or_default() + own
    }

    /// What a field costs by itself.
    fn own(self, owner: Option<Kind>, field: &FieldDef, args: &Args) -> f64 {
        let Price { fixed, below, of_plan, all, about, .. } = field.price;
        let owner = owner.or(about);
        let below: f64 = below.iter().map(|(kind, tenths)| f64::from(*tenths) * self.below(owner, *kind)).sum();
        let of_plan = of_plan.iter().map(|(kind, tenths)| f64::from(*tenths) * self.below(Some(Kind::Plan), *kind));
        let below = below + of_plan.sum::<f64>();
        let all: f64 = all.iter().map(|(kind, tenths)| f64::from(*tenths) * self.below(None, *kind)).sum();
        let times = if field.name == "search" { words(args) } else { 1.0 };
        f64::from(fixed) + times * (below + all) / 10.0
    }

    /// What a filter, an order or a grouping costs.
    fn looked_at(self, owner: Option<Kind>, selected: &Selected, args: &Args, page: Option<Page<'b>>) -> f64 {
        let asked = Asked { register: self.register };
        if let (Some(schema), Some(query)) = (selected.field.asks, &args.1) {
            return match schema.kind {
                Some(kind) => asked.list(query, kind, self.below(owner, kind)),
                // Values that are computed: of the records that the price names, one each at most.
                None => {
                    let of = selected.field.price.all.iter();
                    asked.values(query, of.map(|(kind, _)| self.below(None, *kind)).sum())
                }
            };
        }
        let Some(Page { kind, args: of, owner, .. }) = page.filter(|_| selected.field.name == "groupBy") else {
            return 0.0;
        };
        let sums = selected.sets.iter().flat_map(|set| self.bound.fields(set)).filter_map(SelectedField::selected);
        let sums = sums.filter(|it| it.field.ty.name() == "Aggregate");
        match kind {
            Some(kind) => asked.groups((args, sums.count()), of.1.as_deref(), kind, self.below(owner, kind)),
            // Each number of computed values is looked at in all of them, once however often it is told.
            None => {
                let numbers: HashSet<_> = sums.map(|it| &it.field.name).collect();
                let values: f64 = selected.field.price.all.iter().map(|(kind, _)| self.below(None, *kind)).sum();
                let by: f64 = match args.get("by") {
                    Some(Input::List(words)) => {
                        words.iter().map(|word| dimension(selected.field.ty.name(), word)).sum()
                    }
                    _ => 0.0,
                };
                (numbers.len() as f64 * VALUE_IN_A_SUM + by) * values
            }
        }
    }

    /// How many records of a kind there are for each of its owner; all of them where there is none.
    fn below(self, owner: Option<Kind>, kind: Kind) -> f64 {
        let of = owner.map_or(1, |owner| self.register.count(owner)).max(1);
        let part = if owner == Some(Kind::StrategicGoal) { self.strategic(kind) } else { 1.0 };
        self.register.count(kind) as f64 * part / of as f64
    }

    /// Which part of the records of a kind hangs on strategic goals. Few do in one register, and all in another: milestones by the projects
    /// that name such a goal, others by operational goals, or by themselves.
    fn strategic(self, kind: Kind) -> f64 {
        /// What is sampled may have been the part of which nothing hangs.
        const LEAST: f64 = 0.02;
        let through = if kind == Kind::Milestone { Kind::Project } else { Kind::OperationalGoal };
        let goals = self.register.count(Kind::StrategicGoal) as f64;
        let relations = Relation::to(Kind::StrategicGoal).filter(|it| it.source == kind || it.source == through);
        let part = relations.map(|relation| {
            let each = Asked { register: self.register }.sources(relation, Kind::StrategicGoal);
            each * goals / self.register.count(relation.source).max(1) as f64
        });
        part.fold(LEAST, f64::max).min(1.0)
    }

    /// About how many entries a list has that has no pages.
    fn length(self, owner: Option<Kind>, field: &FieldDef) -> f64 {
        if let Some(entries) = field.price.entries {
            return f64::from(entries);
        }
        match (&field.resolve, owner) {
            (Resolve::Reverse(relation), Some(owner)) => {
                Asked { register: self.register }.sources(relation, owner).max(SHORT_LIST)
            }
            // Records that are found in another way: as many as each owner has on average.
            (Resolve::Function(_), Some(owner)) => {
                let kind = Kind::ALL.iter().copied().find(|kind| kind.name() == field.ty.name());
                kind.map_or(SHORT_LIST, |kind| self.below(Some(owner), kind).max(SHORT_LIST))
            }
            _ => SHORT_LIST,
        }
    }
}

/// What a computed value costs in a dimension of a grouping: what it says itself is read, what its records lead to is looked up, for which
/// several ways may have to be tried.
fn dimension(group: &str, word: &Input) -> f64 {
    const ITS_OWN: f64 = 1.5;
    const LED_TO: f64 = 12.0;
    let of = infos().into_iter().find(|(info, _)| group.strip_suffix("Group") == Some(info.name));
    let is_own = |(info, _): (&'static CompositeInfo, _), word: &str| {
        info.fields.iter().any(|field| upper_case(field.name.strip_suffix("Key").unwrap_or(&field.name)) == word)
    };
    match (of, word) {
        (Some(of), Input::Enum(word)) if is_own(of, word.as_str()) => ITS_OWN,
        _ => LED_TO,
    }
}

/// What a computed value costs in a sum.
const VALUE_IN_A_SUM: f64 = 0.4;

/// What is known of a page.
#[derive(Clone, Copy)]
struct Page<'b> {
    /// How many entries it may have.
    size: f64,
    /// What they are, when they are records.
    kind: Option<Kind>,
    /// The arguments of the list.
    args: &'b Args,
    /// The kind of record that the list belongs to.
    owner: Option<Kind>,
}

/// How many entries a field with pages gives at most; none when it has no pages.
fn page_size(field: &FieldDef, args: &Args, limits: &Limits) -> Option<f64> {
    field.args.iter().find(|arg| arg.name == "first")?;
    if matches!(args.get("by"), Some(Input::List(by)) if by.is_empty()) {
        // Without anything to tell groups apart by there is one.
        return Some(1.0);
    }
    let asked = args.int("first").or_else(|| args.int("last"));
    Some(asked.map_or(limits.page_default as f64, |size| size.max(0) as f64))
}

/// How many words are searched for, about.
fn words(args: &Args) -> f64 {
    args.text("text").map_or(1.0, |text| text.split_whitespace().count().max(1) as f64)
}
