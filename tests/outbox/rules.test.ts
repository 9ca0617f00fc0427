// Webhooks: signatures against the published vector, rotation, retries, and addresses that are refused.

import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import {
  backoffSeconds,
  endpointSecret,
  isPrivateAddress,
  MAX_ATTEMPTS,
  sign,
  type WebhookHeaders,
  webhookHeaders,
  webhookUrlProblem,
} from '../../src/outbox/rules/webhooks';

describe('signing', () => {
  // The vector of the specification's own libraries ("sign function works").
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
  const published = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  const headers = webhookHeaders(secret, message);

  // Receivers use the specification's own library, which compares the timestamp with the clock.
  beforeAll(() => {
    jest.useFakeTimers({ now: message.timestamp * 1_000 });
  });
  afterAll(() => {
    jest.useRealTimers();
  });
  const isAccepted = (key: string, sent: WebhookHeaders, body: string): boolean => {
    try {
      new Webhook(key).verify(body, sent);
      return true;
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      return false;
    }
  };
  const randomSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

  test('gives the published signature', () => {
    expect(sign(secret, message)).toBe(published);
    expect(headers).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': published,
    });
    expect(new Webhook(secret).verify(message.body, headers)).toEqual({ test: 2432232314 });
  });

  test('with two secrets gives two signatures, and receivers with either accept them', () => {
    const next = randomSecret();
    const rotating = webhookHeaders([next, secret], message);
    expect(rotating['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/);
    expect(isAccepted(secret, rotating, message.body)).toBe(true);
    expect(isAccepted(next, rotating, message.body)).toBe(true);
    expect(isAccepted(randomSecret(), rotating, message.body)).toBe(false);
  });

  test('a receiver’s derived secret is its own, and another at each generation', () => {
    const key = Buffer.from('a key of the server, of 32 bytes');
    const derived = endpointSecret(key, 'endpoint-1', 1);
    expect(derived).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(endpointSecret(key, 'endpoint-1', 1)).toBe(derived);
    const others = [endpointSecret(key, 'endpoint-2', 1), endpointSecret(key, 'endpoint-1', 2)];
    const elsewhere = endpointSecret(Buffer.from('b key of the server, of 32 bytes'), 'endpoint-1', 1);
    expect(new Set([derived, ...others, elsewhere]).size).toBe(4);
    expect(isAccepted(derived, webhookHeaders(derived, message), message.body)).toBe(true);
  });

  test('receivers notice any change to id, time or body', () => {
    expect(isAccepted(secret, headers, `${message.body} `)).toBe(false);
    expect(isAccepted(secret, { ...headers, 'webhook-id': 'msg_other' }, message.body)).toBe(false);
    const moved = { ...headers, 'webhook-timestamp': '1614265331' };
    expect(isAccepted(secret, moved, message.body)).toBe(false);
    fc.assert(
      fc.property(fc.json(), fc.json(), (signed, received) => {
        const sent = webhookHeaders(secret, { ...message, body: signed });
        return isAccepted(secret, sent, received) === (signed === received);
      }),
    );
  });

  test('what can’t be signed safely is not signed', () => {
    expect(() => sign(secret, { ...message, id: 'msg.1' })).toThrow(/dots or spaces/);
    expect(() => sign(secret, { ...message, timestamp: 1.5 })).toThrow(/whole Unix seconds/);
    expect(() => sign([], message)).toThrow(/at least one secret/);
    for (const weak of [
      '',
      'whsec_',
      'whsec_c2hvcnQ=',
      secret.slice('whsec_'.length),
      `whsec_${'A'.repeat(88)}`,
    ]) {
      expect(() => sign(weak, message)).toThrow(/base64 of 24 to 64 bytes/);
    }
  });
});

describe('backoffSeconds', () => {
  test('follows the specification’s schedule and then gives up', () => {
    const waits = Array.from({ length: MAX_ATTEMPTS }, (_, failed) => backoffSeconds(failed + 1, 0));
    const hours = 3600;
    expect(waits).toEqual([
      5,
      300,
      1800,
      2 * hours,
      5 * hours,
      10 * hours,
      14 * hours,
      20 * hours,
      24 * hours,
      null,
    ]);
    expect(waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0)).toBe(75 * hours + 35 * 60 + 5);
    expect(backoffSeconds(MAX_ATTEMPTS + 1, 0)).toBeNull();
  });

  test('jitter adds at most a tenth', () => {
    expect(backoffSeconds(2, 0.5)).toBeCloseTo(315, 9);
    expect(backoffSeconds(2, 1)).toBeCloseTo(330, 9);
    expect(() => backoffSeconds(0, 0)).toThrow(/count from 1, not 0/);
  });
});

describe('addresses', () => {
  const refused = (url: string) => webhookUrlProblem(url, { allowPrivate: false });

  test('public https addresses are taken', () => {
    for (const url of [
      ...[
        'https://example.com',
        'https://example.com:8443/hooks?shop=1',
        'https://8.8.8.8/x',
        'https://[2606:4700::1111]/',
      ],
      ...['https://localhost.example.com', 'https://internal.example.com./x'],
    ]) {
      expect(refused(url)).toBeNull();
    }
  });

  test.each([
    ['not a url', /must be a whole URL/],
    ['/hooks', /must be a whole URL/],
    ['http://example.com/hooks', /must begin with https:\/\/, not http:\/\//],
    ['file:///etc/passwd', /not file:/],
    ['https://bob:secret@example.com/', /must not carry a user name or password/],
    ['https://bob@example.com/', /user name/],
    ['https://example.com/#top', /fragment/],
    [`https://example.com/${'x'.repeat(2048)}`, /at most 2048 characters/],
    ['https://localhost/', /'localhost', which is not an address on the public internet/],
    ['https://tablet/', /'tablet'/],
    ['https://printer.local/', /printer.local/],
    ['https://metadata.google.internal./', /metadata.google.internal/],
    ['https://127.0.0.1/', /127.0.0.1/],
    ['https://2130706433/', /127.0.0.1/],
    ['https://0x7f.1/', /127.0.0.1/],
    ['https://0177.0.0.1/', /127.0.0.1/],
    ['https://169.254.169.254/latest/meta-data', /169.254.169.254/],
    ['https://[::1]/', /::1/],
    ['https://[::ffff:10.0.0.1]/', /::ffff:a00:1/],
    ['https://[fd00::1]/', /fd00::1/],
  ])('%s is refused', (url, message) => {
    expect(refused(url)).toMatch(message);
    expect(refused(url)).not.toMatch(/secret/);
  });

  test('allowPrivate admits http and local addresses, and nothing else', () => {
    const inDevelopment = (url: string) => webhookUrlProblem(url, { allowPrivate: true });
    for (const url of [
      'http://localhost:4000/hooks',
      'http://127.0.0.1',
      'https://[::1]/',
      'http://tablet/',
    ]) {
      expect(inDevelopment(url)).toBeNull();
    }
    for (const url of ['ftp://localhost/', 'http://bob:pw@localhost/', 'localhost:4000']) {
      expect(inDevelopment(url)).not.toBeNull();
    }
  });

  test('isPrivateAddress knows both families and every disguise of IPv4', () => {
    const privateV4 = [
      ...[
        '0.0.0.0',
        '10.1.2.3',
        '100.64.0.1',
        '100.127.255.255',
        '127.0.0.1',
        '127.255.255.254',
        '169.254.169.254',
      ],
      ...[
        '172.16.0.1',
        '172.31.255.255',
        '192.0.0.8',
        '192.0.2.1',
        '192.168.1.1',
        '198.18.0.1',
        '198.19.255.255',
      ],
      ...['198.51.100.7', '203.0.113.7', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ];
    const publicV4 = [
      '1.1.1.1',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '172.15.0.1',
      '172.32.0.1',
    ];
    const privateV6 = [
      ...[
        '::',
        '::1',
        'fe80::1',
        'fe80::1%eth0',
        'fc00::1',
        'fd12:3456::1',
        'ff02::1',
        '2001:db8::1',
        '2001::1',
      ],
      ...[
        '2002:a00:1::',
        '3fff::1',
        '100::1',
        '64:ff9b:1::1',
        '::10.0.0.1',
        '::ffff:0:127.0.0.1',
        '4000::1',
        'fec0::1',
      ],
    ];
    for (const ip of [...privateV4, ...privateV6]) expect([ip, isPrivateAddress(ip)]).toEqual([ip, true]);
    for (const ip of publicV4) expect([ip, isPrivateAddress(ip)]).toEqual([ip, false]);
    for (const prefix of ['::ffff:', '64:ff9b::', '0:0:0:0:0:ffff:']) {
      for (const ip of privateV4)
        expect([prefix + ip, isPrivateAddress(prefix + ip)]).toEqual([prefix + ip, true]);
      for (const ip of publicV4)
        expect([prefix + ip, isPrivateAddress(prefix + ip)]).toEqual([prefix + ip, false]);
    }
    expect(isPrivateAddress('::ffff:7f00:1')).toBe(true);
    for (const ip of ['2606:4700:4700::1111', '2a00:1450:4007::200e'])
      expect(isPrivateAddress(ip)).toBe(false);
    for (const ip of ['', 'example.com', '127.1', '1.2.3.4.5']) expect(isPrivateAddress(ip)).toBe(true);
  });
});
