//! The columns of a table, whatever the file: header names become fields, cells become a tree.

use std::borrow::Cow;
use std::sync::Arc;

use crate::commit::Source;
use crate::import::field::{Field, paths, put};
use crate::import::mapping::{KindMapping, Target, Values};
use crate::import::meant::stand_in;
use crate::import::quote;
use crate::import::report::Report;
use crate::import::row::{Note, PROBLEMS, RejectedRow, Row, RowLocation, Table};
use crate::import::words;
use crate::model::problem::{WarningCode, nearest};
use crate::model::value::shorten;
use crate::model::{Kind, Problem, ProblemCode, Problems, Tree, Type};

/// No table that people make has more columns. Those after so many are known by their exact names alone: to look for what others may
/// have meant takes long, and helps nobody.
const WIDEST: usize = 1_000;

/// What a column is for.
#[derive(Clone, Debug)]
pub enum Column {
    /// It fills a field.
    Fills(Field),
    /// The mapping passes it over, or nobody knows what it is, which is told at the header.
    PassedOver,
    /// It has no name, and so may have no cells.
    Blank,
}

/// The columns of a table.
#[derive(Debug)]
pub struct Columns {
    /// What its rows are.
    pub kind: Kind,
    /// One for each cell of the header.
    pub columns: Vec<Column>,
    /// What the mapping fills in every row.
    pub constants: Vec<(Field, String)>,
    /// The same for people.
    pub table: Arc<Table>,
    /// The columns whose header is wrong, one for each problem of the header.
    pub faulty: Vec<usize>,
    /// What the mapping says that words of a column mean, by the column.
    values: Vec<Option<Arc<Values>>>,
}

impl Columns {
    /// Reads a header. Every problem found is pushed; the columns that have none are read all the same, so that one wrong name
    /// does not hide what else is wrong.
    pub fn read<'h>(
        kind: Kind,
        sheet: Option<&str>,
        header: impl Iterator<Item = &'h str>,
        mapping: &KindMapping,
        problems: &mut Problems,
    ) -> Self {
        let constants = mapping.constants.clone();
        let mut filled: Vec<(String, String)> =
            constants.iter().map(|(field, _)| (field.path(), "the mapping's constant".to_owned())).collect();
        let (mut columns, mut values, mut faulty) = (Vec::new(), Vec::new(), Vec::new());
        for (index, name) in header.enumerate() {
            let name = name.trim();
            let mut meaning = None;
            let mut column = match mapping.columns.get(name) {
                Some(Target::PassOver) => Column::PassedOver,
                Some(Target::Fill(field, words)) => {
                    meaning = words.clone();
                    Column::Fills(field.clone())
                }
                None if name.is_empty() => Column::Blank,
                // The program's own column of reasons.
                None if name == PROBLEMS => Column::PassedOver,
                None => match if index < WIDEST { Field::named(kind, name) } else { Field::find(kind, name) } {
                    Some(field) => Column::Fills(field),
                    None => {
                        unknown(kind, name, index < WIDEST, problems);
                        faulty.push(index);
                        Column::PassedOver
                    }
                },
            };
            if let Column::Fills(field) = &column {
                let path = field.path();
                if let Some((_, first)) = filled.iter().find(|(known, _)| *known == path) {
                    let message = if first == name {
                        format!("the column `{name}` stands twice")
                    } else {
                        format!("`{path}` is filled twice, by `{first}` and by the column `{name}`")
                    };
                    problems.within(name.to_owned(), |problems| {
                        problems.push(ProblemCode::DuplicateKey, message, "remove one of them");
                    });
                    faulty.push(index);
                    column = Column::PassedOver;
                } else {
                    filled.push((path, name.to_owned()));
                }
            }
            columns.push(column);
            values.push(meaning);
        }
        let path = |column: &Column| match column {
            Column::Fills(field) => field.path(),
            Column::PassedOver | Column::Blank => String::new(),
        };
        let table = Arc::new(Table { sheet: sheet.map(str::to_owned), columns: columns.iter().map(path).collect() });
        Self { kind, columns, constants, table, faulty, values }
    }

    /// Tells the report which columns are passed over, and which of the mapping are missing.
    pub fn report<'h>(&self, header: impl Iterator<Item = &'h str>, mapping: &KindMapping, report: &mut Report) {
        let header: Vec<&str> = header.map(str::trim).collect();
        for (name, target) in &mapping.columns {
            let list = match (target, header.contains(&name.as_str())) {
                (Target::PassOver, true) => &mut report.passed_over,
                (Target::Fill(..), false) => &mut report.absent,
                _ => continue,
            };
            if !list.contains(name) {
                list.push(name.clone());
            }
        }
    }

    /// The row of these cells, or what is wrong with it: `bad` are the cells that the reader refuses. Then the others are read
    /// all the same, so that every problem of the row is told at once.
    ///
    /// # Errors
    /// When there are bad cells.
    pub fn row(&self, at: Source, line: usize, cells: &[Cow<'_, str>], bad: Vec<BadCell>) -> Result<Row, RejectedRow> {
        let place = RowLocation { table: Some(Arc::clone(&self.table)), line, column: None };
        let tree = self.tree(cells.iter().map(|cell| Cow::Borrowed(cell.as_ref())));
        if bad.is_empty() {
            return Ok(Row { kind: self.kind, tree, at, place, notes: self.notes(cells) });
        }
        let mut problems = Vec::new();
        let mut probe: Vec<Cow<'_, str>> = cells.iter().map(|cell| Cow::Borrowed(cell.as_ref())).collect();
        let mut whole = false;
        for BadCell { cell, code, message, hint } in bad {
            let mut path = at.path();
            match cell.map(|cell| (cell, self.columns.get(cell))) {
                Some((cell, Some(Column::Fills(field)))) => {
                    path.extend(field.steps.iter().map(|step| (*step).to_owned()));
                    probe[cell] = Cow::Borrowed(stand_in(field.ty, 0));
                }
                Some((cell, _)) => path.push(format!("cell {}", cell + 1)),
                None => whole = true,
            }
            problems.push(Problem { code, path, message, hint, candidates: Vec::new(), other: Vec::new() });
        }
        let reject = RejectedRow::row(self.kind, tree, problems, place);
        if whole {
            return Err(reject);
        }
        let mut others = Problems::default();
        others.enter(&at.path());
        self.kind.read(&self.tree(probe.into_iter()), &mut others);
        // The key was made from stand-ins: whether it is the stated one cannot be told.
        Err(reject.and(others.into_vec().into_iter().filter(|problem| problem.code != ProblemCode::KeyMismatch)))
    }

    /// What of these cells was taken otherwise than it is written.
    fn notes(&self, cells: &[Cow<'_, str>]) -> Vec<Note> {
        let mut notes = Vec::new();
        for ((column, cell), values) in self.columns.iter().zip(cells).zip(&self.values) {
            let Column::Fills(field) = column else { continue };
            let Type::Enum(vocabulary) = field.ty else { continue };
            let text = cell.trim();
            if values.as_ref().is_some_and(|values| values.contains_key(text)) {
                continue;
            }
            if let Some(word) = words::known(vocabulary, text).filter(|word| *word != text) {
                let message = format!("`{}` is taken for `{word}`", shorten(text));
                let hint = format!("write `{word}`, or name the word in a mapping file, if that is what is meant");
                notes.push(Note::new(WarningCode::WordCorrected, &field.path(), message, hint));
            }
        }
        notes
    }

    /// Whether the columns after these cells may be empty: then a row without them lacks nothing.
    pub fn may_lack(&self, cells: &[Cow<'_, str>]) -> bool {
        let tree = self.tree(cells.iter().map(|cell| Cow::Borrowed(cell.as_ref())));
        let mut problems = Problems::default();
        self.kind.read(&tree, &mut problems);
        let lacking = &self.columns[cells.len().min(self.columns.len())..];
        let missed = |column: &Column| match column {
            Column::Fills(field) => {
                let path = field.path();
                problems.iter().any(|problem| {
                    let at = problem.path.join(".");
                    // A value that is required as a whole is missed by its name.
                    problem.code == ProblemCode::Missing && (at == path || path.starts_with(&format!("{at}.")))
                })
            }
            Column::PassedOver | Column::Blank => false,
        };
        !lacking.iter().any(missed)
    }

    /// The row as an object: empty cells are absent, and so is a value all of whose cells are empty.
    pub fn tree<'c>(&self, cells: impl Iterator<Item = Cow<'c, str>>) -> Tree<'static> {
        let mut fields = Vec::with_capacity(self.columns.len());
        for ((column, cell), values) in self.columns.iter().zip(cells).zip(&self.values) {
            if let Column::Fills(field) = column
                && !cell.is_empty()
                && !(is_name(field.ty) && cell.trim().is_empty())
            {
                let cell = values
                    .as_ref()
                    .and_then(|values| values.get(cell.trim()).map(|it| Cow::Borrowed(it.as_str())))
                    .unwrap_or(cell);
                put(&mut fields, &field.steps, value(field.ty, &cell));
            }
        }
        for (field, text) in &self.constants {
            put(&mut fields, &field.steps, Tree::Cell(Cow::Owned(text.clone())));
        }
        Tree::Map(fields)
    }
}

/// What a cell says: the apostrophe that keeps a text from being a formula is no part of it, and a list whose entries hold
/// bars or blanks stands in the cell as JSON.
fn value(ty: &Type, cell: &str) -> Tree<'static> {
    let text = match ty {
        Type::Int | Type::Decimal | Type::Boolean | Type::Date | Type::Period | Type::Enum(_) => cell,
        _ => quote::undo(cell),
    };
    if matches!(ty, Type::List(_))
        && text.starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<String>>(text)
    {
        return Tree::List(items.into_iter().map(|item| Tree::Text(Cow::Owned(item))).collect());
    }
    let text = if is_name(ty) { text.trim() } else { text };
    match ty {
        Type::Enum(vocabulary) => match words::known(vocabulary, text) {
            Some(word) => Tree::Cell(Cow::Borrowed(word)),
            None => Tree::Cell(Cow::Owned(text.to_owned())),
        },
        Type::Key | Type::Link(_) | Type::LinkByKind(..) => Tree::Cell(Cow::Owned(words::tidy(text).into_owned())),
        _ => Tree::Cell(Cow::Owned(text.to_owned())),
    }
}

/// Whether blanks around a cell of that type mean nothing: keys, words and other names for things.
fn is_name(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Key
            | Type::Link(_)
            | Type::LinkByKind(..)
            | Type::Enum(_)
            | Type::Period
            | Type::Date
            | Type::Boolean
            | Type::Int
    )
}

/// A cell that the reader refuses.
#[derive(Debug)]
pub struct BadCell {
    /// Which; `None` when it is the row as a whole.
    pub cell: Option<usize>,
    /// What kind of problem.
    pub code: ProblemCode,
    /// What was found.
    pub message: String,
    /// What to do.
    pub hint: String,
}

fn unknown(kind: Kind, name: &str, is_looked_for: bool, problems: &mut Problems) {
    let known = if is_looked_for { paths(kind) } else { Vec::new() };
    let name = &shorten(name);
    problems.within(name.clone(), |problems| {
        problems.push_near(
            ProblemCode::UnknownField,
            format!("{kind} has no field `{name}`"),
            "correct the column's name, remove the column, or name it in a mapping file",
            nearest(name, known.iter().map(String::as_str)),
        );
    });
}
