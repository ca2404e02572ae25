//! The queue of those who write. Each has its turn on the newest state, in the order in which they came; those who wait
//! together are made durable together, with one sync, and answered one by one after it (group commit).

use std::collections::VecDeque;
use std::ops::DerefMut;

use super::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Jobs that are made durable together at most.
pub const GROUP_MAX: usize = 256;

/// What happens at the turns.
pub trait Turns {
    /// What waits for its turn.
    type Job;
    /// What a turn came to, before it is durable.
    type Staged;

    /// Does a job on the newest state, which counts what was staged before. Nobody may be told of it yet.
    fn stage(&mut self, job: Self::Job) -> Self::Staged;
    /// Whether a job stands alone: those who came before it need not wait for it, nor it for those who came after.
    fn is_large(&self, job: &Self::Job) -> bool;
    /// Whether others may be made durable together with these.
    fn has_room(&self, staged: &[Self::Staged]) -> bool;
    /// Makes durable what is staged, or else forgets it.
    fn sync(&mut self, staged: &mut [Self::Staged]);
    /// Publishes what a turn came to, if it is durable, and answers.
    fn settle(&mut self, staged: Self::Staged);
    /// Everybody of a group is answered: does what nobody need wait for.
    fn rest(&mut self) {}
}

/// Jobs that wait for their turn.
pub struct Queue<J> {
    waiting: Mutex<Waiting<J>>,
    came: Condvar,
}

struct Waiting<J> {
    jobs: VecDeque<J>,
    closed: bool,
}

impl<J> Queue<J> {
    /// A queue that nobody waits in.
    pub fn new() -> Self {
        Self { waiting: Mutex::new(Waiting { jobs: VecDeque::new(), closed: false }), came: Condvar::new() }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<J>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits in the queue.
    ///
    /// # Errors
    /// With the job, when the queue is closed.
    pub fn push(&self, job: J) -> Result<(), J> {
        let mut waiting = self.waiting();
        if waiting.closed {
            return Err(job);
        }
        waiting.jobs.push_back(job);
        drop(waiting);
        self.came.notify_one();
        Ok(())
    }

    /// Lets nobody else in. Who waits already has a turn.
    pub fn close(&self) {
        self.waiting().closed = true;
        self.came.notify_one();
    }

    /// All jobs that wait, and waits for one; none when the queue is closed and empty.
    fn take(&self) -> Option<VecDeque<J>> {
        let mut waiting = self.waiting();
        while waiting.jobs.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        Some(std::mem::take(&mut waiting.jobs))
    }

    /// Gives everybody a turn until the queue is closed and empty. For one thread, which enters what the turns change anew for
    /// each group: others may do so in between.
    pub fn run<G: DerefMut<Target: Turns<Job = J>>>(&self, enter: impl Fn() -> G) {
        while let Some(mut jobs) = self.take() {
            while let Some(job) = jobs.pop_front() {
                let mut turns = enter();
                let is_alone = turns.is_large(&job);
                let mut group = vec![turns.stage(job)];
                while let Some(job) =
                    jobs.pop_front_if(|job| !is_alone && turns.has_room(&group) && !turns.is_large(job))
                {
                    group.push(turns.stage(job));
                }
                turns.sync(&mut group);
                group.into_iter().for_each(|staged| turns.settle(staged));
                turns.rest();
            }
        }
    }
}
