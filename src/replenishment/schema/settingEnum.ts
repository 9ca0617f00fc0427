// The GraphQL enum of the settings of a replenishment policy.

import { builder } from '../../graphql/builder';
import type { Setting } from '../rules/policy';

const DESCRIPTIONS: Record<Setting, string> = {
  active: 'Whether anything is proposed.',
  kind: 'The kind of the policy.',
  review: 'Review days.',
  measure: 'The service measure.',
  serviceA: 'Service target of class A.',
  serviceB: 'Service target of class B.',
  serviceC: 'Service target of class C.',
  shelfCapacity: 'Maximum units in the location.',
  presentationMinimum: 'Units always on display.',
  reorderPoint: 'The reorder point.',
  orderQuantity: 'The order quantity of REORDER_POINT.',
  maximum: 'The maximum of MIN_MAX.',
  suppliedFromId: 'The location that supplies it.',
  transferCostMinor: 'Cost of transferring a unit.',
  priority: 'Priority when money is short.',
};

function constantCase(name: string): string {
  return name
    .replace(/Id$/, '')
    .replace(/[A-Z]/g, (c) => `_${c}`)
    .toUpperCase();
}

export const SettingEnum = builder.enumType('ReplenishmentSetting', {
  description: 'A setting of a replenishment policy.',
  values: Object.fromEntries(
    Object.entries(DESCRIPTIONS).map(([value, description]) => [constantCase(value), { value, description }]),
  ) as { [K in string]: { value: Setting; description: string } },
});
