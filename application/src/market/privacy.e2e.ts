import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { common } from '@hyperledger/fabric-protos';
import { encode } from '@commonwatt/chaincode/api/wire';
import type { OrderRecord } from '@commonwatt/chaincode/api/records';
import { connectionProfile, type ConnectionProfile } from '@commonwatt/network/topology/connection-profile';
import { Authority } from '@commonwatt/network/topology/identities/authority';
import { peerDigests } from '@commonwatt/network/topology/peer-digests';
import { organisation } from '@commonwatt/network/topology/topology';
import { committeeAgents, householdAgent, operatorAgent, type TradeRequest } from '../community/trade';
import { sampleDay } from '../data/sample';
import { openConnection } from '../gateway/connection';
import { TransactionRefused } from '../gateway/failures';
import { MemberGateway } from '../gateway/member-gateway';
import type { HouseholdAgent } from '../household/agent';
import { commitmentTo, orderRecord } from '../household/records';
import { testNetwork, type TestNetwork } from '../testing/network';
import { Auction } from './auction';

const HOMES = ['H1', 'H2', 'H3', 'H4', 'H5', 'H6'];
/** A member without a seat in the committee, which are the first five. */
const SPY = 'H6';
const DAY = '2025-04-16';

let network: TestNetwork;
let agents: ReadonlyMap<string, HouseholdAgent>;
let slot: number;
let secret: OrderRecord;
/** To whom H1 has opened it. */
let holders: readonly string[];
const mine = mkdtempSync(join(tmpdir(), 'commonwatt-e2e-keys-'));

beforeAll(async () => {
    network = await testNetwork(HOMES.length, 27_700);
    const { members, charter } = network;
    const metered = sampleDay(HOMES.map((home) => ({ home, consumes: true, generates: home !== 'H2', peakW: 3000 })));
    const request: TradeRequest = { charter, metered, progress: { report: () => undefined } };
    agents = new Map(HOMES.map((home) => [home, householdAgent(members, members.member(home), request)]));
    slot = metered.firstSlot + 48;
    const operator = operatorAgent(members, charter);
    await operator.openDay(DAY, true, 'H1MSP');
    await Promise.all([...agents.values()].map((agent) => agent.order([slot, slot + 4])));
    const round = await committeeAgents(members, charter).close(await operator.round(slot));
    await agent('H1').reveal([round]);
    holders = (await operator.orderMarkers(slot)).find(({ mspId }) => mspId === 'H1MSP')?.holders ?? [];
    await agent('H1').recordReadings();
    // What follows asks all peers, also by clients that do not know what was done here.
    expect(await members.shared()).toEqual([]);
    secret = agent('H1').closedOrders([round])[0] ?? fail('H1 has an order');
}, 300_000);
afterAll(async () => {
    rmSync(mine, { recursive: true });
    await network.stop();
}, 300_000);

function fail(what: string): never {
    throw new Error(`expected that ${what}`);
}

const agent = (home: string): HouseholdAgent => agents.get(home) ?? fail(`${home} is there`);
const profileOf = (id: string): ConnectionProfile => {
    const { topology, layout } = network.members;
    return connectionProfile(topology, layout, id);
};

/** A client with `member`'s identity that talks to the gateway of `peerOf`'s peer. */
function strayClient(member: string, peerOf: string): MemberGateway {
    const { peerEndpoint, peerName, tlsRootPem } = profileOf(peerOf);
    return new MemberGateway({ ...profileOf(member), peerEndpoint, peerName, tlsRootPem });
}

async function refusalOf(action: Promise<unknown>): Promise<string> {
    try {
        await action;
    } catch (error) {
        return error instanceof TransactionRefused ? error.refusal.code : `another failure: ${String(error)}`;
    }
    return 'none';
}

describe("a member's client that looks for another's private records", () => {
    const peers = ['DSO', ...HOMES];
    it.each(peers)('finds none through the peer of %s, by its gateway or as its endorser', async (peerOf) => {
        const { mspId } = profileOf(peerOf);
        const spy = strayClient(SPY, peerOf);
        const own = new MemberGateway(profileOf(SPY));
        const calls = [
            { transaction: 'auction:ownOrders', argument: { slot } },
            { transaction: 'auction:openings', argument: { from: slot, to: slot } },
            { transaction: 'metering:ownReadings', argument: { from: slot, to: slot } },
        ];
        for (const call of calls) {
            for (const client of [spy, own]) {
                const text = await client.evaluate({ chaincode: 'market', ...call }, mspId).catch(String);
                expect(text).not.toContain('H1MSP');
                expect(text).not.toContain(secret.salt);
            }
        }
        spy.close();
        own.close();
    });

    it('is refused when it asks in the name of another', async () => {
        const spy = strayClient(SPY, 'H1');
        const readings = { from: slot, to: slot, mspId: 'H1MSP' };
        for (const at of ['H1MSP', 'H6MSP', 'DSOMSP']) {
            const asked = spy.evaluate(
                { chaincode: 'market', transaction: 'metering:ownReadings', argument: readings },
                at,
            );
            expect(await refusalOf(asked)).toBe('FORBIDDEN');
        }
        spy.close();
    });

    it('while its owner and the seats that it was opened to do find it, and the grid operator does not', async () => {
        const { members } = network;
        expect(holders).toHaveLength(3);
        for (const id of ['DSO', ...HOMES]) {
            const { calls } = members.member(id);
            const found = (await new Auction(calls).openings(slot)).map(encode);
            expect([id, found]).toEqual([id, holders.includes(calls.mspId) ? [encode(secret)] : []]);
        }
    });
});

describe('what goes over the channel', () => {
    const privateDataSeenBy = async (
        member: string,
        peerOf: string,
    ): Promise<{ blocks: Buffer; privateData: Buffer }> => {
        const { peerEndpoint, peerName, tlsRootPem } = profileOf(peerOf);
        const connection = openConnection({ ...profileOf(member), peerEndpoint, peerName, tlsRootPem });
        const height = Math.min(
            ...(await peerDigests(network.members.topology, network.members.layout)).map((each) => each.height),
        );
        const events = await connection.gateway
            .getNetwork(network.members.topology.channel)
            .getBlockAndPrivateDataEvents({ startBlock: 0n });
        const blocks: Uint8Array[] = [];
        const privateData: Uint8Array[] = [];
        for await (const event of events) {
            const block = event.getBlock() ?? new common.Block();
            event.clearBlock();
            blocks.push(block.serializeBinary());
            privateData.push(event.serializeBinary());
            if ((block.getHeader()?.getNumber() ?? 0) >= height - 1) {
                break;
            }
        }
        events.close();
        connection.close();
        return { blocks: Buffer.concat(blocks), privateData: Buffer.concat(privateData) };
    };
    it('holds hashes, and no word of an order', async () => {
        const { blocks } = await privateDataSeenBy(SPY, SPY);
        expect(blocks.includes(secret.key)).toBe(false);
        expect(blocks.includes(secret.salt)).toBe(false);
        expect(blocks.includes(secret.signature)).toBe(false);
        expect(blocks.includes('"energyWh"')).toBe(false);
    });

    it("brings private data to its owner, and another's client none of it, even at the owner's peer", async () => {
        const [own, spied] = [await privateDataSeenBy('H1', 'H1'), await privateDataSeenBy(SPY, 'H1')];
        expect(own.privateData.includes(secret.salt)).toBe(true);
        expect(spied.privateData.includes(secret.salt)).toBe(false);
    });

    it('brings no order to the grid operator: it endorsed the commitment, and never saw what stands behind it', async () => {
        const { privateData } = await privateDataSeenBy('DSO', 'DSO');
        expect(privateData.includes('netWh')).toBe(true); // Readings it does get.
        expect(privateData.includes(secret.salt)).toBe(false);
        expect(privateData.includes('"limit"')).toBe(false);
    });
});

describe('through the real gateway', () => {
    const height = async (): Promise<number[]> =>
        (await peerDigests(network.members.topology, network.members.layout)).map((each) => each.height);
    const submit = (home: string, transaction: string, argument: unknown, ...endorsers: string[]): Promise<unknown> =>
        network.members.member(home).calls.gateway.submit({ chaincode: 'market', transaction, argument, endorsers });

    it.each([
        { why: 'a number with a leading zero', argument: { slot: '01' }, code: 'MALFORMED' },
        { why: 'a number with an exponent', argument: { slot: '1e3' }, code: 'MALFORMED' },
        { why: 'minus zero', argument: { slot: '-0' }, code: 'MALFORMED' },
        { why: '2^64', argument: { slot: '18446744073709551616' }, code: 'MALFORMED' },
        { why: 'a field that nobody asked for', argument: { slot: '1', note: 'x' }, code: 'MALFORMED' },
        { why: 'an argument of 70 KB', argument: { slot: '1'.repeat(70_000) }, code: 'TOO_LARGE' },
        { why: 'a round that there is not', argument: { slot: '1' }, code: 'ROUND_UNKNOWN' },
    ])('$why is refused ($code) and changes nothing', async ({ argument, code }) => {
        const before = await height();
        expect(await refusalOf(submit('DSO', 'auction:closeRound', argument, 'DSOMSP', 'H1MSP', 'H2MSP'))).toBe(code);
        expect(await height()).toEqual(before);
    });

    it('a day is not opened twice, nor a round closed by an outsider', async () => {
        const { members, charter } = network;
        expect(await refusalOf(operatorAgent(members, charter).openDay(DAY, true, 'H1MSP'))).toBe('DAY_EXISTS');
        const outsider = new Auction(members.member(SPY).calls);
        expect(await refusalOf(outsider.closeRound(slot, ['DSOMSP', 'H1MSP', 'H2MSP']))).toBe('FORBIDDEN');
    });

    it('an id is taken once, and nobody commits itself to anything with the key of another', async () => {
        const { calls, keys } = network.members.member('H3');
        const auction = new Auction(calls);
        const commitment = async (which: number, by = keys) => {
            const decision = { side: 'sell' as const, energyWh: 10n, limit: 100_000n };
            return [commitmentTo(by, await orderRecord(keys, calls.mspId, which, decision))];
        };
        const foreign = network.members.member('H2').keys;
        expect(await refusalOf(auction.submitOrders(await commitment(slot + 4), 'DSOMSP'))).toBe('ORDER_EXISTS');
        expect(await refusalOf(auction.submitOrders(await commitment(slot + 1, foreign), 'DSOMSP'))).toBe(
            'SIGNATURE_INVALID',
        );
        expect(await auction.orderMarkers(slot + 1)).toEqual([]);
    });

    it('a household that mints itself the operator stays a household', async () => {
        const { topology, layout } = network.members;
        const { ca } = layout.organisation(organisation(topology, 'H2'));
        const authority = await Authority.load({
            certificatePem: readFileSync(ca.certificate, 'utf8'),
            privateKeyPem: readFileSync(ca.key, 'utf8'),
        });
        const minted = await authority.issue({ commonName: 'operator@DSOMSP', unit: 'admin', usage: 'identity' });
        const [certPath, keyPath] = [join(mine, 'cert.pem'), join(mine, 'key.pem')];
        writeFileSync(certPath, minted.certificatePem);
        writeFileSync(keyPath, minted.privateKeyPem, { mode: 0o600 });
        const asOperator = new MemberGateway({ ...profileOf('H2'), certPath, keyPath });
        const inItsName = new MemberGateway({ ...profileOf('H2'), mspId: 'DSOMSP', certPath, keyPath });
        const opening = {
            chaincode: 'market',
            transaction: 'auction:openDay',
            argument: { day: '2025-04-17', replay: true },
            endorsers: ['DSOMSP', 'H2MSP'],
        };
        expect(await refusalOf(asOperator.submit(opening))).toBe('FORBIDDEN');
        await expect(inItsName.submit(opening)).rejects.toThrow(/does not know this identity|access denied|creator/);
        asOperator.close();
        inItsName.close();
    }, 300_000);
});

describe('a round in which most orders stay sealed', () => {
    it('is cleared without them, once they were called for and could have been revealed since', async () => {
        const { members, charter } = network;
        const [operator, committee] = [operatorAgent(members, charter), committeeAgents(members, charter)];
        const round = await operator.round(slot);
        expect([round.status, round.calledAt]).toEqual(['closed', undefined]);
        const begin = performance.now();
        const cleared = await committee.clear(round);
        // Stamps are whole seconds.
        const { revealSeconds = 0 } = charter.terms[0] ?? {};
        expect((performance.now() - begin) / 1000).toBeGreaterThan(revealSeconds - 1);
        expect(cleared.calledAt).toBeGreaterThanOrEqual(cleared.closedAt ?? Infinity);
        const sealed = (round.closed ?? []).map(({ order }) => order).filter((order) => !order.startsWith('H1MSP/'));
        expect(sealed).toHaveLength(HOMES.length - 1);
        expect(cleared.dropped).toEqual(sealed.map((order) => ({ order, reason: 'UNREVEALED' })));
        expect(cleared.outcomes?.map(({ order }) => order)).toEqual(['H1MSP/o1']);
    }, 300_000);
});
