import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertApprovedCode, codeDigest } from './approved-code';

const HASH = 'ab'.repeat(32);
let directory: string;

beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'approved-'));
    mkdirSync(join(directory, 'dist', 'domain'), { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{}');
    writeFileSync(join(directory, 'dist', 'start.js'), 'one');
    writeFileSync(join(directory, 'dist', 'domain', 'rule.js'), 'two');
});

afterEach(() => {
    rmSync(directory, { recursive: true });
});

describe('a chaincode service', () => {
    it('starts under a package of its own code', () => {
        expect(() => {
            assertApprovedCode(`market_1.${codeDigest(directory)}:${HASH}`, 'market', directory);
        }).not.toThrow();
    });

    it.each([
        { changed: 'a script', file: 'dist/domain/rule.js' },
        { changed: 'the versions of its dependencies', file: 'package.json' },
        { changed: 'a script that is new', file: 'dist/more.js' },
    ])('refuses to start when $changed is not what was approved', ({ file }) => {
        const approved = codeDigest(directory);
        writeFileSync(join(directory, file), 'other');
        expect(() => {
            assertApprovedCode(`market_1.${approved}:${HASH}`, 'market', directory);
        }).toThrow(`the package names ${approved}, in ${directory} is ${codeDigest(directory)}`);
    });

    it.each(['market:x', 'market_1:x', `governance_1.${HASH}:x`, `market_1.${HASH.slice(1)}:x`, ''])(
        'refuses the package id %p, which names no code of its own',
        (packageId) => {
            expect(() => {
                assertApprovedCode(packageId, 'market', directory);
            }).toThrow('CHAINCODE_ID names no package of market');
        },
    );
});
