import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { KvHome } from '../../testing/kv-home';
import { until } from '../../testing/peer-network';
import { deploy } from '../deploy/deploy';
import { repositoryRoot } from '../layout';
import { hasFabric } from '../native/binaries';
import { peerDigests } from '../peer-digests';
import { networkStatus, startNetwork } from '../processes/network';
import { gridOperator, type NetworkKind } from '../topology';
import { readTopology } from '../topology-file';
import { configurationAt } from './channel';
import { addHousehold, removeHousehold, renewMember } from './household';
import { demonstrationHome } from './newcomer';

const LIMIT_MS = 400_000;
const CHANGE = ['the update is signed', 'the update is ordered', 'the update is in force'];
const WRITTEN = 'the topology is written';
const JOINED = ['the peer runs', 'kv is installed', 'kv is approved'];
/** Where joining and leaving are broken off, in this order. */
const JOINING = ['identities are made', ...CHANGE, WRITTEN, ...JOINED];
const LEAVING = [...CHANGE, WRITTEN];
const RENEWING = ['certificates are renewed', 'the peer has ended', 'the peer runs', ...CHANGE];

const BUILT = join(repositoryRoot, 'network', 'dist', 'topology');

/** Fabric's peers take seconds to start: three of the steps have to do. */
const CASES: readonly { kind: string; network: Partial<NetworkKind>; steps: readonly number[] }[] = [
    { kind: 'embedded peers', network: {}, steps: JOINING.map((_, step) => step) },
    { kind: "Fabric's peers", network: { kind: 'native' }, steps: [0, 2, 4] },
];

/** What a command is in the words of the code: each may end at any of its steps. */
const CALLS = {
    join: "addHousehold(demonstrationHome('H4', readTopology(layout)), layout, options)",
    leave: "removeHousehold('H4', layout, options)",
    renew: "renewMember('H4', layout, options)",
} as const;
type Command = keyof typeof CALLS;

describe.each(CASES)('a change of the membership that is broken off, on $kind', ({ network, steps }) => {
    const isHere = network.kind === undefined || hasFabric(process.env);
    const here = isHere ? test : test.skip;
    const home = new KvHome(3, 18_000, network);
    const { layout, topology: founded } = home;

    beforeAll(async () => {
        if (!isHere) return;
        home.prepare();
        await startNetwork(founded, layout);
        await deploy(founded, layout);
    }, LIMIT_MS);
    afterAll(() => home.remove(), LIMIT_MS);

    /** Runs a command in a process of its own that kills itself at this step. Returns the step, or nothing where there are not so many. */
    function killedAt(command: Command, step: number): string | undefined {
        const script = `
            const { addHousehold, removeHousehold, renewMember } = require('${BUILT}/membership/household.js');
            const { demonstrationHome } = require('${BUILT}/membership/newcomer.js');
            const { readTopology } = require('${BUILT}/topology-file.js');
            const layout = require('${BUILT}/layout.js').layout(${JSON.stringify(layout.home)});
            let left = ${step};
            const reached = (what) => {
                if (left-- > 0) return;
                require('node:fs').writeSync(1, what);
                process.kill(process.pid, 'SIGKILL');
            };
            const options = { reached };
            ${CALLS[command]}.then(() => undefined, (error) => { console.error(error); process.exitCode = 1; });
        `;
        const { signal, status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
        if (signal === 'SIGKILL') return stdout;
        expect([stderr, status]).toEqual(['', 0]);
        return undefined;
    }

    /** The same command again, to its end. */
    async function again(command: Command): Promise<void> {
        if (command === 'join') await addHousehold(demonstrationHome('H4', founded), layout);
        else if (command === 'leave') await removeHousehold('H4', layout);
        else await renewMember('H4', layout);
        home.topology = readTopology(layout);
    }

    const isOnChannel = async (): Promise<boolean> =>
        (await configurationAt(gridOperator(founded), founded, layout)).applicationOrgs.has('H4MSP');

    async function allIsWell(members: readonly string[]): Promise<void> {
        expect(home.topology.organisations.map(({ id }) => id)).toEqual(members);
        expect((await networkStatus(home.topology, layout)).state).toBe('up');
        await until('all peers hold the same', async () => {
            const digests = await peerDigests(home.topology, layout);
            return new Set(digests.map((digest) => JSON.stringify({ ...digest, org: undefined }))).size === 1;
        });
    }

    const submitted = (key: string): Promise<boolean> =>
        home.submit('H4', 'put', [key, 'by the newcomer']).then(
            () => true,
            () => false,
        );

    here(
        'joining and leaving are finished by the same command, wherever they were killed',
        async () => {
            for (const step of steps) {
                expect(killedAt('join', step)).toBe(JOINING[step]);
                await again('join');
                expect(await isOnChannel()).toBe(true);
                await until('the newcomer takes part', () => submitted(`joined ${step}`));
                expect(killedAt('leave', step)).toBe(LEAVING[step]);
                await again('leave');
                expect(await isOnChannel()).toBe(false);
            }
            await allIsWell(['DSO', 'H1', 'H2', 'H3']);
        },
        LIMIT_MS,
    );

    here(
        'a renewal is finished by the same command, wherever it was killed',
        async () => {
            await again('join');
            for (const step of steps.slice(0, RENEWING.length)) {
                expect(killedAt('renew', step)).toBe(RENEWING[step]);
                await again('renew');
                await until('the renewed member takes part', () => submitted(`renewed ${step}`));
            }
            await allIsWell(['DSO', 'H1', 'H2', 'H3', 'H4']);
        },
        LIMIT_MS,
    );
});
