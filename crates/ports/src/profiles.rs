//! What others see of a person, and the figures that are kept about everybody.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::ids::UserId;
use domain::profiles::{FigureChange, Figures};

use crate::store::StoreError;

/// Somebody as others see them beside an order or a bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    /// Who.
    pub id: UserId,
    /// Their full name.
    pub name: String,
    /// Where their picture is.
    pub avatar_url: Option<String>,
    /// What their orders and reviews add up to.
    pub figures: Figures,
}

/// The figures that are kept about everybody.
#[async_trait]
pub trait FigureBook: Send {
    /// Changes people's figures, locking their rows in the order of the map.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when somebody has no figures.
    async fn change(&mut self, changes: &BTreeMap<UserId, FigureChange>) -> Result<(), StoreError>;
}
