import { FormatError } from '../errors';
import { serializeIdentity } from '../signing';
import type { Bundle, Consenter } from './bundle';
import { seatPowers, type SeatPower } from './seat-powers';

/** An ordering seat as the channel's configuration has it: the consenter mapping and, beside it, the seat's power. */
export interface ConfiguredSeat extends SeatPower {
    readonly consenter: Consenter;
    /** Bytes of the SerializedIdentity that signs its blocks. */
    readonly identity: Uint8Array;
}

const kept = new WeakMap<Bundle, readonly ConfiguredSeat[] | 'none'>();

/**
 * The seats of a channel, in the order of its consenter mapping; undefined where the configuration has no powers. Throws FormatError where
 * the powers and the mapping do not name the same organisations in the same order.
 */
export function configuredSeats(bundle: Bundle): readonly ConfiguredSeat[] | undefined {
    const known = kept.get(bundle) ?? read(bundle) ?? 'none';
    kept.set(bundle, known);
    return known === 'none' ? undefined : known;
}

function read({ consensus, consenters }: Bundle): readonly ConfiguredSeat[] | undefined {
    const powers = consensus.type === 'BFT' ? seatPowers(consensus.metadata) : undefined;
    if (powers === undefined) return undefined;
    const named = powers.seats.map(({ mspId }) => mspId).join(', ');
    const mapped = consenters.map(({ mspId }) => mspId).join(', ');
    if (named !== mapped) {
        throw new FormatError(`the powers are those of ${named}, the consenter mapping names ${mapped}`);
    }
    return powers.seats.flatMap((seat, at) => {
        const consenter = consenters[at];
        return consenter === undefined
            ? []
            : [{ ...seat, consenter, identity: serializeIdentity(consenter.mspId, consenter.identityPem) }];
    });
}
