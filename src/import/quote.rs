//! The apostrophe before a text that a spreadsheet program would take for a formula. Exports put it there, imports take it
//! away, and a text that has one of its own comes back as it was.

use std::borrow::Cow;

/// What a formula, or a cell that becomes one, begins with. Cells of numbers are no texts: `-1` stays `-1`.
/// East Asian programs take their own letters for the same: full width, and small.
const FORMULA: [char; 15] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{fe66}', '\u{fe62}',
    '\u{fe63}', '\u{fe6b}',
];

/// The text as a CSV file holds it: a program that opens the file runs nothing in it. An empty text is an apostrophe, because
/// an empty cell is an absent one.
pub fn for_csv(text: &str) -> Cow<'_, str> {
    let rest = text.trim_start_matches('\'');
    if rest.is_empty() || rest.starts_with(FORMULA) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The same where an empty text is an empty cell.
pub fn for_csv_unless_empty(text: &str) -> Cow<'_, str> {
    if text.is_empty() { Cow::Borrowed(text) } else { for_csv(text) }
}

/// The text as a workbook holds it: its cells of text are never formulas, so that only what [`undo`] would change is quoted.
pub fn for_workbook(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { Cow::Borrowed(text) } else { for_csv(text) }
}

/// The text of a cell as it was before [`for_csv`] or [`for_workbook`].
pub fn undo(cell: &str) -> &str {
    let Some(text) = cell.strip_prefix('\'') else { return cell };
    let rest = text.trim_start_matches('\'');
    if rest.is_empty() || rest.starts_with(FORMULA) { text } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_could_run_is_quoted() {
        for (text, quoted) in [
            ("=1+1", "'=1+1"),
            ("- step", "'- step"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("", "'"),
            ("'", "''"),
            ("'=1", "''=1"),
            ("'t Zand", "'t Zand"),
            ("a=1", "a=1"),
            (" =1", " =1"),
            ("＝1+1", "'＝1+1"),
            ("﹫x", "'﹫x"),
        ] {
            assert_eq!(for_csv(text), quoted);
            assert_eq!(undo(quoted), text);
        }
        assert_eq!(for_workbook("- step"), "- step");
        assert_eq!(for_workbook("'- step"), "''- step");
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "['=＝﹣+\\-@\t\r\na ]{0,6}") {
            let (csv, workbook) = (for_csv(&text), for_workbook(&text));
            prop_assert_eq!(undo(&csv), &text);
            prop_assert_eq!(undo(&workbook), &text);
            prop_assert!(!csv.starts_with(FORMULA));
        }
    }
}
