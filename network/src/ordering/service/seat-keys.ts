import type { Bundle } from '../../fabric/channel-config';
import { serializeIdentity, type SigningIdentity } from '../../fabric/signing';
import { sameBytes } from '../../fabric/wire';
import type { SeatTls } from './seat-server';

/** What a seat signs blocks with, and shows to the other seats. */
export interface SeatCredential {
    readonly identity: SigningIdentity;
    readonly tls: SeatTls;
}

/**
 * The keys of a seat. While its certificates are being renewed there are two of them, and the configuration in force says which one counts:
 * a block that was decided under the one before is signed with the key before, to the last.
 */
export class SeatKeys {
    readonly #first: SeatCredential;
    readonly #renewed: () => SeatCredential | undefined;
    readonly #known: SeatCredential[];

    /** @param renewed looks for a key that has been made since; asked whenever a configuration names one that is not known. */
    constructor(first: SeatCredential, renewed: () => SeatCredential | undefined = () => undefined) {
        this.#first = first;
        this.#renewed = renewed;
        this.#known = [first];
    }

    get mspId(): string {
        return this.#first.identity.mspId;
    }

    /** All that there are now. */
    all(): readonly SeatCredential[] {
        const renewed = this.#renewed();
        if (renewed !== undefined && !this.#known.some((each) => isSame(each, renewed))) this.#known.push(renewed);
        return this.#known;
    }

    /** The key whose certificate the configuration names for this seat; undefined where it is not here, or names none. */
    named({ consenters }: Bundle): SeatCredential | undefined {
        const seat = consenters.find(({ mspId }) => mspId === this.mspId);
        if (seat === undefined) return undefined;
        const wanted = serializeIdentity(seat.mspId, seat.identityPem);
        const isWanted = ({ identity }: SeatCredential): boolean => sameBytes(identity.serialized, wanted);
        return this.#known.find(isWanted) ?? this.all().find(isWanted);
    }

    /** The key that the configuration names, or else the one that the seat was started with. */
    namedOrFirst(bundle: Bundle): SeatCredential {
        return this.named(bundle) ?? this.#first;
    }
}

function isSame(one: SeatCredential, other: SeatCredential): boolean {
    return sameBytes(one.identity.serialized, other.identity.serialized);
}
