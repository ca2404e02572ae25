//! Imports in bulk: JSON Lines and what is asked of them become a submission. `POST /import` and the client on a folder of its own do
//! the same.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::commit::access::{Identity, Role};
use crate::commit::{Atomicity, Edit, PROBLEMS_MAX, Scope, Submission};
use crate::import::edit::{ImportMode, record_edit};
use crate::import::format::jsonl::Lines;
use crate::import::kind_names::computed;
use crate::import::lines::Numbers;
use crate::import::options::Options;
use crate::import::row::{RejectedRow, Row};
use crate::model::{Key, Kind, ProblemCode, Problems};
use crate::register::Revision;

/// Changes that an answer tells unless more are asked for; `kinds` counts them all.
pub const CHANGES_TOLD: usize = 100;

/// What is asked: the parameters of the address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Request {
    /// Why: stands in the history.
    pub reason: String,
    /// Names the request, so that it is done once.
    pub idempotency_key: String,
    /// What to do with the rows; UPSERT when absent.
    pub mode: Option<String>,
    /// What becomes of the good rows when others are bad; ALL when absent.
    pub atomicity: Option<String>,
    /// The kinds that REPLACE_SCOPE replaces, by the names of their files or words: `observations,indicators`.
    pub scope: Option<String>,
    /// The record within which it does: `measure/KEY`.
    pub within: Option<String>,
    /// Only say what would happen.
    #[serde(default)]
    pub dry_run: bool,
    /// Refuse unless the register is at this revision.
    pub expect_revision: Option<Revision>,
    /// Refuse unless the outcome has this digest.
    pub expect_digest: Option<String>,
    /// Refuse unless so many records are deleted.
    pub expect_deletes: Option<u64>,
    /// Whether records may go over to another plan or body.
    #[serde(default)]
    pub allow_moves: bool,
    /// The body whose rows they are: bare keys get its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_key: Option<String>,
    /// How many changes to tell.
    pub changes: Option<usize>,
    /// The name of the file that the body is, where it is one and not rows as JSON Lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The kind of that file's rows, where its name does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The decimal mark of that file, `point` or `comma`, rather than what is found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<String>,
}

/// Why a request cannot be: what is wrong, and what to do.
pub type BulkError = (String, String);

impl Request {
    fn mode(&self) -> Result<ImportMode, BulkError> {
        word(self.mode.as_deref(), "mode", ImportMode::Upsert, ImportMode::from_word)
    }

    fn atomicity(&self) -> Result<Atomicity, BulkError> {
        word(self.atomicity.as_deref(), "atomicity", Atomicity::All, Atomicity::from_word)
    }

    fn organisation(&self) -> Result<Option<Key>, BulkError> {
        let read = |key: &String| {
            let refuse = |reason| (format!("`organisationKey`: `{key}` is no key: {reason}"), "correct it".to_owned());
            Key::parse(key).map_err(refuse)
        };
        self.organisation_key.as_ref().map(read).transpose()
    }

    fn scope(&self, mode: ImportMode) -> Result<Option<Scope>, BulkError> {
        let refuse = |message: &str, hint: &str| Err((message.to_owned(), hint.to_owned()));
        match (mode, &self.scope, &self.within) {
            (ImportMode::ReplaceScope, Some(kinds), within) => {
                let kinds = kinds.split(',').map(|name| kind_of(name.trim())).collect::<Result<_, _>>()?;
                let within = within.as_deref().map(record_of).transpose()?;
                Ok(Some(Scope { kinds, within }))
            }
            (ImportMode::ReplaceScope, None, _) => refuse(
                "the mode REPLACE_SCOPE has no `scope`",
                "say which kinds are replaced, as `scope=observations`, and within what, as `within=measure/KEY`",
            ),
            (_, None, None) => Ok(None),
            _ => refuse("a scope is given without the mode REPLACE_SCOPE", "set the mode, or leave the scope out"),
        }
    }

    /// Names all that is asked, but for the rows and for what only changes how the answer is told.
    fn named(&self) -> String {
        let Self { changes: _, idempotency_key: _, .. } = self;
        let asked = Self { changes: None, idempotency_key: String::new(), ..self.clone() };
        serde_json::to_string(&asked).unwrap_or_default()
    }
}

fn word<T>(given: Option<&str>, name: &str, default: T, read: fn(&str) -> Option<T>) -> Result<T, BulkError> {
    let Some(given) = given else { return Ok(default) };
    read(given).ok_or_else(|| (format!("`{name}` cannot be `{given}`"), "see the schema for its words".to_owned()))
}

/// The kind of that name: of its file, of its type, of its word.
///
/// # Errors
/// When there is none.
pub fn kind_of(name: &str) -> Result<Kind, BulkError> {
    let known = |kind: &&Kind| [kind.file(), kind.one(), kind.many(), kind.name(), kind.word()].contains(&name);
    Kind::ALL.iter().find(known).copied().ok_or_else(|| {
        if let Some((message, hint)) = computed(name, name) {
            return (message, hint.to_owned());
        }
        let near = crate::model::problem::nearest(name, Kind::ALL.iter().map(|kind| kind.file()));
        let near = if near.is_empty() { String::new() } else { format!(", perhaps `{}`", near.join("`, `")) };
        (format!("`{name}` is no kind of record"), format!("name it as its files are named{near}"))
    })
}

/// A record as `kind/key`.
fn record_of(text: &str) -> Result<(Kind, Key), BulkError> {
    let hint = || "write `measure/KEY`".to_owned();
    let (kind, key) = text.split_once('/').ok_or_else(|| (format!("`{text}` names no record"), hint()))?;
    let key = Key::parse(key).map_err(|reason| (format!("`{key}` is no key: {reason}"), hint()))?;
    Ok((kind_of(kind)?, key))
}

/// Rows being read.
pub struct Reading {
    request: Request,
    mode: ImportMode,
    scope: Option<Scope>,
    atomicity: Atomicity,
    organisation: Option<Key>,
    lines: Lines<'static>,
    hasher: blake3::Hasher,
    taken: Taken,
}

/// The rows so far.
struct Taken {
    edits: Vec<Edit>,
    numbers: Numbers,
    /// How many problems those rows have that do not read and are told.
    problems: usize,
    /// About how many bytes all of it takes.
    bytes: usize,
    bytes_max: usize,
}

/// Rows take more memory than they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch {
    /// How many bytes they may take.
    pub most: usize,
    /// How many they take.
    pub found: usize,
    /// How many rows take that much.
    pub rows: usize,
}

impl Reading {
    /// Begins. The rows may take so many bytes of memory, about.
    ///
    /// # Errors
    /// When the request makes no sense.
    pub fn new(request: Request, bytes_max: usize) -> Result<Self, BulkError> {
        static OPTIONS: OnceLock<Options> = OnceLock::new();
        let (mode, atomicity) = (request.mode()?, request.atomicity()?);
        let mut hasher = blake3::Hasher::new();
        hasher.update(request.named().as_bytes());
        let taken = Taken { edits: Vec::new(), numbers: Numbers::default(), problems: 0, bytes: 0, bytes_max };
        Ok(Self {
            scope: request.scope(mode)?,
            mode,
            atomicity,
            organisation: request.organisation()?,
            request,
            lines: Lines::new("body", OPTIONS.get_or_init(Options::default)),
            hasher,
            taken,
        })
    }

    /// Takes the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        let Self { lines, taken, mode, .. } = self;
        lines.feed(piece, &mut |row| taken.take(*mode, row));
    }

    /// Takes a row that was read elsewhere.
    pub fn take(&mut self, row: Result<Row, RejectedRow>) {
        self.taken.take(self.mode, row);
    }

    /// These bytes are what the rows are read from: they belong to what the request is known by.
    pub fn also(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// So many bytes more are held as long as the rows are.
    pub fn holds(&mut self, bytes: usize) {
        self.taken.bytes += bytes;
    }

    /// Whether the rows take more memory than they may; those that came since are not kept.
    pub fn too_much(&self) -> Option<TooMuch> {
        let Taken { edits, bytes, bytes_max, .. } = &self.taken;
        (bytes > bytes_max).then_some(TooMuch { most: *bytes_max, found: *bytes, rows: edits.len() })
    }

    /// What all of it asks for, and the line of each row.
    pub fn finish(self, identity: Identity) -> (Submission, Numbers) {
        let Self { request, mode, atomicity, scope, organisation, lines, hasher, mut taken } = self;
        lines.finish(&mut |row| taken.take(mode, row));
        let Taken { mut edits, mut numbers, .. } = taken;
        if let Some(first) = numbers.first_left_out() {
            let mut problems = Problems::at("body");
            let message = format!("{} lines more do not read; this is the first of them", numbers.left_out());
            problems.within(format!("line {first}"), |problems| {
                problems.push(ProblemCode::TooLong, message, "correct the lines before it first");
            });
            numbers.push(edits.len(), first);
            edits.push(Edit::broken(problems.into_vec()));
        }
        let submission = Submission {
            atomicity,
            scope,
            dry_run: request.dry_run,
            told_max: Some(request.changes.unwrap_or(CHANGES_TOLD)),
            expect_revision: request.expect_revision,
            expect_digest: request.expect_digest,
            expect_deletes: request.expect_deletes,
            free_deletes: 0,
            moves: request.allow_moves,
            organisation,
            idempotency: Some((request.idempotency_key, *hasher.finalize().as_bytes())),
            ..Submission::new(identity, Role::Import, request.reason, edits)
        };
        (submission, numbers)
    }
}

impl Taken {
    /// Takes a row. Of those that do not read only so many are kept as are told: a body of short lines must not take many times its
    /// size.
    fn take(&mut self, mode: ImportMode, row: Result<Row, RejectedRow>) {
        let line = row.as_ref().map_or_else(|reject| &reject.place, |row| &row.place).line;
        if self.bytes > self.bytes_max {
            return;
        }
        let edit = match row {
            Ok(row) => record_edit(row.kind, &row.tree, mode, row.at),
            Err(_) if self.problems >= PROBLEMS_MAX => Edit::broken(Vec::new()),
            Err(reject) => {
                let (kind, keys) = reject.target();
                Edit::Broken { kind, keys: keys.into(), problems: reject.problems.into() }
            }
        };
        if let Edit::Broken { problems, .. } = &edit {
            if self.problems >= PROBLEMS_MAX {
                self.bytes += self.numbers.leave_out(line);
                return;
            }
            self.problems += problems.len().max(1);
        }
        self.bytes += edit.bytes() + self.numbers.push(self.edits.len(), line);
        self.edits.push(edit);
    }
}
