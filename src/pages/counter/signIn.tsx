// The sign-in page of the counter.

import { SignIn as SignInPage } from '../foundation/signIn';
import { texts } from './messages';
import { beginAs, ROLES } from './people';
import { outbox } from './state';

export const SignIn = () => (
  <SignInPage title={texts.value.title} tagline={texts.value.tagline} roles={ROLES} onSignedIn={beginAs}>
    {outbox.value.length > 0 && <p class="unconfirmed">{texts.value.signedOut}</p>}
  </SignInPage>
);
