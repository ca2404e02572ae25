//! A page that may be older than it looks: of a node that has not heard of the others.

use super::language::Language;
use crate::register::Revision;

/// Before this the notice stands, as where a page shows an earlier state.
const BEFORE: &str = "<main id=\"content\"";

/// The page with a word on how old it may be.
pub fn aged(page: &[u8], language: Language, revision: Revision, aged_s: u64) -> Vec<u8> {
    let page = String::from_utf8_lossy(page);
    let notice = match language {
        Language::Dutch => format!(
            "Deze server heeft al {aged_s} s niets van de andere gehoord. Dit is revisie {revision}; er kan een nieuwere zijn."
        ),
        Language::English => format!(
            "This server has not heard from the others for {aged_s} s. This is revision {revision}; there may be a newer one."
        ),
    };
    let notice = format!("<p class=\"past\" role=\"status\"><span class=\"wrap\">{notice}</span></p>\n{BEFORE}");
    page.replacen(BEFORE, &notice, 1).into_bytes()
}
