//! The steps in which the client wants the work delivered, before there is a contract about it.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::money::{Currency, Money, SplitError, split_equally, split_in_proportion};
use crate::text::{Lines, text_type};

text_type!(
    /// What a milestone is called.
    MilestoneTitle,
    200,
    Lines::Single
);

/// The most milestones that an order may have.
pub const MAX_MILESTONES: usize = 50;
/// What the one milestone of an order without a plan is called.
const FINAL_SUBMISSION: &str = "Final Submission";

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedMilestone {
    /// What it is called.
    pub title: MilestoneTitle,
    /// By when.
    pub due_date: DateTime<Utc>,
    /// Its weight in the price; all steps have one, or none has.
    pub amount: Option<Money>,
}

/// The steps of an order, in the order of their numbers; possibly none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MilestonePlan(Vec<PlannedMilestone>);

/// Why steps make no plan, whatever the order (400).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// More than [`MAX_MILESTONES`].
    #[error("must have at most {MAX_MILESTONES} entries")]
    TooMany,
    /// Some have an amount and some have none.
    #[error("either all milestones have an amount or none has")]
    AmountMissing {
        /// The first one without, counted from 0.
        index: usize,
    },
    /// A step for nothing.
    #[error("must be greater than zero")]
    AmountNotPositive {
        /// Which, counted from 0.
        index: usize,
    },
}

impl PlanError {
    /// The field's path on the wire.
    #[must_use]
    pub fn field(&self) -> String {
        match self {
            Self::TooMany => "milestones".to_owned(),
            Self::AmountMissing { index } | Self::AmountNotPositive { index } => {
                format!("milestones[{index}].amount")
            }
        }
    }
}

impl MilestonePlan {
    /// Makes a plan of steps.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn new(steps: Vec<PlannedMilestone>) -> Result<Self, PlanError> {
        if steps.len() > MAX_MILESTONES {
            return Err(PlanError::TooMany);
        }
        if let Some(index) = steps.iter().position(|step| step.amount.is_some_and(Money::is_zero)) {
            return Err(PlanError::AmountNotPositive { index });
        }
        let without = steps.iter().position(|step| step.amount.is_none());
        match without {
            Some(index) if steps.iter().any(|step| step.amount.is_some()) => {
                Err(PlanError::AmountMissing { index })
            }
            Some(_) | None => Ok(Self(steps)),
        }
    }

    /// The steps as the client gave them.
    #[must_use]
    pub fn steps(&self) -> &[PlannedMilestone] {
        &self.0
    }

    /// The steps as they are shown and awarded: an order without a plan has one, due at the deadline.
    #[must_use]
    pub fn effective(&self, deadline: DateTime<Utc>) -> Vec<PlannedMilestone> {
        if !self.0.is_empty() {
            return self.0.clone();
        }
        let title = MilestoneTitle::parse(FINAL_SUBMISSION);
        title.map(|title| PlannedMilestone { title, due_date: deadline, amount: None }).into_iter().collect()
    }

    /// What each of the effective steps gets of `price`.
    ///
    /// # Errors
    /// [`SplitError`] where some step would get less than a cent.
    pub fn split(&self, price: Money) -> Result<Vec<Money>, SplitError> {
        let weights: Vec<_> = self.0.iter().filter_map(|step| step.amount).collect();
        if weights.is_empty() {
            split_equally(price, self.0.len().max(1))
        } else {
            split_in_proportion(price, &weights)
        }
    }

    /// The first step that is due at `now` or before.
    #[must_use]
    pub(super) fn due_by_now(&self, now: DateTime<Utc>) -> Option<usize> {
        self.0.iter().position(|step| step.due_date <= now)
    }

    /// The first step that is due after `deadline`.
    #[must_use]
    pub(super) fn due_after(&self, deadline: DateTime<Utc>) -> Option<usize> {
        self.0.iter().position(|step| step.due_date > deadline)
    }

    /// A currency other than `currency`, if some step has one.
    #[must_use]
    pub(super) fn foreign_currency(&self, currency: Currency) -> Option<Currency> {
        self.0.iter().filter_map(|step| step.amount).map(Money::currency).find(|other| *other != currency)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000 + hours * 3_600, 0).unwrap()
    }

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    fn step(amount: Option<i64>) -> PlannedMilestone {
        PlannedMilestone {
            title: MilestoneTitle::parse("Draft").unwrap(),
            due_date: at(1),
            amount: amount.map(usd),
        }
    }

    fn plan(amounts: &[Option<i64>]) -> Result<MilestonePlan, PlanError> {
        MilestonePlan::new(amounts.iter().map(|amount| step(*amount)).collect())
    }

    #[test]
    fn all_have_an_amount_or_none_has() {
        assert!(plan(&[]).is_ok());
        assert!(plan(&[None, None]).is_ok());
        assert!(plan(&[Some(1), Some(2)]).is_ok());
        let missing = plan(&[Some(1), None, None]).unwrap_err();
        assert_eq!(missing, PlanError::AmountMissing { index: 1 });
        assert_eq!(missing.field(), "milestones[1].amount");
        assert_eq!(plan(&[Some(0), Some(1)]), Err(PlanError::AmountNotPositive { index: 0 }));
        assert!(plan(&[None; MAX_MILESTONES]).is_ok());
        assert_eq!(plan(&[None; MAX_MILESTONES + 1]), Err(PlanError::TooMany));
    }

    #[test]
    fn a_price_is_split_by_weight_or_equally() {
        type Case<'a> = (&'a [Option<i64>], i64, &'a [i64]);
        let cases: [Case<'_>; 5] = [
            (&[], 11_500, &[11_500]),
            (&[None, None, None], 10_001, &[3_333, 3_333, 3_335]),
            (&[Some(5_000), Some(5_000)], 11_500, &[5_750, 5_750]),
            (&[Some(5_000), Some(2_500), Some(2_500)], 11_501, &[5_750, 2_875, 2_876]),
            (&[Some(12_000)], 11_500, &[11_500]),
        ];
        for (amounts, price, expected) in cases {
            let parts = plan(amounts).unwrap().split(usd(price)).unwrap();
            assert_eq!(parts, expected.iter().map(|minor| usd(*minor)).collect::<Vec<_>>());
        }
        assert_eq!(plan(&[None, None]).unwrap().split(usd(1)), Err(SplitError::TooSmall { parts: 2 }));
    }

    #[test]
    fn without_a_plan_there_is_one_milestone_at_the_deadline() {
        let steps = MilestonePlan::default().effective(at(9));
        let shown: Vec<_> = steps.iter().map(|step| (step.title.as_str(), step.due_date)).collect();
        assert_eq!(shown, [("Final Submission", at(9))]);
        assert_eq!(plan(&[None]).unwrap().effective(at(9)), [step(None)]);
    }
}
