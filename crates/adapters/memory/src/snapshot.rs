//! What somebody sees: what is committed, and over it what their own transaction has written.

use std::collections::BTreeMap;

use domain::bidding::Bid;
use domain::contracts::Contract;
use domain::files::{Attachment, File, Target};
use domain::identity::User;
use domain::ids::{BidId, ChatId, FileId, OrderId, UserId};
use domain::messaging::Message;
use domain::orders::Order;
use domain::profiles::{Bio, Education, Figures, Profile, Tag, Tags};
use ports::identity::AccountView;
use ports::profiles::PersonView;

use crate::tables::{Rows, StoredChat};

/// All rows as one looker sees them.
pub(crate) struct Snapshot<'a> {
    /// `None` for questions, which have no transaction.
    pub(crate) written: Option<&'a Rows>,
    pub(crate) committed: &'a Rows,
}

impl<'a> Snapshot<'a> {
    /// One row.
    pub(crate) fn find<V>(&self, row: impl Fn(&'a Rows) -> Option<&'a V>) -> Option<&'a V> {
        self.written.and_then(&row).or_else(|| row(self.committed))
    }

    /// A whole table.
    pub(crate) fn all<K: Ord, V>(
        &self,
        table: impl Fn(&'a Rows) -> &'a BTreeMap<K, V>,
    ) -> BTreeMap<&'a K, &'a V> {
        let mut rows: BTreeMap<_, _> = table(self.committed).iter().collect();
        rows.extend(self.written.into_iter().flat_map(table));
        rows
    }

    pub(crate) fn user(&self, id: UserId) -> Option<&'a User> {
        self.find(|rows| rows.users.get(&id))
    }

    pub(crate) fn figures(&self, id: UserId) -> Option<Figures> {
        self.find(|rows| rows.figures.get(&id)).copied()
    }

    pub(crate) fn avatar_url(&self, id: UserId) -> Option<String> {
        self.find(|rows| rows.avatar_urls.get(&id)).cloned().flatten()
    }

    pub(crate) fn profile(&self, id: UserId) -> Option<&'a Profile> {
        self.find(|rows| rows.profiles.get(&id))
    }

    pub(crate) fn person(&self, id: UserId) -> Option<PersonView> {
        let name = self.user(id)?.full_name.as_str().to_owned();
        Some(PersonView { id, name, avatar_url: self.avatar_url(id), figures: self.figures(id)? })
    }

    /// An account with its profile and figures.
    pub(crate) fn account(&self, id: UserId) -> Option<AccountView> {
        let (user, profile) = (self.user(id)?, self.profile(id)?);
        let words = |tags: &Tags| tags.as_slice().iter().map(|tag: &Tag| tag.as_str().to_owned()).collect();
        Some(AccountView {
            id,
            email: user.email.as_str().to_owned(),
            full_name: user.full_name.as_str().to_owned(),
            role: user.role,
            phone: user.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            is_verified: user.is_verified,
            created_at: user.created_at,
            updated_at: user.updated_at,
            bio: profile.bio.as_ref().map(|bio: &Bio| bio.as_str().to_owned()),
            avatar_url: self.avatar_url(id),
            specializations: words(&profile.specializations),
            education: profile.education.as_ref().map(|text: &Education| text.as_str().to_owned()),
            languages: words(&profile.languages),
            figures: self.figures(id)?,
        })
    }

    pub(crate) fn order(&self, id: OrderId) -> Option<&'a Order> {
        self.find(|rows| rows.orders.get(&id))
    }

    /// The files of an order, in the order in which they were attached.
    pub(crate) fn attached_to(&self, order_id: OrderId) -> Vec<&'a Attachment> {
        let all = self.all(|rows| &rows.attachments).into_values();
        let is_of_it = |attachment: &&Attachment| matches!(attachment.target, Target::Order { order_id: of, .. } if of == order_id);
        let mut attached: Vec<_> = all.filter(is_of_it).collect();
        attached.sort_by_key(|attachment| (attachment.attached_at, attachment.file_id));
        attached
    }

    /// The files of a message, in its order.
    pub(crate) fn files_of(&self, message: &Message) -> Vec<File> {
        let all = self.all(|rows| &rows.attachments).into_values();
        let place = |attachment: &Attachment| match attachment.target {
            Target::Message { chat_id, seq, place }
                if (chat_id, seq) == (message.chat_id, message.mark.seq) =>
            {
                Some((place, attachment.file_id))
            }
            Target::Message { .. } | Target::Order { .. } => None,
        };
        let places: BTreeMap<i32, FileId> = all.filter_map(place).collect();
        places.into_values().filter_map(|id| self.file(id).cloned()).collect()
    }

    /// A file that is there.
    pub(crate) fn file(&self, id: FileId) -> Option<&'a File> {
        self.find(|rows| rows.files.get(&id))?.as_ref()
    }

    pub(crate) fn bid(&self, id: BidId) -> Option<&'a Bid> {
        self.find(|rows| rows.bids.get(&id))
    }

    /// The bids on an order, in the order of their numbers.
    pub(crate) fn bids_on(&self, order_id: OrderId) -> impl DoubleEndedIterator<Item = &'a Bid> + use<'a> {
        let bids = self.all(|rows| &rows.bids).into_values();
        bids.filter(move |bid| bid.order_id == order_id)
    }

    /// The contract that an order is awarded by.
    pub(crate) fn contract_about(&self, order: &Order) -> Option<&'a Contract> {
        let id = order.award?.contract_id;
        self.find(|rows| rows.contracts.get(&id))
    }

    pub(crate) fn chat(&self, id: ChatId) -> Option<&'a StoredChat> {
        self.find(|rows| rows.chats.get(&id))
    }

    pub(crate) fn chat_between(
        &self,
        order_id: OrderId,
        client_id: UserId,
        provider_id: UserId,
    ) -> Option<&'a StoredChat> {
        let mut chats = self.all(|rows| &rows.chats).into_values();
        chats.find(|StoredChat { chat, .. }| {
            (chat.order_id, chat.client_id, chat.provider_id) == (order_id, client_id, provider_id)
        })
    }

    /// What was said in a chat, oldest first.
    pub(crate) fn messages_in(
        &self,
        chat_id: ChatId,
    ) -> impl DoubleEndedIterator<Item = &'a Message> + use<'a> {
        let messages = self.all(|rows| &rows.messages).into_values();
        messages.filter(move |message| message.chat_id == chat_id)
    }
}
