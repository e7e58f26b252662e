SET LOCAL lock_timeout = '5s';

DROP TABLE messages;
DROP TABLE chat_members;
DROP TABLE chats;
DROP SEQUENCE chat_activities;
DROP INDEX bids_of_provider_on_order;
