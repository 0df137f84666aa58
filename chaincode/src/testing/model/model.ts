import { SHORT_DAY } from './short-day';

/** What an order's owner and the rules know of it. */
export interface ModelOrder {
    readonly mspId: string;
    readonly slot: number;
    readonly id: string;
    cancelled: boolean;
    revealed: boolean;
}

/** What a household's day was settled with: the version of each slot's reading. */
export interface ModelSettlement {
    version: number;
    provisional: boolean;
    readings: Map<number, ModelReading>;
    corrections: number;
}

export interface ModelReading {
    readonly version: number;
    readonly estimated: boolean;
}

export type RoundStatus = 'open' | 'closed' | 'cleared' | 'void';

/**
 * The market in a few words: which step may follow which. It knows no prices, no money and no energy: those are checked by the books, so that
 * neither repeats the code that it tests.
 */
export class Model {
    readonly rounds = new Map<number, RoundStatus>(SHORT_DAY.map((slot) => [slot, 'open']));
    /** Rounds whose unrevealed orders were called for; in these communities the time to reveal is over at once. */
    readonly called = new Set<number>();
    readonly orders = new Map<string, ModelOrder>();
    readonly readings = new Map<string, ModelReading>();
    readonly settled = new Map<string, ModelSettlement>();
    isClosed = false;

    ordersIn(slot: number): ModelOrder[] {
        return [...this.orders.values()].filter((order) => order.slot === slot && !order.cancelled);
    }

    reading(mspId: string, slot: number): ModelReading | undefined {
        return this.readings.get(`${mspId}/${slot}`);
    }

    get isTraded(): boolean {
        return [...this.rounds.values()].every((status) => status === 'cleared' || status === 'void');
    }

    isMetered(mspId: string): boolean {
        return SHORT_DAY.every((slot) => this.reading(mspId, slot) !== undefined);
    }

    /** Slots whose reading is newer than what the household's day was settled with. */
    changed(mspId: string): number[] {
        const known = this.settled.get(mspId)?.readings;
        return SHORT_DAY.filter(
            (slot) => (this.reading(mspId, slot)?.version ?? 0) > (known?.get(slot)?.version ?? Infinity),
        );
    }
}
