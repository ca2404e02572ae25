//! The kinds of records and their names. What a kind holds is told by its own file; [`super::record`] brings the two together.

/// Hands the list of kinds to a macro. In each row: the number that is stored, never reused and never changed; the type, and its name
/// in the API where that is another; the kind as a word; the names of one and of many; the name of its file without ending. The order is
/// the one in which a person would read them: what is referred to comes first.
macro_rules! for_each_kind {
    ($then:ident) => {
        $then! {
            1 Organisation "ORGANISATION" "organisation" "organisations" "organisations",
            2 Document "DOCUMENT" "document" "documents" "documents",
            3 Plan "PLAN" "plan" "plans" "plans",
            4 PolicyField "POLICY_FIELD" "policyField" "policyFields" "policy-fields",
            5 StructuralElement "STRUCTURAL_ELEMENT" "structuralElement" "structuralElements" "structural-elements",
            6 StrategicGoal "STRATEGIC_GOAL" "strategicGoal" "strategicGoals" "strategic-goals",
            7 OperationalGoal "OPERATIONAL_GOAL" "operationalGoal" "operationalGoals" "operational-goals",
            8 Project "PROJECT" "project" "projects" "projects",
            9 ProjectYear "PROJECT_YEAR" "projectYear" "projectYears" "project-years",
            10 Milestone "MILESTONE" "milestone" "milestones" "milestones",
            11 Measure "MEASURE" "measure" "measures" "measures",
            12 Alias "ALIAS" "alias" "aliases" "aliases",
            13 Indicator "INDICATOR" "indicator" "indicators" "indicators",
            14 Observation "OBSERVATION" "observation" "observations" "observations",
            15 Norm "NORM" "norm" "norms" "norms",
            16 NormResult "NORM_RESULT" "normResult" "normResults" "norm-results",
            17 BudgetArticle "BUDGET_ARTICLE" "budgetArticle" "budgetArticles" "budget-articles",
            18 BudgetLine "BUDGET_LINE" "budgetLine" "budgetLines" "budget-lines",
            19 BudgetAmount "BUDGET_AMOUNT" "budgetAmount" "budgetAmounts" "budget-amounts",
            20 InspectedProcess "INSPECTED_PROCESS" "inspectedProcess" "inspectedProcesses" "inspected-processes",
            21 Inspection "INSPECTION" "inspection" "inspections" "inspections",
            22 StaffFigure "STAFF_FIGURE" "staffFigure" "staffFigures" "staff-figures",
            23 StaffTarget "STAFF_TARGET" "staffTarget" "staffTargets" "staff-targets",
            24 Claim "CLAIM" "claim" "claims" "claims",
            25 Edition "EDITION" "edition" "editions" "editions",
            26 Lineage "LINEAGE" "lineage" "lineages" "lineages",
            27 Waiver "WAIVER" "waiver" "waivers" "waivers",
            28 ArticlePart "ARTICLE_PART" "articlePart" "articleParts" "article-parts",
            29 ArticleTerm "ARTICLE_TERM" "articleTerm" "articleTerms" "article-terms",
            30 Target "TARGET" "target" "targets" "targets",
            39 Statement "STATEMENT" "statement" "statements" "statements",
            40 Tie as "Link" "LINK" "link" "links" "links",
            41 Category "CATEGORY" "category" "categories" "categories",
            42 MeasuringUnit "MEASURING_UNIT" "measuringUnit" "measuringUnits" "measuring-units",
            43 Translation "TRANSLATION" "translation" "translations" "translations",
            44 Round "ROUND" "round" "rounds" "rounds",
            45 ProgressReport "PROGRESS_REPORT" "progressReport" "progressReports" "progress-reports",
            46 Risk "RISK" "risk" "risks" "risks",
            47 Passage "PASSAGE" "passage" "passages" "passages",
            50 FormerKey "FORMER_KEY" "formerKey" "formerKeys" "former-keys",
        }
    };
}

macro_rules! kinds {
    ($($number:literal $kind:ident $(as $shown:literal)? $word:literal $one:literal $many:literal $file:literal,)+) => {
        /// A kind of record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind {
            $(#[doc = concat!("See [`", stringify!($kind), "`](struct@crate::model::", stringify!($kind), ").")] $kind = $number,)+
        }

        impl Kind {
            /// All kinds, in the order in which a person would read them: what is referred to comes first.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// Name of the type, such as `BudgetLine`.
            pub const fn name(self) -> &'static str { match self { $(Self::$kind => [$($shown,)? stringify!($kind)][0],)+ } }
            /// The kind's word in the API, such as `BUDGET_LINE`.
            pub const fn word(self) -> &'static str { match self { $(Self::$kind => $word,)+ } }
            /// The kind of that word.
            pub fn from_word(word: &str) -> Option<Self> { match word { $($word => Some(Self::$kind),)+ _ => None } }
            /// Field name for one record, such as `budgetLine`.
            pub const fn one(self) -> &'static str { match self { $(Self::$kind => $one,)+ } }
            /// Field name for many records, such as `budgetLines`.
            pub const fn many(self) -> &'static str { match self { $(Self::$kind => $many,)+ } }
            /// Name of its file without ending, such as `budget-lines`.
            pub const fn file(self) -> &'static str { match self { $(Self::$kind => $file,)+ } }
            /// The kind of that stored number.
            pub fn from_number(number: u8) -> Option<Self> { match number { $($number => Some(Self::$kind),)+ _ => None } }
        }
    };
}

for_each_kind!(kinds);

pub(crate) use for_each_kind;

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
