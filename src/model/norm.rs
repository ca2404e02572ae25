//! Norms: what share of cases is to be handled within which time, and what was reached.

use crate::model::figure::{self, Figure};
use crate::model::indicator::{SubjectKind, SubjectLink, check_subject};
use crate::model::macros::record;
use crate::model::source::Citation;
use crate::model::target::{self, Aim};
use crate::model::vocabulary::vocabulary;
use crate::model::{Key, Link, Measure, Period, open_word, period};

vocabulary! {
    /// Where a norm comes from.
    NormBasis else Other {
        /// The law or a decision says so (*wettelijke bepaling*).
        Legal = "LEGAL",
        /// The organisation set it itself (*interne streefnorm*).
        Internal = "INTERNAL",
        /// The document does not say.
        Unknown = "UNKNOWN",
        /// Something else: `basisWord` says what.
        Other = "OTHER",
    }
}

record! {
    /// A norm of a measure (*streefnorm, wettelijke bepaling*), such as 100% within 30 days.
    Norm(|norm| norm.key.clone(), position: |norm| i64::from(norm.position),
    settle: |it| open_word::settle(&mut it.basis, &mut it.basis_word), check: |norm, problems| {
        open_word::check_required("basisWord", norm.basis, norm.basis_word.as_deref(), problems);
        check_subject(norm.measure_key.as_ref(), norm.subject_kind, norm.subject_key.as_ref(), problems);
        if let Some(target) = &norm.target {
            figure::check_share("target", target, problems);
        }
        target::check_bounds(norm.aim, norm.target.as_ref(), norm.upper.as_ref(), problems);
    }) {
        /// Natural key.
        key: Key,
        /// The measure; null where it hangs on something else.
        measure_key: Option<Link<Measure>> => norms: "The norms of the measure, in the order of its fact table.",
        /// Place among the norms of the measure, from 1.
        position: i32,
        /// The norm in words, as printed in the measure's fact table, or else in the overview.
        label: String,
        /// Legal rule or internal norm; OTHER for anything else.
        basis: NormBasis; deprecated: "Since 2026-11. Ask `basisWord`, which has the words of every document.",
        /// Where the document says which.
        basis_printed: Option<Citation>,
        /// What is to be reached, as the table of norms prints it; null when no table gives it as a figure of its own. Targets of single
        /// periods, and restated ones, are records of their own.
        target: Option<Figure>; deprecated: "Since 2026-11. Ask `attainment { target }` for the one in force, `targets` for all of them.",
        /// Where the label is printed in the fact table.
        printed: Option<Citation>,
        /// Where the label is printed in the overview of norms.
        overview_printed: Option<Citation>,
        /// The time within which a case is to be handled, as the label says it; null when the label names a day or no time.
        limit: Option<Figure>,
        /// How the result is to stand to the target; null for AT_LEAST.
        aim: Option<Aim>,
        /// Where the aim is WITHIN, the upper bound; the target is the lower one.
        upper: Option<Figure>,
        /// The kind of what it hangs on, where that is no measure.
        subject_kind: Option<SubjectKind>,
        /// What it hangs on, where that is no measure.
        subject_key: Option<SubjectLink> => norms: "The norms and aims that are set for it.",
        /// Who answers for it.
        owner: Option<String>,
        /// How the result is counted or computed.
        method: Option<String>,
        /// The target in words, where it is no number.
        target_words: Option<String>,
        /// What explains the target, such as why it changed.
        explanation: Option<String>,
        /// Where it comes from, in a word: one of `NormBasis`, or the document's own, such as `Management agreement`.
        basis_word: Option<String>,
    }
}

vocabulary! {
    /// Which table gives a result: the same one may be printed twice, and differently.
    ResultSource else Other {
        /// The measure's own fact table.
        FactTable = "FACT_TABLE",
        /// The overview of all norms.
        Overview = "OVERVIEW",
        /// Another table: `sourceWord` says which.
        Other = "OTHER",
    }
}

record! {
    /// What share was reached of a norm in a period, as one table prints it.
    NormResult(|it| Self::key_in(it.norm_key.key(), &it.period, it.source, it.source_word.as_deref()),
        settle: |it| open_word::settle(&mut it.source, &mut it.source_word), check: |it, problems| {
        open_word::check_required("sourceWord", it.source, it.source_word.as_deref(), problems);
        figure::check_share("figure", &it.figure, problems);
        period::check_change(&it.period, it.change_from.as_ref(), problems);
    }) {
        /// The norm.
        norm_key: Link<Norm> => results: "What was reached, by period and table.",
        /// The period.
        period: Period,
        /// The table that prints it; OTHER for any but the first document's two.
        source: ResultSource; deprecated: "Since 2026-11. Ask `sourceWord`, which has the words of every document.",
        /// What was reached; a share as a ratio.
        figure: Figure,
        /// The change since an earlier period as printed, in percentage points; null when none is printed.
        change: Option<Box<Figure>>,
        /// The period since which `change` is said to be.
        change_from: Option<Period>,
        /// The ratio of result to target as printed (*resultaat/streefdoel*); null when none is printed.
        ratio: Option<Figure>,
        /// The period as the row wrote it, where that is another form of the same days, such as `2024-01/2024-12` for `2024`.
        period_written: Option<Period>,
        /// The result in words, where it is no number or beside it.
        words: Option<String>,
        /// What explains the result.
        explanation: Option<String>,
        /// How the document says that it stands, such as `Met` or `Result to be achieved in the future`.
        status_words: Option<String>,
        /// The table that prints it, in a word: one of `ResultSource`, or the document's own, such as its title. It is part of the key.
        source_word: Option<String>,
    }
}

impl NormResult {
    /// The key of the result of a norm in a period, as a table prints it.
    pub fn key_in(norm: &Key, period: &Period, source: ResultSource, word: Option<&str>) -> Key {
        Key::of_parts(norm, &[period, &open_word::part(source, word)])
    }

    /// The table that prints it, in a word.
    pub fn table(&self) -> &str {
        open_word::said(self.source, self.source_word.as_deref())
    }
}

/// Which table's results are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table<'t> {
    /// One that the list has; OTHER for all that it has not.
    Listed(ResultSource),
    /// The one of that word.
    Named(&'t str),
}

impl Table<'_> {
    /// Whether it prints the result.
    pub fn prints(self, result: &NormResult) -> bool {
        match self {
            Self::Listed(source) => result.source == source,
            Self::Named(word) => result.table() == word,
        }
    }
}
