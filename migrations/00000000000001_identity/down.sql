SET LOCAL lock_timeout = '5s';

DROP TABLE ended_sessions;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE user_figures;
DROP TABLE profiles;
DROP TABLE users;
