//! Computed figures: a value or the reason why there is none, the rule, and what went in, down to the printed cells.
//!
//! The rules are a closed table. A value is its rule's formula with the inputs put in by name, and nothing else; so the formula
//! shown is the one that was computed.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::analysis::coverage::Coverage;
use crate::analysis::formula::{Formula, Inputs};
pub use crate::analysis::rules::{Missing, MissingCode, Rule};
use crate::model::exact;
use crate::model::{Figure, FigureStatus, Unit};
use crate::register::Node;

/// A figure that the register computed.
#[derive(Clone, Debug)]
pub struct Computed<'r> {
    /// The value, or why there is none.
    pub value: Result<Decimal, Missing>,
    /// What it counts.
    pub unit: Unit,
    /// How it was computed.
    pub rule: Rule,
    /// What it was computed from. Those of one name are the terms of a sum, or what was counted.
    pub inputs: Vec<Input<'r>>,
    /// Of how many parts it is, and how many are left out because they are unknown.
    pub coverage: Coverage,
}

/// What a figure was computed from.
#[derive(Clone, Debug)]
pub struct Input<'r> {
    /// Its name in the formula.
    pub name: &'static str,
    /// The record that it belongs to, if one.
    pub node: Option<&'r Node>,
    /// What it is.
    pub of: InputKind<'r>,
}

/// What an input is.
#[derive(Clone, Debug)]
pub enum InputKind<'r> {
    /// The record's figure at that path, such as `figure` or `change`.
    Recorded(&'static str, &'r Figure),
    /// Another computed figure.
    Computed(Arc<Computed<'r>>),
    /// The record itself, where records are counted.
    Counted,
    /// The record's figure at that path, which the register does not have.
    Absent(&'static str),
}

impl<'r> Input<'r> {
    /// A figure of a record.
    pub fn recorded(name: &'static str, node: &'r Node, path: &'static str, figure: &'r Figure) -> Self {
        Self { name, node: Some(node), of: InputKind::Recorded(path, figure) }
    }
    /// A figure of a record, where the record may have none.
    pub fn optional(name: &'static str, node: &'r Node, path: &'static str, figure: Option<&'r Figure>) -> Self {
        figure.map_or(Self { name, node: Some(node), of: InputKind::Absent(path) }, |it| {
            Self::recorded(name, node, path, it)
        })
    }
    /// Another computed figure.
    pub fn computed(name: &'static str, figure: impl Into<Arc<Computed<'r>>>) -> Self {
        Self { name, node: None, of: InputKind::Computed(figure.into()) }
    }
    /// A record that is counted.
    pub fn counted(node: &'r Node) -> Self {
        Self { name: "record", node: Some(node), of: InputKind::Counted }
    }
    /// The same input, said to belong to that record.
    pub fn about(mut self, node: &'r Node) -> Self {
        self.node = Some(node);
        self
    }

    /// Its value; none where a record is counted.
    pub fn value(&self) -> Option<Decimal> {
        match &self.of {
            InputKind::Recorded(_, figure) => figure.value,
            InputKind::Computed(figure) => figure.value.as_ref().ok().copied(),
            InputKind::Counted | InputKind::Absent(_) => None,
        }
    }

    /// The recorded figure that it is, if it is one.
    pub fn figure(&self) -> Option<&'r Figure> {
        match &self.of {
            InputKind::Recorded(_, figure) => Some(figure),
            _ => None,
        }
    }

    /// Its unit, where it is a figure.
    pub fn unit(&self) -> Option<Unit> {
        match &self.of {
            InputKind::Recorded(_, figure) => Some(figure.unit),
            InputKind::Computed(figure) => Some(figure.unit),
            InputKind::Counted | InputKind::Absent(_) => None,
        }
    }

    /// The code of its unit, where that is OTHER and it has one.
    fn code(&self) -> Option<&'r str> {
        match &self.of {
            InputKind::Recorded(_, figure) => figure.unit_code.as_deref(),
            InputKind::Computed(figure) => figure.code(),
            InputKind::Counted | InputKind::Absent(_) => None,
        }
    }

    /// What it counts, where it is a figure: two currencies are two units.
    fn counts(&self) -> Option<(Unit, Option<&'r str>)> {
        self.unit().map(|unit| (unit, self.code()))
    }

    /// How much of what it is about is known.
    fn coverage(&self) -> Coverage {
        match &self.of {
            InputKind::Computed(figure) => figure.coverage,
            InputKind::Counted => Coverage::one(true),
            InputKind::Recorded(..) | InputKind::Absent(_) => Coverage::one(self.value().is_some()),
        }
    }

    /// Whether the source says that it does not apply.
    pub fn does_not_apply(&self) -> bool {
        matches!(self.of, InputKind::Recorded(_, figure) if figure.status == FigureStatus::NotApplicable)
    }

    /// How far its true value may lie from the one that it has, because it was printed rounded; none when that is too large to tell.
    pub fn tolerance(&self) -> Option<Decimal> {
        match &self.of {
            InputKind::Recorded(_, figure) => Some(tolerance(figure)),
            InputKind::Computed(figure) => match figure.range() {
                Some((low, high)) => high.checked_sub(low)?.checked_div(Decimal::TWO),
                None => Some(Decimal::ZERO),
            },
            InputKind::Counted | InputKind::Absent(_) => Some(Decimal::ZERO),
        }
    }

    /// Why it has no value, in words.
    fn missing(&self) -> String {
        let whose = self.node.map_or(String::new(), |node| format!(" of {} `{}`", node.kind(), node.key));
        match &self.of {
            InputKind::Recorded(path, figure) => format!("`{}`, {path}{whose}, is {}", self.name, figure.status),
            InputKind::Absent(path) => format!("`{}`, {path}{whose}, is not in the register", self.name),
            InputKind::Computed(figure) => match &figure.value {
                Err(missing) => format!("`{}`{whose} cannot be computed: {}", self.name, missing.text),
                Ok(_) => String::new(),
            },
            InputKind::Counted => format!("`{}`{whose} is counted and has no value", self.name),
        }
    }
}

/// How far the true value of a figure may lie from the recorded one: nothing for what is counted in whole numbers, else half a unit
/// of the last digit that is printed, or recorded.
pub fn tolerance(figure: &Figure) -> Decimal {
    if matches!(figure.unit, Unit::Count | Unit::Persons | Unit::Days | Unit::Months) {
        return Decimal::ZERO;
    }
    match figure.cell() {
        Some(cell) if cell.value == figure.value => cell.tolerance,
        _ => figure.value.map_or(Decimal::ZERO, |value| exact::half_unit(value.scale())),
    }
}

/// What is counted, in words.
fn in_words((unit, code): (Unit, Option<&str>)) -> String {
    code.map_or(unit.to_string(), str::to_owned)
}

/// Of how many parts a figure of these inputs is: those of one name are parts of one whole; of several wholes the widest counts.
fn coverage(inputs: &[Input<'_>]) -> Coverage {
    let mut wholes: Vec<(&str, Coverage)> = Vec::new();
    for input in inputs {
        match wholes.iter_mut().find(|(name, _)| *name == input.name) {
            Some((_, whole)) => *whole = whole.and(input.coverage()),
            None => wholes.push((input.name, input.coverage())),
        }
    }
    wholes.into_iter().map(|(_, whole)| whole).reduce(Coverage::wider).unwrap_or_default()
}

impl<'r> Computed<'r> {
    /// Computes a figure by a rule.
    pub fn new(rule: Rule, unit: Unit, inputs: Vec<Input<'r>>) -> Self {
        let formula = rule.read();
        let value = formula.value(&Values { inputs: &inputs, at: None });
        let value = value.map(|value| if formula.is_exact() { value } else { value.round_dp(12) }.normalize());
        Self { value, unit, rule, coverage: coverage(&inputs), inputs }
    }

    /// A figure that cannot be computed, for a reason that the formula does not see.
    pub fn missing(rule: Rule, unit: Unit, inputs: Vec<Input<'r>>, code: MissingCode, text: impl Into<String>) -> Self {
        Self { value: Err(Missing::new(code, text)), unit, rule, coverage: coverage(&inputs), inputs }
    }

    /// The same figure, said to be of those parts: where it is known what its inputs leave out.
    pub fn covering(mut self, coverage: Coverage) -> Self {
        self.coverage = coverage;
        self
    }

    /// How many records there are.
    pub fn count(nodes: impl IntoIterator<Item = &'r Node>) -> Self {
        Self::new(Rule::Count, Unit::Count, nodes.into_iter().map(Input::counted).collect())
    }

    /// The sum of all parts in one unit; those that do not apply are left out.
    pub fn sum(unit: Unit, parts: Vec<Input<'r>>) -> Self {
        let parts: Vec<Input<'r>> = parts.into_iter().filter(|part| !part.does_not_apply()).collect();
        let unknown: Vec<&Input<'r>> = parts.iter().filter(|part| part.value().is_none()).collect();
        if let Some(first) = unknown.first() {
            let text = format!("{} of {} parts have no value: {}", unknown.len(), parts.len(), first.missing());
            return Self::missing(Rule::Sum, unit, parts, MissingCode::InputMissing, text);
        }
        Self::in_one_unit(Rule::Sum, unit, parts)
    }

    /// The sum of those parts that have a value.
    pub fn sum_of_known(unit: Unit, parts: Vec<Input<'r>>) -> Self {
        let parts: Vec<Input<'r>> = parts.into_iter().filter(|part| !part.does_not_apply()).collect();
        let of = coverage(&parts);
        let known = parts.into_iter().filter(|part| part.value().is_some()).collect();
        Self::in_one_unit(Rule::SumOfKnown, unit, known).covering(of)
    }

    /// By a rule that takes inputs of the figure's own unit only.
    pub fn in_one_unit(rule: Rule, unit: Unit, inputs: Vec<Input<'r>>) -> Self {
        let code = inputs.iter().find_map(Input::counts).filter(|it| it.0 == unit).and_then(|it| it.1);
        match inputs.iter().filter_map(Input::counts).find(|other| *other != (unit, code)) {
            Some(other) => {
                let text = format!("one input counts {}, not {}", in_words(other), in_words((unit, code)));
                Self::missing(rule, unit, inputs, MissingCode::UnitsDiffer, text)
            }
            None => Self::new(rule, unit, inputs),
        }
    }

    /// By a rule that takes inputs of one unit only, whichever it is.
    pub fn in_units_alike(rule: Rule, unit: Unit, inputs: Vec<Input<'r>>) -> Self {
        let mut units = inputs.iter().filter_map(|input| Some((input.name, input.counts()?)));
        let first = units.next();
        match first.and_then(|first| Some((first, units.find(|(_, other)| *other != first.1)?))) {
            Some(((name, of), (other, counts))) => {
                let text = format!("the {name} counts {}, the {other} {}", in_words(of), in_words(counts));
                Self::missing(rule, unit, inputs, MissingCode::UnitsDiffer, text)
            }
            None => Self::new(rule, unit, inputs),
        }
    }

    /// The same figure in another unit than its inputs.
    pub fn counting(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// The relative change between the inputs `from` and `to`.
    pub fn relative_change(inputs: Vec<Input<'r>>) -> Self {
        let base = inputs.iter().find(|input| input.name == "from").and_then(Input::value);
        match base.filter(|base| *base < Decimal::ZERO) {
            Some(base) => {
                let text = format!("the change would start from {base}, which is negative");
                Self::missing(Rule::ChangeRelative, Unit::Ratio, inputs, MissingCode::NegativeBase, text)
            }
            None => Self::new(Rule::ChangeRelative, Unit::Ratio, inputs),
        }
    }

    /// The same of two figures that may count different things, and then have none.
    pub fn relative_change_alike(inputs: Vec<Input<'r>>) -> Self {
        let alike = Self::in_units_alike(Rule::ChangeRelative, Unit::Ratio, inputs.clone());
        let differ = |missing: &Missing| missing.code == MissingCode::UnitsDiffer;
        if alike.value.as_ref().is_err_and(differ) { alike } else { Self::relative_change(inputs) }
    }

    /// A part's share of the whole; both count the same thing.
    pub fn share(part: Input<'r>, whole: Input<'r>) -> Self {
        let differ = match (part.counts(), whole.counts()) {
            (Some(part), Some(whole)) if part != whole => {
                Some(format!("the part counts {}, the whole {}", in_words(part), in_words(whole)))
            }
            _ => None,
        };
        let inputs = vec![part, whole];
        match differ {
            Some(text) => Self::missing(Rule::Share, Unit::Ratio, inputs, MissingCode::UnitsDiffer, text),
            None => Self::new(Rule::Share, Unit::Ratio, inputs),
        }
    }

    /// The code of its unit, where that is OTHER: that of what went in.
    pub fn code(&self) -> Option<&'r str> {
        self.inputs.iter().filter(|_| self.unit == Unit::Other).find_map(Input::code)
    }

    /// The same figure in whole things, where it counts things: there is no part of a file.
    pub fn in_whole_things(mut self) -> Self {
        if matches!(self.unit, Unit::Count | Unit::Persons) {
            self.value = self.value.map(|value| value.round_dp(0).normalize());
        }
        self
    }

    /// What a figure has as its status.
    pub fn status(&self) -> FigureStatus {
        if self.value.is_ok() { FigureStatus::Computed } else { FigureStatus::NotComputable }
    }

    /// The formula with its numbers, such as `(2246 - 2821) / 2821`; `?` for a number that is missing.
    pub fn expression(&self) -> String {
        self.rule.read().show(&Values { inputs: &self.inputs, at: None })
    }

    /// The least and the greatest value that it could have, given that its inputs are printed rounded. Inputs of one name are
    /// taken as rounded the same way, which gives the extremes of a sum.
    pub fn range(&self) -> Option<(Decimal, Decimal)> {
        self.value.as_ref().ok()?;
        let mut names: Vec<&str> = self.inputs.iter().map(|input| input.name).collect();
        names.sort_unstable();
        names.dedup();
        let ends = (0..1usize << names.len().min(8)).map(|corner| {
            let at = |name: &str| names.iter().position(|known| *known == name).is_some_and(|at| corner >> at & 1 == 1);
            self.rule.read().value(&Values { inputs: &self.inputs, at: Some(&at) }).ok()
        });
        let ends: Vec<Decimal> = ends.collect::<Option<_>>()?;
        Some((*ends.iter().min()?, *ends.iter().max()?))
    }

    /// Whether a printed figure can be this one, both rounded as they are printed: no when the values that the print allows and
    /// those that the inputs allow have none in common; none when there is nothing to compare.
    pub fn agrees(&self, printed: &Figure) -> Option<bool> {
        let (low, high) = self.range()?;
        let (value, tolerance) = (printed.value.filter(|_| printed.unit == self.unit)?, tolerance(printed));
        Some(low <= value.checked_add(tolerance)? && value.checked_sub(tolerance)? <= high)
    }
}

/// The inputs as a formula sees them: as they are, or each at one end of what its rounding allows.
struct Values<'i, 'r> {
    inputs: &'i [Input<'r>],
    at: Option<&'i dyn Fn(&str) -> bool>,
}

impl<'i, 'r> Values<'i, 'r> {
    fn of(&self, name: &str) -> impl Iterator<Item = &'i Input<'r>> {
        self.inputs.iter().filter(move |input| input.name == name)
    }
}

impl Inputs for Values<'_, '_> {
    type Missing = Missing;

    fn values(&self, name: &str) -> Result<Vec<Decimal>, Missing> {
        let value = |input: &Input<'_>| {
            let missing = || Missing::new(MissingCode::InputMissing, input.missing());
            let value = input.value().ok_or_else(missing)?;
            let shifted = || match self.at {
                None => Some(value),
                Some(high) if high(name) => value.checked_add(input.tolerance()?),
                Some(_) => value.checked_sub(input.tolerance()?),
            };
            shifted().ok_or_else(|| self.overflow())
        };
        self.of(name).map(value).collect()
    }

    fn count(&self, name: &str) -> usize {
        self.of(name).count()
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.of(name).map(|input| input.value().map_or("?".into(), |value| value.to_string())).collect()
    }

    fn none(&self, name: &str) -> Missing {
        Missing::new(MissingCode::NoInput, format!("the register has no `{name}` to compute it from"))
    }

    fn zero_divisor(&self, divisor: &Formula) -> Missing {
        Missing::new(MissingCode::ZeroDivisor, format!("the divisor, {}, is zero", divisor.show(self)))
    }

    fn overflow(&self) -> Missing {
        Missing::new(MissingCode::Overflow, "a number on the way has more than 28 digits")
    }
}

#[cfg(test)]
mod tests;
