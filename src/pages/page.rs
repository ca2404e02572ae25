//! A page: an answer on its way to those who asked.

use std::cell::RefCell;

use askama::Template;
use serde_json::Value;

use crate::graphql::core::error::{ErrorCode, GraphqlError};
use crate::pages::address::{Address, Ending};
use crate::pages::at::At;
use crate::pages::charts::Chart;
use crate::pages::language::Language;
use crate::pages::path::{self, Step};
use crate::pages::rows;
use crate::register::Revision;

/// What templates know.
pub struct Page<'p> {
    /// Its language.
    pub language: Language,
    /// The revision that was read.
    pub revision: Revision,
    /// Whether this build has the explorer.
    pub has_explorer: bool,
    /// The day on which it is looked at.
    pub today: &'p str,
    pub(super) address: Option<&'p Address>,
    up: &'p str,
    data: &'p Value,
    pub(super) document: &'p str,
    pub(super) variables: &'p str,
    pub(super) charts: RefCell<Vec<Chart>>,
}

/// What comes of a page.
pub struct Rendered {
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// What went wrong, for people.
pub struct Trouble {
    /// The status of HTTP.
    pub status: u16,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Keys that are near to one that there is not.
    pub near: Vec<String>,
}

#[derive(Template)]
#[template(path = "figure.html")]
struct FigurePage<'p> {
    page: &'p Page<'p>,
    figure: At<'p>,
    trail: Vec<String>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'p> {
    page: &'p Page<'p>,
    trouble: &'p Trouble,
}

/// What was asked and answered.
pub struct Answered<'p> {
    /// The data.
    pub data: Value,
    /// The revision that was read.
    pub revision: Revision,
    /// The document that was sent.
    pub document: &'p str,
    /// Its variables as JSON.
    pub variables: &'p str,
    /// Whether this build has the explorer.
    pub has_explorer: bool,
    /// The day.
    pub today: &'p str,
}

/// Makes a page of an answer.
///
/// # Errors
/// When what it is about is not there.
pub fn render(address: &Address, answered: &Answered<'_>) -> Result<Rendered, Trouble> {
    static NULL: Value = Value::Null;
    // Below `at`, what is asked stands one level deeper.
    let data = if address.is_past() { answered.data.get("at").unwrap_or(&NULL) } else { &answered.data };
    let page = Page {
        language: address.language,
        revision: answered.revision,
        has_explorer: answered.has_explorer,
        today: answered.today,
        address: Some(address),
        up: &address.up,
        data,
        document: answered.document,
        variables: answered.variables,
        charts: RefCell::default(),
    };
    let root: Vec<Step> = path::read(address.route.root).unwrap_or_default();
    if address.part.is_none() && path::find(data, &root).is_none_or(Value::is_null) {
        return Err(page.nothing());
    }
    match address.ending {
        Ending::Html => page.html(),
        Ending::Json => {
            let wanted = address.part.as_deref().unwrap_or_default();
            let found = path::find(data, wanted).ok_or_else(|| page.nothing())?;
            let body = serde_json::to_vec(found).expect("values are JSON");
            Ok(Rendered { media_type: "application/json; charset=utf-8", body })
        }
        Ending::Csv => {
            let whole = path::read(address.route.rows).unwrap_or_default();
            let wanted = address.part.as_ref().unwrap_or(&whole);
            let list = path::find(data, wanted).and_then(Value::as_array).ok_or_else(|| page.nothing())?;
            let excel = address.given("dialect") == Some("excel-be");
            Ok(Rendered { media_type: "text/csv; charset=utf-8", body: rows::csv(list, excel) })
        }
        Ending::Svg => page.svg(),
        Ending::Graphql => {
            let body = answered.document.as_bytes().to_vec();
            Ok(Rendered { media_type: "application/graphql; charset=utf-8", body })
        }
    }
}

/// The page that says what went wrong.
pub fn trouble(trouble: &Trouble, address: Option<&Address>, language: Language, up: &str) -> Vec<u8> {
    let page = Page {
        language,
        revision: 0,
        has_explorer: false,
        today: "",
        address,
        up,
        data: &Value::Null,
        document: "",
        variables: "",
        charts: RefCell::default(),
    };
    ErrorPage { page: &page, trouble }.render().unwrap_or_default().into_bytes()
}

/// That there is no such page, or nothing on it.
pub fn absent(address: &Address) -> Trouble {
    Trouble::absent(&address.key, address.language)
}

impl Trouble {
    fn absent(key: &str, language: Language) -> Self {
        let message = if key.is_empty() {
            language.say("Hier is niets.", "There is nothing here.").to_owned()
        } else {
            format!("{} “{key}”.", language.say("Er is geen", "There is no"))
        };
        let hint =
            language.say("Zoek hieronder, of begin bij de startpagina.", "Search below, or begin at the home page.");
        Self { status: 404, message, hint: hint.to_owned(), near: Vec::new() }
    }

    /// What the API says of a request that failed.
    pub fn of(errors: &[GraphqlError]) -> Self {
        let Some(first) = errors.first() else {
            return Self { status: 500, message: String::new(), hint: String::new(), near: Vec::new() };
        };
        let status = match first.error.code {
            ErrorCode::Internal => 500,
            ErrorCode::Unavailable => 503,
            _ => 400,
        };
        let (message, hint) = (first.error.message.to_string(), first.error.hint.to_string());
        Self { status, message, hint, near: Vec::new() }
    }
}

impl Page<'_> {
    fn html(&self) -> Result<Rendered, Trouble> {
        let address = self.address.expect("a page has one");
        let made = match &address.part {
            None => (address.route.template)(self),
            Some(part) => {
                let found = path::find(self.data, part).ok_or_else(|| self.nothing())?;
                if found.get("status").is_none() || found.get("computed").is_none() {
                    return Err(self.nothing());
                }
                let figure = self.place(part);
                FigurePage { page: self, figure, trail: self.trail(part) }.render()
            }
        };
        let body = made.map_err(|error| {
            tracing::error!(reason = %error, page = address.route.path, "a template failed");
            Trouble { status: 500, message: error.to_string(), hint: String::new(), near: Vec::new() }
        })?;
        Ok(Rendered { media_type: "text/html; charset=utf-8", body: body.into_bytes() })
    }

    fn svg(&self) -> Result<Rendered, Trouble> {
        let address = self.address.expect("a page has one");
        (address.route.template)(self).map_err(|_| self.nothing())?;
        let charts = self.charts.borrow();
        let chart = match &address.chart {
            Some(name) => charts.iter().find(|chart| chart.name == *name),
            None => charts.first(),
        };
        let chart = chart.ok_or_else(|| self.nothing())?;
        Ok(Rendered { media_type: "image/svg+xml; charset=utf-8", body: chart.alone().into_bytes() })
    }

    fn nothing(&self) -> Trouble {
        self.address.map_or_else(|| Trouble::absent("", self.language), absent)
    }

    /// The year that the figures are of.
    pub fn year(&self) -> i64 {
        let variables: Value = serde_json::from_str(self.variables).unwrap_or_default();
        variables["year"].as_i64().unwrap_or_default()
    }

    /// The one of two texts that is in the page's language.
    pub fn t<'t>(&self, dutch: &'t str, english: &'t str) -> &'t str {
        self.language.say(dutch, english)
    }

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
    fn trail(&self, steps: &[Step]) -> Vec<String> {
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

    /// What leads to the home page.
    pub fn up(&self) -> &str {
        self.up
    }
}
