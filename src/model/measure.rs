//! Measures: the subsidy schemes and licence processes that carry the policy out, and the names they go by.

use crate::model::macros::record;
use crate::model::source::Citation;
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Link, OperationalGoal, Plan, open_word};

vocabulary! {
    /// Who runs a measure.
    Operator {
        /// The organisation itself (*operationeel beheer, eigen beheer*).
        Own = "OWN",
        /// Somebody else (*operationeel beheer van derden*).
        ThirdParty = "THIRD_PARTY",
    }
}

vocabulary! {
    /// Where a measure is in its life.
    Lifecycle else Other {
        /// In force (*actief*).
        Active = "ACTIVE",
        /// No new cases, old ones are served (*in uitdoof*).
        PhasingOut = "PHASING_OUT",
        /// Being reformed (*in hervorming*).
        Reform = "REFORM",
        /// New in the evaluated year (*nieuwe maatregel*).
        New = "NEW",
        /// Announced, not yet in force (*toekomstig, aangekondigd*).
        Future = "FUTURE",
        /// In another phase: `lifecycleWord` says which.
        Other = "OTHER",
    }
}

vocabulary! {
    /// What kind of process something is.
    ProcessType {
        /// It makes what the body is there for (*kernproces*).
        Core = "CORE",
        /// It manages (*beheersproces*).
        Management = "MANAGEMENT",
        /// It supports the others (*ondersteunend proces*).
        Supporting = "SUPPORTING",
    }
}

record! {
    /// A measure (*maatregel, kernproces*): a subsidy scheme or a licence process.
    Measure(|measure| measure.key.clone(), position: |measure| measure.position.map_or(i64::MAX, i64::from),
        settle: |it| open_word::settle_optional(&mut it.lifecycle, &mut it.lifecycle_word), check: |it, problems| {
        if let Some(lifecycle) = it.lifecycle {
            open_word::check_required("lifecycleWord", lifecycle, it.lifecycle_word.as_deref(), problems);
        }
    }) {
        /// Natural key (*sleutel*).
        key: Key,
        /// The plan that lists it.
        plan_key: Link<Plan> => measures: "The measures that the plan lists.",
        /// Full name (*naam, benaming*).
        name: String,
        /// The operational goal that it serves; null when the document gives none.
        operational_goal_key: Option<Link<OperationalGoal>> => measures: "The measures that serve this goal.",
        /// Who runs it (*beheer*); null when the document does not say.
        operator: Option<Operator>,
        /// Where it is in its life (*levensloop, statuut*); null when the document does not say, OTHER where it says it in another word.
        lifecycle: Option<Lifecycle>; deprecated: "Since 2026-11. Ask `lifecycleWord`, which has the words of every document.",
        /// Place in the document's order of measures (*volgorde*); those without one come last.
        position: Option<i32>,
        /// Where its heading, or else its name, is printed.
        printed: Option<Citation>,
        /// Where the document says that it is new, phasing out, being reformed or run by others.
        lifecycle_printed: Option<Citation>,
        /// Who answers for it.
        owner: Option<String>,
        /// What kind of process it is; null when the document does not say.
        process_type: Option<ProcessType>,
        /// Where it is in its life, in a word: one of `Lifecycle`, or the document's own, such as `Pilot`.
        lifecycle_word: Option<String>,
        /// What it is about, in a few sentences.
        description: Option<String>,
    }
}

record! {
    /// A name under which a measure is printed somewhere: the joins between tables rest on these.
    Alias(|alias| alias.key.clone()) {
        /// Natural key.
        key: Key,
        /// The measure.
        measure_key: Link<Measure> => aliases: "Other names of the measure, each with the place where it is printed.",
        /// The name as printed.
        name: String,
        /// Where it is printed.
        printed: Option<Citation>,
    }
}
