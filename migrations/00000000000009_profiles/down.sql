SET LOCAL lock_timeout = '5s';

DROP TABLE leaderboard_places;
DROP TABLE leaderboards;

DROP INDEX orders_completed_by_time;

ALTER TABLE profiles DROP COLUMN version;
