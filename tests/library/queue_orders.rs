//! The queue of the commit path under a model checker: the same file, compiled with locks that try orders of threads which a
//! machine seldom shows. `BOORDTABEL_LONG=1` tries a hundred times as many.

#[path = "../../src/commit/writer/queue.rs"]
mod queue;

mod sync {
    pub use shuttle::sync::{Condvar, Mutex, MutexGuard};
    pub use std::sync::PoisonError;
}

use std::collections::BTreeMap;
use std::sync::Arc;

use self::queue::{Queue, Turns};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::{Mutex, mpsc};
use shuttle::thread;

const KEYS: u8 = 2;
const WRITERS: usize = 3;
const WRITES: usize = 3;

/// Sets a key to a value, if it still has the value that was seen.
struct Job {
    key: u8,
    seen: u32,
    value: u32,
    large: bool,
    answer: mpsc::Sender<Answer>,
}

#[derive(Clone, Debug, PartialEq)]
enum Answer {
    Written { revision: usize },
    Moved { head: usize },
    Stopped,
}

/// What everybody sees: all writes in order. Its length is the revision.
type Published = Arc<Mutex<Vec<(u8, u32)>>>;

fn value_of(log: &[(u8, u32)], key: u8) -> u32 {
    log.iter().rev().find(|(of, _)| *of == key).map_or(0, |(_, value)| *value)
}

struct Disk {
    published: Published,
    /// Published and staged.
    head: Vec<(u8, u32)>,
    durable: usize,
    /// The sync that fails, if any.
    fails_at: usize,
    syncs: usize,
    stopped: bool,
}

impl Turns for Disk {
    type Job = Job;
    type Staged = (Answer, (u8, u32), mpsc::Sender<Answer>);

    fn stage(&mut self, job: Job) -> Self::Staged {
        let Job { key, seen, value, answer, .. } = job;
        let outcome = if self.stopped {
            Answer::Stopped
        } else if value_of(&self.head, key) != seen {
            Answer::Moved { head: self.head.len() }
        } else {
            self.head.push((key, value));
            Answer::Written { revision: self.head.len() }
        };
        (outcome, (key, value), answer)
    }

    fn has_room(&self, staged: &[Self::Staged]) -> bool {
        staged.len() < queue::GROUP_MAX
    }

    fn is_large(&self, job: &Job) -> bool {
        job.large
    }

    fn sync(&mut self, group: &mut [Self::Staged]) {
        self.syncs += 1;
        if self.syncs == self.fails_at {
            self.stopped = true;
        }
        if self.stopped {
            group.iter_mut().for_each(|staged| staged.0 = Answer::Stopped);
        } else {
            self.durable = self.head.len();
        }
    }

    fn settle(&mut self, (outcome, write, answer): Self::Staged) {
        match outcome {
            Answer::Written { revision } => {
                assert!(revision <= self.durable, "told before it was durable");
                let mut published = self.published.lock().unwrap();
                published.push(write);
                assert_eq!(published.len(), revision, "published out of order");
            }
            Answer::Moved { head } => assert!(head <= self.durable, "told of what was never durable"),
            Answer::Stopped => {}
        }
        // Who waits is there still: each waits for its one answer.
        answer.send(outcome).unwrap();
    }
}

/// Writes some values, each on what it reads; gives what was acknowledged: revision, key, value before and after.
fn write(queue: &Queue<Job>, published: &Published, name: usize) -> Vec<(usize, u8, u32, u32)> {
    let mut told = Vec::new();
    for number in 0..WRITES {
        let key = thread_rng().gen_range(0..KEYS);
        let seen = value_of(&published.lock().unwrap(), key);
        let value = u32::try_from(1 + name * 100 + number).unwrap();
        let (answer, turn) = mpsc::channel();
        let large = thread_rng().gen_bool(0.3);
        if queue.push(Job { key, seen, value, large, answer }).is_err() {
            break;
        }
        match turn.recv().unwrap() {
            Answer::Written { revision } => {
                // Whoever was told sees it at once.
                assert_eq!(published.lock().unwrap()[revision - 1], (key, value));
                told.push((revision, key, seen, value));
            }
            Answer::Moved { .. } => {}
            Answer::Stopped => break,
        }
        assert!(turn.recv().is_err(), "answered twice");
    }
    told
}

fn round() {
    let published: Published = Arc::default();
    let queue = Arc::new(Queue::new());
    let fails_at = thread_rng().gen_range(1..WRITERS * WRITES * 3);
    let disk =
        Disk { published: Arc::clone(&published), head: Vec::new(), durable: 0, fails_at, syncs: 0, stopped: false };
    let (jobs, disk) = (Arc::clone(&queue), Arc::new(Mutex::new(disk)));
    let turned = Arc::clone(&disk);
    let turns = thread::spawn(move || jobs.run(|| turned.lock().unwrap()));
    let writers: Vec<_> = (0..WRITERS)
        .map(|name| {
            let (queue, published) = (Arc::clone(&queue), Arc::clone(&published));
            thread::spawn(move || write(&queue, &published, name))
        })
        .collect();
    // Sometimes it is closed while they write.
    if thread_rng().gen_bool(0.3) {
        queue.close();
    }
    let told: BTreeMap<usize, (u8, u32, u32)> = writers
        .into_iter()
        .flat_map(|writer| writer.join().unwrap())
        .map(|(revision, key, seen, value)| (revision, (key, seen, value)))
        .collect();
    queue.close();
    turns.join().unwrap();
    let stopped = disk.lock().unwrap().stopped;
    // Each revision was acknowledged once, in one order for all, and nothing else is there.
    let log = published.lock().unwrap().clone();
    assert!(stopped || told.len() == log.len());
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), (1..=log.len()).collect::<Vec<_>>());
    let mut state = BTreeMap::new();
    for (key, seen, value) in told.values() {
        assert_eq!(state.insert(*key, *value).unwrap_or_default(), *seen, "written on what was not there");
    }
}

#[test]
fn every_order_of_threads_gives_one_order_of_commits() {
    let times = if std::env::var_os("BOORDTABEL_LONG").is_some() { 100 } else { 1 };
    shuttle::check_random(round, 2_000 * times);
    shuttle::check_pct(round, 1_000 * times, 3);
}
