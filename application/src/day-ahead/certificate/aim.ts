import type { ScheduleProblem } from '@commonwatt/chaincode/api/records';

const PART = 4n;

/**
 * How far from zero a slot's sum may be before homes take the last Wh of it, and so how much of it one may be asked to take. An iteration off the ledger
 * costs next to nothing, so it is a part of what a run on the ledger may leave over; but a Wh for each home, since each rounds.
 */
export function aimWh({ primalToleranceWh, households }: ScheduleProblem): bigint {
    const [part, homes] = [primalToleranceWh / PART, BigInt(households.length)];
    const least = part > homes ? part : homes;
    return least < primalToleranceWh ? least : primalToleranceWh;
}

/** More than on the ledger, for the same reason. */
export const mostIterations = ({ iterations }: ScheduleProblem): number => 2 * iterations;
