import { between, type SlotDevice } from './slot-device';

/**
 * Consumption that gives way to the price: comfort lost is ½·slope·(e − wanted)², so that demand falls on a straight line, as in the
 * worked exchange problems (docs/concepts) and in Samadi et al., "Optimal real-time pricing algorithm based on utility
 * maximization for smart grid" (2010).
 */
export interface ElasticLoad {
    readonly kind: 'elastic';
    readonly device: string;
    /** Taken where energy costs nothing, Wh by slot. */
    readonly wanted: readonly bigint[];
    /** Nanos/kWh by which the worth of one Wh less rises with each Wh; above 0. */
    readonly slope: bigint;
    /** Most in a slot, Wh; least is 0. */
    readonly most: bigint;
}

/** e(t) = wanted(t) − m/slope, within 0 and `most`. */
export function elasticLoad({ device, wanted, slope, most }: ElasticLoad): SlotDevice {
    const [target, steep, limit] = [wanted.map(Number), Number(slope), Number(most)];
    return {
        device,
        taken: (slot, price) => between(0, limit, (target[slot] ?? 0) - price / steep),
        cost: (slot, energy) => (steep / 2) * (energy - (target[slot] ?? 0)) ** 2,
    };
}
