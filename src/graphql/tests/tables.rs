//! Which tables a request can read: every field of the graph looks at no others than it says, and a commit changes the name of an
//! answer exactly where it changes the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::*;
use crate::graphql::core::definition::{ArgDef, FieldDef, NODE, QUERY, Ty};
use crate::graphql::core::input::tree;
use crate::model::lineage::{CarriedKind, CarriedLink, Succession};
use crate::model::target::{TargetLink, TargetOf};
use crate::model::value::upper_case;
use crate::model::{AsRecord, Edition, Lineage, Norm, Period, PolicyField, Problems, Target, Waiver};
use crate::register::query::FilterSchema;
use crate::register::query::schema::TermKind as Stands;
use crate::register::{Register, Revision, TableSet};

/// The demonstration data, and a plan of the next year.
fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
    let limits = Limits { cost: 10_000_000, ..Limits::default() };
    let fixture = Fixture { api: Api::new(ledger.clone(), limits, || 0), ledger, _folder: folder };
    let edits = crate::import::read_files(&crate::embedded::demo());
    fixture.commit(edits.unwrap_or_else(|_| panic!("the demonstration data reads")));
    let register = fixture.ledger.register();
    let plan = register.all(Kind::Plan).next().and_then(|node| Plan::of(&node.record)).unwrap();
    let next = Plan { key: key("next"), year: plan.year + 1, document_key: None, ..plan.clone() };
    let waiver = Waiver { key: key("a-discrepancy"), reason: "stands".into(), until: None };
    let edition = Edition { key: key("an-edition"), tagged_revision: 1, title: "One".into() };
    let field = PolicyField {
        description: None,
        key: key("next-field"),
        plan_key: Link::new(key("next")),
        code: "I".into(),
        name: "Field".into(),
        printed: None,
    };
    let (norm, measured) =
        register.all(Kind::Norm).find_map(|node| Some((node, Norm::of(&node.record)?.target.clone()?))).unwrap();
    let target = Target {
        key: key("a-target"),
        kind: TargetOf::Norm,
        of_key: TargetLink(norm.key.clone()),
        period: Period::year(plan.year).unwrap(),
        aim: None,
        figure: measured,
        upper: None,
        baseline: None,
        baseline_period: None,
        supersedes_key: None,
        document_key: None,
    };
    let put: [Record; 5] = [next.into(), field.into(), waiver.into(), edition.into(), target.into()];
    let submission = Submission::new(Identity::local("t"), Role::Admin, "t", put.map(Edit::put).to_vec());
    assert_eq!(fixture.ledger.submit(submission, 0).unwrap().status, Status::Committed);
    fixture.commit(of_a_working_year(&register));
    fixture
}

/// One record of each kind that the demonstration data has none of, as rows.
fn of_a_working_year(register: &Register) -> Vec<Edit> {
    let first = |kind: Kind| register.all(kind).next().unwrap().key.as_str();
    let (plan, measure, goal) = (first(Kind::Plan), first(Kind::Measure), first(Kind::OperationalGoal));
    let (document, process) = (first(Kind::Document), first(Kind::InspectedProcess));
    let body = first(Kind::Organisation);
    let ratio = serde_json::json!({ "value": "0.9", "status": "REPORTED", "unit": "RATIO" });
    let rows = serde_json::json!([
        ["Link", { "fromKind": "MEASURE", "fromKey": measure, "kind": "CONTRIBUTES_TO", "toKind": "OPERATIONAL_GOAL", "toKey": goal }],
        ["Category", { "key": "a-category", "dimension": "Sex", "name": "Women" }],
        ["MeasuringUnit", { "key": "TONNE", "name": "Tonnes" }],
        ["Translation", { "kind": "MEASURE", "recordKey": measure, "language": "fr", "text": "Mesure" }],
        ["Round", { "key": "a-round", "planKey": plan, "label": "First", "referenceDate": "2021-03-31", "deadline": "2021-04-15" }],
        ["Round", { "key": "b-round", "planKey": plan, "label": "Second", "referenceDate": "2021-06-30", "deadline": "2021-07-15" }],
        ["ProgressReport", { "roundKey": "a-round", "kind": "MEASURE", "recordKey": measure, "commonStatus": "GREEN" }],
        ["Passage", { "documentKey": document, "number": 1, "text": "Words" }],
        ["Norm", { "key": "of-a-process", "position": 1, "label": "In time", "basis": "LEGAL", "subjectKind": "INSPECTED_PROCESS",
            "subjectKey": process, "target": ratio }],
        ["NormResult", { "normKey": "of-a-process", "period": "2020", "source": "OVERVIEW", "figure": ratio }],
        ["Indicator", { "key": "of-the-body", "position": 1, "label": "Files", "kind": "RECEIVED", "unit": "COUNT",
            "subjectKind": "ORGANISATION", "subjectKey": body }],
        ["Risk", { "key": "a-risk", "kind": "MEASURE", "recordKey": measure, "title": "A flood", "state": "OPEN" }],
    ]);
    let edit = |row: &serde_json::Value| {
        let kind = *Kind::ALL.iter().find(|kind| row[0] == kind.name()).unwrap();
        let input = Input::from_json(row[1].clone()).unwrap();
        Edit::put(kind.read(&tree(&input), &mut Problems::default()).unwrap_or_else(|| panic!("{row}")))
    };
    rows.as_array().unwrap().iter().map(edit).collect()
}

/// A value for an argument that must be given.
fn value(register: &Register, api: &Api, field: &FieldDef, arg: &ArgDef) -> String {
    let first = |kind: Kind| register.all(kind).next().map_or("x", |node| node.key.as_str());
    let of_field = Kind::ALL.iter().copied().find(|kind| kind.one() == field.name);
    match (arg.name, arg.ty.name()) {
        ("key", _) => format!("\"{}\"", of_field.map_or("x", first)),
        ("measure", _) => format!("\"{}\"", first(Kind::Measure)),
        ("fromPlan", _) => format!("\"{}\"", first(Kind::Plan)),
        ("toPlan", _) => "\"next\"".into(),
        ("name", _) => "\"Query\"".into(),
        (_, "String") => "\"premie\"".into(),
        ("id", _) => "\"TWVhc3VyZTp4\"".into(),
        ("ids", _) => "[\"TWVhc3VyZTp4\"]".into(),
        ("by", _) if arg.ty.to_string().starts_with('[') => "[]".into(),
        (_, "Int") => "2020".into(),
        (_, "Date") => "\"2020-12-31\"".into(),
        (_, "AsOf") => "{revision: 1}".into(),
        (_, "Revision") => "0".into(),
        (_, other) => api.graph.enums[other].words[0].0.into(),
    }
}

fn call(register: &Register, api: &Api, field: &FieldDef, given: &BTreeMap<&str, String>) -> String {
    let needed =
        |arg: &&ArgDef| given.contains_key(arg.name) || (matches!(arg.ty, Ty::NonNull(_)) && arg.default.is_none());
    let args: Vec<String> = field
        .args
        .iter()
        .filter(needed)
        .map(|arg| {
            let value = given.get(arg.name).cloned().unwrap_or_else(|| value(register, api, field, arg));
            format!("{}: {value}", arg.name)
        })
        .collect();
    if args.is_empty() { field.name.to_string() } else { format!("{}({})", field.name, args.join(", ")) }
}

/// A document for every field of every type that can be reached, by the shortest way; and each with a condition on each of its
/// links.
fn documents(fixture: &Fixture) -> BTreeMap<String, String> {
    let (register, api) = (fixture.ledger.register(), &fixture.api);
    let mut found = BTreeMap::new();
    let mut reached = BTreeSet::from([QUERY.to_owned()]);
    let mut next = vec![(QUERY.to_owned(), "{ ".to_owned(), 1)];
    while !next.is_empty() {
        let mut further = Vec::new();
        for (name, way, depth) in next {
            let object = api.graph.object(&name).unwrap();
            for field in &object.fields {
                // What a group is told apart by is null for dimensions that were not asked for.
                let way = match name.strip_suffix("GroupKeys") {
                    Some(_) => way.replace("by: []", &format!("by: [{}]", upper_case(&field.name))),
                    None => way.clone(),
                };
                let mut given = BTreeMap::new();
                if field.args.iter().any(|arg| arg.name == "first") && field.ty.name().ends_with("Connection") {
                    given.insert("first", "3".to_owned());
                }
                let ends = |open: &str| format!("{open}{}", " }".repeat(depth));
                let named = call(&register, api, field, &given);
                let Some(inner) = api.graph.object(field.ty.name()) else {
                    let below = if field.ty.name() == NODE { " { __typename key }" } else { "" };
                    found.insert(format!("{name}.{}", field.name), ends(&format!("{way}{named}{below}")));
                    continue;
                };
                let way = format!("{way}{named} {{ ");
                found.insert(format!("{name}.{}", field.name), ends(&format!("{way}__typename }}")));
                if reached.insert(inner.name.to_string()) {
                    further.push((inner.name.to_string(), way, depth + 1));
                }
            }
        }
        next = further;
    }
    for kind in Kind::ALL {
        for term in &FilterSchema::of(kind.info()).terms {
            let condition = match term.what {
                Stands::One(_) => "{key: {ne: \"x\"}}",
                Stands::Many(_) => "{some: {key: {ne: \"x\"}}}",
                _ => continue,
            };
            let list = format!("{}(first: 3, where: {{{}: {condition}}})", kind.many(), term.name);
            found.insert(
                format!("{kind} where {}", term.name),
                format!("{{ {list} {{ totalCount nodes {{ key }} }} }}"),
            );
        }
    }
    for (number, example) in examples().into_iter().enumerate() {
        found.insert(format!("example {number}"), example);
    }
    found
}

/// The repository's own examples, but those that need variables or follow.
fn examples() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/web/examples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let mut texts: Vec<String> = files.filter(|text| !text.contains("subscription")).collect();
    texts.sort();
    texts
}

fn bound(fixture: &Fixture, document: &str) -> Bound {
    let request = GraphqlRequest::new(document.to_owned(), serde_json::json!({})).unwrap();
    fixture
        .api
        .prepare(&fixture.ledger.register(), request)
        .unwrap_or_else(|errors| panic!("{document}: {:?}", errors[0].error))
}

#[test]
fn no_field_looks_at_tables_that_it_does_not_say() {
    let fixture = fixture();
    let register = fixture.ledger.register();
    let (mut wrong, mut exact) = (Vec::new(), 0);
    for (name, document) in documents(&fixture) {
        let bound = bound(&fixture, &document);
        let noting = Arc::new(register.noting());
        let context = fixture.api.context(&Identity::anonymous());
        let answer = fixture.api.read(&bound, Arc::clone(&noting), &context, None);
        assert!(answer.is_ok_and(|answer| answer.data.is_some()), "{document}");
        let looked = Arc::into_inner(noting).unwrap().into_footprint().tables();
        exact += usize::from(looked == bound.tables);
        // What is made once for a register is made with another one than that which takes notes.
        let is_made_once = looked == TableSet::EVERYTHING && MADE_ONCE.iter().any(|list| document.contains(list));
        if !bound.tables.holds(looked) && !is_made_once {
            wrong.push(format!("{name}: {looked:?} are not in {:?}: {document}", bound.tables));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(exact > 300, "only {exact} say just what they look at");
}

/// What is made once for a register takes no notes: that it says all that it reads is told here.
#[test]
fn the_progress_of_projects_changes_with_the_day_of_the_document() {
    let fixture = fixture();
    let tables = bound(&fixture, "{ projectProgress(first: 1) { nodes { overdue } } }").tables;
    assert!(tables.holds(TableSet::of(&[Kind::Project, Kind::Milestone, Kind::Plan, Kind::Document])));
}

/// The lists that are made once for a register.
const MADE_ONCE: [&str; 7] =
    ["deliveries", "trends", "attainments", "executions", "inspectionRates", "projectProgress", "milestoneStandings"];

/// Changes one record of a kind.
fn touch(fixture: &Fixture, kind: Kind) {
    let register = fixture.ledger.register();
    let submit = |edit| {
        let submission = Submission::new(Identity::local("t"), Role::Admin, "t", vec![edit]);
        fixture.ledger.submit(submission, 0).unwrap().status == Status::Committed
    };
    if kind == Kind::Lineage {
        let field = register.all(Kind::PolicyField).find(|node| node.key.as_str() != "next-field").unwrap();
        let lineage = Lineage {
            kind: CarriedKind::PolicyField,
            predecessor_key: CarriedLink(field.key.clone()),
            successor_key: CarriedLink(key("next-field")),
            relation: Succession::Continues,
        };
        assert!(submit(Edit::put(lineage.into())), "{kind}");
        return;
    }
    let renamed = register.all(kind).next_back().map(|node| {
        let mut record = node.record.clone();
        let name = match &mut record {
            Record::Organisation(it) => &mut Arc::make_mut(it).name,
            Record::Document(it) => &mut Arc::make_mut(it).title,
            Record::Plan(it) => &mut Arc::make_mut(it).title,
            Record::PolicyField(it) => &mut Arc::make_mut(it).name,
            Record::StructuralElement(it) => &mut Arc::make_mut(it).name,
            Record::StrategicGoal(it) => &mut Arc::make_mut(it).title,
            Record::OperationalGoal(it) => &mut Arc::make_mut(it).title,
            Record::Project(it) => &mut Arc::make_mut(it).title,
            Record::Measure(it) => &mut Arc::make_mut(it).name,
            Record::Indicator(it) => &mut Arc::make_mut(it).label,
            Record::Norm(it) => &mut Arc::make_mut(it).label,
            Record::BudgetLine(it) => &mut Arc::make_mut(it).name,
            Record::ArticlePart(it) => &mut Arc::make_mut(it).name,
            Record::ArticleTerm(it) => &mut Arc::make_mut(it).meaning,
            Record::InspectedProcess(it) => &mut Arc::make_mut(it).name,
            Record::BudgetArticle(it) => Arc::make_mut(it).name.get_or_insert_default(),
            _ => return None,
        };
        name.push('x');
        Some(record)
    });
    if let Some(record) = renamed.flatten() {
        assert!(submit(Edit::put(record)), "{kind}");
        return;
    }
    let gone = register
        .all(kind)
        .rev()
        .any(|node| submit(Edit::Delete { kind, key: node.key.clone(), at: Default::default() }));
    assert!(gone, "no {kind} can be deleted");
}

/// The answer, and what its name is made of.
fn answered(fixture: &Fixture, document: &str) -> (Vec<u8>, Revision, TableSet) {
    let bound = bound(fixture, document);
    let (register, tables) = (fixture.ledger.register(), bound.tables);
    let named = register.changed_at(tables);
    let answer = fixture.api.execute_on(
        register,
        Ok(bound),
        &fixture.api.context(&Identity::anonymous()),
        AllowedOperations::Queries,
    );
    assert_eq!(answer.revision, named, "{document}");
    (answer.to_json(), named, tables)
}

#[test]
fn a_commit_renames_exactly_the_answers_that_it_changes() {
    let fixture = fixture();
    let long = std::env::var_os("BOORDTABEL_LONG").is_some();
    let documents = documents(&fixture);
    let (mut stayed, mut known, mut untouched) = (0, BTreeMap::new(), Vec::new());
    for (turn, &kind) in Kind::ALL.iter().enumerate() {
        // Every root field and example each time, the others in turns.
        let chosen = documents.iter().enumerate().filter(|(at, (name, document))| {
            let is_shown = name.starts_with("Query.") || name.starts_with("example");
            // Reconciling anew each time takes long, and depends on everything; what is of a named revision never changes.
            let is_left_out = ["iscrepanc", "at(asOf"].iter().any(|left| document.contains(left));
            (is_shown || at % 12 == turn % 12 || long) && !is_left_out
        });
        let chosen: Vec<&String> = chosen.map(|(_, (_, document))| document).collect();
        let last = |document: &&String| known.remove(*document).unwrap_or_else(|| answered(&fixture, document));
        let before: Vec<_> = chosen.iter().map(last).collect();
        // A kind of which the data has no record cannot be changed.
        if kind != Kind::Lineage && fixture.ledger.register().count(kind) == 0 {
            untouched.push(kind);
            continue;
        }
        touch(&fixture, kind);
        let mut latest = BTreeMap::new();
        for (document, (body, name, tables)) in chosen.into_iter().zip(before) {
            let now = answered(&fixture, document);
            let (new_body, new_name) = (&now.0, now.1);
            assert_eq!(*new_body == body, new_name == name, "{kind} changed: {document}");
            assert_eq!(new_name != name, tables.holds(TableSet::of(&[kind])) || tables == TableSet::NONE, "{document}");
            stayed += usize::from(new_name == name);
            latest.insert(document.clone(), now);
        }
        known = latest;
    }
    assert!(untouched.len() <= 1, "{untouched:?} were not changed");
    assert!(stayed > 1_000, "only {stayed} answers outlived a commit");
}
