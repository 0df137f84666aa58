import { billKey } from '../../../api/keys';
import type { BillMarker, Charter } from '../../../api/records';
import { memberNamed } from '../../../domain/community/roster';
import { Refusal } from '../../../domain/refusals';
import { SECONDS_PER_SLOT, slot as slotOf, slotEnd } from '../../../domain/slot';
import { partiesPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { hasPolicy, isSigned, signerKey } from '../guards';
import { openedUnder } from '../rounds';

/**
 * The bills of a member that count: each names its key, stands under its parties' policy, and is signed by its household, or by the grid
 * operator once the deadline of its last day has passed. What else stands there was made by others, and keeps no day from being billed.
 */
export async function standingBills(ctx: TransactionContext, charter: Charter, mspId: string): Promise<BillMarker[]> {
    const found: BillMarker[] = [];
    for (const { parts, record } of await ctx.ledger.listWithParts('bill', mspId)) {
        const isOwnKey = record !== undefined && parts.join('/') === [mspId, record.from, record.to].join('/');
        if (isOwnKey && record.mspId === mspId && (await stands(ctx, charter, record))) {
            found.push(record);
        }
    }
    return found;
}

async function stands(ctx: TransactionContext, charter: Charter, bill: BillMarker): Promise<boolean> {
    const { mspId, from, to, signedBy } = bill;
    const [first, last] = [findDay(charter, from), findDay(charter, to)];
    if (first === undefined || last === undefined || memberNamed(charter.members, mspId) === undefined) {
        return false;
    }
    const { readingDeadlineSlots } = charter.rules;
    const deadline = slotEnd(slotOf(last.first + last.count - 1)) + readingDeadlineSlots * SECONDS_PER_SLOT;
    const isInTime = signedBy === 'owner' || ctx.now >= deadline;
    const policy = await unlessWrong(async () =>
        partiesPolicy(await openedUnder(ctx, charter, from), mspId, first.first),
    );
    return (
        isInTime &&
        isSigned(bill, signerKey(charter, mspId, signedBy)) &&
        policy !== undefined &&
        hasPolicy(ctx, billKey(mspId, from, to), policy)
    );
}

/** A bill of a day that was never opened is nobody's word. */
async function unlessWrong(policy: () => Promise<Uint8Array>): Promise<Uint8Array | undefined> {
    try {
        return await policy();
    } catch (error) {
        if (error instanceof Refusal) {
            return undefined;
        }
        throw error;
    }
}
