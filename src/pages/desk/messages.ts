// The texts of the desk in the present language.

import { dictionary } from '../foundation/language';
import { en } from './english';
import { fr } from './french';

export const texts = dictionary(fr, en);
