import { beforeAll, describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import {
    blockEnvelopes,
    blockHeader,
    blockSignatureSet,
    dataHash,
    decodeBlock,
    encodeBlock,
    isConfigBlock,
    lastConfigIndex,
    newBlock,
    setBlockSignatures,
    signHeader,
    signaturesValue,
} from './blocks';
import { Bundle, genesisBlock, type ChannelDefinition } from './channel-config';
import { durationMilliseconds } from './channel/duration';
import { FormatError, MspError } from './errors';
import { parsePolicy, signaturePolicyEnvelope, type SignedData } from './policy';
import type { SigningIdentity } from './signing';
import { TestAuthority, mspConfig } from './testing/certificates';

const DATA = Buffer.from('what is signed');
const HOUSEHOLDS = ['H1', 'H2', 'H3', 'H4'];
const WEIGHTS: readonly bigint[] = [4n, 3n, 2n, 1n];
const signers = new Map<string, SigningIdentity>();
let definition: ChannelDefinition;

beforeAll(async () => {
    const organisations: ChannelDefinition['organisations'][number][] = [];
    const seats: ChannelDefinition['ordering']['seats'][number][] = [];
    for (const [index, mspId] of [...HOUSEHOLDS, 'DSO'].entries()) {
        const authority = await TestAuthority.create(`ca.${mspId}`);
        const tls = await TestAuthority.create(`tlsca.${mspId}`);
        const config = mspConfig(mspId, { roots: [authority.pem], tlsRoots: [tls.pem] });
        for (const role of ['peer', 'client', 'admin', 'orderer']) {
            signers.set(`${mspId}.${role}`, await authority.signer(mspId, role, { units: [role] }));
        }
        const weight = WEIGHTS[index];
        const anchorPeers = [{ host: '127.0.0.1', port: 8000 + index }];
        const organisation = { mspId, groupName: mspId, mspConfig: config, anchorPeers };
        if (weight === undefined) {
            organisations.push(organisation);
            continue;
        }
        organisations.push({ ...organisation, ordererEndpoints: [`127.0.0.1:${7000 + index}`] });
        seats.push({
            mspId,
            host: '127.0.0.1',
            port: 7000 + index,
            identityPem: `identity of ${mspId}`,
            serverTlsPem: 'server',
            clientTlsPem: 'client',
            weight,
            consenterId: index + 1,
        });
    }
    definition = {
        channelId: 'community',
        organisations,
        ordering: {
            seats,
            batchTimeout: '100ms',
            maxMessageCount: 500,
            absoluteMaxBytes: 10_000_000,
            preferredMaxBytes: 2_000_000,
        },
        policies: {
            governance: signaturePolicyEnvelope(
                parsePolicy("AND('DSO.peer', OutOf(3, 'H1.peer', 'H2.peer', 'H3.peer', 'H4.peer'))"),
            ),
            market: signaturePolicyEnvelope(
                parsePolicy("AND('DSO.peer', OR('H1.peer', 'H2.peer', 'H3.peer', 'H4.peer'))"),
            ),
        },
        createdAt: new Date('2026-03-01T00:00:00Z'),
    };
});

const signer = (name: string): SigningIdentity => {
    const found = signers.get(name);
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
};
const signed = (names: string): SignedData[] =>
    names
        .split(' ')
        .map((name) => ({ identity: signer(name).serialized, data: DATA, signature: signer(name).sign(DATA) }));
const bundle = (): Bundle => Bundle.fromConfigBlock(encodeBlock(genesisBlock(definition)));

describe('the genesis block', () => {
    test('is block 0, a configuration block, with the hash of its data and no signatures', () => {
        const block = decodeBlock(encodeBlock(genesisBlock(definition)));
        expect(blockHeader(block).getNumber()).toBe(0);
        expect(blockHeader(block).getPreviousHash_asU8()).toHaveLength(0);
        expect(Buffer.compare(blockHeader(block).getDataHash_asU8(), dataHash(blockEnvelopes(block)))).toBe(0);
        expect(isConfigBlock(block)).toBe(true);
        expect(lastConfigIndex(block)).toBe(0);
        expect(blockSignatureSet(block)).toEqual([]);
    });

    test('is the same for the same definition', () => {
        expect(Buffer.compare(encodeBlock(genesisBlock(definition)), encodeBlock(genesisBlock(definition)))).toBe(0);
    });

    test('names Admins of its own group as the policy that changes each element', () => {
        const visit = (group: common.ConfigGroup): void => {
            expect(group.getModPolicy()).toBe('Admins');
            group.getValuesMap().forEach((value: common.ConfigValue) => {
                expect(value.getModPolicy()).toBe('Admins');
            });
            group.getPoliciesMap().forEach((policy: common.ConfigPolicy) => {
                expect(policy.getModPolicy()).toBe('Admins');
            });
            group.getGroupsMap().forEach(visit);
        };
        const channel = bundle().config.getChannelGroup();
        if (channel === undefined) throw new Error('no channel group');
        visit(channel);
    });

    test('an ordering seat needs an endpoint', () => {
        const organisations = definition.organisations.map(({ mspId, groupName, mspConfig: config, anchorPeers }) => ({
            mspId,
            groupName,
            mspConfig: config,
            anchorPeers,
        }));
        expect(() => genesisBlock({ ...definition, organisations })).toThrow(FormatError);
    });
});

describe('what peers read from it', () => {
    test('organisations, orderers, limits and capabilities', () => {
        const read = bundle();
        expect(read.channelId).toBe('community');
        expect(read.sequence).toBe(0);
        expect([...read.applicationOrgs.keys()].sort()).toEqual(['DSO', 'H1', 'H2', 'H3', 'H4']);
        expect(read.applicationOrgs.get('H2')).toEqual({
            mspId: 'H2',
            groupName: 'H2',
            anchorPeers: [{ host: '127.0.0.1', port: 8001 }],
        });
        expect(read.ordererEndpoints.map(({ mspId, port }) => `${mspId} ${port}`)).toEqual([
            'H1 7000',
            'H2 7001',
            'H3 7002',
            'H4 7003',
        ]);
        expect(read.ordererEndpoints[0]?.rootPem).toContain('BEGIN CERTIFICATE');
        expect(read.batch).toEqual({
            timeoutMilliseconds: 100,
            maxMessageCount: 500,
            absoluteMaxBytes: 10_000_000,
            preferredMaxBytes: 2_000_000,
        });
        expect(read.consenters.map(({ id, identityPem }) => `${id} ${identityPem}`)[3]).toBe('4 identity of H4');
        expect(read.consensus.type).toBe('BFT');
        expect(read.capabilities).toEqual({ channel: ['V3_0'], orderer: ['V2_0'], application: ['V2_5'] });
        expect(read.acls.size).toBe(0);
        expect(read.msps.mspIds).toHaveLength(5);
    });

    test('is shared by those who read the same block', () => {
        expect(bundle()).toBe(bundle());
    });

    test.each([
        { policy: 'Application/Writers', by: 'H3.client', isMet: true },
        { policy: 'Application/Writers', by: 'H3.peer', isMet: false },
        { policy: 'Application/Readers', by: 'H3.peer', isMet: true },
        { policy: 'Readers', by: 'DSO.peer', isMet: true },
        { policy: 'Writers', by: 'DSO.client', isMet: true },
        { policy: 'Application/LifecycleEndorsement', by: 'H1.peer H2.peer', isMet: false },
        { policy: 'Application/LifecycleEndorsement', by: 'H1.peer H2.peer H3.peer', isMet: true },
        { policy: 'Application/H1/Endorsement', by: 'H1.peer', isMet: true },
        { policy: 'Application/H1/Endorsement', by: 'H1.client', isMet: false },
        { policy: 'Application/Market', by: 'DSO.peer H4.peer', isMet: true },
        { policy: 'Application/Market', by: 'H3.peer H4.peer', isMet: false },
        { policy: 'Application/Governance', by: 'DSO.peer H1.peer H2.peer', isMet: false },
        { policy: 'Application/Governance', by: 'DSO.peer H1.peer H2.peer H4.peer', isMet: true },
        { policy: 'Application/Admins', by: 'DSO.peer H1.peer H2.peer H4.peer', isMet: false },
        { policy: 'Application/Admins', by: 'H1.admin H2.admin H3.admin H4.admin', isMet: false },
        { policy: 'Application/Admins', by: 'DSO.admin H1.admin H2.admin H4.admin', isMet: true },
        { policy: 'Orderer/Writers', by: 'H1.client', isMet: false },
        { policy: 'Orderer/Writers', by: 'H1.orderer', isMet: true },
        { policy: 'Orderer/BlockValidation', by: 'H1.orderer H2.orderer', isMet: true },
        { policy: 'Orderer/BlockValidation', by: 'H1.orderer H3.orderer H4.orderer', isMet: true },
        { policy: 'Orderer/BlockValidation', by: 'H2.orderer H3.orderer H4.orderer', isMet: false },
        { policy: 'Orderer/BlockValidation', by: 'H1.admin H2.admin', isMet: false },
        { policy: 'Orderer/Admins', by: 'H1.admin H2.admin', isMet: true },
        { policy: 'Orderer/Admins', by: 'H2.admin H3.admin H4.admin', isMet: false },
        { policy: 'Admins', by: 'DSO.admin H1.admin H2.admin H3.admin', isMet: true },
        { policy: 'Admins', by: 'DSO.admin H1.admin H3.admin', isMet: false },
        { policy: 'Admins', by: 'H1.admin H2.admin', isMet: false },
    ])('$policy signed by [$by]: $isMet', ({ policy, by, isMet }) => {
        expect(bundle().policies.get(`/Channel/${policy}`).evaluate(signed(by))).toBe(isMet);
    });

    test('a block counts once a winning coalition has signed it', () => {
        const validation = bundle().policies.get('/Channel/Orderer/BlockValidation');
        const block = newBlock(1, Uint8Array.of(1), [DATA]);
        const value = signaturesValue(0);
        const sign = (...by: readonly string[]): boolean => {
            setBlockSignatures(
                block,
                value,
                by.map((mspId) => signHeader(blockHeader(block), value, signer(`${mspId}.orderer`))),
            );
            return validation.evaluate(blockSignatureSet(block));
        };
        expect(sign('H1', 'H2')).toBe(true);
        expect(sign('H2', 'H3', 'H4')).toBe(false);
    });
});

describe('configurations that make no sense are refused', () => {
    const changed = (change: (channel: common.ConfigGroup) => void): Uint8Array => {
        const block = genesisBlock(definition);
        const [bytes = new Uint8Array()] = blockEnvelopes(block);
        const envelope = common.Envelope.deserializeBinary(bytes);
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8());
        const channel = config.getConfig()?.getChannelGroup();
        if (channel === undefined) throw new Error('no channel group');
        change(channel);
        payload.setData(config.serializeBinary());
        envelope.setPayload(payload.serializeBinary());
        return encodeBlock(newBlock(0, new Uint8Array(), [envelope.serializeBinary()]));
    };
    const group = (channel: common.ConfigGroup, ...path: readonly string[]): common.ConfigGroup => {
        const [name, ...rest] = path;
        if (name === undefined) return channel;
        const found = channel.getGroupsMap().get(name);
        if (found === undefined) throw new Error(name);
        return group(found, ...rest);
    };

    test('untouched it is accepted', () => {
        expect(Bundle.fromConfigBlock(changed(() => undefined)).channelId).toBe('community');
    });

    test.each([
        ['no orderer group', (channel: common.ConfigGroup) => channel.getGroupsMap().del('Orderer'), FormatError],
        [
            'an organisation without MSP',
            (channel: common.ConfigGroup) => group(channel, 'Application', 'H1').getValuesMap().del('MSP'),
            FormatError,
        ],
        [
            'an orderer without endpoint',
            (channel: common.ConfigGroup) => group(channel, 'Orderer', 'H1').getValuesMap().del('Endpoints'),
            FormatError,
        ],
        [
            'no batch timeout',
            (channel: common.ConfigGroup) => group(channel, 'Orderer').getValuesMap().del('BatchTimeout'),
            FormatError,
        ],
        [
            'no batch size',
            (channel: common.ConfigGroup) => group(channel, 'Orderer').getValuesMap().del('BatchSize'),
            FormatError,
        ],
        [
            'an MSP that is none',
            (channel: common.ConfigGroup) => {
                const value = new common.ConfigValue();
                value.setValue(mspConfig('H1', { roots: [] }).serializeBinary());
                group(channel, 'Application', 'H1').getValuesMap().set('MSP', value);
            },
            MspError,
        ],
        [
            'one MSP in two ways',
            (channel: common.ConfigGroup) => {
                const value = group(channel, 'Application', 'H1').getValuesMap().get('MSP');
                const other = new common.ConfigValue();
                // An explicit zero for the type: the same MSP in other bytes.
                other.setValue(Buffer.concat([value?.getValue_asU8() ?? DATA, Uint8Array.of(0x08, 0x00)]));
                group(channel, 'Orderer', 'H1').getValuesMap().set('MSP', other);
            },
            FormatError,
        ],
    ])('%s', (_name, change, kind) => {
        expect(() => Bundle.fromConfigBlock(changed(change))).toThrow(kind);
    });

    test('other blocks are no configuration', () => {
        expect(() => Bundle.fromConfigBlock(newBlock(1, new Uint8Array(), [DATA]))).toThrow(FormatError);
        expect(() => Bundle.fromConfigBlock(newBlock(1, new Uint8Array(), []))).toThrow(FormatError);
    });
});

describe('durations', () => {
    test.each([
        ['100ms', 100],
        ['2s', 2_000],
        ['1m30s', 90_000],
        ['1.5h', 5_400_000],
        ['500µs', 0.5],
    ])('%s', (text, milliseconds) => {
        expect(durationMilliseconds(text)).toBeCloseTo(milliseconds);
    });

    test.each(['', '5', 's', '-1s', '0s', '1 s', '1d'])("'%s' is none", (text) => {
        expect(() => durationMilliseconds(text)).toThrow(FormatError);
    });
});
