// Shared tablets: enrolled by a code once, bound to their shop, revoked; and each person on one by a PIN.

import { START, startApp, type TestApp } from '../support/app';
import { Browser } from './browser';
import { enrol, enter, goodPin, Tablets } from './tabletSupport';
import { gql } from './tabletTexts';

let app: TestApp;
let t: Tablets;
let manager: string;
beforeAll(async () => {
  app = await startApp();
  t = new Tablets(app);
  manager = await t.manager('Mona');
});
afterAll(() => app.close());
afterEach(() => app.wait((START.getTime() - app.parts.clock().getTime()) / 60_000));

describe('a tablet', () => {
  test('is enrolled by the code of a manager, once', async () => {
    const { data } = await t.create(manager, { name: 'counter left', key: 'the same' });
    const { code, device } = data.createDevice;
    expect(code).toMatch(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
    expect(device).toMatchObject({ name: 'counter left', enrolledAt: null });
    // A retry shows the same code, which is stored nowhere.
    expect((await t.create(manager, { name: 'counter left', key: 'the same' })).data).toEqual(data);
    const stored = await app.db.rows<{ text: string }>(
      'SELECT c::text AS text FROM command c UNION ALL SELECT d::text FROM device d',
    );
    expect(stored.filter(({ text }) => text.includes(code!))).toEqual([]);
    const browser = new Browser(app.url);
    const enrolled = await enrol(browser, code!.toLowerCase().replaceAll('-', ' '));
    expect(enrolled.status).toBe(201);
    expect(enrolled.body).toMatchObject({
      actor: null,
      device: { name: 'counter left', location: { code: 'paris' }, people: expect.any(Array) },
    });
    expect([...browser.cookies.keys()]).toEqual(['development-comptoir-device']);
    expect(await browser.viewer()).toBe('200 UNAUTHENTICATED');
    const again = await enrol(new Browser(app.url), code!);
    expect([again.status, again.body.errors[0].extensions.code]).toEqual([410, 'CODE_USED']);
  });

  test('is not enrolled by a code that has expired, was never made, or is used by two at once', async () => {
    const late = (await t.create(manager)).data.createDevice.code!;
    app.wait(15);
    expect((await enrol(new Browser(app.url), late)).body.errors[0].extensions.code).toBe('CODE_EXPIRED');
    for (const code of ['', 'x', 'AAAA-AAAA-AAAA-AAAA', late.slice(1), `${late}0`, '💥'.repeat(16)]) {
      const { status, body } = await enrol(new Browser(app.url), code);
      expect([code, status, body.errors[0].extensions.code]).toEqual([code, 404, 'UNKNOWN_CODE']);
    }
    for (const body of [{}, { code: 7 }, { code: null }, [], 'x']) {
      expect((await new Browser(app.url).send('POST', '/session/device', { body })).status).toBe(400);
    }
    const code = (await t.create(manager)).data.createDevice.code!;
    const statuses = await Promise.all(Array.from({ length: 5 }, () => enrol(new Browser(app.url), code)));
    expect(statuses.map(({ status }) => status).sort()).toEqual([201, 410, 410, 410, 410]);
  });

  test('is made by managers of its shop and administrators only', async () => {
    const staff = await app.token('STAFF', 'Stan', ['paris']);
    const other = await t.manager('Mila of Lyon', ['lyon']);
    for (const token of [staff, other]) {
      expect((await t.create(token)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
      expect((await t.people(token)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
    const admin = await app.token('ADMIN');
    expect((await t.create(admin, { location: 'lyon' })).data.createDevice.code).not.toBeNull();
    expect((await t.create(admin, { location: 'nowhere' })).data.createDevice.__typename).toBe('NotFound');
    const { device } = await t.enrolled(manager);
    expect((await t.revoke(other, device)).data.revokeDevice.__typename).toBe('NotFound');
    expect((await t.revoke(staff, device)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const read = await app.gql(other, gql.node, { id: device });
    expect(read.data.node).toBeNull();
    const { data } = await app.gql(manager, gql.devices, { location: 'paris' });
    expect(data.devices.nodes[0]).toMatchObject({ id: device, location: { code: 'paris' } });
  });

  test('that is revoked ends its session at once, and takes no PIN', async () => {
    const ada = await t.withPin('Ada', goodPin(1));
    const { browser, device } = await t.enrolled(manager);
    expect(await enter(browser, ada, goodPin(1))).toEqual([201, 'Ada']);
    expect((await t.revoke(manager, device)).data.revokeDevice.__typename).toBe('RevokeDeviceSuccess');
    expect(await browser.viewer()).toBe('401 UNAUTHENTICATED');
    expect(await enter(browser, ada, goodPin(1))).toEqual([401, 'DEVICE_UNKNOWN']);
    expect((await browser.session()).body.device).toBeNull();
    expect(browser.cookies.size).toBe(0);
  });

  test('that is enrolled again is one tablet', async () => {
    const { browser } = await t.enrolled(manager);
    const thief = browser.copy();
    await enrol(browser, (await t.create(manager)).data.createDevice.code!);
    expect((await browser.session()).body.device).not.toBeNull();
    expect((await thief.session()).body.device).toBeNull();
  });
});

describe('on a tablet', () => {
  test('two people alternate, and each act is of its person', async () => {
    const bob = await t.withPin('Bob', goodPin(2));
    const cleo = await t.withPin('Cleo', goodPin(3), ['paris', 'lyon']);
    const { browser } = await t.enrolled(manager);
    for (const [person, pin, name] of [
      [bob, goodPin(2), 'Bob'],
      [cleo, goodPin(3), 'Cleo'],
      [bob, goodPin(2), 'Bob'],
    ] as const) {
      expect(await enter(browser, person, pin)).toEqual([201, name]);
      const { data } = await browser.gql(gql.receive, { key: `${name} ${Math.random()}` });
      expect(data.receiveStock.__typename).toBe('ReceiveStockSuccess');
      const out = await browser.send('DELETE', '/session');
      // What the tablet has stored stays, the cookie of the tablet among it.
      expect(out.headers.get('clear-site-data')).toBeNull();
      expect([...browser.cookies.keys()]).toEqual(['development-comptoir-device']);
    }
    const rows = await app.db.rows<{ name: string }>(
      `SELECT a.name FROM command c JOIN actor a ON a.id = c.actor_id WHERE c.action = 'receiveStock' ORDER BY c.id`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['Bob', 'Cleo', 'Bob']);
    // Signing in without signing the other out ends the session of the other as well.
    await enter(browser, bob, goodPin(2));
    const before = browser.copy();
    await enter(browser, cleo, goodPin(3));
    expect([await before.viewer(), await browser.viewer()]).toEqual(['401 UNAUTHENTICATED', 'Cleo']);
    // She works in Lyon too, but this tablet stands in Paris.
    expect((await browser.session()).body.actor.locations).toEqual([
      { code: 'paris', name: expect.any(String) },
    ]);
    expect((await browser.gql(gql.viewer)).data.viewer.locations).toEqual([{ code: 'paris' }]);
    expect((await browser.gql(gql.receiveInLyon, { key: 'lyon' })).errors?.[0]?.extensions?.code).toBe(
      'FORBIDDEN',
    );
  });

  test('a session ends after five minutes without use', async () => {
    const dan = await t.withPin('Dan', goodPin(4));
    const { browser } = await t.enrolled(manager);
    await enter(browser, dan, goodPin(4));
    app.wait(4);
    expect(await browser.viewer()).toBe('Dan');
    app.wait(5);
    expect(await browser.viewer()).toBe('401 UNAUTHENTICATED');
    expect(await enter(browser, dan, goodPin(4))).toEqual([201, 'Dan']);
  });

  test('only the staff of its shop sign in, and nobody without the tablet', async () => {
    const lyon = await t.withPin('Lina', goodPin(5), ['lyon']);
    const here = await t.withPin('Hugo', goodPin(6));
    const { browser } = await t.enrolled(manager);
    expect(await enter(browser, lyon, goodPin(5))).toEqual([401, 'NO_PIN']);
    expect(await enter(browser, 987_654, goodPin(5))).toEqual([401, 'NO_PIN']);
    expect(await enter(new Browser(app.url), here, goodPin(6))).toEqual([401, 'DEVICE_UNKNOWN']);
    const foreign = await browser.send('POST', '/session/pin', {
      ...{ body: { person: here, pin: goodPin(6) }, ownPage: false },
    });
    expect(foreign.status).toBe(403);
    for (const body of [{}, { person: 'x', pin: '1' }, { person: 1.5, pin: '1' }, { person: here, pin: 1 }]) {
      expect((await browser.send('POST', '/session/pin', { body })).status).toBe(400);
    }
    await app.db.rows('UPDATE actor SET active = false WHERE id = $1', [here]);
    expect(await enter(browser, here, goodPin(6))).toEqual([401, 'NO_PIN']);
  });
});

describe('a PIN', () => {
  test('is locked after five wrong ones, on whichever tablets, until a manager unlocks it', async () => {
    const eve = await t.withPin('Eve', goodPin(7));
    const tablets = await Promise.all([1, 2, 3].map(() => t.enrolled(manager)));
    const wrong: unknown[] = [];
    for (let i = 0; i < 5; i += 1) wrong.push(await enter(tablets[i % 3]!.browser, eve, goodPin(90 + i)));
    expect(wrong).toEqual([...Array(4).fill([401, 'WRONG_PIN']), [403, 'PIN_LOCKED']]);
    for (const { browser } of tablets)
      expect(await enter(browser, eve, goodPin(7))).toEqual([403, 'PIN_LOCKED']);
    const { browser } = tablets[0]!;
    const shown = (await browser.session()).body.device.people.find((one: { id: number }) => one.id === eve);
    expect(shown.pin).toBe('LOCKED');
    const { actor, pin } = await t.person(manager, 'Eve');
    expect(pin).toBe('LOCKED');
    expect((await t.unlock(manager, actor)).data.unlockPin.__typename).toBe('UnlockPinSuccess');
    expect((await t.unlock(manager, actor)).data.unlockPin).toMatchObject({ state: 'OPEN' });
    expect(await enter(browser, eve, goodPin(7))).toEqual([201, 'Eve']);
    // The right one starts the count again.
    for (let i = 0; i < 4; i += 1) await enter(browser, eve, '1');
    expect(await enter(browser, eve, goodPin(7))).toEqual([201, 'Eve']);
  });

  test('guessed by many requests at once is compared no more than five times', async () => {
    const fay = await t.withPin('Fay', goodPin(8));
    const tablets = await Promise.all([1, 2, 3, 4].map(() => t.enrolled(manager)));
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => enter(tablets[i % 4]!.browser, fay, goodPin(50 + i))),
    );
    const codes = answers.map(([, code]) => code);
    expect(codes.filter((code) => code === 'WRONG_PIN')).toHaveLength(4);
    expect(codes.filter((code) => code === 'PIN_LOCKED')).toHaveLength(12);
  });

  test('of many people is not guessed on one tablet: it refuses after so many wrong ones, and others go on', async () => {
    const few = await startApp({ WRONG_PINS_PER_DEVICE: '6' }, app);
    try {
      const gus = await t.withPin('Gus', goodPin(9));
      const people = await Promise.all([1, 2, 3].map((n) => t.withPin(`Colleague ${n}`, goodPin(10 + n))));
      const { browser: enrolled } = await t.enrolled(manager);
      const browser = enrolled.copy(few.url);
      const codes: unknown[] = [];
      for (let i = 0; i < 6; i += 1) codes.push((await enter(browser, people[i % 3]!, goodPin(70)))[1]);
      expect(new Set(codes)).toEqual(new Set(['WRONG_PIN']));
      const { status, headers } = await browser.send('POST', '/session/pin', {
        body: { person: gus, pin: goodPin(9) },
      });
      expect([status, Number(headers.get('retry-after')) > 60]).toEqual([429, true]);
      const other = (await t.enrolled(manager)).browser.copy(few.url);
      expect(await enter(other, gus, goodPin(9))).toEqual([201, 'Gus']);
    } finally {
      await few.close();
    }
  });

  test('that is easy to guess is refused with the reason', async () => {
    const browser = new Browser(app.url);
    await browser.signIn(await app.token('STAFF', 'Hal', ['paris']));
    for (const [pin, fault] of [
      ['1234', 'TOO_SHORT'],
      ['123456', 'TOO_EASY'],
      ['000000', 'TOO_EASY'],
      ['19870412', 'TOO_EASY'],
      ['7391847391840', 'TOO_LONG'],
      ['73918a', 'NOT_DIGITS'],
    ]) {
      const { status, body } = await browser.send('PUT', '/session/pin', { body: { pin } });
      expect([pin, status, body.errors[0].extensions.fault]).toEqual([pin, 422, fault]);
    }
    expect((await browser.send('PUT', '/session/pin', { body: {} })).status).toBe(400);
    expect(
      (await new Browser(app.url).send('PUT', '/session/pin', { body: { pin: goodPin(1) } })).status,
    ).toBe(401);
  });

  test('is changed on a tablet only by who knows it', async () => {
    const ivy = await t.withPin('Ivy', goodPin(20));
    const { browser } = await t.enrolled(manager);
    await enter(browser, ivy, goodPin(20));
    const change = (currentPin?: string) =>
      browser.send('PUT', '/session/pin', { body: { pin: goodPin(21), currentPin } });
    expect((await change()).body.errors[0].extensions.code).toBe('WRONG_PIN');
    expect((await change(goodPin(22))).body.errors[0].extensions.attemptsLeft).toBe(3);
    expect((await change(goodPin(20))).status).toBe(204);
    expect(await enter(browser, ivy, goodPin(20))).toEqual([401, 'WRONG_PIN']);
    expect(await enter(browser, ivy, goodPin(21))).toEqual([201, 'Ivy']);
  });

  test('is stored as a slow hash that the database alone does not let anyone try', async () => {
    const jan = await t.withPin('Jan', goodPin(23));
    const kim = await t.withPin('Kim', goodPin(23));
    const rows = await app.db.rows<{ hash: string }>('SELECT hash FROM pin WHERE actor_id = ANY($1::int[])', [
      [jan, kim],
    ]);
    expect(rows[0]!.hash).toMatch(/^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(rows[0]!.hash).not.toBe(rows[1]!.hash);
    // Another server secret, as of somebody who has only the database.
    const other = await startApp({}, { ...app, parts: { ...app.parts, secretKey: Buffer.alloc(32, 7) } });
    try {
      const { browser } = await t.enrolled(manager);
      expect(await enter(browser.copy(other.url), jan, goodPin(23))).toEqual([401, 'WRONG_PIN']);
      expect(await enter(browser, jan, goodPin(23))).toEqual([201, 'Jan']);
    } finally {
      await other.close();
    }
  });
});

describe('a manager', () => {
  test('gives a start PIN, which opens no session until it is replaced', async () => {
    await app.token('STAFF', 'Leo', ['paris']);
    const { actor, pin } = await t.person(manager, 'Leo');
    expect(pin).toBe('NONE');
    const given = await t.reset(manager, actor, 'reset Leo');
    const { startPin, expiresAt } = given.data.resetPin;
    expect(startPin).toMatch(/^\d{6}$/);
    expect(expiresAt).toBe(new Date(START.getTime() + 86_400_000).toISOString());
    expect((await t.reset(manager, actor, 'reset Leo')).data).toEqual(given.data);
    const outcomes = await app.db.rows<{ text: string }>('SELECT c::text AS text FROM command c');
    expect(outcomes.filter(({ text }) => text.includes(`"${startPin}"`))).toEqual([]);
    const [{ id }] = (await app.db.rows<{ id: number }>(`SELECT id FROM actor WHERE name = 'Leo'`)) as [
      { id: number },
    ];
    const { browser } = await t.enrolled(manager);
    expect(await enter(browser, id, startPin)).toEqual([409, 'NEW_PIN_NEEDED']);
    expect(await enter(browser, id, startPin, startPin)).toEqual([422, 'PIN_UNCHANGED']);
    expect(await enter(browser, id, startPin, '111111')).toEqual([422, 'WEAK_PIN']);
    expect(await browser.viewer()).toBe('200 UNAUTHENTICATED');
    expect(await enter(browser, id, startPin, goodPin(30))).toEqual([201, 'Leo']);
    expect(await enter(browser, id, startPin)).toEqual([401, 'WRONG_PIN']);
    expect(await enter(browser, id, goodPin(30))).toEqual([201, 'Leo']);
    // A reset ends what the old PIN opened, and the start PIN of yesterday is none.
    const second = (await t.reset(manager, actor)).data.resetPin.startPin;
    expect(await browser.viewer()).toBe('401 UNAUTHENTICATED');
    app.wait(24 * 60);
    expect(await enter(browser, id, second, goodPin(31))).toEqual([403, 'START_PIN_EXPIRED']);
  });

  test('decides about the staff of the own shops who are no managers, and nobody else', async () => {
    await t.manager('Nora');
    await app.token('STAFF', 'Olga', ['lyon']);
    const admin = await app.token('ADMIN', 'chief');
    const nora = (await t.person(manager, 'Nora')).actor;
    const lyon = (await t.people(admin, 'lyon')).data.tabletPeople.find(({ name }) => name === 'Olga')!.actor;
    expect((await t.reset(manager, nora)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect((await t.reset(manager, lyon)).data.resetPin.__typename).toBe('NotFound');
    expect((await t.unlock(manager, lyon)).data.unlockPin.__typename).toBe('NotFound');
    const staff = await app.token('STAFF', 'Pia', ['paris']);
    const pia = (await t.person(manager, 'Pia')).actor;
    expect((await t.reset(staff, pia)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect((await t.reset(admin, nora)).data.resetPin.startPin).toMatch(/^\d{6}$/);
  });
});
