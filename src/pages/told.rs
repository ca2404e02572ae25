//! What templates say of records: names, links, places, tags with a sign and a word.

use std::borrow::Borrow;

use crate::pages::at::{At, Place};
use crate::pages::format;
use crate::pages::html::{Html, escape};
use crate::pages::page::Page;

/// Types that have a page of their own, and where.
const PAGES: [(&str, &str); 9] = [
    ("Measure", "measures"),
    ("Project", "projects"),
    ("OperationalGoal", "goals"),
    ("StrategicGoal", "strategic-goals"),
    ("PolicyField", "fields"),
    ("Plan", "plans"),
    ("BudgetArticle", "articles"),
    ("InspectedProcess", "processes"),
    ("Discrepancy", "contradictions"),
];

/// Records on whose page others are shown: the field that leads there, and the page.
const SHOWN_WITH: [(&str, &str); 6] = [
    ("measure", "measures"),
    ("of", "measures"),
    ("project", "projects"),
    ("process", "processes"),
    ("indicator", ""),
    ("norm", ""),
];

impl Page<'_> {
    /// A word of the schema.
    pub fn word(&self, word: &str) -> String {
        self.language.word(word)
    }

    /// The texts of a list with commas between.
    pub fn joined<'a>(&self, list: impl Place<'a>) -> String {
        let list = list.place();
        list.texts().join(", ")
    }

    /// A type's name as a kind of record: `BudgetArticle` is a budget article.
    pub fn kind_of<'a>(&self, record: impl Place<'a>) -> String {
        let record = record.place();
        let mut word = String::new();
        for letter in record.maybe("__typename").own_text().chars() {
            if letter.is_uppercase() && !word.is_empty() {
                word.push('_');
            }
            word.extend(letter.to_uppercase());
        }
        self.language.word(&word)
    }

    /// The name of a record that may be of any kind, with what it belongs to.
    pub fn record_name<'a>(&self, record: impl Place<'a>) -> Html {
        let record = record.place();
        if record.is_nothing() {
            return Html(self.t("berekend", "computed").to_owned());
        }
        let mut parts = Vec::new();
        for name in ["indicator", "norm", "budgetLine", "process", "project"] {
            let of = record.maybe(name);
            parts.extend(of.maybe("measure").own_name());
            parts.extend(of.own_name());
        }
        parts.extend(record.maybe("measure").own_name());
        for name in ["record", "round"] {
            parts.extend(record.maybe(name).own_name());
        }
        if matches!(record.maybe("__typename").own_text().as_str(), "Indicator" | "Norm") {
            parts.extend(record.maybe("of").own_name());
        }
        for name in ["code", "name", "title", "label", "subject", "text", "meaning", "level", "rank", "adjustment"] {
            parts.push(record.maybe(name).own_text());
        }
        for name in ["contract", "phase", "stage", "credit", "creditKind"] {
            let word = record.maybe(name).own_text();
            parts.push(if word.is_empty() { word } else { self.language.word(&word) });
        }
        for text in [record.maybe("period").maybe("code"), record.maybe("date"), record.maybe("year")] {
            parts.push(format::period(&text.own_text(), self.language));
        }
        parts.retain(|part| !part.is_empty());
        if parts.is_empty() {
            parts.push(record.maybe("key").own_text());
        }
        Html(escape(&parts.join(", ")))
    }

    /// A link to a record's page, or to that of the record on whose page it is shown.
    pub fn link_to<'a>(&self, record: impl Place<'a>) -> Html {
        let record = record.place();
        let name = self.record_name(record).0;
        match self.address_of(record) {
            Some(address) => Html(format!("<a href=\"{}\">{name}</a>", escape(&address))),
            None => Html(name),
        }
    }

    fn address_of(&self, record: &At<'_>) -> Option<String> {
        let ty = record.maybe("__typename").own_text();
        let key = record.maybe("key").own_text();
        if let Some((_, path)) = PAGES.iter().find(|(name, path)| *name == ty && self.has(path)) {
            return Some(self.to(path, &key));
        }
        if ty == "Organisation" {
            return Some(self.to("plans", ""));
        }
        SHOWN_WITH
            .iter()
            .find_map(|(name, path)| {
                let other = record.maybe(name);
                if path.is_empty() {
                    let measure = other.maybe("measure").maybe("key").own_text();
                    return (!measure.is_empty()).then(|| self.to("measures", &measure));
                }
                let key = other.maybe("key").own_text();
                (!key.is_empty()).then(|| self.to(path, &key))
            })
            .or_else(|| {
                let measures = record.maybe("measures");
                let first = measures.entry("0");
                let key = first.maybe("key").own_text();
                (!key.is_empty()).then(|| self.to("measures", &key))
            })
    }

    /// Where something is printed, in a few words.
    pub fn place_of<'a>(&self, cell: impl Place<'a>) -> String {
        let cell = cell.place();
        let mut parts = Vec::new();
        for (name, dutch, english) in
            [("section", "afdeling", "section"), ("row", "rij", "row"), ("column", "kolom", "column")]
        {
            let text = cell.text(name);
            if !text.is_empty() {
                parts.push(format!("{} {text}", self.t(dutch, english)));
            }
        }
        let text = cell.text("text");
        parts.push(if text.is_empty() { self.t("lege cel", "blank cell").to_owned() } else { format!("“{text}”") });
        parts.join(", ")
    }

    /// A document: its title, which leads to where it was found, and its date.
    pub fn document<'a>(&self, document: impl Place<'a>) -> Html {
        let document = document.place();
        let (title, address) = (escape(&document.text("title")), document.text("address"));
        // The address is data: nothing but a page of the web is made a link.
        let is_page = address.starts_with("https://") || address.starts_with("http://");
        let name = if is_page { format!("<a href=\"{}\">{title}</a>", escape(&address)) } else { title };
        let date = document.period("date");
        Html(if date.is_empty() { name } else { format!("{name}, {}", escape(&date)) })
    }

    /// The page of a citation, or its pages from the first to the last.
    pub fn pages_of<'a>(&self, cell: impl Place<'a>) -> String {
        let cell = cell.place();
        let (first, last) = (cell.text("page"), cell.text("lastPage"));
        if last.is_empty() || last == first { first } else { format!("{first}–{last}") }
    }

    /// A citation, ready to be copied.
    pub fn citation<'a>(&self, cell: impl Place<'a>) -> String {
        let cell = cell.place();
        let mut parts = vec![cell.maybe("document").maybe("title").own_text()];
        for (text, dutch, english) in [
            (cell.text("section"), "afdeling", "section"),
            (self.pages_of(cell), "p.", "p."),
            (cell.text("place"), "plaats", "place"),
            (cell.text("table"), "tabel", "table"),
            (cell.text("row"), "rij", "row"),
            (cell.text("column"), "kolom", "column"),
        ] {
            if !text.is_empty() {
                parts.push(format!("{} {}", self.t(dutch, english), text));
            }
        }
        parts.retain(|part| !part.is_empty());
        let text = cell.text("text");
        let quoted = if text.is_empty() { String::new() } else { format!(": “{text}”") };
        format!("{}{quoted}. Boordtabel, {} {}.", parts.join(", "), self.t("revisie", "revision"), self.revision)
    }

    /// How far a norm is attained: a sign and a word.
    pub fn level(&self, level: &str) -> Html {
        let (class, sign) = match level {
            "MET" => ("good", "✓"),
            "NEARLY_MET" => ("near", "≈"),
            "PARTLY_MET" => ("part", "◐"),
            "MISSED" => ("bad", "✗"),
            "NOT_YET" => ("near", "…"),
            _ => return Html(format!("<span class=none>{}</span>", self.t("onbekend", "unknown"))),
        };
        self.tag(class, sign, level)
    }

    /// How severe a contradiction is.
    pub fn severity(&self, severity: &str) -> Html {
        let (class, sign) = match severity {
            "ERROR" => ("bad", "✗"),
            "WARNING" => ("part", "!"),
            _ => ("near", "i"),
        };
        self.tag(class, sign, severity)
    }

    /// How a milestone stands.
    pub fn status(&self, status: &str) -> Html {
        let (class, sign) = match status {
            "REALISED" => ("good", "✓"),
            "ON_SCHEDULE" => ("near", "▸"),
            "IN_PREPARATION" => ("near", "…"),
            "DELAYED" => ("bad", "!"),
            "STOPPED" => ("bad", "✗"),
            "ON_HOLD" => ("part", "‖"),
            "REORIENTED" => ("part", "↷"),
            "" => return Html(format!("<span class=none>{}</span>", self.t("niet vermeld", "not reported"))),
            _ => ("", "○"),
        };
        self.tag(class, sign, status)
    }

    /// How it stands with a figure that a round expects.
    pub fn due(&self, state: &str) -> Html {
        let (class, sign) = match state {
            "IN_TIME" => ("good", "✓"),
            "MISSING" => ("bad", "✗"),
            "LATE" => ("part", "!"),
            _ => ("near", "…"),
        };
        self.tag(class, sign, state)
    }

    /// How a goal, a project or a measure stands, in the words that all bodies share.
    pub fn standing(&self, status: &str) -> Html {
        let (class, sign) = match status {
            "" => return Html(String::new()),
            "MET" | "GREEN" => ("good", "✓"),
            "AMBER" => ("part", "!"),
            "RED" | "NOT_MET" | "STOPPED" => ("bad", "✗"),
            _ => ("near", "…"),
        };
        self.tag(class, sign, status)
    }

    /// What a domain of a scoreboard has besides indicators.
    pub fn others(&self, domain: &str, count: impl Borrow<i64>) -> &'static str {
        let is_one = *count.borrow() == 1;
        match (domain, is_one) {
            ("VOLUMES_AND_NORMS", true) => self.t("norm", "norm"),
            ("VOLUMES_AND_NORMS", false) => self.t("normen", "norms"),
            ("STAFF", true) => self.t("personeelscijfer", "staff figure"),
            ("STAFF", false) => self.t("personeelscijfers", "staff figures"),
            ("INSPECTIONS", true) => self.t("proces", "process"),
            ("INSPECTIONS", false) => self.t("processen", "processes"),
            (_, true) => self.t("begrotingslijn", "budget line"),
            (_, false) => self.t("begrotingslijnen", "budget lines"),
        }
    }

    /// Where a risk is in its life.
    pub fn risk(&self, state: &str) -> Html {
        let (class, sign) = match state {
            "OPEN" => ("part", "!"),
            "OCCURRED" => ("bad", "✗"),
            _ => ("good", "✓"),
        };
        self.tag(class, sign, state)
    }

    /// A number from 1 to 5; 0 is none.
    pub fn of_five(&self, number: impl Borrow<i64>) -> Html {
        match number.borrow() {
            0 => Html("<span class=none>–</span>".to_owned()),
            number => Html(format!("{number} <small>/ 5</small>")),
        }
    }

    fn tag(&self, class: &str, sign: &str, word: &str) -> Html {
        Html(format!("<span class=\"tag {class}\">{sign} {}</span>", escape(&self.language.word(word))))
    }

    /// The name under which a kind is exported: `BUDGET_ARTICLE` is in `budget-articles`.
    pub fn export_name(&self, kind: String) -> String {
        let found = crate::model::Kind::ALL.iter().find(|it| it.word() == kind);
        found.map_or_else(String::new, |kind| kind.file().to_owned())
    }

    /// The years that there are groups for, and the one that is shown, the latest first.
    pub fn years(&self, list: &str, shown: impl Borrow<i64>) -> Vec<i64> {
        let groups = self.at(list).list("groupBy");
        let mut years: Vec<i64> = groups.iter().map(|group| group.int("keys.year")).filter(|year| *year > 0).collect();
        years.push(*shown.borrow());
        years.sort_unstable_by(|a, b| b.cmp(a));
        years.dedup();
        years
    }

    /// The day that was asked for, or today.
    pub fn day(&self) -> String {
        let given = self.given("day");
        if given.is_empty() { self.today.to_owned() } else { given.to_owned() }
    }

    /// A period by its code.
    pub fn period(&self, code: &str) -> String {
        format::period(code, self.language)
    }

    /// The codes of all periods that indicators have figures for, in the order of their ends.
    pub fn periods(&self, indicators: &[At<'_>]) -> Vec<String> {
        let mut all: Vec<(String, String)> = indicators
            .iter()
            .flat_map(|row| row.inner("indicator").list("observations"))
            .map(|one| (one.text("period.end"), one.text("period.code")))
            .collect();
        all.sort();
        all.dedup();
        all.into_iter().map(|(_, code)| code).collect()
    }

    /// The figure of an indicator in a period.
    pub fn of_period(&self, indicator: &At<'_>, code: &str) -> Html {
        let all = indicator.list("observations");
        let one = all.iter().find(|one| one.text("period.code") == code);
        one.map_or_else(|| Html("<span class=none>–</span>".into()), |one| one.figure("figure"))
    }

    /// The picture of indicators: their changes; of one that has several periods, its line. `rows` is where they stand.
    pub fn indicator_chart(&self, indicators: &[At<'_>], rows: &str) -> Html {
        if let [only] = indicators {
            let only = only.inner("indicator");
            return self.line(
                "line",
                &only.text("label"),
                &only.list("observations"),
                &("period.code", "figure"),
                rows,
            );
        }
        let title = self.t("Verandering, berekend", "Change, computed");
        // What comes of periods of other length is no change of what is counted; of shares the table tells points.
        let is_change =
            |it: &&At<'_>| !it.is_false("trend.comparable") && it.inner("indicator").text("unit") != "RATIO";
        let comparable: Vec<At<'_>> = indicators.iter().filter(is_change).cloned().collect();
        let is_row = comparable.first().is_some_and(|it| !it.maybe("indicator").is_nothing());
        let label = if is_row { "indicator.label" } else { "label" };
        self.bars("change", title, &comparable, label, "trend.relative", rows)
    }

    /// How a result is to stand to its target.
    pub fn aim(&self, aim: &str) -> Html {
        let (sign, said) = match aim {
            "AT_LEAST" => ("≥", self.t("minstens", "at least")),
            "AT_MOST" => ("≤", self.t("hoogstens", "at most")),
            "EXACTLY" => ("=", self.t("precies", "exactly")),
            _ => return Html::default(),
        };
        Html(format!("<abbr title=\"{said}\">{sign}</abbr>"))
    }
}
