import { InputError } from '../../data/input-error';
import { zoneNamed, type Zone } from '../../data/zone';
import { openMeterStore, meterStoreFile, type MeterStore } from '../../meters/meter-store';
import { households } from '@commonwatt/network/topology/topology';
import { METER_ID } from '../../household/records';
import { contextOf, type CommonOptions } from '../context';

/** Options of every command about a meter. */
export interface MeterOptions extends CommonOptions {
    /** The meter's name, as governance has it on file. */
    readonly meter?: string;
}

export const meterOf = ({ meter = METER_ID }: MeterOptions): string => {
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(meter)) {
        throw new InputError({ file: '--meter' }, `'${meter}' is no name of a meter; write it as main`);
    }
    return meter;
};

/** What the household's meter has shown, in the household's own folder. @throws InputError where there is no such household */
export async function withStore<T>(
    home: string,
    options: MeterOptions,
    work: (store: MeterStore) => T | Promise<T>,
): Promise<T> {
    const { layout, topology } = contextOf(options);
    const homes = households(topology).map(({ id }) => id);
    if (!homes.includes(home)) {
        throw new InputError({ file: 'meter' }, `'${home}' is no household; there are ${homes.join(', ')}`);
    }
    const store = openMeterStore(meterStoreFile(layout, home));
    try {
        return await work(store);
    } finally {
        store.close();
    }
}

export function zoneOf(name: string): Zone {
    const zone = zoneNamed(name);
    if (zone === undefined) {
        const why = `'${name}' is no zone; write UTC+01:00 or a name as Europe/Berlin`;
        throw new InputError({ file: '--zone' }, why);
    }
    return zone;
}

export const say = (text: string): void => {
    process.stderr.write(`${text}\n`);
};
