import { SMALLEST_GROUP } from '../auction/small-numbers';
import { sumOfComponents, type Components } from '../commitment/pedersen';
import { feeBands, settlementComponents } from '../commitment/settlement-layout';
import type { MarketPrices } from '../market-prices';
import { ACCOUNTS, ALL_HOUSEHOLDS, Imbalance } from '../postings';
import {
    compareStrings,
    cost,
    least,
    microsPerKwh,
    nanos,
    negated,
    netEnergy,
    plus,
    total,
    wattHours,
    type Nanos,
    type NetEnergy,
    type WattHours,
} from '../quantity';
import { slot as slotOf, type LocalDay } from '../slot';
import type { DayTotals, RoundResult, SlotTotal, TotalPosting } from './close-day';
import { accountOf, equal, isOpened, notNegative, requireRisingAccounts, toldPostings } from './day-sums';
import type { DaySettlement } from './position';
import { atTheGrid } from './settle';

/** What all households together did in a slot. That they sold as much as they bought is part of the opening: it is not said. */
export interface SlotSums {
    readonly metered: NetEnergy;
    readonly short: WattHours;
}

/** Of a community that is too small for its sums to be opened: what else would follow from the slots, as its operator says. */
export interface StatedSums {
    readonly imported: WattHours;
    readonly exported: WattHours;
    readonly supplier: Nanos;
}

/** The sums over all settlements of a day, as far as they are told. */
export interface DaySums {
    /** For each pair of fees of the day (see `feeBands`) what was bought locally. */
    readonly bought: readonly WattHours[];
    /** And what was received under contracts with storage: the same fees are due on it. */
    readonly received: readonly WattHours[];
    /** What the settlements post on each account, the households as one. By name; accounts without a movement are left out. */
    readonly postings: readonly TotalPosting[];
    /** One for each slot of the day where the sums are opened; otherwise what the operator states instead. */
    readonly energy: readonly SlotSums[] | StatedSums;
}

/** The sums over settlements of one day: told in full where there are enough of them; otherwise the last part is `stated`. */
export function daySums(settlements: readonly DaySettlement[], stated?: StatedSums): DaySums {
    const sums = sumOfComponents(settlements.map(settlementComponents));
    const of = (name: string): bigint => sums.get(name) ?? 0n;
    const slots = settlements[0]?.slots ?? [];
    const accounts = [...sums].flatMap(([name, amount]) =>
        name.startsWith(ACCOUNT) && amount !== 0n
            ? [{ account: name.slice(ACCOUNT.length), amount: nanos(amount) }]
            : [],
    );
    const { bands } = feeBands(slots.map(({ prices }) => prices));
    return {
        bought: bands.map((_, k) => wattHours(of(`bought/${k}`))),
        received: bands.map((_, k) => wattHours(of(`received/${k}`))),
        postings: accounts.sort((one, other) => compareStrings(one.account, other.account)),
        energy:
            stated ??
            slots.map((_, i) => ({ metered: netEnergy(of(`metered/${i}`)), short: wattHours(of(`short/${i}`)) })),
    };
}

const ACCOUNT = 'account/';

/**
 * What the settlements' commitments must open to. Where rounds traded, as much was sold and given as was bought and taken in every slot, so
 * `traded/i` is nowhere; of a scheduled day `traded` is what all households give (positive) or take by the schedule, slot by slot.
 */
export function openedSums(
    { bought, received, postings, energy }: Opened,
    traded: readonly NetEnergy[] = [],
): Components {
    return new Map([
        ...traded.map((sum, i): [string, bigint] => [`traded/${i}`, sum]),
        ...energy.flatMap(({ metered, short }, i): [string, bigint][] => [
            [`metered/${i}`, metered],
            [`short/${i}`, short],
        ]),
        ...bought.map((sum, k): [string, bigint] => [`bought/${k}`, sum]),
        ...received.map((sum, k): [string, bigint] => [`received/${k}`, sum]),
        ...postings.map(({ account, amount }): [string, bigint] => [`${ACCOUNT}${account}`, amount]),
    ]);
}

export type Opened = DaySums & { readonly energy: readonly SlotSums[] };

export interface PublicDay {
    readonly day: LocalDay;
    /** How many settlements the sums are over. */
    readonly households: number;
    readonly provisional: boolean;
    /** One for each slot of the day, in order of time. */
    readonly rounds: readonly RoundResult[];
    /** Without the differences of zones. */
    readonly prices: readonly MarketPrices[];
    /** What zones of the grid add to the grid fee, each for itself. Who bought in which zone is not told: too few would stand in some. */
    readonly zoneDifferences?: readonly bigint[];
    readonly sums: DaySums;
}

/**
 * Close a day from what is public. That the sums are those of the settlements says their commitment's opening (and in it, that in
 * every slot as much was sold as was bought); here they are compared with one another, with the rounds and with the tariffs:
 *
 * - all accounts together are zero;
 * - nobody is short or long of a negative amount; the deviation pool = what those who were short pay and those who were long get, which
 *   is the supplier's tariff × the community's metered net + the spread on what cancels inside, and the spread is not negative;
 * - the fees are their rates × the energy that was bought or received under contracts; where zones have grid fees of their own, the grid's are within what the
 *   cheapest and the dearest zone would pay for it;
 * - what buyers paid and sellers did not get is not negative, and nothing less than what the rounds say of it; likewise the energy.
 *   Where every round tells its volume, it is exactly that.
 *
 * Throws an `Imbalance` that names the first that differs.
 */
export function publicTotals(given: PublicDay): DayTotals {
    const { day, households, rounds, sums, provisional } = given;
    checkComplete(given);
    equal('all accounts', total(sums.postings.map(({ amount }) => amount)), 'zero', 0n);
    const slots = slotTotals(given);
    const pool = poolOf(slots, sums);
    equal(
        'the deviation pool',
        accountOf(sums, ACCOUNTS.deviation),
        'supplier and spread',
        pool.supplier + pool.spread,
    );
    notNegative('the spread', pool.spread);
    checkFees(given);
    const surplus = accountOf(sums, ACCOUNTS.clearing);
    const traded = total(sums.bought);
    checkAgainstRounds('the energy that was bought', traded, rounds, ({ volume }) => volume);
    checkAgainstRounds('what buyers paid and sellers did not get', surplus, rounds, (round) => round.surplus);
    return {
        day: day.day,
        households,
        traded,
        imported: pool.imported,
        exported: pool.exported,
        slots,
        postings: closed(sums, pool, surplus),
        provisional,
    };
}

function checkComplete({ day, rounds, prices, sums }: PublicDay): void {
    const { bought, received, energy } = sums;
    const counts = [rounds.length, prices.length, isOpened(energy) ? energy.length : day.count];
    if (
        counts.some((count) => count !== day.count) ||
        [bought, received].some(({ length }) => length !== feeBands(prices).bands.length)
    ) {
        throw new Imbalance(`${day.day} has ${day.count} slots and ${feeBands(prices).bands.length} pairs of fees`);
    }
    requireRisingAccounts(sums, day.day);
}

function slotTotals({ day, prices, sums: { energy } }: PublicDay): SlotTotal[] {
    if (!isOpened(energy)) {
        return [];
    }
    return prices.map((price, i) => {
        const { metered, short } = energy[i] as SlotSums;
        const slot = slotOf(day.first + i);
        const long = metered + short;
        notNegative(`what is short in slot ${slot}`, short);
        notNegative(`what is long in slot ${slot}`, long);
        return {
            slot,
            metered,
            short,
            supplier: negated(atTheGrid(metered, price)),
            spread: cost(least(wattHours(long), short), microsPerKwh(price.retail - price.feedIn)),
        };
    });
}

interface Pool extends StatedSums {
    readonly spread: Nanos;
}

function poolOf(slots: readonly SlotTotal[], sums: DaySums): Pool {
    if (!isOpened(sums.energy)) {
        return { ...sums.energy, spread: nanos(accountOf(sums, ACCOUNTS.deviation) - sums.energy.supplier) };
    }
    return {
        imported: wattHours(total(slots.map(({ metered }) => (metered < 0n ? negated(metered) : netEnergy(0n))))),
        exported: wattHours(total(slots.map(({ metered }) => (metered > 0n ? metered : netEnergy(0n))))),
        supplier: total(slots.map(({ supplier }) => supplier)),
        spread: total(slots.map(({ spread }) => spread)),
    };
}

function checkFees({ prices, zoneDifferences = [], sums }: PublicDay): void {
    const { bands } = feeBands(prices);
    const local = bands.map((_, k) => plus(sums.bought[k] as WattHours, sums.received[k] as WattHours));
    const rate = (fee: 'gridFee' | 'communityFee'): bigint =>
        total(bands.map((band, k) => cost(local[k] as WattHours, band[fee])));
    const paid = accountOf(sums, ACCOUNTS.grid);
    const differences = [...zoneDifferences, 0n].map((difference) => difference * total(local));
    const outside = [
        differences.every((each) => paid < rate('gridFee') + each),
        differences.every((each) => paid > rate('gridFee') + each),
    ];
    if (outside.includes(true)) {
        throw new Imbalance(`the gridFees: ${paid.toString()}, but their rate: ${rate('gridFee').toString()}`);
    }
    equal('the communityFees', accountOf(sums, ACCOUNTS.community), 'their rate', rate('communityFee'));
}

/** A sum over the day is at least what the rounds tell, and exactly that where all of them tell it: a void one has none. */
function checkAgainstRounds(
    what: string,
    sum: bigint,
    rounds: readonly RoundResult[],
    told: (round: RoundResult) => bigint | undefined,
): void {
    const parts = rounds.map((round) => (round.status === 'void' ? 0n : told(round)));
    const known = parts.reduce<bigint>((so, part) => so + (part ?? 0n), 0n);
    if (sum < known || (sum !== known && parts.every((part) => part !== undefined))) {
        throw new Imbalance(`${what} is ${sum.toString()}, the rounds tell ${known.toString()}`);
    }
}

/** What the settlements post, and what empties the accounts between the households and the others. */
function closed(sums: DaySums, { supplier, spread }: Pool, surplus: Nanos): TotalPosting[] {
    const moved = new Map<string, bigint>([[ALL_HOUSEHOLDS, 0n]]);
    const add = (account: string, amount: bigint): void => {
        moved.set(account, (moved.get(account) ?? 0n) + amount);
    };
    for (const { account, amount } of sums.postings) {
        add(account, amount);
    }
    add(ACCOUNTS.supplier, supplier);
    add(ACCOUNTS.community, spread + surplus);
    add(ACCOUNTS.clearing, 0n - surplus);
    add(ACCOUNTS.deviation, 0n - supplier - spread);
    return toldPostings(moved);
}

/** Whether a sum over so many may be opened. */
export const isLargeEnough = (households: number): boolean => households >= SMALLEST_GROUP;
