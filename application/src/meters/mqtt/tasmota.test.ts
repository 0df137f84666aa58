import { describe, expect, it } from '@jest/globals';
import type { Message } from './message';
import { tasmotaReadings, type TasmotaMeter } from './tasmota';

const NOW = Date.parse('2025-04-16T10:00:10Z') / 1000;
const METER: TasmotaMeter = {
    meterId: 'main',
    device: 'house',
    importField: 'ENERGY.Total',
    exportField: 'ENERGY.ExportActive',
};
const heard = (payload: unknown, change: Partial<Message> = {}, meter = METER) =>
    tasmotaReadings(meter, {
        topic: 'tele/house/SENSOR',
        payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
        isRetained: false,
        isRepeated: false,
        arrivedAt: NOW,
        ...change,
    });
const sensor = (change: object = {}): object => ({
    Time: '2025-04-16T12:00:00+02:00',
    ENERGY: { Total: 1234.5678, Power: 120, ExportActive: 7 },
    ...change,
});
const times = (found: ReturnType<typeof heard>): number[] =>
    'readings' in found ? found.readings.map(({ at }) => at - NOW) : [];

describe('what a device tells', () => {
    it('is the totals of both registers at its own time', () => {
        const reading = { meterId: 'main', at: NOW - 10, source: 'mqtt tele/house/SENSOR' };
        expect(heard(sensor())).toEqual({
            readings: [
                { ...reading, register: 'import', wh: 1_234_567n },
                { ...reading, register: 'export', wh: 7_000n },
            ],
        });
    });

    it('may stand elsewhere in its message', () => {
        const meter: TasmotaMeter = { ...METER, importField: 'SML.E_in', exportField: undefined };
        expect(heard(sensor({ SML: { E_in: '5.001' } }), {}, meter)).toMatchObject({ readings: [{ wh: 5_001n }] });
    });

    it('is summed over its phases, each rounded down', () => {
        const meter: TasmotaMeter = { ...METER, exportField: undefined };
        const phases = sensor({ ENERGY: { Total: [1.0009, 2.0009, 3] } });
        expect(heard(phases, {}, meter)).toMatchObject({ readings: [{ wh: 6_000n }] });
    });

    it.each([
        { what: 'its own with its distance from UTC', Time: '2025-04-16T10:00:00Z', at: -10 },
        { what: "that of the message's arrival without one", Time: '2025-04-16T12:00:00', at: 0 },
        { what: 'that of its arrival if its clock was never set', Time: '1970-01-01T00:00:10+00:00', at: 0 },
        { what: 'that of its arrival if its clock is ahead', Time: '2025-04-16T12:10:00+02:00', at: 0 },
        { what: 'that of its arrival if there is none', Time: undefined, at: 0 },
    ])('is of a time: $what', ({ Time, at }) => {
        expect(times(heard(sensor({ Time })))).toEqual([at, at]);
    });

    it.each([
        { what: 'has its own time', Time: '2025-04-16T11:00:00+02:00', at: [-3610, -3610] },
        { what: 'has no distance from UTC', Time: '2025-04-16T11:00:00', at: [] },
        { what: 'is too old', Time: '2025-04-14T11:00:00+02:00', at: [] },
    ])('counts, kept by the broker, only where it says since when: $what', ({ Time, at }) => {
        expect(times(heard(sensor({ Time }), { isRetained: true }))).toEqual(at);
        expect(times(heard(sensor({ Time }), { isRepeated: true }))).toEqual(at);
    });

    it.each([
        {
            what: 'no such field',
            payload: sensor({ ENERGY: { Total: 1 } }),
            flaw: 'ENERGY.ExportActive is no total in kWh',
        },
        {
            what: 'a field that is no number',
            payload: sensor({ ENERGY: { Total: {}, ExportActive: 1 } }),
            flaw: 'ENERGY.Total is no total in kWh',
        },
        {
            what: 'no phases',
            payload: sensor({ ENERGY: { Total: [], ExportActive: 1 } }),
            flaw: 'ENERGY.Total is no total in kWh',
        },
        {
            what: 'a total below zero',
            payload: sensor({ ENERGY: { Total: -1, ExportActive: 1 } }),
            flaw: 'ENERGY.Total is no total in kWh',
        },
        { what: 'no JSON', payload: 'Offline', flaw: 'it is no JSON' },
        { what: 'no text', payload: '\u0000', flaw: 'it is no JSON' },
    ])('is not used: $what', ({ payload, flaw }) => {
        expect(heard(payload)).toEqual({ flaw });
    });
});
