import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cometCache, findComet } from './binary';

describe('finding CometBFT', () => {
    let home: string;
    beforeEach(() => {
        home = mkdtempSync(join(tmpdir(), 'commonwatt-binary-'));
    });
    afterEach(() => {
        rmSync(home, { recursive: true, force: true });
    });

    const put = (path: string, says = '0.38.26'): string => {
        const file = join(home, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `#!/bin/sh\necho ${says}\n`, { mode: 0o755 });
        return file;
    };

    test.each([
        { what: 'COMETBFT_BIN as a program', path: 'x/comet', environment: { COMETBFT_BIN: 'x/comet' } },
        { what: 'COMETBFT_BIN as its folder', path: 'x/cometbft', environment: { COMETBFT_BIN: 'x' } },
        { what: 'PATH', path: 'bin/cometbft', environment: { PATH: 'bin' } },
        { what: 'GOBIN', path: 'gobin/cometbft', environment: { GOBIN: 'gobin' } },
        { what: 'GOPATH', path: 'gopath/bin/cometbft', environment: { GOPATH: 'gopath' } },
        { what: "Go's own default", path: 'go/bin/cometbft', environment: {} },
        { what: 'the cache of the tests', path: '.cache/commonwatt/cometbft-0.38.26/cometbft', environment: {} },
    ])('looks in $what', ({ path, environment }) => {
        const program = put(path);
        const absolute = Object.entries<string>(environment).map(([name, value]) => [name, join(home, value)] as const);
        expect(findComet({ HOME: home, ...Object.fromEntries(absolute) })).toBe(program);
    });

    test('takes no other where COMETBFT_BIN says which', () => {
        put('bin/cometbft');
        const environment = { HOME: home, PATH: join(home, 'bin'), COMETBFT_BIN: join(home, 'nowhere') };
        expect(() => findComet(environment)).toThrow(
            /not found in COMETBFT_BIN \(.*nowhere\)\. .*go install github\.com/,
        );
    });

    test.each([
        { says: '0.38.25', why: 'version 0.38.25' },
        { says: '0.37.99', why: 'version 0.37.99' },
        { says: '1.0.0', why: 'does not say which version' },
        { says: 'hello', why: 'does not say which version it is: hello' },
    ])('refuses a program that says $says', ({ says, why }) => {
        put('bin/cometbft', says);
        expect(() => findComet({ HOME: home, PATH: join(home, 'bin') })).toThrow(why);
    });

    test('takes a later one of the same line', () => {
        const program = put('bin/cometbft', '0.38.31');
        expect(findComet({ HOME: home, PATH: join(home, 'bin') })).toBe(program);
    });

    test('the cache is where the user has caches', () => {
        expect(cometCache({ HOME: '/h', XDG_CACHE_HOME: '/c' })).toBe('/c/commonwatt/cometbft-0.38.26');
    });
});
