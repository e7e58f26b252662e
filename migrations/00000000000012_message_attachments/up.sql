-- Files that go with messages of chats.
SET LOCAL lock_timeout = '5s';

CREATE TABLE message_attachments (
    file_id uuid    PRIMARY KEY REFERENCES files (id),
    chat_id uuid    NOT NULL,
    seq     bigint  NOT NULL,
    place   integer NOT NULL CONSTRAINT message_attachments_place_range CHECK (place BETWEEN 1 AND 10),
    CONSTRAINT message_attachments_place_once UNIQUE (chat_id, seq, place),
    CONSTRAINT message_attachments_message_fkey FOREIGN KEY (chat_id, seq) REFERENCES messages (chat_id, seq)
);

COMMENT ON TABLE message_attachments IS 'The files of messages. Rows never change: what was sent stays sent.';
COMMENT ON COLUMN message_attachments.file_id IS 'Which file. It is attached once, to one thing: see leave_attached_file().';
COMMENT ON COLUMN message_attachments.chat_id IS 'In which chat. Its two sides may have the file, and nobody else.';
COMMENT ON COLUMN message_attachments.seq IS 'Which of its messages.';
COMMENT ON COLUMN message_attachments.place IS 'Its place among the files of the message, from 1.';

-- A file is attached once. Within each table the primary key says so; between the two it is this trigger, which leaves
-- a row out as ON CONFLICT DO NOTHING does. Whoever attaches the same file elsewhere at this moment is waited for at the
-- file's row, and each statement below sees what was committed until then.
CREATE FUNCTION leave_attached_file() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM 1 FROM public.files WHERE id = NEW.file_id FOR NO KEY UPDATE;
    IF TG_TABLE_NAME = 'order_files' THEN
        PERFORM 1 FROM public.message_attachments WHERE file_id = NEW.file_id;
    ELSE
        PERFORM 1 FROM public.order_files WHERE file_id = NEW.file_id;
    END IF;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION leave_attached_file() IS 'Leaves a file out that is attached to something of another kind.';

CREATE TRIGGER message_attachments_once BEFORE INSERT ON message_attachments
    FOR EACH ROW EXECUTE FUNCTION leave_attached_file();
CREATE TRIGGER order_files_once BEFORE INSERT ON order_files
    FOR EACH ROW EXECUTE FUNCTION leave_attached_file();

-- A message may have files instead of words. What is there fulfils the wider rule, so that nothing needs to be read.
ALTER TABLE messages
    DROP CONSTRAINT messages_content_length,
    ADD CONSTRAINT messages_content_length CHECK (char_length(content) <= 10000) NOT VALID;

COMMENT ON COLUMN messages.content IS 'What it says; empty where there are only files.';
