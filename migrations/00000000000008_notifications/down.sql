SET LOCAL lock_timeout = '5s';

DROP TABLE notification_counts;
DROP TABLE notifications;
