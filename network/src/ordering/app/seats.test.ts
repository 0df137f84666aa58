import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { common, orderer } from '@hyperledger/fabric-protos';
import { decodeBlock, encodeBlock, setBlockSignatures } from '../../fabric/blocks';
import { Bundle, configuredSeats, seatPowers, withSeatPowers } from '../../fabric/channel-config';
import { computeConfigUpdate, configUpdateEnvelope, signConfigUpdate } from '../../fabric/config-update';
import { serializeIdentity } from '../../fabric/signing';
import { orderingSeatOf } from '../../topology/genesis';
import { prepareSeatRenewal } from '../../topology/identities/seat-renewal';
import { MembershipRefused, assertSays, isMade, updateFor } from '../../topology/membership/change';
import { presentSeats, withPowers, type SeatRenewal, type SeatsChange } from '../../topology/membership/seat-change';
import { organisation, seats as seatsOf } from '../../topology/topology';
import { OrderingCommunity } from '../testing/community';
import { group, type Edit } from '../testing/updates';
import { configurationOf } from './config-messages';
import { FabricOrderingApp, type UnsignedBlock } from './ordering-app';

// Shared machines are slow at times.
jest.setTimeout(60_000);

let community: OrderingCommunity;
let genesis: common.Block;

beforeAll(async () => {
    community = await OrderingCommunity.create(5, 33_000, {}, { ordering: 'comet' });
    genesis = community.genesis({ maxMessageCount: 10 });
});

afterAll(() => {
    community.remove();
});

/** One seat of several: it holds no key of the others. */
function opened(): { app: FabricOrderingApp; decided: UnsignedBlock[] } {
    const decided: UnsignedBlock[] = [];
    const app = new FabricOrderingApp(genesis, {
        sink: (block) => {
            setBlockSignatures(block.block, block.value, []);
            decided.push(block);
            return Promise.resolve();
        },
    });
    return { app, decided };
}

async function decide(app: FabricOrderingApp, ...messages: Uint8Array[]): Promise<void> {
    const block = { height: app.info().height + 1, proposer: 'H1MSP', messages };
    expect(app.process(block)).toBeUndefined();
    const { appHash, seats } = app.finalize(block);
    await app.commit();
    expect(app.info().appHash).toEqual(appHash);
    expect(app.info().nextSeats).toEqual(seats);
}

const powers = (text: string) =>
    text.split(' ').map((each) => {
        const [id = '', power = '0'] = each.split('=');
        return { mspId: `${id}MSP`, power: BigInt(power) };
    });

const change = (present: Bundle, text: string, basis?: number): SeatsChange => ({
    kind: 'seats',
    seats: withPowers(
        presentSeats(present) ?? [],
        powers(text),
        seatsOf(community.topology).map((seat) => orderingSeatOf(seat, community.layout)),
    ),
    ...(basis === undefined ? {} : { basis }),
});

const MAJORITY = ['H1', 'H2', 'H3'];

function signed(present: Bundle, update: Uint8Array, signers: readonly string[]): Uint8Array {
    const signatures = signers.map((id) => signConfigUpdate(update, community.admin(id)));
    const envelope = configUpdateEnvelope(present.channelId, update, signatures, community.admin('H1'));
    return configurationOf(envelope.serializeBinary(), present, community.orderer('H2'));
}

const configuration = (present: Bundle, text: string, signers = MAJORITY): Uint8Array =>
    signed(present, updateFor(present, change(present, text)), signers);

function edited(present: Bundle, edit: Edit): Uint8Array {
    const before = present.config.getChannelGroup() ?? new common.ConfigGroup();
    const after = common.ConfigGroup.deserializeBinary(before.serializeBinary());
    edit(after);
    return signed(present, computeConfigUpdate(present.channelId, before, after).serializeBinary(), MAJORITY);
}

/** As somebody would write powers who does not ask for the rest. */
function metadataEdit(text: string): Edit {
    return (channel) => {
        const value = group(channel, 'Orderer').getValuesMap().get('ConsensusType');
        const type = orderer.ConsensusType.deserializeBinary(value?.getValue_asU8() ?? new Uint8Array());
        const known = seatPowers(type.getMetadata_asU8());
        const seats = powers(text).map(({ mspId, power }) => ({
            ...(known?.seats.find((seat) => seat.mspId === mspId) ?? { mspId }),
            power,
        }));
        type.setMetadata(withSeatPowers(type.getMetadata_asU8(), { seats }));
        value?.setValue(type.serializeBinary());
    };
}

const powersOf = (app: FabricOrderingApp): string =>
    app
        .info()
        .seats.map(({ id, power }) => `${id.replace('MSP', '')}=${power}`)
        .join(' ');

describe('the seats', () => {
    test('are those of the configuration, with their engines', () => {
        const { app } = opened();
        expect(powersOf(app)).toBe('H1=3 H2=3 H3=2 H4=2');
        expect(app.info().seats.map(({ engineKey }) => engineKey?.length)).toEqual([32, 32, 32, 32]);
        expect(
            configuredSeats(app.bundle)?.map(({ cluster, consenter }) => (cluster?.port ?? 0) - consenter.port),
        ).toEqual([560, 560, 560, 560]);
    });

    test('get other powers two heights after the block that says so, and nothing is ordered in between', async () => {
        const { app } = opened();
        const before = app.info().appHash;
        await decide(app, configuration(app.bundle, 'H1=28 H2=32 H3=24 H4=16'));
        expect(powersOf(app)).toBe('H1=3 H2=3 H3=2 H4=2');
        expect(app.info().appHash).not.toEqual(before);
        const message = community.transaction().serializeBinary();
        expect(app.check(message)).toEqual({ kind: 'new' });
        expect(app.prepare([message])).toEqual({ considered: 0, dropped: [] });
        expect(app.process({ height: 2, proposer: 'H1MSP', messages: [message] })).toContain('wait');
        const changed = app.info().appHash;
        await decide(app);
        expect(powersOf(app)).toBe('H1=28 H2=32 H3=24 H4=16');
        expect(app.info().appHash).toEqual(changed);
        await decide(app, message);
        expect(app.info()).toMatchObject({ height: 3 });
    });

    test('leave: who has no seat any more proposes nothing, and block validation asks the others', async () => {
        const { app } = opened();
        await decide(app, configuration(app.bundle, 'H1=1 H2=1 H3=1'));
        await decide(app);
        expect(powersOf(app)).toBe('H1=1 H2=1 H3=1');
        const message = community.transaction().serializeBinary();
        expect(app.process({ height: 3, proposer: 'H4MSP', messages: [message] })).toContain('no seat');
        const validation = app.bundle.policies.get('/Channel/Orderer/BlockValidation');
        const identities = (...ids: string[]) =>
            ids.map((id) => app.bundle.msps.identity(community.orderer(id).serialized));
        expect(validation.evaluateIdentities(identities('H1', 'H2', 'H4'))).toBe(false);
        expect(validation.evaluateIdentities(identities('H1', 'H2', 'H3'))).toBe(true);
    });

    test('are restored from stored blocks, also between a change and its effect', async () => {
        const { app, decided } = opened();
        await decide(app, community.transaction().serializeBinary());
        await decide(app);
        await decide(app, configuration(app.bundle, 'H1=28 H2=32 H3=24 H4=16'));
        const restored = opened().app;
        for (const { block } of decided) restored.restore(decodeBlock(encodeBlock(block)));
        expect(restored.info()).toEqual(app.info());
        const transaction = community.transaction().serializeBinary();
        for (const each of [app, restored]) {
            await decide(each);
            await decide(each, transaction);
        }
        expect(restored.info()).toEqual(app.info());
        expect(restored.nextNumber).toBe(4);
        expect(() => restored.restore(decided[0]?.block ?? genesis)).toThrow('does not follow');
    });

    test('say which block their powers were worked out from', () => {
        const { app } = opened();
        const update = updateFor(app.bundle, change(app.bundle, 'H1=28 H2=32 H3=24 H4=16', 17));
        const message = signed(app.bundle, update, MAJORITY);
        expect(app.check(message)).toEqual({ kind: 'new' });
        expect(() => configuration(app.bundle, 'H1=3 H2=3 H3=2 H4=2')).toThrow('do not differ');
    });
});

describe('the certificates of a seat', () => {
    const renewal = async (id: string): Promise<SeatRenewal> => ({
        kind: 'renewsSeat',
        mspId: `${id}MSP`,
        ...(await prepareSeatRenewal(organisation(community.topology, id), community.layout)),
    });

    test('are others from the block after the one that says so, and nothing else is', async () => {
        const { app, decided } = opened();
        const before = app.bundle;
        const change = await renewal('H2');
        const update = updateFor(before, change);
        expect(() => signed(before, update, ['H1', 'H2'])).toThrow('do not satisfy Admins');
        const message = signed(before, update, MAJORITY);
        expect(app.check(message)).toEqual({ kind: 'new' });
        await decide(app, message);
        expect(app.info().nextSeats).toBeUndefined();
        await decide(app, community.transaction().serializeBinary());
        const identities = decided.map(({ bundle }) => configuredSeats(bundle)?.map(({ identity }) => identity));
        const renewed = serializeIdentity('H2MSP', change.identityPem);
        const old = configuredSeats(before)?.map(({ identity }) => identity) ?? [];
        expect(identities).toEqual([old, old.map((identity, at) => (at === 1 ? renewed : identity))]);
        expect(powersOf(app)).toBe('H1=3 H2=3 H3=2 H4=2');
        expect([isMade(before, change), isMade(app.bundle, change)]).toEqual([false, true]);
    });

    test('are changed without forgetting the block that the powers were worked out from', async () => {
        const { app } = opened();
        const update = updateFor(app.bundle, change(app.bundle, 'H1=28 H2=32 H3=24 H4=16', 17));
        await decide(app, signed(app.bundle, update, MAJORITY));
        await decide(app);
        await decide(app, signed(app.bundle, updateFor(app.bundle, await renewal('H2')), MAJORITY));
        expect(seatPowers(app.bundle.consensus.metadata)?.basis).toBe(17);
    });

    test.each([
        { what: "another organisation's", of: 'H3', identity: 'orderer', why: 'UNKNOWN_SEAT' },
        { what: 'not those of an orderer', of: 'H2', identity: 'peer', why: 'UNKNOWN_SEAT' },
        { what: 'for somebody without a seat', of: 'DSO', to: 'DSOMSP', identity: 'peer', why: 'UNKNOWN_SEAT' },
    ] as const)('are refused when they are $what', ({ of, identity, why, ...rest }) => {
        const { bundle } = opened().app;
        const { certificatePem: identityPem } = community[identity](of);
        const mspId = 'to' in rest ? rest.to : 'H2MSP';
        const change: SeatRenewal = { kind: 'renewsSeat', mspId, identityPem, tlsPem: identityPem };
        expect(() => updateFor(bundle, change)).toThrow(MembershipRefused);
        expect(() => updateFor(bundle, change)).toThrow(why);
    });

    test('are signed by members who see the same update, and by nobody who sees another', async () => {
        const { bundle } = opened().app;
        const [own, other] = [await renewal('H2'), await renewal('H3')];
        expect(() => {
            assertSays(bundle, updateFor(bundle, own), own);
        }).not.toThrow();
        expect(() => {
            assertSays(bundle, updateFor(bundle, other), own);
        }).toThrow("'H2MSP renews the certificates of its seat' and nothing else");
    });
});

describe('powers are refused', () => {
    test.each([
        { what: 'that sum to zero', text: 'H1=0 H2=0', why: 'NO_POWER' },
        { what: 'of which one is a third', text: 'H1=2 H2=2 H3=1 H4=1', why: 'A_THIRD_OF_THE_POWER: H1MSP' },
        { what: 'of somebody without a seat', text: 'H1=1 H2=1 H3=1 DSO=1', why: 'UNKNOWN_SEAT: DSOMSP' },
    ])('$what, before anybody signs them', ({ text, why }) => {
        const { bundle } = opened().app;
        expect(() => updateFor(bundle, change(bundle, text))).toThrow(MembershipRefused);
        expect(() => updateFor(bundle, change(bundle, text))).toThrow(why);
    });

    test.each([
        { what: 'that sum to zero', edit: () => metadataEdit('H1=0 H2=0 H3=0 H4=0'), why: 'NO_POWER' },
        { what: 'of which one is none', edit: () => metadataEdit('H1=1 H2=1 H3=1 H4=0'), why: 'NO_POWER: H4MSP' },
        {
            what: 'of which one is a third',
            edit: () => metadataEdit('H1=8 H2=6 H3=5 H4=5'),
            why: 'A_THIRD_OF_THE_POWER',
        },
        { what: 'of an unknown validator', edit: () => metadataEdit('H1=1 H2=1 H3=1 DSO=1'), why: 'SEATS_UNREADABLE' },
        {
            what: 'that are taken out of the configuration',
            edit: (): Edit => (channel) => {
                const value = group(channel, 'Orderer').getValuesMap().get('ConsensusType');
                const type = orderer.ConsensusType.deserializeBinary(value?.getValue_asU8() ?? new Uint8Array());
                type.setMetadata('');
                value?.setValue(type.serializeBinary());
            },
            why: 'SEATS_MISSING',
        },
        {
            what: 'where others could change them from then on',
            edit: (): Edit => (channel) => {
                group(channel, 'Orderer').getValuesMap().get('ConsensusType')?.setModPolicy('Writers');
            },
            why: 'CHANGED_OTHERWISE: ConsensusType',
        },
        {
            what: 'whose policy counts other blocks as valid',
            edit: (): Edit => (channel) => {
                const policies = group(channel, 'Orderer').getPoliciesMap();
                policies.get('BlockValidation')?.setPolicy(policies.get('Writers')?.getPolicy());
            },
            why: 'NOT_THE_COALITIONS: BlockValidation',
        },
    ])('$what, at Broadcast and in a proposal', ({ edit, why }) => {
        const { app } = opened();
        const message = edited(app.bundle, edit());
        expect(app.check(message)).toMatchObject({ kind: 'refused', refusal: { status: 'BAD_REQUEST' } });
        const verdict = app.check(message);
        expect(verdict.kind === 'refused' ? verdict.refusal.why : '').toContain(why);
        expect(app.process({ height: 1, proposer: 'H1MSP', messages: [message] })).toContain('may not be ordered');
    });

    test('that less than two thirds of the power have agreed to, or an outsider', () => {
        const { app } = opened();
        for (const signers of [
            ['H1', 'H2'],
            ['DSO', 'H5'],
            ['H2', 'H3', 'DSO'],
        ]) {
            expect(() => configuration(app.bundle, 'H1=28 H2=32 H3=24 H4=16', signers)).toThrow(
                'do not satisfy Admins',
            );
        }
    });
});
