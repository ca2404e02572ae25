//! Heat maps: rows and columns, each cell with a count, the darker the more.

use crate::pages::drawing::{Drawing, shortened};
use crate::pages::format;
use crate::pages::html::Html;
use crate::pages::page::Page;

/// Down for each row.
const ROW: usize = 48;

impl Page<'_> {
    /// A heat map of counts: the names of the columns, then each row's name and counts.
    pub fn heat(&self, name: &str, title: &str, columns: &[String], all: &[(String, Vec<i64>)], rows: &str) -> Html {
        let most = all.iter().flat_map(|(_, counts)| counts).copied().max().unwrap_or_default();
        if all.is_empty() || columns.is_empty() || most == 0 {
            return Html::default();
        }
        #[expect(clippy::cast_precision_loss, reason = "a width in a picture")]
        let width = 100.0 / columns.len() as f64;
        let mut drawn = Drawing::default();
        let mut x = 0.0;
        for column in columns {
            drawn.text(x, 2, 14, "m", column);
            x += width;
        }
        for (place, (label, counts)) in all.iter().enumerate() {
            let y = 22 + place * ROW;
            drawn.text(0.0, 0, y + 14, "t", &shortened(label));
            let mut x = 0.0;
            for count in counts {
                // Five steps, so that each can be told from the next.
                let step = if *count == 0 { 0 } else { 1 + (count * 4 - 1) / most };
                drawn.rect((x, y + 20), (width - 0.6, 22), &format!("k{step}"));
                let class = if step >= 3 { "w" } else { "t" };
                drawn.text(x, 8, y + 36, class, &format::number((*count).into(), self.language));
                x += width;
            }
        }
        let unit = self.language.word("COUNT");
        self.shown(name, title, &unit, (drawn, 22 + all.len() * ROW), rows)
    }
}
