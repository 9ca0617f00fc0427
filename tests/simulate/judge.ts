// The judge of each command.

import { cancelLine, recall, receiveLate, reverseArrival, reverseDelivery } from './judgeCorrections';
import {
  adjust,
  arrive,
  buy,
  callOff,
  count,
  deliver,
  dispatch,
  giveBack,
  letGo,
  receive,
  send,
  setAside,
  tillReturn,
} from './judgeGoods';
import { broken, cancel, collect, order, pick, ready, reissue, short, start, unpick } from './judgeOrders';
import { commit, extend, release, reserve, safety } from './judgeReservations';
import type { CallAnswer, Op } from './ops';
import type { SimulatedState } from './state';

type Judge<O> = (state: SimulatedState, op: O, answer: CallAnswer, crowded: boolean) => void;

const JUDGES: { [A in Op['act']]: Judge<Extract<Op, { act: A }>> } = {
  adjust,
  arrive,
  broken,
  buy,
  callOff,
  cancel,
  cancelLine,
  collect,
  commit,
  count,
  deliver,
  dispatch,
  extend,
  giveBack,
  letGo,
  order,
  pick,
  ready,
  recall,
  receive,
  receiveLate,
  reissue,
  release,
  reserve,
  reverseArrival,
  reverseDelivery,
  safety,
  send,
  setAside,
  short,
  start,
  tillReturn,
  unpick,
};

/**
 * Holds a command's answer against the state and changes that as it must. `crowded`: several acted at once, so who swept what
 * before whom is not known, only who got which answer. @throws Mismatch
 */
export function judge(state: SimulatedState, op: Op, answer: CallAnswer, crowded: boolean): void {
  (JUDGES[op.act] as Judge<Op>)(state, op, answer, crowded);
}
