import type { PoolEnergy, NanosPerKwh } from './exchange';
import type { GridSlot } from './grid-agent';

/** What a member's connection carries in a slot, Wh: gives at most `export`, takes at most `import`. */
export interface ConnectionLimit {
    readonly importLimit: bigint;
    readonly exportLimit: bigint;
}

export interface ClaimedSchedule {
    /** λ, by slot. */
    readonly prices: readonly NanosPerKwh[];
    /** By agent, then by slot; without the grid, which takes what is left over. */
    readonly energies: ReadonlyMap<string, readonly PoolEnergy[]>;
    /** What the grid takes from the pool, by slot; negative is given to it. */
    readonly grid: readonly PoolEnergy[];
}

export type CertificateFlaw =
    | { readonly kind: 'shape'; readonly agent: string }
    | { readonly kind: 'limit'; readonly agent: string; readonly slot: number }
    | { readonly kind: 'balance'; readonly slot: number; readonly sum: bigint }
    | { readonly kind: 'grid'; readonly slot: number };

/**
 * Whether a claimed schedule is one, in the order shape, limits, balance, the grid's conditions: the first flaw, or undefined. The
 * sum is zero in every slot, to the watt-hour; nobody is above a registered limit; and the price is the one at which the
 * grid wants what it is given: its tariff while it trades below its limit, between both tariffs while it does not, above retail or below
 * feed-in only at the limit (complementary slackness). That the price and its energies also suit a household, whose costs
 * nobody else knows, is what the household's own signature says (Chen et al. 2022: checked, not computed again).
 */
export function certificateFlaw(
    claim: ClaimedSchedule,
    grid: readonly GridSlot[],
    limits: ReadonlyMap<string, ConnectionLimit>,
): CertificateFlaw | undefined {
    return shapeFlaw(claim, grid, limits) ?? limitFlaw(claim, limits) ?? balanceFlaw(claim) ?? gridFlaw(claim, grid);
}

function shapeFlaw(
    { prices, energies, grid: taken }: ClaimedSchedule,
    grid: readonly GridSlot[],
    limits: ReadonlyMap<string, ConnectionLimit>,
): CertificateFlaw | undefined {
    if (prices.length !== grid.length || taken.length !== grid.length) {
        return { kind: 'shape', agent: 'grid' };
    }
    const agents = new Set([...limits.keys(), ...energies.keys()]);
    const wrong = [...agents].find((agent) => !limits.has(agent) || energies.get(agent)?.length !== grid.length);
    return wrong === undefined ? undefined : { kind: 'shape', agent: wrong };
}

function limitFlaw(
    { energies }: ClaimedSchedule,
    limits: ReadonlyMap<string, ConnectionLimit>,
): CertificateFlaw | undefined {
    for (const [agent, { importLimit, exportLimit }] of limits) {
        const slot = energies.get(agent)?.findIndex((x) => x > importLimit || 0n - x > exportLimit) ?? -1;
        if (slot >= 0) {
            return { kind: 'limit', agent, slot };
        }
    }
    return undefined;
}

function balanceFlaw({ energies, grid }: ClaimedSchedule): CertificateFlaw | undefined {
    for (const [slot, taken] of grid.entries()) {
        let sum: bigint = taken;
        for (const own of energies.values()) {
            sum += own[slot] ?? 0n;
        }
        if (sum !== 0n) {
            return { kind: 'balance', slot, sum };
        }
    }
    return undefined;
}

function gridFlaw({ prices, grid }: ClaimedSchedule, slots: readonly GridSlot[]): CertificateFlaw | undefined {
    const slot = slots.findIndex((each, i) => !isContent(each, grid[i] ?? 0n, prices[i] ?? 0n));
    return slot < 0 ? undefined : { kind: 'grid', slot };
}

/** The grid wants no other energy at this price: the conditions of Karush, Kuhn and Tucker of its own problem. */
function isContent({ retail, feedIn, importLimit, exportLimit }: GridSlot, taken: bigint, price: bigint): boolean {
    const given = 0n - taken;
    if (given > importLimit || taken > exportLimit) {
        return false;
    }
    // Giving more would pay above retail, taking more below feed-in: only a limit keeps it from that …
    const mayBeAbove = given === importLimit || price <= retail;
    const mayBeBelow = taken === exportLimit || price >= feedIn;
    // … and giving at all loses below retail, taking above feed-in.
    const gives = given <= 0n || price >= retail;
    const takes = taken <= 0n || price <= feedIn;
    return mayBeAbove && mayBeBelow && gives && takes;
}
