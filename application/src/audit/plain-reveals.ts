import { createPublicKey, verify } from 'node:crypto';
import type { Charter, OrderMarker, RoundRecord } from '@commonwatt/chaincode/api/records';
import type { Check } from './check';

/** A round and the markers of its orders, as any peer has them. */
export interface PublicRound {
    readonly round: RoundRecord;
    readonly markers: readonly OrderMarker[];
}

/**
 * What everybody can check of sealed orders: that each which counted is its member's own word, that the committee left none out which it
 * holds and took none in which was never revealed, and that every one of them ended in some way. Without the chaincode's code.
 */
export function orderChecks(rounds: readonly PublicRound[], members: Charter['members']): Check[] {
    const found = (flaws: (round: PublicRound) => readonly string[]): readonly string[] =>
        rounds.flatMap((each) => flaws(each).map((order) => `${order} in slot ${each.round.slot}`));
    return [
        checked(
            'every order that counted was signed by its member',
            found((each) => unsigned(each, members)),
        ),
        checked('no order was left out that the committee holds', found(withheld)),
        checked('no order was left out as not revealed that nobody had called for', found(uncalled)),
        checked('no order took part that was not revealed', found(unrevealed)),
        checked('no member took part that revealed some of its orders only', found(choosing)),
        checked('every order that counted ended in an outcome or a reason', found(unended)),
    ];
}

const checked = (what: string, flaws: readonly string[]): Check =>
    flaws.length === 0 ? { what, holds: true } : { what, holds: false, found: flaws.slice(0, 5).join(', ') };

const nameOf = ({ mspId, id }: OrderMarker): string => `${mspId}/${id}`;

function markerOf({ round, markers }: PublicRound, order: string): OrderMarker | undefined {
    return markers.find((marker) => nameOf(marker) === order && marker.slot === round.slot);
}

function unsigned(known: PublicRound, members: Charter['members']): string[] {
    return (known.round.closed ?? [])
        .filter(({ order, hash }) => {
            const marker = markerOf(known, order);
            const key = marker && members[marker.mspId]?.ownerKey;
            return marker?.hash !== hash || key === undefined || !isSigned(marker, key);
        })
        .map(({ order }) => order);
}

/** The statement is written out here as the format is documented, and not by the code that signs it. */
function isSigned({ slot, mspId, id, hash, signature }: OrderMarker, key: string): boolean {
    const place = `order/${slot.toString().padStart(10, '0')}/${mspId}/${id}`;
    const statement = Buffer.from(`{"commitment":"${place}","hash":"${hash}"}`);
    const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    return verify('sha256', statement, publicKey, Buffer.from(signature, 'base64'));
}

function withheld(known: PublicRound): string[] {
    return (known.round.dropped ?? [])
        .filter(
            ({ order, reason }) =>
                (reason === 'UNREVEALED' && isHeld(known, order)) ||
                (reason === 'PARTLY_REVEALED' && ordersOfOwner(known, order).every((each) => isHeld(known, each))),
        )
        .map(({ order }) => order);
}

/** Time to reveal runs from when somebody who saw the round closed has called for what was missing; and that is not before it was closed. */
function uncalled({ round: { dropped = [], closedAt = 0, calledAt = -1 } }: PublicRound): string[] {
    const unrevealed = dropped.filter(({ reason }) => reason === 'UNREVEALED').map(({ order }) => order);
    return calledAt >= closedAt ? [] : unrevealed;
}

const isHeld = (known: PublicRound, order: string): boolean => markerOf(known, order)?.holders !== undefined;

/** Those that counted of the member whose order it is. */
function ordersOfOwner({ round: { closed = [] } }: PublicRound, order: string): string[] {
    const owner = order.slice(0, order.indexOf('/') + 1);
    return closed.map((each) => each.order).filter((each) => each.startsWith(owner));
}

/** A member takes part with all of its orders of a round or with none. */
function choosing(known: PublicRound): string[] {
    return (known.round.outcomes ?? [])
        .map(({ order }) => order)
        .filter((order) => ordersOfOwner(known, order).some((each) => !isHeld(known, each)));
}

function unrevealed(known: PublicRound): string[] {
    return (known.round.outcomes ?? []).map(({ order }) => order).filter((order) => !isHeld(known, order));
}

function unended({ round: { status, closed = [], outcomes = [], dropped = [] } }: PublicRound): string[] {
    const ended = new Set([...outcomes, ...dropped].map(({ order }) => order));
    return status === 'cleared' ? closed.map(({ order }) => order).filter((order) => !ended.has(order)) : [];
}
