import type { Home as Place } from '@commonwatt/network/topology/topology';
import type { Device, Home } from './models/home';

/** What a home expects of its day: Wh by slot. */
export interface Expected {
    readonly load: readonly bigint[];
    readonly pv: readonly bigint[];
}

/** Slots of an hour: limits of power are W, limits of a slot Wh. */
const SLOTS_PER_HOUR = 4;

/** A home as `community.yaml` describes it, with what it expects of the day. Its batteries begin and end the day half full. */
export function communityHome(home: string, place: Place, { load, pv }: Expected): Home {
    const devices: Device[] = [];
    if (place.consumes) {
        devices.push({ kind: 'load', device: `${home}-load`, energies: load });
    }
    if (place.generates) {
        devices.push({ kind: 'pv', device: `${home}-pv`, available: pv });
    }
    for (const { id, capacityWh, chargeW, dischargeW } of place.batteries) {
        const capacity = BigInt(capacityWh);
        devices.push({
            kind: 'battery',
            device: id,
            capacity,
            first: capacity / 2n,
            charge: energyOf(chargeW),
            discharge: energyOf(dischargeW),
        });
    }
    const { importLimitW, exportLimitW } = place.connection;
    return { home, importLimit: energyOf(importLimitW), exportLimit: energyOf(exportLimitW), devices };
}

const energyOf = (watts: number): bigint => BigInt(Math.floor(watts / SLOTS_PER_HOUR));
