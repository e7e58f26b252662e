//! The figures that are kept about everybody.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::ids::UserId;
use domain::profiles::{FigureChange, Figures};
use ports::identity::Lock;
use ports::profiles::FigureBook;
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::Row;
use crate::work::MemoryWork;

impl MemoryWork {
    async fn change_figures(&mut self, changes: &BTreeMap<UserId, FigureChange>) -> Result<(), StoreError> {
        for (user_id, change) in changes {
            self.acquire(Row::Figures(*user_id), Lock::Exclusive).await?;
            let figures = self.look(|seen| seen.figures(*user_id));
            let figures = figures.ok_or(StoreError::Stale { what: "figures" })?;
            let changed = changed(figures, *change).ok_or_else(out_of_range)?;
            self.written.figures.insert(*user_id, changed);
        }
        Ok(())
    }
}

fn changed(figures: Figures, change: FigureChange) -> Option<Figures> {
    let FigureChange {
        orders_posted,
        orders_total,
        orders_completed,
        orders_cancelled,
        rating_sum,
        rating_count,
    } = change;
    Some(Figures {
        orders_posted: figures.orders_posted.checked_add_signed(orders_posted)?,
        orders_total: figures.orders_total.checked_add_signed(orders_total)?,
        orders_completed: figures.orders_completed.checked_add_signed(orders_completed)?,
        orders_cancelled: figures.orders_cancelled.checked_add_signed(orders_cancelled)?,
        rating_sum: figures.rating_sum.checked_add_signed(rating_sum)?,
        rating_count: figures.rating_count.checked_add_signed(rating_count)?,
    })
}

fn out_of_range() -> StoreError {
    StoreError::Refused("violates check constraint user_figures_never_below_zero".into())
}

#[async_trait]
impl FigureBook for MemoryWork {
    async fn change(&mut self, changes: &BTreeMap<UserId, FigureChange>) -> Result<(), StoreError> {
        self.start(Operation::ChangeFigures).await?;
        let outcome = self.change_figures(changes).await;
        self.finish(outcome)
    }
}
