//! What requests cost: every list, filter operator, order, dimension and computed figure, on registers of three sizes. Steps are
//! counted, not seconds: so it is right on a busy machine. With `BOORDTABEL_LONG` the clock is looked at too.

use std::collections::BTreeMap;
use std::time::Instant;

use super::*;
use crate::graphql::core::definition::QUERY;
use crate::graphql::core::definition::{FieldDef, NODE, Ty};
use crate::model::indicator::IndicatorKind;
use crate::model::norm::NormBasis;
use crate::model::{Figure, FigureStatus, Indicator, Norm, Observation, Period, Unit};
use crate::register::ask::Shape;
use crate::register::ask::dimension::Groupable;
use crate::register::ask::shape::{Leaf, What as Stands};
use crate::register::ask::test::Takes;

const SIZES: [usize; 3] = [1, 4, 16];
/// How many records each size has: lists of the largest are asked by columns.
const OBSERVATIONS: i64 = 96;

fn register(size: usize) -> Fixture {
    let fixture = fixture();
    let figure = |value: i64| {
        let value = Some(rust_decimal::Decimal::from(value));
        Figure { value, status: FigureStatus::Reported, unit: Unit::Count, printed: None, unit_code: None }
    };
    let mut records: Vec<Record> = Vec::new();
    for number in 0..size * 4 {
        let of = |name: &str| key(&format!("{name}-{number}"));
        records.push(
            Indicator {
                key: of("i"),
                measure_key: Link::new(key(&format!("m-{}", number % 10))),
                position: 1,
                label: format!("Indicator {number}"),
                kind: IndicatorKind::Other,
                unit: Unit::Count,
                printed: None,
                aim: None,
            }
            .into(),
        );
        records.push(
            Norm {
                key: of("n"),
                measure_key: Link::new(key(&format!("m-{}", number % 10))),
                position: 1,
                label: format!("Norm {number}"),
                basis: NormBasis::Legal,
                basis_printed: None,
                target: None,
                printed: None,
                overview_printed: None,
                limit: None,
                aim: None,
                upper: None,
            }
            .into(),
        );
        for at in 0..OBSERVATIONS / 4 {
            records.push(
                Observation {
                    indicator_key: Link::new(of("i")),
                    period: Period::parse(&format!("{}-{:02}", 2010 + at / 12, at % 12 + 1)).unwrap(),
                    figure: figure(at * 7 % 100),
                    change: None,
                    change_from: None,
                    period_written: None,
                }
                .into(),
            );
        }
    }
    fixture.commit(records.into_iter().map(Edit::put).collect());
    fixture
}

/// A value as a document writes it.
fn literal(leaf: Leaf) -> String {
    match leaf {
        Leaf::Text | Leaf::Key => "\"i-1\"".into(),
        Leaf::Int => "1".into(),
        Leaf::Boolean => "true".into(),
        Leaf::Decimal => "\"1.5\"".into(),
        Leaf::Date => "\"2012-01-01\"".into(),
        Leaf::Period => "\"2012-01\"".into(),
        Leaf::Enum(words) => words.words[0].0.into(),
    }
}

fn conditions(leaf: Leaf) -> impl Iterator<Item = String> {
    leaf.operators().into_iter().map(move |operator| {
        let value = literal(leaf);
        let given = match operator.takes {
            Takes::One => value,
            Takes::Several => format!("[{value}]"),
            Takes::Range => format!("{{from: {value}, to: {value}}}"),
            Takes::Flag => "true".into(),
            Takes::Number => "{eq: 2012}".into(),
        };
        format!("{{{}: {given}}}", operator.name)
    })
}

/// What can be asked of the lists of a kind: each condition, each order, each dimension.
fn questions(kind: Kind) -> Vec<String> {
    let shape = Shape::of(kind.info());
    let list = kind.many();
    let mut asked = vec![format!("{{ {list}(first: 1) {{ totalCount nodes {{ id }} }} }}")];
    let mut filtered = |name: &str, condition: &str| {
        asked.push(format!("{{ {list}(first: 1, where: {{{name}: {condition}}}) {{ totalCount nodes {{ id }} }} }}"));
    };
    for term in &shape.terms {
        match term.what {
            Stands::Leaf(_, leaf) => conditions(leaf).for_each(|condition| filtered(term.name, &condition)),
            Stands::Leaves(_, leaf) => {
                conditions(leaf).for_each(|condition| filtered(term.name, &format!("{{some: {condition}}}")));
            }
            Stands::Composite(..) => filtered(term.name, "{isNull: false}"),
            Stands::One(_) => filtered(term.name, "{key: {ne: \"x\"}}"),
            Stands::Many(_) => {
                for how in ["some", "every", "none"] {
                    filtered(term.name, &format!("{{{how}: {{key: {{ne: \"x\"}}}}}}"));
                }
            }
        }
    }
    for (word, _) in shape.order.words {
        asked.push(format!("{{ {list}(first: 1, orderBy: [{{field: {word}}}]) {{ nodes {{ id }} }} }}"));
    }
    for (word, _) in Groupable::of(kind).words.words {
        asked.push(format!("{{ {list}(first: 0) {{ groupBy(by: [{word}], first: 1) {{ count }} }} }}"));
    }
    asked
}

/// A field with its arguments, and what is asked below it: a plain value of each object.
fn whole(api: &Api, field: &FieldDef, depth: usize) -> Option<String> {
    let given = |ty: &Ty, name: &str| match (name, ty.name()) {
        ("first", _) => Some("1".to_owned()),
        ("planKey" | "from" | "to", "String") => Some("\"plan\"".into()),
        (_, "Int") => Some("2020".into()),
        (_, "Date") => Some("\"2020-01-01\"".into()),
        (_, "String") => Some("\"plan\"".into()),
        (_, "AsOf") => Some("{revision: 1}".into()),
        (_, "Revision") => Some("0".into()),
        (_, other) => api.graph.enums.get(other).map(|words| words.words[0].0.to_owned()),
    };
    let mut args = Vec::new();
    for arg in field.args.iter().filter(|arg| matches!(arg.ty, Ty::NonNull(_)) && arg.default.is_none()) {
        args.push(format!("{}: {}", arg.name, given(&arg.ty, arg.name)?));
    }
    let args = if args.is_empty() { String::new() } else { format!("({})", args.join(", ")) };
    if field.ty.name() == NODE {
        return Some(format!("{}{args} {{ __typename }}", field.name));
    }
    let Some(object) = api.graph.object(field.ty.name()) else { return Some(format!("{}{args}", field.name)) };
    if depth == 0 {
        return Some(format!("{}{args} {{ __typename }}", field.name));
    }
    let below: Vec<String> = object.fields.iter().filter_map(|field| whole(api, field, depth - 1)).collect();
    Some(format!("{}{args} {{ {} }}", field.name, below.join(" ")))
}

/// Every field of the root, and every field of the plan and of a measure that is computed.
fn fields(api: &Api) -> Vec<String> {
    let root = api.graph.object(QUERY).unwrap();
    let mut asked: Vec<String> =
        root.fields.iter().filter_map(|field| whole(api, field, 1)).map(|field| format!("{{ {field} }}")).collect();
    for (kind, of) in [(Kind::Plan, "plan(key: \"plan\")"), (Kind::Measure, "measure(key: \"m-1\")")] {
        let computed = api.graph.object(kind.name()).unwrap().fields.iter();
        let computed = computed.filter(|field| matches!(field.resolve, Resolve::Function(_)));
        asked
            .extend(computed.filter_map(|field| whole(api, field, 2)).map(|field| format!("{{ {of} {{ {field} }} }}")));
    }
    asked
}

/// What an answer took: steps, and seconds.
fn taken(fixture: &Fixture, query: &str) -> (u64, f64) {
    let request = GraphqlRequest::new(query.to_owned(), serde_json::json!({})).unwrap();
    let context = fixture.api.context(&Identity::anonymous());
    let begin = Instant::now();
    let register = fixture.ledger.register();
    let answer = fixture.api.execute_on(register, fixture.api.prepare(request), &context, Allowed::Queries);
    let seconds = begin.elapsed().as_secs_f64();
    assert!(
        answer.data.is_some() || answer.errors[0].error.code == ErrorCode::LimitExceeded,
        "{query}: {:?}",
        answer.errors
    );
    (context.work.steps(), seconds)
}

#[test]
fn work_grows_no_faster_than_the_register() {
    let sizes = SIZES.map(register);
    let mut asked = fields(&sizes[0].api);
    for kind in [Kind::Observation, Kind::Indicator, Kind::Measure, Kind::Norm] {
        asked.extend(questions(kind));
    }
    let long = std::env::var_os("BOORDTABEL_LONG").is_some();
    let (mut wrong, mut rates) = (Vec::new(), BTreeMap::new());
    for query in asked {
        let taken: Vec<(u64, f64)> = sizes.iter().map(|fixture| taken(fixture, &query)).collect();
        for (before, after) in [(0, 1), (1, 2)] {
            let times = (SIZES[after] / SIZES[before]) as u64;
            // Half as much again, and what is looked at whatever the size.
            if taken[after].0 > taken[before].0 * times * 3 / 2 + 2_000 {
                wrong.push(format!("{query}: {:?}", taken.iter().map(|(steps, _)| *steps).collect::<Vec<_>>()));
            }
        }
        let (steps, seconds) = taken[2];
        if long && steps > 5_000 {
            rates.insert((seconds * 1e9 / steps as f64) as u64, query);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    if let (Some((least, quick)), Some((most, slow))) = (rates.first_key_value(), rates.last_key_value()) {
        println!("nanoseconds a step: from {least} ({quick}) to {most} ({slow})");
    }
}

#[test]
fn what_takes_long_is_left_to_others() {
    let fixture = register(4);
    let (register, context) = (fixture.ledger.register(), fixture.api.context(&Identity::anonymous()));
    let quickly = |query: &str| {
        let request = GraphqlRequest::new(query.to_owned(), serde_json::json!({})).unwrap();
        fixture.api.execute_if_quick(Arc::clone(&register), fixture.api.prepare(request), &context, Allowed::Queries)
    };
    assert!(quickly("{ measures { nodes { name } } }").is_ok());
    // What is computed once for all is never made, nor waited for, where others wait.
    let discrepancies = "{ discrepancies(first: 1) { totalCount } }";
    assert!(quickly(discrepancies).is_err());
    assert_eq!(fixture.ask(discrepancies)["data"]["discrepancies"]["totalCount"], 0);
    assert!(quickly(discrepancies).is_ok());
    let many: String = (0..150)
        .map(|it| {
            format!("a{it}: observations(first: 0) {{ groupBy(by: [PERIOD, INDICATOR], first: 1) {{ count }} }} ")
        })
        .collect();
    let _ = fixture.ask(&format!("{{ {many} }}"));
    assert!(quickly(&format!("{{ {many} }}")).is_err());
}
