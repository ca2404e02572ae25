//! A history of JSON Lines (`boordtabel dump`) back into a data folder, as it was.

use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

use crate::commit::replay::Rewriting;
use crate::commit::{Commit, CommitError, Counts, Edit, PutMode, Source};
use crate::model::{Key, Kind, Problems, Tree};
use crate::register::Revision;

/// The newest form of the lines that is known.
const VERSION: u64 = 1;

/// Why a history does not load. There is no folder then.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// A line is not what it should be.
    #[error("line {line}: {what}")]
    Line {
        /// Which one, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// It ends before its end, or something in it was changed.
    #[error("{0}")]
    NotWhole(String),
    /// The file cannot be read.
    #[error("{0}")]
    Read(#[from] std::io::Error),
    /// The folder cannot be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

struct Lines<R> {
    source: R,
    hasher: blake3::Hasher,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    /// The next line with its text; none at the end.
    fn next(&mut self) -> Result<Option<(Value, String)>, DumpError> {
        let mut text = String::new();
        if self.source.read_line(&mut text)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let value = serde_json::from_str(&text).map_err(|cause| self.wrong(cause.to_string()))?;
        Ok(Some((value, text)))
    }

    fn wrong(&self, what: impl Into<String>) -> DumpError {
        DumpError::Line { line: self.number, what: what.into() }
    }

    fn number(&self, value: &Value, name: &str) -> Result<u64, DumpError> {
        value[name].as_u64().ok_or_else(|| self.wrong(format!("`{name}` is no whole number")))
    }

    fn text(&self, value: &Value, name: &str) -> Result<String, DumpError> {
        value[name].as_str().map(str::to_owned).ok_or_else(|| self.wrong(format!("`{name}` is no text")))
    }
}

/// Loads a history into a folder that must not be there yet or be empty, and gives its last revision and the register's digest.
///
/// # Errors
/// When it is not whole, does not read, or the folder cannot be written.
pub fn load(source: impl BufRead, to: &Path, mut told: impl FnMut(Revision)) -> Result<(Revision, String), DumpError> {
    let mut lines = Lines { source, hasher: blake3::Hasher::new(), number: 0 };
    let cut = || DumpError::NotWhole("it ends before its last line, `end`: a part of it is missing".into());
    let (first, text) = lines.next()?.ok_or_else(cut)?;
    match first["dump"].as_u64() {
        Some(VERSION) => lines.hasher.update(text.as_bytes()),
        Some(later) => return Err(lines.wrong(format!("the form {later} is of a later program"))),
        None => return Err(lines.wrong("this is no history that `boordtabel dump` wrote")),
    };
    let mut rewriting = Rewriting::begin(to)?;
    loop {
        let (line, text) = lines.next()?.ok_or_else(cut)?;
        if let Some(end) = line.get("end") {
            let (found, digest) = (lines.hasher.finalize().to_hex().to_string(), rewriting.digest());
            if lines.text(end, "lines")? != found || lines.text(end, "register")? != digest {
                return Err(DumpError::NotWhole(
                    "something in it was changed, or is missing: its digests differ".into(),
                ));
            }
            if lines.next()?.is_some() {
                return Err(lines.wrong("something follows the end"));
            }
            return Ok((rewriting.finish()?.revision, digest));
        }
        lines.hasher.update(text.as_bytes());
        let Some(head) = line.get("commit") else { return Err(lines.wrong("a commit, or the end, is expected")) };
        let commit = commit(&lines, head)?;
        let mut edits = Vec::new();
        for _ in 0..lines.number(head, "changes")? {
            let (line, text) = lines.next()?.ok_or_else(cut)?;
            lines.hasher.update(text.as_bytes());
            edits.push(edit(&lines, &line)?);
        }
        let revision = commit.revision;
        rewriting.commit(commit, edits)?;
        told(revision);
    }
}

fn commit<R: BufRead>(lines: &Lines<R>, head: &Value) -> Result<Commit, DumpError> {
    let counts = &head["counts"];
    let number = |name: &str| lines.number(counts, name);
    let idempotency = match &head["idempotency"] {
        Value::Null => None,
        of => {
            let body = blake3::Hash::from_hex(lines.text(of, "body")?).map_err(|_| lines.wrong("`body` is no hash"))?;
            Some((lines.text(of, "key")?, *body.as_bytes()))
        }
    };
    Ok(Commit {
        revision: lines.number(head, "revision")?,
        committed_at_ms: head["committedAtMs"].as_i64().ok_or_else(|| lines.wrong("`committedAtMs` is no instant"))?,
        author: lines.text(head, "author")?,
        reason: lines.text(head, "reason")?,
        counts: Counts {
            received: number("received")?,
            created: number("created")?,
            updated: number("updated")?,
            unchanged: number("unchanged")?,
            deleted: number("deleted")?,
            rejected: number("rejected")?,
        },
        idempotency,
        changes: Vec::new(),
    })
}

fn edit<R: BufRead>(lines: &Lines<R>, line: &Value) -> Result<Edit, DumpError> {
    if let Some(Value::Object(row)) = line.get("put") {
        let (name, fields) = row.iter().next().ok_or_else(|| lines.wrong("nothing is put"))?;
        let kind = Kind::ALL.iter().copied().find(|kind| kind.one() == name);
        let kind = kind.ok_or_else(|| lines.wrong(format!("`{name}` is no kind of record")))?;
        let mut problems = Problems::default();
        let record = kind.read(&tree(fields), &mut problems);
        return match (record, problems.into_vec().first()) {
            (Some(record), None) => Ok(Edit::Put { record, mode: PutMode::Restore, at: Source::default() }),
            (_, problem) => Err(lines.wrong(problem.map_or_else(|| format!("no {kind}"), ToString::to_string))),
        };
    }
    let Some(gone) = line.get("delete") else { return Err(lines.wrong("something put or deleted is expected")) };
    let kind = Kind::from_word(&lines.text(gone, "kind")?).ok_or_else(|| lines.wrong("there is no such kind"))?;
    let key = Key::parse(&lines.text(gone, "key")?).map_err(|what| lines.wrong(what))?;
    Ok(Edit::Delete { kind, key, at: Source::default() })
}

fn tree(value: &Value) -> Tree<'_> {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(*value),
        Value::Number(number) => Tree::Number(number.to_string().into()),
        Value::String(text) => Tree::Text(text.as_str().into()),
        Value::Array(items) => Tree::List(items.iter().map(tree).collect()),
        Value::Object(fields) => {
            Tree::Map(fields.iter().map(|(name, value)| (name.as_str().into(), tree(value))).collect())
        }
    }
}
