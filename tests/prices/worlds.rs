//! Registers that hold the demonstration plan several times over: one plan that grew, with as many times the goals, measures,
//! norms and figures.

use std::path::Path;
use std::sync::Arc;

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Edit, Ledger, Status, Submission};
use boordtabel::graphql::Api;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::import;
use boordtabel::model::{Kind, Problems, Record, Tree, Type, View};
use boordtabel::register::{Node, Register};
use tempfile::TempDir;

/// The API over such a register.
pub struct World {
    pub api: Api,
    pub register: Arc<Register>,
    _folder: TempDir,
}

/// Longest text that may be a code or a word, in bytes: it stays in a copy.
const SHORT_TEXT: usize = 24;

/// Of these there is one, however often the plan is there.
const ONCE: [Kind; 3] = [Kind::Organisation, Kind::Plan, Kind::Document];

/// The records of the demonstration plan.
pub fn plan() -> Vec<Record> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dwse-2021");
    let edits = import::read_files(&import::read_folder(&folder).unwrap()).unwrap();
    let records = edits.into_iter().filter_map(|edit| match edit {
        Edit::Put { record, .. } => Some(record),
        _ => None,
    });
    records.collect()
}

impl World {
    /// The plan so many times over, without a history.
    pub fn of(plan: &[Record], times: usize) -> Self {
        let copies = (0..times).flat_map(|time| plan.iter().filter_map(move |record| copy(record, time)));
        let register = Register::load(copies.map(|record| Node::new(record, 1)), [], 1, 0);
        let (_folder, ledger) = ledger();
        Self { api: api(ledger), register: Arc::new(register), _folder }
    }

    /// The plan, with so many commits that change each of ten measures.
    pub fn with_history(plan: &[Record], commits: usize) -> Self {
        let (_folder, ledger) = ledger();
        commit(&ledger, plan.to_vec());
        let measures: Vec<&Record> = plan.iter().filter(|it| it.kind() == Kind::Measure).take(10).collect();
        for number in 0..commits {
            commit(&ledger, measures.iter().map(|record| renamed(record, number)).collect());
        }
        let register = ledger.register();
        Self { api: api(ledger), register, _folder }
    }
}

fn ledger() -> (TempDir, Arc<Ledger>) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::open(folder.path()).unwrap());
    (folder, ledger)
}

fn api(ledger: Arc<Ledger>) -> Api {
    // What is refused for its cost has a cost all the same.
    let limits = Limits { cost: i32::MAX as usize, time_ms: 120_000, ..Limits::default() };
    Api::new(ledger, limits, || 0)
}

fn commit(ledger: &Ledger, records: Vec<Record>) {
    let edits = records.into_iter().map(Edit::put).collect();
    let report = ledger.submit(Submission::new(Identity::local("t"), Role::Import, "t", edits), 0).unwrap();
    assert_eq!(report.status, Status::Committed, "{:?}", report.problems);
}

fn renamed(record: &Record, number: usize) -> Record {
    let mut record = record.clone();
    if let Record::Measure(measure) = &mut record {
        let name = format!("{} {number}", measure.name);
        Arc::make_mut(measure).name = name;
    }
    record
}

/// A record of the copy of that number; none of what there is once only.
fn copy(record: &Record, number: usize) -> Option<Record> {
    if number == 0 {
        return Some(record.clone());
    }
    if ONCE.contains(&record.kind()) {
        return None;
    }
    let fields = record.info().fields.iter().enumerate();
    let tree = Tree::Map(
        fields
            .map(|(at, field)| {
                let value = match (record, &*field.name) {
                    // The letters of the copies' codes mean the same, and stand where they stood.
                    (Record::ArticleTerm(it), "code") => Tree::Text(it.code.as_str().into()),
                    (Record::ArticlePart(it), "mask") => Tree::Text(format!("{}~{number}", it.mask).into()),
                    _ => tree(record.get(at), &field.ty, number, record),
                };
                (field.name.as_str().into(), value)
            })
            .collect(),
    );
    let mut problems = Problems::default();
    let copy = record.kind().read(&tree, &mut problems);
    assert!(problems.is_empty(), "{:?}", problems.into_vec());
    copy
}

/// The kind that a record names in a field, for the links that depend on it.
fn kind_in(record: &Record, field: &str) -> Option<Kind> {
    match record.get(record.info().position(field)?) {
        View::Enum(word) => Kind::from_word(word),
        _ => None,
    }
}

fn tree<'v>(view: View<'v>, ty: &Type, number: usize, of: &Record) -> Tree<'v> {
    let another = |key: &str| Tree::Text(format!("{key}~{number}").into());
    match (view, ty) {
        (view, Type::Optional(inner)) => tree(view, inner, number, of),
        (View::Text(key), Type::Key) => another(&key),
        (View::Text(key), Type::Link(target)) if !ONCE.contains(target) => another(&key),
        (View::Text(key), Type::LinkByKind(_, field))
            if kind_in(of, field).is_none_or(|kind| !ONCE.contains(&kind)) =>
        {
            another(&key)
        }
        (View::List(items), Type::List(inner)) => {
            Tree::List(items.into_iter().map(|item| tree(item, inner, number, of)).collect())
        }
        (View::Composite(value), Type::Composite(info)) => {
            let fields = info().fields.iter().enumerate();
            let fields = fields.map(|(at, field)| {
                // What a composite holds lives as long as the record: it is read once more here, as text.
                (field.name.as_str().into(), owned(tree(value.field(at), &field.ty, number, of)))
            });
            Tree::Map(fields.collect())
        }
        (View::Null, _) => Tree::Null,
        (View::Bool(value), _) => Tree::Bool(value),
        (View::Int(value), _) => Tree::Number(value.to_string().into()),
        (View::Decimal(value), _) => Tree::Decimal(value),
        // A title of another year or body is another text.
        (View::Text(text), Type::Text) if text.len() > SHORT_TEXT => another(&text),
        (View::Text(text), _) => Tree::Text(text),
        (View::Enum(word), _) => Tree::Text(word.into()),
        (View::Date(date), _) => Tree::Text(date.to_string().into()),
        (View::Period(period), _) => Tree::Text(period.to_string().into()),
        (View::List(items), _) => Tree::List(items.into_iter().map(|item| tree(item, ty, number, of)).collect()),
        (View::Composite(_), _) => Tree::Null,
    }
}

fn owned(tree: Tree<'_>) -> Tree<'static> {
    match tree {
        Tree::Null => Tree::Null,
        Tree::Bool(value) => Tree::Bool(value),
        Tree::Number(text) => Tree::Number(text.into_owned().into()),
        Tree::Text(text) => Tree::Text(text.into_owned().into()),
        Tree::Cell(text) => Tree::Cell(text.into_owned().into()),
        Tree::Decimal(value) => Tree::Decimal(value),
        Tree::List(items) => Tree::List(items.into_iter().map(owned).collect()),
        Tree::Map(fields) => {
            Tree::Map(fields.into_iter().map(|(name, tree)| (name.into_owned().into(), owned(tree))).collect())
        }
        Tree::Positional(items) => Tree::Positional(items.into_iter().map(owned).collect()),
    }
}
