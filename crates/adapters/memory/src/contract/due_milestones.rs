//! Milestones whose clocks have run out.

use chrono::{DateTime, TimeDelta, Utc};
use domain::actor::Issuer;
use domain::contracts::{self, ChangesMessage, Outcome};
use ports::contracts::{DueMilestone, MilestoneClock};
use ports::store::StoreError;

use super::Subject;
use super::deal_scene::{Deal, FREE, a_deal};
use super::market_scene::number;
use super::scene::{begin, commit, now};

const MOMENT: TimeDelta = TimeDelta::microseconds(1);

async fn part(
    subject: &Subject,
    clock: MilestoneClock,
    now: DateTime<Utc>,
    after: Option<DueMilestone>,
    limit: u32,
) -> Vec<DueMilestone> {
    let found = subject.due_milestones.due_milestones(clock, now, after, limit).await;
    found.expect("the question is answered")
}

/// Which milestones of this deal are due, and since when.
async fn due(
    subject: &Subject,
    deal: &Deal,
    clock: MilestoneClock,
    now: DateTime<Utc>,
) -> Vec<(i32, DateTime<Utc>)> {
    let all = part(subject, clock, now, None, 100_000).await;
    let mine = all.into_iter().filter(|one| one.order_id == deal.order.id);
    mine.map(|one| (one.number.number(), one.due_at)).collect()
}

/// A deal over three milestones of which the second is handed in.
async fn handed_in(subject: &Subject) -> Deal {
    let mut deal = a_deal(subject, 10_000, &[None, None, None], FREE).await;
    deal.fund(subject).await;
    deal.submit(subject, 2).await;
    deal
}

pub(super) async fn what_nobody_answers_is_due_for_release(subject: &Subject) {
    let mut deal = handed_in(subject).await;
    let releases_at = deal.contract.milestones[1].auto_release_at.expect("a clock");
    let releases = async |deal: &Deal, at| due(subject, deal, MilestoneClock::Release, at).await;
    assert_eq!(releases(&deal, releases_at - MOMENT).await, []);
    assert_eq!(releases(&deal, releases_at).await, [(2, releases_at)]);
    let by = deal.client();
    deal.step(subject, |_, contract, now| {
        let again = ChangesMessage::parse("again").expect("a message");
        let event = contract.request_changes(number(2), again, by, now)?;
        Ok(Outcome { events: vec![event.into()], ..Outcome::default() })
    })
    .await;
    assert_eq!(releases(&deal, releases_at).await, [], "the client has answered");
    deal.submit(subject, 2).await;
    let releases_at = deal.contract.milestones[1].auto_release_at.expect("a clock");
    assert_eq!(releases(&deal, releases_at).await, [(2, releases_at)]);
    deal.approve(subject, 2).await;
    assert_eq!(releases(&deal, releases_at).await, [], "the client is content");
}

pub(super) async fn clients_are_reminded_before_the_release(subject: &Subject) {
    let mut deal = handed_in(subject).await;
    let milestone = deal.contract.milestones[1].clone();
    let releases_at = milestone.auto_release_at.expect("a clock");
    let first = milestone.remind_at.expect("a reminder");
    let reminders = async |deal: &Deal, at| due(subject, deal, MilestoneClock::Reminder, at).await;
    assert_eq!(reminders(&deal, first - MOMENT).await, []);
    assert_eq!(reminders(&deal, first).await, [(2, first)]);
    assert_eq!(reminders(&deal, releases_at).await, [], "too late for that");
    deal.contract.remind(number(2), Issuer::System, first).expect("it is time").expect("it is news");
    saved(subject, &deal).await.expect("it is saved");
    let second = deal.contract.milestones[1].remind_at.expect("another one");
    assert_eq!(reminders(&deal, first).await, [], "that was told");
    assert_eq!(reminders(&deal, second).await, [(2, second)]);
    deal.contract.remind(number(2), Issuer::System, second).expect("it is time").expect("it is news");
    saved(subject, &deal).await.expect("it is saved");
    assert_eq!(reminders(&deal, releases_at - MOMENT).await, [], "there are two");
    deal.approve(subject, 2).await;
    let settled = deal.contract.version;
    deal.contract.version = settled - 1;
    assert_eq!(saved(subject, &deal).await, Err("contract has changed meanwhile".to_owned()));
}

/// Saves when the client is next reminded; in words if it cannot be.
async fn saved(subject: &Subject, deal: &Deal) -> Result<(), String> {
    let mut work = begin(subject).await;
    match work.contracts().save_reminder(&deal.contract, number(2)).await {
        Ok(()) => {
            commit(work).await;
            Ok(())
        }
        Err(StoreError::Stale { .. }) => Err("contract has changed meanwhile".to_owned()),
        Err(error) => panic!("{error}"),
    }
}

pub(super) async fn what_rests_is_due_when_its_time_is_over(subject: &Subject) {
    let mut deal = handed_in(subject).await;
    let clearances = async |deal: &Deal, at| due(subject, deal, MilestoneClock::Clearance, at).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
    deal.approve_to_rest(subject, 2).await;
    let clears_at = deal.contract.milestones[1].clears_at.expect("it rests");
    assert_eq!(clearances(&deal, clears_at - MOMENT).await, []);
    assert_eq!(clearances(&deal, clears_at).await, [(2, clears_at)], "the first one never rested");
    deal.step(subject, |_, contract, _| {
        contracts::clear_payment(contract, number(2), Issuer::System, clears_at)
    })
    .await;
    assert_eq!(clearances(&deal, now() + TimeDelta::days(90)).await, []);
}

pub(super) async fn due_milestones_are_found_part_by_part(subject: &Subject) {
    let mut mine = Vec::new();
    for _ in 0..3 {
        let mut deal = handed_in(subject).await;
        deal.submit(subject, 1).await;
        for (milestone, place) in deal.contract.milestones.iter().zip(1..=2) {
            let due_at = milestone.auto_release_at.expect("a clock");
            mine.push(DueMilestone { due_at, order_id: deal.order.id, number: number(place) });
        }
    }
    mine.sort_unstable();
    let until = now() + TimeDelta::days(30);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let part = part(subject, MilestoneClock::Release, until, after, 2).await;
        assert!(part.len() <= 2, "{part:?}");
        let Some(last) = part.last() else { break };
        after = Some(*last);
        found.extend(part);
    }
    assert!(found.is_sorted_by(|first, second| first < second), "each once, the earliest first: {found:?}");
    assert_eq!(found.into_iter().filter(|one| mine.contains(one)).collect::<Vec<_>>(), mine);
}
