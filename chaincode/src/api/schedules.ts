import { nanosPerKwh, poolEnergy } from '../domain/schedule/exchange';
import type { Position, RunProblem, RunState } from '../domain/schedule/run';
import { busesOf } from '../domain/schedule/terms';
import { sha256Hex } from '../domain/digest';
import type { ScheduleBook, ScheduleClaim, ScheduleProblem, ScheduleRun } from './records';
import { encodeBytes } from './wire';

/** What is frozen, as the domain has it. */
export function runProblemOf(problem: ScheduleProblem): RunProblem {
    const { networkWeight, slots, iterations, primalToleranceWh, dualTolerance, overRelaxation, penalty, feeder } =
        problem;
    return {
        rules: {
            slots,
            iterations,
            primalTolerance: primalToleranceWh,
            dualTolerance,
            overRelaxation,
            penalty,
        },
        networkWeight,
        buses: busesOf(feeder),
        households: problem.households.map(({ mspId, bus, importLimitWh, exportLimitWh }) => ({
            mspId,
            bus,
            importLimit: importLimitWh,
            exportLimit: exportLimitWh,
        })),
        grid: problem.grid.map(({ retail, feedIn, importLimitWh, exportLimitWh }) => ({
            retail: nanosPerKwh(retail),
            feedIn: nanosPerKwh(feedIn),
            importLimit: importLimitWh,
            exportLimit: exportLimitWh,
        })),
        floor: nanosPerKwh(problem.floor),
        cap: nanosPerKwh(problem.cap),
        feeder,
    };
}

/** What coordinators go on from: the public part of the run and their book. */
export function runStateOf(
    run: Pick<ScheduleRun, 'iteration' | 'penalty' | 'prices'>,
    { households, network }: Pick<ScheduleBook, 'households' | 'network'>,
): RunState {
    return {
        iteration: run.iteration,
        penalty: run.penalty,
        prices: run.prices.map(({ pricesNanos }) => pricesNanos.map(nanosPerKwh)),
        households: households.map(positionOf),
        network: network.map(positionOf),
    };
}

const positionOf = ({
    energiesWh,
    scaled,
}: Pick<ScheduleBook['network'][number], 'energiesWh' | 'scaled'>): Position => ({
    energies: energiesWh.map(poolEnergy),
    scaled,
});

/** The coordinators' book after an iteration. */
export function bookOf(problem: ScheduleProblem, state: RunState, salt: string): ScheduleBook {
    return {
        day: problem.day,
        iteration: state.iteration,
        salt,
        households: problem.households.map(({ mspId }, i) => ({ mspId, ...noted(state.households[i]) })),
        network: busesOf(problem.feeder).map((bus, i) => ({ bus, ...noted(state.network[i]) })),
    };
}

const noted = (position: Position | undefined): { energiesWh: bigint[]; scaled: bigint[] } => ({
    energiesWh: [...(position?.energies ?? [])],
    scaled: [...(position?.scaled ?? [])],
});

/** What a household agrees to when it signs for a claimed schedule. */
export const claimHash = ({ day, prices, gridWh }: ScheduleClaim): string =>
    sha256Hex(encodeBytes({ day, prices, gridWh }));
