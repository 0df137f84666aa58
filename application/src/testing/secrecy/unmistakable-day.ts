import { smallCommunity } from '@commonwatt/network/topology/small-community';
import type { Topology } from '@commonwatt/network/topology/topology';
import type { HomeRegisters, MeterDay } from '../../data/meter-day';
import { sampleDay } from '../../data/sample';

// A day whose figures cannot be taken for anything else. Energies are unique over all homes and slots and end in 137, which no sum of two to
// seven of them does; registers are ten digits that no other home has; limits are no round numbers.

/** Five have seats in the committee (the first ones), three have none. */
export const HOMES = 8;
/** Three sell, five buy: what the community lacks in a slot is the energy of two, and no energy. */
const SELLERS = 3;
const SLOTS = 96;
/** Odd, so that times 8 · 96 it comes to every number once. */
const SPREAD = 389;
const SMALLEST_KWH = 100;
const WATTS = 4_000_000;

/** What a home feeds in (positive) or takes in one slot, in Wh. */
export function netWh(home: number, slot: number): bigint {
    const kilowattHours = SMALLEST_KWH + ((((home - 1) * SLOTS + slot) * SPREAD) % (HOMES * SLOTS));
    const energy = BigInt(kilowattHours) * 1_000n + 137n;
    return home <= SELLERS ? energy : 0n - energy;
}

export function unmistakableDay(): MeterDay {
    const day = sampleDay(
        Array.from({ length: HOMES }, (_, i) => ({ home: `H${i + 1}`, consumes: true, generates: true })),
    );
    return { ...day, homes: day.homes.map((_, index) => registersOf(index + 1)) };
}

function registersOf(home: number): HomeRegisters {
    const nets = Array.from({ length: SLOTS }, (_, slot) => netWh(home, slot));
    const register = (start: bigint, energies: readonly bigint[]): bigint[] =>
        energies.reduce<bigint[]>((shown, energy) => [...shown, (shown.at(-1) ?? start) + energy], [start]);
    const start = BigInt(home) * 1_000_000_000n;
    return {
        home: `H${home}`,
        consumed: register(
            start + 11_111n,
            nets.map((net) => (net < 0n ? 0n - net : 0n)),
        ),
        produced: register(
            start + 500_022_222n,
            nets.map((net) => (net > 0n ? net : 0n)),
        ),
    };
}

/** Connections that carry these energies, and limits that are nobody else's. */
export function unmistakableCommunity(portBase: number): Topology {
    const topology = smallCommunity(HOMES, { portBase });
    return {
        ...topology,
        community: {
            ...topology.community,
            gridConnections: topology.community.gridConnections.map((one) => ({ ...one, limitW: 10 * HOMES * WATTS })),
        },
        organisations: topology.organisations.map((each, number) =>
            each.home === undefined
                ? each
                : {
                      ...each,
                      home: {
                          ...each.home,
                          connection: { ...each.home.connection, importLimitW: WATTS, exportLimitW: WATTS },
                          preferences: {
                              ...each.home.preferences,
                              buyLimitMicrosPerKwh: 170_003 + 7_013 * number,
                              sellLimitMicrosPerKwh: 100_007 + 5_003 * number,
                          },
                      },
                  },
        ),
    };
}
