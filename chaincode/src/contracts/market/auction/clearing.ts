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
import { isSigned, recordHash } from '../guards';
import { isRecordOf } from './order-rules';

type Dropped = NonNullable<RoundRecord['dropped']>[number];

/** What the openings of a round's closed orders turn out to be. */
interface Book {
    readonly orders: readonly OrderRecord[];
    readonly dropped: readonly Dropped[];
}

/**
 * A closed round with its result. Every closed order ends in a masked outcome, or is dropped with a reason that all may see:
 * it was not opened as its marker says, it is not its owner's, or its owner does not take part on that day.
 */
export function cleared(
    charter: Charter,
    terms: Terms,
    round: RoundRecord,
    openings: readonly OrderRecord[],
    attempt: string,
): RoundRecord {
    const { orders, dropped } = sorted(charter, round, openings);
    const bounds = boundsOf(charter, terms, round);
    const clearing = clearingOf(round, orders, terms, bounds);
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
    orders: readonly OrderRecord[],
    terms: Terms,
    bounds: PriceBounds | undefined,
): Clearing {
    const rule = mechanism(round.mechanism);
    if (rule === undefined) {
        throw new Error(`round ${round.slot} names the unknown mechanism ${round.mechanism}`);
    }
    return rule.clear(
        orders.map((order) => domainOrder(order, terms)),
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

function sorted(charter: Charter, round: RoundRecord, openings: readonly OrderRecord[]): Book {
    const opened = byName(openings);
    const orders: OrderRecord[] = [];
    const dropped: Dropped[] = [];
    for (const { order, hash } of round.closed ?? []) {
        const opening = opened.get(order);
        opened.delete(order);
        if (opening === undefined || recordHash(opening) !== hash) {
            dropped.push({ order, reason: 'UNREVEALED' });
            continue;
        }
        const reason = flawOf(charter, round, opening);
        if (reason === undefined) {
            orders.push(opening);
        } else {
            dropped.push({ order, reason });
        }
    }
    const [stranger] = opened.keys();
    if (stranger !== undefined) {
        refuse('OPENING_UNKNOWN', stranger);
    }
    return { orders, dropped };
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

function flawOf(charter: Charter, round: RoundRecord, order: OrderRecord): Dropped['reason'] | undefined {
    const member = memberNamed(charter.members, order.mspId);
    const isOwners =
        member !== undefined &&
        isRecordOf(order, order.mspId, round.slot, order.id) &&
        isSigned(order, member.ownerKey);
    if (!isOwners) {
        return 'FORGED';
    }
    return isActiveOn(member.standings, round.day) ? undefined : 'NOT_ACTIVE';
}
