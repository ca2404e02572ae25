//! The command line: what it prints, where, and with which exit code.

use std::fs;
use std::path::Path;

use crate::support::{Ran, SMALL, Server, arg, boordtabel, end, folder, run, shared};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021");

fn load(files: &Path, data: &Path) -> Ran {
    run(["load", arg(files), "--data", arg(data)])
}

/// A failure says what is wrong and what to do, on stderr, and nothing on stdout.
fn assert_fails(ran: &Ran, code: i32, parts: &[&str]) {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    for part in parts.iter().chain(&["error: ", "hint: "]) {
        assert!(ran.stderr.contains(part), "no `{part}` in {ran:?}");
    }
    assert_eq!(ran.stdout, "", "{ran:?}");
}

#[test]
fn loading_twice_changes_nothing_the_second_time() {
    let data = tempfile::tempdir().unwrap();
    let first = load(Path::new(FIXTURES), data.path());
    assert_eq!((first.code, first.revision()), (Some(0), 1), "{first:?}");
    assert!(first.stdout.contains(" 0 updated, 0 unchanged"), "{first:?}");
    let second = load(Path::new(FIXTURES), data.path());
    assert_eq!((second.code, second.revision()), (Some(0), 1), "{second:?}");
    assert!(second.stdout.contains(" 0 created, 0 updated, "), "{second:?}");

    let server = Server::start(&["--data", arg(data.path())]);
    let counts = "{ register { revision counts { kind count } } }";
    assert_eq!(server.ask(counts), shared().ask(counts), "the folder holds what the demonstration holds");
}

#[test]
fn a_change_is_a_new_revision_and_others_stay() {
    let (data, small) = (tempfile::tempdir().unwrap(), folder(&SMALL));
    assert_eq!(load(small.path(), data.path()).revision(), 1);
    fs::write(small.path().join("measures.csv"), "key,planKey,name\nm,plan,Another name\nn,plan,New\n").unwrap();
    let ran = load(small.path(), data.path());
    assert_eq!(ran.stdout, "revision 2: 1 created, 1 updated, 3 unchanged\n", "{ran:?}");
}

#[test]
fn every_problem_is_told_and_nothing_is_written() {
    let (data, small) = (tempfile::tempdir().unwrap(), folder(&SMALL));
    load(small.path(), data.path());
    let broken = folder(&[
        ("measures.csv", "key,planKey,name,lifecycle\nm,plan,Fine,\nx,,No plan,\ny,plan,Typo,ACTIV\nz,plan\n"),
        ("plans.csv", "key,organisationKey,yaer,title\nplan,body,2021,Plan\n"),
        ("indicators.csv", "key,measureKey,position,label,kind,unit\nb c,m,first,Label,RECEIVED,COUNT\n"),
        ("wrong-name.csv", "key\na\n"),
    ]);
    let ran = load(broken.path(), data.path());
    assert_fails(
        &ran,
        1,
        &[
            "measures.csv.line 3.planKey: MISSING",
            "measures.csv.line 4.lifecycle: UNKNOWN_VALUE: ",
            "near: ACTIVE",
            "measures.csv.line 5: BAD_FILE",
            "plans.csv.line 1.yaer: UNKNOWN_FIELD",
            "near: year",
            "indicators.csv.line 2.key: BAD_KEY",
            "indicators.csv.line 2.position: NOT_A_NUMBER",
            "wrong-name.csv: BAD_FILE",
        ],
    );

    let rules = folder(&[(
        "measures.csv",
        "key,planKey,name\nfine,plan,Fine\ntwice,plan,One\ntwice,plan,Two\nlost,nowhere,Three\n",
    )]);
    let ran = load(rules.path(), data.path());
    assert_fails(&ran, 1, &["measures.csv.line 4", "measures.csv.line 5.planKey", "`nowhere`"]);
    assert!(!ran.stderr.contains("line 2"), "the fine row is not complained of: {ran:?}");

    let again = load(small.path(), data.path());
    assert_eq!(again.stdout, "revision 1: 0 created, 0 updated, 4 unchanged\n", "{again:?}");
}

#[test]
fn a_data_folder_is_open_once() {
    let (data, small) = (tempfile::tempdir().unwrap(), folder(&SMALL));
    load(small.path(), data.path());
    let mut server = Server::start(&["--data", arg(data.path())]);
    for command in [vec!["load", arg(small.path())], vec!["check"], vec!["serve", "--listen", "127.0.0.1:0"]] {
        let ran = run(command.into_iter().chain(["--data", arg(data.path())]));
        assert_fails(&ran, 3, &["is in use by another process", "stop the other `boordtabel`", arg(data.path())]);
    }
    assert_eq!(server.ask("{ measures { totalCount } }")["measures"]["totalCount"], 1, "the first one goes on");
    server.signal("TERM");
    server.wait();
    assert_eq!(load(small.path(), data.path()).code, Some(0), "when it has stopped, the folder is free");
}

#[test]
fn a_folder_of_a_later_version_is_left_alone() {
    let (data, small) = (tempfile::tempdir().unwrap(), folder(&SMALL));
    load(small.path(), data.path());
    for (found, told, hint) in [
        ("3", "has format 3", "use the version of the program"),
        ("99", "has format 99", "use the version of the program"),
        ("not a number", "says `not a number`", "restore the file"),
    ] {
        fs::write(data.path().join("FORMAT"), format!("{found}\n")).unwrap();
        assert_fails(&load(small.path(), data.path()), 3, &[told, hint]);
        assert_eq!(fs::read_to_string(data.path().join("FORMAT")).unwrap(), format!("{found}\n"));
    }
    fs::write(data.path().join("FORMAT"), "1\n").unwrap();
    assert!(load(small.path(), data.path()).stdout.contains("4 unchanged"), "nothing was lost");
}

#[test]
fn a_damaged_journal_is_named_and_left_alone() {
    let (data, small) = (tempfile::tempdir().unwrap(), folder(&SMALL));
    load(small.path(), data.path());
    fs::write(small.path().join("measures.csv"), "key,planKey,name\nm,plan,Second\n").unwrap();
    load(small.path(), data.path());
    let journal = fs::read_dir(data.path().join("journal")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&journal).unwrap();
    bytes[100] ^= 1;
    fs::write(&journal, &bytes).unwrap();
    fs::remove_dir_all(data.path().join("store")).unwrap();
    let ran = run(["check", "--data", arg(data.path())]);
    assert_fails(&ran, 3, &["the journal is damaged", journal.file_name().unwrap().to_str().unwrap(), "backup"]);
    assert!(fs::read(&journal).unwrap() == bytes, "not a byte of it was changed");
}

#[test]
fn used_wrongly() {
    let empty = tempfile::tempdir().unwrap();
    let file = folder(&[("bad.toml", "wrokers = 1\n"), ("worse.toml", "workers = [\n")]);
    let within = |name: &str| file.path().join(name).to_str().unwrap().to_owned();
    for (arguments, part) in [
        (vec!["load", "no-such-folder"], "no-such-folder"),
        (vec!["load", arg(empty.path())], "no CSV file"),
        (vec!["check", "--data", "no-such-folder"], "no-such-folder"),
        (vec!["check", FIXTURES, "--source", "no-such-file"], "no-such-file"),
        (vec!["schema", "--config", &within("bad.toml")], "wrokers"),
        (vec!["schema", "--config", &within("worse.toml")], "worse.toml"),
        (vec!["schema", "--config", &within("none.toml")], "none.toml"),
        (vec!["schema", "--log", "a=b=c"], "a=b=c"),
        (vec!["schema", "--out", "no-such-folder/x"], "no-such-folder"),
    ] {
        let ran = end(boordtabel().args(&arguments).current_dir(empty.path()));
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains(part) && ran.stderr.contains("hint: "), "{arguments:?}: {ran:?}");
    }
    for arguments in [
        &["serve", "--listen", "nowhere"][..],
        &["serve", "--workers", "two"],
        &["lode"],
        &["load"],
        &[],
        &["schema", "--no-such-flag"],
    ] {
        let ran = run(arguments.iter().copied());
        assert!(
            ran.code == Some(2) && ran.stderr.contains("Usage:") || ran.stderr.contains("--help"),
            "{arguments:?}: {ran:?}"
        );
    }
    assert!(fs::read_dir(empty.path()).unwrap().next().is_none(), "nothing was made on the way");
}

#[test]
fn a_port_in_use_is_told() {
    let (address, data) = (shared().address.to_string(), tempfile::tempdir().unwrap());
    let ran = run(["serve", "--data", arg(data.path()), "--listen", &address]);
    assert_fails(&ran, 3, &[&format!("cannot listen on {address}"), "--listen"]);
}

#[test]
fn a_flag_goes_before_the_environment_and_that_before_the_file() {
    let (work, small) = (tempfile::tempdir().unwrap(), folder(&SMALL));
    fs::write(work.path().join("settings.toml"), "data = \"from-file\"\nlog = \"warn\"\n").unwrap();
    let layers: [(&str, &[&str], Option<&str>); 4] = [
        ("from-flag", &["--config", "settings.toml", "--data", "from-flag"], Some("from-environment")),
        ("from-environment", &["--config", "settings.toml"], Some("from-environment")),
        ("from-file", &["--config", "settings.toml"], None),
        ("boordtabel-data", &[], None),
    ];
    for (folder, flags, environment) in layers {
        let mut command = boordtabel();
        command.current_dir(work.path()).args(["load", arg(small.path())]).args(flags);
        if let Some(data) = environment {
            command.env("BOORDTABEL_DATA", data);
        }
        let ran = end(&mut command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let made = fs::read_dir(work.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(made.filter(|name| name != "settings.toml").collect::<Vec<_>>(), [folder]);
        fs::remove_dir_all(work.path().join(folder)).unwrap();
    }
    let mut command = boordtabel();
    let ran = end(command
        .args(["load", arg(small.path())])
        .current_dir(work.path())
        .env("BOORDTABEL_CONFIG", "settings.toml"));
    assert!(
        ran.code == Some(0) && work.path().join("from-file").exists(),
        "the file may be named by the environment: {ran:?}"
    );
    assert_eq!(end(boordtabel().arg("serve").env("BOORDTABEL_WORKERS", "two")).code, Some(2), "a bad one is told");
}

#[test]
fn schema_goes_to_stdout_or_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.graphql");
    let (printed, written) = (run(["schema"]), run(["schema", "--out", arg(&path)]));
    assert_eq!((printed.code, written.code, written.stdout.as_str()), (Some(0), Some(0), ""));
    assert!(printed.stdout.contains("type Query {") && fs::read_to_string(&path).unwrap() == printed.stdout);
}

#[test]
fn help_says_what_there_is() {
    let ran = run(["--help"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for part in ["serve", "load", "check", "schema", "--data", "BOORDTABEL_DATA", "[default: boordtabel-data]"] {
        assert!(ran.stdout.contains(part), "no {part} in {}", ran.stdout);
    }
    assert_eq!(run(["--version"]).stdout, format!("boordtabel {}\n", env!("CARGO_PKG_VERSION")));
}

const SOURCE: &str = "1 FIRST\nIntroduction\n1.1 Measures\nThe measure of\n    1 234 files\n1.2 Others\nNothing here\n";
const CITING: &str = "key,planKey,name,printed.documentKey,printed.section,printed.text\n";

/// A package has what its binary does.
#[test]
fn manual_pages_and_completions_know_every_command() {
    let names: Vec<String> =
        boordtabel::cli::definition().get_subcommands().map(|it| it.get_name().to_owned()).collect();
    let folder = tempfile::tempdir().unwrap();
    let ran = run(["man", "--out", arg(folder.path())]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    let page = |name: &str| {
        fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap_or_else(|_| panic!("no {name}.1"))
    };
    assert!(page("boordtabel").starts_with(".ie") && page("boordtabel").contains("boordtabel\\-serve(1)"));
    assert!(page("boordtabel-token-create").contains("\\-\\-expires"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(["completions", shell]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        for name in &names {
            page(&format!("boordtabel-{name}"));
            assert!(ran.stdout.contains(name.as_str()), "{shell} does not know {name}");
        }
    }
    assert_fails(&run(["man", "--out", arg(&folder.path().join("boordtabel.1"))]), 2, &["boordtabel.1", "--out"]);
}

#[test]
fn check_proves_citations() {
    let small = folder(&SMALL);
    let source = small.path().join("source.txt");
    fs::write(&source, SOURCE).unwrap();
    let check = |rows: &str| {
        fs::write(small.path().join("measures.csv"), format!("{CITING}{rows}")).unwrap();
        run(["check", arg(small.path()), "--source", arg(&source)])
    };
    // White space and line wraps do not count.
    let ran = check("m,plan,M,doc,1.1,measure of 1234 files\nn,plan,N,doc,,Nothing\nb,plan,B,doc,1.2,\n");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stdout, "6 records hold\n2 of 2 citations found, 1 more of blank cells\n");

    let ran = check("m,plan,M,doc,1.1,1 234 files\nother,plan,N,doc,1.2,1 234 files\ngone,plan,G,doc,1.3,Nothing\n");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for part in [
        "Measure other printed",
        "`1 234 files` does not stand in section 1.2",
        "Measure gone printed",
        "no section 1.3",
        "1 of 3 citations found",
    ] {
        assert!(ran.stdout.contains(part), "no `{part}` in {ran:?}");
    }
    assert!(ran.stderr.contains("error: 2 citations") && ran.stderr.contains("hint: "), "{ran:?}");
}

#[test]
fn check_takes_a_folder_or_the_register() {
    let (data, small) = (tempfile::tempdir().unwrap(), folder(&SMALL));
    let ran = run(["check", arg(small.path()), "--data", arg(data.path())]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "4 records hold\n"), "{ran:?}");
    assert!(fs::read_dir(data.path()).unwrap().next().is_none(), "checking a folder leaves the register alone");
    load(small.path(), data.path());
    let ran = run(["check", "--data", arg(data.path())]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "4 records hold\n"), "{ran:?}");
    fs::write(small.path().join("measures.csv"), "key,planKey,name\nm,nowhere,M\n").unwrap();
    assert_fails(&run(["check", arg(small.path())]), 1, &["measures.csv.line 2.planKey", "`nowhere`"]);
}

#[test]
fn check_shows_contradictions_and_fails_on_them_when_told() {
    let check = |more: &[&str]| run(["check", FIXTURES].into_iter().chain(more.iter().copied()));
    let ran = check(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for part in [
        "114 contradictions of 97 slips: 27 errors",
        "-47%",
        "47.2%",
        "trend/observation/collectief-maatwerk/controles/2020/change",
    ] {
        assert!(ran.stdout.contains(part), "no `{part}` in {ran:?}");
    }
    let ran = check(&["--fail-on", "error", "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("27 contradictions of severity ERROR"), "{ran:?}");
    let list: serde_json::Value = serde_json::from_str(&ran.stdout).expect("nothing but JSON");
    let of = |severity: &str| list.as_array().unwrap().iter().filter(|it| it["severity"] == severity).count();
    assert_eq!((of("ERROR"), of("WARNING"), of("NOTICE")), (27, 63, 24));
    assert!(list[0]["stated"]["printed"]["text"].is_string() && list[0]["waived"] == false, "{}", list[0]);
    assert_fails(&check(&["--on", "today", "--format", "json"]), 2, &["`today`", "2021-03-01"]);

    let small = folder(&SMALL);
    let ran = run(["check", arg(small.path()), "--fail-on", "notice"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "4 records hold\n"), "{ran:?}");
}
