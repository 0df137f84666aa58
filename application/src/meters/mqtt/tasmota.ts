import { registerWh } from '../energy-quantity';
import type { RegisterName, RegisterReading } from '../register-reading';
import { jsonOf, valueAt, type Message } from './message';

/** Which device's messages are the meter's, and where in them the totals stand. */
export interface TasmotaMeter {
    readonly meterId: string;
    /** As in `tele/<device>/SENSOR`. */
    readonly device: string;
    /** `ENERGY.Total`, or what the device's script calls it. */
    readonly importField: string;
    readonly exportField?: string | undefined;
}

export const sensorTopic = ({ device }: TasmotaMeter): string => `tele/${device}/SENSOR`;

/** What came out of a message: readings, or why there are none. */
export type Heard = { readonly readings: RegisterReading[] } | { readonly flaw: string };

const CLOCKS_DIFFER_SECONDS = 60;
const OLDEST_RETAINED_SECONDS = 86_400;
const OFFSET_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})$/;

/** Totals in kWh out of `{"Time":"2025-04-16T12:00:00+02:00","ENERGY":{"Total":1234.567,…}}`. */
export function tasmotaReadings(meter: TasmotaMeter, message: Message): Heard {
    const found = jsonOf(message);
    if ('flaw' in found) {
        return found;
    }
    const at = momentOf(valueAt(found.json, ['Time']), message);
    if (typeof at !== 'number') {
        return at;
    }
    const readings: RegisterReading[] = [];
    const fields: readonly (readonly [RegisterName, string | undefined])[] = [
        ['import', meter.importField],
        ['export', meter.exportField],
    ];
    for (const [register, field] of fields) {
        if (field !== undefined) {
            const wh = totalWh(valueAt(found.json, field.split('.')));
            if (wh === undefined) {
                return { flaw: `${field} is no total in kWh` };
            }
            readings.push({ meterId: meter.meterId, register, at, wh, source: `mqtt ${message.topic}` });
        }
    }
    return { readings };
}

/** Devices with several phases may give a list of totals: each is rounded down, so that their sum never falls. */
function totalWh(value: unknown): bigint | undefined {
    const phases: readonly unknown[] = Array.isArray(value) ? value : [value];
    let sum = 0n;
    for (const phase of phases) {
        const wh = typeof phase === 'number' || typeof phase === 'string' ? registerWh(phase, 'kWh') : undefined;
        if (wh === undefined) {
            return undefined;
        }
        sum += wh;
    }
    return phases.length === 0 ? undefined : sum;
}

/**
 * The device's own time counts where it says its distance from UTC and is not far from ours. Without one (Tasmota's default, on a clock that
 * somebody may have set) a message is as old as its arrival, unless it was kept by the broker or sent before: then nobody knows.
 */
function momentOf(time: unknown, { arrivedAt, isRetained, isRepeated }: Message): number | { flaw: string } {
    const own = typeof time === 'string' && OFFSET_TIME.test(time) ? Date.parse(time) / 1000 : Number.NaN;
    const age = arrivedAt - own;
    const oldest = isRetained || isRepeated ? OLDEST_RETAINED_SECONDS : CLOCKS_DIFFER_SECONDS;
    if (age >= -CLOCKS_DIFFER_SECONDS && age <= oldest) {
        return Math.floor(own);
    }
    return isRetained || isRepeated
        ? { flaw: 'the broker kept it, and it does not say since when (Tasmota: SetOption52 1)' }
        : arrivedAt;
}
