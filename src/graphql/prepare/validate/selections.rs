//! Selections: fields, their arguments, fragments and directives.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use super::validator::{ExpectedType, Validator, once};
use crate::graphql::core::definition::{ArgDef, FieldRef, NODE, ObjectDef, Sort, Ty};
use crate::graphql::prepare::ast::{Argument, Directive, Field, Name, Selection};
use crate::graphql::prepare::lexer::shown;

/// The type of the condition of `@skip` and `@include`.
static CONDITION: LazyLock<Ty> = LazyLock::new(|| Ty::required("Boolean"));

/// GraphQL's own directives that stand in schemas only.
const OF_SCHEMAS: [&str; 3] = ["deprecated", "specifiedBy", "oneOf"];

impl<'v, 'd> Validator<'v, 'd> {
    /// The composite type that a fragment is on; an error when there is none.
    pub(super) fn condition(&mut self, on: Name<'d>) -> Option<&'v Arc<ObjectDef>> {
        match self.sort(on) {
            Some(Sort::Composite) => self.graph.composite(on.text),
            Some(_) => {
                let message = format!("a fragment cannot be on `{}`", on.text);
                self.found.error(on.at, message, "fragments are on types that have fields to select");
                None
            }
            None => None,
        }
    }

    /// What is selected of a type; nothing is known of fields where the type is not.
    pub(super) fn selections(&mut self, parent: Option<&'v Arc<ObjectDef>>, selections: &'v [Selection<'d>]) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    self.directives(&field.directives, "FIELD");
                    self.field(parent, field);
                }
                Selection::Spread(spread) => {
                    self.directives(&spread.directives, "FRAGMENT_SPREAD");
                    // Unknown fragments were refused before.
                    let Some(&place) = self.fragments.get(spread.name.text) else { continue };
                    self.uses.fragments.push(place);
                    let on = self.graph.composite(self.document.fragments[place].on.text);
                    self.overlap(parent, on, spread.name.at);
                }
                Selection::Inline(inline) => {
                    self.directives(&inline.directives, "INLINE_FRAGMENT");
                    let on = match inline.on {
                        Some(on) => self.condition(on),
                        None => parent,
                    };
                    self.overlap(parent, on, inline.at);
                    self.selections(on, &inline.selections);
                }
            }
        }
    }

    /// Whether an object can be of both types.
    fn overlap(&mut self, parent: Option<&'v Arc<ObjectDef>>, on: Option<&'v Arc<ObjectDef>>, at: u32) {
        let (Some(parent), Some(on)) = (parent, on) else { return };
        let is_of = |object: &ObjectDef, other: &ObjectDef| other.name == NODE && object.is_node;
        if parent.name != on.name && !is_of(parent, on) && !is_of(on, parent) {
            let message = format!("a fragment on `{}` stands in `{}`, which never is one", on.name, parent.name);
            self.found.error(at, message, "leave it out, or put it where such an object can be");
        }
    }

    fn field(&mut self, parent: Option<&'v Arc<ObjectDef>>, field: &'v Field<'d>) {
        let Some(parent) = parent else {
            self.unknown_arguments(&field.arguments);
            return self.selections(None, &field.selections);
        };
        if field.name.text == "__typename" {
            self.arguments(&[], &field.arguments, "__typename", field.name.at);
            if !field.selections.is_empty() {
                self.found.error(
                    field.name.at,
                    "`__typename` is a text: nothing can be selected of it",
                    "leave `{ … }` out",
                );
                self.selections(None, &field.selections);
            }
            return;
        }
        let Some(found) = self.graph.field(parent, field.name.text) else {
            self.unknown_field(parent, field);
            self.unknown_arguments(&field.arguments);
            return self.selections(None, &field.selections);
        };
        let definition = self.definition(parent, &found);
        self.arguments(&definition.args, &field.arguments, &definition.name, field.name.at);
        let name = definition.ty.name();
        let composite = self.graph.composite(name);
        match (composite, field.selections.is_empty()) {
            (None, false) => {
                let message =
                    format!("`{}` is of type `{}`: nothing can be selected of it", definition.name, definition.ty);
                self.found.error(field.at(), message, "leave `{ … }` out");
            }
            (Some(composite), true) => {
                let message =
                    format!("nothing is selected of `{}`, which is of type `{}`", definition.name, definition.ty);
                let fields = composite.fields.iter().map(|field| &*field.name);
                let hint = match composite.field("nodes") {
                    Some(_) => format!("select its entries: {} {{ nodes {{ … }} }}", definition.name),
                    None => format!("select fields of it: {} {{ … }}; {}", definition.name, self.found.all(fields)),
                };
                self.found.error(field.at(), message, hint);
            }
            _ => {}
        }
        self.selections(composite, &field.selections);
    }

    /// The definition of a field of a type, for as long as the schema lives.
    fn definition(
        &self,
        parent: &'v Arc<ObjectDef>,
        found: &FieldRef,
    ) -> &'v crate::graphql::core::definition::FieldDef {
        let object = if Arc::ptr_eq(&found.object, parent) { parent } else { &self.graph.meta_root };
        &object.fields[found.index]
    }

    fn unknown_field(&mut self, parent: &'v Arc<ObjectDef>, field: &'v Field<'d>) {
        let name = field.name.text;
        let entries = parent.field("nodes").and_then(|nodes| self.graph.composite(nodes.ty.name()));
        let is_of_entry = entries.is_some_and(|entry| entry.field(name).is_some());
        let known = || parent.fields.iter().map(|field| &*field.name);
        let hint = if is_of_entry {
            format!("it is a field of the entries, which stand in `nodes`: {{ nodes {{ {} }} }}", shown(name))
        } else {
            let near = self.found.near(name, known());
            format!("{near}{}", self.found.all(known()))
        };
        self.found.error(field.name.at, format!("`{}` has no field `{}`", parent.name, shown(name)), hint);
    }

    /// Arguments of what is not known: their variables are used.
    fn unknown_arguments(&mut self, arguments: &'v [Argument<'d>]) {
        for argument in arguments {
            self.unplaced(&argument.value);
        }
    }

    fn arguments(&mut self, known: &'v [ArgDef], given: &'v [Argument<'d>], of: &str, at: u32) {
        once(&mut self.found, given.iter().map(|argument| argument.name), |name| {
            format!("the argument `{name}` is given twice")
        });
        for argument in given {
            let name = argument.name.text;
            match known.iter().find(|known| known.name == name) {
                Some(known) => {
                    let place = ExpectedType { ty: &known.ty, has_default: known.default.is_some() };
                    self.value(place, &argument.value);
                }
                None => {
                    let names = || known.iter().map(|known| known.name);
                    let hint = if known.is_empty() {
                        "it takes none: leave it out".to_owned()
                    } else {
                        format!("{}{}", self.found.near(name, names()), self.found.all(names()))
                    };
                    let message = format!("`{}` takes no argument `{}`", shown(of), shown(name));
                    self.found.error(argument.name.at, message, hint);
                    self.unplaced(&argument.value);
                }
            }
        }
        if known.is_empty() {
            return;
        }
        let names: HashSet<&str> = given.iter().map(|argument| argument.name.text).collect();
        for known in known.iter().filter(|known| known.ty.is_required() && known.default.is_none()) {
            if !names.contains(known.name) {
                let message = format!("`{}` needs the argument `{}` of type `{}`", shown(of), known.name, known.ty);
                self.found.error(at, message, format!("write {}({}: …)", shown(of), known.name));
            }
        }
    }

    /// The directives at a place of a document.
    pub(super) fn directives(&mut self, directives: &'v [Directive<'d>], place: &str) {
        let mut seen = HashSet::new();
        for directive in directives {
            let name = directive.name.text;
            let is_condition = matches!(name, "skip" | "include");
            if !is_condition && !OF_SCHEMAS.contains(&name) {
                let hint = "there are @skip(if: …) and @include(if: …)";
                self.found.error(directive.name.at, format!("there is no directive `@{}`", shown(name)), hint);
                self.unknown_arguments(&directive.arguments);
                continue;
            }
            if !seen.insert(name) {
                let hint = "keep one of them";
                self.found.error(directive.name.at, format!("the directive `@{name}` stands here twice"), hint);
            }
            if !is_condition {
                let hint = "it is for schemas: leave it out";
                self.found.error(directive.name.at, format!("the directive `@{name}` cannot stand in a request"), hint);
                self.unknown_arguments(&directive.arguments);
                continue;
            }
            if !matches!(place, "FIELD" | "FRAGMENT_SPREAD" | "INLINE_FRAGMENT") {
                let hint = "put it on a field or a fragment that is used";
                self.found.error(directive.name.at, format!("the directive `@{name}` cannot stand here"), hint);
            }
            self.condition_of(directive);
        }
    }

    /// The argument of `@skip` and `@include`.
    fn condition_of(&mut self, directive: &'v Directive<'d>) {
        let name = directive.name.text;
        once(&mut self.found, directive.arguments.iter().map(|argument| argument.name), |name| {
            format!("the argument `{name}` is given twice")
        });
        for argument in &directive.arguments {
            if argument.name.text == "if" {
                self.value(ExpectedType::of(&CONDITION), &argument.value);
            } else {
                let message = format!("`@{name}` takes no argument `{}`", shown(argument.name.text));
                self.found.error(argument.name.at, message, "it takes `if`");
                self.unplaced(&argument.value);
            }
        }
        if directive.arguments.iter().all(|argument| argument.name.text != "if") {
            let message = format!("`@{name}` needs the argument `if` of type `Boolean!`");
            self.found.error(directive.name.at, message, format!("write @{name}(if: $condition)"));
        }
    }
}
