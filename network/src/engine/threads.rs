//! Work on one operation that is shared between threads.
//!
//! A network has a hundred operations of some ten microseconds each. Handing every one of them to
//! rayon costs as much as the second thread saves, so helpers join once for a whole pass and wait
//! for work in a loop. Nobody waits for a helper: parts are taken by whoever comes first, and a
//! thread pool that is busy with other things only means that the caller does all of them.
//!
//! Every member begins with its own share of the parts, the same stretch of the picture in every
//! operation: what it reads is then mostly what it wrote, and still in its cache.
#![expect(unsafe_code, reason = "work is lent to threads that may look for it longer than it lives")]

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::thread::yield_now;

use super::lanes::Instructions;

/// How a program runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// What the kernels are compiled for.
    pub(super) instructions: Instructions,
    /// The threads that share the work on each operation; none for only this one.
    pub(super) team: Option<&'a Team>,
}

impl Run<'_> {
    /// Does `work(0)` to `work(count - 1)`, on several threads if that is worth it. The parts must
    /// not depend on the number of threads: then neither does the result.
    pub(super) fn share(&self, count: usize, worth: bool, work: &(dyn Fn(usize) + Sync)) {
        match self.team {
            Some(team) if worth && count > 1 && count <= MOST => team.share(count, work),
            _ => (0..count).for_each(work),
        }
    }
}

/// Most parts of a piece of work: their numbers have 16 bits.
const MOST: usize = u16::MAX as usize;

/// How often a waiting thread looks before it lets others have the processor.
const PATIENCE: usize = 4000;

type Work<'a> = &'a (dyn Fn(usize) + Sync);

/// A number that has a cache line to itself.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Ticket(AtomicU64);

/// A caller and its helpers.
#[derive(Debug)]
pub(super) struct Team {
    /// The share of each member: number of the work (32 bits), end of the share, and the next part
    /// that nobody has taken (16 each).
    tickets: Vec<Ticket>,
    /// The caller's `Work` on its stack.
    work: AtomicPtr<Work<'static>>,
    /// Parts that are finished.
    done: AtomicUsize,
    closed: AtomicBool,
}

impl Team {
    /// Runs `body` on this thread while up to `threads - 1` others of the rayon pool help.
    pub(super) fn gather(threads: usize, body: impl FnOnce(&Team) + Send) {
        let team = Team {
            tickets: (0..threads).map(|_| Ticket::default()).collect(),
            work: AtomicPtr::default(),
            done: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        };
        let team = &team;
        rayon::in_place_scope(|scope| {
            for member in 1..threads {
                scope.spawn(move |_| team.help(member));
            }
            // Closes also when the body panics: the scope waits for the helpers.
            let closing = Closing(team);
            body(team);
            drop(closing);
        });
    }

    fn share(&self, count: usize, work: Work<'_>) {
        // SAFETY: the work is called only by who has taken a part, and this function does not
        // return before all parts that were taken are finished, nor unwind: `waiting` waits too. It is a
        // shared borrow of something `Sync`, which any number of threads may hold; what they write through
        // it is up to the work, whose parts are disjoint.
        let mut lent = unsafe { std::mem::transmute::<Work<'_>, Work<'static>>(work) };
        self.work.store(&raw mut lent, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        let waiting = Waiting { team: self, count };
        let members = self.tickets.len();
        for (member, ticket) in self.tickets.iter().enumerate() {
            let number = (ticket.0.load(Ordering::Relaxed) >> 32).wrapping_add(1);
            let [next, end] = [member, member + 1].map(|m| (count * m / members) as u64);
            ticket.0.store(number << 32 | end << 16 | next, Ordering::Release);
        }
        self.take_all(0);
        drop(waiting);
    }

    /// Does parts until none is left, first those of the member's own share; whether there were any.
    fn take_all(&self, member: usize) -> bool {
        let members = self.tickets.len();
        let mut any = false;
        for step in 0..members {
            while self.take_part(&self.tickets[(member + step) % members]) {
                any = true;
            }
        }
        any
    }

    /// Takes a part of a share and does it; whether there was one.
    fn take_part(&self, Ticket(ticket): &Ticket) -> bool {
        let seen = ticket.load(Ordering::Acquire);
        let (end, part) = (seen >> 16 & 0xffff, seen & 0xffff);
        if part >= end {
            return false;
        }
        let take = ticket.compare_exchange(seen, seen + 1, Ordering::AcqRel, Ordering::Relaxed);
        if take.is_ok() {
            let _finished = Finished(&self.done);
            // SAFETY: whoever took a part of this ticket finds its work: the caller waits for the
            // part to be finished before it takes the work away. After `lent` was shared nobody writes to it,
            // so that copies of it may be made on all threads; the ticket was released after that.
            let work = unsafe { *self.work.load(Ordering::Relaxed) };
            work(part as usize);
        }
        true
    }

    fn help(&self, member: usize) {
        let mut looked = 0;
        while !self.closed.load(Ordering::Acquire) {
            if self.take_all(member) {
                looked = 0;
            } else {
                wait(&mut looked);
            }
        }
    }
}

fn wait(looked: &mut usize) {
    *looked += 1;
    if looked.is_multiple_of(PATIENCE) {
        yield_now();
    } else {
        spin_loop();
    }
}

/// Counts a part as finished, also when it panics.
struct Finished<'a>(&'a AtomicUsize);

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// Waits for all parts, also when the caller's own panics; parts that nobody took are dropped then.
struct Waiting<'a> {
    team: &'a Team,
    count: usize,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let left = |Ticket(ticket): &Ticket| {
            let seen = ticket.fetch_or(0xffff, Ordering::AcqRel);
            (seen >> 16 & 0xffff).saturating_sub(seen & 0xffff) as usize
        };
        let taken = self.count - self.team.tickets.iter().map(left).sum::<usize>();
        let mut looked = 0;
        while self.team.done.load(Ordering::Acquire) < taken {
            wait(&mut looked);
        }
    }
}

/// Sends the helpers away.
struct Closing<'a>(&'a Team);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_part_is_done_once_for_every_piece_of_work() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let counts: Vec<AtomicUsize> = (0..17).map(|_| AtomicUsize::new(0)).collect();
        pool.install(|| {
            Team::gather(3, |team| {
                for _ in 0..2000 {
                    team.share(17, &|part| {
                        counts[part].fetch_add(1, Ordering::Relaxed);
                    });
                }
            });
        });
        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 2000));
    }

    #[test]
    fn a_busy_pool_leaves_the_work_to_the_caller() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let count = AtomicUsize::new(0);
        pool.install(|| {
            Team::gather(4, |team| {
                team.share(5, &|_| {
                    count.fetch_add(1, Ordering::Relaxed);
                });
            });
        });
        assert_eq!(count.into_inner(), 5);
    }

    #[test]
    #[should_panic(expected = "part 3")]
    fn a_panic_in_a_part_reaches_the_caller() {
        Team::gather(1, |team| team.share(5, &|part| assert!(part != 3, "part 3")));
    }
}
