// How tests start a program of the project in a process of its own.

import { join } from 'node:path';

/** Flags with which node runs the project's TypeScript. */
export const TYPESCRIPT = ['--require', join(__dirname, '../../src/runtime/typescript.cjs')];
