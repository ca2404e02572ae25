//! The register as plain maps and a list of what changed. Slow, and too simple to be wrong.

use std::collections::{BTreeMap, BTreeSet};

use boordtabel::model::Kind;
use serde_json::{Value as Json, json};

use super::steps::{Row, Step, observed};

pub type Id = (Kind, String);
/// Every record of a state.
pub type State = BTreeMap<Id, Json>;
/// Every record's fields as text, by path.
pub type Fields = BTreeMap<Id, BTreeMap<String, String>>;
/// Every record of a state, with the revisions that wrote it since it was made, newest first.
pub type Shown = BTreeMap<Id, (Json, Vec<usize>)>;

/// What a step does: the records that it writes or deletes.
type Effects = BTreeMap<Id, Option<Json>>;

#[derive(Default)]
pub struct Plain {
    /// The changes of each commit, and the step that made it.
    log: Vec<(usize, Effects)>,
    steps: usize,
}

impl Plain {
    pub fn revision(&self) -> usize {
        self.log.len()
    }

    /// Whether the newest commit deleted anything.
    pub fn last_deleted(&self) -> bool {
        self.log.last().is_some_and(|(_, effects)| effects.values().any(Option::is_none))
    }

    /// The records of a revision: the log replayed up to there.
    pub fn state(&self, revision: usize) -> State {
        let mut state = State::new();
        for (id, after) in self.log[..revision].iter().flat_map(|(_, effects)| effects) {
            match after {
                Some(record) => state.insert(id.clone(), record.clone()),
                None => state.remove(id),
            };
        }
        state
    }

    /// When a revision was made: in milliseconds since 1970; the clock goes a second a step.
    pub fn time_of(&self, revision: usize) -> usize {
        revision.checked_sub(1).map_or(0, |at| 1000 * (self.log[at].0 + 1))
    }

    /// The state with the history of each record.
    pub fn shown(&self, revision: usize) -> Shown {
        let history = |id: &Id| {
            let written = |at: &usize| self.log[at - 1].1.get(id);
            (1..=revision).rev().filter(|at| written(at).is_some()).collect()
        };
        self.state(revision).into_iter().map(|(id, record)| (id.clone(), (record, history(&id)))).collect()
    }

    pub fn fields(&self, revision: usize) -> Fields {
        let flat = |record: &Json| {
            let mut fields = BTreeMap::new();
            flatten("", record, &mut fields);
            fields
        };
        let mut fields: Fields = self.state(revision).iter().map(|(id, record)| (id.clone(), flat(record))).collect();
        for ((kind, _), fields) in &mut fields {
            // Their key is made of other fields.
            if matches!(kind, Kind::Observation | Kind::BudgetArticle) {
                fields.remove("key");
            }
            // A list without entries is a field too.
            if *kind == Kind::Observation {
                fields.insert("categoryKeys".into(), String::new());
            }
        }
        fields
    }

    /// The records that differ between two revisions.
    pub fn differing(&self, from: usize, to: usize) -> BTreeSet<Id> {
        let (from, to) = (self.state(from), self.state(to));
        from.keys().chain(to.keys()).filter(|id| from.get(id) != to.get(id)).cloned().collect()
    }

    /// Takes a step: what becomes of it.
    pub fn take(&mut self, step: &Step) -> &'static str {
        let number = self.steps;
        self.steps += 1;
        let before = self.state(self.revision());
        let Some(mut effects) = self.effects(step, &before) else { return "REJECTED" };
        effects.retain(|id, after| before.get(id) != after.as_ref());
        let mut result = before;
        for (id, after) in &effects {
            match after {
                Some(record) => result.insert(id.clone(), record.clone()),
                None => result.remove(id),
            };
        }
        if !result.iter().all(|(id, record)| targets(id.0, record).iter().all(|target| result.contains_key(target))) {
            return "REJECTED";
        }
        if effects.is_empty() {
            return "UNCHANGED";
        }
        self.log.push((number, effects));
        "COMMITTED"
    }

    /// What a step means to do; none when it cannot be meant.
    fn effects(&self, step: &Step, before: &State) -> Option<Effects> {
        match step {
            Step::Import { mode, rows } => {
                let effects = written(rows)?;
                let there = |id: &Id| before.contains_key(id);
                match *mode {
                    "CREATE" if effects.keys().any(there) => None,
                    "UPDATE" | "DELETE" if !effects.keys().all(there) => None,
                    "DELETE" => Some(effects.into_keys().map(|id| (id, None)).collect()),
                    _ => Some(effects),
                }
            }
            Step::Replace { kinds, within, rows } => {
                let mut effects = written(rows)?;
                let known = |within: &Id| before.contains_key(within) || effects.contains_key(within);
                if !within.as_ref().is_none_or(known) {
                    return None;
                }
                // A row of the scope belongs to it, before and after.
                let mut after = before.clone();
                after.extend(effects.iter().filter_map(|(id, record)| Some((id.clone(), record.clone()?))));
                let takes = |state: &State, id: &Id| match within {
                    Some(within) => belongs(state, id, within),
                    None => kinds.contains(&id.0),
                };
                let inside = |id: &Id| takes(&after, id) && (!before.contains_key(id) || takes(before, id));
                if !effects.keys().all(inside) {
                    return None;
                }
                let in_scope = |id: &&Id| {
                    kinds.contains(&id.0) && within.as_ref().is_none_or(|within| belongs(before, id, within))
                };
                let gone: Vec<Id> = before.keys().filter(in_scope).cloned().collect();
                for id in gone {
                    effects.entry(id).or_insert(None);
                }
                Some(effects)
            }
            Step::Delete { records, edition } => {
                let mut ids: Vec<Id> = records.iter().map(|row| (row.kind(), row.key())).collect();
                ids.extend(edition.then(|| (Kind::Edition, "e-0".into())));
                let distinct: Effects = ids.iter().map(|id| (id.clone(), None)).collect();
                (distinct.len() == ids.len() && ids.iter().all(|id| before.contains_key(id))).then_some(distinct)
            }
            Step::Observe { indicator, period, value } => {
                let (indicator, period) = (format!("i-{indicator}"), format!("202{period}"));
                before.get(&(Kind::Indicator, indicator.clone()))?;
                let key = format!("{indicator}/{period}");
                let record =
                    json!({ "key": key, "indicatorKey": indicator, "period": period, "figure": observed(*value) });
                Some([((Kind::Observation, key), Some(record))].into())
            }
            Step::Tag { name, back } => {
                let revision = self.revision().checked_sub(*back).filter(|revision| *revision > 0)?;
                let key = format!("e-{name}");
                let edition = json!({ "key": key, "title": key, "taggedRevision": revision });
                let id = (Kind::Edition, key);
                before.get(&id).is_none_or(|there| *there == edition).then(|| [(id, Some(edition))].into())
            }
            Step::Revert { back } => {
                let revision = self.revision().checked_sub(*back).filter(|revision| *revision > 0)?;
                let old = self.state(revision - 1);
                let effects = &self.log[revision - 1].1;
                // By what the records hold: what the commit left, or what was there before it.
                let as_left = effects.iter().all(|(id, after)| {
                    let now = before.get(id);
                    now == after.as_ref() || now == old.get(id)
                });
                as_left.then(|| effects.keys().map(|id| (id.clone(), old.get(id).cloned())).collect())
            }
            Step::Restart { .. } => Some(Effects::new()),
        }
    }
}

/// The records of rows; none when two are the same.
fn written(rows: &[Row]) -> Option<Effects> {
    let effects: Effects = rows.iter().map(|row| ((row.kind(), row.key()), Some(row.record()))).collect();
    (effects.len() == rows.len()).then_some(effects)
}

/// Whether a record is, or refers to, that one, directly or through others.
fn belongs(state: &State, id: &Id, within: &Id) -> bool {
    id == within
        || state.get(id).is_some_and(|record| targets(id.0, record).iter().any(|id| belongs(state, id, within)))
}

/// What a record refers to.
fn targets(kind: Kind, record: &Json) -> Vec<Id> {
    let fields: &[(Kind, &str)] = match kind {
        Kind::Plan => &[(Kind::Organisation, "organisationKey")],
        Kind::StrategicGoal | Kind::Measure => &[(Kind::Plan, "planKey")],
        Kind::Project => &[(Kind::Plan, "planKey"), (Kind::StrategicGoal, "strategicGoalKeys")],
        Kind::Indicator => &[(Kind::Measure, "measureKey")],
        Kind::Observation => &[(Kind::Indicator, "indicatorKey")],
        Kind::BudgetLine => {
            &[(Kind::Plan, "planKey"), (Kind::Measure, "measureKeys"), (Kind::BudgetArticle, "articleKeys")]
        }
        _ => &[],
    };
    let keys = fields.iter().flat_map(|(kind, field)| {
        let keys = match &record[*field] {
            Json::Array(keys) => keys.clone(),
            key => vec![key.clone()],
        };
        keys.into_iter().map(|key| (*kind, key.as_str().unwrap().to_owned()))
    });
    keys.collect()
}

fn flatten(path: &str, value: &Json, fields: &mut BTreeMap<String, String>) {
    let text = match value {
        Json::Null => return,
        Json::Object(inner) => {
            for (name, value) in inner {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, fields);
            }
            return;
        }
        Json::Array(items) => items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join(" | "),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    fields.insert(path.to_owned(), text);
}
