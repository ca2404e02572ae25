//! Printed trends and ratios, against the values beside them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::analysis::computed::{Computed, Input, Rule, tolerance};
use crate::analysis::line;
use crate::analysis::reconcile::compare::{self, Gap};
use crate::analysis::reconcile::{Counterpart, DiscrepancyRule, Finding, Severity, words};
use crate::model::claim::ClaimKind;
use crate::model::exact;
use crate::model::norm::ResultSource;
use crate::model::{Figure, FigureStatus, Key, Kind, NormResult, Observation, Record, Unit};
use crate::register::{Earlier, Node, Register, TableSet};

/// A printed trend with the two values that it is about.
struct Trend<'r> {
    field: &'static str,
    change: &'r Figure,
    to: (&'r Node, &'static str, &'r Figure),
    /// The period that it starts from.
    since: String,
    /// The value of that period; none where there is no record of it.
    from: Option<(&'r Node, &'static str, &'r Figure)>,
}

/// The trends that a record prints.
fn trends<'r>(register: &'r Register, node: &'r Node) -> Vec<Trend<'r>> {
    let mut found = Vec::new();
    match &node.record {
        Record::Observation(it) => {
            if let (Some(change), Some(since)) = (&it.change, &it.change_from) {
                let from = on_line(register, (Kind::Indicator, it.indicator_key.key()), |of| {
                    register.get(Kind::Observation, &Observation::plain_key(of, since))
                });
                found.push(Trend {
                    field: "change",
                    change,
                    to: (node, "figure", &it.figure),
                    since: since.to_string(),
                    from: from.and_then(main_figure),
                });
            }
        }
        Record::NormResult(it) => {
            if let (Some(change), Some(since)) = (&it.change, &it.change_from) {
                // The overview prints no earlier results of its own: they stand in the fact tables.
                let tables = [(it.source, it.source_word.as_deref()), (ResultSource::FactTable, None)];
                let from = on_line(register, (Kind::Norm, it.norm_key.key()), |of| {
                    tables.iter().find_map(|(source, word)| {
                        register.get(Kind::NormResult, &NormResult::key_in(of, since, *source, *word))
                    })
                });
                found.push(Trend {
                    field: "change",
                    change,
                    to: (node, "figure", &it.figure),
                    since: since.to_string(),
                    from: from.and_then(main_figure),
                });
            }
        }
        Record::Inspection(it) => {
            let year = it.year.saturating_sub(1);
            let before = on_line(register, (Kind::InspectedProcess, it.process_key.key()), |of| {
                register.get(Kind::Inspection, &Key::join(&[&of, &year]))
            });
            let before = before.and_then(|node| match &node.record {
                Record::Inspection(it) => Some((node, it)),
                _ => None,
            });
            let mut push =
                |field, path, change: &'r Option<Figure>, to: &'r Figure, from: Option<(&'r Node, &'r Figure)>| {
                    if let Some(change) = change {
                        let from = from.map(|(node, figure)| (node, path, figure));
                        found.push(Trend { field, change, to: (node, path, to), since: year.to_string(), from });
                    }
                };
            let from = before.map(|(node, it)| (node, &it.controls));
            push("controlsChange", "controls", &it.controls_change, &it.controls, from);
            let from = before.map(|(node, it)| (node, &it.sanctions));
            push("sanctionsChange", "sanctions", &it.sanctions_change, &it.sanctions, from);
            let from = before.map(|(node, it)| (node, &it.proposed_recovery));
            let (change, to) = (&it.proposed_recovery_change, &it.proposed_recovery);
            push("proposedRecoveryChange", "proposedRecovery", change, to, from);
        }
        _ => {}
    }
    found
}

/// What is known of an earlier period: below that record, or else below the nearest earlier one on its line.
fn on_line<'r>(
    register: &'r Register,
    (kind, key): (Kind, &Key),
    known: impl Fn(&Key) -> Option<&'r Arc<Node>>,
) -> Option<&'r Node> {
    let earlier = || {
        let of = register.get(kind, key)?;
        line::earlier(register, of).into_iter().find_map(|of| known(&of.key))
    };
    known(key).or_else(earlier).map(|node| &**node)
}

fn main_figure(node: &Node) -> Option<(&Node, &'static str, &Figure)> {
    match &node.record {
        Record::Observation(it) => Some((node, "figure", &it.figure)),
        Record::NormResult(it) => Some((node, "figure", &it.figure)),
        _ => None,
    }
}

impl<'r> Trend<'r> {
    /// The change that the two values give, in the unit of the printed one; none where they count different things, or it another.
    fn computed(&self) -> Option<Computed<'r>> {
        let (from, path, figure) = self.from?;
        let to = self.to.2;
        let inputs = vec![Input::recorded("to", self.to.0, self.to.1, to), Input::recorded("from", from, path, figure)];
        if figure.counts() != to.counts() {
            return None;
        }
        if self.change.unit == Unit::Ratio {
            return Some(Computed::relative_change(inputs));
        }
        let counts = if to.unit == Unit::Ratio { Unit::RatioPoints.word() } else { to.counts() };
        (self.change.counts() == counts).then(|| Computed::new(Rule::Change, self.change.unit, inputs))
    }

    /// Whether it is printed as a percentage, and is the difference of two shares in percentage points.
    fn in_points(&self) -> bool {
        let (Some((_, _, from)), Unit::Ratio, Unit::Ratio) = (self.from, self.change.unit, self.to.2.unit) else {
            return false;
        };
        let points = self.to.2.value.zip(from.value).and_then(|(to, from)| exact::sub(to, from));
        let slack = compare::digit(self.to.2);
        self.change.value.is_some() && points.is_some_and(|it| compare::exact(self.change, it, slack).is_none())
    }

    fn gap(&self, computed: &Computed<'_>) -> Option<Gap> {
        let found = *computed.value.as_ref().ok()?;
        compare::exact(self.change, found, compare::slack(computed))
    }
}

/// A printed trend follows from its two values.
pub fn trend<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    for trend in trends(register, node) {
        let Some(computed) = trend.computed() else { continue };
        let Some(gap) = trend.gap(&computed) else { continue };
        let (Some((_, _, from)), Ok(value)) = (trend.from, &computed.value) else { continue };
        let mut explanation = format!(
            "{}: from {} to {} is {}, but {} is printed.",
            words::subject(register, node),
            words::figure(from),
            words::figure(trend.to.2),
            words::change(*value, trend.change.unit),
            words::quoted(trend.change),
        );
        let in_points = trend.in_points();
        // The number is right, its unit is not.
        let severity =
            if in_points { DiscrepancyRule::TrendUnit.severity() } else { Severity::of(&gap.of_change(&computed)) };
        if in_points {
            explanation.push_str(" In percentage points it is right.");
        } else if compare::exact(trend.change, -*value, compare::slack(&computed)).is_none() {
            explanation.push_str(" The sign is wrong.");
        }
        found.push(Finding {
            rule: DiscrepancyRule::Trend,
            node,
            field: trend.field,
            stated: trend.change,
            found: Counterpart::Computed(computed),
            gap: Some(gap),
            severity,
            explanation,
        });
    }
}

/// How many trends of shares each document prints in percentage points, and how many as percentages.
#[derive(Clone, Debug, Default)]
pub struct Conventions(HashMap<Key, [usize; 2]>);

impl Conventions {
    /// Those of a register; made once for each state of what prints trends.
    pub fn of(register: &Register) -> &Arc<Self> {
        const KINDS: [Kind; 2] = [Kind::Observation, Kind::NormResult];
        register.derived::<Self>(TableSet::of(&KINDS), |register, earlier| {
            let Some(Earlier { value, steps }) = earlier else {
                let mut found = Self::default();
                let nodes = KINDS.into_iter().flat_map(|kind| register.all(kind));
                nodes.filter_map(|node| printed_so(&node.record)).for_each(|at| *found.count(at) += 1);
                return found;
            };
            let mut found = Self::clone(&value);
            for (_, step) in &steps {
                let of = |node: &Option<Arc<Node>>| node.as_ref().and_then(|node| printed_so(&node.record));
                of(&step.before).into_iter().for_each(|at| *found.count(at) -= 1);
                of(&step.after).into_iter().for_each(|at| *found.count(at) += 1);
            }
            found
        })
    }

    fn count(&mut self, (document, at): (Key, usize)) -> &mut usize {
        &mut self.0.entry(document).or_default()[at]
    }

    fn mostly_points(&self) -> BTreeSet<&Key> {
        self.0.iter().filter(|(_, [points, percents])| points > percents).map(|(document, _)| document).collect()
    }

    /// Whether the documents print most trends of shares as they do by another state.
    pub fn is_same(&self, other: &Self) -> bool {
        self.mostly_points() == other.mostly_points()
    }

    /// Whether the document prints most trends of shares in percentage points.
    fn points(&self, change: &Figure) -> bool {
        let document = change.printed.as_ref().and_then(|printed| self.0.get(printed.document_key.key()));
        document.is_some_and(|[points, percents]| points > percents)
    }
}

/// The document in which a record prints a trend of a share, and whether in points (0) or as a percentage (1).
fn printed_so(record: &Record) -> Option<(Key, usize)> {
    let (figure, change, since) = match record {
        Record::Observation(it) => (&it.figure, it.change.as_deref(), &it.change_from),
        Record::NormResult(it) => (&it.figure, it.change.as_deref(), &it.change_from),
        _ => return None,
    };
    let change = change.filter(|it| since.is_some() && figure.unit == Unit::Ratio && it.value.is_some())?;
    let at = match change.unit {
        Unit::RatioPoints => 0,
        Unit::Ratio => 1,
        _ => return None,
    };
    Some((change.printed.as_ref()?.document_key.key().clone(), at))
}

/// Makes what these rules need of the whole register.
pub fn prepare(register: &Register) {
    Conventions::of(register);
}

/// The trend of a share is printed in percentage points, and a change of one that the text states.
pub fn unit<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    if let Record::Claim(it) = &node.record {
        let is_percentage = it.kind == ClaimKind::ChangePoints && it.figure.unit == Unit::Ratio;
        if is_percentage && it.figure.value.is_some() && Conventions::of(register).points(&it.figure) {
            found.push(Finding {
                rule: DiscrepancyRule::TrendUnit,
                node,
                field: "figure",
                stated: &it.figure,
                found: Counterpart::Nothing,
                gap: None,
                severity: DiscrepancyRule::TrendUnit.severity(),
                explanation: format!(
                    "{} as a percentage, but the change of a share is one in percentage points.",
                    words::claim(it)
                ),
            });
        }
    }
    for trend in trends(register, node) {
        let Some((_, _, from)) = trend.from.filter(|_| trend.in_points()) else { continue };
        if !Conventions::of(register).points(trend.change) {
            continue;
        }
        found.push(Finding {
            rule: DiscrepancyRule::TrendUnit,
            node,
            field: trend.field,
            stated: trend.change,
            found: Counterpart::Nothing,
            gap: None,
            severity: DiscrepancyRule::TrendUnit.severity(),
            explanation: format!(
                "{}: from {} to {} is a change in percentage points, but {} is printed as a percentage.",
                words::subject(register, node),
                words::figure(from),
                words::figure(trend.to.2),
                words::quoted(trend.change),
            ),
        });
    }
}

/// A trend is printed only where both of its values are known.
pub fn base<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    for trend in trends(register, node).into_iter().filter(|it| it.change.value.is_some()) {
        let missing = match trend.from {
            None => None,
            Some(from) => match [from, trend.to].into_iter().find(|(_, _, figure)| figure.value.is_none()) {
                None => continue,
                missing => missing,
            },
        };
        let why = match missing {
            None => format!("no value of {} is known", trend.since),
            Some((_, _, blank)) if blank.status == FigureStatus::NotReported => {
                format!("the value that it needs is left blank in {}", words::place(blank.printed.as_deref()))
            }
            Some((_, _, figure)) => format!(
                "the value that it needs is printed as {} in {}",
                words::quoted(figure),
                words::place(figure.printed.as_deref())
            ),
        };
        found.push(Finding {
            rule: DiscrepancyRule::TrendBase,
            node,
            field: trend.field,
            stated: trend.change,
            found: missing
                .map_or(Counterpart::Nothing, |(node, path, figure)| Counterpart::Printed(node, path, figure)),
            gap: None,
            severity: DiscrepancyRule::TrendBase.severity(),
            explanation: format!(
                "{}: {} is printed as the trend, but {why}.",
                words::subject(register, node),
                words::quoted(trend.change),
            ),
        });
    }
}

/// The printed ratio of result to target follows from the two.
pub fn ratio<'r>(register: &'r Register, node: &'r Node, found: &mut Vec<Finding<'r>>) {
    let Record::NormResult(result) = &node.record else { return };
    let (Some(ratio), Some(norm)) = (&result.ratio, register.get(Kind::Norm, result.norm_key.key())) else { return };
    let Record::Norm(record) = &norm.record else { return };
    let Some(target) = &record.target else { return };
    let part = Input::recorded("part", node, "figure", &result.figure);
    let computed = Computed::share(part, Input::recorded("whole", norm, "target", target));
    let (Ok(value), Some(goal)) = (&computed.value, target.value) else { return };
    // The target is exact, however it is printed: only the result is rounded.
    let Some(rounded) = tolerance(&result.figure).checked_div(goal.abs()) else { return };
    let Some(gap) = compare::exact(ratio, *value, rounded) else { return };
    found.push(Finding {
        rule: DiscrepancyRule::Ratio,
        node,
        field: "ratio",
        stated: ratio,
        gap: Some(gap),
        severity: Severity::of(&gap),
        explanation: format!(
            "{}: {} of a target of {} is {}, but {} is printed.",
            words::subject(register, node),
            words::figure(&result.figure),
            words::figure(target),
            words::number(*value, Unit::Ratio),
            words::quoted(ratio),
        ),
        found: Counterpart::Computed(computed),
    });
}
