//! Settings that are one of a few words.

use clap::ValueEnum;
use serde::Deserialize;

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// The least version of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
pub enum TlsMin {
    /// 1.2 and 1.3.
    #[default]
    #[value(name = "1.2")]
    #[serde(rename = "1.2")]
    Tls12,
    /// 1.3 alone.
    #[value(name = "1.3")]
    #[serde(rename = "1.3")]
    Tls13,
}

/// As a file, a flag and the environment write it.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal,)+ })+) => {
        $(impl $name {
            /// As a setting writes it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        })+
    };
}

words! {
    LogFormat { Text = "text", Json = "json", }
    TlsMin { Tls12 = "1.2", Tls13 = "1.3", }
    Reading { Open = "open", Token = "token", }
    Hide {
        Introspection = "introspection",
        Suggestions = "suggestions",
        Explorer = "explorer",
        History = "history",
        Authors = "authors",
    }
}

/// Who may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// Everybody.
    #[default]
    Open,
    /// Whoever shows a token that is good.
    Token,
}

/// What readers without a token do not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hide {
    /// What the schema has.
    Introspection,
    /// Names near a wrong one.
    Suggestions,
    /// The explorer.
    Explorer,
    /// Commits, changes and earlier states.
    History,
    /// The names of those who commit; pseudonyms stand in their place.
    Authors,
}
