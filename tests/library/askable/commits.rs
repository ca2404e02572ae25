//! Commits by chance: any field of any record that values are made of becomes what another record has there; records go, and come back.

use std::sync::Arc;

use boordtabel::model::value::{AnyComposite, Tree, View};
use boordtabel::model::{Kind, Problems, Record};
use boordtabel::register::relation::{Relation, inner_sources};
use boordtabel::register::{Change, Node, Register};

use super::dice::Dice;

/// Kinds that values are made of. Those that change what many values say come last, and seldom.
const KINDS: [Kind; 22] = [
    Kind::Observation,
    Kind::NormResult,
    Kind::Target,
    Kind::BudgetAmount,
    Kind::Inspection,
    Kind::Claim,
    Kind::Statement,
    Kind::Milestone,
    Kind::Lineage,
    Kind::Indicator,
    Kind::Norm,
    Kind::BudgetLine,
    Kind::InspectedProcess,
    Kind::Project,
    Kind::Measure,
    Kind::OperationalGoal,
    Kind::StrategicGoal,
    Kind::StructuralElement,
    Kind::PolicyField,
    Kind::Plan,
    Kind::Document,
    Kind::Organisation,
];

/// A change of one record.
pub fn change(before: Option<Arc<Node>>, after: Option<Record>, revision: u64) -> Change {
    let after = after.map(|record| Arc::new(Node::new(record, revision)));
    let node = before.as_ref().or(after.as_ref()).unwrap();
    Change { kind: node.kind(), key: node.key.clone(), deleted_at: None, before, after }
}

fn tree(view: View<'_>) -> Tree<'_> {
    match view {
        View::Null => Tree::Null,
        View::Bool(value) => Tree::Bool(value),
        View::Int(value) => Tree::Number(value.to_string().into()),
        View::Decimal(value) => Tree::Decimal(value),
        View::Text(text) => Tree::Text(text),
        View::Enum(word) => Tree::Text(word.into()),
        View::Date(date) => Tree::Text(date.to_string().into()),
        View::Period(period) => Tree::Text(period.to_string().into()),
        View::List(items) => Tree::List(items.into_iter().map(tree).collect()),
        View::Composite(value) => composite(value),
    }
}

fn composite(value: &dyn AnyComposite) -> Tree<'_> {
    Tree::Positional((0..value.describe().fields.len()).map(|at| tree(value.field(at))).collect())
}

/// A record with one of its fields as another record has it; none where that makes another key, or no record.
fn altered(record: &Record, other: &Record, dice: &mut Dice) -> Option<Record> {
    let fields = record.info().fields.len();
    let at = dice.below(fields);
    let field = |index| tree(if index == at { other.get(index) } else { record.get(index) });
    let altered = record.kind().read(&Tree::Positional((0..fields).map(field).collect()), &mut Problems::default())?;
    (altered.key() == record.key() && altered != *record).then_some(altered)
}

fn is_named(register: &Register, node: &Node) -> bool {
    let named = Relation::to(node.kind()).any(|relation| !register.sources(relation, &node.key).is_empty());
    named || inner_sources(node.kind()).next().is_some()
}

/// Whether all that a record names is there, and stays.
fn stands(register: &Register, record: &Record, changes: &[Change]) -> bool {
    Relation::of(record.kind()).all(|relation| {
        let mut stands = true;
        relation.for_each_target(record, |key| {
            let goes = changes.iter().any(|it| it.kind == relation.target && it.key == key && it.after.is_none());
            stands &= !goes && register.get(relation.target, &key).is_some();
        });
        stands
    })
}

/// A few changes of a register by chance. What goes is put into `removed`, and may come back.
pub fn by_chance(register: &Register, revision: u64, removed: &mut Vec<Record>, dice: &mut Dice) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for _ in 0..=dice.below(4) {
        let kind = KINDS[dice.below(KINDS.len()).min(dice.below(KINDS.len()))];
        let all: Vec<&Arc<Node>> = register.all(kind).collect();
        let node = all[dice.below(all.len())];
        let is_new = |it: &Node| !changes.iter().any(|known| known.kind == it.kind() && known.key == it.key);
        if !is_new(node) {
            continue;
        }
        if dice.below(4) == 0 && !is_named(register, node) {
            removed.push(node.record.clone());
            changes.push(change(Some(Arc::clone(node)), None, revision));
        } else if let Some(after) = altered(&node.record, &all[dice.below(all.len())].record, dice)
            && stands(register, &after, &changes)
        {
            changes.push(change(Some(Arc::clone(node)), Some(after), revision));
        }
    }
    let gone = |record: &Record| register.get(record.kind(), &record.key()).is_none();
    if let Some(record) = removed.pop_if(|record| dice.below(2) == 0 && gone(record))
        && stands(register, &record, &changes)
    {
        changes.push(change(None, Some(record), revision));
    }
    changes
}
