import type { MarketEvent } from '@commonwatt/chaincode/api/events';
import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import type { Auction } from '../../market/auction';
import type { News } from './news';

export type Stage = 'open' | 'closed' | 'final';

const STAGES: readonly Stage[] = ['open', 'closed', 'final'];
const stageOf = ({ status }: RoundRecord): Stage => (status === 'open' || status === 'closed' ? status : 'final');
const later = (one: Stage, other: Stage): Stage => (STAGES.indexOf(one) > STAGES.indexOf(other) ? one : other);

/**
 * The rounds of a day as the own peer has them. Any member can announce anything, so an announcement is never evidence: it is a reason to read the
 * records again, which happens only where somebody needs them, because a day's are large.
 */
export class DayRounds {
    readonly #day: string;
    readonly #auction: Pick<Auction, 'rounds'>;
    readonly #news: News;
    /** What we have done ourselves. Rounds only go on. */
    readonly #noted = new Map<number, Stage>();
    readonly #announced = new Set<string>();
    readonly #ordered = new Set<string>();
    #records: readonly RoundRecord[] = [];
    #reading: Promise<void> | undefined;
    #orderNews = 0;
    /** How often there was a reason to read. */
    #reasons = 1;
    /** For how many of them, with gaps, the records are new enough. */
    #readFor = 0;

    constructor(day: string, auction: Pick<Auction, 'rounds'>, news: News) {
        this.#day = day;
        this.#auction = auction;
        this.#news = news;
        news.listen((event) => {
            this.#hear(event);
        });
    }

    /** Read again where anything has changed or may have. */
    async records(): Promise<readonly RoundRecord[]> {
        const wanted = this.#due();
        if (this.#readFor < wanted) {
            await this.#read();
        }
        if (this.#readFor < wanted) {
            await this.#read(); // The one that was under way had begun before.
        }
        return this.#records;
    }

    /** Slots by how far their rounds are, in order. */
    async slots(stage: Stage): Promise<number[]> {
        const records = await this.records();
        return records
            .filter((round) => later(stageOf(round), this.#noted.get(round.slot) ?? 'open') === stage)
            .map(({ slot }) => slot)
            .sort((a, b) => a - b);
    }

    /** Who has ordered something of the day, as far as it was found on the ledger. */
    get ordered(): ReadonlySet<string> {
        return this.#ordered;
    }

    /** Of whom it was announced: to be looked for. */
    get announced(): ReadonlySet<string> {
        return this.#announced;
    }

    /** Changes whenever an order of the day is announced. */
    get orderNews(): number {
        return this.#orderNews;
    }

    noteOrdered(mspId: string): void {
        this.#ordered.add(mspId);
    }

    /** By who has just changed it. */
    note(round: RoundRecord): void {
        this.#reasons += 1;
        this.#noted.set(round.slot, later(stageOf(round), this.#noted.get(round.slot) ?? 'open'));
    }

    /** Everything is read again. */
    doubt(): void {
        this.#reasons += 1;
    }

    #due(): number {
        return this.#reasons + this.#news.gaps;
    }

    /** One at a time for all who ask. */
    #read(): Promise<void> {
        this.#reading ??= this.#readNow().finally(() => {
            this.#reading = undefined;
        });
        return this.#reading;
    }

    async #readNow(): Promise<void> {
        const due = this.#due(); // What is announced while they are read makes them old again.
        this.#records = await this.#auction.rounds(this.#day);
        this.#readFor = due;
    }

    #hear(event: MarketEvent): void {
        if (event.type === 'OrderSubmitted' && (this.#records.length === 0 || this.#has(event.slot))) {
            this.#announced.add(event.mspId);
            this.#orderNews += 1;
        }
        if (
            (event.type === 'RoundClosed' || event.type === 'RoundCleared' || event.type === 'RoundVoided') &&
            event.day === this.#day
        ) {
            this.#reasons += 1;
        }
    }

    #has(slot: number): boolean {
        return this.#records.some((round) => round.slot === slot);
    }
}
