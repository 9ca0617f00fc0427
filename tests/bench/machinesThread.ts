// The task in which nothing is done, for what the queue itself takes.

import { serveOnDatabase } from '../../src/runtime/jobs';

serveOnDatabase<object, null>(() => null);
