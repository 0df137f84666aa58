import { cost, plus, total, wattHours, type MicrosPerKwh, type WattHours } from '../quantity';
import { withinGrid, type Book } from '../auction/book';
import { clearingOf, type Trade } from '../auction/clearing';
import { shared } from '../auction/merit-order';
import type { Clearing, Order, RoundRules } from '../auction/order';
import { fullMatrix, type AllocationKey, type Before, type Pair } from './allocation-keys';
import { atPrice, boundsOf, middleOf } from './reference-price';
import { singleOrders } from './single-orders';

/** Who takes part at the price of sharing, by id. */
interface Sharing {
    readonly book: Book;
    readonly producers: readonly Order[];
    readonly consumers: readonly Order[];
}

/**
 * Collective self-consumption: what the members generate is allocated to the consumers by an agreed key, at the mid-market rate. Limits
 * decide only whether somebody takes part. Producers sell in proportion to what they offer. Exactly balanced, individually rational; not
 * efficient (a key knows nobody's value), and truthful in limits but not in energy where the key looks at demand.
 */
export function sharingBy(key: AllocationKey): (orders: readonly Order[], rules: RoundRules) => Clearing {
    return (orders, rules) =>
        withSharing(orders, rules, ({ book, producers, consumers }) => {
            const taken = key(
                energyOf(producers),
                consumers.map(({ energy }) => energy),
                consumers.map(({ member }) => rules.keys?.get(member) ?? 0n),
                ranked(book, consumers),
            );
            const volume = total(taken);
            return {
                taken,
                given: volume === 0n ? producers.map(() => wattHours(0n)) : shared(producers, volume, book.before),
            };
        });
}

/** As `sharingBy`, with a key for each pair of producer and consumer: `producer/consumer` in the rules' keys: the same properties. */
export function sharingByMatrix(orders: readonly Order[], rules: RoundRules): Clearing {
    return withSharing(orders, rules, ({ book, producers, consumers }) => {
        const pairs = fullMatrix(
            producers.map(({ energy }) => energy),
            consumers.map(({ energy }) => energy),
            weightsOf(producers, consumers, rules.keys ?? new Map()),
            ranked(book, producers),
            ranked(book, consumers),
        );
        const taken = consumers.map(() => wattHours(0n));
        const given = producers.map(() => wattHours(0n));
        for (const { producer, consumer, share } of pairs) {
            taken[consumer] = plus(taken[consumer] as WattHours, share);
            given[producer] = plus(given[producer] as WattHours, share);
        }
        return { taken, given };
    });
}

/** The keys above zero of those who take part: a member has one order on a side here. */
function weightsOf(
    producers: readonly Order[],
    consumers: readonly Order[],
    keys: ReadonlyMap<string, bigint>,
): Pair<bigint>[] {
    const places = (orders: readonly Order[]): Map<string, number> =>
        new Map(orders.map(({ member }, i) => [member, i]));
    const [producerAt, consumerAt] = [places(producers), places(consumers)];
    return [...keys]
        .flatMap(([place, share]): Pair<bigint>[] => {
            const cut = place.indexOf('/');
            const producer = producerAt.get(place.slice(0, cut));
            const consumer = consumerAt.get(place.slice(cut + 1));
            return producer === undefined || consumer === undefined || share === 0n
                ? []
                : [{ producer, consumer, share }];
        })
        .sort((a, b) => a.producer - b.producer || a.consumer - b.consumer);
}

type Shares = { readonly taken: readonly WattHours[]; readonly given: readonly WattHours[] };

function withSharing(orders: readonly Order[], rules: RoundRules, share: (sharing: Sharing) => Shares): Clearing {
    const book = singleOrders(orders, rules);
    const bounds = boundsOf(book, rules);
    if (bounds === undefined) {
        return clearingOf(book, { trades: new Map(), unfilled: () => 'NO_MATCH' });
    }
    const price = withinGrid(middleOf(bounds), rules.grid);
    const { willing, unwilling } = atPrice(book, price);
    const producers = willing.tradable.filter(({ side }) => side === 'sell');
    const consumers = willing.tradable.filter(({ side }) => side === 'buy');
    const { taken, given } = share({ book, producers, consumers });
    const trades = [...tradesOf(consumers, taken, price), ...tradesOf(producers, given, price)];
    return clearingOf(book, {
        price,
        trades: new Map(trades),
        unfilled: ({ id, side }) => (unwilling.has(id) ? 'PRICE' : side === 'buy' ? 'NO_SHARE' : 'RATIONED'),
    });
}

const tradesOf = (orders: readonly Order[], fills: readonly WattHours[], price: MicrosPerKwh): [string, Trade][] =>
    orders.map(({ id }, i) => {
        const fill = fills[i] ?? wattHours(0n);
        return [id, { fill, amount: cost(fill, price) }];
    });

const ranked =
    ({ before }: Book, orders: readonly Order[]): Before =>
    (one, other) =>
        before(orders[one] as Order, orders[other] as Order);

const energyOf = (orders: readonly Order[]): WattHours => total(orders.map(({ energy }) => energy));
