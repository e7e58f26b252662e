//! The tables in diesel's form.
//!
//! Written by hand in the form in which `diesel print-schema` would write it; a test compares it
//! with the catalogue of a migrated database, column by column.

#![allow(
    missing_docs,
    reason = "the documentation of tables and columns is in the migrations, as COMMENT ON"
)]

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
    }
}

diesel::table! {
    user_figures (user_id) {
        user_id -> Uuid,
        orders_total -> Int4,
        orders_completed -> Int4,
        rating_sum -> Int4,
        rating_count -> Int4,
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
diesel::joinable!(idempotency_keys -> users (user_id));
diesel::joinable!(files -> users (owner_id));

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
    idempotency_keys,
    files,
);
