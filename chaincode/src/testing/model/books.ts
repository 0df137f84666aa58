import { outcomeOf } from '../../api/outcomes';
import type { OrderRecord, RoundRecord, SettlementRecord } from '../../api/records';
import { summed } from '../../domain/postings';
import { recordHash } from '../../contracts/market/guards';
import { DAY } from '../community';
import type { Market } from './market';
import type { Model } from './model';
import { SHORT_DAY } from './short-day';

/** Thrown where a Wh or a nano is not where it belongs. */
export class OutOfBalance extends Error {
    override readonly name = 'OutOfBalance';
}

/**
 * Compares whatever is on the ledger now, as somebody sees it who may look into every collection: energy and money of each round, each
 * household's records at both of their holders, settlements with their corrections, and the day's totals.
 */
export async function checkBooks(market: Market, model: Model): Promise<void> {
    const { community } = market;
    const rounds = await community.query('auction:rounds', { day: DAY });
    rounds.forEach((round) => {
        checkOrders(round, model);
    });
    const traded = new Map(rounds.map((round) => [round.slot, checkRound(market, round)]));
    const settlements: SettlementRecord[] = [];
    for (const { mspId, hash } of await community.query('billing:settlementMarkers', { day: DAY })) {
        const settlement = await community.query('billing:ownSettlement', { day: DAY, mspId });
        same(`the settlement of ${mspId} and its marker`, recordHash(settlement), hash);
        await checkSettlement(market, settlement, traded);
        settlements.push(settlement);
    }
    await checkTotals(market, settlements, rounds);
}

/** The orders that count are those that were committed before the round was closed and not taken back, each once. */
function checkOrders({ slot, status, closed = [] }: RoundRecord, model: Model): void {
    same(`the state of ${slot}`, status, model.rounds.get(slot));
    if (closed.length > 0 || status === 'closed' || status === 'cleared') {
        const expected = model.ordersIn(slot).map(({ mspId, id }) => `${mspId}/${id}`);
        const found = closed.map(({ order }) => order);
        same(`the orders of ${slot}`, found.sort().join(), expected.sort().join());
    }
}

/** Energy and money of each household in a round, by `mspId`. */
type Traded = ReadonlyMap<string, { readonly wh: bigint; readonly nanos: bigint }>;

function checkRound(market: Market, round: RoundRecord): Traded {
    const traded = new Map<string, { wh: bigint; nanos: bigint }>();
    for (const { order, hash } of round.status === 'cleared' ? (round.closed ?? []) : []) {
        const takesPart = (round.outcomes ?? []).some((each) => each.order === order);
        const isDropped = (round.dropped ?? []).some((each) => each.order === order);
        same(`${order} in ${round.slot} is either cleared or dropped`, takesPart, !isDropped);
        if (takesPart) {
            const [opening] = market.kept(hash);
            const { mspId, wh, nanos } = flowOf(round, opening);
            const known = traded.get(mspId) ?? { wh: 0n, nanos: 0n };
            traded.set(mspId, { wh: known.wh + wh, nanos: known.nanos + nanos });
        }
    }
    const all = [...traded.values()];
    same(`what was bought in ${round.slot} was sold`, sum(all.map(({ wh }) => wh)), 0n);
    same(`nobody got what nobody paid in ${round.slot}`, sum(all.map(({ nanos }) => nanos)) <= 0n, true);
    return traded;
}

interface Flow {
    readonly mspId: string;
    /** Positive is sold, and earned. */
    readonly wh: bigint;
    readonly nanos: bigint;
}

/** What an order came to, within its energy and its limit. */
function flowOf(round: RoundRecord, opening: OrderRecord | undefined): Flow {
    const outcome = opening === undefined ? undefined : outcomeOf(round, opening);
    if (opening === undefined || outcome === undefined) {
        throw new OutOfBalance(`an order in ${round.slot} cannot be unmasked`);
    }
    const { key, side, energyWh, limit, mspId } = opening;
    const { fill, amount } = outcome;
    same(`${key} is filled within its energy`, fill >= 0n && fill <= energyWh, true);
    const worst = limit === null ? amount : limit * fill;
    same(`${key} is within its limit`, side === 'buy' ? amount <= worst : amount >= worst, true);
    return side === 'buy' ? { mspId, wh: 0n - fill, nanos: 0n - amount } : { mspId, wh: fill, nanos: amount };
}

async function checkSettlement(
    { community }: Market,
    settlement: SettlementRecord,
    traded: ReadonlyMap<number, Traded>,
): Promise<void> {
    const { mspId, slots, postings, provisional, signedBy } = settlement;
    if (signedBy === 'owner') {
        const own = await community.query('billing:ownSettlement', { day: DAY }, { by: mspId });
        same(`the settlement of ${mspId} at both holders`, recordHash(own), recordHash(settlement));
    }
    same(`the settlement of ${mspId} sums to zero`, sum(postings.map(({ amountNanos }) => amountNanos)), 0n);
    same(`the settlement of ${mspId} has all slots`, slots.map(({ slot }) => slot).join(), SHORT_DAY.join());
    const isEstimated = slots.some(({ readingKind }) => readingKind === 'estimated');
    same(`the settlement of ${mspId} is flagged`, provisional, isEstimated || signedBy === 'operator');
    for (const { slot, boughtWh, soldWh, paidNanos, earnedNanos } of slots) {
        const { wh, nanos } = traded.get(slot)?.get(mspId) ?? { wh: 0n, nanos: 0n };
        same(
            `${mspId} settled what it traded in ${slot}`,
            `${soldWh - boughtWh} ${earnedNanos - paidNanos}`,
            `${wh} ${nanos}`,
        );
    }
    await checkCorrections(community, settlement);
}

/** The chain of corrections leads from the settlement to the readings that it names, each Wh once. */
async function checkCorrections(community: Market['community'], settlement: SettlementRecord): Promise<void> {
    const { mspId } = settlement;
    let corrects = recordHash(settlement);
    const now = new Map(settlement.slots.map((each) => [each.slot, each.meteredWh]));
    for (const each of await community.query('corrections:own', { day: DAY, mspId })) {
        same(`correction ${each.number} of ${mspId} refers to what it corrects`, each.corrects, corrects);
        same(`correction ${each.number} of ${mspId} sums to zero`, sum(each.postings.map((p) => p.amountNanos)), 0n);
        for (const { slot, wasWh, meteredWh } of each.slots) {
            same(`correction ${each.number} of ${mspId} goes on from what was`, wasWh, now.get(slot));
            now.set(slot, meteredWh);
        }
        corrects = recordHash(each);
    }
}

async function checkTotals(
    { community }: Market,
    settlements: readonly SettlementRecord[],
    rounds: readonly RoundRecord[],
): Promise<void> {
    const { status, sums } = await community.query('billing:totals', { day: DAY });
    if (status === 'open' || sums === undefined) {
        same('a day that is open has no sums', sums, undefined);
        return;
    }
    same('the day is closed over all households', settlements.length, community.households.length);
    same(
        'the day’s rounds have ended',
        rounds.every((each) => ['cleared', 'void'].includes(each.status)),
        true,
    );
    same('the day sums to zero', sum(sums.postings.map(({ amountNanos }) => amountNanos)), 0n);
    const names = sums.postings.map(({ account }) => account);
    same('nothing is left between buyers and sellers, nor in the pool', /clearing|deviation/.test(names.join()), false);
    const theirs = summed(
        settlements.flatMap((each) =>
            each.postings.map(({ account, amountNanos }) => ({
                account: account as 'grid',
                amount: amountNanos as never,
            })),
        ),
    );
    const grid = theirs.find(({ account }) => account === 'grid')?.amount ?? 0n;
    same('grid fees', sums.postings.find(({ account }) => account === 'grid')?.amountNanos ?? 0n, grid);
    const households = sum(
        settlements.flatMap(({ mspId, postings }) =>
            postings.filter(({ account }) => account === `household:${mspId}`).map(({ amountNanos }) => amountNanos),
        ),
    );
    same('households', sums.postings.find(({ account }) => account === 'households')?.amountNanos ?? 0n, households);
    for (const [i, { slot, meteredWh }] of sums.slots.entries()) {
        same(`the meters of ${slot}`, meteredWh, sum(settlements.map((each) => each.slots[i]?.meteredWh ?? 0n)));
    }
    const bought = settlements.flatMap((each) => each.slots.map(({ boughtWh }) => boughtWh));
    same('what was traded', sums.tradedWh, sum(bought));
}

const sum = (values: readonly bigint[]): bigint => values.reduce((all, each) => all + each, 0n);

export function same(what: string, one: unknown, other: unknown): void {
    if (one !== other) {
        throw new OutOfBalance(`${what}: ${String(one)}, but ${String(other)}`);
    }
}
