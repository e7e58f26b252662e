-- Of all invitations the few that were declined are looked for on every page of available orders.
SET LOCAL lock_timeout = '5s';

CREATE INDEX invitations_declined ON invitations (provider_id) INCLUDE (order_id) WHERE declined_at IS NOT NULL;

COMMENT ON COLUMN chat_members.activity IS 'From chat_activities, drawn for each side whenever something is said: the place of the chat in that side''s lists.';
