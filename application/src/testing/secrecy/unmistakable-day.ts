import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { withStorage } from '@commonwatt/network/topology/storage';
import type { AccountTerms, Storage, Topology } from '@commonwatt/network/topology/topology';
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

/** Stands at a home that only buys. It moves less in a slot than any home, so that what it takes, which is public, is no home's reading. */
const STORAGE: Storage = {
    home: `H${SELLERS + 2}`,
    capacityWh: 1_000_000,
    chargeW: 360_000,
    dischargeW: 360_000,
    chargePpm: 960_000,
    dischargePpm: 950_000,
    credibility: 'broadcast',
    feeMicrosPerKwh: 5_003,
};
/** Each home has paid in more than such a day can cost; a figure that is no sum of others. */
const ACCOUNTS: AccountTerms = { coverPercent: 130, limitCents: 5_000_000_000, openingDepositCents: 250_003_171 };
const LOSSES = { constantWh: 41, lossPpm: 11_000, tolerancePpm: 30_000, payer: 'grid' as const };

/** Connections that carry these energies, limits that are nobody else's, and everything that a community may have. */
export function unmistakableCommunity(portBase: number): Topology {
    const topology = withStorage(smallCommunity(HOMES, { portBase }), STORAGE);
    return {
        ...topology,
        community: {
            ...topology.community,
            market: { ...topology.community.market, accounts: ACCOUNTS, losses: LOSSES },
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
