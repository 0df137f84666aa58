import type { Charter, EpochRecord, EpochResult, Weighed } from '@commonwatt/chaincode/api/records';
import { dayOf, slot } from '@commonwatt/chaincode/domain/slot';
import type { Participation } from '../market/stake';
import { plainCommitment, plainRanking, plainSeats, plainSeed, plainWeights } from './plain-stake';

/**
 * What of an epoch's record does not follow from what its members did, in words; nothing where all of it does. Everything is worked
 * out again from the public records: tokens, ages and reputations give the weights, commitments and secrets the seed, both the draw.
 */
export function epochFlaws(record: EpochRecord, participation: Participation, charter: Charter): string[] {
    const { weights, result } = record;
    return [
        ...(weights === undefined ? [] : weightFlaws(record, weights, participation)),
        ...(weights === undefined || result === undefined
            ? []
            : drawFlaws(record, weights, result, participation, charter)),
    ];
}

function weightFlaws({ parameters }: EpochRecord, weights: readonly Weighed[], participation: Participation): string[] {
    const expected = new Map(plainWeights(weights, parameters).map((each) => [each.mspId, each]));
    const published = new Map(participation.map((part) => [part.mspId, part]));
    return weights.flatMap(({ mspId, tokens, energyPpm, agePpm, reputationPpm, weight }) => {
        const plain = expected.get(mspId);
        const part = published.get(mspId);
        return [
            ...differs(`the tokens of ${mspId}`, tokens, part?.tokens ?? 0n),
            ...differs(`the E of ${mspId}`, energyPpm, plain?.energyPpm),
            ...differs(`the A of ${mspId}`, agePpm, plain?.agePpm),
            ...differs(`the R of ${mspId}`, reputationPpm, plain?.reputationPpm),
            ...differs(`the weight of ${mspId}`, weight, plain?.weight),
        ];
    });
}

function drawFlaws(
    { epoch, parameters }: EpochRecord,
    weights: readonly Weighed[],
    result: EpochResult,
    participation: Participation,
    charter: Charter,
): string[] {
    const secrets = new Map(participation.map(({ mspId, secret }) => [mspId, secret ?? '']));
    const committed = weights.filter(({ commitment }) => commitment !== null);
    // A member can still write its own keys later on: who is said to have revealed must have, and nobody else counts.
    const opened = committed.flatMap(({ mspId, weight, commitment }) => {
        const secret = secrets.get(mspId) ?? '';
        const opens = result.revealed.includes(mspId) && plainCommitment(epoch, mspId, secret) === commitment;
        return opens ? [{ mspId, weight, secret }] : [];
    });
    const names = opened.map(({ mspId }) => mspId);
    const silent = committed.filter(({ mspId }) => !names.includes(mspId));
    const seed = plainSeed(epoch, opened);
    const mayServe = eligible(charter, epoch, result);
    const candidates = opened.filter(({ mspId }) => mayServe(mspId));
    const order = seed === undefined ? [] : plainRanking(candidates, seed, parameters.rule);
    const seats = result.committee === null ? undefined : plainSeats(order, candidates, parameters);
    return [
        ...differs('who revealed', list(result.revealed), list(names)),
        ...differs('who did not reveal', list(result.unrevealed), list(silent.map(({ mspId }) => mspId))),
        ...differs('the seed', result.seed, seed ?? null),
        ...differs('the draw', result.ranking.join(', '), order.join(', ')),
        ...differs('the committee', seatsText(result.committee?.seats), seatsText(seats)),
    ];
}

/** Who is active when the committee begins to serve, by what was on record when it was elected. Where none was, whoever was drawn. */
function eligible(charter: Charter, epoch: string, { committee, ranking }: EpochResult): (mspId: string) => boolean {
    const term = charter.committees.find(
        ({ electedIn, fromSlot }) => electedIn === epoch && fromSlot === committee?.fromSlot,
    );
    if (term === undefined) {
        return (mspId) => ranking.includes(mspId);
    }
    const clock = charter.clock.map((change) => ({ ...change, fromSlot: slot(change.fromSlot) }));
    const { day } = dayOf(slot(term.fromSlot), clock);
    return (mspId) => {
        const known = charter.members[mspId]?.standings.filter(
            ({ recorded }) => recorded.version <= term.recorded.version,
        );
        return known?.findLast(({ fromDay }) => fromDay <= day)?.status === 'active';
    };
}

function differs<T>(what: string, recorded: T, worked: T): string[] {
    return recorded === worked
        ? []
        : [`${what} is ${String(recorded)} on the ledger and ${String(worked)} worked out again`];
}

const list = (names: readonly string[]): string => names.toSorted().join(', ');

function seatsText(seats: readonly { readonly mspId: string; readonly weight: bigint }[] | undefined): string {
    return (seats ?? []).map(({ mspId, weight }) => `${mspId} ${weight}`).join(', ');
}
