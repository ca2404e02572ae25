//! Conditions on rows: of fields, of the values in them, and of the records they are related to.

use super::predicate::{self, Predicate};
use super::schema::{FilterSchema, Leaf, Link, Term, TermKind};
use super::{Budget, QueryError, Row};
use crate::model::{Tree, View};
use crate::register::TableSet;

/// A condition that a row fulfils or not.
#[derive(Clone, Debug)]
pub enum Filter {
    /// All of these.
    All(Vec<Filter>),
    /// At least one of these.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// The value there matches.
    Leaf {
        /// Where it stands.
        path: Vec<usize>,
        /// What it is.
        leaf: Leaf,
        /// The predicate.
        predicate: Predicate,
    },
    /// Some, every or none of the values in a list pass.
    Leaves {
        /// Where the list stands.
        path: Vec<usize>,
        /// How many of them.
        how: Quantifier,
        /// The predicates, all of which a value has to match.
        predicates: Vec<Predicate>,
    },
    /// There is a value made of fields there, or none.
    Absent(Vec<usize>, bool),
    /// Some, every or none of the related records fulfil a condition.
    Linked {
        /// Where the value stands whose field names them; empty for the relations of a record.
        path: Vec<usize>,
        /// The way to them.
        link: Link,
        /// How many of them.
        how: Quantifier,
        /// The condition.
        filter: Box<Filter>,
    },
}

/// How many of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Some,
    /// All, also when there are none.
    Every,
    /// Not one.
    None,
}

impl Quantifier {
    /// The three, with their names and meaning.
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Some, "some", "At least one of them fulfils this; `{}` asks whether there is any."),
        (Self::Every, "every", "All of them fulfil this; holds also where there are none."),
        (Self::None, "none", "Not one of them fulfils this; `{}` asks whether there are none."),
    ];

    pub(super) fn holds<T>(self, items: impl IntoIterator<Item = T>, matches: impl FnMut(T) -> bool) -> bool {
        let mut items = items.into_iter();
        match self {
            Self::Some => items.any(matches),
            Self::Every => items.all(matches),
            Self::None => !items.any(matches),
        }
    }
}

impl Filter {
    /// Reads a condition on rows of that schema. `at` is its name, for messages.
    ///
    /// # Errors
    /// When it names what there is not, compares with what cannot be, or asks too much.
    pub fn read(
        tree: &Tree<'_>,
        schema: &'static FilterSchema,
        at: &str,
        budget: &mut Budget,
    ) -> Result<Self, QueryError> {
        Reader { budget, at: vec![at.to_owned()] }.object(tree, schema, &[], 1)
    }

    /// The tables that its links lead to.
    pub fn tables(&self) -> TableSet {
        match self {
            Self::All(filters) | Self::Any(filters) => {
                filters.iter().fold(TableSet::NONE, |tables, filter| tables.with(filter.tables()))
            }
            Self::Not(filter) => filter.tables(),
            Self::Linked { link, filter, .. } => TableSet::of(&[link.kind()]).with(filter.tables()),
            Self::Leaf { .. } | Self::Leaves { .. } | Self::Absent(..) => TableSet::NONE,
        }
    }

    /// Whether a row fulfils a condition on its own values; none for one that is made of others, or leads to other records.
    pub fn of_itself(&self, row: Row<'_>) -> Option<bool> {
        Some(match self {
            Self::Leaf { path, predicate, .. } => predicate.matches(&row.get(path)),
            Self::Leaves { path, how, predicates } => {
                let items = match row.get(path) {
                    View::List(items) => items,
                    _ => Vec::new(),
                };
                how.holds(&items, |item| predicates.iter().all(|predicate| predicate.matches(item)))
            }
            Self::Absent(path, absent) => matches!(row.get(path), View::Null) == *absent,
            Self::All(_) | Self::Any(_) | Self::Not(_) | Self::Linked { .. } => return None,
        })
    }
}

struct Reader<'b> {
    budget: &'b mut Budget,
    at: Vec<String>,
}

impl Reader<'_> {
    /// Reads an object of conditions; `path` leads to the value that they are on.
    fn object(
        &mut self,
        tree: &Tree<'_>,
        schema: &'static FilterSchema,
        path: &[usize],
        depth: usize,
    ) -> Result<Filter, QueryError> {
        self.budget.term(depth)?;
        let Tree::Map(given) = tree else {
            return Err(QueryError::bad(&self.at, "no condition stands here", "give an object"));
        };
        let mut all = Vec::with_capacity(given.len());
        for (name, value) in given {
            self.at.push(name.to_string());
            if matches!(value, Tree::Null) {
                return Err(QueryError::bad(&self.at, "null is no condition", "leave it out, or use `isNull: true`"));
            }
            match (name.as_ref(), value) {
                ("and" | "or", Tree::List(items)) => {
                    let mut filters = Vec::with_capacity(items.len());
                    for (index, item) in items.iter().enumerate() {
                        self.at.push(index.to_string());
                        filters.push(self.object(item, schema, path, depth + 1)?);
                        self.at.pop();
                    }
                    all.push(if name == "and" { Filter::All(filters) } else { Filter::Any(filters) });
                }
                ("not", value) => all.push(Filter::Not(Box::new(self.object(value, schema, path, depth + 1)?))),
                ("isNull", Tree::Bool(absent)) if !path.is_empty() => all.push(Filter::Absent(path.to_vec(), *absent)),
                // A row itself is always there.
                ("isNull", Tree::Bool(true)) if schema.kind.is_none() => all.push(Filter::Any(Vec::new())),
                ("isNull", Tree::Bool(false)) if schema.kind.is_none() => all.push(Filter::All(Vec::new())),
                (name, value) => match schema.term(name) {
                    Some(term) => self.term(term, value, path, depth, &mut all)?,
                    None => {
                        let message = format!("{} has nothing of that name to ask for", schema.name);
                        return Err(QueryError::bad(&self.at, message, "correct the name"));
                    }
                },
            }
            self.at.pop();
        }
        Ok(match <[Filter; 1]>::try_from(all) {
            Ok([only]) => only,
            Err(all) => Filter::All(all),
        })
    }

    fn term(
        &mut self,
        term: &'static Term,
        value: &Tree<'_>,
        path: &[usize],
        depth: usize,
        all: &mut Vec<Filter>,
    ) -> Result<(), QueryError> {
        let to = |index: usize| path.iter().copied().chain([index]).collect::<Vec<usize>>();
        match term.what {
            TermKind::Leaf(index, leaf) => {
                self.budget.term(depth)?;
                let predicates = predicate::read(value, leaf, &mut self.at, self.budget)?;
                all.extend(predicates.into_iter().map(|predicate| Filter::Leaf { path: to(index), leaf, predicate }));
            }
            TermKind::Leaves(index, leaf) => {
                for (how, given) in self.quantifiers(value)? {
                    self.budget.term(depth)?;
                    self.at.push(name_of(how).to_owned());
                    let predicates = predicate::read(given, leaf, &mut self.at, self.budget)?;
                    self.at.pop();
                    all.push(Filter::Leaves { path: to(index), how, predicates });
                }
            }
            TermKind::Composite(index, info) => {
                all.push(self.object(value, FilterSchema::of(info), &to(index), depth + 1)?)
            }
            TermKind::One(link) => {
                let filter = Box::new(self.object(value, FilterSchema::of(link.kind().info()), &[], depth + 1)?);
                all.push(Filter::Linked { path: path.to_vec(), link, how: Quantifier::Some, filter });
            }
            TermKind::Many(link) => {
                for (how, given) in self.quantifiers(value)? {
                    self.at.push(name_of(how).to_owned());
                    let filter = Box::new(self.object(given, FilterSchema::of(link.kind().info()), &[], depth + 1)?);
                    self.at.pop();
                    all.push(Filter::Linked { path: path.to_vec(), link, how, filter });
                }
            }
        }
        Ok(())
    }

    /// The entries of `{some: …, every: …, none: …}`.
    fn quantifiers<'t, 'a>(&self, tree: &'t Tree<'a>) -> Result<Vec<(Quantifier, &'t Tree<'a>)>, QueryError> {
        let hint = "give `some`, `every` or `none`";
        let Tree::Map(given) = tree else { return Err(QueryError::bad(&self.at, "it does not say how many", hint)) };
        let mut found = Vec::with_capacity(given.len());
        for (name, value) in given {
            match Quantifier::ALL.into_iter().find(|(_, known, _)| known == name) {
                Some(_) if matches!(value, Tree::Null) => {
                    return Err(QueryError::bad(&self.at, format!("`{name}` is null"), "leave it out, or give `{}`"));
                }
                Some((how, _, _)) => found.push((how, value)),
                None => return Err(QueryError::bad(&self.at, format!("`{name}` is no number of them"), hint)),
            }
        }
        Ok(found)
    }
}

fn name_of(how: Quantifier) -> &'static str {
    Quantifier::ALL.into_iter().find(|(known, _, _)| *known == how).map_or("", |(_, name, _)| name)
}
