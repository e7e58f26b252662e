//! Looking at an order.

use std::sync::Arc;

use domain::actor::Actor;
use domain::ids::OrderId;
use domain::orders::policy;
use ports::orders::{OrderDetail, OrderQueries};

use super::shown_to;
use crate::error::UseCaseError;
use crate::files::PassOffice;

/// Shows orders.
pub struct ViewOrder {
    /// Reads them.
    pub orders: Arc<dyn OrderQueries>,
    /// Gives passes for its files.
    pub passes: PassOffice,
}

impl ViewOrder {
    /// An order, to those who may see it.
    ///
    /// # Errors
    /// `NotFound` for everybody else; those of storage.
    pub async fn execute(&self, actor: &Actor, id: OrderId) -> Result<OrderDetail, UseCaseError> {
        let detail = self.orders.order(id).await?;
        let detail = detail.filter(|detail| policy::may_read(actor, &detail.access()));
        Ok(shown_to(&self.passes, actor, detail.ok_or(UseCaseError::NotFound)?))
    }
}
