//! What people say of themselves.

use std::pin::pin;

use chrono::TimeDelta;
use domain::identity::{AccountState, Role, User};
use domain::ids::UserId;
use domain::profiles::{Bio, Education, Profile, Tag, Tags, policy};
use ports::profiles::{ProfileVersion, ProfileView, PublicProfileView};
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::deal_scene::{a_deal, fees};
use super::market_scene::stored_person;
use super::money_scene::{usd, wallet};
use super::scene::{
    begin, commit, fresh_uuid, locked, must_end, must_wait, name, now, rollback, save, stored_user,
};

async fn locked_profile(work: &mut dyn UnitOfWork, id: UserId) -> Profile {
    let found = work.profiles().lock(id).await.expect("a profile is locked");
    found.expect("the profile is there")
}

async fn shown(subject: &Subject, id: UserId) -> ProfileView {
    let found = subject.profiles.profile(id, usd(0).currency()).await.expect("the question is answered");
    found.expect("the profile is shown")
}

async fn shown_to_others(subject: &Subject, id: UserId) -> Option<PublicProfileView> {
    subject.profiles.public_profile(id).await.expect("the question is answered")
}

fn tags(words: &[&str]) -> Tags {
    let tags = words.iter().map(|word| Tag::parse(word).expect("a name")).collect();
    Tags::new(tags).expect("each once")
}

/// Everything that somebody can say.
fn filled_in(user: &User) -> Profile {
    Profile {
        bio: Bio::parse("Experienced writer\nwith \"5+\" years").ok(),
        specializations: tags(&["Business", "Märkte, {neu}", "Research"]),
        education: Education::parse("MBA, Marketing").ok(),
        languages: tags(&["English", "Spanish"]),
        updated_at: user.updated_at + TimeDelta::seconds(1),
        ..Profile::empty(user.id, user.updated_at)
    }
}

pub(super) async fn a_profile_comes_with_its_account(subject: &Subject) {
    let user = stored_user(subject).await;
    let mut work = begin(subject).await;
    assert_eq!(locked_profile(work.as_mut(), user.id).await, Profile::empty(user.id, user.created_at));
    let nobody = UserId::new(fresh_uuid());
    assert_eq!(work.profiles().lock(nobody).await.expect("no error"), None);
    let currency = usd(0).currency();
    assert_eq!(work.profiles().view(nobody, currency).await.expect("no error"), None);
    rollback(work).await;
    assert_eq!(subject.profiles.profile(nobody, currency).await.expect("no error"), None);
    let view = shown(subject, user.id).await;
    let account = subject.accounts.account(user.id).await.expect("the question is answered");
    assert_eq!(Some(&view.account), account.as_ref(), "the same account");
    assert_eq!((view.total_earned, view.changed_at), (usd(0), user.updated_at));
    assert_eq!(view.version, ProfileVersion { account: user.version, profile: 0 });
}

pub(super) async fn every_field_of_a_profile_is_saved(subject: &Subject) {
    let user = stored_user(subject).await;
    let changes: [fn(&mut Profile); 6] = [
        |profile| profile.bio = Bio::parse("Another one").ok(),
        |profile| profile.bio = None,
        |profile| profile.specializations = tags(&["Law"]),
        |profile| profile.specializations = Tags::default(),
        |profile| profile.education = None,
        |profile| profile.languages = tags(&["Deutsch", "English"]),
    ];
    let mut profile = filled_in(&user);
    for change in std::iter::once((|_| ()) as fn(&mut Profile)).chain(changes) {
        change(&mut profile);
        profile.updated_at += TimeDelta::microseconds(1);
        let before = profile.version;
        let mut work = begin(subject).await;
        work.profiles().save(&mut profile).await.expect("the profile is saved");
        assert!(profile.version > before, "saves are counted");
        assert_eq!(locked_profile(work.as_mut(), user.id).await, profile, "as the transaction sees it");
        let inside = work.profiles().view(user.id, usd(0).currency()).await.expect("no error");
        commit(work).await;
        let outside = shown(subject, user.id).await;
        assert_eq!(inside.as_ref(), Some(&outside), "inside and outside");
        let ProfileView { account, changed_at, version, .. } = outside;
        let words =
            |tags: &Tags| tags.as_slice().iter().map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(account.bio.as_deref(), profile.bio.as_ref().map(Bio::as_str));
        assert_eq!(account.education.as_deref(), profile.education.as_ref().map(Education::as_str));
        assert_eq!(account.specializations, words(&profile.specializations));
        assert_eq!(account.languages, words(&profile.languages));
        assert_eq!((changed_at, version.profile), (profile.updated_at, profile.version));
    }
    let mut work = begin(subject).await;
    let mut user = locked(work.as_mut(), user.id).await;
    user.updated_at = profile.updated_at + TimeDelta::days(1);
    save(work.as_mut(), &mut user).await;
    commit(work).await;
    let view = shown(subject, user.id).await;
    let version = ProfileVersion { account: user.version, profile: profile.version };
    assert_eq!((view.changed_at, view.version), (user.updated_at, version), "the account counts as well");
}

pub(super) async fn stale_profiles_are_refused(subject: &Subject) {
    let user = stored_user(subject).await;
    let mut profile = filled_in(&user);
    let mut work = begin(subject).await;
    work.profiles().save(&mut profile).await.expect("the profile is saved");
    commit(work).await;
    for mut stale in [filled_in(&user), Profile::empty(UserId::new(fresh_uuid()), now())] {
        let mut work = begin(subject).await;
        let saved = work.profiles().save(&mut stale).await;
        assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
        rollback(work).await;
    }
}

pub(super) async fn profiles_are_locked(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut profile = locked_profile(first.as_mut(), user.id).await;
    let found = {
        let mut waiting = pin!(second.profiles().lock(user.id));
        must_wait(waiting.as_mut(), "the second lock of a profile").await;
        profile.bio = Bio::parse("The newest").ok();
        first.profiles().save(&mut profile).await.expect("the profile is saved");
        commit(first).await;
        must_end(waiting, "the second lock of a profile").await.expect("the lock comes")
    };
    assert_eq!(found, Some(profile), "whoever waited sees the newest");
    rollback(second).await;
}

pub(super) async fn what_was_earned_is_shown_with_the_profile(subject: &Subject) {
    let mut deal = a_deal(subject, 10_000, &[], fees()).await;
    deal.fund(subject).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
    let earned = wallet(subject, deal.bid.provider_id).await.total_earned;
    assert!(earned.minor() > 0 && earned.minor() < 10_000, "net of a fee: {earned}");
    assert_eq!(shown(subject, deal.bid.provider_id).await.total_earned, earned);
    assert_eq!(shown(subject, deal.order.client_id).await.total_earned, usd(0));
}

pub(super) async fn others_see_a_profile_while_its_account_may_be_used(subject: &Subject) {
    let mut user = stored_user(subject).await;
    let mut work = begin(subject).await;
    work.profiles().save(&mut filled_in(&user)).await.expect("the profile is saved");
    commit(work).await;
    let account = shown(subject, user.id).await.account;
    let expected = Some(PublicProfileView::from(account));
    assert_eq!(shown_to_others(subject, user.id).await, expected);
    assert_eq!(shown_to_others(subject, UserId::new(fresh_uuid())).await, None);
    for state in [
        AccountState::Blocked { reason: "spam".into(), since: now() },
        AccountState::Deactivated { since: now() },
        AccountState::Active,
    ] {
        user.state = state;
        user.full_name = name("Ádá Lovelace");
        let mut work = begin(subject).await;
        save(work.as_mut(), &mut user).await;
        commit(work).await;
        let is_shown = user.state == AccountState::Active;
        assert_eq!(shown_to_others(subject, user.id).await, expected.clone().filter(|_| is_shown));
    }
    for role in Role::ALL {
        let person = stored_person(subject, role).await;
        let is_shown = shown_to_others(subject, person.id).await.is_some();
        assert_eq!(is_shown, policy::has_public_profile(role, true), "{role}");
    }
}
