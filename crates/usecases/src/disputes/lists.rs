//! Looking at disputes.

use std::sync::Arc;

use domain::actor::Actor;
use domain::contracts::may_read_agreements;
use domain::disputes::{Dispute, DisputeState, administer_disputes};
use domain::ids::DisputeId;
use domain::orders::policy;
use ports::disputes::{DisputeQueries, DisputeScope, DisputeView};
use ports::list::{Slice, Window};

use crate::error::UseCaseError;

/// Shows people their disputes.
pub struct ListDisputes {
    /// Reads them.
    pub disputes: Arc<dyn DisputeQueries>,
}

impl ListDisputes {
    /// The disputes in which the actor is one of the two sides, newest first.
    ///
    /// # Errors
    /// `Forbidden` for administrators, who are no side; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        state: Option<DisputeState>,
        window: Window,
    ) -> Result<Slice<Dispute>, UseCaseError> {
        policy::act_as_either_side(actor)?;
        Ok(self.disputes.disputes(DisputeScope::Of(actor.user_id), state, window).await?)
    }
}

/// Shows administrators all disputes.
pub struct ListAllDisputes {
    /// Reads them.
    pub disputes: Arc<dyn DisputeQueries>,
}

impl ListAllDisputes {
    /// Everybody's disputes, newest first.
    ///
    /// # Errors
    /// `Forbidden` for all but administrators; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        state: Option<DisputeState>,
        window: Window,
    ) -> Result<Slice<Dispute>, UseCaseError> {
        administer_disputes(actor)?;
        Ok(self.disputes.disputes(DisputeScope::Everybody, state, window).await?)
    }
}

/// Shows one dispute.
pub struct ViewDispute {
    /// Reads it.
    pub disputes: Arc<dyn DisputeQueries>,
}

impl ViewDispute {
    /// One dispute with all that was brought forward, to its two sides and to administrators.
    ///
    /// # Errors
    /// `NotFound` for everybody else; those of storage.
    pub async fn execute(&self, actor: &Actor, id: DisputeId) -> Result<DisputeView, UseCaseError> {
        let found = self.disputes.dispute(id).await?;
        let may_read = |view: &DisputeView| may_read_agreements(actor, &view.dispute.contract);
        found.filter(may_read).ok_or(UseCaseError::NotFound)
    }
}
