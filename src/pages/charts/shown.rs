//! A picture as a part of its page.

use crate::pages::drawing::{Chart, Drawing};
use crate::pages::html::{Html, escape};
use crate::pages::page::Page;

impl Page<'_> {
    /// Keeps a picture, for those who ask for it as a file, and gives it as a part of the page. `rows` is where the list stands that it
    /// is drawn from, for the links to its data.
    pub(super) fn shown(&self, name: &str, title: &str, unit: &str, drawing: (Drawing, usize), rows: &str) -> Html {
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
