//! Links between records as data: what the goal tree by itself does not say.

use crate::model::key::KEY_BYTES_MAX;
use crate::model::lineage::CarriedKind;
use crate::model::macros::{link_by_kind, record};
use crate::model::source::Citation;
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Kind, ProblemCode, Problems};

vocabulary! {
    /// A kind of record that links lead from and to.
    LinkedKind {
        /// A public body.
        Organisation = "ORGANISATION",
        /// A plan.
        Plan = "PLAN",
        /// A field of policy (*beleidsveld*).
        PolicyField = "POLICY_FIELD",
        /// A chapter of a policy field (*inhoudelijk structuurelement*).
        StructuralElement = "STRUCTURAL_ELEMENT",
        /// A strategic goal (*strategische doelstelling*).
        StrategicGoal = "STRATEGIC_GOAL",
        /// An operational goal (*operationele doelstelling*).
        OperationalGoal = "OPERATIONAL_GOAL",
        /// A project (*beleidsproject, organisatieproject*).
        Project = "PROJECT",
        /// A milestone (*mijlpaal*).
        Milestone = "MILESTONE",
        /// A measure (*maatregel, kernproces*).
        Measure = "MEASURE",
        /// An indicator (*kernindicator*).
        Indicator = "INDICATOR",
        /// A norm (*streefnorm, wettelijke bepaling*).
        Norm = "NORM",
        /// A budget article (*begrotingsartikel*).
        BudgetArticle = "BUDGET_ARTICLE",
        /// A line of the budget table.
        BudgetLine = "BUDGET_LINE",
        /// A process that is inspected.
        InspectedProcess = "INSPECTED_PROCESS",
        /// A number of staff.
        StaffFigure = "STAFF_FIGURE",
        /// A target for staff.
        StaffTarget = "STAFF_TARGET",
    }
}

vocabulary! {
    /// How one record has to do with another.
    LinkKind {
        /// The first serves the second: a measure a goal beside its own, a goal another goal.
        ContributesTo = "CONTRIBUTES_TO",
        /// The first is carried out by the second: a goal by a measure, a measure by a body.
        CarriedOutBy = "CARRIED_OUT_BY",
        /// The first is paid from the second: a project from a budget line or an article.
        PaidFrom = "PAID_FROM",
        /// The first is staffed by the second: a project or measure by a number of staff.
        StaffedBy = "STAFFED_BY",
        /// The first cannot be done without the second.
        DependsOn = "DEPENDS_ON",
        /// The two are one thing that is printed twice.
        SameAs = "SAME_AS",
        /// The first goes on from the second, where no lineage can say so: of kinds that a plan does not carry over.
        Continues = "CONTINUES",
    }
}

impl LinkKind {
    /// Whether the second stands below the first, so that it hangs on whatever the first hangs on.
    pub fn leads_down(self) -> bool {
        matches!(self, Self::CarriedOutBy | Self::PaidFrom | Self::StaffedBy)
    }
}

link_by_kind! {
    /// The key of a record of the kind that the link names beside it.
    FromLink: LinkedKind, said by "fromKind"
}
link_by_kind! {
    /// The key of the other record.
    ToLink: LinkedKind, said by "toKind"
}

record! {
    /// A relation between two records that the goal tree does not say by itself, such as a measure that serves a second goal, or a project
    /// and the budget line that pays for it.
    Tie as "Link"(|it| it.own_key(), check: |it, problems| it.check_ends(problems)) {
        /// The kind of the first record.
        from_kind: LinkedKind,
        /// The first record.
        from_key: FromLink => linksFrom: "The links that lead from it to others.",
        /// How the first has to do with the second.
        kind: LinkKind,
        /// The kind of the second record.
        to_kind: LinkedKind,
        /// The second record.
        to_key: ToLink => linksTo: "The links that lead to it.",
        /// Where the document says so.
        printed: Option<Citation>,
        /// What a reader should know of it.
        note: Option<String>,
    }
}

impl LinkedKind {
    /// The kind of record.
    pub fn kind(self) -> Kind {
        Kind::from_word(self.word()).expect("a test sees that each is a kind of record")
    }
}

impl Tie {
    /// The first record.
    pub fn from(&self) -> (Kind, &Key) {
        (self.from_kind.kind(), &self.from_key.0)
    }

    /// The second record.
    pub fn to(&self) -> (Kind, &Key) {
        (self.to_kind.kind(), &self.to_key.0)
    }

    /// Both ends and the kind; where they are too long for one key, a digest stands for the ends. The first end comes first, so that its
    /// namespace is the link's.
    fn own_key(&self) -> Key {
        let lower = |word: &str| word.to_lowercase().replace('_', "-");
        let [from, kind, to] = [self.from_kind.word(), self.kind.word(), self.to_kind.word()].map(lower);
        let middle = format!("{from}-{kind}-{to}");
        let key = Key::of_parts(&self.from_key.0, &[&middle, &self.to_key.0]);
        if key.as_str().len() <= KEY_BYTES_MAX {
            return key;
        }
        // A blank cannot stand in a key, so no two pairs give the same text.
        let digest = blake3::hash(format!("{} {}", self.from_key.0, self.to_key.0).as_bytes());
        let namespace = self.from_key.0.as_str().split_once(':').map(|(namespace, _)| format!("{namespace}:"));
        Key::join(&[&format_args!("{}{}", namespace.unwrap_or_default(), &digest.to_hex()[..32]), &middle])
    }

    fn check_ends(&self, problems: &mut Problems) {
        if self.from() == self.to() {
            problems.within("toKey", |problems| {
                let message = format!("`{}` would be linked with itself", self.to_key.0);
                problems.push(ProblemCode::Inconsistent, message, "name two records");
            });
        }
        let carried = CarriedKind::of(self.from_kind.kind());
        if self.kind == LinkKind::Continues && carried.is_some() && self.from_kind == self.to_kind {
            problems.within("kind", |problems| {
                let message = format!("what became of a {} in a later plan is told by a lineage", self.from_kind);
                problems.push(ProblemCode::Inconsistent, message, "write it as a lineage row");
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RecordType as _;

    #[test]
    fn every_linked_kind_is_a_kind_and_keys_tell_the_ends() {
        assert!(LinkedKind::VOCABULARY.words.iter().all(|(word, _)| Kind::from_word(word).is_some()));
        let tie = |from: &str, to: &str| Tie {
            from_kind: LinkedKind::Measure,
            from_key: FromLink(Key::parse(from).unwrap()),
            kind: LinkKind::ContributesTo,
            to_kind: LinkedKind::OperationalGoal,
            to_key: ToLink(Key::parse(to).unwrap()),
            printed: None,
            note: None,
        };
        assert_eq!(tie("a:m", "g").key().as_str(), "a:m/measure-contributes-to-operational-goal/g");
        let ambiguous = tie("m/measure-contributes-to-operational-goal/g", "h").key();
        assert_ne!(ambiguous, tie("m", "g/measure-contributes-to-operational-goal/h").key());
        let long = tie(&format!("a:{}", "x".repeat(240)), "g").key();
        assert!(long.as_str().starts_with("a:") && Key::parse(long.as_str()).is_ok(), "{long}");
    }
}
