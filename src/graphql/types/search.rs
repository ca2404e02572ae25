//! Search in the graph: records by the words of their names, codes and texts.

use std::collections::HashSet;
use std::sync::Arc;

use crate::graphql::core::args::Args;
use crate::graphql::core::arguments::{first, first_arg, kinds};
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::record;
use crate::graphql::core::value::{ObjectRef, Value};
use crate::graphql::core::value::{int, text};
use crate::model::Kind;
use crate::register::Register;
use crate::search::{Asked, Hit, Part, fields, highlight};

/// Hits when the request does not say how many.
const HITS_DEFAULT: i64 = 20;

/// The field that searches a state of the register.
pub fn field(limits: &Limits) -> FieldDef {
    let doc = "Records by the words of their names, codes and texts, best first. Case and accents do not count, nor do hyphens \
               and blanks within a code. A word finds its other forms and the Dutch compounds that it is part of, the last word also \
               what it is the beginning of; a word that no record has is read as those nearest to it. A record must have all words; \
               when none has, those come that have most of them. Articles, pronouns and prepositions (*de, het, van*) do not count \
               beside other words.";
    FieldDef::new("search", Ty::required("SearchResult"), doc, function(search)).with_args(vec![
        ArgDef::new(
            "text",
            Ty::required("String"),
            format!(
                "What to look for, as a person would write it: at most {} letters and {} words. No sign has a meaning of its own.",
                limits.search_chars, limits.search_words
            ),
        ),
        ArgDef::new(
            "kinds",
            Ty::List(Box::new(Ty::required("Kind"))),
            format!("Only records of these kinds; all that are searched when it is absent or empty. They are {}.", words(", ")),
        ),
        first_arg(HITS_DEFAULT, "How many hits to show at most; the count counts all."),
    ])
}

/// The kinds that are searched.
fn words(separator: &str) -> String {
    let searched = Kind::ALL.iter().filter(|kind| fields::is_searched(**kind));
    searched.map(|kind| kind.word()).collect::<Vec<_>>().join(separator)
}

payload! {
    /// What a search found.
    SearchResult {
        /// How many records fit.
        total_count: "Int!",
        /// The best of them, best first.
        hits: "[SearchHit!]!",
        /// The words that no record has, perhaps slips of the pen, and what they were read as; empty when there are none.
        slips: "[SearchSlip!]!",
    }
}

payload! {
    /// A word of a search that no record has.
    SearchSlip {
        /// The word, in lower case and without accents.
        word: "String!",
        /// What it was read as, in the same form; empty when nothing is near.
        read_as: "[String!]!",
    }
}

fn search<'r>(context: &ExecutionContext<'r>, of: &ObjectRef<'r>, args: &Args) -> Result<Value<'r>, FieldError> {
    let (limits, register) = (&context.request.limits, of.register);
    let asked = args.text("text").unwrap_or_default();
    let kinds = kinds(args);
    let size = first(args, limits)?;
    if let Some(kind) = kinds.iter().find(|kind| !fields::is_searched(**kind)) {
        let message = format!("{} has no texts of its own to search", kind.word());
        return Err(FieldError::input(message, format!("search what it belongs to; kinds are {}", words(", "))));
    }
    let chars = asked.chars().count();
    if chars > limits.search_chars {
        let what = "letters of a text to search for (`text`)";
        return Err(
            FieldError::limit(what, limits.search_chars, chars, "ask for a few words of it").raised_by("search_chars")
        );
    }
    let asked = Asked::read(asked);
    if asked.len() > limits.search_words {
        let what = "words of a text to search for (`text`)";
        return Err(FieldError::limit(what, limits.search_words, asked.len(), "ask for a few of them")
            .raised_by("search_words"));
    }
    let found = register.words().search(&asked, &kinds, size);
    let hits = found.hits.iter().filter_map(|it| hit(register, it, &found.terms));
    let slips = found.slips.iter().map(|(word, read_as)| {
        let read_as = read_as.iter().map(|word| text(&**word)).collect();
        SearchSlip { word: text(word), read_as: Value::List(read_as) }.object(register)
    });
    let (hits, slips) = (Value::List(hits.collect()), Value::List(slips.collect()));
    Ok(SearchResult { total_count: int(found.total as u64), hits, slips }.object(register))
}

payload! {
    /// A record that fits a search.
    SearchHit {
        /// How well it fits: higher is better. Comparable within one answer only.
        score: "Int!",
        /// The record.
        record: "Node!",
        /// Path of the field that fits best, such as `name` or `figure.printed.text`.
        field: "String!",
        /// That field's text in parts, matches apart. Of a long text the words around the first match; `…` stands for what is left
        /// out.
        highlight: "[TextPart!]!",
    }
}

payload! {
    /// A part of a text. It is plain text: whoever puts it into HTML must escape it.
    TextPart {
        /// The part, as it stands in the text.
        text: "String!",
        /// Whether it is what was searched for.
        r#match: "Boolean!",
    }
}

fn hit<'r>(register: &'r Register, hit: &Hit, terms: &HashSet<Arc<str>>) -> Option<Value<'r>> {
    let node = register.get(hit.kind, &hit.key)?;
    let field = fields::of(hit.kind).get(hit.field)?;
    let parts = field.texts(&node.record).iter().find_map(|text| highlight(text, terms)).unwrap_or_default();
    let parts = parts.into_iter().map(|Part { text, is_match }| {
        TextPart { text: Value::Text(text.into()), r#match: Value::Bool(is_match) }.object(register)
    });
    // In hundredths: whole numbers are compared and shown alike everywhere.
    let score = Value::Int((f64::from(hit.score) * 100.0).round() as i64);
    let highlight = Value::List(parts.collect());
    Some(SearchHit { score, record: record(register, node), field: text(&field.path), highlight }.object(register))
}

/// The objects of a search.
pub fn objects() -> Vec<ObjectDef> {
    vec![SearchResult::definition(), SearchHit::definition(), TextPart::definition(), SearchSlip::definition()]
}
