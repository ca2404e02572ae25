//! From an answer to what goes out: a page, a part of it, its rows, one of its pictures, or what went wrong.

use std::cell::RefCell;

use askama::Template;
use serde_json::Value;

use crate::graphql::core::error::{ErrorCode, GraphqlError};
use crate::graphql::core::public::Hidden;
use crate::pages::address::{Address, Ending};
use crate::pages::at::At;
use crate::pages::language::Language;
use crate::pages::page::Page;
use crate::pages::path::{self, Step};
use crate::pages::{rows, templates};
use crate::register::Revision;
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
    /// Where the module is that adds what needs a script; empty in a build without it.
    pub script: &'p str,
    /// The day.
    pub today: &'p str,
    /// What its reader does not get.
    pub hidden: Hidden,
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
        script: answered.script,
        today: answered.today,
        hidden: answered.hidden,
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
pub fn trouble(trouble: &Trouble, address: Option<&Address>, language: Language, up: &str, hidden: Hidden) -> Vec<u8> {
    let page = Page {
        language,
        revision: 0,
        script: "",
        today: "",
        hidden,
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
            ErrorCode::Forbidden => 403,
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
            None => templates::render(self, address.route.name),
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
            tracing::error!(reason = %error, page = address.route.name, "a template failed");
            Trouble { status: 500, message: error.to_string(), hint: String::new(), near: Vec::new() }
        })?;
        Ok(Rendered { media_type: "text/html; charset=utf-8", body: body.into_bytes() })
    }

    fn svg(&self) -> Result<Rendered, Trouble> {
        let address = self.address.expect("a page has one");
        templates::render(self, address.route.name).map_err(|_| self.nothing())?;
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
}
