import type { ReadingMarker, ReadingRecord } from '@commonwatt/chaincode/api/records';
import type { Endorsers } from '../gateway/member-gateway';
import type { TypedCalls } from './typed-calls';

/** Meter readings, as one member records and sees them. */
export class Metering {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    /** Up to a day's readings in one transaction. They go to the member itself and to the grid operator. */
    async recordReadings(readings: ReadingRecord[], operator: string): Promise<void> {
        const slots = readings.map(({ slot, version, kind, reason }) => ({ slot, version, kind, reason }));
        const argument = { mspId: this.#calls.mspId, slots };
        await this.#calls.submit('metering:recordReadings', argument, [this.#calls.mspId, operator], { readings });
    }

    markers(day: string, mspId: string = this.#calls.mspId): Promise<ReadingMarker[]> {
        return this.#calls.query('metering:markers', { mspId, day });
    }

    /** The grid operator, with a quorum of the committee, for a household that is silent. */
    async estimateReadings(mspId: string, readings: ReadingRecord[], endorsers: Endorsers): Promise<void> {
        const slots = readings.map(({ slot, version, kind, reason }) => ({ slot, version, kind, reason }));
        await this.#calls.submit('metering:estimateReadings', { mspId, slots }, endorsers, { readings });
    }

    /** The grid operator may name a household. */
    ownReadings(from: number, to: number, mspId?: string): Promise<ReadingRecord[]> {
        return this.#calls.query('metering:ownReadings', { from, to, mspId });
    }
}
