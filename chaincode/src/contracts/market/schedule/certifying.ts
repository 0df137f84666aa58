import { claimHash, runProblemOf } from '../../../api/schedules';
import type { Charter, ScheduleClaim, ScheduleProblem, ScheduleRecord, SubmissionRecord } from '../../../api/records';
import { refuse, type RefusalCode } from '../../../domain/refusals';
import { certificateFlaw, type CertificateFlaw } from '../../../domain/schedule/certificate';
import { nanosPerKwh, poolEnergy, type PoolEnergy } from '../../../domain/schedule/exchange';
import { memberOf, isSigned, recordHash } from '../guards';
import { worthOf } from './closing';
import type { OpenRun } from './schedule-of-day';
import { isRecordOf } from './submitting';

/**
 * The run ended with a schedule that somebody worked out: checked, not computed again. Refuses OPENING_UNKNOWN, AGREEMENT_MISSING,
 * RECORD_WRONG, AGREEMENT_WRONG, SIGNATURE_INVALID, SCHEDULE_SHAPE_WRONG, ENERGY_ABOVE_LIMIT, SCHEDULE_UNBALANCED, NETWORK_LIMIT_BROKEN,
 * GRID_PRICE_WRONG, NETWORK_PRICE_WRONG, PRICE_OUTSIDE_LIMITS.
 */
export function certified(
    charter: Charter,
    { record, problem }: OpenRun,
    claim: ScheduleClaim,
    agreements: readonly SubmissionRecord[],
): ScheduleRecord {
    const given = byHousehold(problem, agreements);
    const signed = problem.households.map(({ mspId, bus }) => {
        const agreement = given.get(mspId) ?? refuse('AGREEMENT_MISSING', mspId);
        return { mspId, bus, agreement };
    });
    requireAgreements(
        charter,
        signed.map(({ agreement }) => agreement),
        claim,
    );
    const households = signed.map(({ mspId, bus, agreement }) => ({ mspId, bus, hash: recordHash(agreement) }));
    const { prices, gridWh } = claim;
    const energies = requireSound(problem, claim, given);
    const worthNanos = worthOf(runProblemOf(problem), prices, energies);
    return { ...record, status: 'converged', agreed: { prices, gridWh, worthNanos, households } };
}

/** Refuses OPENING_UNKNOWN for who takes no part, and for whom two are given. */
function byHousehold(
    { households }: ScheduleProblem,
    agreements: readonly SubmissionRecord[],
): ReadonlyMap<string, SubmissionRecord> {
    const given = new Map<string, SubmissionRecord>();
    for (const agreement of agreements) {
        if (given.has(agreement.mspId) || households.every(({ mspId }) => mspId !== agreement.mspId)) {
            refuse('OPENING_UNKNOWN', agreement.mspId);
        }
        given.set(agreement.mspId, agreement);
    }
    return given;
}

/** Refuses RECORD_WRONG, AGREEMENT_WRONG, SIGNATURE_INVALID; each of all before the next. */
function requireAgreements(charter: Charter, agreements: readonly SubmissionRecord[], claim: ScheduleClaim): void {
    const hash = claimHash(claim);
    const flawed = (isFlawed: (agreement: SubmissionRecord) => boolean): string | undefined =>
        agreements.find(isFlawed)?.mspId;
    const foreign = flawed((each) => !isRecordOf(each, claim.day, each.mspId) || each.iteration !== 0);
    if (foreign !== undefined) {
        refuse('RECORD_WRONG', `not the agreement of ${foreign}`);
    }
    const other = flawed((each) => each.claim !== hash);
    if (other !== undefined) {
        refuse('AGREEMENT_WRONG', other);
    }
    const forged = flawed((each) => !isSigned(each, memberOf(charter, each.mspId).ownerKey));
    if (forged !== undefined) {
        refuse('SIGNATURE_INVALID', `the agreement of ${forged}`);
    }
}

const CODES: Readonly<Record<CertificateFlaw['kind'], RefusalCode>> = {
    shape: 'SCHEDULE_SHAPE_WRONG',
    limit: 'ENERGY_ABOVE_LIMIT',
    balance: 'SCHEDULE_UNBALANCED',
    network: 'NETWORK_LIMIT_BROKEN',
    grid: 'GRID_PRICE_WRONG',
    price: 'NETWORK_PRICE_WRONG',
    bounds: 'PRICE_OUTSIDE_LIMITS',
};

/** The households' energies. Refuses SCHEDULE_SHAPE_WRONG, ENERGY_ABOVE_LIMIT, SCHEDULE_UNBALANCED, NETWORK_LIMIT_BROKEN, GRID_PRICE_WRONG, NETWORK_PRICE_WRONG, PRICE_OUTSIDE_LIMITS. */
function requireSound(
    problem: ScheduleProblem,
    { prices, gridWh }: ScheduleClaim,
    given: ReadonlyMap<string, SubmissionRecord>,
): PoolEnergy[][] {
    const runProblem = runProblemOf(problem);
    if (prices.some(({ bus }, i) => bus !== runProblem.buses[i])) {
        refuse('SCHEDULE_SHAPE_WRONG', `prices for each of ${runProblem.buses.join(', ')}`);
    }
    const energies = problem.households.map(({ mspId }) => given.get(mspId)?.energiesWh.map(poolEnergy) ?? []);
    const flaw = certificateFlaw(runProblem, {
        prices: prices.map(({ pricesNanos }) => pricesNanos.map(nanosPerKwh)),
        energies,
        grid: gridWh.map(poolEnergy),
    });
    if (flaw !== undefined) {
        refuse(CODES[flaw.kind], flaw.kind === 'shape' ? flaw.of : `slot ${flaw.slot} of the day`);
    }
    return energies;
}
