// Every test in the repository; run through `npm test`, which provides Postgres, Redis and a browser.
export default {
  testEnvironment: 'node',
  // Each file runs in a process that ends soon; the clean-up only warns about matchers of our own.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/apps/admin/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^@keyrack/(.*)$': '<rootDir>/libs/$1/src/index.ts', '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true, decoratorMetadata: true }, target: 'es2023' },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    }],
  },
  testTimeout: 60_000,
};
