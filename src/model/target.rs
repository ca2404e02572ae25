//! Targets: what is to be reached, and by when. One for each period, and restated ones beside the first.

use crate::model::figure::{self, Figure};
use crate::model::macros::{link_by_kind, record};
use crate::model::vocabulary::vocabulary;
use crate::model::{Document, Key, Link, Period, ProblemCode, Problems};

vocabulary! {
    /// How a result is to stand to its target.
    Aim {
        /// The target or more.
        AtLeast = "AT_LEAST",
        /// The target or less.
        AtMost = "AT_MOST",
        /// From the target to the upper bound, both included.
        Within = "WITHIN",
        /// The target itself.
        Exactly = "EXACTLY",
    }
}

vocabulary! {
    /// What a target is of.
    TargetOf {
        /// A norm of a measure (*streefnorm*).
        Norm = "NORM",
        /// An indicator of a measure (*kernindicator*).
        Indicator = "INDICATOR",
    }
}

link_by_kind! {
    /// The key of what a target is of.
    TargetLink: TargetOf, said by "kind"
}

record! {
    /// What is to be reached in a period (*streefwaarde*), as a document set it. Where it is set anew, both stand, and the later says which
    /// it supersedes.
    Target(|target| target.key.clone(), check: |target, problems| {
        check_bounds(target.aim, Some(&target.figure), target.upper.as_ref(), problems);
        figure::check_share("figure", &target.figure, problems);
        if let Some(baseline) = &target.baseline {
            figure::check_unit("baseline", baseline, target.figure.unit, problems);
        }
    }) {
        /// Natural key.
        key: Key,
        /// Whether it is of a norm or of an indicator.
        kind: TargetOf,
        /// What it is of.
        of_key: TargetLink => targets: "What is to be reached of it, period by period; where a target was set anew, the earlier one too.",
        /// The period in, or by the end of, which it is to be reached; a day for what is counted on a day.
        period: Period,
        /// How the result is to stand to it; null when that is said of what it is of, and else for AT_LEAST.
        aim: Option<Aim>,
        /// What is to be reached; for WITHIN the lower bound.
        figure: Figure,
        /// For WITHIN the upper bound.
        upper: Option<Figure>,
        /// The value that it starts from.
        baseline: Option<Figure>,
        /// The period of the value that it starts from.
        baseline_period: Option<Period>,
        /// The target that this one takes the place of.
        supersedes_key: Option<Link<Target>> => supersededBy: "The targets that took its place.",
        /// The document that set it.
        document_key: Option<Link<Document>> => targets: "The targets that the document sets.",
    }
}

/// A range has two bounds of one unit, the upper one not below the lower; nothing else has two.
pub fn check_bounds(aim: Option<Aim>, lower: Option<&Figure>, upper: Option<&Figure>, problems: &mut Problems) {
    let wrong = match (aim, upper) {
        (Some(Aim::Within), None) => {
            Some((ProblemCode::Missing, "WITHIN needs an upper bound".to_owned(), "give the upper bound too"))
        }
        (Some(Aim::AtLeast | Aim::AtMost | Aim::Exactly), Some(_)) => {
            let message = format!("{} has one bound", aim.map_or("it", Aim::word));
            Some((ProblemCode::Inconsistent, message, "leave the upper bound out, or give the aim WITHIN"))
        }
        (_, Some(upper)) => {
            let values = lower.and_then(|lower| Some((lower.value?, upper.value?)));
            let unit = lower.filter(|lower| lower.unit != upper.unit);
            match (unit, values) {
                (Some(lower), _) => {
                    let message = format!("the upper bound counts {}, the lower {}", upper.unit, lower.unit);
                    Some((ProblemCode::Inconsistent, message, "give both in one unit"))
                }
                (None, Some((lower, upper))) if upper < lower => {
                    let message = format!("the upper bound {upper} lies below the lower, {lower}");
                    Some((
                        ProblemCode::Inconsistent,
                        message,
                        "give the lower bound as the figure, the higher one as the upper",
                    ))
                }
                _ => None,
            }
        }
        _ => None,
    };
    if let Some((code, message, hint)) = wrong {
        problems.within("upper", |problems| problems.push(code, message, hint));
    }
}
