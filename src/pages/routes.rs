//! The table of pages. A new page is a document and a template in `web/pages/`, and one line here.

use std::sync::OnceLock;

use crate::pages::document::PageDocument;

/// A page.
pub struct Route {
    /// The file of its template.
    pub name: &'static str,
    /// The first part of its address.
    pub path: &'static str,
    /// Whether a record's key follows.
    pub keyed: bool,
    /// Its document.
    pub document: PageDocument,
    /// What of the answer must be there; else there is no such page.
    pub root: &'static str,
    /// Where the answer has the plan that it belongs to, for the links to the plan's other pages.
    pub plan: &'static str,
    /// Where the answer has the list that it gives as rows, when it is asked for without saying which.
    pub rows: &'static str,
}

/// Hands the table to a macro: each page's name, template, document, address, whether a key follows (`KEY`) or not (`ALL`), what of the
/// answer must be there, where the plan stands that it belongs to, and its rows.
macro_rules! pages {
    ($take:ident) => {
        $take! {
            Home "home.html" "home.graphql": "" ALL, "register", "", "plans.nodes";
            Plans "plans.html" "plans.graphql": "plans" ALL, "plans", "", "plans.nodes";
            Bodies "bodies.html" "bodies.graphql": "bodies" ALL, "bodiesReport", "", "bodiesReport.sideBySide";
            Plan "plan.html" "plan.graphql": "plans" KEY, "planReport", "planReport.plan", "planReport.policyFields";
            Field "field.html" "field.graphql": "fields" KEY, "policyField", "policyField.plan", "policyField.structuralElements";
            Goal "goal.html" "goal.graphql": "goals" KEY, "goal", "goal.inPlan", "goal.measures";
            StrategicGoal "strategic-goal.html" "strategic-goal.graphql": "strategic-goals" KEY, "goal", "goal.plan", "goal.operationalGoals";
            Project "project.html" "project.graphql": "projects" KEY, "project", "project.plan", "project.milestones";
            Measure "measure.html" "measure.graphql": "measures" KEY, "scoreboard", "scoreboard.measure.plan", "scoreboard.indicators";
            Article "article.html" "article.graphql": "articles" KEY, "budgetArticle", "budgetArticle.budgetLines|0|plan", "budgetArticle.budgetLines";
            Process "process.html" "process.graphql": "processes" KEY, "process", "process.plan", "process.inspections";
            Norms "norms.html" "norms.graphql": "norms" ALL, "plan", "plan", "attainments.nodes";
            Budget "budget.html" "budget.graphql": "budget" ALL, "planReport", "plan", "planReport.policyFields";
            Milestones "milestones.html" "milestones.graphql": "milestones" ALL, "plan", "plan", "milestones.nodes";
            Trends "trends.html" "trends.graphql": "trends" ALL, "plan", "plan", "trends.nodes";
            Inspections "inspections.html" "inspections.graphql": "inspections" ALL, "plan", "plan", "plan.inspectedProcesses.nodes";
            Staff "staff.html" "staff.graphql": "staff" ALL, "plan", "plan", "plan.organisation.byRank.groups";
            Contradictions "contradictions.html" "contradictions.graphql": "contradictions" ALL, "plan", "plan", "discrepancies.nodes";
            Round "round.html" "round.graphql": "round" ALL, "plan", "plan", "plan.rounds.nodes";
            Compare "compare.html" "compare.graphql": "compare" ALL, "comparePlans", "plan", "comparePlans.kinds";
            Changes "changes.html" "changes.graphql": "changes" ALL, "register", "", "commits.nodes";
            Change "change.html" "change.graphql": "change" ALL, "compare", "", "compare.changes";
            Search "search.html" "search.graphql": "search" ALL, "register", "", "search.hits";
        }
    };
}

pub(super) use pages;

const KEY: bool = true;
const ALL: bool = false;

macro_rules! table {
    ($($name:ident $template:tt $document:literal: $path:literal $keyed:ident, $root:literal, $plan:literal, $rows:literal;)+) => {
        vec![$(Route {
            name: $template,
            path: $path,
            keyed: $keyed,
            document: PageDocument::new(include_str!(concat!("../../web/pages/", $document))),
            root: $root,
            plan: $plan,
            rows: $rows,
        },)+]
    };
}

/// All pages.
pub fn routes() -> &'static [Route] {
    static ROUTES: OnceLock<Vec<Route>> = OnceLock::new();
    ROUTES.get_or_init(|| pages!(table))
}
