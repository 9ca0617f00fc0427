// The texts of the service desk in the present language.

import { dictionary } from '../foundation/language';
import { en } from './english';
import { fr } from './french';
import { enStewards, frStewards } from './stewardTexts';

export const texts = dictionary({ ...fr, ...frStewards }, { ...en, ...enStewards });
