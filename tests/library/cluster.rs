//! The log of several nodes on real etcd servers: what is acknowledged stands in it once, in order, whatever happens to members.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use boordtabel::cluster::{Access, Appended, Entry, EtcdLog, LogError, LogId, SharedLog};

use self::etcd::Etcd;

#[path = "../server/etcd.rs"]
mod etcd;

/// How long anything may take, also on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

fn log(etcd: &Etcd, first: usize) -> EtcdLog {
    // It asks that member first.
    let mut endpoints = etcd.urls.clone();
    endpoints.rotate_left(first);
    EtcdLog::new(&Access { endpoints, ..Access::default() }, "/test/").unwrap()
}

fn entry(sequence: u64, id: u128) -> Entry {
    Entry { sequence, id: id.to_le_bytes(), chain: [7; 32], payload: format!("entry {id}").into_bytes() }
}

/// Appends until told to stop, as a node does: it reads what came before it tries again. Gives what was acknowledged, and what may
/// have been written.
fn write(log: &EtcdLog, id_of: &LogId, node: u128, enough: &AtomicBool) -> (Vec<u128>, Vec<u128>) {
    let (mut done, mut unknown, mut next) = (Vec::new(), Vec::new(), 1);
    for number in 0.. {
        if enough.load(Ordering::Relaxed) {
            break;
        }
        let id = node << 64 | number;
        match log.append_if(id_of, &[entry(next, id)], true) {
            Ok(Appended::Done) => {
                done.push(id);
                next += 1;
            }
            Ok(Appended::Overtaken) => next += log.read(next).map_or(0, |entries| entries.len() as u64),
            Ok(Appended::Announced) => panic!("nothing large was announced"),
            Err(LogError::Unknown(_)) => unknown.push(id),
            Err(LogError::Away(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    (done, unknown)
}

#[test]
fn what_is_acknowledged_stands_once_whatever_happens_to_members() {
    let etcd = Etcd::start(3);
    let (id, is_new) = log(&etcd, 0).begin(0, [0; 32]).unwrap();
    assert!(is_new);
    assert_eq!(log(&etcd, 0).begin(5, [1; 32]).unwrap(), (id, false), "it is begun once");
    let enough = AtomicBool::new(false);
    let written: Vec<_> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|at| (log(&etcd, at), &enough))
            .zip(1_u128..)
            .map(|((log, enough), node)| scope.spawn(move || write(&log, &id, node, enough)))
            .collect();
        let reader = log(&etcd, 1);
        let passed = |entries: u64| {
            let (begun, from) = (Instant::now(), reader.head().ok().flatten().map_or(0, |head| head.sequence));
            while reader.head().ok().flatten().is_none_or(|head| head.sequence < from + entries) {
                assert!(begun.elapsed() < DEADLINE, "nothing is written any more");
            }
        };
        passed(100);
        // Each member is stopped in turn, so the leader is too; while it is, the others go on.
        for at in 0..3 {
            etcd.signal(at, "-STOP");
            passed(30);
            etcd.signal(at, "-CONT");
            passed(30);
        }
        etcd.signal(2, "-KILL");
        passed(30);
        enough.store(true, Ordering::Relaxed);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let mut found = Vec::new();
    let last = log(&etcd, 0).head().unwrap().unwrap().sequence;
    while (found.len() as u64) < last {
        let read = log(&etcd, 0).follow(found.len() as u64 + 1, &mut |entries| {
            for entry in entries {
                assert_eq!(entry.sequence, found.len() as u64 + 1);
                found.push(u128::from_le_bytes(entry.id));
            }
            (found.len() as u64) < last
        });
        assert!(
            !matches!(read, Err(LogError::Truncated { .. } | LogError::Lost(_) | LogError::Damaged(_))),
            "{read:?}"
        );
    }
    let once: HashSet<u128> = found.iter().copied().collect();
    assert_eq!(once.len(), found.len(), "an entry stands twice");
    let done: HashSet<u128> = written.iter().flat_map(|(done, _)| done).copied().collect();
    let unknown: HashSet<u128> = written.iter().flat_map(|(_, unknown)| unknown).copied().collect();
    assert!(done.iter().all(|id| once.contains(id)), "an acknowledged entry is lost");
    assert!(once.iter().all(|id| done.contains(id) || unknown.contains(id)), "an entry was invented");
}

/// Members take long to look at a password. Whoever asks at once, as after a member's restart, must not ask that of all of them, nor take
/// from the others what they were given.
#[test]
fn who_asks_for_a_user_is_told_once_for_all() {
    let mut etcd = Etcd::start(1);
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(DEADLINE)).build().into();
    let url = etcd.urls[0].clone();
    let post = |path: &str, body: &str| {
        agent.post(format!("{url}{path}")).send(body).unwrap().body_mut().read_to_string().unwrap()
    };
    let enable = || {
        post("/v3/auth/user/add", r#"{"name":"root","password":"secret"}"#);
        post("/v3/auth/role/add", r#"{"name":"root"}"#);
        post("/v3/auth/user/grant", r#"{"user":"root","role":"root"}"#);
        post("/v3/auth/enable", "{}");
    };
    enable();
    let password = etcd.folder().join("password");
    std::fs::write(&password, "secret\n").unwrap();
    let may =
        |mode: u32| std::fs::set_permissions(&password, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    may(0o644);
    let open =
        Access { endpoints: etcd.urls.clone(), user: Some(("root".to_owned(), password.clone())), ..Access::default() };
    assert!(
        EtcdLog::new(&open, "/test/").is_err_and(|told| told.contains("everybody")),
        "a password that everybody may read"
    );
    may(0o600);
    let user = Some(("root".to_owned(), password));
    let access = Access { endpoints: etcd.urls.clone(), user, ..Access::default() };
    let shared = EtcdLog::new(&access, "/test/").unwrap();
    // Each look at a password is an entry of etcd's own log.
    let entries = || {
        let told = post("/v3/maintenance/status", "{}");
        let (_, rest) = told.split_once("\"raftIndex\":\"").unwrap_or_else(|| panic!("{told}"));
        rest.split('"').next().unwrap().parse::<u64>().unwrap()
    };
    let before = entries();
    std::thread::scope(|scope| {
        (0..8).for_each(|_| _ = scope.spawn(|| assert_eq!(shared.id(), Ok(None))));
    });
    assert_eq!(entries() - before, 1);

    // An etcd that is begun anew says nothing of what the one before it gave, and waits until it has got as far.
    (0..50).for_each(|_| shared.may().unwrap());
    let late = EtcdLog::new(&access, "/test/").unwrap();
    late.may().unwrap();
    etcd.lose_everything();
    enable();
    let begun = Instant::now();
    while late.id() != Ok(None) {
        assert!(begun.elapsed() < DEADLINE / 3, "it goes on with what the etcd before gave");
    }
}

#[test]
fn the_log_tells_what_it_does_not_have_and_when_it_is_away() {
    let etcd = Etcd::start(1);
    let shared = log(&etcd, 0);
    assert_eq!((shared.head().unwrap(), shared.id().unwrap()), (None, None));
    assert!(matches!(shared.append_if(&[0; 16], &[entry(1, 1)], true), Err(LogError::Lost(_))), "it was never begun");
    let (id, _) = shared.begin(4, [9; 32]).unwrap();
    assert_eq!(shared.id().unwrap(), Some(id));
    assert!(matches!(shared.append_if(&id, &[entry(7, 7)], true), Err(LogError::Lost(_))));
    assert!(matches!(shared.append_if(&[0; 16], &[entry(5, 5)], true), Err(LogError::Lost(_))), "another log");
    let group: Vec<Entry> = (5..8).map(|sequence| entry(sequence, sequence.into())).collect();
    assert_eq!(shared.append_if(&id, &group, true), Ok(Appended::Done));
    assert_eq!(shared.append_if(&id, &group, true), Ok(Appended::Done), "the same again is the same");
    assert_eq!(shared.append_if(&id, &[entry(5, 50)], true), Ok(Appended::Overtaken));
    assert_eq!(shared.read(5).unwrap(), group);
    assert_eq!(shared.read(8).unwrap(), []);
    assert!(matches!(shared.read(9), Err(LogError::Lost(_))), "it ends before");
    let many: Vec<Entry> = (8..200).map(|sequence| entry(sequence, 1)).collect();
    assert!(matches!(shared.append_if(&id, &many, true), Err(LogError::TooLarge { entries: 192, .. })));
    // One that is larger than what etcd takes, between small ones; and one of which only the parts were written.
    let payload: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
    let large = Entry { payload, ..entry(9, 9) };
    let beside = [entry(8, 8), large.clone(), entry(10, 10)];
    assert_eq!(
        shared.append_if(&id, &[Entry { id: [3; 16], ..large.clone() }], true),
        Err(LogError::Lost("entry 8 is not there, after which this comes".into()))
    );
    // Others give way to it, but not for ever, and not when it has come.
    let other = log(&etcd, 0);
    assert_eq!((shared.is_announced(), other.is_announced()), (Ok(false), Ok(true)));
    assert_eq!(other.append_if(&id, &[entry(8, 80)], true), Ok(Appended::Announced));
    assert_eq!(shared.append_if(&id, &beside, true), Ok(Appended::Done));
    assert_eq!(other.is_announced(), Ok(false));
    assert_eq!(shared.append_if(&id, &[large], true), Ok(Appended::Done), "the same again is the same");
    assert_eq!(shared.read(8).unwrap(), beside);
    shared.truncate_before(100).unwrap();
    assert_eq!(shared.read(10).unwrap(), beside[2..], "the last one stays");
    assert_eq!(shared.first().unwrap(), Some(10));
    assert_eq!(shared.read(5), Err(LogError::Truncated { first: 10 }));
    let room = shared.room().unwrap();
    assert!(room.used > 0 && room.quota >= 2_000_000_000, "{room:?}");
    // Whoever follows is told as it comes.
    std::thread::scope(|scope| {
        let follower = scope.spawn(|| {
            let mut seen = Vec::new();
            while seen.len() < 3 {
                let next = 11 + seen.len() as u64;
                log(&etcd, 0).follow(next, &mut |entries| {
                    seen.extend(entries.into_iter().map(|entry| entry.sequence));
                    seen.len() < 3
                })?;
            }
            Ok::<_, LogError>(seen)
        });
        for sequence in 11..14 {
            assert_eq!(shared.append_if(&id, &[entry(sequence, sequence.into())], true), Ok(Appended::Done));
        }
        assert_eq!(follower.join().unwrap(), Ok(vec![11, 12, 13]));
    });
    etcd.signal(0, "-STOP");
    assert!(matches!(shared.append_if(&id, &[entry(14, 14)], true), Err(LogError::Unknown(_))));
    assert!(matches!(shared.head(), Err(LogError::Away(_))));
    etcd.signal(0, "-CONT");
    etcd.signal(0, "-KILL");
    let nowhere = Access { endpoints: vec!["http://127.0.0.1:1".into()], ..Access::default() };
    let gone = EtcdLog::new(&nowhere, "/test").unwrap();
    assert!(matches!(gone.append_if(&id, &[entry(14, 12)], true), Err(LogError::Away(_))));
}
