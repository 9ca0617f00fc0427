-- The number of a document is one however it is typed: in capitals, without blanks, with one kind of dash, nothing invisible.
-- Receipts that differ only so are one receipt, of which each unit comes back once; what was refunded twice so far stays
-- refunded. The tables are read once; only rows in another form are written.

-- As `documentNumber` in src/text.ts does it, for the letters of Latin, Greek and Cyrillic, whatever the database's locale.
-- From now on numbers come in that form, so that the function is needed here alone.
CREATE FUNCTION document_number(typed text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE
    WHEN typed ~ '^[!-\\^-~]*$' THEN upper(typed COLLATE "C")
    ELSE normalize(upper(translate(replace(
      regexp_replace(
        regexp_replace(
          normalize(
            regexp_replace(
              regexp_replace(typed, '^[\u0001-\u0020\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\ufeff]+', ''),
              '^\][A-Za-z][0-9A-Za-z]', ''),
            NFKC),
          '[\u0001-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000]+', '', 'g'),
        '[\u2010-\u2015\u2212\u2e3a\u2e3b]', '-', 'g'),
      'ß', 'SS'),
      'ͱͳͷͻͼͽàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįıĵķĺļľłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷźżžƀƃƅƈƌƒƕƙƚƛƞơƣƥƨƭưƴƶƹƽƿǎǐǒǔǖǘǚǜǝǟǡǣǥǧǩǫǭǯǵǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȝȟȣȥȧȩȫȭȯȱȳȼȿɀɂɇɉɋɍɏάέήίαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώϗϙϛϝϟϡϣϥϧϩϫϭϯϳϸϻабвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљњћќѝўџѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӂӄӆӈӊӌӎӏӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯ',
      'ͰͲͶϽϾϿÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞŸĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮIĴĶĹĻĽŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŹŻŽɃƂƄƇƋƑǶƘȽꟜȠƠƢƤƧƬƯƳƵƸƼǷǍǏǑǓǕǗǙǛƎǞǠǢǤǦǨǪǬǮǴǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȜȞȢȤȦȨȪȬȮȰȲȻⱾⱿɁɆɈɊɌɎΆΈΉΊΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΣΤΥΦΧΨΩΪΫΌΎΏϏϘϚϜϞϠϢϤϦϨϪϬϮͿϷϺАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӁӃӅӇӉӋӍӀӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮ') COLLATE "C"), NFC)
  END
$$;

-- Nobody states a receipt meanwhile.
LOCK TABLE till_receipt, till_receipt_line IN SHARE ROW EXCLUSIVE MODE;

CREATE TEMPORARY TABLE respelled_receipt ON COMMIT DROP AS
  SELECT number, normal FROM (
    SELECT number, document_number(number) AS normal FROM till_receipt WHERE number !~ '^[!-\\^-`{-~]*$') r
  WHERE normal <> number AND normal <> '';
CREATE UNIQUE INDEX ON respelled_receipt (number);
CREATE INDEX ON respelled_receipt (normal);
ANALYZE respelled_receipt;

-- Every spelling of these receipts, also the one that is right.
CREATE TEMPORARY TABLE receipt_spelling ON COMMIT DROP AS
  SELECT number, normal FROM respelled_receipt
  UNION ALL SELECT t.number, t.number FROM till_receipt t WHERE t.number IN (SELECT normal FROM respelled_receipt);
CREATE UNIQUE INDEX ON receipt_spelling (number);
ANALYZE receipt_spelling;

-- Under the SKU that stands for its code now, as returns look lines up.
CREATE TEMPORARY TABLE receipt_bought ON COMMIT DROP AS
  SELECT normal, sku_id, max(sold)::int AS sold, least(sum(returned), max(sold))::int AS returned
  FROM (
    SELECT s.normal, s.number, coalesce(k.replaced_by_id, k.id) AS sku_id, sum(l.sold) AS sold, sum(l.returned) AS returned
    FROM receipt_spelling s JOIN till_receipt_line l ON l.receipt = s.number JOIN sku k ON k.id = l.sku_id
    GROUP BY 1, 2, 3) l
  GROUP BY normal, sku_id;

INSERT INTO till_receipt AS t (number, sold_at, created_at)
SELECT s.normal, min(r.sold_at), min(r.created_at)
FROM receipt_spelling s JOIN till_receipt r ON r.number = s.number GROUP BY s.normal
ON CONFLICT (number) DO UPDATE SET (sold_at, created_at) = (EXCLUDED.sold_at, EXCLUDED.created_at);
UPDATE customer_return r SET receipt = s.normal FROM respelled_receipt s WHERE r.receipt = s.number;
DELETE FROM till_receipt_line l USING receipt_spelling s WHERE l.receipt = s.number;
DELETE FROM till_receipt t USING respelled_receipt s WHERE t.number = s.number;
INSERT INTO till_receipt_line (receipt, sku_id, sold, returned) SELECT normal, sku_id, sold, returned FROM receipt_bought;

-- Lines of sales keep being recognised when their file comes again. Two lines of which nobody can say now whether they were
-- one sale both stay: the one whose name is taken keeps its own spelling.
CREATE TEMPORARY TABLE respelled_line ON COMMIT DROP AS
  SELECT feed_id, document, normal, item, location_id, day, n FROM (
    SELECT l.*, row_number() OVER (PARTITION BY feed_id, normal, item, location_id, day, n ORDER BY document) AS nth
    FROM (
      SELECT feed_id, document, document_number(document) AS normal, item, location_id, day, n
      FROM sales_line WHERE document !~ '^[!-\\^-`{-~]*$') l
    WHERE normal <> document AND normal <> '') l
  WHERE nth = 1 AND NOT EXISTS (
    SELECT FROM sales_line t
    WHERE t.feed_id = l.feed_id AND t.document = l.normal AND t.item = l.item AND t.location_id = l.location_id
      AND t.day = l.day AND t.n = l.n);
ANALYZE respelled_line;
UPDATE return_event e SET document = l.normal FROM respelled_line l
WHERE e.feed_id = l.feed_id AND e.document = l.document AND e.item = l.item AND e.location_id = l.location_id
  AND e.return_day = l.day AND e.n = l.n;
UPDATE sales_line s SET document = l.normal FROM respelled_line l
WHERE s.feed_id = l.feed_id AND s.document = l.document AND s.item = l.item AND s.location_id = l.location_id
  AND s.day = l.day AND s.n = l.n;

-- Telephone numbers of open orders lose the 0 that was written behind the country code, where it is not part of them.
UPDATE customer_order SET customer_phone = regexp_replace(customer_phone, '^\+(33|44)0', '+\1')
WHERE status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY') AND customer_phone ~ '^\+(330[1-9]\d{8}|440[1-9]\d{9})$';

-- E-mail addresses are looked up without what cannot be seen.
UPDATE customer_order
SET customer_email = regexp_replace(customer_email, '[\u0001-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+', '', 'g')
WHERE customer_email ~ '[\u0001-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]';

DROP FUNCTION document_number;
