// A real OpenID Connect provider in this process: it signs in whom the test names, without asking anybody.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A person as the provider knows it. */
export interface ProviderAccount {
  name: string;
  groups: unknown;
}

interface GrantContext {
  oidc: {
    client: { clientId: string };
    session: { accountId: string };
    provider: { Grant: new (of: object) => { addOIDCScope(scopes: string): void; save(): Promise<string> } };
  };
}

/** ID tokens are good for so long. */
const TOKEN_SECONDS = 10;
const SCOPES = 'openid profile email groups';

export class OpenIdProvider {
  readonly accounts = new Map<string, ProviderAccount>();
  /** Who signs in next. */
  next = '';
  /** Seconds by which its clock is behind when it issues tokens. */
  secondsBehind = 0;
  #close: () => Promise<unknown> = async () => {};

  private constructor(readonly issuer: string) {}

  static async start(redirectUri: string, postLogoutUri: string): Promise<OpenIdProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const provider = new OpenIdProvider(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    // It warns of its defaults for development and of this version of Node, which are right here.
    const warnings = jest.spyOn(console, 'warn').mockImplementation();
    const { default: Library } = await import('oidc-provider');
    const library = new Library(provider.issuer, provider.#configuration(redirectUri, postLogoutUri));
    const handle = library.callback();
    warnings.mockRestore();
    server.on('request', (req, res) => {
      if (req.url === '/token') provider.#setClockBack(res);
      if (!req.url!.startsWith('/interaction/')) return handle(req, res);
      void library.interactionFinished(req, res, { login: { accountId: provider.next } });
    });
    provider.#close = () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    };
    return provider;
  }

  /** Until the response is sent the clock of this process is that of the provider. */
  #setClockBack(res: ServerResponse): void {
    const { now } = Date;
    const behind = this.secondsBehind * 1_000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() - behind);
    res.once('finish', () => clock.mockRestore());
  }

  #configuration(redirectUri: string, postLogoutUri: string): object {
    const client = {
      ...{ client_id: 'comptoir', client_secret: 'a secret of the tests', redirect_uris: [redirectUri] },
      ...{ post_logout_redirect_uris: [postLogoutUri], token_endpoint_auth_method: 'client_secret_post' },
    };
    return {
      clients: [client],
      cookies: { keys: ['a key of the tests'] },
      claims: { openid: ['sub'], profile: ['name'], email: ['email'], groups: ['groups'] },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      ttl: { IdToken: TOKEN_SECONDS, Session: 600, Interaction: 600, Grant: 600, AccessToken: 600 },
      findAccount: (_context: unknown, accountId: string) => ({
        accountId,
        claims: () => ({ sub: accountId, ...this.accounts.get(accountId) }),
      }),
      loadExistingGrant: async ({ oidc }: GrantContext) => {
        const { clientId } = oidc.client;
        const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
        grant.addOIDCScope(SCOPES);
        await grant.save();
        return grant;
      },
    };
  }

  /** Lets this person sign in from a new browser: the address that the provider sends it back to. */
  async signIn(address: string, accountId: string): Promise<string> {
    this.next = accountId;
    const cookies = new Map<string, string>();
    let url = address;
    for (let step = 0; step < 10; step += 1) {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
        cookies.set(name!, value!);
      }
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`${answer.status} ${await answer.text()}`);
      url = new URL(location, url).href;
      if (!url.startsWith(this.issuer)) return url;
    }
    throw new Error('the provider does not come to an end');
  }

  close(): Promise<unknown> {
    return this.#close();
  }
}
