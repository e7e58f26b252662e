//! Profiles and rankings, from the commands that change them.

use adapter_memory::{Fault, Operation};
use chrono::TimeDelta;
use domain::actor::Actor;
use domain::event::Fact;
use domain::identity::{FullName, Role};
use domain::ids::UserId;
use domain::money::Currency;
use domain::profiles::{Bio, Period, ProfilePatch, Tag, Tags};
use ports::environment::Clock;
use ports::profiles::{LeaderboardView, ProfileQueries, ProfileVersion, ProfileView, RankProviders};
use usecases::profiles::{
    EditProfile, ProfileEdit, RefreshLeaderboard, ViewLeaderboard, ViewProfile, ViewPublicProfile,
};
use uuid::Uuid;

use super::world::{Deal, Outcome, World, before, now, usd, word};

fn bio(text: &str) -> ProfileEdit {
    let patch = ProfilePatch { bio: Some(Bio::parse(text).ok()), ..ProfilePatch::default() };
    ProfileEdit { patch, ..ProfileEdit::default() }
}

fn named(name: &str) -> ProfileEdit {
    ProfileEdit { full_name: FullName::parse(name).ok(), ..ProfileEdit::default() }
}

async fn edit(world: &World, person: &Actor, edit: ProfileEdit) -> Outcome<ProfileView> {
    EditProfile(world.desk.clone()).execute(person, edit, &world.once()).await
}

async fn profile(world: &World, person: &Actor) -> ProfileView {
    ViewProfile { profiles: world.store.clone() }.execute(person).await.unwrap()
}

/// The facts about accounts since so many others.
fn facts(world: &World, after: usize) -> Vec<&'static str> {
    let events = world.store.events();
    events.iter().skip(after).map(|(_, event)| Fact::name(&event.fact)).collect()
}

#[tokio::test]
async fn everybody_changes_what_they_say_of_themselves() {
    let world = World::new();
    for (number, role) in Role::ALL.into_iter().filter(|role| *role != Role::Admin).enumerate() {
        let person = world.person(&format!("person{number}"), role).await;
        world.clock.advance(TimeDelta::seconds(1));
        let told = world.store.events().len();
        let both = ProfileEdit { full_name: FullName::parse("Ada").ok(), ..bio("Hello") };
        let view = now(edit(&world, &person, both.clone()).await.unwrap());
        assert_eq!(facts(&world, told), ["user.identity_changed", "user.profile_changed"]);
        assert_eq!((view.account.full_name.as_str(), view.account.bio.as_deref()), ("Ada", Some("Hello")));
        assert_eq!(view.changed_at, world.clock.now());
        assert_eq!(view, profile(&world, &person).await, "the whole profile");

        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(now(edit(&world, &person, both).await.unwrap()), view, "nothing is different");
        assert_eq!(facts(&world, told).len(), 2, "and nothing is told");
        let renamed = now(edit(&world, &person, named("Grace")).await.unwrap());
        assert_eq!(renamed.version.profile, view.version.profile, "the name is the account's");
        assert!(renamed.version.account > view.version.account);
        assert_eq!(facts(&world, told).last(), Some(&"user.identity_changed"));
    }
}

#[tokio::test]
async fn a_change_is_for_the_version_that_was_seen() {
    let world = World::new();
    let person = world.provider("writer").await;
    let seen = profile(&world, &person).await.version;
    let of = |versions: &[ProfileVersion], text: &str| ProfileEdit {
        versions: Some(versions.to_vec()),
        ..bio(text)
    };
    let first = now(edit(&world, &person, of(&[seen], "one")).await.unwrap());
    for stale in [&[seen] as &[_], &[]] {
        let outcome = edit(&world, &person, of(stale, "two")).await;
        assert_eq!(word(&outcome), "stale");
    }
    assert_eq!(profile(&world, &person).await, first, "nothing was written");
    now(edit(&world, &person, of(&[seen, first.version], "two")).await.unwrap());
}

#[tokio::test]
async fn a_change_with_a_name_is_made_once() {
    let world = World::new();
    let person = world.provider("writer").await;
    let command = world.named(&person, "key", 1);
    now(edit(&command, &person, bio("one")).await.unwrap());
    now(edit(&world, &person, bio("two")).await.unwrap());
    before(edit(&command, &person, bio("one")).await.unwrap());
    assert_eq!(profile(&world, &person).await.account.bio.as_deref(), Some("two"));
    let other = edit(&world.named(&person, "key", 2), &person, bio("three")).await;
    assert_eq!(word(&other), "idempotency_key_reused");
}

#[tokio::test]
async fn whoever_may_not_come_in_changes_nothing() {
    let world = World::new();
    let (admin, person) = (world.admin().await, world.provider("writer").await);
    world.block(&admin, &person).await;
    assert_eq!(word(&edit(&world, &person, bio("one")).await), "account_blocked");
    let nobody = Actor { user_id: UserId::new(Uuid::nil()), ..person };
    assert_eq!(word(&edit(&world, &nobody, bio("one")).await), "unauthorized");
    let found = world.store.profile(person.user_id, Currency::Usd).await.unwrap().unwrap();
    assert_eq!(found.account.bio, None);
}

#[tokio::test]
async fn only_those_who_take_part_are_shown_to_others() {
    let world = World::new();
    let view = ViewPublicProfile { profiles: world.store.clone() };
    let (admin, writer, client) =
        (world.admin().await, world.provider("writer").await, world.client("client").await);
    let tags = Tags::new(vec![Tag::parse("Law").unwrap()]).unwrap();
    let patch = ProfilePatch { specializations: Some(tags), ..ProfilePatch::default() };
    now(edit(&world, &writer, ProfileEdit { patch, ..ProfileEdit::default() }).await.unwrap());
    assert_eq!(view.execute(writer.user_id).await.unwrap().specializations, ["Law"]);
    assert_eq!(view.execute(client.user_id).await.unwrap().role, Role::Client);
    world.close(&client).await.unwrap();
    for hidden in [admin.user_id, client.user_id, UserId::new(Uuid::nil())] {
        assert_eq!(word(&view.execute(hidden).await), "not_found");
    }
}

async fn board(world: &World, person: &Actor, period: Period) -> LeaderboardView {
    let view = ViewLeaderboard { rankings: world.store.clone(), clock: world.clock.clone() };
    view.execute(person, period, 50).await.unwrap()
}

#[tokio::test]
async fn a_completed_order_is_ranked_with_what_it_brought() {
    let world = World::new().with_fees();
    let refresh = RefreshLeaderboard { rankings: world.store.clone(), clock: world.clock.clone() };
    let deal = Deal::completed(&world).await;
    for period in Period::ALL {
        let none = board(&world, &deal.provider, *period).await;
        let empty = LeaderboardView { ranked: vec![], own: None, as_of: world.clock.now() };
        assert_eq!(none, empty, "nobody has ranked anybody yet");
    }
    refresh.execute().await.unwrap();
    let made_at = world.clock.now();
    let earned = profile(&world, &deal.provider).await.total_earned;
    let (available, ..) = world.holds(&deal.provider).await;
    assert_eq!(earned, usd(available), "net of fees");
    for period in Period::ALL {
        world.clock.advance(TimeDelta::seconds(1));
        let view = board(&world, &deal.provider, *period).await;
        let own = view.own.clone().unwrap();
        assert_eq!((own.rank, own.orders_completed, own.total_earned), (1, 1, earned), "{period}");
        assert_eq!((view.ranked, view.as_of), (vec![own], made_at));
        assert_eq!(board(&world, &deal.client, *period).await.own, None);
        assert_eq!(board(&world, &deal.other_provider, *period).await.own, None, "completed nothing");
    }
    // In the week and the month after next nothing was completed.
    world.clock.advance(TimeDelta::days(62));
    refresh.execute().await.unwrap();
    for (period, is_ranked) in [(Period::AllTime, true), (Period::Monthly, false), (Period::Weekly, false)] {
        let view = board(&world, &deal.provider, period).await;
        assert_eq!((view.own.is_some(), view.as_of), (is_ranked, world.clock.now()), "{period}");
    }
}

#[tokio::test]
async fn a_ranking_that_fails_leaves_the_one_before() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    let refresh = RefreshLeaderboard { rankings: world.store.clone(), clock: world.clock.clone() };
    refresh.execute().await.unwrap();
    let before = board(&world, &deal.provider, Period::AllTime).await;
    world.store.fail_next(Operation::Rank, Fault::TimedOut);
    assert!(refresh.execute().await.is_err());
    assert_eq!(board(&world, &deal.provider, Period::AllTime).await, before);
    let is_done = world.store.rank(Period::AllTime, None, Currency::Usd, world.clock.now()).await;
    assert!(is_done.unwrap());
}
