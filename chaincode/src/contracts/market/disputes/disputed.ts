import {
    billKey,
    correctionKey,
    disputeKey,
    keyName,
    readingKey,
    settlementKey,
    suspicionKey,
} from '../../../api/keys';
import type { Charter, DisputeMarker, Disputed } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import { charterAt, requireLawfulVersion } from '../../../ledger/charter-view';
import { partiesPolicy } from '../../../ledger/market-policies';
import { findDayOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { requirePolicy } from '../guards';

/** What the contested record's marker holds now; undefined where there is no such record of the member's. */
export async function disputedHash(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    about: Disputed,
): Promise<string | undefined> {
    const marker = await markerOf(ctx, charter, mspId, about);
    return marker?.mspId === mspId ? marker.hash : undefined;
}

async function markerOf(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    about: Disputed,
): Promise<{ readonly mspId: string; readonly hash: string } | undefined> {
    switch (about.kind) {
        case 'reading': {
            const day = findDayOf(charter, about.slot)?.day;
            return day === undefined ? undefined : ctx.ledger.find(readingKey(mspId, day, about.slot));
        }
        case 'settlement':
            return ctx.ledger.find(settlementKey(about.day, mspId));
        case 'correction':
            return ctx.ledger.find(correctionKey(about.day, mspId, about.number));
        case 'bill':
            return ctx.ledger.find(billKey(mspId, about.from, about.to));
        case 'suspicion':
            return ctx.ledger.find(suspicionKey(about.day, mspId));
    }
}

/** Refuses DISPUTE_UNKNOWN, COMMITTEE_MISSING, KEY_POLICY_WRONG. */
export async function disputeOf(
    ctx: TransactionContext,
    charter: Charter,
    mspId: string,
    id: string,
): Promise<DisputeMarker> {
    const key = disputeKey(mspId, id);
    const dispute = await ctx.ledger.find(key);
    if (dispute === undefined || dispute.mspId !== mspId || dispute.id !== id) {
        refuse('DISPUTE_UNKNOWN', keyName(key));
    }
    await requirePolicy(ctx, key, disputePolicy(charter, dispute));
    return dispute;
}

/** Governance of the time when it was opened decides who may go on with it. Refuses KEY_POLICY_WRONG, COMMITTEE_MISSING. */
export function disputePolicy(charter: Charter, { mspId, slot, charterVersion }: DisputeMarker): Uint8Array {
    requireLawfulVersion(charter, slot, charterVersion);
    return partiesPolicy(charterAt(charter, charterVersion), mspId, slot);
}
