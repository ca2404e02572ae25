//! What a piece of work may take: until when, and whether anybody still waits for it.
//!
//! Every loop over records, groups, commits or words calls [`step`]. Where the time is over, or nobody waits any more, the work ends
//! there: it unwinds to [`Work::run`], which says why. So functions that compute need no second way out, none can forget to pass it
//! on, and a step costs a nanosecond. A step stands for about 20 nanoseconds of work, so what is more takes several. Work that ends so must have nothing half done: what writes runs [`undisturbed`].

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// After so many steps the clock is looked at: some ten thousand records.
const BETWEEN_LOOKS: u64 = 1 << 13;
/// The same where a thread gives way: others wait for no longer than these take.
const BETWEEN_TURNS: u64 = 1 << 9;

/// A piece of work, as its makers and those who wait for it see it.
#[derive(Clone, Debug, Default)]
pub struct Work(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    deadline: Option<Instant>,
    /// How many steps it may take.
    most: Option<u64>,
    overrun: AtomicBool,
    given_up: Arc<AtomicBool>,
    steps: AtomicU64,
}

/// Why work ended before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Its time is over, since so long.
    Late(Duration),
    /// Nobody waits for it any more.
    GivenUp,
    /// It is more work than it may be.
    TooMuch,
}

/// Gives work up when it is dropped: held by whoever waits.
#[derive(Debug)]
pub struct Waiting(Work);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.given_up.store(true, Ordering::Relaxed);
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Work>> = const { RefCell::new(None) };
    static BETWEEN: Cell<u64> = const { Cell::new(BETWEEN_LOOKS) };
    static LEFT: Cell<u64> = const { Cell::new(BETWEEN_LOOKS) };
}

/// Puts the work back that this thread did before, when it is dropped.
#[must_use = "the work is put back when this is dropped"]
#[derive(Debug)]
pub struct Resumed(Option<Work>);

impl Drop for Resumed {
    fn drop(&mut self) {
        count_up();
        CURRENT.with(|current| current.replace(self.0.take()));
    }
}

/// Adds the steps since the last look to those of the current work.
fn count_up() {
    let between = BETWEEN.get();
    let done = between - LEFT.replace(between);
    CURRENT.with_borrow(|current| {
        if let Some(Work(inner)) = current {
            inner.steps.fetch_add(done, Ordering::Relaxed);
        }
    });
}

fn begin(work: Option<Work>) -> Resumed {
    count_up();
    Resumed(CURRENT.with(|current| current.replace(work)))
}

impl Work {
    /// Work that is to be done within that time.
    pub fn within(time: Duration) -> Self {
        Self(Arc::new(Inner { deadline: Instant::now().checked_add(time), ..Inner::default() }))
    }

    /// The same, as long as it takes no more than so many steps, and waits for nothing that others make.
    pub fn quick(&self, most: u64) -> Self {
        let given_up = Arc::clone(&self.0.given_up);
        Self(Arc::new(Inner { deadline: self.0.deadline, most: Some(most), given_up, ..Inner::default() }))
    }

    /// Whether it ended because it was more work than it may be.
    pub fn was_too_much(&self) -> bool {
        self.0.overrun.load(Ordering::Relaxed)
    }

    /// The same that nobody can give up.
    pub fn insisting(&self) -> Self {
        Self(Arc::new(Inner { deadline: self.0.deadline, ..Inner::default() }))
    }

    /// More of the same, that is to be done within that time, and given up with it.
    pub fn lasting(&self, time: Duration) -> Self {
        let given_up = Arc::clone(&self.0.given_up);
        Self(Arc::new(Inner { deadline: Instant::now().checked_add(time), given_up, ..Inner::default() }))
    }

    /// What gives it up when it is dropped.
    pub fn waiting(&self) -> Waiting {
        Waiting(self.clone())
    }

    /// When it is to be done.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// How many steps it took so far.
    pub fn steps(&self) -> u64 {
        self.0.steps.load(Ordering::Relaxed)
    }

    /// Whether it should end, and why.
    pub fn stopped(&self) -> Option<Stopped> {
        if self.0.given_up.load(Ordering::Relaxed) {
            return Some(Stopped::GivenUp);
        }
        if self.0.most.is_some_and(|most| self.steps() > most) {
            return Some(Stopped::TooMuch);
        }
        let late = Instant::now().checked_duration_since(self.0.deadline?)?;
        Some(Stopped::Late(late))
    }

    /// Does it on this thread.
    ///
    /// # Errors
    /// When it ended before it was done.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Stopped> {
        let resumed = begin(Some(self.clone()));
        let done = catch_unwind(AssertUnwindSafe(work));
        drop(resumed);
        done.map_err(|cause| match cause.downcast::<Stopped>() {
            Ok(stopped) => *stopped,
            Err(fault) => resume_unwind(fault),
        })
    }
}

/// One more record, group, commit or word was looked at; or so many. Ends the work of this thread where that should end.
#[inline]
pub fn step(count: u64) {
    let left = LEFT.get();
    if count < left { LEFT.set(left - count) } else { look(count) }
}

/// Looks at once whether the work should end: before something that is long and cannot be interrupted.
pub fn look_now() {
    look(0);
}

/// From now on this thread offers its processor to others whenever it looks, which is often. A system may leave whoever came later
/// waiting until its next tick, several milliseconds, although the one that runs has the lower priority.
pub fn give_way() {
    count_up();
    BETWEEN.set(BETWEEN_TURNS);
    LEFT.set(BETWEEN_TURNS);
}

#[cold]
fn look(count: u64) {
    count_up();
    if BETWEEN.get() == BETWEEN_TURNS {
        std::thread::yield_now();
    }
    let stopped = CURRENT.with_borrow(|current| {
        let work = current.as_ref()?;
        work.0.steps.fetch_add(count, Ordering::Relaxed);
        work.stopped()
    });
    if let Some(stopped) = stopped {
        stop(stopped);
    }
}

fn stop(stopped: Stopped) {
    if std::thread::panicking() {
        return;
    }
    if stopped == Stopped::TooMuch {
        CURRENT.with_borrow(|current| {
            current.iter().for_each(|work| work.0.overrun.store(true, Ordering::Relaxed));
        });
    }
    resume_unwind(Box::new(stopped));
}

/// Something comes that takes long, or that somebody else may be making: quick work does not begin it, nor wait for it.
pub fn long() {
    if is_quick() {
        stop(Stopped::TooMuch);
    }
}

/// Whether the work of this thread is to be quick.
pub fn is_quick() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(|work| work.0.most.is_some()))
}

/// The work of this thread, for those who wait for another on its behalf.
pub fn current() -> Option<Work> {
    CURRENT.with_borrow(Clone::clone)
}

/// What is done until this is dropped does not end half done: a write, or something that others wait for too.
pub fn undisturbed() -> Resumed {
    begin(None)
}

/// Does something that may have a fault, and tells whether it had. Work that ends is no fault, and goes on ending.
///
/// # Errors
/// With the panic.
pub fn try_out<T>(work: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|cause| {
        if cause.is::<Stopped>() {
            resume_unwind(cause);
        }
        cause
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endless() {
        loop {
            step(1);
        }
    }

    #[test]
    fn work_ends_when_its_time_is_over_or_nobody_waits() {
        assert!(matches!(Work::within(Duration::ZERO).run(endless), Err(Stopped::Late(_))));
        let work = Work::within(Duration::from_secs(3_600));
        let waiting = work.waiting();
        let worker = std::thread::spawn({
            let work = work.clone();
            move || work.run(endless)
        });
        drop(waiting);
        assert_eq!(worker.join().unwrap(), Err(Stopped::GivenUp));
        assert!(work.steps() >= BETWEEN_LOOKS);
    }

    #[test]
    fn steps_are_counted_for_the_work_that_made_them() {
        let (outer, inner) = (Work::default(), Work::default());
        step(5);
        let done = outer.run(|| {
            step(3);
            inner.run(|| step(BETWEEN_LOOKS * 2 + 7)).unwrap();
            let own = undisturbed();
            step(1_000);
            drop(own);
            step(4);
        });
        assert_eq!((done, outer.steps(), inner.steps()), (Ok(()), 7, BETWEEN_LOOKS * 2 + 7));
        assert!(current().is_none());
    }

    #[test]
    fn quick_work_ends_when_it_is_too_much() {
        let work = Work::within(Duration::from_secs(3_600));
        let quick = work.quick(BETWEEN_LOOKS * 3);
        assert_eq!((quick.run(|| step(BETWEEN_LOOKS)), quick.was_too_much()), (Ok(()), false));
        assert_eq!((quick.run(endless), quick.was_too_much()), (Err(Stopped::TooMuch), true));
        assert_eq!(work.quick(1 << 20).run(long), Err(Stopped::TooMuch));
        assert_eq!(work.run(long), Ok(()));
        long();
    }

    #[test]
    fn where_a_thread_gives_way_the_steps_are_counted_all_the_same() {
        let work = Work::default();
        let giving_way = std::thread::spawn({
            let work = work.clone();
            move || {
                step(3);
                give_way();
                work.run(|| {
                    step(BETWEEN_TURNS - 1);
                    step(1);
                    step(BETWEEN_TURNS * 3 + 5);
                })
            }
        });
        assert_eq!((giving_way.join().unwrap(), work.steps()), (Ok(()), BETWEEN_TURNS * 4 + 5));
    }

    #[test]
    fn what_writes_is_not_ended() {
        let late = Work::within(Duration::ZERO);
        let done = late.run(|| {
            let writing = undisturbed();
            look_now();
            step(BETWEEN_LOOKS * 3);
            drop(writing);
            look_now();
        });
        assert!(matches!(done, Err(Stopped::Late(_))));
    }

    #[test]
    fn a_fault_is_no_end_and_an_end_is_no_fault() {
        let fault = try_out(|| std::panic::panic_any("fault")).unwrap_err();
        assert_eq!(fault.downcast_ref(), Some(&"fault"));
        let ended = Work::within(Duration::ZERO).run(|| try_out(endless).is_err());
        assert!(matches!(ended, Err(Stopped::Late(_))));
        let outer = std::panic::catch_unwind(|| Work::default().run(|| std::panic::panic_any("fault")));
        assert!(outer.is_err());
    }
}
