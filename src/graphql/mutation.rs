//! Writes: the mutation root, its inputs, and how each becomes a submission to the commit path.

use std::borrow::Cow;

use async_graphql::Name;
use async_graphql::Value as Input;
use async_graphql::indexmap::IndexMap;

use crate::commit::access::{Identity, Role};
use crate::commit::{Atomicity, Edit, Ledger, PutMode, Report, RowOutcome, Scope, Source, Status, Submission};
use crate::graphql::definition::{
    ArgDef, Args, FieldDef, InputDef, MUTATION, ObjectDef, Of, Out, Resolve, Ty, Write, function, revision_of,
};
use crate::graphql::error::{ErrorCode, FieldError};
use crate::graphql::history::{change, counts, object};
use crate::graphql::plans;
use crate::graphql::types::Found;
use crate::import::draft::{ImportMode, edit};
use crate::model::milestone::MilestoneStatus;
use crate::model::{
    CompositeInfo, Edition, Figure, FigureStatus, Key, Kind, Link, Observation, Period, Problem, ProblemCode, Problems,
    Record, Tree, Type, Value,
};
use crate::register::Register;

type Fields = IndexMap<Name, Input>;

/// A value on its way in as the import reads it.
fn tree(value: Input) -> Tree<'static> {
    match value {
        Input::Null | Input::Binary(_) => Tree::Null,
        Input::Boolean(value) => Tree::Bool(value),
        Input::Number(number) => Tree::Number(Cow::Owned(number.to_string())),
        Input::String(text) => Tree::Text(Cow::Owned(text)),
        Input::Enum(word) => Tree::Text(Cow::Owned(word.to_string())),
        Input::List(items) => Tree::List(items.into_iter().map(tree).collect()),
        Input::Object(fields) => {
            Tree::Map(fields.into_iter().map(|(name, value)| (Cow::Owned(name.to_string()), tree(value))).collect())
        }
    }
}

/// The argument `input`.
pub fn input(args: &Args) -> Fields {
    match args.get("input") {
        Some(Input::Object(fields)) => fields.clone(),
        _ => Fields::new(),
    }
}

/// A text, or a word, of an input.
pub fn text(fields: &Fields, name: &str) -> Option<String> {
    match fields.get(name) {
        Some(Input::String(text)) => Some(text.clone()),
        Some(Input::Enum(word)) => Some(word.to_string()),
        _ => None,
    }
}

/// What all writes have in common.
pub fn submission(identity: &Identity, needs: Role, what: &str, fields: &Fields, edits: Vec<Edit>) -> Submission {
    let mut hasher = blake3::Hasher::new();
    hasher.update(what.as_bytes());
    let hashed = fields.iter().filter(|(name, _)| *name != "idempotencyKey").collect::<Vec<_>>();
    serde_json::to_writer(&mut hasher, &hashed).expect("a hasher takes everything");
    Submission {
        dry_run: fields.get("dryRun") == Some(&Input::Boolean(true)),
        expect_revision: fields.get("expectRevision").and_then(revision_of),
        expect_digest: text(fields, "expectDigest"),
        idempotency: text(fields, "idempotencyKey").map(|key| (key, *hasher.finalize().as_bytes())),
        ..Submission::new(identity.clone(), needs, text(fields, "reason").unwrap_or_default(), edits)
    }
}

fn import_rows(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let mut fields = input(args);
    let rows = match fields.get_mut("rows") {
        Some(Input::List(rows)) => rows,
        _ => &mut Vec::new(),
    };
    let mode = ["mode"].into_iter().find_map(|name| args_word(args, name)).unwrap_or(ImportMode::Upsert);
    let trees: Vec<Tree<'static>> = rows.iter().cloned().map(tree).collect();
    let edits = trees.iter().enumerate().map(|(row, tree)| edit(tree, mode, vec!["rows".into(), row.to_string()]));
    let mut submission = submission(identity, Role::Import, "importRows", &fields, edits.collect());
    if fields.get("atomicity") == Some(&Input::Enum(Name::new(Atomicity::GoodRows.word()))) {
        submission.atomicity = Atomicity::GoodRows;
    }
    submission.scope = match (mode, fields.get("scope")) {
        (ImportMode::ReplaceScope, Some(Input::Object(scope))) => Some(read_scope(scope)?),
        (ImportMode::ReplaceScope, _) => {
            return Err(FieldError::input(
                "the mode REPLACE_SCOPE has no `scope`",
                "say which kinds are replaced, and within what",
            ));
        }
        (_, Some(Input::Object(_))) => {
            return Err(FieldError::input(
                "`scope` is given without the mode REPLACE_SCOPE",
                "set the mode, or leave it out",
            ));
        }
        _ => None,
    };
    Ok(submission)
}

fn args_word(args: &Args, name: &str) -> Option<ImportMode> {
    let Some(Input::Object(fields)) = args.get("input") else { return None };
    ImportMode::from_word(&text(fields, name)?)
}

fn read_scope(fields: &Fields) -> Result<Scope, FieldError> {
    let kinds = match fields.get("kinds") {
        Some(Input::List(words)) => words.iter().filter_map(kind_of).collect(),
        _ => Vec::new(),
    };
    let within = match fields.get("within") {
        Some(Input::Object(record)) => Some(read_target(record)?),
        _ => None,
    };
    Ok(Scope { kinds, within })
}

fn kind_of(word: &Input) -> Option<Kind> {
    match word {
        Input::Enum(word) => Kind::from_word(word),
        _ => None,
    }
}

fn read_target(fields: &Fields) -> Result<(Kind, Key), FieldError> {
    let key = read_key(fields, "key")?;
    let kind = fields.get("kind").and_then(kind_of);
    kind.map(|kind| (kind, key)).ok_or_else(|| FieldError::input("`kind` is no kind", "use a word of `Kind`"))
}

/// A key of an input.
///
/// # Errors
/// When it is none.
pub fn read_key(fields: &Fields, name: &str) -> Result<Key, FieldError> {
    let key = text(fields, name).unwrap_or_default();
    Key::parse(&key).map_err(|reason| FieldError::input(format!("`{key}` is no key: {reason}"), "correct it"))
}

fn delete_records(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let Some(Input::List(records)) = fields.get("records") else {
        return Err(FieldError::input("`records` is no list", "name the records"));
    };
    let edits = records.iter().enumerate().map(|(row, record)| {
        let Input::Object(record) = record else {
            return Err(FieldError::input("a record is no object", "give kind and key"));
        };
        let (kind, key) = read_target(record)?;
        Ok(Edit::Delete { kind, key, at: Source(vec!["records".into(), row.to_string()]) })
    });
    let edits = edits.collect::<Result<_, _>>()?;
    Ok(submission(identity, Role::Import, "deleteRecords", &fields, edits))
}

/// An edit made from what the register has: refused, and made again, when the register moves on in between.
pub fn amended(register: &Register, submission: Submission) -> Submission {
    Submission { made_on: Some(register.revision()), ..submission }
}

fn broken(path: &[&str], code: ProblemCode, message: String, hint: &str) -> Edit {
    let mut problems = Problems::default();
    problems.enter(&path.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>());
    problems.push(code, message, hint);
    Edit::Broken { target: None, problems: problems.into_vec() }
}

fn set_milestone_status(ledger: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let register = ledger.register();
    let key = read_key(&fields, "milestoneKey")?;
    let edit = match register.get(Kind::Milestone, &key).map(|node| &node.record) {
        Some(Record::Milestone(milestone)) => {
            let mut milestone = milestone.clone();
            milestone.status = text(&fields, "status").and_then(|word| MilestoneStatus::from_word(&word));
            // What was printed says the old status, and stays in the history.
            milestone.outcome = None;
            milestone.footnote = text(&fields, "note");
            Edit::Put {
                record: Record::Milestone(milestone),
                mode: PutMode::Update,
                at: Source(vec!["milestoneKey".into()]),
            }
        }
        _ => broken(
            &["milestoneKey"],
            ProblemCode::NotFound,
            format!("there is no Milestone `{key}`"),
            "take the key of a milestone from an answer",
        ),
    };
    Ok(amended(&register, submission(identity, Role::Edit, "setMilestoneStatus", &fields, vec![edit])))
}

fn record_observation(ledger: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let register = ledger.register();
    let key = read_key(&fields, "indicatorKey")?;
    let edit = match register.get(Kind::Indicator, &key).map(|node| &node.record) {
        Some(Record::Indicator(indicator)) => {
            let mut problems = Problems::default();
            let period = problems.within("period", |problems| {
                Period::read(&tree(fields.get("period").cloned().unwrap_or_default()), problems)
            });
            let value = match fields.get("value").filter(|value| **value != Input::Null) {
                Some(value) => problems.within("value", |problems| Value::read(&tree(value.clone()), problems)),
                None => Some(None),
            };
            match (period, value) {
                (Some(period), Some(value)) => {
                    let default = if value.is_some() { FigureStatus::Reported } else { FigureStatus::NotReported };
                    let status =
                        text(&fields, "status").and_then(|word| FigureStatus::from_word(&word)).unwrap_or(default);
                    let figure = Figure { value, status, unit: indicator.unit, printed: None };
                    let observation = Observation {
                        indicator_key: Link::new(key.clone()),
                        period,
                        figure,
                        change: None,
                        change_from: None,
                    };
                    checked(observation.into())
                }
                _ => Edit::Broken { target: None, problems: problems.into_vec() },
            }
        }
        _ => broken(
            &["indicatorKey"],
            ProblemCode::NotFound,
            format!("there is no Indicator `{key}`"),
            "take the key of an indicator from an answer, or import the indicator first",
        ),
    };
    Ok(amended(&register, submission(identity, Role::Edit, "recordObservation", &fields, vec![edit])))
}

/// A record made here, checked as if it had come as a row.
pub fn checked(record: Record) -> Edit {
    let mut problems = Problems::default();
    record.check_all(&mut problems);
    if problems.is_empty() { Edit::put(record) } else { Edit::Broken { target: None, problems: problems.into_vec() } }
}

fn tag_edition(ledger: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let register = ledger.register();
    let key = read_key(&fields, "name")?;
    let revision = fields.get("revision").and_then(revision_of).unwrap_or(register.revision());
    let known = (1..=register.revision()).contains(&revision);
    let edit = match i32::try_from(revision) {
        Ok(tagged_revision) if known => {
            let title = text(&fields, "title").unwrap_or_else(|| key.to_string());
            let edition: Record = Edition { key: key.clone(), title, tagged_revision }.into();
            let same = register.get(Kind::Edition, &key).is_some_and(|node| node.record == edition);
            // An edition, once named, stays what it is: others have cited it.
            let mode = if same { PutMode::Upsert } else { PutMode::Create };
            Edit::Put { record: edition, mode, at: Source(vec!["name".into()]) }
        }
        _ => broken(
            &["revision"],
            ProblemCode::OutOfRange,
            format!("there is no revision {revision}; the register is at {}", register.revision()),
            "name a revision from 1 on",
        ),
    };
    Ok(amended(&register, submission(identity, Role::Admin, "tagEdition", &fields, vec![edit])))
}

fn revert_revision(ledger: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let register = ledger.register();
    let revision = fields.get("revision").and_then(revision_of).unwrap_or_default();
    let commit = ledger.commit(revision).map_err(from_commit)?;
    let edits = match commit {
        None => vec![broken(
            &["revision"],
            ProblemCode::NotFound,
            format!("there is no revision {revision}; the register is at {}", register.revision()),
            "name a revision from 1 on",
        )],
        Some(commit) => commit.changes.iter().map(|change| undo(&register, change, revision)).collect(),
    };
    Ok(amended(&register, submission(identity, Role::Admin, "revertRevision", &fields, edits)))
}

/// Undoes a change, unless the record was changed again since.
fn undo(register: &Register, change: &crate::register::Change, revision: u64) -> Edit {
    let now = register.get(change.kind, &change.key);
    let untouched = match (&change.after, now) {
        (Some(_), Some(now)) => now.revision == revision,
        (None, None) => true,
        _ => false,
    };
    if !untouched {
        let by = now.map_or("deleted".to_owned(), |now| format!("written by revision {}", now.revision));
        let message = format!("{} `{}` was changed since: it is {by}", change.kind, change.key);
        return broken(
            &["revision"],
            ProblemCode::ChangedSince,
            message,
            "undo the later revision first, or correct the record by hand",
        );
    }
    match &change.before {
        Some(before) => Edit::put(before.record.clone()),
        None => Edit::Delete { kind: change.kind, key: change.key.clone(), at: Source(vec!["revision".into()]) },
    }
}

/// A refusal of the commit path as an error of the field.
pub fn from_commit(error: crate::commit::CommitError) -> FieldError {
    use crate::commit::CommitError;
    let code = match &error {
        CommitError::Forbidden { .. } => ErrorCode::Forbidden,
        _ => {
            tracing::error!(reason = %error, "a write failed");
            ErrorCode::Unavailable
        }
    };
    FieldError::new(code, error.to_string(), error.hint())
}

/// Does a write. One that was made from a register that has moved on is made again.
///
/// # Errors
/// When the identity may not, the arguments make no sense, or the disk refuses.
pub fn perform(
    write: Write,
    ledger: &Ledger,
    args: &Args,
    identity: &Identity,
    now_ms: i64,
) -> Result<Report, FieldError> {
    loop {
        let submission = write(ledger, args, identity)?;
        match ledger.submit(submission, now_ms) {
            Err(crate::commit::CommitError::Stale) => {}
            other => return other.map_err(from_commit),
        }
    }
}

fn problem<'r>(register: &'r Register, problem: &Problem) -> Out<'r> {
    let text = |text: &str| Out::Text(text.to_owned().into());
    let texts = |texts: &[String]| Out::List(texts.iter().map(|it| text(it)).collect());
    let row = match problem.path.first().map(String::as_str) {
        Some("rows" | "records") => problem.path.get(1).and_then(|row| row.parse().ok()).map_or(Out::Null, Out::Int),
        _ => Out::Null,
    };
    let values = vec![
        text(problem.code.word()),
        row,
        texts(&problem.path),
        text(&problem.message),
        text(&problem.hint),
        texts(&problem.candidates),
    ];
    object(register, values)
}

/// A field of what a write came to.
fn of_report(
    name: &'static str,
    ty: Ty,
    doc: &str,
    get: for<'r> fn(&'r Register, &'r Report, &Args) -> Out<'r>,
) -> FieldDef {
    let resolve = function(move |_, object, args| match &object.of {
        Of::Report(report) => Ok(get(object.register, report, args)),
        _ => Ok(Out::Null),
    });
    FieldDef::new(name, ty, doc, resolve)
}

fn payload() -> ObjectDef {
    let first = ArgDef {
        default: Some(Input::from(100)),
        ..ArgDef::new("first", Ty::required("Int"), "How many to show at most; `counts` counts them all.")
    };
    ObjectDef {
        name: "WritePayload".into(),
        doc: "What a write came to.".into(),
        is_node: false,
        fields: vec![
            of_report("status", Ty::required("Status"), "What became of it.", |_, report, _| {
                Out::Text(report.status.word().into())
            }),
            of_report(
                "replayed",
                Ty::required("Boolean"),
                "Whether this is the answer to an earlier request with the same idempotency key, which was not done again.",
                |_, report, _| Out::Bool(report.replayed),
            ),
            of_report(
                "baseRevision",
                Ty::required("Revision"),
                "The revision that it was checked against.",
                |_, report, _| Out::Revision(report.base_revision),
            ),
            of_report(
                "revision",
                Ty::required("Revision"),
                "The revision afterwards; the same when nothing was committed.",
                |_, report, _| Out::Revision(report.revision),
            ),
            of_report(
                "digest",
                Ty::required("String"),
                "Names the base revision and all effects. Give it as `expectDigest` to commit exactly what a dry run told.",
                |_, report, _| Out::Text(report.digest.as_str().into()),
            ),
            of_report("counts", Ty::required("Counts"), "How many rows came to what.", |register, report, _| {
                counts(register, &report.counts)
            }),
            of_report(
                "rows",
                Ty::list("RowOutcome"),
                "What became of each row, in the order sent; empty when replayed.",
                |_, report, _| Out::List(report.rows.iter().map(|row| Out::Text(row.word().into())).collect()),
            ),
            of_report(
                "changes",
                Ty::list("Change"),
                "What changes, or would, record by record, with the fields before and after.",
                |register, report, args| {
                    let first = usize::try_from(args.int("first").unwrap_or_default()).unwrap_or_default();
                    Out::List(report.changes.iter().take(first).map(|it| change(register, it)).collect())
                },
            )
            .with_args(vec![first]),
            of_report(
                "problems",
                Ty::list("Problem"),
                "Everything that is wrong with every row.",
                |register, report, _| Out::List(report.problems.iter().map(|it| problem(register, it)).collect()),
            ),
        ],
    }
}

/// The mutation root.
pub fn mutation() -> ObjectDef {
    let write = |name: &'static str, input: &'static str, doc: &str, write: Write| {
        FieldDef::new(name, Ty::required("WritePayload"), doc, Resolve::Effect(write)).with_args(vec![ArgDef::new(
            "input",
            Ty::required(input),
            "What to write.",
        )])
    };
    ObjectDef {
        name: MUTATION.into(),
        doc: "What can be written. Each field is one commit, all or nothing; several fields of one request are separate commits, in their order. \
              Needs a token: `Authorization: Bearer …`."
            .into(),
        is_node: false,
        fields: vec![
            write("importRows", "ImportRowsInput", "Writes rows of any kinds, in any order, that refer to each other and to what is there. Role IMPORT.", import_rows),
            write("deleteRecords", "DeleteRecordsInput", "Deletes records that nobody refers to any more. Role IMPORT.", delete_records),
            write("setMilestoneStatus", "SetMilestoneStatusInput", "Says how a milestone stands now. What was printed before stays in its history. Role EDIT.", set_milestone_status),
            write("recordObservation", "RecordObservationInput", "Records the value of an indicator in a period, in place of the one that is there. Role EDIT.", record_observation),
            write("tagEdition", "TagEditionInput", "Names a state of the register, for `at(asOf: {edition: …})`. A name, once given, stays. Role ADMIN.", tag_edition),
            write("rollOver", "RollOverInput", plans::ROLL_OVER_DOC, plans::roll_over_write),
            write("revertRevision", "RevertRevisionInput", "Undoes a commit by a new one. Refused where a record was changed again since. Role ADMIN.", revert_revision),
        ],
    }
}

/// The objects of writes.
pub fn objects() -> Vec<ObjectDef> {
    let field = |name: &'static str, ty, doc: &str, index| FieldDef::new(name, ty, doc, Resolve::Value(index));
    let strings = || Ty::list("String");
    vec![
        mutation(),
        payload(),
        ObjectDef {
            name: "Problem".into(),
            doc: "One thing that is wrong with the data.".into(),
            is_node: false,
            fields: vec![
                field("code", Ty::required("ProblemCode"), "What kind of problem.", 0),
                field("row", Ty::named("Int"), "Index of the row, from 0; null when it is not about one row.", 1),
                field("path", strings(), "Where, step by step.", 2),
                field("message", Ty::required("String"), "One sentence that names the offending value.", 3),
                field("hint", Ty::required("String"), "What to do.", 4),
                field("candidates", strings(), "Near values that exist, nearest first.", 5),
            ],
        },
    ]
}

/// An input field.
pub fn arg(name: &'static str, ty: Ty, doc: &str) -> ArgDef {
    ArgDef::new(name, ty, doc)
}

/// What every write takes besides its own fields.
pub fn common(mut fields: Vec<ArgDef>) -> Vec<ArgDef> {
    fields.extend([
        arg("reason", Ty::required("String"), "Why: stands in the history."),
        arg(
            "idempotencyKey",
            Ty::required("String"),
            "A key of the client's choice for this request. The same key with the same input gives the first answer again and does nothing; \
             with another input it is refused. Answers that refuse do not use the key up.",
        ),
        ArgDef { default: Some(Input::Boolean(false)), ..arg("dryRun", Ty::required("Boolean"), "Only say what would happen.") },
        arg("expectRevision", Ty::named("Revision"), "Refuse unless the register is at this revision: guards against lost updates."),
        arg("expectDigest", Ty::named("String"), "Refuse unless the outcome has this digest, from a dry run."),
    ]);
    fields
}

/// The inputs of writes, and their rows, which follow from the model.
pub fn inputs(found: &mut Found) -> Vec<(Cow<'static, str>, InputDef)> {
    let plain = |doc: &str, fields| InputDef { doc: doc.into(), raw: false, one_of: false, fields };
    found.enums([&ImportMode::VOCABULARY, &Atomicity::VOCABULARY, &RowOutcome::VOCABULARY, &Status::VOCABULARY]);
    found.enums([&ProblemCode::VOCABULARY, &MilestoneStatus::VOCABULARY, Kind::vocabulary()]);
    let default = |word: &str| Some(Input::Enum(Name::new(word)));
    let mut inputs: Vec<(Cow<'static, str>, InputDef)> = vec![
        (
            "AsOf".into(),
            InputDef {
                doc: "A state of the register, named in one of three ways.".into(),
                raw: false,
                one_of: true,
                fields: vec![
                    arg("revision", Ty::named("Revision"), "By its revision; 0 is the empty register."),
                    arg("instant", Ty::named("DateTime"), "The state at that instant."),
                    arg("edition", Ty::named("String"), "By the key of an edition."),
                ],
            },
        ),
        (
            "RecordKey".into(),
            plain(
                "Names a record.",
                vec![
                    arg("kind", Ty::required("Kind"), "Its kind."),
                    arg("key", Ty::required("String"), "Its natural key."),
                ],
            ),
        ),
        (
            "ScopeInput".into(),
            plain(
                "A part of the register that an import replaces.",
                vec![
                    arg("kinds", Ty::list("Kind"), "The kinds of record that are replaced."),
                    arg(
                        "within",
                        Ty::named("RecordKey"),
                        "Only those that refer to this record, directly or through others; all when it is absent.",
                    ),
                ],
            ),
        ),
        (
            "ImportRowsInput".into(),
            plain(
                "Rows to import.",
                common(vec![
                    arg("rows", Ty::list("ImportRow"), "The rows, in any order."),
                    ArgDef {
                        default: default(ImportMode::Upsert.word()),
                        ..arg("mode", Ty::required("ImportMode"), "What to do with them.")
                    },
                    arg("scope", Ty::named("ScopeInput"), "What the mode REPLACE_SCOPE replaces."),
                    ArgDef {
                        default: default(Atomicity::All.word()),
                        ..arg(
                            "atomicity",
                            Ty::required("Atomicity"),
                            "What becomes of the good rows when others are bad.",
                        )
                    },
                ]),
            ),
        ),
        (
            "DeleteRecordsInput".into(),
            plain("Records to delete.", common(vec![arg("records", Ty::list("RecordKey"), "The records.")])),
        ),
        (
            "SetMilestoneStatusInput".into(),
            plain(
                "How a milestone stands.",
                common(vec![
                    arg("milestoneKey", Ty::required("String"), "The milestone."),
                    arg("status", Ty::named("MilestoneStatus"), "How it stands; null when nobody knows."),
                    arg("note", Ty::named("String"), "A remark, kept as its footnote."),
                ]),
            ),
        ),
        (
            "RecordObservationInput".into(),
            plain(
                "A value of an indicator.",
                common(vec![
                    arg("indicatorKey", Ty::required("String"), "The indicator; the value counts in its unit."),
                    arg("period", Ty::required("String"), "The period, such as `2021` or `2021-Q1`."),
                    arg("value", Ty::named("Decimal"), "The value; null when there is none."),
                    arg(
                        "status",
                        Ty::named("FigureStatus"),
                        "Why there is none; REPORTED when there is a value, else NOT_REPORTED.",
                    ),
                ]),
            ),
        ),
        (
            "TagEditionInput".into(),
            plain(
                "A name for a state.",
                common(vec![
                    arg("name", Ty::required("String"), "The name: the edition's key."),
                    arg("title", Ty::named("String"), "The name in full."),
                    arg(
                        "revision",
                        Ty::named("Revision"),
                        "The revision that it names; the current one when it is absent.",
                    ),
                ]),
            ),
        ),
        ("RollOverInput".into(), plans::roll_over_input()),
        (
            "RevertRevisionInput".into(),
            plain(
                "A commit to undo.",
                common(vec![arg("revision", Ty::required("Revision"), "The revision that it made.")]),
            ),
        ),
    ];
    let mut composites: Vec<&'static CompositeInfo> = Vec::new();
    let mut row_fields = Vec::new();
    for &kind in Kind::ALL {
        let name = format!("{}Row", kind.name());
        let fields = fields_of(kind.info(), found, &mut composites);
        let doc = format!("{} As a row: the whole record.", kind.info().doc.trim());
        inputs.push((name.clone().into(), InputDef { doc, raw: true, one_of: false, fields }));
        row_fields.push(arg(kind.one(), Ty::named(name), &format!("A record of kind {}.", kind.name())));
    }
    let mut next = 0;
    while let Some(info) = composites.get(next).copied() {
        next += 1;
        let fields = fields_of(info, found, &mut composites);
        let name = format!("{}Input", info.name);
        inputs.push((name.into(), InputDef { doc: info.doc.trim().into(), raw: true, one_of: false, fields }));
    }
    let doc = "A row of an import: one record, whole, named after its kind. Values that do not fit come back as problems, with the row and path of each.";
    inputs.push(("ImportRow".into(), InputDef { doc: doc.into(), raw: true, one_of: true, fields: row_fields }));
    inputs
}

fn fields_of(
    info: &'static CompositeInfo,
    found: &mut Found,
    composites: &mut Vec<&'static CompositeInfo>,
) -> Vec<ArgDef> {
    let fields = info.fields.iter();
    fields
        .map(|field| ArgDef::new(field.name.as_str(), input_ty(&field.ty, found, composites), field.doc.trim()))
        .collect()
}

fn input_ty(ty: &Type, found: &mut Found, composites: &mut Vec<&'static CompositeInfo>) -> Ty {
    match ty {
        Type::Text | Type::Key | Type::Link(_) | Type::LinkByKind(_) | Type::Period => Ty::required("String"),
        Type::Int => Ty::required("Int"),
        Type::Boolean => Ty::required("Boolean"),
        Type::Decimal => Ty::required("Decimal"),
        Type::Date => Ty::required("Date"),
        Type::Enum(vocabulary) => {
            found.enums([vocabulary]);
            Ty::required(vocabulary.name)
        }
        Type::Composite(info) => {
            let info = info();
            if !composites.iter().any(|known| known.name == info.name) {
                composites.push(info);
            }
            Ty::required(format!("{}Input", info.name))
        }
        Type::Optional(inner) => match input_ty(inner, found, composites) {
            Ty::NonNull(inner) => *inner,
            other => other,
        },
        Type::List(inner) => Ty::List(Box::new(input_ty(inner, found, composites))),
    }
}
