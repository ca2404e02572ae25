//! Lineage: what a record of one plan became in the next.

use crate::model::key::KEY_BYTES_MAX;
use crate::model::macros::{link_by_kind, record};
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Kind, ProblemCode};

vocabulary! {
    /// A kind of record that goes on from one plan to the next, in the order in which they are carried: what is referred to first.
    CarriedKind {
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
        /// A measure (*maatregel, kernproces*).
        Measure = "MEASURE",
        /// A process that the inspectorate controls.
        InspectedProcess = "INSPECTED_PROCESS",
        /// An indicator of a measure (*kernindicator*).
        Indicator = "INDICATOR",
        /// A norm of a measure (*streefnorm, wettelijke bepaling*).
        Norm = "NORM",
        /// A line of the budget.
        BudgetLine = "BUDGET_LINE",
        /// A target for staff.
        StaffTarget = "STAFF_TARGET",
    }
}

impl CarriedKind {
    /// All of them, what is referred to first.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VOCABULARY.words.iter().filter_map(|(word, _)| Self::from_word(word))
    }

    /// The kind of record.
    pub fn kind(self) -> Kind {
        Kind::from_word(self.word()).expect("a test sees that each is a kind of record")
    }

    /// The kind of record as one that is carried; none when it is not.
    pub fn of(kind: Kind) -> Option<Self> {
        Self::from_word(kind.word())
    }
}

vocabulary! {
    /// How a record follows from one of an earlier plan.
    Succession {
        /// The successor is the predecessor's continuation, changed or not.
        Continues = "CONTINUES",
        /// The successor is one of the parts into which the predecessor was split.
        SplitFrom = "SPLIT_FROM",
        /// The successor is what the predecessor was merged into, with others.
        MergedInto = "MERGED_INTO",
    }
}

link_by_kind! {
    /// The key of a record of the kind that the lineage names.
    ///
    /// One link that leads to whatever kind `kind` says, rather than a pair of typed links for each carried kind: a row stays four
    /// columns instead of eighteen of which all but three are empty, and nothing has to check that exactly one pair is filled. The
    /// register knows such a link as one relation for each kind, so it is checked, found from both sides, and keeps what it names
    /// from being deleted like any other.
    CarriedLink: CarriedKind, said by "kind"
}

record! {
    /// What a record of one plan became in a later one: two records of one kind, and how the later follows from the earlier.
    Lineage(|it| it.pair_key(), check: |it, problems| {
        if it.predecessor_key == it.successor_key {
            problems.within("successorKey", |problems| {
                problems.push(
                    ProblemCode::Inconsistent,
                    format!("`{}` would be its own successor", it.successor_key.0),
                    "name the record of the later plan",
                );
            });
        }
    }) {
        /// The kind of both records.
        kind: CarriedKind,
        /// The record of the earlier plan.
        predecessor_key: CarriedLink => successors: "What became of it in later plans.",
        /// The record of the later plan.
        successor_key: CarriedLink => predecessors: "What it was in earlier plans.",
        /// How the later follows from the earlier.
        relation: Succession,
    }
}

impl Lineage {
    /// Kind and both keys; where they are too long for one key, a digest stands for the two.
    fn pair_key(&self) -> Key {
        let kind = self.kind.word().to_lowercase().replace('_', "-");
        let (predecessor, successor) = (&self.predecessor_key.0, &self.successor_key.0);
        let plain = Key::join(&[&kind, predecessor, successor]).to_string();
        let first = kind.len() + 1;
        let starts = [first, first + predecessor.as_str().len() + 1];
        let reads_so = natural_pair(&plain[first..]) == Some((predecessor.as_str(), successor.as_str()));
        let key = Key::told_apart(&plain, reads_so, &starts);
        if key.as_str().len() <= KEY_BYTES_MAX {
            return key;
        }
        // A blank cannot stand in a key, so no two pairs give the same text.
        let digest = blake3::hash(format!("{predecessor} {successor}").as_bytes());
        Key::join(&[&kind, &&digest.to_hex()[..32]])
    }
}

/// Two joined keys as they read by themselves: where the second is the first below the name of another plan, these; else the first
/// step and the rest.
fn natural_pair(joined: &str) -> Option<(&str, &str)> {
    let below = |key: &str| key.split_once('/').map(|(_, rest)| rest.to_owned());
    let pairs = || joined.match_indices('/').map(|(at, _)| (&joined[..at], &joined[at + 1..]));
    let goes_on = |(first, second): &(&str, &str)| {
        let rest = below(second);
        rest.is_some() && (rest.as_deref() == Some(*first) || rest == below(first))
    };
    pairs().find(goes_on).or_else(|| pairs().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lineage(predecessor: &str, successor: &str) -> Lineage {
        let link = |key: &str| CarriedLink(Key::parse(key).unwrap());
        Lineage {
            kind: CarriedKind::OperationalGoal,
            predecessor_key: link(predecessor),
            successor_key: link(successor),
            relation: Succession::Continues,
        }
    }

    #[test]
    fn every_carried_kind_is_a_kind() {
        let kinds: Vec<Kind> = CarriedKind::all().map(CarriedKind::kind).collect();
        assert_eq!(kinds.len(), CarriedKind::VOCABULARY.words.len());
        assert!(CarriedKind::all().all(|carried| CarriedKind::of(carried.kind()) == Some(carried)));
        assert_eq!(CarriedKind::of(Kind::Plan), None);
    }

    #[test]
    fn the_key_tells_the_pair_as_long_as_it_fits() {
        use crate::model::RecordType as _;
        assert_eq!(lineage("od-1", "b-2022/od-1").key().as_str(), "operational-goal/od-1/b-2022/od-1");
        let long = |end: &str| format!("{}{end}", "x".repeat(KEY_BYTES_MAX - 1));
        let keys = [lineage(&long("a"), "b"), lineage(&long("b"), "b"), lineage("b", &long("a"))].map(|it| it.key());
        for key in &keys {
            assert!(Key::parse(key.as_str()).is_ok() && key.as_str().len() == "operational-goal/".len() + 32, "{key}");
        }
        assert!(keys[0] != keys[1] && keys[0] != keys[2]);
    }

    #[test]
    fn pairs_that_join_to_one_text_have_two_keys() {
        use crate::model::RecordType as _;
        let key = |predecessor, successor| lineage(predecessor, successor).key().to_string();
        assert_eq!(key("b-2022/od-1", "b-2023/od-1"), "operational-goal/b-2022/od-1/b-2023/od-1");
        for text in ["a/b/c", "a/b/a/b", "b-2022/od-1/b-2023/od-1", "a/a/a/a/a"] {
            let cuts = text.match_indices('/').map(|(at, _)| (&text[..at], &text[at + 1..]));
            let keys: Vec<String> = cuts.map(|(first, second)| key(first, second)).collect();
            let different: std::collections::BTreeSet<&String> = keys.iter().collect();
            assert_eq!(different.len(), keys.len(), "{text}: {keys:?}");
        }
    }

    #[test]
    fn nothing_is_its_own_successor() {
        for (successor, count) in [("a", 1), ("b", 0)] {
            let mut problems = crate::model::Problems::default();
            crate::model::Record::from(lineage("a", successor)).check_all(&mut problems);
            assert_eq!(problems.len(), count, "{successor}");
        }
    }
}
