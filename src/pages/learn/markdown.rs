//! Guides from Markdown to HTML: headings that can be linked to, links that lead to what is served, tables and code that scroll inside
//! themselves, and files of rows as tables, which can be copied into a spreadsheet.

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::pages::html::escape;

/// A guide as it is shown.
pub struct Written {
    /// The HTML.
    pub html: String,
    /// What stands under each of its headings.
    pub sections: Vec<Section>,
}

impl Written {
    /// Its parts: what stands under headings of the second level.
    pub fn parts(&self) -> Vec<&Section> {
        self.sections.iter().filter(|section| section.level == 2).collect()
    }
}

/// What stands under a heading.
pub struct Section {
    /// 1 for the guide's own title, then deeper.
    pub level: usize,
    /// What leads there.
    pub id: String,
    /// The heading.
    pub title: String,
    /// The text under it, without marks.
    pub text: String,
}

/// Where things lead.
pub trait Links {
    /// Where a link leads; none when it leads to something that is not served: then only its text is left.
    fn target(&self, link: &str) -> Option<String>;
    /// Where a word of code leads, such as a type's name or an address of the server.
    fn code(&self, code: &str) -> Option<String>;
    /// Where a query can be tried.
    fn explorer(&self, query: &str) -> Option<String>;
}

/// Writes a guide.
pub fn write(text: &str, links: &impl Links) -> Written {
    let mut writer = Writer {
        links,
        out: Vec::new(),
        sections: Vec::new(),
        open: Vec::new(),
        heading: None,
        tables: 0,
        columns: Vec::new(),
        column: 0,
        is_head: false,
        file: None,
    };
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        writer.take(event);
    }
    let mut made = String::with_capacity(text.len() * 2);
    html::push_html(&mut made, writer.out.into_iter());
    Written { html: made, sections: writer.sections }
}

struct Writer<'t, 'l, L> {
    links: &'l L,
    out: Vec<Event<'t>>,
    sections: Vec<Section>,
    /// Of each link that is open, whether it is written.
    open: Vec<bool>,
    /// Where the open heading begins in what is written.
    heading: Option<usize>,
    /// Tables under the heading so far.
    tables: usize,
    /// How the columns of the open table are aligned.
    columns: Vec<Alignment>,
    /// Which of them comes next.
    column: usize,
    is_head: bool,
    /// The name of the open file of rows, and where it begins in what is written.
    file: Option<(String, usize)>,
}

impl<'t, L: Links> Writer<'t, '_, L> {
    fn take(&mut self, event: Event<'t>) {
        if let Some(section) = self.sections.last_mut().filter(|_| self.heading.is_none()) {
            match &event {
                Event::Text(text) | Event::Code(text) => section.text.push_str(text),
                Event::SoftBreak | Event::HardBreak | Event::End(_) => section.text.push(' '),
                _ => {}
            }
        }
        match event {
            Event::Start(Tag::Heading { .. }) => self.heading = Some(self.out.len()),
            Event::End(TagEnd::Heading(level)) => self.end_heading(level),
            Event::Start(Tag::Table(columns)) => {
                self.columns = columns;
                self.tables += 1;
                let name = self.sections.last().map_or("", |section| section.title.as_str());
                let number = if self.tables > 1 { format!(" ({})", self.tables) } else { String::new() };
                let name = escape(name);
                self.html(format!(
                    "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{name}{number}\"><table>"
                ));
            }
            Event::End(TagEnd::Table) => self.html("</tbody></table></div>\n".into()),
            Event::Start(Tag::TableHead) => {
                (self.is_head, self.column) = (true, 0);
                self.html("<thead><tr>".into());
            }
            Event::End(TagEnd::TableHead) => {
                self.is_head = false;
                self.html("</tr></thead><tbody>".into());
            }
            Event::Start(Tag::TableRow) => {
                self.column = 0;
                self.html("<tr>".into());
            }
            Event::End(TagEnd::TableRow) => self.html("</tr>\n".into()),
            Event::Start(Tag::TableCell) => {
                // By a class: the policy of pages lets no style in.
                let is_number = self.columns.get(self.column) == Some(&Alignment::Right);
                self.column += 1;
                let class = if is_number { " class=\"n\"" } else { "" };
                self.html(if self.is_head { format!("<th scope=\"col\"{class}>") } else { format!("<td{class}>") });
            }
            Event::End(TagEnd::TableCell) => self.html(if self.is_head { "</th>" } else { "</td>" }.into()),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) if kind.starts_with("csv ") => {
                let name = kind.split_whitespace().nth(1).unwrap_or_default();
                self.file = Some((name.trim_end_matches(".csv").to_owned(), self.out.len()));
            }
            Event::End(TagEnd::CodeBlock) if self.file.is_some() => self.end_file(),
            Event::Start(Tag::CodeBlock(kind)) => {
                let is_query = matches!(&kind, CodeBlockKind::Fenced(language) if &**language == "graphql");
                self.html(format!("<pre tabindex=\"0\"><code{}>", if is_query { " class=\"graphql\"" } else { "" }));
            }
            Event::End(TagEnd::CodeBlock) => self.end_code(),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let target = self.links.target(&dest_url);
                self.open.push(target.is_some());
                if let Some(target) = target {
                    self.out.push(Event::Start(Tag::Link { link_type, dest_url: target.into(), title, id }));
                }
            }
            Event::End(TagEnd::Link) => {
                if self.open.pop() == Some(true) {
                    self.out.push(Event::End(TagEnd::Link));
                }
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let target = self.links.target(&dest_url).map_or(dest_url, CowStr::from);
                self.out.push(Event::Start(Tag::Image { link_type, dest_url: target, title, id }));
            }
            Event::Code(code) if self.open.is_empty() && self.heading.is_none() => match self.links.code(&code) {
                Some(target) => {
                    self.html(format!("<a href=\"{}\"><code>{}</code></a>", escape(&target), escape(&code)));
                }
                None => self.out.push(Event::Code(code)),
            },
            // Remarks for those who write the guides. Anything else is text: guides bring no HTML of their own.
            Event::Html(text) | Event::InlineHtml(text) if text.starts_with("<!--") => drop(text),
            Event::Html(text) | Event::InlineHtml(text) => self.out.push(Event::Text(text)),
            other => self.out.push(other),
        }
    }

    fn html(&mut self, text: String) {
        self.out.push(Event::Html(text.into()));
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let inner = self.out.split_off(self.heading.take().unwrap_or(self.out.len()));
        let title: String = inner
            .iter()
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(&**text),
                _ => None,
            })
            .collect();
        let id = self.place(&title);
        let depth = level as usize;
        self.html(format!("<h{depth} id=\"{}\">", escape(&id)));
        self.out.extend(inner);
        if depth > 1 {
            self.html(format!(
                " <a class=\"anchor\" href=\"#{}\" aria-label=\"Link to “{}”\">#</a>",
                escape(&id),
                escape(&title)
            ));
        }
        self.html(format!("</h{depth}>\n"));
        self.tables = 0;
        self.sections.push(Section { level: depth, id, title, text: String::new() });
    }

    /// What leads to a heading: the name that links between files use, as repositories show them.
    fn place(&self, title: &str) -> String {
        let title = title.to_lowercase();
        let letters = title.chars().filter_map(|letter| match letter {
            ' ' => Some('-'),
            '-' | '_' => Some(letter),
            other => other.is_alphanumeric().then_some(other),
        });
        let id: String = letters.collect();
        let is_taken = |id: &str| self.sections.iter().any(|section| section.id == id);
        let numbered = (1..).map(|number| format!("{id}-{number}"));
        std::iter::once(id.clone()).chain(numbered).find(|id| !is_taken(id)).unwrap_or(id)
    }

    /// A file of rows: a table under its name. A cell that is empty stays so, for whoever copies it.
    fn end_file(&mut self) {
        let Some((name, from)) = self.file.take() else { return };
        let text: String = self.out.split_off(from).iter().filter_map(text_of).collect();
        let name = escape(&name);
        let mut table = format!(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{name}\"><table class=\"rows\"><caption><code>{name}</code></caption>"
        );
        for (number, line) in text.lines().enumerate() {
            let (start, cell, end) = match number {
                0 => ("<thead>", "th", "</thead><tbody>"),
                _ => ("", "td", ""),
            };
            let cells = line.split(',').map(|text| match cell {
                "th" => format!("<th scope=\"col\">{}</th>", escape(text)),
                _ => format!("<td>{}</td>", escape(text)),
            });
            table.push_str(&format!("{start}<tr>{}</tr>{end}", cells.collect::<String>()));
        }
        self.html(format!("{table}</tbody></table></div>\n"));
    }

    fn end_code(&mut self) {
        let mut code = Vec::new();
        let mut is_query = false;
        for event in self.out.iter().rev() {
            match event {
                Event::Text(text) => code.push(&**text),
                Event::Html(text) => {
                    is_query = text.contains("class=\"graphql\"");
                    break;
                }
                _ => break,
            }
        }
        code.reverse();
        let code = code.concat();
        self.html("</code></pre>\n".into());
        let begins = ["{", "query", "mutation", "subscription", "fragment", "#"];
        if is_query
            && begins.iter().any(|begin| code.trim_start().starts_with(begin))
            && let Some(target) = self.links.explorer(&code)
        {
            self.html(format!("<p class=\"try\"><a href=\"{}\">Open it in the explorer</a></p>\n", escape(&target)));
        }
    }
}

fn text_of<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    if let Event::Text(text) = event { Some(text) } else { None }
}

/// A text without its marks, as one reads it.
pub fn plain(text: &str) -> String {
    let words = Parser::new(text).map(|event| match event {
        Event::Text(text) | Event::Code(text) => text.into_string(),
        Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => " ".into(),
        _ => String::new(),
    });
    words.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Places;

    impl Links for Places {
        fn target(&self, link: &str) -> Option<String> {
            (!link.starts_with("gone")).then(|| format!("to-{link}"))
        }
        fn code(&self, code: &str) -> Option<String> {
            (code == "Measure").then(|| "docs/Measure".into())
        }
        fn explorer(&self, query: &str) -> Option<String> {
            Some(format!("try?{}", query.len()))
        }
    }

    fn html(text: &str) -> String {
        write(text, &Places).html
    }

    #[test]
    fn a_text_is_read_without_its_marks() {
        assert_eq!(plain("What is *due* (`a < b`).\n\nNext: 2 * 3."), "What is due (a < b). Next: 2 * 3.");
    }

    #[test]
    fn headings_have_places_that_differ() {
        let written = write("# A `b` & c\n## Tokens, of OpenID!\none\n## Tokens of OpenID\n", &Places);
        let ids: Vec<&str> = written.sections.iter().map(|section| section.id.as_str()).collect();
        assert_eq!(ids, ["a-b--c", "tokens-of-openid", "tokens-of-openid-1"]);
        assert_eq!(written.sections[1].text.trim(), "one");
        assert!(written.html.contains("href=\"#tokens-of-openid-1\""), "{}", written.html);
    }

    #[test]
    fn links_lead_on_or_are_text() {
        assert_eq!(html("[a](b) [c `d`](gone)"), "<p><a href=\"to-b\">a</a> c <code>d</code></p>\n");
        assert_eq!(
            html("`Measure` `other`"),
            "<p><a href=\"docs/Measure\"><code>Measure</code></a> <code>other</code></p>\n"
        );
        assert_eq!(html("[`Measure`](x)"), "<p><a href=\"to-x\"><code>Measure</code></a></p>\n");
    }

    #[test]
    fn nothing_of_a_guide_is_html_of_its_own() {
        let shown = html("a <b>c</b> <!-- d -->\n\n<script>e</script>\n\n```\n<f>\n```\n");
        for sign in ["<b>", "<script>", "<!--", "<f>"] {
            assert!(!shown.contains(sign), "{shown}");
        }
        assert!(shown.contains("&lt;script&gt;") && shown.contains("&lt;f&gt;"), "{shown}");
    }

    #[test]
    fn tables_scroll_and_have_no_style_of_their_own() {
        let shown = html("## Costs\n| a | b |\n|---|---:|\n| `x` | 1 |\n");
        assert!(shown.contains("role=\"region\" aria-label=\"Costs\"><table>"), "{shown}");
        assert!(
            shown.contains("<th scope=\"col\" class=\"n\">b</th>") && shown.contains("<td class=\"n\">1</td>"),
            "{shown}"
        );
        assert!(!shown.contains("style="), "{shown}");
    }

    #[test]
    fn files_of_rows_are_tables_under_their_names() {
        let shown = html("```csv plan/goals.csv\nkey,code\ng<1>,\n```\n");
        let table = "<table class=\"rows\"><caption><code>plan/goals</code></caption><thead><tr><th scope=\"col\">key</th>\
             <th scope=\"col\">code</th></tr></thead><tbody><tr><td>g&#60;1&#62;</td><td></td></tr></tbody></table>";
        assert!(shown.contains(table) && shown.contains("aria-label=\"plan/goals\""), "{shown}");
        assert!(html("```csv\na,b\n```\n").contains("<pre"), "without a name it is code");
    }

    #[test]
    fn queries_can_be_tried() {
        assert!(html("```graphql\n{ a }\n```\n").contains("<a href=\"try?6\">"));
        assert!(!html("```graphql\ntype A { b: C }\n```\n").contains("try?"));
        assert!(!html("```json\n{ }\n```\n").contains("try?"));
    }
}
