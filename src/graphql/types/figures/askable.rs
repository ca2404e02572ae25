//! Computed figures in lists of their own, so that they can be filtered and ordered.

use crate::analysis::askable::{self, Attainments, IndicatorTrend, NormAttainment, TrendForm, Trends};
use crate::analysis::walk;
use crate::graphql::core::definition::{FieldDef, Ty, function};
use crate::graphql::core::limits::Limits;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value};
use crate::graphql::types::figures::common::{INDICATORS, NORMS, attainment_of, trend_of};
use crate::graphql::types::page;
use crate::graphql::types::values;
use crate::model::{Composite as _, CompositeInfo, Key, Kind, Norm, View, Vocabulary};
use crate::register::Node;
use crate::register::query::FilterSchema;

/// What is known of these values, with the order in which they stand.
pub fn infos() -> [(&'static CompositeInfo, &'static str); 2] {
    [(IndicatorTrend::info(), "in the order of the indicators"), (NormAttainment::info(), "in the order of the norms")]
}

/// The vocabularies that only these use.
pub fn vocabularies() -> [&'static Vocabulary; 1] {
    [&TrendForm::VOCABULARY]
}

/// What every state of the register has.
pub fn root_fields(limits: &Limits) -> Vec<FieldDef> {
    vec![
        FieldDef::new(
            "trends",
            Ty::required("IndicatorTrendConnection"),
            "How each indicator changed last, as computed: which lost most is `orderBy: [{field: RELATIVE}]`. What is unknown comes last, with its \
             reason. In the order of the indicators.",
            function(|context, of, args| {
                values::list(context, of, args, "trends", |it: &IndicatorTrend| it.indicator_key.key(), |it| Trends::of(it).iter())
            }),
        )
        .with_args(page::arguments(limits))
        .filtered_by(FilterSchema::of(IndicatorTrend::info()))
        .reading(INDICATORS),
        FieldDef::new(
            "attainments",
            Ty::required("NormAttainmentConnection"),
            "How far each norm is attained by its last result, as computed: which is farthest from its target is \
             `orderBy: [{field: DISTANCE, direction: DESC}]`. What is unknown comes last, with its reason. In the order of the norms.",
            function(|context, of, args| {
                values::list(context, of, args, "attainments", |it: &NormAttainment| it.norm_key.key(), |it| Attainments::of(it).iter())
            }),
        )
        .with_args(page::arguments(limits))
        .filtered_by(FilterSchema::of(NormAttainment::info()))
        .reading(NORMS),
    ]
}

/// What a value of that type has besides its own fields: the whole of what was computed, with its rule and inputs.
pub fn fields(name: &str) -> Vec<FieldDef> {
    let trend = "The same trend with its figures: how they were computed, and from which cells.";
    let attainment = "The same attainment with its figures: how they were computed, and from which cells.";
    match name {
        "IndicatorTrend" => vec![
            FieldDef::new(
                "trend",
                Ty::required("Trend"),
                trend,
                function(|_, of, _| {
                    let indicator = subject(of, Kind::Indicator);
                    Ok(indicator.map_or(Value::Null, |it| trend_of(of.register, askable::trend_of(of.register, it))))
                }),
            )
            .reading(INDICATORS),
        ],
        "NormAttainment" => vec![
            FieldDef::new(
                "attainment",
                Ty::required("Attainment"),
                attainment,
                function(|_, of, _| {
                    let norm = subject(of, Kind::Norm).and_then(walk::of::<Norm>);
                    Ok(norm
                        .map_or(Value::Null, |it| attainment_of(of.register, askable::attainment_of(of.register, it))))
                }),
            )
            .reading(NORMS),
        ],
        _ => Vec::new(),
    }
}

/// The record that a value is about: its first field is the key.
fn subject<'r>(of: &ObjectRef<'r>, kind: Kind) -> Option<&'r Node> {
    let ObjectKind::Composite(value) = &of.of else { return None };
    let View::Text(key) = value.field(0) else { return None };
    of.register.get(kind, &Key::parse(&key).ok()?).map(|node| &**node)
}
