// All wings' faces in one schema.

import './access/schema/mutations';
import './availability/schema/pickup';
import './catalog/schema/mutations';
import './catalog/schema/queries';
import './job/schema';
import './location/schema/mutations';
import './location/schema/people';
import './location/schema/queries';
import './order/schema/counter';
import './order/schema/pick';
import './order/schema/place';
import './order/schema/queries';
import './order/schema/queue';
import './reservation/schema/mutations';
import './reservation/schema/proof';
import './reservation/schema/queries';
import './stock/schema/count';
import './stock/schema/drift';
import './stock/schema/goods';
import './stock/schema/move';
import './stock/schema/safetyStock';
import './return/schema/mutations';
import './transfer/schema/mutations';
import './purchase/schema/mutations';
import './outbox/schema/mutations';
import './forecast/schema/queries';
import './forecast/schema/returns';
import './push/schema/order';
import './push/schema/stock';
import './forecast/schema/accuracy';
import './forecast/schema/accuracyAlerts';
import './replenishment/schema/review';
import './replenishment/schema/budget';
import { builder } from './graphql/builder';

export const schema = builder.toSchema();
