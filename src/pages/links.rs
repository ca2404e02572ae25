//! Addresses that templates write: of other pages, of parts of this one, of this one in another form, language or state.

use crate::pages::address::{Address, encoded};
use crate::pages::guides::{Guide, guides};
use crate::pages::html::{Html, escape};
use crate::pages::page::Page;
use crate::pages::path::{self, Step};
use crate::pages::routes::routes;
use crate::pages::style;

/// Parameters that go along to other pages.
const STATE: [&str; 3] = ["lang", "asOf", "edition"];

/// The pages of a plan: where, in Dutch, in English.
const OF_PLAN: [(&str, &str, &str); 9] = [
    ("norms", "Normen", "Norms"),
    ("budget", "Budget", "Budget"),
    ("milestones", "Mijlpalen", "Milestones"),
    ("trends", "Trends", "Trends"),
    ("inspections", "Inspecties", "Inspections"),
    ("staff", "Personeel", "Staff"),
    ("contradictions", "Tegenspraken", "Contradictions"),
    ("compare", "Vergelijken", "Compare"),
    ("round", "Rondes", "Rounds"),
];

impl Page<'_> {
    fn carried(&self) -> impl Iterator<Item = (&str, &str)> {
        let given = self.address.map_or(&[][..], |address| &address.given);
        given.iter().filter(|(name, _)| STATE.contains(&name.as_str())).map(|(n, v)| (&**n, &**v))
    }

    /// The address of another page, in the same language and of the same state: its first part, and a key or nothing.
    pub fn to(&self, path: &str, key: &str) -> String {
        self.to_with(path, key, &[])
    }

    /// The same with parameters.
    pub fn to_with(&self, path: &str, key: &str, parameters: &[(&str, &str)]) -> String {
        let mut address = format!("{}{path}", self.up());
        if !key.is_empty() {
            address.push('/');
            address.push_str(&encoded(key));
        }
        if address.is_empty() {
            address.push_str("./");
        }
        let parameters = parameters.iter().copied().filter(|(_, value)| !value.is_empty());
        add_parameters(&mut address, parameters.chain(self.carried()));
        address
    }

    /// The address of a page of the plan that this one belongs to.
    pub fn of_plan(&self, path: &str) -> String {
        let plan = self.plan().map(|(key, _)| key).unwrap_or_default();
        self.to_with(path, "", &[("plan", &plan)])
    }

    /// This page with one parameter set to another value, or without it.
    pub fn with(&self, name: &str, value: &str) -> String {
        let Some(address) = self.address else { return self.to("", "") };
        let mut text = self.own("");
        let others = address.given.iter().map(|(it, value)| (&**it, &**value)).filter(|(it, _)| *it != name);
        add_parameters(&mut text, others.chain([(name, value)].into_iter().filter(|(_, value)| !value.is_empty())));
        text
    }

    /// The address of a part of the page: as a page of its own, or in another form.
    pub fn part(&self, ending: &str, path: &str) -> String {
        let given = self.address.map_or(&[][..], |address| &address.given);
        let mut text = self.own(ending);
        let at = [("at", path)].into_iter().filter(|(_, path)| !path.is_empty());
        add_parameters(&mut text, given.iter().map(|(name, value)| (&**name, &**value)).chain(at));
        text
    }

    /// The address of one of its charts.
    pub fn picture(&self, name: &str) -> String {
        let given = self.address.map_or(&[][..], |address| &address.given);
        let mut text = self.own("svg");
        add_parameters(&mut text, given.iter().map(|(name, value)| (&**name, &**value)).chain([("chart", name)]));
        text
    }

    /// Its own address without parameters, in that form.
    pub(super) fn own(&self, ending: &str) -> String {
        let Some(address) = self.address else { return "./".into() };
        let dot = if ending.is_empty() { "" } else { "." };
        let path = if address.route.path.is_empty() && !ending.is_empty() { "home" } else { address.route.path };
        let mut text = format!("{}{path}", address.up);
        if address.route.keyed {
            text.push('/');
            text.push_str(&encoded(&address.key));
        }
        text.push_str(dot);
        text.push_str(ending);
        if text.is_empty() { "./".into() } else { text }
    }

    /// What is given by a parameter.
    pub fn given(&self, name: &str) -> &str {
        self.address.and_then(|address| address.given(name)).unwrap_or_default()
    }

    /// Whether that is one of what a parameter gives, which may be given several times.
    pub fn has_chosen(&self, name: &str, value: &str) -> bool {
        self.given(name).split(',').any(|given| given == value)
    }

    /// What is given of what a search or another form keeps: names and values, as hidden fields.
    pub fn kept(&self, without: &str) -> Html {
        let given = self.address.map_or(&[][..], |address| &address.given);
        let kept = given.iter().filter(|(name, _)| !without.split(' ').any(|it| it == name));
        Html(kept.map(|(name, value)| format!("<input type=hidden name={name} value=\"{}\">", escape(value))).collect())
    }

    /// The fields that keep language and state.
    pub fn kept_state(&self) -> Html {
        Html(
            self.carried()
                .map(|(name, value)| format!("<input type=hidden name={name} value=\"{}\">", escape(value)))
                .collect(),
        )
    }

    /// Whether that is the first part of its address.
    pub fn is(&self, path: &str) -> bool {
        self.address.is_some_and(|address| address.route.path == path)
    }

    /// Whether it shows an earlier state.
    pub fn is_past(&self) -> bool {
        self.address.is_some_and(Address::is_past)
    }

    /// The guides of the documentation.
    pub fn guides(&self) -> &'static [Guide] {
        guides()
    }

    /// What leads to the home page, as an address.
    pub fn to_home(&self) -> &str {
        if self.up().is_empty() { "./" } else { self.up() }
    }

    /// Whether it changes when the register does.
    pub fn follows(&self) -> bool {
        self.address.is_some() && !self.is_past()
    }

    /// Whether it can show earlier states.
    pub fn has_past(&self) -> bool {
        !self.hidden.history && self.address.is_some_and(|address| address.route.document.has_past())
    }

    /// The address that shows this revision of it for ever.
    pub fn permalink(&self) -> String {
        let mut text = self.part("", &self.part_text());
        if !self.is_past() {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.push_str(&format!("asOf={}", self.revision));
        }
        text
    }

    /// The path of the part that it shows; empty for the whole.
    pub fn part_text(&self) -> String {
        let steps = self.address.and_then(|address| address.part.as_deref()).unwrap_or_default();
        let mut text = String::new();
        for step in steps {
            match step {
                Step::Field(name) => path::push(&mut text, name, false),
                Step::Entry(name) => path::push(&mut text, name, true),
            }
        }
        text
    }

    /// The same page in the other language.
    pub fn in_other_language(&self) -> String {
        let other = self.language.say("en", "nl");
        let mut text = self.with("lang", other);
        let part = self.part_text();
        if !part.is_empty() {
            add_parameters(&mut text, [("at", part.as_str())].into_iter());
        }
        text
    }

    /// The explorer with this page's document and variables.
    pub fn query(&self) -> String {
        let mut text = format!("{}graphiql/", self.up());
        add_parameters(&mut text, [("query", self.document), ("variables", self.variables)].into_iter());
        text
    }

    /// Whether there is a page at that address.
    pub fn has(&self, path: &str) -> bool {
        routes().iter().any(|route| route.path == path)
    }

    /// The pages of a plan that there are: where, and what they are called.
    pub fn all_plan_pages(&self) -> Vec<(&'static str, &'static str)> {
        let there = OF_PLAN.iter().filter(|(path, _, _)| self.has(path));
        there.map(|(path, dutch, english)| (*path, self.language.say(dutch, english))).collect()
    }

    /// The same, for the links at the top.
    pub fn plan_pages(&self) -> Vec<(&'static str, &'static str)> {
        self.all_plan_pages()
    }

    /// Whether that plan may be chosen: not the one that another is wanted beside.
    pub fn is_choice(&self, plan: &str) -> bool {
        self.given("for").is_empty() || self.given("plan") != plan
    }

    /// This page, or the one that was wanted, of another plan: a choice among all bodies'.
    pub fn other_plan(&self) -> String {
        let path = self.address.map_or("", |address| address.route.path);
        let wanted = if OF_PLAN.iter().any(|(of_plan, _, _)| *of_plan == path) { path } else { "" };
        self.to_with("plans", "", &[("for", wanted)])
    }

    /// The name of the page that was wanted, where a choice of plans comes first.
    pub fn wanted(&self) -> Option<&'static str> {
        let (_, dutch, english) = OF_PLAN.iter().find(|(path, _, _)| *path == self.given("for"))?;
        Some(self.t(dutch, english))
    }

    /// The page that was wanted, of that plan; else the plan's own.
    pub fn plan_or_page(&self, plan: &str) -> String {
        let wanted = self.given("for");
        if wanted.is_empty() || !self.has(wanted) {
            return self.to("plans", plan);
        }
        match self.given("plan") {
            "" => self.to_with(wanted, "", &[("plan", plan)]),
            // One is known already: the other is what it is compared with.
            first => self.to_with(wanted, "", &[("plan", first), ("to", plan)]),
        }
    }

    /// The same page of the state of now.
    pub fn as_now(&self) -> String {
        let Some(address) = self.address else { return self.to("", "") };
        let mut text = self.own("");
        let others = address.given.iter().filter(|(name, _)| !["asOf", "edition"].contains(&name.as_str()));
        add_parameters(&mut text, others.map(|(name, value)| (&**name, &**value)));
        text
    }

    /// The page that a part belongs to.
    pub fn whole(&self) -> String {
        self.part("", "")
    }

    /// A page of the same sort about another record.
    pub fn sibling(&self, key: &str) -> String {
        self.address.map_or_else(String::new, |address| self.to(address.route.path, key))
    }

    /// The key of the record that it is about.
    pub fn key(&self) -> &str {
        self.address.map_or("", |address| &address.key)
    }

    /// Whether it has a list that it gives as rows.
    pub fn has_rows(&self) -> bool {
        self.address.is_some_and(|address| !address.route.rows.is_empty() && address.part.is_none())
    }

    /// The page of what a commit changed.
    pub fn change_of(&self, revision: i64) -> String {
        self.to_with("change", "", &[("from", &(revision - 1).to_string()), ("to", &revision.to_string())])
    }

    /// The home page of an edition.
    pub fn with_edition(&self, key: &str) -> String {
        self.to_with("plans", "", &[("edition", key)])
    }

    /// Its rows as Excel with Belgian settings opens them.
    pub fn for_excel(&self) -> String {
        let given = self.address.map_or(&[][..], |address| &address.given);
        let others = given.iter().map(|(name, value)| (&**name, &**value)).filter(|(name, _)| *name != "dialect");
        let mut text = self.own("csv");
        add_parameters(&mut text, others.chain([("dialect", "excel-be")]));
        text
    }

    /// The name of the style sheet, which changes with what is in it.
    pub fn style(&self) -> String {
        style::style_name().to_owned()
    }
}

/// Parameters as they stand in an address.
pub fn query_string(parameters: &[(&str, &str)]) -> String {
    let mut text = String::new();
    add_parameters(&mut text, parameters.iter().copied());
    text
}

fn add_parameters<'t>(address: &mut String, parameters: impl Iterator<Item = (&'t str, &'t str)>) {
    for (name, value) in parameters {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(name);
        address.push('=');
        address.push_str(&encoded(value));
    }
}
