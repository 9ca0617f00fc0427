// The choice of the shop, for people who work at several.

import { Icon } from '../foundation/icon';
import { texts } from './messages';
import { chooseShop, signOut } from './people';
import { person } from './state';

export const ShopChoice = () => (
  <main class="sign-in">
    <h1>{texts.value.chooseShop}</h1>
    <ul class="card list" aria-label={texts.value.chooseShop}>
      {person.value!.shops.map((shop) => (
        <li key={shop.code}>
          <button type="button" class="row-button" onClick={() => chooseShop(shop)}>
            <Icon name="bag" />
            <span>{shop.name}</span>
          </button>
        </li>
      ))}
    </ul>
    <button type="button" class="button quiet" onClick={() => void signOut()}>
      {texts.value.signOut}
    </button>
  </main>
);
