//! Indicators of a measure, and their values by period.

use crate::model::figure::{self, Citation, Figure, Unit};
use crate::model::macros::{record, vocabulary};
use crate::model::target::Aim;
use crate::model::{Key, Link, Measure, Period, period};

vocabulary! {
    /// What an indicator tells, across measures, so that the same thing can be compared and added up.
    IndicatorKind {
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

record! {
    /// One row of a measure's fact table (*kernindicator*).
    Indicator(|indicator| indicator.key.clone(), position: |indicator| i64::from(indicator.position)) {
        /// Natural key (*sleutel*).
        key: Key,
        /// The measure.
        measure_key: Link<Measure> => indicators: "The indicators of the measure, in the order of its fact table.",
        /// Place in the fact table, from 1 (*volgorde*).
        position: i32,
        /// Label as printed (*omschrijving, label*).
        label: String,
        /// What it tells (*soort*).
        kind: IndicatorKind,
        /// What its values count (*eenheid*).
        unit: Unit,
        /// Where its label is printed.
        printed: Option<Citation>,
        /// How its values are to stand to its targets, where a target does not say so itself; null for AT_LEAST.
        aim: Option<Aim>,
    }
}

record! {
    /// The value of an indicator in a period.
    Observation(|it| Key::of_parts(&it.indicator_key, &[&it.period]), check: |it, problems| {
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
        change: Option<Figure>,
        /// The period since which `change` is said to be.
        change_from: Option<Period>,
        /// The period as the row wrote it, where that is another form of the same days, such as `2024-01/2024-12` for `2024`.
        period_written: Option<Period>,
    }
}
