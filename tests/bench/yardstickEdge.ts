// The least that GraphQL over HTTP costs in Node: graphql-js on a bare Express, the yardstick for our edge. Runs as a program.

import type { AddressInfo } from 'node:net';
import express, { type Response } from 'express';
import { type DocumentNode, execute, type GraphQLSchema, parse, validate } from 'graphql';
import { schema } from '../../src/server/schema';

const PATH = '/graphql';
/** The same behind a parsed and validated document that is kept. */
const KEPT_PATH = '/kept';

async function answer(to: GraphQLSchema, document: DocumentNode, res: Response): Promise<void> {
  const errors = validate(to, document);
  if (errors.length > 0) res.status(400).json({ errors });
  else res.json(await execute({ schema: to, document }));
}

function main(): void {
  const app = express();
  const kept = new Map<string, DocumentNode>();
  app.post(PATH, express.json(), async (req, res) => {
    await answer(schema, parse((req.body as { query: string }).query), res);
  });
  app.post(KEPT_PATH, express.json(), async (req, res) => {
    const { query } = req.body as { query: string };
    let document = kept.get(query);
    if (document === undefined) {
      document = parse(query);
      kept.set(query, document);
    }
    res.json(await execute({ schema, document }));
  });
  const server = app.listen(0, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
}

main();
