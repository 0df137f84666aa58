import type { MarketEvent } from '@commonwatt/chaincode/api/events';
import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import type { Auction } from '../../market/auction';
import type { News } from './news';

export type Stage = 'open' | 'closed' | 'final';

const stageOf = ({ status }: RoundRecord): Stage => (status === 'open' || status === 'closed' ? status : 'final');

/**
 * The rounds of a day as the own peer has them. How far each is follows from what was announced since they were read; their records are read again only
 * where somebody needs them, because a day's are large.
 */
export class DayRounds {
    readonly #day: string;
    readonly #auction: Auction;
    readonly #news: News;
    readonly #stages = new Map<number, Stage>();
    readonly #ordered = new Set<string>();
    #records: RoundRecord[] = [];
    #isCurrent = false;
    #gaps = -1;

    constructor(day: string, auction: Auction, news: News) {
        this.#day = day;
        this.#auction = auction;
        this.#news = news;
        news.listen((event) => {
            this.#hear(event);
        });
    }

    /** Read again where anything has changed or may have. */
    async records(): Promise<readonly RoundRecord[]> {
        if (!this.#isCurrent || this.#gaps !== this.#news.gaps) {
            const { gaps } = this.#news;
            this.#isCurrent = true; // What is announced while they are read makes them old again.
            this.#records = await this.#auction.rounds(this.#day);
            this.#gaps = gaps;
            this.#records.forEach((round) => {
                this.#advance(round.slot, stageOf(round));
            });
        }
        return this.#records;
    }

    /** Slots by how far their rounds are, in order. */
    async slots(stage: Stage): Promise<number[]> {
        if (this.#gaps !== this.#news.gaps) {
            await this.records();
        }
        return [...this.#stages]
            .filter(([, is]) => is === stage)
            .map(([slot]) => slot)
            .sort((a, b) => a - b);
    }

    /** Who has ordered something of the day, as far as it was announced or noted. */
    get ordered(): ReadonlySet<string> {
        return this.#ordered;
    }

    noteOrdered(mspId: string): void {
        this.#ordered.add(mspId);
    }

    /** By who has just changed it. */
    note(round: RoundRecord): void {
        this.#isCurrent = false;
        this.#advance(round.slot, stageOf(round));
    }

    /** Everything is read again. */
    doubt(): void {
        this.#isCurrent = false;
        this.#gaps = -1;
    }

    #hear(event: MarketEvent): void {
        if (event.type === 'OrderSubmitted' && this.#stages.has(event.slot)) {
            this.#ordered.add(event.mspId);
        }
        if (
            (event.type === 'RoundClosed' || event.type === 'RoundCleared' || event.type === 'RoundVoided') &&
            event.day === this.#day
        ) {
            this.#isCurrent = false;
            this.#advance(event.slot, event.type === 'RoundClosed' ? 'closed' : 'final');
        }
    }

    /** Rounds only go on: what was read may be older than what was announced. */
    #advance(slot: number, to: Stage): void {
        const order: readonly Stage[] = ['open', 'closed', 'final'];
        const is = this.#stages.get(slot) ?? 'open';
        this.#stages.set(slot, order.indexOf(to) > order.indexOf(is) ? to : is);
    }
}
