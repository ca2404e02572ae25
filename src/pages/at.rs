//! A place in the answer to a page's document, as templates read it. Each place knows its path; so each figure that is shown leads
//! to where it comes from, whatever page it stands on.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::model::value::parse_decimal;
use crate::pages::html::{Html, escape};
use crate::pages::page::Page;
use crate::pages::path::Step;
use crate::pages::{format, path};

static NULL: Value = Value::Null;

/// A place in an answer.
#[derive(Clone)]
pub struct At<'p> {
    page: &'p Page<'p>,
    value: &'p Value,
    path: String,
}

impl<'p> At<'p> {
    /// The beginning.
    pub fn root(page: &'p Page<'p>, value: &'p Value) -> Self {
        Self { page, value, path: String::new() }
    }

    /// What stands below, by the names that lead to it with points between. Below nothing there is nothing; but the document must
    /// ask for all that a template names.
    pub fn at(&self, names: &str) -> Self {
        let mut there = self.clone();
        for name in names.split('.') {
            let found = there.value.get(name);
            debug_assert!(
                found.is_some() || !there.value.is_object(),
                "the document of the page does not ask for `{names}` at `{}`",
                self.path
            );
            there.value = found.unwrap_or(&NULL);
            path::push(&mut there.path, name, false);
        }
        there
    }

    /// What stands below, where only some of the types that may stand here have it.
    pub fn maybe(&self, name: &str) -> Self {
        let mut there = self.clone();
        there.value = there.value.get(name).unwrap_or(&NULL);
        path::push(&mut there.path, name, false);
        there
    }

    /// What stands below, where rows wrap what they are about; else this itself.
    pub fn inner(&self, name: &str) -> Self {
        if self.value.get(name).is_some() { self.at(name) } else { self.clone() }
    }

    /// An entry of this list, by its key or place.
    pub(super) fn entry(&self, name: &str) -> Self {
        let mut there = self.clone();
        there.value = path::find(there.value, &[Step::Entry(name.to_owned())]).unwrap_or(&NULL);
        path::push(&mut there.path, name, true);
        there
    }

    /// What this is called, when it is an object with a name; else by what it is known.
    pub(super) fn own_name(&self) -> Option<String> {
        const NAMES: [&str; 5] = ["name", "title", "label", "subject", "meaning"];
        let text =
            |value: &Value, names: &[&str]| names.iter().find_map(|name| value.get(name)?.as_str().map(str::to_owned));
        let own = text(self.value, &NAMES);
        let aimed = || {
            let target = self.value.get("target")?;
            let code = target.get("period").and_then(|it| it.get("code")).and_then(Value::as_str).unwrap_or_default();
            Some(format!("{}, {}", text(target.get("of")?, &NAMES)?, format::period(code, self.page.language)))
        };
        let known =
            || ["indicator", "norm", "record", "measure"].iter().find_map(|it| text(self.value.get(it)?, &NAMES));
        let period = || {
            let code = self.value.get("period").and_then(|it| it.get("code")).and_then(Value::as_str)?;
            Some(format::period(code, self.page.language))
        };
        let year = || {
            let year = self.value.get("year")?.as_i64()?.to_string();
            let words = ["credit", "phase"].iter().filter_map(|name| self.value.get(name)?.as_str());
            let words: Vec<String> = words.map(|word| self.page.language.word(word)).collect();
            Some([words, vec![year]].concat().join(" "))
        };
        // How a norm is attained says less than which norm it is; of staff the level is all there is.
        let level = || self.value.get("level")?.as_str().map(|word| self.page.language.word(word));
        own.or_else(known).or_else(aimed).or_else(level).or_else(period).or_else(year)
    }

    /// The entries of a list.
    pub fn list(&self, names: &str) -> Vec<Self> {
        self.at(names).entries()
    }

    /// The entries of this list.
    pub(super) fn entries(&self) -> Vec<Self> {
        let entries = self.value.as_array().map_or(&[][..], Vec::as_slice);
        let entry = |(place, value): (usize, &'p Value)| {
            let mut path = self.path.clone();
            match path::key_of(value) {
                Some(key) => path::push(&mut path, key, true),
                None => path::push(&mut path, &place.to_string(), true),
            }
            Self { page: self.page, value, path }
        };
        entries.iter().enumerate().map(entry).collect()
    }

    /// The texts of this list.
    pub fn texts(&self) -> Vec<String> {
        let list = self.value.as_array().map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Whether anything stands there: not null, not false, no empty list or text.
    pub fn is(&self, names: &str) -> bool {
        match self.at(names).value {
            Value::Null | Value::Bool(false) => false,
            Value::Array(entries) => !entries.is_empty(),
            Value::String(text) => !text.is_empty(),
            _ => true,
        }
    }

    /// Whether there is nothing at all here.
    pub fn is_nothing(&self) -> bool {
        self.value.is_null()
    }

    /// Whether it is exactly `false`.
    pub fn is_false(&self, names: &str) -> bool {
        self.at(names).value == &Value::Bool(false)
    }

    /// Text as it is; numbers as digits; nothing as nothing.
    pub fn text(&self, names: &str) -> String {
        self.at(names).own_text()
    }

    pub(super) fn own_text(&self) -> String {
        match self.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => String::new(),
        }
    }

    /// A whole number; 0 where there is none.
    pub fn int(&self, names: &str) -> i64 {
        self.at(names).value.as_i64().unwrap_or_default()
    }

    /// A whole number as people write it.
    pub fn count(&self, names: &str) -> String {
        format::number(Decimal::from(self.int(names)), self.page.language)
    }

    /// A word of the schema as people say it.
    pub fn word(&self, names: &str) -> String {
        let word = self.text(names);
        if word.is_empty() { word } else { self.page.language.word(&word) }
    }

    /// A period or day as people write it.
    pub fn period(&self, names: &str) -> String {
        format::period(&self.text(names), self.page.language)
    }

    /// An instant.
    pub fn instant(&self, names: &str) -> String {
        format::instant(&self.text(names), self.page.language)
    }

    /// The path to this place.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The address of this part of the page in another form: `csv`, `json`.
    pub fn part(&self, ending: &str) -> String {
        self.page.part(ending, &self.path)
    }

    /// The value of a figure.
    pub fn decimal(&self, names: &str) -> Option<Decimal> {
        parse_decimal(self.at(names).value.get("value")?.as_str()?)
    }

    /// A figure: its value, or the word that says why there is none, each leading to where it comes from.
    pub fn figure(&self, names: &str) -> Html {
        self.at(names).own_figure(Shown::Plain)
    }

    /// A figure that is a change: with its sign.
    pub fn change(&self, names: &str) -> Html {
        self.at(names).own_figure(Shown::Signed)
    }

    /// An amount in millions of euro; exactly behind its link.
    pub fn millions(&self, names: &str) -> Html {
        self.at(names).own_figure(Shown::Millions)
    }

    /// What the figure here says, without a link: its value, or why there is none.
    pub fn own_value(&self) -> Html {
        let word = |name| self.value.get(name).and_then(Value::as_str).unwrap_or_default();
        let exact = word("value");
        let Some(decimal) = parse_decimal(exact) else { return Html(self.page.language.word(word("status"))) };
        let shown = format::value(decimal, word("unit"), word("status") == "COMPUTED", self.page.language);
        Html(format!("<data value=\"{exact}\">{}</data>", escape(&shown)))
    }

    fn own_figure(&self, shown: Shown) -> Html {
        let word = |name| self.value.get(name).and_then(Value::as_str).unwrap_or_default();
        if self.value.is_null() {
            return Html("<span class=none>–</span>".into());
        }
        let language = self.page.language;
        let address = escape(&self.page.part("", &self.path));
        let exact = word("value");
        let Some(decimal) = parse_decimal(exact) else {
            let why = language.word(word("status"));
            // That nothing can be computed would fill whole columns: a dash says it to the eye, words to the ear.
            return Html(if word("status") == "NOT_COMPUTABLE" {
                format!("<a class=\"f none\" href=\"{address}\" title=\"{why}\" aria-label=\"{why}\">–</a>")
            } else {
                format!("<a class=\"f none\" href=\"{address}\">{why}</a>")
            });
        };
        let plain = || format::value(decimal, word("unit"), word("status") == "COMPUTED", language);
        let text = match shown {
            Shown::Plain => plain(),
            Shown::Signed => format::signed(plain(), decimal),
            // What is less than a million, or no euro, would not be known again.
            Shown::Millions if word("unit") == "EUR" && decimal.abs() >= Decimal::from(1_000_000) => {
                format::millions(decimal, language)
            }
            Shown::Millions => plain(),
        };
        Html(format!("<a class=f href=\"{address}\"><data value=\"{exact}\">{}</data></a>", escape(&text)))
    }

    /// A number that is no figure, by its unit: as the lists of computed figures give them.
    pub fn number(&self, names: &str, unit: &str) -> String {
        let value = parse_decimal(&self.text(names));
        value.map_or_else(|| "–".into(), |value| format::value(value, unit, true, self.page.language))
    }

    /// The same for a change: with its sign.
    pub fn signed(&self, names: &str, unit: &str) -> String {
        let text = self.number(names, unit);
        parse_decimal(&self.text(names)).map_or_else(|| text.clone(), |value| format::signed(text.clone(), value))
    }
}

/// A place, or a reference to one, however often: what templates hand over.
pub trait Place<'p> {
    /// The place.
    fn place(&self) -> &At<'p>;
}

impl<'p> Place<'p> for At<'p> {
    fn place(&self) -> &At<'p> {
        self
    }
}

impl<'p, T: Place<'p>> Place<'p> for &T {
    fn place(&self) -> &At<'p> {
        (**self).place()
    }
}

#[derive(Clone, Copy)]
enum Shown {
    Plain,
    Signed,
    Millions,
}

impl Page<'_> {
    /// The whole answer.
    pub fn root(&self) -> At<'_> {
        At::root(self, self.data)
    }

    /// A place in the answer.
    pub fn at(&self, names: &str) -> At<'_> {
        self.root().at(names)
    }

    pub(super) fn place(&self, steps: &[Step]) -> At<'_> {
        steps.iter().fold(self.root(), |there, step| match step {
            Step::Field(name) => there.maybe(name),
            Step::Entry(name) => there.entry(name),
        })
    }

    /// What names the objects on the way to a place, then the place itself.
    pub(super) fn trail(&self, steps: &[Step]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut there = self.root();
        for (index, step) in steps.iter().enumerate() {
            there = match step {
                Step::Field(name) => there.maybe(name),
                Step::Entry(name) => there.entry(name),
            };
            let name = there.own_name().or_else(|| match step {
                Step::Field(name) if index > 0 => self.language.field(name),
                _ => None,
            });
            names.extend(name.filter(|name| names.last() != Some(name)));
        }
        names
    }

    /// The key and name of the plan that the page belongs to.
    pub fn plan(&self) -> Option<(String, String)> {
        let address = self.address.filter(|address| !address.route.plan.is_empty())?;
        let plan = self.place(&path::read(address.route.plan)?);
        let key = plan.maybe("key").own_text();
        (!key.is_empty()).then(|| (key, plan.maybe("title").own_text()))
    }
}
