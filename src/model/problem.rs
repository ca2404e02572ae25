//! What the data refuses, said as data: a code, where, what was found, what to do.

use std::borrow::Cow;

use crate::model::vocabulary::vocabulary;

vocabulary! {
    /// Why a row, a record or a commit is refused. A closed list: every code has a row in `docs/reference.md` and a test that provokes it.
    ProblemCode {
        /// A required field is absent or null.
        Missing = "MISSING",
        /// The record has no field (or the file no column) of this name.
        UnknownField = "UNKNOWN_FIELD",
        /// The value is of another type than the field: a text where a list stands, a number where a name is expected.
        WrongType = "WRONG_TYPE",
        /// The text is not a number as the field takes it: an exact decimal with a point, without thousands separators.
        NotANumber = "NOT_A_NUMBER",
        /// The text is not a date of the form `2020-12-31`.
        NotADate = "NOT_A_DATE",
        /// The text is not a period: `2020`, `2018-2019`, `2020-Q1`, `2020-09`, `2020-09/2020-12` or `2020-09-02`.
        NotAPeriod = "NOT_A_PERIOD",
        /// The value is none of the words that the field knows.
        UnknownValue = "UNKNOWN_VALUE",
        /// The key is empty, too long, or holds a blank, a control character or a vertical bar.
        BadKey = "BAD_KEY",
        /// The row states a key that differs from the one its own fields give.
        KeyMismatch = "KEY_MISMATCH",
        /// The text or the list is longer than the field may be.
        TooLong = "TOO_LONG",
        /// The value is outside what the field may hold.
        OutOfRange = "OUT_OF_RANGE",
        /// Two fields of one record contradict each other.
        Inconsistent = "INCONSISTENT",
        /// No record of that kind and key exists, neither stored nor in this batch.
        UnknownReference = "UNKNOWN_REFERENCE",
        /// Two rows of one batch have the same kind and key.
        DuplicateKey = "DUPLICATE_KEY",
        /// The record refers to itself, directly or through others.
        Cycle = "CYCLE",
        /// The record to delete is still referred to by others.
        StillReferenced = "STILL_REFERENCED",
        /// The row says CREATE, but the record exists.
        AlreadyExists = "ALREADY_EXISTS",
        /// The row says UPDATE or DELETE, but there is no such record.
        NotFound = "NOT_FOUND",
        /// The disk refused this write, while another one of the same request was committed.
        NotWritten = "NOT_WRITTEN",
        /// The record holds something else by now than what the revision left, and cannot be put back.
        ChangedSince = "CHANGED_SINCE",
        /// The register has moved on from the revision that was expected.
        RevisionMismatch = "REVISION_MISMATCH",
        /// The outcome would not be the one of the dry run whose digest was given.
        DigestMismatch = "DIGEST_MISMATCH",
        /// The idempotency key was used before with another request.
        IdempotencyMismatch = "IDEMPOTENCY_MISMATCH",
        /// The file cannot be read as what it is said to be.
        BadFile = "BAD_FILE",
        /// The row lies outside of the scope that is replaced.
        OutsideScope = "OUTSIDE_SCOPE",
        /// There is a record for the same stretch of time, whose period is written otherwise.
        SameSpan = "SAME_SPAN",
        /// The period may mean a school year or two calendar years: say which.
        AmbiguousPeriod = "AMBIGUOUS_PERIOD",
        /// The record would go over to another plan or body, and nobody said so.
        Moved = "MOVED",
        /// Other records would be deleted than were expected, or many of a scope although nobody said so.
        DeletesMismatch = "DELETES_MISMATCH",
    }
}

vocabulary! {
    /// Why something should be looked at although it is taken.
    WarningCode {
        /// Records of the replaced scope stay although no row has them, because a refused row may mean one of them.
        NotDeleted = "NOT_DELETED",
        /// A word was taken that is written otherwise than the field's own: in other letters, or by its Dutch label.
        WordCorrected = "WORD_CORRECTED",
        /// A sheet or rows that nobody sees were read.
        Hidden = "HIDDEN",
        /// A number with three decimals could be one of thousands, whose separator was taken for a decimal mark.
        LooksGrouped = "LOOKS_GROUPED",
        /// A figure is ten times what it was, or a tenth, or less; or much of a kind changes.
        MuchChanged = "MUCH_CHANGED",
        /// Much of a kind is deleted.
        MuchDeleted = "MUCH_DELETED",
        /// The key looks like that of another record of its kind.
        LookAlike = "LOOK_ALIKE",
    }
}

/// Longest message, in characters. Whoever sends megabytes where a name belongs need not get them back.
pub const MESSAGE_CHARS_MAX: usize = 1_000;
/// Longest step of a path, in characters: as long as a key may be.
const STEP_CHARS_MAX: usize = 250;

/// The beginning of a text, when it is longer than that.
pub fn at_most(chars: usize, mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(chars) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// One thing that is wrong with the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of problem.
    pub code: ProblemCode,
    /// Where: file and line or row index first, then the field path.
    pub path: Vec<String>,
    /// One sentence that names the offending value.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Near values that exist, nearest first.
    pub candidates: Vec<String>,
    /// The path of another row that it is about too.
    pub other: Vec<String>,
}

impl Problem {
    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let texts = self.path.iter().chain(&self.candidates).chain(&self.other).chain([&self.message, &self.hint]);
        size_of::<Self>() + texts.map(|text| size_of::<String>() + text.len()).sum::<usize>()
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.path.join("."), self.code, self.message)?;
        let near = beside(&self.message, &self.candidates);
        if !near.is_empty() {
            write!(f, " (near: {})", near.join(", "))?;
        }
        Ok(())
    }
}

/// The near values that a message does not name itself.
pub fn beside<'n>(message: &str, near: &'n [String]) -> Vec<&'n str> {
    near.iter().map(String::as_str).filter(|near| !message.contains(&format!("`{near}`"))).collect()
}

/// Something that is taken, but that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What kind of warning.
    pub code: WarningCode,
    /// Where: as for a [`Problem`].
    pub path: Vec<String>,
    /// One sentence that names what was found.
    pub message: String,
    /// What to do when it is not what was meant.
    pub hint: String,
}

/// Collects problems while a value is read; knows the path of the field being read.
#[derive(Default)]
pub struct Problems {
    path: Vec<Cow<'static, str>>,
    found: Vec<Problem>,
}

impl Problems {
    /// An empty collection whose paths begin with `at`.
    pub fn at(at: impl Into<Cow<'static, str>>) -> Self {
        Self { path: vec![at.into()], found: Vec::new() }
    }

    /// Makes all later paths begin with these steps too.
    pub fn enter(&mut self, steps: &[String]) {
        self.path.extend(steps.iter().cloned().map(Cow::Owned));
    }

    /// Runs `read` with `step` appended to the path.
    pub fn within<R>(&mut self, step: impl Into<Cow<'static, str>>, read: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(step.into());
        let result = read(self);
        self.path.pop();
        result
    }

    /// Runs `read` with several steps appended to the path.
    pub fn within_all<R>(&mut self, steps: &[&str], read: impl FnOnce(&mut Self) -> R) -> R {
        let length = self.path.len();
        self.path.extend(steps.iter().map(|step| Cow::Owned((*step).to_owned())));
        let result = read(self);
        self.path.truncate(length);
        result
    }

    /// Adds a problem at the current path.
    pub fn push(&mut self, code: ProblemCode, message: impl Into<String>, hint: impl Into<String>) {
        self.push_near(code, message, hint, Vec::new());
    }

    /// Adds a problem with near values at the current path.
    pub fn push_near(
        &mut self,
        code: ProblemCode,
        message: impl Into<String>,
        hint: impl Into<String>,
        candidates: Vec<String>,
    ) {
        self.add(code, message.into(), hint.into(), candidates, Vec::new());
    }

    /// Adds a problem at the current path that is about another row too.
    pub fn push_other(&mut self, code: ProblemCode, message: String, hint: &str, other: Vec<String>) {
        self.add(code, message, hint.to_owned(), Vec::new(), other);
    }

    fn add(&mut self, code: ProblemCode, message: String, hint: String, candidates: Vec<String>, other: Vec<String>) {
        self.found.push(Problem {
            code,
            path: self.path.iter().map(|step| at_most(STEP_CHARS_MAX, step.to_string())).collect(),
            message: at_most(MESSAGE_CHARS_MAX, message),
            hint,
            candidates,
            other,
        });
    }

    /// How many problems were found so far.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The problems found so far, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.found.iter()
    }

    /// The problems found, in order.
    pub fn into_vec(self) -> Vec<Problem> {
        self.found
    }

    /// The problems found, in order, as those of what stands at that place.
    pub fn into_vec_at(mut self, place: &[String]) -> Vec<Problem> {
        for problem in &mut self.found {
            problem.path.splice(..0, place.iter().map(|step| at_most(STEP_CHARS_MAX, step.clone())));
        }
        self.found
    }
}

/// The values of `known` nearest to `wanted`, at most five, nearest first: for "did you mean".
pub fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().collect();
    let limit = (wanted.len() / 3).max(2);
    let mut near: Vec<(usize, &str)> = known
        .filter(|candidate| candidate.chars().count().abs_diff(wanted.len()) <= limit)
        .map(|candidate| {
            let lower: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
            (strsim::generic_levenshtein(&wanted, &lower), candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    near.sort();
    near.truncate(5);
    near.into_iter().map(|(_, candidate)| candidate.to_owned()).collect()
}
