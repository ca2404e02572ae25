//! Many who write at once, against a plain map: all that they were told fits into one order, and that order into real time.
//! `BOORDTABEL_LONG=1` goes on for a hundred times as long.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};

use boordtabel::commit::access::{Identity, Role};
use boordtabel::commit::{Edit, Ledger, PutMode, Report, Scope, Source, Status, Submission};
use boordtabel::model::{Key, Kind, Link, Organisation, Plan, Record};
use boordtabel::register::Register;

const WRITERS: u64 = 6;
const WISHES: usize = 40;
const BODIES: u64 = 4;
const PLANS: u64 = 5;

/// Names of bodies, and the body of each plan.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    bodies: BTreeMap<String, String>,
    plans: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
enum Wish {
    Name {
        body: String,
        name: String,
        mode: PutMode,
    },
    /// Made from the register: the name with a letter more.
    Longer {
        body: String,
    },
    Dissolve {
        body: String,
    },
    Plan {
        plan: String,
        body: String,
    },
    Drop {
        plan: String,
    },
    /// All plans of a body are these.
    Replace {
        body: String,
        plans: BTreeSet<String>,
    },
}

#[derive(Debug)]
struct Told {
    wish: Wish,
    report: Report,
    dry: bool,
    /// The revision before it was sent, and after it was answered.
    seen: (u64, u64),
    /// Place in one order of all that was sent and answered.
    sent: u64,
    answered: u64,
}

/// Small random numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn wish(&mut self, unique: &str) -> Wish {
        let body = format!("b{}", self.below(BODIES));
        let plan = format!("p{}", self.below(PLANS));
        match self.below(12) {
            0..4 => {
                let mode = [PutMode::Upsert, PutMode::Upsert, PutMode::Create, PutMode::Update];
                Wish::Name { body, name: unique.to_owned(), mode: mode[self.below(4) as usize] }
            }
            4..6 => Wish::Longer { body },
            6 => Wish::Dissolve { body },
            7..9 => Wish::Plan { plan, body },
            9 => Wish::Drop { plan },
            _ => Wish::Replace { body, plans: (0..self.below(3)).map(|_| format!("p{}", self.below(PLANS))).collect() },
        }
    }
}

impl State {
    /// What a wish makes of this state; none when it is refused.
    fn after(&self, wish: &Wish) -> Option<Self> {
        let mut next = self.clone();
        match wish {
            Wish::Name { body, name, mode } => {
                let there = self.bodies.contains_key(body);
                if (*mode == PutMode::Create && there) || (*mode == PutMode::Update && !there) {
                    return None;
                }
                next.bodies.insert(body.clone(), name.clone());
            }
            Wish::Longer { body } => next.bodies.get_mut(body)?.push('+'),
            Wish::Dissolve { body } => {
                next.bodies.remove(body)?;
                if self.plans.values().any(|of| of == body) {
                    return None;
                }
            }
            Wish::Plan { plan, body } => {
                self.bodies.get(body)?;
                next.plans.insert(plan.clone(), body.clone());
            }
            Wish::Drop { plan } => drop(next.plans.remove(plan)?),
            Wish::Replace { body, plans } => {
                self.bodies.get(body)?;
                if plans.iter().any(|plan| self.plans.get(plan).is_some_and(|of| of != body)) {
                    return None;
                }
                next.plans.retain(|_, of| of != body);
                next.plans.extend(plans.iter().map(|plan| (plan.clone(), body.clone())));
            }
        }
        Some(next)
    }

    fn of(register: &Register) -> Self {
        let mut state = Self::default();
        for node in register.all(Kind::Organisation).chain(register.all(Kind::Plan)) {
            match &node.record {
                Record::Organisation(it) => drop(state.bodies.insert(it.key.to_string(), it.name.clone())),
                Record::Plan(it) => drop(state.plans.insert(it.key.to_string(), it.organisation_key.to_string())),
                other => panic!("{other:?}"),
            }
        }
        state
    }
}

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn body(name: &str, text: &str) -> Record {
    Organisation {
        key: key(name),
        name: text.into(),
        abbreviation: None,
        printed: None,
        namespace: None,
        parent_key: None,
        year_start: None,
    }
    .into()
}

fn plan(name: &str, body: &str) -> Record {
    Plan {
        key: key(name),
        organisation_key: Link::new(key(body)),
        year: 2021,
        evaluated_year: None,
        title: "Plan".into(),
        document_key: None,
        closing_date: None,
        met_from: None,
        nearly_met_from: None,
        partly_met_from: None,
    }
    .into()
}

fn submission(wish: &Wish) -> Submission {
    // Plans go over from one body to another here, and mean to.
    let new = |edits| Submission { moves: true, ..Submission::new(Identity::local("t"), Role::Import, "t", edits) };
    let delete = |kind, name: &str| Edit::Delete { kind, key: key(name), at: Source::default() };
    match wish {
        Wish::Name { body: name, name: text, mode } => {
            new(vec![Edit::Put { record: body(name, text), mode: *mode, at: Source::default() }])
        }
        Wish::Longer { body: name } => {
            let name = name.clone();
            new(vec![]).made(move |register| {
                vec![match register.get(Kind::Organisation, &key(&name)).map(|node| &node.record) {
                    Some(Record::Organisation(it)) => Edit::put(body(&name, &format!("{}+", it.name))),
                    _ => delete(Kind::Organisation, &name),
                }]
            })
        }
        Wish::Dissolve { body } => new(vec![delete(Kind::Organisation, body)]),
        Wish::Plan { plan: name, body } => new(vec![Edit::put(plan(name, body))]),
        Wish::Drop { plan } => new(vec![delete(Kind::Plan, plan)]),
        Wish::Replace { body, plans } => Submission {
            scope: Some(Scope { kinds: vec![Kind::Plan], within: Some((Kind::Organisation, key(body))) }),
            ..new(plans.iter().map(|name| Edit::put(plan(name, body))).collect())
        },
    }
}

/// One who writes: wishes, some of them dry, some with a key that another uses at the same time for the same wish.
fn write(ledger: &Ledger, clock: &AtomicU64, seed: u64, name: u64) -> Vec<Told> {
    let mut own = Dice(seed * 1_000 + name);
    // Two and two share their keyed wishes.
    let mut shared = Dice(seed * 1_000 + 500 + name / 2);
    let tick = || clock.fetch_add(1, Ordering::SeqCst);
    let one = |number: usize| {
        let (key, wish) = match number % 4 {
            0 => {
                let key = format!("{}-{number}", name / 2);
                let wish = shared.wish(&format!("shared {key}"));
                (Some((key, [1; 32])), wish)
            }
            _ => (None, own.wish(&format!("{name}-{number}"))),
        };
        let dry = key.is_none() && own.below(5) == 0;
        let before = ledger.register().revision();
        let sent = tick();
        let wished = Submission { dry_run: dry, idempotency: key, ..submission(&wish) };
        let report = ledger.submit(wished, 0).unwrap();
        let answered = tick();
        let seen = (before, ledger.register().revision());
        Told { wish, report, dry, seen, sent, answered }
    };
    (0..WISHES).map(one).collect()
}

/// Whether what was told is what the states say.
fn check(told: &Told, states: &[State]) {
    let Told { wish, report, dry, seen, .. } = told;
    let base = usize::try_from(report.base_revision).unwrap();
    let before = &states[base];
    let after = before.after(wish);
    let expected = match &after {
        None => Status::Rejected,
        Some(after) if after == before => Status::Unchanged,
        Some(_) if *dry => Status::WouldCommit,
        Some(_) => Status::Committed,
    };
    assert_eq!(report.status, expected, "{told:?} at {before:?}");
    if report.status == Status::Committed {
        assert_eq!(Some(&states[base + 1]), after.as_ref(), "{told:?}");
        assert_eq!(report.revision, report.base_revision + 1);
    }
    // It was concluded from a state that there was in between; whoever was told of a revision sees it.
    assert!(report.replayed || seen.0 <= report.base_revision, "{told:?}");
    assert!(report.revision <= seen.1, "{told:?}");
}

fn round(seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let clock = AtomicU64::new(0);
    let all: Vec<Told> = std::thread::scope(|scope| {
        let (ledger, clock) = (&ledger, &clock);
        let writers: Vec<_> = (0..WRITERS).map(|name| scope.spawn(move || write(ledger, clock, seed, name))).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    let newest = ledger.register().revision();
    let states: Vec<State> =
        (0..=newest).map(|revision| State::of(&ledger.register_at(revision).unwrap().unwrap())).collect();
    assert_eq!(states[0], State::default());
    all.iter().for_each(|told| check(told, &states));
    // Revisions without gap, each of one request; a repeated request has the one of the first.
    let committed = |told: &&Told| told.report.status == Status::Committed;
    let mut made: Vec<&Told> = all.iter().filter(committed).filter(|told| !told.report.replayed).collect();
    made.sort_by_key(|told| told.report.revision);
    assert!(made.iter().map(|told| told.report.revision).eq(1..=newest));
    // Who was answered before another sent stands before it in the order.
    let mut first_answered = u64::MAX;
    for told in made.iter().rev() {
        first_answered = first_answered.min(told.answered);
        assert!(told.sent < first_answered, "{told:?} stands before one that was answered before it was sent");
    }
    drop(ledger);
    let again = Ledger::open(folder.path()).unwrap();
    assert_eq!(State::of(&again.register()), states[states.len() - 1]);
    let replayed = all.iter().filter(|told| told.report.replayed).count();
    let refused = all.iter().filter(|told| told.report.status == Status::Rejected).count();
    assert!(newest > 20 && replayed > 0 && refused > 0, "{newest} {replayed} {refused}: this proves little");
}

#[test]
fn all_that_was_told_fits_into_one_order() {
    let rounds = if std::env::var_os("BOORDTABEL_LONG").is_some() { 400 } else { 4 };
    (0..rounds).for_each(round);
}

/// Whoever looks, or is looked at, holds nobody up: however long it takes, others commit meanwhile.
#[test]
fn nobody_waits_for_what_is_only_examined() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let name = |name: &str| Wish::Name { body: "b0".into(), name: name.into(), mode: PutMode::Upsert };
    for dry_run in [true, false] {
        let ((began, begins), (go_on, goes_on)) = (mpsc::channel(), mpsc::channel::<()>());
        let goes_on = Mutex::new(goes_on);
        let slow = submission(&Wish::Drop { plan: "p0".into() }).made(move |_| {
            began.send(()).unwrap();
            // Until the other one is done.
            assert!(goes_on.lock().unwrap().recv().is_err());
            vec![Edit::put(body("b1", &dry_run.to_string()))]
        });
        let slow = Submission { dry_run, ..slow };
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| ledger.submit(slow, 0).unwrap());
            begins.recv().unwrap();
            let report = ledger.submit(submission(&name(&format!("meanwhile {dry_run}"))), 0).unwrap();
            assert_eq!(report.status, Status::Committed);
            drop(go_on);
            let (found, base) = (looking.join().unwrap(), report.revision);
            let expected = if dry_run { (Status::WouldCommit, base - 1) } else { (Status::Committed, base) };
            assert_eq!((found.status, found.base_revision), expected);
        });
    }
    assert_eq!(ledger.register().revision(), 3);
}
