//! Indicators of a measure, and their values by period.

use crate::model::figure::{self, Figure};
use crate::model::macros::{link_by_kind, record};
use crate::model::source::Citation;
use crate::model::target::Aim;
use crate::model::unit::Unit;
use crate::model::vocabulary::vocabulary;
use crate::model::{Category, Date, Key, Kind, Link, Measure, Period, ProblemCode, Problems, key, open_word, period};

vocabulary! {
    /// What an indicator tells, across measures, so that the same thing can be compared and added up.
    IndicatorKind else Other {
        /// Files received (*ontvangen dossiers*).
        Received = "RECEIVED",
        /// Files handled (*afgehandelde dossiers*).
        Handled = "HANDLED",
        /// Files paid, or payments made (*betaalde dossiers, betalingen*).
        Paid = "PAID",
        /// Another volume: persons, advances, balances, decisions.
        Volume = "VOLUME",
        /// A share of a volume, such as the share submitted online.
        Share = "SHARE",
        /// Controls by the inspectorate (*controles*).
        Controls = "CONTROLS",
        /// Warnings and official reports that followed (*waarschuwingen/PV's*).
        Sanctions = "SANCTIONS",
        /// Recoveries that inspectors proposed (*voorgestelde terugvordering*).
        ProposedRecovery = "PROPOSED_RECOVERY",
        /// Payment appropriations realised (*vereffeningskrediet, VEK*).
        Vek = "VEK",
        /// Commitment appropriations realised (*vastleggingskrediet, VAK*).
        Vak = "VAK",
        /// Anything else.
        Other = "OTHER",
    }
}

vocabulary! {
    /// The five domains in which every measure and process is followed.
    Domain {
        /// Volumes and norms.
        VolumesAndNorms = "VOLUMES_AND_NORMS",
        /// Staff: full-time equivalents and what they cost.
        Staff = "STAFF",
        /// Inspections with their sanctions.
        Inspections = "INSPECTIONS",
        /// Budget and finance, of policy and of the apparatus.
        BudgetAndFinance = "BUDGET_AND_FINANCE",
        /// Complaints and satisfaction.
        ComplaintsAndSatisfaction = "COMPLAINTS_AND_SATISFACTION",
    }
}

impl Domain {
    /// The five, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VOCABULARY.words.iter().filter_map(|(word, _)| Self::from_word(word))
    }

    /// The domain of an indicator: its own, or else the one that its kind says.
    pub fn of(indicator: &Indicator) -> Option<Self> {
        use IndicatorKind as Is;
        indicator.domain.or(match indicator.kind {
            Is::Received | Is::Handled | Is::Paid | Is::Volume | Is::Share => Some(Self::VolumesAndNorms),
            Is::Controls | Is::Sanctions | Is::ProposedRecovery => Some(Self::Inspections),
            Is::Vek | Is::Vak => Some(Self::BudgetAndFinance),
            Is::Other => None,
        })
    }
}

vocabulary! {
    /// How often a figure is reported.
    Frequency {
        /// Every month.
        Monthly = "MONTHLY",
        /// Every quarter.
        Quarterly = "QUARTERLY",
        /// Every half year.
        HalfYearly = "HALF_YEARLY",
        /// Every year.
        Yearly = "YEARLY",
    }
}

vocabulary! {
    /// How the values of an indicator come together over periods.
    Aggregation {
        /// They add up.
        Sum = "SUM",
        /// Their average tells something.
        Average = "AVERAGE",
        /// The last one counts: a stock.
        Last = "LAST",
        /// They do not come together.
        None = "NONE",
    }
}

vocabulary! {
    /// What indicators and norms hang on besides measures.
    SubjectKind {
        /// The body itself.
        Organisation = "ORGANISATION",
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
        /// An inspected process.
        InspectedProcess = "INSPECTED_PROCESS",
    }
}

impl SubjectKind {
    /// The kind of record.
    pub fn kind(self) -> Kind {
        Kind::from_word(self.word()).expect("a test sees that each is a kind of record")
    }
}

link_by_kind! {
    /// The key of a record of the kind that `subjectKind` names.
    SubjectLink: SubjectKind, said by "subjectKind"
}

/// An indicator or norm hangs on one thing: a measure, or what its subject is.
pub fn check_subject(
    measure: Option<&Link<Measure>>,
    kind: Option<SubjectKind>,
    key: Option<&SubjectLink>,
    problems: &mut Problems,
) {
    let message = match (measure, kind, key) {
        (Some(_), None, None) | (None, Some(_), Some(_)) => return,
        (None, None, None) => {
            return problems.within("measureKey", |problems| {
                problems.push(
                    ProblemCode::Missing,
                    "it hangs on nothing",
                    "give `measureKey`, or `subjectKind` and `subjectKey` for what is no measure",
                );
            });
        }
        (Some(measure), ..) => format!("it hangs on measure `{measure}` and on another subject"),
        (None, Some(kind), None) => format!("no key says which {kind} it hangs on"),
        (None, None, Some(key)) => format!("nothing says of which kind `{}` is", key.0),
    };
    problems.within("subjectKey", |problems| {
        problems.push(
            ProblemCode::Inconsistent,
            message,
            "give either `measureKey`, or both `subjectKind` and `subjectKey`",
        );
    });
}

record! {
    /// One row of a measure's fact table (*kernindicator*), or a figure that is followed of a goal, a project, a process or the body.
    Indicator(|indicator| indicator.key.clone(), position: |indicator| i64::from(indicator.position),
    settle: |it| open_word::settle(&mut it.kind, &mut it.kind_word), check: |it, problems| {
        open_word::check("kindWord", Some(it.kind), it.kind_word.as_deref(), problems);
        check_subject(it.measure_key.as_ref(), it.subject_kind, it.subject_key.as_ref(), problems);
    }) {
        /// Natural key (*sleutel*).
        key: Key,
        /// The measure; null where it hangs on something else.
        measure_key: Option<Link<Measure>> => indicators: "The indicators of the measure, in the order of its fact table.",
        /// Place in the fact table, from 1 (*volgorde*).
        position: i32,
        /// Label as printed (*omschrijving, label*).
        label: String,
        /// What it tells (*soort*), in the first document's words; OTHER for any other.
        kind: IndicatorKind; deprecated: "Since 2026-11. Ask `kindWord`, which has the words of every document.",
        /// What its values count (*eenheid*).
        unit: Unit,
        /// Where its label is printed.
        printed: Option<Citation>,
        /// How its values are to stand to its targets, where a target does not say so itself; null for AT_LEAST.
        aim: Option<Aim>,
        /// The kind of what it hangs on, where that is no measure.
        subject_kind: Option<SubjectKind>,
        /// What it hangs on, where that is no measure.
        subject_key: Option<SubjectLink> => indicators: "The figures that are followed of it.",
        /// Which of the five domains it belongs to; null where `kind` says so, or nothing does.
        domain: Option<Domain>,
        /// What it means.
        definition: Option<String>,
        /// How it is counted or computed.
        method: Option<String>,
        /// From which system or count it comes.
        source: Option<String>,
        /// Who answers for it.
        owner: Option<String>,
        /// How often it is reported: from this follows which figures a round of reporting expects.
        frequency: Option<Frequency>,
        /// How its values come together over periods.
        aggregation: Option<Aggregation>,
        /// What it tells, in a word: one of `IndicatorKind`, or the document's own, such as `Waiting list`; null where it has none.
        kind_word: Option<String>,
    }
}

vocabulary! {
    /// How final a value is.
    ValueState {
        /// It will not change.
        Final = "FINAL",
        /// It was counted, and may still change.
        Provisional = "PROVISIONAL",
        /// It is expected.
        Forecast = "FORECAST",
    }
}

impl Observation {
    /// Indicator and period; and, where it is not the final value of the whole in the period alone, what else tells it.
    fn own_key(&self) -> Key {
        let marks = self.marks();
        if marks.is_empty() {
            return Self::plain_key(self.indicator_key.key(), &self.period);
        }
        Key::of_parts(&self.indicator_key, &[&self.period, &marks])
    }

    /// What tells it from the final value of the whole in the period alone: its categories in order, `=year-to-date`, `=forecast`.
    pub fn marks(&self) -> String {
        if self.is_plain() {
            return String::new();
        }
        let mut marks: Vec<String> = self.category_keys.iter().map(|category| key::mark(category.as_str())).collect();
        marks.sort();
        marks.extend(self.is_year_to_date().then(|| "=year-to-date".to_owned()));
        let state = self.state.filter(|state| *state != ValueState::Final);
        marks.extend(state.map(|state| format!("={}", state.word().to_lowercase())));
        marks.into_iter().map(|mark| format!("+{mark}")).collect()
    }

    /// The key of the final value of an indicator in a period as a whole.
    pub fn plain_key(indicator: &Key, period: &Period) -> Key {
        Key::of_parts(indicator, &[period])
    }

    /// Whether it counts from the beginning of the year.
    pub fn is_year_to_date(&self) -> bool {
        self.year_to_date == Some(true)
    }

    /// Whether it is what the indicator was in the period as a whole: no part of a breakdown, no forecast, no value since the beginning
    /// of the year. Only such values follow each other in a series.
    pub fn is_plain(&self) -> bool {
        self.category_keys.is_empty()
            && !self.is_year_to_date()
            && self.state != Some(ValueState::Forecast)
            && self.state != Some(ValueState::Provisional)
    }
}

record! {
    /// The value of an indicator in a period.
    Observation(|it| it.own_key(), check: |it, problems| {
        figure::check_share("figure", &it.figure, problems);
        period::check_change(&it.period, it.change_from.as_ref(), problems);
    }) {
        /// The indicator.
        indicator_key: Link<Indicator> => observations: "The values of the indicator, by period.",
        /// The period (*periode*).
        period: Period,
        /// The value.
        figure: Figure,
        /// The change since an earlier period as the document prints it (*trend*); null when none is printed.
        change: Option<Box<Figure>>,
        /// The period since which `change` is said to be.
        change_from: Option<Period>,
        /// The period as the row wrote it, where that is another form of the same days, such as `2024-01/2024-12` for `2024`.
        period_written: Option<Period>,
        /// The categories that it is of, where figures are broken down; empty for the whole. They are part of the key.
        category_keys: Vec<Link<Category>> => observations: "The figures of this category.",
        /// How final it is; null for a final figure. Forecasts and provisional figures stand beside the final one.
        state: Option<ValueState>,
        /// Whether it counts from the beginning of the year to the end of the period; null and false for a value of the period alone.
        year_to_date: Option<bool>,
        /// What explains it, such as why it rose.
        explanation: Option<String>,
        /// The day on which it was delivered, which tells whether it was in time.
        delivered: Option<Date>,
    }
}
