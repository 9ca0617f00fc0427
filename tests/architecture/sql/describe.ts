// What PostgreSQL says of a statement without running it: the types of its parameters, and its columns.

import type { Client } from 'pg';

export interface Column {
  name: string;
  type: string;
  /** The column of a table that it is, with its own word on NULL; null: an expression. */
  source: { table: string; column: string; isNullable: boolean } | null;
}

export interface Statement {
  parameters: string[];
  columns: Column[];
}

interface Raw {
  parameters: number[];
  fields: { name: string; tableID: number; columnID: number; dataTypeID: number }[];
}

/** The part of pg's connection that is used here; its types leave it out. */
interface Wire {
  parse(query: { text: string; name: string; types: number[] }): void;
  describe(target: { type: 'S'; name: string }): void;
  sync(): void;
  on(event: string, listener: (message: { dataTypeIDs: number[] }) => void): void;
  off(event: string, listener: (message: { dataTypeIDs: number[] }) => void): void;
}

/** Prepares one statement under no name and describes it. @throws what PostgreSQL says */
function describeRaw(client: Client, text: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const raw: Raw = { parameters: [], fields: [] };
    let wire: Wire | undefined;
    const hearParameters = (message: { dataTypeIDs: number[] }): void => {
      raw.parameters = message.dataTypeIDs;
    };
    const query = {
      submit(connection: Wire) {
        wire = connection;
        connection.on('parameterDescription', hearParameters);
        connection.parse({ text, name: '', types: [] });
        connection.describe({ type: 'S', name: '' });
        connection.sync();
      },
      handleRowDescription(message: { fields: Raw['fields'] }) {
        raw.fields = message.fields;
      },
      handleError(error: Error) {
        // pg lets go of a query that failed, and sends it nothing more.
        wire?.off('parameterDescription', hearParameters);
        reject(error);
      },
      handleReadyForQuery() {
        wire?.off('parameterDescription', hearParameters);
        resolve(raw);
      },
    };
    client.query(query as never);
  });
}

const TYPES = `SELECT oid::int, typname AS name FROM pg_type`;
const COLUMNS = `
  SELECT attrelid::int AS "tableId", attnum::int AS number, attrelid::regclass::text AS "table", attname AS "column",
         NOT attnotnull AS "isNullable"
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0`;
const ENUMS = `
  SELECT t.typname AS name, array_agg(e.enumlabel::text ORDER BY e.enumlabel::text) AS labels
  FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname`;

/** The catalog of a database, read once. */
export class Catalog {
  private constructor(
    private readonly client: Client,
    private readonly types: Map<number, string>,
    private readonly columns: Map<string, NonNullable<Column['source']>>,
    /** Labels of every enum. */
    readonly enums: Map<string, string[]>,
  ) {}

  static async read(client: Client): Promise<Catalog> {
    const types = await client.query<{ oid: number; name: string }>(TYPES);
    const columns = await client.query<{ tableId: number; number: number } & NonNullable<Column['source']>>(
      COLUMNS,
    );
    const enums = await client.query<{ name: string; labels: string[] }>(ENUMS);
    return new Catalog(
      client,
      new Map(types.rows.map((t) => [t.oid, t.name])),
      new Map(columns.rows.map(({ tableId, number, ...source }) => [`${tableId}.${number}`, source])),
      new Map(enums.rows.map((e) => [e.name, e.labels])),
    );
  }

  /** @throws what PostgreSQL says of a statement that it cannot prepare */
  async describe(text: string): Promise<Statement> {
    const { parameters, fields } = await describeRaw(this.client, text);
    const nameOf = (oid: number): string => this.types.get(oid) ?? String(oid);
    return {
      parameters: parameters.map(nameOf),
      columns: fields.map((field) => ({
        name: field.name,
        type: nameOf(field.dataTypeID),
        source: this.columns.get(`${field.tableID}.${field.columnID}`) ?? null,
      })),
    };
  }
}
