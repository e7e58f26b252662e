//! Profiles, and rankings: reckoned by the domain's own rules.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use domain::money::{Currency, Money};
use domain::orders::OrderState;
use domain::profiles::{Achievement, Period, Profile, policy, rank};
use ports::identity::Lock;
use ports::profiles::{
    LeaderboardQueries, LeaderboardView, PersonView, ProfileQueries, ProfileVersion, ProfileView, Profiles,
    PublicProfileView, RankProviders, RankedProvider,
};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::ledger::wallet_view;
use crate::locks::Row;
use crate::snapshot::Snapshot;
use crate::store::MemoryStore;
use crate::work::MemoryWork;

fn refused(problem: impl std::fmt::Display) -> StoreError {
    StoreError::Refused(problem.to_string().into())
}

fn own(seen: &Snapshot<'_>, id: UserId, currency: Currency) -> Result<Option<ProfileView>, StoreError> {
    let (Some(account), Some(user), Some(profile)) = (seen.account(id), seen.user(id), seen.profile(id))
    else {
        return Ok(None);
    };
    Ok(Some(ProfileView {
        total_earned: wallet_view(seen, id, currency)?.total_earned,
        changed_at: profile.updated_at.max(user.updated_at),
        version: ProfileVersion { account: user.version, profile: profile.version },
        account,
    }))
}

impl MemoryWork {
    async fn lock_profile(&mut self, user_id: UserId) -> Result<Option<Profile>, StoreError> {
        if self.look(|seen| seen.profile(user_id).is_none()) {
            return Ok(None);
        }
        self.acquire(Row::Profile(user_id), Lock::Exclusive).await?;
        Ok(self.look(|seen| seen.profile(user_id).cloned()))
    }

    async fn save_profile(&mut self, profile: &mut Profile) -> Result<(), StoreError> {
        self.acquire(Row::Profile(profile.user_id), Lock::Exclusive).await?;
        let stored = self.look(|seen| seen.profile(profile.user_id).map(|stored| stored.version));
        if stored != Some(profile.version) {
            return Err(StoreError::Stale { what: "profile" });
        }
        profile.version += 1;
        self.written.profiles.insert(profile.user_id, profile.clone());
        Ok(())
    }
}

#[async_trait]
impl Profiles for MemoryWork {
    async fn lock(&mut self, user_id: UserId) -> Result<Option<Profile>, StoreError> {
        self.start(Operation::LockProfile).await?;
        let outcome = self.lock_profile(user_id).await;
        self.finish(outcome)
    }

    async fn save(&mut self, profile: &mut Profile) -> Result<(), StoreError> {
        self.start(Operation::SaveProfile).await?;
        let outcome = self.save_profile(profile).await;
        self.finish(outcome)
    }

    async fn view(&mut self, user_id: UserId, currency: Currency) -> Result<Option<ProfileView>, StoreError> {
        self.start(Operation::ProfileInside).await?;
        let outcome = self.look(|seen| own(seen, user_id, currency));
        self.finish(outcome)
    }
}

#[async_trait]
impl ProfileQueries for MemoryStore {
    async fn profile(&self, user_id: UserId, currency: Currency) -> Result<Option<ProfileView>, StoreError> {
        self.shared().enter_or_fail(Operation::Profile).await?;
        self.look(|seen| own(seen, user_id, currency))
    }

    async fn public_profile(&self, user_id: UserId) -> Result<Option<PublicProfileView>, StoreError> {
        self.shared().enter_or_fail(Operation::PublicProfile).await?;
        Ok(self.look(|seen| {
            seen.user(user_id)
                .filter(|user| policy::has_public_profile(user.role, user.may_enter().is_ok()))?;
            seen.account(user_id).map(PublicProfileView::from)
        }))
    }
}

/// What somebody has completed since then, and what it has brought them.
fn achievement(
    seen: &Snapshot<'_>,
    user_id: UserId,
    since: Option<DateTime<Utc>>,
    currency: Currency,
) -> Result<Option<Achievement>, StoreError> {
    let Some(figures) = seen.figures(user_id) else { return Ok(None) };
    let Some(since) = since else {
        return Ok(Some(Achievement {
            user_id,
            orders_completed: figures.orders_completed,
            total_earned: wallet_view(seen, user_id, currency)?.total_earned,
            figures,
        }));
    };
    let (mut orders_completed, mut total_earned) = (0, Money::zero(currency));
    for order in seen.all(|rows| &rows.orders).into_values() {
        let is_theirs = order.award.is_some_and(|award| award.provider_id == user_id);
        let is_counted = order.completed_at.is_some_and(|completed_at| completed_at >= since);
        let Some(contract) = seen.contract_about(order) else { continue };
        if is_theirs && is_counted && order.state == OrderState::Completed {
            orders_completed += 1;
            if contract.escrow.price.currency() == currency {
                let net = contract.escrow.provider_net().map_err(refused)?;
                total_earned = total_earned.plus(net).map_err(refused)?;
            }
        }
    }
    Ok(Some(Achievement { user_id, orders_completed, total_earned, figures }))
}

#[async_trait]
impl RankProviders for MemoryStore {
    async fn rank(
        &self,
        period: Period,
        since: Option<DateTime<Utc>>,
        currency: Currency,
        as_of: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.shared().enter_or_fail(Operation::Rank).await?;
        // In one go: a newer ranking must not be overwritten by one that was reckoned before it.
        let rows = &mut self.shared().committed().rows;
        let seen = Snapshot { written: None, committed: rows };
        let people = seen.committed.users.values();
        let providers = people.filter(|user| policy::may_be_ranked(user.role, user.may_enter().is_ok()));
        let achieved = providers.map(|user| achievement(&seen, user.id, since, currency));
        let achieved: Vec<_> = achieved.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        rows.rankings.insert(period, (rank(achieved), as_of));
        Ok(true)
    }
}

#[async_trait]
impl LeaderboardQueries for MemoryStore {
    async fn leaderboard(
        &self,
        period: Period,
        places: u8,
        whose: UserId,
    ) -> Result<Option<LeaderboardView>, StoreError> {
        self.shared().enter_or_fail(Operation::Leaderboard).await?;
        Ok(self.look(|seen| {
            let (ranking, as_of) = seen.committed.rankings.get(&period)?;
            let place = |(achievement, rank): (&Achievement, i64)| {
                let Achievement { user_id, orders_completed, total_earned, figures } = *achievement;
                let person = PersonView { figures, ..seen.person(user_id)? };
                Some(RankedProvider { rank, person, orders_completed, total_earned })
            };
            let places = ranking.iter().zip(1..).take(places.into());
            let own = ranking.iter().zip(1..).find(|(achievement, _)| achievement.user_id == whose);
            Some(LeaderboardView {
                ranked: places.filter_map(place).collect(),
                own: own.and_then(place),
                as_of: *as_of,
            })
        }))
    }
}
