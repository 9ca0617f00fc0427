// Defines the element comptoir-availability. Loaded twice, the script does nothing the second time.

import { ComptoirAvailability } from './element';

const NAME = 'comptoir-availability';
if (customElements.get(NAME) === undefined) customElements.define(NAME, ComptoirAvailability);
