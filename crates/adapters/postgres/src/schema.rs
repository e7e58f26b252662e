//! The tables in diesel's form.
//!
//! Written by hand in the form in which `diesel print-schema` would write it; a test compares it
//! with the catalogue of a migrated database, column by column.

#![allow(
    missing_docs,
    reason = "the documentation of tables and columns is in the migrations, as COMMENT ON"
)]

pub mod sql_types {
    /// The words of a text, for search. diesel has no such type of its own.
    #[derive(Clone, Copy, Debug, Default, diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(oid = 3614, array_oid = 3643))]
    pub struct Tsvector;
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        full_name -> Text,
        role -> Text,
        phone -> Nullable<Text>,
        password_hash -> Text,
        state -> Text,
        block_reason -> Nullable<Text>,
        state_since -> Nullable<Timestamptz>,
        is_verified -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    profiles (user_id) {
        user_id -> Uuid,
        bio -> Nullable<Text>,
        avatar_url -> Nullable<Text>,
        specializations -> Array<Text>,
        education -> Nullable<Text>,
        languages -> Array<Text>,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    user_figures (user_id) {
        user_id -> Uuid,
        orders_total -> Int4,
        orders_completed -> Int4,
        rating_sum -> Int4,
        rating_count -> Int4,
        orders_posted -> Int4,
        orders_cancelled -> Int4,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
        generation -> Int4,
        rotated_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_tokens (digest) {
        digest -> Bytea,
        session_id -> Uuid,
        generation -> Int4,
        issued_at -> Timestamptz,
    }
}

diesel::table! {
    ended_sessions (session_id) {
        session_id -> Uuid,
        ended_at -> Timestamptz,
        xact_id -> Int8,
    }
}

diesel::table! {
    outbox (position) {
        position -> Int8,
        id -> Uuid,
        name -> Text,
        user_id -> Nullable<Uuid>,
        payload -> Jsonb,
        occurred_at -> Timestamptz,
        xact_id -> Int8,
        dispatched_at -> Nullable<Timestamptz>,
        refusals -> Int2,
        retry_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    ledger_accounts (id) {
        id -> Int8,
        key -> Text,
        kind -> Text,
        user_id -> Nullable<Uuid>,
        contract_id -> Nullable<Uuid>,
        currency -> Text,
        balance_minor -> Nullable<Int8>,
    }
}

diesel::table! {
    ledger_transactions (id) {
        id -> Int8,
        source -> Text,
        kind -> Text,
        reference -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    postings (position) {
        position -> Int8,
        transaction_id -> Int8,
        account_id -> Int8,
        amount_minor -> Int8,
        balance_after -> Nullable<Int8>,
        created_at -> Timestamptz,
        id -> Uuid,
        currency -> Text,
        purpose -> Text,
    }
}

diesel::table! {
    wallet_totals (user_id, currency) {
        user_id -> Uuid,
        currency -> Text,
        earned_minor -> Int8,
        withdrawn_minor -> Int8,
    }
}

diesel::table! {
    deposits (id) {
        id -> Uuid,
        user_id -> Uuid,
        amount_minor -> Int8,
        currency -> Text,
        outside -> Text,
        state -> Text,
        created_at -> Timestamptz,
        completed_at -> Nullable<Timestamptz>,
        version -> Int8,
    }
}

diesel::table! {
    chargebacks (id) {
        id -> Uuid,
        position -> Int8,
        deposit_id -> Uuid,
        user_id -> Uuid,
        outside -> Text,
        amount_minor -> Int8,
        currency -> Text,
        reason -> Text,
        state -> Text,
        refunded_minor -> Int8,
        available_minor -> Int8,
        debt_minor -> Int8,
        losses_minor -> Int8,
        received_at -> Timestamptz,
        decided_at -> Nullable<Timestamptz>,
        version -> Int8,
    }
}

diesel::table! {
    withdrawals (id) {
        id -> Int8,
        user_id -> Uuid,
        amount_minor -> Int8,
        currency -> Text,
        method -> Text,
        account_sealed -> Bytea,
        account_masked -> Jsonb,
        state -> Text,
        rejection_reason -> Nullable<Text>,
        requested_at -> Timestamptz,
        estimated_completion -> Timestamptz,
        completed_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
        version -> Int8,
        first_approved_by -> Nullable<Uuid>,
        approved_by -> Nullable<Uuid>,
        failure_reason -> Nullable<Text>,
        sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    idempotency_keys (user_id, key) {
        user_id -> Uuid,
        key -> Text,
        fingerprint -> Bytea,
        status -> Int2,
        body -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    orders (id) {
        id -> Int8,
        client_id -> Uuid,
        deadline -> Timestamptz,
        budget_minor -> Int8,
        bids_count -> Int8,
        revision -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
        progress -> Int2,
        currency -> Text,
        state -> Text,
        title -> Text,
        subject -> Text,
        subject_key -> Text,
        order_type -> Text,
        pages -> Nullable<Int4>,
        provider_id -> Nullable<Uuid>,
        accepted_bid_id -> Nullable<Int8>,
        contract_id -> Nullable<Uuid>,
        accepted_minor -> Nullable<Int8>,
        awarded_at -> Nullable<Timestamptz>,
        posted_deadline -> Nullable<Timestamptz>,
        started_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        cancelled_at -> Nullable<Timestamptz>,
        expired_deadline -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    order_texts (order_id) {
        order_id -> Int8,
        is_open -> Bool,
        description -> Text,
        requirements_text -> Nullable<Text>,
        detailed_requirements -> Array<Text>,
        specifications -> Nullable<Jsonb>,
        milestone_plan -> Jsonb,
        search_words -> Tsvector,
    }
}

diesel::table! {
    invitations (order_id, provider_id) {
        order_id -> Int8,
        provider_id -> Uuid,
        created_at -> Timestamptz,
        declined_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    bids (id) {
        id -> Int8,
        order_id -> Int8,
        provider_id -> Uuid,
        amount_minor -> Int8,
        currency -> Text,
        proposed_deadline -> Nullable<Timestamptz>,
        message -> Text,
        state -> Text,
        revision -> Int8,
        counter_minor -> Nullable<Int8>,
        counter_deadline -> Nullable<Timestamptz>,
        counter_message -> Nullable<Text>,
        counter_at -> Nullable<Timestamptz>,
        submitted_at -> Timestamptz,
        asked_at -> Timestamptz,
        answered_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    offers (position) {
        position -> Int8,
        bid_id -> Int8,
        author -> Text,
        author_id -> Uuid,
        amount_minor -> Int8,
        currency -> Text,
        proposed_deadline -> Nullable<Timestamptz>,
        message -> Nullable<Text>,
        made_at -> Timestamptz,
    }
}

diesel::table! {
    contracts (id) {
        id -> Uuid,
        order_id -> Int8,
        bid_id -> Int8,
        client_id -> Uuid,
        provider_id -> Uuid,
        price_minor -> Int8,
        currency -> Text,
        provider_fee_bps -> Int2,
        client_fee_bps -> Int2,
        is_funded -> Bool,
        released_minor -> Int8,
        refunded_minor -> Int8,
        disputed_minor -> Int8,
        provider_outstanding_minor -> Int8,
        held_minor -> Int8,
        provider_net_minor -> Int8,
        state -> Text,
        created_at -> Timestamptz,
        funded_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    milestones (contract_id, number) {
        contract_id -> Uuid,
        number -> Int4,
        title -> Text,
        due_date -> Timestamptz,
        amount_minor -> Int8,
        state -> Text,
        submissions -> Int4,
        submitted_at -> Nullable<Timestamptz>,
        changes_message -> Nullable<Text>,
        auto_release_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        released_minor -> Nullable<Int8>,
        released_provider_fee_minor -> Nullable<Int8>,
        released_client_fee_minor -> Nullable<Int8>,
        refunded_minor -> Nullable<Int8>,
        refunded_client_fee_minor -> Nullable<Int8>,
        dispute_opened_by -> Nullable<Text>,
        dispute_reason -> Nullable<Text>,
        dispute_opened_at -> Nullable<Timestamptz>,
        dispute_decided_at -> Nullable<Timestamptz>,
        remind_at -> Nullable<Timestamptz>,
        clears_at -> Nullable<Timestamptz>,
        cleared_at -> Nullable<Timestamptz>,
        returned_times -> Nullable<Int4>,
        returned_minor -> Nullable<Int8>,
        returned_provider_fee_minor -> Nullable<Int8>,
        returned_client_fee_minor -> Nullable<Int8>,
    }
}

diesel::table! {
    bonuses (id) {
        id -> Uuid,
        contract_id -> Uuid,
        amount_minor -> Int8,
        provider_fee_minor -> Int8,
        message -> Nullable<Text>,
        given_at -> Timestamptz,
    }
}

diesel::table! {
    submissions (contract_id, milestone, number) {
        contract_id -> Uuid,
        milestone -> Int4,
        number -> Int4,
        message -> Nullable<Text>,
        submitted_at -> Timestamptz,
    }
}

diesel::table! {
    proposals (id) {
        id -> Uuid,
        position -> Int8,
        contract_id -> Uuid,
        order_id -> Int8,
        client_id -> Uuid,
        provider_id -> Uuid,
        kind -> Text,
        milestone -> Nullable<Int4>,
        amount_minor -> Nullable<Int8>,
        at_stake_minor -> Int8,
        currency -> Text,
        message -> Nullable<Text>,
        proposed_by -> Text,
        state -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        version -> Int8,
    }
}

diesel::table! {
    disputes (id) {
        id -> Uuid,
        position -> Int8,
        contract_id -> Uuid,
        milestone -> Int4,
        order_id -> Int8,
        client_id -> Uuid,
        provider_id -> Uuid,
        amount_minor -> Int8,
        currency -> Text,
        opened_by -> Text,
        reason -> Text,
        asked_minor -> Int8,
        state -> Text,
        due_at -> Nullable<Timestamptz>,
        silence_settles -> Bool,
        client_evidence -> Int4,
        provider_evidence -> Int4,
        resolver -> Nullable<Text>,
        given_minor -> Nullable<Int8>,
        decision -> Nullable<Text>,
        decided_by -> Nullable<Uuid>,
        resolved_at -> Nullable<Timestamptz>,
        opened_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    dispute_offers (dispute_id, number) {
        dispute_id -> Uuid,
        number -> Int4,
        side -> Text,
        to_provider_minor -> Int8,
        message -> Nullable<Text>,
        state -> Text,
        made_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    dispute_evidence (dispute_id, number) {
        dispute_id -> Uuid,
        number -> Int4,
        side -> Text,
        author_id -> Uuid,
        text -> Nullable<Text>,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    dispute_files (file_id) {
        file_id -> Uuid,
        dispute_id -> Uuid,
        evidence -> Int4,
        place -> Int4,
    }
}

diesel::table! {
    reviews (order_id, author_id) {
        order_id -> Int8,
        author_id -> Uuid,
        subject_id -> Uuid,
        rating -> Int2,
        comment -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    chats (id) {
        id -> Uuid,
        order_id -> Int8,
        client_id -> Uuid,
        provider_id -> Uuid,
        last_seq -> Int8,
        last_message_id -> Uuid,
        from_provider -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    chat_members (chat_id, user_id) {
        chat_id -> Uuid,
        user_id -> Uuid,
        activity -> Int8,
        read_seq -> Int8,
        unread -> Int8,
    }
}

diesel::table! {
    messages (chat_id, seq) {
        chat_id -> Uuid,
        seq -> Int8,
        id -> Uuid,
        sender_id -> Uuid,
        from_provider -> Int8,
        content -> Text,
        sent_at -> Timestamptz,
    }
}

diesel::table! {
    files (id) {
        id -> Uuid,
        owner_id -> Uuid,
        purpose -> Text,
        name -> Text,
        size_bytes -> Int8,
        media_type -> Text,
        hash -> Bytea,
        storage_key -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    order_files (file_id) {
        file_id -> Uuid,
        order_id -> Int8,
        contract_id -> Nullable<Uuid>,
        milestone -> Nullable<Int4>,
        submission -> Nullable<Int4>,
        attached_at -> Timestamptz,
    }
}

diesel::table! {
    message_attachments (file_id) {
        file_id -> Uuid,
        chat_id -> Uuid,
        seq -> Int8,
        place -> Int4,
    }
}

diesel::table! {
    notifications (position) {
        position -> Int8,
        id -> Uuid,
        event_id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        event -> Text,
        title -> Text,
        message -> Text,
        details -> Jsonb,
        is_read -> Bool,
        read_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    notification_counts (user_id, kind) {
        user_id -> Uuid,
        kind -> Text,
        total -> Int8,
        unread -> Int8,
        read_up_to -> Int8,
        read_up_to_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    leaderboards (period) {
        period -> Text,
        currency -> Text,
        as_of -> Timestamptz,
    }
}

diesel::table! {
    leaderboard_places (user_id, period) {
        period -> Text,
        user_id -> Uuid,
        rank -> Int4,
        orders_completed -> Int4,
        earned_minor -> Int8,
        orders_ever -> Int4,
        completed_ever -> Int4,
        rating_sum -> Int4,
        rating_count -> Int4,
    }
}

diesel::joinable!(profiles -> users (user_id));
diesel::joinable!(user_figures -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(ended_sessions -> sessions (session_id));
diesel::joinable!(ledger_accounts -> users (user_id));
diesel::joinable!(postings -> ledger_transactions (transaction_id));
diesel::joinable!(wallet_totals -> users (user_id));
diesel::joinable!(deposits -> users (user_id));
diesel::joinable!(withdrawals -> users (user_id));
diesel::joinable!(chargebacks -> users (user_id));
diesel::joinable!(idempotency_keys -> users (user_id));
diesel::joinable!(order_texts -> orders (order_id));
diesel::joinable!(bids -> orders (order_id));
diesel::joinable!(files -> users (owner_id));
diesel::joinable!(order_files -> files (file_id));
diesel::joinable!(order_files -> orders (order_id));
diesel::joinable!(message_attachments -> files (file_id));
diesel::joinable!(message_attachments -> chats (chat_id));

diesel::table! {
    schedules (name) {
        name -> Text,
        claimed_at -> Timestamptz,
    }
}

diesel::table! {
    ledger_checks (id) {
        id -> Uuid,
        started_at -> Timestamptz,
        finished_at -> Timestamptz,
        offending -> Int8,
        findings -> Jsonb,
    }
}

diesel::table! {
    payout_holds (id) {
        id -> Uuid,
        user_id -> Uuid,
        check_id -> Uuid,
        placed_at -> Timestamptz,
        lifted_at -> Nullable<Timestamptz>,
        lifted_by -> Nullable<Uuid>,
        lift_reason -> Nullable<Text>,
    }
}

diesel::joinable!(payout_holds -> ledger_checks (check_id));

diesel::allow_tables_to_appear_in_same_query!(
    users,
    profiles,
    user_figures,
    sessions,
    refresh_tokens,
    ended_sessions,
    outbox,
    ledger_accounts,
    ledger_transactions,
    postings,
    wallet_totals,
    deposits,
    withdrawals,
    chargebacks,
    idempotency_keys,
    orders,
    order_texts,
    invitations,
    bids,
    offers,
    contracts,
    milestones,
    submissions,
    reviews,
    schedules,
    chats,
    chat_members,
    messages,
    files,
    order_files,
    message_attachments,
    notifications,
    notification_counts,
    leaderboards,
    leaderboard_places,
    ledger_checks,
    payout_holds,
);
