import { correctionInRunKey, correctionKey, correctionRunKey, keyName } from '../../../api/keys';
import type { Charter, CorrectionInRun, CorrectionMarker, CorrectionRun, CorrectionSums } from '../../../api/records';
import { CORRECTION_LAYOUT } from '../../../domain/commitment/correction-layout';
import { elementFromHex } from '../../../domain/commitment/group';
import { isOpening } from '../../../domain/commitment/pedersen';
import { Imbalance } from '../../../domain/postings';
import { nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import type { TotalPosting } from '../../../domain/settlement/close-day';
import { correctionTotals } from '../../../domain/settlement/correction-run';
import { isLargeEnough } from '../../../domain/settlement/public-day';
import { partiesPolicy, roundPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, requirePolicy } from '../guards';
import { openedUnder } from '../rounds';

type Name = CorrectionSums['corrections'][number];

/** A run as it is to be written, and who may write its keys from then on. */
export interface Run {
    readonly record: CorrectionRun;
    readonly policy: Uint8Array;
    readonly rows: readonly CorrectionInRun[];
}

/**
 * What the named corrections come to. Refuses RUN_EXISTS, CORRECTION_UNKNOWN, DAY_UNKNOWN, KEY_POLICY_WRONG, SIGNATURE_INVALID,
 * CORRECTION_PUBLISHED, GROUP_TOO_SMALL, COMMITMENT_MISMATCH, TOTALS_WRONG.
 */
export async function runOf(
    ctx: TransactionContext,
    charter: Charter,
    run: string,
    sums: CorrectionSums,
): Promise<Run> {
    if ((await ctx.ledger.find(correctionRunKey(run))) !== undefined) {
        refuse('RUN_EXISTS', run);
    }
    const found: { name: Name; marker: CorrectionMarker; view: Charter; first: number }[] = [];
    const named = new Set<string>();
    for (const name of sums.corrections) {
        const key = keyName(correctionKey(name.day, name.mspId, name.number));
        if (named.has(key)) {
            refuse('CORRECTION_UNKNOWN', key);
        }
        named.add(key);
        found.push({ name, ...(await unpublished(ctx, charter, name)) });
    }
    const households = new Set(found.map(({ name }) => name.mspId)).size;
    if (!isLargeEnough(households)) {
        refuse('GROUP_TOO_SMALL', `${households} households`);
    }
    requireOpening(
        found.map(({ marker }) => marker),
        sums,
    );
    const [earliest] = found;
    const policy = earliest && roundPolicy(earliest.view, earliest.name.day, earliest.first);
    return {
        record: { run, households, given: sums, postings: totalsOf(sums) },
        policy: policy ?? refuse('GROUP_TOO_SMALL', 'no correction'),
        rows: found.map(({ name }) => ({ ...name, run })),
    };
}

/** Refuses CORRECTION_UNKNOWN, DAY_UNKNOWN, KEY_POLICY_WRONG, SIGNATURE_INVALID, CORRECTION_PUBLISHED. */
async function unpublished(
    ctx: TransactionContext,
    charter: Charter,
    { day, mspId, number }: Name,
): Promise<{ readonly marker: CorrectionMarker; readonly view: Charter; readonly first: number }> {
    const key = correctionKey(day, mspId, number);
    const marker = await ctx.ledger.find(key);
    if (marker?.day !== day || marker.mspId !== mspId || marker.number !== number) {
        refuse('CORRECTION_UNKNOWN', keyName(key));
    }
    const { first } = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    const view = await openedUnder(ctx, charter, day);
    const policy = partiesPolicy(view, mspId, first);
    await requirePolicy(ctx, key, policy);
    if (!isSigned(marker, memberOf(charter, mspId).ownerKey)) {
        refuse('SIGNATURE_INVALID', keyName(key));
    }
    if ((await inRunOf(ctx, { day, mspId, number }, policy)).run !== undefined) {
        refuse('CORRECTION_PUBLISHED', keyName(key));
    }
    return { marker, view, first };
}

/** In which run a correction stands: made with it, so that nobody else can say that it does. Refuses KEY_POLICY_WRONG. */
async function inRunOf(ctx: TransactionContext, name: Name, policy: Uint8Array): Promise<CorrectionInRun> {
    const key = correctionInRunKey(name.day, name.mspId, name.number);
    const found = await ctx.ledger.find(key);
    if (found?.day !== name.day || found.mspId !== name.mspId || found.number !== name.number) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    await requirePolicy(ctx, key, policy);
    return found;
}

/** Refuses COMMITMENT_MISMATCH. */
function requireOpening(markers: readonly CorrectionMarker[], { postings, blinding }: CorrectionSums): void {
    const elements = markers.flatMap(({ commitment }) => elementFromHex(commitment.element) ?? []);
    const sums = new Map(postings.map(({ account, amountNanos }) => [`account/${account}`, amountNanos]));
    const isOpened =
        elements.length === markers.length &&
        sums.size === postings.length &&
        isOpening(CORRECTION_LAYOUT, elements, sums, BigInt(`0x${blinding}`));
    if (!isOpened) {
        refuse('COMMITMENT_MISMATCH', `${markers.length} corrections`);
    }
}

/** Refuses TOTALS_WRONG. */
function totalsOf({ postings, supplierNanos }: CorrectionSums): CorrectionRun['postings'] {
    const sums = postings.map(({ account, amountNanos }): TotalPosting => ({ account, amount: nanos(amountNanos) }));
    try {
        const totals = correctionTotals(sums, nanos(supplierNanos));
        return totals.map(({ account, amount }) => ({ account, amountNanos: amount }));
    } catch (error) {
        if (error instanceof Imbalance) {
            refuse('TOTALS_WRONG', error.message);
        }
        throw error;
    }
}
