// Builds the payload of a message when it is sent, with data that must not be stored looked up; or the reason not to send it.

/** A message as it is stored, about to be sent. */
export interface Outgoing {
  id: string;
  topic: string;
  payload: Record<string, unknown>;
  orderId: string | null;
  createdAt: Date;
}

/** The payload of a message at the moment of sending, or the reason why it must not be sent any more. */
export type FinalPayload = { data: Record<string, unknown> } | { closed: string };

/** Completes payloads, by message id, with data that must not be stored. */
export type PayloadCompleter = (messages: readonly Outgoing[]) => Promise<ReadonlyMap<string, FinalPayload>>;
