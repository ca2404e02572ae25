//! The tables that an operation can read: those of its fields and of the conditions of its lists, whatever the register holds. Its
//! answer stays the same until a commit changes one of them.

use crate::graphql::core::args::Args;
use crate::graphql::prepare::ast::OperationKind;
use crate::graphql::prepare::bound::BoundRef;
use crate::graphql::prepare::operation::{Selected, SelectedField, SelectionSet};
use crate::register::TableSet;

/// The tables that an operation can read. What writes, or tells of the log, depends on everything.
pub fn of(bound: BoundRef<'_>) -> TableSet {
    match bound.operation.kind {
        OperationKind::Query => of_set(bound, &bound.operation.root),
        OperationKind::Mutation | OperationKind::Subscription => TableSet::EVERYTHING,
    }
}

/// The tables that what is selected below the fields of the root can read.
pub fn below_root(bound: BoundRef<'_>) -> TableSet {
    let selected = bound.fields(&bound.operation.root).filter_map(SelectedField::selected);
    let sets = selected.flat_map(|selected| &selected.sets);
    sets.fold(TableSet::NONE, |tables, set| tables.with(of_set(bound, set)))
}

fn of_set(bound: BoundRef<'_>, set: &SelectionSet) -> TableSet {
    let selected = bound.fields(set).filter_map(SelectedField::selected);
    selected.fold(TableSet::NONE, |tables, selected| tables.with(of_field(bound, selected)))
}

fn of_field(bound: BoundRef<'_>, selected: &Selected) -> TableSet {
    static NO_ARGS: Args = Args(std::collections::BTreeMap::new(), None);
    // A field whose arguments are wrong reads nothing; that it might costs nothing.
    let args = bound.args(selected.slot).unwrap_or(&NO_ARGS);
    let filter = args.1.as_ref().and_then(|asked| asked.filter.as_ref());
    let own = selected.field.reads.with(args).with(filter.map_or(TableSet::NONE, |filter| filter.tables()));
    selected.sets.iter().fold(own, |tables, set| tables.with(of_set(bound, set)))
}
