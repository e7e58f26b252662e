//! What every command answers: to whom it is forbidden, for whom there is nothing, and in which state
//! of the order it is taken.

use std::collections::BTreeSet;

use adapter_memory::Operation;
use domain::actor::Actor;
use domain::identity::Role;
use domain::ids::{BidId, OrderId};

use super::world::{
    Deal, World, budget, counter_terms, for_amount, progress, terms, unknown_bid, unknown_order, word,
};

/// Everything that can be asked of the marketplace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Post,
    Edit,
    Cancel,
    Invite,
    DeclineInvitation,
    Report,
    Start,
    Submit,
    Place,
    EditBid,
    Confirm,
    Withdraw,
    Counter,
    AcceptCounter,
    RejectCounter,
    Decline,
    Accept,
    Fund,
    Approve,
    RequestChanges,
    GiveBonus,
    Review,
}

/// Which roles may ask for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Provider,
    Either,
}

/// What a command is meant for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) order: OrderId,
    pub(crate) bid: BidId,
    /// Whom an invitation is meant for.
    pub(crate) guest: Actor,
}

impl Target {
    pub(crate) const fn of(deal: &Deal) -> Self {
        Self { order: deal.order, bid: deal.bid, guest: deal.other_provider }
    }
}

impl Command {
    pub(crate) const ALL: [Self; 22] = [
        Self::Post,
        Self::Edit,
        Self::Cancel,
        Self::Invite,
        Self::DeclineInvitation,
        Self::Report,
        Self::Start,
        Self::Submit,
        Self::Place,
        Self::EditBid,
        Self::Confirm,
        Self::Withdraw,
        Self::Counter,
        Self::AcceptCounter,
        Self::RejectCounter,
        Self::Decline,
        Self::Accept,
        Self::Fund,
        Self::Approve,
        Self::RequestChanges,
        Self::GiveBonus,
        Self::Review,
    ];

    const fn side(self) -> Side {
        match self {
            Self::Post
            | Self::Edit
            | Self::Cancel
            | Self::Invite
            | Self::Counter
            | Self::Decline
            | Self::Accept
            | Self::Fund
            | Self::Approve
            | Self::RequestChanges
            | Self::GiveBonus => Side::Client,
            Self::DeclineInvitation
            | Self::Report
            | Self::Start
            | Self::Submit
            | Self::Place
            | Self::EditBid
            | Self::Confirm
            | Self::Withdraw
            | Self::AcceptCounter
            | Self::RejectCounter => Side::Provider,
            Self::Review => Side::Either,
        }
    }

    fn is_for(self, role: Role) -> bool {
        match self.side() {
            Side::Client => role == Role::Client,
            Side::Provider => role.is_provider(),
            Side::Either => role != Role::Admin,
        }
    }
}

/// Issues a command; says in one word what became of it.
pub(crate) async fn issue(world: &World, command: Command, by: &Actor, target: Target) -> String {
    let Target { order, bid, guest } = target;
    match command {
        Command::Post => word(&world.post(by, world.details(), &[]).await),
        Command::Edit => word(&world.edit(by, order, budget(13_000)).await),
        Command::Cancel => word(&world.cancel(by, order).await),
        Command::Invite => word(&world.invite(by, order, guest.user_id).await),
        Command::DeclineInvitation => word(&world.decline_invitation(by, order).await),
        Command::Report => word(&world.report(by, order, progress(10)).await),
        Command::Start => word(&world.start(by, order, 1).await),
        Command::Submit => word(&world.submit(by, order, 1).await),
        Command::Place => word(&world.place(by, order, terms(9_000)).await),
        Command::EditBid => word(&world.edit_bid(by, bid, for_amount(9_000), None).await),
        Command::Confirm => word(&world.confirm(by, bid, None).await),
        Command::Withdraw => word(&world.withdraw(by, bid).await),
        Command::Counter => word(&world.counter(by, bid, counter_terms(8_000)).await),
        Command::AcceptCounter => word(&world.accept_counter(by, bid).await),
        Command::RejectCounter => word(&world.reject_counter(by, bid).await),
        Command::Decline => word(&world.decline(by, bid).await),
        Command::Accept => word(&world.award(by, bid).await),
        Command::Fund => word(&world.fund(by, order).await),
        Command::Approve => word(&world.approve(by, order, 1).await),
        Command::RequestChanges => word(&world.request_changes(by, order, 1).await),
        Command::GiveBonus => word(&world.give_bonus(by, order, 100, None).await),
        Command::Review => word(&world.review(by, order, 4).await),
    }
}

#[tokio::test]
async fn the_wrong_role_is_turned_away_before_anything() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let nobodys = Target { order: unknown_order(), bid: unknown_bid(), ..Target::of(&deal) };
    let begun = world.store.calls(Operation::Begin);
    let mut refused = 0;
    for command in Command::ALL {
        for role in Role::ALL {
            if command.is_for(role) {
                continue;
            }
            for user_id in [deal.client.user_id, deal.provider.user_id, deal.admin.user_id] {
                let by = Actor { user_id, role, ..deal.admin };
                for target in [Target::of(&deal), nobodys] {
                    assert_eq!(issue(&world, command, &by, target).await, "forbidden", "{command:?} {role}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 300, "most of all pairs: {refused}");
    assert_eq!(world.store.calls(Operation::Begin), begun, "nothing was looked at");
    assert!(world.told().is_empty());
}

/// Whoever has the role but not the object learns nothing about it, whatever its state.
#[tokio::test]
async fn for_a_stranger_there_is_nothing() {
    use Command::{DeclineInvitation, Place, Post};
    for state in ["open", "pending", "active", "completed", "cancelled"] {
        let world = World::new();
        let deal = deal_in(&world, state).await;
        let target = Target::of(&deal);
        let before = world.order(deal.order).await;
        for command in Command::ALL.into_iter().filter(|command| *command != Post) {
            for stranger in [&deal.other_client, &deal.other_provider] {
                if !command.is_for(stranger.role) {
                    continue;
                }
                let unknown = Target { order: unknown_order(), bid: unknown_bid(), ..target };
                assert_eq!(issue(&world, command, stranger, unknown).await, "not_found", "{command:?}");
                if command == Place && state == "open" {
                    continue;
                }
                let answer = issue(&world, command, stranger, target).await;
                assert_eq!(answer, "not_found", "{command:?} {state}");
            }
        }
        let answer = issue(&world, DeclineInvitation, &deal.provider, target).await;
        assert_eq!(answer, "not_found", "nobody invited the bidder");
        assert_eq!(world.order(deal.order).await, before);
        assert!(world.told().is_empty());
    }
}

async fn deal_in(world: &World, state: &str) -> Deal {
    match state {
        "open" => Deal::offered(world, &[]).await,
        "pending" => Deal::pending(world, &[]).await,
        "active" => Deal::active(world, &[]).await,
        "completed" => Deal::completed(world).await,
        "cancelled" => {
            let deal = Deal::offered(world, &[]).await;
            world.cancel(&deal.client, deal.order).await.unwrap();
            world.news();
            deal
        }
        other => panic!("{other}"),
    }
}

/// By whom, what, and what becomes of it in each state: `-` for `invalid_transition` with the order's
/// state, `-x` for the same with the state x of a bid or a milestone.
const TABLE: [(Command, &str, [&str; 5]); 22] = [
    //                             open       pending    active      completed   cancelled
    (Command::Edit, "client", ["done", "-", "-", "-", "-"]),
    (Command::Cancel, "client", ["done", "done", "-", "-", "-"]),
    (Command::Invite, "client", ["done", "-", "-", "-", "-"]),
    (Command::Report, "provider", ["not_found", "-", "done", "-", "not_found"]),
    (Command::Start, "provider", ["not_found", "-unfunded", "done", "-completed", "not_found"]),
    (Command::Submit, "provider", ["not_found", "-unfunded", "done", "-completed", "not_found"]),
    (Command::Place, "otherprovider", ["done", "not_found", "not_found", "not_found", "not_found"]),
    (Command::Place, "provider", ["duplicate_bid open", "-", "-", "-", "not_found"]),
    (Command::EditBid, "provider", ["done", "-accepted", "-accepted", "-accepted", "-declined"]),
    (Command::Confirm, "provider", ["-open", "-accepted", "-accepted", "-accepted", "-declined"]),
    (Command::Withdraw, "provider", ["done", "done", "-", "-", "-declined"]),
    (Command::Counter, "client", ["done", "-accepted", "-accepted", "-accepted", "-declined"]),
    (Command::AcceptCounter, "provider", ["-open", "-accepted", "-accepted", "-accepted", "-declined"]),
    (Command::RejectCounter, "provider", ["-open", "-accepted", "-accepted", "-accepted", "-declined"]),
    (Command::Decline, "client", ["done", "-accepted", "-accepted", "-accepted", "-declined"]),
    (Command::Accept, "client", ["done", "-", "-", "-", "-"]),
    (Command::Fund, "client", ["-", "done", "-", "-", "-"]),
    (Command::Approve, "client", ["-", "-unfunded", "-funded", "-completed", "-"]),
    (Command::RequestChanges, "client", ["-", "-unfunded", "-funded", "-completed", "-"]),
    (Command::GiveBonus, "client", ["-", "-pending_funding", "done", "done", "-"]),
    (Command::Review, "client", ["-", "-", "-", "done", "-"]),
    (Command::Review, "provider", ["not_found", "-", "-", "done", "not_found"]),
];

#[tokio::test]
async fn every_command_knows_its_states() {
    for (command, by, answers) in TABLE {
        for (state, expected) in
            ["open", "pending", "active", "completed", "cancelled"].into_iter().zip(answers)
        {
            let world = World::new();
            let deal = deal_in(&world, state).await;
            world.pay_in(&deal.client, 20_000).await;
            let by = match by {
                "client" => &deal.client,
                "provider" => &deal.provider,
                _ => &deal.other_provider,
            };
            let before = (world.order(deal.order).await, world.bid(deal.bid).await);
            let answer = issue(&world, command, by, Target::of(&deal)).await;
            let expected = match expected.strip_prefix('-') {
                Some("") => format!("invalid_transition {state}"),
                Some(other) => format!("invalid_transition {other}"),
                None => expected.to_owned(),
            };
            assert_eq!(answer, expected, "{command:?} by {} in {state}", by.role);
            let after = (world.order(deal.order).await, world.bid(deal.bid).await);
            if answer == "done" {
                assert!(!world.told().is_empty(), "{command:?}: it is told");
            } else {
                assert_eq!(after, before, "{command:?} in {state}: nothing happened");
                assert!(world.told().is_empty(), "{command:?} in {state}");
            }
        }
    }
    let walked: BTreeSet<_> = TABLE.iter().map(|(command, ..)| format!("{command:?}")).collect();
    assert_eq!(walked.len(), Command::ALL.len() - 2, "all but posting and declining an invitation");
}

/// Where a command is taken, whoever may issue it: state and party.
fn home(command: Command) -> (&'static str, bool) {
    match command {
        Command::Cancel | Command::Fund => ("pending", true),
        Command::Withdraw => ("pending", false),
        Command::GiveBonus => ("active", true),
        Command::Report | Command::Start | Command::Submit => ("active", false),
        Command::Approve | Command::RequestChanges => ("submitted", true),
        Command::Confirm => ("changed", false),
        Command::AcceptCounter | Command::RejectCounter => ("countered", false),
        Command::DeclineInvitation => ("invited", false),
        Command::Review => ("completed", true),
        Command::Place => ("declined", false),
        Command::EditBid => ("open", false),
        Command::Post
        | Command::Edit
        | Command::Invite
        | Command::Counter
        | Command::Decline
        | Command::Accept => ("open", true),
    }
}

/// A deal in which the command is taken, and who is to issue it.
pub(crate) async fn ready_for(world: &World, command: Command) -> (Deal, Actor) {
    let (state, is_clients) = home(command);
    let deal = match state {
        "submitted" => {
            let deal = Deal::active(world, &[]).await;
            world.submit(&deal.provider, deal.order, 1).await.unwrap();
            deal
        }
        "changed" => {
            let deal = Deal::offered(world, &[]).await;
            world.edit(&deal.client, deal.order, budget(15_000)).await.unwrap();
            deal
        }
        "countered" => {
            let deal = Deal::offered(world, &[]).await;
            world.counter(&deal.client, deal.bid, counter_terms(8_000)).await.unwrap();
            deal
        }
        "invited" => {
            let deal = Deal::offered(world, &[]).await;
            world.invite(&deal.client, deal.order, deal.provider.user_id).await.unwrap();
            deal
        }
        "declined" => {
            let deal = Deal::offered(world, &[]).await;
            world.decline(&deal.client, deal.bid).await.unwrap();
            deal
        }
        state => deal_in(world, state).await,
    };
    world.pay_in(&deal.client, 20_000).await;
    world.news();
    let by = if is_clients { deal.client } else { deal.provider };
    (deal, by)
}
