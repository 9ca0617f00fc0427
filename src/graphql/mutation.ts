// mutation(): one declaration from which a mutation's input type, success type, result union and resolver follow.

import type { FieldMap, InputFieldMap, InputShapeFromFields } from '@pothos/core';
import type { CommandRequest } from '../access/actions/execute';
import type { Role } from '../access/rules/roles';
import { builder } from './builder';
import { commandRequest, IDEMPOTENCY_KEY_DESCRIPTION, OCCURRED_AT_DESCRIPTION } from './commandRequest';
import type { Context } from './context';
import { type FieldPrice, setMutationPrice } from './cost/price';
import { answering, resultUnion } from './refusal';

/** What builds the fields of an input. */
export type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];
/** The builder of the fields of a success type with a value of type `S`. */
export type SuccessFields<S> = Parameters<
  NonNullable<Parameters<ReturnType<typeof builder.objectRef<S>>['implement']>[0]['fields']>
>[0];

/** What a client sends in the fields that such a function declares. */
export type InputOf<F extends (t: InputFields) => InputFieldMap> = InputShapeFromFields<ReturnType<F>>;

/** The access rule of a field or type. */
type AuthScopes = { roles: Role[] } | { signedIn: true };

/** A success type without its name: its access rule and its fields. */
export interface Success<S> {
  authScopes: AuthScopes;
  description?: string;
  fields: (t: SuccessFields<S>) => FieldMap;
}

interface Declaration<Fields extends InputFieldMap, S extends object> {
  description: string;
  authScopes: AuthScopes;
  /** What it costs, in points; see cost/price. */
  price: FieldPrice;
  inputDescription?: string;
  /** The fields of the input beside `idempotencyKey`, which every mutation has. */
  input: (t: InputFields) => Fields;
  /** The input has `occurredAt`: an act of people that may be sent later than it happened; not for batched commands. Left out: false. */
  sentLater?: boolean;
  success: Success<S>;
  /** Types of the refusals that only this mutation has; those of every mutation are added. */
  refusals?: unknown[];
  /**
   * Checks the input, resolves what it names, and executes the command. `request` makes the command's request of the
   * resolved input; see `commandRequest`. @throws Refused
   */
  execute: (
    input: InputShapeFromFields<Fields>,
    context: Context,
    request: <I>(resolved: I, firstReleaseInput?: I) => CommandRequest<I>,
  ) => Promise<S>;
}

/** What inputs of mutations have in common. */
interface CommonInput {
  idempotencyKey: string;
  occurredAt?: Date | null;
}

/** Declares the mutation `name` with its types `<Name>Input`, `<Name>Success` and `<Name>Result`. */
export function mutation<Fields extends InputFieldMap, S extends object>(
  name: string,
  {
    description,
    authScopes,
    price,
    inputDescription,
    input,
    sentLater,
    success,
    refusals,
    execute,
  }: Declaration<Fields, S>,
): void {
  setMutationPrice(name, price);
  const typeName = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const Input = builder.inputType(`${typeName}Input`, {
    description: inputDescription ?? `Input of the mutation ${name}.`,
    fields: (t) => ({
      idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
      ...(sentLater && { occurredAt: t.field({ type: 'DateTime', description: OCCURRED_AT_DESCRIPTION }) }),
      ...input(t),
    }),
  });
  const Success = builder.objectRef<S>(`${typeName}Success`).implement({
    ...success,
    description: success.description ?? `What the mutation ${name} answers when it succeeds.`,
  });

  builder.mutationField(name, (t) =>
    t.field({
      description,
      type: resultUnion(typeName, Success, refusals),
      authScopes,
      args: { input: t.arg({ type: Input, required: true }) },
      // Pothos infers the types of arguments and answers from concrete types only; the declaration has checked both.
      resolve: answering(`${typeName}Success`, (_root: unknown, args: unknown, context: Context) => {
        const { input: sent } = args as { input: CommonInput & InputShapeFromFields<Fields> };
        return execute(sent, context, (resolved, firstReleaseInput) =>
          commandRequest(context, sent.idempotencyKey, resolved, firstReleaseInput, sent.occurredAt),
        );
      }) as never,
    }),
  );
}
