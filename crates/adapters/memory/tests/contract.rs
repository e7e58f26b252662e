//! The twin keeps the contract that PostgreSQL keeps.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use adapter_memory::MemoryStore;
use adapter_memory::contract::{Subject, all_cases, run_all};
use tokio::task::JoinSet;

fn subject() -> Subject {
    let store = Arc::new(MemoryStore::new());
    Subject {
        store: store.clone(),
        accounts: store.clone(),
        sessions: store.clone(),
        money: store.clone(),
        audit: store.clone(),
        orders: store.clone(),
        bids: store.clone(),
        unattended_payouts: store.clone(),
        chargebacks: store.clone(),
        due_orders: store.clone(),
        due_milestones: store.clone(),
        unfinished: store.clone(),
        chats: store.clone(),
        proposals: store.clone(),
        disputes: store.clone(),
        files: store.clone(),
        notifications: store.clone(),
        profiles: store.clone(),
        ranking: store.clone(),
        leaderboards: store,
    }
}

#[tokio::test(start_paused = true)]
async fn every_promise_is_kept() {
    run_all(&subject()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_promise_is_kept_while_others_use_the_same_store() {
    let subject = subject();
    let mut running = JoinSet::new();
    for case in all_cases() {
        running.spawn(case.run(subject.clone()));
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
}
