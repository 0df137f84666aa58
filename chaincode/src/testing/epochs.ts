import type { EpochRecord, ProducerCounts, StakeParameters } from '../api/records';
import { sha256Hex } from '../domain/digest';
import { DEFAULT_PARAMETERS } from '../domain/stake/parameters';
import { seedCommitment } from '../domain/stake/seed';
import type { TestCommunity } from './community';
import { testSalt } from './identities';
import type { Code } from './world-state';

/** The community's parameters of stake in tests: the energy of the epoch's own day, a committee of three. */
export const PARAMETERS: StakeParameters = {
    ...DEFAULT_PARAMETERS,
    fromDay: '2014-10-01',
    energyLagDays: 0,
    seats: 3,
};

export const secretOf = (epoch: string, mspId: string): string => testSalt(`secret of ${mspId} in ${epoch}`);
export const commitmentOf = (epoch: string, mspId: string, secret = secretOf(epoch, mspId)): string =>
    seedCommitment(epoch, mspId, secret);

export function commit(community: TestCommunity, epoch: string, mspId: string, time?: number): Promise<Code> {
    const options = { by: mspId, endorsers: [mspId], ...(time === undefined ? {} : { time }) };
    return community.submit('stake:commitSeed', { epoch, commitment: commitmentOf(epoch, mspId) }, options);
}

export function reveal(community: TestCommunity, epoch: string, mspId: string, time?: number): Promise<Code> {
    const options = { by: mspId, endorsers: [mspId], ...(time === undefined ? {} : { time }) };
    return community.submit('stake:revealSeed', { epoch, secret: secretOf(epoch, mspId) }, options);
}

/** An epoch from its opening until its weights are fixed; `committing` take part. */
export async function weighed(
    community: TestCommunity,
    epoch: string,
    committing = community.households,
): Promise<EpochRecord> {
    await community.submit('stake:openEpoch', { epoch });
    for (const mspId of committing) {
        await commit(community, epoch, mspId);
    }
    await community.submit('stake:fixWeights', { epoch });
    return community.query('stake:epoch', { epoch });
}

/** An epoch from its opening to its end. */
export async function closed(
    community: TestCommunity,
    epoch: string,
    { committing = community.households, revealing = committing }: TakingPart = {},
): Promise<EpochRecord> {
    await weighed(community, epoch, committing);
    for (const mspId of revealing) {
        await reveal(community, epoch, mspId);
    }
    await community.submit('stake:closeEpoch', { epoch });
    return community.query('stake:epoch', { epoch });
}

interface TakingPart {
    readonly committing?: readonly string[];
    readonly revealing?: readonly string[];
}

/** Counts over ten blocks from `from` on, half of them by each of two producers. */
export const countsOf = (
    producers: readonly [string, string],
    change: Partial<ProducerCounts> = {},
): ProducerCounts => ({
    from: 1,
    to: 10,
    blocksHash: sha256Hex('ten blocks'),
    producers: producers.map((mspId) => ({ mspId, blocks: 5 })),
    cleared: 96,
    endorsed: producers.map((mspId) => ({ mspId, rounds: 96 })),
    ...change,
});
