-- Files that people upload. Their bytes are outside the database.
SET LOCAL lock_timeout = '5s';

CREATE TABLE files (
    id          uuid        PRIMARY KEY,
    owner_id    uuid        NOT NULL REFERENCES users (id),
    purpose     text        NOT NULL
                            CONSTRAINT files_purpose_word CHECK (purpose IN ('attachment', 'avatar')),
    name        text        NOT NULL
                            CONSTRAINT files_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    size_bytes  bigint      NOT NULL CONSTRAINT files_size_range CHECK (size_bytes > 0),
    media_type  text        NOT NULL
                            CONSTRAINT files_media_type_word
                            CHECK (media_type IN ('application/pdf',
                                                  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
                                                  'image/png', 'image/jpeg', 'image/webp', 'image/gif',
                                                  'application/zip', 'text/plain')),
    hash        bytea       NOT NULL CONSTRAINT files_hash_is_sha256 CHECK (octet_length(hash) = 32),
    storage_key text        NOT NULL CONSTRAINT files_storage_key_once UNIQUE,
    created_at  timestamptz NOT NULL,
    -- Nothing that anybody typed names an object or a file on the disk.
    CONSTRAINT files_storage_key_form
        CHECK (storage_key = purpose || 's/' || right(id::text, 2) || '/' || id::text)
);

-- For the foreign key, and for what somebody has uploaded lately.
CREATE INDEX files_of_owner ON files (owner_id, created_at DESC);
CREATE UNIQUE INDEX files_one_avatar ON files (owner_id) WHERE purpose = 'avatar';
-- For what nobody attached to anything.
CREATE INDEX files_by_age ON files (created_at) WHERE purpose = 'attachment';

CREATE TABLE order_files (
    file_id     uuid        PRIMARY KEY REFERENCES files (id),
    order_id    bigint      NOT NULL REFERENCES orders (id),
    contract_id uuid,
    milestone   integer,
    submission  integer,
    attached_at timestamptz NOT NULL,
    -- All three or none.
    CONSTRAINT order_files_submission_fkey FOREIGN KEY (contract_id, milestone, submission)
        REFERENCES submissions (contract_id, milestone, number) MATCH FULL
);

CREATE INDEX order_files_of_order ON order_files (order_id, attached_at);
CREATE INDEX order_files_of_submission ON order_files (contract_id, milestone, submission);

COMMENT ON TABLE files IS 'Files that people uploaded. Rows never change; a blob is there before its row and goes after it.';
COMMENT ON COLUMN files.id IS 'UUID version 7, minted by the program.';
COMMENT ON COLUMN files.owner_id IS 'Who uploaded it.';
COMMENT ON COLUMN files.purpose IS 'What it is for: to be attached to something, or the picture of its owner (one each, files_one_avatar).';
COMMENT ON COLUMN files.name IS 'What it is called when it is downloaded: cleaned, with an extension that fits.';
COMMENT ON COLUMN files.size_bytes IS 'How many bytes.';
COMMENT ON COLUMN files.media_type IS 'What the bytes themselves say they are, as a MIME type.';
COMMENT ON COLUMN files.hash IS 'SHA-256 of the bytes.';
COMMENT ON COLUMN files.storage_key IS 'The name of its blob; follows from purpose and id.';
COMMENT ON COLUMN files.created_at IS 'When all of it was there.';

COMMENT ON TABLE order_files IS 'The files of orders. Rows never change: what was handed in is history.';
COMMENT ON COLUMN order_files.file_id IS 'Which file. It is attached once, to one thing.';
COMMENT ON COLUMN order_files.order_id IS 'To which order. Whoever may read the order may have the file.';
COMMENT ON COLUMN order_files.contract_id IS 'With milestone and submission: what it was handed in with. NULL for a file that a side added to the order.';
COMMENT ON COLUMN order_files.milestone IS 'See contract_id.';
COMMENT ON COLUMN order_files.submission IS 'See contract_id.';
COMMENT ON COLUMN order_files.attached_at IS 'When it was attached.';
