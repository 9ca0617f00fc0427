// The Express request with the properties that our middleware adds for later middleware.

import type { NextFunction, Request, Response } from 'express';
import type { Caller } from '../access/rules/roles';
import type { RequestDeadline } from '../db/combine';

/** Kind of GraphQL operation; `none`: not a GraphQL request, or answered before it was parsed. */
export type OperationKind = 'query' | 'mutation' | 'subscription' | 'none';

export interface ApiRequest extends Request {
  /** Request id, in the log and in the response's x-request-id. */
  id?: string;
  /** Null without a token. */
  caller?: Caller | null;
  /** Key of the client's address, for limits per address. */
  addressKey?: string;
  /** Key for limits per caller: the hash of a valid token, or else the address. */
  callerKey?: string;
  /** Releases this request's turn before its response ends: for streams, which have limits of their own. */
  endTurn?: () => void;
  signInAgain?: () => Promise<Caller | null>;
  deadline?: RequestDeadline;
  operation?: OperationKind;
  /** Whether the response is an event stream. */
  isStream?: boolean;
}

export type ApiHandler = (req: ApiRequest, res: Response, next: NextFunction) => void | Promise<void>;
