// The texts of the counter in French and English.

import { dictionary } from '../foundation/language';
import { en } from './english';
import { fr } from './french';

export const texts = dictionary(fr, en);
