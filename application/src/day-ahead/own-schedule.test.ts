import { describe, expect, it } from '@jest/globals';
import type { ScheduleProblem, ScheduleRecord } from '@commonwatt/chaincode/api/records';
import { OwnScheduledDay } from './own-schedule';

const DAY = '2026-10-03';
const record = {
    day: DAY,
    agreed: {
        prices: [{ bus: 'root', pricesNanos: [5n, 6n] }],
        gridWh: [0n, 0n],
        worthNanos: 0n,
        households: [{ mspId: 'H1MSP', bus: 'root', hash: null }],
    },
} as Partial<ScheduleRecord> as ScheduleRecord;
const problem = {
    slots: 2,
    households: [{ mspId: 'H1MSP', bus: 'root', importLimitWh: 10n, exportLimitWh: 10n }],
} as Partial<ScheduleProblem> as ScheduleProblem;
const devices = {
    takes: true,
    gives: true,
    limits: { importWh: 100n, exportWh: 100n },
    forecast: { load: [7n, 7n], generation: [0n, 0n] },
};

describe('what is scheduled for a home', () => {
    it('is nothing, at price 0, for one that joined after the run was opened, and nobody steers its devices', () => {
        const day = new OwnScheduledDay('H9MSP', record, problem, { submission: undefined, devices });
        day.settledAt([9n, 9n]);
        expect(day.own).toEqual({ energiesWh: [0n, 0n], pricesNanos: [0n, 0n], imbalance: [9n, 9n] });
        const registers = { home: 'H9', consumed: [100n, 103n, 110n], produced: [100n, 100n, 105n] };
        expect(day.meter(registers)).toEqual(registers);
    });

    it('is nothing, at the price of its bus, for one that never said anything', () => {
        const day = new OwnScheduledDay('H1MSP', record, problem, { submission: undefined, devices });
        day.settledAt([9n, 9n]);
        expect(day.own).toMatchObject({ energiesWh: [0n, 0n], pricesNanos: [5n, 6n] });
    });

    it('is not known of a day without agreement', () => {
        const none = { ...record, agreed: undefined };
        expect(() => new OwnScheduledDay('H1MSP', none, problem, { submission: undefined, devices })).toThrow(
            `${DAY} has no agreed schedule`,
        );
    });
});
