//! What every store must keep, as functions that run against any implementation: the in-memory twin
//! and PostgreSQL run the same ones.
//!
//! They make their own accounts under fresh identifiers and addresses, so that they need no empty
//! database and can run beside each other on one. Each needs at most three connections at a time.
//! A promise that somebody has to wait is tested by asking and seeing no answer for a tenth of a
//! second: longer would only make the tests slower, and a store that does not lock answers at once.
//!
//! Deliberately absent: that facts are kept (no port reads the outbox; each adapter tests it with
//! its own means) and everything that only one implementation can do.

mod accounts;
mod announcements;
mod locks;
mod scene;
mod sessions;
mod units;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use ports::identity::{AccountQueries, SessionQueries};
use ports::store::Store;

/// The store that is to keep the contract.
#[derive(Clone)]
pub struct Subject {
    /// Begins transactions.
    pub store: Arc<dyn Store>,
    /// Reads what they left.
    pub accounts: Arc<dyn AccountQueries>,
    /// Reads what they left.
    pub sessions: Arc<dyn SessionQueries>,
}

/// One promise.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What is promised, as a function's name.
    pub name: &'static str,
    run: fn(Subject) -> Running,
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Case {
    /// Tests the promise.
    ///
    /// # Panics
    /// When it is not kept.
    pub async fn run(self, subject: Subject) {
        (self.run)(subject).await;
    }
}

macro_rules! cases {
    ($($module:ident { $($name:ident),+ $(,)? })+) => {
        /// Every promise.
        #[must_use]
        pub fn all_cases() -> Vec<Case> {
            vec![$($(Case {
                name: stringify!($name),
                run: |subject| Box::pin(async move { $module::$name(&subject).await }),
            }),+),+]
        }
    };
}

cases! {
    units {
        what_is_committed_is_seen_by_everybody,
        what_is_not_committed_is_seen_only_inside,
        a_rollback_leaves_nothing,
        a_drop_leaves_nothing,
        a_drop_while_waiting_frees_everything,
        dropping_many_costs_no_connection_for_good,
        a_refused_call_spoils_the_transaction,
        a_stale_save_spoils_the_transaction,
        a_spoilt_transaction_can_be_rolled_back,
        facts_of_every_kind_are_taken,
    }
    accounts {
        an_account_is_found_as_it_was_stored,
        unknown_accounts_are_not_found,
        an_address_is_unique_without_regard_to_case,
        a_taken_address_leaves_the_transaction_good,
        an_address_is_unique_within_a_transaction,
        the_second_claim_of_an_address_waits_and_loses,
        the_second_claim_of_an_address_wins_after_a_rollback,
        whoever_was_refused_an_address_holds_nobody_up,
        an_address_being_given_up_is_free_only_when_it_is,
        every_field_is_saved,
        saving_raises_the_version,
        an_account_that_is_not_there_cannot_be_saved,
        a_save_cannot_take_anothers_address,
        ones_own_address_can_be_written_differently,
        an_address_given_up_is_free,
    }
    locks {
        exclusive_locks_wait_for_each_other,
        a_shared_lock_waits_for_an_exclusive_one,
        an_exclusive_lock_waits_for_a_shared_one,
        shared_locks_do_not_wait_for_each_other,
        whoever_waited_sees_the_newest_row,
        a_rollback_frees_locks,
        a_drop_frees_locks,
        a_lock_can_be_taken_twice_by_its_holder,
        rows_are_locked_one_by_one,
        logins_are_locked_exclusively,
        questions_do_not_wait_for_locks,
        a_login_can_begin_while_the_account_is_shared,
    }
    sessions {
        a_login_is_found_by_its_token,
        unknown_logins_are_not_found,
        every_token_of_a_chain_stays_known,
        finding_a_token_takes_no_lock,
        an_ended_login_is_not_live,
        times_may_go_back_a_little,
        a_login_that_is_not_there_cannot_be_saved,
        a_token_is_unique,
        ending_all_spares_one,
        ending_all_ends_only_live_ones_of_that_person,
        ending_all_ends_what_began_in_the_same_transaction,
        ending_all_waits_for_a_login_being_ended,
        ending_all_sees_a_login_that_began_before_the_lock_came,
    }
    announcements {
        an_end_is_announced_to_those_who_read_on,
        every_login_ended_at_once_is_announced,
        a_rollback_announces_nothing,
        a_late_commit_is_not_missed,
        a_reader_without_a_cursor_gets_the_recent_ones,
        old_announcements_are_forgotten,
    }
}

/// Tests all promises one after the other and names those that are not kept.
///
/// # Panics
/// When there are any. The reasons are on standard error, as each panic said it.
pub async fn run_all(subject: &Subject) {
    let mut broken = Vec::new();
    for case in all_cases() {
        // A task of its own, so that one broken promise does not hide the others.
        if tokio::spawn(case.run(subject.clone())).await.is_err() {
            broken.push(case.name);
        }
    }
    assert!(broken.is_empty(), "broken promises: {broken:#?}");
}
