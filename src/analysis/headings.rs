//! The numbered headings of a text.

/// Cuts a text at its numbered headings: each section's own number and text, up to the next heading of any level.
///
/// A line is a heading when it begins with a section number that may follow the one before (its first subsection, or the next
/// section on its own or a higher level) and then words. So numbered lists, footnotes and figures are no headings. A part of a document, which
/// has no first section, begins with whichever heading comes first.
pub fn sections(source: &str) -> Vec<(String, &str)> {
    let mut headings = found(source, |number| follows(&[], number));
    if headings.is_empty() {
        headings = found(source, |_| true);
    }
    let ends = headings.iter().skip(1).map(|(_, start)| *start).chain([source.len()]);
    let numbered = |number: &[u32]| number.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    headings.iter().zip(ends).map(|((number, start), end)| (numbered(number), &source[*start..end])).collect()
}

/// The headings, each with where it begins; the first of them is one that may be.
fn found(source: &str, may_be_first: impl Fn(&[u32]) -> bool) -> Vec<(Vec<u32>, usize)> {
    let mut headings: Vec<(Vec<u32>, usize)> = Vec::new();
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        if let Some(number) = heading(line)
            && headings.last().map_or_else(|| may_be_first(&number), |(last, _)| follows(last, &number))
        {
            headings.push((number, start));
        }
        start += line.len();
    }
    headings
}

/// The section number that a line begins with, when words follow it.
fn heading(line: &str) -> Option<Vec<u32>> {
    let line = line.trim();
    let (number, words) = line.split_once(char::is_whitespace)?;
    let parts: Option<Vec<u32>> = number
        .split('.')
        .map(|part| if part.len() <= 2 && !part.starts_with('0') { part.parse().ok() } else { None })
        .collect();
    let begins_a_title = words.trim_start().chars().next().is_some_and(|letter| letter.is_uppercase());
    parts.filter(|_| begins_a_title)
}

/// Whether a section number may come after another: its first subsection (also two levels down), or one further on any level.
fn follows(last: &[u32], next: &[u32]) -> bool {
    let common = last.iter().zip(next).take_while(|(a, b)| a == b).count();
    match (last.get(common), next.get(common)) {
        (None, Some(_)) => next[common..].iter().all(|part| *part == 1),
        (Some(a), Some(b)) => *b == a + 1 && next[common + 1..].iter().all(|part| *part == 1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_headings_and_nothing_else() {
        let source = " 1 FIRST\ntext\n1.1 Sub\n1 Footnote that begins with a number\n2. Point of a list\n15.02.2021 Date\n\
                      1.168.439 Amount\n1.1.1 Deeper\n 1.2 Next\n3 Jump\n2 SECOND\n2.1.1 Two down\n2 821 Figure\n2.1.2 Last\n";
        let numbers: Vec<String> = sections(source).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, ["1", "1.1", "1.1.1", "1.2", "2", "2.1.1", "2.1.2"]);
    }

    #[test]
    fn a_part_of_a_document_begins_with_its_own_first_heading() {
        let numbers = |text| sections(text).into_iter().map(|(number, _)| number).collect::<Vec<_>>();
        assert_eq!(
            numbers("Page 40\n3.2 Third\nwe counted 8\n3.2.1 Below\n3.3 Next\n7 Far\n"),
            ["3.2", "3.2.1", "3.3"]
        );
        assert_eq!(
            numbers("15 February\n1 FIRST\n2 SECOND\n"),
            ["1", "2"],
            "a whole document begins with its first section"
        );
    }

    #[test]
    fn a_section_ends_where_any_other_begins() {
        let sections = sections("1 A\none\n1.1 B\ntwo\n2 C\nthree\n");
        assert_eq!(sections[0].1, "1 A\none\n");
        assert_eq!(sections[1].1, "1.1 B\ntwo\n");
        assert_eq!(sections[2].1, "2 C\nthree\n");
    }
}
