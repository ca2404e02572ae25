//! How much may be asked, and why something may not.

/// How much may be asked at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Levels of a filter.
    pub depth: usize,
    /// Conditions of all filters together.
    pub terms: usize,
    /// Values that all filters together compare with.
    pub values: usize,
    /// Fields of one order.
    pub order: usize,
}

/// What was asked so far, against the bounds. One for a whole request.
#[derive(Clone, Debug)]
pub struct Budget {
    /// The bounds.
    pub bounds: Bounds,
    terms: usize,
    values: usize,
}

impl Budget {
    /// Nothing asked yet.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, terms: 0, values: 0 }
    }

    pub(super) fn term(&mut self, depth: usize) -> Result<(), QueryError> {
        self.terms += 1;
        within("levels of a filter", self.bounds.depth, depth)?;
        within("conditions of the filters of a request", self.bounds.terms, self.terms)
    }

    pub(super) fn values(&mut self, count: usize) -> Result<(), QueryError> {
        self.values += count;
        within("values in the filters of a request", self.bounds.values, self.values)
    }
}

pub(super) fn within(what: &'static str, limit: usize, found: usize) -> Result<(), QueryError> {
    if found > limit { Err(QueryError::Limit { what, limit, found }) } else { Ok(()) }
}

/// Why something cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryError {
    /// A value that cannot be: where, what is wrong, what to do.
    Bad {
        /// Where it stands, such as `where.year.eq`.
        path: String,
        /// One sentence that names the value.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A bound exceeded.
    Limit {
        /// Of what there is too much.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
        /// How much there is.
        found: usize,
    },
}

impl QueryError {
    pub(super) fn bad(path: &[String], message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Bad { path: path.join("."), message: message.into(), hint: hint.into() }
    }
}
