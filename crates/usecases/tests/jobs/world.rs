//! A queue in memory.

use std::sync::Arc;

use adapter_memory::{ManualClock, MemoryStore, PlainDownloadSigner, ScriptedPayouts, SequentialIds};
use domain::actor::Actor;
use domain::contracts::Clocks;
use domain::identity::Role;
use domain::ids::{SessionId, UserId};
use domain::money::PayoutProvider;
use ports::jobs::{Job, JobView, NewJob};
use ports::retention::Leftover;
use ports::store::Store;
use usecases::agreements::LapseProposals;
use usecases::audit::VerifyBooks;
use usecases::contracts::{ClearPayments, LapseOrders, ReleaseMilestones, WindUpAccount};
use usecases::desk::Desk;
use usecases::disputes::ExpireDisputes;
use usecases::files::{Pass, PassOffice};
use usecases::money::{PayWithdrawals, SettleDebts};
use usecases::orders::ExpireOrders;
use usecases::recorder::Recorder;
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) fn desk(&self) -> Desk {
        let recorder = Recorder { clock: self.clock.clone(), ids: Arc::new(SequentialIds::default()) };
        let passes = PassOffice {
            clock: self.clock.clone(),
            signer: Arc::new(PlainDownloadSigner),
            link: Arc::new(|_: &Pass| "nobody follows it".to_owned()),
        };
        Desk { store: self.store.clone(), recorder, passes, clocks: Clocks::default() }
    }

    pub(crate) fn release_milestones(&self) -> ReleaseMilestones {
        ReleaseMilestones { desk: self.desk(), due: self.store.clone() }
    }

    pub(crate) fn clear_payments(&self) -> ClearPayments {
        ClearPayments { desk: self.desk(), due: self.store.clone() }
    }

    pub(crate) fn lapse_proposals(&self) -> LapseProposals {
        LapseProposals { desk: self.desk(), proposals: self.store.clone() }
    }

    pub(crate) fn lapse_orders(&self) -> LapseOrders {
        LapseOrders { desk: self.desk(), due: self.store.clone() }
    }

    pub(crate) fn pay_withdrawals(&self) -> PayWithdrawals {
        PayWithdrawals {
            store: self.store.clone(),
            recorder: self.desk().recorder,
            unattended: self.store.clone(),
            provider: PayoutProvider::Sandbox,
            payouts: Arc::new(ScriptedPayouts::default()),
        }
    }

    pub(crate) fn settle_debts(&self) -> SettleDebts {
        let recorder = self.desk().recorder;
        SettleDebts { store: self.store.clone(), recorder, debtors: self.store.clone() }
    }

    pub(crate) fn expire_disputes(&self) -> ExpireDisputes {
        ExpireDisputes { desk: self.desk(), disputes: self.store.clone() }
    }

    pub(crate) fn expire_orders(&self) -> ExpireOrders {
        ExpireOrders { desk: self.desk(), due: self.store.clone() }
    }

    pub(crate) fn wind_up_account(&self) -> WindUpAccount {
        WindUpAccount { desk: self.desk(), business: self.store.clone() }
    }

    pub(crate) fn verify_books(&self) -> VerifyBooks {
        VerifyBooks { books: self.store.clone(), store: self.store.clone(), recorder: self.desk().recorder }
    }

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
