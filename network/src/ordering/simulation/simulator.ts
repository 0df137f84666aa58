import type { common } from '@hyperledger/fabric-protos';
import { headerHash } from '../../fabric/blocks';
import { headerOf } from '../app/block-header';
import type { ClusterMessage } from '../cluster/messages';
import { ProposerRotation } from '../engine/rotation';
import { Dice } from './dice';
import { SealedByAll, type SimulatedDisk } from './simulated-disks';
import { Crashed, SimulatedSeat, type SimulatedSigner } from './simulated-seats';

export interface Simulation {
    readonly seed: number;
    readonly messages: number;
    readonly genesis: common.Block;
    readonly mspIds: readonly string[];
    readonly signer: SimulatedSigner;
    /** At most so many come at a time, and into a block. */
    readonly mostInBlock: number;
    /** Of the messages that wait, in any order, some of them twice and some that were decided long ago: what a proposer takes. */
    readonly choose: (waiting: readonly Uint8Array[], seat: SimulatedSeat) => readonly Uint8Array[];
    /** The message of a number from 0, the same bytes each time. */
    readonly make: (number: number) => Uint8Array;
    /** A seat loses its process at one of so many moments before and after writes. */
    readonly crashEvery: number;
    /** Told from time to time how far it is. */
    readonly progress?: (state: SimulationState) => void;
}

export interface SimulationState {
    readonly messages: number;
    readonly blocks: number;
    readonly crashes: number;
    /** Of the last block: stands for the chain of all seats. */
    readonly lastHash: string;
}

interface Sent {
    readonly number: number;
    readonly bytes: Uint8Array;
}

/** A decision of the engine. The messages are kept as bytes until all seats have had them, then only as numbers. */
interface Decision {
    readonly proposer: string;
    readonly numbers: readonly number[];
    messages: readonly Uint8Array[] | undefined;
}

const PROGRESS_EVERY = 10_000;
const ROUNDS_TO_FINISH = 10_000;
const TICK_MS = 1_000;

/**
 * An engine that decides, seats that crash between any two writes, and a network that loses, doubles and reorders. Throws Error as soon as
 * a seat seals another block than the others, blames a good one, or forgets, doubles or changes a message.
 */
export class Simulator {
    readonly #options: Simulation;
    readonly #dice: Dice;
    readonly #sealed: SealedByAll;
    readonly #disks: readonly SimulatedDisk[];
    readonly #seats: (SimulatedSeat | undefined)[];
    readonly #log: Decision[] = [];
    /** Every seat has had the decisions up to this height. */
    #hadByAll = 0;
    #waiting: Sent[] = [];
    #post: { from: string; to: string; message: ClusterMessage }[] = [];
    #made = 0;
    #now = 0;
    #crashes = 0;

    constructor(options: Simulation) {
        this.#options = options;
        this.#dice = new Dice(options.seed);
        const { mspIds, genesis } = options;
        this.#sealed = new SealedByAll(mspIds.length, headerHash(headerOf(genesis)), (height) =>
            this.#messagesAt(height),
        );
        this.#disks = mspIds.map((_, at) => ({ decided: new Map(), sealed: this.#sealed.of(at) }));
        this.#seats = mspIds.map(() => undefined);
    }

    get state(): SimulationState {
        return {
            messages: this.#made,
            blocks: this.#sealed.length,
            crashes: this.#crashes,
            lastHash: Buffer.from(this.#sealed.lastHash).toString('hex'),
        };
    }

    async run(): Promise<SimulationState> {
        const { messages } = this.#options;
        const rotation = new ProposerRotation(this.#seat(0).app.info().seats);
        while (this.#made < messages || this.#waiting.length > 0) {
            this.#arrive();
            const proposer = rotation.next();
            const numbers = this.#dice.below(10) === 0 ? [] : await this.#proposal();
            this.#log.push({ proposer, numbers, messages: undefined });
            await this.#step();
        }
        await this.#finish();
        this.#assertEachOnce();
        return this.state;
    }

    #arrive(): void {
        const { messages, make, mostInBlock, progress } = this.#options;
        for (let more = this.#dice.below(mostInBlock); more > 0 && this.#made < messages; more -= 1) {
            this.#waiting.push({ number: this.#made, bytes: make(this.#made) });
            this.#made += 1;
            if (this.#made % PROGRESS_EVERY === 0) progress?.(this.state);
        }
    }

    /** As one of the seats would propose it: doubled and shuffled before, each once after. */
    async #proposal(): Promise<readonly number[]> {
        const sent = [...this.#waiting, ...this.#sentAgain()];
        const all = sent.map(({ bytes }) => bytes);
        const shuffled = [...all, ...all.slice(0, 3)];
        for (let at = shuffled.length - 1; at > 0; at -= 1) {
            const other = this.#dice.below(at + 1);
            [shuffled[at], shuffled[other]] = [shuffled[other] ?? new Uint8Array(), shuffled[at] ?? new Uint8Array()];
        }
        await this.#catchUp(0);
        const chosen = this.#options.choose(shuffled, this.#seat(0));
        const numbers = new Map(sent.map(({ number, bytes }) => [bytes, number]));
        const taken = new Set(chosen);
        this.#waiting = this.#waiting.filter(({ bytes }) => !taken.has(bytes));
        return chosen.flatMap((bytes) => numbers.get(bytes) ?? []);
    }

    /** Some that were decided, from the first to the last: they must not be again. */
    #sentAgain(): readonly Sent[] {
        const first = this.#made - this.#waiting.length;
        const isDecided = (number: number): boolean => !this.#waiting.some((each) => each.number === number);
        return Array.from({ length: first > 0 ? this.#dice.below(3) : 0 }, () => this.#dice.below(this.#made))
            .filter(isDecided)
            .map((number) => ({ number, bytes: this.#options.make(number) }));
    }

    async #step(): Promise<void> {
        for (const at of this.#seats.keys()) if (this.#dice.below(3) > 0) await this.#catchUp(at);
        this.#now += this.#dice.below(500);
        this.#deliver();
        this.#forget();
    }

    async #finish(): Promise<void> {
        const isDone = (): boolean =>
            this.#sealed.length > 0 &&
            this.#disks.every(({ sealed, decided }) => decided.size === 0 && sealed.length === this.#sealed.length);
        for (let rounds = 0; rounds < ROUNDS_TO_FINISH; rounds += 1) {
            for (const at of this.#seats.keys()) await this.#catchUp(at);
            this.#now += TICK_MS;
            this.#deliver();
            if (isDone()) return;
        }
        throw new Error('signatures did not come together');
    }

    #seat(at: number): SimulatedSeat {
        const there = this.#seats[at];
        if (there !== undefined) return there;
        const { mspIds, genesis, signer, crashEvery } = this.#options;
        const [mspId, disk] = [mspIds[at], this.#disks[at]];
        if (mspId === undefined || disk === undefined) throw new Error(`there is no seat ${at}`);
        const made = new SimulatedSeat({
            mspId,
            genesis,
            signer,
            disk,
            mayCrash: () => {
                if (this.#seats[at] === undefined || this.#dice.below(crashEvery) > 0) return;
                this.#crashes += 1;
                throw new Crashed('between two writes');
            },
            send: (from, to, message) => {
                const times = this.#dice.below(10) === 0 ? this.#dice.below(3) : 1;
                for (let sent = 0; sent < times; sent += 1) this.#post.push({ from, to, message });
            },
        });
        this.#seats[at] = made;
        return made;
    }

    #messagesAt(height: number): readonly Uint8Array[] {
        const decision = this.#log[height - 1];
        if (decision === undefined) throw new Error(`the engine has decided nothing at height ${height}`);
        if (decision.messages !== undefined) return decision.messages;
        const messages = decision.numbers.map(this.#options.make);
        if (height > this.#hadByAll) decision.messages = messages;
        return messages;
    }

    /** Bytes that every seat has had are made anew, should one that starts again need them. */
    #forget(): void {
        const heights = this.#seats.map((seat) => seat?.app.info().height ?? 0);
        for (const to = Math.min(...heights); this.#hadByAll < to; this.#hadByAll += 1) {
            const decision = this.#log[this.#hadByAll];
            if (decision !== undefined) decision.messages = undefined;
        }
    }

    /** Gives a seat what the engine decided since the height that it knows; where it crashes, it starts anew from its disk. */
    async #catchUp(at: number): Promise<void> {
        for (;;) {
            const seat = this.#seat(at);
            const height = seat.app.info().height + 1;
            const next = this.#log[height - 1];
            if (next === undefined) return;
            try {
                await seat.decide({ height, proposer: next.proposer, messages: this.#messagesAt(height) });
            } catch (error) {
                this.#afterCrash(at, error);
            }
        }
    }

    #deliver(): void {
        const post = this.#post;
        this.#post = [];
        for (const { from, to, message } of post) {
            this.#guarded(this.#options.mspIds.indexOf(to), (seat) => {
                seat.receive(from, message, this.#now);
            });
        }
        for (const at of this.#seats.keys()) {
            this.#guarded(at, (seat) => {
                seat.tick(this.#now);
            });
        }
    }

    #guarded(at: number, work: (seat: SimulatedSeat) => void): void {
        try {
            work(this.#seat(at));
        } catch (error) {
            this.#afterCrash(at, error);
        }
    }

    #afterCrash(at: number, error: unknown): void {
        if (!(error instanceof Crashed)) throw error;
        this.#seats[at] = undefined;
    }

    /** All seats have sealed the same blocks, and those hold what the engine decided: so each message is in exactly one. */
    #assertEachOnce(): void {
        const seen = new Uint8Array(this.#options.messages);
        for (const number of this.#log.flatMap(({ numbers }) => numbers)) {
            if (seen[number] !== 0) throw new Error(`message ${number} was decided twice, or was never made`);
            seen[number] = 1;
        }
        const missing = seen.indexOf(0);
        if (missing >= 0) throw new Error(`message ${missing} is in no block`);
        const blocks = this.#log.filter(({ numbers }) => numbers.length > 0).length;
        if (blocks !== this.#sealed.length) throw new Error(`${this.#sealed.length} blocks of ${blocks} are sealed`);
    }
}
