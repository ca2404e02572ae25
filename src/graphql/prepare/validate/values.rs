//! Values as documents write them: whether they are of the type that their place takes.

use std::collections::HashSet;

use super::validator::{ExpectedType, Usage, Validator, once};
use crate::graphql::core::definition::{InputDef, Ty};
use crate::graphql::prepare::ast::{Argument, Value, ValueKind};
use crate::graphql::prepare::lexer::shown;
use crate::graphql::prepare::values::{check_literal, in_words};

impl<'v, 'd> Validator<'v, 'd> {
    /// A value for a place.
    pub(super) fn value(&mut self, place: ExpectedType<'v>, value: &'v Value<'d>) {
        let ty = place.ty;
        match &value.kind {
            ValueKind::Variable(name) => {
                self.uses.variables.push(Usage { name, at: value.at, place: Some(place) });
            }
            ValueKind::Null if ty.is_required() => {
                self.found.error(value.at, format!("`null` stands where `{ty}` is taken"), "give it a value");
            }
            ValueKind::Null => {}
            ValueKind::List(items) => match ty.nullable() {
                Ty::List(inner) => {
                    for item in items {
                        self.value(ExpectedType::of(inner), item);
                    }
                }
                _ => self.leaf(ty, value),
            },
            ValueKind::Object(fields) => match self.graph.inputs.get_key_value(ty.name()) {
                Some((name, input)) => self.object(name, input, value, fields),
                None => self.leaf(ty, value),
            },
            _ => self.leaf(ty, value),
        }
    }

    /// A value that is no object, or where none is taken.
    fn leaf(&mut self, ty: &Ty, value: &'v Value<'d>) {
        let name = ty.name();
        let found = in_words(value);
        // What stands in it has no place, but its variables are used.
        self.unplaced(value);
        if self.graph.inputs.contains_key(name) {
            let message = format!("{found} stands where `{ty}` is taken");
            self.found.error(value.at, message, format!("give an object: {{ … }}; its fields are those of `{name}`"));
            return;
        }
        if let Some(vocabulary) = self.graph.vocabulary(name) {
            let words = || vocabulary.words.iter().map(|(word, _)| *word);
            let given = match &value.kind {
                ValueKind::Enum(word) if words().any(|known| known == *word) => return,
                ValueKind::Enum(word) => *word,
                ValueKind::Text(text, _) => text,
                _ => "",
            };
            let near = self.found.near(given, words());
            let quotes = if words().any(|known| known == given) { "; without quotes" } else { "" };
            let hint = format!("{near}{}{quotes}", self.found.all(words()));
            self.found.error(value.at, format!("{found} is no word of `{name}`"), hint);
            return;
        }
        if let Err(reason) = check_literal(self.graph, name, value) {
            let message = format!("{found} stands where `{ty}` is taken: {reason}");
            self.found.error(value.at, message, format!("give a value of type `{name}`"));
        }
    }

    fn object(&mut self, name: &str, input: &'v InputDef, value: &'v Value<'d>, fields: &'v [Argument<'d>]) {
        once(&mut self.found, fields.iter().map(|field| field.name), |name| {
            format!("the field `{name}` stands twice in one object")
        });
        for field in fields {
            match input.fields.iter().find(|known| known.name == field.name.text) {
                Some(known) if input.one_of && matches!(field.value.kind, ValueKind::Null) => {
                    let message = format!("`{}` is null, where exactly one field of `{name}` is given", known.name);
                    self.found.error(field.value.at, message, "give it a value");
                }
                Some(known) => {
                    let place = ExpectedType { ty: &known.ty, has_default: known.default.is_some() };
                    self.value(place, &field.value);
                }
                None => {
                    let known = || input.fields.iter().map(|known| known.name);
                    let hint = format!("{}{}", self.found.near(field.name.text, known()), self.found.all(known()));
                    let what = if name.ends_with("Filter") { "operator" } else { "field" };
                    let message = format!("`{name}` has no {what} `{}`", shown(field.name.text));
                    self.found.error(field.name.at, message, hint);
                    self.unplaced(&field.value);
                }
            }
        }
        let given: HashSet<&str> = fields.iter().map(|field| field.name.text).collect();
        for known in input.fields.iter().filter(|known| known.ty.is_required() && known.default.is_none()) {
            if !given.contains(known.name) {
                let message = format!("`{}` of type `{}` is missing in `{name}`", known.name, known.ty);
                self.found.error(value.at, message, "it is required: give it a value");
            }
        }
        if input.one_of && given.len() != 1 {
            let message = format!("{} fields of `{name}` are given, where exactly one is taken", given.len());
            self.found.error(value.at, message, "give one of them and leave the others out");
        }
    }

    /// Notes the variables of a value that has no place.
    pub(super) fn unplaced(&mut self, value: &'v Value<'d>) {
        match &value.kind {
            ValueKind::Variable(name) => self.uses.variables.push(Usage { name, at: value.at, place: None }),
            ValueKind::List(items) => items.iter().for_each(|item| self.unplaced(item)),
            ValueKind::Object(fields) => fields.iter().for_each(|field| self.unplaced(&field.value)),
            _ => {}
        }
    }
}
