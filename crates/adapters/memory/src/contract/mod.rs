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
#![allow(
    clippy::indexing_slicing,
    reason = "these are tests; a broken premise of one should stop it at once"
)]

mod accounts;
mod announcements;
mod attachments;
mod audit;
mod available;
mod bid_lists;
mod bid_rules;
mod bids;
mod chargebacks;
mod chat_lists;
mod chat_scene;
mod chats;
mod contracts;
mod deal_scene;
mod disputes;
mod due_milestones;
mod due_orders;
mod escrow;
mod figures;
mod files;
mod idempotency;
mod invitations;
mod jobs;
mod leaderboard;
mod ledger;
mod locks;
mod market_scene;
mod money_scene;
mod notifications;
mod order_lists;
mod orders;
mod payments;
mod profiles;
mod proposals;
mod reviews;
mod scene;
mod sessions;
mod unfinished;
mod units;
mod wallets;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::event::Fact;
use domain::ids::UserId;
use ports::agreements::ProposalQueries;
use ports::audit::AuditQueries;
use ports::bidding::BidQueries;
use ports::contracts::{DueMilestones, UnfinishedBusiness};
use ports::disputes::DisputeQueries;
use ports::files::FileQueries;
use ports::identity::{AccountQueries, SessionQueries};
use ports::messaging::ChatQueries;
use ports::money::{ChargebackQueries, MoneyQueries, UnattendedPayouts};
use ports::notifications::NotificationQueries;
use ports::orders::{DueOrders, OrderQueries};
use ports::profiles::{LeaderboardQueries, ProfileQueries, RankProviders};
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
    /// Reads what they left.
    pub money: Arc<dyn MoneyQueries>,
    /// Reads what they left, as auditors do.
    pub audit: Arc<dyn AuditQueries>,
    /// Reads what they left.
    pub unattended_payouts: Arc<dyn UnattendedPayouts>,
    /// Reads what they left.
    pub chargebacks: Arc<dyn ChargebackQueries>,
    /// Reads what they left.
    pub orders: Arc<dyn OrderQueries>,
    /// Reads what they left.
    pub due_orders: Arc<dyn DueOrders>,
    /// Reads what they left.
    pub due_milestones: Arc<dyn DueMilestones>,
    /// Reads what they left.
    pub unfinished: Arc<dyn UnfinishedBusiness>,
    /// Reads what they left.
    pub bids: Arc<dyn BidQueries>,
    /// Reads what they left.
    pub chats: Arc<dyn ChatQueries>,
    /// Reads what was proposed.
    pub proposals: Arc<dyn ProposalQueries>,
    /// Reads what is disputed.
    pub disputes: Arc<dyn DisputeQueries>,
    /// Questions about files.
    pub files: Arc<dyn FileQueries>,
    /// Reads what people were told.
    pub notifications: Arc<dyn NotificationQueries>,
    /// Reads what they left.
    pub profiles: Arc<dyn ProfileQueries>,
    /// Makes rankings.
    pub ranking: Arc<dyn RankProviders>,
    /// Reads them.
    pub leaderboards: Arc<dyn LeaderboardQueries>,
}

/// Facts of every kind that there is, about these two people.
#[must_use]
pub fn facts_of_every_kind(user_id: UserId, other: UserId) -> Vec<Fact> {
    units::facts_of_every_kind(user_id, other)
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
        a_fact_has_one_identifier,
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
        who_looks_for_administrators_does_so_alone,
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
    }
    ledger {
        a_movement_changes_balances_and_totals,
        the_same_source_moves_money_once,
        a_source_being_booked_is_waited_for,
        a_source_rolled_back_is_free,
        a_replay_needs_no_money,
        nobody_is_overdrawn,
        debt_may_be_below_zero,
        balances_are_told_in_the_order_asked_for,
        balances_are_locked,
        an_account_is_locked_before_it_ever_had_money,
        opposite_orders_do_not_collide,
        accounts_that_nobody_owns_hold_nobody_up,
        accounts_without_a_balance_cannot_be_locked,
        money_belongs_to_accounts_that_are_there,
        each_posting_has_an_identifier_of_its_own,
        a_rollback_moves_nothing,
        whoever_has_or_owes_something_has_money,
    }
    wallets {
        an_unused_wallet_is_empty,
        a_wallet_is_seen_inside_before_outside,
        a_history_adds_up,
        a_history_is_cut_into_pages,
        a_history_is_filtered_by_sign,
        a_history_is_its_owners_alone,
        a_withdrawals_debit_shows_its_state,
        currencies_are_kept_apart,
    }
    payments {
        a_deposit_is_found_as_it_was_stored,
        a_withdrawal_is_found_as_it_was_stored,
        numbers_of_withdrawals_rise,
        changes_of_a_deposit_are_saved,
        changes_of_a_withdrawal_are_saved,
        what_was_agreed_stays,
        stale_deposits_and_withdrawals_are_refused,
        deposits_and_withdrawals_are_locked,
        payments_belong_to_accounts_that_are_there,
        a_withdrawal_is_shown_masked,
        withdrawals_are_listed_by_owner_and_state,
        withdrawals_are_cut_into_pages,
        withdrawals_are_found_by_state_for_the_program,
    }
    chargebacks {
        a_chargeback_is_found_as_it_was_stored,
        changes_of_a_chargeback_are_saved,
        chargebacks_are_listed_newest_first,
        debts_are_seen_and_paid,
    }
    files {
        a_file_is_found_as_it_was_stored,
        unknown_files_are_not_found,
        files_belong_to_accounts_that_are_there,
        everybody_has_one_avatar,
        a_second_avatar_waits_for_the_first,
        a_profile_says_where_its_picture_is,
        what_was_uploaded_lately_is_counted,
        stored_keys_are_known,
    }
    attachments {
        an_order_shows_its_files,
        a_submission_shows_its_files,
        a_file_is_attached_once,
        a_message_shows_its_files,
        a_file_is_of_an_order_or_of_a_message,
        what_is_attached_is_there,
        what_nobody_attached_is_taken_away,
    }
    idempotency {
        an_answer_is_given_again,
        another_request_under_the_same_key_is_told,
        keys_are_each_callers_own,
        a_key_in_use_is_told_at_once,
        a_rollback_forgets_the_answer,
        an_old_answer_gives_way,
        a_young_answer_does_not,
    }
    orders {
        an_order_is_found_as_it_was_stored,
        unknown_orders_are_not_found,
        numbers_of_orders_rise,
        what_is_wanted_can_be_changed,
        every_state_of_an_order_is_saved,
        what_was_told_of_a_deadline_is_saved_by_itself,
        what_was_posted_stays,
        stale_orders_are_refused,
        orders_are_locked,
        orders_belong_to_accounts_that_are_there,
        a_number_of_an_order_is_given_once,
        an_order_is_shown_in_full,
        the_plan_is_shown_until_the_award,
        what_the_client_wants_again_is_shown,
        an_order_that_was_called_off_shows_when,
    }
    invitations {
        an_invitation_is_found_as_it_was_stored,
        nobody_is_invited_twice,
        an_invitation_being_made_is_waited_for,
        a_no_to_an_invitation_is_saved,
        an_invitation_that_is_not_there_cannot_be_saved,
        invitations_are_locked,
        invitations_belong_to_what_is_there,
    }
    bids {
        a_bid_is_found_as_it_was_stored,
        unknown_bids_are_not_found,
        finding_a_bid_takes_no_lock,
        numbers_of_bids_rise,
        a_new_bid_is_staged,
        staging_a_bid_waits_for_the_order,
        changes_of_a_bid_are_saved,
        what_a_bid_is_stays,
        stale_bids_are_refused,
        bids_are_locked,
        bids_that_came_to_their_end_meanwhile_are_left_out,
        the_bids_that_are_wanted_are_locked,
    }
    bid_rules {
        a_second_live_bid_is_refused,
        a_bid_of_any_live_state_keeps_a_second_one_out,
        after_its_end_one_may_bid_again,
        a_second_bid_being_placed_waits_for_the_first,
        a_bid_is_over_only_when_it_is,
        only_one_bid_is_accepted,
        a_number_of_a_bid_is_given_once,
        bids_belong_to_what_is_there,
        live_bids_are_counted,
        a_history_names_every_offer,
        a_history_belongs_to_a_bid,
    }
    contracts {
        a_contract_is_found_as_it_was_made,
        the_work_on_a_contract_is_saved,
        refunds_and_disputes_are_saved,
        what_was_agreed_in_a_contract_stays,
        stale_contracts_are_refused,
        contracts_are_locked,
        only_the_contract_of_the_award_is_found,
        a_contract_belongs_to_what_is_there,
        an_order_is_under_one_contract,
        each_handing_in_is_kept_once,
        bonuses_are_kept_and_shown,
        running_contracts_keep_both_sides,
        contracts_with_money_are_found_newest_first,
    }
    disputes {
        a_dispute_is_found_as_it_was_opened,
        a_milestone_is_disputed_once,
        a_dispute_is_locked,
        offers_are_saved_with_their_dispute,
        what_a_dispute_is_about_stays,
        a_stale_dispute_is_not_saved,
        evidence_is_shown_with_its_files,
        evidence_belongs_to_what_is_there,
        a_resolution_is_saved_with_the_contract,
        disputes_are_listed,
        disputes_are_due_in_their_order,
    }
    proposals {
        a_proposal_is_found_as_it_was_made,
        one_open_proposal_of_a_kind_about_a_thing,
        a_proposal_being_made_is_waited_for,
        a_proposal_belongs_to_what_is_there,
        the_end_of_a_proposal_is_saved,
        open_proposals_are_locked,
        proposals_about_an_order_are_listed,
        proposals_expire_in_their_order,
        what_was_agreed_is_saved_with_the_contract,
        money_that_came_back_is_earned_no_more,
    }
    reviews {
        each_side_may_say_something,
        a_second_review_leaves_the_transaction_good,
        a_review_being_written_is_waited_for,
        reviews_belong_to_what_is_there,
    }
    profiles {
        a_profile_comes_with_its_account,
        every_field_of_a_profile_is_saved,
        stale_profiles_are_refused,
        profiles_are_locked,
        what_was_earned_is_shown_with_the_profile,
        others_see_a_profile_while_its_account_may_be_used,
    }
    leaderboard {
        a_ranking_is_as_the_rules_say,
        only_providers_who_may_enter_are_ranked,
        a_period_counts_what_was_completed_in_it,
        a_new_ranking_takes_the_place_of_the_old_one,
        names_are_those_of_today_and_figures_those_of_the_ranking,
    }
    figures {
        figures_begin_at_nothing_and_grow,
        nobody_has_no_figures,
        figures_never_fall_below_nothing,
        figures_are_locked_and_none_is_lost,
        figures_are_shown_beside_an_order,
        standings_are_those_of_all_accounts_there_are,
        standings_are_told_without_a_lock,
    }
    order_lists {
        orders_are_listed_by_scope_and_state,
        everybodys_orders_are_listed,
        a_tally_ignores_filters_and_pages,
        what_was_earned_is_what_was_released,
        orders_are_found_by_the_beginnings_of_their_words,
        an_order_is_found_by_its_new_words,
        a_list_of_orders_is_cut_into_pages,
        a_list_shows_what_the_detail_shows,
    }
    due_orders {
        an_order_is_due_so_long_after_its_award,
        only_pending_orders_wait_for_payment,
        due_orders_are_found_part_by_part,
        an_open_order_expires_at_its_deadline_and_each_deadline_once,
        only_open_orders_expire,
        expired_orders_are_found_part_by_part,
    }
    due_milestones {
        what_nobody_answers_is_due_for_release,
        clients_are_reminded_before_the_release,
        what_rests_is_due_when_its_time_is_over,
        due_milestones_are_found_part_by_part,
    }
    unfinished {
        what_a_client_has_open_or_unpaid_is_unfinished,
        what_a_provider_bids_or_holds_unpaid_is_unfinished,
        unfinished_business_is_found_part_by_part,
    }
    available {
        an_open_order_is_offered_in_full,
        urgency_follows_the_deadline,
        what_is_not_open_is_not_offered,
        what_one_has_bid_on_is_not_offered,
        what_one_has_no_interest_in_is_not_offered,
        invitations_are_told,
        the_field_is_compared_without_case,
        budgets_and_words_are_filtered,
        means_are_of_all_that_match,
        available_orders_are_cut_into_pages,
    }
    bid_lists {
        ones_own_bids_are_listed_by_state,
        everybodys_bids_are_listed,
        a_bid_shows_its_order_as_it_is,
        the_bids_on_an_order_are_listed_beside_their_bidders,
        lists_of_bids_are_cut_into_pages,
    }
    chats {
        a_chat_is_found_as_it_was_stored,
        the_beginning_of_a_chat_is_told,
        a_second_chat_leaves_the_transaction_good,
        a_chat_being_opened_is_waited_for,
        chats_are_locked,
        messages_are_added_one_after_the_other,
        a_rollback_leaves_no_gap,
        reading_is_saved_and_never_goes_back,
        a_message_has_its_place_in_its_own_chat,
        whether_somebody_is_there_is_told,
        a_chat_belongs_to_what_is_there,
    }
    chat_lists {
        a_chat_shows_the_other_side_and_what_was_said_last,
        chats_are_listed_by_what_was_said_last,
        what_is_unread_is_told_of_all_chats,
        messages_are_shown_to_their_two_sides,
        lists_of_chats_are_cut_into_pages,
        lists_of_messages_are_cut_into_pages,
    }
    escrow {
        money_waits_until_it_is_released,
        disputed_money_still_waits,
        resting_money_is_pending_as_well,
        contracts_that_ended_hold_nothing,
        several_contracts_add_up,
        a_wallet_is_shown_as_the_command_leaves_it,
    }
    audit {
        the_last_check_is_found_as_it_was_kept,
        a_hold_is_placed_once_and_lifted_once,
        a_hold_being_placed_is_waited_for,
        a_hold_belongs_to_a_person_and_a_check,
        administrators_who_may_enter_are_told,
        an_accounts_lines_are_listed_with_its_balance,
        a_trial_balance_comes_to_zero,
        payments_are_compared_with_the_books,
        withdrawals_that_wait_are_found,
    }
    jobs {
        a_schedule_begins_with_its_next_tick,
        a_tick_is_claimed_once,
        a_tick_that_is_over_is_not_claimed,
        a_tick_that_has_not_been_is_not_believed,
        a_tick_that_was_rolled_back_can_be_claimed,
        a_tick_being_claimed_is_waited_for,
    }
    notifications {
        a_notification_is_shown_as_it_was_written,
        a_recipient_has_one_notification_for_each_fact,
        a_notification_being_added_is_waited_for,
        recipients_without_an_account_are_passed_over,
        notifications_are_filtered_by_kind_and_by_what_was_read,
        notifications_are_cut_into_pages,
        one_notification_is_marked_by_its_owner,
        all_notifications_are_marked_once,
        a_mark_that_is_rolled_back_is_none,
        titles_of_orders_are_told,
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
