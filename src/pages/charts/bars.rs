//! Bars, and pairs of points.

use crate::pages::at::At;
use crate::pages::drawing::{Drawing, float, shortened};
use crate::pages::format;
use crate::pages::html::Html;
use crate::pages::page::Page;

/// How much of the width bars take at most, in per cent; the rest is for numbers.
const WIDTH: f64 = 70.0;
/// Down for each bar.
const BAR: usize = 44;
/// Down for each pair.
const PAIR: usize = 58;

struct Bar {
    label: String,
    text: String,
    value: f64,
}

impl Page<'_> {
    /// Bars: one for each entry that has the figure, by its name: what these places have, with a blank between them.
    pub fn bars(&self, name: &str, title: &str, entries: &[At<'_>], label: &str, figure: &str, rows: &str) -> Html {
        let is_change = figure.ends_with("relative") || figure.ends_with("absolute");
        let mut unit = String::new();
        let mut bars = Vec::new();
        for entry in entries {
            let Some(value) = entry.decimal(figure) else { continue };
            unit = entry.at(figure).text("unit");
            let text = format::value(value, &unit, true, self.language);
            let text = if is_change { format::signed(text, value) } else { text };
            let names: Vec<String> =
                label.split(' ').map(|path| entry.text(path)).filter(|it| !it.is_empty()).collect();
            bars.push(Bar { label: names.join(": "), text, value: float(value) });
        }
        self.drawn_bars(name, title, &bars, &unit, rows)
    }

    fn drawn_bars(&self, name: &str, title: &str, bars: &[Bar], unit: &str, rows: &str) -> Html {
        if bars.len() < 2 {
            return Html::default();
        }
        let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
        let least = bars.iter().map(|bar| bar.value).fold(0.0, f64::min);
        let span = if most > least { most - least } else { 1.0 };
        // Left of the zero stand the numbers of what is less.
        let left = if least < 0.0 { 18.0 } else { 0.0 };
        let at = |value: f64| left + (value - least) / span * (if least < 0.0 { 62.0 } else { WIDTH });
        let mut drawn = Drawing::default();
        for (place, bar) in bars.iter().enumerate() {
            let y = place * BAR;
            let (from, to) = (at(bar.value.min(0.0)), at(bar.value.max(0.0)));
            drawn.text(0.0, 0, y + 14, "t", &shortened(&bar.label));
            drawn.rect((at(0.0), y + 18), (0.15, 18), "m");
            drawn.rect((from, y + 20), ((to - from).max(0.2), 14), if bar.value < 0.0 { "b" } else { "a" });
            if bar.value < 0.0 {
                drawn.end_text(from, -6, y + 32, "m", &bar.text);
            } else {
                drawn.text(to, 6, y + 32, "m", &bar.text);
            }
        }
        let height = bars.len() * BAR;
        self.shown(name, title, &self.language.word(unit), (drawn, height), rows)
    }

    /// Two values of each entry as two points with a line between: what it was, and what it became.
    pub fn dumbbell(
        &self,
        &(name, title): &(&str, &str),
        entries: &[At<'_>],
        label: &str,
        &(from, to): &(&str, &str),
        &(from_name, to_name): &(&str, &str),
        rows: &str,
    ) -> Html {
        let mut unit = String::new();
        let mut pairs = Vec::new();
        for entry in entries {
            let (Some(before), Some(after)) = (entry.decimal(from), entry.decimal(to)) else { continue };
            unit = entry.at(to).text("unit");
            let shown = |value| format::value(value, &unit, true, self.language);
            let text = format!("{} → {}", shown(before), shown(after));
            pairs.push((entry.text(label), float(before), float(after), text));
        }
        if pairs.is_empty() {
            return Html::default();
        }
        let most = pairs.iter().map(|(_, a, b, _)| a.max(*b)).fold(0.0, f64::max);
        let at = |value: f64| 2.0 + value.max(0.0) / if most > 0.0 { most } else { 1.0 } * 96.0;
        let mut drawn = Drawing::default();
        drawn.circle((2.0, 9.0), 5, "b");
        drawn.text(2.0, 12, 14, "m", from_name);
        drawn.circle((50.0, 9.0), 6, "a");
        drawn.text(50.0, 12, 14, "m", to_name);
        for (place, (label, before, after, text)) in pairs.iter().enumerate() {
            let top = 28 + place * PAIR;
            #[expect(clippy::cast_precision_loss, reason = "a height in a picture")]
            let y = (top + 44) as f64;
            drawn.text(0.0, 0, top + 14, "t", &shortened(label));
            drawn.text(0.0, 0, top + 31, "m", text);
            drawn.line((0.0, y), (100.0, y), "g");
            drawn.line((at(*before), y), (at(*after), y), "la");
            drawn.circle((at(*before), y), 5, "b");
            drawn.circle((at(*after), y), 6, "a");
        }
        self.shown(name, title, &self.language.word(&unit), (drawn, 28 + pairs.len() * PAIR), rows)
    }
}
