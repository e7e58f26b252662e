//! Row locks, held until the end of a transaction.
//!
//! As in PostgreSQL: a shared lock lets other shared ones in and keeps exclusive ones out, a
//! transaction never waits for itself, and whoever closes a circle of waiters is refused at once
//! (40P01) instead of waiting for ever. Unlike there, waiters do not queue: whoever looks first after
//! a release gets in.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::contracts::ProposalKind;
use domain::ids::{
    BidId, ChargebackId, ChatId, ContractId, DepositId, DisputeId, FileId, JobId, MilestoneNumber, OrderId,
    ProposalId, SessionId, UserId, WithdrawalId,
};
use domain::money::{Account, Currency, Source};
use ports::identity::Lock;
use tokio::sync::{Notify, watch};

/// A transaction, as the holder of locks.
pub(crate) type Holder = u64;

/// What can be locked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Row {
    User(UserId),
    /// Held by whoever makes the first administrator: an advisory lock.
    Administrators,
    Session(SessionId),
    /// The entry of an address in the unique index, by its key.
    Email(String),
    /// The balance row of an account.
    Balance(Account, Currency),
    /// The entry of a movement's source in the unique index.
    Source(Source),
    Deposit(DepositId),
    Withdrawal(WithdrawalId),
    Chargeback(ChargebackId),
    Profile(UserId),
    Figures(UserId),
    Order(OrderId),
    Invitation(OrderId, UserId),
    Bid(BidId),
    /// The entry of a provider's live bid on an order in the unique index.
    LiveBid(OrderId, UserId),
    Contract(ContractId),
    Proposal(ProposalId),
    Dispute(DisputeId),
    /// The entry of an open proposal in the unique index.
    OpenProposal(ContractId, ProposalKind, Option<MilestoneNumber>),
    /// The entry of somebody's review of an order in the unique index.
    Review(OrderId, UserId),
    Job(JobId),
    /// How far a schedule has come.
    Schedule(String),
    Chat(ChatId),
    /// The entry of two people's chat about an order in the unique index.
    ChatBetween(OrderId, UserId, UserId),
    File(FileId),
    /// The entry of a file in the unique index of what is attached.
    Attachment(FileId),
    /// The entry of a person's avatar in the unique index.
    Avatar(UserId),
    /// The counts of somebody's notifications.
    Notifications(UserId),
    /// The entry of a person in the unique index of active holds.
    PayoutHold(UserId),
    /// How a person names a request: an advisory lock, for which nobody waits.
    RequestKey(UserId, String),
}

/// How a lock was got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acquired {
    Newly,
    HeldAlready,
}

/// Waiting for this lock would close a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadlock;

#[derive(Debug)]
pub(crate) struct Locks {
    table: Mutex<Table>,
    freed: Notify,
    waiting: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Table {
    held: HashMap<Row, HashMap<Holder, Lock>>,
    wanted: HashMap<Holder, (Row, Lock)>,
}

impl Default for Locks {
    fn default() -> Self {
        Self { table: Mutex::default(), freed: Notify::new(), waiting: watch::Sender::new(0) }
    }
}

impl Locks {
    /// Waits for a lock.
    pub(crate) async fn acquire(&self, holder: Holder, row: Row, mode: Lock) -> Result<Acquired, Deadlock> {
        let mut wait = None;
        loop {
            let mut freed = pin!(self.freed.notified());
            // Enlisted before looking, so that no release in between is missed.
            freed.as_mut().enable();
            {
                let mut table = self.table();
                if let Some(acquired) = table.try_acquire(holder, &row, mode) {
                    return Ok(acquired);
                }
                table.wanted.insert(holder, (row.clone(), mode));
                if table.is_waiting_for_itself(holder) {
                    table.wanted.remove(&holder);
                    return Err(Deadlock);
                }
            }
            wait.get_or_insert_with(|| Wait::new(self, holder));
            freed.await;
        }
    }

    /// Takes a lock if nobody is in the way; says whether it did.
    pub(crate) fn try_acquire(&self, holder: Holder, row: &Row, mode: Lock) -> bool {
        self.table().try_acquire(holder, row, mode).is_some()
    }

    /// Gives one lock back before the end.
    pub(crate) fn release(&self, holder: Holder, row: &Row) {
        let mut table = self.table();
        if let Some(holders) = table.held.get_mut(row) {
            holders.remove(&holder);
        }
        drop(table);
        self.freed.notify_waiters();
    }

    /// Gives all locks of a transaction back.
    pub(crate) fn release_all(&self, holder: Holder) {
        let mut table = self.table();
        table.held.retain(|_, holders| {
            holders.remove(&holder);
            !holders.is_empty()
        });
        drop(table);
        self.freed.notify_waiters();
    }

    /// Waits until at least `count` transactions wait for a lock.
    pub(crate) async fn until_waiting(&self, count: usize) {
        let mut waiting = self.waiting.subscribe();
        waiting.wait_for(|now| *now >= count).await.expect("the sender lives as long as self");
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn try_acquire(&mut self, holder: Holder, row: &Row, mode: Lock) -> Option<Acquired> {
        if self.blockers(holder, row, mode).next().is_some() {
            return None;
        }
        let holders = self.held.entry(row.clone()).or_default();
        Some(match (holders.get(&holder), mode) {
            (Some(Lock::Exclusive), _) | (Some(Lock::Shared), Lock::Shared) => Acquired::HeldAlready,
            (Some(Lock::Shared), Lock::Exclusive) => {
                holders.insert(holder, Lock::Exclusive);
                Acquired::HeldAlready
            }
            (None, _) => {
                holders.insert(holder, mode);
                Acquired::Newly
            }
        })
    }

    /// Who else holds the row in a way that keeps `holder` from having it.
    fn blockers(&self, holder: Holder, row: &Row, mode: Lock) -> impl Iterator<Item = Holder> {
        let holders = self.held.get(row).into_iter().flatten();
        holders
            .filter(move |(other, held)| {
                **other != holder && (mode == Lock::Exclusive || **held == Lock::Exclusive)
            })
            .map(|(other, _)| *other)
    }

    fn is_waiting_for_itself(&self, holder: Holder) -> bool {
        let (mut seen, mut open) = (HashSet::new(), vec![holder]);
        while let Some(waiter) = open.pop() {
            let Some((row, mode)) = self.wanted.get(&waiter) else { continue };
            for blocker in self.blockers(waiter, row, *mode) {
                if blocker == holder {
                    return true;
                }
                if seen.insert(blocker) {
                    open.push(blocker);
                }
            }
        }
        false
    }
}

/// A place among the waiters, given up when the lock has come or nobody waits for it any more.
struct Wait<'a> {
    locks: &'a Locks,
    holder: Holder,
}

impl<'a> Wait<'a> {
    fn new(locks: &'a Locks, holder: Holder) -> Self {
        locks.waiting.send_modify(|count| *count += 1);
        Self { locks, holder }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.locks.table().wanted.remove(&self.holder);
        self.locks.waiting.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    use uuid::Uuid;

    use super::*;

    fn row(n: u128) -> Row {
        Row::User(UserId::new(Uuid::from_u128(n)))
    }

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn who_gets_in_beside_whom() {
        use Lock::{Exclusive, Shared};
        for (first, second, gets_in) in [
            (Shared, Shared, true),
            (Shared, Exclusive, false),
            (Exclusive, Shared, false),
            (Exclusive, Exclusive, false),
        ] {
            let locks = Locks::default();
            assert_eq!(poll(pin!(locks.acquire(1, row(1), first))), Poll::Ready(Ok(Acquired::Newly)));
            let mut other = pin!(locks.acquire(2, row(1), second));
            assert_eq!(poll(other.as_mut()).is_ready(), gets_in, "{first:?} {second:?}");
            assert_eq!(*locks.waiting.borrow(), usize::from(!gets_in));
            if !gets_in {
                locks.release_all(1);
                assert_eq!(poll(other), Poll::Ready(Ok(Acquired::Newly)));
                assert_eq!(*locks.waiting.borrow(), 0);
            }
        }
    }

    #[test]
    fn nobody_waits_for_themselves() {
        let locks = Locks::default();
        for mode in [Lock::Shared, Lock::Exclusive, Lock::Shared] {
            assert!(poll(pin!(locks.acquire(1, row(1), mode))).is_ready());
        }
        assert!(poll(pin!(locks.acquire(2, row(1), Lock::Shared))).is_pending(), "it stays exclusive");
    }

    #[test]
    fn whoever_closes_a_circle_is_refused() {
        let locks = Locks::default();
        for n in 1..=3 {
            assert!(poll(pin!(locks.acquire(n, row(u128::from(n)), Lock::Exclusive))).is_ready());
        }
        let (mut one, mut two) =
            (pin!(locks.acquire(1, row(2), Lock::Shared)), pin!(locks.acquire(2, row(3), Lock::Exclusive)));
        assert!(poll(one.as_mut()).is_pending());
        assert!(poll(two.as_mut()).is_pending());
        assert_eq!(poll(pin!(locks.acquire(3, row(1), Lock::Shared))), Poll::Ready(Err(Deadlock)));
        locks.release_all(3);
        assert!(poll(two).is_ready(), "the others go on");
    }

    #[test]
    fn two_who_share_and_both_want_more_collide() {
        let locks = Locks::default();
        for n in 1..=2 {
            assert!(poll(pin!(locks.acquire(n, row(1), Lock::Shared))).is_ready());
        }
        let mut one = pin!(locks.acquire(1, row(1), Lock::Exclusive));
        assert!(poll(one.as_mut()).is_pending());
        assert_eq!(poll(pin!(locks.acquire(2, row(1), Lock::Exclusive))), Poll::Ready(Err(Deadlock)));
    }

    #[test]
    fn whoever_gives_up_waiting_is_no_waiter() {
        let locks = Locks::default();
        assert!(poll(pin!(locks.acquire(1, row(1), Lock::Exclusive))).is_ready());
        {
            let mut other = pin!(locks.acquire(2, row(1), Lock::Exclusive));
            assert!(poll(other.as_mut()).is_pending());
            assert_eq!(*locks.waiting.borrow(), 1);
        }
        assert_eq!(*locks.waiting.borrow(), 0);
        assert!(locks.table().wanted.is_empty());
    }
}
