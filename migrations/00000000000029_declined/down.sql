SET LOCAL lock_timeout = '5s';

DROP INDEX invitations_declined;

COMMENT ON COLUMN chat_members.activity IS 'From chat_activities, drawn whenever something is said: the place of the chat in the lists of both sides.';
