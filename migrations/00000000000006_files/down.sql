SET LOCAL lock_timeout = '5s';

DROP TABLE order_files;
DROP TABLE files;
