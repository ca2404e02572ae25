//! A page: an answer on its way to those who asked, and what templates know of it.

use std::cell::RefCell;

use serde_json::Value;

use crate::graphql::core::public::Hidden;
use crate::pages::address::Address;
use crate::pages::drawing::Chart;
use crate::pages::language::Language;
use crate::register::Revision;

/// What templates know.
pub struct Page<'p> {
    /// Its language.
    pub language: Language,
    /// The revision that was read.
    pub revision: Revision,
    /// Where the module is, below the explorer's folder, that adds what needs a script; empty in a build without it.
    pub script: &'p str,
    /// The day on which it is looked at.
    pub today: &'p str,
    /// What its reader does not get: nothing leads there.
    pub hidden: Hidden,
    pub(super) address: Option<&'p Address>,
    pub(super) up: &'p str,
    pub(super) data: &'p Value,
    pub(super) document: &'p str,
    pub(super) variables: &'p str,
    pub(super) charts: RefCell<Vec<Chart>>,
}

impl Page<'_> {
    /// The year that the figures are of.
    pub fn year(&self) -> i64 {
        let variables: Value = serde_json::from_str(self.variables).unwrap_or_default();
        variables["year"].as_i64().unwrap_or_default()
    }

    /// The one of two texts that is in the page's language.
    pub fn t<'t>(&self, dutch: &'t str, english: &'t str) -> &'t str {
        self.language.say(dutch, english)
    }

    /// What leads to the home page.
    pub fn up(&self) -> &str {
        self.up
    }
}
