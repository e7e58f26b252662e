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

diesel::joinable!(profiles -> users (user_id));
diesel::joinable!(user_figures -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(ended_sessions -> sessions (session_id));

diesel::allow_tables_to_appear_in_same_query!(
    users,
    profiles,
    user_figures,
    sessions,
    refresh_tokens,
    ended_sessions,
    outbox,
);
