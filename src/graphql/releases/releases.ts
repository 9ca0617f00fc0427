// Released schemas: one file of SDL for each version, which later versions are compared with.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  buildSchema,
  type GraphQLSchema,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql';
import { schemaChanges } from './compare';

const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

interface Release {
  version: string;
  schema: GraphQLSchema;
}

const numbersOf = (version: string): number[] => version.split('.').map(Number);

function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const at = left.findIndex((number, i) => number !== right[i]);
  return at === -1 ? 0 : left[at]! - right[at]!;
}

/** The release of the highest version in a folder; null when there is none. */
export function lastRelease(folder: string): Release | null {
  const versions = readdirSync(folder)
    .filter((file) => file.endsWith('.graphql') && VERSION.test(path.basename(file, '.graphql')))
    .map((file) => path.basename(file, '.graphql'))
    .sort(compareVersions);
  const version = versions.at(-1);
  if (version === undefined) return null;
  return { version, schema: buildSchema(readFileSync(path.join(folder, `${version}.graphql`), 'utf8')) };
}

/** The SDL of a release. Descriptions are left out: they are not compared, and make the file three times as long. */
function releasedSdl(schema: GraphQLSchema): string {
  const document = parse(printSchema(lexicographicSortSchema(schema)));
  const bare = visit(document, {
    enter: (node) => ('description' in node ? { ...node, description: undefined } : undefined),
  });
  return `${print(bare)}\n`;
}

interface ReleaseRequest {
  version: string;
  /** The version in package.json. */
  packageVersion: string;
  /** Whether a release of this version may be replaced. */
  again: boolean;
  today: string;
}

/** Why a release must not be written; null when it may be. */
export function releaseProblem(
  folder: string,
  schema: GraphQLSchema,
  { version, packageVersion, again, today }: ReleaseRequest,
): string | null {
  if (!VERSION.test(version)) return `"${version}" is not a version; write three numbers, such as 1.2.0.`;
  if (version !== packageVersion) {
    return `package.json has version ${packageVersion}; set it to ${version} first.`;
  }
  if (existsSync(path.join(folder, `${version}.graphql`))) {
    return again ? null : `${version} is released already; raise the version, or replace it with --again.`;
  }
  const last = lastRelease(folder);
  if (last === null) return null;
  if (compareVersions(version, last.version) < 0) return `${last.version} is released already and is higher.`;
  const { breaking } = schemaChanges(last.schema, schema, today);
  return breaking.length === 0 ? null : `it breaks clients of ${last.version}: ${breaking.join(' ')}`;
}

export function writeRelease(folder: string, version: string, schema: GraphQLSchema): void {
  writeFileSync(path.join(folder, `${version}.graphql`), releasedSdl(schema));
}
