import type { CalendarDay } from '../calendar';
import { SMALLEST_GROUP } from '../auction/small-numbers';
import {
    ACCOUNTS,
    ALL_HOUSEHOLDS,
    assertBalanced,
    balanceOf,
    householdAccount,
    Imbalance,
    summed,
    type Posting,
} from '../postings';
import {
    nanos,
    negated,
    total,
    wattHours,
    type MicrosPerKwh,
    type Nanos,
    type NetEnergy,
    type WattHours,
} from '../quantity';
import { slot, type LocalDay, type Slot } from '../slot';
import { checkSettlement, poolSlot, type SlotPool } from './checks';
import type { DaySettlement, SlotSettlement } from './position';

/** What the channel says of a round that has ended. */
export interface RoundResult {
    readonly slot: Slot;
    readonly status: 'cleared' | 'void';
    /** What every buyer pays for each kWh; undefined where nothing traded or where buyers pay different prices. */
    readonly price?: MicrosPerKwh | undefined;
    /** Undefined where too few parties traded to publish them. */
    readonly volume?: WattHours | undefined;
    readonly surplus?: Nanos | undefined;
}

/** The community's slot as its own connection to the grid sees it. */
export interface SlotTotal {
    readonly slot: Slot;
    /** Σ of the metered energy of all households. */
    readonly metered: NetEnergy;
    /** Σ of what was missing of the traded energy: what the others had too much is that and `metered`. */
    readonly short: WattHours;
    /** What the supplier gets for it, or (negative) pays. */
    readonly supplier: Nanos;
    /** What stays with the community of deviations that cancel inside. */
    readonly spread: Nanos;
}

export interface TotalPosting {
    /** A shared account, or ALL_HOUSEHOLDS. */
    readonly account: string;
    readonly amount: Nanos;
}

/** The sums of a day, on the channel. */
export interface DayTotals {
    readonly day: CalendarDay;
    readonly households: number;
    readonly traded: WattHours;
    /** Σ of the slots in which the community imported, and of those in which it exported. */
    readonly imported: WattHours;
    readonly exported: WattHours;
    /** Empty where the community has too few households to publish sums over them. */
    readonly slots: readonly SlotTotal[];
    /** What each account received, or (negative) paid, in all. By name; sums to zero. */
    readonly postings: readonly TotalPosting[];
    /** At least one reading is an estimate. */
    readonly provisional: boolean;
}

export interface DayToClose {
    readonly day: LocalDay;
    /** The households that must be settled: each once, and no other. */
    readonly households: readonly string[];
    /** One for each slot of the day, in order of time. */
    readonly rounds: readonly RoundResult[];
    readonly settlements: readonly DaySettlement[];
}

/**
 * Add up a day and compare every sum that can be had in two ways:
 * - each settlement's money is computed again from its energy and prices;
 * - in each round buyers' fills = sellers' fills = the volume (where it is published); buyers pay the round's price where it has one,
 *   and sellers get all of it but the round's surplus (where it is published), which is never negative and the community's, so
 *   that the account `clearing` ends at zero; a void round has no fills;
 * - the fees are their rates × the energy that was bought;
 * - the deviation pool = the supplier's tariff × the community's metered net + the spread on what cancels inside, and is zero
 *   after the supplier and the community are paid;
 * - all accounts together are zero.
 *
 * Throws an `Imbalance` that names the first that differs: a fault, because each record was accepted by its parties before. A
 * RangeError where settlements or rounds are missing or too many, which the caller rules out first.
 */
export function closeDay(given: DayToClose): DayTotals {
    checkComplete(given);
    const { day, rounds, settlements } = given;
    for (const settlement of settlements) {
        checkSettlement(day, settlement);
    }
    const pools = rounds.map((round, i) =>
        poolSlot(
            round,
            settlements.map(({ slots }) => slots[i] as SlotSettlement),
        ),
    );
    return {
        day: day.day,
        households: settlements.length,
        traded: total(pools.map(({ traded }) => traded)),
        imported: energyOf(pools, (metered) => 0n - metered),
        exported: energyOf(pools, (metered) => metered),
        slots: settlements.length < SMALLEST_GROUP ? [] : pools.map(slotTotal),
        postings: closingPostings(settlements, pools),
        provisional: settlements.some(({ provisional }) => provisional),
    };
}

function checkComplete({ day, households, rounds, settlements }: DayToClose): void {
    const settled = new Set(settlements.map(({ mspId }) => mspId));
    const missing = households.filter((mspId) => !settled.has(mspId));
    if (missing.length > 0 || settlements.length !== households.length || settled.size !== settlements.length) {
        throw new RangeError(
            `${day.day} has ${settlements.length} settlements of ${households.length} households; missing: ${missing.join(', ') || 'none'}`,
        );
    }
    if (rounds.length !== day.count || rounds.some((round, i) => round.slot !== day.first + i)) {
        throw new RangeError(`${day.day} needs one round for each of its ${day.count} slots from ${slot(day.first)}`);
    }
}

function energyOf(pools: readonly SlotPool[], part: (metered: NetEnergy) => bigint): WattHours {
    return total(pools.map(({ metered }) => wattHours(part(metered) > 0n ? part(metered) : 0n)));
}

const slotTotal = ({ slot: of, metered, short, supplier, spread }: SlotPool): SlotTotal => ({
    slot: of,
    metered,
    short,
    supplier,
    spread,
});

/** The postings of all settlements and of the pool's closing, with the households as one. */
function closingPostings(settlements: readonly DaySettlement[], pools: readonly SlotPool[]): TotalPosting[] {
    const supplier = total(pools.map((pool) => pool.supplier));
    const spread = total(pools.map((pool) => pool.spread));
    const surplus = total(pools.map((pool) => pool.surplus));
    const closing: Posting[] = assertBalanced(
        [
            { account: ACCOUNTS.supplier, amount: supplier },
            { account: ACCOUNTS.community, amount: nanos(spread + surplus) },
            { account: ACCOUNTS.clearing, amount: negated(surplus) },
            { account: ACCOUNTS.deviation, amount: negated(nanos(supplier + spread)) },
        ],
        'the closing of the rounds and of the deviation pool',
    );
    const day = assertBalanced(summed([...settlements.flatMap(({ postings }) => postings), ...closing]), 'the day');
    for (const account of [ACCOUNTS.clearing, ACCOUNTS.deviation]) {
        if (balanceOf(account, day) !== 0n) {
            throw new Imbalance(`the account ${account} ends the day at ${balanceOf(account, day).toString()} nanos`);
        }
    }
    const own = new Set<string>(settlements.map(({ mspId }) => householdAccount(mspId)));
    const households = total(day.filter(({ account }) => own.has(account)).map(({ amount }) => amount));
    return [...day.filter(({ account }) => !own.has(account)), { account: ALL_HOUSEHOLDS, amount: households }].sort(
        (a, b) => (a.account < b.account ? -1 : 1),
    );
}
