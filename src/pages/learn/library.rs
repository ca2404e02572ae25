//! All of the documentation, read once: what its pages show, and what can be found in it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use serde_json::Value;

use crate::graphql::core::definition::{Graph, Ty};
use crate::graphql::core::limits::Limits;
use crate::graphql::core::public::Hidden;
use crate::model::problem::nearest;
use crate::pages::guides::{self, Guide, guides};
use crate::pages::html::{Html, escape};
use crate::pages::language::Language;
use crate::pages::learn::markdown::{self, Links, Written};
use crate::pages::learn::members::{self, GROUPS, Member, Type, Use};
use crate::pages::learn::prose;
use crate::pages::learn::search::{self, Entry, Found};
use crate::pages::links::query_string;
use crate::pages::page::Page;

/// Addresses of the server that guides name as code.
const PLACES: [(&str, &str); 9] = [
    ("/", "../"),
    ("/docs", "../docs"),
    ("/guides", "../guides"),
    ("/graphiql", "../graphiql/"),
    ("/health", "../health"),
    ("/norms", "../norms"),
    ("/changes", "../changes"),
    ("/schema.graphql", "../schema.graphql"),
    ("/schema.json", "../schema.json"),
];

/// All of the documentation.
pub struct Library {
    types: Vec<Type>,
    names: BTreeSet<String>,
    uses: BTreeMap<String, Vec<Use>>,
    written: Vec<Written>,
    entries: Vec<Entry>,
    hidden: Hidden,
    script: &'static str,
}

/// Where the words of a guide lead.
struct FromGuide<'l> {
    path: &'static str,
    /// The names of types; none where readers may not see the schema.
    names: &'l BTreeSet<String>,
    has_explorer: bool,
}

impl Links for FromGuide<'_> {
    fn target(&self, link: &str) -> Option<String> {
        guides::target(self.path, link)
    }

    fn code(&self, code: &str) -> Option<String> {
        if let Some((_, target)) = PLACES.iter().find(|(place, _)| *place == code) {
            return Some((*target).to_owned());
        }
        let (name, member) = code.split_once('.').map_or((code, None), |(name, member)| (name, Some(member)));
        let is_name = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric());
        let place = member.map(|member| format!("#{member}")).unwrap_or_default();
        (self.names.contains(name) && member.is_none_or(is_name)).then(|| format!("../docs/{name}{place}"))
    }

    fn explorer(&self, query: &str) -> Option<String> {
        self.has_explorer.then(|| format!("../graphiql/{}", query_string(&[("query", query.trim_end())])))
    }
}

/// A member as it is shown.
struct Shown {
    name: String,
    ty: Html,
    default: String,
    doc: Html,
    deprecated: Html,
    args: Vec<Shown>,
}

/// A guide or type in a list.
struct Listed<'l> {
    name: &'l str,
    about: Html,
}

#[derive(Template)]
#[template(path = "learn-guides.html")]
struct GuidesPage<'p> {
    page: &'p Page<'p>,
    here: &'static str,
    asked: &'p str,
    guides: &'p [Guide],
}

#[derive(Template)]
#[template(path = "learn-guide.html")]
struct GuidePage<'p> {
    page: &'p Page<'p>,
    here: &'static str,
    asked: &'p str,
    guide: &'p Guide,
    written: &'p Written,
    next: Option<&'p Guide>,
}

#[derive(Template)]
#[template(path = "learn-schema.html")]
struct SchemaPage<'p> {
    page: &'p Page<'p>,
    here: &'static str,
    asked: &'p str,
    guides: &'p [Guide],
    groups: Vec<(&'static str, bool, Vec<Listed<'p>>)>,
    gone: Vec<(&'p str, &'p str, Html)>,
}

#[derive(Template)]
#[template(path = "learn-type.html")]
struct TypePage<'p> {
    page: &'p Page<'p>,
    here: &'static str,
    asked: &'p str,
    ty: &'p Type,
    doc: Html,
    members: Vec<Shown>,
    uses: &'p [Use],
}

#[derive(Template)]
#[template(path = "learn-search.html")]
struct SearchPage<'p> {
    page: &'p Page<'p>,
    here: &'static str,
    asked: &'p str,
    message: String,
    near: Vec<String>,
    found: Option<Found<'p>>,
}

impl Library {
    /// Reads all of it: of that graph, with those limits. `hidden` says what readers do not get; `script` is the pages'
    /// module, empty in a build without it and without the explorer.
    pub fn new(graph: &Graph, limits: &Limits, hidden: Hidden, script: &'static str) -> Self {
        let types = members::types(graph, limits);
        let names: BTreeSet<String> = types.iter().map(|ty| ty.name.clone()).collect();
        let none = BTreeSet::new();
        let shown = if hidden.introspection { &none } else { &names };
        let written = guides().iter().map(|guide| {
            let links = FromGuide { path: guide.path, names: shown, has_explorer: !script.is_empty() };
            markdown::write(&guide.text, &links)
        });
        let written: Vec<Written> = written.collect();
        let mut entries = search::of_types(&types);
        for (guide, written) in guides().iter().zip(&written) {
            entries.extend(search::of_guide(&guide.name, &guide.title, &written.sections));
        }
        Self { uses: members::uses(&types), types, names, written, entries, hidden, script }
    }

    /// Whether there is such a page: `docs`, `docs/Measure`, `guides`, `guides/asking`.
    pub fn has(&self, path: &str) -> bool {
        match path.split_once('/') {
            None => ["docs", "guides"].contains(&path),
            Some(("docs", name)) => self.names.contains(name),
            Some(("guides", name)) => guides().iter().any(|guide| guide.name == name),
            Some(_) => false,
        }
    }

    /// That page; none where there is none.
    pub fn page(&self, path: &str) -> Option<Vec<u8>> {
        let up = if path.contains('/') { "../" } else { "" };
        let null = Value::Null;
        let page = self.frame(up, &null);
        let made = match path.split_once('/') {
            None if path == "guides" => {
                GuidesPage { page: &page, here: "guides", asked: "", guides: guides() }.render()
            }
            None if path == "docs" => self.schema(&page).render(),
            Some(("docs", name)) => self.of_type(&page, self.types.iter().find(|ty| ty.name == name)?).render(),
            Some(("guides", name)) => {
                let at = guides().iter().position(|guide| guide.name == name)?;
                let (guide, next, written) = (&guides()[at], guides().get(at + 1), &self.written[at]);
                GuidePage { page: &page, here: "guides", asked: "", guide, written, next }.render()
            }
            _ => return None,
        };
        Some(bytes(made))
    }

    /// What is found by some words.
    pub fn search(&self, asked: &str) -> Vec<u8> {
        let null = Value::Null;
        let page = self.frame("", &null);
        let (found, message) = match search::search(&self.entries, asked) {
            Ok(found) => (Some(found), String::new()),
            Err(count) => {
                (None, format!("{count} words are too many for one search: up to {} are taken.", search::WORDS_MAX))
            }
        };
        let is_empty = found.as_ref().is_some_and(|found| found.count == 0);
        let near = if is_empty { self.near(asked) } else { Vec::new() };
        bytes(SearchPage { page: &page, here: "docs", asked, message, near, found }.render())
    }

    /// That there is no such type, and which are near.
    pub fn unknown(&self, name: &str) -> Vec<u8> {
        let null = Value::Null;
        let page = self.frame("../", &null);
        let message = format!("The schema has no type “{name}”.");
        bytes(
            SearchPage { page: &page, here: "docs", asked: name, message, near: self.near(name), found: None }.render(),
        )
    }

    fn near(&self, name: &str) -> Vec<String> {
        nearest(name.trim(), self.names.iter().map(String::as_str))
    }

    fn frame<'p>(&'p self, up: &'p str, data: &'p Value) -> Page<'p> {
        Page {
            language: Language::English,
            revision: 0,
            script: self.script,
            today: "",
            hidden: self.hidden,
            address: None,
            up,
            data,
            document: "",
            variables: "",
            charts: RefCell::default(),
        }
    }

    fn schema<'p>(&'p self, page: &'p Page<'p>) -> SchemaPage<'p> {
        let link = self.links("docs/");
        let groups = GROUPS.iter().map(|(group, is_told)| {
            let of_group = self.types.iter().filter(|ty| ty.group == *group);
            let listed = of_group.map(|ty| {
                let about = if *is_told { prose::line(prose::first_sentence(&ty.doc), &link) } else { String::new() };
                Listed { name: &ty.name, about: Html(about) }
            });
            (*group, *is_told, listed.collect::<Vec<_>>())
        });
        let groups = groups.filter(|(_, _, types)| !types.is_empty()).collect();
        let members = self.types.iter().flat_map(|ty| ty.members.iter().map(move |member| (ty, member)));
        let gone = members.filter_map(|(ty, member)| {
            Some((ty.name.as_str(), member.name.as_str(), Html(prose::line(member.deprecated?, &link))))
        });
        SchemaPage { page, here: "docs", asked: "", guides: guides(), groups, gone: gone.collect() }
    }

    fn of_type<'p>(&'p self, page: &'p Page<'p>, ty: &'p Type) -> TypePage<'p> {
        let doc = prose::prose(&ty.doc, &self.links(""));
        let members = ty.members.iter().map(|member| self.shown(member)).collect();
        let uses = self.uses.get(&ty.name).map(Vec::as_slice).unwrap_or_default();
        TypePage { page, here: "docs", asked: "", ty, doc, members, uses }
    }

    fn shown(&self, member: &Member) -> Shown {
        let link = self.links("");
        Shown {
            name: member.name.clone(),
            ty: Html(member.ty.as_ref().map(|ty| self.ty(ty)).unwrap_or_default()),
            default: member.default.clone().unwrap_or_default(),
            doc: prose::prose(&member.doc, &link),
            deprecated: Html(member.deprecated.map(|reason| prose::line(reason, &link)).unwrap_or_default()),
            args: member.args.iter().map(|arg| self.shown(arg)).collect(),
        }
    }

    fn ty(&self, ty: &Ty) -> String {
        match ty {
            Ty::Named(name) if self.names.contains(&**name) => format!("<a href=\"{0}\">{0}</a>", escape(name)),
            Ty::Named(name) => escape(name),
            Ty::NonNull(inner) => format!("{}!", self.ty(inner)),
            Ty::List(inner) => format!("[{}]", self.ty(inner)),
        }
    }

    /// Where words of code lead in descriptions: to the types of that name, from a page that says how to get to their folder.
    fn links(&self, folder: &'static str) -> impl Fn(&str) -> Option<String> {
        move |code| {
            let name = code.split('.').next().unwrap_or_default();
            let place = code.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
            let place = place.map(|member| format!("#{member}")).unwrap_or_default();
            self.names.contains(name).then(|| format!("{folder}{name}{place}"))
        }
    }
}

fn bytes(made: askama::Result<String>) -> Vec<u8> {
    made.unwrap_or_else(|error| {
        tracing::error!(reason = %error, "a template of the documentation failed");
        String::new()
    })
    .into_bytes()
}
