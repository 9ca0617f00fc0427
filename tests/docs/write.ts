// npm run docs: writes the generated parts of the pages again.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withGeneratedParts } from './generated';
import { ROOT, readPages } from './pages';

for (const { path, text } of readPages()) {
  const written = withGeneratedParts(text);
  if (written !== text) writeFileSync(join(ROOT, path), written);
}
