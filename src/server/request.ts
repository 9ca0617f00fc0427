// The Express request with the properties that our middleware adds for later middleware.

import type { NextFunction, Request, Response } from 'express';
import type { Caller } from '../access/rules/roles';
import type { RequestDeadline } from '../db/combine';

/** Kind of GraphQL operation; `none`: not a GraphQL request, or answered before it was parsed. */
export type OperationKind = 'query' | 'mutation' | 'subscription' | 'none';

/** What is known of the cost of a request. */
export interface RequestCost {
  /** Milliseconds that were measured: its text parsed and validated. */
  measuredMs: number;
  /** The points of its fields; undefined before execution. */
  budget?: { readonly spent: number };
}

/** Of a request that was answered before it was executed. */
export const NO_COST: RequestCost = { measuredMs: 0 };

export interface ApiRequest extends Request {
  /** Request id, in the log and in the response's x-request-id. */
  id?: string;
  /** Null without a token. */
  caller?: Caller | null;
  /** Key of the client's address, for limits per address. */
  addressKey?: string;
  /** Key for limits per caller: the hash of a valid token, the actor of a session, or else the address. */
  callerKey?: string;
  /** With what the caller signed in, by its hash. */
  credential?: { kind: 'TOKEN' | 'SESSION'; hash: string };
  /** Releases this request's turn before its response ends: for streams, which have limits of their own. */
  endTurn?: () => void;
  /** What its execution costs, as far as is known. */
  cost?: RequestCost;
  /** Reports that more of its cost is known. */
  reportCost?: () => void;
  signInAgain?: () => Promise<Caller | null>;
  deadline?: RequestDeadline;
  operation?: OperationKind;
  /** Whether the response is an event stream. */
  isStream?: boolean;
}

export type ApiHandler = (req: ApiRequest, res: Response, next: NextFunction) => void | Promise<void>;
