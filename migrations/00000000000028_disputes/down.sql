SET LOCAL lock_timeout = '5s';

DROP TABLE dispute_files;
DROP TABLE dispute_evidence;
DROP TABLE dispute_offers;
DROP TABLE disputes;
