//! Names in other languages than the document's.

use crate::model::macros::{link_by_kind, record};
use crate::model::text::shortened;
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, ProblemCode};

vocabulary! {
    /// A kind of record that has a name in words.
    NamedKind {
        /// A public body.
        Organisation = "ORGANISATION",
        /// A printed document.
        Document = "DOCUMENT",
        /// A plan.
        Plan = "PLAN",
        /// A field of policy.
        PolicyField = "POLICY_FIELD",
        /// A chapter of a policy field.
        StructuralElement = "STRUCTURAL_ELEMENT",
        /// A strategic goal.
        StrategicGoal = "STRATEGIC_GOAL",
        /// An operational goal.
        OperationalGoal = "OPERATIONAL_GOAL",
        /// A project.
        Project = "PROJECT",
        /// A milestone.
        Milestone = "MILESTONE",
        /// A measure.
        Measure = "MEASURE",
        /// An indicator.
        Indicator = "INDICATOR",
        /// A norm.
        Norm = "NORM",
        /// A budget article.
        BudgetArticle = "BUDGET_ARTICLE",
        /// A budget line.
        BudgetLine = "BUDGET_LINE",
        /// An inspected process.
        InspectedProcess = "INSPECTED_PROCESS",
        /// A target for staff.
        StaffTarget = "STAFF_TARGET",
        /// A category that figures are broken down by.
        Category = "CATEGORY",
        /// A unit.
        MeasuringUnit = "MEASURING_UNIT",
    }
}

link_by_kind! {
    /// The key of a record of the kind that the translation names.
    NamedLink: NamedKind, said by "kind"
}

record! {
    /// The name of a record in another language, as a document prints it or as somebody translated it.
    Translation(|it| Key::of_parts(&it.record_key.0, &[&it.kind.word().to_lowercase().replace('_', "-"), &it.language]), check: |it, problems| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if it.language.is_empty() || it.language.len() > 35 || !it.language.chars().all(plain) {
            problems.within("language", |problems| {
                let message = format!("`{}` is no language", shortened(&it.language, 80));
                problems.push(ProblemCode::OutOfRange, message, "write a BCP 47 tag, such as `fr` or `fr-BE`");
            });
        }
    }) {
        /// The kind of the record.
        kind: NamedKind,
        /// The record.
        record_key: NamedLink => translations: "Its name in other languages.",
        /// Language as a BCP 47 tag, such as `fr` or `fr-BE`.
        language: String,
        /// The name.
        text: String,
        /// Who translated it, or where it is printed, in words.
        source: Option<String>,
    }
}
