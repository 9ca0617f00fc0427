// The texts of the page of planners in the present language.

import { dictionary } from '../foundation/language';
import { english } from './english';
import { french } from './french';

export const texts = dictionary(french, english);
