//! Addresses of pages: which page, of which record, of which state of the register, in which language and form.

use crate::graphql::GraphqlRequest;
use crate::graphql::core::public::Hidden;
use crate::pages::document::Form;
use crate::pages::language::Language;
use crate::pages::path::{self, Step};
use crate::pages::routes::{Route, routes};
use serde_json::{Map, Value, json};

/// In which form a page is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// For people.
    Html,
    /// The rows of one of its lists.
    Csv,
    /// The answer that it shows, or a part of it.
    Json,
    /// One of its charts.
    Svg,
    /// The document that it asks with.
    Graphql,
}

impl Ending {
    const ALL: [(&'static str, Self); 4] =
        [(".csv", Self::Csv), (".json", Self::Json), (".svg", Self::Svg), (".graphql", Self::Graphql)];
}

/// Parameters that say how and of when, whatever the page.
const STATE: [&str; 3] = ["lang", "asOf", "edition"];

/// An address that was read.
pub struct Address {
    /// The page.
    pub route: &'static Route,
    /// The key of its record; empty where it has none.
    pub key: String,
    /// The form.
    pub ending: Ending,
    /// The language.
    pub language: Language,
    /// What leads from it to the home page: `../` for each level.
    pub up: String,
    /// What was given besides, of that which means something: in the order of the document's variables, then of the state.
    pub given: Vec<(String, String)>,
    /// The part of the page that is asked for.
    pub part: Option<Vec<Step>>,
    /// The name of the chart that is asked for.
    pub chart: Option<String>,
}

/// Why an address leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such page.
    NoPage,
    /// There is, but a parameter of it is not good.
    Parameter(&'static str, String),
    /// It needs to be told of which plan, or with which other.
    NoPlan,
}

impl Address {
    /// Reads an address: its path, percents and all, its parameters, and which language the browser prefers.
    ///
    /// # Errors
    /// When there is no such page.
    pub fn read(path: &str, parameters: &[(String, String)], accept_language: Option<&str>) -> Result<Self, Wrong> {
        let path = path.trim_start_matches('/');
        let up = "../".repeat(path.matches('/').count());
        let (stem, ending) = Ending::ALL
            .iter()
            .find_map(|(text, ending)| Some((path.strip_suffix(text)?, *ending)))
            .unwrap_or((path, Ending::Html));
        let stem = if stem == "home" && ending != Ending::Html { "" } else { stem };
        let (first, key) = match stem.split_once('/') {
            Some((first, key)) => (first, Some(decoded(key).filter(|key| !key.is_empty()).ok_or(Wrong::NoPage)?)),
            None => (stem, None),
        };
        let route = routes().iter().find(|route| route.path == first && route.keyed == key.is_some());
        let route = route.ok_or(Wrong::NoPage)?;
        let get = |name: &str| parameters.iter().find(|(it, value)| it == name && !value.is_empty());
        let language = get("lang").and_then(|(_, code)| Language::of_code(code));
        let variables = route.document.variables().map(|(name, _)| name);
        let mut given: Vec<(String, String)> = Vec::new();
        let mut seen = Vec::new();
        for name in variables.chain(STATE).chain(["for", "plan", "dialect"]) {
            let values: Vec<&str> =
                parameters.iter().filter(|(it, value)| it == name && !value.is_empty()).map(|(_, v)| &**v).collect();
            if !values.is_empty() && (name != "key" || !route.keyed) && !seen.contains(&name) {
                seen.push(name);
                given.push((name.to_owned(), values.join(",")));
            }
        }
        let part = match get("at") {
            Some((_, text)) => Some(path::read(text).ok_or_else(|| Wrong::Parameter("at", text.clone()))?),
            None => None,
        };
        Ok(Self {
            route,
            key: key.unwrap_or_default(),
            ending,
            language: language.unwrap_or_else(|| Language::preferred(accept_language)),
            up,
            given,
            part,
            chart: get("chart").map(|(_, name)| name.clone()),
        })
    }

    /// What was given by that name.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(it, _)| it == name).map(|(_, value)| &**value)
    }

    /// Whether it asks for an earlier state.
    pub fn is_past(&self) -> bool {
        self.route.document.has_past() && self.given("asOf").or_else(|| self.given("edition")).is_some()
    }

    /// The request that it comes to, of a reader who does not get that. `today` stands for a day that the document asks for and the
    /// address does not give.
    ///
    /// # Errors
    /// When a parameter is not good.
    pub fn request(&self, today: &str, hidden: Hidden) -> Result<GraphqlRequest, Wrong> {
        let document = &self.route.document;
        let text = match &self.part {
            Some(part) => document.only(part, self.is_past()).ok_or(Wrong::NoPage)?,
            None if self.is_past() => document.in_the_past(),
            None => document.text().to_owned(),
        };
        let mut variables = Map::new();
        for (name, form) in document.variables() {
            // A part of a document declares what it uses.
            let is_declared = text.split_once('{').is_some_and(|(head, _)| head.contains(&format!("${name}:")));
            let value = match (name, self.given(name)) {
                ("key", _) if self.route.keyed => Some(self.key.as_str()),
                ("day", None) => Some(today),
                // What a page can do without is not asked for where it would be refused.
                ("history", _) => hidden.history.then_some("false"),
                (_, given) => given,
            };
            if let Some(value) = value
                && is_declared
            {
                variables.insert(name.to_owned(), read(name, value, form)?);
            } else if is_declared && form == Form::Text && document.requires(name) {
                return Err(Wrong::NoPlan);
            }
        }
        if let Some(state) = self.state()? {
            variables.insert("asOf".into(), state);
        }
        Ok(GraphqlRequest::new(text, Value::Object(variables)).expect("it is an object"))
    }

    /// Where no year is given, but the request needs one: what asks for the plan that the page belongs to, whose year it is then.
    pub fn year_request(&self, request: &GraphqlRequest) -> Option<GraphqlRequest> {
        let head = request.query.split_once('{').map_or("", |(head, _)| head);
        let needs_one = ["year", "before", "after"].iter().any(|name| head.contains(&format!("${name}: Int!")));
        if self.given("year").is_some() || !needs_one {
            return None;
        }
        let mut steps = path::read(self.route.plan)?;
        steps.push(Step::Field("evaluatedYear".into()));
        let query = self.route.document.only(&steps, self.is_past())?;
        let (head, _) = query.split_once('{')?;
        let is_used = |name: &str| head.contains(&format!("${name}:"));
        let variables = request.variables.iter().filter(|(name, _)| is_used(name));
        let variables = variables.map(|(name, value)| (name.clone(), value.clone())).collect();
        Some(GraphqlRequest { query, operation_name: None, variables })
    }

    /// Gives the request the year that the figures are of, where it needs one, and those before and after where it asks for them.
    pub fn fill_years(&self, request: &mut GraphqlRequest, year: Option<i64>) {
        let given = self.given("year").and_then(|text| text.parse().ok());
        let Some(year) = given.or(year) else { return };
        let head = request.query.split_once('{').map_or("", |(head, _)| head).to_owned();
        for (name, value) in [("year", year), ("before", year.saturating_sub(1)), ("after", year.saturating_add(1))] {
            if head.contains(&format!("${name}: Int!")) {
                request.set_variable(name, value.into());
            }
        }
    }

    /// The year that the answer to such a request tells: the one that the plan evaluates, else its own.
    pub fn year_of(&self, data: &Value) -> Option<i64> {
        let data = if self.is_past() { data.get("at")? } else { data };
        let plan = path::find(data, &path::read(self.route.plan)?)?;
        ["evaluatedYear", "year"].iter().find_map(|name| plan.get(name)?.as_i64())
    }

    /// The state that it asks for, as the API takes it.
    fn state(&self) -> Result<Option<Value>, Wrong> {
        if !self.is_past() {
            return Ok(None);
        }
        if let Some(edition) = self.given("edition") {
            return Ok(Some(json!({ "edition": edition })));
        }
        let Some(text) = self.given("asOf") else { return Ok(None) };
        if let Ok(revision) = text.parse::<u64>() {
            return Ok(Some(json!({ "revision": revision })));
        }
        // A day stands for its end.
        let is_day = text.len() == 10 && text.chars().all(|c| c.is_ascii_digit() || c == '-');
        let instant = if is_day { format!("{text}T23:59:59Z") } else { text.to_owned() };
        Ok(Some(json!({ "instant": instant })))
    }

    /// What tells it from every other address, apart from what its request tells.
    pub fn digest(&self) -> [u8; 32] {
        let told = format!(
            "{} {} {:?} {:?} {} {:?} {:?} {:?}",
            self.route.path, self.key, self.ending, self.language, self.up, self.given, self.part, self.chart
        );
        *blake3::hash(told.as_bytes()).as_bytes()
    }
}

/// Whether the page at that path takes several values of a parameter, each as one of its own: the boxes of a form that are ticked.
pub fn takes_several(path: &str, name: &str) -> bool {
    let path = path.trim_start_matches('/');
    let is_of = |route: &&Route| {
        path.strip_prefix(route.path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']))
    };
    let takes = |route: &Route| route.document.variables().any(|variable| variable == (name, Form::List));
    routes().iter().filter(|route| !route.path.is_empty()).filter(is_of).any(takes)
}

fn read(name: &'static str, value: &str, form: Form) -> Result<Value, Wrong> {
    let wrong = || Wrong::Parameter(name, value.to_owned());
    Ok(match form {
        Form::Number => Value::from(value.parse::<i64>().map_err(|_| wrong())?),
        Form::Flag => Value::from(value.parse::<bool>().map_err(|_| wrong())?),
        Form::List => Value::from(value.split(',').map(Value::from).collect::<Vec<_>>()),
        Form::Text => Value::from(value),
    })
}

/// A part of an address without its percents; none when it is no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Text as a part of an address.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
