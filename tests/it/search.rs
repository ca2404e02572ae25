//! Searches as people make them, over the whole printed plan and the real server.

use serde_json::{Value as Json, json};

use crate::support::{SMALL, Server, arg, folder, run, shared};

const SEARCH: &str = "query($text: String!, $kinds: [Kind!], $first: Int = 20) {
    search(text: $text, kinds: $kinds, first: $first) { totalCount slips { word readAs }
      hits { score field highlight { text match } record { __typename id key revision } } } }";

fn search(text: &str, kinds: &[&str]) -> Json {
    shared().ask_with(SEARCH, json!({ "text": text, "kinds": kinds }))["search"].take()
}

/// Kind and key of the hits.
fn keys(found: &Json) -> Vec<String> {
    let hits = found["hits"].as_array().unwrap().iter();
    hits.map(|hit| {
        format!("{} {}", hit["record"]["__typename"].as_str().unwrap(), hit["record"]["key"].as_str().unwrap())
    })
    .collect()
}

/// What is shown of a hit, with brackets around the matches.
fn shown(hit: &Json) -> String {
    let parts = hit["highlight"].as_array().unwrap().iter();
    parts
        .map(|part| {
            let text = part["text"].as_str().unwrap();
            if part["match"] == true { format!("[{text}]") } else { text.to_owned() }
        })
        .collect()
}

/// What somebody writes, the record that must come first, and what is shown of it.
const FIRST: [(&str, &str, &str); 30] = [
    ("dienstencheques", "Measure dienstencheques", "[Dienstencheques]"),
    ("Diensten-cheques", "Measure dienstencheques", "[Dienstencheques]"),
    ("dienstenc", "Measure dienstencheques", "[Dienstencheques]"),
    ("diensenchekes", "Measure dienstencheques", "[Dienstencheques]"),
    ("ondersteuningspremie", "Measure vlaamse-ondersteuningspremie", "Vlaamse [ondersteuningspremie]"),
    ("ondersteunigspremie", "Measure vlaamse-ondersteuningspremie", "Vlaamse [ondersteuningspremie]"),
    ("vop", "Alias vlaamse-ondersteuningspremie/vop-1", "[VOP]"),
    ("zorgkredieten", "Measure vlaams-zorgkrediet", "Vlaams [Zorgkrediet]"),
    ("arbeidskaart", "Measure arbeidskaarten", "[Arbeidskaarten]"),
    ("ARBEIDSKAARTEN", "Measure arbeidskaarten", "[Arbeidskaarten]"),
    ("activiteitencooperatie", "Measure activiteitencooperaties", "[Activiteitencoöperaties]"),
    ("tracé", "Measure trace", "[Tracé]"),
    ("trace", "Measure trace", "[Tracé]"),
    ("OD VI 1.1", "OperationalGoal od-vi-1.1", "[OD VI 1.1]"),
    ("odvi1.1", "OperationalGoal od-vi-1.1", "[OD VI 1.1]"),
    ("od-viii-2.1", "OperationalGoal od-viii-2.1", "[OD VIII 2.1]"),
    ("SBD 2", "StrategicGoal sbd-2", "[SBD 2]"),
    ("JB0-1JDB2CA-WT", "BudgetArticle JB0-1JDB2CA-WT", "[JB0-1JDB2CA-WT]"),
    ("jb0 1jdb2ca wt", "BudgetArticle JB0-1JDB2CA-WT", "[JB0-1JDB2CA-WT]"),
    ("jb01jdb2cawt", "BudgetArticle JB0-1JDB2CA-WT", "[JB0-1JDB2CA-WT]"),
    ("beleidsproject 13", "Project beleidsproject-13", "[beleidsproject-13]"),
    ("sociale economie", "PolicyField viii", "[Sociale Economie]"),
    ("soicale economie", "PolicyField viii", "[Sociale] [Economie]"),
    (
        "ontvangen dossiers ondersteuningspremie",
        "Indicator vlaamse-ondersteuningspremie/ontvangen-dossiers",
        "Aantal [ontvangen] [dossiers]",
    ),
    (
        "evaluatie van het doelgroepenbeleid",
        "Milestone beleidsproject-1/2020/planned/3",
        "Oplevering [VIONA-evaluatie] [doelgroepenbeleid]",
    ),
    ("integratie syntra", "Project organisatieproject-1", "[Integratie] [Syntra] Vlaanderen"),
    ("3268 controles", "Claim 9.1.11/totaal/controles/2020", "[3268]"),
    ("loopbaan onderbreking", "BudgetLine od-vi-2.1/loopbaanonderbreking", "[Loopbaan-onderbreking]"),
    ("meer mensen aan het werk", "StrategicGoal sbd-1", "[Meer mensen aan het werk]"),
    ("koppenbesparing", "StaffTarget dwse/koppenbesparing-totaal", "[Koppenbesparing] tegen eind 2024, samen"),
];

#[test]
fn people_find_what_they_mean() {
    for (text, key, highlight) in FIRST {
        let found = search(text, &[]);
        let keys = keys(&found);
        assert_eq!(keys.first().map(String::as_str), Some(key), "{text}: {found:#}");
        assert_eq!(shown(&found["hits"][0]), highlight, "{text}");
        assert!(found["totalCount"].as_u64().unwrap() as usize >= keys.len(), "{text}");
        let scores: Vec<u64> =
            found["hits"].as_array().unwrap().iter().map(|hit| hit["score"].as_u64().unwrap()).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b), "{text}: {scores:?}");
    }
}

#[test]
fn a_part_of_a_compound_finds_it() {
    for (part, whole) in [
        ("cheques", "Measure dienstencheques"),
        ("cooperaties", "Measure activiteitencooperaties"),
        ("krediet", "Measure vlaams-zorgkrediet"),
        ("onderbreking", "Measure loopbaanonderbreking-openbare-sector"),
        ("verlof", "Measure vlaams-opleidingsverlof"),
    ] {
        let found = search(part, &["MEASURE"]);
        assert!(keys(&found).contains(&whole.to_owned()), "{part}: {:?}", keys(&found));
    }
}

#[test]
fn kinds_narrow_the_search() {
    let all = search("maatwerk", &[]);
    let some = search("maatwerk", &["MEASURE", "BUDGET_LINE"]);
    assert!(keys(&some).iter().all(|key| key.starts_with("Measure ") || key.starts_with("BudgetLine ")), "{some}");
    let counted: u64 =
        ["MEASURE", "BUDGET_LINE"].map(|kind| search("maatwerk", &[kind])["totalCount"].as_u64().unwrap()).iter().sum();
    assert_eq!(some["totalCount"], counted);
    assert!(counted < all["totalCount"].as_u64().unwrap());
    assert_eq!(
        keys(&search("maatwerk", &["MEASURE"]))[..2],
        ["Measure collectief-maatwerk", "Measure individueel-maatwerk"]
    );
}

#[test]
fn slips_are_told_and_nothing_is_found_for_nothing() {
    let found = search("ondersteunigspremie xyzzyq", &[]);
    let slips = json!([
        { "word": "ondersteunigspremie", "readAs": ["ondersteuningspremie"] },
        { "word": "xyzzyq", "readAs": [] },
    ]);
    assert_eq!(found["slips"], slips);
    assert_eq!(keys(&found)[0], "Measure vlaamse-ondersteuningspremie");
    for text in ["", " ", "???", "*", "\u{308}", "xyzzyq"] {
        let found = search(text, &[]);
        assert_eq!((&found["totalCount"], &found["hits"]), (&json!(0), &json!([])), "{text:?}");
    }
    let none = shared().ask_with(SEARCH, json!({ "text": "maatwerk", "first": 0 }));
    assert!(none["search"]["totalCount"].as_u64().unwrap() > 0 && none["search"]["hits"] == json!([]), "{none}");
}

#[test]
fn what_is_too_much_is_refused_and_said() {
    let refused = |text: &str, kinds: Json, first: i64| {
        let answer =
            shared().post(&json!({ "query": SEARCH, "variables": { "text": text, "kinds": kinds, "first": first } }));
        answer.json()["errors"][0].take()
    };
    let none = Json::Null;
    for (error, limit, found, says) in [
        (refused(&"x".repeat(1_000), none.clone(), 20), 200, 1_000, "letters"),
        (refused(&"a ".repeat(100), none.clone(), 20), 20, 100, "words"),
        (refused("x", none.clone(), 1_001), 1_000, 1_001, "page"),
    ] {
        assert_eq!(error["extensions"]["code"], "LIMIT_EXCEEDED", "{error}");
        assert_eq!(
            (&error["extensions"]["limit"], &error["extensions"]["found"]),
            (&json!(limit), &json!(found)),
            "{error}"
        );
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    let error = refused("x", json!(["MEASURE", "INSPECTION"]), 20);
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{error}");
    assert!(error["message"].as_str().unwrap().contains("INSPECTION"), "{error}");
    // Each word of each search counts.
    let many = |count: usize, words: usize| {
        let text = "a ".repeat(words);
        let fields = (0..count).map(|number| format!("s{number}: search(text: \"{text}\") {{ totalCount }}"));
        let answer = shared().post(&json!({ "query": format!("{{ {} }}", fields.collect::<String>()) }));
        answer.json()
    };
    assert!(many(90, 1).get("errors").is_none());
    let error = &many(90, 30)["errors"][0];
    assert_eq!(error["extensions"]["code"], "LIMIT_EXCEEDED", "{error}");
    assert!(error["message"].as_str().unwrap().contains("cost"), "{error}");
}

#[test]
fn every_state_has_its_own_words() {
    let files = folder(&SMALL);
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("data");
    let load = |name: &str| {
        std::fs::write(files.path().join("measures.csv"), format!("key,planKey,name\nm,plan,{name}\n")).unwrap();
        run(["load", arg(files.path()), "--data", arg(&data)]).revision()
    };
    assert_eq!((load("Zorgkrediet"), load("Klimaatpremie")), (1, 2));
    let token = run(["token", "create", "--role", "import", "--name", "t", "--data", arg(&data)]).stdout;
    let token = token.split_whitespace().find(|word| word.starts_with("bt_")).expect("it prints a token").to_owned();
    let server = Server::start(&["--data", arg(&data)]);
    let counts = || {
        let answer = server.ask(
            "{ now: search(text: \"klimaat\") { totalCount } gone: search(text: \"zorgkrediet\") { totalCount }
               was: at(asOf: { revision: 1 }) { search(text: \"zorgkrediet\") { totalCount hits { record { ... on Measure { name } } } } } }",
        );
        assert_eq!(answer["was"]["search"]["hits"][0]["record"]["name"], "Zorgkrediet", "{answer}");
        [&answer["now"], &answer["gone"], &answer["was"]["search"]].map(|it| it["totalCount"].as_u64().unwrap())
    };
    assert_eq!(counts(), [1, 0, 1]);
    let delete = "mutation { deleteRecords(input: { records: [{ kind: MEASURE, key: \"m\" }], reason: \"r\", idempotencyKey: \"k\" }) { status } }";
    let answer = server.post_bytes(
        json!({ "query": delete }).to_string().as_bytes(),
        &[("Authorization", &format!("Bearer {token}"))],
    );
    assert_eq!(answer.json()["data"]["deleteRecords"]["status"], "COMMITTED", "{}", answer.text());
    assert_eq!(counts(), [0, 0, 1]);
}

#[test]
fn what_is_shown_is_text_not_html() {
    let files = folder(&SMALL);
    std::fs::write(files.path().join("measures.csv"), "key,planKey,name\nm,plan,<b>Premie</b> & <script>\n").unwrap();
    let scratch = tempfile::tempdir().unwrap();
    run(["load", arg(files.path()), "--data", arg(scratch.path())]);
    let server = Server::start(&["--data", arg(scratch.path())]);
    let found = server.ask_with(SEARCH, json!({ "text": "premie" }));
    assert_eq!(shown(&found["search"]["hits"][0]), "<b>[Premie]</b> & <script>");
}
