//! The tables of the documents are what the program says of itself.

use std::collections::BTreeSet;
use std::fs;

use boordtabel::analysis::computed::{MissingCode, Rule};
use boordtabel::cli::settings::{Given, GivenToServe, Settings};
use boordtabel::graphql::core::error::ErrorCode;
use boordtabel::graphql::core::limits::Limits;
use boordtabel::model::problem::WarningCode;
use boordtabel::model::{ProblemCode, Vocabulary};
use boordtabel::{commit, model};

use super::{bare, guide, read, table, tables, toml_blocks};

#[test]
fn the_settings_table_is_the_programs() {
    let readme = guide();
    let mut definition = boordtabel::cli::definition();
    definition.build();
    let serve = definition.find_subcommand("serve").unwrap();
    let expected: BTreeSet<[String; 4]> = serve
        .get_arguments()
        // Commands that ask a server have settings of their own.
        .chain(definition.find_subcommand("import").unwrap().get_arguments().filter(|arg| is_setting(arg)))
        .filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"))
        .map(|arg| {
            let long = arg.get_long().expect("serve takes flags only");
            let value = arg.get_value_names().filter(|_| arg.get_action().takes_values());
            let flag = value.map_or(format!("--{long}"), |names| {
                // What may stand alone takes its value with `=` only.
                let may_be_alone = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
                if may_be_alone { format!("--{long}[={}]", names[0]) } else { format!("--{long} {}", names[0]) }
            });
            let none = || "–".to_owned();
            let environment = arg.get_env().map_or_else(none, |name| name.to_string_lossy().into_owned());
            let in_file =
                !matches!(long, "config" | "demo" | "read-only" | "trust-clock" | "url" | "token" | "token-file");
            let in_file = if in_file { long.replace('-', "_") } else { none() };
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let default =
                help.split_once("[default: ").map_or_else(none, |(_, rest)| rest.trim_end_matches(']').into());
            [flag, environment, in_file, default]
        })
        .collect();
    let shown: BTreeSet<[String; 4]> = table(&readme, "| Flag | Environment |")
        .iter()
        .map(|row| [0, 1, 2, 3].map(|column: usize| bare(&row[column])))
        .collect();
    assert_eq!(shown, expected);

    let file = toml_blocks(&readme).into_iter().find(|text| text.contains("listen")).expect("an example file");
    let named: BTreeSet<String> = file.lines().map(|line| line.split(' ').next().unwrap_or_default().into()).collect();
    let known = expected.into_iter().map(|[_, _, in_file, _]| in_file).filter(|name| name != "–").collect();
    assert_eq!(named, known, "the example file has each setting once");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    fs::write(&path, file).unwrap();
    Settings::resolve(Given::default(), GivenToServe::default(), Some(&path))
        .expect("the program takes the example file");
}

#[test]
fn what_may_change_while_it_serves_is_told() {
    let readme = guide();
    let (_, rest) = readme.split_once("These may change while it runs: ").expect("the reference says which");
    let list = rest.split('.').next().unwrap();
    let shown: Vec<String> = list.split(',').map(|name| bare(name.trim())).collect();
    assert_eq!(shown, boordtabel::cli::reload::CHANGEABLE);
}

/// A setting has an environment variable: it stands in the table of settings, not of commands.
fn is_setting(arg: &clap::Arg) -> bool {
    arg.get_env().is_some()
}

#[test]
fn the_commands_table_is_the_programs() {
    let shown: Vec<String> = table(&guide(), "| Command |").iter().map(|row| bare(&row[0])).collect();
    let mut definition = boordtabel::cli::definition();
    definition.build();
    let mut commands = Vec::new();
    add_commands(&definition, "", &mut commands);
    assert_eq!(shown.len(), commands.len(), "a row for each of {commands:?}");
    for (name, arguments) in commands {
        let row = shown.iter().find(|row| **row == name || row.starts_with(&format!("{name} ")));
        let row = row.unwrap_or_else(|| panic!("no row for `{name}`"));
        for argument in arguments {
            assert!(row.contains(&argument), "`{row}` lacks {argument}");
        }
    }
}

/// The commands that do something, each with its own arguments.
fn add_commands(command: &clap::Command, before: &str, found: &mut Vec<(String, Vec<String>)>) {
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{before}{}", command.get_name());
        if command.has_subcommands() {
            add_commands(command, &format!("{name} "), found);
            continue;
        }
        let own = command.get_arguments().filter(|arg| !is_setting(arg) && arg.get_id() != "help");
        let arguments = own.map(|arg| match arg.get_long() {
            Some(long) => format!("--{long}"),
            None => arg.get_id().as_str().to_uppercase(),
        });
        found.push((name, arguments.collect()));
    }
}

#[test]
fn the_tables_of_codes_are_the_vocabularies() {
    let found = tables(&guide(), "| Code | Meaning |");
    let vocabularies: [&Vocabulary; 3] = [&ErrorCode::VOCABULARY, &ProblemCode::VOCABULARY, &WarningCode::VOCABULARY];
    assert_eq!(found.len(), vocabularies.len());
    for (rows, vocabulary) in found.iter().zip(vocabularies) {
        let shown: Vec<(String, &str)> = rows.iter().map(|row| (bare(&row[0]), row[1].as_str())).collect();
        let expected: Vec<(String, &str)> =
            vocabulary.words.iter().map(|(word, doc)| ((*word).to_owned(), doc.trim())).collect();
        assert_eq!(shown, expected, "{}", vocabulary.name);
    }
}

#[test]
fn the_rules_and_reasons_are_the_programs() {
    let readme = guide();
    let shown: Vec<Vec<String>> = table(&readme, "| Rule | Formula |");
    let expected: Vec<Vec<String>> = Rule::ALL
        .iter()
        .map(|rule| vec![format!("`{rule}`"), format!("`{}`", rule.formula()), rule.doc().into()])
        .collect();
    assert_eq!(shown, expected);
    let reasons = MissingCode::VOCABULARY.words.iter().map(|(word, doc)| vec![format!("`{word}`"), doc.trim().into()]);
    assert_eq!(table(&readme, "| Reason | Meaning |"), reasons.collect::<Vec<Vec<String>>>());
}

#[test]
fn the_limits_are_the_programs() {
    let readme = guide();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let shown: Vec<[String; 3]> = table(&readme, "| Limit | Value |")
        .iter()
        .map(|row| [bare(&row[0]), digits(&row[1]), row[2].clone()])
        .collect();
    let limits = Limits::default();
    let expected: Vec<[String; 3]> = Limits::ALL
        .iter()
        .map(|limit| {
            let doc = limit.doc.trim().trim_end_matches('.');
            let what = doc.chars().next().map(|first| first.to_lowercase().to_string() + &doc[first.len_utf8()..]);
            [limit.name.to_owned(), (limit.get)(&limits).to_string(), what.unwrap_or_default()]
        })
        .collect();
    assert_eq!(shown, expected);

    for sentence in [
        format!("a text has at most {} KiB", model::value::TEXT_BYTES_MAX >> 10),
        format!("a key {} bytes", model::key::KEY_BYTES_MAX),
        format!("a list {} entries", model::value::LIST_LENGTH_MAX),
        format!("a commit {} million", commit::CHANGES_MAX / 1_000_000),
    ] {
        assert!(readme.contains(&sentence), "docs/reference.md does not say: {sentence}");
    }
}

#[test]
fn the_table_of_dependencies_is_complete() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let mut used = BTreeSet::new();
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        used.extend(manifest[section].as_table().unwrap().keys().cloned());
    }
    for (_, of_system) in manifest["target"].as_table().unwrap() {
        used.extend(of_system["dependencies"].as_table().unwrap().keys().cloned());
    }
    let shown: BTreeSet<String> =
        table(&read("ARCHITECTURE.md"), "| Crate |").iter().flat_map(|row| row[0].split(", ").map(bare)).collect();
    assert_eq!(shown, used);
}
