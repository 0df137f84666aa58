import { keyName, misconductKey, readingKey, roundKey, scheduleKey } from '../../../api/keys';
import type { Charter, Member, MisconductRecord } from '../../../api/records';
import { ownerStatement, spanStatement } from '../../../api/statements';
import type { ArgsOf } from '../../../api/transactions';
import { sha256Hex, verifySignature } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { dayAheadOn } from '../../../domain/schedule/terms';
import { doubleReadingFlaw } from '../../../domain/stake/misconduct';
import { charterAt, requireLawfulVersion } from '../../../ledger/charter-view';
import { readOrderEvidence, readScheduleEvidence } from '../../../ledger/market-call';
import { roundPolicy } from '../../../ledger/market-policies';
import { findDay, findDayOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { penalised, saveAftermath, type Charge } from './closing';
import { accountsOf, bookOf } from './store';

type DoubleReading = ArgsOf<'stake:reportMisconduct'>;
type Reading = DoubleReading['one'];

/** The local day of a slot. Refuses EVIDENCE_INVALID where there is none. */
export const dayOfSlot = (charter: Charter, slot: number): string =>
    findDayOf(charter, slot)?.day ?? refuse('EVIDENCE_INVALID', `slot ${slot} lies on no day`);

export const dayOfReading = (charter: Charter, { slot }: Reading): string => dayOfSlot(charter, slot);

/** Takes what a misconduct costs, once for each subject. Refuses MISCONDUCT_PUNISHED. */
export async function punished(ctx: TransactionContext, mspId: string, charge: Charge): Promise<MisconductRecord> {
    const { kind, subject } = charge;
    if ((await ctx.ledger.find(misconductKey(mspId, kind, subject))) !== undefined) {
        refuse('MISCONDUCT_PUNISHED', subject);
    }
    const aftermath = penalised(await accountsOf(ctx, [mspId]), [mspId], charge);
    await saveAftermath(ctx, await bookOf(ctx), aftermath);
    return aftermath.misconducts[0] ?? refuse('EVIDENCE_INVALID', mspId);
}

/**
 * A round that was cleared without an order proves that its owner did not open it: the committee's quorum wrote both, and an order whose
 * opening it holds it may not leave out. Where it did, that is no misconduct of the owner's. Refuses EVIDENCE_INVALID, KEY_POLICY_WRONG.
 */
export async function requireUnrevealed(
    ctx: TransactionContext,
    charter: Charter,
    asked: ArgsOf<'auction:orderEvidence'>,
): Promise<void> {
    const { day, slot } = asked;
    const { round, dropped, holders } = await readOrderEvidence(ctx.stub, asked);
    if (round === null || dropped !== 'UNREVEALED' || holders.length > 0) {
        const found = holders.length > 0 ? `is with ${holders.join(', ')}` : 'was not left out as unrevealed';
        refuse('EVIDENCE_INVALID', `the order of slot ${slot} ${found}`);
    }
    requireLawfulVersion(charter, findDayOf(charter, slot)?.first ?? slot, round.charterVersion);
    if (round.policyHash !== sha256Hex(roundPolicy(charterAt(charter, round.charterVersion), day, slot))) {
        refuse('KEY_POLICY_WRONG', keyName(roundKey(day, slot)));
    }
}

/**
 * A schedule notes who did not answer in which of its iterations; a quorum of the committee wrote it, and cannot leave out an answer that it holds.
 * Refuses EVIDENCE_INVALID, KEY_POLICY_WRONG.
 */
export async function requireSilent(
    ctx: TransactionContext,
    charter: Charter,
    asked: ArgsOf<'schedule:evidence'>,
): Promise<void> {
    const { day, mspId } = asked;
    const { schedule } = await readScheduleEvidence(ctx.stub, asked);
    if (schedule === null || schedule.missed.length === 0) {
        refuse('EVIDENCE_INVALID', `${mspId} was not late on ${day}`);
    }
    const { first } = findDay(charter, day) ?? refuse('EVIDENCE_INVALID', day);
    requireLawfulVersion(charter, first, schedule.charterVersion);
    const view = charterAt(charter, schedule.charterVersion);
    if (
        schedule.policyHash !== sha256Hex(roundPolicy(view, day, first)) ||
        dayAheadOn(view.dayAhead, day) === undefined
    ) {
        refuse('KEY_POLICY_WRONG', keyName(scheduleKey(day)));
    }
}

/**
 * Two readings prove a misconduct of the member's if they contradict each other and both are signed: by the member's own key, and
 * span by span by its meters. Refuses EVIDENCE_INVALID.
 */
export function requireDoubleReading(charter: Charter, member: Member, { one, other }: DoubleReading): void {
    const flaw = doubleReadingFlaw(one, other);
    if (flaw !== undefined) {
        refuse('EVIDENCE_INVALID', flaw);
    }
    for (const reading of [one, other]) {
        requireSigned(charter, member, reading);
    }
}

function requireSigned(charter: Charter, { mspId, ownerKey, meters }: Member, reading: Reading): void {
    const key = keyName(readingKey(mspId, dayOfReading(charter, reading), reading.slot));
    if (reading.mspId !== mspId || reading.key !== key) {
        refuse('EVIDENCE_INVALID', `a reading does not stand for ${key}`);
    }
    if (!verifySignature(ownerKey, ownerStatement(reading), reading.signature)) {
        refuse('EVIDENCE_INVALID', `a reading is not signed by ${mspId}`);
    }
    const isMetered = reading.spans.every((span) =>
        meters.some(
            ({ id, key: meter }) =>
                id === span.meterId && verifySignature(meter, spanStatement(mspId, span), span.signature),
        ),
    );
    if (!isMetered) {
        refuse('EVIDENCE_INVALID', 'a span is not signed by its meter');
    }
}
