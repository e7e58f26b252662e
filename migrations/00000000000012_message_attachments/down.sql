SET LOCAL lock_timeout = '5s';

-- Messages without words get the names of their files, so that there is something to read.
UPDATE messages SET content = named.files
FROM (
    SELECT chat_id, seq, string_agg(files.name, ', ' ORDER BY place) AS files
    FROM message_attachments JOIN files ON files.id = message_attachments.file_id
    GROUP BY chat_id, seq
) AS named
WHERE messages.chat_id = named.chat_id AND messages.seq = named.seq AND messages.content = '';

ALTER TABLE messages
    DROP CONSTRAINT messages_content_length,
    ADD CONSTRAINT messages_content_length CHECK (char_length(content) BETWEEN 1 AND 10000);

COMMENT ON COLUMN messages.content IS 'What it says.';

DROP TRIGGER order_files_once ON order_files;
DROP TABLE message_attachments;
DROP FUNCTION leave_attached_file();
