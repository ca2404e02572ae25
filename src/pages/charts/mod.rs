//! Pictures of figures, drawn from places of the answer, beside the table that has the same figures. Across they are drawn in shares of
//! the width and down in pixels, so that letters keep their size on every screen, and the same drawing serves as a file.

mod bars;
mod lines;
mod map;

use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::pages::at::{Html, escape};
use crate::pages::page::Page;

/// A picture.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its name on the page.
    pub name: String,
    title: String,
    about: String,
    /// Down, in pixels.
    height: usize,
    drawn: Drawing,
}

/// How a picture looks by itself, where no page gives it a style.
const STYLE: &str = "svg{font:14px system-ui,sans-serif;fill:#1d2b36;background:#fff}.a{fill:#0b5a8f}.b{fill:#b45309}.g{stroke:#c9d2da}\
     .la{stroke:#0b5a8f;stroke-width:2}.lb{stroke:#b45309;stroke-width:2}.z{stroke:#5a6b78}.m{fill:#5a6b78}.h{font-weight:bold}\
     .s0{fill:#1b6e3c}.s1{fill:#0b5a8f}.s2{fill:#8a5a00}.s3{fill:#a3262f}.s4{fill:#5a6b78}.w{fill:#fff}\
     .k0{fill:#eef2f5}.k1{fill:#cfe0ee}.k2{fill:#93bbd9}.k3{fill:#2f78ad}.k4{fill:#0b5a8f}";

/// Most letters of a label: what fits a small screen.
const LABEL_CHARS: usize = 44;

/// What is drawn.
#[derive(Clone, Debug, Default)]
struct Drawing(String);

impl Drawing {
    fn text(&mut self, x: f64, dx: i32, y: usize, class: &str, text: &str) {
        let text = escape(text);
        write!(self.0, "<text x=\"{x:.2}%\" dx=\"{dx}\" y=\"{y}\" class=\"{class}\">{text}</text>")
            .expect("a String takes everything");
    }

    fn end_text(&mut self, x: f64, dx: i32, y: usize, class: &str, text: &str) {
        let text = escape(text);
        write!(self.0, "<text x=\"{x:.2}%\" dx=\"{dx}\" y=\"{y}\" class=\"{class}\" text-anchor=\"end\">{text}</text>")
            .expect("a String takes everything");
    }

    fn middle_text(&mut self, x: f64, y: usize, class: &str, text: &str) {
        let text = escape(text);
        write!(self.0, "<text x=\"{x:.2}%\" y=\"{y}\" class=\"{class}\" text-anchor=\"middle\">{text}</text>")
            .expect("a String takes everything");
    }

    fn rect(&mut self, (x, y): (f64, usize), (width, height): (f64, usize), class: &str) {
        write!(self.0, "<rect x=\"{x:.2}%\" y=\"{y}\" width=\"{width:.2}%\" height=\"{height}\" class=\"{class}\"/>")
            .expect("a String takes everything");
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        write!(
            self.0,
            "<line x1=\"{:.2}%\" y1=\"{:.1}\" x2=\"{:.2}%\" y2=\"{:.1}\" class=\"{class}\"/>",
            from.0, from.1, to.0, to.1
        )
        .expect("a String takes everything");
    }

    fn circle(&mut self, (x, y): (f64, f64), radius: usize, class: &str) {
        write!(self.0, "<circle cx=\"{x:.2}%\" cy=\"{y:.1}\" r=\"{radius}\" class=\"{class}\"/>")
            .expect("a String takes everything");
    }
}

impl Chart {
    /// The picture as a file.
    pub fn alone(&self) -> String {
        let height = self.height + 48;
        let (title, about) = (escape(&self.title), escape(&self.about));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"{height}\" viewBox=\"-12 -36 744 {height}\" role=\"img\">\
             <title>{title}</title><desc>{about}</desc><style>{STYLE}</style>\
             <rect x=\"-12\" y=\"-36\" width=\"744\" height=\"{height}\" class=\"w\"/>\
             <text y=\"-14\" class=\"h\">{title}</text><svg width=\"720\" height=\"{}\" overflow=\"visible\">{}</svg></svg>",
            self.height, self.drawn.0
        )
    }
}

fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL_CHARS {
        return label.to_owned();
    }
    let short: String = label.chars().take(LABEL_CHARS - 1).collect();
    format!("{}…", short.trim_end())
}

impl Page<'_> {
    /// Keeps a picture, for those who ask for it as a file, and gives it as a part of the page. `rows` is where the list stands that it
    /// is drawn from, for the links to its data.
    fn shown(&self, name: &str, title: &str, unit: &str, drawing: (Drawing, usize), rows: &str) -> Html {
        let (drawn, height) = drawing;
        let sources = self.t(
            "Getekend uit de tabel; elk cijfer daar leidt naar zijn bron.",
            "Drawn from the table, where each figure leads to its source.",
        );
        let about = if unit.is_empty() {
            sources.to_owned()
        } else {
            format!("{}: {unit}. {sources}", self.t("Eenheid", "Unit"))
        };
        let mut links = vec![format!("<a href=\"{}\">SVG</a>", escape(&self.picture(name)))];
        if !rows.is_empty() {
            for (ending, form) in [("csv", "CSV"), ("json", "JSON")] {
                links.push(format!("<a href=\"{}\">{form}</a>", escape(&self.part(ending, rows))));
            }
        }
        let chart = Chart { name: name.into(), title: title.into(), about, height, drawn };
        let html = format!(
            "<figure class=chart><figcaption>{0}</figcaption>\
             <svg role=img width=\"100%\" height={1} aria-labelledby=\"t-{2} d-{2}\"><title id=\"t-{2}\">{0}</title>\
             <desc id=\"d-{2}\">{3}</desc>{4}</svg><p class=meta>{3} {5}</p></figure>",
            escape(&chart.title),
            chart.height,
            chart.name,
            escape(&chart.about),
            chart.drawn.0,
            links.join(" · ")
        );
        self.charts.borrow_mut().push(chart);
        Html(html)
    }
}
