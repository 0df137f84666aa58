import type { MeritOrder } from '@commonwatt/application/server/schemas/market';

type Step = MeritOrder['bids'][number];

/** Both sides of a round over the energy that they add up to: for painting, so in kWh and currency per kWh. */
export interface Curves {
    readonly x: readonly number[];
    readonly bids: readonly (number | null)[];
    readonly asks: readonly (number | null)[];
}

/** Where orders at any price stand, micros per kWh: the best that there is for the other side. */
export interface Ends {
    readonly highest: bigint;
    readonly lowest: bigint;
}

const WH_PER_KWH = 1_000;
const MICROS = 1_000_000;

/** Steps of energy at falling bids and rising asks as two lines over one axis: each price holds from where its energy begins to where it ends. */
export function curvesOf({ bids, asks }: Pick<MeritOrder, 'bids' | 'asks'>, ends: Ends): Curves {
    const [demand, supply] = [lineOf(bids, ends.highest), lineOf(asks, ends.lowest)];
    const x = [...new Set([...demand, ...supply].flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
    return {
        x: x.map((wh) => wh / WH_PER_KWH),
        bids: x.map((wh) => valueAt(demand, wh)),
        asks: x.map((wh) => valueAt(supply, wh)),
    };
}

interface Piece {
    readonly from: number;
    readonly to: number;
    readonly price: number;
}

function lineOf(steps: readonly Step[], anyPrice: bigint): Piece[] {
    let reached = 0;
    return steps.map(({ limit, energyWh }) => {
        const from = reached;
        reached += Number(energyWh);
        return { from, to: reached, price: Number(limit ?? anyPrice) / MICROS };
    });
}

/** Where the line ends it still has its last price, so that the last step is as long as the others. */
function valueAt(line: readonly Piece[], wh: number): number | null {
    const piece = line.find(({ from, to }) => from <= wh && wh < to);
    const last = line.at(-1);
    return piece?.price ?? (last?.to === wh ? last.price : null);
}
