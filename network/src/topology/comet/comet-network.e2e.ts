import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { installedComet } from '../../ordering/engine/comet/testing/installed-comet';
import { engineSockets } from '../../ordering/engine/comet/node/sockets';
import { KvHome } from '../../testing/kv-home';
import { deploy } from '../deploy/deploy';
import { hasFabric } from '../native/binaries';
import type { NetworkKind } from '../topology';
import { AlreadyUp, networkStatus, startNetwork, stopNetwork } from '../processes/network';
import { isRunning, type ProcessIdentity } from '../processes/process-identity';
import { recordedProcesses } from '../processes/supervisor';
import { engineProcess, seatProcess } from './plans';

const LIMIT_MS = 240_000;
const SEATS = ['H1', 'H2', 'H3', 'DSO'];
const program = installedComet();

interface Case {
    readonly kind: NetworkKind['kind'];
    readonly portBase: number;
    readonly isHere: boolean;
}

const CASES: readonly Case[] = [
    { kind: 'embedded', portBase: 24_900, isHere: program !== undefined },
    { kind: 'native', portBase: 15_750, isHere: program !== undefined && hasFabric(process.env) },
];

for (const { kind, portBase, isHere } of CASES) {
    (isHere ? describe : describe.skip)(`a network of ${kind} peers over CometBFT, a process for each seat`, () => {
        const home = new KvHome(3, portBase, { kind, ordering: 'comet' });
        const { layout, topology } = home;
        const found = process.env.COMETBFT_BIN;

        beforeAll(() => {
            process.env.COMETBFT_BIN = program;
            home.prepare();
        });
        afterAll(async () => {
            if (found === undefined) delete process.env.COMETBFT_BIN;
            else process.env.COMETBFT_BIN = found;
            await home.remove();
        });

        const record = (name: string): ProcessIdentity | undefined =>
            recordedProcesses(layout).find((each) => each.name === name);
        const gone = async (identity: ProcessIdentity): Promise<void> => {
            while (isRunning(identity)) await sleep(20);
        };
        async function kill(name: string): Promise<void> {
            const identity = record(name);
            if (identity === undefined) throw new Error(`no process ${name} is written down`);
            process.kill(identity.pid, 'SIGKILL');
            await gone(identity);
        }

        test(
            'comes up whole, and orders what an unmodified client sends',
            async () => {
                const { state, processes } = await startNetwork(topology, layout);
                expect(state).toBe('up');
                expect(processes.map(({ name }) => name)).toEqual(
                    expect.arrayContaining(SEATS.map((id) => seatProcess({ id }))),
                );
                expect(SEATS.map((id) => record(engineProcess({ id })) !== undefined)).toEqual(SEATS.map(() => true));
                await deploy(topology, layout);
                await home.submit('H1', 'put', ['greeting', 'hello']);
                expect(await home.query('H2', 'get', 'greeting')).toBe('hello');
                await expect(startNetwork(topology, layout)).rejects.toThrow(AlreadyUp);
            },
            LIMIT_MS,
        );

        test(
            'goes on without one of four seats, whose engine ends with it, and a start brings it back',
            async () => {
                const engine = record(engineProcess({ id: 'H2' }));
                await kill(seatProcess({ id: 'H2' }));
                if (engine !== undefined) await gone(engine);
                const { state, processes } = await networkStatus(topology, layout);
                expect([state, processes.find(({ name }) => name === seatProcess({ id: 'H2' }))?.state]).toEqual([
                    'partly up',
                    'ended',
                ]);
                await home.submit('H1', 'put', ['greeting', 'without H2']);
                if (kind === 'embedded') {
                    await startNetwork(topology, layout);
                    expect(await home.query('H3', 'get', 'greeting')).toBe('without H2');
                }
            },
            LIMIT_MS,
        );

        test(
            'an engine that is killed comes back under the same seat',
            async () => {
                const seat = record(seatProcess({ id: 'H1' }));
                const before = record(engineProcess({ id: 'H1' }));
                await kill(engineProcess({ id: 'H1' }));
                while ((record(engineProcess({ id: 'H1' }))?.pid ?? before?.pid) === before?.pid) await sleep(20);
                expect(record(seatProcess({ id: 'H1' }))).toEqual(seat);
                if (kind === 'embedded') {
                    await home.submit('H1', 'put', ['greeting', 'with a new engine']);
                    expect(await home.query('H2', 'get', 'greeting')).toBe('with a new engine');
                }
            },
            LIMIT_MS,
        );

        test('keys of engines are for their owner, their sockets in a folder of nobody else', () => {
            const { engine } = layout.organisation({ domain: 'h1.small.example' });
            const { directory, application } = engineSockets(layout.seat('H1').engine);
            expect([engine.validator, engine.node].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
            expect(statSync(directory).mode & 0o777).toBe(0o700);
            expect(existsSync(application)).toBe(true);
        });

        test(
            'taken down leaves no process and no socket',
            async () => {
                const all = recordedProcesses(layout);
                expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['engine-H1', 'ordering-H1']));
                await stopNetwork(layout);
                expect(all.filter(isRunning)).toEqual([]);
                const folders = SEATS.map((id) => engineSockets(layout.seat(id).engine).directory);
                expect(folders.filter(existsSync)).toEqual([]);
            },
            LIMIT_MS,
        );
    });
}
