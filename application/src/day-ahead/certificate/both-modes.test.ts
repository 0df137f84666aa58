import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { BusPrices, ScheduleProblem } from '@commonwatt/chaincode/api/records';
import { runProblemOf } from '@commonwatt/chaincode/api/schedules';
import { fraction } from '@commonwatt/chaincode/domain/quantity';
import { nanosPerKwh, poolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import { closeRun, firstRunState, networkEnergies } from '@commonwatt/chaincode/domain/schedule/run';
import { readCommunity } from '@commonwatt/network/topology/community/read';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { households } from '@commonwatt/network/topology/topology';
import { meterData } from '../../commands/day-choice';
import { differences, registersOf } from '../../data/meter-day';
import { communityHome } from '../../schedule/community-home';
import { homeModel, type Home } from '../../schedule/models/home';
import { agreeOffLedger, type Answering } from './off-ledger';

/** What is agreed on, by slot. */
interface Agreed {
    readonly prices: readonly bigint[];
    readonly gridWh: readonly bigint[];
    /** Of each home. */
    readonly homesWh: readonly (readonly bigint[])[];
}

interface TestDay {
    readonly problem: ScheduleProblem;
    /** Agents that know nothing yet. */
    readonly agents: () => Answering[];
}

const TARIFFS = { retail: 300_000_000n, feedIn: 80_000_000n, importLimitWh: 100_000n, exportLimitWh: 100_000n };
const MIDDLE = 190_000_000n;
const TOLERANCE_WH = 80n;

/** A home, and the energies with which it begins. */
interface Participant {
    readonly home: Home;
    readonly reference: readonly number[];
}

/** The first homes of the sample's community, on a generated day. */
function dayOf(count: number, day: string): TestDay {
    const topology = readCommunity(join(repositoryRoot, 'organizations', 'community.yaml'));
    const { metered } = meterData(topology, { day, forecast: 'perfect' });
    const homes = households(topology)
        .slice(0, count)
        .flatMap(({ id, home }) => {
            const { consumed, produced } = registersOf(metered, id);
            const [load, pv] = [differences(consumed), differences(produced)];
            const reference = load.map((energy, slot) => Number(energy - (pv[slot] ?? 0n)));
            return home === undefined ? [] : [{ reference, home: communityHome(id, home, { load, pv }) }];
        });
    return withTerms(day, metered.slotCount, homes);
}

/**
 * Homes of which each has one best answer to every price: demand that gives way to it along a line, and generators whose every Wh costs more than the one before. The
 * schedule that costs least is then the only one.
 */
function unambiguousDay(count: number): TestDay {
    const [day, slots] = ['2025-04-16', 96];
    const homes = Array.from({ length: count }, (_, home) => {
        const wanted = Array.from({ length: slots }, (__, slot) =>
            BigInt(700 + 90 * home + 15 * ((slot * 7 + home) % 11)),
        );
        const devices: Home['devices'] = [
            { kind: 'elastic', device: 'heating', wanted, slope: 400_000n + 50_000n * BigInt(home), most: 4_000n },
            ...(home % 2 === 0
                ? [{ kind: 'generator', device: 'chp', most: 2_000n, base: 60_000_000n, slope: 150_000n } as const]
                : []),
        ];
        const reference = wanted.map(() => 0);
        return { reference, home: { home: `H${home + 1}`, importLimit: 5_000n, exportLimit: 5_000n, devices } };
    });
    return withTerms(day, slots, homes);
}

/** On the sample's terms. */
function withTerms(day: string, slots: number, homes: readonly Participant[]): TestDay {
    const initial = 40_000n * 2n * BigInt(homes.length);
    const problem: ScheduleProblem = {
        day,
        slots,
        iterations: 100,
        iterationSeconds: 10,
        primalToleranceWh: TOLERANCE_WH,
        dualTolerance: 5_000_000n,
        overRelaxation: fraction(1n, 2n),
        penalty: { initial, least: initial / 4n, most: 10n * initial, adaptiveUntil: 60 },
        networkWeight: 'households',
        households: homes.map(({ home: { home, importLimit, exportLimit } }) => ({
            mspId: home,
            bus: 'root',
            importLimitWh: importLimit,
            exportLimitWh: exportLimit,
        })),
        grid: Array.from({ length: slots }, () => TARIFFS),
        floor: -200_000_000n,
        cap: 500_000_000n,
        firstPrices: [{ bus: 'root', pricesNanos: Array.from({ length: slots }, () => MIDDLE) }],
    };
    return { problem, agents: () => homes.map(({ home, reference }) => agent(home, reference, slots)) };
}

function agent(home: Home, first: readonly number[], slots: number): Answering {
    const model = homeModel(home, slots);
    let reference = first;
    let last: { readonly energies: readonly bigint[]; readonly prices: readonly bigint[]; penalty: bigint } | undefined;
    return {
        mspId: home.home,
        answer: async (_, { prices: [own], penalty }) => {
            const prices = own?.pricesNanos ?? [];
            if (last !== undefined) {
                const { energies, prices: before, penalty: rho } = last;
                reference = energies.map(
                    (x, i) => Number(x) - Number((prices[i] ?? 0n) - (before[i] ?? 0n)) / Number(rho),
                );
            }
            const { energies } = await model.step({ prices: prices.map(nanosPerKwh), penalty, reference });
            last = { energies, prices, penalty };
            return { energies };
        },
    };
}

async function byCertificate({ problem, agents }: TestDay): Promise<Agreed> {
    const { claim, energies } = await agreeOffLedger(problem, agents());
    const homesWh = problem.households.map(({ mspId }) => energies.get(mspId) ?? []);
    return { prices: claim?.prices[0]?.pricesNanos ?? [], gridWh: claim?.gridWh ?? [], homesWh };
}

async function byIterations({ problem, agents }: TestDay): Promise<Agreed> {
    const [run, all] = [runProblemOf(problem), agents()];
    let state = firstRunState(
        run,
        problem.firstPrices.map(({ pricesNanos }) => pricesNanos.map(nanosPerKwh)),
    );
    for (;;) {
        const { iteration, penalty } = state;
        const prices: BusPrices[] = [{ bus: 'root', pricesNanos: [...(state.prices[0] ?? [])] }];
        const answers = await Promise.all(
            all.map(async (each) => {
                const { energies } = await each.answer(problem, { iteration, penalty, prices });
                return energies.map(poolEnergy);
            }),
        );
        const network = networkEnergies(run, state, undefined);
        if ('kind' in network) {
            throw new Error(network.kind);
        }
        const closed = closeRun(run, state, answers, network);
        if (closed.end !== 'running') {
            const settled = closed.end === 'converged' ? closed.settled : { prices: [], taken: [] };
            return { prices: settled.prices[0] ?? [], gridWh: settled.taken[0] ?? [], homesWh: answers };
        }
        ({ state } = closed);
    }
}

const size = (n: bigint): bigint => (n < 0n ? -n : n);

describe('a day of homes with panels and batteries', () => {
    it.each([
        { homes: 4, day: '2025-04-18' },
        { homes: 6, day: '2025-04-16' },
        { homes: 20, day: '2025-01-15' },
    ])(
        'of $homes homes comes to the same on $day by iterations and by certificate',
        async ({ homes, day }) => {
            const given = dayOf(homes, day);
            const [iterated, certified] = [await byIterations(given), await byCertificate(given)];
            const slots = given.problem.slots;
            expect([iterated.prices.length, certified.prices.length]).toEqual([slots, slots]);
            let compared = 0;
            for (const [slot, gridWh] of iterated.gridWh.entries()) {
                const other = certified.gridWh[slot] ?? 0n;
                // What the community gives to the grid or takes from it, within what a run may leave over.
                expect(size(gridWh - other)).toBeLessThanOrEqual(TOLERANCE_WH);
                // Where it does more than that, the grid's tariff is the price; elsewhere many prices may do.
                if (size(gridWh) > TOLERANCE_WH && size(other) > TOLERANCE_WH) {
                    compared += 1;
                    expect(certified.prices[slot]).toBe(iterated.prices[slot]);
                }
            }
            expect(compared).toBeGreaterThan(slots / 4);
        },
        120_000,
    );

    it.each([4, 7])('of %s homes with one best schedule gives each of them the same', async (count) => {
        const given = unambiguousDay(count);
        const [iterated, certified] = [await byIterations(given), await byCertificate(given)];
        const differences = iterated.homesWh.flatMap((energies, home) =>
            energies.map((energy, slot) => size(energy - (certified.homesWh[home]?.[slot] ?? 0n))),
        );
        expect(differences).toHaveLength(count * given.problem.slots);
        // Neither way leaves more over than the tolerance, and a home is off by no more than all are together.
        expect(differences.filter((difference) => difference > TOLERANCE_WH)).toEqual([]);
        expect(iterated.homesWh.flat().some((energy) => energy > TOLERANCE_WH)).toBe(true);
    });
});
