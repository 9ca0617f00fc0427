-- Numbers of orders and returns no longer count up: two of them told the public how much the whole chain had sold in
-- between. The sequences stay; what is shown is their value, permuted under a key that each database makes for itself.

-- Four rounds of a Feistel network over 30 bits, again while the result has not nine digits: one to one, so that numbers
-- stay unique. Those of before have six digits. Past the nine digits numbers are the sequence's own, with eleven.
DO $migration$
BEGIN
  EXECUTE format($body$
    CREATE FUNCTION opaque_number(kind text, n bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $function$
    DECLARE
      result bigint := n;
      high bigint;
      low bigint;
      mixed bigint;
    BEGIN
      IF n < 0 OR n >= 900000000 THEN RETURN 10000000000 + n; END IF;
      LOOP
        high := result >> 15;
        low := result & 32767;
        FOR pass IN 1..4 LOOP
          mixed := high # (('x' || substr(md5(%L || ':' || kind || ':' || pass || ':' || low), 1, 8))::bit(32)::bigint & 32767);
          high := low;
          low := mixed;
        END LOOP;
        result := (high << 15) | low;
        EXIT WHEN result < 900000000;
      END LOOP;
      RETURN 100000000 + result;
    END $function$
  $body$, gen_random_uuid()::text);
END $migration$;
