//! `/docs`: the schema for people, made from the same descriptions.

use std::fmt::Write as _;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::graphql::definition::{FieldDef, ObjectDef, QUERY, Ty};
use crate::graphql::error::ErrorCode;
use crate::graphql::limits::Limits;
use crate::http::Shared;
use crate::http::encoding::{self, Body, Coding};
use crate::http::pages::{PAGE_POLICY, prose};
use crate::model::value::Vocabulary;
use crate::model::{Kind, ProblemCode};

/// Answers the page.
pub async fn page(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::VARY, "Accept-Encoding"));
    let body = Body::new(text(&shared));
    encoding::send(answer, body, Coding::asked(&http)).await.unwrap_or_else(|refusal| refusal)
}

fn text(shared: &Shared) -> String {
    let graph = shared.api.graph();
    let mut body = String::new();
    let mut contents = String::new();
    let mut section = |title: &str, text: String| {
        let id = title.replace(' ', "-").to_lowercase();
        write!(contents, "<li><a href=\"#{id}\">{title}</a></li>").expect("a String takes everything");
        write!(body, "<h2 id=\"{id}\">{title}</h2>{text}").expect("a String takes everything");
    };
    section("What can be asked", graph.object(QUERY).map(object).unwrap_or_default());
    let kinds: String = Kind::ALL.iter().filter_map(|kind| graph.object(kind.name())).map(object).collect();
    section("Records", kinds);
    let is_value =
        |definition: &&ObjectDef| !definition.is_node && definition.name != QUERY && !is_page(&definition.name);
    section("Values", graph.objects.values().filter(is_value).map(object).collect());
    section("Words", graph.enums.values().map(|vocabulary| words(vocabulary)).collect());
    let scalars = graph
        .scalars
        .values()
        .map(|scalar| format!("<h3 id=\"{0}\">{0}</h3><p>{1}</p>", scalar.name, prose(scalar.doc)));
    section("Scalars", scalars.collect());
    let pages = graph.objects.values().filter(|definition| is_page(&definition.name));
    section("Pages of lists", pages.map(object).collect());
    section("Limits", limits(shared.api.limits()));
    section("Errors of requests", words(&ErrorCode::VOCABULARY));
    section("Problems of data", words(&ProblemCode::VOCABULARY));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Boordtabel – schema reference</title>\
         <link rel=\"stylesheet\" href=\"/start.css\"><link rel=\"icon\" type=\"image/svg+xml\" href=\"/icon.svg\"></head>\
         <body><header class=\"top\"><div class=\"page\">\
         <a class=\"brand\" href=\"/\"><img src=\"/icon.svg\" alt=\"\" width=\"32\" height=\"32\">Boordtabel</a>\
         <nav aria-label=\"Main\"><ul><li><a href=\"/graphiql\">Explore</a></li>\
         <li><a href=\"/docs\" aria-current=\"page\">Documentation</a></li>\
         <li><a href=\"/schema.graphql\">Schema</a></li></ul></nav></div></header>\
         <main class=\"reference\"><div class=\"page\"><h1>Schema reference</h1>\
         <p>The same as <a href=\"/schema.graphql\">/schema.graphql</a>, for people. \
         Try it in the <a href=\"/graphiql\">explorer</a>.</p><nav><ul>{contents}</ul></nav>{body}</div></main></body></html>"
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

fn object(definition: &ObjectDef) -> String {
    let rows: String = definition.fields.iter().map(field).collect();
    format!(
        "<h3 id=\"{0}\">{0}</h3><p>{1}</p><table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>{rows}</tbody></table>",
        definition.name,
        prose(&definition.doc)
    )
}

fn field(definition: &FieldDef) -> String {
    let args: Vec<String> = definition.args.iter().map(|arg| format!("{}: {}", arg.name, link(&arg.ty))).collect();
    let args = if args.is_empty() { String::new() } else { format!("({})", args.join(", ")) };
    format!(
        "<tr><td><code>{}{args}</code></td><td><code>{}</code></td><td>{}</td></tr>",
        definition.name,
        link(&definition.ty),
        prose(&definition.doc)
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
    format!(
        "<h3 id=\"{0}\">{0}</h3><p>{1}</p><table><thead><tr><th>Word</th><th>Meaning</th></tr></thead><tbody>{rows}</tbody></table>",
        vocabulary.name,
        prose(vocabulary.doc)
    )
}
