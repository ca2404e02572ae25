//! What may happen to a register.

use boordtabel::model::Kind;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// The kinds that take part, with the fields that are compared: some have lists of links, some keys made of other fields.
pub const KINDS: [(Kind, &str); 9] = [
    (Kind::Organisation, "name abbreviation"),
    (Kind::Plan, "organisationKey year title"),
    (Kind::StrategicGoal, "planKey code scope title scopeWord"),
    (Kind::Project, "planKey scope number title strategicGoalKeys description scopeWord"),
    (Kind::Measure, "planKey name lifecycle lifecycleWord"),
    (Kind::Indicator, "measureKey position label kind unit kindWord"),
    (Kind::Observation, "indicatorKey period { code } figure { value status unit }"),
    (Kind::BudgetArticle, "code name"),
    (Kind::BudgetLine, "planKey position name section direction measureKeys articleKeys sectionWord"),
];

/// Sets of kinds that nothing else refers to.
const LEAVES: [&[Kind]; 5] = [
    &[Kind::Observation],
    &[Kind::Indicator, Kind::Observation],
    &[Kind::BudgetLine],
    &[Kind::StrategicGoal, Kind::Project],
    &[Kind::Measure, Kind::Indicator, Kind::Observation, Kind::BudgetLine],
];

/// A record in numbers: which kind, which of its few keys, which other records it refers to, which of its few contents.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    kind: usize,
    id: u8,
    to: u8,
    content: u8,
}

impl Row {
    pub fn kind(self) -> Kind {
        KINDS[self.kind].0
    }

    /// The record as it is sent, and as it is shown.
    pub fn record(self) -> Json {
        let Self { id, to, content, .. } = self;
        let name = format!("Name {content}");
        let key = |prefix: &str| format!("{prefix}-{id}");
        let link = |prefix: &str| format!("{prefix}-{to}");
        let lifecycle = ["ACTIVE", "NEW"].get(usize::from(content));
        // None, one or two.
        let links =
            |prefix: &str| (to..to + content.min(2)).map(|to| format!("{prefix}-{}", to % 3)).collect::<Vec<_>>();
        match self.kind() {
            Kind::Organisation => {
                json!({ "key": key("o"), "name": name, "abbreviation": (content > 0).then_some("O") })
            }
            Kind::Plan => {
                json!({ "key": key("p"), "organisationKey": link("o"), "year": 2020 + i32::from(content), "title": name })
            }
            Kind::StrategicGoal => {
                json!({ "key": key("g"), "planKey": link("p"), "code": "G", "scope": "POLICY", "title": name, "scopeWord": "POLICY" })
            }
            Kind::Project => json!({
                "key": key("pr"), "planKey": link("p"), "scope": "ORGANISATION", "number": content, "title": name,
                "strategicGoalKeys": links("g"), "description": (content == 1).then_some("two\nlines"), "scopeWord": "ORGANISATION",
            }),
            Kind::Measure => json!({
                "key": key("m"), "planKey": link("p"), "name": name, "lifecycle": lifecycle, "lifecycleWord": lifecycle,
            }),
            Kind::Indicator => json!({
                "key": key("i"), "measureKey": link("m"), "position": content, "label": name, "kind": "VOLUME", "unit": "COUNT", "kindWord": "VOLUME",
            }),
            Kind::Observation => {
                let (indicator, period) = (link("i"), format!("202{id}"));
                let figure = observed((content > 0).then_some(content));
                json!({ "key": format!("{indicator}/{period}"), "indicatorKey": indicator, "period": period, "figure": figure })
            }
            Kind::BudgetArticle => json!({ "key": key("a"), "code": key("a"), "name": (content > 0).then_some(name) }),
            _ => json!({
                "key": key("l"), "planKey": link("p"), "position": content, "name": name, "section": "MEASURE",
                "direction": "EXPENDITURE", "measureKeys": links("m"), "articleKeys": links("a"), "sectionWord": "MEASURE",
            }),
        }
    }

    pub fn key(self) -> String {
        self.record()["key"].as_str().unwrap().to_owned()
    }
}

/// A figure that has a value, or none.
pub fn observed(value: Option<u8>) -> Json {
    let status = if value.is_some() { "REPORTED" } else { "NOT_REPORTED" };
    // The scale is part of the value.
    json!({ "value": value.map(|value| format!("{value}.00")), "status": status, "unit": "COUNT" })
}

#[derive(Clone, Debug)]
pub enum Step {
    Import {
        mode: &'static str,
        rows: Vec<Row>,
    },
    Replace {
        kinds: Vec<Kind>,
        within: Option<(Kind, String)>,
        rows: Vec<Row>,
    },
    Delete {
        records: Vec<Row>,
        edition: bool,
    },
    Observe {
        indicator: u8,
        period: u8,
        value: Option<u8>,
    },
    /// So many revisions back.
    Tag {
        name: u8,
        back: usize,
    },
    Revert {
        back: usize,
    },
    /// Ends the program's life in good order, or not.
    Restart {
        closed: bool,
    },
}

impl Step {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Import { .. } => "import",
            Self::Replace { .. } => "replace",
            Self::Delete { .. } => "delete",
            Self::Observe { .. } => "observe",
            Self::Tag { .. } => "tag",
            Self::Revert { .. } => "revert",
            Self::Restart { .. } => "restart",
        }
    }
}

fn row() -> impl Strategy<Value = Row> {
    (0..KINDS.len(), 0..3u8, 0..3u8, 0..3u8).prop_map(|(kind, id, to, content)| Row { kind, id, to, content })
}

/// Mostly records that nothing refers to.
fn doomed() -> impl Strategy<Value = Row> {
    let leaf = prop::sample::select(vec![3_usize, 6, 6, 8]);
    (prop_oneof![2 => leaf, 1 => 0..KINDS.len()], 0..3u8, 0..3u8).prop_map(|(kind, id, to)| Row {
        kind,
        id,
        to,
        content: 0,
    })
}

fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 0..most)
}

fn step() -> impl Strategy<Value = Step> {
    let modes = prop::sample::select(vec!["UPSERT", "UPSERT", "UPSERT", "CREATE", "UPDATE", "DELETE"]);
    // Mostly kinds that can go without others, else nearly every replacement would be refused.
    let kinds = prop_oneof![
        5 => prop::sample::select(LEAVES.map(<[Kind]>::to_vec).to_vec()),
        1 => prop::sample::subsequence(KINDS.map(|(kind, _)| kind).to_vec(), 1..4),
    ];
    let within = prop::option::of((
        prop::sample::select(vec![(Kind::Measure, "m"), (Kind::Plan, "p"), (Kind::Indicator, "i")]),
        0..3u8,
    ));
    let within = within.prop_map(|within| within.map(|((kind, prefix), id)| (kind, format!("{prefix}-{id}"))));
    prop_oneof![
        6 => (modes, rows(7)).prop_map(|(mode, rows)| Step::Import { mode, rows }),
        3 => (kinds, within, rows(4)).prop_map(|(kinds, within, rows)| Step::Replace { kinds, within, rows }),
        3 => (prop::collection::vec(doomed(), 0..4), prop::bool::weighted(0.2)).prop_map(|(records, edition)| Step::Delete { records, edition }),
        2 => (0..3u8, 0..3u8, prop::option::of(1..3u8)).prop_map(|(indicator, period, value)| Step::Observe { indicator, period, value }),
        1 => (0..2u8, 0..9usize).prop_map(|(name, back)| Step::Tag { name, back }),
        3 => (0..4usize).prop_map(|back| Step::Revert { back }),
        1 => any::<bool>().prop_map(|closed| Step::Restart { closed }),
    ]
}

/// First everything that others refer to, then anything.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let base = |contents: u8| {
        (0..KINDS.len()).flat_map(move |kind| (0..3).map(move |id| Row { kind, id, to: id, content: contents }))
    };
    let first = Step::Import { mode: "CREATE", rows: base(1).collect() };
    prop::collection::vec(step(), 14..30).prop_map(move |mut steps| {
        steps.insert(0, first.clone());
        steps
    })
}
