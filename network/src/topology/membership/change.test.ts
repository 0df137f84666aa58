import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bundle, genesisBlock, type OrganisationDefinition } from '../../fabric/channel-config';
import {
    computeConfigUpdate,
    configUpdateEnvelope,
    proposedConfig,
    signConfigUpdate,
} from '../../fabric/config-update';
import { signingIdentity, type SigningIdentity } from '../../fabric/signing';
import { channelDefinition, organisationDefinition } from '../genesis';
import { generateIdentities } from '../identities/generate';
import { layout as layoutOf, type Layout } from '../layout';
import { smallCommunity } from '../small-community';
import { organisation, type Topology } from '../topology';
import { MembershipRefused, assertSays, endorsersOf, updateFor, type MembershipChange } from './change';

// Shared machines are slow at times.
jest.setTimeout(60_000);

let whole: Topology;
let layout: Layout;
let present: Bundle;

/** A community of six households, of which the channel has the first five. */
beforeAll(async () => {
    whole = smallCommunity(6, { portBase: 23050 });
    layout = layoutOf(mkdtempSync(join(tmpdir(), 'membership-')));
    await generateIdentities(whole, layout);
    const organisations = whole.organisations.filter(({ id }) => id !== 'H6');
    present = Bundle.fromConfigBlock(genesisBlock(channelDefinition({ ...whole, organisations }, layout)));
});

afterAll(() => {
    rmSync(layout.home, { recursive: true });
});

const definition = (id: string): OrganisationDefinition => organisationDefinition(organisation(whole, id), layout);
const joining = (change: Partial<OrganisationDefinition> = {}): MembershipChange => ({
    kind: 'joins',
    organisation: { ...definition('H6'), ...change },
});
const leaving = (mspId: string): MembershipChange => ({ kind: 'leaves', mspId });

function admin(id: string): SigningIdentity {
    const member = organisation(whole, id);
    const files = layout.organisation(member).admin;
    return signingIdentity(member.mspId, readFileSync(files.certificate, 'utf8'), readFileSync(files.key, 'utf8'));
}

function after(change: MembershipChange, on = present, signers = ['DSO', 'H1', 'H2', 'H3']): Bundle {
    const update = updateFor(on, change);
    const signatures = signers.map((id) => signConfigUpdate(update, admin(id)));
    const envelope = configUpdateEnvelope('community', update, signatures, admin('H1'));
    return proposedConfig(on, envelope.serializeBinary()).next;
}

describe('a household that joins', () => {
    test('is counted by the policies of both chaincodes from then on, behind the others', () => {
        const next = after(joining());
        const homes = ['H1', 'H2', 'H3', 'H4', 'H5', 'H6'].map((id) => `${id}MSP`);
        expect(endorsersOf(next)).toEqual({ operator: 'DSOMSP', households: homes });
        expect(next.applicationOrgs.get('H6MSP')?.anchorPeers).toEqual([organisation(whole, 'H6').peer]);
    });

    test('needs the grid operator and a majority of the households before it', () => {
        expect(() => after(joining(), present, ['DSO', 'H1', 'H2'])).toThrow(/do not satisfy Admins/);
        expect(() => after(joining(), present, ['H1', 'H2', 'H3', 'H4', 'H5'])).toThrow(/do not satisfy Admins/);
    });

    test('may be in the majority that takes in or lets go the next one', () => {
        expect(after(leaving('H5MSP'), after(joining()), ['DSO', 'H1', 'H2', 'H3', 'H6']).sequence).toBe(2);
    });

    const refused: readonly { what: string; change: () => MembershipChange; why: string }[] = [
        {
            what: 'that is there',
            change: () => ({ kind: 'joins', organisation: definition('H5') }),
            why: 'H5MSP is on the channel',
        },
        {
            what: 'that asks for an ordering seat with it',
            change: () => joining({ ordererEndpoints: ['127.0.0.1:1'] }),
            why: 'without an ordering seat',
        },
        {
            what: 'in a group of another name',
            change: () => joining({ groupName: 'H7MSP' }),
            why: 'in a group of its own name',
        },
        {
            what: 'with the MSP of another',
            change: () => joining({ mspConfig: definition('H5').mspConfig }),
            why: 'the MSP of H6MSP calls itself H5MSP',
        },
    ];
    test.each(refused)('is refused: one $what', ({ change, why }) => {
        expect(() => updateFor(present, change())).toThrow(MembershipRefused);
        expect(() => updateFor(present, change())).toThrow(why);
    });
});

describe('a household that leaves', () => {
    test('is counted no more', () => {
        const next = after(leaving('H5MSP'));
        expect(endorsersOf(next).households).toEqual(['H1MSP', 'H2MSP', 'H3MSP', 'H4MSP']);
        expect(next.msps.get('H5MSP')).toBeUndefined();
    });

    test('and joins again is where it was but behind the others', () => {
        const again = after({ kind: 'joins', organisation: definition('H5') }, after(leaving('H5MSP')));
        expect(endorsersOf(again)).toEqual(endorsersOf(present));
    });

    test.each([
        { mspId: 'H9MSP', why: 'H9MSP is no household on the channel' },
        { mspId: 'DSOMSP', why: 'DSOMSP is no household on the channel' },
        { mspId: 'H1MSP', why: 'H1MSP has an ordering seat' },
    ])('is refused: $why', ({ mspId, why }) => {
        expect(() => updateFor(present, leaving(mspId))).toThrow(why);
    });
});

describe('a member signs', () => {
    test('what it computes itself', () => {
        expect(() => {
            assertSays(present, updateFor(present, joining()), joining());
        }).not.toThrow();
    });

    const more = (edit: (application: common.ConfigGroup) => void): Uint8Array => {
        const honest = after(joining()).config.getChannelGroup() ?? new common.ConfigGroup();
        const dishonest = common.ConfigGroup.deserializeBinary(honest.serializeBinary());
        edit(dishonest.getGroupsMap().get('Application') ?? new common.ConfigGroup());
        const before = present.config.getChannelGroup() ?? new common.ConfigGroup();
        return computeConfigUpdate('community', before, dishonest).serializeBinary();
    };
    const cases: readonly { what: string; update: () => Uint8Array }[] = [
        { what: 'that says another name', update: () => updateFor(present, leaving('H5MSP')) },
        {
            what: 'that takes another member out with it',
            update: () =>
                more((application) => {
                    application.getGroupsMap().del('H5MSP');
                }),
        },
        {
            what: 'that gives the newcomer another policy',
            update: () =>
                more((application) => {
                    application.getGroupsMap().get('H6MSP')?.setModPolicy('/Channel/Application/Readers');
                }),
        },
        {
            what: 'that weakens the policy of the market',
            update: () =>
                more((application) => {
                    const any = application.getPoliciesMap().get('Readers')?.getPolicy();
                    application.getPoliciesMap().get('Market')?.setPolicy(any);
                }),
        },
    ];
    test.each(cases)('no update $what', ({ update }) => {
        expect(() => {
            assertSays(present, update(), joining());
        }).toThrow(/is not the one that says 'H6MSP joins' and nothing else/);
    });
});
