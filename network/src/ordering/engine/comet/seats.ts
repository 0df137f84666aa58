import { createHash } from 'node:crypto';
import type { Seat } from '../engine';

const ADDRESS_BYTES = 20;

/** How the engine names the holder of an ed25519 key: the first 20 bytes of its SHA-256, in lower-case hexadecimal digits. */
export function engineAddress(publicKey: Uint8Array): string {
    return createHash('sha256').update(publicKey).digest().subarray(0, ADDRESS_BYTES).toString('hex');
}

/** @throws Error for a seat that has no key in the engine. */
export function engineKeyOf({ id, engineKey }: Seat): Uint8Array {
    if (engineKey === undefined) {
        throw new Error(`the ordering seat of ${id} has no engine key`);
    }
    return engineKey;
}

/** Who stands behind the engine's addresses, seats that were given up included: their blocks may still be replayed. */
export class SeatDirectory {
    readonly #idByAddress = new Map<string, string>();

    add(seats: readonly Seat[]): void {
        for (const seat of seats) {
            this.#idByAddress.set(engineAddress(engineKeyOf(seat)), seat.id);
        }
    }

    at(address: Uint8Array): string | undefined {
        return this.#idByAddress.get(Buffer.from(address).toString('hex'));
    }
}

export interface PowerUpdate {
    readonly engineKey: Uint8Array;
    /** Zero takes the vote away. */
    readonly power: bigint;
}

/** What turns one set of voters into another, in the order of the new set; those who leave come last. */
export function powerUpdates(before: readonly Seat[], after: readonly Seat[]): PowerUpdate[] {
    const powerBefore = new Map(before.map((seat) => [hexOf(seat), seat.power]));
    const staying = new Set(after.map(hexOf));
    return [
        ...after
            .filter((seat) => powerBefore.get(hexOf(seat)) !== seat.power)
            .map((seat) => ({ engineKey: engineKeyOf(seat), power: seat.power })),
        ...before
            .filter((seat) => !staying.has(hexOf(seat)))
            .map((seat) => ({ engineKey: engineKeyOf(seat), power: 0n })),
    ];
}

function hexOf(seat: Seat): string {
    return Buffer.from(engineKeyOf(seat)).toString('hex');
}
