import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { NetworkStatus } from '@commonwatt/network/topology/processes/network';
import { agentStoreFile } from '../../agent/store/agent-store';
import { accessFile } from '../../server/access/access-store';
import { contextOf } from '../context';
import { checkNode, checkPermissions, checkPorts } from './checks';
import { checkClock } from './live-checks';
import { portHolder } from './port-holder';

const status = (state: NetworkStatus['state'], processes: NetworkStatus['processes']): NetworkStatus => ({
    state,
    processes,
    home: 'somewhere',
    channel: 'community',
});

describe('the doctor', () => {
    it.each([
        { version: '24.1.0', state: 'well' },
        { version: '22.12.0', state: 'well' },
        { version: '22.11.0', state: 'problem' },
        { version: '20.20.2', state: 'problem' },
    ])('finds Node $version $state', ({ version, state }) => {
        expect(checkNode(version).state).toBe(state);
    });

    it('names who uses a port that the network needs, and nobody where it is free', async () => {
        const server = createServer();
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const address = server.address();
        const port = typeof address === 'object' && address !== null ? address.port : 0;
        const network = status('down', [{ name: 'peers', state: 'absent', endpoints: [`127.0.0.1:${port}`] }]);
        const found = await checkPorts(network);
        expect(found.find(({ check }) => check === 'ports')).toMatchObject({
            state: 'problem',
            found: expect.stringContaining(`127.0.0.1:${port}, for peers, is used by`) as unknown,
        });
        if (process.platform === 'linux') {
            expect(portHolder(port)).toMatch(new RegExp(`\\(${process.pid}\\)$`));
        }
        server.close();
        await once(server, 'close');
        expect(portHolder(port)).toBeUndefined();
        expect((await checkPorts(network)).map(({ check, state }) => `${check} ${state}`)).toEqual([
            'network note',
            'ports well',
        ]);
    });

    it('tells which process of a network is not there, and what to do', async () => {
        const found = await checkPorts(
            status('partly up', [{ name: 'ordering', state: 'ended', endpoints: ['127.0.0.1:1'] }]),
        );
        expect(found).toContainEqual({
            check: 'processes',
            state: 'problem',
            found: 'ordering is ended',
            todo: 'look at var/logs/ordering.log; `commonwatt up` starts what is not there',
        });
    });

    it.each([
        { newestMs: 1_000_000, now: 1_000, state: 'note' },
        { newestMs: 1_030_000, now: 1_000, state: 'note' },
        { newestMs: 1_031_000, now: 1_000, state: 'problem' },
        { newestMs: undefined, now: 1_000, state: 'note' },
    ])('finds a clock at $now a $state where the newest block is of $newestMs', ({ newestMs, now, state }) => {
        expect(checkClock(newestMs, now).state).toBe(state);
    });

    it('finds what a household keeps to itself and others may read', () => {
        const home = mkdtempSync(join(tmpdir(), 'commonwatt-doctor-'));
        const context = contextOf({ home });
        const { layout, topology } = context;
        const homes = topology.organisations.filter(({ id }) => id === 'H1');
        const keys = homes.map((each) => layout.organisation(each).agent.key);
        const kept = [
            accessFile(layout),
            agentStoreFile(layout, 'H1'),
            join(layout.agentFolder('H1'), 'orders-2025-04-17-ab.jsonl'),
        ];
        for (const file of [...keys, ...kept]) {
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, '', { mode: 0o600 });
        }
        expect(checkPermissions(context)).toMatchObject([{ state: 'well' }]);
        for (const file of kept) {
            chmodSync(file, 0o640);
            expect(checkPermissions(context)).toMatchObject([{ state: 'problem', found: `others may read ${file}` }]);
            chmodSync(file, 0o600);
        }
        rmSync(home, { recursive: true });
    });
});
