import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const DETERMINISM = 'every endorser must compute the same bytes: take it from the transaction, not from this machine';
const CLOCKS_AND_FILES = [
    'Date',
    'process',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'fetch',
    'crypto',
    'performance',
    'Intl',
    'WebSocket',
];
const DOMAIN = 'domain imports nothing but domain';
const OUTSIDE = ['fabric-*', '@hyperledger/*', '@grpc/*', 'zod'];
const CURVES = '@noble/*';
/** The conformance suite is a test that users can run. */
const TESTS = ['**/*.test.ts', '**/*.e2e.ts', '**/testing/**', 'network/src/conformance/**'];

/** One way only: application → chaincode/{domain,api}, application → network/topology, network ↛ chaincode, domain → nothing. */
const mayNotImport = (...patterns) => ['error', { patterns: patterns.map(([group, message]) => ({ group, message })) }];

export default defineConfig(
    { ignores: ['**/dist/**', '**/node_modules/**', 'var/**', 'coverage/**'] },
    js.configs.recommended,
    {
        files: ['**/*.ts', '**/*.tsx'],
        extends: [tseslint.configs.strictTypeChecked],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            complexity: ['error', 10],
            'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
            '@typescript-eslint/explicit-module-boundary-types': 'error',
            '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
            '@typescript-eslint/no-floating-promises': 'error',
            '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
        },
    },
    { files: ['**/*.js', '**/*.mjs'], languageOptions: { globals: globals.node } },
    { files: ['**/*.js'], languageOptions: { sourceType: 'commonjs' } },
    {
        files: ['chaincode/src/**'],
        ignores: TESTS,
        rules: {
            'no-restricted-globals': ['error', ...CLOCKS_AND_FILES.map((name) => ({ name, message: DETERMINISM }))],
            'no-restricted-properties': [
                'error',
                { object: 'Math', property: 'random', message: DETERMINISM },
                ...['localeCompare', 'toLocaleString', 'toLocaleUpperCase', 'toLocaleLowerCase'].map((property) => ({
                    property,
                    message: DETERMINISM,
                })),
            ],
            'no-restricted-imports': mayNotImport(
                [['**/testing/**'], 'nothing that ships imports testing'],
                [['@commonwatt/*'], 'the chaincode stands alone'],
                [['node:fs*', 'node:net', 'node:http*', 'node:os', 'node:child_process', 'node:timers*'], DETERMINISM],
            ),
        },
    },
    {
        // The host of the chaincode: environment, key files, signals. No rule of the market is there.
        files: ['chaincode/src/start.ts', 'chaincode/src/service/**'],
        rules: { 'no-restricted-globals': 'off', 'no-restricted-imports': 'off' },
    },
    {
        files: ['chaincode/src/domain/*.ts'],
        ignores: TESTS,
        rules: { 'no-restricted-imports': mayNotImport([[...OUTSIDE, CURVES, 'node:*', '../*'], DOMAIN]) },
    },
    {
        files: ['chaincode/src/domain/*/**'],
        ignores: TESTS,
        rules: { 'no-restricted-imports': mayNotImport([[...OUTSIDE, CURVES, 'node:*', '../../*'], DOMAIN]) },
    },
    {
        // The one door to hashing: see docs/decisions.
        files: ['chaincode/src/domain/digest.ts'],
        rules: { 'no-restricted-imports': mayNotImport([[...OUTSIDE, CURVES, '../*'], DOMAIN]) },
    },
    {
        // The one door to curves.
        files: ['chaincode/src/domain/commitment/group.ts'],
        rules: { 'no-restricted-imports': mayNotImport([[...OUTSIDE, 'node:*', '../../*'], DOMAIN]) },
    },
    {
        files: ['chaincode/src/{api,ledger}/**'],
        ignores: TESTS,
        rules: {
            'no-restricted-imports': mayNotImport(
                [['fabric-contract-api', 'fabric-shim'], 'only contracts import the contract API'],
                [['**/testing/**', '**/contracts/**'], 'dependencies point one way'],
            ),
        },
    },
    {
        files: ['network/src/**'],
        ignores: TESTS,
        rules: {
            'no-restricted-imports': mayNotImport(
                [['@commonwatt/chaincode/*', '@commonwatt/application/*'], 'the network runs any chaincode'],
                [['**/testing/**'], 'nothing that ships imports testing'],
            ),
        },
    },
    {
        files: ['network/src/fabric/**'],
        ignores: TESTS,
        rules: {
            'no-restricted-imports': mayNotImport([
                ['../peer/*', '../ordering/*', '../topology/*', 'node:fs*', 'node:net', '@grpc/*'],
                'formats are pure',
            ]),
        },
    },
    {
        files: ['application/src/**'],
        ignores: TESTS,
        rules: {
            'no-restricted-imports': mayNotImport(
                [
                    [
                        '@commonwatt/chaincode/ledger/*',
                        '@commonwatt/chaincode/contracts/*',
                        '@commonwatt/chaincode/testing/*',
                    ],
                    'a client knows the domain and the api only',
                ],
                [
                    ['@commonwatt/network/fabric/*', '@commonwatt/network/peer/*', '@commonwatt/network/ordering/*'],
                    'a client knows the topology only',
                ],
            ),
        },
    },
    {
        // What is shipped to browsers: no Node, of the application types and pure rules only, of the chaincode the same as any client.
        files: ['web/src/**'],
        ignores: TESTS,
        rules: {
            'no-restricted-globals': ['error', 'process', 'Buffer', 'global', 'require'],
            'no-restricted-imports': mayNotImport(
                [['node:*'], 'browsers have no Node'],
                [['@commonwatt/network/*'], 'pages know the server only'],
                [
                    ['@commonwatt/chaincode/*', '!@commonwatt/chaincode/api', '!@commonwatt/chaincode/domain'],
                    'a client knows the domain and the api only',
                ],
            ),
        },
    },
    {
        files: TESTS,
        rules: { 'max-lines-per-function': 'off', '@typescript-eslint/explicit-module-boundary-types': 'off' },
    },
);
