//! What the register holds: plain values, their fields and rules. No input or output, and no name or code of any organisation.
//!
//! A kind of record is one `record!` declaration in its concept's file and one line in [`kinds!`](self) below. From these two
//! follow its file columns, its GraphQL type with relations both ways, its stored form and its differences.

pub mod budget;
pub mod category;
pub mod claim;
pub mod difference;
pub mod edition;
pub mod exact;
pub mod figure;
pub mod former_key;
pub mod goal;
pub mod indicator;
pub mod inspection;
pub mod key;
pub mod lineage;
pub(crate) mod macros;
pub mod measure;
pub mod milestone;
pub mod naming;
pub mod norm;
pub mod period;
pub mod plan;
pub mod printed;
pub mod problem;
pub mod project;
pub mod rewrite;
pub mod round;
mod row;
pub mod staff;
pub mod statement;
pub mod target;
pub mod text;
pub mod tie;
pub mod translation;
pub mod value;
pub mod waiver;

pub use budget::{ArticlePart, ArticleTerm, BudgetAmount, BudgetArticle, BudgetLine};
pub use category::{Category, MeasuringUnit};
pub use claim::Claim;
pub use edition::Edition;
pub use figure::{Citation, Figure, FigureStatus, Unit};
pub use former_key::FormerKey;
pub use goal::{OperationalGoal, PolicyField, StrategicGoal, StructuralElement};
pub use indicator::{Indicator, Observation};
pub use inspection::{InspectedProcess, Inspection};
pub use key::{Key, Link};
pub use lineage::Lineage;
pub use measure::{Alias, Measure};
pub use milestone::Milestone;
pub use norm::{Norm, NormResult};
pub use period::{Date, Period};
pub use plan::{Document, Organisation, Plan};
pub use problem::{Problem, ProblemCode, Problems};
pub use project::{Project, ProjectYear};
pub use round::{ProgressReport, Risk, Round};
pub use staff::{StaffFigure, StaffTarget};
pub use statement::Statement;
pub use target::Target;
pub use tie::Tie;
pub use translation::Translation;
pub use value::{Composite, CompositeInfo, Tree, Type, Value, View};
pub use waiver::Waiver;

/// What every kind of record offers besides its fields.
pub trait RecordType: Composite {
    /// Its kind.
    const KIND: Kind;
    /// Its natural key, unique within the kind.
    fn key(&self) -> Key;
    /// Its place in the default order, before the key: the document's own order where there is one.
    fn position(&self) -> i64 {
        0
    }
    /// What takes the key's part in the default order, where the words of the key do not sort as the document does.
    fn order(&self) -> Option<Key> {
        None
    }
    /// Fills in the fields that follow from others: deprecated ones from those that took their place, or the other way round.
    fn settle(&mut self) {}
    /// What one record by itself can have wrong beyond its fields' types.
    fn check(&self, _: &mut Problems) {}
}

/// Declares the kinds: type, name of one, name of many. The number is what is stored: never reused, never changed.
macro_rules! kinds {
    ($($number:literal $kind:ident $(as $shown:literal)? $one:literal $many:literal $file:literal,)+) => {
        /// A kind of record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind { $(#[doc = concat!("See [`", stringify!($kind), "`](struct@", stringify!($kind), ").")] $kind = $number,)+ }

        impl Kind {
            /// All kinds, in the order in which a person would read them: what is referred to comes first.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// Name of the type, such as `BudgetLine`.
            pub const fn name(self) -> &'static str { match self { $(Self::$kind => macros::shown!($kind $($shown)?),)+ } }
            /// Field name for one record, such as `budgetLine`.
            pub const fn one(self) -> &'static str { match self { $(Self::$kind => $one,)+ } }
            /// Field name for many records, such as `budgetLines`.
            pub const fn many(self) -> &'static str { match self { $(Self::$kind => $many,)+ } }
            /// Name of its file without ending, such as `budget-lines`.
            pub const fn file(self) -> &'static str { match self { $(Self::$kind => $file,)+ } }
            /// The kind of that stored number.
            pub fn from_number(number: u8) -> Option<Self> { match number { $($number => Some(Self::$kind),)+ _ => None } }
            /// Fields and documentation.
            pub fn info(self) -> &'static CompositeInfo { match self { $(Self::$kind => <$kind as Composite>::info(),)+ } }
            /// Reads a record of this kind. Every problem found is pushed.
            pub fn read(self, tree: &Tree<'_>, problems: &mut Problems) -> Option<Record> {
                match self { $(Self::$kind => row::read::<$kind>(tree, problems).map(|it| Record::$kind(Box::new(it))),)+ }
            }
        }

        /// A record of any kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Record { $(#[doc = stringify!($kind)] $kind(Box<$kind>),)+ }

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
            /// Fields and documentation.
            pub fn info(&self) -> &'static CompositeInfo { self.kind().info() }
            /// Pushes what the record by itself has wrong.
            pub fn check_all(&self, problems: &mut Problems) {
                match self { $(Self::$kind(it) => row::check(&**it, problems),)+ }
            }
        }

        $(impl From<$kind> for Record { fn from(it: $kind) -> Self { Self::$kind(Box::new(it)) } })+

        $(impl AsRecord for $kind {
            fn of(record: &Record) -> Option<&Self> { match record { Record::$kind(it) => Some(it), _ => None } }
        })+
    };
}

/// From a record of any kind to one of this kind.
pub trait AsRecord: RecordType {
    /// The record, when it is of this kind.
    fn of(record: &Record) -> Option<&Self>;
}

kinds! {
    1 Organisation "organisation" "organisations" "organisations",
    2 Document "document" "documents" "documents",
    3 Plan "plan" "plans" "plans",
    4 PolicyField "policyField" "policyFields" "policy-fields",
    5 StructuralElement "structuralElement" "structuralElements" "structural-elements",
    6 StrategicGoal "strategicGoal" "strategicGoals" "strategic-goals",
    7 OperationalGoal "operationalGoal" "operationalGoals" "operational-goals",
    8 Project "project" "projects" "projects",
    9 ProjectYear "projectYear" "projectYears" "project-years",
    10 Milestone "milestone" "milestones" "milestones",
    11 Measure "measure" "measures" "measures",
    12 Alias "alias" "aliases" "aliases",
    13 Indicator "indicator" "indicators" "indicators",
    14 Observation "observation" "observations" "observations",
    15 Norm "norm" "norms" "norms",
    16 NormResult "normResult" "normResults" "norm-results",
    17 BudgetArticle "budgetArticle" "budgetArticles" "budget-articles",
    18 BudgetLine "budgetLine" "budgetLines" "budget-lines",
    19 BudgetAmount "budgetAmount" "budgetAmounts" "budget-amounts",
    20 InspectedProcess "inspectedProcess" "inspectedProcesses" "inspected-processes",
    21 Inspection "inspection" "inspections" "inspections",
    22 StaffFigure "staffFigure" "staffFigures" "staff-figures",
    23 StaffTarget "staffTarget" "staffTargets" "staff-targets",
    24 Claim "claim" "claims" "claims",
    25 Edition "edition" "editions" "editions",
    26 Lineage "lineage" "lineages" "lineages",
    27 Waiver "waiver" "waivers" "waivers",
    28 ArticlePart "articlePart" "articleParts" "article-parts",
    29 ArticleTerm "articleTerm" "articleTerms" "article-terms",
    30 Target "target" "targets" "targets",
    39 Statement "statement" "statements" "statements",
    40 Tie as "Link" "link" "links" "links",
    41 Category "category" "categories" "categories",
    42 MeasuringUnit "measuringUnit" "measuringUnits" "measuring-units",
    43 Translation "translation" "translations" "translations",
    44 Round "round" "rounds" "rounds",
    45 ProgressReport "progressReport" "progressReports" "progress-reports",
    46 Risk "risk" "risks" "risks",
    50 FormerKey "formerKey" "formerKeys" "former-keys",
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
            Self::Observation(it) => Some((&mut it.period, &mut it.change_from, &mut it.period_written)),
            Self::NormResult(it) => Some((&mut it.period, &mut it.change_from, &mut it.period_written)),
            _ => None,
        }
    }
}

impl Kind {
    /// The kinds as words of the API, such as `BUDGET_LINE`.
    pub fn vocabulary() -> &'static value::Vocabulary {
        static VOCABULARY: std::sync::OnceLock<value::Vocabulary> = std::sync::OnceLock::new();
        VOCABULARY.get_or_init(|| {
            let words = Self::ALL.iter().map(|kind| (value::upper_case(kind.name()), kind.info().doc));
            // Once in the life of the program: the words live as long as it does.
            let words = words.map(|(word, doc)| (&*Box::leak(word.into_boxed_str()), doc)).collect::<Vec<_>>();
            value::Vocabulary { name: "Kind", doc: "A kind of record.", words: Vec::leak(words) }
        })
    }

    /// The kind's word in the API.
    pub fn word(self) -> &'static str {
        let at = Self::ALL.iter().position(|kind| *kind == self).unwrap_or_default();
        Self::vocabulary().words[at].0
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        let at = Self::vocabulary().words.iter().position(|(known, _)| *known == word)?;
        Some(Self::ALL[at])
    }
}

/// A kind as a value, by its word.
impl Value for Kind {
    fn ty() -> Type {
        Type::Enum(Self::vocabulary())
    }
    fn read(tree: &Tree<'_>, problems: &mut Problems) -> Option<Self> {
        value::read_word(tree, Self::vocabulary(), problems).and_then(Self::from_word)
    }
    fn view(&self) -> View<'_> {
        View::Enum(self.word())
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_documented_and_every_relation_named_once() {
        for kind in Kind::ALL {
            let info = kind.info();
            assert!(info.doc.trim().ends_with('.'), "{kind}: {}", info.doc);
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

    fn link_target(ty: &Type) -> Option<Kind> {
        match ty {
            Type::Link(kind) => Some(*kind),
            Type::LinkByKind(vocabulary, _) => vocabulary.words.first().and_then(|(word, _)| Kind::from_word(word)),
            Type::Optional(inner) | Type::List(inner) => link_target(inner),
            _ => None,
        }
    }
}
