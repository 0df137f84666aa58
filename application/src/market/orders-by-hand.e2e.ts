import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { outcomeOf } from '@commonwatt/chaincode/api/outcomes';
import { parseRefusal } from '@commonwatt/chaincode/api/refusals';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { findFabric, hasFabric } from '@commonwatt/network/topology/native/binaries';
import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import { meterData } from '../commands/day-choice';
import { untilStill } from '../community/stillness';
import { householdAgent, operatorAgent } from '../community/trade';
import { testNetwork, type TestNetwork } from '../testing/network';
import { Auction } from './auction';

const GUIDE = readFileSync(join(repositoryRoot, 'docs', 'guides', 'orders-by-hand.md'), 'utf8');
/** The lines of the guide, as somebody would copy them. */
const BLOCKS = [...GUIDE.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, lines = '']) =>
    lines
        .replaceAll(/peer-env (H\d)/g, 'peer-env $1 --home "$HOME_OF_NETWORK"')
        .trimEnd()
        .split('\n'),
);
const block = (at: number): readonly string[] => BLOCKS[at] ?? [];
/** A block whose last line is what the others are for. */
const prepared = (at: number): readonly string[] => block(at).slice(0, -1);
const last = (at: number): string => block(at).at(-1) ?? '';
const [ORDER, COMMIT, CLOSE, OPEN, CLEAR, LOOK] = [0, 1, 2, 3, 4, 5] as const;

/** Says where it is; what is tried goes on after a refusal. */
const mark = (name: string): string => `echo "== ${name}" >&2`;
const tried = (name: string, line: string): string => `${mark(name)}; { ${line}; } || true`;

/** A command that waits for its transaction waits for the peers it has asked; who types is slow enough for the others. */
const LEVEL = `
level() {
    local at address root heights
    for _ in $(seq 600); do
        heights="$(for at in DSO H1 H2 H3; do
            address="PEER_$at" root="TLS_ROOT_$at"
            CORE_PEER_ADDRESS="\${!address}" CORE_PEER_TLS_ROOTCERT_FILE="\${!root}" \
                peer chaincode query -C "$CHANNEL" -n qscc --hex -c '{"Args":["GetChainInfo","community"]}'
        done)"
        if [[ "$(sort -u <<<"$heights" | wc -l)" == 1 && "$(wc -l <<<"$heights")" == 4 ]]; then return 0; fi
        sleep 0.2
    done
    echo "the peers stay at $heights blocks" >&2
    return 1
}`;

/** The guide from its beginning to its end, and what is to be refused between its lines. */
const script = (): readonly string[] => [
    ...block(ORDER),
    mark('commit'),
    ...block(COMMIT),
    LEVEL,
    'level',
    ...prepared(OPEN),
    ...prepared(CLEAR),
    tried('early', 'reveal "$ORDER"'),
    mark('close'),
    ...block(CLOSE),
    'level',
    tried('too early to clear', 'clear_round "[]"'),
    tried('changed', 'reveal "${ORDER/energyWh\\":\\"500/energyWh\\":\\"501}"'),
    mark('open'),
    last(OPEN),
    tried('twice', 'reveal "$ORDER"'),
    tried('withheld', 'clear_round "[]"'),
    mark('clear'),
    last(CLEAR),
    'level',
    ...block(LOOK),
];
const DAY = '2025-04-16';
const LIMIT_MS = 300_000;
const here = hasFabric(process.env, { orderer: false }) ? test : test.skip;

const FIRST_PORT = 11_750;
const CASES: readonly { kind: string; network: NetworkWish }[] = [
    { kind: 'embedded peers', network: {} },
    { kind: "Fabric's peers", network: { kind: 'native' } },
];

describe.each(CASES)("an order that is placed with Fabric's peer command on $kind", ({ network }) => {
    let running: TestNetwork | undefined;
    let slot = 0;
    /** What was said from one mark to the next. */
    const said = new Map<string, string>();

    function run(lines: readonly string[]): void {
        const { members } = running ?? fail();
        const { peer } = findFabric(process.env, { orderer: false });
        const { status, stderr } = spawnSync('bash', ['-c', ['set -euo pipefail', ...lines].join('\n')], {
            encoding: 'utf8',
            cwd: repositoryRoot,
            timeout: LIMIT_MS,
            env: {
                ...process.env,
                PATH: `${dirname(peer)}:${process.env.PATH ?? ''}`,
                FABRIC_LOGGING_SPEC: 'error',
                SLOT: String(slot),
                HOME_OF_NETWORK: members.layout.home,
            },
        });
        for (const part of stderr.split(/^== /m).slice(1)) {
            const end = part.indexOf('\n');
            said.set(part.slice(0, end), part.slice(end + 1));
        }
        expect([status, stderr]).toEqual([0, stderr]);
    }

    beforeAll(async () => {
        if (!hasFabric(process.env, { orderer: false })) return;
        running = await testNetwork(3, FIRST_PORT, network);
        const { members, charter } = running;
        const { metered } = meterData(members.topology, { day: DAY, forecast: 'perfect' });
        slot = metered.firstSlot + 40;
        await operatorAgent(members, charter).openDay(DAY, true, 'H1MSP');
        await householdAgent(members, members.member('H3'), { charter, metered }).cover();
        await untilStill([members.operator, ...members.households].map(({ calls }) => calls.gateway));
    }, LIMIT_MS);
    afterAll(() => running?.stop(), LIMIT_MS);

    here(
        'is committed to, opened and cleared by the lines of the guide; what is wrong is refused on the way',
        async () => {
            run(script());
            const refused = ['early', 'too early to clear', 'changed', 'twice', 'withheld'].map(
                (name) => parseRefusal(said.get(name) ?? '')?.code,
            );
            expect(refused).toEqual([
                'ROUND_NOT_CLOSED',
                'REVEALS_OPEN',
                'OPENING_MISMATCH',
                'REVEAL_EXISTS',
                'OPENING_MISSING',
            ]);
            const { members } = running ?? fail();
            await untilStill([members.operator, ...members.households].map(({ calls }) => calls.gateway));
            const auction = new Auction(members.member('H3').calls);
            const round = await auction.round(slot);
            const [own] = await auction.ownOrders(slot);
            expect(own).toMatchObject({ id: 'o1', side: 'buy', energyWh: 500n, limit: 200_000n });
            expect(own && outcomeOf(round, own)).toMatchObject({ fill: 0n, reason: 'NO_MATCH' });
            expect(await new Auction(members.operator.calls).openings(slot)).toEqual([]);
        },
        LIMIT_MS,
    );
});

function fail(): never {
    throw new Error('the network is not up');
}
