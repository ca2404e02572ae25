//! The goal tree: policy field, structural element, operational goal; and the strategic goals across it.

use crate::model::macros::record;
use crate::model::source::Citation;
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Link, Plan, ProblemCode, open_word};

vocabulary! {
    /// Whether a goal or project serves policy or the organisation itself.
    Scope else Other {
        /// Policy (*beleid*: SBD, beleidsproject).
        Policy = "POLICY",
        /// The organisation's own working (*organisatie*: SOD, organisatieproject).
        Organisation = "ORGANISATION",
        /// Something else: `scopeWord` says what.
        Other = "OTHER",
    }
}

record! {
    /// A field of policy (*beleidsveld*).
    PolicyField(|field| field.key.clone()) {
        /// Natural key.
        key: Key,
        /// The plan it belongs to.
        plan_key: Link<Plan> => policyFields: "The policy fields of the plan.",
        /// Code as in the budget's structure, a Roman number.
        code: String,
        /// Name.
        name: String,
        /// Where its heading is printed.
        printed: Option<Citation>,
        /// What it is about, in a few sentences.
        description: Option<String>,
    }
}

record! {
    /// A chapter of a policy field (*inhoudelijk structuurelement, ISE*).
    StructuralElement(|element| element.key.clone()) {
        /// Natural key.
        key: Key,
        /// The policy field it is a chapter of.
        policy_field_key: Link<PolicyField> => structuralElements: "The chapters (*ISE*) of this policy field.",
        /// Code: that of the policy field and a number.
        code: String,
        /// Name.
        name: String,
        /// Where its heading is printed.
        printed: Option<Citation>,
    }
}

record! {
    /// A strategic goal (*strategische beleidsdoelstelling, SBD; strategische organisatiedoelstelling, SOD*).
    StrategicGoal(|goal| goal.key.clone(), settle: |it| open_word::settle(&mut it.scope, &mut it.scope_word), check: |it, problems| {
        open_word::check("scopeWord", Some(it.scope), it.scope_word.as_deref(), problems);
    }) {
        /// Natural key.
        key: Key,
        /// The plan it belongs to.
        plan_key: Link<Plan> => strategicGoals: "The strategic goals of the plan.",
        /// Code as printed.
        code: String,
        /// Policy or organisation; OTHER for anything else.
        scope: Scope; deprecated: "Since 2026-11. Ask `scopeWord`, which has the words of every document.",
        /// The goal in words, as printed.
        title: String,
        /// Where it is printed.
        printed: Option<Citation>,
        /// Who answers for it.
        owner: Option<String>,
        /// What it serves, in a word: one of `Scope`, or the document's own; null where the body does not tell goals apart.
        scope_word: Option<String>,
    }
}

record! {
    /// An operational goal (*operationele doelstelling, OD*) under a structural element, a policy field or the plan, as far down as the
    /// body's structure goes. Where it stands under a structural element it carries one policy project.
    OperationalGoal(|goal| goal.key.clone(), check: |it, problems| {
        let homes = [it.structural_element_key.is_some(), it.policy_field_key.is_some(), it.plan_key.is_some()];
        if homes.iter().filter(|home| **home).count() != 1 {
            problems.within("structuralElementKey", |problems| {
                let message = format!("the goal stands under {} things", homes.iter().filter(|home| **home).count());
                let hint = "give one of `structuralElementKey`, `policyFieldKey` and `planKey`: the lowest level that the body has";
                problems.push(ProblemCode::Inconsistent, message, hint);
            });
        }
    }) {
        /// Natural key.
        key: Key,
        /// The chapter it stands in; null where the body has none.
        structural_element_key: Option<Link<StructuralElement>> => operationalGoals: "The operational goals of this chapter.",
        /// Code as printed.
        code: String,
        /// Title, without the code.
        title: String,
        /// The strategic goals that the document says it serves; empty when it does not say.
        strategic_goal_keys: Vec<Link<StrategicGoal>> => operationalGoals: "The operational goals said to serve this one.",
        /// Where its heading is printed.
        printed: Option<Citation>,
        /// The policy field it stands in, where the body has no chapters.
        policy_field_key: Option<Link<PolicyField>> => operationalGoals: "The operational goals right under this policy field.",
        /// The plan it stands in, where the body has no policy fields.
        plan_key: Option<Link<Plan>> => operationalGoals: "The operational goals right under the plan.",
        /// Who answers for it.
        owner: Option<String>,
    }
}
