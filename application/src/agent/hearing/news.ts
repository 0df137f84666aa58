import { setTimeout as pause } from 'node:timers/promises';
import type { MarketEvent } from '@commonwatt/chaincode/api/events';

/** What an agent can wait for. */
export type Topic =
    'days' | 'rounds' | 'orders' | 'reveals' | 'readings' | 'settlements' | 'bills' | 'schedule' | 'stake';

const TOPICS: Readonly<Partial<Record<MarketEvent['type'], Topic>>> = {
    DayOpened: 'days',
    DayClosed: 'days',
    PoolStated: 'days',
    FeederCompared: 'days',
    BillsPublished: 'days',
    RoundClosed: 'rounds',
    RoundCleared: 'rounds',
    RoundVoided: 'rounds',
    OrderSubmitted: 'orders',
    OrderCancelled: 'orders',
    OrdersRevealed: 'reveals',
    RevealsCalled: 'reveals',
    ReadingsRecorded: 'readings',
    DaySettled: 'settlements',
    BillIssued: 'bills',
    ScheduleOpened: 'schedule',
    ScheduleEnded: 'schedule',
    EpochOpened: 'stake',
    EnergyPublished: 'stake',
    SeedCommitted: 'stake',
    WeightsFixed: 'stake',
    SeedRevealed: 'stake',
    EpochClosed: 'stake',
    ProducersConfirmed: 'stake',
    RewardsPaid: 'stake',
};

/** News come in bursts, a block at a time: once they pause for so long, or have gone on for so long, they are acted upon. */
const QUIET_MS = 60;
const BURST_MS = 300;

type Listener = (event: MarketEvent) => void;

/**
 * What an organisation's own peer announces, for the parts of its agent. Announcements only wake somebody: whoever acts upon them asks the ledger.
 * After a gap (the peer was away) everything counts as new.
 */
export class News {
    readonly #counts = new Map<Topic, number>();
    readonly #listeners = new Set<Listener>();
    readonly #waiting = new Set<() => void>();
    #gaps = 0;

    hear(event: MarketEvent): void {
        const topic = TOPICS[event.type];
        if (topic !== undefined) {
            this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + 1);
        }
        this.#listeners.forEach((listener) => {
            listener(event);
        });
        if (topic !== undefined) {
            this.#wake();
        }
    }

    /** Something may have been missed. */
    gap(): void {
        this.#gaps += 1;
        this.#wake();
    }

    get gaps(): number {
        return this.#gaps;
    }

    listen(listener: Listener): void {
        this.#listeners.add(listener);
    }

    /** Changes whenever there is something new of these. */
    mark(topics: readonly Topic[]): number {
        return topics.reduce((sum, topic) => sum + (this.#counts.get(topic) ?? 0), this.#gaps);
    }

    /** Until there is something new of these since the mark, a burst of it together; at most so long. Returns whether there is. */
    async until(topics: readonly Topic[], mark: number, limitMs: number, signal?: AbortSignal): Promise<boolean> {
        const end = performance.now() + limitMs;
        while (this.mark(topics) === mark) {
            const left = end - performance.now();
            if (left <= 0 || signal?.aborted === true) {
                return false;
            }
            await this.#something(left, signal);
        }
        const burst = performance.now() + BURST_MS;
        for (let seen = -1; seen !== this.mark(topics) && performance.now() < burst;) {
            seen = this.mark(topics);
            await pause(QUIET_MS);
        }
        return true;
    }

    #something(limitMs: number, signal: AbortSignal | undefined): Promise<void> {
        return new Promise((resolve) => {
            const go = (): void => {
                clearTimeout(timer);
                this.#waiting.delete(go);
                signal?.removeEventListener('abort', go);
                resolve();
            };
            const timer = setTimeout(go, limitMs);
            this.#waiting.add(go);
            signal?.addEventListener('abort', go, { once: true });
        });
    }

    #wake(): void {
        [...this.#waiting].forEach((go) => {
            go();
        });
    }
}
