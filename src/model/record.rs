//! A record of any kind, and what is known of a kind by its type.

use std::sync::{Arc, OnceLock};

use super::kind::for_each_kind;
use super::row;
use super::translation::NamedKind;
use super::value::{Value as _, shared_room};
use super::vocabulary::{Vocabulary, Word};
use super::{
    Alias, ArticlePart, ArticleTerm, BudgetAmount, BudgetArticle, BudgetLine, Category, Claim, Composite,
    CompositeInfo, Document, Edition, FormerKey, Indicator, InspectedProcess, Inspection, Key, Kind, Lineage, Measure,
    MeasuringUnit, Milestone, Norm, NormResult, Observation, OperationalGoal, Organisation, Passage, Period, Plan,
    PolicyField, Problems, ProgressReport, Project, ProjectYear, RecordType, Risk, Round, StaffFigure, StaffTarget,
    Statement, StrategicGoal, StructuralElement, Target, Tie, Translation, Tree, View, Waiver,
};

macro_rules! records {
    ($($number:literal $kind:ident $(as $shown:literal)? $word:literal $one:literal $many:literal $file:literal,)+) => {
        /// A record of any kind. Whoever has a copy shares it: a row that was read, the register that holds it, and what changed it.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Record { $(#[doc = stringify!($kind)] $kind(Arc<$kind>),)+ }

        impl Record {
            /// Its kind.
            pub fn kind(&self) -> Kind { match self { $(Self::$kind(_) => Kind::$kind,)+ } }
            /// Its natural key.
            pub fn key(&self) -> Key { match self { $(Self::$kind(it) => it.key(),)+ } }
            /// Its place in the default order.
            pub fn position(&self) -> i64 { match self { $(Self::$kind(it) => it.position(),)+ } }
            /// What takes the key's part in the default order, if not the key.
            pub fn order(&self) -> Option<Key> { match self { $(Self::$kind(it) => it.order(),)+ } }
            /// The value of the field at that position.
            pub fn get(&self, index: usize) -> View<'_> { match self { $(Self::$kind(it) => it.get(index),)+ } }
            /// About how many bytes of memory it takes.
            pub fn bytes(&self) -> usize {
                match self { $(Self::$kind(it) => shared_room(size_of::<$kind>()) + it.held(),)+ }
            }
            /// Fields and documentation.
            pub fn info(&self) -> &'static CompositeInfo { self.kind().info() }
            /// Pushes what the record by itself has wrong.
            pub fn check_all(&self, problems: &mut Problems) {
                match self { $(Self::$kind(it) => row::check(&**it, problems),)+ }
            }
        }

        impl Kind {
            /// Fields and documentation.
            pub fn info(self) -> &'static CompositeInfo { match self { $(Self::$kind => <$kind as Composite>::info(),)+ } }
            /// Reads a record of this kind. Every problem found is pushed.
            pub fn read(self, tree: &Tree<'_>, problems: &mut Problems) -> Option<Record> {
                match self { $(Self::$kind => row::read::<$kind>(tree, problems).map(|it| Record::$kind(Arc::new(it))),)+ }
            }
        }

        $(impl From<$kind> for Record { fn from(it: $kind) -> Self { Self::$kind(Arc::new(it)) } })+

        $(impl AsRecord for $kind {
            fn of(record: &Record) -> Option<&Self> { match record { Record::$kind(it) => Some(it), _ => None } }
        })+
    };
}

for_each_kind!(records);

/// From a record of any kind to one of this kind.
pub trait AsRecord: RecordType {
    /// The record, when it is of this kind.
    fn of(record: &Record) -> Option<&Self>;
}

impl Record {
    /// The record with its periods in their one form, where its key is made of one.
    #[must_use]
    pub fn in_one_form(mut self) -> Self {
        if let Some((period, from, written)) = self.periods_mut()
            && !period.is_ambiguous()
        {
            let one = period.in_one_form();
            if one != *period {
                *written = Some(std::mem::replace(period, one));
            }
            if let Some(from) = from {
                *from = from.in_one_form();
            }
        }
        self
    }

    /// The record with its period as it was written, where that is another form.
    pub fn as_written(&self) -> Option<Self> {
        let has_other = match self {
            Self::Observation(it) => it.period_written.is_some(),
            Self::NormResult(it) => it.period_written.is_some(),
            _ => false,
        };
        let mut record = has_other.then(|| self.clone())?;
        let (period, _, written) = record.periods_mut()?;
        *period = written.take()?;
        Some(record)
    }

    /// The period that the key is made of, the one since which a change is told, and how the first was written.
    fn periods_mut(&mut self) -> Option<(&mut Period, &mut Option<Period>, &mut Option<Period>)> {
        match self {
            Self::Observation(it) => {
                let it = Arc::make_mut(it);
                Some((&mut it.period, &mut it.change_from, &mut it.period_written))
            }
            Self::NormResult(it) => {
                let it = Arc::make_mut(it);
                Some((&mut it.period, &mut it.change_from, &mut it.period_written))
            }
            _ => None,
        }
    }
}

impl Kind {
    /// The kinds as words of the API, such as `BUDGET_LINE`.
    pub fn vocabulary() -> &'static Vocabulary {
        static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
        VOCABULARY.get_or_init(|| {
            let words: Vec<_> = Self::ALL.iter().map(|kind| (kind.word(), kind.info().doc)).collect();
            // Once in the life of the program: the list lives as long as it does.
            Vocabulary { name: "Kind", doc: "A kind of record.", words: Vec::leak(words) }
        })
    }

    /// The field that holds the name of a record of this kind; none where records of it have no name in words.
    pub fn name_field(self) -> Option<usize> {
        NamedKind::from_word(self.word())?;
        let info = self.info();
        ["name", "title", "label"].iter().find_map(|name| info.position(name))
    }
}

/// A kind as a value, by its word.
impl Word for Kind {
    fn vocabulary() -> &'static Vocabulary {
        Self::vocabulary()
    }
    fn word(self) -> &'static str {
        self.word()
    }
    fn from_word(word: &str) -> Option<Self> {
        Self::from_word(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Type;
    use crate::model::value::upper_case;

    #[test]
    fn every_field_is_documented_and_every_relation_named_once() {
        for kind in Kind::ALL {
            let info = kind.info();
            assert!(info.doc.trim().ends_with('.'), "{kind}: {}", info.doc);
            assert_eq!((info.name, kind.word()), (kind.name(), upper_case(kind.name()).as_str()));
            for field in &info.fields {
                assert!(field.doc.trim().len() > 4, "{kind}.{}", field.name);
            }
        }
        let mut reverse: Vec<String> = Kind::ALL
            .iter()
            .flat_map(|kind| kind.info().fields.iter())
            .filter_map(|field| field.reverse.as_ref().map(|(name, _)| format!("{:?}.{name}", link_target(&field.ty))))
            .collect();
        let count = reverse.len();
        reverse.sort();
        reverse.dedup();
        assert_eq!(reverse.len(), count, "two fields give the same relation");
    }

    #[test]
    fn every_named_kind_has_a_name_or_other_words() {
        for (word, _) in NamedKind::VOCABULARY.words {
            let kind = Kind::from_word(word).unwrap_or_else(|| panic!("{word} is no kind"));
            let has_texts =
                |field: &crate::model::value::FieldInfo| field.name == "words" || field.name == "explanation";
            assert!(kind.name_field().is_some() || kind.info().fields.iter().any(has_texts), "{word}");
        }
    }

    fn link_target(ty: &Type) -> Option<Kind> {
        match ty {
            Type::Link(kind) => Some(*kind),
            Type::LinkByKind(vocabulary, _) => vocabulary.words.first().and_then(|(word, _)| Kind::from_word(word)),
            Type::Optional(inner) | Type::List(inner) => link_target(inner),
            _ => None,
        }
    }
}
