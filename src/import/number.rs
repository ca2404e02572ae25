//! Decimal marks in files of untyped cells: which of point and comma a file uses, and what a cell then says. Nothing is
//! guessed: where both readings of `1.234` are left standing, the cell is refused and the question asked.

use std::borrow::Cow;

/// What stands between the whole digits and the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1234.56`
    Point,
    /// `1234,56`
    Comma,
}

impl DecimalMark {
    /// The character.
    pub const fn letter(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    /// Its name: `point` or `comma`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }

    /// The mark of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Point, Self::Comma].into_iter().find(|mark| mark.name() == name)
    }

    const fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// What a cell shows of its decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Digits only: the same either way.
    Whole,
    /// Only this decimal mark makes a number of it: `12.5`, `0,976`.
    Plain(DecimalMark),
    /// This mark before exactly three digits: `1.234` is a thousand or a bit more than one.
    Either(DecimalMark),
    /// Thousands separators; the decimal mark when they leave only one.
    Grouped(Option<DecimalMark>),
    /// No number.
    Other,
}

fn shape(text: &str) -> Shape {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let blank = |letter: char| matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’');
    let known = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',') || blank(letter);
    let framed = body.starts_with(|c: char| c.is_ascii_digit()) && body.ends_with(|c: char| c.is_ascii_digit());
    if !framed || !body.chars().all(known) {
        return Shape::Other;
    }
    let count = |mark: DecimalMark| body.matches(mark.letter()).count();
    let (points, commas) = (count(DecimalMark::Point), count(DecimalMark::Comma));
    // The mark that comes last and once may be the decimal one; whatever stands before it groups the digits.
    let last = body
        .rfind(['.', ','])
        .map(|at| if body[at..].starts_with('.') { DecimalMark::Point } else { DecimalMark::Comma });
    let blanks = body.contains(blank);
    match (points, commas, last) {
        (0, 0, _) if blanks => Shape::Grouped(None),
        (0, 0, _) => Shape::Whole,
        (1, 0, Some(mark)) | (0, 1, Some(mark)) if blanks => Shape::Grouped(Some(mark)),
        (1, 0, Some(mark)) | (0, 1, Some(mark)) => {
            let (whole, fraction) = body.split_once(mark.letter()).expect("the mark was found");
            if fraction.len() == 3 && whole.len() <= 3 && !whole.starts_with('0') {
                Shape::Either(mark)
            } else {
                Shape::Plain(mark)
            }
        }
        (_, 0, Some(mark)) | (0, _, Some(mark)) if !blanks && groups_of_three(body, mark) => {
            Shape::Grouped(Some(mark.other()))
        }
        (_, _, Some(mark)) if !blanks && count(mark) == 1 => {
            let (whole, _) = body.split_once(mark.letter()).expect("the mark was found");
            if groups_of_three(whole, mark.other()) { Shape::Grouped(Some(mark)) } else { Shape::Other }
        }
        _ => Shape::Other,
    }
}

fn groups_of_three(text: &str, separator: DecimalMark) -> bool {
    let mut groups = text.split(separator.letter());
    groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3)
}

/// The number so written that it can be read in one way only: `012.345`, because no number with thousands separators begins
/// with a zero.
pub fn unmistakable(text: &str) -> String {
    match shape(text) {
        Shape::Either(_) => {
            let digits = text.trim_start_matches('-');
            format!("{}0{digits}", &text[..text.len() - digits.len()])
        }
        _ => text.to_owned(),
    }
}

/// What the cells of a file say of its decimal mark.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    points: usize,
    commas: usize,
}

impl Evidence {
    /// Takes a cell into account.
    pub fn add(&mut self, cell: &str) {
        match shape(cell.trim()) {
            Shape::Plain(DecimalMark::Point) | Shape::Grouped(Some(DecimalMark::Point)) => self.points += 1,
            Shape::Plain(DecimalMark::Comma) | Shape::Grouped(Some(DecimalMark::Comma)) => self.commas += 1,
            _ => {}
        }
    }

    /// How the file's decimals are to be read.
    pub fn verdict(self) -> Reading {
        let mark = if self.commas > self.points { DecimalMark::Comma } else { DecimalMark::Point };
        Reading { mark, sure: (self.commas == 0) != (self.points == 0), mixed: self.commas > 0 && self.points > 0 }
    }
}

/// How decimals are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    mark: DecimalMark,
    sure: bool,
    mixed: bool,
}

impl Reading {
    /// With this mark, because somebody said so.
    pub const fn told(mark: DecimalMark) -> Self {
        Self { mark, sure: true, mixed: false }
    }

    /// The mark, when it is beyond doubt.
    pub fn mark(self) -> Option<DecimalMark> {
        self.sure.then_some(self.mark)
    }

    /// The cell with a decimal point. What is no number at all is left for the field to refuse.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub fn decimal(self, cell: &str) -> Result<Cow<'_, str>, (String, String)> {
        let text = cell.trim();
        let convert = || match self.mark {
            DecimalMark::Point => Cow::Borrowed(text),
            DecimalMark::Comma => Cow::Owned(text.replace(',', ".")),
        };
        let own = self.mark.name();
        match shape(text) {
            Shape::Whole | Shape::Other => Ok(Cow::Borrowed(text)),
            Shape::Plain(mark) if mark == self.mark => Ok(convert()),
            Shape::Either(mark) if self.sure && mark == self.mark => Ok(convert()),
            Shape::Plain(mark) => Err((
                format!("`{text}` is written with a decimal {}, the file's numbers with a decimal {own}", mark.name()),
                format!("write it as `{}`", text.replace(mark.letter(), &self.mark.letter().to_string())),
            )),
            Shape::Either(mark) if !self.sure => {
                let digits = text.replace(mark.letter(), "");
                let decimal = text.replace(',', ".");
                let why = if self.mixed { "the file uses both marks" } else { "no other cell of the file tells" };
                Err((
                    format!(
                        "`{text}` can be {digits} or {decimal}: {why} whether its {} is the decimal mark",
                        mark.name()
                    ),
                    format!(
                        "write `{digits}`, or say which mark the file uses: give the decimal mark, `point` or `comma` (`--decimal`)"
                    ),
                ))
            }
            Shape::Either(_) | Shape::Grouped(_) => {
                let kept = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '+');
                let decimal = match shape(text) {
                    Shape::Grouped(mark) => mark.map(DecimalMark::letter),
                    _ => None,
                };
                let plain: String = text
                    .chars()
                    .filter(|letter| kept(*letter) || Some(*letter) == decimal)
                    .map(|letter| if Some(letter) == decimal { self.mark.letter() } else { letter })
                    .collect();
                Err((
                    format!("`{text}` has thousands separators (the decimal mark is the {own})"),
                    format!("write it without them: `{plain}`"),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shapes() {
        use DecimalMark::{Comma, Point};
        for (text, expected) in [
            ("1234", Shape::Whole),
            ("-7", Shape::Whole),
            ("12.5", Shape::Plain(Point)),
            ("0.976", Shape::Plain(Point)),
            ("1234.567", Shape::Plain(Point)),
            ("-0,16", Shape::Plain(Comma)),
            ("1.234", Shape::Either(Point)),
            ("+12,345", Shape::Either(Comma)),
            ("1.234.567", Shape::Grouped(Some(Comma))),
            ("1,234,567", Shape::Grouped(Some(Point))),
            ("1.234,5", Shape::Grouped(Some(Comma))),
            ("1,234,567.89", Shape::Grouped(Some(Point))),
            ("1 234", Shape::Grouped(None)),
            ("1\u{a0}234,5", Shape::Grouped(Some(Comma))),
            ("12.34,5", Shape::Other),
            ("1.2.3", Shape::Other),
            ("1,2.3,4", Shape::Other),
            (".5", Shape::Other),
            ("1.", Shape::Other),
            ("12%", Shape::Other),
            ("", Shape::Other),
            ("1e5", Shape::Other),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }

    fn verdict(cells: &[&str]) -> Reading {
        let mut evidence = Evidence::default();
        cells.iter().for_each(|cell| evidence.add(cell));
        evidence.verdict()
    }

    #[test]
    fn one_clear_cell_decides_for_the_file() {
        let comma = verdict(&["7", "1,234", "12,5"]);
        assert_eq!(comma.mark(), Some(DecimalMark::Comma));
        assert_eq!(comma.decimal("1,234").unwrap(), "1.234");
        assert_eq!(comma.decimal(" 7 ").unwrap(), "7");
        assert_eq!(comma.decimal("1.234").unwrap_err().1, "write it without them: `1234`");
        assert_eq!(comma.decimal("-1.234,50").unwrap_err().1, "write it without them: `-1234,50`");
        assert_eq!(comma.decimal("12.5").unwrap_err().1, "write it as `12,5`");
        let point = verdict(&["0.9", "1,234"]);
        assert_eq!(point.decimal("1.234").unwrap(), "1.234");
        assert_eq!(point.decimal("1,234").unwrap_err().1, "write it without them: `1234`");
        assert_eq!(verdict(&["1.234.567"]).mark(), Some(DecimalMark::Comma));
    }

    #[test]
    fn without_a_clear_cell_nothing_is_guessed() {
        for reading in [verdict(&["1.234", "17"]), verdict(&["1.234", "12,5", "12.5"])] {
            assert_eq!(reading.mark(), None);
            let (message, hint) = reading.decimal("1.234").unwrap_err();
            assert!(message.starts_with("`1.234` can be 1234 or 1.234"), "{message}");
            assert!(hint.contains("give the decimal mark"), "{hint}");
            assert_eq!(reading.decimal("17").unwrap(), "17");
        }
        assert_eq!(Reading::told(DecimalMark::Comma).decimal("1,234").unwrap(), "1.234");
    }

    proptest! {
        /// A cell that is taken has exactly one reading: its digits with the mark where the mark stood.
        #[test]
        fn never_changes_digits(text in "[-+]?[0-9., ]{0,12}", comma: bool) {
            let mark = if comma { DecimalMark::Comma } else { DecimalMark::Point };
            if let Ok(taken) = Reading::told(mark).decimal(&text)
                && let Some(value) = crate::model::value::parse_decimal(&taken)
            {
                let back = value.to_string().replace('.', &mark.letter().to_string());
                let digits = |text: &str| text.trim().trim_start_matches(['-', '+']).trim_start_matches('0').to_owned();
                prop_assert_eq!(digits(&back), digits(&text), "{}", text);
            }
        }

        #[test]
        fn never_panics(text in "\\PC{0,20}") {
            let mut evidence = Evidence::default();
            evidence.add(&text);
            let _ = evidence.verdict().decimal(&text);
        }
    }
}
