//! Whether fields that answer under one name can be answered as one (specification, 5.3.2).
//!
//! Two looks, both over what fragments unfold to, which the limits bound. The first is at all fields of one name: their answers
//! have one shape, also where no object has both. The second is at those that one object can have: they are one field with one
//! set of arguments. So no two fields are compared but each with the first of its group.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::validator::{Validator, root_of};
use crate::graphql::core::definition::{FieldRef, NODE, ObjectDef, Ty};
use crate::graphql::prepare::ast::{Argument, Field, Operation, Selection, Value, ValueKind};
use crate::graphql::prepare::lexer::shown;

/// A field with the type that it stands in.
#[derive(Clone)]
struct Member<'v, 'd> {
    parent: &'v Arc<ObjectDef>,
    field: &'v Field<'d>,
    /// None for `__typename`.
    definition: Option<FieldRef>,
}

/// What is selected of a type.
type Set<'v, 'd> = (&'v Arc<ObjectDef>, &'v [Selection<'d>]);

/// Checks an operation that is valid otherwise.
pub(super) fn check<'v, 'd>(validator: &mut Validator<'v, 'd>, operation: &'v Operation<'d>) {
    let Some(root) = validator.graph.composite(root_of(operation.kind)) else { return };
    let sets = vec![(root, operation.selections.as_slice())];
    let mut merge = Merge { validator, shaped: HashSet::new(), merged: HashSet::new() };
    merge.shapes(&sets);
    merge.fields(&sets);
}

struct Merge<'a, 'v, 'd> {
    validator: &'a mut Validator<'v, 'd>,
    /// Selections that were looked at together.
    shaped: HashSet<Vec<usize>>,
    merged: HashSet<Vec<usize>>,
}

/// Names selections by where they are.
fn identity(sets: &[Set<'_, '_>]) -> Vec<usize> {
    let mut places: Vec<usize> = sets.iter().map(|(_, selections)| selections.as_ptr().addr()).collect();
    places.sort_unstable();
    places
}

impl<'v, 'd> Merge<'_, 'v, 'd> {
    /// The fields of selections by their names in the answer, in the order of the document.
    fn members(&self, sets: &[Set<'v, 'd>]) -> Vec<Vec<Member<'v, 'd>>> {
        let mut found = Members { places: HashMap::new(), groups: Vec::new(), seen: HashSet::new() };
        for (parent, selections) in sets {
            self.collect(parent, selections, &mut found);
        }
        found.groups
    }

    fn collect(&self, parent: &'v Arc<ObjectDef>, selections: &'v [Selection<'d>], found: &mut Members<'v, 'd>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    let definition = self.validator.graph.field(parent, field.name.text);
                    let next = found.groups.len();
                    let place = *found.places.entry(field.key()).or_insert(next);
                    if place == next {
                        found.groups.push(Vec::new());
                    }
                    found.groups[place].push(Member { parent, field, definition });
                }
                Selection::Inline(inline) => {
                    let on = inline.on.and_then(|on| self.validator.graph.composite(on.text)).unwrap_or(parent);
                    self.collect(on, &inline.selections, found);
                }
                Selection::Spread(spread) => {
                    let Some(&place) = self.validator.fragments.get(spread.name.text) else { continue };
                    if found.seen.insert(place) {
                        let fragment = &self.validator.document.fragments[place];
                        let on = self.validator.graph.composite(fragment.on.text).unwrap_or(parent);
                        self.collect(on, &fragment.selections, found);
                    }
                }
            }
        }
    }

    /// What is selected of the fields of a group; the same selections once.
    fn below(&self, group: &[&Member<'v, 'd>]) -> Vec<Set<'v, 'd>> {
        let mut seen = HashSet::new();
        let sets = group.iter().filter(|member| !member.field.selections.is_empty()).filter_map(|member| {
            let ty = self.validator.graph.composite(member.definition.as_ref()?.ty.name())?;
            let selections = member.field.selections.as_slice();
            seen.insert(selections.as_ptr().addr()).then_some((ty, selections))
        });
        sets.collect()
    }

    /// All fields of one name have one shape.
    fn shapes(&mut self, sets: &[Set<'v, 'd>]) {
        if sets.is_empty() || !self.shaped.insert(identity(sets)) {
            return;
        }
        for group in self.members(sets) {
            // As in graphql-js, `__typename` has no shape that another could contradict: every client's tools take that.
            let mut shaped = group.iter().filter_map(|member| Some((member, &member.definition.as_ref()?.ty)));
            let Some((first, ty)) = shaped.next() else { continue };
            for (other, other_ty) in shaped {
                if !self.same_shape(ty, other_ty) {
                    let message = format!(
                        "`{}` has two shapes: `{ty}` in `{}` and `{other_ty}` in `{}`",
                        shown(first.field.key()),
                        first.parent.name,
                        other.parent.name,
                    );
                    let hint = "give one of them another name: `other: name`";
                    self.validator.found.error(other.field.at(), message, hint);
                    return;
                }
            }
            let below = self.below(&group.iter().collect::<Vec<_>>());
            self.shapes(&below);
        }
    }

    fn same_shape(&self, one: &Ty, other: &Ty) -> bool {
        let graph = self.validator.graph;
        fn same(one: &Ty, other: &Ty, is_leaf: &dyn Fn(&str) -> bool) -> bool {
            match (one, other) {
                (Ty::NonNull(one), Ty::NonNull(other)) | (Ty::List(one), Ty::List(other)) => same(one, other, is_leaf),
                (Ty::Named(one), Ty::Named(other)) => one == other || !(is_leaf(one) || is_leaf(other)),
                _ => false,
            }
        }
        same(one, other, &|name| graph.composite(name).is_none())
    }

    /// Fields of one name that one object can have are the same.
    fn fields(&mut self, sets: &[Set<'v, 'd>]) {
        if sets.is_empty() || !self.merged.insert(identity(sets)) {
            return;
        }
        for group in self.members(sets) {
            let mut objects: BTreeMap<&str, Vec<&Member<'v, 'd>>> = BTreeMap::new();
            let mut anywhere = Vec::new();
            for member in &group {
                if member.parent.name == NODE {
                    anywhere.push(member);
                } else {
                    objects.entry(&member.parent.name).or_default().push(member);
                }
            }
            let mut together: Vec<Vec<&Member<'v, 'd>>> = Vec::new();
            if objects.is_empty() {
                together.push(anywhere);
            } else {
                let with_those_of_all = |of: Vec<_>| anywhere.iter().copied().chain(of).collect();
                together.extend(objects.into_values().map(with_those_of_all));
            }
            for members in together {
                if let Some(other) = members[1..].iter().find(|other| !same_field(members[0], other)) {
                    let (one, other) = (members[0].field, other.field);
                    let key = shown(one.key());
                    let message = if one.name.text == other.name.text {
                        format!("`{key}` is asked with two sets of arguments")
                    } else {
                        format!("`{key}` stands for `{}` and for `{}`", shown(one.name.text), shown(other.name.text))
                    };
                    let hint = "give one of them another name: `other: name`";
                    self.validator.found.error(other.at(), message, hint);
                    return;
                }
                let below = self.below(&members);
                self.fields(&below);
            }
        }
    }
}

struct Members<'v, 'd> {
    places: HashMap<&'d str, usize>,
    groups: Vec<Vec<Member<'v, 'd>>>,
    seen: HashSet<usize>,
}

fn same_field(one: &Member<'_, '_>, other: &Member<'_, '_>) -> bool {
    one.field.name.text == other.field.name.text && same_arguments(&one.field.arguments, &other.field.arguments)
}

/// Whether the same names have the same values, in any order.
fn same_arguments(one: &[Argument<'_>], other: &[Argument<'_>]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let sorted = |arguments: &[Argument<'_>]| {
        let mut places: Vec<usize> = (0..arguments.len()).collect();
        places.sort_by_key(|at| arguments[*at].name.text.to_owned());
        places
    };
    sorted(one).into_iter().zip(sorted(other)).all(|(at, other_at)| {
        let (one, other) = (&one[at], &other[other_at]);
        one.name.text == other.name.text && same_value(&one.value, &other.value)
    })
}

/// Whether two values are written alike.
fn same_value(one: &Value<'_>, other: &Value<'_>) -> bool {
    match (&one.kind, &other.kind) {
        (ValueKind::Variable(one), ValueKind::Variable(other))
        | (ValueKind::Int(one), ValueKind::Int(other))
        | (ValueKind::Float(one), ValueKind::Float(other))
        | (ValueKind::Enum(one), ValueKind::Enum(other)) => one == other,
        (ValueKind::Text(one, block), ValueKind::Text(other, other_block)) => one == other && block == other_block,
        (ValueKind::Boolean(one), ValueKind::Boolean(other)) => one == other,
        (ValueKind::Null, ValueKind::Null) => true,
        (ValueKind::List(one), ValueKind::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_value(one, other))
        }
        (ValueKind::Object(one), ValueKind::Object(other)) => same_arguments(one, other),
        _ => false,
    }
}
