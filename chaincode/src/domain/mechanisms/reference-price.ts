import {
    cost,
    dividedRoundedDown,
    greatest,
    least,
    microsPerKwh,
    total,
    wattHours,
    type MicrosPerKwh,
    type WattHours,
} from '../quantity';
import type { PriceBounds } from '../market-prices';
import { openBook, withoutOrders, withinGrid, type Book } from '../auction/book';
import { clearingOf, type Trade } from '../auction/clearing';
import { shared } from '../auction/merit-order';
import type { Clearing, Order, RoundRules, Side } from '../auction/order';

/** A price that follows from the grid's two and from how much is offered and wanted, not from the limits. */
type Reference = (bounds: PriceBounds, supply: WattHours, demand: WattHours, rules: RoundRules) => MicrosPerKwh;

/**
 * Mid-market rate (Long et al. 2017): half way between feed-in and retail less fees, whatever is offered or wanted. Nobody moves the price,
 * so limits are true; energy is not: the longer side shares pro rata and gains by asking for more. Exactly balanced; not efficient,
 * because it does not see who values energy most.
 */
export function midMarketRate(orders: readonly Order[], rules: RoundRules): Clearing {
    return atReference(orders, rules, middleOf);
}

/**
 * Supply and demand ratio (Liu et al. 2017): with r = supply / demand, p = feedIn · retail / ((retail − feedIn) · r + feedIn) up to r = 1,
 * feedIn beyond: scarce energy is dear. Energy moves the price a little, limits do not. Exactly balanced; not efficient.
 */
export function supplyDemandRatio(orders: readonly Order[], rules: RoundRules): Clearing {
    return atReference(orders, rules, (bounds, supply, demand) => ratioPrice(bounds, 0n, supply, demand));
}

/** As `supplyDemandRatio`, with k of the difference between the grid's prices as compensation of the sellers (Liu et al. 2017, λ): the same properties. */
export function compensatedRatio(orders: readonly Order[], rules: RoundRules): Clearing {
    return atReference(orders, rules, (bounds, supply, demand, { k }) => {
        const compensation = dividedRoundedDown((bounds.highest - bounds.lowest) * k.numerator, k.denominator);
        return ratioPrice(bounds, compensation, supply, demand);
    });
}

export const middleOf = ({ lowest, highest }: PriceBounds): MicrosPerKwh =>
    microsPerKwh(dividedRoundedDown(lowest + highest, 2n));

function ratioPrice({ lowest, highest }: PriceBounds, extra: bigint, supply: bigint, demand: bigint): MicrosPerKwh {
    const seller = lowest + extra;
    if (supply > demand) {
        return microsPerKwh(lowest + dividedRoundedDown(extra * demand, supply));
    }
    if (seller <= 0n) {
        // The hyperbola needs positive prices. The line between its ends does not.
        return microsPerKwh(highest - dividedRoundedDown((highest - seller) * supply, demand));
    }
    return microsPerKwh(dividedRoundedDown(seller * highest * demand, (highest - seller) * supply + seller * demand));
}

function atReference(orders: readonly Order[], rules: RoundRules, reference: Reference): Clearing {
    const book = openBook(orders, rules);
    const bounds = boundsOf(book, rules);
    if (bounds === undefined) {
        return clearingOf(book, { trades: new Map(), unfilled: () => 'NO_MATCH' });
    }
    const [supply, demand] = [energyOf(book, 'sell'), energyOf(book, 'buy')];
    const price = withinGrid(reference(bounds, supply, demand, rules), rules.grid);
    const { willing, unwilling } = atPrice(book, price);
    const volume = least(energyOf(willing, 'sell'), energyOf(willing, 'buy'));
    return clearingOf(book, {
        price,
        trades:
            volume === 0n
                ? new Map()
                : new Map([...tradesOf(willing, 'buy', volume, price), ...tradesOf(willing, 'sell', volume, price)]),
        unfilled: ({ id }) => (unwilling.has(id) ? 'PRICE' : volume === 0n ? 'NO_MATCH' : 'RATIONED'),
    });
}

/** The orders whose limits admit the price, and the others. */
export function atPrice(book: Book, price: MicrosPerKwh): { willing: Book; unwilling: ReadonlySet<string> } {
    const refused = book.tradable.filter(({ side, limit }) => (side === 'buy' ? limit < price : limit > price));
    return {
        willing: withoutOrders(book, new Map(refused.map(({ id }) => [id, 'PRICE']))),
        unwilling: new Set(refused.map(({ id }) => id)),
    };
}

/** The grid's bounds; without a grid the highest ask and the lowest bid. Undefined where a side is empty. */
export function boundsOf({ tradable }: Book, { grid }: RoundRules): PriceBounds | undefined {
    const limits = (side: Side): MicrosPerKwh[] => tradable.filter((o) => o.side === side).map(({ limit }) => limit);
    const [bids, asks] = [limits('buy'), limits('sell')];
    if (bids.length === 0 || asks.length === 0) {
        return undefined;
    }
    if (typeof grid !== 'string') {
        return grid;
    }
    const [lowest, highest] = [asks.reduce((a, b) => greatest(a, b)), bids.reduce((a, b) => least(a, b))];
    return lowest <= highest ? { lowest, highest } : { lowest: highest, highest: lowest };
}

function tradesOf({ tradable, before }: Book, side: Side, volume: WattHours, price: MicrosPerKwh): [string, Trade][] {
    const traders = tradable.filter((order) => order.side === side);
    const fills = shared(traders, volume, before);
    return traders.map(({ id }, i) => {
        const fill = fills[i] ?? wattHours(0n);
        return [id, { fill, amount: cost(fill, price) }];
    });
}

const energyOf = ({ tradable }: Book, side: Side): WattHours =>
    total(tradable.filter((order) => order.side === side).map(({ energy }) => energy));
