//! Profiles as they are shown, to their owners and to others: one statement each.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::identity::AccountState;
use domain::ids::UserId;
use domain::money::Currency;
use domain::profiles::policy;
use futures_util::FutureExt;
use ports::profiles::{ProfileQueries, ProfileVersion, ProfileView, PublicProfileView};
use ports::store::StoreError;

use super::roles_that;
use crate::error::store_error;
use crate::identity::queries::AccountRow;
use crate::link::Line;
use crate::money::total;
use crate::pool::Database;
use crate::schema::{profiles, user_figures, users, wallet_totals};

/// Somebody's profile with what they have earned in a currency.
macro_rules! own_profile {
    ($user_id:expr, $currency:expr) => {
        users::table
            .inner_join(profiles::table)
            .inner_join(user_figures::table)
            .left_join(
                wallet_totals::table.on(wallet_totals::user_id
                    .eq(users::id)
                    .and(wallet_totals::currency.eq($currency.as_str()))),
            )
            .filter(users::id.eq($user_id.uuid()))
            .select((
                AccountRow::as_select(),
                profiles::updated_at,
                users::version,
                profiles::version,
                wallet_totals::earned_minor.nullable(),
            ))
    };
}

/// What [`own_profile!`] tells.
type OwnRow = (AccountRow, DateTime<Utc>, i64, i64, Option<i64>);

fn own(row: OwnRow, currency: Currency) -> Result<ProfileView, StoreError> {
    let (account, rewritten_at, account_version, profile_version, earned) = row;
    let account = ports::identity::AccountView::try_from(account)?;
    Ok(ProfileView {
        total_earned: total(
            "wallet_totals",
            "earned_minor",
            account.id,
            earned.unwrap_or_default().max(0),
            currency,
        )?,
        changed_at: rewritten_at.max(account.updated_at),
        version: ProfileVersion { account: account_version, profile: profile_version },
        account,
    })
}

/// Somebody's profile as this transaction has left it.
pub(crate) async fn view(
    connection: &mut Line<'_>,
    user_id: UserId,
    currency: Currency,
) -> Result<Option<ProfileView>, StoreError> {
    let row: Option<OwnRow> =
        own_profile!(user_id, currency).first(connection).await.optional().map_err(store_error)?;
    row.map(|row| own(row, currency)).transpose()
}

#[async_trait]
impl ProfileQueries for Database {
    async fn profile(&self, user_id: UserId, currency: Currency) -> Result<Option<ProfileView>, StoreError> {
        let row: Option<OwnRow> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    own_profile!(user_id, currency).first(&mut connection).await.optional()
                }
                .boxed()
            })
            .await?;
        row.map(|row| own(row, currency)).transpose()
    }

    async fn public_profile(&self, user_id: UserId) -> Result<Option<PublicProfileView>, StoreError> {
        let row: Option<AccountRow> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    users::table
                        .inner_join(profiles::table)
                        .inner_join(user_figures::table)
                        .filter(users::id.eq(user_id.uuid()))
                        .filter(users::state.eq(AccountState::Active.as_str()))
                        .filter(users::role.eq_any(roles_that(policy::has_public_profile)))
                        .select(AccountRow::as_select())
                        .first(&mut connection)
                        .await
                        .optional()
                }
                .boxed()
            })
            .await?;
        Ok(row.map(ports::identity::AccountView::try_from).transpose()?.map(PublicProfileView::from))
    }
}
