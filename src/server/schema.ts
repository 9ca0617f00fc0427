// The GraphQL schema, composed of the schemas of all modules.

import '../access/schema/mutations';
import '../availability/schema/pickup';
import '../catalog/schema/mutations';
import '../catalog/schema/queries';
import '../customer/schema/customerData';
import '../customer/schema/eraseCustomer';
import '../job/schema';
import '../location/schema/mutations';
import '../location/schema/people';
import '../location/schema/queries';
import '../order/schema/counter';
import '../order/schema/holdings';
import '../order/schema/pick';
import '../order/schema/place';
import '../order/schema/queries';
import '../order/schema/queue';
import '../order/schema/unlock';
import '../reservation/schema/mutations';
import '../reservation/schema/proof';
import '../reservation/schema/queries';
import '../stock/schema/count';
import '../stock/schema/drift';
import '../stock/schema/goods';
import '../stock/schema/move';
import '../stock/schema/safetyStock';
import '../return/schema/mutations';
import '../sales/schema/aliases';
import '../sales/schema/calendar';
import '../sales/schema/importSales';
import '../outbox/schema/mutations';
import '../forecast/schema/queries';
import '../forecast/schema/returns';
import '../push/schema/order';
import '../push/schema/stock';
import '../forecast/schema/accuracy';
import '../forecast/schema/accuracyAlerts';
import '../forecast/schema/accuracyBeside';
import '../replenishment/schema/documents';
import '../replenishment/schema/review';
import '../replenishment/schema/budget';
import '../replenishment/schema/setPolicy';
import '../replenishment/schema/suppliers';
import '../replenishment/schema/replay';
import '../replenishment/schema/replayEdits';
import '../replenishment/schema/whatIf';
import { builder } from '../graphql/builder';
import { metered } from '../graphql/cost/metering';
import { awaitingOrders } from '../order/actions/arrivals';
import { addDraftMutations } from '../purchase/schema/mutations';
import { approvedProposals } from '../replenishment/actions/review';
import { addSettlingMutations } from '../transfer/schema/mutations';

// Commands of a lower module that change documents of an upper one are given the upper module's part here.
addSettlingMutations(awaitingOrders);
addDraftMutations(approvedProposals);

export const schema = metered(builder.toSchema());
