import { orderKey, roundKey } from '../../../api/keys';
import type { ArgsOf, ResponseOf } from '../../../api/transactions';
import { sha256Hex } from '../../../domain/digest';
import type { TransactionContext } from '../../transaction-context';

/** What became of an order, as the channel has it: for governance, which judges the policy. See billing/evidence. */
export async function orderEvidence(
    ctx: TransactionContext,
    { day, slot, mspId, id }: ArgsOf<'auction:orderEvidence'>,
): Promise<ResponseOf<'auction:orderEvidence'>> {
    const key = roundKey(day, slot);
    const round = await ctx.ledger.find(key);
    if (round?.day !== day || round.slot !== slot) {
        return { round: null, dropped: null, holders: [] };
    }
    const marker = await ctx.ledger.find(orderKey(slot, mspId, id));
    const { charterVersion, dropped = [] } = round;
    return {
        round: { charterVersion, policyHash: sha256Hex(await ctx.ledger.policyOf(key)) },
        dropped: dropped.find(({ order }) => order === `${mspId}/${id}`)?.reason ?? null,
        holders: marker?.holders ?? [],
    };
}
