// The choice of the language: both names are always in their own language.

import { chooseLanguage, dictionary, language } from './language';

const NAMES = { fr: 'Français', en: 'English' } as const;
const LANGUAGES = ['fr', 'en'] as const;
const label = dictionary('Langue', 'Language');

export const LanguageChoice = () => (
  <fieldset class="segments" aria-label={label.value}>
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
