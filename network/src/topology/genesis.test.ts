import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bundle } from '../fabric/channel-config';
import { signingIdentity } from '../fabric/signing';
import { governanceRule, marketRule, writeGenesisBlock } from './genesis';
import { generateIdentities } from './identities/generate';
import { layout as layoutOf, type IdentityFiles, type Layout } from './layout';
import { smallCommunity } from './small-community';
import { organisation } from './topology';

const topology = smallCommunity(5, { portBase: 21100 });
const message = Buffer.from('message');
let layout: Layout;
let bundle: Bundle;

beforeAll(async () => {
    layout = layoutOf(mkdtempSync(join(tmpdir(), 'genesis-')));
    await generateIdentities(topology, layout);
    writeGenesisBlock(topology, layout);
    bundle = Bundle.fromConfigBlock(readFileSync(layout.genesisBlock));
});

afterAll(() => {
    rmSync(layout.home, { recursive: true });
});

const filesOf = (id: string) => layout.organisation(organisation(topology, id));

function accepts(policy: string, signers: readonly [string, IdentityFiles][]): boolean {
    return bundle.policies.get(policy).evaluate(
        signers.map(([id, files]) => {
            const signer = signingIdentity(
                `${id}MSP`,
                readFileSync(files.certificate, 'utf8'),
                readFileSync(files.key, 'utf8'),
            );
            return { identity: signer.serialized, data: message, signature: signer.sign(message) };
        }),
    );
}

const peers = (...ids: string[]): [string, IdentityFiles][] => ids.map((id) => [id, filesOf(id).peer]);
const admins = (...ids: string[]): [string, IdentityFiles][] => ids.map((id) => [id, filesOf(id).admin]);
const orderers = (...ids: string[]): [string, IdentityFiles][] => ids.map((id) => [id, filesOf(id).orderer]);

describe('the first block', () => {
    test('has every organisation with its peer as anchor, and every seat', () => {
        expect(bundle.channelId).toBe('community');
        expect([...bundle.applicationOrgs.keys()].toSorted()).toEqual(
            ['DSOMSP', 'H1MSP', 'H2MSP', 'H3MSP', 'H4MSP', 'H5MSP'].toSorted(),
        );
        expect(bundle.applicationOrgs.get('H1MSP')?.anchorPeers).toEqual([{ host: '127.0.0.1', port: 21121 }]);
        expect(bundle.consenters.map(({ id, mspId, port }) => ({ id, mspId, port }))).toEqual([
            { id: 1, mspId: 'H1MSP', port: 21100 },
            { id: 2, mspId: 'H2MSP', port: 21101 },
            { id: 3, mspId: 'H3MSP', port: 21102 },
            { id: 4, mspId: 'H4MSP', port: 21103 },
        ]);
        expect(bundle.batch.timeoutMilliseconds).toBe(100);
    });

    const GOVERNANCE = '/Channel/Application/Governance';
    const MARKET = '/Channel/Application/Market';
    const VALIDATION = '/Channel/Orderer/BlockValidation';
    const cases = [
        {
            policy: GOVERNANCE,
            by: 'the operator and three of five homes',
            who: () => peers('DSO', 'H1', 'H3', 'H5'),
            is: true,
        },
        {
            policy: GOVERNANCE,
            by: 'the operator and two of five homes',
            who: () => peers('DSO', 'H1', 'H3'),
            is: false,
        },
        { policy: GOVERNANCE, by: 'all homes alone', who: () => peers('H1', 'H2', 'H3', 'H4', 'H5'), is: false },
        { policy: MARKET, by: 'the operator and one home', who: () => peers('DSO', 'H4'), is: true },
        { policy: MARKET, by: 'two homes', who: () => peers('H3', 'H4'), is: false },
        { policy: MARKET, by: 'the administrators of both', who: () => admins('DSO', 'H4'), is: false },
        { policy: '/Channel/Application/Writers', by: 'an agent', who: () => [['H4', filesOf('H4').agent]], is: true },
        {
            policy: '/Channel/Application/Admins',
            by: 'four of six administrators',
            who: () => admins('DSO', 'H1', 'H2', 'H3'),
            is: true,
        },
        {
            policy: '/Channel/Application/Admins',
            by: 'four peers',
            who: () => peers('DSO', 'H1', 'H2', 'H3'),
            is: false,
        },
        { policy: VALIDATION, by: 'seats with 8 of 10', who: () => orderers('H1', 'H2', 'H3'), is: true },
        { policy: VALIDATION, by: 'seats with 7 of 10', who: () => orderers('H1', 'H3', 'H4'), is: true },
        { policy: VALIDATION, by: 'seats with 6 of 10', who: () => orderers('H1', 'H2'), is: false },
        { policy: VALIDATION, by: 'peers of the seats', who: () => peers('H1', 'H2', 'H3', 'H4'), is: false },
    ] as const;

    test.each(cases)('$policy, signed by $by: $is', ({ policy, who, is }) => {
        expect(accepts(policy, who() as [string, IdentityFiles][])).toBe(is);
    });

    test('nobody but a seat has an orderer to sign with', () => {
        expect(existsSync(filesOf('H5').orderer.certificate)).toBe(false);
    });
});

describe('the rules of endorsement', () => {
    test.each([
        { homes: 1, majority: 1 },
        { homes: 2, majority: 2 },
        { homes: 3, majority: 2 },
        { homes: 20, majority: 11 },
    ])('of $homes homes $majority are a majority', ({ homes, majority }) => {
        const rule = governanceRule(smallCommunity(homes, { portBase: 21100 }));
        expect(rule).toMatchObject({
            kind: 'outOf',
            n: 2,
            rules: [{ mspId: 'DSOMSP' }, { kind: 'outOf', n: majority }],
        });
    });

    test('the market takes any home with the operator', () => {
        expect(marketRule(smallCommunity(4, { portBase: 21100 }))).toMatchObject({
            n: 2,
            rules: [{ mspId: 'DSOMSP' }, { kind: 'outOf', n: 1, rules: { length: 4 } }],
        });
    });
});
