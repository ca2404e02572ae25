//! Descriptions as HTML shows them.

use crate::pages::html::{Html, escape};

/// A description: paragraphs, with `code` and *Dutch terms* marked. A word of code may lead somewhere.
pub fn prose(text: &str, link: &dyn Fn(&str) -> Option<String>) -> Html {
    let paragraphs = text.trim().split("\n\n").map(|paragraph| format!("<p>{}</p>", line(paragraph, link)));
    Html(paragraphs.collect())
}

/// The same within a line.
pub fn line(text: &str, link: &dyn Fn(&str) -> Option<String>) -> String {
    let mut marked = String::new();
    for (index, piece) in text.trim().split('`').enumerate() {
        if index % 2 == 1 {
            let code = format!("<code>{}</code>", escape(piece));
            marked.push_str(&match link(piece) {
                Some(target) => format!("<a href=\"{}\">{code}</a>", escape(&target)),
                None => code,
            });
            continue;
        }
        for (index, piece) in escape(piece).split('*').enumerate() {
            marked.push_str(&if index % 2 == 1 { format!("<i lang=\"nl\">{piece}</i>") } else { piece.to_owned() });
        }
    }
    marked
}

/// The first sentence of a description.
pub fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    let end = text.match_indices(['.', ':', ';']).map(|(at, sign)| (at, sign.len())).find(|(at, len)| {
        let rest = &text[at + len..];
        rest.is_empty() || rest.starts_with([' ', '\n'])
    });
    end.map_or(text, |(at, _)| &text[..at])
}
