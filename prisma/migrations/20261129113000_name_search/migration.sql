-- Agents find customers by name, with a typing error in each word. Two words are one letter apart (one exchanged, left out or too much, two
-- neighbours swapped) only if they share a key: the word itself, or the word without one of its letters. So a search is a look-up of
-- keys, which an index answers at any size. A million statements about persons take about a minute, in which they can be read but not written.
-- Its body is bound to search_text here, because an index is built with an empty search path.
CREATE FUNCTION name_keys(typed text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
  SELECT coalesce(array_agg(DISTINCT CASE WHEN i = 0 THEN s.word ELSE overlay(s.word PLACING '' FROM i FOR 1) END), '{}'::text[])
  FROM (SELECT DISTINCT left(w, 16) AS word FROM unnest(string_to_array(left(search_text(typed), 160), ' ')) w
        WHERE length(w) > 1 ORDER BY 1 LIMIT 8) s
  CROSS JOIN LATERAL generate_series(0, CASE WHEN length(s.word) < 4 THEN 0 ELSE length(s.word) END) i;
END;

CREATE INDEX person_record_names_idx ON person_record
  USING gin (name_keys(coalesce(full_name, '') || ' ' || coalesce(first_name, '') || ' ' || coalesce(surname, '')));
