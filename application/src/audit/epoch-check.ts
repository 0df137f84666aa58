import type { EpochRecord, Weighed } from '@commonwatt/chaincode/api/records';
import type { Participation } from '../market/stake';
import { plainCommitment, plainRanking, plainSeats, plainSeed, plainWeights } from './plain-stake';

/**
 * What of an epoch's record does not follow from what its members did, in words; nothing where all of it does. Everything is worked
 * out again from the public records: tokens, ages and reputations give the weights, commitments and secrets the seed, both the draw.
 */
export function epochFlaws(record: EpochRecord, participation: Participation): string[] {
    const { weights } = record;
    if (weights === undefined) {
        return [];
    }
    return [...weightFlaws(record, weights, participation), ...drawFlaws(record, weights, participation)];
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
    { epoch, parameters, result }: EpochRecord,
    weights: readonly Weighed[],
    participation: Participation,
): string[] {
    if (result === undefined) {
        return [];
    }
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
    const order = seed === undefined ? [] : plainRanking(opened, seed, parameters.rule);
    const seats = plainSeats(order, opened, parameters);
    return [
        ...differs('who revealed', list(result.revealed), list(names)),
        ...differs('who did not reveal', list(result.unrevealed), list(silent.map(({ mspId }) => mspId))),
        ...differs('the seed', result.seed, seed ?? null),
        ...differs('the draw', result.ranking.join(', '), order.join(', ')),
        ...differs('the committee', seatsText(result.committee?.seats), seatsText(seats)),
    ];
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
