//! Rankings. Everybody on the store is ranked, also those of other cases, which rank as well: each
//! case looks at its own people, who earn more than others, and those whose moment matters have a
//! period for themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::{AccountState, Role};
use domain::ids::UserId;
use domain::profiles::{Achievement, FigureChange, Figures, Period, rank};
use ports::profiles::{LeaderboardView, MAX_PLACES, RankedProvider};

use super::Subject;
use super::deal_scene::{Deal, FREE, a_deal, fees};
use super::market_scene::stored_person;
use super::money_scene::{booked, given, paid_in, usd, wallet};
use super::scene::{begin, commit, fresh_uuid, locked, name, now, save};

/// More than anybody earns in other cases.
const MUCH: i64 = 9_000_000_000;

/// Ranks, as soon as nobody else does.
async fn ranked(subject: &Subject, period: Period, since: Option<DateTime<Utc>>) -> DateTime<Utc> {
    loop {
        let as_of = now();
        let is_done = subject.ranking.rank(period, since, usd(0).currency(), as_of).await;
        if is_done.expect("providers are ranked") {
            return as_of;
        }
        tokio::task::yield_now().await;
    }
}

async fn board(subject: &Subject, period: Period, whose: UserId) -> LeaderboardView {
    let found = subject.leaderboards.leaderboard(period, MAX_PLACES, whose).await;
    found.expect("the question is answered").expect("a ranking was made")
}

async fn place(subject: &Subject, period: Period, whose: UserId) -> Option<RankedProvider> {
    board(subject, period, whose).await.own
}

/// An order of somebody's who is new, done.
async fn done(subject: &Subject, minor: i64) -> Deal {
    let mut deal = a_deal(subject, minor, &[], FREE).await;
    deal.fund(subject).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
    deal
}

async fn change(subject: &Subject, id: UserId, change: FigureChange) {
    let mut work = begin(subject).await;
    work.figures().change(&BTreeMap::from([(id, change)])).await.expect("figures are changed");
    commit(work).await;
}

async fn achievement(subject: &Subject, user_id: UserId) -> Achievement {
    let account = subject.accounts.account(user_id).await.expect("the question is answered");
    let figures = account.expect("the account is shown").figures;
    let total_earned = wallet(subject, user_id).await.total_earned;
    Achievement { user_id, orders_completed: figures.orders_completed, total_earned, figures }
}

pub(super) async fn a_ranking_is_as_the_rules_say(subject: &Subject) {
    let mut mine = Vec::new();
    // The same money for all but the first; then orders, ratings (means of two decimals: 333 twice),
    // and ids.
    for (more, orders, (sum, count)) in [
        (1, 0, (0, 0)),
        (0, 0, (0, 0)),
        (0, 2, (0, 0)),
        (0, 0, (1_000, 300)),
        (0, 0, (999, 300)),
        (0, 0, (5, 1)),
        (0, 1, (1, 1)),
        (0, 0, (0, 0)),
    ] {
        let id = done(subject, MUCH + more).await.bid.provider_id;
        let figures = FigureChange {
            orders_total: orders,
            orders_completed: orders,
            rating_sum: sum,
            rating_count: count,
            ..FigureChange::default()
        };
        change(subject, id, figures).await;
        mine.push(achievement(subject, id).await);
    }
    let before = ranked(subject, Period::AllTime, None).await;
    let LeaderboardView { ranked: places, own, as_of } =
        board(subject, Period::AllTime, mine[1].user_id).await;
    assert!(as_of >= before, "as of then, or of another case's ranking");
    let ids: Vec<_> = places.iter().map(|place| place.person.id).collect();
    let expected = rank(mine.iter().copied());
    let expected: Vec<_> = expected.iter().map(|one| one.user_id).collect();
    let seen: Vec<_> = ids.iter().copied().filter(|id| expected.contains(id)).collect();
    assert_eq!(seen, expected);
    let ranks: Vec<_> = places.iter().map(|place| place.rank).collect();
    assert_eq!(ranks, (1..).take(places.len()).collect::<Vec<_>>(), "each once, from 1");
    let own = own.expect("everybody here is ranked");
    assert_eq!(places.iter().find(|place| place.person.id == mine[1].user_id), Some(&own));
    let Achievement { orders_completed, total_earned, figures, .. } = mine[1];
    let figures = Figures { orders_posted: 0, orders_cancelled: 0, ..figures };
    assert_eq!((own.orders_completed, own.total_earned), (orders_completed, total_earned));
    assert_eq!((own.person.name.as_str(), own.person.figures), ("Ádá Lovelace", figures));

    let first = subject.leaderboards.leaderboard(Period::AllTime, 1, mine[1].user_id).await;
    let first = first.expect("the question is answered").expect("a ranking was made");
    assert_eq!(first.ranked.len(), 1, "as many as were asked for");
    assert!(first.own.is_some_and(|own| own.rank > 1), "one's own wherever it is");
}

pub(super) async fn only_providers_who_may_enter_are_ranked(subject: &Subject) {
    let deal = done(subject, 100).await;
    let (client, provider) = (deal.order.client_id, deal.bid.provider_id);
    ranked(subject, Period::AllTime, None).await;
    assert_eq!(place(subject, Period::AllTime, client).await, None, "no clients");
    let nobody = UserId::new(fresh_uuid());
    assert_eq!(place(subject, Period::AllTime, nobody).await, None);
    for role in Role::ALL {
        let id = stored_person(subject, role).await.id;
        booked(subject, &paid_in(client, usd(200))).await;
        booked(subject, &given(client, id, usd(200))).await;
        ranked(subject, Period::AllTime, None).await;
        assert_eq!(place(subject, Period::AllTime, id).await, None, "{role}: completed nothing");
        let completed = FigureChange { orders_total: 1, orders_completed: 1, ..FigureChange::default() };
        change(subject, id, completed).await;
        ranked(subject, Period::AllTime, None).await;
        let is_ranked = place(subject, Period::AllTime, id).await.is_some();
        assert_eq!(is_ranked, role.is_provider(), "{role}");
    }
    for (state, is_ranked) in [
        (AccountState::Blocked { reason: "spam".into(), since: now() }, false),
        (AccountState::Active, true),
        (AccountState::Deactivated { since: now() }, false),
    ] {
        let mut work = begin(subject).await;
        let mut user = locked(work.as_mut(), provider).await;
        user.state = state;
        save(work.as_mut(), &mut user).await;
        commit(work).await;
        ranked(subject, Period::AllTime, None).await;
        let found = place(subject, Period::AllTime, provider).await;
        assert_eq!(found.is_some(), is_ranked, "{:?}", user.state);
    }
}

/// Has the week for itself.
pub(super) async fn a_period_counts_what_was_completed_in_it(subject: &Subject) {
    let mut deal = a_deal(subject, 10_000, &[Some(1), Some(3)], fees()).await;
    let provider = deal.bid.provider_id;
    let soon = now() + TimeDelta::hours(1);
    let ago = now() - TimeDelta::hours(1);
    deal.fund(subject).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
    ranked(subject, Period::Weekly, Some(ago)).await;
    assert_eq!(place(subject, Period::Weekly, provider).await, None, "it is not completed");
    deal.submit(subject, 2).await;
    deal.approve(subject, 2).await;
    ranked(subject, Period::Weekly, Some(ago)).await;
    let own = place(subject, Period::Weekly, provider).await.expect("it is completed");
    let earned = wallet(subject, provider).await.total_earned;
    assert!(earned.minor() < 10_000, "net of a fee");
    assert_eq!((own.orders_completed, own.total_earned), (1, earned), "all that the order brought");
    // Money and orders of another time count of all time only.
    let more = FigureChange {
        orders_total: 9,
        orders_completed: 8,
        rating_sum: 4,
        rating_count: 1,
        ..FigureChange::default()
    };
    change(subject, provider, more).await;
    ranked(subject, Period::Weekly, Some(ago)).await;
    let own = place(subject, Period::Weekly, provider).await.expect("it is still ranked");
    assert_eq!((own.orders_completed, own.total_earned), (1, earned));
    let ever = Figures {
        orders_total: 10,
        orders_completed: 9,
        rating_sum: 4,
        rating_count: 1,
        ..Figures::default()
    };
    assert_eq!(own.person.figures, ever, "rates are of all orders");
    ranked(subject, Period::Weekly, Some(soon)).await;
    assert_eq!(place(subject, Period::Weekly, provider).await, None, "the week has not begun");
}

pub(super) async fn a_new_ranking_takes_the_place_of_the_old_one(subject: &Subject) {
    let late = done(subject, MUCH / 2).await.bid.provider_id;
    ranked(subject, Period::AllTime, None).await;
    let before = place(subject, Period::AllTime, late).await.expect("they are ranked");
    let early = done(subject, MUCH / 2 + 1).await.bid.provider_id;
    assert_eq!(
        place(subject, Period::AllTime, late).await.map(|place| place.total_earned),
        Some(before.total_earned)
    );
    ranked(subject, Period::AllTime, None).await;
    // Of one and the same ranking: other cases may be making further ones.
    let known = board(subject, Period::AllTime, late).await.ranked;
    let rank = |id| known.iter().find(|place| place.person.id == id).expect("they are ranked").rank;
    assert!(rank(early) < rank(late), "{} {}", rank(early), rank(late));
    let mut ids: Vec<_> = known.iter().map(|place| place.person.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), known.len(), "nobody is there twice");
}

/// Has the month for itself.
pub(super) async fn names_are_those_of_today_and_figures_those_of_the_ranking(subject: &Subject) {
    let provider = done(subject, 100).await.bid.provider_id;
    let ago = Some(now() - TimeDelta::hours(1));
    let as_of = ranked(subject, Period::Monthly, ago).await;
    let before = place(subject, Period::Monthly, provider).await.expect("they are ranked");
    let mut work = begin(subject).await;
    let mut user = locked(work.as_mut(), provider).await;
    user.full_name = name("Grace Hopper");
    save(work.as_mut(), &mut user).await;
    commit(work).await;
    change(subject, provider, FigureChange { rating_sum: 5, rating_count: 1, ..FigureChange::default() })
        .await;
    let view = board(subject, Period::Monthly, provider).await;
    let own = view.own.expect("they are ranked");
    assert_eq!(own.person.name, "Grace Hopper");
    assert_eq!((own.person.figures, own.rank, view.as_of), (before.person.figures, before.rank, as_of));
    ranked(subject, Period::Monthly, ago).await;
    let own = place(subject, Period::Monthly, provider).await.expect("they are ranked");
    assert_eq!(own.person.figures.rating_count, 1);
}
