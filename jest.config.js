'use strict';

const ESM_DEPENDENCIES = ['@noble', 'aedes', 'commander', 'content-disposition', 'cookie', 'listr2', 'suncalc'];

const swc = (jsc) => ['@swc/jest', { jsc: { target: 'es2023', ...jsc }, module: { type: 'commonjs' } }];

/** Decorators need the metadata that `fabric-contract-api` reads, so swc is told to write it as tsc does. */
const project = (name, testMatch) => ({
    displayName: name,
    testEnvironment: 'node',
    rootDir: __dirname,
    roots: ['<rootDir>/chaincode/src', '<rootDir>/network/src', '<rootDir>/application/src', '<rootDir>/web/src'],
    testMatch,
    transform: {
        '^.+\\.(ts|js|mjs)$': swc({
            parser: { syntax: 'typescript', decorators: true },
            transform: { legacyDecorator: true, decoratorMetadata: true },
        }),
        '^.+\\.tsx$': swc({
            parser: { syntax: 'typescript', tsx: true },
            transform: { react: { runtime: 'automatic', importSource: 'preact' } },
        }),
    },
    transformIgnorePatterns: [`/node_modules/(?!(${ESM_DEPENDENCIES.join('|')})/)`],
    moduleNameMapper: { '^@commonwatt/(chaincode|network|application)/(.*)$': '<rootDir>/$1/src/$2' },
});

module.exports = {
    // A machine that does other things too is slow, not wrong: nothing here asserts a time.
    testTimeout: 300_000,
    projects: [project('unit', ['**/*.test.ts']), project('e2e', ['**/*.e2e.ts'])],
};
