//! Who a request comes from, without asking the database each time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapter_memory::{Fault, Operation};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::ACCESS_TOKEN_TTL;
use domain::ids::SessionId;
use ports::identity::{EndedCursor, EndedSessions, SessionQueries};
use ports::store::StoreError;
use secrecy::ExposeSecret;
use usecases::identity::{Authenticate, STALE_AFTER};

use super::world::{World, copy, unavailable};

fn stale_after() -> TimeDelta {
    TimeDelta::from_std(STALE_AFTER).unwrap()
}

/// How often the store was asked about a single login.
fn asked(world: &World) -> usize {
    world.store.calls(Operation::IsLive)
}

#[tokio::test]
async fn a_token_is_read_until_it_expires() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let token = ada.tokens.access_token.expose_secret();
    let claims = world.authenticate.read(token).unwrap();
    assert_eq!((claims.user_id, claims.email.as_str()), (ada.user.id, "ada@example.com"));
    world.clock.set(claims.expires_at - TimeDelta::microseconds(1));
    assert!(world.authenticate.read(token).is_some());
    world.clock.set(claims.expires_at);
    assert!(world.authenticate.read(token).is_none());
    for wrong in ["", "nonsense", ada.tokens.refresh_token.expose_secret()] {
        assert!(world.authenticate.read(wrong).is_none());
    }
    assert_eq!(asked(&world), 0);
}

#[tokio::test]
async fn before_the_first_poll_the_store_is_asked() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    assert!(world.is_in(&ada.tokens).await);
    assert_eq!(asked(&world), 1);
    world.authenticate.poll().await.unwrap();
    assert!(world.is_in(&ada.tokens).await);
    assert_eq!(asked(&world), 1, "not any more");
}

#[tokio::test]
async fn fresh_news_answers_without_the_store_even_when_it_is_down() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let gone = world.enter("ada@example.com").await;
    world.log_out().execute(&world.actor(&gone.tokens).await).await.unwrap();
    world.authenticate.poll().await.unwrap();
    world.store.set_down(true);
    let before = asked(&world);
    world.clock.advance(stale_after());
    assert!(world.is_in(&ada.tokens).await);
    assert!(!world.is_in(&gone.tokens).await);
    assert_eq!(asked(&world), before);
}

#[tokio::test]
async fn stale_news_sends_everybody_to_the_store() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let ended_elsewhere = world.enter("ada@example.com").await;
    let ended_here = world.enter("ada@example.com").await;
    world.authenticate.poll().await.unwrap();
    let other = world.other_process();
    other.log_out().execute(&other.actor(&ended_elsewhere.tokens).await).await.unwrap();
    world.log_out().execute(&world.actor(&ended_here.tokens).await).await.unwrap();

    world.clock.advance(stale_after() + TimeDelta::microseconds(1));
    let before = asked(&world);
    assert!(world.is_in(&ada.tokens).await);
    assert!(!world.is_in(&ended_elsewhere.tokens).await, "although nobody has told us yet");
    assert_eq!(asked(&world), before + 2);
    assert!(!world.is_in(&ended_here.tokens).await);
    assert_eq!(asked(&world), before + 2, "what is known to have ended needs no question");
    world.authenticate.poll().await.unwrap();
    assert!(world.is_in(&ada.tokens).await);
    assert_eq!(asked(&world), before + 2, "after a poll nobody is asked again");
}

#[tokio::test]
async fn with_stale_news_and_no_store_nobody_comes_in() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let gone = world.enter("ada@example.com").await;
    world.authenticate.poll().await.unwrap();
    world.log_out().execute(&world.actor(&gone.tokens).await).await.unwrap();
    world.store.set_down(true);
    world.clock.advance(stale_after() + TimeDelta::microseconds(1));
    let error = world.try_actor(&ada.tokens).await.unwrap_err();
    assert!(matches!(unavailable(error), StoreError::Unavailable(_)), "503, neither in nor out");
    assert!(!world.is_in(&gone.tokens).await, "what has ended has ended");

    let poll = world.authenticate.poll().await.unwrap_err();
    assert!(matches!(unavailable(poll), StoreError::Unavailable(_)));
    assert!(world.try_actor(&ada.tokens).await.is_err(), "a poll that failed is no news");
    world.store.set_down(false);
    world.authenticate.poll().await.unwrap();
    assert!(world.is_in(&ada.tokens).await);
}

#[tokio::test]
async fn another_process_learns_of_every_kind_of_end_by_polling() {
    let world = World::new();
    let admin = world.admin("root@example.com").await;
    let ada = world.account("ada@example.com").await;
    let (changed, stolen) = (world.enter("ada@example.com").await, world.enter("ada@example.com").await);
    let (blocked, closed) = (world.account("b@example.com").await, world.account("c@example.com").await);
    let replaced = world.enter("b@example.com").await;
    let other = world.other_process();
    other.authenticate.poll().await.unwrap();
    let all = [&ada.tokens, &changed.tokens, &stolen.tokens, &blocked.tokens, &closed.tokens];
    for tokens in all {
        assert!(other.is_in(tokens).await);
    }

    let next = world.refresh().execute(copy(&stolen.tokens.refresh_token)).await.unwrap();
    world.refresh().execute(next.refresh_token).await.unwrap();
    assert!(world.refresh().execute(copy(&stolen.tokens.refresh_token)).await.is_err(), "theft");
    let actor = world.actor(&ada.tokens).await;
    let new = "another horse entirely";
    world.change_password().execute(&actor, super::world::PASSWORD.into(), new).await.unwrap();
    world.log_out().execute(&actor).await.unwrap();
    let spam = super::world::reason("spam");
    world.block().execute(&admin, blocked.user.id, &spam).await.unwrap();
    world.deactivate().execute(&world.actor(&closed.tokens).await).await.unwrap();

    let before = asked(&world);
    for tokens in all {
        assert!(other.is_in(tokens).await, "the news has not come yet");
    }
    other.authenticate.poll().await.unwrap();
    for tokens in all.into_iter().chain([&replaced.tokens]) {
        assert!(!other.is_in(tokens).await);
        assert!(!world.is_in(tokens).await);
    }
    assert_eq!(asked(&world), before, "no question per request");
}

#[tokio::test]
async fn a_poll_counts_from_when_it_began() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let mut held = world.store.hold_next(Operation::EndedSince);
    let poll = tokio::spawn({
        let world = world.clone();
        async move { world.authenticate.poll().await }
    });
    held.reached().await;
    world.clock.advance(stale_after() + TimeDelta::microseconds(1));
    held.release();
    poll.await.unwrap().unwrap();
    assert!(world.is_in(&ada.tokens).await);
    assert_eq!(asked(&world), 1, "an answer that took that long is stale already");
}

#[tokio::test]
async fn a_new_process_knows_what_ended_before_it_began() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    world.log_out().execute(&world.actor(&ada.tokens).await).await.unwrap();
    world.clock.advance(ACCESS_TOKEN_TTL - TimeDelta::seconds(1));
    let late = world.other_process();
    late.authenticate.poll().await.unwrap();
    let before = asked(&world);
    assert!(!late.is_in(&ada.tokens).await);
    assert_eq!(asked(&world), before);
}

#[tokio::test]
async fn what_no_token_can_outlive_is_forgotten() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let claims = world.authenticate.read(ada.tokens.access_token.expose_secret()).unwrap();
    world.log_out().execute(&world.actor(&ada.tokens).await).await.unwrap();
    world.authenticate.poll().await.unwrap();

    // The token has expired by any clock that is at most a few minutes slow.
    world.clock.advance(TimeDelta::minutes(16));
    world.authenticate.poll().await.unwrap();
    let before = asked(&world);
    assert!(world.authenticate.execute(&claims).await.is_err(), "still known");
    assert_eq!(asked(&world), before);

    world.clock.advance(TimeDelta::minutes(30));
    world.authenticate.poll().await.unwrap();
    assert!(
        world.authenticate.execute(&claims).await.is_ok(),
        "forgotten: such a token is not read any more"
    );
    assert_eq!(world.authenticate.read(ada.tokens.access_token.expose_secret()), None);
}

/// Passes questions on and notes from where each one reads on.
struct Noting {
    world: World,
    cursors: Mutex<Vec<Option<EndedCursor>>>,
}

#[async_trait]
impl SessionQueries for Noting {
    async fn ended_since(
        &self,
        cursor: Option<EndedCursor>,
        not_before: DateTime<Utc>,
    ) -> Result<EndedSessions, StoreError> {
        self.cursors.lock().unwrap().push(cursor);
        self.world.store.ended_since(cursor, not_before).await
    }

    async fn is_live(&self, id: SessionId) -> Result<bool, StoreError> {
        self.world.store.is_live(id).await
    }
}

#[tokio::test]
async fn each_poll_reads_on_from_the_last_one_that_succeeded() {
    let world = World::new();
    let noting = Arc::new(Noting { world: world.clone(), cursors: Mutex::default() });
    let authenticate = Authenticate::new(world.access.clone(), noting.clone(), world.clock.clone());
    authenticate.poll().await.unwrap();
    let ada = world.account("ada@example.com").await;
    world.log_out().execute(&world.actor(&ada.tokens).await).await.unwrap();
    authenticate.poll().await.unwrap();
    world.store.fail_next(Operation::EndedSince, Fault::Unavailable);
    assert!(authenticate.poll().await.is_err());
    authenticate.poll().await.unwrap();
    let cursors = noting.cursors.lock().unwrap().clone();
    let [None, Some(start), Some(after), Some(again)] = cursors[..] else { panic!("{cursors:?}") };
    assert_ne!(start, after);
    assert_eq!(after, again);
}

#[tokio::test]
async fn a_jump_of_the_time_of_day_does_not_make_news_fresh_or_stale() {
    let world = World::new();
    let ada = world.account("ada@example.com").await;
    let claims = world.authenticate.read(ada.tokens.access_token.expose_secret()).unwrap();
    world.authenticate.poll().await.unwrap();
    let now = ports::environment::Clock::now(world.clock.as_ref());
    world.clock.jump(now + TimeDelta::hours(1));
    world.authenticate.execute(&claims).await.unwrap();
    assert_eq!(asked(&world), 0);
    world.clock.jump(now - TimeDelta::hours(1));
    world.clock.advance(stale_after() + TimeDelta::microseconds(1));
    world.authenticate.execute(&claims).await.unwrap();
    assert_eq!(asked(&world), 1);
}

#[test]
fn half_a_second_and_this_keep_the_promise_of_one_second() {
    // Whoever trusts news up to this old has polled, at the latest, this long before.
    assert!(STALE_AFTER < Duration::from_secs(1));
    assert!(STALE_AFTER > Duration::from_millis(500), "else every other request would ask the store");
}
