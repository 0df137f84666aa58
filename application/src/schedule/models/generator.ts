import { between, type SlotDevice } from './slot-device';

/** A generator with fuel to pay: g Wh cost base·g + ½·slope·g² (quadratic, as in Wood and Wollenberg, "Power Generation, Operation and Control"). */
export interface Generator {
    readonly kind: 'generator';
    readonly device: string;
    /** Most in a slot, Wh; least is 0. */
    readonly most: bigint;
    /** What the first Wh costs, nanos/kWh … */
    readonly base: bigint;
    /** … and by how much each Wh makes the next one dearer, nanos/kWh; above 0. */
    readonly slope: bigint;
}

/** e(t) = −(m − base)/slope, within −most and 0: it runs until the next Wh costs what it brings. */
export function generator({ device, most, base, slope }: Generator): SlotDevice {
    const [limit, first, steep] = [Number(most), Number(base), Number(slope)];
    return {
        device,
        taken: (_slot, price) => 0 - between(0, limit, (price - first) / steep),
        cost: (_slot, energy) => -first * energy + (steep / 2) * energy ** 2,
    };
}
