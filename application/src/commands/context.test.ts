import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTopology } from '@commonwatt/network/topology/topology-file';
import { contextOf } from './context';

let home: string;

beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'commonwatt-context-'));
});
afterEach(() => {
    rmSync(home, { recursive: true });
});

describe('the network a command works on', () => {
    it('is embedded where nothing is said', () => {
        expect(contextOf({ home }).topology.network).toEqual({ kind: 'embedded', ordering: 'own', embedded: [] });
    });

    it('is what the options say', () => {
        const { topology } = contextOf({ home, network: 'native', embedded: 'H2,DSO' });
        expect(topology.network).toEqual({ kind: 'native', ordering: 'own', embedded: ['DSO', 'H2'] });
    });

    it('is afterwards the one that was made, and no other', () => {
        const { layout, topology } = contextOf({ home, network: 'native', ordering: 'raft' });
        writeTopology(topology, layout);
        expect(contextOf({ home }).topology.network).toEqual(topology.network);
        expect(contextOf({ home, network: 'native', ordering: 'raft' }).topology).toEqual(topology);
        expect(() => contextOf({ home, network: 'embedded' })).toThrow(
            `the network in ${home} was made as 'native' with ordering 'raft' and stays so`,
        );
    });

    it.each([
        {
            options: { network: 'docked' },
            message: 'kind of network: --network is embedded or native or docker, not docked',
        },
        { options: { network: 'native', ordering: 'kafka' }, message: '--ordering is own or comet or raft, not kafka' },
        { options: { ordering: 'raft' }, message: "say '--network native'" },
        { options: { network: 'native', embedded: 'H1' }, message: 'a mixed channel needs an embedded peer of DSO' },
        { options: { network: 'native', embedded: 'DSO,H99' }, message: 'no organisation H99; there are DSO, H1' },
    ])('is refused for $options', ({ options, message }) => {
        expect(() => contextOf({ home, ...options })).toThrow(message);
    });
});
