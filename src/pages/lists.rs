//! What templates do with lists: choose, order, put together.

use crate::pages::at::{At, Place};
use crate::pages::html::{Html, escape};
use crate::pages::page::Page;

/// How milestones stand, in the order in which a board shows them.
const STATUSES: [&str; 9] =
    ["DELAYED", "ON_HOLD", "NOT_STARTED", "IN_PREPARATION", "ON_SCHEDULE", "REORIENTED", "STOPPED", "REALISED", ""];
/// How far norms are attained, best first.
const LEVELS: [&str; 5] = ["MET", "NEARLY_MET", "PARTLY_MET", "MISSED", ""];
/// Where a milestone that is due is not late any more.
const SETTLED: [&str; 3] = ["REALISED", "STOPPED", "REORIENTED"];
/// The same in words that all bodies share.
const SETTLED_FOR_ALL: [&str; 3] = ["MET", "NOT_MET", "STOPPED"];

/// How a milestone stands: a word of the list, or the document's own.
fn own_status(milestone: &At<'_>) -> String {
    match milestone.text("status").as_str() {
        "OTHER" => milestone.text("statusWord"),
        status => status.to_owned(),
    }
}

/// When a milestone is due: as its footnote has it, or else as its timing has it.
fn due_now<'a>(milestone: &At<'a>) -> At<'a> {
    let moved = milestone.maybe("amendment").maybe("due");
    if moved.is_nothing() { milestone.at("due") } else { moved }
}

/// Kinds of indicator in Dutch and English.
const INDICATOR_KINDS: [(&str, &str, &str); 11] = [
    ("RECEIVED", "ontvangen dossiers", "files received"),
    ("HANDLED", "behandelde dossiers", "files handled"),
    ("PAID", "betalingen", "payments"),
    ("VOLUME", "volume", "volume"),
    ("SHARE", "aandelen", "shares"),
    ("CONTROLS", "controles", "controls"),
    ("SANCTIONS", "sancties", "sanctions"),
    ("PROPOSED_RECOVERY", "voorgestelde terugvordering", "proposed recovery"),
    ("VAK", "VAK", "VAK"),
    ("VEK", "VEK", "VEK"),
    ("OTHER", "andere", "other"),
];

/// What a norm or an indicator hangs on: a measure, or something else.
fn of_whom<'a>(row: &At<'a>) -> At<'a> {
    row.at(if row.is("measure") { "measure" } else { "subject" })
}

impl<'p> Page<'p> {
    /// What a norm or an indicator hangs on, as a link.
    pub fn of_what<'a>(&self, row: impl Place<'a>) -> Html {
        let row = row.place();
        if row.is("measure") {
            let address = self.to("measures", &row.text("measure.key"));
            return Html(format!("<a href=\"{}\">{}</a>", escape(&address), escape(&row.text("measure.name"))));
        }
        self.link_to(row.at("subject"))
    }

    /// A kind of indicator.
    pub fn indicator_kind<'k>(&self, kind: &'k str) -> &'k str {
        let found = INDICATOR_KINDS.iter().find(|(name, _, _)| *name == kind);
        found.map_or(kind, |(_, dutch, english)| self.language.say(dutch, english))
    }

    /// What a search found, without the other names of what stands before them already.
    pub fn hits(&self) -> Vec<At<'_>> {
        let mut measures: Vec<String> = Vec::new();
        let mut hits = self.at("search").list("hits");
        hits.retain(|hit| {
            let record = hit.at("record");
            let is_alias = record.text("__typename") == "Alias";
            let of = if is_alias { record.maybe("measure") } else { record.clone() };
            let key = of.maybe("key").own_text();
            let is_told = is_alias && measures.contains(&key);
            if is_alias || record.text("__typename") == "Measure" {
                measures.push(key);
            }
            !is_told
        });
        hits
    }

    /// Which of the two amounts of a year the entries have.
    pub fn known_one(&self, entries: &[At<'_>]) -> &'static str {
        const REALISED: &str = "now.vek.realised.known";
        let is_there = entries.iter().any(|entry| entry.decimal(REALISED).is_some());
        if is_there { REALISED } else { "now.vek.budgeted.known" }
    }

    /// The first entries.
    pub fn first<'a, 'b>(&self, entries: &'b [At<'a>], count: usize) -> &'b [At<'a>] {
        &entries[..entries.len().min(count)]
    }

    /// Entries by a figure, the largest first and those without a value last.
    pub fn by_figure<'a>(&self, mut entries: Vec<At<'a>>, figure: &str) -> Vec<At<'a>> {
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.decimal(figure)));
        entries
    }

    /// The years that milestones are of, the latest first.
    pub fn milestone_years(&self, milestones: &[At<'_>]) -> Vec<i64> {
        let mut years: Vec<i64> = milestones.iter().map(|one| one.int("year")).collect();
        years.sort_unstable_by(|a, b| b.cmp(a));
        years.dedup();
        years
    }

    /// Milestones by how they stand.
    pub fn by_status<'a>(&self, milestones: &[At<'a>]) -> Vec<(String, Vec<At<'a>>)> {
        // A cell with two statuses counts at both, as the API counts.
        let stands = |one: &At<'_>, status: &str| {
            let several = one.at("statuses").texts();
            if several.is_empty() { own_status(one) == status } else { several.iter().any(|it| it == status) }
        };
        let of = |status: &str| milestones.iter().filter(|one| stands(one, status)).cloned().collect::<Vec<_>>();
        let mut others: Vec<String> = milestones.iter().map(own_status).collect();
        others.retain(|status| !STATUSES.contains(&status.as_str()));
        others.sort_unstable();
        others.dedup();
        let all = STATUSES.iter().map(|status| (*status).to_owned()).chain(others);
        // Who asked for one status sees its column.
        let asked = self.given("status");
        let all = all.filter(|status| asked.is_empty() || *status == asked);
        all.map(|status| (status.clone(), of(&status))).filter(|(_, some)| !some.is_empty()).collect()
    }

    /// How a milestone stands: its status, or all those of its cell.
    pub fn stands<'a>(&self, milestone: impl Place<'a>) -> Html {
        let milestone = milestone.place();
        let several = milestone.at("statuses").texts();
        if several.is_empty() {
            return self.status(&milestone.text("statusWord"));
        }
        let all: Vec<String> = several.iter().map(|status| self.status(status).0).collect();
        Html(all.join(" "))
    }

    /// When a milestone is due: as its footnote has it, or else as its timing has it.
    pub fn due_now<'a>(&self, milestone: impl Place<'a>) -> At<'a> {
        due_now(milestone.place())
    }

    /// Whether a milestone is late on the day: due before it, and not settled. As the API counts.
    pub fn is_overdue<'a>(&self, milestone: impl Place<'a>) -> bool {
        let milestone = milestone.place();
        let end = due_now(milestone).text("end");
        let (status, several) = (milestone.text("status"), milestone.at("statuses").texts());
        let by_common = several.is_empty() && (status.is_empty() || status == "OTHER");
        let is_settled = SETTLED.contains(&status.as_str())
            || (!several.is_empty() && several.iter().all(|it| SETTLED.contains(&it.as_str())))
            || (by_common && SETTLED_FOR_ALL.contains(&milestone.text("commonStatus").as_str()));
        !end.is_empty() && end < self.day() && !is_settled
    }

    /// Milestones that are late.
    pub fn overdue<'a>(&self, milestones: &[At<'a>]) -> Vec<At<'a>> {
        milestones.iter().filter(|one| self.is_overdue((*one).clone())).cloned().collect()
    }

    /// Milestones that have a date.
    pub fn dated<'a>(&self, milestones: &[At<'a>]) -> Vec<At<'a>> {
        milestones.iter().filter(|one| one.is("due")).cloned().collect()
    }

    /// How far the norms of each measure are attained, as a heat map.
    pub fn norm_map(&self, norms: &[At<'_>]) -> Html {
        let mut rows: Vec<(String, Vec<i64>)> = Vec::new();
        for norm in norms {
            let name = of_whom(norm).own_name().unwrap_or_default();
            let level = LEVELS.iter().position(|level| *level == norm.text("level")).unwrap_or(LEVELS.len() - 1);
            let row = rows.iter().position(|(it, _)| *it == name).unwrap_or_else(|| {
                rows.push((name, vec![0; LEVELS.len()]));
                rows.len() - 1
            });
            rows[row].1[level] += 1;
        }
        rows.sort();
        let columns: Vec<String> = LEVELS
            .iter()
            .map(|level| match *level {
                "" => self.t("onbekend", "unknown").to_owned(),
                level => self.language.word(level),
            })
            .collect();
        let title =
            self.t("Normen per maatregel: hoeveel hoe ver gehaald", "Norms by measure: how many are met how far");
        self.heat("levels", title, &columns, &rows, "attainments.nodes")
    }
}
