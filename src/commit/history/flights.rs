//! What is made once for all who wait for it, and a few things at a time.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::work;

/// So often somebody who waits looks whether his own time is over.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The things that are being made.
pub struct Flights<K> {
    made: Mutex<HashSet<K>>,
    done: Condvar,
    at_once: usize,
}

/// The turn of the one who makes a thing; whether it is made or not, another's comes when this is dropped.
pub struct Turn<'f, K: Hash + Eq> {
    flights: &'f Flights<K>,
    key: K,
}

impl<K: Hash + Eq + Clone> Flights<K> {
    /// Nothing is being made; so many things may be at once.
    pub fn new(at_once: usize) -> Self {
        Self { made: Mutex::default(), done: Condvar::new(), at_once }
    }

    /// What is found, or else made by the one who comes first. Who waits for it finds it then, or makes it himself when that one
    /// could not: his time was over.
    pub fn once<T, E>(
        &self,
        key: &K,
        find: impl Fn() -> Option<T>,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        loop {
            if let Some(found) = find() {
                return Ok(found);
            }
            work::long();
            match self.turn(key) {
                // It may have been made between the look and the turn.
                Some(_turn) => return find().map_or_else(make, Ok),
                None => work::look_now(),
            }
        }
    }

    /// The turn to make a thing; none when somebody else had it, or too many were at it, until now.
    fn turn(&self, key: &K) -> Option<Turn<'_, K>> {
        let mut made = self.lock();
        if made.len() < self.at_once && made.insert(key.clone()) {
            return Some(Turn { flights: self, key: key.clone() });
        }
        drop(self.done.wait_timeout(made, LOOK_EVERY));
        None
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<K>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq> Drop for Turn<'_, K> {
    fn drop(&mut self) {
        self.flights.made.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.flights.done.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Barrier, OnceLock};

    use super::*;
    use crate::work::{Stopped, Work, step};

    #[test]
    fn one_makes_it_for_all() {
        let (flights, made, found) = (Flights::new(2), AtomicUsize::new(0), OnceLock::new());
        let begin = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    begin.wait();
                    let make = || {
                        made.fetch_add(1, Ordering::Relaxed);
                        Ok::<u32, ()>(*found.get_or_init(|| 7))
                    };
                    assert_eq!(flights.once(&1, || found.get().copied(), make), Ok(7));
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }

    #[test]
    fn whoever_waits_takes_over_or_ends_when_his_time_is_over() {
        let flights = Flights::new(1);
        let begun = Barrier::new(2);
        std::thread::scope(|scope| {
            let work = Work::default();
            let waiting = work.waiting();
            let (flights, begun) = (&flights, &begun);
            let maker = scope.spawn(move || {
                work.run(|| {
                    let make = || -> Result<i32, ()> {
                        begun.wait();
                        loop {
                            step(1);
                        }
                    };
                    flights.once(&1, || None, make).unwrap_or(0)
                })
            });
            begun.wait();
            for key in [1, 2] {
                let late = Work::within(Duration::ZERO).run(|| flights.once(&key, || None, || Ok::<_, ()>(1)));
                assert!(matches!(late, Err(Stopped::Late(_))), "{key}");
            }
            drop(waiting);
            assert_eq!(maker.join().unwrap(), Err(Stopped::GivenUp));
            assert_eq!(flights.once(&1, || None, || Ok::<_, ()>(2)), Ok(2));
        });
    }
}
