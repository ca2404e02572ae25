//! Imports in bulk: JSON Lines and what is asked of them become a submission, and what came of it becomes JSON. `POST /import` and
//! the client on a folder of its own do the same.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::commit::access::{Identity, Role};
use crate::commit::{Atomicity, Edit, Report, RowOutcome, Scope, Submission};
use crate::import::edit::{ImportMode, record_edit};
use crate::import::format::jsonl::Lines;
use crate::import::options::Options;
use crate::import::row::{RejectedRow, Row};
use crate::model::difference::differences;
use crate::model::problem::Warning;
use crate::model::{Key, Kind, Problem, ProblemCode, Problems};
use crate::register::{Change, Revision};

/// Most problems that an answer tells; `problemCount` counts them all, and `rejectedLines` names the lines of all.
pub const PROBLEMS_MAX: usize = 10_000;
/// Changes that an answer tells unless more are asked for; `kinds` counts them all.
const CHANGES: usize = 100;

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
    atomicity: Atomicity,
    scope: Option<Scope>,
    organisation: Option<Key>,
    lines: Lines<'static>,
    edits: Vec<Edit>,
    hasher: blake3::Hasher,
    numbers: Numbers,
    /// How many rows did not read.
    broken: usize,
}

impl Reading {
    /// Begins.
    ///
    /// # Errors
    /// When the request makes no sense.
    pub fn new(request: Request) -> Result<Self, BulkError> {
        static OPTIONS: OnceLock<Options> = OnceLock::new();
        let (mode, atomicity) = (request.mode()?, request.atomicity()?);
        let mut hasher = blake3::Hasher::new();
        hasher.update(request.named().as_bytes());
        Ok(Self {
            scope: request.scope(mode)?,
            mode,
            atomicity,
            organisation: request.organisation()?,
            request,
            lines: Lines::new("body", OPTIONS.get_or_init(Options::default)),
            edits: Vec::new(),
            hasher,
            numbers: Numbers::default(),
            broken: 0,
        })
    }

    /// Takes the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        let Self { lines, edits, numbers, mode, broken, .. } = self;
        lines.feed(piece, &mut |row| take(edits, numbers, broken, *mode, row));
    }

    /// Takes a row that was read elsewhere.
    pub fn take(&mut self, row: Result<Row, RejectedRow>) {
        take(&mut self.edits, &mut self.numbers, &mut self.broken, self.mode, row);
    }

    /// These bytes are what the rows were read from: they belong to what the request is known by.
    pub fn also(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// What all of it asks for, and the line of each row.
    pub fn finish(self, identity: Identity) -> (Submission, Numbers) {
        let Self { request, mode, atomicity, scope, organisation, lines, mut edits, hasher, mut numbers, mut broken } =
            self;
        lines.finish(&mut |row| take(&mut edits, &mut numbers, &mut broken, mode, row));
        if let Some((first, _)) = numbers.left_out.first() {
            let mut problems = Problems::at("body");
            let message = format!("{} lines more do not read; this is the first of them", broken - PROBLEMS_MAX);
            problems.within(format!("line {first}"), |problems| {
                problems.push(ProblemCode::TooLong, message, "correct the lines before it first");
            });
            numbers.push(edits.len(), *first);
            edits.push(Edit::broken(problems.into_vec()));
        }
        let submission = Submission {
            atomicity,
            scope,
            dry_run: request.dry_run,
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

/// Takes a row. Of those that do not read only so many are kept as are told: a body of short lines must not take many times its
/// size.
fn take(
    edits: &mut Vec<Edit>,
    numbers: &mut Numbers,
    broken: &mut usize,
    mode: ImportMode,
    row: Result<Row, RejectedRow>,
) {
    let line = row.as_ref().map_or_else(|reject| &reject.place, |row| &row.place).line;
    let edit = match row {
        Ok(row) => record_edit(row.kind, &row.tree, mode, row.at),
        Err(_) if *broken >= PROBLEMS_MAX => Edit::broken(Vec::new()),
        Err(reject) => {
            let (kind, keys) = reject.target();
            Edit::Broken { kind, keys, problems: reject.problems }
        }
    };
    if matches!(edit, Edit::Broken { .. }) {
        *broken += 1;
        if *broken > PROBLEMS_MAX {
            return stretch(&mut numbers.left_out, line);
        }
    }
    numbers.push(edits.len(), line);
    edits.push(edit);
}

/// Which row stood in which line: lines without a row are few.
#[derive(Debug, Default)]
pub struct Numbers {
    /// The rows from which on the numbers go on one by one, and their lines.
    from: Vec<(usize, usize)>,
    /// The lines that do not read and became no row, as stretches from first to last.
    left_out: Vec<(usize, usize)>,
}

impl Numbers {
    fn push(&mut self, row: usize, line: usize) {
        if self.from.last().is_none_or(|(first, at)| at + (row - first) != line) {
            self.from.push((row, line));
        }
    }

    fn line(&self, row: usize) -> usize {
        let at = self.from.partition_point(|(first, _)| *first <= row).saturating_sub(1);
        self.from.get(at).map_or(row + 1, |(first, line)| line + (row - first))
    }

    /// How many lines became no row, but for the one that stands for them.
    fn untold(&self) -> u64 {
        self.left_out.iter().map(|(first, last)| (last - first + 1) as u64).sum::<u64>().saturating_sub(1)
    }
}

/// Adds a line to stretches of lines.
fn stretch(stretches: &mut Vec<(usize, usize)>, line: usize) {
    match stretches.last_mut() {
        Some((_, last)) if *last + 1 == line => *last = line,
        _ => stretches.push((line, line)),
    }
}

/// What came of an import.
pub fn report_json(report: &Report, numbers: &Numbers, changes: Option<usize>) -> Json {
    let counts = report.counts;
    let untold = numbers.untold();
    json!({
        "status": report.status.word(),
        "replayed": report.replayed,
        "baseRevision": report.base_revision,
        "revision": report.revision,
        "digest": report.digest,
        "counts": {
            "received": counts.received + untold, "created": counts.created, "updated": counts.updated,
            "unchanged": counts.unchanged, "deleted": counts.deleted, "rejected": counts.rejected + untold,
        },
        "kinds": kinds(&report.changes),
        "changes": report.changes.iter().take(changes.unwrap_or(CHANGES)).map(change).collect::<Vec<_>>(),
        "rejectedLines": rejected(&report.rows, numbers),
        "warnings": report.warnings.iter().map(warning).collect::<Vec<_>>(),
        "problemCount": report.problems.len() as u64 + untold,
        "problems": report.problems.iter().take(PROBLEMS_MAX).map(problem).collect::<Vec<_>>(),
    })
}

/// How many records of each kind change, and how.
fn kinds(changes: &[Change]) -> Json {
    let mut kinds: BTreeMap<Kind, [u64; 3]> = BTreeMap::new();
    for change in changes {
        let [created, updated, deleted] = kinds.entry(change.kind).or_default();
        match (&change.before, &change.after) {
            (None, _) => *created += 1,
            (_, Some(_)) => *updated += 1,
            (_, None) => *deleted += 1,
        }
    }
    let each = kinds.iter().map(|(kind, [created, updated, deleted])| {
        json!({ "kind": kind.word(), "created": created, "updated": updated, "deleted": deleted })
    });
    each.collect()
}

fn change(change: &Change) -> Json {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let outcome = match (before, after) {
        (None, _) => RowOutcome::Created,
        (_, Some(_)) => RowOutcome::Updated,
        (_, None) => RowOutcome::Deleted,
    };
    let fields = differences(before.map(|node| &node.record), after.map(|node| &node.record)).into_iter();
    let fields = fields.map(|it| json!({ "field": it.path, "before": it.before, "after": it.after }));
    json!({
        "kind": change.kind.word(), "key": change.key.as_str(), "outcome": outcome.word(), "fields": fields.collect::<Json>(),
    })
}

/// The lines of all refused rows, as stretches from first to last.
fn rejected(rows: &[RowOutcome], numbers: &Numbers) -> Json {
    let mut all = numbers.left_out.clone();
    for (row, _) in rows.iter().enumerate().filter(|(_, outcome)| **outcome == RowOutcome::Rejected) {
        stretch(&mut all, numbers.line(row));
    }
    all.sort_unstable();
    let mut stretches: Vec<(usize, usize)> = Vec::with_capacity(all.len());
    for (first, last) in all {
        match stretches.last_mut() {
            Some((_, end)) if *end + 1 >= first => *end = last.max(*end),
            _ => stretches.push((first, last)),
        }
    }
    json!(stretches)
}

/// The line that a path leads to.
fn line(path: &[String]) -> Option<usize> {
    path.get(1)?.strip_prefix("line ")?.parse().ok()
}

fn problem(problem: &Problem) -> Json {
    json!({
        "code": problem.code.word(), "line": line(&problem.path), "path": problem.path, "message": problem.message,
        "hint": problem.hint, "candidates": problem.candidates, "otherLine": line(&problem.other),
    })
}

fn warning(warning: &Warning) -> Json {
    json!({
        "code": warning.code.word(), "line": line(&warning.path), "path": warning.path, "message": warning.message,
        "hint": warning.hint,
    })
}
