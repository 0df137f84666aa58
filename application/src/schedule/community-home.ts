import { fraction, type Fraction } from '@commonwatt/chaincode/domain/quantity';
import type {
    Appliance,
    Battery,
    ElasticLoad,
    FuelGenerator,
    Home as Place,
    Vehicle,
} from '@commonwatt/network/topology/topology';
import type { Device, Home } from './models/home';

/** What a home expects of its day: Wh by slot. */
export interface Expected {
    readonly load: readonly bigint[];
    readonly pv: readonly bigint[];
}

/** Slots of an hour: limits of power are W, limits of a slot Wh. */
const SLOTS_PER_HOUR = 4;
const NANOS_PER_MICRO = 1000n;
const PARTS = 1_000_000;

/** A home as `community.yaml` describes it, with what it expects of the day. Its batteries begin and end the day half full. */
export function communityHome(home: string, place: Place, { load, pv }: Expected): Home {
    const slots = load.length;
    const { vehicles = [], appliances = [], elasticLoads = [], fuelGenerators = [] } = place.movable ?? {};
    const { importLimitW, exportLimitW } = place.connection;
    const importLimit = energyOf(importLimitW);
    const devices: Device[] = [
        ...(place.consumes ? [{ kind: 'load' as const, device: `${home}-load`, energies: load }] : []),
        ...(place.generates ? [{ kind: 'pv' as const, device: `${home}-pv`, available: pv }] : []),
        ...place.batteries.map(batteryOf),
        ...vehicles.map((vehicle) => vehicleOf(vehicle, slots, importLimit)),
        ...appliances.map((appliance) => applianceOf(appliance, slots)),
        ...elasticLoads.map((elastic) => elasticOf(elastic, slots)),
        ...fuelGenerators.map(generatorOf),
    ];
    return { home, importLimit, exportLimit: energyOf(exportLimitW), devices };
}

/** Whether a schedule may have the home take more than its load, and give more than its panels. */
export function movableBy({ batteries, movable }: Place): { readonly takes: boolean; readonly gives: boolean } {
    const { vehicles = [], appliances = [], elasticLoads = [], fuelGenerators = [] } = movable ?? {};
    return {
        takes: batteries.length + vehicles.length + appliances.length + elasticLoads.length > 0,
        gives: batteries.length + fuelGenerators.length > 0,
    };
}

const energyOf = (watts: number): bigint => BigInt(Math.floor(watts / SLOTS_PER_HOUR));

function batteryOf({ id, capacityWh, chargeW, dischargeW, chargePpm, dischargePpm }: Battery): Device {
    const capacity = BigInt(capacityWh);
    return {
        kind: 'battery',
        device: id,
        capacity,
        first: capacity / 2n,
        charge: energyOf(chargeW),
        discharge: energyOf(dischargeW),
        ...(chargePpm === undefined ? {} : { chargeEfficiency: share(chargePpm) }),
        ...(dischargePpm === undefined ? {} : { dischargeEfficiency: share(dischargePpm) }),
    };
}

/** In lowest terms: a store counts its levels in the product of its efficiencies' denominators. */
function share(ppm: number): Fraction {
    const divisor = greatestCommon(ppm, PARTS);
    return fraction(BigInt(ppm / divisor), BigInt(PARTS / divisor));
}

const greatestCommon = (a: number, b: number): number => (b === 0 ? a : greatestCommon(b, a % b));

/** Where the clock leaves out an hour of its window it gets what still fits. */
function vehicleOf({ id, energyWh, powerW, from, to }: Vehicle, slots: number, importLimit: bigint): Device {
    const [begin, end] = [slotAt(from, slots), slotAt(to, slots)];
    const power = energyOf(powerW);
    const fits = (power < importLimit ? power : importLimit) * BigInt(end - begin);
    const energy = BigInt(energyWh);
    return { kind: 'shapeable', device: id, energy: energy < fits ? energy : fits, power, from: begin, to: end };
}

const applianceOf = ({ id, profileWh, earliest, latest }: Appliance, slots: number): Device => ({
    kind: 'deferrable',
    device: id,
    profile: profileWh.map(BigInt),
    earliest: slotAt(earliest, slots),
    latest: slotAt(latest, slots),
});

function elasticOf({ id, wantedW, noneAtMicrosPerKwh, from, to }: ElasticLoad, slots: number): Device {
    const [begin, end] = [slotAt(from, slots), slotAt(to, slots)];
    const most = energyOf(wantedW);
    return {
        kind: 'elastic',
        device: id,
        wanted: Array.from({ length: slots }, (_, slot) => (slot >= begin && slot < end ? most : 0n)),
        slope: perWh(noneAtMicrosPerKwh, most),
        most,
    };
}

function generatorOf({ id, powerW, firstMicrosPerKwh, lastMicrosPerKwh }: FuelGenerator): Device {
    const most = energyOf(powerW);
    return {
        kind: 'generator',
        device: id,
        most,
        base: BigInt(firstMicrosPerKwh) * NANOS_PER_MICRO,
        slope: perWh(lastMicrosPerKwh - firstMicrosPerKwh, most),
    };
}

/** A price that rises over so many Wh, nanos/kWh for each; at least 1. */
function perWh(micros: number, over: bigint): bigint {
    const slope = (BigInt(micros) * NANOS_PER_MICRO) / over;
    return slope > 0n ? slope : 1n;
}

const QUARTERS_PER_DAY = 96;
/** Clocks change from two to three in the morning, or back. */
const CHANGE = { from: 8, to: 12 };

/** The slot of a day of 92, 96 or 100 at which a quarter hour of the local clock begins. */
function slotAt(quarter: number, slots: number): number {
    if (quarter >= CHANGE.to) {
        return slots - (QUARTERS_PER_DAY - quarter);
    }
    return slots < QUARTERS_PER_DAY ? Math.min(quarter, CHANGE.from) : quarter;
}
