import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { headerBytes, signHeader } from '../../fabric/blocks';
import { configuredSeats } from '../../fabric/channel-config';
import type { SigningIdentity } from '../../fabric/signing';
import { concat, sha256 } from '../../fabric/wire';
import type { Signatory } from '../cluster/exchange';
import { OrderingCommunity } from '../testing/community';
import { numberedMessages } from './simulated-messages';
import type { SimulatedSigner } from './simulated-seats';
import { Simulator, type Simulation, type SimulationState } from './simulator';

// Shared machines are slow at times.
jest.setTimeout(3_600_000);

/** More of them: `SIMULATED_MESSAGES=1000000` takes minutes and says how far it is. Memory is for the ids of what was ordered. */
const MESSAGES = Number(process.env['SIMULATED_MESSAGES'] ?? 2_000);
const SIGNED_MESSAGES = Number(process.env['SIMULATED_SIGNED_MESSAGES'] ?? 200);
const SEED = Number(process.env['SIMULATION_SEED'] ?? 11);
const MOST_IN_BLOCK = 20;
const IDS = ['H1', 'H2', 'H3', 'H4'];
const MIB = 1024 * 1024;

let community: OrderingCommunity;
let genesis: common.Block;
let numbered: (number: number) => Uint8Array;
let keys: ReadonlyMap<string, SigningIdentity>;

beforeAll(async () => {
    community = await OrderingCommunity.create(4, 33_100, {}, { ordering: 'comet' });
    genesis = community.genesis({ maxMessageCount: MOST_IN_BLOCK });
    numbered = numberedMessages(community.transaction());
    keys = new Map(IDS.map((id) => [`${id}MSP`, community.orderer(id)]));
});

afterAll(() => {
    community.remove();
});

/** A signature is a hash of name and message: enough where only the order of things is looked at. */
const simulated: SimulatedSigner = {
    signatories: (bundle) =>
        (configuredSeats(bundle) ?? []).map(({ mspId, power }) => ({
            mspId,
            power,
            identity: Buffer.from(mspId),
            verify: (message, signature) => Buffer.from(signature).equals(sha256(concat(Buffer.from(mspId), message))),
        })),
    sign: (mspId, header, value) => {
        const signatureHeader = new common.SignatureHeader();
        signatureHeader.setCreator(Buffer.from(mspId));
        const bytes = signatureHeader.serializeBinary();
        const made = new common.MetadataSignature();
        made.setSignatureHeader(bytes);
        made.setSignature(sha256(concat(Buffer.from(mspId), value, bytes, headerBytes(header))));
        return made;
    },
};

const real: SimulatedSigner = {
    signatories: (bundle) =>
        (configuredSeats(bundle) ?? []).map(({ mspId, power, identity }): Signatory => {
            const found = bundle.msps.identity(identity);
            return { mspId, power, identity, verify: (message, signature) => found.verify(message, signature) };
        }),
    sign: (mspId, header, value) => {
        const key = keys.get(mspId);
        if (key === undefined) throw new Error(`${mspId} has no seat`);
        return signHeader(header, value, key);
    },
};

/** What the application knows by its bytes is left out, as at Broadcast; nothing else is looked at. */
const unchecked: Simulation['choose'] = (waiting, seat) =>
    [...new Set(waiting)].filter((message) => seat.app.check(message).kind !== 'known').slice(0, MOST_IN_BLOCK);

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

function simulation(options: Partial<Simulation>): Simulation {
    const mspIds = IDS.map((id) => `${id}MSP`);
    const fixed = { seed: SEED, mspIds, genesis, mostInBlock: MOST_IN_BLOCK };
    const cheap = { messages: 200, signer: simulated, choose: unchecked, make: numbered, crashEvery: 30 };
    return { ...fixed, ...cheap, progress, ...options };
}

function progress({ messages, blocks, crashes }: SimulationState): void {
    const { heapUsed, rss } = process.memoryUsage();
    const memory = `${Math.round(heapUsed / MIB)} MiB on the heap, ${Math.round(rss / MIB)} in all`;
    console.log(`${messages} messages, ${blocks} blocks, ${crashes} crashes; ${memory}`);
}

describe(`ordering in a simulation (seed ${SEED})`, () => {
    test(`${MESSAGES} messages, doubled and reordered, seats that crash between any two writes: one chain on all`, async () => {
        const crashEvery = Math.max(400, MESSAGES / 10);
        const { messages, crashes } = await new Simulator(simulation({ messages: MESSAGES, crashEvery })).run();
        expect(messages).toBe(MESSAGES);
        expect(crashes).toBeGreaterThan(0);
    });

    test('the same seed gives the same blocks and crashes, another one others', async () => {
        const run = (seed: number): Promise<SimulationState> => new Simulator(simulation({ seed })).run();
        const first = await run(SEED);
        expect(await run(SEED)).toEqual(first);
        expect(await run(SEED + 1)).not.toEqual(first);
    });

    test(`${SIGNED_MESSAGES} messages with everybody's keys`, async () => {
        const made = Array.from({ length: SIGNED_MESSAGES }, () => community.transaction().serializeBinary());
        const make = (number: number): Uint8Array => made[number] ?? new Uint8Array();
        const options = { messages: SIGNED_MESSAGES, signer: real, choose: checked, make, crashEvery: 60 };
        const { messages } = await new Simulator(simulation(options)).run();
        expect(messages).toBe(SIGNED_MESSAGES);
    });

    test('a message in two blocks does not go unnoticed', async () => {
        const twice: Simulation['choose'] = (waiting, seat) => {
            const list = unchecked(waiting, seat);
            return [...list, ...list.slice(0, 1)];
        };
        const simulator = new Simulator(simulation({ messages: 30, choose: twice, crashEvery: 1_000 }));
        await expect(simulator.run()).rejects.toThrow(/message \d+ was decided twice/);
    });
});
