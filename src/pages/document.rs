//! The document of a page: what can be asked of it besides the whole. It is read once, at the start.

use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::graphql::prepare::ast::{Argument, Document, Field, Selection, TypeRef, Value, ValueKind};
use crate::graphql::prepare::parse::parse;
use crate::pages::path::Step;

/// What is asked of a figure whose source is wanted.
const SOURCE: &str = include_str!("../../web/pages/figure.graphql");
/// Fragments that several documents name, with an empty line between each and the next.
const SHARED: &str = include_str!("../../web/pages/shared.graphql");
/// The fragment by which documents ask for figures.
const FIGURE: &str = "F";
/// Most inputs of a figure that its page shows.
const INPUTS_MAX: usize = 100;
/// Root fields that are of no one state of the register.
const OF_NOW: [&str; 4] = ["commits", "changes", "compare", "limits"];
/// Fields by which an object tells what it is.
const NAMING: [&str; 12] =
    ["name", "title", "label", "code", "key", "year", "subject", "phase", "credit", "source", "level", "date"];
/// Objects by which an object tells what it is: a target is named by what it is of, and when.
const NAMING_OBJECTS: [&str; 2] = ["of", "period"];

/// A page's document.
pub struct PageDocument {
    text: &'static str,
    parsed: Document<'static>,
}

/// A document with the shared fragments that it, or one of these, names and does not have.
fn with_shared(text: &str) -> String {
    let mut whole = text.to_owned();
    let names = |whole: &str, name: &str| whole.lines().any(|line| line.trim_start().strip_prefix("...") == Some(name));
    let has = |whole: &str, name: &str| whole.lines().any(|line| line.starts_with(&format!("fragment {name} on ")));
    let fragments = || {
        SHARED.split("\n\n").filter_map(|it| Some((it.strip_prefix("fragment ")?.split(' ').next()?, it.trim_end())))
    };
    while let Some((_, fragment)) = fragments().find(|(name, _)| names(&whole, name) && !has(&whole, name)) {
        whole.push('\n');
        whole.push_str(fragment);
        whole.push('\n');
    }
    whole
}

/// The same of what is asked of a figure whose source is wanted.
fn source() -> &'static str {
    static WHOLE: LazyLock<String> = LazyLock::new(|| with_shared(SOURCE));
    WHOLE.trim()
}

/// How a variable's value is read from an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Digits.
    Number,
    /// `true` or `false`.
    Flag,
    /// One or more words with commas between.
    List,
    /// A text, also a word or a day.
    Text,
}

impl PageDocument {
    /// Reads a document, which is given the shared fragments that it names. It is part of the program, so that it can be read.
    pub fn new(text: &'static str) -> Self {
        // Once in the life of the program, and each lives as long as it does.
        let text: &'static str = with_shared(text).leak();
        Self { text, parsed: parse(text).expect("the documents of pages are tested") }
    }

    /// The whole document.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Whether it cannot be asked without that variable.
    pub fn requires(&self, name: &str) -> bool {
        let mut variables = self.parsed.operations[0].variables.iter();
        variables.any(|it| it.name.text == name && matches!(it.ty, TypeRef::NonNull(_)) && it.default.is_none())
    }

    /// The variables it takes, and how each is read.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, Form)> {
        self.parsed.operations[0].variables.iter().map(|variable| {
            let form = match (&variable.ty, variable.ty.name().text) {
                (TypeRef::List(_), _) => Form::List,
                (TypeRef::NonNull(inner), _) if matches!(**inner, TypeRef::List(_)) => Form::List,
                (_, "Int" | "Revision") => Form::Number,
                (_, "Boolean") => Form::Flag,
                _ => Form::Text,
            };
            (variable.name.text, form)
        })
    }

    /// Whether it can be asked of an earlier state.
    pub fn has_past(&self) -> bool {
        let selections = &self.parsed.operations[0].selections;
        !selections.iter().any(|it| matches!(it, Selection::Field(field) if OF_NOW.contains(&field.name.text)))
    }

    /// The same of the register as it was at `asOf`.
    pub fn in_the_past(&self) -> String {
        let mut all = String::new();
        self.write_all(&self.parsed.operations[0].selections, &mut all);
        self.operation(true, &all)
    }

    /// Only what stands at a path: a figure with all that it comes from, anything else as the document asks for it.
    /// None when the document asks for nothing there.
    pub fn only(&self, path: &[Step], in_the_past: bool) -> Option<String> {
        let mut narrow = String::new();
        let mut inputs_max = None;
        if !self.narrow(&self.parsed.operations[0].selections, path, &mut narrow, &mut inputs_max) {
            return None;
        }
        let mut text = self.operation(in_the_past, &narrow);
        if let Some(inputs_max) = inputs_max {
            let source = source().replacen("inputs(first: 100)", &format!("inputs(first: {inputs_max})"), 1);
            write!(text, "\n\n{source}\n").expect("a String takes everything");
        }
        Some(text)
    }

    fn operation(&self, in_the_past: bool, selections: &str) -> String {
        let operation = &self.parsed.operations[0];
        let mut text = format!("query {}", operation.name.map_or("Page", |name| name.text));
        let mut variables: Vec<String> = Vec::new();
        for variable in &operation.variables {
            // A variable that nothing uses is refused.
            let used = format!("${}", variable.name.text);
            let is_used = |(at, _): (usize, &str)| {
                !selections[at + used.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
            };
            if selections.match_indices(&used).any(is_used) {
                let mut one = format!("{used}: {}", type_text(&variable.ty));
                if let Some(default) = &variable.default {
                    one.push_str(" = ");
                    write_value(default, &mut one);
                }
                variables.push(one);
            }
        }
        if in_the_past {
            variables.push("$asOf: AsOf!".into());
        }
        if !variables.is_empty() {
            write!(text, "({})", variables.join(", ")).expect("a String takes everything");
        }
        if in_the_past {
            write!(text, " {{ at(asOf: $asOf) {{ {selections} }} }}").expect("a String takes everything");
        } else {
            write!(text, " {{ {selections} }}").expect("a String takes everything");
        }
        text
    }

    fn fragment(&self, name: &str) -> &[Selection<'static>] {
        let found = self.parsed.fragments.iter().find(|fragment| fragment.name.text == name);
        found.map_or(&[], |fragment| &fragment.selections)
    }

    /// Writes a selection with its fragments unfolded.
    fn write_all(&self, selections: &[Selection<'static>], out: &mut String) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    write_head(field, out);
                    if !field.selections.is_empty() {
                        out.push_str("{ ");
                        self.write_all(&field.selections, out);
                        out.push_str("} ");
                    }
                }
                Selection::Inline(inline) => {
                    match inline.on {
                        Some(on) => write!(out, "... on {} {{ ", on.text).expect("a String takes everything"),
                        None => out.push_str("... { "),
                    }
                    self.write_all(&inline.selections, out);
                    out.push_str("} ");
                }
                Selection::Spread(spread) => {
                    let fragment = self.parsed.fragments.iter().find(|it| it.name.text == spread.name.text);
                    if let Some(fragment) = fragment {
                        write!(out, "... on {} {{ ", fragment.on.text).expect("a String takes everything");
                        self.write_all(&fragment.selections, out);
                        out.push_str("} ");
                    }
                }
            }
        }
    }

    /// Writes what leads to a path, with what names the objects on the way; says whether there is such a path. Where it leads to a
    /// figure, `inputs_max` says how many of those that went into it are asked for.
    fn narrow(
        &self,
        selections: &[Selection<'static>],
        path: &[Step],
        out: &mut String,
        inputs_max: &mut Option<usize>,
    ) -> bool {
        // An entry is chosen when the answer is there, or by its list.
        let path = path.iter().position(|step| step.name().is_some()).map_or(&[][..], |first| &path[first..]);
        let Some((name, rest)) = path.split_first().and_then(|(step, rest)| Some((step.name()?, rest))) else {
            return false;
        };
        let mut found = false;
        for selection in selections {
            match selection {
                Selection::Field(field) if field.key() == name => {
                    let mut inner = String::new();
                    if self.asks_for_figure(&field.selections) {
                        let Some(text) = within_figure(rest, 1, inputs_max) else { return false };
                        inner = text;
                    } else if rest.iter().all(|step| step.name().is_none()) {
                        self.write_all(&field.selections, &mut inner);
                    } else if !self.narrow(&field.selections, rest, &mut inner, inputs_max) {
                        continue;
                    }
                    match self.entry_condition(field, rest) {
                        Some(condition) => write_head_of_entry(field, &condition, out),
                        None => write_head(field, out),
                    }
                    if !inner.is_empty() {
                        write!(out, "{{ {inner}}} ").expect("a String takes everything");
                    }
                    found = true;
                }
                Selection::Field(field) => self.write_naming(field, out),
                Selection::Inline(inline) => {
                    let mut inner = String::new();
                    found |= self.narrow(&inline.selections, path, &mut inner, inputs_max);
                    if !inner.is_empty() {
                        let on = inline.on.map_or_else(String::new, |on| format!("on {} ", on.text));
                        write!(out, "... {on}{{ {inner}}} ").expect("a String takes everything");
                    }
                }
                Selection::Spread(spread) => {
                    found |= self.narrow(self.fragment(spread.name.text), path, out, inputs_max);
                }
            }
        }
        found
    }

    /// The condition that keeps one entry of a list with pages, where the path leads on to it: so that what is asked of the entry does
    /// not count for each of them.
    fn entry_condition(&self, list: &Field<'static>, rest: &[Step]) -> Option<String> {
        let [Step::Field(nodes), Step::Entry(key), ..] = rest else { return None };
        let nodes = list.selections.iter().find_map(|selection| match selection {
            Selection::Field(field) if field.key() == nodes && nodes == "nodes" => Some(field),
            _ => None,
        })?;
        let has =
            |name: &str| nodes.selections.iter().any(|it| matches!(it, Selection::Field(field) if field.key() == name));
        let (_, filter) = [("key", "key"), ("indicator", "indicatorKey"), ("norm", "normKey")]
            .into_iter()
            .find(|(field, _)| has(field))?;
        Some(format!("{{{filter}: {{eq: {}}}}}", serde_json::Value::from(key.as_str())))
    }

    fn asks_for_figure(&self, selections: &[Selection<'static>]) -> bool {
        selections.iter().any(|selection| matches!(selection, Selection::Spread(it) if it.name.text == FIGURE))
    }

    /// Writes what of a neighbour tells where one is: plain fields, and what names an object.
    fn write_naming(&self, field: &Field<'static>, out: &mut String) {
        if field.selections.is_empty() {
            write_head(field, out);
            return;
        }
        let mut named = String::new();
        if NAMING_OBJECTS.contains(&field.name.text) {
            self.write_all(&field.selections, &mut named);
        } else {
            for selection in &field.selections {
                match selection {
                    Selection::Field(inner) if inner.selections.is_empty() && NAMING.contains(&inner.name.text) => {
                        write_head(inner, &mut named);
                    }
                    Selection::Field(inner) if NAMING_OBJECTS.contains(&inner.name.text) => {
                        self.write_naming(inner, &mut named);
                    }
                    _ => {}
                }
            }
        }
        if !named.is_empty() && field.arguments.is_empty() {
            write_head(field, out);
            write!(out, "{{ {named}}} ").expect("a String takes everything");
        }
    }
}

/// What is asked below a figure: where it comes from, or what goes into it, one by one. `times` says how often it is asked.
fn within_figure(rest: &[Step], times: usize, inputs_max: &mut Option<usize>) -> Option<String> {
    match rest {
        [] => {
            // What is asked of each input counts for each of all that are asked for on the way.
            *inputs_max = Some((INPUTS_MAX * INPUTS_MAX / times).clamp(1, INPUTS_MAX));
            Some("...Source ".into())
        }
        [Step::Field(computed), Step::Field(inputs), Step::Entry(place), Step::Field(figure), rest @ ..]
            if computed == "computed" && inputs == "inputs" && figure == "figure" =>
        {
            let count = place.parse::<usize>().ok().filter(|place| *place < INPUTS_MAX)? + 1;
            let inner = within_figure(rest, times * count, inputs_max)?;
            Some(format!(
                "value unit status computed {{ rule expression inputs(first: {count}) {{ name record {{ ...Named }} figure {{ {inner}}} }} }} "
            ))
        }
        _ => None,
    }
}

/// Writes the head of a list of which one entry is wanted.
fn write_head_of_entry(field: &Field<'_>, condition: &str, out: &mut String) {
    if let Some(alias) = field.alias {
        write!(out, "{}: ", alias.text).expect("a String takes everything");
    }
    write!(out, "{}(first: 1, where: ", field.name.text).expect("a String takes everything");
    match field.arguments.iter().find(|argument| argument.name.text == "where") {
        Some(argument) => {
            out.push_str("{and: [");
            write_value(&argument.value, out);
            write!(out, ", {condition}]}}").expect("a String takes everything");
        }
        None => out.push_str(condition),
    }
    out.push_str(") ");
}

fn write_head(field: &Field<'_>, out: &mut String) {
    if let Some(alias) = field.alias {
        write!(out, "{}: ", alias.text).expect("a String takes everything");
    }
    out.push_str(field.name.text);
    write_arguments(&field.arguments, out);
    for directive in &field.directives {
        write!(out, " @{}", directive.name.text).expect("a String takes everything");
        write_arguments(&directive.arguments, out);
    }
    out.push(' ');
}

fn write_arguments(arguments: &[Argument<'_>], out: &mut String) {
    if arguments.is_empty() {
        return;
    }
    out.push('(');
    write_fields(arguments, out);
    out.push(')');
}

fn write_fields(fields: &[Argument<'_>], out: &mut String) {
    for (index, argument) in fields.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        write!(out, "{}: ", argument.name.text).expect("a String takes everything");
        write_value(&argument.value, out);
    }
}

fn write_value(value: &Value<'_>, out: &mut String) {
    match &value.kind {
        ValueKind::Variable(name) => write!(out, "${name}").expect("a String takes everything"),
        ValueKind::Int(text) | ValueKind::Float(text) | ValueKind::Enum(text) => out.push_str(text),
        // JSON's escapes are GraphQL's too.
        ValueKind::Text(text, _) => out.push_str(&serde_json::Value::from(text.as_ref()).to_string()),
        ValueKind::Boolean(flag) => write!(out, "{flag}").expect("a String takes everything"),
        ValueKind::Null => out.push_str("null"),
        ValueKind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_value(item, out);
            }
            out.push(']');
        }
        ValueKind::Object(fields) => {
            out.push('{');
            write_fields(fields, out);
            out.push('}');
        }
    }
}

fn type_text(ty: &TypeRef<'_>) -> String {
    match ty {
        TypeRef::Named(name) => name.text.to_owned(),
        TypeRef::List(inner) => format!("[{}]", type_text(inner)),
        TypeRef::NonNull(inner) => format!("{}!", type_text(inner)),
    }
}
