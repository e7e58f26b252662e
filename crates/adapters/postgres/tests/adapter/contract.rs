//! The suite that the in-memory twin passes, too: what every store must keep.

use std::sync::Arc;
use std::time::Duration;

use adapter_memory::contract::{Subject, run_all};

use crate::support;

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_keeps_every_promise_of_the_ports() {
    let test = support::database().await;
    let database = Arc::new(test.open_with(|config| {
        config.size = 8;
        config.lock_timeout = Duration::from_secs(30);
    }));
    let subject = Subject {
        store: database.clone(),
        accounts: database.clone(),
        sessions: database.clone(),
        money: database.clone(),
        audit: database.clone(),
        orders: database.clone(),
        bids: database.clone(),
        unattended_payouts: database.clone(),
        chargebacks: database.clone(),
        due_orders: database.clone(),
        due_milestones: database.clone(),
        unfinished: database.clone(),
        chats: database.clone(),
        proposals: database.clone(),
        disputes: database.clone(),
        files: database.clone(),
        notifications: database.clone(),
        profiles: database.clone(),
        ranking: database.clone(),
        leaderboards: database,
    };
    run_all(&subject).await;
}
