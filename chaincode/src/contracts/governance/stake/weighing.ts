import type { Charter, EpochRecord, Weighed } from '../../../api/records';
import { memberNamed } from '../../../domain/community/roster';
import { refuse } from '../../../domain/refusals';
import { plausibleTokens } from '../../../domain/stake/energy';
import { wealthOf } from '../../../domain/stake/wealth';
import type { TransactionContext } from '../../transaction-context';
import { accountsOf, isOver } from './store';

// Owners write their keys without anybody else: with other chaincode they can write anything, at any time. What does not decode
// or names another member or epoch counts as never written, and stops nobody.

interface OfMember {
    readonly epoch: string;
    readonly mspId: string;
}

type OwnType = 'seedCommitment' | 'seedReveal' | 'matchedEnergy' | 'producerConfirmation';

/** What the members of an epoch wrote under one kind of key, by MSP id. */
export async function ownRecords<T extends OwnType>(
    ctx: TransactionContext,
    type: T,
    { epoch, members }: Pick<EpochRecord, 'epoch' | 'members'>,
): Promise<Map<string, NonNullable<Awaited<ReturnType<typeof ctx.ledger.listWithParts<T>>>[number]['record']>>> {
    const found = await ctx.ledger.listWithParts(type, epoch);
    const records = new Map<string, NonNullable<(typeof found)[number]['record']>>();
    for (const { parts, record } of found) {
        const [, mspId = ''] = parts;
        if (record !== undefined && isOwn(record, epoch, mspId) && members.includes(mspId)) {
            records.set(mspId, record);
        }
    }
    return records;
}

const isOwn = (record: OfMember, epoch: string, mspId: string): boolean =>
    record.epoch === epoch && record.mspId === mspId;

/**
 * An epoch whose commitments and weights are fixed. Both before the first secret is known: who knows the seed can no longer
 * choose what to weigh. Refuses COMMITMENTS_CLOSED, COMMITMENTS_OPEN.
 */
export async function weighedEpoch(
    ctx: TransactionContext,
    charter: Charter,
    epoch: EpochRecord,
): Promise<EpochRecord & { readonly weights: Weighed[] }> {
    if (epoch.status !== 'committing') {
        refuse('COMMITMENTS_CLOSED', `${epoch.epoch} is ${epoch.status}`);
    }
    const commitments = await ownRecords(ctx, 'seedCommitment', epoch);
    // With clocks, energy is waited for until the end; without, the operator says when.
    const isComplete =
        charter.rules.replayAllowed && epoch.members.every((mspId) => commitments.get(mspId)?.commitment !== undefined);
    if (!isOver(charter, ctx, epoch.commitUntil, isComplete)) {
        refuse('COMMITMENTS_OPEN', `${epoch.epoch} takes commitments until slot ${epoch.commitUntil}`);
    }
    const energy = await ownRecords(ctx, 'matchedEnergy', epoch);
    const accounts = await accountsOf(ctx, epoch.members);
    const standings = accounts.map(({ mspId, age, reputation }) => ({
        mspId,
        age,
        reputation,
        tokens: plausibleTokens(
            energy.get(mspId)?.tokens ?? 0n,
            memberNamed(charter.members, mspId)?.exportLimitW ?? 0n,
            epoch.parameters.energyStepWh,
        ),
    }));
    const weights = wealthOf(standings, epoch.parameters).map((wealth) => ({
        ...wealth,
        commitment: commitments.get(wealth.mspId)?.commitment ?? null,
    }));
    return { ...epoch, status: 'revealing', weights };
}
