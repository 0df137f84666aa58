import { describe, expect, it } from '@jest/globals';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import { output, testHome } from '../testing/command';

const HOMES = 3;
const FIRST_PORT = 14_150;
const LIMIT_MS = 300_000;

interface Day {
    readonly bills: readonly unknown[];
    readonly transactions: number;
    readonly invalid: Readonly<Record<string, number>>;
    readonly energyImbalanceWh: number;
    readonly moneyImbalanceNanos: number;
    readonly peersAgree: boolean;
}

/** The sample day from nothing to bills, on a network of this kind, which is then taken down. */
async function dayOn(...kind: readonly string[]): Promise<Day> {
    const home = testHome(HOMES, FIRST_PORT);
    try {
        const options = ['--home', home.directory, '--community', home.community, '--exit', '--json'];
        return JSON.parse(await output('start', ...options, ...kind)) as Day;
    } finally {
        home.remove();
    }
}

const NETWORKS = [
    { network: "Fabric's peers under our ordering service", kind: ['--network', 'native'], orderer: false },
    { network: "Fabric's peers and orderers", kind: ['--network', 'native', '--ordering', 'raft'], orderer: true },
    { network: 'a mixed channel', kind: ['--network', 'native', '--embedded', 'DSO,H2'], orderer: false },
];

let embedded: Day | undefined;

describe.each(NETWORKS)('a trading day on $network', ({ kind, orderer }) => {
    const here = hasFabric(process.env, { orderer }) ? it : it.skip;

    here(
        'ends as on the embedded network: the same transactions, none invalid, the same bills',
        async () => {
            embedded ??= await dayOn();
            const day = await dayOn(...kind);
            expect(day).toMatchObject({ invalid: {}, energyImbalanceWh: 0, moneyImbalanceNanos: 0, peersAgree: true });
            expect(day.transactions).toBe(embedded.transactions);
            expect(day.bills).toEqual(embedded.bills);
            expect(day.bills).toHaveLength(HOMES);
        },
        LIMIT_MS,
    );
});
