import { feederKey, keyName } from '../../../api/keys';
import type { Charter, FeederRecord, Totals } from '../../../api/records';
import { feederStatement } from '../../../api/statements';
import type { ArgsOf } from '../../../api/transactions';
import { verifySignature } from '../../../domain/digest';
import { compareFeeder, lossPostings, type FeederSlot, type LossTerms } from '../../../domain/feeder/comparison';
import { nanos, netEnergy, type Nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { slot as slotOf, type LocalDay } from '../../../domain/slot';
import { pricesAt } from '../../../domain/tariff/bands';
import { roundPolicy } from '../../../ledger/market-policies';
import { clockOf, findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { takingPart, totalsOf } from '../billing/closing';
import { postingRecord } from '../billing/settling';
import { memberOf, recordHash, requirePolicy } from '../guards';
import { openedUnder, termsOf } from '../rounds';

type Asked = ArgsOf<'feeder:compareDay'>;

/** What readings of the feeder and the day's totals make. Everybody can work it out again: see `recomputed`. */
export async function comparedDay(ctx: TransactionContext, charter: Charter, asked: Asked): Promise<FeederRecord> {
    const { day, slots, signature } = asked;
    if (findDay(charter, day) === undefined) {
        refuse('DAY_UNKNOWN', day);
    }
    const losses = termsOf(charter, day).losses ?? refuse('LOSSES_NOT_GOVERNED', day);
    if (!verifySignature(charter.operatorKey, feederStatement(day, slots), signature)) {
        refuse('SIGNATURE_INVALID', `of the feeder's readings of ${day}`);
    }
    if ((await ctx.ledger.find(feederKey(day))) !== undefined) {
        refuse('FEEDER_EXISTS', day);
    }
    const view = await openedUnder(ctx, charter, day);
    const metered = await closedSlots(ctx, view, day);
    const members = takingPart(charter, view, day);
    return { ...recomputed(charter, day, slots, metered, losses, members), signature };
}

/**
 * The comparison of a day as whoever relies on it may: only the round's parties can write it again, the grid operator signed the feeder's readings,
 * and everything else is worked out of them and of the day's totals once more. Refuses FEEDER_MISSING, KEY_POLICY_WRONG, and what comparing does.
 */
export async function requireCompared(
    ctx: TransactionContext,
    charter: Charter,
    { day, first }: LocalDay,
): Promise<FeederRecord> {
    const key = feederKey(day);
    const found = (await ctx.ledger.find(key)) ?? refuse('FEEDER_MISSING', day);
    const view = await openedUnder(ctx, charter, day);
    await requirePolicy(ctx, key, roundPolicy(view, day, first));
    const losses = termsOf(charter, day).losses ?? refuse('LOSSES_NOT_GOVERNED', day);
    const readings = found.slots.map(({ slot, feederWh }) => ({ slot, feederWh }));
    const again = recomputed(
        charter,
        day,
        readings,
        await closedSlots(ctx, view, day),
        losses,
        takingPart(charter, view, day),
    );
    const isSame = recordHash({ ...again, signature: found.signature }) === recordHash(found);
    if (!isSame || !verifySignature(charter.operatorKey, feederStatement(day, readings), found.signature)) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    return found;
}

/**
 * What a day's comparison posted on the households' accounts, where the terms let members pay for losses: nothing elsewhere, and where too
 * few stand in the sums to compare. Refuses TERMS_MISSING, DAY_UNKNOWN, KEY_POLICY_WRONG, DAY_NOT_CLOSED, FEEDER_MISSING.
 */
export async function lossesOf(
    ctx: TransactionContext,
    charter: Charter,
    view: Charter,
    day: string,
): Promise<ReadonlyMap<string, Nanos>> {
    const { losses } = termsOf(charter, day);
    const { sums } = await totalsOf(ctx, view, day);
    if (losses?.payer !== 'members' || sums?.slots.length === 0) {
        return new Map();
    }
    const { postings } = await requireCompared(ctx, charter, findDay(charter, day) ?? refuse('DAY_UNKNOWN', day));
    return new Map(postings.map(({ account, amountNanos }) => [account, nanos(amountNanos)]));
}

/** The sums of the meters by slot. Refuses DAY_UNKNOWN, KEY_POLICY_WRONG, DAY_NOT_CLOSED, GROUP_TOO_SMALL. */
async function closedSlots(
    ctx: TransactionContext,
    view: Charter,
    day: string,
): Promise<NonNullable<Totals['sums']>['slots']> {
    const { status, sums } = await totalsOf(ctx, view, day);
    if (status !== 'closed' || sums === undefined) {
        refuse('DAY_NOT_CLOSED', day);
    }
    // The feeder of two households would tell each of them what the other's meter shows.
    return sums.slots.length === 0 ? refuse('GROUP_TOO_SMALL', `${sums.households} households`) : sums.slots;
}

/** Refuses READINGS_MISSING where the feeder's readings are not those of the day's slots. */
function recomputed(
    charter: Charter,
    day: string,
    readings: Asked['slots'],
    metered: NonNullable<Totals['sums']>['slots'],
    losses: LossTerms,
    members: readonly string[],
): Omit<FeederRecord, 'signature'> {
    const isWhole = readings.length === metered.length && readings.every(({ slot }, i) => slot === metered[i]?.slot);
    if (!isWhole) {
        refuse(
            'READINGS_MISSING',
            `${readings.length} readings of the feeder for the ${metered.length} slots of ${day}`,
        );
    }
    const slots = metered.map(({ slot, meteredWh }, i): FeederSlot => ({
        slot: slotOf(slot),
        feeder: netEnergy(readings[i]?.feederWh ?? 0n),
        metered: netEnergy(meteredWh),
    }));
    const compared = compareFeeder(slots, losses);
    const terms = termsOf(charter, day);
    const clock = clockOf(charter);
    const shares = members.map((mspId) => ({ mspId, importLimitW: memberOf(charter, mspId).importLimitW }));
    const { cost, postings } = lossPostings(
        slots,
        slots.map(({ slot }) => pricesAt(terms, clock, { day }, slot)),
        losses.payer,
        shares,
    );
    return {
        day,
        slots: compared.slots.map((each) => ({
            slot: each.slot,
            feederWh: each.feeder,
            meteredWh: each.metered,
            expectedWh: each.expected,
            fits: each.fits,
        })),
        lostWh: compared.lost,
        expectedWh: compared.expected,
        residualWh: compared.residual,
        fits: compared.fits,
        payer: losses.payer,
        costNanos: cost,
        postings: postings.map(postingRecord),
    };
}
