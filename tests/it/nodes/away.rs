//! When the log is away, lost, or another one.

use super::harm::{fill, make_room};
use super::*;
use crate::server::etcd::Place;

/// A command that must fail; gives what it says.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = boordtabel().args(arguments).arg("--data").arg(folder).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments:?}: {told}");
    told
}

#[test]
fn while_most_members_are_away_reading_goes_on_and_writing_says_so() {
    let nodes = Nodes::new(3);
    let a = nodes.start("a");
    let b = nodes.start_as("b", "a");
    let first = nodes.added(&a, "first");
    reached(&b, first);
    for at in [0, 1] {
        nodes.etcd.signal(at, "-STOP");
    }
    for (node, key) in [(&a, "away-a"), (&b, "away-b"), (&a, "away-c")] {
        let begun = Instant::now();
        let answer = nodes.add(node, key);
        let took = begun.elapsed();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
        eprintln!("writing was refused after {} ms", took.as_millis());
        assert!(took < Duration::from_secs(6), "{took:?}");
    }
    until("word of the log's absence", || {
        get(&b, "/graphql?query=%7Bregister%7Brevision%7D%7D", &[]).1.contains_key("boordtabel-unheard")
    });
    assert_eq!(b.revision(), first, "reading goes on");
    let (_, headers, page) = get(&b, "/plans", &[("Accept-Language", "en")]);
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("has not heard from the others for") && !headers.contains_key("etag"), "{page}");
    let took = until("unreadiness", || a.get("/readyz").0 == 503 && b.get("/readyz").0 == 503);
    eprintln!("not ready after {} s more", took.as_secs());
    assert!(b.get("/readyz?verbose").1.contains("[-] cluster: `b` has entry "));

    for at in [0, 1] {
        nodes.etcd.signal(at, "-CONT");
    }
    until("readiness", || a.get("/readyz").0 == 200 && b.get("/readyz").0 == 200);
    // Whatever became of what was written meanwhile: the same again is done once.
    for key in ["away-a", "away-b", "away-c"] {
        nodes.added(&b, key);
        nodes.added(&a, key);
    }
    reached(&a, first + 3);
    reached(&b, first + 3);
    assert_eq!((a.revision(), b.revision()), (first + 3, first + 3));
    drop((a, b));
    assert!(journal(&nodes.folder("a")) == journal(&nodes.folder("b")));
}

/// What `docs/cluster.md` says of room: its commands make some, and nothing else is needed.
#[test]
fn when_etcds_room_is_full_nothing_is_written_until_there_is_some() {
    if !Path::new("/usr/bin/etcdctl").exists() {
        eprintln!("passed over: /usr/bin/etcdctl is not on this machine");
        return;
    }
    let quota = ["--quota-backend-bytes", "8388608"];
    let nodes = Nodes::over(Etcd::start_at(vec![Place::here()], &quota));
    let a = nodes.start("a");
    let first = nodes.added(&a, "first");
    fill(&nodes.etcd);
    let answer = nodes.add(&a, "full");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
    assert!(answer.to_string().contains("space exceeded"), "{answer}");
    assert_eq!(a.revision(), first, "reading goes on");
    until("word of it", || a.get("/readyz?verbose").1.contains("of etcd's room") && a.get("/readyz").0 == 503);
    let answer = nodes.add(&a, "full");
    assert!(answer.to_string().contains("% of the room that etcd gives"), "{answer}");

    make_room(&nodes.etcd);
    let took = until("readiness", || a.get("/readyz").0 == 200);
    eprintln!("ready {} ms after there was room", took.as_millis());
    assert_eq!(nodes.added(&a, "full"), first + 1);
}

#[test]
fn a_folder_of_another_history_is_no_node_and_a_node_does_not_write_alone() {
    let mut nodes = Nodes::new(1);
    let a = nodes.start("a");
    let b = nodes.start_as("b", "a");
    reached(&b, nodes.added(&a, "first"));
    drop((a, b));
    let endpoints = nodes.etcd.endpoints();
    // What belongs to a cluster is not written to beside it.
    let told = refused(&nodes.folder("a"), &["token", "create", "--role", "edit"]);
    assert!(told.contains("belongs to a cluster") && told.contains("docs/cluster.md"), "{told}");
    let alone = Server::start(&nodes.folder("a"));
    assert_eq!(nodes.add(&alone, "second")["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    assert_eq!(alone.revision(), 1, "reading goes on");
    drop(alone);

    // Another history, and no name.
    token(&nodes.folder("stranger"), "edit");
    token(&nodes.folder("stranger"), "import");
    let home = nodes.home.path().to_owned();
    let serve = |folder: &str, more: &[&str]| {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--cluster", &endpoints];
        arguments.extend(more);
        refused(&home.join(folder), &arguments)
    };
    let told = serve("stranger", &["--cluster-node", "stranger"]);
    assert!(told.contains("another one than this node has"), "{told}");
    assert!(serve("a", &[]).contains("--cluster-node"));

    // The log is gone: a node of it does not begin another one, and does not write.
    nodes.etcd.lose_everything();
    let told = serve("b", &["--cluster-node", "b"]);
    assert!(told.contains("lost") && told.contains("docs/cluster.md"), "{told}");
}

/// What `docs/cluster.md` says of the loss of all of etcd: the node that has most begins the log anew, and the others begin from it.
#[test]
fn when_all_of_etcd_is_lost_the_log_begins_anew_after_what_a_node_has() {
    let mut nodes = Nodes::new(1);
    let a = nodes.start("a");
    let b = nodes.start_as("b", "a");
    reached(&b, nodes.added(&a, "first"));
    drop(b);
    let last = nodes.added(&a, "second");
    drop(a);
    let endpoints = nodes.etcd.endpoints();
    let cluster = |verb, name| ["cluster", verb, "--cluster", &endpoints, "--cluster-node", name];
    let told = refused(&nodes.folder("a"), &cluster("rebuild", "a"));
    assert!(told.contains("it was not lost") && told.contains("cluster join"), "{told}");

    nodes.etcd.lose_everything();
    run(&nodes.folder("a"), &cluster("rebuild", "a"));
    let a = nodes.start("a");
    assert_eq!(a.revision(), last, "all that it had");
    let answer = nodes.add(&a, "second");
    assert_eq!(answer["data"]["importRows"]["replayed"], true, "what was done stays done: {answer}");
    nodes.added(&a, "third");

    // What has less than the log begins after does not become a node by mistake, and loses nothing by the attempt.
    let before = journal(&nodes.folder("b"));
    for verb in ["join", "rebuild"] {
        refused(&nodes.folder("b"), &cluster(verb, "b"));
    }
    assert!(journal(&nodes.folder("b")) == before);
    let b = nodes.start_as("c", "a");
    nodes.added(&b, "fourth");
    reached(&a, last + 2);
    drop((a, b));
    assert!(journal(&nodes.folder("a")) == journal(&nodes.folder("c")));
}
