//! What writes look like: the mutation root, what each takes and what each answers.

use std::borrow::Cow;

use async_graphql::{Name, Value as Input};

use super::by_hand::{close_round, record_risk, report_progress};
use super::input::{arg, common};
use super::payload::{ProblemObject, WarningObject, payload};
use super::rename::{self, merge_records, rename_record};
use super::roll_over::{ROLL_OVER_DOC, roll_over_input, roll_over_write};
use super::waive::{WAIVE_DOC, waive, waive_input};
use super::writes::{
    delete_records, import_rows, record_observation, revert_revision, set_milestone_status, tag_edition,
};
use crate::commit::{Atomicity, RowOutcome, Status};
use crate::graphql::core::collector::TypeCollector;
use crate::graphql::core::definition::{ArgDef, FieldDef, InputDef, MUTATION, ObjectDef, Resolve, Ty, Write};
use crate::import::edit::ImportMode;
use crate::model::milestone::MilestoneStatus;
use crate::model::naming;
use crate::model::problem::WarningCode;
use crate::model::{CompositeInfo, Kind, ProblemCode, Type};

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
            write("renameRecord", "RenameRecordInput", rename::RENAME_DOC, rename_record),
            write("mergeRecords", "MergeRecordsInput", rename::MERGE_DOC, merge_records),
            write("setMilestoneStatus", "SetMilestoneStatusInput", "Says how a milestone stands now. What was printed before stays in its history. Role EDIT.", set_milestone_status),
            write("recordObservation", "RecordObservationInput", "Records the value of an indicator in a period, in place of the one that is there. Role EDIT.", record_observation),
            write("reportProgress", "ReportProgressInput", "Says in a round of reporting how a goal, a project, a milestone or a measure goes, in place of what was said of it in that round. Role EDIT.", report_progress),
            write("recordRisk", "RecordRiskInput", "Records a risk, in place of the one of that key. Role EDIT.", record_risk),
            write("closeRound", "CloseRoundInput", "Closes a round of reporting as an edition of the register as it is. Role ADMIN.", close_round),
            write("tagEdition", "TagEditionInput", "Names a state of the register, for `at(asOf: {edition: …})`. A name, once given, stays. Role ADMIN.", tag_edition),
            write("revertRevision", "RevertRevisionInput", "Undoes a commit by a new one: a record that holds what the commit left becomes what it was before, one that is that already stays. Refused where a record holds anything else by now. Role ADMIN.", revert_revision),
            write("waiveDiscrepancy", "WaiveDiscrepancyInput", WAIVE_DOC, waive),
            write("rollOver", "RollOverInput", ROLL_OVER_DOC, roll_over_write),
        ],
    }
}

/// The objects of writes.
pub fn objects() -> Vec<ObjectDef> {
    vec![mutation(), payload(), ProblemObject::definition(), WarningObject::definition()]
}

/// The inputs of writes, and their rows, which follow from the model.
pub fn inputs(found: &mut TypeCollector) -> Vec<(Cow<'static, str>, InputDef)> {
    let plain = |doc: &str, fields| InputDef { doc: doc.into(), raw: false, one_of: false, fields };
    found.enums([&ImportMode::VOCABULARY, &Atomicity::VOCABULARY, &RowOutcome::VOCABULARY, &Status::VOCABULARY]);
    found.enums([&ProblemCode::VOCABULARY, &WarningCode::VOCABULARY, &MilestoneStatus::VOCABULARY, Kind::vocabulary()]);
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
                    arg(
                        "kinds",
                        Ty::list("Kind"),
                        "The kinds of record that are replaced. A row outside of the scope is refused.",
                    ),
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
                        default: Some(Input::Boolean(false)),
                        ..arg(
                            "allowMoves",
                            Ty::required("Boolean"),
                            "Whether records may go over to another plan or body. A key that another body uses already is refused otherwise.",
                        )
                    },
                    arg(
                        "organisationKey",
                        Ty::named("String"),
                        "The body whose rows they are, where they do not say it themselves: bare keys get its namespace. A key that begins with \
                         a colon has none.",
                    ),
                    arg(
                        "expectDeletes",
                        Ty::named("Int"),
                        "Refuse unless so many records are deleted. A scope that would lose more than a thousand records and more than a tenth \
                         of them is refused unless this says so.",
                    ),
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
                    arg(
                        "status",
                        Ty::named("MilestoneStatus"),
                        "How it stands; null when nobody knows, or when `statusWord` says it.",
                    ),
                    arg("statusWord", Ty::named("String"), "How it stands, in a word of the document's own."),
                    arg(
                        "commonStatus",
                        Ty::named("CommonStatus"),
                        "What that word means, in words that all bodies share.",
                    ),
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
                    arg(
                        "categoryKeys",
                        Ty::List(Box::new(Ty::required("String"))),
                        "The categories that it is of, where it is a part of a breakdown.",
                    ),
                    arg("state", Ty::named("ValueState"), "How final it is; FINAL when it is absent."),
                    arg("yearToDate", Ty::named("Boolean"), "Whether it counts from the beginning of the year."),
                    arg("explanation", Ty::named("String"), "What explains it."),
                    arg("delivered", Ty::named("Date"), "The day on which it was delivered."),
                ]),
            ),
        ),
        (
            "ReportProgressInput".into(),
            plain(
                "How something goes.",
                common(vec![arg("progressReport", Ty::required("ProgressReportRow"), "What is said of it.")]),
            ),
        ),
        ("RecordRiskInput".into(), plain("A risk.", common(vec![arg("risk", Ty::required("RiskRow"), "The risk.")]))),
        (
            "CloseRoundInput".into(),
            plain(
                "A round to close.",
                common(vec![
                    arg("roundKey", Ty::required("String"), "The round."),
                    arg("edition", Ty::required("String"), "The name of the edition: its key."),
                    arg("title", Ty::named("String"), "The name in full; that of the round when it is absent."),
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
        ("RenameRecordInput".into(), rename::rename_input()),
        ("MergeRecordsInput".into(), rename::merge_input()),
        ("RollOverInput".into(), roll_over_input()),
        ("WaiveDiscrepancyInput".into(), waive_input()),
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
    found: &mut TypeCollector,
    composites: &mut Vec<&'static CompositeInfo>,
) -> Vec<ArgDef> {
    let own = naming::own_key(info);
    let fields = info.fields.iter();
    fields
        .map(|field| {
            let is_own = own == Some(field.name.as_str());
            let ty = match input_ty(&field.ty, found, composites) {
                Ty::NonNull(inner) if !field.is_required() || is_own => *inner,
                ty => ty,
            };
            let doc = match field.deprecated {
                Some(reason) => format!("{} Deprecated: {reason}", field.doc.trim()),
                None if is_own => {
                    let made = "When it is absent, it is made of what the row refers to first and of its name.";
                    format!("{} {made}", field.doc.trim())
                }
                None => field.doc.trim().to_owned(),
            };
            ArgDef::new(field.name.as_str(), ty, doc)
        })
        .collect()
}

fn input_ty(ty: &Type, found: &mut TypeCollector, composites: &mut Vec<&'static CompositeInfo>) -> Ty {
    match ty {
        Type::Text | Type::Key | Type::Link(_) | Type::LinkByKind(..) | Type::Period => Ty::required("String"),
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
