//! The columns of a table, whatever the file: header names become fields, cells become a tree.

use std::borrow::Cow;
use std::sync::Arc;

use crate::commit::Source;
use crate::import::mapping::{KindMapping, Target};
use crate::import::meant::stand_in;
use crate::import::quote;
use crate::import::rows::{Place, Reject, Report, Row, Table};
use crate::model::problem::nearest;
use crate::model::value::shorten;
use crate::model::{CompositeInfo, Kind, Problem, ProblemCode, Problems, Tree, Type};

/// A field by its path, such as `figure.printed.section`.
#[derive(Clone, Debug)]
pub struct Field {
    /// The names on the way.
    pub steps: Vec<&'static str>,
    /// What it holds; whether it may be absent is left to the model.
    pub ty: &'static Type,
}

/// The type without "may be absent".
pub fn core(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => core(inner),
        other => other,
    }
}

impl Field {
    /// The field of that path; a record's `key` is one too when other fields give it.
    pub fn find(kind: Kind, path: &str) -> Option<Self> {
        let mut info = kind.info();
        if path == "key" && info.position("key").is_none() {
            return Some(Self { steps: vec!["key"], ty: &Type::Key });
        }
        let mut steps = Vec::new();
        let mut rest = Some(path);
        while let Some(path) = rest {
            let (name, after) = path.split_once('.').map_or((path, None), |(name, after)| (name, Some(after)));
            let field = &info.fields[info.position(name)?];
            steps.push(field.name.as_str());
            match (core(&field.ty), after) {
                (Type::Composite(inner), Some(_)) => info = inner(),
                (Type::Composite(_), None) | (_, Some(_)) => return None,
                (ty, None) => return Some(Self { steps, ty }),
            }
            rest = after;
        }
        None
    }

    /// The field of that path, however its letters are written: `Measure key` and `measurekey` are `measureKey`.
    pub fn named(kind: Kind, name: &str) -> Option<Self> {
        let plain = |text: &str| -> String {
            let kept = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '_');
            kept.flat_map(char::to_lowercase).collect()
        };
        Self::find(kind, name).or_else(|| {
            let wanted = plain(name);
            let known = paths(kind).into_iter().chain(["key".to_owned()]);
            known.into_iter().find(|path| plain(path) == wanted).and_then(|path| Self::find(kind, &path))
        })
    }

    /// Its path.
    pub fn path(&self) -> String {
        self.steps.join(".")
    }
}

/// The paths of all fields of a kind, in the order of the model: the columns that its file may have.
pub fn paths(kind: Kind) -> Vec<String> {
    let mut paths = Vec::new();
    add_paths(kind.info(), "", &mut paths);
    paths
}

fn add_paths(info: &CompositeInfo, prefix: &str, paths: &mut Vec<String>) {
    for field in &info.fields {
        let path = format!("{prefix}{}", field.name);
        match core(&field.ty) {
            Type::Composite(inner) => add_paths(inner(), &format!("{path}."), paths),
            _ => paths.push(path),
        }
    }
}

/// What a column is for.
#[derive(Clone, Debug)]
pub enum Column {
    /// It fills a field.
    Fills(Field),
    /// The mapping passes it over.
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
}

impl Columns {
    /// Reads a header. Every problem found is pushed; then there are no columns.
    pub fn read<'h>(
        kind: Kind,
        sheet: Option<&str>,
        header: impl Iterator<Item = &'h str>,
        mapping: &KindMapping,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.len();
        let constants = mapping.constants.clone();
        let mut filled: Vec<(String, String)> =
            constants.iter().map(|(field, _)| (field.path(), "the mapping's constant".to_owned())).collect();
        let mut columns = Vec::new();
        for name in header {
            let name = name.trim();
            let column = match mapping.columns.get(name) {
                Some(Target::PassOver) => Column::PassedOver,
                Some(Target::Fill(field)) => Column::Fills(field.clone()),
                None if name.is_empty() => Column::Blank,
                None => match Field::named(kind, name) {
                    Some(field) => Column::Fills(field),
                    None => {
                        unknown(kind, name, problems);
                        Column::Blank
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
                    problems.within(name, |problems| {
                        problems.push(ProblemCode::DuplicateKey, message, "remove one of them");
                    });
                }
                filled.push((path, name.to_owned()));
            }
            columns.push(column);
        }
        let path = |column: &Column| match column {
            Column::Fills(field) => field.path(),
            Column::PassedOver | Column::Blank => String::new(),
        };
        let table = Arc::new(Table { sheet: sheet.map(str::to_owned), columns: columns.iter().map(path).collect() });
        (problems.len() == before).then_some(Self { kind, columns, constants, table })
    }

    /// Tells the report which columns are passed over, and which of the mapping are missing.
    pub fn report<'h>(&self, header: impl Iterator<Item = &'h str>, mapping: &KindMapping, report: &mut Report) {
        let header: Vec<&str> = header.map(str::trim).collect();
        for (name, target) in &mapping.columns {
            let list = match (target, header.contains(&name.as_str())) {
                (Target::PassOver, true) => &mut report.passed_over,
                (Target::Fill(_), false) => &mut report.absent,
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
    pub fn row(&self, at: Source, line: usize, cells: &[Cow<'_, str>], bad: Vec<BadCell>) -> Result<Row, Reject> {
        let place = Place { table: Some(Arc::clone(&self.table)), line };
        let tree = self.tree(cells.iter().map(|cell| Cow::Borrowed(cell.as_ref())));
        if bad.is_empty() {
            return Ok(Row { kind: self.kind, tree, at, place });
        }
        let mut problems = Vec::new();
        let mut probe: Vec<Cow<'_, str>> = cells.iter().map(|cell| Cow::Borrowed(cell.as_ref())).collect();
        let mut whole = false;
        for BadCell { cell, code, message, hint } in bad {
            let mut path = at.0.clone();
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
        let reject = Reject::row(self.kind, tree, problems, place);
        if whole {
            return Err(reject);
        }
        let mut others = Problems::default();
        others.enter(&at.0);
        self.kind.read(&self.tree(probe.into_iter()), &mut others);
        // The key was made from stand-ins: whether it is the stated one cannot be told.
        Err(reject.and(others.into_vec().into_iter().filter(|problem| problem.code != ProblemCode::KeyMismatch)))
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
        for (column, cell) in self.columns.iter().zip(cells) {
            if let Column::Fills(field) = column
                && !cell.is_empty()
                && !(is_name(field.ty) && cell.trim().is_empty())
            {
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
    if let Type::Enum(vocabulary) = ty {
        let plain = text.replace([' ', '-'], "_");
        let known = vocabulary.words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&plain));
        if let Some((word, _)) = known {
            return Tree::Cell(Cow::Borrowed(word));
        }
    }
    Tree::Cell(Cow::Owned(text.to_owned()))
}

/// Whether blanks around a cell of that type mean nothing: keys, words and other names for things.
fn is_name(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Key
            | Type::Link(_)
            | Type::LinkByKind(_)
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

fn unknown(kind: Kind, name: &str, problems: &mut Problems) {
    let known = paths(kind);
    let name = &shorten(name);
    problems.within(name, |problems| {
        problems.push_near(
            ProblemCode::UnknownField,
            format!("{kind} has no field `{name}`"),
            "correct the column's name, remove the column, or name it in a mapping file",
            nearest(name, known.iter().map(String::as_str)),
        );
    });
}

/// An object's fields.
pub type Fields = Vec<(Cow<'static, str>, Tree<'static>)>;

/// Puts a value at a path, making the objects on the way; not when something else than an object stands there.
pub fn put(fields: &mut Fields, steps: &[&'static str], value: Tree<'static>) -> bool {
    let (name, rest) = steps.split_first().expect("a path has at least one step");
    if rest.is_empty() {
        fields.push((Cow::Borrowed(name), value));
        return true;
    }
    let at = fields.iter().position(|(found, _)| found == name).unwrap_or_else(|| {
        fields.push((Cow::Borrowed(name), Tree::Map(Vec::new())));
        fields.len() - 1
    });
    match &mut fields[at].1 {
        Tree::Map(inner) => put(inner, rest, value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_leads_to_its_field() {
        for kind in Kind::ALL {
            for path in paths(*kind) {
                let field = Field::find(*kind, &path).unwrap_or_else(|| panic!("{kind} {path}"));
                assert_eq!(field.path(), path);
                assert!(!matches!(field.ty, Type::Composite(_) | Type::Optional(_)), "{kind} {path}");
            }
            assert!(Field::find(*kind, "key").is_some(), "{kind}");
        }
        for path in ["", ".", "figure", "figure.", "figure.value.x", "figure..value", "key.x"] {
            assert!(Field::find(Kind::Observation, path).is_none(), "{path}");
        }
    }
}
