import { roundKey, settlementKey, totalsKey, type LedgerKey } from '../../../api/keys';
import type { ArgsOf, ResponseOf } from '../../../api/transactions';
import { sha256Hex } from '../../../domain/digest';
import { ACCOUNTS } from '../../../domain/postings';
import type { TransactionContext } from '../../transaction-context';

// For governance, which reads the market as the market reads governance: by a nested call. A chaincode cannot be called back within
// one transaction, so nothing here may ask governance; what stands here is judged by who asks, policies included.

/** The settlement of a household's day and the day's first round, as the channel has them. */
export async function settlementEvidence(
    ctx: TransactionContext,
    { day, first, mspId }: ArgsOf<'billing:settlementEvidence'>,
): Promise<ResponseOf<'billing:settlementEvidence'>> {
    const marker = await ctx.ledger.find(settlementKey(day, mspId));
    const isOwnKey = marker?.day === day && marker.mspId === mspId;
    return {
        hash: isOwnKey ? marker.hash : null,
        policyHash: await policyHash(ctx, settlementKey(day, mspId)),
        round: await roundEvidence(ctx, day, first),
    };
}

/** What a day brought the community, by the totals on the channel. */
export async function totalsEvidence(
    ctx: TransactionContext,
    { day, first }: ArgsOf<'billing:totalsEvidence'>,
): Promise<ResponseOf<'billing:totalsEvidence'>> {
    const totals = await ctx.ledger.find(totalsKey(day));
    const income = totals?.sums?.postings.find(({ account }) => account === ACCOUNTS.community);
    return {
        closed: totals?.day === day && totals.status === 'closed',
        communityNanos: income?.amountNanos ?? 0n,
        policyHash: await policyHash(ctx, totalsKey(day)),
        round: await roundEvidence(ctx, day, first),
    };
}

async function roundEvidence(
    ctx: TransactionContext,
    day: string,
    first: number,
): Promise<ResponseOf<'billing:totalsEvidence'>['round']> {
    const round = await ctx.ledger.find(roundKey(day, first));
    return round?.day === day && round.slot === first
        ? { charterVersion: round.charterVersion, policyHash: await policyHash(ctx, roundKey(day, first)) }
        : null;
}

const policyHash = async (ctx: TransactionContext, key: LedgerKey): Promise<string> =>
    sha256Hex(await ctx.ledger.policyOf(key));
