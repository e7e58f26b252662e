use super::*;
use crate::identity::{AccountState, Role, Standing};
use crate::machine::{Conflict, walk};
use crate::money::{Currency, MoneyError};
use crate::orders::plan::{MilestonePlan, MilestoneTitle, PlannedMilestone};
use crate::orders::{Pages, Title};
use crate::sample::{self, at, client, day, issuer, provider, usd};

fn milestone(due_date: DateTime<Utc>) -> PlannedMilestone {
    PlannedMilestone { title: MilestoneTitle::parse("Draft").unwrap(), due_date, amount: None }
}

fn plan(due_dates: &[DateTime<Utc>]) -> MilestonePlan {
    MilestonePlan::new(due_dates.iter().map(|due| milestone(*due)).collect()).unwrap()
}

fn invitee(id: u128, role: Role) -> Invitee {
    let id = sample::user(id);
    Invitee { id, account: Some(Standing { id, role, state: AccountState::Active }) }
}

fn post(details: OrderDetails, by: Issuer) -> Result<Posted, OrderError> {
    Order::post(NewOrder { id: OrderId::new(1).unwrap(), details, invited: vec![] }, by, at(0))
}

#[test]
fn every_command_in_every_state_by_everybody() {
    // open pending active completed cancelled
    let expected = [
        ("edit", Party::Client, "open - - - -"),
        ("invite", Party::Client, "open - - - -"),
        ("take_offers", Party::Client, "open - - - -"),
        ("take_offers", Party::Provider, "open - - - -"),
        ("accept", Party::Client, "pending - - - -"),
        ("fund", Party::Client, "- active - - -"),
        ("lapse", Party::System, "- cancelled - - -"),
        ("leave", Party::Provider, "- open - - -"),
        ("leave", Party::System, "- open - - -"),
        ("attach_files", Party::Client, "open - active - -"),
        ("attach_files", Party::Provider, "- - active - -"),
        ("report_progress", Party::Provider, "- - active - -"),
        ("complete", Party::System, "- - completed - -"),
        ("revoke", Party::System, "- - cancelled - -"),
        ("dissolve", Party::System, "- - cancelled - -"),
        ("cancel", Party::Client, "cancelled cancelled - - -"),
        ("cancel", Party::System, "cancelled cancelled - - -"),
        ("expire", Party::System, "open - - - -"),
        ("review", Party::Client, "- - - completed -"),
        ("review", Party::Provider, "- - - completed -"),
    ];
    let parties = [Party::Client, Party::Provider, Party::Admin, Party::System];
    walk::all(&ORDER_MACHINE, &parties, &expected, |state, command, party| {
        if command == OrderCommand::Post {
            return "!"; // It comes into being by it; see `only_clients_post`.
        }
        let mut order = sample::order_in(state);
        // A provider who could ask anything of an open order would have to hold it.
        order.award = order.award.or_else(|| Some(sample::award()));
        let (before, now) = (order.clone(), day(60));
        let by = issuer(party);
        let result: Result<(), OrderError> = match command {
            OrderCommand::Post => unreachable!(),
            OrderCommand::Edit => {
                let patch =
                    OrderPatch { title: Some(Title::parse("Other").unwrap()), ..OrderPatch::default() };
                order.edit(patch, by, now).map(|_| ())
            }
            OrderCommand::Invite => order.invite(&invitee(77, Role::Writer), None, by, now).map(|_| ()),
            OrderCommand::TakeOffers => order.must_take_offers(by, at(1)),
            OrderCommand::Accept => order.accept(sample::award(), None, by, now),
            OrderCommand::Fund => order.fund(by, now).map(|_| ()),
            OrderCommand::Lapse => order.lapse(by, now).map(|_| ()),
            OrderCommand::Leave => order.leave(by, now).map(|_| ()),
            OrderCommand::AttachFiles => order.attach(&FileList::default(), by, now).map(drop),
            OrderCommand::ReportProgress => {
                order.report_progress(Progress::new(65).unwrap(), by, now).map(|_| ())
            }
            // The program alone settles; the aggregate does not even ask who.
            OrderCommand::Complete if party != Party::System => return "!",
            OrderCommand::Revoke if party != Party::System => return "!",
            OrderCommand::Dissolve if party != Party::System => return "!",
            OrderCommand::Dissolve => order.dissolve(now).map(|_| ()),
            OrderCommand::Complete => order.settle(true, Party::Client, now).map(|_| ()),
            OrderCommand::Revoke => order.settle(false, Party::Client, now).map(|_| ()),
            OrderCommand::Cancel => order.cancel(by, now).map(|_| ()),
            OrderCommand::Expire => order.expire(by, now).map(|_| ()),
            OrderCommand::Review => order.must_take_reviews(by).map_err(OrderError::from),
        };
        if result.is_err() {
            assert_eq!(order, before, "a refused command changes nothing");
        }
        walk::outcome(result.map(|()| order.state.as_str()), |error| {
            let OrderError::Refused(refusal) = error else { panic!("{error}") };
            *refusal
        })
    });
}

#[test]
fn strangers_see_no_order() {
    let stranger = Issuer::Person { user_id: sample::user(77), role: Role::Client };
    let mut order = sample::order();
    let not_party = OrderError::Refused(Refusal::NotParty { object: "order" });
    assert_eq!(order.cancel(stranger, at(1)), Err(not_party));
    assert_eq!(order.edit(OrderPatch::default(), stranger, at(1)), Err(not_party));
    assert_eq!(not_party.conflict(), None);
}

#[test]
fn only_clients_post() {
    assert!(post(sample::details(), client()).is_ok());
    for by in [provider(), issuer(Party::Admin), Issuer::System] {
        let refused = Refusal::NotPermitted { object: "order", command: "post" };
        assert_eq!(post(sample::details(), by), Err(refused.into()));
    }
}

#[test]
fn what_is_posted_must_lie_ahead() {
    let deadline = sample::details().deadline;
    let with = |deadline, milestones| OrderDetails { deadline, milestones, ..sample::details() };
    let cases = [
        (with(at(1), plan(&[])), None),
        (with(at(0), plan(&[])), Some((OrderError::DeadlineNotInFuture, "deadline"))),
        (with(at(-5), plan(&[])), Some((OrderError::DeadlineNotInFuture, "deadline"))),
        (
            OrderDetails { budget: sample::usd(0), ..sample::details() },
            Some((OrderError::Budget(MoneyError::NotPositive), "budget")),
        ),
        (with(deadline, plan(&[at(1), deadline])), None),
        (
            with(deadline, plan(&[at(1), at(0)])),
            Some((OrderError::MilestoneDueInPast { index: 1 }, "milestones[1].due_date")),
        ),
        (
            with(at(9), plan(&[at(10)])),
            Some((OrderError::MilestoneDueAfterDeadline { index: 0 }, "milestones[0].due_date")),
        ),
    ];
    for (details, expected) in cases {
        let refused = post(details, client()).err();
        assert_eq!(refused, expected.map(|(error, _)| error));
        assert_eq!(refused.and_then(|e| e.field()).as_deref(), expected.map(|(_, field)| field));
    }
}

#[test]
fn one_order_has_one_currency() {
    let amount = Money::positive(1, Currency::Eur).ok();
    let step = PlannedMilestone { amount, ..milestone(at(1)) };
    let details = OrderDetails { milestones: MilestonePlan::new(vec![step]).unwrap(), ..sample::details() };
    assert!(matches!(post(details, client()), Err(OrderError::Money(MoneyError::CurrencyMismatch { .. }))));
}

#[test]
fn a_provider_who_is_invited_twice_is_told_once() {
    let invited = [3, 2, 3].map(|id| invitee(id, Role::Writer)).into();
    let new = NewOrder { id: OrderId::new(1).unwrap(), details: sample::details(), invited };
    let Posted { order, mut invitations, events } = Order::post(new, client(), at(0)).unwrap();
    let names: Vec<_> = events.iter().map(OrderEvent::name).collect();
    assert_eq!(names, ["order.posted", "order.invited", "order.invited"]);
    assert_eq!(invitations.len(), 2);
    let whom = invitee(2, Role::Writer);
    let standing = invitations.first().cloned();
    let again = order.invite(&whom, standing.clone(), client(), at(1)).unwrap();
    assert_eq!(again, (standing.unwrap(), None));
    let writer = Issuer::Person { user_id: sample::user(2), role: Role::Writer };
    let invitation = &mut invitations[0];
    assert!(invitation.decline(&order, client(), at(1)).is_err(), "nobody else can decline it");
    let event = invitation.decline(&order, writer, at(1)).unwrap();
    assert_eq!(event.map(|e| e.name()), Some("order.invitation_declined"));
    assert_eq!(invitation.decline(&order, writer, at(2)), Ok(None));
    let refused = order.invite(&whom, Some(invitation.clone()), client(), at(3)).unwrap_err();
    let conflict = Conflict { reason: "invitation_declined", state: "open" };
    assert_eq!(refused.conflict(), Some(conflict));
}

#[test]
fn only_providers_whose_account_may_be_used_are_invited() {
    let blocked = AccountState::Blocked { reason: "spam".to_owned(), since: at(0) };
    let table = [
        (Some((Role::Writer, AccountState::Active)), true),
        (Some((Role::Freelancer, AccountState::Active)), true),
        (Some((Role::Professional, AccountState::Active)), true),
        (Some((Role::Client, AccountState::Active)), false),
        (Some((Role::Admin, AccountState::Active)), false),
        (Some((Role::Writer, blocked)), false),
        (Some((Role::Writer, AccountState::Deactivated { since: at(0) })), false),
        (None, false),
    ];
    for (known, may_be_invited) in table {
        let case = format!("{known:?}");
        let id = sample::user(9);
        let account = known.map(|(role, state)| Standing { id, role, state });
        let guest = Invitee { id, account };
        let refusal = |index| (!may_be_invited).then_some(OrderError::NotAProvider { index });

        let alone = sample::order().invite(&guest, None, client(), at(1));
        assert_eq!(alone.err(), refusal(None), "{case}");
        let invited = vec![invitee(3, Role::Writer), guest.clone()];
        let guests = Guests { invited: invited.clone(), standing: vec![] };
        assert_eq!(sample::order().invite_all(&guests, client(), at(1)).err(), refusal(Some(1)), "{case}");
        let new = NewOrder { id: OrderId::new(1).unwrap(), details: sample::details(), invited };
        let refused = Order::post(new, client(), at(0)).err();
        assert_eq!(refused, refusal(Some(1)), "{case}");
        let field = refused.and_then(|error| error.field());
        assert_eq!(field.as_deref(), (!may_be_invited).then_some("invited_writers[1]"), "{case}");
        // Whoever was asked before is not asked again, whatever has become of them.
        let standing = vec![Invitation::new(OrderId::new(95).unwrap(), id, at(0))];
        let guests = Guests { invited: vec![guest], standing };
        let asked = sample::order().invite_all(&guests, client(), at(1));
        assert_eq!(asked, Ok((vec![], vec![])), "{case}");
    }
}

#[test]
fn an_edit_asks_each_once_and_tells_conflicts_first() {
    let order = sample::order();
    let (asked, mut declined) = (sample::user(2), Invitation::new(order.id, sample::user(3), at(0)));
    declined.declined_at = Some(at(1));
    let standing = vec![Invitation::new(order.id, asked, at(0)), declined];
    let writers = |ids: &[u128]| ids.iter().map(|id| invitee(*id, Role::Writer)).collect();
    let guests = |invited| Guests { invited, standing: standing.clone() };
    let (invitations, events) = order.invite_all(&guests(writers(&[5, 2, 4, 5])), client(), at(2)).unwrap();
    let whom: Vec<_> = invitations.iter().map(|invitation| invitation.provider_id).collect();
    assert_eq!(whom, [sample::user(4), sample::user(5)]);
    assert_eq!(events.len(), 2);
    let both = vec![invitee(8, Role::Client), invitee(3, Role::Writer)];
    let refused = order.invite_all(&guests(both), client(), at(2));
    assert_eq!(refused, Err(OrderError::InvitationDeclined { state: "open" }), "before who is no provider");
}

#[test]
fn material_changes_raise_the_revision() {
    type Change = fn(&mut OrderPatch);
    let cases: [(Change, Option<bool>); 9] = [
        (|_| {}, None),
        (|p| p.title = Some(sample::details().title), None),
        (|p| p.milestones = Some(MilestonePlan::default()), None),
        (|p| p.title = Some(Title::parse("Other").unwrap()), Some(true)),
        (|p| p.pages = Some(Pages::new(9).ok()), Some(true)),
        (|p| p.requirements = Some(None), None),
        (|p| p.budget = Some(usd(1)), Some(true)),
        (|p| p.deadline = Some(at(1_000)), Some(true)),
        (|p| p.milestones = Some(plan(&[at(5)])), Some(false)),
    ];
    for (index, (change, expected)) in cases.into_iter().enumerate() {
        let (mut order, mut patch) = (sample::order(), OrderPatch::default());
        change(&mut patch);
        let event = order.edit(patch, client(), at(1)).unwrap();
        let material = event.map(|event| {
            let OrderEvent::Edited { is_material, revision, .. } = event else { panic!("{event:?}") };
            assert_eq!(revision, order.revision);
            is_material
        });
        assert_eq!(material, expected, "case {index}");
        assert_eq!(order.revision, if expected == Some(true) { 2 } else { 1 }, "case {index}");
        assert_eq!(order.updated_at, if expected.is_some() { at(1) } else { at(0) }, "case {index}");
    }
}

#[test]
fn an_edit_looks_only_at_what_is_new() {
    let mut order = sample::order();
    order.details.milestones = plan(&[at(5)]);
    let title = OrderPatch { title: Some(Title::parse("Other").unwrap()), ..OrderPatch::default() };
    let long_after = order.details.deadline + TimeDelta::days(1);
    assert!(order.edit(title, client(), long_after).is_ok(), "after the deadline and the milestone");
    let deadline = |deadline| OrderPatch { deadline: Some(deadline), ..OrderPatch::default() };
    assert_eq!(order.edit(deadline(at(9)), client(), at(9)), Err(OrderError::DeadlineNotInFuture));
    assert_eq!(
        order.edit(deadline(at(4)), client(), at(1)),
        Err(OrderError::MilestoneDueAfterDeadline { index: 0 })
    );
    let late = OrderPatch { milestones: Some(plan(&[at(6)])), ..OrderPatch::default() };
    assert_eq!(order.edit(late, client(), at(6)), Err(OrderError::MilestoneDueInPast { index: 0 }));
}

#[test]
fn progress_is_only_a_word() {
    let mut order = sample::order_in(OrderState::Active);
    let half = Progress::new(50).unwrap();
    let event = order.report_progress(half, provider(), at(9)).unwrap();
    assert_eq!(event.map(|e| e.name()), Some("order.progressed"));
    assert_eq!(order.report_progress(half, provider(), at(10)), Ok(None));
    assert_eq!((order.progress.percent(), order.revision, order.updated_at), (50, 1, at(9)));
    assert_eq!(Progress::new(101), Err(ProgressError));
    assert_eq!(Progress::new(-1), Err(ProgressError));
}

#[test]
fn timers_do_not_go_off_early() {
    let mut pending = sample::order_in(OrderState::Pending);
    let due = sample::award().awarded_at + FUNDING_PERIOD;
    let early = OrderError::TooEarly { state: "pending", until: due };
    assert_eq!(pending.lapse(Issuer::System, due - TimeDelta::seconds(1)), Err(early));
    assert!(pending.lapse(Issuer::System, due).is_ok());
    let mut open = sample::order();
    assert!(matches!(open.expire(Issuer::System, at(1)), Err(OrderError::TooEarly { .. })));
    assert!(open.expire(Issuer::System, open.details.deadline).is_ok());
}

#[test]
fn each_deadline_passes_once() {
    let mut order = sample::order();
    let first = order.details.deadline;
    let told = |event: Result<Option<OrderEvent>, OrderError>| event.unwrap().map(|event| event.name());
    let before = order.clone();
    assert_eq!(told(order.expire(Issuer::System, first)), Some("order.expired"));
    assert_eq!(order, Order { expired_deadline: Some(first), ..before }, "nothing else has changed");
    assert_eq!(told(order.expire(Issuer::System, first + TimeDelta::days(9))), None, "that was told");
    let later = first + TimeDelta::days(10);
    let patch = OrderPatch { deadline: Some(later), ..OrderPatch::default() };
    order.edit(patch, client(), first + TimeDelta::days(9)).unwrap();
    let early = order.expire(Issuer::System, later - TimeDelta::seconds(1));
    assert_eq!(early, Err(OrderError::TooEarly { state: "open", until: later }));
    assert_eq!(told(order.expire(Issuer::System, later)), Some("order.expired"), "the new one passes, too");
    assert_eq!(told(order.expire(Issuer::System, later)), None);
}

#[test]
fn leaving_puts_the_posted_deadline_back() {
    let mut order = sample::order();
    let posted = order.details.deadline;
    order.accept(sample::award(), Some(at(7)), client(), at(1)).unwrap();
    assert_eq!(order.details.deadline, at(7));
    let (winner, loser) = (sample::award().bid_id, BidId::new(9).unwrap());
    assert_eq!((order.deadline_for(winner), order.deadline_for(loser)), (at(7), posted));
    order.leave(provider(), at(2)).unwrap();
    assert_eq!((order.details.deadline, order.award), (posted, None));
    assert_eq!((order.deadline_for(winner), order.deadline_for(loser)), (posted, posted));
}
