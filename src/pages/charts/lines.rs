//! Lines over periods, and time lines.

use crate::pages::at::At;
use crate::pages::drawing::{Drawing, float, shortened};
use crate::pages::format;
use crate::pages::html::Html;
use crate::pages::page::Page;

/// Down for the lines themselves.
const HEIGHT: f64 = 180.0;
/// Down for each row of a time line.
const ROW: usize = 40;

impl Page<'_> {
    /// A line over periods: the entries of a list that have a period and a figure.
    pub fn line(
        &self,
        name: &str,
        title: &str,
        entries: &[At<'_>],
        &(period, figure): &(&str, &str),
        rows: &str,
    ) -> Html {
        let mut unit = String::new();
        let mut points = Vec::new();
        for entry in entries {
            let Some(value) = entry.decimal(figure) else { continue };
            unit = entry.at(figure).text("unit");
            points.push((entry.period(period), float(value), format::value(value, &unit, true, self.language)));
        }
        if points.len() < 2 {
            return Html::default();
        }
        let most = points.iter().map(|point| point.1).fold(0.0, f64::max);
        let least = points.iter().map(|point| point.1).fold(0.0, f64::min);
        let span = if most > least { most - least } else { 1.0 };
        #[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
        let x = |place: usize| 8.0 + 84.0 * place as f64 / (points.len() - 1) as f64;
        let y = |value: f64| 30.0 + (most - value) / span * (HEIGHT - 30.0);
        let mut drawn = Drawing::default();
        drawn.line((0.0, y(0.0)), (100.0, y(0.0)), "z");
        for (place, pair) in points.windows(2).enumerate() {
            drawn.line((x(place), y(pair[0].1)), (x(place + 1), y(pair[1].1)), "la");
        }
        for (place, (period, value, text)) in points.iter().enumerate() {
            drawn.circle((x(place), y(*value)), 5, "a");
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a picture")]
            let above = y(*value) as usize - 10;
            drawn.middle_text(x(place), above, "t", text);
            drawn.middle_text(x(place), 200, "m", period);
        }
        self.shown(name, title, &self.language.word(&unit), (drawn, 208), rows)
    }

    /// What is due when: a row for each entry, from the first day of its period to the last, in the order of these.
    pub fn timeline(
        &self,
        name: &str,
        title: &str,
        entries: &[At<'_>],
        &(label, due, status): &(&str, &str, &str),
        rows: &str,
    ) -> Html {
        let days = |text: &str| {
            let date: jiff::civil::Date = text.parse().ok()?;
            Some(f64::from(date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days()))
        };
        let mut all = Vec::new();
        for entry in entries {
            let period = entry.at(due);
            let (Some(start), Some(end)) = (days(&period.text("start")), days(&period.text("end"))) else { continue };
            let class = match entry.text(status).as_str() {
                "REALISED" => "s0",
                "DELAYED" | "STOPPED" => "s3",
                "ON_HOLD" | "REORIENTED" => "s2",
                "ON_SCHEDULE" | "IN_PREPARATION" => "s1",
                _ => "s4",
            };
            let word = entry.word(status);
            // What the colour says, the words say too.
            let word = if word.is_empty() { word } else { format!(" ({word})") };
            let text = format!("{}{word}: {}", entry.period(&format!("{due}.code")), entry.text(label));
            all.push((start, end + 1.0, text, class));
        }
        if all.len() < 2 {
            return Html::default();
        }
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let (first, last) = all.iter().fold((f64::MAX, f64::MIN), |(a, b), row| (a.min(row.0), b.max(row.1)));
        let x = |day: f64| (day - first) / (last - first).max(1.0) * 100.0;
        let mut drawn = Drawing::default();
        for (place, (start, end, text, class)) in all.iter().enumerate() {
            let top = place * ROW;
            drawn.text(0.0, 0, top + 14, "t", &shortened(text));
            drawn.line((0.0, as_float(top) + 25.0), (100.0, as_float(top) + 25.0), "g");
            drawn.rect((x(*start), top + 20), ((x(*end) - x(*start)).max(0.8), 10), class);
        }
        self.shown(name, title, "", (drawn, all.len() * ROW), rows)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
fn as_float(pixels: usize) -> f64 {
    pixels as f64
}
