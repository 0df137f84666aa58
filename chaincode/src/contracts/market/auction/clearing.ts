import { orderName } from '../../../api/keys';
import { maskContext } from '../../../api/outcomes';
import type { Charter, OrderRecord, RoundRecord, Terms } from '../../../api/records';
import { maskOutcome } from '../../../domain/auction/mask';
import { keyPlace, mechanism } from '../../../domain/mechanisms/mechanism';
import type { Clearing, Order, RoundRules } from '../../../domain/auction/order';
import { OUTCOME_REASONS } from '../../../domain/auction/reasons';
import { publishedSums } from '../../../domain/auction/small-numbers';
import { isActiveOn, memberNamed } from '../../../domain/community/roster';
import { gridBounds, type PriceBounds } from '../../../domain/market-prices';
import { microsPerKwh, wattHours } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { slot as slotOf } from '../../../domain/slot';
import { roundPricesAt } from '../../../domain/tariff/bands';
import { clockOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, recordHash } from '../guards';
import { termsOf } from '../rounds';
import { isCarried, isRecordOf } from './order-rules';
import { ownerOf, revealedOf, revealsEnd } from './revealing';

type Dropped = NonNullable<RoundRecord['dropped']>[number];

/** What the openings of a round's closed orders turn out to be. */
export interface Book {
    readonly orders: readonly OrderRecord[];
    readonly dropped: readonly Dropped[];
    /** Orders that their members' connections do not carry with those before: no limit of the market's, so only who knows the order is told. */
    readonly tooLarge: ReadonlySet<string>;
}

/**
 * A closed round with its result. Every closed order ends in a masked outcome, or is dropped with a reason that all may see:
 * it or another of its owner's was not revealed to the committee, it is not its owner's, or its owner does not take part on that day.
 */
export function cleared(charter: Charter, terms: Terms, round: RoundRecord, book: Book, attempt: string): RoundRecord {
    const { orders, dropped } = book;
    const bounds = boundsOf(charter, terms, round);
    const clearing = clearingOf(round, book, terms, bounds);
    const outcomes = new Map(clearing.outcomes.map((outcome) => [outcome.order, outcome]));
    return {
        ...round,
        status: 'cleared',
        price: clearing.price ?? null,
        ...publishedSums(clearing),
        outcomes: orders.map((order) => {
            const name = orderName(order.mspId, order.id);
            const outcome = outcomes.get(name);
            if (outcome === undefined) {
                throw new Error(`order ${name} was cleared without an outcome`);
            }
            return { order: name, masked: maskOutcome(maskContext(round, order, attempt), outcome) };
        }),
        dropped: [...(round.dropped ?? []), ...dropped],
        attempt,
        reason: bounds === undefined ? OUTCOME_REASONS.ROUND_SHUT.text : undefined,
    };
}

/** Retail less fees and feed-in, as they are in the round's hours. */
const boundsOf = (charter: Charter, terms: Terms, { day, slot }: RoundRecord): PriceBounds | undefined =>
    gridBounds(roundPricesAt(terms, clockOf(charter), { day }, slotOf(slot)));

function clearingOf(
    round: RoundRecord,
    { orders, tooLarge }: Book,
    terms: Terms,
    bounds: PriceBounds | undefined,
): Clearing {
    const rule = mechanism(round.mechanism);
    if (rule === undefined) {
        throw new Error(`round ${round.slot} names the unknown mechanism ${round.mechanism}`);
    }
    return rule.clear(
        orders.map((order) => {
            const bid = domainOrder(order, terms);
            return tooLarge.has(bid.id) ? { ...bid, energy: wattHours(0n) } : bid;
        }),
        rulesOf(terms, bounds),
    );
}

function rulesOf(terms: Terms, bounds: PriceBounds | undefined): RoundRules {
    const { lotWh, reserve, keys } = terms.mechanism ?? {};
    return {
        k: terms.k,
        grid: terms.islanded === true ? 'none' : (bounds ?? 'shut'),
        floor: microsPerKwh(terms.floor),
        cap: microsPerKwh(terms.cap),
        lot: lotWh === undefined ? undefined : wattHours(lotWh),
        reserve: reserve === undefined ? undefined : microsPerKwh(reserve),
        keys: keys && new Map(keys.map((share) => [keyPlace(share), share.weight])),
        islanded: terms.islanded,
    };
}

/** A market order takes the worst price that anybody may accept. */
const domainOrder = ({ mspId, id, side, energyWh, limit, salt }: OrderRecord, { floor, cap }: Terms): Order => ({
    id: orderName(mspId, id),
    member: mspId,
    side,
    energy: wattHours(energyWh),
    limit: microsPerKwh(limit ?? (side === 'buy' ? cap : floor)),
    salt,
});

/**
 * The orders of a round that were revealed on the ledger, by their names. Whether there are any that were not is known for good only
 * when they were called for and the time to reveal is over. Refuses REVEALS_OPEN.
 */
export async function revealedNames(
    ctx: TransactionContext,
    charter: Charter,
    round: RoundRecord,
): Promise<ReadonlySet<string>> {
    const { slot, closed = [] } = round;
    const orders = closed.map(({ order }) => order);
    const revealed = new Set(await revealedOf(ctx, slot, orders));
    const end = revealsEnd(charter, round);
    if (revealed.size < closed.length && ctx.now < end) {
        refuse('REVEALS_OPEN', `slot ${slot}: ${end === Infinity ? 'not called for' : `${end - ctx.now} s to go`}`);
    }
    return revealed;
}

/**
 * The orders of a closed round, from the openings of exactly those that were revealed: peers endorse whatever their chaincode accepts, so
 * a seat that left one out would decide alone whose orders count. A member whose orders are not all revealed has none in the book, or it
 * could commit itself to several and choose among them once somebody has seen the others'. Refuses OPENING_UNKNOWN, OPENING_MISSING,
 * OPENING_MISMATCH.
 */
export function bookOf(
    charter: Charter,
    round: RoundRecord,
    revealed: ReadonlySet<string>,
    openings: readonly OrderRecord[],
): Book {
    const opened = byName(openings);
    const stranger = [...opened.keys()].find((name) => !revealed.has(name));
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', `${stranger} in slot ${round.slot}`);
    }
    const book = { orders: [] as OrderRecord[], dropped: [] as Dropped[], tooLarge: new Set<string>() };
    const carried = new Map<string, bigint>();
    const { closed = [] } = round;
    const sealed = closed.map(({ order }) => order).filter((order) => !revealed.has(order));
    const choosers = new Set(sealed.map(ownerOf));
    for (const { order, hash } of closed) {
        if (!revealed.has(order)) {
            book.dropped.push({ order, reason: 'UNREVEALED' });
            continue;
        }
        const opening = openingOf(`${order} in slot ${round.slot}`, hash, opened.get(order));
        const reason = choosers.has(opening.mspId) ? 'PARTLY_REVEALED' : flawOf(charter, round, opening);
        if (reason !== undefined) {
            book.dropped.push({ order, reason });
            continue;
        }
        book.orders.push(opening);
        const member = memberNamed(charter.members, opening.mspId);
        if (member !== undefined && !isCarried(carried, opening, member)) {
            book.tooLarge.add(order);
        }
    }
    return book;
}

/** Refuses OPENING_MISSING, OPENING_MISMATCH. */
function openingOf(name: string, hash: string, opening: OrderRecord | undefined): OrderRecord {
    if (opening === undefined) {
        refuse('OPENING_MISSING', name);
    }
    return recordHash(opening) === hash ? opening : refuse('OPENING_MISMATCH', name);
}

/** Openings by the name of their order. Refuses OPENING_UNKNOWN where one is given twice. */
export function byName(openings: readonly OrderRecord[]): Map<string, OrderRecord> {
    const named = new Map<string, OrderRecord>();
    for (const opening of openings) {
        const name = orderName(opening.mspId, opening.id);
        if (named.has(name)) {
            refuse('OPENING_UNKNOWN', `${name} is given twice`);
        }
        named.set(name, opening);
    }
    return named;
}

/** An order placed ahead may be meant for later: it is valid if it is when the gate closes, since a round has no other time. */
function flawOf(charter: Charter, round: RoundRecord, order: OrderRecord): Dropped['reason'] | undefined {
    const member = memberNamed(charter.members, order.mspId);
    const isOwners =
        member !== undefined &&
        isRecordOf(order, order.mspId, round.slot, order.id) &&
        isSigned(order, member.ownerKey);
    if (!isOwners) {
        return 'FORGED';
    }
    if (!isActiveOn(member.standings, round.day)) {
        return 'NOT_ACTIVE';
    }
    const { gateSlots } = termsOf(charter, round.day);
    return (order.validFrom ?? 0) > round.slot - gateSlots ? 'NOT_VALID_YET' : undefined;
}
