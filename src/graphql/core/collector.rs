//! Types that are met on the way through the model and the features of the graph.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::graphql::core::definition::ObjectDef;
use crate::graphql::core::prices;
use crate::model::Vocabulary;

/// Types met on the way through the model's fields.
#[derive(Default)]
pub struct TypeCollector {
    /// The objects by name.
    pub objects: BTreeMap<Cow<'static, str>, ObjectDef>,
    /// The vocabularies by name.
    pub enums: BTreeMap<&'static str, &'static Vocabulary>,
}

impl TypeCollector {
    /// Takes note of vocabularies.
    pub fn enums<const N: usize>(&mut self, vocabularies: [&'static Vocabulary; N]) {
        self.enums.extend(vocabularies.map(|vocabulary| (vocabulary.name, vocabulary)));
    }

    /// Takes note of an object.
    pub fn object(&mut self, mut object: ObjectDef) {
        let name = object.name.clone();
        for field in &mut object.fields {
            field.price = prices::of(&name, &field.name);
        }
        assert!(self.objects.insert(name.clone(), object).is_none(), "two types are named {name}");
    }
}
