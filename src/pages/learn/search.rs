//! A search over the documentation: types, their members and arguments, and what stands under each heading of the guides.

use std::collections::BTreeSet;

use crate::model::text::fold;
use crate::pages::html::{Html, escape};
use crate::pages::learn::markdown::{Section, plain};
use crate::pages::learn::members::Type;

/// So many of what is found are shown.
pub const SHOWN_MAX: usize = 60;
/// So many words may be searched for at once.
pub const WORDS_MAX: usize = 16;
/// So many characters of a text are shown around what was found.
const AROUND: usize = 90;

/// Something that can be found.
pub struct Entry {
    /// What it is called, such as `Measure.name`.
    pub name: String,
    /// What it is.
    pub sort: &'static str,
    /// Where it stands, from the home page.
    pub address: String,
    text: String,
    folded_name: String,
    folded: String,
}

impl Entry {
    fn new(name: String, sort: &'static str, address: String, text: &str) -> Self {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let folded_name = fold(&name);
        let folded = format!("{folded_name} {} {}", fold(&apart(&name)), fold(&text));
        Self { name, sort, address, text, folded_name, folded }
    }

    /// How near it is to what is searched for: the least is the nearest. None when a word is missing.
    fn distance(&self, words: &[String], whole: &str) -> Option<(usize, usize)> {
        if !words.iter().all(|word| self.folded.contains(word.as_str())) {
            return None;
        }
        let last = self.folded_name.rsplit(['.', ':', '(']).next().unwrap_or_default().trim();
        let by_name = if self.folded_name == whole {
            0
        } else if last == whole {
            1
        } else if self.folded_name.starts_with(whole) {
            2
        } else if words.iter().all(|word| self.folded_name.contains(word.as_str())) {
            3
        } else {
            4
        };
        Some((by_name, self.name.len()))
    }

    /// What stands around the first of those words, each of them marked.
    pub fn excerpt(&self, words: &[String]) -> Html {
        let letters: Vec<char> = self.text.chars().collect();
        // Folding a letter may make more or less than one of it.
        let folded: Vec<String> = letters.iter().map(|letter| fold(&letter.to_string())).collect();
        let is_at = |at: usize, word: &str| {
            let mut rest = word;
            let mut end = at;
            while !rest.is_empty() {
                let letter = folded.get(end)?;
                rest = rest.strip_prefix(letter.as_str()).filter(|_| !letter.is_empty())?;
                end += 1;
            }
            Some(end)
        };
        let found = |at: usize| words.iter().filter_map(|word| is_at(at, word)).max();
        let first = (0..letters.len()).find(|at| found(*at).is_some()).unwrap_or(0);
        let from = first.saturating_sub(AROUND / 2);
        // Not in the middle of a word.
        let from = (from..first).find(|at| *at == 0 || letters[at - 1] == ' ').unwrap_or(from.min(first));
        let mut shown = String::from(if from > 0 { "… " } else { "" });
        let mut at = from;
        let end = (first + 2 * AROUND).min(letters.len());
        while at < end {
            let until = found(at).unwrap_or(at);
            let piece: String = letters[at..until.max(at + 1)].iter().collect();
            if until > at {
                shown.push_str(&format!("<mark>{}</mark>", escape(&piece)));
            } else {
                shown.push_str(&escape(&piece));
            }
            at = until.max(at + 1);
        }
        if end < letters.len() {
            shown.push_str(" …");
        }
        Html(shown)
    }
}

/// The words of a name: `normResults` is read as `norm Results` too.
fn apart(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            text.push(' ');
        }
        text.push(if letter == '_' || letter == '.' { ' ' } else { letter });
        before = letter;
    }
    text
}

/// What can be found of the schema. Arguments and fields of inputs that many have alike are found once.
pub fn of_types(types: &[Type]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut seen = BTreeSet::new();
    for ty in types {
        let page = format!("docs/{}", ty.name);
        entries.push(Entry::new(ty.name.clone(), ty.sort, page.clone(), &plain(&ty.doc)));
        for member in &ty.members {
            let is_input = ty.sort == "input";
            let place = format!("{page}#{}", member.name);
            if !is_input || seen.insert((&member.name, &member.doc)) {
                let sort = match ty.sort {
                    "input" => "field of an input",
                    "enum" => "word",
                    "codes of errors" => "code of an error",
                    "limits of this server" => "limit",
                    _ => "field",
                };
                let text = format!("{} {}", member.doc, member.deprecated.unwrap_or_default());
                entries.push(Entry::new(format!("{}.{}", ty.name, member.name), sort, place.clone(), &plain(&text)));
            }
            for arg in &member.args {
                if seen.insert((&arg.name, &arg.doc)) {
                    let name = format!("{}.{}({}:)", ty.name, member.name, arg.name);
                    entries.push(Entry::new(name, "argument", place.clone(), &plain(&arg.doc)));
                }
            }
        }
    }
    entries
}

/// What can be found of a guide.
pub fn of_guide(name: &str, title: &str, sections: &[Section]) -> Vec<Entry> {
    let entry = |section: &Section| {
        let about = if section.level == 1 { title.to_owned() } else { format!("{title}: {}", section.title) };
        Entry::new(about, "guide", format!("guides/{name}#{}", section.id), &section.text)
    };
    sections.iter().map(entry).collect()
}

/// What a search came to.
pub struct Found<'e> {
    /// The words that were searched for.
    pub words: Vec<String>,
    /// The nearest, as many as are shown.
    pub entries: Vec<&'e Entry>,
    /// How many there are.
    pub count: usize,
}

/// Searches.
///
/// # Errors
/// When there are too many words: how many.
pub fn search<'e>(entries: &'e [Entry], asked: &str) -> Result<Found<'e>, usize> {
    let whole = fold(asked.trim());
    let words: BTreeSet<String> = whole.split_whitespace().map(str::to_owned).collect();
    if words.len() > WORDS_MAX {
        return Err(words.len());
    }
    let words: Vec<String> = words.into_iter().collect();
    if words.is_empty() {
        return Ok(Found { words, entries: Vec::new(), count: 0 });
    }
    let mut found: Vec<_> = entries.iter().filter_map(|entry| Some((entry.distance(&words, &whole)?, entry))).collect();
    found.sort_by_key(|(distance, _)| *distance);
    let count = found.len();
    Ok(Found { words, entries: found.into_iter().map(|(_, entry)| entry).take(SHOWN_MAX).collect(), count })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        [
            ("Measure", "object", "A subsidy scheme."),
            ("Measure.normResults", "field", "What was reached of its norms, in % of the cases (*één*)."),
            ("Norm", "object", "A share of cases that should be handled in time by a Measure."),
        ]
        .map(|(name, sort, text)| Entry::new(name.into(), sort, format!("docs/{name}"), text))
        .into()
    }

    fn names(asked: &str) -> Vec<String> {
        search(&entries(), asked).unwrap().entries.iter().map(|entry| entry.name.clone()).collect()
    }

    #[test]
    fn names_come_before_texts() {
        assert_eq!(names("measure"), ["Measure", "Measure.normResults", "Norm"]);
        assert_eq!(names("norm results"), ["Measure.normResults"], "words of a name");
        assert_eq!(names("CASES norm"), ["Norm", "Measure.normResults"]);
        assert_eq!(names("een"), ["Measure.normResults"], "without accents");
        assert!(names("nothing of this").is_empty() && names("  ").is_empty());
        let many: Vec<String> = (0..=WORDS_MAX).map(|number| format!("w{number}")).collect();
        assert_eq!(search(&entries(), &many.join(" ")).err(), Some(WORDS_MAX + 1));
    }

    #[test]
    fn excerpts_show_what_was_found_and_nothing_else_is_html() {
        let entry = Entry::new("a".into(), "field", String::new(), &format!("{}<b> één & twee", "word ".repeat(40)));
        assert_eq!(entry.excerpt(&["een".into()]).0.matches("<mark>één</mark> &#38; twee").count(), 1);
        assert!(!entry.excerpt(&["b".into()]).0.contains("<b>"));
        assert!(entry.excerpt(&["zzz".into()]).0.starts_with("word"));
    }
}
