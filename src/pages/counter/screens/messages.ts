// The texts of the screens beside the queue, loaded with them, and those of the counter.

import { computed } from '@preact/signals';
import { dictionary } from '../../foundation/language';
import { texts as counterTexts } from '../messages';
import { en } from './english';
import { fr } from './french';

const own = dictionary(fr, en);
export const texts = computed(() => ({ ...counterTexts.value, ...own.value }));
