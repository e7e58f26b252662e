-- The words of titles and fields, with how they are found.
CREATE UNLOGGED TABLE kind AS
SELECT n - 1 AS n, title, name, string_to_array(lower(trim(title)), ' ') AS words
FROM (VALUES (1, 'Research Paper on ', 'Research Paper'), (2, 'Business Plan for ', 'Business Plan'),
             (3, 'Essay about ', 'Essay'), (4, 'Case Study of ', 'Case Study'),
             (5, 'Literature Review of ', 'Literature Review'), (6, 'Marketing Plan for ', 'Business Plan'))
    AS word (n, title, name);
CREATE UNLOGGED TABLE topic AS
SELECT n - 1 AS n, title, string_to_array(lower(title), ' ') AS words
FROM unnest(ARRAY['Climate Change', 'Fintech Startups', 'Supply Chains', 'Modern Art', 'Urban Housing', 'Machine Learning',
                  'Public Health', 'Ocean Policy', 'Labour Markets', 'Roman Law']) WITH ORDINALITY AS word (title, n);
CREATE UNLOGGED TABLE subject AS
SELECT n - 1 AS n, name, string_to_array(lower(name), ' ') AS words
FROM unnest(ARRAY['Environmental Science', 'Business', 'Marketing', 'History', 'Computer Science', 'Medicine', 'Law',
                  'Economics']) WITH ORDINALITY AS word (name, n);
