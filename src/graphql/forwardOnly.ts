// Connections that are read forwards only: the option `forwardOnly` takes `before` and `last` out of their arguments.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';

const PLUGIN = 'forwardOnly';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      forwardOnly: ForwardOnlyPlugin<Types>;
    }
    export interface FieldOptions {
      /** A connection without `before` and `last`: a schema promises only what is there. See `forwardPage`. */
      forwardOnly?: boolean;
    }
  }
}

class ForwardOnlyPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    if ((field.pothosOptions as { forwardOnly?: boolean }).forwardOnly !== true) return field;
    const { before: _before, last: _last, ...args } = field.args;
    return { ...field, args };
  }
}

SchemaBuilder.registerPlugin(PLUGIN, ForwardOnlyPlugin);

export default PLUGIN;
