import type { ScheduleProblem, ScheduleRecord, SubmissionRecord } from '@commonwatt/chaincode/api/records';
import type { OwnSchedule } from '../audit/plain-schedule';
import type { HomeRegisters } from '../data/meter-day';
import { controlledWh, delivered, withinConnection, type Movable, type SlotLimits } from './delivered';

/** What a home expects of a day, Wh by slot. */
export interface HomeForecast {
    /** That nobody can move. */
    readonly load: readonly bigint[];
    readonly generation: readonly bigint[];
    /** What cars and appliances would take besides if nobody steered them; nothing where it is not said. */
    readonly unattended?: readonly bigint[] | undefined;
}

/** What a home's devices can do about a schedule, and what its agent expected when it planned. */
export interface HomeDevices extends Movable {
    readonly limits: SlotLimits;
    readonly forecast: HomeForecast;
}

/** A day that was agreed on ahead, as one home keeps it. */
export class OwnScheduledDay {
    /** Undefined where the home never said anything: nothing is scheduled for it. */
    readonly submission: SubmissionRecord | undefined;
    readonly #energiesWh: readonly bigint[];
    readonly #pricesNanos: readonly bigint[];
    readonly #devices: HomeDevices;
    #imbalance: readonly bigint[] | undefined;

    /**
     * A home that is a member only since the run was opened does not stand in it: nothing is scheduled for it, at price 0, as it is settled.
     *
     * @throws Error where the day was not agreed on.
     */
    constructor(
        mspId: string,
        { agreed, day }: ScheduleRecord,
        problem: ScheduleProblem,
        { submission, devices }: { readonly submission: SubmissionRecord | undefined; readonly devices: HomeDevices },
    ) {
        const bus = problem.households.find((each) => each.mspId === mspId)?.bus;
        if (agreed === undefined) {
            throw new Error(`${day} has no agreed schedule`);
        }
        const found = agreed.prices.find((each) => each.bus === bus)?.pricesNanos;
        const prices = found ?? Array.from({ length: problem.slots }, () => 0n);
        this.submission = submission;
        this.#energiesWh = submission?.energiesWh ?? prices.map(() => 0n);
        this.#pricesNanos = prices;
        this.#devices = devices;
    }

    /** How the pool as a whole stood to its schedule is known after the day: at which price deviations are settled, micros/kWh by slot. */
    settledAt(imbalance: readonly bigint[]): void {
        this.#imbalance = imbalance;
    }

    /** What the home's meter shows of a replayed day on which its devices did what was scheduled. */
    meter(registers: HomeRegisters): HomeRegisters {
        const { forecast, limits } = this.#devices;
        // A home that said nothing has agreed to nothing: nobody steers its devices.
        return this.submission === undefined
            ? withinConnection(registers, limits)
            : delivered(registers, controlledWh(this.#energiesWh, forecast), this.#devices);
    }

    /** To work the day out by ourselves. */
    get own(): OwnSchedule {
        if (this.#imbalance === undefined) {
            throw new Error('how the pool stood to its schedule has not been stated');
        }
        return { energiesWh: this.#energiesWh, pricesNanos: this.#pricesNanos, imbalance: this.#imbalance };
    }
}
