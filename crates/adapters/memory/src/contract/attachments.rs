//! Files are attached once, and stay with what they are attached to.

use std::pin::pin;

use chrono::TimeDelta;
use domain::contracts::{AutoReleasePeriod, SubmissionMessage};
use domain::files::{Attachment, File, FileList, Purpose, Target, attachments};
use domain::identity::Role;
use domain::ids::{FileId, MessageId, OrderId, UserId};
use domain::messaging::policy::ChatAccess;
use domain::messaging::{Chat, Message, MessageContent, MessageText, NewMessage};
use domain::orders::policy::OrderAccess;
use ports::files::{AttachClaim, FileAccess};
use ports::messaging::{MessageFileView, MessageView};
use ports::orders::{OrderFileView, SubmissionView};
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::chat_lists::EVERYTHING;
use super::chat_scene::some_chat;
use super::deal_scene::{Deal, FREE, a_deal};
use super::files::{new_file, stored_file, view};
use super::market_scene::{client, detail, detail_inside, number, some_order};
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback};

fn list(files: &[&File]) -> FileList {
    FileList::new(files.iter().map(|file| file.id).collect()).expect("a list")
}

async fn attach(work: &mut dyn UnitOfWork, wanted: &[Attachment]) -> AttachClaim {
    work.attachments().attach(wanted).await.expect("the question is answered")
}

fn shown(file: &File, uploaded_by: Role) -> OrderFileView {
    OrderFileView {
        id: file.id,
        name: file.name.clone(),
        size: file.size,
        media_type: file.media_type,
        uploaded_at: file.created_at,
        uploaded_by,
        submission: None,
        download_url: None,
    }
}

pub(super) async fn an_order_shows_its_files(subject: &Subject) {
    let order = some_order(subject).await;
    let client = order.client_id;
    let files = [
        stored_file(subject, client, Purpose::Attachment).await,
        stored_file(subject, client, Purpose::Attachment).await,
    ];
    let mut work = begin(subject).await;
    let ids = [files[1].id, FileId::new(fresh_uuid()), files[0].id];
    let mut found = work.attachments().files(&ids).await.expect("answered");
    found.sort_by_key(|file| file.id);
    assert_eq!(found, files, "those that there are");
    assert_eq!(work.attachments().count(order.id, client).await.expect("counted"), 0);
    // The later one first: they are shown as they came.
    let second = attachments(&list(&[&files[1]]), order.id, None, now());
    let first = attachments(&list(&[&files[0]]), order.id, None, now() + TimeDelta::seconds(1));
    assert_eq!(attach(work.as_mut(), &second).await, AttachClaim::Granted);
    assert_eq!(attach(work.as_mut(), &first).await, AttachClaim::Granted);
    assert_eq!(work.attachments().count(order.id, client).await.expect("counted"), 2);
    let other = UserId::new(fresh_uuid());
    assert_eq!(work.attachments().count(order.id, other).await.expect("counted"), 0, "of one side");
    let expected = [shown(&files[1], Role::Client), shown(&files[0], Role::Client)];
    assert_eq!(detail_inside(work.as_mut(), order.id).await.files, expected, "inside");
    assert_eq!(detail(subject, order.id).await.files, [], "outside");
    assert_eq!(view(subject, files[0].id).await.expect("there").access, None);
    commit(work).await;
    assert_eq!(detail(subject, order.id).await.files, expected, "as everybody sees it");
    let seen = view(subject, files[0].id).await.expect("there");
    assert_eq!(seen.access, Some(FileAccess::Order(OrderAccess::from(&order))));
    let another = some_order(subject).await;
    assert_eq!(detail(subject, another.id).await.files, []);
}

pub(super) async fn a_submission_shows_its_files(subject: &Subject) {
    let mut deal: Deal = a_deal(subject, 100, &[None, None], FREE).await;
    deal.fund(subject).await;
    let by = deal.provider();
    let words = SubmissionMessage::parse("The outline").ok();
    let files = [
        stored_file(subject, deal.bid.provider_id, Purpose::Attachment).await,
        stored_file(subject, deal.bid.provider_id, Purpose::Attachment).await,
    ];
    let (first, _) =
        deal.contract.submit(number(2), words, AutoReleasePeriod::default(), by, now()).expect("handed in");
    let mut second = first.clone();
    (second.number, second.message) = (2, None);
    let mut work = begin(subject).await;
    for (submission, file) in [(&first, &files[0]), (&second, &files[1])] {
        work.contracts().add_submission(submission).await.expect("kept");
        let wanted = submission.attach(deal.order.id, &list(&[file]));
        assert_eq!(attach(work.as_mut(), &wanted).await, AttachClaim::Granted);
    }
    let inside = detail_inside(work.as_mut(), deal.order.id).await;
    commit(work).await;
    let order = detail(subject, deal.order.id).await;
    assert_eq!(inside, order);
    let handed_in = |number, message: Option<&str>| SubmissionView {
        number,
        message: message.map(str::to_owned),
        submitted_at: first.submitted_at,
    };
    let histories: Vec<_> = order.milestones.into_iter().map(|step| step.submissions).collect();
    assert_eq!(histories, [vec![], vec![handed_in(1, Some("The outline")), handed_in(2, None)]]);
    let of =
        |file, place| OrderFileView { submission: Some((number(2), place)), ..shown(file, Role::Writer) };
    let mut expected = [of(&files[0], 1), of(&files[1], 2)];
    expected.sort_by_key(|file| file.id);
    assert_eq!(order.files, expected);
}

pub(super) async fn a_file_is_attached_once(subject: &Subject) {
    let order = some_order(subject).await;
    let file = stored_file(subject, order.client_id, Purpose::Attachment).await;
    let wanted = attachments(&list(&[&file]), order.id, None, now());
    let mut work = begin(subject).await;
    assert_eq!(attach(work.as_mut(), &wanted).await, AttachClaim::Granted);
    let mut other = begin(subject).await;
    {
        let repository = other.attachments();
        let mut waiting = pin!(repository.attach(&wanted));
        must_wait(waiting.as_mut(), "who attaches the same file").await;
        commit(work).await;
        let claim = must_end(waiting, "who attaches the same file").await.expect("answered");
        assert_eq!(claim, AttachClaim::Taken);
    }
    rollback(other).await;
    assert_eq!(detail(subject, order.id).await.files.len(), 1);
}

/// A message of the client's with these files, added and attached by `work`.
async fn send(
    work: &mut dyn UnitOfWork,
    chat: &mut Chat,
    words: &str,
    files: &[&File],
) -> (Message, AttachClaim) {
    let content = MessageContent::new(MessageText::parse(words).ok(), list(files)).expect("something");
    let new = NewMessage { id: MessageId::new(fresh_uuid()), content };
    let (message, _) = chat.send(new, client(chat.client_id), true, now()).expect("it is taken");
    work.chats().add_message(chat, &message).await.expect("the message is added");
    let claim = attach(work, &message.attachments()).await;
    (message, claim)
}

async fn newest(subject: &Subject, chat: &Chat, viewer: UserId) -> MessageView {
    let found = subject.chats.messages(chat.id, viewer, EVERYTHING).await.expect("answered");
    found.expect("theirs").rows.swap_remove(0)
}

async fn last_words(subject: &Subject, chat: &Chat) -> String {
    let list = subject.chats.chats(chat.client_id, EVERYTHING).await.expect("answered");
    list.chats.rows[0].last_message.content.clone()
}

pub(super) async fn a_message_shows_its_files(subject: &Subject) {
    let mut chat = some_chat(subject).await;
    let mut files = Vec::new();
    for _ in 0..3 {
        files.push(stored_file(subject, chat.client_id, Purpose::Attachment).await);
    }
    let mut work = begin(subject).await;
    let (_, claim) = send(work.as_mut(), &mut chat, "Here", &[&files[1], &files[0]]).await;
    assert_eq!(claim, AttachClaim::Granted);
    assert_eq!(view(subject, files[0].id).await.expect("there").access, None, "outside");
    commit(work).await;
    let access = ChatAccess { client_id: chat.client_id, provider_id: chat.provider_id };
    for file in &files[..2] {
        let seen = view(subject, file.id).await.expect("there");
        assert_eq!(seen.access, Some(FileAccess::Chat(access)));
    }
    let shown = |file: &File| MessageFileView::from(file);
    for viewer in [chat.client_id, chat.provider_id] {
        let message = newest(subject, &chat, viewer).await;
        assert_eq!(message.content, "Here");
        assert_eq!(message.files, [shown(&files[1]), shown(&files[0])], "in the message's order");
    }
    assert_eq!(last_words(subject, &chat).await, "Here");

    // Without words it is told by the names of its files.
    let mut work = begin(subject).await;
    let (_, claim) = send(work.as_mut(), &mut chat, "", &[&files[2]]).await;
    assert_eq!(claim, AttachClaim::Granted);
    let inside = work.chats().view(chat.id, chat.client_id).await.expect("answered").expect("there");
    assert_eq!(inside.last_message.content, files[2].name.as_str(), "inside");
    commit(work).await;
    let message = newest(subject, &chat, chat.provider_id).await;
    assert_eq!((message.content.as_str(), message.files), ("", vec![shown(&files[2])]));
    assert_eq!(last_words(subject, &chat).await, files[2].name.as_str());
    let all = subject.chats.messages(chat.id, chat.client_id, EVERYTHING).await.expect("answered");
    let counts: Vec<_> = all.expect("theirs").rows.iter().map(|message| message.files.len()).collect();
    assert_eq!(counts, [1, 2, 0]);
}

/// Whichever comes first, and also at the same moment: to an order or to a message, never both.
pub(super) async fn a_file_is_of_an_order_or_of_a_message(subject: &Subject) {
    for order_first in [true, false] {
        let mut chat = some_chat(subject).await;
        let order_id = chat.order_id;
        let file = stored_file(subject, chat.client_id, Purpose::Attachment).await;
        let of_order = attachments(&list(&[&file]), order_id, None, now());
        let (mut one, mut two) = (begin(subject).await, begin(subject).await);
        let content = MessageContent::new(None, list(&[&file])).expect("a file");
        let new = NewMessage { id: MessageId::new(fresh_uuid()), content };
        let (message, _) = chat.send(new, client(chat.client_id), true, now()).expect("it is taken");
        let of_message = message.attachments();
        let messages = if order_first { &mut two } else { &mut one };
        messages.chats().add_message(&chat, &message).await.expect("added");
        let (first, second) = if order_first { (&of_order, &of_message) } else { (&of_message, &of_order) };
        assert_eq!(attach(one.as_mut(), first).await, AttachClaim::Granted);
        {
            let repository = two.attachments();
            let mut waiting = pin!(repository.attach(second));
            must_wait(waiting.as_mut(), "who attaches it elsewhere").await;
            commit(one).await;
            let claim = must_end(waiting, "who attaches it elsewhere").await.expect("answered");
            assert_eq!(claim, AttachClaim::Taken, "{order_first}");
        }
        rollback(two).await;
        let seen = view(subject, file.id).await.expect("there").access;
        assert_eq!(matches!(seen, Some(FileAccess::Order(_))), order_first, "{seen:?}");
        // And afterwards.
        let mut work = begin(subject).await;
        assert_eq!(attach(work.as_mut(), &of_order).await, AttachClaim::Taken);
        rollback(work).await;
    }
}

pub(super) async fn what_is_attached_is_there(subject: &Subject) {
    let order = some_order(subject).await;
    let file = stored_file(subject, order.client_id, Purpose::Attachment).await;
    let mut deal = a_deal(subject, 100, &[], FREE).await;
    deal.fund(subject).await;
    let by = deal.provider();
    let (never, _) =
        deal.contract.submit(number(1), None, AutoReleasePeriod::default(), by, now()).expect("handed in");
    let nothing = FileList::new(vec![FileId::new(fresh_uuid())]).expect("a list");
    let nowhere = OrderId::new(i64::MAX).expect("a number");
    let chat = some_chat(subject).await;
    let target = Target::Message { chat_id: chat.id, seq: chat.last.seq + 1, place: 1 };
    let of_no_message = Attachment { file_id: file.id, target, attached_at: now() };
    for (refused, why) in [
        (attachments(&nothing, order.id, None, now()), "a file"),
        (attachments(&list(&[&file]), nowhere, None, now()), "an order"),
        (never.attach(order.id, &list(&[&file])), "a submission"),
        (vec![of_no_message], "a message"),
    ] {
        let mut work = begin(subject).await;
        let outcome = work.attachments().attach(&refused).await;
        assert!(matches!(outcome, Err(StoreError::Refused(_))), "{why}: {outcome:?}");
        rollback(work).await;
    }
}

/// One after the other: whoever takes away takes what is there, whoever put it there.
pub(super) async fn what_nobody_attached_is_taken_away(subject: &Subject) {
    what_nobody_touches_is_taken_away(subject).await;
    what_somebody_is_attaching_is_not_taken_away(subject).await;
}

async fn what_somebody_is_attaching_is_not_taken_away(subject: &Subject) {
    let order = some_order(subject).await;
    let long_ago = now() - TimeDelta::days(9_500);
    let mut work = begin(subject).await;
    let files = [0, 1, 2]
        .map(|hours| new_file(order.client_id, Purpose::Attachment, 1, long_ago + TimeDelta::hours(hours)));
    for file in &files {
        work.files().insert(file).await.expect("inserted");
    }
    commit(work).await;
    let before = long_ago + TimeDelta::hours(3);

    let ids = [files[1].id];
    let mut attaching = begin(subject).await;
    assert_eq!(attaching.attachments().files(&ids).await.expect("answered").len(), 1);
    let wanted = attachments(&list(&[&files[1]]), order.id, None, now());
    assert_eq!(attach(attaching.as_mut(), &wanted).await, AttachClaim::Granted);
    // Nobody waits, and the others go.
    let mut sweeping = begin(subject).await;
    let taken = sweeping.attachments().take_unattached(before, 9).await.expect("taken");
    assert_eq!(taken, [files[0].storage_key.clone(), files[2].storage_key.clone()]);
    // Whoever wants to attach one of these learns that it is gone.
    let mut late = begin(subject).await;
    {
        let gone = [files[0].id];
        let mut asking = pin!(late.attachments().files(&gone));
        must_wait(asking.as_mut(), "who asks for what is being taken away").await;
        commit(sweeping).await;
        assert_eq!(must_end(asking, "who asks for what was taken away").await.expect("answered"), []);
    }
    rollback(late).await;
    commit(attaching).await;
    assert!(view(subject, files[1].id).await.expect("it is there").access.is_some());
}

async fn what_nobody_touches_is_taken_away(subject: &Subject) {
    let order = some_order(subject).await;
    let client: UserId = order.client_id;
    // Long before everything that other cases may have left in the same store.
    let long_ago = now() - TimeDelta::days(9_000);
    let mut work = begin(subject).await;
    let mut files = Vec::new();
    for (purpose, hours) in [
        (Purpose::Attachment, 0),
        (Purpose::Attachment, 1),
        (Purpose::Attachment, 2),
        (Purpose::Attachment, 3),
        (Purpose::Avatar, 0),
        (Purpose::Attachment, 2),
    ] {
        let file = new_file(client, purpose, 1, long_ago + TimeDelta::hours(hours));
        work.files().insert(&file).await.expect("inserted");
        files.push(file);
    }
    let wanted = attachments(&list(&[&files[1]]), order.id, None, now());
    assert_eq!(attach(work.as_mut(), &wanted).await, AttachClaim::Granted);
    let (_, claim) = send(work.as_mut(), &mut some_chat(subject).await, "", &[&files[5]]).await;
    assert_eq!(claim, AttachClaim::Granted);
    commit(work).await;

    let before = long_ago + TimeDelta::hours(3);
    let mut work = begin(subject).await;
    let mut taken = Vec::new();
    for expected in [1, 1, 0] {
        let keys = work.attachments().take_unattached(before, 1).await.expect("taken");
        assert_eq!(keys.len(), expected);
        taken.extend(keys);
    }
    commit(work).await;
    assert_eq!(taken, [files[0].storage_key.clone(), files[2].storage_key.clone()], "the oldest first");
    for (file, is_there) in files.iter().zip([false, true, false, true, true, true]) {
        assert_eq!(view(subject, file.id).await.is_some(), is_there, "{file:?}");
    }
}
