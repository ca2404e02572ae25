//! Where something stands in the answer to a page's document, as addresses tell it:
//! `scoreboard.indicators|KEY|figure`. Between two bars stands an entry of the list before: its key or, where entries have none,
//! its place from 0. Keys have no bar in them; a key comes before a place.

use serde_json::Value;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To a field of an object.
    Field(String),
    /// To an entry of a list.
    Entry(String),
}

impl Step {
    /// The field's name, when it leads to one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Field(name) => Some(name),
            Self::Entry(_) => None,
        }
    }
}

/// Objects by which an entry is known that has no key of its own: there is one entry for each.
const KNOWN_BY: [&str; 4] = ["indicator", "norm", "record", "target"];

/// Reads a path; none when it is none.
pub fn read(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for (index, part) in text.split('|').enumerate() {
        if index % 2 == 1 {
            steps.push(Step::Entry(part.to_owned()));
            continue;
        }
        if index > 0 && part.is_empty() {
            continue;
        }
        for name in part.split('.') {
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name {
                return None;
            }
            steps.push(Step::Field(name.to_owned()));
        }
    }
    matches!(steps.first(), Some(Step::Field(_))).then_some(steps)
}

/// Writes one step after what was written already.
pub fn push(path: &mut String, step: &str, is_entry: bool) {
    if is_entry {
        path.push('|');
        path.push_str(step);
        path.push('|');
    } else {
        if !path.is_empty() && !path.ends_with('|') {
            path.push('.');
        }
        path.push_str(step);
    }
}

/// By what an entry is known in its list, besides its place.
pub fn key_of(entry: &Value) -> Option<&str> {
    let own = entry.get("key").and_then(Value::as_str);
    // What goes into a figure is named by its part in the formula, and one record may have several parts.
    let is_input = entry.get("name").is_some();
    own.or_else(|| KNOWN_BY.iter().find_map(|name| entry.get(name)?.get("key")?.as_str()).filter(|_| !is_input))
}

/// What stands at a path.
pub fn find<'v>(mut value: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    for step in steps {
        value = match (step, value) {
            (Step::Field(name), Value::Object(fields)) => fields.get(name)?,
            (Step::Entry(name), Value::Array(entries)) => {
                let by_key = entries.iter().find(|entry| key_of(entry) == Some(name));
                let by_place = || name.parse().ok().and_then(|place: usize| entries.get(place));
                by_key.or_else(by_place)?
            }
            _ => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_and_found() {
        let answer =
            json!({"board": {"rows": [{"key": "a/b.c"}, {"indicator": {"key": "7"}}], "plain": [{"v": 1}, {"v": 2}]}});
        for (path, found) in [
            ("board.rows|a/b.c|key", Some(json!("a/b.c"))),
            ("board.rows|7|indicator.key", Some(json!("7"))),
            ("board.rows|9|", None),
            ("board.plain|1|v", Some(json!(2))),
            ("board.plain|2|v", None),
            ("board.none", None),
        ] {
            let steps = read(path).unwrap();
            assert_eq!(find(&answer, &steps).cloned(), found, "{path}");
            let mut written = String::new();
            for step in &steps {
                match step {
                    Step::Field(name) => push(&mut written, name, false),
                    Step::Entry(name) => push(&mut written, name, true),
                }
            }
            assert_eq!(written, path);
        }
        for wrong in ["", "a..b", "|x|", "a{b}", "a b", "a.b}"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
