//! What a picture is made of. Across it is drawn in shares of the width and down in pixels, so that letters keep their size on every
//! screen, and the same drawing serves as a file.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::model::text;
use crate::pages::html::escape;

/// A picture.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its name on the page.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its unit, and where its figures are from.
    pub about: String,
    /// Down, in pixels.
    pub height: usize,
    /// What is drawn.
    pub drawn: Drawing,
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
pub struct Drawing(pub String);

impl Drawing {
    /// Text that begins there.
    pub fn text(&mut self, x: f64, dx: i32, y: usize, class: &str, text: &str) {
        let text = escape(text);
        write!(self.0, "<text x=\"{x:.2}%\" dx=\"{dx}\" y=\"{y}\" class=\"{class}\">{text}</text>")
            .expect("a String takes everything");
    }

    /// Text that ends there.
    pub fn end_text(&mut self, x: f64, dx: i32, y: usize, class: &str, text: &str) {
        let text = escape(text);
        write!(self.0, "<text x=\"{x:.2}%\" dx=\"{dx}\" y=\"{y}\" class=\"{class}\" text-anchor=\"end\">{text}</text>")
            .expect("a String takes everything");
    }

    /// Text around there.
    pub fn middle_text(&mut self, x: f64, y: usize, class: &str, text: &str) {
        let text = escape(text);
        write!(self.0, "<text x=\"{x:.2}%\" y=\"{y}\" class=\"{class}\" text-anchor=\"middle\">{text}</text>")
            .expect("a String takes everything");
    }

    /// A rectangle: its corner, and its width and height.
    pub fn rect(&mut self, (x, y): (f64, usize), (width, height): (f64, usize), class: &str) {
        write!(self.0, "<rect x=\"{x:.2}%\" y=\"{y}\" width=\"{width:.2}%\" height=\"{height}\" class=\"{class}\"/>")
            .expect("a String takes everything");
    }

    /// A line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        write!(
            self.0,
            "<line x1=\"{:.2}%\" y1=\"{:.1}\" x2=\"{:.2}%\" y2=\"{:.1}\" class=\"{class}\"/>",
            from.0, from.1, to.0, to.1
        )
        .expect("a String takes everything");
    }

    /// A circle.
    pub fn circle(&mut self, (x, y): (f64, f64), radius: usize, class: &str) {
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

/// A value as a length.
pub fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

/// A label that fits a small screen.
pub fn shortened(label: &str) -> String {
    text::shortened(label, LABEL_CHARS)
}
