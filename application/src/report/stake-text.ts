import type { EpochRecord, RewardRecord, StakeAccount, Weighed } from '@commonwatt/chaincode/api/records';
import { dayOf, localTime, slot as slotNumber, type Clock } from '@commonwatt/chaincode/domain/slot';
import type { Participation } from '../market/stake';
import { decimal } from './decimal';
import { paidNanos } from './election';
import { left, right, table } from './table';

/** What there is to tell of an epoch. */
export interface StakeView {
    readonly record: EpochRecord;
    readonly accounts: readonly StakeAccount[];
    readonly participation: Participation;
    /** Of the community's account. */
    readonly balanceNanos: bigint;
    /** Undefined where none are paid for the epoch yet. */
    readonly rewards: RewardRecord | undefined;
    /** What does not follow from the public records, worked out again. */
    readonly flaws: readonly string[];
}

const NANOS_DECIMALS = 9;
const PPM_DECIMALS = 4;

/** An epoch for people: weights and what they are made of, the draw and why, the community's account. */
export function stakeText(view: StakeView, clock: Clock, currency: string): string {
    const { record, balanceNanos, flaws } = view;
    return [
        ...headLines(record),
        '',
        ...(record.weights === undefined ? [] : [weightsTable(view, record.weights, currency), '']),
        ...drawLines(record, clock),
        `The community's account: ${money(balanceNanos)} ${currency}; ${feesText(view, currency)}.`,
        flaws.length === 0
            ? 'Worked out again from the public records, by another program: the same.'
            : [
                  'WORKED OUT AGAIN FROM THE PUBLIC RECORDS IT IS NOT THE SAME:',
                  ...flaws.map((flaw) => `  ${flaw}`),
              ].join('\n'),
    ].join('\n');
}

function headLines({ epoch, status, energyDay, parameters, members }: EpochRecord): string[] {
    const { alphaPpm, betaPpm, gammaPpm, floorPpm, capPpm, energyStepWh } = parameters;
    return [
        `Epoch ${epoch}, ${status}: ${members.length} members, energy of ${energyDay} in steps of ${energyStepWh} Wh.`,
        `W = ${factor(alphaPpm)} E + ${factor(betaPpm)} A + ${factor(gammaPpm)} R, at least ${percent(floorPpm)}, at most ${percent(capPpm)} %.`,
    ];
}

function weightsTable({ record, accounts }: StakeView, weights: readonly Weighed[], currency: string): string {
    const seats = new Map(record.result?.committee?.seats.map(({ mspId }, at) => [mspId, at + 1]));
    const ranks = new Map(record.result?.ranking.map((mspId, at) => [mspId, at + 1]));
    const deposits = new Map(accounts.map(({ mspId, depositNanos }) => [mspId, depositNanos]));
    const columns = [
        left('member'),
        right('tokens'),
        right('E %'),
        right('age'),
        right('A %'),
        right('points'),
        right('R %'),
        right('weight %'),
        right(`deposit ${currency}`),
        left('drawn'),
    ];
    const rows = weights.map(({ mspId, tokens, energyPpm, age, agePpm, reputation, reputationPpm, weight }) => [
        mspId,
        tokens.toString(),
        percent(energyPpm),
        age.toString(),
        percent(agePpm),
        reputation.toString(),
        percent(reputationPpm),
        percent(weight),
        money(deposits.get(mspId) ?? 0n),
        drawnText(record, seats.get(mspId), ranks.get(mspId)),
    ]);
    return table(columns, rows);
}

function drawnText({ result }: EpochRecord, seat: number | undefined, rank: number | undefined): string {
    if (seat !== undefined) {
        return `seat ${seat}`;
    }
    if (rank !== undefined) {
        return `substitute ${rank - (result?.committee?.seats.length ?? 0)}`;
    }
    return result === undefined ? '' : 'took no part';
}

function drawLines({ result, parameters }: EpochRecord, clock: Clock): string[] {
    if (result === undefined) {
        return [];
    }
    const { seed, revealed, unrevealed, committee, reason } = result;
    const missing = unrevealed.length === 0 ? '' : `; committed and not revealed: ${unrevealed.join(', ')}`;
    return [
        `Seed ${seed ?? 'none'} from the secrets of ${revealed.length} members${missing}.`,
        committee === null
            ? `No committee was elected: ${reason ?? 'too few took part'}.`
            : `Committee from ${timeOf(committee.fromSlot, clock)} (slot ${committee.fromSlot}), drawn by the rule ${parameters.rule}: ${committee.seats
                  .map(({ mspId, weight }) => `${mspId} ${percent(weight)} %`)
                  .join(
                      ', ',
                  )}; more than ${committee.quorum.numerator}/${committee.quorum.denominator} of the weight decides.`,
    ];
}

function feesText({ rewards }: StakeView, currency: string): string {
    if (rewards === undefined) {
        return 'no fees are paid for this epoch yet';
    }
    const { counts, owedNanos, confirmedBy } = rewards;
    const paid = paidNanos(rewards);
    const ofOwed = paid === owedNanos ? '' : ` of ${money(owedNanos)}`;
    return (
        `${money(paid)}${ofOwed} ${currency} paid for blocks ${counts.from} to ${counts.to} and ${counts.cleared} rounds, ` +
        `as ${confirmedBy.length} members counted them`
    );
}

function timeOf(slot: number, clock: Clock): string {
    const of = slotNumber(slot);
    return `${dayOf(of, clock).day} ${localTime(of, clock)}`;
}

/** Parts per million as percent with two decimals, rounded down. */
const percent = (ppm: bigint): string => decimal(ppm / 100n, PPM_DECIMALS - 2);
const factor = (ppm: bigint): string => decimal(ppm / 10_000n, 2);
/** Nanos with all their decimals but trailing zeros beyond the cent. */
const money = (nanos: bigint): string => decimal(nanos, NANOS_DECIMALS).replace(/0{1,7}$/, '');
