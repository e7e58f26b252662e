//! What people say of themselves, what others see of them, the figures that are kept about them, and
//! their ranking.

mod figures;
pub(crate) mod leaderboard;
pub(crate) mod profile;
mod views;

pub(crate) use figures::{FiguresRow, change};
pub(crate) use views::view;

use diesel::sql_types::{Integer, Nullable, Record, Text, Uuid as SqlUuid};
use domain::identity::Role;
use domain::ids::UserId;
use ports::profiles::PersonView;
use ports::store::StoreError;
use uuid::Uuid;

/// The words of the roles for which a rule of the domain holds, in accounts that may be used.
fn roles_that(rule: fn(Role, bool) -> bool) -> impl Iterator<Item = &'static str> {
    Role::ALL.into_iter().filter(move |role| rule(*role, true)).map(Role::as_str)
}

/// A subquery for one person, by the expression that names them: its one column `person` is a
/// [`PersonRow`]. `OFFSET 0` keeps the planner, which cannot know how short a page is, from joining
/// whole tables to it.
macro_rules! person {
    ($id:literal) => {
        concat!(
            "(SELECT ROW(users.id, users.full_name, profiles.avatar_url,
                         figures.orders_posted, figures.orders_total, figures.orders_completed,
                         figures.orders_cancelled, figures.rating_sum, figures.rating_count) AS person
              FROM users
              JOIN profiles ON profiles.user_id = users.id
              JOIN user_figures figures ON figures.user_id = users.id
              WHERE users.id = ",
            $id,
            " OFFSET 0)"
        )
    };
}
pub(crate) use person;

/// The SQL type of a person.
pub(crate) type PersonSql =
    Record<(SqlUuid, Text, Nullable<Text>, Integer, Integer, Integer, Integer, Integer, Integer)>;

/// A person as [`person!`] tells it.
pub(crate) type PersonRow = (Uuid, String, Option<String>, i32, i32, i32, i32, i32, i32);

/// A person as others see them.
pub(crate) fn person_view(row: PersonRow) -> Result<PersonView, StoreError> {
    let (
        id,
        name,
        avatar_url,
        orders_posted,
        orders_total,
        orders_completed,
        orders_cancelled,
        rating_sum,
        rating_count,
    ) = row;
    let figures = FiguresRow {
        orders_posted,
        orders_total,
        orders_completed,
        orders_cancelled,
        rating_sum,
        rating_count,
    };
    Ok(PersonView { id: UserId::new(id), name, avatar_url, figures: figures.into_figures(id)? })
}
