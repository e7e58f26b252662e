//! The words for kinds in the description, straight from the domain's own list.

use domain::notifications::NotificationKind;

use crate::extract::ALL;
use crate::wire::words;

words!(
    /// What a notification is about.
    NotificationTypeWord,
    "NotificationType",
    NotificationKind::ALL.iter().map(|kind| kind.as_str()),
    "What kind of thing a notification is about."
);
words!(
    /// Which notifications are wanted.
    NotificationFilterWord,
    "NotificationFilter",
    [ALL].into_iter().chain(NotificationKind::ALL.iter().map(|kind| kind.as_str())),
    "`all`, or those about one kind of thing."
);
