import { orderRecord, type OrderRecord } from '@commonwatt/chaincode/api/records';
import { appendRecords, readRecords } from './kept-records';

const OTHERWISE = 'is no order: restore the file, or remove it if no round waits for it';

/**
 * The orders that an agent has committed itself to. Until they are revealed nobody else has them, and who cannot open an order forfeits
 * a deposit: so each is on the disk before its commitment leaves. One line for each order, added and never changed.
 */
export class KeptOrders {
    readonly #path: string;
    #orders: Map<number, OrderRecord> | undefined;

    /** Nothing is read or made before it is needed. */
    constructor(path: string) {
        this.#path = path;
    }

    /** By slot. */
    get all(): readonly OrderRecord[] {
        return [...this.#loaded().values()].sort((a, b) => a.slot - b.slot);
    }

    /** The order of a slot: the last that was kept. */
    find(slot: number): OrderRecord | undefined {
        return this.#loaded().get(slot);
    }

    /** Back only when they would survive a power cut. */
    keep(orders: readonly OrderRecord[]): void {
        if (orders.length === 0) {
            return;
        }
        const known = this.#loaded();
        appendRecords(this.#path, orders);
        orders.forEach((order) => known.set(order.slot, order));
    }

    #loaded(): Map<number, OrderRecord> {
        this.#orders ??= new Map(readRecords(this.#path, orderRecord, OTHERWISE).map((order) => [order.slot, order]));
        return this.#orders;
    }
}
