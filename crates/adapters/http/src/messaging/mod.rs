//! Chats over HTTP (contract §6): what the two sides of an order write to each other.

mod caller;
mod list;
mod messages;
mod open;
mod read;
mod send;
mod wire;

use std::sync::Arc;

use usecases::messaging::{ListChats, ListMessages, OpenChat, ReadChat, SendMessage};

use crate::routes::Mount;

/// What this module's handlers call.
#[derive(Clone)]
pub struct MessagingUseCases {
    /// Shows people their chats.
    pub list: Arc<ListChats>,
    /// Shows what was said in a chat.
    pub list_messages: Arc<ListMessages>,
    /// Finds or makes chats.
    pub open: Arc<OpenChat>,
    /// Writes messages.
    pub send: Arc<SendMessage>,
    /// Marks messages as read.
    pub read: Arc<ReadChat>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(list::list)
        .service(open::open)
        .service(messages::list)
        .service(send::send)
        .service(read::read);
}
