//! Lists of orders: one's own, and those that one may bid on.

use std::sync::Arc;

use domain::actor::Actor;
use domain::orders::{OrderState, policy};
use domain::search::SearchTerms;
use ports::environment::Clock;
use ports::list::Window;
use ports::orders::{AvailableFilter, AvailableList, OrderFilter, OrderList, OrderQueries};

use crate::error::UseCaseError;

/// Shows people their orders.
pub struct ListOrders {
    /// Reads them.
    pub orders: Arc<dyn OrderQueries>,
}

impl ListOrders {
    /// The orders that the actor posted or was awarded, or all for an administrator; in one state,
    /// or in those that are listed by default.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        state: Option<OrderState>,
        search: Option<SearchTerms>,
        window: Window,
    ) -> Result<OrderList, UseCaseError> {
        let scope = policy::listed_orders(actor);
        let states = policy::wanted_states(actor.role, state);
        Ok(self.orders.orders(scope, &OrderFilter { states, search }, window).await?)
    }
}

/// Shows providers what they may bid on.
pub struct ListAvailableOrders {
    /// Reads them.
    pub orders: Arc<dyn OrderQueries>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl ListAvailableOrders {
    /// The orders that the actor may bid on now.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        filter: &AvailableFilter,
        window: Window,
    ) -> Result<AvailableList, UseCaseError> {
        policy::act_as_provider(actor)?;
        Ok(self.orders.available_orders(actor.user_id, filter, window, self.clock.now()).await?)
    }
}
