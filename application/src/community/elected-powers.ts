import type { EpochRecord } from '@commonwatt/chaincode/api/records';
import { changePowers, powersBelowAThird } from '@commonwatt/network/topology/membership/powers';
import { seats, type Organisation, type Topology } from '@commonwatt/network/topology/topology';
import { epochFlaws } from '../audit/epoch-check';
import { countedUntilClosing } from '../household/producer-counts';
import { Governance } from '../market/governance';
import { Stake } from '../market/stake';
import type { TypedCalls } from '../market/typed-calls';
import type { CommunityMembers } from './members';

export interface PowersRequest {
    readonly epoch: string;
    /** The first so many of the draw get the seats; where nothing is said those who have one keep theirs. */
    readonly elected?: number | undefined;
    readonly onProgress?: (what: string) => void;
}

export interface ElectedPower {
    readonly mspId: string;
    readonly power: bigint;
}

interface Elected {
    readonly powers: readonly ElectedPower[];
    /** The block that closed the epoch. */
    readonly basis: number;
}

/**
 * Gives the ordering seats the weights that an epoch has fixed. The administrators of the present seats sign what they have worked out
 * themselves from their own peers' ledgers, and nothing else.
 */
export async function givePowers(
    members: CommunityMembers,
    request: PowersRequest,
): Promise<Elected & { readonly topology: Topology }> {
    const seated = seats(members.topology).map(({ mspId }) => mspId);
    const of = (calls: TypedCalls): Promise<Elected> => electedPowers(calls, request, seated);
    const asked = await of(members.operator.calls);
    const recompute = async ({ id }: Organisation): Promise<readonly ElectedPower[]> =>
        (await of(members.member(id).calls)).powers;
    const { onProgress } = request;
    const options = onProgress === undefined ? {} : { onProgress };
    const topology = await changePowers({ ...asked, recompute }, members.layout, options);
    return { ...asked, topology };
}

/** What an epoch's weights come to as powers, by a member's own peer. @throws Error where the epoch does not follow from what its members did. */
async function electedPowers(
    calls: TypedCalls,
    { epoch, elected }: PowersRequest,
    seated: readonly string[],
): Promise<Elected> {
    const own = new Stake(calls);
    const record = await own.epoch(epoch);
    const charter = await new Governance(calls).charter();
    if (record?.status !== 'closed' || charter === undefined) {
        throw new Error(`the epoch ${epoch} is not closed; \`commonwatt epoch\` takes it further`);
    }
    const flaws = epochFlaws(record, await own.participation(epoch), charter);
    if (flaws.length > 0) {
        throw new Error(`the epoch ${epoch} does not follow from its records: ${flaws.join('; ')}`);
    }
    const blocks = calls.gateway.producedBlocks(1, (await calls.gateway.height()) - 1);
    const counted = await countedUntilClosing(blocks, epoch, charter);
    if (counted === undefined) {
        throw new Error(`the peer of ${calls.mspId} has no block that closes the epoch ${epoch}`);
    }
    return { powers: powersIn(record, elected, seated), basis: counted.to };
}

function powersIn(
    { weights = [], result }: EpochRecord,
    elected: number | undefined,
    seated: readonly string[],
): readonly ElectedPower[] {
    const chosen = elected === undefined ? seated : (result?.ranking.slice(0, elected) ?? []);
    const weighed = weights
        .filter(({ mspId }) => chosen.includes(mspId))
        .map(({ mspId, weight }) => ({ mspId, power: weight }));
    return lowestTerms(powersBelowAThird(weighed));
}

/** The same proportions in the smallest whole numbers, so that a whole cycle of producers is short. */
export function lowestTerms(powers: readonly ElectedPower[]): readonly ElectedPower[] {
    const divisor = powers.reduce((common, { power }) => greatestCommon(common, power), 0n);
    return powers.map(({ mspId, power }) => ({ mspId, power: divisor === 0n ? power : power / divisor }));
}

function greatestCommon(a: bigint, b: bigint): bigint {
    return b === 0n ? a : greatestCommon(b, a % b);
}
