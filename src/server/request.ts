// What the steps of the HTTP program learn about a request and leave on it for the steps behind them.

import type { NextFunction, Request, Response } from 'express';
import type { Caller } from '../access/rules/roles';
import type { RequestDeadline } from '../db/combine';

/** What a GraphQL request does; `none`: it is not one, or was answered before it was known. */
export type OperationKind = 'query' | 'mutation' | 'subscription' | 'none';

export interface ApiRequest extends Request {
  /** Of this request, in the log and in the answer's x-request-id. */
  id?: string;
  /** Null: without a token. */
  caller?: Caller | null;
  /** Stands for the client's address where limits count by it. */
  addressKey?: string;
  /** Whom limits count: the hash of a good token, or the address of a request without one. */
  callerKey?: string;
  /** Ends this request's turn before its answer ends: for streams, which have limits of their own. */
  endTurn?: () => void;
  signInAgain?: () => Promise<Caller | null>;
  deadline?: RequestDeadline;
  operation?: OperationKind;
  /** The answer is a stream of events, which goes on until one of the two ends it. */
  isStream?: boolean;
}

export type ApiHandler = (req: ApiRequest, res: Response, next: NextFunction) => void | Promise<void>;
