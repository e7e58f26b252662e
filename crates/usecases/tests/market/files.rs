//! Files of orders, and what is handed in with files.

use adapter_memory::{Fault, Operation};
use domain::actor::Actor;
use domain::contracts::{MilestoneState, SubmissionMessage};
use domain::files::{FileList, Purpose};
use domain::ids::{FileId, OrderId};
use ports::orders::{OrderDetail, SubmissionView};
use usecases::contracts::HandedIn;
use usecases::files::ViewFile;
use usecases::orders::ViewOrder;
use uuid::Uuid;

use super::world::{Deal, World, before, now, number, word};

/// The files of an order: which, and handed in with which submission.
fn files(order: &OrderDetail) -> Vec<(FileId, Option<(i32, i32)>)> {
    let place = |(milestone, number): (domain::ids::MilestoneNumber, i32)| (milestone.number(), number);
    order.files.iter().map(|file| (file.id, file.submission.map(place))).collect()
}

fn handed_in(message: &str, files: &[FileId]) -> HandedIn {
    HandedIn {
        message: SubmissionMessage::parse(message).ok(),
        files: FileList::new(files.to_vec()).unwrap(),
    }
}

async fn seen(world: &World, by: &Actor, id: OrderId) -> OrderDetail {
    let view = ViewOrder { orders: world.store.clone(), passes: world.desk.passes.clone() };
    view.execute(by, id).await.unwrap()
}

/// Whether somebody may have a file.
async fn may_have(world: &World, by: &Actor, id: FileId) -> bool {
    let view = ViewFile { files: world.store.clone(), passes: world.desk.passes.clone() };
    view.execute(by, id).await.is_ok()
}

#[tokio::test]
async fn both_sides_add_files_and_whoever_sees_the_order_has_them() {
    let world = World::new();
    let (client, provider) = (world.client("client").await, world.provider("ada").await);
    let (other, admin) = (world.provider("eve").await, world.admin().await);
    let id = world.posted(&client).await;
    let brief = world.file(&client, Purpose::Attachment).await;
    let (placed, before) = (world.placed(&provider, id, 10_000).await, world.order(id).await);
    assert!(!may_have(&world, &provider, brief).await, "not yet");
    world.news();
    let order = now(world.attach(&client, id, &[brief]).await.unwrap());
    assert_eq!(files(&order), [(brief, None)]);
    let link = order.files[0].download_url.clone();
    assert_eq!(link, Some(format!("link to {brief}")));
    assert!(order.version.order > before.version.order, "whoever saw it before has not seen all");
    assert_eq!(order.revision, before.revision, "no bid is outdated");
    for by in [&client, &provider, &other, &admin] {
        assert!(may_have(&world, by, brief).await, "it is open to all who may bid");
        assert_eq!(seen(&world, by, id).await.files[0].download_url, link);
    }
    world.pay_in(&client, 10_000).await;
    world.award(&client, placed).await.unwrap();
    assert!(!may_have(&world, &other, brief).await, "not any more");
    assert!(may_have(&world, &provider, brief).await);
    let draft = world.file(&provider, Purpose::Attachment).await;
    let more = world.file(&client, Purpose::Attachment).await;
    now(world.attach(&provider, id, &[draft]).await.unwrap());
    let order = now(world.attach(&client, id, &[more]).await.unwrap());
    assert_eq!(files(&order), [(brief, None), (draft, None), (more, None)]);
    assert!(may_have(&world, &client, draft).await);
    assert!(!may_have(&world, &other, draft).await);
}

#[tokio::test]
async fn who_may_not_add_files_and_when() {
    let world = World::new();
    let (stranger, admin) = (world.client("stranger").await, world.admin().await);
    let expected = [
        // client, provider
        ("open", "done", "not_found"),
        // Its provider may leave, and it be shown to all providers.
        ("pending", "invalid_transition pending", "invalid_transition pending"),
        ("active", "done", "done"),
        ("completed", "invalid_transition completed", "invalid_transition completed"),
    ];
    for (index, (state, of_client, of_provider)) in expected.into_iter().enumerate() {
        let client = world.client(&format!("client{index}")).await;
        let provider = world.provider(&format!("provider{index}")).await;
        let id = world.posted(&client).await;
        let bid = world.placed(&provider, id, 10_000).await;
        if state != "open" {
            world.award(&client, bid).await.unwrap();
        }
        if matches!(state, "active" | "completed") {
            world.pay_in(&client, 10_000).await;
            world.fund(&client, id).await.unwrap();
        }
        if state == "completed" {
            world.submit(&provider, id, 1).await.unwrap();
            world.approve(&client, id, 1).await.unwrap();
        }
        assert_eq!(world.order(id).await.card.state.as_str(), state);
        for (by, expected) in
            [(&stranger, "not_found"), (&admin, "forbidden"), (&client, of_client), (&provider, of_provider)]
        {
            let file = world.file(by, Purpose::Attachment).await;
            assert_eq!(word(&world.attach(by, id, &[file]).await), expected, "{state} {:?}", by.role);
        }
    }
}

#[tokio::test]
async fn a_milestone_is_handed_in_with_files_and_every_time_is_kept() {
    let world = World::new();
    let deal = Deal::active(&world, &[1, 2]).await;
    let (client, provider, id) = (&deal.client, &deal.provider, deal.order);
    let (first, second) =
        (world.file(provider, Purpose::Attachment).await, world.file(provider, Purpose::Attachment).await);
    let order = now(world.hand_in(provider, id, 2, handed_in("The outline", &[first])).await.unwrap());
    assert_eq!(order.milestones[1].state, MilestoneState::Submitted);
    assert_eq!(world.told(), ["milestone.submitted"]);
    assert_eq!(files(&order), [(first, Some((2, 1)))]);
    assert_eq!(order.files[0].download_url, Some(format!("link to {first}")));
    world.request_changes(client, id, 2).await.unwrap();
    let order = now(world.hand_in(provider, id, 2, handed_in("", &[second])).await.unwrap());
    let at = order.milestones[1].submitted_at.unwrap();
    let history = |message: Option<&str>, number| SubmissionView {
        number,
        message: message.map(str::to_owned),
        submitted_at: at,
    };
    assert_eq!(order.milestones[0].submissions, []);
    assert_eq!(order.milestones[1].submissions, [history(Some("The outline"), 1), history(None, 2)]);
    assert_eq!(files(&order), [(first, Some((2, 1))), (second, Some((2, 2)))]);
    assert!(may_have(&world, client, second).await);
    // Without anything it is what `PATCH` does.
    now(world.hand_in(provider, id, 1, HandedIn::default()).await.unwrap());
    assert_eq!(world.order(id).await.milestones[0].submissions, [history(None, 1)]);
}

#[tokio::test]
async fn what_cannot_be_handed_in() {
    let world = World::new();
    let deal = Deal::active(&world, &[1]).await;
    for (by, milestone, expected) in [
        (&deal.client, 1, "forbidden"),
        (&deal.admin, 1, "forbidden"),
        (&deal.other_provider, 1, "not_found"),
        (&deal.provider, 2, "not_found"),
    ] {
        let outcome = world.hand_in(by, deal.order, milestone, HandedIn::default()).await;
        assert_eq!(word(&outcome), expected, "{:?} {milestone}", by.role);
    }
    now(world.hand_in(&deal.provider, deal.order, 1, HandedIn::default()).await.unwrap());
    let again = world.hand_in(&deal.provider, deal.order, 1, HandedIn::default()).await;
    assert_eq!(word(&again), "invalid_transition submitted");
}

#[tokio::test]
async fn only_ones_own_files_each_once() {
    let world = World::new();
    let deal = Deal::active(&world, &[1]).await;
    let (client, provider, id) = (&deal.client, &deal.provider, deal.order);
    let (own, another) =
        (world.file(provider, Purpose::Attachment).await, world.file(provider, Purpose::Attachment).await);
    let (theirs, picture) =
        (world.file(client, Purpose::Attachment).await, world.file(provider, Purpose::Avatar).await);
    let none = FileId::new(Uuid::max());
    let order = world.order(id).await;
    for stranger in [theirs, picture, none] {
        let outcome = world.hand_in(provider, id, 1, handed_in("", &[own, stranger])).await;
        assert_eq!(word(&outcome), "unknown_file file_ids[1]");
        assert_eq!(word(&world.attach(provider, id, &[stranger, own]).await), "unknown_file file_ids[0]");
    }
    assert_eq!(world.order(id).await, order, "nothing was handed in");
    now(world.attach(provider, id, &[own]).await.unwrap());
    assert_eq!(word(&world.attach(provider, id, &[another, own]).await), "file_attached attached");
    let outcome = world.hand_in(provider, id, 1, handed_in("", &[own])).await;
    assert_eq!(word(&outcome), "file_attached attached");
    // What is attached is told before what is not theirs, as 409 comes before 422.
    for order_of_names in [[none, own], [own, none]] {
        assert_eq!(word(&world.attach(provider, id, &order_of_names).await), "file_attached attached");
    }
    assert_eq!(world.order(id).await.milestones, order.milestones);
    assert_eq!(files(&world.order(id).await), [(own, None)]);
}

#[tokio::test]
async fn an_order_has_room_for_a_hundred_of_each_side() {
    let world = World::new();
    let deal = Deal::active(&world, &[1]).await;
    let (client, id) = (deal.client, deal.order);
    for _ in 0..5 {
        let mut batch = Vec::new();
        for _ in 0..20 {
            batch.push(world.file(&client, Purpose::Attachment).await);
        }
        now(world.attach(&client, id, &batch).await.unwrap());
    }
    let last = world.file(&client, Purpose::Attachment).await;
    for file in [last, FileId::new(Uuid::max())] {
        let outcome = world.attach(&client, id, &[file]).await;
        assert_eq!(word(&outcome), "too_many_files active", "whatever file it is");
    }
    let others = world.file(&deal.provider, Purpose::Attachment).await;
    now(world.attach(&deal.provider, id, &[others]).await.unwrap());
    assert_eq!(world.order(id).await.files.len(), 101, "the other side has room of its own");
}

#[tokio::test]
async fn all_of_it_or_nothing_and_once() {
    let world = World::new();
    let deal = Deal::active(&world, &[1]).await;
    let (provider, id) = (&deal.provider, deal.order);
    let file = world.file(provider, Purpose::Attachment).await;
    let order = world.order(id).await;
    let named = world.named(provider, "k", 1);
    for step in [
        Operation::LockOrder,
        Operation::AddSubmission,
        Operation::FindFiles,
        Operation::CountAttachments,
        Operation::Attach,
        Operation::SaveContract,
        Operation::Append,
        Operation::Commit,
    ] {
        world.store.fail_next(step, Fault::Unavailable);
        let outcome = named.hand_in(provider, id, 1, handed_in("It", &[file])).await;
        assert_eq!(word(&outcome), "unavailable", "{step:?}");
        assert_eq!(world.order(id).await, order, "{step:?}");
    }
    now(named.hand_in(provider, id, 1, handed_in("It", &[file])).await.unwrap());
    before(named.hand_in(provider, id, 1, handed_in("It", &[file])).await.unwrap());
    let order = world.order(id).await;
    assert_eq!((order.files.len(), order.milestones[0].submissions.len()), (1, 1));
    assert_eq!(order.milestones[0].number, number(1));

    let file = world.file(provider, Purpose::Attachment).await;
    let named = world.named(provider, "l", 1);
    for step in [Operation::Attach, Operation::SaveOrder, Operation::Commit] {
        world.store.fail_next(step, Fault::Unavailable);
        assert_eq!(word(&named.attach(provider, id, &[file]).await), "unavailable", "{step:?}");
        assert_eq!(world.order(id).await, order, "{step:?}");
    }
    now(named.attach(provider, id, &[file]).await.unwrap());
    before(named.attach(provider, id, &[file]).await.unwrap());
    assert_eq!(world.order(id).await.files.len(), 2);
}
