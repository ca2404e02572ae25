//! Everything that can be asked: every field of the root, every computed figure, every operator of a filter, every order and every
//! dimension. Each question is about one of them.

use std::collections::BTreeSet;

use boordtabel::graphql::Api;
use boordtabel::graphql::core::definition::{FieldDef, NODE, Ty};
use boordtabel::model::Kind;
use boordtabel::register::Register;
use boordtabel::register::query::FilterSchema;
use boordtabel::register::query::dimension::Groupable;
use boordtabel::register::query::predicate::Takes;
use boordtabel::register::query::schema::{Leaf, TermKind};

/// A question.
pub struct Question {
    /// What it is about, such as `filter Text contains`.
    pub about: String,
    /// Its document.
    pub text: String,
}

fn question(about: impl Into<String>, text: String) -> Question {
    Question { about: about.into(), text }
}

/// Kinds whose lists are asked when not all are: of long and short lists, and with every sort of value.
const SOME: [Kind; 6] =
    [Kind::Observation, Kind::Milestone, Kind::Claim, Kind::Measure, Kind::BudgetLine, Kind::BudgetAmount];

/// All questions; without `all` of some kinds only, and of each sort of field one.
pub fn questions(api: &Api, register: &Register, all: bool) -> Vec<Question> {
    let mut asked = roots(api, register);
    for &kind in Kind::ALL {
        asked.extend(figures(api, register, kind));
        if all {
            asked.extend(lists(kind));
        } else if SOME.contains(&kind) {
            let mut seen = BTreeSet::new();
            asked.extend(lists(kind).into_iter().filter(|it| seen.insert(it.about.clone())));
        }
    }
    asked
}

/// What a register that grows by commits is asked.
pub fn of_history() -> Vec<Question> {
    let texts = [
        ("changes", "{ changes(first: 20, from: 1) { next commits { revision reason changeCount } } }"),
        (
            "changes, record by record",
            "{ changes(first: 20, from: 1) { commits { changes { key outcome fields { field before after } } } } }",
        ),
        ("changes of a kind", "{ changes(first: 20, from: 1, kinds: [NORM]) { commits { changeCount } } }"),
        ("commits", "{ commits(first: 20) { totalCount nodes { revision changeCount } } }"),
        ("history", "{ measures(first: 10) { nodes { history(first: 5) { revision change { key } } } } }"),
        ("compare", "{ compare(from: {revision: 1}, to: {revision: 3}, first: 5) { totalCount changes { key } } }"),
        ("at", "{ at(asOf: {revision: 2}) { measures(first: 10) { nodes { name key } } } }"),
    ];
    texts.into_iter().map(|(about, text)| question(about, text.to_owned())).collect()
}

/// A value as a document writes it.
fn literal(leaf: Leaf) -> String {
    match leaf {
        Leaf::Text => "\"vlaams\"".into(),
        Leaf::Key => "\"od-1\"".into(),
        Leaf::Int => "3".into(),
        Leaf::Boolean => "true".into(),
        Leaf::Decimal => "\"100.5\"".into(),
        Leaf::Date => "\"2020-06-01\"".into(),
        Leaf::Period => "\"2020\"".into(),
        Leaf::Enum(words) => words.words[0].0.into(),
    }
}

fn name_of(leaf: Leaf) -> &'static str {
    match leaf {
        Leaf::Text => "Text",
        Leaf::Key => "Key",
        Leaf::Int => "Int",
        Leaf::Boolean => "Boolean",
        Leaf::Decimal => "Decimal",
        Leaf::Date => "Date",
        Leaf::Period => "Period",
        Leaf::Enum(_) => "Enum",
    }
}

/// Every operator of a plain value, with a condition.
fn conditions(leaf: Leaf) -> impl Iterator<Item = (&'static str, String)> {
    leaf.operators().into_iter().map(move |operator| {
        let value = literal(leaf);
        let given = match operator.takes {
            Takes::One => value,
            Takes::Several => format!("[{value}]"),
            Takes::Range => format!("{{from: {value}, to: {value}}}"),
            Takes::Flag => "true".into(),
            Takes::Number => "{eq: 2020}".into(),
        };
        (operator.name, format!("{{{}: {given}}}", operator.name))
    })
}

/// What can be asked of the lists of a kind: each condition, each order, each dimension.
fn lists(kind: Kind) -> Vec<Question> {
    let shape = FilterSchema::of(kind.info());
    let list = kind.many();
    let mut asked = vec![
        question(format!("a page of {list}"), format!("{{ {list}(first: 20) {{ totalCount nodes {{ id key }} }} }}")),
        question(
            format!("a page with cursors of {list}"),
            format!("{{ {list}(last: 20) {{ edges {{ cursor node {{ key }} }} }} }}"),
        ),
    ];
    let mut filtered = |about: String, name: &str, condition: &str| {
        let text = format!("{{ {list}(first: 1, where: {{{name}: {condition}}}) {{ totalCount nodes {{ id }} }} }}");
        asked.push(question(format!("filter {about}: {list}"), text));
    };
    for term in &shape.terms {
        match term.what {
            TermKind::Leaf(_, leaf) => {
                for (operator, condition) in conditions(leaf) {
                    filtered(format!("{} {operator}", name_of(leaf)), term.name, &condition);
                }
            }
            TermKind::Leaves(_, leaf) => {
                for (operator, condition) in conditions(leaf) {
                    filtered(
                        format!("list of {} {operator}", name_of(leaf)),
                        term.name,
                        &format!("{{some: {condition}}}"),
                    );
                }
            }
            TermKind::Composite(_, info) => {
                filtered("value isNull".to_owned(), term.name, "{isNull: false}");
                for inner in &FilterSchema::of(info).terms {
                    if let TermKind::Leaf(_, leaf) = inner.what {
                        for (operator, condition) in conditions(leaf) {
                            let about = format!("{} {operator}", name_of(leaf));
                            filtered(about, term.name, &format!("{{{}: {condition}}}", inner.name));
                        }
                    }
                }
            }
            TermKind::One(_) => filtered("one record".to_owned(), term.name, "{key: {ne: \"x\"}}"),
            TermKind::Many(_) => {
                for how in ["some", "every", "none"] {
                    filtered(format!("records, {how}"), term.name, &format!("{{{how}: {{key: {{ne: \"x\"}}}}}}"));
                }
            }
        }
    }
    for ((word, _), place) in shape.order.words.iter().zip(&shape.places) {
        let text = format!("{{ {list}(first: 1, orderBy: [{{field: {word}}}]) {{ nodes {{ id }} }} }}");
        asked.push(question(format!("order by {}: {list}", name_of(place.leaf)), text));
    }
    for (word, _) in Groupable::of(kind).words.words {
        let text = format!("{{ {list}(first: 0) {{ groupBy(by: [{word}], first: 1) {{ count }} }} }}");
        asked.push(question(format!("group by one: {list}"), text));
    }
    if let [(first, _), (second, _), ..] = Groupable::of(kind).words.words {
        let text = format!("{{ {list}(first: 0) {{ groupBy(by: [{first}, {second}], first: 1) {{ count }} }} }}");
        asked.push(question(format!("group by two: {list}"), text));
    }
    for number in &Groupable::of(kind).numbers {
        let text = format!("{{ {list}(first: 0) {{ groupBy(by: []) {{ {} {{ sum avg }} }} }} }}", number.name);
        asked.push(question(format!("a sum: {list}"), text));
    }
    asked
}

/// A field with its arguments, and what is asked below it, so deep; none when it needs what nobody knows here.
fn whole(api: &Api, register: &Register, field: &FieldDef, depth: usize) -> Option<String> {
    let first_of = |kind: Kind| register.all(kind).next().map(|node| format!("\"{}\"", node.key));
    let given = |ty: &Ty, name: &str| match (name, ty.name()) {
        ("first", _) => Some("10".to_owned()),
        ("planKey" | "plan" | "fromPlan" | "from", "String") => first_of(Kind::Plan),
        ("measure", "String") => first_of(Kind::Measure),
        ("text", "String") => Some("\"premie voor opleiding\"".into()),
        (_, "Int") => Some("2020".into()),
        (_, "Date") => Some("\"2020-01-01\"".into()),
        (_, "AsOf") => Some("{revision: 1}".into()),
        ("key", "String") => {
            let kind = Kind::ALL.iter().find(|kind| kind.one() == field.name);
            kind.map_or(Some("\"x\"".into()), |kind| first_of(*kind))
        }
        (_, other) => api.graph().vocabulary(other).map(|words| words.words[0].0.to_owned()),
    };
    let mut args = Vec::new();
    for arg in &field.args {
        let needed = matches!(arg.ty, Ty::NonNull(_)) && arg.default.is_none();
        if needed || arg.name == "first" {
            args.push(format!("{}: {}", arg.name, given(&arg.ty, arg.name)?));
        }
    }
    let args = if args.is_empty() { String::new() } else { format!("({})", args.join(", ")) };
    if field.ty.name() == NODE {
        return Some(format!("{}{args} {{ __typename }}", field.name));
    }
    let Some(object) = api.graph().object(field.ty.name()) else { return Some(format!("{}{args}", field.name)) };
    if depth == 0 && field.ty.name().ends_with("Connection") {
        // A page that nobody looks at is not made.
        return Some(format!("{}{args} {{ pageInfo {{ hasNextPage }} }}", field.name));
    }
    if depth == 0 {
        return Some(format!("{}{args} {{ __typename }}", field.name));
    }
    let below: Vec<String> = object.fields.iter().filter_map(|field| whole(api, register, field, depth - 1)).collect();
    Some(format!("{}{args} {{ {} }}", field.name, below.join(" ")))
}

/// What is asked of the first record of a kind, asked of several.
fn of_several(register: &Register, kind: Kind, text: &str) -> String {
    let keys = spread(register, kind, 8);
    let Some(first) = keys.first() else { return text.to_owned() };
    let each = keys.iter().enumerate().map(|(at, key)| format!("r{at}: {}", text.replacen(first.as_str(), key, 1)));
    each.collect::<Vec<_>>().join(" ")
}

/// Every field of the root that is no list of records.
fn roots(api: &Api, register: &Register) -> Vec<Question> {
    const OF_HISTORY: [&str; 5] = ["at", "changes", "commit", "commits", "compare"];
    let fields = api.graph().object("Query").unwrap().fields.iter();
    let fields =
        fields.filter(|it| Kind::ALL.iter().all(|kind| kind.many() != it.name) && !OF_HISTORY.contains(&&*it.name));
    let mut asked: Vec<Question> = fields
        .filter_map(|field| {
            let text = whole(api, register, field, 1)?;
            let kind = Kind::ALL.iter().find(|kind| kind.one() == field.name);
            let text = kind.map_or(text.clone(), |kind| of_several(register, *kind, &text));
            Some(question(format!("root {}", field.name), format!("{{ {text} }}")))
        })
        .collect();
    let plan = register.all(Kind::Plan).next().map_or("", |node| node.key.as_str());
    for field in &api.graph().object("PlanReport").unwrap().fields {
        if let Some(text) = whole(api, register, field, 1) {
            asked.push(question(
                format!("planReport {}", field.name),
                format!("{{ planReport(plan: \"{plan}\") {{ {text} }} }}"),
            ));
        }
    }
    asked.push(question("search of many words", "{ search(text: \"de premie van het fonds voor opleiding en werk in vlaanderen\", first: 10) { totalCount hits { score } } }".into()));
    for list in ["trends", "attainments", "discrepancies"] {
        let measure = register.all(Kind::Measure).next().map_or("", |node| node.key.as_str());
        asked.push(question(
            format!("{list} of a measure"),
            format!("{{ {list}(first: 5, where: {{measureKey: {{eq: \"{measure}\"}}}}) {{ totalCount }} }}"),
        ));
    }
    asked.push(question(
        "trends in order",
        "{ trends(first: 5, orderBy: [{field: RELATIVE}]) { nodes { reason } } }".into(),
    ));
    asked.push(question(
        "attainments in order",
        "{ attainments(first: 5, orderBy: [{field: DISTANCE}]) { nodes { reason } } }".into(),
    ));
    // Of each value of such a list the whole of what was computed can be asked.
    for (list, ty) in [
        ("trends", "IndicatorTrend"),
        ("attainments", "NormAttainment"),
        ("executions", "BudgetExecution"),
        ("inspectionRates", "InspectionRate"),
        ("projectProgress", "ProjectProgress"),
        ("milestoneStandings", "MilestoneStanding"),
    ] {
        let fields = &api.graph().object(ty).unwrap().fields;
        let computed = fields.iter().filter(|it| api.graph().object(it.ty.name()).is_some_and(|it| !it.is_node));
        for text in computed.filter_map(|field| whole(api, register, field, 1)) {
            let text = format!("{{ {list}(first: 20) {{ nodes {{ {text} }} }} }}");
            asked.push(question(format!("figures of {list}"), text));
        }
    }
    for (list, field) in [
        ("executions", "VEK_EXECUTION"),
        ("inspectionRates", "SANCTION_RATE"),
        ("projectProgress", "OVERDUE"),
        ("milestoneStandings", "DAYS_OVERDUE"),
    ] {
        let text = format!("{{ {list}(first: 5, orderBy: [{{field: {field}}}]) {{ totalCount }} }}");
        asked.push(question(format!("{list} in order"), text));
    }
    for (list, word) in [
        ("trends", "MEASURE"),
        ("attainments", "LEVEL"),
        ("executions", "YEAR"),
        ("projectProgress", "PLAN"),
        ("milestoneStandings", "STATUS_WORDS"),
    ] {
        let text = format!("{{ {list}(first: 0) {{ groupBy(by: [{word}], first: 5) {{ count }} }} }}");
        asked.push(question(format!("{list} in groups"), text));
    }
    // One group of each, since of plans there may be no more.
    for (list, word, number) in [
        ("trends", "MEASURE", "relative"),
        ("attainments", "LEVEL", "ratio"),
        ("executions", "YEAR", "vekRealised"),
        ("inspectionRates", "YEAR", "controls"),
        ("projectProgress", "PLAN", "milestones"),
        ("milestoneStandings", "YEAR", "daysOverdue"),
    ] {
        let order = format!("{}_AVG", boordtabel::model::value::upper_case(number));
        let asks = format!(
            "by: [{word}], first: 1, having: {{{number}: {{valued: {{gte: 0}}}}}}, orderBy: [{{field: {order}}}]"
        );
        let text =
            format!("{{ {list}(first: 0) {{ groupBy({asks}) {{ count {number} {{ unit sum avg min max }} }} }} }}");
        asked.push(question(format!("{list} in groups, with a number"), text));
        let often: String = (0..20).map(|at| format!(" a{at}: {number} {{ avg }}")).collect();
        let text = format!("{{ {list}(first: 0) {{ groupBy(by: [{word}], first: 1) {{{often} }} }} }}");
        asked.push(question(format!("{list} in groups, a number often"), text));
    }
    asked.push(question(
        "discrepancies by rule",
        "{ discrepancies(first: 0) { groupBy(by: [RULE]) { count slips } } }".into(),
    ));
    asked.push(question("fields", "{ __type(name: \"Measure\") { fields { name description } } }".into()));
    asked.push(question("the schema", "{ __schema { types { name fields { name description args { name type { name } } } inputFields { name } enumValues { name } } } }".into()));
    asked.push(question(
        "what the schema says",
        "{ __schema { types { fields { a: description b: description c: description } } } }".into(),
    ));
    asked
}

/// So many keys at most of a kind's records, evenly spread: what hangs on them is what hangs on one on average.
fn spread(register: &Register, kind: Kind, most: usize) -> Vec<String> {
    let step = register.count(kind).div_ceil(most).max(1);
    register.all(kind).step_by(step).map(|node| format!("\"{}\"", node.key)).collect()
}

/// Every computed figure of a kind of record: of records from all over the list.
fn figures(api: &Api, register: &Register, kind: Kind) -> Vec<Question> {
    const PLAIN: [&str; 4] = ["id", "key", "revision", "history"];
    if register.count(kind) == 0 {
        return Vec::new();
    }
    let keys = spread(register, kind, 20);
    let (first, keys) = (keys.len(), keys.join(", "));
    let fields = &api.graph().object(kind.name()).unwrap().fields;
    let computed = fields.iter().filter(|it| it.asks.is_none() && it.is_computed() && !PLAIN.contains(&&*it.name));
    computed
        .filter_map(|field| {
            let field_text = whole(api, register, field, 1)?;
            let text = format!(
                "{{ {}(first: {first}, where: {{key: {{in: [{keys}]}}}}) {{ nodes {{ {field_text} }} }} }}",
                kind.many()
            );
            Some(question(format!("figure {}.{}", kind.name(), field.name), text))
        })
        .collect()
}
