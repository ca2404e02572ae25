//! Names, and other texts, in other languages than the document's.

use crate::model::macros::{link_by_kind, record};
use crate::model::problem::nearest;
use crate::model::text::shortened;
use crate::model::value::FieldInfo;
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Kind, ProblemCode, Problems, Type, key};

vocabulary! {
    /// A kind of record that has texts in words.
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
        /// The result of a norm.
        NormResult = "NORM_RESULT",
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
    /// The name of a record in another language, or another text of it, as a document prints it or as somebody translated it.
    Translation(|it| it.own_key(), check: |it, problems| {
        it.check_field(problems);
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
        /// The name, or the other text, in that language.
        text: String,
        /// Who translated it, or where it is printed, in words.
        source: Option<String>,
        /// Which text of the record it is, by the name of its field, such as `method`; null for the name. It is part of the key.
        field: Option<String>,
    }
}

impl Translation {
    fn own_key(&self) -> Key {
        let kind = self.kind.word().to_lowercase().replace('_', "-");
        match &self.field {
            None => Key::of_parts(&self.record_key.0, &[&kind, &self.language]),
            // No language begins with a plus.
            Some(field) => {
                Key::of_parts(&self.record_key.0, &[&kind, &self.language, &format!("+{}", key::mark(field))])
            }
        }
    }

    /// A field that is translated is a text of that kind of record.
    fn check_field(&self, problems: &mut Problems) {
        let kind = Kind::from_word(self.kind.word()).expect("a test sees that each is a kind of record");
        let is_text = |field: &&FieldInfo| match &field.ty {
            Type::Text => true,
            Type::Optional(inner) => matches!(**inner, Type::Text),
            _ => false,
        };
        let texts = || kind.info().fields.iter().filter(is_text).map(|field| field.name.as_str());
        let (wrong, message) = match &self.field {
            Some(field) if !texts().any(|text| text == field) => {
                (field.as_str(), format!("`{}` is no text of {kind}", shortened(field, 80)))
            }
            None if kind.name_field().is_none() => ("", format!("{kind} has no name")),
            _ => return,
        };
        problems.within("field", |problems| {
            let hint = format!("name one of {}", texts().collect::<Vec<_>>().join(", "));
            problems.push_near(ProblemCode::UnknownValue, message, hint, nearest(wrong, texts()));
        });
    }
}
