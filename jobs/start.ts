// npm start: the API, and beside it the jobs unless JOBS=false.

import { run } from '../src/server/boot';
import { serve } from '../src/server/main';
import { startJobs } from './runner';

void run(() => serve({ alongside: (parts) => (parts.config.jobs ? startJobs(parts) : async () => {}) }));
