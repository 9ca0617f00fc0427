// Jest runs the TypeScript of src and tests through swc; one PostgreSQL server is started for the whole run.

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/tests/support/environment.cjs',
  testSequencer: '<rootDir>/tests/support/sequencer.cjs',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/tests/support/globalSetup.ts',
  globalTeardown: '<rootDir>/tests/support/globalTeardown.ts',
  maxWorkers: 2,
  // What a file leaves behind stays in its worker: after a hundred of them collecting garbage in gigabytes is most of the work.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 30_000,
};
