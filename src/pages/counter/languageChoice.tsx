// The choice of the language: both names are always in their own language.

import { chooseLanguage, language } from '../foundation/language';
import { texts } from './messages';

const NAMES = { fr: 'Français', en: 'English' } as const;
const LANGUAGES = ['fr', 'en'] as const;

export const LanguageChoice = () => (
  <fieldset class="segments" aria-label={texts.value.languageName}>
    {LANGUAGES.map((name) => (
      <button
        type="button"
        key={name}
        lang={name}
        aria-pressed={language.value === name}
        onClick={() => chooseLanguage(name)}
      >
        {NAMES[name]}
      </button>
    ))}
  </fieldset>
);
