//! A queue in memory.

use std::sync::Arc;

use adapter_memory::{ManualClock, MemoryStore};
use domain::actor::Actor;
use domain::identity::Role;
use domain::ids::{SessionId, UserId};
use ports::jobs::{Job, JobView, NewJob};
use ports::retention::Leftover;
use ports::store::Store;
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) async fn enqueue(&self, key: &str) -> JobView {
        let mut work = self.store.begin().await.unwrap();
        let new = NewJob { job: Job::CleanUp(Leftover::Logins), key: key.to_owned() };
        work.jobs().enqueue(&new).await.unwrap();
        work.commit().await.unwrap();
        self.store.jobs().pop().unwrap()
    }
}

pub(crate) fn actor(role: Role) -> Actor {
    Actor { user_id: UserId::new(Uuid::nil()), session_id: SessionId::new(Uuid::nil()), role }
}
