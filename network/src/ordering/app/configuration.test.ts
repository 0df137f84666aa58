import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { blockEnvelopes, headerHash, lastConfigIndex, setBlockSignatures } from '../../fabric/blocks';
import { Bundle } from '../../fabric/channel-config';
import { signaturePolicyEnvelope, signedBy } from '../../fabric/policy';
import { serializeIdentity, type SigningIdentity } from '../../fabric/signing';
import { prepareSeatRenewal } from '../../topology/identities/seat-renewal';
import { renewSeat, type SeatRenewal } from '../../topology/membership/seat-change';
import { organisation } from '../../topology/topology';
import { OrderingCommunity } from '../testing/community';
import { batchTimeout, group, updateOf, type Edit } from '../testing/updates';
import { headerOf } from './block-header';
import { refusalOf } from './checks';
import { configurationOf } from './config-messages';
import { FabricOrderingApp, type UnsignedBlock } from './ordering-app';

// Shared machines are slow at times.
jest.setTimeout(60_000);

let community: OrderingCommunity;
let genesis: common.Block;

beforeAll(async () => {
    community = await OrderingCommunity.create(4, 23000);
    genesis = community.genesis({ maxMessageCount: 10 });
});

afterAll(() => {
    community.remove();
});

/** @param renewed identities of seats beside those that the configuration names. */
function opened(renewed: readonly Uint8Array[] = []): { app: FabricOrderingApp; decided: UnsignedBlock[] } {
    const decided: UnsignedBlock[] = [];
    const seats = ['H1', 'H2', 'H3', 'H4'].map((id) => community.orderer(id).serialized);
    const app = new FabricOrderingApp(genesis, {
        held: () => [...seats, ...renewed],
        sink: (block) => {
            decided.push(block);
            return Promise.resolve();
        },
    });
    return { app, decided };
}

async function decide(app: FabricOrderingApp, ...messages: Uint8Array[]): Promise<void> {
    const block = { height: app.info().height + 1, proposer: 'H1MSP', messages };
    expect(app.process(block)).toBeUndefined();
    app.finalize(block);
    await app.commit();
}

const update = (app: FabricOrderingApp, edit: Edit, signers: readonly string[], by?: SigningIdentity): Uint8Array =>
    updateOf(community, app.bundle, edit, signers, by).serializeBinary();

const withoutH4: Edit = (channel) => {
    group(channel, 'Application').getGroupsMap().del('H4MSP');
};
const onlyTheOperatorSigns: Edit = (channel) => {
    const rule = signaturePolicyEnvelope(signedBy('DSOMSP', 'peer')).serializeBinary();
    group(channel, 'Orderer').getPoliciesMap().get('BlockValidation')?.getPolicy()?.setValue(rule);
};
const ORDERERS = ['H1', 'H2', 'H3', 'H4'];
const GOVERNORS = ['DSO', 'H1', 'H2', 'H3'];

const configuration = (app: FabricOrderingApp, edit: Edit, signers: readonly string[]): Uint8Array =>
    configurationOf(update(app, edit, signers), app.bundle, community.orderer('H2'));
const transaction = (by?: string): Uint8Array =>
    community.transaction(by === undefined ? {} : { by: community.client(by) }).serializeBinary();

async function withMarket(): Promise<ReturnType<typeof opened>> {
    const made = opened();
    await decide(made.app, community.definition('market', [], ['DSO', 'H1', 'H2']).serializeBinary());
    return made;
}

describe('an authorised update', () => {
    test('is ordered as a configuration, alone in its block, which names itself as the last configuration', async () => {
        const { app, decided } = await withMarket();
        const before = transaction();
        const after = transaction();
        const message = configuration(app, batchTimeout('750ms'), ORDERERS);
        expect(app.check(message)).toEqual({ kind: 'new' });
        expect(app.prepare([before, message, after])).toEqual({ considered: 1, dropped: [] });
        expect(app.prepare([message, after])).toEqual({ considered: 1, dropped: [] });
        expect(app.process({ height: 2, proposer: 'H1MSP', messages: [message, after] })).toContain('more than');
        await decide(app, message);
        await decide(app, after);
        const [, config, next] = decided.map(({ block, value }) => {
            setBlockSignatures(block, value, []);
            return block;
        });
        expect([config, next].map((block) => block && lastConfigIndex(block))).toEqual([2, 2]);
        expect(Bundle.fromConfigBlock(config ?? genesis).batch.timeoutMilliseconds).toBe(750);
        expect(app.info().batch.timeoutMs).toBe(750);
    });

    test('judges from the next block on: who is no member any more is not heard', async () => {
        const { app } = await withMarket();
        const waiting = transaction('H4');
        expect(app.check(waiting)).toEqual({ kind: 'new' });
        await decide(app, configuration(app, withoutH4, GOVERNORS));
        // H4 still has an ordering seat, so its orderer may write, and its clients may not.
        expect(app.prepare([waiting])).toEqual({ considered: 1, dropped: [0] });
        expect(app.check(waiting)).toMatchObject({ kind: 'refused', refusal: { status: 'FORBIDDEN' } });
        expect(app.check(transaction('H3'))).toEqual({ kind: 'new' });
    });

    test('is replayed to the same blocks', async () => {
        const first = await withMarket();
        const messages = [configuration(first.app, withoutH4, GOVERNORS), transaction('H3')];
        for (const message of messages) await decide(first.app, message);
        const second = opened();
        const market = first.decided[0];
        const all = [...blockEnvelopes(market?.block ?? genesis), ...messages];
        for (const [index, message] of all.entries()) {
            second.app.finalize({ height: index + 1, proposer: 'H1MSP', messages: [message] });
            await second.app.commit();
        }
        const hashes = ({ decided }: typeof first): string[] =>
            decided.map(({ block }) => Buffer.from(headerHash(headerOf(block))).toString('hex'));
        expect(hashes(second)).toEqual(hashes(first));
        expect(second.app.bundle.sequence).toBe(1);
    });

    test('waits alone: a second one would be made for versions that are gone', () => {
        const { app } = opened();
        const [one, other] = ['1s', '2s'].map((timeout) => configuration(app, batchTimeout(timeout), ORDERERS));
        expect(app.check(one ?? new Uint8Array())).toEqual({ kind: 'new' });
        expect(app.check(other ?? new Uint8Array())).toMatchObject({ refusal: { status: 'SERVICE_UNAVAILABLE' } });
    });

    test('may come as a configuration that somebody else made of it', async () => {
        const { app } = opened();
        const message = configuration(app, batchTimeout('1s'), ORDERERS);
        await decide(app, configurationOf(message, app.bundle, community.orderer('H1')));
        expect(app.bundle.sequence).toBe(1);
    });
});

describe('an update is refused', () => {
    const cases: readonly { what: string; make: (app: FabricOrderingApp) => Uint8Array; why: string }[] = [
        {
            what: 'with too few signatures',
            make: (app) => update(app, withoutH4, ['DSO', 'H1']),
            why: 'do not satisfy Admins, the policy that changes group /Channel/Application',
        },
        {
            what: 'from somebody who may not write',
            make: (app) => update(app, withoutH4, GOVERNORS, community.peer('H1')),
            why: 'permission denied',
        },
        {
            what: 'that would leave the seats unable to sign blocks',
            make: (app) => update(app, onlyTheOperatorSigns, ORDERERS),
            why: 'NOT_THE_COALITIONS: BlockValidation',
        },
    ];
    test.each(cases)('$what', ({ make, why }) => {
        const { app } = opened();
        expect(() => {
            const message = configurationOf(make(app), app.bundle, community.orderer('H1'));
            const verdict = app.check(message);
            throw new Error(verdict.kind === 'refused' ? verdict.refusal.why : verdict.kind);
        }).toThrow(why);
    });

    test('that names a certificate whose key no seat of this process has, and not once it is there', async () => {
        const member = organisation(community.topology, 'H2');
        const renewal = { kind: 'renewsSeat', mspId: 'H2MSP', ...(await prepareSeatRenewal(member, community.layout)) };
        const renewed = (app: FabricOrderingApp): Uint8Array =>
            configuration(
                app,
                (channel) => {
                    renewSeat(app.bundle, channel, renewal as SeatRenewal);
                },
                ORDERERS,
            );
        const without = opened().app;
        const verdict = without.check(renewed(without));
        expect(verdict.kind === 'refused' ? verdict.refusal.why : '').toContain("no key of the certificate of H2MSP's");
        const { app } = opened([serializeIdentity('H2MSP', renewal.identityPem)]);
        expect(app.check(renewed(app))).toEqual({ kind: 'new' });
    });

    test('in a proposed block, when its configuration is not what it leads to', () => {
        const { app } = opened();
        const honest = configuration(app, withoutH4, GOVERNORS);
        const other = update(app, batchTimeout('1s'), ORDERERS);
        const made = common.Envelope.deserializeBinary(honest);
        const payload = common.Payload.deserializeBinary(made.getPayload_asU8());
        const data = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8());
        data.setLastUpdate(common.Envelope.deserializeBinary(other));
        payload.setData(data.serializeBinary());
        made.setPayload(payload.serializeBinary());
        made.setSignature(community.orderer('H2').sign(payload.serializeBinary()));
        const message = made.serializeBinary();
        expect(app.process({ height: 1, proposer: 'H1MSP', messages: [message] })).toContain('may not be ordered');
        expect(app.check(message)).toMatchObject({ refusal: { status: 'BAD_REQUEST' } });
    });

    test('in words that Broadcast passes on', () => {
        const { app } = opened();
        try {
            configurationOf(update(app, withoutH4, ['DSO']), app.bundle, community.orderer('H1'));
            throw new Error('it was taken');
        } catch (error) {
            expect(refusalOf(error)).toMatchObject({ status: 'BAD_REQUEST' });
        }
    });
});
