// All wings' faces in one schema.

import './catalog/schema';
import './location/schema';
import './stock/schema';
import { builder } from './graphql/builder';

export const schema = builder.toSchema();
