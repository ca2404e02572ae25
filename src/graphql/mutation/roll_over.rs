//! `rollOver`: the next plan, made from this one.

use super::input::{arg, checked, common, input, read_key, submission, text as text_of};
use crate::analysis::rollover::roll_over;
use crate::commit::access::{Identity, Role};
use crate::commit::{Edit, Ledger, Submission};
use crate::graphql::core::args::Args;
use crate::graphql::core::definition::{InputDef, Ty};
use crate::graphql::core::error::FieldError;
use crate::model::problem::nearest;
use crate::model::{AsRecord as _, Key, Kind, Plan, Problem, ProblemCode, Problems};
use crate::register::Register;

/// Makes the next plan.
pub fn roll_over_write(_: &Ledger, args: &Args, identity: &Identity) -> Result<Submission, FieldError> {
    let fields = input(args);
    let year = |name| fields.get(name).and_then(year_of).unwrap_or_default();
    let (from_year, to_year) = (year("fromYear"), year("toYear"));
    let organisation = match text_of(fields, "organisationKey") {
        Some(_) => Some(read_key(fields, "organisationKey")?),
        None => None,
    };
    let submission = submission(identity, Role::Import, "rollOver", fields, Vec::new());
    Ok(submission.made(move |register| {
        let records =
            plan_of(register, from_year, organisation.as_ref()).and_then(|plan| roll_over(register, plan, to_year));
        match records {
            Ok(records) => records.into_iter().map(checked).collect(),
            Err(problems) => vec![Edit::broken(problems)],
        }
    }))
}

fn year_of(value: &async_graphql::Value) -> Option<i32> {
    match value {
        async_graphql::Value::Number(number) => number.as_i64().and_then(|year| year.try_into().ok()),
        _ => None,
    }
}

/// The one plan of that year, of that body where it is named.
fn plan_of<'r>(register: &'r Register, year: i32, organisation: Option<&Key>) -> Result<&'r Plan, Vec<Problem>> {
    let plans: Vec<&Plan> = register.all(Kind::Plan).filter_map(|node| Plan::of(&node.record)).collect();
    let of_body: Vec<&Plan> = plans
        .into_iter()
        .filter(|plan| organisation.is_none_or(|organisation| plan.organisation_key.key() == organisation))
        .collect();
    let found: Vec<&Plan> = of_body.iter().copied().filter(|plan| plan.year == year).collect();
    let (name, code, message, hint, mut candidates) = match (found.as_slice(), organisation) {
        ([plan], _) => return Ok(plan),
        ([], Some(organisation)) if register.get(Kind::Organisation, organisation).is_none() => {
            let known = register.all(Kind::Organisation).map(|node| node.key.as_str());
            let message = format!("there is no Organisation `{organisation}`");
            let near = nearest(organisation.as_str(), known);
            ("organisationKey", ProblemCode::NotFound, message, "correct the key", near)
        }
        ([], _) => {
            let years = of_body.iter().map(|plan| plan.year.to_string()).collect();
            let message = format!("there is no plan of {year}");
            ("fromYear", ProblemCode::NotFound, message, "name a year that has a plan", years)
        }
        (several, None) => {
            let bodies = several.iter().map(|plan| plan.organisation_key.to_string()).collect();
            let message = format!("{} plans are of {year}", several.len());
            ("organisationKey", ProblemCode::Missing, message, "name the body whose plan is meant", bodies)
        }
        (several, Some(organisation)) => {
            let keys = several.iter().map(|plan| plan.key.to_string()).collect();
            let message = format!("`{organisation}` has {} plans of {year}", several.len());
            ("fromYear", ProblemCode::Inconsistent, message, "leave one plan for a year", keys)
        }
    };
    candidates.dedup();
    let mut problems = Problems::at(name);
    problems.push_near(code, message, hint, candidates);
    Err(problems.into_vec())
}

/// The input of a roll-over.
pub fn roll_over_input() -> InputDef {
    InputDef {
        doc: "Which plan goes on into which year.".into(),
        raw: false,
        one_of: false,
        fields: common(vec![
            arg("fromYear", Ty::required("Int"), "The year of the plan that goes on."),
            arg(
                "toYear",
                Ty::required("Int"),
                "The year of the plan that is made, or added to when the body has one already: a later one.",
            ),
            arg(
                "organisationKey",
                Ty::named("String"),
                "The body whose plan it is; needed when several have a plan of `fromYear`.",
            ),
        ]),
    }
}

/// What `rollOver` does, for those who read the schema.
pub const ROLL_OVER_DOC: &str = "Makes the next plan of a body from one of its plans. Carries policy fields, structural elements, goals, projects that run on, \
     measures that are not phasing out, and their indicators and norms with definition and target, budget lines without amounts, inspected \
     processes, and staff targets that are not due before; each gets a new key, links among \
     the carried, no citation, and a lineage CONTINUES. A project runs on when the register says YES or PARTLY of it for `toYear`, or, \
     where it says nothing of any project for that year, for `fromYear`. What the new plan has already is left as it is, and what has \
     a successor there is not carried again: doing it twice changes nothing. Role IMPORT.";
