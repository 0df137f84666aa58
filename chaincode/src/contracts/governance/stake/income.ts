import type { Charter } from '../../../api/records';
import { sha256Hex } from '../../../domain/digest';
import { nanos, type Nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { charterAt, requireLawfulVersion } from '../../../ledger/charter-view';
import { readTotalsEvidence } from '../../../ledger/market-call';
import { roundPolicy } from '../../../ledger/market-policies';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';

/**
 * What a closed day brought the community, by the totals that the market has of it. They count where they stand under the policy of
 * the committee that served when the day was opened. Refuses DAY_NOT_CLOSED, COMMITTEE_MISSING, KEY_POLICY_WRONG.
 */
export async function incomeOf(ctx: TransactionContext, charter: Charter, day: string): Promise<Nanos> {
    const { first } = findDay(charter, day) ?? refuse('DAY_NOT_CLOSED', day);
    const { closed, communityNanos, policyHash, round } = await readTotalsEvidence(ctx.stub, { day, first });
    if (!closed || round === null) {
        refuse('DAY_NOT_CLOSED', day);
    }
    requireLawfulVersion(charter, first, round.charterVersion);
    const expected = sha256Hex(roundPolicy(charterAt(charter, round.charterVersion), day, first));
    if (policyHash !== expected || round.policyHash !== expected) {
        refuse('KEY_POLICY_WRONG', `totals/${day}`);
    }
    return nanos(communityNanos);
}
