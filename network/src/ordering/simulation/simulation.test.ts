import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { decodeBlock, headerBytes, headerHash, signHeader } from '../../fabric/blocks';
import { configuredSeats } from '../../fabric/channel-config';
import { parseEnvelope } from '../../fabric/envelopes';
import { concat, sha256 } from '../../fabric/wire';
import { headerOf } from '../app/block-header';
import type { Signatory } from '../cluster/exchange';
import type { ClusterMessage } from '../cluster/messages';
import { ProposerRotation } from '../engine/rotation';
import { OrderingCommunity } from '../testing/community';
import { Dice } from '../testing/load';
import { Crashed, SimulatedSeat, type SimulatedDisk, type SimulatedSigner } from './simulated-seats';

// Shared machines are slow at times.
jest.setTimeout(3_600_000);

/** More of them: `SIMULATED_MESSAGES=50000`, which takes minutes and prints how far it is; all blocks of all seats are held in memory. */
const MESSAGES = Number(process.env['SIMULATED_MESSAGES'] ?? 2_000);
const SIGNED_MESSAGES = Number(process.env['SIMULATED_SIGNED_MESSAGES'] ?? 200);
const SEED = Number(process.env['SIMULATION_SEED'] ?? 11);
const MOST_IN_BLOCK = 20;
const PROGRESS = 5_000;

let community: OrderingCommunity;
let genesis: common.Block;
let template: common.Envelope;

beforeAll(async () => {
    community = await OrderingCommunity.create(4, 33_100, {}, { ordering: 'comet' });
    genesis = community.genesis({ maxMessageCount: MOST_IN_BLOCK });
    template = community.transaction();
});

afterAll(() => {
    community.remove();
});

/** A signature is a hash of name and message: enough where only the order of things is looked at. */
const simulated: SimulatedSigner = {
    signatories: (bundle) =>
        (configuredSeats(bundle) ?? []).map(({ mspId, power, identity }) => ({
            mspId,
            power,
            identity,
            verify: (message, signature) => Buffer.from(signature).equals(sha256(concat(identity, message))),
        })),
    sign: (mspId, header, value) => {
        const creator = community.orderer(mspId.replace('MSP', '')).serialized;
        const signatureHeader = new common.SignatureHeader();
        signatureHeader.setCreator(creator);
        const made = new common.MetadataSignature();
        made.setSignatureHeader(signatureHeader.serializeBinary());
        made.setSignature(sha256(concat(creator, value, signatureHeader.serializeBinary(), headerBytes(header))));
        return made;
    },
};

const real: SimulatedSigner = {
    signatories: (bundle) =>
        (configuredSeats(bundle) ?? []).map(({ mspId, power, identity }): Signatory => {
            const found = bundle.msps.identity(identity);
            return { mspId, power, identity, verify: (message, signature) => found.verify(message, signature) };
        }),
    sign: (mspId, header, value) => signHeader(header, value, community.orderer(mspId.replace('MSP', ''))),
};

/** Decided without having been checked, so that many of them cost little: other nonces, the rest as in the template. */
function numbered(number: number): Uint8Array {
    const envelope = common.Envelope.deserializeBinary(template.serializeBinary());
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const header = payload.getHeader() ?? new common.Header();
    const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    channelHeader.setTxId(Buffer.from(sha256(Buffer.from(String(number)))).toString('hex'));
    header.setChannelHeader(channelHeader.serializeBinary());
    payload.setHeader(header);
    envelope.setPayload(payload.serializeBinary());
    return envelope.serializeBinary();
}

interface Simulation {
    readonly seed: number;
    readonly messages: number;
    readonly signer: SimulatedSigner;
    /** Of the messages that wait, in any order and some of them twice: what a proposer takes. */
    readonly choose: (waiting: readonly Uint8Array[], seat: SimulatedSeat) => readonly Uint8Array[];
    readonly make: (number: number) => Uint8Array;
    readonly crashEvery: number;
}

const IDS = ['H1MSP', 'H2MSP', 'H3MSP', 'H4MSP'];

/** An engine that decides, seats that crash between any two writes, and a network that loses, doubles and reorders. */
class Simulator {
    readonly #dice: Dice;
    readonly #disks = IDS.map((): SimulatedDisk => ({ decided: new Map(), sealed: [] }));
    readonly #seats: (SimulatedSeat | undefined)[] = IDS.map(() => undefined);
    readonly #log: { readonly proposer: string; readonly messages: readonly Uint8Array[] }[] = [];
    #post: { from: string; to: string; message: ClusterMessage }[] = [];
    #now = 0;
    crashes = 0;

    constructor(private readonly options: Simulation) {
        this.#dice = new Dice(options.seed);
    }

    async run(): Promise<readonly string[]> {
        const { messages, make } = this.options;
        const rotation = new ProposerRotation(this.#seat(0).app.info().seats);
        let made = 0;
        let waiting: Uint8Array[] = [];
        while (made < messages || waiting.length > 0) {
            for (let more = this.#dice.below(MOST_IN_BLOCK); more > 0 && made < messages; more -= 1) {
                waiting.push(make(made));
                made += 1;
                if (made % PROGRESS === 0) console.log(`${made} of ${messages} messages, ${this.crashes} crashes`);
            }
            const proposer = rotation.next();
            const list = this.#dice.below(10) === 0 ? [] : await this.#proposal(waiting);
            waiting = waiting.filter((message) => !list.includes(message));
            this.#log.push({ proposer, messages: list });
            await this.#step();
        }
        await this.#finish();
        return this.#same();
    }

    /** As one of the seats would propose it: doubled and shuffled before, each once after. */
    async #proposal(waiting: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
        const shuffled = [...waiting, ...waiting.slice(0, 3)];
        for (let at = shuffled.length - 1; at > 0; at -= 1) {
            const other = this.#dice.below(at + 1);
            [shuffled[at], shuffled[other]] = [shuffled[other] ?? new Uint8Array(), shuffled[at] ?? new Uint8Array()];
        }
        await this.#catchUp(0);
        return this.options.choose(shuffled, this.#seat(0));
    }

    async #step(): Promise<void> {
        for (const at of IDS.keys()) if (this.#dice.below(3) > 0) await this.#catchUp(at);
        this.#now += this.#dice.below(500);
        this.#deliver();
    }

    async #finish(): Promise<void> {
        const isDone = (): boolean =>
            this.#disks.every(({ sealed, decided }) => decided.size === 0 && sealed.length > 0);
        for (let rounds = 0; rounds < 10_000; rounds += 1) {
            for (const at of IDS.keys()) await this.#catchUp(at);
            this.#now += 1_000;
            this.#deliver();
            if (isDone() && this.#disks.every(({ sealed }) => sealed.length === this.#disks[0]?.sealed.length)) return;
        }
        throw new Error('signatures did not come together');
    }

    #seat(at: number): SimulatedSeat {
        const there = this.#seats[at];
        if (there !== undefined) return there;
        const made = new SimulatedSeat({
            mspId: IDS[at] ?? '',
            genesis,
            signer: this.options.signer,
            disk: this.#disks[at] ?? { decided: new Map(), sealed: [] },
            mayCrash: () => {
                if (this.#seats[at] === undefined || this.#dice.below(this.options.crashEvery) > 0) return;
                this.crashes += 1;
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

    /** Gives a seat what the engine decided since the height that it knows; where it crashes, it starts anew from its disk. */
    async #catchUp(at: number): Promise<void> {
        for (;;) {
            const seat = this.#seat(at);
            const height = seat.app.info().height + 1;
            const next = this.#log[height - 1];
            if (next === undefined) return;
            try {
                await seat.decide({ height, ...next });
            } catch (error) {
                this.#afterCrash(at, error);
            }
        }
    }

    #deliver(): void {
        const post = this.#post;
        this.#post = [];
        for (const { from, to, message } of post) {
            this.#guarded(IDS.indexOf(to), (seat) => {
                seat.receive(from, message, this.#now);
            });
        }
        for (const at of IDS.keys()) {
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

    #same(): readonly string[] {
        const chains = this.#disks.map(({ sealed }) =>
            sealed.map((bytes) => Buffer.from(headerHash(headerOf(decodeBlock(bytes)))).toString('hex')),
        );
        const [first = []] = chains;
        for (const chain of chains) expect(chain).toEqual(first);
        const ids = (this.#disks[0]?.sealed ?? []).flatMap((bytes) =>
            (decodeBlock(bytes).getData()?.getDataList_asU8() ?? []).map((message) => parseEnvelope(message).txId),
        );
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).toHaveLength(this.options.messages);
        return first;
    }
}

const unchecked: Simulation['choose'] = (waiting) => [...new Set(waiting)].slice(0, MOST_IN_BLOCK);

/** By the application itself, with every signature looked at. */
const checked: Simulation['choose'] = (waiting, seat) => {
    const { considered, dropped } = seat.app.prepare(waiting);
    const list = waiting.slice(0, considered).filter((_, at) => !dropped.includes(at));
    if (list.length > 0) {
        const block = { height: seat.app.info().height + 1, proposer: 'H1MSP', messages: list };
        expect(seat.app.process(block)).toBeUndefined();
    }
    return list;
};

describe(`ordering in a simulation (seed ${SEED})`, () => {
    test(`${MESSAGES} messages, doubled and reordered, seats that crash between any two writes: one chain on all`, async () => {
        const options = {
            seed: SEED,
            messages: MESSAGES,
            signer: simulated,
            choose: unchecked,
            make: numbered,
            crashEvery: Math.max(400, MESSAGES / 10),
        };
        const simulator = new Simulator(options);
        await simulator.run();
        expect(simulator.crashes).toBeGreaterThan(0);
    });

    test('the same seed gives the same blocks and crashes, another one others', async () => {
        const run = async (seed: number): Promise<string> => {
            const simulator = new Simulator({
                seed,
                messages: 200,
                signer: simulated,
                choose: unchecked,
                make: numbered,
                crashEvery: 30,
            });
            return `${simulator.crashes} ${(await simulator.run()).join()} ${simulator.crashes}`;
        };
        const first = await run(SEED);
        expect(await run(SEED)).toBe(first);
        expect(await run(SEED + 1)).not.toBe(first);
    });

    test(`${SIGNED_MESSAGES} messages with everybody's keys`, async () => {
        const made = Array.from({ length: SIGNED_MESSAGES }, () => community.transaction().serializeBinary());
        const make = (number: number): Uint8Array => made[number] ?? new Uint8Array();
        const options = { seed: SEED, messages: SIGNED_MESSAGES, signer: real, choose: checked, make, crashEvery: 60 };
        await new Simulator(options).run();
    });
});
