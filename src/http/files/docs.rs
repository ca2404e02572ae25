//! `/docs`: the schema for people, made from the same descriptions.

use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::graphql::Api;
use crate::graphql::core::definition::{FieldDef, InputDef, MUTATION, ObjectDef, QUERY, SUBSCRIPTION, Ty};
use crate::graphql::core::error::ErrorCode;
use crate::graphql::core::limits::Limits;
use crate::http::files::pages::{PAGE_POLICY, prose};
use crate::http::state::file::About;
use crate::http::state::shared::Shared;
use crate::model::{Kind, Vocabulary};
use crate::pages::escape;

/// Answers the page.
pub async fn page(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let about = About { media_type: "text/html; charset=utf-8", policy: Some(PAGE_POLICY) };
    let api = Arc::clone(&shared.api);
    shared.files.docs.send(&http, &about, move || text(&api).into_bytes()).await
}

fn text(api: &Api) -> String {
    let graph = api.graph();
    let mut body = String::new();
    let mut contents = String::new();
    let mut section = |title: &str, types: Vec<(&str, String)>| {
        let id = title.replace(' ', "-").to_lowercase();
        write!(contents, "<li><a href=\"#{id}\">{title}</a></li>").expect("a String takes everything");
        write!(body, "<h2 id=\"{id}\">{title}</h2>").expect("a String takes everything");
        if types.len() > 1 {
            let links: Vec<String> = types.iter().map(|(name, _)| format!("<a href=\"#{name}\">{name}</a>")).collect();
            write!(body, "<p>{}</p>", links.join(", ")).expect("a String takes everything");
        }
        body.extend(types.into_iter().map(|(_, text)| text));
    };
    let objects = |wanted: &dyn Fn(&ObjectDef) -> bool| {
        let found = graph.objects.values().filter(|definition| wanted(definition));
        found.map(|definition| (&*definition.name, object(definition))).collect::<Vec<_>>()
    };
    let inputs = |wanted: &dyn Fn(&str) -> bool| {
        let found = graph.inputs.iter().filter(|(name, _)| wanted(name));
        found.map(|(name, definition)| (&**name, input(name, definition))).collect::<Vec<_>>()
    };
    let is_root = |name: &str| [QUERY, MUTATION, SUBSCRIPTION].contains(&name);
    section("What can be asked", objects(&|definition| definition.name == QUERY));
    section("What can be written", objects(&|definition| definition.name == MUTATION));
    section("What can be followed", objects(&|definition| definition.name == SUBSCRIPTION));
    let mut records = vec![(&*graph.node.name, object(&graph.node))];
    let kinds = Kind::ALL.iter().filter_map(|kind| graph.object(kind.name()));
    records.extend(kinds.map(|definition| (&*definition.name, object(definition))));
    section("Records", records);
    let is_value =
        |definition: &ObjectDef| !definition.is_node && !is_root(&definition.name) && !is_page(&definition.name);
    section("Values", objects(&is_value));
    section("Words", graph.enums.values().map(|vocabulary| (vocabulary.name, words(vocabulary))).collect());
    let scalars = graph.scalars.values();
    let scalars = scalars.map(|it| (it.name, format!("<h3 id=\"{0}\">{0}</h3><p>{1}</p>", it.name, prose(it.doc))));
    section("Scalars", scalars.collect());
    section("Inputs", inputs(&|name| !is_choice(name)));
    section("Filters and orders", inputs(&is_choice));
    section("Pages of lists", objects(&|definition| is_page(&definition.name)));
    section("Limits", vec![("Limits", limits(api.limits()))]);
    section("Errors of requests", vec![("ErrorCode", words(&ErrorCode::VOCABULARY))]);
    // Its words stand above already, because it is a type of the schema.
    let problems = "<p>The words of <a href=\"#ProblemCode\">ProblemCode</a>.</p>".to_owned();
    section("Problems of data", vec![("ProblemCode", problems)]);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Boordtabel – schema reference</title>\
         <link rel=\"stylesheet\" href=\"start.css\"><link rel=\"icon\" type=\"image/svg+xml\" href=\"icon.svg\"></head>\
         <body><header class=\"top\"><div class=\"page\">\
         <a class=\"brand\" href=\"./\"><img src=\"icon.svg\" alt=\"\" width=\"32\" height=\"32\">Boordtabel</a>\
         <nav aria-label=\"Main\"><ul><li><a href=\"graphiql\">Explore</a></li>\
         <li><a href=\"docs\" aria-current=\"page\">Documentation</a></li>\
         <li><a href=\"schema.graphql\">Schema</a></li></ul></nav></div></header>\
         <main class=\"reference\"><div class=\"page\"><h1>Schema reference</h1>\
         <p>The same as <a href=\"schema.graphql\">/schema.graphql</a>, for people. \
         Try it in the <a href=\"graphiql\">explorer</a>.</p><nav><ul>{contents}</ul></nav>{body}</div></main></body></html>"
    )
}

fn limits(limits: &Limits) -> String {
    let rows = Limits::ALL.iter().map(|limit| {
        let value = (limit.get)(limits);
        format!("<tr><td><code>{}</code></td><td>{value}</td><td>{}</td></tr>", limit.name, prose(limit.doc))
    });
    let rows: String = rows.collect();
    format!("<table><thead><tr><th>Limit</th><th>Value</th><th>What</th></tr></thead><tbody>{rows}</tbody></table>")
}

fn is_page(name: &str) -> bool {
    name.ends_with("Connection") || name.ends_with("Edge") || name == "PageInfo"
}

/// What chooses and orders entries of lists: there is some for each kind and type of value.
fn is_choice(name: &str) -> bool {
    ["Where", "Filter", "Order"].iter().any(|ending| name.ends_with(ending))
}

fn table(name: &str, doc: &str, head: &str, rows: String) -> String {
    let head = if head == "Word" { "<th>Word</th>".to_owned() } else { format!("<th>{head}</th><th>Type</th>") };
    format!(
        "<h3 id=\"{name}\">{name}</h3><p>{}</p>\
         <table><thead><tr>{head}<th>Meaning</th></tr></thead><tbody>{rows}</tbody></table>",
        prose(doc)
    )
}

fn object(definition: &ObjectDef) -> String {
    table(&definition.name, &definition.doc, "Field", definition.fields.iter().map(field).collect())
}

fn input(name: &str, definition: &InputDef) -> String {
    let rows = definition.fields.iter().map(|field| {
        let default = field.default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
        let (ty, doc) = (link(&field.ty), prose(&field.doc));
        format!(
            "<tr><td><code>{}</code></td><td><code>{ty}{}</code></td><td>{doc}</td></tr>",
            field.name,
            escape(&default)
        )
    });
    let one_of = if definition.one_of { " Exactly one of its fields is given." } else { "" };
    table(name, &format!("{}{one_of}", definition.doc.trim()), "Field", rows.collect())
}

fn field(definition: &FieldDef) -> String {
    let args: Vec<String> = definition.args.iter().map(|arg| format!("{}: {}", arg.name, link(&arg.ty))).collect();
    let args = if args.is_empty() { String::new() } else { format!("({})", args.join(", ")) };
    let gone = definition.deprecated.map(|reason| format!(" <strong>Deprecated:</strong> {}", prose(reason)));
    format!(
        "<tr><td><code>{}{args}</code></td><td><code>{}</code></td><td>{}{}</td></tr>",
        definition.name,
        link(&definition.ty),
        prose(&definition.doc),
        gone.unwrap_or_default()
    )
}

fn link(ty: &Ty) -> String {
    match ty {
        Ty::Named(name) if ["Int", "String", "Boolean", "ID"].contains(&name.as_ref()) => name.to_string(),
        Ty::Named(name) => format!("<a href=\"#{name}\">{name}</a>"),
        Ty::NonNull(inner) => format!("{}!", link(inner)),
        Ty::List(inner) => format!("[{}]", link(inner)),
    }
}

fn words(vocabulary: &Vocabulary) -> String {
    let rows: String = vocabulary
        .words
        .iter()
        .map(|(word, doc)| format!("<tr><td><code>{word}</code></td><td>{}</td></tr>", prose(doc)))
        .collect();
    table(vocabulary.name, vocabulary.doc, "Word", rows)
}
