import { InputError } from '../../data/input-error';
import { isDay, localTime, slotsOfDay, type Zone } from '../../data/zone';
import type { MeterStore } from '../../meters/meter-store';
import type { RegisterReading } from '../../meters/register-reading';
import type { SlotEnergy } from '../../meters/slot-energies';
import { left, right, table } from '../../report/table';
import { print } from '../context';
import { EXIT } from '../failure';
import { withStore, zoneOf, type MeterOptions } from './shown';

export interface MeterShowOptions extends MeterOptions {
    readonly day?: string;
    readonly zone: string;
}

/** The newest totals; of a day what is known of its quarter hours. */
export async function meterShow(home: string, options: MeterShowOptions): Promise<number> {
    const zone = zoneOf(options.zone);
    const { day } = options;
    if (day !== undefined && !isDay(day)) {
        throw new InputError({ file: '--day' }, `'${day}' is not a day; write it as 2014-10-03`);
    }
    const text = await withStore(home, options, (store) =>
        day === undefined ? latest(store, options.json === true) : slots(store, day, zone, options.json === true),
    );
    print(text);
    return EXIT.done;
}

function latest(store: MeterStore, isJson: boolean): string {
    const readings = store.latest();
    if (isJson) {
        return JSON.stringify({ readings: readings.map(({ wh, ...rest }) => ({ ...rest, wh: wh.toString() })) });
    }
    const row = ({ meterId, register, at, wh, source }: RegisterReading): string[] => [
        meterId,
        register,
        new Date(at * 1000).toISOString(),
        wh.toString(),
        source,
    ];
    return readings.length === 0
        ? 'no reading yet; `commonwatt meter listen` and `commonwatt meter import` bring them'
        : table([left('meter'), left('register'), left('at'), right('Wh'), left('source')], readings.map(row));
}

function slots(store: MeterStore, day: string, zone: Zone, isJson: boolean): string {
    const { first, count } = slotsOfDay(zone, day);
    const energies = store.slotEnergies({ firstSlot: first, slotCount: count });
    if (isJson) {
        const plain = ({ slot, kind, importWh, exportWh }: SlotEnergy): object => ({
            slot,
            kind,
            importWh: importWh.toString(),
            exportWh: exportWh.toString(),
        });
        return JSON.stringify({ day, slots: energies.map(plain) });
    }
    const row = ({ slot, kind, importWh, exportWh }: SlotEnergy): string[] => [
        localTime(zone, slot).slice(11, 16),
        ...(kind === 'unknown' ? ['', ''] : [importWh.toString(), exportWh.toString()]),
        kind,
    ];
    return table(
        [left('time'), right('from the grid Wh'), right('to the grid Wh'), left('known by')],
        energies.map(row),
    );
}
