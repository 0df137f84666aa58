import { atTheGrid } from '../settlement/settle';
import type { MarketPrices } from '../market-prices';
import { allocate, nanos, negated, netEnergy, type Nanos, type NetEnergy } from '../quantity';
import { ACCOUNTS, assertBalanced, householdAccount, summed, type Posting } from '../postings';
import type { Slot } from '../slot';

/** Who pays for the energy that is lost between the meters and the feeder's meter. Governed. */
export const LOSS_PAYERS = ['grid', 'community', 'members'] as const;
export type LossPayer = (typeof LOSS_PAYERS)[number];

/** What the community expects of its wires. Parts of a million are of the energy that passes the feeder's meter. */
export interface LossTerms {
    /** Lost in every slot whatever flows: transformer, meters. */
    readonly constantWh: bigint;
    readonly lossPpm: bigint;
    /** How far the meters' errors may carry a slot from what is expected. */
    readonly tolerancePpm: bigint;
    readonly payer: LossPayer;
}

/** A slot as both ends of the wires see it. Positive flows to the grid. */
export interface FeederSlot {
    readonly slot: Slot;
    /** The feeder's own meter. */
    readonly feeder: NetEnergy;
    /** Σ of the households' meters. */
    readonly metered: NetEnergy;
}

export interface SlotComparison extends FeederSlot {
    /** What the meters say beyond what arrived: metered − feeder. Negative: more arrived than was sent. */
    readonly lost: NetEnergy;
    /** Technical losses by the terms, rounded down. */
    readonly expected: bigint;
    /** lost − expected. */
    readonly residual: NetEnergy;
    /** The residual is within the tolerance. */
    readonly fits: boolean;
}

export interface FeederDay {
    readonly slots: readonly SlotComparison[];
    readonly lost: NetEnergy;
    readonly expected: bigint;
    readonly residual: NetEnergy;
    /** The whole day's residual is within the sum of the slots' tolerances. */
    readonly fits: boolean;
}

const MILLION = 1_000_000n;

/**
 * Compares the sum of the meters with the feeder's meter, slot by slot. What flows on between members and never reaches the feeder's
 * meter loses energy too, which this linear rule does not see: the terms' constant has to cover it.
 */
export function compareFeeder(slots: readonly FeederSlot[], terms: LossTerms): FeederDay {
    const compared = slots.map((each) => compareSlot(each, terms));
    const sum = (of: (each: SlotComparison) => bigint): bigint => compared.reduce((all, each) => all + of(each), 0n);
    const residual = sum((each) => each.residual);
    const allowed = sum((each) => tolerance(each, terms));
    return {
        slots: compared,
        lost: netEnergy(sum(({ lost }) => lost)),
        expected: sum(({ expected }) => expected),
        residual: netEnergy(residual),
        fits: magnitude(residual) <= allowed,
    };
}

function compareSlot(given: FeederSlot, terms: LossTerms): SlotComparison {
    const lost = netEnergy(given.metered - given.feeder);
    const expected = terms.constantWh + (magnitude(given.feeder) * terms.lossPpm) / MILLION;
    const residual = netEnergy(lost - expected);
    return { ...given, lost, expected, residual, fits: magnitude(residual) <= tolerance(given, terms) };
}

/** A watt-hour at least: no meter shows less. Rounded down. */
function tolerance({ feeder, metered }: FeederSlot, { tolerancePpm }: LossTerms): bigint {
    const flow = magnitude(feeder) > magnitude(metered) ? magnitude(feeder) : magnitude(metered);
    const part = (flow * tolerancePpm) / MILLION;
    return part > 1n ? part : 1n;
}

/**
 * The money of a day's losses. Closing the day paid the supplier for what the households' meters saw; what it really delivered or took is what
 * the feeder's meter saw, at the same tariffs. The difference goes through `losses`, and the payer that the terms name makes it good,
 * so that `losses` ends the day at zero. Members share by the import limits of their connections: these are public, so that the share
 * betrays no reading, and the whole is divided by the largest remainder, ties in the order given. Sums to zero.
 */
export function lossPostings(
    slots: readonly FeederSlot[],
    prices: readonly MarketPrices[],
    payer: LossPayer,
    members: readonly { readonly mspId: string; readonly importLimitW: bigint }[],
): { readonly cost: Nanos; readonly postings: readonly Posting[] } {
    const cost = nanos(
        slots.reduce((sum, { feeder, metered }, i) => {
            const at = prices[i];
            if (at === undefined) {
                throw new RangeError(`no prices for the slot at ${i}`);
            }
            return sum + atTheGrid(metered, at) - atTheGrid(feeder, at);
        }, 0n),
    );
    const received: Posting[] = [
        { account: ACCOUNTS.supplier, amount: cost },
        { account: ACCOUNTS.losses, amount: negated(cost) },
    ];
    const made: Posting[] = [{ account: ACCOUNTS.losses, amount: cost }, ...paidBy(payer, cost, members)];
    return { cost, postings: assertBalanced(summed([...received, ...made]), 'the losses of a day') };
}

function paidBy(
    payer: LossPayer,
    cost: Nanos,
    members: readonly { readonly mspId: string; readonly importLimitW: bigint }[],
): Posting[] {
    if (payer !== 'members') {
        return [{ account: ACCOUNTS[payer], amount: negated(cost) }];
    }
    const limits = members.map(({ importLimitW }) => importLimitW);
    const weights = limits.some((limit) => limit > 0n) ? limits : limits.map(() => 1n);
    const shares = allocate(nanos(magnitude(cost)), weights);
    return members.map(({ mspId }, i) => {
        const share = shares[i] ?? 0n;
        return { account: householdAccount(mspId), amount: nanos(cost > 0n ? 0n - share : share) };
    });
}

const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);
