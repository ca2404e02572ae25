//! Variables: what is declared, and whether it fits where it is used.

use std::collections::{HashMap, HashSet};

use super::validator::{ExpectedType, Usage, Uses, Validator, once};
use crate::graphql::core::definition::{Sort, Ty};
use crate::graphql::prepare::ast::{Operation, ValueKind};
use crate::graphql::prepare::lexer::shown;

/// A variable that an operation declares.
pub(super) struct Declared<'v> {
    /// Its type; none when there is no such type, or it takes no values.
    ty: Option<&'v Ty>,
    /// Whether it has a value when none is sent.
    has_default: bool,
}

impl<'v, 'd> Validator<'v, 'd> {
    /// The variables that an operation declares, with their types.
    pub(super) fn declared(&mut self, operation: &'v Operation<'d>, types: &'v [Ty]) -> HashMap<&'d str, Declared<'v>> {
        let names = operation.variables.iter().map(|variable| variable.name);
        once(&mut self.found, names, |name| format!("the variable `${name}` is declared twice"));
        let mut declared = HashMap::new();
        for (variable, ty) in operation.variables.iter().zip(types) {
            let name = variable.ty.name();
            let sort = self.sort(name);
            let mut known = sort.is_some();
            if sort == Some(Sort::Composite) {
                known = false;
                let message = format!("the variable `${}` has the type `{}`", shown(variable.name.text), name.text);
                let hint = "a variable is a scalar, a word of a list, or an input: what arguments take";
                self.found.error(name.at, message, hint);
            }
            if let Some(default) = variable.default.as_ref().filter(|_| known) {
                self.value(ExpectedType::of(ty), default);
            }
            self.directives(&variable.directives, "VARIABLE_DEFINITION");
            let has_default = variable.default.as_ref().is_some_and(|it| !matches!(it.kind, ValueKind::Null));
            declared.insert(variable.name.text, Declared { ty: known.then_some(ty), has_default });
        }
        // What stands in a declaration is no use.
        self.uses = Uses::default();
        declared
    }

    /// Whether all variables that an operation uses, itself or through fragments, are declared, fit, and are used.
    pub(super) fn variables(
        &mut self,
        operation: &'v Operation<'d>,
        declared: &HashMap<&'d str, Declared<'v>>,
        own: &Uses<'v, 'd>,
        of_fragments: &[Uses<'v, 'd>],
        is_used: &mut [bool],
    ) {
        let mut used = HashSet::new();
        let mut seen = HashSet::new();
        let mut left: Vec<&Uses<'v, 'd>> = vec![own];
        while let Some(uses) = left.pop() {
            for usage in &uses.variables {
                used.insert(usage.name);
                self.usage(usage, declared.get(usage.name));
            }
            for &fragment in &uses.fragments {
                if seen.insert(fragment) {
                    is_used[fragment] = true;
                    left.push(&of_fragments[fragment]);
                }
            }
        }
        for variable in operation.variables.iter().filter(|variable| !used.contains(variable.name.text)) {
            let message = format!("the variable `${}` is never used", shown(variable.name.text));
            self.found.error(variable.name.at, message, "use it, or do not declare it");
        }
    }

    fn usage(&mut self, usage: &Usage<'v, 'd>, declared: Option<&Declared<'v>>) {
        let Some(declared) = declared else {
            let name = shown(usage.name);
            let hint = format!("declare it: query(${name}: …)");
            self.found.error(usage.at, format!("the variable `${name}` is not declared"), hint);
            return;
        };
        let (Some(ty), Some(place)) = (declared.ty, usage.place) else { return };
        if !fits(ty, declared.has_default, place) {
            let name = shown(usage.name);
            let wanted = place.ty;
            let message = format!("the variable `${name}` is of type `{ty}`, where `{wanted}` is taken");
            self.found.error(usage.at, message, format!("declare it as `${name}: {wanted}`"));
        }
    }
}

/// Whether every value of a variable can stand at a place.
fn fits(ty: &Ty, has_default: bool, place: ExpectedType<'_>) -> bool {
    if place.ty.is_required() && !ty.is_required() {
        return (has_default || place.has_default) && ty.is_subtype_of(place.ty.nullable());
    }
    ty.is_subtype_of(place.ty)
}
