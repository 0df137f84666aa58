import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { layout as layoutOf, type Layout } from '../layout';
import { noteWhatWillBeMade, removeWhatWasMade } from './made';

let layout: Layout;

beforeEach(() => {
    layout = layoutOf(mkdtempSync(join(tmpdir(), 'made-')));
});

afterEach(() => {
    rmSync(layout.home, { recursive: true });
});

function make(...files: string[]): void {
    for (const file of files) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, '');
    }
}

describe('taking a network down', () => {
    test('removes what was made, and empty folders around it', () => {
        noteWhatWillBeMade(layout);
        make(layout.genesisBlock, join(layout.ledgers, 'H1', 'x'), join(layout.peerOrganizations, 'y'));
        removeWhatWasMade(layout);
        expect(existsSync(layout.var)).toBe(false);
        expect(existsSync(layout.home)).toBe(true);
        expect(existsSync(dirname(layout.peerOrganizations))).toBe(false);
    });

    test('leaves what was there before, and what somebody else put beside it', () => {
        make(join(layout.peerOrganizations, 'own', 'key.pem'));
        noteWhatWillBeMade(layout);
        make(layout.genesisBlock, join(layout.var, 'readings.csv'));
        removeWhatWasMade(layout);
        expect(existsSync(join(layout.peerOrganizations, 'own', 'key.pem'))).toBe(true);
        expect(existsSync(join(layout.var, 'readings.csv'))).toBe(true);
        expect(existsSync(layout.genesisBlock)).toBe(false);
    });

    test('after a second start removes what the first one made', () => {
        noteWhatWillBeMade(layout);
        make(layout.genesisBlock);
        noteWhatWillBeMade(layout);
        removeWhatWasMade(layout);
        expect(existsSync(layout.genesisBlock)).toBe(false);
    });

    test('of a home where nothing was started removes nothing', () => {
        make(layout.genesisBlock);
        removeWhatWasMade(layout);
        expect(existsSync(layout.genesisBlock)).toBe(true);
    });
});
